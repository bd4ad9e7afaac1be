"""Two packs over the same history, compared person by person: what changes if the new one is published.

Both run through the whole backtest; their lists of verdicts are joined by (customer, play, key, occurrence,
step, round). Nothing is estimated. Where nothing but plays differs, whoever can never enter one of these is
left out of both, because both conclude the same about them (`reaching`, and `_entering` where it is known
who came to it); budgets are shared by all, so whoever may draw on one stays in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from peakend.backtest import folded
from peakend.backtest.changed import changed_steps, compare_listings, list_changes
from peakend.backtest.kept import Concluded, forget, kept, remember
from peakend.backtest.notes import nothing_in_common
from peakend.backtest.past import Past, make_ready
from peakend.model.event import DERIVED
from peakend.model.pack import Pack, Play
from peakend.model.parts import as_list
from peakend.model.result import BacktestResult
from peakend.model.vocabulary import steps_of
from peakend.tables import Some, connect, names_of

Progress = Callable[[int, int], None]
Change = str
CHANGES: dict[Change, dict[str, str]] = {
    "new": {"zh": "原来不发、现在会发", "en": "newly sent"},
    "gone": {"zh": "原来会发、现在不发", "en": "no longer sent"},
    "moved": {"zh": "发送时间变了", "en": "sent at another time"},
    "reason": {"zh": "拦截原因改变", "en": "suppressed for another reason"},
}


class StepDifference(msgspec.Struct):
    """One kind of change of one step, with one customer to look at.

    `later_seconds` is the median of what moved, negative where the new pack is earlier, None for other
    changes. `reasons` count why the pack that does not send it does not: '' means that it never came due.
    """

    step: str
    change: Change
    steps: int
    people: int
    example: str
    later_seconds: float | None = None
    reasons: dict[str, int] = {}


class PlayDifference(msgspec.Struct):
    """What changes for one play: how many steps, and how many people, by kind of change, with examples."""

    steps: dict[Change, int] = {}
    people: dict[Change, int] = {}
    examples: dict[Change, list[str]] = {}
    by_step: list[StepDifference] = []


class Difference(msgspec.Struct):
    """All that changes between two packs over one log; a play without any change is left out."""

    old: str
    new: str
    people: int
    plays: dict[str, PlayDifference]


def reaching(old: Pack, new: Pack, counted: Collection[str] = ()) -> frozenset[str] | None:
    """The kinds without which a customer's verdicts cannot differ between two packs; None where they may
    differ for anybody, because more than plays and words has changed.
    Whoever may enter a play of `counted` is kept too.
    """
    if (old.head, old.journeys, old.facts) != (new.head, new.journeys, new.facts):
        return None
    names = _concerned(old, new, counted)
    return _kinds(new, [pack.plays[name] for pack in (old, new) for name in names if name in pack.plays])


def _entering(old: Pack, new: Pack, counted: Collection[str], entrants: Path | None) -> Some:
    """Those of `reaching`, of whom it is known who came to the entry of which play of the old pack: where
    nothing about an entry has changed, nobody else comes to it now."""
    names = _concerned(old, new, counted)
    plays = {
        name for name in names if name in old.plays and name in new.plays and _same_entry(old, new, name)
    }
    others = [pack.plays[name] for pack in (old, new) for name in names - plays if name in pack.plays]
    return Some(_kinds(new, others), frozenset(plays), entrants)


def _concerned(old: Pack, new: Pack, counted: Collection[str]) -> set[str]:
    """The plays that changed, those of `counted`, and, where there is any, all that draw on a budget."""
    both = {*old.plays, *new.plays}
    names = {name for name in both if old.plays.get(name) != new.plays.get(name) or name in counted}
    drawing = {play.play for pack in (old, new) for play in pack.plays.values() if _draws(play)}
    return names | drawing if names else set()


def _kinds(pack: Pack, plays: Iterable[Play]) -> frozenset[str]:
    """The kinds without which nobody comes to the entry of any of some plays."""
    kinds = {kind for play in plays for kind in as_list(play.on)}
    if kinds & DERIVED.keys():
        encounters = [point.encounter for point in pack.touchpoints.values() if point.encounter]
        kinds |= {kind for encounter in encounters for kind in as_list(encounter.begins)}
    return frozenset(kinds)


def _same_entry(old: Pack, new: Pack, name: str) -> bool:
    one, other = (
        (play.touchpoint, play.on, play.where, play.key, play.count, play.again, play.backfill)
        for play in (old.plays[name], new.plays[name])
    )
    return one == other


def _draws(play: Play) -> bool:
    return any(step.budget or step.action == "give" for _, step, _ in steps_of(play))


def difference(  # noqa: PLR0913  every one of them is asked for by somebody alone
    old: Pack,
    new: Pack,
    log: Sequence[Path],
    *,
    workers: int = 2,
    listing: Path | None = None,
    results: list[BacktestResult] | None = None,
    counted: frozenset[str] | None = frozenset(),
    keep: Path | None = None,
    progress: Progress | None = None,
) -> Difference:
    """Backtest both packs and compare every verdict that either of them made.

    `listing` gets every change person by person as JSONL; `results` the two backtests: those whom
    the change may concern, and whoever may enter a play of `counted`; with None everybody. In the folder
    `keep` the log made ready and what the old pack concluded stay for the next comparison, which then looks
    at the same past while hardly anything was recorded since. `progress` is told (spans done, spans in all)
    of both packs together. Raises SourceError where the log has nothing in common with either of them.
    """
    with TemporaryDirectory(prefix="peakend-") as folder:
        scratch = Path(folder)
        before, after, among = _both(old, new, log, scratch, counted, keep, workers, progress)
        if results is not None:
            results += [before.result, after.result]
        strangers = [nothing_in_common(old, before.result), nothing_in_common(new, after.result)]
        if strangers[1] and all(strangers):
            raise strangers[1]
        connection = connect(scratch)
        rows, people = compare_listings(connection, before.listing, after.listing, among)
        steps = changed_steps(connection)
        if listing:
            half = scratch / "changes.jsonl"
            list_changes(connection, half)
            listing.write_bytes(half.read_bytes())
    plays: dict[str, PlayDifference] = {}
    for play, change, number, persons, examples in rows:
        found = plays.setdefault(play, PlayDifference())
        found.steps[change] = number
        found.people[change] = persons
        found.examples[change] = list(examples)
    for step in steps:
        plays[step.play].by_step.append(StepDifference(*step[1:]))
    return Difference(old.hash, new.hash, people, plays)


def _both(
    old: Pack,
    new: Pack,
    log: Sequence[Path],
    scratch: Path,
    counted: frozenset[str] | None,
    keep: Path | None,
    workers: int,
    progress: Progress | None,
) -> tuple[Concluded, Concluded, str]:
    """What either pack concludes, and SQL for the customers whose verdicts are to be compared ('': all)."""

    def fold(
        pack: Pack,
        past: Past,
        listing: Path,
        part: int,
        parts: int,
        *,
        some: Some | None = None,
        entrants: Path | None = None,
    ) -> Concluded:
        told = _part(progress, part, parts) if progress else None
        result = folded(
            pack, past, workers=workers, listing=listing, entrants=entrants, some=some, progress=told
        )
        return Concluded(past, result, listing, entrants)

    listings = scratch / "old.jsonl", scratch / "new.jsonl"
    touched = None if counted is None else reaching(old, new, counted)
    if counted is None or touched is None:
        before = fold(old, make_ready([old], log, scratch / "old"), listings[0], 0, 2)
        return before, fold(new, make_ready([new], log, scratch / "new"), listings[1], 1, 2), ""
    if keep is None or not old.hash:
        past = make_ready([old, new], log, scratch, touched)
        return fold(old, past, listings[0], 0, 2), fold(new, past, listings[1], 1, 2), ""
    found = kept(keep, old, new, log)
    if found:
        before, part, parts = found, 0, 1
    else:
        forget(keep)
        past, part, parts = make_ready([old, new], log, keep), 1, 2
        before = fold(old, past, keep / "old.jsonl", 0, 2, entrants=keep / "entrants.jsonl")
        remember(keep, old, log, before)
    prepared = before.past.prepared
    some = _entering(old, new, counted, before.entrants)
    among = names_of(prepared.sorted_log, some, prepared.identities)
    return before, fold(new, before.past, listings[1], part, parts, some=some), among


def _part(progress: Progress, part: int, parts: int) -> Progress:
    return lambda done, total: progress(done + part * total, parts * total)
