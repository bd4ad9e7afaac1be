"""Whom a step reaches, and through which channels: roles, addresses, consent and refused channels.

It only gathers what the gates consent, preference and reachable ask about; it decides nothing.
Source: docs/semantics.md, section 4, "Who gets it".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from peakend.govern import CARE, MANDATORY, MARKETING
from peakend.trigger.profile import wishes
from peakend.trigger.rules import PlayRule, StepRule
from peakend.trigger.state import Contact, CustomerState

ADDRESSLESS = frozenset({"console"})
"""Channels on which the customer's people are found without an address."""


class Reach(NamedTuple):
    """Answers for three gates, and who would get it."""

    consent: bool
    preference: bool
    reachable: bool
    contact: str
    channels: tuple[str, ...]


def reach(state: CustomerState, play: PlayRule, step: StepRule, instant: int, contacts_known: bool) -> Reach:
    """Find the contact and the channels of a step for the customer."""
    calm = not state.preferences or step.rank < CARE or not _disturbed(state, play, instant)
    if not contacts_known:
        allowed = [c for c in step.channels if not _refused(state, step, c, instant)]
        chosen = tuple(allowed) if step.all_channels else tuple(allowed[:1])
        return Reach(True, calm and (bool(allowed) or not step.channels), True, "", chosen)
    found = list(_candidates(state, play, step))
    agreed = [c for c in found if step.rank == MANDATORY or (c[2] and not _withdrawn(state, c[0]))]
    left = [c for c in agreed if not _refused(state, step, c[0], instant)]
    opted_in = step.rank != MARKETING or _given(state, "marketing")
    return Reach(
        opted_in and (bool(agreed) or not found),
        calm and (bool(left) or not agreed),
        bool(found),
        left[0][1] if left else "",
        tuple(dict.fromkeys(c[0] for c in left)) if step.all_channels else tuple(c[0] for c in left[:1]),
    )


def address_of(state: CustomerState, contact: str, channel: str, rank: int) -> str | None:
    """The address that a message to a contact goes to: the newest that is consented to.

    Mandatory minds no consent: without a consented address it goes to the newest.
    """
    known = state.contacts[contact].addresses.get(channel, []) if contact in state.contacts else []
    agreed = [address for address, consent, _ in known if consent]
    chosen = agreed or [address for address, _, _ in known if rank == MANDATORY]
    return chosen[0] if chosen else None


def _disturbed(state: CustomerState, play: PlayRule, instant: int) -> bool:
    return any(wishes(state, what, instant) for what in ("do_not_disturb", play.name, play.touchpoint))


def quiet_wish(state: CustomerState, step: StepRule, instant: int) -> bool:
    """Whether a step for a colleague is of the class care and the customer asked not to be disturbed."""
    return step.rank == CARE and wishes(state, "do_not_disturb", instant)


def _candidates(state: CustomerState, play: PlayRule, step: StepRule) -> Iterator[tuple[str, str, bool]]:
    """(channel, contact, consent) by role, then channel, then contact."""
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
                yield channel, people[0][0] if people else "", True
                continue
            for name, contact in people:
                if channel in contact.addresses:
                    yield channel, name, any(agreed for _, agreed, _ in contact.addresses[channel])


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
