"""The words of the screens: every page's room has a file here, every key its text in both languages.

A template asks for `t("today.title")`: the file's name, a dot, the key. Texts name the concepts of a service
by `{moment_of_truth}` and the like (`terms`), so that a pack that calls them otherwise (`words:` in
pack.yaml) is spoken throughout. Nothing here may be built by joining parts of sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from string import Formatter

from peakend.tell.names import Names
from peakend.tell.said import Said, Value, fill
from peakend.web.locale import (
    choices,
    coverage,
    customers,
    find,
    inbox,
    incidents,
    layout,
    map,
    messages,
    parts,
    people,
    plays,
    problem,
    quarantine,
    settings,
    shown,
    today,
    trying,
)
from peakend.web.locale.terms import TERMS

ROOMS: dict[str, Mapping[str, Said]] = {
    "choices": choices.WORDS,
    "coverage": coverage.WORDS,
    "customers": customers.WORDS,
    "inbox": inbox.WORDS,
    "incidents": incidents.WORDS,
    "find": find.WORDS,
    "layout": layout.WORDS,
    "map": map.WORDS,
    "messages": messages.WORDS,
    "parts": parts.WORDS,
    "people": people.WORDS,
    "problem": problem.WORDS,
    "quarantine": quarantine.WORDS,
    "plays": plays.WORDS,
    "settings": settings.WORDS,
    "shown": shown.WORDS,
    "today": today.WORDS,
    "trying": trying.WORDS,
}
"""The tables by the first part of a key; a new page adds its own here."""


class Words:
    """The words of the screens in one language, with the pack's own names where it has them."""

    def __init__(self, language: str, names: Names | None = None) -> None:
        self.language = language
        self._names = names

    def __call__(self, key: str, /, **values: Value) -> str:
        """Return the text of a key with its names filled in; KeyError for an unknown key."""
        return self.said(key, **values).spoken(self.language)

    def said(self, key: str, /, **values: Value) -> Said:
        """Return the text of a key in both languages."""
        sentence = sentence_of(key)
        missing = _placeholders(sentence) - values.keys()
        return fill(sentence, **values, **{name: self.term(name) for name in missing})

    def term(self, name: str) -> Said:
        """Return what a concept is called here: the pack's word, else ours; KeyError for an unknown one.

        A name with a capital (`Play`) is for the beginning of an English sentence.
        """
        small = name.lower()
        called = TERMS[small]
        if self._names is not None:
            called = self._names.of(small, TERMS)
        return called if name == small else Said(called.zh, called.en[:1].upper() + called.en[1:])


def sentence_of(key: str) -> Said:
    """Return the text of a key as it is written, with its `{names}`; KeyError for an unknown key."""
    room, _, name = key.partition(".")
    return ROOMS[room][name]


@cache
def _placeholders(sentence: Said) -> frozenset[str]:
    parts = [*Formatter().parse(sentence.zh), *Formatter().parse(sentence.en)]
    return frozenset(name for _, name, _, _ in parts if name)
