"""One text in both languages, and how its names and numbers are filled in.

Numbers are grouped by a thin space and bring their own plural. Nothing here may build a sentence from parts
of sentences: only whole names, whole numbers and whole sentences are put together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

THIN = "\u202f"
MINUS = "\u2212"
_CHINESE = "[\u2e80-\uffef]"


class Said(NamedTuple):
    """One text in both languages."""

    zh: str
    en: str

    def spoken(self, language: str) -> str:
        """Return the text in one of them."""
        return self.zh if language == "zh" else self.en


Value = Said | int | str


class Count(int):
    """A whole number inside a sentence: '{n}' shows it grouped, '{n:day|days}' the form that goes with it."""

    def __format__(self, spec: str) -> str:
        if "|" not in spec:
            return grouped(self)
        one, many = spec.split("|", 1)
        return one if self == 1 else many


def grouped(number: int) -> str:
    """Return a whole number in groups of three: 1 204 331."""
    return f"{abs(number):,}".replace(",", THIN).join(("", "") if number >= 0 else (MINUS, ""))


def fill(sentence: Said, /, **values: Value) -> Said:
    """Return the sentence with its `{names}` filled in: numbers grouped, texts in the sentence's language."""
    words = {name: _shown(value, "zh") for name, value in values.items()}
    return Said(
        _closed(sentence.zh, words).format(**words),
        sentence.en.format(**{name: _shown(value, "en") for name, value in values.items()}),
    )


def titled(titles: Mapping[str, str] | str, otherwise: str = "") -> Said:
    """Return a pack's titles as both languages; a missing one is taken from the other."""
    if isinstance(titles, str):
        return Said(titles, titles)
    zh, en = titles.get("zh", ""), titles.get("en", "")
    return Said(zh or en or otherwise, en or zh or otherwise)


def listed(parts: Iterable[Said]) -> Said:
    """Return several names as one enumeration."""
    said = list(parts)
    return Said("、".join(part.zh for part in said), ", ".join(part.en for part in said))


def together(sentences: Iterable[Said | None]) -> Said:
    """Return whole sentences one after the other, as each language sets them; None is left out."""
    said = [sentence for sentence in sentences if sentence is not None]
    return Said("".join(one.zh for one in said), " ".join(one.en for one in said))


def _closed(sentence: str, words: Mapping[str, str | Count]) -> str:
    """Return the sentence without the blanks that would stand between two Chinese words."""
    for name, word in words.items():
        if re.match(_CHINESE, str(word)):
            sentence = re.sub(f"(?<={_CHINESE}) {{{name}}}", f"{{{name}}}", sentence)
        if re.search(f"{_CHINESE}$", str(word)):
            sentence = re.sub(f"{{{name}}} (?={_CHINESE})", f"{{{name}}}", sentence)
    return sentence


def _shown(value: Value, language: str) -> str | Count:
    if isinstance(value, Said):
        return value.spoken(language)
    return Count(value) if isinstance(value, int) else value
