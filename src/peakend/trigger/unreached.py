"""Nobody was reached: a run whose step found no address, or whose message failed, gives a colleague its card.

The card is a step of the run like any other, due at the instant at which this is known, with its own verdict.
Source: docs/semantics.md, section 3, "Unreached".
"""

from __future__ import annotations

from peakend.trigger.due import arm
from peakend.trigger.rules import PlayRule
from peakend.trigger.state import PlayState, Run, StepState
from peakend.trigger.turn import Turn


def give_card(turn: Turn, rule: PlayRule, run: Run, instant: int) -> None:
    """Put the card on the queue, one round of it for each step that did not reach."""
    card = rule.unreached
    if card is not None:
        round_ = sum(step.index == card.index for step in run.steps)
        step = StepState(card.index, round_, instant, instant)
        run.steps.append(step)
        arm(turn, rule, run, step, instant)


def failed(turn: Turn, message: str, instant: int) -> None:
    """A message did not arrive: every step that left in it has failed, once."""
    for rule in turn.rules.unreached_plays:
        play = turn.state.plays.get(rule.name)
        for run in _runs_of(rule, play) if play else ():
            for _ in range(run.left.count(message)):
                run.left.remove(message)
                give_card(turn, rule, run, instant)


def _runs_of(rule: PlayRule, play: PlayState) -> list[Run]:
    return [run for runs in play.runs.values() for run in runs if run.pinned == rule.pinned]
