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
    program: Program, events: Iterable[Event], until: int
) -> tuple[dict[str, list[Output]], dict[str, CustomerState]]:
    """Fold events of many customers, ordered by (seen, customer, seq); give outputs and states."""
    budgets = program.new_budgets()
    states: dict[str, CustomerState] = {}
    outputs: dict[str, list[Output]] = {}
    queue: list[tuple[int, str]] = []

    def run(limit: int) -> None:
        while queue and queue[0][0] <= limit:
            instant, customer = heappop(queue)
            state = states[customer]
            if wakes_at(state) == instant:
                outputs[customer] += step(program, state, (), instant, budgets)[1]
                wait(customer)

    def wait(customer: str) -> None:
        wake = wakes_at(states[customer])
        if wake is not None:
            heappush(queue, (wake, customer))

    for event in events:
        run(event.seen - 1)
        state = states.get(event.customer)
        if state is None:
            state = states[event.customer] = new_state(event.customer)
            outputs[event.customer] = []
        outputs[event.customer] += step(program, state, (event,), None, budgets)[1]
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
