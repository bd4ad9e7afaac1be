"""One row in, its events out: a mapping prepared for the many rows to come.

A row never disappears. What it says is either events, or refusals with their reason, or nothing because a
rule says so, and the three are told apart. Nothing here opens a file or counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol

import msgspec

from peakend import when
from peakend.errors import PeakendError, Unusable
from peakend.listen.cells import Dates, Remembered, cell_text, field_conversion, json_object, known, plain
from peakend.listen.door import Convert, as_text, check_name, check_times
from peakend.listen.mapping import BRACES
from peakend.model.parts import as_list
from peakend.model.problem import Path
from peakend.model.source import ISO, NOBODY, CellTest, Codes, EventRule, FieldRule, SourceFile

Values = Mapping[str, Any]
Pair = tuple[str, str]
"""The same words in English and in Chinese."""
Lookups = Mapping[str, Mapping[str, Values]]
"""For each lookup of a mapping: key -> the columns it brings."""


class Made(NamedTuple):
    """An event, ready for the log. `data` is a JSON object as text, its keys in order."""

    id: str
    customer: str | None
    kind: str
    at: int
    seen: int
    source: str
    subject: str | None
    data: str


class Refusal(NamedTuple):
    """Why a row, or one event of it, cannot be used.

    `event` is '' where it is the whole row. `reason` is the same for all rows that fail alike, `detail`
    names the value. `stops` says that the mapping is wrong, not the row, if most rows fail alike, even where
    they give other events; `path` is the node of the mapping that asks for what is not there.
    """

    event: str
    column: str
    reason: Pair
    detail: Pair = ("", "")
    fix: Pair = ("", "")
    stops: bool = False
    path: Path = ()

    def error(self) -> Unusable:
        """The same as an error that can be raised or shown."""
        (what, what_zh), (fix, fix_zh) = self.reason, self.fix
        detail, detail_zh = self.detail
        return Unusable(detail or what, fix=fix, what_zh=detail_zh or what_zh, fix_zh=fix_zh)


class Reading(NamedTuple):
    """What one row says. `repeats` counts events left out because `once` has had them."""

    made: Sequence[Made]
    refused: Sequence[Refusal] = ()
    repeats: int = 0


class RowReader(Protocol):
    """Whatever turns rows into events. `compares_ids` says that a source's own ids must be told apart."""

    compares_ids: bool

    def read(self, values: dict[str, Any], origin: str) -> Reading: ...


class MappedRows:
    """The rows of one source, read by its mapping. It remembers for which values `once` has been used."""

    def __init__(self, name: str, rules: SourceFile, lookups: Lookups) -> None:
        self.compares_ids = rules.id is not None or rules.duplicates == "drop"
        self._name = name
        self._hashes = rules.id is None and rules.duplicates == "drop"
        self._scheduled = rules.scheduled
        missing = frozenset({"", *rules.missing})
        self._lookups = tuple(
            (_first_whole([rule.on or rule.key], missing), lookups[key], rule.columns)
            for key, rule in rules.lookups.items()
        )
        self._nobody = as_list(rules.customer) == [NOBODY]
        self._customer = _first_whole([] if self._nobody else as_list(rules.customer), missing)
        self._subject = _first_whole(as_list(rules.subject), missing)
        self._id = _first_whole(as_list(rules.id), missing)
        self._rules = rules
        clock = when.zone(rules.zone) if rules.zone else None
        self._plans = _plans(rules, missing, Dates(as_list(rules.dates), clock), clock)

    def read(self, values: dict[str, Any], origin: str) -> Reading:
        """Read one row; `origin` names it (such as 'log.csv:17') and is its id where the mapping has none."""
        try:
            for key, table, columns in self._lookups:
                found = table.get(key(values) or "", {})
                for column in columns:
                    values[column] = found.get(column)
            customer, subject, row_id = self._who(values)
        except Unusable as error:
            reason, fix = said(error)
            return Reading((), (Refusal("", "", reason, fix=fix, path=("customer",)),))
        made: list[Made] = []
        refused: list[Refusal] = []
        repeats = 0
        for plan in self._plans:
            try:
                if not plan.applies(values):
                    continue
                once = plan.once_value(values)
                if once in plan.done:
                    repeats += 1
                    continue
                at, seen = plan.times(values, self._scheduled)
                data = plan.data(values)
            except _Cell as cell:
                refused.append(cell.refusal)
                continue
            if once is not None:
                plan.done.add(once)
            kind = plan.rule.kind
            event_id = (
                content_id(self._name, customer, kind, at, data)
                if self._hashes
                else f"{row_id or origin}{plan.label}"
            )
            made.append(Made(event_id, customer, kind, at, seen, self._name, subject, data))
        return Reading(made, refused, repeats)

    def _who(self, values: Values) -> tuple[str | None, str | None, str | None]:
        customer, subject, row_id = self._customer(values), self._subject(values), self._id(values)
        if customer is None and subject is None and not self._nobody:
            names = as_list(self._rules.customer)
            raise Unusable(f"no customer in {' or '.join(names)}", what_zh=f"{'、'.join(names)} 里没有客户")
        if row_id is None and self._rules.id is not None:
            names = as_list(self._rules.id)
            raise Unusable(f"no id in {' or '.join(names)}", what_zh=f"{'、'.join(names)} 里没有编号")
        for name, what in ((customer, "customer"), (subject, "subject"), (row_id, "id")):
            if name is not None:
                check_name(name, what)
        return customer, subject, row_id


def content_id(source: str, customer: str | None, kind: str, at: int, data: str) -> str:
    """The id of an event that its source gave none: the same content is the same event."""
    content = msgspec.json.encode((source, customer, kind, at, data))
    return blake2b(content, digest_size=16).hexdigest()


def said(error: PeakendError) -> tuple[Pair, Pair]:
    """What an error says and how to mend it, each in both languages."""
    return (error.what, error.what_zh or error.what), (error.fix, error.fix_zh or error.fix)


class _Cell(Exception):
    """One event of a row cannot be made; the row's other events can."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


class _Plan:
    """One event rule. `label` tells its events from those of the other rules of the same row."""

    def __init__(
        self,
        rule: EventRule,
        path: Path,
        dates_path: Path,
        label: str,
        missing: frozenset[str],
        dates: Dates,
        instants: Remembered,
        clock: when.Zone | None,
    ) -> None:
        self.rule = rule
        self._on = when.parse_instant(rule.on.isoformat(), clock) if rule.on else None
        self._when = "at" if rule.at else "on"
        self._path = path
        self._dates_path = dates_path
        self.label = label
        self.done: set[str | None] = set()
        self._tests = [
            (column, Remembered(_cell_test(test), missing), _wants_missing(test))
            for column, test in rule.when.items()
        ]
        self._once = rule.field(rule.once.per).column if rule.once else ""
        self._once_value = Remembered(cell_text, missing)
        self._instants = instants
        self._fields = [
            (name, field.column, _text_of(field.column, missing), Remembered(_field(field, dates), missing))
            for name, field in ((name, rule.field(name)) for name in rule.fields)
        ]

    def applies(self, values: Values) -> bool:
        for column, test, when_missing in self._tests:
            passes = test.of(values.get(column))
            if not (when_missing if passes is None else passes):
                return False
        return True

    def once_value(self, values: Values) -> str | None:
        if not self._once:
            return None
        value: str | None = self._once_value.of(values.get(self._once))
        if value is None:
            column = self._once
            reason = f"no value in {column}, on which `once` rests", f"{column} 没有值，而 once 靠它"
            raise _Cell(Refusal(self.rule.kind, column, reason, path=(*self._path, "once")))
        return value

    def times(self, values: Values, scheduled: bool) -> tuple[int, int]:
        at = self._instant(self.rule.at or "", values) if self._on is None else self._on
        seen = self._instant(self.rule.seen, values) if self.rule.seen else at
        try:
            check_times(at, seen, scheduled)
        except Unusable as error:
            what, fix = said(error)
            column = self.rule.at or str(self.rule.on)
            reason = f"{column}: {what[0]}", f"{column}：{what[1]}"
            refusal = Refusal(self.rule.kind, column, reason, fix=fix, path=(*self._path, self._when))
            raise _Cell(refusal) from None
        return at, seen

    def data(self, values: Values) -> str:
        out = {}
        name = column = ""
        try:
            for name, column, cell, field in self._fields:
                value = field.of(cell(values) if cell else values.get(column))
                if value is not None:
                    out[name] = value
            return json_object(out)
        except Unusable as error:
            what, fix = said(error)
            reason = f"{column} does not fit its type", f"{column} 与类型不符"
            detail, path = _of(column, what), (*self._path, "fields", name)
            raise _Cell(Refusal(self.rule.kind, column, reason, detail, fix, path=path)) from None

    def _instant(self, column: str, values: Values) -> int:
        try:
            instant: int | None = self._instants.of(values.get(column))
        except Unusable as error:
            what, fix = said(error)
            reason = f"{column} is not a date", f"{column} 不是日期"
            detail, path = _of(column, what), self._dates_path or (*self._path, "at")
            raise _Cell(Refusal(self.rule.kind, column, reason, detail, fix, True, path)) from None
        if instant is None:
            present = f"`when: {{{column}: {{present: true}}}}`"
            fix = f"If it may be empty, say {present}", f"若允许为空，请写 {present}"
            reason = f"no date in {column}", f"{column} 没有日期"
            raise _Cell(Refusal(self.rule.kind, column, reason, fix=fix, path=(*self._path, "at")))
        return instant


def _of(column: str, what: Pair) -> Pair:
    return f"{column} {what[0]}", f"{column} {what[1]}"


def _plans(source: SourceFile, missing: frozenset[str], dates: Dates, clock: when.Zone | None) -> list[_Plan]:
    """Prepare every rule. A single one needs no label, a kind made twice gets a number."""
    rules = source.events
    kinds = [rule.kind for rule in rules]
    written: Path = () if source.dates == ISO else ("dates",)
    instants = Remembered(dates.instant, missing)
    plans = []
    for number, rule in enumerate(rules):
        before = kinds[:number].count(rule.kind)
        label = "" if len(rules) == 1 else f"/{rule.kind}" if not before else f"/{rule.kind}.{before + 1}"
        plans.append(_Plan(rule, ("events", number), written, label, missing, dates, instants, clock))
    return plans


def _first_whole(names: list[str], missing: frozenset[str]) -> Callable[[Values], str | None]:
    """The first of these names whose columns are all there, as text; None when there is none."""
    # A name split at its braces: fixed texts at even places, columns at odd ones.
    shapes = [BRACES.split(name) if "{" in name else ["", name, ""] for name in names]

    def read(values: Values) -> str | None:
        for shape in shapes:
            parts = list(shape)
            for place in range(1, len(shape), 2):
                value = known(values.get(shape[place]), missing)
                if value is None:
                    break
                parts[place] = as_text(plain(value)).strip()
            else:
                return "".join(parts)
        return None

    return read


def _text_of(column: str, missing: frozenset[str]) -> Callable[[Values], str | None] | None:
    """What makes a field's cell of a text with columns in braces; None for a plain column."""
    return _first_whole([column], missing) if "{" in column else None


def _field(rule: FieldRule, dates: Dates) -> Convert:
    """How a field is made from its cell: first what a code means, then its type."""
    convert = field_conversion(rule.type, dates)
    if not rule.values:
        return convert
    return lambda value: convert(rule.values.get(cell_text(value), value))


def _cell_test(test: Codes | CellTest) -> Callable[[Any], bool]:
    """A test of one cell that has a value."""
    if not isinstance(test, CellTest):
        wanted = frozenset(as_list(test))
        return lambda value: cell_text(value) in wanted
    unwanted = frozenset(as_list(test.not_))
    return lambda value: test.present is not False and cell_text(value) not in unwanted


def _wants_missing(test: Codes | CellTest) -> bool:
    """As in SQL a missing value passes no test but the one that it is missing."""
    return isinstance(test, CellTest) and test.present is False
