"""The lines of one customer's story: what came in, what was concluded, what nearly happened.

Where events and conclusions come from, a log or a store, is not known here; how each thing is said, the
teller knows. What is left out for brevity can always be asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter

from peakend.design.words import hint
from peakend.errors import PackError
from peakend.model.event import Event
from peakend.model.outcome import Breached, Encountered, Merged, Output, Passed
from peakend.model.pack import Pack, Play
from peakend.model.parts import as_list
from peakend.model.vocabulary import fields_of, steps_of
from peakend.tell.teller import Teller, Told
from peakend.trigger.lanes import lane_key
from peakend.trigger.turn import key_text


def lines(
    pack: Pack,
    events: Sequence[Event],
    outputs: Sequence[Output],
    play: str | None = None,
    *,
    everything: bool = False,
    without_days: Mapping[str, set[int]] | None = None,
) -> list[Told]:
    """The story in order of time; what began no run often is counted at the end.

    `play`, the name of one, keeps what that play did and the events that it looks at. `everything` tells
    every event that began nothing, each with the condition, and every encounter also when it ended.
    `without_days` are years that calendars were asked about without knowing their days off.
    """
    if play is not None:
        one = pack.plays[play]
        outputs = [output for output in outputs if _of_play(output, one)]
        events = _events_of(pack, one, events, outputs)
    teller = Teller(pack, codes=True)
    told = [teller.event(event) for event in events]
    brief = list(outputs) if everything else _brief(outputs)
    passed = [output for output in brief if isinstance(output, Passed)]
    often = set() if everything else {name for name, few in _by_play(passed) if len(few) > 1}
    by_way: dict[tuple[str, int, int], list[Event]] = {}
    for event in events:
        by_way.setdefault((event.kind, event.at, event.seen), []).append(event)
    for output in brief:
        if not isinstance(output, Passed):
            told += teller.output(output)
        elif output.play not in often:
            # Two events of one kind at one instant cannot be told apart here: then no value is better.
            same = by_way.get((output.kind, output.at, output.seen), [])
            told.append(teller.passed(output, same[0] if len(same) == 1 else None))
    counts = [teller.passed_often(few) for name, few in _by_play(passed) if name in often]
    last = max((one.instant for one in told), default=0)
    for name, years in (without_days or {}).items():
        counts.append(Told(last, "", "often", teller.without_days(name, years)))
    return [*sorted(told, key=attrgetter("instant")), *counts]


def find_play(pack: Pack, word: str) -> str:
    """The play of this name or title. Raises PackError naming the nearest one."""
    names = {name.lower(): name for name in pack.plays}
    names |= {title.lower(): name for name, play in pack.plays.items() for title in play.title.values()}
    if word.lower() in names:
        return names[word.lower()]
    english, chinese = hint(word.lower(), names)
    for title, name in names.items():
        english = english.replace(f"'{title}'", f"'{name}'")
        chinese = chinese.replace(f"“{title}”", f"“{name}”")
    if english.startswith("Known"):
        english, chinese = hint(word, pack.plays)
    raise PackError(
        f"The pack has no play '{word}'",
        fix=english,
        what_zh=f"模板里没有剧本“{word}”",
        fix_zh=chinese,
    )


def _brief(outputs: Iterable[Output]) -> list[Output]:
    """Without the end of an encounter that was settled in the same state later."""
    kept = list(outputs)
    settled = {_met(one): one.state for one in kept if isinstance(one, Encountered) and one.settled}
    return [
        one
        for one in kept
        if not isinstance(one, Encountered) or one.settled or settled.get(_met(one)) != one.state
    ]


def _met(one: Encountered) -> tuple[str, str, int]:
    return one.touchpoint, one.key, one.begun


def _by_play(passed: Iterable[Passed]) -> list[tuple[str, list[Passed]]]:
    by_play: dict[str, list[Passed]] = {}
    for one in passed:
        by_play.setdefault(one.play, []).append(one)
    return sorted(by_play.items(), key=lambda item: -len(item[1]))


def _of_play(output: Output, play: Play) -> bool:
    """Whether an output is the play's own, or one that the play looks at."""
    kinds = _kinds(play)
    match output:
        case Breached():
            return "standard.breached" in kinds
        case Merged():
            return True
        case Encountered():
            return f"encounter.{'settled' if output.settled else 'closed'}" in kinds
        case _:
            return output.play == play.play


def _events_of(pack: Pack, play: Play, events: Iterable[Event], outputs: Iterable[Output]) -> list[Event]:
    """The events of the play's kinds: those that may begin a run, and those about one that began."""
    starts, kinds, fields = set(as_list(play.on)), _kinds(play), as_list(play.key)
    keys = {getattr(output, "key", "") for output in outputs}
    return [
        event
        for event in events
        if event.kind in starts
        or (event.kind in kinds and (_key(event, fields) in keys or not _carries(pack, event, fields)))
    ]


def _carries(pack: Pack, event: Event, fields: Sequence[str]) -> bool:
    """Whether events of this kind name the whole key; others speak of every run."""
    return set(fields) <= set(fields_of(pack, event.kind))


def _key(event: Event, fields: Sequence[str]) -> str:
    parts = [key_text(event.data.get(name)) or "" for name in fields]
    return lane_key(parts)


def _kinds(play: Play) -> set[str]:
    """Every kind that a play looks at."""
    named = [play.on, play.updates, *(way_out.on for way_out in play.all_exits)]
    named += [step.repeat.until for _, step, _ in steps_of(play) if step.repeat]
    return {kind for kinds in named for kind in as_list(kinds)}
