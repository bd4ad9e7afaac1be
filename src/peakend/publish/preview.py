"""Who would get what more or less: two versions over all that the store has recorded, up to one instant.

Both are folded over the whole log, because a reminder of today may follow from a contract of last year;
counted is what changes in the last 90 days. The id of the backtest names the versions, the inputs and the
result: nobody can approve one thing and publish another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from peakend.backtest.diff import difference
from peakend.design.pack_kept import kept_pack
from peakend.errors import SourceError
from peakend.model.event import OF_THE_LOOP
from peakend.model.log import LOG_SCHEMA
from peakend.model.pack import Pack
from peakend.model.publication import Publication
from peakend.model.vocabulary import steps_of
from peakend.publish.versions import Changed, changed, touched, without_plays
from peakend.store import Store
from peakend.when import DAY, format_instant, parse_instant

LOOKS_BACK = 90 * DAY
EXAMPLES = 5
"""Customers that are named for each kind of change of a step."""
Progress = Callable[[int, int], None]


class Affected(msgspec.Struct, frozen=True):
    """One kind of change of one step: how often, for how many people, and a few of them by their ids."""

    play: str
    step: str
    change: str
    steps: int
    people: int
    examples: list[str] = []


class Reason(NamedTuple):
    """Why a second person must agree: money, mandatory, urgent, people or rule; and what it is about."""

    why: Literal["money", "mandatory", "urgent", "people", "rule"]
    about: str


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What publishing a version would change. `until` is the last instant of the inputs that were replayed.

    `old` is '' before the first publication. `people` is how many get something more, less or at another
    time; `open_runs` are those that go on as they began, by play.
    """

    old: str
    new: str
    changes: list[Changed]
    until: int
    events: int
    people: int
    affected: list[Affected]
    open_runs: dict[str, int]
    stopped: list[str]
    reasons: list[Reason]
    backtest: str


class _Change(msgspec.Struct):
    """A line of the comparison's list."""

    customer: str
    play: str
    step: str
    change: str
    old_instant: str | None
    new_instant: str | None


def preview(
    store: Store,
    pack: Pack,
    before: Publication | None,
    *,
    until: int | None = None,
    log: Sequence[Path] | None = None,
    workers: int = 2,
    progress: Progress | None = None,
) -> Preview:
    """Compare a pack with what is published now, `before`, over the inputs that were seen up to `until`.

    Without `until` all that is recorded is replayed. `log` are files that hold what the store has
    recorded; it is read out anew without them. `progress` is told as `difference` tells it.
    """
    old = kept_pack(before.files, before.hash, before.pack) if before else without_plays(pack)
    with TemporaryDirectory(prefix="peakend-") as folder:
        copy, listing = Path(folder) / "log.parquet", Path(folder) / "changes.jsonl"
        events, last = _written(store.recorded() if log is None else _read(log), copy, until)
        if events:
            try:
                difference(old, pack, [copy], workers=workers, listing=listing, progress=progress)
            except SourceError:  # of all that was recorded, nothing begins anything in either version
                listing.write_bytes(b"")
        affected, people = _counted(listing, last - LOOKS_BACK) if events else ([], 0)
    names = {play for play in (*old.plays, *pack.plays)}
    return Preview(
        old=before.hash if before else "",
        new=pack.hash,
        changes=changed(old, pack),
        until=last,
        events=events,
        people=people,
        affected=affected,
        open_runs={play: n for play, n in store.open_runs().items() if play in names},
        stopped=[one.play for one in store.switches() if one.stopped],
        reasons=list(_reasons(old, pack, people)),
        backtest=_named(before.hash if before else "", pack.hash, events, last, affected, people),
    )


def _read(log: Sequence[Path]) -> Iterator[pa.RecordBatch]:
    for file in log:
        with pq.ParquetFile(file) as opened:
            yield from opened.iter_batches()


def _written(recorded: Iterator[pa.RecordBatch], log: Path, until: int | None) -> tuple[int, int]:
    """Write what was recorded as a log; how many events others told of, and when the last was seen."""
    events = last = 0
    with pq.ParquetWriter(log, LOG_SCHEMA) as file:
        for batch in recorded:
            seen = batch.column("seen_at").cast(pa.int64())
            if until is not None:
                kept = pc.less_equal(seen, until)
                batch, seen = batch.filter(kept), seen.filter(kept)
            if batch.num_rows:
                file.write_batch(batch)
                told = pc.invert(pc.is_in(batch.column("kind"), pa.array(OF_THE_LOOP)))
                events, last = events + pc.sum(told).as_py(), max(last, pc.max(seen).as_py())
    return events, last


def _counted(listing: Path, since: int) -> tuple[list[Affected], int]:
    """What changed since an instant, by step, and the people for whom anything did."""
    steps: dict[tuple[str, str, str], int] = {}
    people: dict[tuple[str, str, str], set[str]] = {}
    for one in _changes(listing):
        instants = [parse_instant(text) for text in (one.old_instant, one.new_instant) if text]
        if one.change == "reason" or max(instants) <= since:
            continue
        key = one.play, one.step, one.change
        steps[key] = steps.get(key, 0) + 1
        people.setdefault(key, set()).add(one.customer)
    found = [
        Affected(*key, n, len(people[key]), sorted(people[key])[:EXAMPLES])
        for key, n in sorted(steps.items())
    ]
    return found, len(set().union(*people.values()))


def _changes(listing: Path) -> Iterator[_Change]:
    decode = msgspec.json.Decoder(_Change).decode
    with listing.open("rb") as lines:
        for line in lines:
            yield decode(line)


def _reasons(old: Pack, new: Pack, people: int) -> Iterator[Reason]:
    """Why a second person must agree. How many people are many, the version says that is published now."""
    policy = old.head.policy
    if policy.budgets != new.head.policy.budgets:
        yield Reason("money", "policy.budgets")
    for play in touched(old, new):
        steps = [step for _, step, _ in steps_of(play)]
        if any(step.action == "give" or step.budget for step in steps):
            yield Reason("money", play.play)
        if any("mandatory" in (step.class_ or play.class_, play.class_) for step in steps):
            yield Reason("mandatory", play.play)
        if play.urgent:
            yield Reason("urgent", play.play)
    if people > policy.approve_above:
        yield Reason("people", str(policy.approve_above))
    if policy.approve_above != new.head.policy.approve_above:
        yield Reason("rule", "policy.approve_above")


def _named(old: str, new: str, events: int, until: int, affected: list[Affected], people: int) -> str:
    """The id of a backtest: up to when it looked, and a digest of what it looked at and what it counted."""
    counts = [msgspec.structs.asdict(one) for one in affected]
    for one in counts:
        del one["examples"]
    content = msgspec.json.encode((old, new, events, until, counts, people))
    return f"{format_instant(until)}/{hashlib.sha256(content).hexdigest()[:16]}"
