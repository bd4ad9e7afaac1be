"""What `peakend check` does: read a pack, lint it, compile it, and play its stories, live and as a backtest.

Live means event by event, with a tick at every timer and the state written out and read back in between;
backtest means a log in a file. Both must conclude the same, and what the story says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from heapq import heappop, heappush
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec

from peakend.backtest.conclude import conclude
from peakend.design.lint import lint
from peakend.design.pack import read_files, read_pack
from peakend.design.stories import events_of, judge
from peakend.design.words import problem
from peakend.errors import PeakendError, Place, Unusable
from peakend.fold import (
    CustomerState,
    Program,
    compile_program,
    decode_state,
    encode_state,
    join,
    new_state,
    step,
    wakes_at,
)
from peakend.listen.fanout import Relations
from peakend.listen.identity import Identities, names_of
from peakend.listen.reading import typers
from peakend.listen.rows import Made
from peakend.listen.sources_log import log_file
from peakend.model.event import JOINED, Event
from peakend.model.outcome import Output
from peakend.model.pack import Pack
from peakend.model.problem import Problem
from peakend.model.story import Story
from peakend.trigger.where import compile_condition
from peakend.when import parse_instant, spans_of_years, zone

Progress = Callable[[int, int], None]
Pair = tuple[str, str]


class Played(NamedTuple):
    """How one story went; it holds when there are no problems."""

    story: str
    problems: list[Problem]


class Checked(NamedTuple):
    """All that `check` found out: `pack` is None when there was no pack to speak of."""

    pack: Pack | None
    problems: list[Problem]
    stories: list[Played]

    @property
    def sound(self) -> bool:
        """Whether the pack can be used: no errors, and every story holds."""
        wrong = any(problem.severity == "error" for problem in self.problems)
        return self.pack is not None and not wrong and not any(p.problems for p in self.stories)


def check(folder: Path, progress: Progress | None = None) -> Checked:
    """Check a pack; stories are played only when nothing else is wrong; progress(stories done, all)."""
    return _checked(*read_pack(folder), progress)


def check_files(files: Mapping[str, bytes], root: str, progress: Progress | None = None) -> Checked:
    """The same of files by their names, which may lie nowhere."""
    return _checked(*read_files(files, root), progress)


def _checked(pack: Pack | None, problems: list[Problem], progress: Progress | None) -> Checked:
    if pack is None:
        return Checked(None, problems, [])
    problems = sorted([*problems, *lint(pack, compile_condition, problems)], key=_in_order)
    if any(problem.severity == "error" for problem in problems):
        return Checked(pack, problems, [])
    try:
        program = compile_program(pack)
    except PeakendError as error:
        return Checked(pack, [*problems, _as_problem(error, pack)], [])
    played = []
    for number, story in enumerate(pack.stories.values()):
        played.append(Played(story.story, _play(pack, program, story)))
        if progress:
            progress(number + 1, len(pack.stories))
    problems = sorted([*problems, *_asked_without_days(pack, program)], key=_in_order)
    return Checked(pack, problems, played)


def _asked_without_days(pack: Pack, program: Program) -> Iterator[Problem]:
    """Calendars that the stories asked for years which they do not know."""
    for name, years in program.years_without_days().items():
        place = pack.place("pack", "calendars", name)
        yield problem("calendar_asked", place, word=name, years=spans_of_years(years))


def _play(pack: Pack, program: Program, story: Story) -> list[Problem]:
    """Play one story both ways; report what either of them got wrong, and where they differ."""
    until = parse_instant(story.until, zone(story.zone or pack.head.zone))
    try:
        events = events_of(story, pack)
        known = any(event.kind == "contact.set" for event in events)
        live = live_outputs(program.told(contacts_known=known, in_order=False), pack, events, until)
        past = _past_outputs(pack, events, until)
    except PeakendError as error:
        return [_as_problem(error, pack, pack.place("stories", story.story))]
    found = judge(story, live, pack)
    if Counter(map(_line, live)) != Counter(map(_line, past)):
        differing = (Counter(map(_line, live)) - Counter(map(_line, past))) or (
            Counter(map(_line, past)) - Counter(map(_line, live))
        )
        place = pack.place("stories", story.story)
        line = next(iter(differing)).decode()
        what = f"live and backtest differ: {line}", f"实时与推演结果不一致：{line}"
        found.append(_problem(place, what, ("", ""), "law"))
    return found


def live_outputs(program: Program, pack: Pack, events: list[Event], until: int) -> list[Output]:
    """Fold events as they would arrive: one by one, a tick at every timer, the state stored in between.

    Events about a subject are fanned out at the door. Raises Unusable where a field cannot be typed.
    """
    stored: dict[str, bytes] = {}
    outputs: list[Output] = []
    clock: list[tuple[int, str]] = []
    wakes: dict[str, int | None] = {}
    budgets = program.new_budgets()

    def state_of(customer: str) -> CustomerState:
        return decode_state(stored[customer]) if customer in stored else new_state(customer)

    def keep(state: CustomerState, out: list[Output]) -> None:
        customer = state.customer
        stored[customer] = encode_state(state)
        wakes[customer] = wake = wakes_at(state)
        if wake is not None:
            heappush(clock, (wake, customer))
        outputs.extend(out)

    def fold(customer: str, inputs: list[Event], tick: int | None) -> None:
        keep(*step(program, state_of(customer), inputs, tick, budgets))

    def unite(event: Event) -> None:
        former = event.data["from"]
        keep(*join(program, state_of(event.customer), state_of(former), event, budgets))
        stored.pop(former, None)
        wakes[former] = None

    def run_clock(limit: int) -> None:
        while clock and clock[0][0] <= limit:
            instant, customer = heappop(clock)
            if wakes[customer] == instant:
                fold(customer, [], instant)

    for event in _through_the_door(pack, events):
        run_clock(event.seen - 1)
        if event.kind == JOINED:
            unite(event)
        else:
            fold(event.customer, [event], None)
    run_clock(until)
    return outputs


def _through_the_door(pack: Pack, events: list[Event]) -> Iterator[Event]:
    """Typed events, those about a subject once for each customer that they concern."""
    convert = typers(pack)
    relations, known = Relations(zone(pack.head.zone)), Identities()
    for event in events:
        try:
            data = convert[event.kind](event.data) if event.kind in convert else event.data
        except Unusable as error:
            raise Unusable(
                f"event {event.id}: {error.what}",
                fix=error.fix,
                what_zh=f"动态 {event.id}：{error.what_zh}",
                fix_zh=error.fix_zh,
            ) from None
        names = names_of(event.kind, event.customer, data)
        if event.customer or names:
            customer = known.of(names[0] if names else event.customer)
            relations.learn(event.kind, customer, event.at, data)
            yield msgspec.structs.replace(event, data=data, customer=customer)
            merge = known.merge(*names) if names else None
            if merge and not merge.objection:
                relations.join(merge.former, merge.customer)
                said = {"from": merge.former}
                yield msgspec.structs.replace(event, kind=JOINED, data=said, customer=merge.customer)
            continue
        for customer in relations.related(event.subject, event.at):
            yield msgspec.structs.replace(event, data=data, customer=customer)


def _past_outputs(pack: Pack, events: list[Event], until: int) -> list[Output]:
    """The same events as a log in a file, through the backtest."""
    with TemporaryDirectory(prefix="peakend-") as folder:
        path = Path(folder) / "story.parquet"
        with log_file(path) as log:
            for event in events:
                data = msgspec.json.encode(event.data).decode()
                log.add(
                    Made(
                        event.id,
                        event.customer or None,
                        event.kind,
                        event.at,
                        event.seen,
                        event.source,
                        event.subject or None,
                        data,
                    )
                )
        return conclude(pack, [path], until=until).outputs


def _line(output: Output) -> bytes:
    return msgspec.json.encode(output)


def _as_problem(error: PeakendError, pack: Pack, place: Place | None = None) -> Problem:
    what, fix = (error.what, error.what_zh or error.what), (error.fix, error.fix_zh or error.fix)
    return _problem(error.place or place or Place(pack.root), what, fix, "unusable")


def _problem(place: Place, what: Pair, fix: Pair, code: str) -> Problem:
    return Problem(place, what[0], fix[0], "error", code, what[1], fix[1])


def _in_order(problem: Problem) -> tuple[Place, str]:
    return problem.place, problem.code
