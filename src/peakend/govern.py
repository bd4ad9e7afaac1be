"""Every gate in one order: may this due step happen, must it wait, or is it suppressed, and why.

`decide` is pure and the same for live and backtest. Facts are gathered before the call; nothing here looks
anything up. A play can never send more than policy allows, because it has no way around this file.
Source of the gates: docs/semantics.md, section 4.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from math import isinf
from typing import NamedTuple, Protocol

from peakend.model.money import Answer, exact
from peakend.model.outcome import Sent, Verb

MANDATORY, SERVICE, CARE, ASK, MARKETING = range(5)
LONGEST_HOLD = 168 * 3_600_000_000
NO_ROOM = -1
TOTAL = -1


class Question(NamedTuple):
    """All that `decide` needs to know about one due step; instants in microseconds UTC.

    `moment` and `held_out` are False for steps that are not asked these gates.
    `quiet_until` and `cap_until` are 0 when the gate is passed; `cap_until` is NO_ROOM when waiting
    would not help. `first_hold` is 0 unless the step has been held before.
    """

    instant: int
    limit: int
    colleague: bool
    guard: bool
    consent: bool
    preference: bool
    moment: bool
    held_out: bool
    reachable: bool
    quiet_until: int
    cap_until: int
    budget: bool
    first_hold: int
    cancelled: bool = False


class Decision(NamedTuple):
    """The answer: `until` is set for a hold; `failed` names every gate that stood against the step."""

    outcome: Verb
    reason: str
    until: int
    failed: tuple[str, ...]


_SEND = Decision("send", "", 0, ())


def decide(q: Question) -> Decision:
    """Ask every gate in order; the first that fails is the reason."""
    customer = not q.colleague
    if (
        q.instant <= q.limit
        and q.guard
        and q.preference
        and q.budget
        and not (q.cancelled or q.held_out or q.moment)
        and (q.colleague or (q.consent and q.reachable and not q.quiet_until and not q.cap_until))
    ):
        return _SEND
    failed = [
        gate
        for gate, fails in (
            ("cancelled", q.cancelled),
            ("expired", q.instant > q.limit),
            ("guard", not q.guard),
            ("consent", customer and not q.consent),
            ("preference", not q.preference),
            ("moment", q.moment),
            ("holdout", q.held_out),
            ("reachable", customer and not q.reachable),
            ("quiet", customer and q.quiet_until != 0),
            ("cap", customer and q.cap_until != 0),
            ("budget", not q.budget),
        )
        if fails
    ]
    reason = failed[0]
    until = q.quiet_until if reason == "quiet" else q.cap_until if reason == "cap" else NO_ROOM
    if until == NO_ROOM or until > q.limit or until - (q.first_hold or q.instant) > LONGEST_HOLD:
        return Decision("suppress", reason, 0, tuple(failed))
    return Decision("hold", reason, until, tuple(failed))


def arm_share(name: str, salt: str, unit: str) -> float:
    """The place of `unit` in [0, 1) of the experiment `name`: below the holdout's share it is held out.

    >>> round(arm_share("usage-year", "1", "customer-42"), 6)
    0.17951
    """
    return int(hashlib.sha256(f"{name}|{salt}|{unit}".encode()).hexdigest()[:8], 16) / 16**8


class Cap(NamedTuple):
    """At most `at_most` messages of the class `rank` (or TOTAL) within `window` (0: the local day)."""

    rank: int
    at_most: int
    window: int


class Days(Protocol):
    """The customer's zone, as far as a cap needs it."""

    def day_start(self, instant: int) -> int: ...

    def next_day_start(self, instant: int) -> int: ...


def room_at(
    caps: Sequence[Cap], sent: Mapping[int, Sequence[Sent]], instant: int, rank: int, zone: Days
) -> int:
    """0 if every cap has room for one more message of this class now, else the instant at which all have.

    `sent` holds the messages of each rank in order of time. Only the last few of a rank can fill a cap, so
    the answer takes the same time however many were sent. Mandatory is never barred; a total cap bars care,
    ask and marketing only.
    """
    free = 0
    if rank == MANDATORY or not sent:
        return free
    for of_rank, at_most, window in caps:
        if of_rank != rank and (of_rank != TOTAL or rank < CARE):
            continue
        counted: Sequence[Sent] = sent.get(of_rank, ())
        if of_rank == TOTAL:
            counted = sorted(one for of in sent.values() for one in of[-at_most:])
        if len(counted) < at_most:
            continue
        begin = instant - window + 1 if window else zone.day_start(instant)
        oldest = counted[-at_most].instant
        if oldest >= begin:
            free = max(free, oldest + window if window else zone.next_day_start(instant))
    return free


class Purse(Protocol):
    """What customers share, as a due step asks for it: live the store's draws, for the past `Budgets`.

    `name` is the step's own message, whatever it leaves in; `message` the one that it left in.
    """

    def affords(self, budget: str, instant: int, amount: float, name: str) -> bool:
        """Whether `amount` is left of the budget in the period of `instant`."""

    def draw(self, budget: str, instant: int, amount: float, message: str) -> None:
        """Take what was found to be left."""

    def give_back(self, message: str) -> None:
        """Undo the draws of a message that failed; unknown messages are ignored."""


class Budgets:
    """What is left of the pack's budgets, reckoned from its own draws, in the order in which they are made.

    `answers` are those that were given to the very same questions live, by (name, instant): they stand.
    `asked` tells whether anybody wanted to know what is left, `reckoned` whether no answer was known.
    """

    def __init__(
        self,
        limits: Mapping[str, float],
        period: Callable[[str, int], str],
        answers: Mapping[tuple[str, int], Answer] | None = None,
    ) -> None:
        self._limits = {name: limit if isinf(limit) else exact(limit) for name, limit in limits.items()}
        self._period = period
        self._answers = answers or {}
        self._drawn: dict[tuple[str, str], int] = {}
        self._draws: dict[str, list[tuple[tuple[str, str], int]]] = {}
        self.asked = self.reckoned = False

    def affords(self, budget: str, instant: int, amount: float, name: str) -> bool:
        self.asked = True
        slot, wanted = (budget, self._period(budget, instant)), exact(amount)
        limit = self._limits[budget]
        known = self._answers.get((name, instant))
        if known is not None and _is_about(known, slot, wanted, limit):
            return known.enough
        self.reckoned = True
        return self._drawn.get(slot, 0) + wanted <= limit

    def draw(self, budget: str, instant: int, amount: float, message: str) -> None:
        slot, taken = (budget, self._period(budget, instant)), exact(amount)
        self._drawn[slot] = self._drawn.get(slot, 0) + taken
        self._draws.setdefault(message, []).append((slot, taken))

    def give_back(self, message: str) -> None:
        for slot, taken in self._draws.pop(message, ()):
            self._drawn[slot] -= taken


def _is_about(known: Answer, slot: tuple[str, str], wanted: int, limit: float) -> bool:
    """Whether the very same was asked live; of another amount, period or limit an answer says nothing."""
    same = (known.budget, known.period) == slot and exact(known.amount) == wanted
    return same and (isinf(limit) or exact(known.at_most) == limit)


def keep_recent(sent: list[Sent], horizon: int) -> None:
    """Forget messages at or before `horizon`: no cap looks back that far."""
    if sent and sent[0].instant <= horizon:
        del sent[: bisect_right(sent, horizon, key=lambda s: s.instant)]
