"""At the door: may a message that was let go still leave, to which address, and where to if it cannot?

The verdict stands as it was given; what is asked here can only take it back. It is asked on the customer's
newest state, at the instant of the hand-over. Source: docs/semantics.md, section 6.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from peakend.fold.program import Program
from peakend.fold.reach import Candidate, disturbed, open_ways
from peakend.govern import CARE
from peakend.trigger.rules import PlayRule, StepRule
from peakend.trigger.state import CustomerState
from peakend.trigger.turn import Turn


class Passage(NamedTuple):
    """The one who wants out: a delivery of a step of a run (key, occurrence), on a channel, to a contact;
    `ended` says how its run ended (None while it is open), `until` when it stops to help.
    """

    play: str
    run: tuple[str, int]
    step: str
    channel: str
    contact: str
    until: int
    ended: str | None


class Answer(NamedTuple):
    """`reason` is '' where the message may leave; `wait` is the instant until which it must wait, 0 for none.

    Reasons: cancelled, expired, consent, preference; where it goes to is asked elsewhere (suppressed).
    """

    reason: str
    wait: int = 0
    address: str = ""
    name: str = ""


def ask_at_door(program: Program, state: CustomerState, who: Passage, now: int) -> Answer:
    """Ask once more what may have changed since the verdict."""
    rule, step = _rules(program, state, who)
    if rule is None or step is None:
        return Answer("cancelled")
    if who.ended not in (None, "completed") and step.exit < 0:
        return Answer("cancelled")
    if now > who.until:
        return Answer("expired")
    return Answer("") if step.colleague else _ask_customer(program, state, who, now, rule, step)


def other_way(
    program: Program, state: CustomerState, who: Passage, now: int, tried: Collection[tuple[str, str]]
) -> Candidate | None:
    """The next channel and contact of a step that has not been tried; None where there is none left."""
    rule, step = _rules(program, state, who)
    if rule is None or step is None or step.colleague or step.all_channels or not program.contacts_known:
        return None
    ways = open_ways(state, rule, step, now)
    return next((way for way in ways if (way.channel, way.contact) not in tried), None)


def _ask_customer(
    program: Program, state: CustomerState, who: Passage, now: int, rule: PlayRule, step: StepRule
) -> Answer:
    if step.rank >= CARE and disturbed(state, rule, now):
        return Answer("preference")
    quiet = _quiet_until(program, state, step, now)
    if quiet:
        return Answer("expired") if quiet > who.until else Answer("", wait=quiet)
    if not program.contacts_known:
        return Answer("")
    ways = open_ways(state, rule, step, now)
    way = next((w for w in ways if (w.channel, w.contact) == (who.channel, who.contact)), None)
    if way is None:
        return Answer("consent")
    return Answer("", address=way.address, name=way.name)


def _rules(program: Program, state: CustomerState, who: Passage) -> tuple[PlayRule | None, StepRule | None]:
    """The play and step of a delivery: as its run follows them, else as they are, else as they were."""
    rules, (key, occurrence) = program.rules, who.run
    play = state.plays.get(who.play)
    runs = play.runs.get(key, ()) if play else ()
    pinned = next((run.pinned for run in runs if run.occurrence == occurrence), "")
    found = [rules.rule_of(who.play, pinned)] if pinned else []
    found += [rules.plays[who.play]] if who.play in rules.plays else []
    found += [rule for (name, _), rule in rules.older.items() if name == who.play]
    for rule in found:
        for step in rule.steps:
            if step.name == who.step:
                return rule, step
    return None, None


def _quiet_until(program: Program, state: CustomerState, step: StepRule, now: int) -> int:
    """The end of the quiet hours into which a delivery that was late has come."""
    quiet = None if step.urgent else program.quiet_for(step.rank)
    return (quiet.until(now, Turn(program.rules, state).zone) or 0) if quiet else 0
