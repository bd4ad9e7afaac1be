"""From verdicts to deliveries: one for each channel that a send goes through, its key unique for ever.

Nothing is sent here, and no verdict is made: what the fold let go is written down to be handed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from typing import Final

import msgspec

from peakend.fold import Program
from peakend.model.outcome import Content, Output, Verdict, message_of
from peakend.model.stored import Planned, Told
from peakend.store.base import Store
from peakend.trigger.rules import StepRule
from peakend.trigger.state import NEVER

AGAIN: Final = frozenset({"email", "console", "card", "webhook"})
"""Channels on which a second hand-over does no harm: a mail has its Message-ID, all others their send key."""
CARD: Final = "card"
"""The inbox of colleagues: cards and tasks."""
CONSOLE: Final = "console"
"""What waits in the customer's own console until it is looked at."""
SPREAD: Final = 600_000_000
"""Microseconds over which those leave that have waited for the end of the same night."""

_encode = msgspec.msgpack.Encoder().encode
_content = msgspec.msgpack.Decoder(Content)


def planned(
    program: Program,
    outputs: Iterable[Output],
    contents: Sequence[Content],
    pinned: Mapping[tuple[str, str, int], str] = MappingProxyType({}),
) -> Iterator[Planned]:
    """The deliveries of all sends among some outputs, whose contents are told beside them.

    `pinned` are the runs that follow an older play.
    """
    limits = {_part(one): one.limit for one in contents}
    for one in outputs:
        if isinstance(one, Verdict) and one.outcome == "send":
            own = _part(one)
            if one.message != own:
                continue  # it joined a message that is planned already
            rule = program.rules.rule_of(one.play, pinned.get((one.play, one.key, one.occurrence), ""))
            step = next(step for step in rule.steps if step.name == one.step)
            waits = 0 if step.colleague or rule.gather == NEVER else rule.gather
            for channel in (CARD,) if step.colleague else one.channels:
                yield _delivery(one, step, channel, waits, limits[own])


def told(contents: Iterable[Content]) -> list[Told]:
    """Contents as the store keeps them."""
    return [Told(one.message, _part(one), one.customer, one.instant, _encode(one)) for one in contents]


def send_key(message: str, channel: str, contact: str = "") -> str:
    """What names one delivery for ever: its message, which names run, step and round, channel and contact."""
    return sha256("\0".join((message, channel, contact)).encode()).hexdigest()


def once(channel: str, action: str) -> bool:
    """Whether a delivery must not be handed over again where nobody knows what became of it: money never."""
    return channel not in AGAIN or action == "give"


def _part(one: Verdict | Content) -> str:
    return message_of(one.customer, one.play, one.key, one.occurrence, one.step, one.round)


def _delivery(verdict: Verdict, step: StepRule, channel: str, waits: int, limit: int) -> Planned:
    key = send_key(verdict.message, channel, verdict.contact)
    since = verdict.instant + waits
    if verdict.holds and not step.urgent and not step.colleague:
        since += int(key[:8], 16) % SPREAD
    return Planned(
        send_key=key,
        customer=verdict.customer,
        play=verdict.play,
        key=verdict.key,
        occurrence=verdict.occurrence,
        step=verdict.step,
        round=verdict.round,
        message=verdict.message,
        channel=channel,
        contact=verdict.contact,
        rank=step.rank,
        since=min(since, max(limit, verdict.instant) + waits),
        until=limit + waits,
        at_most_once=once(channel, step.action),
    )


def contents_of(store: Store, message: str) -> list[Content]:
    """What the words of a message may speak of, one for each send in it."""
    return [_content.decode(body) for body in store.contents(message)]
