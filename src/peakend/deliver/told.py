"""What a text can name for one message: its fields, items, customer, facts, contact, sender and clock.

Values come typed as the pack declares them: a date is a date, a timestamp shows on the customer's clock, and
what is not known is left out, so that nothing can be mistaken for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from peakend.errors import TimeError
from peakend.model.event import FieldType
from peakend.model.liquid import as_text
from peakend.model.outcome import Content
from peakend.model.pack import Pack
from peakend.model.vocabulary import fact_type, fields_of
from peakend.when import Zone, parse_date, zone


class Told(NamedTuple):
    """Everything by its name, and what the sheet itself shows."""

    names: Mapping[str, object]
    sent: datetime
    role: str
    sender: Mapping[str, str]
    fields_as_text: Mapping[str, str]


def told(
    pack: Pack,
    contents: Sequence[Content],
    language: str,
    *,
    contact: Mapping[str, str],
    sender: Mapping[str, str],
) -> Told:
    """What the text of a message may speak of; `contents` leave in it together, the first one first."""
    first = contents[0]
    place = zone_of(pack, first.profile)
    sent = place.aware(max(content.instant for content in contents))
    types = _types(pack, first.play)
    items = [typed(content.fields, types, place) for content in contents]
    attributes = {name: attribute.type for name, attribute in pack.head.customer.items()}
    facts: dict[str, FieldType] = {name: fact_type(pack, fact) for name, fact in pack.facts.items()}
    names: dict[str, object] = {
        **items[0],
        "items": items,
        "customer": typed(first.profile, attributes, place),
        "facts": typed(first.facts, facts, place),
        "contact": {name: value for name, value in contact.items() if value},
        "sender": {name: value for name, value in sender.items() if value},
        "sent": sent,
        "due": place.aware(first.due),
        "encounter": _encounter(pack, first, items[0], language),
        "language": language,
    }
    as_words = {name: as_text(value) for name, value in items[0].items()}
    return Told(
        names,
        sent,
        first.role,
        sender,
        {name: value for name, value in as_words.items() if value is not None},
    )


def zone_of(pack: Pack, profile: Mapping[str, object]) -> Zone:
    """The customer's clock: the attribute of type zone, else the pack's."""
    name = next((name for name, one in pack.head.customer.items() if one.type == "zone"), "")
    wanted = profile.get(name)
    if isinstance(wanted, str):
        try:
            return zone(wanted)
        except TimeError:
            pass  # the fold also decides by the pack's clock then
    return zone(pack.head.zone)


def typed(values: Mapping[str, Any], types: Mapping[str, FieldType], place: Zone) -> dict[str, object]:
    """The known values, each in the type that the pack declares for it."""
    return {
        name: _typed(value, types.get(name, "text"), place)
        for name, value in values.items()
        if value is not None and value != ""
    }


def _typed(value: Any, kind_of: FieldType, place: Zone) -> object:
    try:
        if kind_of == "timestamp" and isinstance(value, int):
            return place.aware(value)
        if kind_of == "date":
            return parse_date(value)
    except TimeError:
        return str(value)  # a day outside every calendar is still shown as it came
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _types(pack: Pack, play: str) -> dict[str, FieldType]:
    one = pack.plays.get(play)
    if one is None:
        return fields_of(pack, list(pack.head.events))
    kinds = [one.on, one.updates, *(way_out.on for way_out in one.all_exits)]
    return fields_of(pack, [kind for some in kinds for kind in _listed(some)])


def _listed(kinds: str | list[str] | None) -> list[str]:
    return [kinds] if isinstance(kinds, str) else list(kinds or ())


def _encounter(
    pack: Pack, content: Content, fields: Mapping[str, object], language: str
) -> dict[str, object]:
    """The touchpoint of the play and the key of its encounter; how it went, where an event of it says so."""
    play = pack.plays.get(content.play)
    name = play.touchpoint if play else ""
    point = pack.touchpoints.get(name)
    title = point.title.get(language, "") if point else ""
    told = {"touchpoint": name, "title": title, "key": content.key}
    how = {word: fields[word] for word in ("state", "rating", "unfinished") if word in fields}
    return {word: value for word, value in {**told, **how}.items() if value != ""}
