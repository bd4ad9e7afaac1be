"""Customers who compete for a budget, folded together in the order of time.

Draws happen in the order of (instant, customer), whatever the number of workers, so that the result of a
backtest does not depend on the machine. Where the log holds what a budget answered live, that stands.
Source: docs/semantics.md, section 4, and G4 of the design.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from heapq import heappop, heappush

from peakend.backtest.tally import Counter, Person
from peakend.fold import CustomerState, Program, join, new_state, step, wakes_at
from peakend.model.event import JOINED, Event
from peakend.model.money import Answer
from peakend.model.outcome import Content, Output

Answers = Mapping[tuple[str, int], Answer]
"""What budgets answered live, by the step that asked and the instant."""


def fold_together(
    program: Program,
    events: Iterable[Event],
    until: int,
    consume: Callable[[str, list[Output]], None],
    contents: list[Content] | None = None,
    answers: Answers | None = None,
) -> dict[str, CustomerState]:
    """Fold events of many customers, ordered by (seen, customer, seq); return the states.

    `consume` gets each customer's outputs as they come, in the order of time; `contents` what the words of
    each send may speak of; `answers` are those that budgets gave live.
    """
    budgets = program.new_budgets(answers=answers)
    states: dict[str, CustomerState] = {}
    queue: list[tuple[int, str]] = []

    def fold(customer: str, inputs: tuple[Event, ...], tick: int | None) -> None:
        found = step(program, states[customer], inputs, tick, budgets, contents)[1]
        if found:
            consume(customer, found)

    def run(limit: int) -> None:
        while queue and queue[0][0] <= limit:
            instant, customer = heappop(queue)
            if customer in states and wakes_at(states[customer]) == instant:
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
        if event.kind == JOINED:
            former = states.pop(event.data["from"], None) or new_state(event.data["from"])
            consume(
                event.customer, join(program, states[event.customer], former, event, budgets, contents)[1]
            )
        else:
            fold(event.customer, (event,), None)
        wait(event.customer)
    run(until)
    return states


def count_together(
    counter: Counter,
    program: Program,
    events: Iterable[Event],
    until: int,
    identities: Mapping[str, str],
    keep: Callable[[str, list[Output]], None] | None = None,
    answers: Answers | None = None,
) -> None:
    """Fold contested customers into a tally; `keep` gets each one's outputs as they come.

    `identities` says who a name turned out to be: several names are one person.
    Outputs are counted at once: of a customer only the state and what the counter must remember are held.
    """
    people: dict[str, Person] = {}

    def consume(customer: str, outputs: list[Output]) -> None:
        person = identities.get(customer, customer)
        counter.person = people.setdefault(person, Person())
        counter.add(outputs)
        if keep:
            keep(person, outputs)

    for customer, state in fold_together(program, events, until, consume, answers=answers).items():
        counter.person = people.get(customer) or Person()
        counter.close(state)
