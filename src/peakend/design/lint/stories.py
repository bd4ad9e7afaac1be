"""Stories: their events are possible, their times readable, and what they expect exists."""

from __future__ import annotations

import re
from collections.abc import Iterator

from peakend.design.lint.finding import Known, found, given_fields, stranger, unknown_kinds
from peakend.design.lint.head import check_zone
from peakend.design.stories import RANGE
from peakend.errors import TimeError
from peakend.model.pack import Pack
from peakend.model.problem import Path, Problem
from peakend.model.story import Expected, Given, Story
from peakend.model.vocabulary import steps_of
from peakend.when import Zone, parse_instant, zone


def check_stories(pack: Pack, known: Known) -> Iterator[Problem]:
    """Everything that stories/*.yaml say."""
    for name, story in pack.stories.items():
        path: Path = ("stories", name)
        if story.zone is not None:
            yield from check_zone(pack, story.zone, *path, "zone")
        try:
            clock = zone(story.zone or pack.head.zone)
        except TimeError:
            continue
        if not (story.then or story.never or story.states):
            yield found(pack, "checks_nothing", *path, word=name)
        yield from _time(pack, story.until, clock, *path, "until")
        for index, given in enumerate(story.given):
            yield from _given(pack, known, story, given, clock, (*path, "given", index))
        for key, list_ in (("then", story.then), ("never", story.never)):
            for index, expected in enumerate(list_):
                yield from _expected(pack, known, expected, clock, (*path, key, index))
        for index, state in enumerate(story.states):
            yield from _state(pack, known, state.touchpoint, list(state.standards), (*path, "states", index))


def _given(
    pack: Pack, known: Known, story: Story, given: Given, clock: Zone, path: Path
) -> Iterator[Problem]:
    yield from _time(pack, given.at, clock, *path, "at")
    yield from _time(pack, given.seen, clock, *path, "seen")
    yield from unknown_kinds(pack, known, given.kind, *path, "kind")
    if given.kind in known.kinds:
        fields = given_fields(pack, given.kind)
        for field in given.data:
            if field not in fields and ("pack", "events", given.kind, field) not in pack.places:
                yield stranger(pack, "field", field, fields, *path, "data", field)
    for name, span in given.for_each.items():
        if not re.fullmatch(RANGE, span):
            yield found(pack, "for_each", *path, "for_each", name, word=span)
    begins, until = _instant(given.at, clock), _instant(story.until, clock)
    if begins is not None and until is not None and begins > until:
        yield found(pack, "after_until", *path, "at", until=story.until)


def _expected(pack: Pack, known: Known, expected: Expected, clock: Zone, path: Path) -> Iterator[Problem]:
    yield from _time(pack, expected.at, clock, *path, "at")
    yield from _time(pack, expected.until, clock, *path, "until")
    if expected.play is not None and expected.play not in known.plays:
        yield stranger(pack, "play", expected.play, known.plays, *path, "play")
        return
    # A play that could not be read, or that says what does not exist, is told at the play and not here.
    if expected.says is None or (expected.play in known.unsound if expected.play else not known.complete):
        return
    plays = [pack.plays[expected.play]] if expected.play in pack.plays else list(pack.plays.values())
    said = {step.says for play in plays for _, step, _ in steps_of(play)}
    # The second step of a play with the same text is called TEXT.2
    if re.sub(r"\.\d+$", "", expected.says) not in said:
        yield stranger(pack, "step", expected.says, said, *path, "says")


def _state(pack: Pack, known: Known, touchpoint: str, standards: list[str], path: Path) -> Iterator[Problem]:
    if touchpoint not in known.touchpoints:
        yield stranger(pack, "touchpoint", touchpoint, known.touchpoints, *path, "touchpoint")
        return
    for standard in standards:
        if standard not in known.standards[touchpoint]:
            right = known.standards[touchpoint]
            yield stranger(pack, "standard", standard, right, *path, "standards", standard)


def _time(pack: Pack, text: str | None, clock: Zone, *path: str | int) -> Iterator[Problem]:
    if text is not None and _instant(text, clock) is None:
        yield found(pack, "bad_time", *path, word=text)


def _instant(text: str, clock: Zone) -> int | None:
    try:
        return parse_instant(text, clock)
    except TimeError:
        return None
