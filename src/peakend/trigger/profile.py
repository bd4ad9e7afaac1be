"""The profile: attributes, contacts, consents and preferences, as the customer's own events have set them.

An attribute, a consent or a preference is what the greatest (at, seq) said. Who is asked before a message
leaves is found in `fold.reach`; here it is only remembered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from peakend.model.event import Event
from peakend.trigger.state import NEVER, Consent, Contact, CustomerState, Preference


def set_attribute(state: CustomerState, name: str, event: Event, value: Any) -> bool:
    """Set an attribute unless a later event has set it; tell whether its value changed."""
    known = state.profile.get(name)
    if known is not None and (known[0], known[1]) > (event.at, event.seq):
        return False
    state.profile[name] = (event.at, event.seq, value)
    return known is None or known[2] != value


def contact_set(state: CustomerState, event: Event) -> None:
    """`contact.set`: a person gets a role, an address on a channel, and whether it may be used."""
    data, order = event.data, (event.at, event.seq)
    if not data.get("contact"):
        return
    contact = state.contacts.setdefault(data["contact"], Contact())
    if order < contact.removed.get("", order):
        return
    role, channel, name = data.get("role"), data.get("channel"), data.get("name")
    if role:
        contact.roles[role] = max(order, contact.roles.get(role, order))
    if name and order > contact.named:
        contact.name, contact.named = name, order
    known = (
        contact.addresses[channel][2] if channel in contact.addresses else contact.removed.get(channel or "")
    )
    if channel and data.get("address") and (known is None or known < order):
        contact.addresses[channel] = (data["address"], data.get("consent") is not False, order)


def contact_removed(state: CustomerState, event: Event) -> None:
    """`contact.removed`: one channel of a person, or the whole person."""
    name, order = event.data.get("contact"), (event.at, event.seq)
    if not name:
        return
    contact = state.contacts.setdefault(name, Contact())
    gone = event.data.get("channel") or ""
    contact.removed[gone] = max(order, contact.removed.get(gone, order))
    for channel, (_, _, since) in list(contact.addresses.items()):
        if gone in ("", channel) and since < order:
            del contact.addresses[channel]
    if not gone:
        contact.roles = {role: since for role, since in contact.roles.items() if since > order}


def consent(state: CustomerState, event: Event) -> None:
    """`consent.given` and `consent.withdrawn` for marketing or a channel, with date and source."""
    what = event.data.get("what") or "marketing"
    order = (event.at, event.seq)
    known = state.consents.get(what)
    if known is None or known.order < order:
        given = event.kind == "consent.given"
        state.consents[what] = Consent(order, given, event.data.get("source") or event.source)


def preference(state: CustomerState, event: Event, day_end: int) -> None:
    """`preference.set` and `preference.cleared`; scope visit lasts while the encounters open now last."""
    what = event.data.get("what") or "do_not_disturb"
    order = (event.at, event.seq)
    known = state.preferences.get(what)
    if known is not None and known.order > order:
        return
    until = event.data.get("until")
    until = until if isinstance(until, int) else NEVER
    visit: list[tuple[str, str, int]] = []
    if event.data.get("scope") == "visit":
        visit = [
            (name, key, encounter.begun[1])
            for name, point in state.points.items()
            for key, found in point.encounters.items()
            for encounter in found
            if encounter.ended == NEVER
        ]
        if not visit and until == NEVER:
            until = day_end
    state.preferences[what] = Preference(order, event.kind == "preference.set", until, visit)


def wishes(state: CustomerState, what: str, instant: int) -> bool:
    """Whether a preference is in force at an instant."""
    wish = state.preferences.get(what)
    if wish is None or not wish.on or (wish.until != NEVER and instant >= wish.until):
        return False
    return not wish.visit or any(_still_open(state, *one) for one in wish.visit)


def _still_open(state: CustomerState, touchpoint: str, key: str, seq: int) -> bool:
    point = state.points.get(touchpoint)
    found = point.encounters.get(key, ()) if point else ()
    return any(e.begun[1] == seq and e.ended == NEVER for e in found)


BUILT_IN: dict[str, Callable[[CustomerState, Event], None]] = {
    "contact.set": contact_set,
    "contact.removed": contact_removed,
    "consent.given": consent,
    "consent.withdrawn": consent,
}
"""What each built-in kind does to the profile; preferences also need the end of the local day."""
