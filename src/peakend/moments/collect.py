"""From one customer's log to answers and the encounters that came before each of them.

The very fold that runs live walks the history. At each answer it is asked how the encounters stand, before
the answer itself is folded; and the answer is folded without its value, so that it can never colour the
state of what it is meant to explain. Encounters that had not settled when the log ended are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from peakend.fold import CustomerState, Program, attribute, holds, new_state, standing, step
from peakend.model.event import Event
from peakend.model.outcome import Encountered, State
from peakend.moments.lived import Lived, Tally
from peakend.trigger.encounters import says_something
from peakend.trigger.where import Condition

_PIECE: Final = 4096
VALUE: Final[dict[State, int]] = {"miserable": -1, "neutral": 0, "magical": 1}
Identity = tuple[str, str, int]
"""Touchpoint, key and begin of an encounter."""


class Question(NamedTuple):
    """What is explained: the field of a kind of event (where a condition holds), looking back `window`.

    Without a field the event itself is a yes, and those of the kinds `against` are a no. `value` reads an
    answer, None for what is none. `segments` are attributes of the customer that the answers may be compared
    by. Microseconds.
    """

    kind: str
    field: str | None
    against: frozenset[str]
    where: Condition | None
    value: Callable[[Any], float | None]
    window: int
    segments: tuple[str, ...] = ()


class Met(NamedTuple):
    """One encounter before an answer. `at` is its end, or the answer while it is open."""

    touchpoint: str
    key: str
    begun: int
    at: int
    state: int | None
    rating: float | None
    channel: str


class Answered(NamedTuple):
    """One answer: when, what, whence, the customer's attributes at that moment, and what came before it."""

    at: int
    value: float
    source: str
    segments: tuple[str | None, ...]
    met: list[Met]


def collect(
    program: Program, question: Question, customer: str, events: Iterable[Event], until: int
) -> tuple[list[Answered], list[Lived]]:
    """Fold one customer's events up to `until`; give the answers in order, and settled encounters counted."""
    walk = _Walk(program, question, customer)
    for event in events:
        if event.kind == question.kind or event.kind in question.against:
            walk.fold(event.seen - 1)
            walk.answer(event)
        else:
            walk.waiting.append(event)
            if len(walk.waiting) >= _PIECE:
                walk.fold(None)
    walk.fold(until)
    return list(walk.settled_only()), walk.lived.rows()


class _Walk:
    """One customer on the way through the log."""

    def __init__(self, program: Program, question: Question, customer: str) -> None:
        self._program, self._question = program, question
        self._state: CustomerState = new_state(customer)
        self._past: list[Met] = []
        self._settled: set[Identity] = set()
        self._answers: list[Answered] = []
        self.waiting: list[Event] = []
        self.lived = Tally()

    def fold(self, tick: int | None) -> None:
        """Fold what waits, then run the timers up to `tick`."""
        _, outputs = step(self._program, self._state, self.waiting, tick)
        self.waiting = []
        for output in outputs:
            if isinstance(output, Encountered) and output.settled:
                self._settle(output)

    def answer(self, event: Event) -> None:
        """Remember an answer with what came before it, and hand the fold the event without its value."""
        question = self._question
        value = self._value(event)
        if value is None:
            self.waiting.append(event)
            return
        since = event.at - question.window
        self._past = [met for met in self._past if met.at >= since]
        now = [
            Met(
                one.touchpoint,
                one.key,
                one.begun,
                one.ended or event.at,
                _number(one.state),
                one.rating,
                one.channel,
            )
            for one in standing(self._program, self._state, event.at)
        ]
        met = [one for one in (*self._past, *now) if one.begun < event.at and since <= one.at <= event.at]
        known = (attribute(self._program, self._state, name) for name in question.segments)
        segments = tuple(None if one is None else str(one) for one in known)
        self._answers.append(Answered(event.at, value, event.source, segments, met))
        unsaid = {name: said for name, said in event.data.items() if name != question.field}
        self.waiting.append(replace(event, data=unsaid))

    def _value(self, event: Event) -> float | None:
        """What an event answers; None where it answers nothing."""
        question = self._question
        if event.kind in question.against:
            return 0.0
        raw = event.data.get(question.field) if question.field else True
        if raw is None or (
            question.where and holds(self._program, self._state, question.where, event) is not True
        ):
            return None
        return question.value(raw)

    def settled_only(self) -> Iterator[Answered]:
        """The answers, each with those encounters only that settled before the log ended."""
        for one in self._answers:
            yield one._replace(met=[m for m in one.met if (m.touchpoint, m.key, m.begun) in self._settled])

    def _settle(self, output: Encountered) -> None:
        self._settled.add((output.touchpoint, output.key, output.begun))
        rule = self._program.rules.points[output.touchpoint]
        known = says_something(rule, output.rating, output.standards) or output.state == "miserable"
        state = VALUE[output.state] if known else None
        self._past.append(
            Met(
                output.touchpoint,
                output.key,
                output.begun,
                output.ended,
                state,
                output.rating,
                output.channel,
            )
        )
        place = (output.touchpoint, output.channel, "")
        self.lived.add(place, known=state is not None, miserable=state == -1, magical=state == 1)
        for one in output.standards:
            place = (output.touchpoint, output.channel, one.standard)
            self.lived.add(place, known=one.result != "open", kept=one.result == "kept")


def _number(state: State | None) -> int | None:
    return None if state is None else VALUE[state]
