"""From verdicts to deliveries: one for each channel that a send goes through, its key unique for ever.

Nothing is sent here, and no verdict is made: what the fold let go is written down to be handed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from peakend.fold import Program
from peakend.model.outcome import Output, Verdict, message_of
from peakend.model.stored import Planned
from peakend.trigger.rules import StepRule
from peakend.trigger.state import NEVER

AGAIN: Final = frozenset({"email", "console", "card"})
"""Channels on which a second hand-over does no harm: a mail has its Message-ID, a note its key."""
CARD: Final = "card"
"""The inbox of colleagues: cards and tasks."""


def planned(
    program: Program,
    outputs: Iterable[Output],
    pinned: Mapping[tuple[str, str, int], str] = MappingProxyType({}),
) -> Iterator[Planned]:
    """The deliveries of all sends among some outputs; `pinned` are the runs that follow an older play."""
    for one in outputs:
        if isinstance(one, Verdict) and one.outcome == "send":
            rule = program.rules.rule_of(one.play, pinned.get((one.play, one.key, one.occurrence), ""))
            step = next(step for step in rule.steps if step.name == one.step)
            own = message_of(one.customer, one.play, one.key, one.occurrence, one.step, one.round)
            if one.message != own:
                continue  # it joined a message that is planned already
            waits = 0 if step.colleague or rule.gather == NEVER else rule.gather
            for channel in (CARD,) if step.colleague else one.channels:
                yield _delivery(one, step, channel, one.instant + waits)


def send_key(verdict: Verdict, channel: str) -> str:
    """What names one delivery for ever: its run, step and round, and the channel."""
    parts = (
        *(verdict.customer, verdict.play, verdict.key, str(verdict.occurrence)),
        *(verdict.step, str(verdict.round), channel),
    )
    return sha256("\0".join(parts).encode()).hexdigest()


def _delivery(verdict: Verdict, step: StepRule, channel: str, since: int) -> Planned:
    return Planned(
        send_key=send_key(verdict, channel),
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
        since=since,
        until=since + step.expires,
        at_most_once=channel not in AGAIN or step.action == "give",
    )
