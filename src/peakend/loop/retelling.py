"""A customer's log told again, for another pack: each name apart until its join, and as one from then on.

The events of a customer lie in the log under every name that she had; a merge is an input of the name that
goes, whoever told it. Source: docs/semantics.md, sections 7 and 8.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import msgspec

from peakend.fold import CustomerState, Program, join, let_go, new_state, step
from peakend.listen.identity import Identities, names_of
from peakend.loop.programs import Version
from peakend.model.event import JOINED, Event
from peakend.model.outcome import Output
from peakend.model.stored import Recorded


def whose(event: Event) -> str:
    """The name that an input was told of."""
    names = names_of(event.kind, event.customer, event.data)
    return names[0] if names else event.customer


class Retelling:
    """The states of all names of one customer while her log is told again; `heard` gets what it concludes."""

    def __init__(self, version: Version, program: Program, heard: list[Output] | None = None) -> None:
        self._version, self._program, self._heard = version, program, heard
        self._states: dict[str, CustomerState] = {}
        self._known = Identities()

    def tell(self, recorded: Sequence[Recorded]) -> None:
        """Fold what comes next in the order of (seen, seq)."""
        for joins, piece in groupby(recorded, key=lambda one: one.kind == JOINED):
            if joins:
                for one in piece:
                    self._join(one)
                continue
            events: dict[str, list[Event]] = {}
            for event in self._version.typed([*piece]):
                events.setdefault(self._known.of(whose(event)), []).append(event)
            for name, own in events.items():
                self._hear(step(self._program, self._state(name), own)[1])

    def let_go(self, now: int) -> None:
        """Drop what nobody can ask for any more."""
        for state in self._states.values():
            let_go(self._program, state, now)

    def told(self, customer: str, until: int) -> CustomerState:
        """The state of a customer, all told, after a tick."""
        state = self._state(customer)
        step(self._program, state, (), until)
        let_go(self._program, state, until)
        return state

    def _join(self, one: Recorded) -> None:
        former = msgspec.json.decode(one.data)["from"]
        self._known.merge(former, one.customer)
        event = Event(one.customer, JOINED, one.at, one.seen, one.seq, {"from": former})
        self._hear(join(self._program, self._state(one.customer), self._state(former), event)[1])
        del self._states[former]

    def _hear(self, outputs: list[Output]) -> None:
        if self._heard is not None:
            self._heard += outputs

    def _state(self, name: str) -> CustomerState:
        return self._states.setdefault(name, new_state(name))
