"""A source mapping: how the rows of one export become events, as `sources/NAME.yaml` says it.

The names of the fields are the keys of the file. What is compared with the texts of an export (codes, tests)
stays the text that was written, so that 007 is never 7.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

import msgspec

from peakend.model.event import FieldType
from peakend.model.parts import Part

Code = Annotated[str, msgspec.Meta(extra_json_schema={"format": "code"})]
"""A text of the export, which may be written without quotes whatever YAML takes it for."""

Codes = Code | list[Code]
Scalar = bool | int | float | str
Names = str | list[str]
Format = Literal["csv", "jsonl", "parquet", "xes"]

ISO = "iso"
NOBODY = "none"


class FieldRule(Part, kw_only=True, frozen=True):
    """One field of an event: its column (or a text with columns in braces), its type, what its codes mean."""

    column: str
    type: FieldType | None = None
    values: dict[str, Scalar] = {}


class CellTest(Part, kw_only=True, frozen=True, rename={"not_": "not"}):
    """A test that is more than a list of wanted values."""

    present: bool | None = None
    not_: Codes | None = None


class Once(Part, kw_only=True, frozen=True):
    """The event is made once per value of this field of it, for the first row that can be used."""

    per: str


class EventRule(Part, kw_only=True, frozen=True):
    """One event that a row gives. The column `at` says when it happened, or `on` the one day of all rows."""

    kind: str
    at: str | None = None
    on: datetime.date | None = None
    seen: str | None = None
    when: dict[str, Codes | CellTest] = {}
    once: Once | None = None
    fields: dict[str, str | FieldRule] = {}

    def field(self, name: str) -> FieldRule:
        """The rule of a field, whichever way it is written."""
        rule = self.fields[name]
        return FieldRule(column=rule) if isinstance(rule, str) else rule


class Lookup(Part, kw_only=True, frozen=True):
    """Columns fetched from a second file that lies beside the first one."""

    file: str
    key: str
    on: str | None = None
    columns: list[str]


class SourceFile(Part, kw_only=True, frozen=True):
    """sources/NAME.yaml

    `file` holds names or patterns; `customer`, `subject` and `id` are a column, a text with columns in
    braces, or a list of these of which the first whole one is taken. `customer: none` says that the rows
    are public measures.
    """

    file: Names
    format: Format | None = None
    delimiter: str | None = None
    encoding: str = "utf-8-sig"
    missing: list[Code] = []
    zone: str | None = None
    dates: Names = ISO
    scheduled: bool = False
    duplicates: Literal["keep", "drop"] = "keep"
    lookups: dict[str, Lookup] = {}
    customer: Names
    subject: Names | None = None
    id: Names | None = None
    events: list[EventRule]
