"""The profile: attributes, contacts, consents and preferences, as the customer's own events have set them.

An attribute, a consent or a preference is what the greatest (at, seq) said. Who is asked before a message
leaves is found in `fold.reach`; here it is only remembered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from peakend.model.event import Event
from peakend.trigger.state import NEVER, Address, Consent, Contact, CustomerState, Order, Preference


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
    if channel and data.get("address"):
        add_address(contact, channel, (data["address"], data.get("consent") is not False, order))


def add_address(contact: Contact, channel: str, new: Address) -> None:
    """Give a contact an address on a channel beside those that it has there, unless it was removed later."""
    address, _, order = new
    if any(order < contact.removed.get(gone, order) for gone in ("", channel, *_names(channel, address))):
        return
    others = [one for one in contact.addresses.get(channel, ()) if one[0] != address or one[2] > order]
    if all(one[0] != address for one in others):
        contact.addresses[channel] = sorted([new, *others], key=lambda one: one[2], reverse=True)


def contact_removed(state: CustomerState, event: Event) -> None:
    """`contact.removed`: one address of a person, one channel, or the whole person."""
    name, order = event.data.get("contact"), (event.at, event.seq)
    if not name:
        return
    channel, address = event.data.get("channel") or "", event.data.get("address")
    gone = f"{channel}\n{address}" if address else channel
    remove(state.contacts.setdefault(name, Contact()), gone, order)


def remove(contact: Contact, gone: str, order: Order) -> None:
    """Take away what `gone` names, as far as it was given before (at, seq)."""
    contact.removed[gone] = max(order, contact.removed.get(gone, order))
    for channel, known in list(contact.addresses.items()):
        kept = [
            one for one in known if one[2] >= order or gone not in ("", channel, *_names(channel, one[0]))
        ]
        if kept:
            contact.addresses[channel] = kept
        else:
            del contact.addresses[channel]
    if not gone:
        contact.roles = {role: since for role, since in contact.roles.items() if since > order}


def _names(channel: str, address: str) -> tuple[str, str]:
    return f"{channel}\n{address}", f"\n{address}"


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
