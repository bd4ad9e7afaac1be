"""Titles: every word that a screen shows exists in every language of the pack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from peakend.design.lint.finding import found, stranger
from peakend.model.pack import Pack, PackFile, Play, Stage, Touchpoint
from peakend.model.parts import CARD_HEADINGS, Part
from peakend.model.problem import Path, Problem
from peakend.model.survey import Survey, SurveyItem

TITLES = ("title", "why", "expectation", "hidden_expectation", "says", "expects")
_NEEDED: dict[str, tuple[type[Part], ...]] = {
    "title": (PackFile, Play, Stage, Touchpoint, Survey),
    "says": (SurveyItem,),
}


def check_titles(pack: Pack) -> Iterator[Problem]:
    """Problems where a title lacks a language of the pack, or names one that does not exist."""
    yield from _walk(pack, pack.head, ("pack",))
    for group in ("journeys", "facts", "plays", "surveys"):
        for name, node in getattr(pack, group).items():
            yield from _walk(pack, node, (group, name))


def _walk(pack: Pack, node: Any, path: Path) -> Iterator[Problem]:
    if isinstance(node, Part):
        for name, key in zip(node.__struct_fields__, node.__struct_encode_fields__, strict=True):
            value = getattr(node, name)
            inner = (*path, key)
            if key in TITLES and isinstance(value, dict):
                if value or isinstance(node, _NEEDED.get(key, ())):
                    yield from _languages(pack, value, inner)
            elif key in ("blueprint", "words"):
                for code, words in value.items():
                    if isinstance(words, dict):
                        yield from _languages(pack, words, (*inner, code))
            else:
                yield from _walk(pack, value, inner)
    elif isinstance(node, dict):
        for name, value in node.items():
            yield from _walk(pack, value, (*path, name))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _walk(pack, value, (*path, index))


def _languages(pack: Pack, words: dict[str, str], path: Path) -> Iterator[Problem]:
    for language in words:
        if language not in pack.head.languages and language not in CARD_HEADINGS:
            yield stranger(pack, "language", language, pack.head.languages, *path, language)
    for language in pack.head.languages:
        if not words.get(language) and (*path, language) not in pack.places:
            yield found(pack, "title_language", *path, word=language)
