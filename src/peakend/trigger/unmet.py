"""What stood against an entry: the clauses of the play's condition that did not hold, and what they read."""

from __future__ import annotations

from typing import Any

from peakend.model.outcome import Unmet
from peakend.trigger.turn import Turn
from peakend.trigger.where import Condition


def unmet(turn: Turn, play: str) -> tuple[Unmet, ...]:
    """The clauses of the condition that are false or unknown; none where the rules do not name them."""
    clauses = turn.rules.clauses.get(play, ())
    return tuple(Unmet(one.text, _read(turn, one)) for one in clauses if one.test(turn) is not True)


def _read(turn: Turn, clause: Condition) -> dict[str, Any]:
    """What a clause reads, by the name that the condition has for it."""
    found = {name: turn.fields.get(name) for name in sorted(clause.fields)}
    found |= {f"customer.{name}": turn.customer(name) for name in sorted(clause.customer)}
    found |= {f"facts.{name}": turn.fact(name) for name in sorted(clause.facts)}
    return found | {f"open.{name}": turn.is_open(name) for name in sorted(clause.touchpoints)}
