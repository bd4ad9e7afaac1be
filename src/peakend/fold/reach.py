"""Whom a step reaches, and through which channels: roles, addresses, consent and refused channels.

It only gathers what the gates consent, preference and reachable ask about; it decides nothing.
Source: docs/semantics.md, section 4, "Who gets it".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from peakend.govern import CARE, MANDATORY, MARKETING
from peakend.trigger.profile import wishes
from peakend.trigger.rules import PlayRule, StepRule
from peakend.trigger.state import Address, Contact, CustomerState

ADDRESSLESS = frozenset({"console"})
"""Channels on which the customer's people are found without an address."""


class Candidate(NamedTuple):
    """One way to somebody: a channel, a contact (its id and name), an address, and whether it may be used."""

    channel: str
    contact: str
    consent: bool
    address: str = ""
    name: str = ""


class Reach(NamedTuple):
    """Answers for three gates, and who would get it."""

    consent: bool
    preference: bool
    reachable: bool
    contact: str
    channels: tuple[str, ...]


def reach(state: CustomerState, play: PlayRule, step: StepRule, instant: int, contacts_known: bool) -> Reach:
    """Find the contact and the channels of a step for the customer."""
    calm = not state.preferences or step.rank < CARE or not disturbed(state, play, instant)
    if not contacts_known:
        allowed = [c for c in step.channels if not _refused(state, step, c, instant)]
        chosen = tuple(allowed) if step.all_channels else tuple(allowed[:1])
        return Reach(True, calm and (bool(allowed) or not step.channels), True, "", chosen)
    found = list(_candidates(state, play, step))
    agreed = [c for c in found if _agreed(state, step, c)]
    left = [c for c in agreed if not _refused(state, step, c.channel, instant)]
    opted_in = _opted_in(state, step)
    return Reach(
        opted_in and (bool(agreed) or not found),
        calm and (bool(left) or not agreed),
        bool(found),
        left[0].contact if left else "",
        tuple(dict.fromkeys(c.channel for c in (left if step.all_channels else left[:1]))),
    )


def open_ways(state: CustomerState, play: PlayRule, step: StepRule, instant: int) -> list[Candidate]:
    """Every way on which the step may reach somebody at an instant, the one to be preferred first."""
    if not _opted_in(state, step):
        return []
    return [
        way
        for way in _candidates(state, play, step)
        if _agreed(state, step, way) and not _refused(state, step, way.channel, instant)
    ]


def disturbed(state: CustomerState, play: PlayRule, instant: int) -> bool:
    """Whether the customer asked not to be disturbed: at all, by this play, or about its touchpoint."""
    return any(wishes(state, what, instant) for what in ("do_not_disturb", play.name, play.touchpoint))


def quiet_wish(state: CustomerState, step: StepRule, instant: int) -> bool:
    """Whether a step for a colleague is of the class care and the customer asked not to be disturbed."""
    return step.rank == CARE and wishes(state, "do_not_disturb", instant)


def _candidates(state: CustomerState, play: PlayRule, step: StepRule) -> Iterator[Candidate]:
    """By role, then channel, then contact."""
    for role in play.roles or ("",):
        people = [
            (name, contact)
            for name, contact in sorted(state.contacts.items())
            if role in contact.roles or (not role and (contact.roles or contact.addresses))
        ]
        channels = step.channels or tuple(
            dict.fromkeys(channel for _, contact in people for channel in _as_set(contact))
        )
        for channel in channels:
            if channel in ADDRESSLESS:
                name, contact = people[0] if people else ("", Contact())
                yield Candidate(channel, name, True, "", contact.name)
                continue
            for name, contact in people:
                if channel in contact.addresses:
                    address, consent = newest(contact.addresses[channel])
                    yield Candidate(channel, name, consent, address, contact.name)


def newest(known: Sequence[Address]) -> tuple[str, bool]:
    """The newest address that is consented to, else the newest of all."""
    return next(((address, True) for address, consent, _ in known if consent), (known[0][0], False))


def _agreed(state: CustomerState, step: StepRule, way: Candidate) -> bool:
    return step.rank == MANDATORY or (way.consent and not _withdrawn(state, way.channel))


def _opted_in(state: CustomerState, step: StepRule) -> bool:
    return step.rank != MARKETING or _given(state, "marketing")


def _as_set(contact: Contact) -> list[str]:
    """The channels of a contact in the order in which their addresses were last set."""
    return sorted(contact.addresses, key=lambda channel: contact.addresses[channel][0][2])


def _refused(state: CustomerState, step: StepRule, channel: str, instant: int) -> bool:
    return step.rank != MANDATORY and wishes(state, channel, instant)


def _withdrawn(state: CustomerState, channel: str) -> bool:
    consent = state.consents.get(channel)
    return consent is not None and not consent.given


def _given(state: CustomerState, what: str) -> bool:
    consent = state.consents.get(what)
    return consent is not None and consent.given
