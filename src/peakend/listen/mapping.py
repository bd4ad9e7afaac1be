"""A source mapping as typed values: how the rows of one export become events.

The names of the fields are the keys of `sources/NAME.yaml`. Whatever can be found wrong without reading a
row of data is found here, with the line; nothing here opens a file.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec

from peakend import when
from peakend.errors import PeakendError, Place, SourceError, nearest
from peakend.listen.cells import ISO
from peakend.listen.door import check_kind
from peakend.model.event import FieldType
from peakend.model.parts import Part

Scalar = str | int | float | bool
Names = str | list[str]
Format = Literal["csv", "jsonl", "parquet", "xes"]
NOBODY = "none"


class FieldRule(Part, kw_only=True, frozen=True):
    """One field of an event: its column, its type, and what the codes in it mean."""

    column: str
    type: FieldType | None = None
    values: dict[str, Scalar] = {}


class CellTest(Part, kw_only=True, frozen=True, rename={"not_": "not"}):
    """A test that is more than a list of wanted values."""

    present: bool | None = None
    not_: Scalar | list[Scalar] | None = None


class Once(Part, kw_only=True, frozen=True):
    """The event is made once per value of this field of it, for the first row that can be used."""

    per: str


class EventRule(Part, kw_only=True, frozen=True):
    """One event that a row gives."""

    kind: str
    at: str
    seen: str | None = None
    when: dict[str, Scalar | list[Scalar] | CellTest] = {}
    once: Once | None = None
    fields: dict[str, str | FieldRule] = {}

    def field(self, name: str) -> FieldRule:
        rule = self.fields[name]
        return FieldRule(column=rule) if isinstance(rule, str) else rule


class Lookup(Part, kw_only=True, frozen=True):
    """Columns fetched from a second file that lies beside the first one."""

    file: str
    key: str
    on: str | None = None
    columns: list[str]


class Rules(Part, kw_only=True, frozen=True):
    """sources/NAME.yaml

    `file` holds names or patterns; `customer`, `subject` and `id` are a column, a text with columns in
    braces, or a list of these of which the first whole one is taken. `customer: none` says that the rows
    are public measures.
    """

    file: Names
    format: Format | None = None
    delimiter: str | None = None
    encoding: str = "utf-8-sig"
    missing: list[Scalar] = []
    zone: str | None = None
    dates: Names = ISO
    scheduled: bool = False
    duplicates: Literal["keep", "drop"] = "keep"
    lookups: dict[str, Lookup] = {}
    customer: Names
    subject: Names | None = None
    id: Names | None = None
    events: list[EventRule]


class Source(msgspec.Struct, frozen=True):
    """A mapping together with where it stands, so that an error about a column can name its line."""

    name: str
    rules: Rules
    path: str
    lines: dict[str, int]

    def place(self, path: str) -> Place:
        """The line of `path` (such as 'events.0.at'), or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        return Place(self.path, self.lines.get(path, 0))


class Use(NamedTuple):
    """A column that a mapping reads, and where in the mapping it says so."""

    column: str
    path: str


def source_of(name: str, raw: Any, path: str, lines: dict[str, int]) -> Source:
    """Check a mapping's plain content (dicts, lists, scalars) and return it typed. Raises SourceError."""
    try:
        rules = msgspec.convert(raw, Rules)
    except msgspec.ValidationError as error:
        raise _in_words(str(error), raw, path, lines) from None
    source = Source(name, rules, path, lines)
    _check_reading(source)
    _check_events(source)
    return source


def as_list(names: Names | None) -> list[str]:
    """One or several names as a list; none as an empty one."""
    return [] if names is None else [names] if isinstance(names, str) else list(names)


def placeholders(name: str) -> list[str]:
    """The columns of a name: of 'HOUSE' itself, of '{street} {house}' the two in braces."""
    return BRACES.findall(name) if "{" in name else [name]


def uses(rules: Rules) -> Iterator[Use]:
    """Every column that the mapping reads, with its place; columns that lookups bring included."""
    for key in ("customer", "subject", "id"):
        names = as_list(getattr(rules, key))
        if key == "customer" and names == [NOBODY]:
            continue
        for name in names:
            yield from (Use(column, key) for column in placeholders(name))
    for name, lookup in rules.lookups.items():
        yield Use(lookup.on or lookup.key, f"lookups.{name}.{'on' if lookup.on else 'key'}")
    for number, event in enumerate(rules.events):
        at = f"events.{number}"
        yield Use(event.at, f"{at}.at")
        if event.seen:
            yield Use(event.seen, f"{at}.seen")
        yield from (Use(column, f"{at}.when.{column}") for column in event.when)
        yield from (Use(event.field(name).column, f"{at}.fields.{name}") for name in event.fields)


def looked_up(rules: Rules) -> set[str]:
    """The columns that do not stand in the file itself."""
    return {column for lookup in rules.lookups.values() for column in lookup.columns}


def _check_reading(source: Source) -> None:
    rules = source.rules
    if rules.delimiter is not None and len(rules.delimiter) != 1:
        raise SourceError(
            f"the delimiter {rules.delimiter!r} is not one character",
            place=source.place("delimiter"),
            fix='Write for example delimiter: ";" or "\\t"',
        )
    try:
        codecs.lookup(rules.encoding)
    except LookupError:
        raise SourceError(
            f"the encoding '{rules.encoding}' does not exist",
            place=source.place("encoding"),
            fix="Write for example utf-8-sig (Excel), gb18030 (Chinese Windows) or cp1252",
        ) from None
    if rules.zone is not None:
        try:
            when.zone(rules.zone)
        except PeakendError as error:
            raise SourceError(error.what, place=source.place("zone"), fix=error.fix) from None
    for pattern in as_list(rules.dates):
        _check_date_pattern(source, pattern)
    if not as_list(rules.customer):
        raise SourceError(
            "the customer is an empty list",
            place=source.place("customer"),
            fix="Name the column that holds the customer, or write `customer: none` for public measures",
        )


def _check_date_pattern(source: Source, pattern: str) -> None:
    if pattern == ISO:
        return
    sample = datetime(2001, 2, 3, 4, 5, 6)
    try:
        read = datetime.strptime(sample.strftime(pattern), pattern)
    except ValueError as error:
        raise SourceError(
            f"the date pattern '{pattern}' cannot be read: {error}", place=source.place("dates"), fix=_DATES
        ) from None
    if read.date() != sample.date():
        raise SourceError(
            f"the date pattern '{pattern}' does not say day, month and year",
            place=source.place("dates"),
            fix=_DATES,
        )


def _check_events(source: Source) -> None:
    if not source.rules.events:
        raise SourceError(
            "the mapping makes no events",
            place=source.place("events"),
            fix="List at least one: - {kind: incident.opened, at: opened_at}",
        )
    for number, event in enumerate(source.rules.events):
        at = f"events.{number}"
        try:
            check_kind(event.kind)
        except PeakendError as error:
            raise SourceError(error.what, place=source.place(f"{at}.kind"), fix=error.fix) from None
        if event.once and event.once.per not in event.fields:
            raise SourceError(
                f"`once` names '{event.once.per}', which is no field of {event.kind}",
                place=source.place(f"{at}.once.per"),
                fix=nearest(event.once.per, event.fields) or "List it under `fields:`",
            )


def _in_words(message: str, raw: Any, path: str, lines: dict[str, int]) -> SourceError:
    """Turn msgspec's message, which ends in '- at `$.events[0]`', into ours with a line and a hint."""
    what, _, where = message.partition(" - at `")
    trail = where.rstrip("`").removeprefix("$").replace("[...]", ".*")
    trail = re.sub(r"\[(\d+)\]", r".\1", trail).strip(".")
    struct = next((kind for pattern, kind in _SHAPES if re.fullmatch(pattern, trail)), Rules)
    known = [field.encode_name for field in msgspec.structs.fields(struct)]
    found = re.search(r"(unknown|missing required) field `(.+)`", what)
    if not found:
        what = what.replace("`object`", "`a mapping`").replace("`array`", "`a list`")
        return SourceError(
            f"'{trail.replace('.*', '')}' is not as it should be: {what[0].lower()}{what[1:]}",
            place=Place(path, _line_of(trail, lines)),
            fix="Put it in quotes if it is meant as text" if "expected `str" in what.lower() else "",
        )
    word = found[2]
    if found[1] == "unknown":
        return SourceError(
            f"the key '{word}' is not known here",
            place=Place(path, _line_of(f"{trail}.{word}".strip("."), lines)),
            fix=nearest(word, known) or f"Known keys: {', '.join(known)}",
        )
    return SourceError(
        f"the key '{word}' is missing", place=Place(path, _line_of(trail, lines)), fix=f"Add `{word}:`"
    )


def _line_of(trail: str, lines: dict[str, int]) -> int:
    """The first line whose path fits the trail, in which '*' stands for any key; else one around it."""
    while trail:
        pattern = re.compile(re.escape(trail).replace(r"\*", "[^.]+"))
        found = [line for path, line in lines.items() if pattern.fullmatch(path)]
        if found:
            return min(found)
        trail = trail.rpartition(".")[0]
    return 1


BRACES = re.compile(r"\{([^{}]+)\}")
_DATES = 'Write for example dates: "%d/%m/%Y %H:%M", or iso'
_SHAPES: tuple[tuple[str, type[Part]], ...] = (
    (r"events\.\d+", EventRule),
    (r"events\.\d+\.fields\.\*", FieldRule),
    (r"events\.\d+\.when\.\*", CellTest),
    (r"events\.\d+\.once", Once),
    (r"lookups\.\*", Lookup),
)
