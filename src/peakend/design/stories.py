"""Stories as examples: dated events in, and whether the verdicts that came are those that were expected.

Both halves are pure: `events_of` spells out what a story gives, `judge` compares what came of it. Who folds
the events in between, live or as a backtest, is not known here, so one story judges both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import msgspec

from peakend.design.words import problem
from peakend.errors import PackError, TimeError
from peakend.model.event import Event
from peakend.model.outcome import Encountered, Output, Verdict
from peakend.model.pack import Pack
from peakend.model.problem import Path, Problem
from peakend.model.story import Expected, ExpectedState, Given, Story
from peakend.when import DAY, MINUTE, SECOND, Zone, parse_instant, zone

CUSTOMER = "customer"
"""Whom an event of a story concerns that names neither a customer nor a subject."""

RANGE = r"(\d{1,6})\.\.(\d{1,6})"
"""How `for_each` writes a range of numbers: 1..300."""

_CLOSEST = 3


def events_of(story: Story, pack: Pack) -> list[Event]:
    """The events that a story gives, ordered by (seen, place in the story), with `seq` counted from 0.

    Fields keep the values of the file, with dates as text; giving them their declared types is up to the
    door. An event about a subject has no customer yet. Raises PackError where a time or range is unreadable.
    """
    clock = zone(story.zone or pack.head.zone)
    raw = [
        event
        for index, given in enumerate(story.given)
        for event in _spelt_out(given, clock, pack, ("stories", story.story, "given", index))
    ]
    raw.sort(key=lambda event: event.seen)
    for seq, event in enumerate(raw):
        event.seq = seq
        event.id = event.id or f"{story.story}-{seq}"
    return raw


def judge(story: Story, outputs: Sequence[Output], pack: Pack) -> list[Problem]:
    """What a story expected and did not get, and what it forbade and got; empty when it holds.

    Each entry of `then` needs a verdict of its own. With `count` exactly so many must match, with `messages`
    they must leave as so many messages; such entries share verdicts with others. No verdict that matches an
    entry of `never` may be a send (or the `verdict` it names). `states` compare the last
    state of an encounter.
    """
    bench = _Bench(story, pack, outputs)
    return [*bench.lacking(), *bench.counted(), *bench.forbidden(), *bench.states()]


class _Bench:
    """The judging of one story."""

    def __init__(self, story: Story, pack: Pack, outputs: Sequence[Output]) -> None:
        self.story = story
        self.pack = pack
        self.clock = zone(story.zone or pack.head.zone)
        self.verdicts = [output for output in outputs if isinstance(output, Verdict)]
        self.encounters = [output for output in outputs if isinstance(output, Encountered)]

    def lacking(self) -> Iterator[Problem]:
        """Entries of `then` for which no verdict is left."""
        plain = [
            n for n, wanted in enumerate(self.story.then) if wanted.count is None and wanted.messages is None
        ]
        matches = {n: self._matching(self.story.then[n]) for n in plain}
        taken = _assign(matches)
        for n in plain:
            if n in taken:
                continue
            if matches[n]:
                closest = self._shown([self.verdicts[i] for i in matches[n]])
                yield self._problem("story_taken", "then", n, closest=closest)
            else:
                yield self._late(n) or self._problem(
                    "story_lacks", "then", n, closest=self._closest(self.story.then[n])
                )

    def counted(self) -> Iterator[Problem]:
        """Entries of `then` that name a number of verdicts or of messages."""
        for n, wanted in enumerate(self.story.then):
            if wanted.count is None and wanted.messages is None:
                continue
            came = [self.verdicts[i] for i in self._matching(wanted)]
            late = None if came or wanted.count == 0 or wanted.messages == 0 else self._late(n)
            if late:
                yield late
                continue
            if wanted.count is not None and len(came) != wanted.count:
                closest = self._shown(came) if came else self._closest(wanted)
                yield self._problem(
                    "story_count", "then", n, count=wanted.count, got=len(came), closest=closest
                )
            messages = len({verdict.message for verdict in came if verdict.message})
            if wanted.messages is not None and messages != wanted.messages:
                yield self._problem("story_messages", "then", n, count=wanted.messages, got=messages)

    def forbidden(self) -> Iterator[Problem]:
        """Entries of `never` that came all the same."""
        for n, unwanted in enumerate(self.story.never):
            outcome = unwanted.verdict or "send"
            came = [self.verdicts[i] for i in self._matching(unwanted)]
            came = [verdict for verdict in came if verdict.outcome == outcome]
            if came and outcome == "send" and (unwanted.says or unwanted.play):
                yield self._problem(
                    "story_sent",
                    "never",
                    n,
                    what=unwanted.says or unwanted.play,
                    came=_local(came[0].instant, self.clock),
                    closest=self._shown(came),
                )
            elif came:
                yield self._problem("story_never", "never", n, closest=self._shown(came))

    def states(self) -> Iterator[Problem]:
        """Encounters whose last state is not the one that the story names."""
        for n, wanted in enumerate(self.story.states):
            last: dict[tuple[str, str], Encountered] = {}
            for came in self.encounters:
                if came.touchpoint == wanted.touchpoint and wanted.settled in (None, came.settled):
                    last[came.customer, came.key] = came
            if not any(_same_state(wanted, came) for came in last.values()):
                closest = "; ".join(_state_words(came) for came in list(last.values())[:_CLOSEST])
                given = _given_words(wanted)
                yield self._problem("story_state", "states", n, wanted=given, closest=closest or "–")

    def _late(self, n: int) -> Problem | None:
        """What came as it was expected, only at another time: the one nearest to it."""
        wanted = self.story.then[n]
        what = wanted.says or wanted.play
        if wanted.at is None or not what:
            return None
        came = self._matching(msgspec.structs.replace(wanted, at=None))
        if not came:
            return None
        expected = parse_instant(wanted.at, self.clock)
        nearest = min((self.verdicts[i] for i in came), key=lambda one: abs(one.instant - expected))
        whom = ", ".join(word for word in (nearest.customer, nearest.key) if word)
        pair = (f"customer {whom}", f"客户 {whom}")
        at = _local(nearest.instant, self.clock)
        told = self._problem("story_time", "then", n, what=what, at=wanted.at, came=at, whom=pair)
        return replace(told, path=(*told.path, "at"), instead=at[:10] if len(wanted.at) <= 10 else at)

    def _matching(self, wanted: Expected) -> list[int]:
        return [i for i, verdict in enumerate(self.verdicts) if self._likeness(wanted, verdict)[0]]

    def _likeness(self, wanted: Expected, verdict: Verdict) -> tuple[bool, int]:
        """Whether a verdict is what was wanted, and in how many of the named things it agrees."""
        says = self._agrees(wanted, verdict)
        return all(says), sum(says)

    def _agrees(self, wanted: Expected, verdict: Verdict) -> list[bool]:
        pairs = (
            (wanted.customer, verdict.customer),
            (wanted.play, verdict.play),
            (wanted.key, verdict.key),
            (wanted.says, verdict.step),
            (wanted.verdict, verdict.outcome),
            (wanted.reason, verdict.reason),
            (wanted.contact, verdict.contact),
        )
        says = [given == came for given, came in pairs if given is not None]
        if wanted.channel is not None:
            says.append(wanted.channel in verdict.channels)
        if wanted.at is not None:
            says.append(_falls_on(wanted.at, verdict.instant, self.clock))
        if wanted.until is not None:
            says.append(bool(verdict.until) and _falls_on(wanted.until, verdict.until, self.clock))
        return says

    def _closest(self, wanted: Expected) -> str:
        """The verdicts most like the wanted one, those of the same text or play before all others."""

        def rank(verdict: Verdict) -> tuple[bool, bool, int]:
            return (
                verdict.step == wanted.says,
                verdict.play == wanted.play,
                self._likeness(wanted, verdict)[1],
            )

        return self._shown(sorted(self.verdicts, key=rank, reverse=True))

    def _shown(self, verdicts: Sequence[Verdict]) -> str:
        told = list(dict.fromkeys(self._words(verdict) for verdict in verdicts))
        shown = "; ".join(told[:_CLOSEST])
        return f"{shown}; … ({len(told)})" if len(told) > _CLOSEST else shown or "–"

    def _words(self, verdict: Verdict) -> str:
        outcome = f"{verdict.outcome}({verdict.reason})" if verdict.reason else verdict.outcome
        about = ", ".join(word for word in (verdict.customer, verdict.key, verdict.contact) if word)
        until = f" until {_local(verdict.until, self.clock)}" if verdict.until else ""
        return (
            f"{_local(verdict.instant, self.clock)} {outcome} {verdict.play}/{verdict.step} [{about}]{until}"
        )

    def _problem(self, code: str, part: str, index: int, **values: Any) -> Problem:
        path: Path = ("stories", self.story.story, part, index)
        if part != "states":
            values["wanted"] = _given_words(getattr(self.story, part)[index])
        return problem(code, self.pack.place(*path), path, story=self.story.story, **values)


def _spelt_out(given: Given, clock: Zone, pack: Pack, path: Path) -> Iterator[Event]:
    names = list(given.for_each)
    for numbers in product(*(_range(given.for_each[name], pack, path) for name in names)):
        put = dict(zip(names, numbers, strict=True))
        at = _instant(_filled(given.at, put), clock, pack, (*path, "at"))
        seen = _instant(_filled(given.seen, put), clock, pack, (*path, "seen")) if given.seen else at
        yield Event(
            customer=_filled(given.customer, put) if given.customer else "" if given.subject else CUSTOMER,
            kind=given.kind,
            at=at,
            seen=seen,
            seq=0,
            data={name: _filled(value, put) for name, value in given.data.items()},
            source="story",
            id=_filled(given.id or "", put),
            subject=_filled(given.subject or "", put),
        )


def _range(text: str, pack: Pack, path: Path) -> range:
    found = re.fullmatch(RANGE, text)
    if found is None:
        told = problem("for_each", pack.place(*path, "for_each"), word=text)
        raise PackError(told.what, place=told.place, fix=told.fix)
    return range(int(found[1]), int(found[2]) + 1)


def _filled(value: Any, put: dict[str, int]) -> Any:
    """The value with {i} and {i:03} replaced by the numbers of `for_each`; other braces stay."""
    if isinstance(value, str) and put:
        return re.sub(r"\{(\w+)(?::0?(\d))?\}", lambda found: _number(found, put), value)
    if isinstance(value, dict):
        return {name: _filled(inner, put) for name, inner in value.items()}
    return [_filled(inner, put) for inner in value] if isinstance(value, list) else value


def _number(found: re.Match[str], put: dict[str, int]) -> str:
    number = put.get(found[1])
    return found[0] if number is None else str(number).zfill(int(found[2] or 0))


def _instant(text: str, clock: Zone, pack: Pack, path: Path) -> int:
    try:
        return parse_instant(text, clock)
    except TimeError as error:
        raise PackError(error.what, place=pack.place(*path), fix=error.fix) from None


def _assign(matches: dict[int, list[int]]) -> set[int]:
    """The entries that can each have a verdict of their own at the same time (augmenting paths)."""
    holder: dict[int, int] = {}

    def give(entry: int, tried: set[int]) -> bool:
        for verdict in matches[entry]:
            if verdict not in tried:
                tried.add(verdict)
                if verdict not in holder or give(holder[verdict], tried):
                    holder[verdict] = entry
                    return True
        return False

    return {entry for entry in matches if give(entry, set())}


def _falls_on(text: str, instant: int, clock: Zone) -> bool:
    """Whether an instant is at `text`, to the precision in which that is written: day, minute or second."""
    start = parse_instant(text, clock)
    if len(text) <= 10:
        return start <= instant < clock.from_wall(clock.wall(start) + DAY)
    to_the_second = re.match(r".{10}[ T]\d\d:\d\d:", text)
    return start <= instant < start + (SECOND if to_the_second else MINUTE)


def _local(instant: int, clock: Zone) -> str:
    moment = clock.local(instant)
    return moment.strftime("%Y-%m-%d %H:%M:%S" if moment.second else "%Y-%m-%d %H:%M")


def _given_words(wanted: Expected | ExpectedState) -> str:
    """The entry as its author wrote it."""
    told = ((name, getattr(wanted, name)) for name in wanted.__struct_fields__)
    return "{" + ", ".join(f"{name}: {value}" for name, value in told if value not in (None, {})) + "}"


def _same_state(wanted: ExpectedState, came: Encountered) -> bool:
    results = {result.standard: result.result for result in came.standards}
    return (
        came.state == wanted.state
        and wanted.key in (None, came.key)
        and wanted.customer in (None, came.customer)
        and all(results.get(name) == result for name, result in wanted.standards.items())
    )


def _state_words(came: Encountered) -> str:
    results = ", ".join(f"{result.standard} {result.result}" for result in came.standards)
    settled = "settled" if came.settled else "closed"
    return f"{came.touchpoint} {came.state}, {settled} [{came.customer}, {came.key}] {results}".rstrip()
