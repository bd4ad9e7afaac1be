"""All gates of one decision, each asked by looking through everything that was sent or said so far."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from naive.dues import BARRED, limit_of, quiet_until, to_customer
from naive.stays import at_hand
from naive.world import Fields, Run, Sent, Slot, World, span, text_of, when_it_happened
from peakend.model.event import Event
from peakend.model.outcome import Exposed
from peakend.model.pack import Cap, Channels, Step
from peakend.model.parts import CLASSES

LONGEST_HOLD = span("PT168H")


@dataclass
class Reach:
    """Who would get it, and through what."""

    addressed: bool = True
    consented: bool = True
    contact: str = ""
    channels: list[str] = field(default_factory=list)
    all_refused: bool = False


@dataclass
class Ruling:
    outcome: str
    reason: str
    failed: list[str]
    until: int = 0
    contact: str = ""
    channels: tuple[str, ...] = ()
    message: str = ""
    amount: float = 0.0


def class_of(run: Run, slot: Slot) -> str:
    return slot.step.class_ or run.play.class_


def rank_of(run: Run, slot: Slot) -> int:
    return CLASSES.index(class_of(run, slot))


def decide(world: World, run: Run, slot: Slot, due: int, t: int) -> Ruling:
    """Ask every gate at t; the first that fails is the reason."""
    reach = _reach(world, run, slot, t) if to_customer(slot.step) else Reach()
    limit = limit_of(world, run, slot, due)
    customer = to_customer(slot.step)
    soft = class_of(run, slot) in BARRED
    arms = _arms(world, run, slot) if soft or slot.step.extra else []
    guards = (run.play.while_, slot.step.where)
    fields = run.fields | (slot.anchor.data if slot.anchor is not None else {})
    stay = at_hand(world, run.play.touchpoint, fields)
    quiet = quiet_until(world, run, slot.step, t)
    room = _room(world, run, slot, reach.contact, t) if customer else t
    amount = amount_of(slot.step, fields)
    before = [
        ("expired", t > limit),
        ("guard", any(world.holds(guard, fields, t, stay) is not True for guard in guards)),
        ("consent", customer and not _consents(world, run, slot, reach)),
        ("preference", _prefers_not(world, run, slot, reach, t)),
        ("moment", soft and _moment(world, t)),
    ]
    failed = [name for name, fails in before if fails]
    if not failed:
        _expose(world, run, arms, t)
    after = [
        ("holdout", any(held for _, held in arms)),
        ("reachable", customer and not reach.addressed),
        ("quiet", quiet is not None),
        ("cap", room > t),
        ("budget", _too_dear(world, slot, amount, t)),
    ]
    failed += [name for name, fails in after if fails]
    if not failed:
        message = _message(world, run, slot, reach.contact if customer else "", t)
        return Ruling("send", "", [], 0, reach.contact, tuple(reach.channels), message, amount)
    if failed[0] == "quiet" and quiet is not None:
        return _hold(slot, failed, quiet, limit, t)
    if failed[0] == "cap" and run.play.capped is not None:
        if room > (t if slot.first is None else slot.first) + span(run.play.capped.defer):
            return Ruling("suppress", "cap", failed)
        return _hold(slot, failed, room, limit, t)
    return Ruling("suppress", failed[0], failed)


def arm(name: str, salt: str, unit: str) -> float:
    """Where a unit stands between 0 and 1 in an experiment."""
    return int(hashlib.sha256(f"{name}|{salt}|{unit}".encode()).hexdigest()[:8], 16) / 16**8


def amount_of(step: Step, fields: Fields) -> float:
    """The money that a step gives: a number, or what a field says; nothing where that is missing."""
    return float((fields.get(step.amount) if isinstance(step.amount, str) else step.amount) or 0)


def _too_dear(world: World, slot: Slot, amount: float, t: int) -> bool:
    return bool(slot.step.budget and amount and Fraction(str(amount)) > world.purse.left(slot.step.budget, t))


def in_the_window(world: World, cap: Cap, t: int) -> list[int]:
    """The instants of the messages that a cap counts at t, one for each message."""
    first: dict[str, Sent] = {}
    for sent in world.sends:
        first.setdefault(sent.message, sent)
    counted = [
        s.instant for s in first.values() if cap.class_ in ("total", s.class_) and not failed(world, s)
    ]
    if cap.within == "day":
        today = world.zone().local_day(t)
        return sorted(instant for instant in counted if world.zone().local_day(instant) == today)
    return sorted(instant for instant in counted if t - span(cap.within) < instant <= t)


def failed(world: World, sent: Sent) -> bool:
    """Whether a message was reported as failed since it was sent."""
    return sent.failed or any(
        event.kind in ("message.failed", "message.withdrawn")
        and event.data.get("message") == sent.message
        and event.seen > sent.instant
        and (event.seen, event.seq) > sent.after
        for event in world.inputs
    )


def _hold(slot: Slot, failed: list[str], until: int, limit: int, t: int) -> Ruling:
    first = t if slot.first_hold is None else slot.first_hold
    if until > limit or until > first + LONGEST_HOLD:
        return Ruling("suppress", failed[0], failed)
    return Ruling("hold", failed[0], failed, until)


def _room(world: World, run: Run, slot: Slot, contact: str, t: int) -> int:
    """When the caps have room: t itself if they have it now."""
    class_ = class_of(run, slot)
    if class_ == "mandatory" or _open_message(world, run, slot, contact, t) is not None:
        return t
    room = t
    for cap in world.pack.head.policy.caps:
        if cap.class_ != class_ and not (cap.class_ == "total" and class_ in BARRED):
            continue
        counted = in_the_window(world, cap, t)
        if len(counted) < cap.at_most:
            continue
        if cap.within == "day":
            room = max(room, world.zone().next_day_start(t))
        else:
            room = max(room, counted[len(counted) - cap.at_most] + span(cap.within))
    return room


def _open_message(world: World, run: Run, slot: Slot, contact: str, t: int) -> str | None:
    if run.play.gather is None:
        return None
    first: dict[str, Sent] = {}
    for sent in world.sends:
        if (sent.play, sent.step, sent.contact) == (run.play.play, slot.name, contact):
            first.setdefault(sent.message, sent)
    within = span(run.play.gather.within)
    still = [sent for sent in first.values() if sent.instant <= t <= sent.instant + within]
    return max(still, key=lambda sent: sent.instant).message if still else None


def _message(world: World, run: Run, slot: Slot, contact: str, t: int) -> str:
    joined = _open_message(world, run, slot, contact, t) if to_customer(slot.step) else None
    own = (world.customer, run.play.play, run.key, run.occurrence, slot.name, slot.round)
    return "|".join(map(str, own)) if joined is None else joined


def _moment(world: World, t: int) -> bool:
    moment = world.pack.head.policy.moment
    return moment is not None and world.holds(moment, {}, t) is True


def _arms(world: World, run: Run, slot: Slot) -> list[tuple[str, bool]]:
    """The experiments that apply to the step, and whether the unit is held out in each."""
    shares = [
        (world.pack.head.pack, "1", world.pack.head.policy.holdout, False),
        (run.play.play, run.play.salt, run.play.holdout, True),
        (slot.step.says, run.play.salt, slot.step.holdout, True),
    ]
    unit = world.customer if run.unit is None else text_of(run.unit)
    return [
        (name, arm(name, salt, unit if of_play else world.customer) < float(share.rstrip("%")) / 100)
        for name, salt, share, of_play in shares
        if share is not None
    ]


def _expose(world: World, run: Run, arms: list[tuple[str, bool]], t: int) -> None:
    for name, held in arms:
        if name not in run.exposed:
            run.exposed.add(name)
            which: Literal["play", "holdout"] = "holdout" if held else "play"
            world.outputs.append(
                Exposed(world.customer, run.play.play, run.key, run.occurrence, name, which, t)
            )


def _prefers_not(world: World, run: Run, slot: Slot, reach: Reach, t: int) -> bool:
    class_ = class_of(run, slot)
    if not to_customer(slot.step):
        return class_ == "care" and set_now(world, "do_not_disturb", t)
    if class_ in BARRED:
        topics = ("do_not_disturb", run.play.play, run.play.touchpoint)
        if any(set_now(world, topic, t) for topic in topics):
            return True
    return class_ != "mandatory" and reach.all_refused


def set_now(world: World, what: str, t: int) -> bool:
    """Whether a preference stands at t."""
    kinds = ("preference.set", "preference.cleared")
    last = world.newest(
        lambda event: event.kind in kinds and event.data.get("what", "do_not_disturb") == what
    )
    if last is None or last.kind != "preference.set":
        return False
    until = last.data.get("until")
    return (until is None or t < until) and _visited(world, last, t)


def _visited(world: World, wish: Event, t: int) -> bool:
    """Whether a wish for one visit still stands: while any encounter that was open then is open."""
    if wish.seq not in world.visits:
        return True
    then, day_end = world.visits[wish.seq]
    if then:
        return any(stay.closed is None for stay in then)
    return wish.data.get("until") is not None or t < day_end


def _consents(world: World, run: Run, slot: Slot, reach: Reach) -> bool:
    class_ = class_of(run, slot)
    if class_ == "mandatory" or not world.contacts_known:
        return True
    if (
        class_ == "marketing"
        and _last_said(world, "consent.given", "consent.withdrawn", "marketing") is not True
    ):
        return False
    return reach.consented or not reach.addressed


def _last_said(world: World, yes: str, no: str, what: str) -> bool | None:
    """Whether the newest of two opposite kinds about something is the first; None where neither came."""
    last = world.newest(lambda event: event.kind in (yes, no) and event.data.get("what", "marketing") == what)
    return None if last is None else last.kind == yes


def _reach(world: World, run: Run, slot: Slot, t: int) -> Reach:
    """Who gets it: candidates by role, then channel, then contact; then who drops out."""
    through = slot.step.through
    names = through.all if isinstance(through, Channels) else through
    mandatory = class_of(run, slot) == "mandatory"
    if world.contacts_known:
        candidates = [found for role in _roles(run) for found in _candidates(world, role, names)]
    else:
        candidates = [("", name, True) for name in names or []]
    agreed = [found for found in candidates if found[2] or mandatory]
    left = [(contact, name) for contact, name, _ in agreed if mandatory or not set_now(world, name, t)]
    channels = list(dict.fromkeys(name for _, name in left))
    return Reach(
        bool(candidates) or not world.contacts_known,
        bool(agreed),
        left[0][0] if left else "",
        channels if isinstance(through, Channels) else channels[:1],
        bool(agreed) and not left,
    )


def _candidates(world: World, role: str | None, names: list[str] | None) -> list[tuple[str, str, bool]]:
    """All (contact, channel, consent) of a role, by channel, then by contact."""
    addresses = _addresses(world)
    people = sorted(who for who, roles in _people(world).items() if role is None or role in roles)
    found = []
    for name in _own(people, addresses) if names is None else names:
        if name == "console":
            found.append((people[0] if people else "", name, _stands(world, name)))
            continue
        for who in people:
            if (who, name) in addresses:
                found.append((who, name, any(addresses[who, name]) and _stands(world, name)))
    return found


def _own(people: list[str], addresses: dict[tuple[str, str], list[bool]]) -> list[str]:
    """The channels that a role's contacts have, in the order in which they were last set."""
    return list(dict.fromkeys(name for who in people for of, name in addresses if of == who))


def _stands(world: World, channel: str) -> bool:
    """Whether consent was not withdrawn for a channel as a whole."""
    return _last_said(world, "consent.withdrawn", "consent.given", channel) is not True


def _roles(run: Run) -> list[str | None]:
    if run.play.to is None:
        return [None]
    return [run.play.to.role, *([run.play.to.else_] if run.play.to.else_ else [])]


def _people(world: World) -> dict[str, set[str]]:
    """Every contact that was not removed as a whole, with all roles that it was given."""
    roles: dict[str, set[str]] = {}
    for event in sorted(world.inputs, key=when_it_happened):
        contact = event.data.get("contact")
        if event.kind == "contact.set" and contact:
            roles.setdefault(contact, set()).update([event.data["role"]] if event.data.get("role") else [])
        elif event.kind == "contact.removed" and not (event.data.get("channel") or event.data.get("address")):
            roles.pop(str(contact), None)
    return roles


def _addresses(world: World) -> dict[tuple[str, str], list[bool]]:
    """Every (contact, channel) that has addresses now, in the order in which it last got one, with the
    consents of all of them.
    """
    newest: dict[tuple[str, str, str], Event] = {}
    for event in sorted(world.inputs, key=when_it_happened):
        contact, channel = event.data.get("contact"), event.data.get("channel")
        address = event.data.get("address")
        if event.kind == "contact.set" and contact and channel and address:
            newest.pop((contact, channel, address), None)
            newest[contact, channel, address] = event
        elif event.kind == "contact.removed":
            meant = (contact, channel, address)
            for place in list(newest):
                if all(want in (None, has) for want, has in zip(meant, place, strict=True)):
                    del newest[place]
    found: dict[tuple[str, str], list[bool]] = {}
    for (contact, channel, _), event in newest.items():
        agreed = found.pop((contact, channel), [])
        found[contact, channel] = [*agreed, event.data.get("consent") is not False]
    return found
