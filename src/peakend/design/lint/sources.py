"""sources/*.yaml against pack.yaml: what a mapping would get wrong in every row is told before any is read.

A kind or field that nobody declares would go into the log and start nothing, without a word; so it is an
error here, with the name that was probably meant.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from datetime import datetime
from difflib import get_close_matches

from peakend.design.lint.finding import Known, found, given_fields, stranger
from peakend.design.lint.head import check_zone
from peakend.model.event import DERIVED, OF_THE_LOOP, FieldType
from peakend.model.pack import Pack
from peakend.model.parts import Kinds, as_list
from peakend.model.problem import Path, Problem
from peakend.model.source import ISO, EventRule, SourceFile
from peakend.model.vocabulary import fields_of

_FITS: dict[FieldType, tuple[FieldType, ...]] = {
    "number": ("number",),
    "boolean": ("boolean",),
    "date": ("date",),
    "timestamp": ("timestamp", "date"),
    "zone": ("zone", "text"),
}
"""The types of a mapping that a declared one takes; a text takes all."""

_User = tuple[tuple[str, str], bool]
"""Who goes by a key, in words of both languages, and whether it begins with the event."""


def check_sources(pack: Pack, known: Known) -> Iterator[Problem]:
    """Everything that sources/*.yaml say."""
    keys = _keys_by_kind(pack)
    for name, source in pack.sources.items():
        path: Path = ("sources", name)
        yield from _reading(pack, source, path)
        if not source.events and not any(p[:3] == (*path, "events") and len(p) > 3 for p in pack.places):
            yield found(pack, "no_events", *path, "events")
        for index, event in enumerate(source.events):
            inner: Path = (*path, "events", index)
            yield from _moment(pack, source, event, inner)
            if event.once and event.once.per not in event.fields:
                known_fields = list(event.fields)
                words = {"word": event.once.per, "kind": event.kind, "known": known_fields}
                yield found(pack, "once_field", *inner, "once", "per", **words)
            if event.kind in DERIVED or event.kind in OF_THE_LOOP:
                yield found(pack, "reserved_kind", *inner, "kind", word=event.kind)
            elif event.kind not in known.kinds:
                yield stranger(pack, "kind", event.kind, known.kinds - DERIVED.keys(), *inner, "kind")
            else:
                yield from _fields(pack, source, event, inner)
                yield from _keys(pack, event, keys.get(event.kind, {}), inner)


def _reading(pack: Pack, source: SourceFile, path: Path) -> Iterator[Problem]:
    """How the file is read: its delimiter, encoding, clock and dates."""
    if source.delimiter is not None and len(source.delimiter) != 1:
        yield found(pack, "delimiter", *path, "delimiter", word=source.delimiter)
    try:
        codecs.lookup(source.encoding)
    except LookupError:
        yield found(pack, "unknown_encoding", *path, "encoding", word=source.encoding)
    if source.zone is not None:
        yield from check_zone(pack, source.zone, *path, "zone")
    for index, pattern in enumerate(as_list(source.dates)):
        if not _says_a_day(pattern):
            inner = (*path, "dates") if isinstance(source.dates, str) else (*path, "dates", index)
            yield found(pack, "date_pattern", *inner, word=pattern)
    if not as_list(source.customer):
        yield found(pack, "no_customer", *path, "customer")


def _moment(pack: Pack, source: SourceFile, event: EventRule, path: Path) -> Iterator[Problem]:
    """Whether an event has one time, and not none or two."""
    written = [key for key in ("at", "on") if (*path, key) in pack.places]
    if len(written) != 1:
        given = ("both stand here", "两个都写了") if written else ("none is given", "一个也没写")
        yield found(pack, "at_or_on", *path, *written[1:], word=event.kind, given=given)
    elif event.on is not None and source.zone is None:
        yield found(pack, "on_zone", *path, "on", word=event.on)


def _says_a_day(pattern: str) -> bool:
    if pattern == ISO:
        return True
    sample = datetime(2001, 2, 3, 4, 5, 6)
    try:
        return datetime.strptime(sample.strftime(pattern), pattern).date() == sample.date()
    except ValueError:
        return False


def _fields(pack: Pack, source: SourceFile, event: EventRule, path: Path) -> Iterator[Problem]:
    declared = given_fields(pack, event.kind)
    for name in event.fields:
        inner = (*path, "fields", name)
        if name not in declared:
            if ("pack", "events", event.kind, name) not in pack.places:
                yield stranger(pack, "field", name, declared, *inner)
            continue
        rule, wanted = event.field(name), declared[name]
        words = {"word": name, "kind": event.kind, "wanted": wanted}
        if rule.type is not None and rule.type not in _FITS.get(wanted, (rule.type,)):
            yield found(pack, "source_type", *inner, got=rule.type, **words)
        elif rule.type is None and wanted in ("date", "timestamp") and ISO not in as_list(source.dates):
            yield found(pack, "source_date", *inner, column=rule.column, **words)


def _keys(pack: Pack, event: EventRule, keys: dict[str, _User], path: Path) -> Iterator[Problem]:
    declared = given_fields(pack, event.kind)
    strangers = [name for name in event.fields if name not in declared]
    for key, (user, begins) in keys.items():
        # A misspelt key is told as the field that nobody declares.
        if key not in event.fields and not get_close_matches(key, strangers):
            code = "source_key" if begins else "source_key_later"
            yield found(pack, code, *path, word=key, kind=event.kind, user=user)


def _keys_by_kind(pack: Pack) -> dict[str, dict[str, _User]]:
    """For each kind the declared keys by which a play or an encounter knows its case."""
    keys: dict[str, dict[str, _User]] = {}

    def note(kinds: Kinds | None, key: str | None, user: tuple[str, str], *, begins: bool) -> None:
        for kind in as_list(kinds):
            if key is not None and key in fields_of(pack, kind):
                before = keys.setdefault(kind, {}).get(key)
                if before is None or (begins and not before[1]):
                    keys[kind][key] = user, begins

    for name, point in pack.touchpoints.items():
        if point.encounter is not None:
            user, key = (f"the touchpoint '{name}'", f"接触点“{name}”"), point.encounter.key
            note(point.encounter.begins, key, user, begins=True)
            note(point.encounter.ends, key, user, begins=False)
            for standard in point.standards.values():
                for kinds in (standard.from_, standard.to, standard.pauses, standard.resumes):
                    note(kinds, key, user, begins=False)
    for name, play in pack.plays.items():
        user = (f"the play '{name}'", f"剧本“{name}”")
        for key in as_list(play.key):
            note(play.on, key, user, begins=True)
            note(play.updates, key, user, begins=False)
            for way_out in play.all_exits:
                note(way_out.on, key, user, begins=False)
    return keys
