"""Letters that name a distance which their step does not have: "in 7 days" in a step that is due 14 before.

Only what speaks of the date itself is read: the subject, the short variants, and the lines of the body that
name the field. "I call you tomorrow" in another line is a promise of the author and stays unquestioned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from peakend.design.lint.steps import TO_COLLEAGUE
from peakend.design.words import problem
from peakend.errors import Place
from peakend.model.pack import Due, Pack, Text
from peakend.model.problem import Path, Problem
from peakend.model.vocabulary import steps_of
from peakend.when import parse_duration


def check_distances(pack: Pack) -> Iterator[Problem]:
    """A warning for each text or card that names other days than lie between its step and the date."""
    for play in pack.plays.values():
        for _, step, _ in steps_of(play):
            days = _days(step.due)
            if days is None or step.due.before is None:
                continue
            group, written = ("cards", pack.cards) if step.action in TO_COLLEAGUE else ("texts", pack.texts)
            for language in pack.head.languages:
                if (text := written.get((language, step.says))) is not None:
                    yield from _of_text(pack, group, text, step.due.before, days, play.play)


def _days(due: Due) -> int | None:
    """The whole days by which a step comes before its date; None where it is another length."""
    if due.by is None:
        return None
    span = parse_duration(due.by)
    return None if span.months or span.micros else span.days


def _of_text(pack: Pack, group: str, text: Text, field: str, days: int, play: str) -> Iterator[Problem]:
    for line, place, path in _lines(pack, group, text, field):
        plain = _LIQUID.sub("", line)
        for distance, pattern in _DISTANCES[text.language == "zh"]:
            for match in pattern.finditer(plain):
                said = int(match[1]) if distance is None else distance
                if said != days:
                    word = match[0]
                    yield problem("other_distance", place, path, word=word, play=play, field=field, days=days)


def _lines(pack: Pack, group: str, text: Text, field: str) -> Iterator[tuple[str, Place, Path]]:
    path: Path = (group, text.language, text.name)
    if text.subject:
        yield text.subject, pack.place(*path, "subject"), (*path, "subject")
    for channel, variant in text.channels.items():
        yield variant, pack.place(*path, "channels", channel), (*path, "channels", channel)
    named = re.compile(rf"\{{\{{[^{{}}]*\b{re.escape(field)}\b")
    for number, line in enumerate(text.body.split("\n")):
        if named.search(line):
            yield line, text.place._replace(line=text.place.line + number), path


_LIQUID = re.compile(r"\{\{(?:(?!\{\{).)*?\}\}|\{%(?:(?!\{%).)*?%\}")
_ENGLISH = (
    (None, re.compile(r"\bin (\d+) days?\b", re.IGNORECASE)),
    (None, re.compile(r"\b(\d+) days? (?:from now|left|to go)\b", re.IGNORECASE)),
    (2, re.compile(r"\bthe day after tomorrow\b", re.IGNORECASE)),
    (1, re.compile(r"(?<!\bday after )\btomorrow\b", re.IGNORECASE)),
    (0, re.compile(r"\b(?:today|tonight) at \d", re.IGNORECASE)),
)
_CHINESE = (
    (None, re.compile(r"还有\s*(\d+)\s*天")),
    (None, re.compile(r"(\d+)\s*天[之以]?后")),
    (2, re.compile("后天")),
    (1, re.compile("明天")),
    (0, re.compile("今晚")),
)
_DISTANCES: tuple[tuple[tuple[int | None, re.Pattern[str]], ...], ...] = (_ENGLISH, _CHINESE)
