"""Customers who compete for a budget, folded together in the order of time.

Draws happen in the order of (instant, customer), whatever the number of workers, so that the result of a
backtest does not depend on the machine. Source: docs/semantics.md, section 4, and G4 of the design.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush

from peakend.backtest.tally import Counter
from peakend.fold import CustomerState, Program, new_state, step, wakes_at
from peakend.model.event import Event
from peakend.model.outcome import Output


def fold_together(
    program: Program, events: Iterable[Event], until: int, keep: str | None = None
) -> tuple[dict[str, list[Output]], dict[str, CustomerState]]:
    """Fold events of many customers, ordered by (seen, customer, seq); give outputs and states.

    `keep` names the only customer whose outputs are wanted.
    """
    budgets = program.new_budgets()
    states: dict[str, CustomerState] = {}
    outputs: dict[str, list[Output]] = {}
    queue: list[tuple[int, str]] = []

    def fold(customer: str, inputs: tuple[Event, ...], tick: int | None) -> None:
        found = step(program, states[customer], inputs, tick, budgets)[1]
        if keep in (None, customer):
            outputs.setdefault(customer, []).extend(found)

    def run(limit: int) -> None:
        while queue and queue[0][0] <= limit:
            instant, customer = heappop(queue)
            if wakes_at(states[customer]) == instant:
                fold(customer, (), instant)
                wait(customer)

    def wait(customer: str) -> None:
        wake = wakes_at(states[customer])
        if wake is not None:
            heappush(queue, (wake, customer))

    for event in events:
        run(event.seen - 1)
        if event.customer not in states:
            states[event.customer] = new_state(event.customer)
        fold(event.customer, (event,), None)
        wait(event.customer)
    run(until)
    return outputs, states


def count_together(counter: Counter, program: Program, events: Iterable[Event], until: int) -> list[Output]:
    """Fold contested customers into a tally; return their outputs in the order of customers."""
    outputs, states = fold_together(program, events, until)
    every: list[Output] = []
    for customer in sorted(outputs):
        counter.add(outputs[customer])
        counter.close(states[customer])
        every += outputs[customer]
    return every
