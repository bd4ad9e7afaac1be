"""The inbox: cards that wait for colleagues, one card with all that is needed to do it, and what is done.

A card is shown as it was laid down; to a reader of another language in hers, where the pack has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from peakend.deliver.compose import compose
from peakend.errors import Missing, PeakendError
from peakend.loop.deliveries import contents_of
from peakend.loop.desk import Desk
from peakend.model.event import DERIVED
from peakend.model.looked import AskedCards
from peakend.model.outcome import Content
from peakend.model.pack import Pack
from peakend.model.parts import CARD_HEADINGS
from peakend.model.stored import Note, NoteState
from peakend.model.vocabulary import fields_of, used_roles
from peakend.store import Store
from peakend.web.daily.called import names_of_customers
from peakend.web.house import needed
from peakend.when import HOUR, Zone, due_after, parse_duration, parse_instant, parse_on_day
from peakend.wire.cards import Act, Card, Fact, Inbox, Line, Section, Waiting, Which

SHOWN: Final = 30
"""Cards on one page."""
_MOST_FACTS: Final = 12
_TECHNICAL: Final = ("name", "language", "zone")


class Filter(NamedTuple):
    """Which cards are asked for: of a role, given to a colleague, about a customer, in which condition."""

    role: str = ""
    assignee: str = ""
    customer: str = ""
    which: Which = "waiting"


class Reader(NamedTuple):
    """Who reads: in which language, under which pack, and who signs there."""

    language: str
    pack: Pack | None
    sender: Mapping[str, str]


def inbox_of(
    store: Store, asked: Filter, reader: Reader, now: int, after: str = "", limit: int = SHOWN
) -> Inbox:
    """The cards that are asked for, what is due first coming first, and what waits for each role."""
    found = store.list_cards(_asked(asked, now), after, limit)
    notes = [one for one in found.rows if asked.which != "late" or one.until <= now]
    more = found.after if len(notes) == len(found.rows) else ""
    names = names_of_customers(store, {one.customer for one in notes})
    roles = [Waiting(*one) for one in store.card_counts(now)]
    return Inbox(
        cards=[_line(_translated(store, one, reader), names, now) for one in notes],
        roles=roles,
        waiting=sum(one.waiting for one in roles),
        late=sum(one.late for one in roles),
        after=more,
    )


def card_of(store: Store, key: str, reader: Reader, now: int) -> Card:
    """One card. Raises PeakendError where there is none of this key."""
    note = store.note(key)
    if note is None or note.kind != "card":
        raise Missing(
            "There is no such card",
            fix="Look at the inbox again",
            what_zh="没有这张服务提示卡",
            fix_zh="请刷新“我的待办”",
        )
    content = next((one for one in contents_of(store, note.message) if one.play == note.play), None)
    note = _translated(store, note, reader)
    line = _line(note, names_of_customers(store, {note.customer}), now)
    return Card(
        **msgspec.structs.asdict(line),
        sections=sections_of(note.body),
        about=_facts(reader.pack, note.play, content) if content else [],
        customer_facts=_of_customer(content) if content else [],
        history=[
            Act(one.at, one.who, one.what, one.text, one.role, one.assignee, one.until)
            for one in store.note_acts(key)
        ],
    )


def sections_of(body: str) -> list[Section]:
    """A card's text by its four headings, in whichever of the two languages it is."""
    places = {word: index for words in CARD_HEADINGS.values() for index, word in enumerate(words)}
    found: list[tuple[int, list[str]]] = [(-1, [])]
    for line in body.splitlines():
        if line.strip() in places:
            found.append((places[line.strip()], []))
        else:
            found[-1][1].append(line)
    told = [Section(heading, "\n".join(lines).strip()) for heading, lines in found]
    return [one for one in told if one.text]


def roles_of(pack: Pack | None, waiting: Sequence[Waiting]) -> list[str]:
    """The roles that a card can be handed to: those of the pack's cards, and those for which some wait."""
    found = {one.role for one in waiting}
    return sorted({*found, *(used_roles(pack) if pack else ())} - {""})


def _asked(asked: Filter, now: int) -> AskedCards:
    states: dict[Which, tuple[NoteState, ...]] = {"snoozed": ("snoozed",), "done": ("done",)}
    return AskedCards(
        customer=asked.customer,
        who=asked.role,
        assignee=asked.assignee,
        states=states.get(asked.which, ()),
        waiting_at=now if asked.which in ("waiting", "late") else None,
    )


def _line(note: Note, names: Mapping[str, str], now: int) -> Line:
    return Line(
        key=note.send_key,
        subject=note.subject,
        customer=note.customer,
        customer_name=names.get(note.customer, ""),
        role=note.who,
        assignee=note.assignee,
        state=note.state,
        play=note.play,
        at=note.at,
        due=note.until,
        late=note.until <= now and note.state != "done",
        snoozed=note.snoozed,
        changed=note.changed,
        changed_by=note.changed_by,
        result=note.result,
    )


def _translated(store: Store, note: Note, reader: Reader) -> Note:
    """A card in its reader's language, where the pack has it; else as it was laid down."""
    pack, headings = reader.pack, CARD_HEADINGS.get(reader.language, ())
    if pack is None or any(line.strip() in headings for line in note.body.splitlines()):
        return note
    contents = contents_of(store, note.message)
    if not contents or (reader.language, contents[0].text) not in pack.cards:
        return note
    contact = {"name": "", "role": note.who, "channel": "card", "address": ""}
    try:
        words = compose(
            pack, contents, channel="card", contact=contact, sender=reader.sender, language=reader.language
        )
    except PeakendError:
        return note  # the pack has gone on since; as it was laid down it is still right
    return msgspec.structs.replace(note, subject=words.subject, body=words.text)


_OF_ENCOUNTERS: Final = DERIVED["encounter.closed"].keys() - {"rating"}
"""What the event of an encounter says besides the fields of the matter: whoever has the card knows it."""


def _facts(pack: Pack | None, play: str, content: Content) -> list[Fact]:
    """What the run is about, in the order in which its entry declares it."""
    types: dict[str, str] = {}
    if pack is not None and play in pack.plays:
        on = pack.plays[play].on
        for kind in [on] if isinstance(on, str) else on:
            types |= fields_of(pack, kind)
    told = [
        _fact(name, value, types.get(name))
        for name, value in content.fields.items()
        if value is not None and name not in _OF_ENCOUNTERS
    ]
    return told[:_MOST_FACTS]


def _of_customer(content: Content) -> list[Fact]:
    """The profile, and those facts that say something."""
    profile = {f"customer.{name}": one for name, one in content.profile.items() if name not in _TECHNICAL}
    facts = {f"facts.{name}": one for name, one in content.facts.items() if one}
    return [_fact(name, one, None) for name, one in (profile | facts).items() if one is not None][
        :_MOST_FACTS
    ]


def _fact(name: str, value: Any, kind: str | None) -> Fact:
    if kind == "timestamp" and isinstance(value, int):
        return Fact(name, value, True)
    return Fact(name, value if isinstance(value, str | int | float | bool) else str(value))


def later(choice: str, now: int, there: Zone) -> int:
    """The instant that a choice of snoozing means: an `hour` from now, `tomorrow` or `monday` at nine in
    a zone, or a date with a time there. Raises PeakendError for anything else.
    """
    if choice == "hour":
        return now + HOUR
    if choice in _AT:
        return due_after(now, parse_duration("P1D"), there, at=_NINE, on_day=_AT[choice])
    return parse_instant(choice, there)


_NINE: Final = 9 * 60
_AT: Final = {"tomorrow": None, "monday": parse_on_day("monday")}


def desk_of(store: Store, pack: Pack | None) -> Desk:
    """Where cards are worked on. Raises PeakendError where no pack is published yet."""
    return Desk(store, needed(pack))
