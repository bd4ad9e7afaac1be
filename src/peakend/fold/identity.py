"""Two customers turn out to be one: the state of the name that goes is added to that of the name that stays.

It is the one place where two states meet; nothing is decided here and no other customer is looked at. From
then on there is one state, and whoever folds hands the events of both names to it.
Source: docs/semantics.md, section 8.
"""

from __future__ import annotations

from heapq import heapify

from peakend.fold.closed import still_counts
from peakend.model.event import JOINED, Event
from peakend.model.outcome import Ended, Entered, Merged
from peakend.trigger import counts, facts, profile, recent
from peakend.trigger.lanes import cancel, let_go_of, moved
from peakend.trigger.rules import PlayRule
from peakend.trigger.state import (
    NEVER,
    Contact,
    CustomerState,
    FactState,
    Lane,
    PlayState,
    PointState,
    Preference,
    Run,
)
from peakend.trigger.turn import Turn

_APART = 1 << 40
"""What keeps encounters apart that began at the same place of the logs of two shards."""

Begins = dict[tuple[str, str, int], int]
"""The new seq of an encounter's begin, by touchpoint, key and old seq."""


def unite(turn: Turn, other: Turn, event: Event) -> None:
    """Add the state of `other` to that of the turn's customer; `event.seen` is the instant."""
    state, former, rules = turn.state, other.state, turn.rules
    turn.now = event.seen
    turn.out.append(Merged(state.customer, former.customer, event.seen))
    _learn(turn, former)
    begins = _meet(turn, former)
    _wish(state, former, begins)
    shifts: dict[tuple[str, str], int] = {}
    other.out = turn.out
    for name in sorted(former.plays):
        shifts |= _play(turn, other, name, event.seen)
    state.pinned += [one for one in former.pinned if one not in state.pinned]
    state.timers += [
        (*timer[:7], shifts.get((timer[4], timer[5]), 0) + timer[7], timer[8])
        if timer[1]
        else (*timer[:7], begins.get((timer[4], timer[5], timer[7]), timer[7]), timer[8])
        for timer in former.timers
    ]
    heapify(state.timers)
    turn.zone = turn.find_zone()
    moved(turn, rules.every_play(), event.seen)


def _learn(turn: Turn, former: CustomerState) -> None:
    """Attributes, consents, facts, contacts, sent messages."""
    state = turn.state
    for name, known in former.profile.items():
        if name not in state.profile or state.profile[name][:2] < known[:2]:
            state.profile[name] = known
    for what, consent in former.consents.items():
        if what not in state.consents or state.consents[what].order < consent.order:
            state.consents[what] = consent
    for name, fact in former.facts.items():
        facts.unite(turn.rules.facts[name], state.facts.setdefault(name, FactState()), fact)
    for name, contact in former.contacts.items():
        _contact(state.contacts.setdefault(name, Contact()), contact)
    for rank, sent in former.sent.items():
        state.sent[rank] = sorted([*state.sent.get(rank, ()), *sent])
    for bundle, opened in former.gathered.items():
        if bundle not in state.gathered or state.gathered[bundle][0] < opened[0]:
            state.gathered[bundle] = opened


def _contact(contact: Contact, other: Contact) -> None:
    for role, order in other.roles.items():
        contact.roles[role] = max(order, contact.roles.get(role, order))
    if other.named > contact.named:
        contact.name, contact.named = other.name, other.named
    for channel, known in other.addresses.items():
        for one in known:
            profile.add_address(contact, channel, one)
    for gone, order in other.removed.items():
        profile.remove(contact, gone, order)
    if "" in contact.removed:
        profile.remove(contact, "", contact.removed[""])


def _meet(turn: Turn, former: CustomerState) -> Begins:
    """Encounters of both go on; the order in which they opened is that of their begins from now on."""
    state, oldest = turn.state, turn.now - turn.rules.max_age
    begins: Begins = {}
    for name, other in former.points.items():
        point = state.points.setdefault(name, PointState())
        for key, found in other.encounters.items():
            taken = {one.begun[1] for one in point.encounters.get(key, ())}
            for one in found:
                at, seq = one.begun
                while seq in taken:
                    seq += _APART
                begins[name, key, one.begun[1]] = seq
                one.begun = (at, seq)
                taken.add(seq)
            point.encounters[key] = [*point.encounters.get(key, ()), *found]
        recent.unite(point.early, other.early, oldest)
    for point in state.points.values():
        for found in point.encounters.values():
            found.sort(key=lambda one: one.begun)
    return begins


def _wish(state: CustomerState, former: CustomerState, begins: Begins) -> None:
    for what, wish in former.preferences.items():
        if what not in state.preferences or state.preferences[what].order < wish.order:
            visit = [(name, key, begins.get((name, key, seq), seq)) for name, key, seq in wish.visit]
            state.preferences[what] = Preference(wish.order, wish.on, wish.until, visit)


def _play(turn: Turn, other: Turn, name: str, seen: int) -> dict[tuple[str, str], int]:
    """One play: lanes are one, of runs that exclude each other the earlier entry stays, all others go on.

    Returns by how much the occurrences of the former runs have grown, by play and key.
    """
    play, former = turn.state.plays.setdefault(name, PlayState()), other.state.plays[name]
    for key in sorted({*play.lanes, *former.lanes}):
        for side, of in ((play, turn), (former, other)):
            if key not in side.lanes:
                side.lanes[key] = Lane(*let_go_of(of, name, side, key))
    shifts = {(name, key): lane.runs for key, lane in play.lanes.items()}
    rule = next((one for one in turn.rules.every_play() if one.name == name), None)
    for key in sorted(former.runs):
        if rule is not None:
            _stay(turn, other, rule, key, seen)
        carried = former.runs[key]
        for run in carried:
            old, run.occurrence = run.occurrence, run.occurrence + shifts.get((name, key), 0)
            if run.ended == NEVER:
                _carry(turn, other, name, run, old, seen)
        if carried:
            play.runs[key] = [*play.runs.get(key, ()), *carried]
    oldest = seen - turn.rules.max_age
    for key, lane in former.lanes.items():
        _lane(rule, play.lanes[key], lane, oldest)
    play.entered = play.entered or former.entered
    recent.unite(play.early, former.early, oldest)
    return shifts


def _stay(turn: Turn, other: Turn, rule: PlayRule, key: str, seen: int) -> None:
    """Of the open runs of a lane the earlier entry stays, unless the play lets several be open."""
    if rule.again == "every":
        return
    play, former = turn.state.plays[rule.name], other.state.plays[rule.name]
    opened = [
        (run, side, of)
        for side, of in ((play, turn), (former, other))
        for run in side.runs.get(key, ())
        if run.ended == NEVER
    ]
    first = min((run for run, _, _ in opened), key=lambda run: run.entry, default=None)
    for run, side, of in opened:
        if run is not first:
            _dismiss(of, turn.rules.rule_of(rule.name, run.pinned), run, seen)
            side.runs[key].remove(run)
    if not play.runs.get(key, True):
        del play.runs[key]


def _dismiss(turn: Turn, rule: PlayRule, run: Run, instant: int) -> None:
    """End a run without any exit's `then`: held steps are cancelled, the others end without a verdict."""
    pending = []
    for step in sorted(run.steps, key=lambda s: (s.index, s.round)):
        if step.held:
            cancel(turn, rule, run, step.index, step.round, step.due, instant, "cancelled")
        elif not step.decided and step.due is not None:
            pending.append((rule.steps[step.index].name, step.due))
    name = turn.state.customer
    turn.out.append(
        Ended(name, rule.name, run.key, run.occurrence, "merged", JOINED, instant, instant, tuple(pending))
    )


def _carry(turn: Turn, other: Turn, play: str, run: Run, old: int, seen: int) -> None:
    """A run goes on under the name that stays: it ends there and is entered here."""
    leaves, enters = other.state.customer, turn.state.customer
    turn.out += [
        Ended(leaves, play, run.key, old, "carried", JOINED, seen, seen),
        Entered(enters, play, run.key, run.occurrence, run.entry[0], seen, JOINED),
    ]


def _lane(rule: PlayRule | None, lane: Lane, other: Lane, oldest: int) -> None:
    lane.runs += other.runs
    lane.last = max(lane.last, other.last)
    # A window that nobody can ask for any more may be gone already, or not: it counts as none.
    mine, theirs = (one.window if still_counts(rule, one, oldest) else None for one in (lane, other))
    if rule is not None and mine and theirs:
        lane.window = counts.unite(mine, theirs, rule.count, rule.count_window)
    else:
        lane.window = mine or theirs
