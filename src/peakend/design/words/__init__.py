"""Every sentence that the reader and the lint can say, in English and in Chinese, in one catalogue.

A caller names a code and hands over the values; it never builds a sentence, so no message can exist in one
language only. A value that reads differently in the two languages is a pair (English, Chinese).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from peakend.design.words.meaning import MEANING
from peakend.design.words.nouns import NOUNS, PARTS
from peakend.design.words.reading import READING
from peakend.design.words.sentence import Sentence
from peakend.errors import Place
from peakend.model.problem import Path, Problem

__all__ = ["CATALOGUE", "NOUNS", "PARTS", "Pair", "Sentence", "hint", "listed", "problem", "unknown"]

Pair = tuple[str, str]
CATALOGUE: dict[str, Sentence] = {**READING, **MEANING}

_MOST_LISTED = 12


def problem(
    code: str, place: Place, path: Path = (), *, known: Iterable[str] | None = None, **values: object
) -> Problem:
    """The problem `code` with its values put in.

    `known` are the words that would have been right: the fix then names the one nearest to `word`.
    """
    sentence = CATALOGUE[code]
    if known is not None:
        values["hint"] = hint(str(values["word"]), known)
    english, chinese = _in_language(values, 0), _in_language(values, 1)
    return Problem(
        place=place,
        what=sentence.what.format(**english),
        fix=sentence.fix.format(**english),
        severity=sentence.severity,
        code=code,
        what_zh=sentence.what_zh.format(**chinese),
        fix_zh=sentence.fix_zh.format(**chinese),
        path=path,
    )


def unknown(noun: str, word: str, known: Iterable[str], place: Place, path: Path = ()) -> Problem:
    """`word` names no `noun` of the pack; the code is unknown_NOUN."""
    return problem(f"unknown_{noun}", place, path, word=word, known=known)


def hint(word: str, known: Iterable[str]) -> Pair:
    """The nearest known word as a question, else the known words, in both languages."""
    words = list(known)
    close = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    close = close or [name for name in words if name.lower() == word.lower()]
    if close:
        return f"Did you mean '{close[0]}'?", f"是不是“{close[0]}”？"
    if not words:
        return "None is declared yet", "目前一个也没有声明"
    return f"Known: {listed(words)}", f"可用：{listed(words)}"


def listed(words: Iterable[str]) -> str:
    """The words in a row, cut where they would flood the line."""
    names = list(words)
    shown = ", ".join(names[:_MOST_LISTED])
    return shown if len(names) <= _MOST_LISTED else f"{shown}, …"


def _in_language(values: dict[str, object], index: int) -> dict[str, object]:
    return {name: value[index] if isinstance(value, tuple) else value for name, value in values.items()}
