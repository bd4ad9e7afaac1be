"""Why, and why not: for every play what was decided about a customer, by which rule, under which pack.

The ledger is read as it was written. Only for a play that never began is the customer's log told again, by
the version that holds now, to say on what it would have begun: nothing of that is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from peakend.fold import compile_program
from peakend.listen.reading import Reader
from peakend.loop.programs import Version
from peakend.loop.retelling import Retelling
from peakend.model.event import DERIVED, Event
from peakend.model.looked import MOST, AskedEvents, AskedRuns, AskedVerdicts, Decided, Ran
from peakend.model.outcome import Ended, Entered, Output, Passed, Verb, Verdict
from peakend.model.pack import Pack, Play
from peakend.model.parts import as_list
from peakend.model.stored import Recorded
from peakend.store import Store
from peakend.tell.said import Said, fill, listed
from peakend.tell.teller import Teller
from peakend.why.lines import lines
from peakend.wire.customers import Standing

NEVER_BEGAN: Final = Said("还没有开始过；它从“{kinds}”开始", "It has never begun; it begins on “{kinds}”")
_READ: Final = 2_000
"""Inputs of a customer that are told again at most, the newest."""
_TOLD: Final = 200
"""Lines of one play that are shown at most, the newest."""

_DECIDED: Final[dict[Verb, Standing]] = {"send": "sent", "hold": "held", "suppress": "suppressed"}
NEVER_CAME: Final = Said(
    "还没有开始过：这位客户从未有过“{kinds}”",
    "It has never begun: no “{kinds}” has come for this customer",
)
CAME: Final = Said(
    "还没有开始过，虽然有过“{kinds}”；点开看每次为什么没有开始",
    "It has never begun, though “{kinds}” came: open it to see why each time",
)
NEVER_MET: Final = Said(
    "还没有开始过：有过 {n} 次“{kinds}”，都没有让它开始，原因见下",
    "It has never begun: “{kinds}” came {n} {n:time|times} and began nothing, for the reasons below",
)
NOT_YET: Final = Said(
    "还没有开始过：已有的“{kinds}”都早于现行版本，发布之前的动态不会补做",
    "It has never begun: every “{kinds}” came before this version held, and the past is not made up for",
)


class PlayStanding(msgspec.Struct, frozen=True, kw_only=True):
    """One play and this customer: how it stands, and the last thing that was decided, in both languages.

    `at` is None for a play that never began; `pack` is the hash of the pack that decided last.
    """

    play: str
    standing: Standing
    said: Said
    at: int | None = None
    reason: str = ""
    runs: int = 0
    pack: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a play's ledger. `weight` is as the teller's; `pack` stands where a pack decided."""

    at: int
    weight: str
    said: Said
    key: str = ""
    pack: str = ""


class PlayLedger(msgspec.Struct, frozen=True, kw_only=True):
    """All that one play did with this customer, or why it did nothing; `more`: earlier lines are left out."""

    play: str
    standing: Standing
    said: Said
    lines: tuple[Line, ...]
    more: bool = False


def every_play(store: Store, pack: Pack, customer: str) -> list[PlayStanding]:
    """Every play of the pack, those first that acted last; those that never began at the end."""
    verdicts = store.list_verdicts(AskedVerdicts(customer=customer), limit=MOST)
    runs = store.list_runs(AskedRuns(customer=customer), limit=MOST)
    teller = Teller(pack)
    found = []
    for name in pack.plays:
        last = next((one for one in verdicts.rows if one.verdict.play == name), None)
        own = [one for one in runs.rows if one.play == name]
        if last is None and verdicts.after:
            last = next(
                iter(store.list_verdicts(AskedVerdicts(customer=customer, play=name), limit=1).rows), None
            )
        if not own and runs.after:
            own = store.list_runs(AskedRuns(customer=customer, play=name), limit=1).rows
        standing = _standing(teller, pack.plays[name], last, own)
        if standing.standing == "never":
            standing = msgspec.structs.replace(
                standing, said=_awaits(store, customer, teller, pack.plays[name])
            )
        found.append(standing)
    return sorted(found, key=lambda one: (one.at is None, -(one.at or 0), one.play))


def one_play(store: Store, pack: Pack, customer: str, play: str) -> PlayLedger:
    """What one play, by its name, did with a customer; for one that never began, why not."""
    verdicts = store.list_verdicts(AskedVerdicts(customer=customer, play=play), limit=MOST)
    runs = store.list_runs(AskedRuns(customer=customer, play=play), limit=MOST)
    teller = Teller(pack)
    last = verdicts.rows[0] if verdicts.rows else None
    standing = _standing(teller, pack.plays[play], last, runs.rows)
    if standing.standing == "never":
        said, told = _why_never(store, pack, customer, pack.plays[play], teller)
        return PlayLedger(play=play, standing="never", said=said, lines=tuple(told))
    packs = {_named(one.verdict): one.pack for one in verdicts.rows}
    outputs = [one for name in store.names_of(customer) for one in store.story(name, play)]
    told = [
        Line(
            at=one.instant,
            weight=one.weight,
            said=one.said,
            key=one.key,
            pack=packs.get(_named(output), "") if isinstance(output, Verdict) else "",
        )
        for output in outputs
        for one in teller.output(output)
    ]
    told.sort(key=lambda one: one.at)
    return PlayLedger(
        play=play,
        standing=standing.standing,
        said=standing.said,
        lines=tuple(told[-_TOLD:]),
        more=len(told) > _TOLD,
    )


def _standing(teller: Teller, play: Play, last: Decided | None, runs: Sequence[Ran]) -> PlayStanding:
    run = runs[0] if runs else None
    since = (run.ended_seen or run.entered_seen or 0) if run else 0
    if last is not None and last.verdict.instant >= since:
        verdict = last.verdict
        return PlayStanding(
            play=play.play,
            standing=_DECIDED[verdict.outcome],
            said=teller.output(verdict)[0].said,
            at=verdict.instant,
            reason=verdict.reason,
            runs=len(runs),
            pack=last.pack,
        )
    if run is None:
        return PlayStanding(play=play.play, standing="never", said=_begins(NEVER_BEGAN, teller, play))
    inside = run.how is None
    output = _entered(run) if inside else _ended(run)
    return PlayStanding(
        play=play.play,
        standing="inside" if inside else "ended",
        said=teller.output(output)[0].said,
        at=since,
        runs=len(runs),
        pack=run.pack,
    )


def _entered(run: Ran) -> Output:
    at, seen = run.entered_at or 0, run.entered_seen or 0
    return Entered(run.customer, run.play, run.key, run.occurrence, at, seen, run.entry_kind or "")


def _ended(run: Ran) -> Output:
    at, seen, how = run.ended_at or 0, run.ended_seen or 0, run.how or ""
    return Ended(run.customer, run.play, run.key, run.occurrence, how, run.end_kind or "", at, seen)


def _begins(sentence: Said, teller: Teller, play: Play, **words: int) -> Said:
    return fill(sentence, kinds=listed(teller.names.of(kind) for kind in as_list(play.on)), **words)


def _awaits(store: Store, customer: str, teller: Teller, play: Play) -> Said:
    """Whether anything came on which a play begins that never began; what is derived is not looked up."""
    kinds = as_list(play.on)
    if any(kind in DERIVED for kind in kinds):
        return _begins(NEVER_BEGAN, teller, play)
    came = any(store.list_events(AskedEvents(customer=customer, kind=kind), limit=1).rows for kind in kinds)
    return _begins(CAME if came else NEVER_CAME, teller, play)


def _why_never(
    store: Store, pack: Pack, customer: str, play: Play, teller: Teller
) -> tuple[Said, list[Line]]:
    """That nothing came on which the play begins, or why what came began nothing."""
    kinds = as_list(play.on)
    recorded = [
        one
        for kind in kinds
        if kind not in DERIVED
        for one in store.list_events(AskedEvents(customer=customer, kind=kind), limit=MOST).rows
    ]
    if not recorded and not any(kind in DERIVED for kind in kinds):
        return _begins(NEVER_CAME, teller, play), []
    outputs, events = _told_again(store, pack, customer, play.play)
    if any(isinstance(one, Entered) for one in outputs):
        return _begins(NOT_YET, teller, play), []
    passed = [one for one in outputs if isinstance(one, Passed)]
    if not passed:
        return _begins(NEVER_CAME, teller, play), []
    told = lines(pack, events, passed, play.play, everything=True)
    found = [
        Line(at=one.instant, weight=one.weight, said=one.said, key=one.key)
        for one in told
        if one.weight == "not"
    ]
    return _begins(NEVER_MET, teller, play, n=len(found)), found[-_TOLD:]


def _told_again(store: Store, pack: Pack, customer: str, play: str) -> tuple[list[Output], list[Event]]:
    """What the version that holds now concludes of the customer's newest inputs, near misses included."""
    recorded: list[Recorded] = []
    after = ""
    while len(recorded) < _READ:
        page = store.list_events(AskedEvents(customer=customer), after, MOST)
        recorded += page.rows
        after = page.after
        if not after:
            break
    reader = Reader(pack)
    version = Version(compile_program(pack, explain=True, clauses=True, contents=True), reader)
    outputs: list[Output] = []
    again = Retelling(version, version.program, outputs)
    inputs = sorted(recorded, key=lambda one: (one.seen, one.seq))
    again.tell(inputs)
    return [one for one in outputs if getattr(one, "play", "") == play], version.typed(inputs)


def _named(one: Verdict) -> tuple[str, str, int, str, int, int]:
    return one.customer, one.key, one.occurrence, one.step, one.round, one.instant
