"""Who a customer is: the profile as the fold knows it now, and what stays in mind of the encounters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from peakend.fold import CustomerState, known, new_state, standing
from peakend.loop.customers import load
from peakend.loop.programs import Programs
from peakend.model.looked import AskedEncounters, AskedEvents
from peakend.model.outcome import Encountered, State
from peakend.model.pack import Pack
from peakend.model.stored import Recorded
from peakend.store import Store
from peakend.tell.masked import masked, masked_text
from peakend.trigger.profile import wishes
from peakend.trigger.state import NEVER
from peakend.why.held import can_be, unknown
from peakend.wire.customers import Consented, Current, Felt, Person, Profile, Way, Wished

_RECENT: Final = 100
"""Encounters that are looked at for the last peak and pit."""


def profile_of(
    store: Store, programs: Programs, pack: Pack, customer: str, now: int, *, unmask: bool = False
) -> Profile:
    """The profile of a customer at `now` (microseconds UTC). Raises why.held.Unknown."""
    names, newest = names_known(store, customer)
    state = state_of(store, programs, names)
    program = programs.current.program
    attributes, facts = known(program, state, now)
    addresses = addresses_in(state)
    people = tuple(_person(name, state, unmask) for name in sorted(state.contacts))
    people = tuple(one for one in people if one.roles or one.ways or one.name)
    called = str(attributes.get("name") or next((one.name for one in people if one.name), ""))
    peak, pit, end = remembered(store, names[0])
    return Profile(
        customer=names[0],
        names=tuple(names[1:]),
        called=called,
        masked=not unmask,
        zone=_zone(pack, attributes),
        attributes=_shown(attributes, addresses | secrets_in(pack, state), unmask),
        facts=_shown(facts, addresses, unmask),
        people=people,
        consents=tuple(
            Consented(what=what, given=one.given, at=one.order[0], source=one.source)
            for what, one in sorted(state.consents.items())
        ),
        preferences=tuple(
            Wished(
                what=what,
                active=wishes(state, what, now),
                at=one.order[0],
                until=None if one.until == NEVER else one.until,
            )
            for what, one in sorted(state.preferences.items())
        ),
        now=tuple(
            Current(
                touchpoint=one.touchpoint,
                key=one.key,
                begun=one.begun,
                ended=one.ended,
                state=one.state,
                standards={each.standard: each.result for each in one.standards},
            )
            for one in standing(program, state, now)
        ),
        peak=peak,
        pit=pit,
        end=end,
        last_seen=newest.seen if newest else 0,
        pack=pack.hash,
    )


def names_known(store: Store, customer: str) -> tuple[list[str], Recorded | None]:
    """All names of a person, the one that stays first, and the newest input. Raises why.held.Unknown."""
    if not can_be(customer):
        raise unknown(customer)
    names = store.names_of(customer)
    newest = store.list_events(AskedEvents(customer=customer), limit=1).rows
    if not newest and len(names) < 2 and not store.states(names):
        raise unknown(customer)
    return names, newest[0] if newest else None


def state_of(store: Store, programs: Programs, names: Sequence[str]) -> CustomerState:
    """The newest state of a person; that of another name while its join is still to come."""
    found = load(store, programs, names)
    return next((found[name].state for name in names if name in found), new_state(names[0]))


def addresses_in(state: CustomerState) -> set[str]:
    """Every address that somebody of the customer has now."""
    return {
        address
        for person in state.contacts.values()
        for ways in person.addresses.values()
        for address, _, _ in ways
        if address
    }


def secrets_in(pack: Pack, state: CustomerState) -> set[str]:
    """The values of the attributes that the pack calls sensitive."""
    return {
        str(state.profile[name][2])
        for name, attribute in pack.head.customer.items()
        if attribute.sensitive and name in state.profile and state.profile[name][2] is not None
    }


def remembered(store: Store, customer: str) -> tuple[Felt | None, Felt | None, Felt | None]:
    """The last peak, the last pit, and the last encounter of all."""
    recent = store.list_encounters(AskedEncounters(customer=customer), limit=_RECENT)
    last: dict[tuple[str, str, int], Encountered] = {}
    for one in recent.rows:
        last.setdefault((one.touchpoint, one.key, one.begun), one)
    felt = sorted(last.values(), key=lambda one: (one.ended, one.instant), reverse=True)
    peak, pit = (next((one for one in felt if one.state == state), None) for state in _EXTREMES)
    if recent.after:
        peak, pit = (
            peak or _settled(store, customer, "magical"),
            pit or _settled(store, customer, "miserable"),
        )
    return _felt(peak), _felt(pit), _felt(felt[0] if felt else None)


_EXTREMES: Final[tuple[State, State]] = ("magical", "miserable")


def _settled(store: Store, customer: str, state: State) -> Encountered | None:
    found = store.list_encounters(AskedEncounters(customer=customer, state=state, settled=True), limit=1)
    return found.rows[0] if found.rows else None


def _felt(one: Encountered | None) -> Felt | None:
    if one is None:
        return None
    return Felt(touchpoint=one.touchpoint, key=one.key, state=one.state, at=one.ended, settled=one.settled)


def _person(name: str, state: CustomerState, unmask: bool) -> Person:
    one = state.contacts[name]
    return Person(
        contact=name,
        name=one.name,
        roles=tuple(sorted(one.roles)),
        ways=tuple(
            Way(channel=channel, address=address if unmask else masked(address), consent=consent)
            for channel, ways in sorted(one.addresses.items())
            for address, consent, _ in ways
        ),
    )


def _shown(values: dict[str, Any], addresses: set[str], unmask: bool) -> dict[str, Any]:
    if unmask:
        return values
    return {
        name: masked(str(value)) if str(value) in addresses else _plain(value, addresses)
        for name, value in values.items()
    }


def _plain(value: Any, addresses: set[str]) -> Any:
    return masked_text(value, addresses) if isinstance(value, str) else value


def _zone(pack: Pack, attributes: dict[str, Any]) -> str:
    name = next((name for name, one in pack.head.customer.items() if one.type == "zone"), "")
    return str(attributes.get(name) or pack.head.zone)
