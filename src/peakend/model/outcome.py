"""What the fold concludes: runs, verdicts, encounters, breaches.

Outputs are computed from the log and never read back as inputs. Each is one flat record, so that the
backtest can stream them, the store can keep them as rows, and `why` can tell them as a story.
All instants are microseconds since 1970-01-01T00:00Z.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import msgspec

Verb = Literal["send", "hold", "suppress"]
State = Literal["magical", "neutral", "miserable"]


class Sent(NamedTuple):
    """A message that was let go at `instant`; it counts toward the caps of its class's rank."""

    instant: int
    rank: int
    message: str


def message_of(customer: str, play: str, key: str, occurrence: int, step: str, round_: int) -> str:
    """The name of the message of one round of a step that leaves alone, or as the first of several."""
    return f"{customer}|{play}|{key}|{occurrence}|{step}|{round_}"


class Entered(msgspec.Struct, tag="entered", array_like=True, gc=False):
    """A run began: the entry happened at `at` and was learnt at `seen`."""

    customer: str
    play: str
    key: str
    occurrence: int
    at: int
    seen: int
    kind: str


class Unmet(msgspec.Struct, array_like=True, frozen=True):
    """A clause of a condition that did not hold, and what it read: `customer.NAME`, `facts.NAME`, or whether
    something is open at a touchpoint (`open.NAME`)."""

    text: str
    read: dict[str, Any]


class Passed(msgspec.Struct, tag="passed", array_like=True, gc=False):
    """An event of a play's `on` that started no run, and why; `unmet` where a program names clauses.

    Reasons: where_unknown, where_false, late, key_missing, count, paused, cool_down, already_open,
    already_ran.
    """

    customer: str
    play: str
    key: str
    at: int
    seen: int
    kind: str
    reason: str
    unmet: tuple[Unmet, ...] = ()


class Ended(msgspec.Struct, tag="ended", array_like=True, gc=False):
    """A run ended, `how` being the exit's name or `completed`; `pending` names the steps that it spared.

    A merge of customers ends runs as `merged` (another one of the lane stays) or `carried` (it goes on under
    the other name, where it is entered by the kind customer.joined).

    `at` is when the ending event happened, `seen` when it was learnt.
    """

    customer: str
    play: str
    key: str
    occurrence: int
    how: str
    kind: str
    at: int
    seen: int
    pending: tuple[tuple[str, int], ...] = ()


class Verdict(msgspec.Struct, tag="verdict", array_like=True, gc=False):
    """The decision about one due step: `outcome` with its `reason` (the gate; '' for a clean send).

    `step` is the step's name, `round` counts its repetitions from 0. `due` is None where no date was known.
    `until` is set for a hold. `failed` lists every gate that stood against it, the reason first.
    `message` is the same for all that leave as one message; `holds` is 1 if it was held before.
    """

    customer: str
    play: str
    key: str
    occurrence: int
    step: str
    round: int
    due: int | None
    instant: int
    outcome: Verb
    reason: str
    until: int = 0
    channels: tuple[str, ...] = ()
    contact: str = ""
    message: str = ""
    amount: float = 0.0
    failed: tuple[str, ...] = ()
    holds: int = 0


class Content(msgspec.Struct, tag="content", array_like=True, gc=False):
    """What the words of one send may speak of, as it was known at `instant`; told beside outputs, never one.

    `message` is the one that it leaves in, `limit` the last instant at which it still helps. `fields` are
    those of the run, typed as an event's data; `profile` and `facts` are the customer's attributes and facts
    at that instant. `text` names the text or card, `attach` the texts that go with it, `role` the colleague
    who is meant.
    """

    customer: str
    play: str
    key: str
    occurrence: int
    step: str
    round: int
    message: str
    instant: int
    due: int
    limit: int
    action: str
    text: str
    role: str
    rank: int
    amount: float
    attach: tuple[str, ...]
    fields: dict[str, Any]
    profile: dict[str, Any]
    facts: dict[str, Any]


class Regretted(msgspec.Struct, tag="regretted", array_like=True, gc=False):
    """A step was sent at `sent` although its exit had happened at `at`; the news came only at `seen`."""

    customer: str
    play: str
    key: str
    occurrence: int
    step: str
    round: int
    sent: int
    at: int
    seen: int
    source: str


class Exposed(msgspec.Struct, tag="exposed", array_like=True, gc=False):
    """A run reached the point where its arm matters: `arm` is 'play' or 'holdout'."""

    customer: str
    play: str
    key: str
    occurrence: int
    experiment: str
    arm: Literal["play", "holdout"]
    instant: int


class Breached(msgspec.Struct, tag="breached", array_like=True, gc=False):
    """A standard's deadline passed without proof."""

    customer: str
    touchpoint: str
    key: str
    standard: str
    begun: int
    deadline: int
    instant: int


class StandardResult(msgspec.Struct, array_like=True, gc=False):
    """How one standard fared in one encounter; `used` and `within` in microseconds of its own calendar."""

    standard: str
    result: Literal["kept", "breached", "open"]
    used: int
    within: int
    late_proof: bool = False


class Encountered(msgspec.Struct, tag="encountered", array_like=True, gc=False):
    """One encounter, closed (`settled` False, the state so far) or settled (the final state).

    `channel` is the field of that name of its begin event.
    """

    customer: str
    touchpoint: str
    key: str
    begun: int
    ended: int
    instant: int
    state: State
    settled: bool
    unfinished: bool
    rating: float | None
    standards: tuple[StandardResult, ...] = ()
    channel: str = ""


class Merged(msgspec.Struct, tag="merged", array_like=True, gc=False):
    """From `instant` on `former` is known as `customer`, and what was known of both is known of one.

    It marks exposures: those of `former`, and those of `customer` from before, leave the proof.
    """

    customer: str
    former: str
    instant: int


class Standing(msgspec.Struct, array_like=True, gc=False):
    """How one encounter that has not settled stands at an instant; never an output, only an answer.

    `ended` is None while it is open. `state` is None where nothing can be said yet: nobody rated it and no
    standard was running, or it is open and nothing has gone wrong so far.
    """

    touchpoint: str
    key: str
    begun: int
    ended: int | None
    state: State | None
    rating: float | None
    standards: tuple[StandardResult, ...] = ()
    channel: str = ""


Output = Entered | Passed | Ended | Verdict | Regretted | Exposed | Breached | Encountered | Merged
