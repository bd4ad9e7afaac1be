"""Sources: exports and native files become one log, and every row is accounted for."""

from __future__ import annotations

import gzip
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peakend import when
from peakend.design.lint import lint_sources
from peakend.design.pack import load_pack, read_pack
from peakend.errors import PackError, PeakendError, SourceError
from peakend.listen.history import History, open_history
from peakend.listen.intake import Intake
from peakend.listen.sources import native_jobs, take_in
from peakend.listen.sources_files import is_native
from peakend.listen.sources_log import is_log
from peakend.model.log import LOG_SCHEMA
from peakend.model.pack import Pack
from peakend.model.problem import Problem

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"

TICKETS = """
file: tickets*.csv
zone: Asia/Shanghai
missing: ["?"]
customer: caller
events:
  - kind: incident.opened
    at: opened
    once: {per: incident_id}
    fields: {incident_id: number, priority: prio}
  - kind: incident.updated
    at: updated
    fields:
      incident_id: number
      state: {column: state, values: {1: New, 6: Resolved}}
"""
HEAD = """
pack: tickets
title: {zh: 工单, en: Tickets}
zone: Asia/Shanghai
events:
  incident.opened: {incident_id: text, priority: text}
  incident.updated: {incident_id: text, state: text}
"""
HEADER = "number,caller,opened,updated,state,prio\n"


class Import:
    """A folder to import in: a mapping, files, and what came of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "data"
        self.folder.mkdir(parents=True)
        self.packed = folder / "pack"
        self.out = folder / "out" / "log.parquet"
        self.quarantine = folder / "out" / "quarantine.jsonl"

    def file(self, name: str, content: str | bytes) -> Path:
        return self._put(self.folder / name, content)

    def _put(self, path: Path, content: str | bytes) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def pack(self, **mappings: str) -> Pack:
        """A pack in a folder beside the files; what its mappings name need not be declared."""
        pack, problems = self.read(HEAD, **mappings)
        assert pack and not problems, problems
        return pack

    def read(self, head: str, **mappings: str) -> tuple[Pack | None, list[Problem]]:
        self._put(self.packed / "pack.yaml", head)
        for name, mapping in mappings.items():
            self._put(self.mapping(name), mapping)
        return read_pack(self.packed)

    def mapping(self, name: str = "tickets") -> Path:
        return self.packed / "sources" / f"{name}.yaml"

    def opened(self, pack: Pack, *paths: Path) -> History:
        return open_history(pack, paths, self.out, self.quarantine)

    def mapped(self, mapping: str, *paths: Path) -> Intake:
        history = self.opened(self.pack(tickets=mapping), *(paths or [self.folder]))
        assert history.intake
        return history.intake

    def native(self, *paths: Path) -> Intake:
        return take_in(native_jobs(paths), self.out, self.quarantine)

    def events(self) -> list[dict[str, Any]]:
        rows = pq.read_table(self.out).to_pylist()
        return [{**row, "data": json.loads(row["data"])} for row in rows]

    def refused(self) -> list[dict[str, Any]]:
        if not self.quarantine.exists():
            return []
        return [json.loads(line) for line in self.quarantine.read_text().splitlines()]

    def wrote_nothing(self) -> bool:
        return not self.out.parent.exists() or not list(self.out.parent.iterdir())


@pytest.fixture
def imports(tmp_path: Path) -> Import:
    return Import(tmp_path)


def accounts_add_up(intake: Intake, refused: int) -> bool:
    return (
        intake.rows == intake.used + intake.skipped + intake.quarantined
        and intake.events == sum(intake.kinds.values())
        and refused == sum(intake.reasons.values())
    )


# ---- mappings


def test_one_row_gives_its_events_in_the_order_of_the_mapping(imports: Import) -> None:
    imports.file("tickets.csv", HEADER + "I1,Li,2026-03-01 20:00,2026-03-01 20:00,1,P1\n")
    intake = imports.mapped(TICKETS)
    noon = when.parse_instant("2026-03-01T12:00:00Z")
    assert pq.read_schema(imports.out).equals(LOG_SCHEMA)
    assert [
        (e["seq"], e["id"], e["kind"], e["customer"], e["source"], e["subject"], e["data"])
        for e in imports.events()
    ] == [
        (
            *(0, "tickets.csv:1/incident.opened", "incident.opened"),
            *("Li", "tickets", None, {"incident_id": "I1", "priority": "P1"}),
        ),
        (
            *(1, "tickets.csv:1/incident.updated", "incident.updated"),
            *("Li", "tickets", None, {"incident_id": "I1", "state": "New"}),
        ),
    ]
    table = pq.read_table(imports.out)
    assert table["happened_at"].cast(pa.int64()).to_pylist() == [noon, noon]
    assert table["seen_at"].cast(pa.int64()).to_pylist() == [noon, noon]
    assert (intake.first, intake.last, intake.files) == (noon, noon, ["tickets.csv"])
    assert is_log(imports.out)


def test_once_takes_the_first_row_that_can_be_used(imports: Import) -> None:
    imports.file(
        "tickets.csv",
        HEADER
        + "I1,?,2026-03-01,2026-03-01,1,P1\n"  # nobody: the row is lost, the incident is not
        + "I1,Li,soon,2026-03-02,1,P2\n"  # no usable date: the next row is tried
        + "I1,Li,2026-03-01,2026-03-03,6,P3\n"
        + "I1,Wu,2026-03-01,2026-03-04,6,P4\n"
        + "?,Wu,2026-03-01,2026-03-05,6,P4\n"
        + "I2,Wu,2026-03-01,2026-03-06,6,P5\n"
        + "I3,Wu,2026-03-01,2026-03-07,6,P5\n",
    )
    intake = imports.mapped(TICKETS)
    opened = [e for e in imports.events() if e["kind"] == "incident.opened"]
    assert [(e["customer"], e["data"]["priority"]) for e in opened] == [
        ("Li", "P3"),
        ("Wu", "P5"),
        ("Wu", "P5"),
    ]
    assert [(r["row"], r["line"], r.get("event"), r["reason"]) for r in imports.refused()] == [
        (1, 2, None, "no customer in caller"),
        (2, 3, "incident.opened", "opened is not a date"),
        (5, 6, "incident.opened", "no value in number, on which `once` rests"),
    ]
    assert (intake.rows, intake.used, intake.skipped, intake.quarantined) == (7, 6, 0, 1)
    assert (intake.events, intake.events_quarantined, intake.repeats) == (9, 2, 1)


def test_one_unusable_date_costs_one_event_and_names_its_column(imports: Import) -> None:
    good = "I{0},Li,2026-03-01,2026-03-02,1,P1\n"
    imports.file(
        "tickets.csv", HEADER + good.format(1) + "I2,Li,2026-03-01,31/02/2026,1,P1\n" + good.format(3)
    )
    intake = imports.mapped(TICKETS)
    assert intake.kinds == {"incident.opened": 3, "incident.updated": 2}
    (entry,) = imports.refused()
    assert entry == {
        "file": "tickets.csv",
        "row": 2,
        "line": 3,
        "event": "incident.updated",
        "column": "updated",
        "reason": "updated is not a date",
        "detail": "updated is '31/02/2026', expected ISO 8601",
        "fix": entry["fix"],
        "raw": dict(
            number="I2", caller="Li", opened="2026-03-01", updated="31/02/2026", state="1", prio="P1"
        ),
    }
    assert (intake.used, intake.quarantined, intake.events_quarantined) == (3, 0, 1)


@pytest.mark.parametrize(
    ("test", "passing"),
    [
        ("{state: New}", "a"),
        ("{state: [New, Old]}", "ab"),
        ("{n: 1}", "a"),
        ("{ok: true}", "a"),
        ("{state: {not: New}}", "bc"),
        ("{state: {not: [New, Old]}}", "c"),
        ("{state: {present: true}}", "abc"),
        ("{state: {present: false}}", "d"),
        ("{state: {present: true, not: Old}, n: {not: 3}}", "a"),
    ],
)
def test_a_row_that_fails_a_filter_is_skipped_and_counted(imports: Import, test: str, passing: str) -> None:
    imports.file("t.csv", "who,day,state,n,ok\na,2026-01-01,New,1,true\nb,2026-01-01,Old,2,false\n")
    imports.file("u.csv", "who,day,state,n,ok\nc,2026-01-01,Odd,3,?\nd,2026-01-01,?,?,?\n")
    mapping = f"""
file: "*.csv"
zone: UTC
missing: ["?"]
customer: who
events: [{{kind: thing.happened, at: day, when: {test}}}]
"""
    intake = imports.mapped(mapping)
    assert "".join(e["customer"] for e in imports.events()) == passing
    assert (intake.rows, intake.skipped) == (4, 4 - len(passing))


def test_fields_are_typed_translated_and_left_out_where_missing(imports: Import) -> None:
    imports.file(
        "t.csv",
        "who,at,score,ok,on,until,code,none\n"
        'a,01/03/2026 20:00,"-1.50",Y,05/04/2026 00:00,05/04/2026 00:00,2,N/A\n',
    )
    imports.mapped("""
file: t.csv
zone: Asia/Shanghai
dates: ["%d/%m/%Y", "%d/%m/%Y %H:%M"]
missing: [N/A]
customer: who
events:
  - kind: thing.happened
    at: at
    fields:
      score: {column: score, type: number}
      ok: {column: ok, type: boolean}
      "on": {column: "on", type: date}
      until: {column: until, type: timestamp}
      level: {column: code, type: number, values: {1: 10, 2: 20}}
      raw: code
      nothing: none
""")
    assert imports.events()[0]["data"] == {
        "score": -1.5,
        "ok": True,
        "on": "2026-04-05",
        "until": "2026-04-04T16:00:00Z",
        "level": 20,
        "raw": "2",
    }


def test_the_customer_is_the_first_name_whose_columns_are_all_there(imports: Import) -> None:
    imports.file(
        "t.csv", "street,house,crossing,day\nElm,{day},x,2026-01-01\nElm,,Elm/Oak,2026-01-01\n,,,2026-01-01\n"
    )
    imports.mapped("""
file: t.csv
zone: UTC
customer: ["{street} {house}", crossing]
events: [{kind: thing.happened, at: day}]
""")
    assert [e["customer"] for e in imports.events()] == ["Elm {day}", "Elm/Oak"]
    assert imports.refused()[0]["reason"] == "no customer in {street} {house} or crossing"


def test_ids_from_typed_columns_are_written_as_their_source_prints_them(imports: Import) -> None:
    ids = {
        "whole": pa.array([7.0], pa.float64()),
        "exact": pa.array([Decimal("12345678901234567890")], pa.decimal128(38, 0)),
        "day": pa.array([date(2026, 1, 1)]),
        "lost": pa.array([float("nan")]),
        "codes": pa.array([["a", "b"]]),
    }
    pq.write_table(pa.table(ids), imports.folder / "t.parquet")
    imports.mapped("""
file: t.parquet
zone: UTC
missing: [7]
customer: [lost, whole, exact]
events: [{kind: a.happened, at: day, fields: {codes: codes, day: day}, when: {codes: {not: x}}}]
""")
    (event,) = imports.events()
    assert event["customer"] == "12345678901234567890"
    assert event["data"] == {"codes": ["a", "b"], "day": "2026-01-01"}


def test_public_measures_have_no_customer_and_subjects_may_stand_for_one(imports: Import) -> None:
    imports.file("t.csv", "who,region,day\n,north,2026-01-01\n,,2026-01-01\n")
    events = "events: [{kind: review.posted, at: day}]"
    intake = imports.mapped(f"file: t.csv\nzone: UTC\ncustomer: none\n{events}")
    assert (intake.events, intake.without_customer) == (2, 2)
    intake = imports.mapped(f"file: t.csv\nzone: UTC\ncustomer: who\nsubject: region\n{events}")
    assert [(e["customer"], e["subject"]) for e in imports.events()] == [(None, "north")]
    assert intake.quarantined == 1


def test_a_lookup_brings_columns_from_a_file_beside_and_feeds_the_next(imports: Import) -> None:
    imports.file("reviews.csv", "order,day\n1,2026-01-01\n2,2026-01-01\n3,2026-01-01\n")
    imports.file("orders.csv", "id,buyer_id\n1,b1\n2,b2\n2,b9\n")
    imports.file("buyers.csv.gz", gzip.compress(b"buyer_id,name\nb1,Li\n"))
    imports.mapped("""
file: reviews.csv
zone: UTC
lookups:
  order: {file: orders.csv, key: id, on: order, columns: [buyer_id]}
  buyer: {file: "buyers.csv*", key: buyer_id, columns: [name]}
customer: name
events: [{kind: review.answered, at: day, fields: {buyer: buyer_id}}]
""")
    assert [(e["customer"], e["data"]) for e in imports.events()] == [("Li", {"buyer": "b1"})]
    assert [r["row"] for r in imports.refused()] == [2, 3]


def test_local_times_in_a_gap_move_on_and_in_a_fold_are_the_first(imports: Import) -> None:
    imports.file("t.csv", "who,at\na,2026-03-29 02:30\na,2026-10-25 02:30\n")
    imports.mapped("file: t.csv\nzone: Europe/Berlin\ncustomer: who\nevents: [{kind: a.happened, at: at}]")
    at = [
        when.format_instant(row)
        for row in pq.read_table(imports.out)["happened_at"].cast(pa.int64()).to_pylist()
    ]
    assert at == ["2026-03-29T01:30:00Z", "2026-10-25T00:30:00Z"]


def test_an_arrival_time_is_kept_and_a_plan_needs_the_source_to_say_so(imports: Import) -> None:
    imports.file(
        "t.csv", "who,at,seen\na,2026-01-01T00:00Z,2026-01-02T00:00Z\na,2026-02-01T00:00Z,2026-01-02T00:00Z\n"
    )
    mapping = "file: t.csv\ncustomer: who\nevents: [{kind: visit.planned, at: at, seen: seen}]"
    intake = imports.mapped(mapping)
    assert [str(e["seen_at"] - e["happened_at"]) for e in imports.events()] == ["1 day, 0:00:00"]
    assert "after it was seen" in imports.refused()[0]["reason"]
    assert intake.events_quarantined == 1
    assert imports.mapped(f"scheduled: true\n{mapping}").events == 2


# ---- duplicates


def test_mapped_rows_without_an_id_stay_apart_unless_the_source_says_drop(imports: Import) -> None:
    imports.file("t.csv", "who,at\n" + "a,2026-01-01\n" * 3)
    mapping = "file: t.csv\nzone: UTC\ncustomer: who\nevents: [{kind: a.happened, at: at}]"
    assert imports.mapped(mapping).events == 3
    assert [e["id"] for e in imports.events()] == ["t.csv:1", "t.csv:2", "t.csv:3"]
    intake = imports.mapped(f"duplicates: drop\n{mapping}")
    assert (intake.events, intake.duplicates, intake.skipped) == (1, 2, 2)


def test_one_id_with_the_same_body_is_a_duplicate_and_with_another_is_refused(imports: Import) -> None:
    imports.file(
        "t.csv",
        "id,who,at,x\n1,a,2026-01-01,p\n1,a,2026-01-01 00:00:00,p\n1,a,2026-01-01,q\n2,a,2026-01-01,p\n",
    )
    intake = imports.mapped("""
file: t.csv
zone: UTC
id: id
customer: who
events: [{kind: a.happened, at: at, fields: {x: x}}, {kind: b.happened, at: at}]
""")
    assert [e["id"] for e in imports.events()] == [f"{n}/{k}.happened" for n in (1, 2) for k in "ab"]
    assert (intake.duplicates, intake.skipped, intake.quarantined) == (3, 1, 1)
    (entry,) = imports.refused()
    assert (entry["row"], entry["event"]) == (3, "a.happened")
    assert entry["detail"] == "id '1/a.happened' of source 'tickets'"


# ---- the native form


def native_line(**changes: Any) -> dict[str, Any]:
    return {"id": "1", "customer": "a", "kind": "a.happened", "at": "2026-01-01T08:00:00+08:00"} | changes


def test_native_json_lines_come_in_with_their_ids_normalised_to_utc(imports: Import) -> None:
    lines = [
        native_line(data={"b": 1, "a": None}, source="crm", seen="2026-01-01T00:00:07Z", subject="north"),
        native_line(at="2026-01-01T00:00:00Z", data={"a": None, "b": 1}, source="crm", subject="north"),
        native_line(source="erp"),
        native_line(data={"b": 2}, source="crm"),
    ]
    path = imports.file("log.jsonl", "\n".join(map(json.dumps, lines)))
    intake = imports.native(path)
    first = imports.events()[0]
    assert (first["data"], first["source"], first["subject"]) == ({"b": 1, "a": None}, "crm", "north")
    assert str(first["seen_at"] - first["happened_at"]) == "0:00:07"
    assert (intake.events, intake.duplicates, intake.quarantined) == (2, 1, 1)
    assert imports.refused()[0]["reason"] == "the id was used before with other content"


def test_without_an_id_the_same_content_is_the_same_event(imports: Import) -> None:
    path = imports.file(
        "log.jsonl", "\n".join(json.dumps(native_line(id=None, data={"n": n})) for n in (1, 1, 2))
    )
    assert (imports.native(path).events, imports.native(path).duplicates) == (2, 1)


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet", "log"])
def test_the_native_form_is_the_same_log_from_every_kind_of_file(imports: Import, form: str) -> None:
    lines = [native_line(id=str(n), data={"n": n}) for n in range(3)]
    text = imports.file("in/first.jsonl", "\n".join(map(json.dumps, lines)))
    imports.native(text)
    expected = imports.events()
    if form == "csv":
        cells = "".join(f'{n},a,a.happened,2026-01-01T00:00:00Z,"{{""n"": {n}}}"\n' for n in range(3))
        text = imports.file("in.csv", "id,customer,kind,at,data\n" + cells)
    elif form == "parquet":
        text = imports.folder / "in.parquet"
        at = pa.array([when.parse_instant("2026-01-01T00:00:00Z")] * 3, pa.timestamp("us", "UTC"))
        columns = {"id": ["0", "1", "2"], "customer": ["a"] * 3, "kind": ["a.happened"] * 3, "at": at}
        pq.write_table(pa.table(columns | {"data": [{"n": n} for n in range(3)]}), text)
    elif form == "log":
        text = imports.out.rename(imports.folder / "earlier.parquet")
    assert is_native(text)
    assert imports.native(text).events == 3
    assert imports.events() == expected


def test_a_folder_and_a_glob_are_read_in_the_order_of_their_names(imports: Import) -> None:
    for name in ("b.jsonl", "a.jsonl", "deep/c.jsonl.gz"):
        line = json.dumps(native_line(id=name)).encode()
        imports.file(f"in/{name}", gzip.compress(line) if name.endswith("gz") else line)
    imports.file("in/README.md", "not events")
    folder = imports.folder / "in"
    history = imports.opened(imports.pack(), folder)
    assert [e["id"] for e in imports.events()] == ["a.jsonl", "b.jsonl", "deep/c.jsonl.gz"]
    assert [path.name for path in history.unread] == ["README.md"]
    history = imports.opened(imports.pack(), folder / "*.jsonl")
    assert history.intake and history.intake.events == 2


def test_a_folder_without_events_says_so(imports: Import) -> None:
    imports.file("in/README.md", "not events")
    with pytest.raises(SourceError, match="none is in the native form"):
        imports.opened(imports.pack(), imports.folder / "in")
    assert not is_native(imports.file("tickets.csv", HEADER))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kind": "opened"}, "noun.past_participle"),
        ({"kind": "standard.breached"}, "written by Peakend"),
        ({"kind": ["a.b"]}, "noun.past_participle"),
        ({"customer": "x" * 10_000}, "10000 bytes"),
        ({"customer": "a\0"}, "NUL"),
        ({"customer": {"id": 1}}, "not a single value"),
        ({"customer": ""}, "no customer"),
        ({"at": "2026-01-01T00:00:00"}, "at is not a date"),
        ({"at": 1_767_225_600}, "at is not a date"),
        ({"at": None}, "no date in at"),
        ({"at": "0001-01-01T00:00:00Z"}, "1970 to 2199"),
        ({"at": "2026-01-01T00:00:00Z", "seen": "2025-01-01T00:00:00Z"}, "after it was seen"),
        ({"data": "{"}, "data is no JSON"),
        ({"data": [1]}, "not an object"),
        ({"data": {"x": "a\0b"}}, "NUL"),
        ({"incident_id": "7"}, "'incident_id' is no column"),
    ],
)
def test_a_native_event_that_cannot_be_used_is_quarantined_with_its_reason(
    imports: Import, change: dict[str, Any], reason: str
) -> None:
    lines = [native_line(id="good"), native_line(id="bad") | change, native_line(id="fine")]
    path = imports.file("log.jsonl", "\n".join(map(json.dumps, lines)))
    intake = imports.native(path)
    (entry,) = imports.refused()
    assert reason in entry["reason"]
    assert (entry["row"], entry["line"], entry["raw"]["id"]) == (2, 2, "bad")
    assert (intake.events, intake.quarantined) == (2, 1)


def test_a_null_customer_is_a_public_measure_and_an_absent_one_a_fault(imports: Import) -> None:
    absent = native_line(id="3")
    del absent["customer"]
    lines = [native_line(), native_line(id="2", customer=None), absent]
    intake = imports.native(imports.file("log.jsonl", "\n".join(map(json.dumps, lines))))
    assert (intake.events, intake.without_customer, intake.quarantined) == (2, 1, 1)


# ---- one clear message, and nothing half-written

BAD_MAPPINGS = [
    ("fil: x.csv\n", 1, "'fil' is not a key of a source mapping", "Did you mean 'file'?"),
    ("file: x.csv\nevents: [{kind: incident.updated, at: c}]\n", 1, "lacks 'customer'", "customer:"),
    (TICKETS.replace("    at: updated", "    att: updated"), 12, "'att' is not a key", "'at'"),
    (TICKETS.replace("column: state", "colum: state"), 15, "'colum' is not a key", "'column'"),
    (TICKETS.replace("per: incident_id", "per: incident"), 9, "no field of incident.opened", "'incident_id'"),
    (TICKETS.replace("Asia/Shanghai", "Asia/Shanghia"), 3, "Asia/Shanghia", "Asia/Shanghai"),
    (TICKETS.replace("zone:", "dates: '%d/%m'\nzone:"), 3, "does not say day, month and year", "%d/%m/%Y"),
    (TICKETS.replace("zone:", "dates: '%H:%M'\nzone:"), 3, "does not say day", "%d/%m/%Y"),
    (TICKETS.replace("zone:", "dates: '%Q'\nzone:"), 3, "'%Q'", "%d/%m/%Y"),
    (TICKETS.replace("zone:", "encoding: utf8-excel\nzone:"), 3, "encoding 'utf8-excel'", "gb18030"),
    (TICKETS.replace("zone:", "delimiter: '::'\nzone:"), 3, "not one character", "delimiter"),
    (TICKETS.replace("incident.opened", "incident.opend"), 7, "'incident.opend'", "'incident.opened'"),
    (TICKETS.replace("incident.opened", "encounter.closed"), 7, "derived or recorded by Peakend", ""),
    (TICKETS.replace("incident_id: number, prio", "titel: number, prio"), 10, "'titel' is not a field", ""),
    (TICKETS.replace("priority: prio", "priorty: prio"), 10, "'priorty'", "'priority'"),
    (TICKETS.replace("at: updated", "at: [a]"), 12, "'at' is a list", ""),
    (TICKETS.replace("zone: A", "zone: 'A"), 3, "quote", ""),
    (TICKETS.replace("zone:", "file: a\nzone:"), 3, "'file' stands here twice", ""),
    (TICKETS.replace("zone:", "zone：x\nzone:"), 3, "full-width colon", "half-width"),
    (TICKETS.replace("at: updated", "on: 2017-06-01").replace("zone:", "# "), 12, "names none", "Add zone"),
    (TICKETS.replace("at: updated", "on: 1 June"), 12, "'1 June' is not a date", "2026-03-31"),
    (TICKETS.replace("    at: updated\n", ""), 11, "exactly one of at and on; here none", "on: 2017-06-01"),
    (TICKETS.replace("at: updated", "at: updated\n    on: 2017-06-01"), 13, "here both", "at: COLUMN"),
    ("just text", 1, "a mapping (key: value) is needed", ""),
    ("", 1, "empty", ""),
]


def wrong(imports: Import, mapping: str, head: str = HEAD) -> list[Problem]:
    pack, problems = imports.read(head, tickets=mapping)
    assert pack
    return [*problems, *lint_sources(pack, problems)]


@pytest.mark.parametrize(("mapping", "line", "what", "fix"), BAD_MAPPINGS)
def test_a_wrong_mapping_is_named_with_its_line_and_the_fix(
    imports: Import, mapping: str, line: int, what: str, fix: str
) -> None:
    problem = next(found for found in wrong(imports, mapping) if what in found.what)
    assert fix in problem.fix
    assert problem.what_zh != problem.what
    assert problem.place == (str(imports.mapping()), line)
    with pytest.raises(PackError):
        load_pack(imports.packed)


def test_a_sound_mapping_has_no_problems(imports: Import) -> None:
    assert wrong(imports, TICKETS) == []


@pytest.mark.parametrize(
    ("declared", "field", "code"),
    [
        ("number", "{column: x, type: number}", ""),
        ("number", "x", ""),
        ("number", "{column: x, type: text}", "source_type"),
        ("text", "{column: x, type: number}", ""),
        ("date", "{column: x, type: date}", ""),
        ("date", "x", "source_date"),
        ("timestamp", "{column: x, type: boolean}", "source_type"),
        ("zone", "{column: x, type: text}", ""),
    ],
)
def test_the_type_of_a_field_must_be_one_that_the_pack_takes(
    imports: Import, declared: str, field: str, code: str
) -> None:
    mapping = TICKETS.replace("priority: prio", f"priority: {field}").replace(
        "zone:", "dates: '%d.%m.%Y'\nzone:"
    )
    found = wrong(imports, mapping, HEAD.replace("priority: text", f"priority: {declared}"))
    assert [problem.code for problem in found] == ([code] if code else [])


WAVE = """
file: wave.csv
zone: America/Los_Angeles
customer: "2017/{RESPNUM}"
events:
  - kind: incident.opened
    on: 2017-06-01
    fields: {incident_id: RESPNUM, priority: "NETPRO  "}
"""


@pytest.mark.parametrize("header", ["RESPNUM,NETPRO  ", " RESPNUM ,NETPRO", "RESPNUM,NETPRO"])
@pytest.mark.parametrize("written", ['"NETPRO  "', "NETPRO"])
def test_blanks_around_a_header_do_not_hide_a_column_whichever_way_the_mapping_writes_it(
    imports: Import, header: str, written: str
) -> None:
    imports.file("wave.csv", f"{header}\n1,9\n2, \n3,10\n")
    intake = imports.mapped(WAVE.replace('"NETPRO  "', written))
    assert (intake.rows, intake.used) == (3, 3)
    assert [event["data"].get("priority") for event in imports.events()] == ["9", None, "10"]


def test_rows_without_a_date_all_happen_on_the_day_that_the_mapping_says(imports: Import) -> None:
    imports.file("wave.csv", "RESPNUM,NETPRO\n1,9\n2,8\n")
    imports.mapped(WAVE)
    midnight = when.parse_instant("2017-06-01T07:00:00Z")
    assert {when.parse_instant(event["happened_at"].isoformat()) for event in imports.events()} == {midnight}
    assert [event["customer"] for event in imports.events()] == ["2017/1", "2017/2"]


def test_a_day_that_lies_before_the_source_learnt_of_it_is_allowed_and_the_reverse_is_put_aside(
    imports: Import,
) -> None:
    imports.file("wave.csv", "RESPNUM,NETPRO,stored\n1,9,2017-07-01\n2,8,2017-01-01\n")
    intake = imports.mapped(WAVE.replace("    on:", "    seen: stored\n    on:"))
    assert (intake.used, intake.quarantined) == (1, 1)
    assert "2017-06-01" in imports.refused()[0]["reason"]


def test_rows_of_json_lines_need_no_column_of_time_where_the_day_is_said(imports: Import) -> None:
    path = imports.file("wave.jsonl", '{"RESPNUM": 1, "NETPRO": 9}\n')
    intake = imports.mapped(WAVE.replace('"NETPRO  "', "NETPRO"), path)
    assert (intake.used, intake.events) == (1, 1)


def test_codes_stay_as_they_are_written(imports: Import) -> None:
    imports.file("t.csv", "who,at,code,n\na,2026-01-01,007,1.0\nb,2026-01-01,7,1.0\nc,2026-01-01,007,-0\n")
    intake = imports.mapped("""
file: t.csv
zone: UTC
missing: [-0]
customer: who
events: [{kind: a.happened, at: at, when: {code: 007, n: [1.0, True]}}]
""")
    assert ([e["customer"] for e in imports.events()], intake.skipped) == (["a"], 2)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tickets.csv", HEADER.replace("opened", "opend") + "I1,Li,2026-03-01,2026-03-01,1,P1\n"),
        ("tickets.csv", HEADER.replace(",", ";").replace("opened", "opend")),
        ("tickets.jsonl", json.dumps({"number": 1, "caler": "Li"})),
    ],
)
def test_a_wrong_column_name_is_one_message_with_the_nearest(
    imports: Import, name: str, content: str
) -> None:
    path = imports.file(name, content)
    with pytest.raises(SourceError, match="has no column") as caught:
        imports.mapped(TICKETS, path)
    assert "Did you mean" in caught.value.fix
    assert "It has: number" in caught.value.fix
    assert imports.wrote_nothing()


def test_dates_of_another_format_stop_the_import_with_one_message(imports: Import) -> None:
    rows = "".join(f"I{n},Li,13/3/2016 01:16,13/3/2016 01:16,1,P1\n" for n in range(2_000))
    imports.file("tickets.csv", HEADER + rows)
    with pytest.raises(SourceError) as caught:
        imports.mapped(TICKETS)
    assert caught.value.what == (
        "tickets.csv row 1: opened is '13/3/2016 01:16', expected ISO 8601; "
        "1000 of the first 1000 rows fail alike"
    )
    assert caught.value.fix == "It looks like %d/%m/%Y %H:%M; say `dates: '%d/%m/%Y %H:%M'` in the mapping"
    assert caught.value.place == (str(imports.mapping()), 8)
    assert "第 1 行" in caught.value.what_zh
    assert imports.wrote_nothing()


def test_a_date_pattern_that_fits_no_row_is_told_at_its_line_however_the_rows_are_split(
    imports: Import,
) -> None:
    """Each row fails in another event and column, and still the whole file fails."""
    rows = "".join(
        f"I{n},Li,2026-03-01 08:00,2026-03-02 08:00,{('New', 'Done', 'Gone')[n % 3]},P1\n" for n in range(800)
    )
    imports.file("tickets.csv", HEADER + rows)
    mapping = """
file: tickets*.csv
zone: Asia/Shanghai
dates: ["%d.%m.%Y"]
customer: caller
events:
  - {kind: incident.opened, at: opened, when: {state: New}}
  - {kind: incident.updated, at: updated, when: {state: Done}}
  - {kind: incident.updated, at: prio, when: {state: Gone}}
"""
    with pytest.raises(
        SourceError, match=r"row 1: opened is '2026-03-01 08:00', expected %d\.%m\.%Y"
    ) as caught:
        imports.mapped(mapping)
    assert caught.value.place == (str(imports.mapping()), 4)
    assert caught.value.fix == "It looks like iso; say `dates: iso` in the mapping"
    assert imports.wrote_nothing()


def test_a_wrong_column_of_the_customer_stops_the_import_at_its_line(imports: Import) -> None:
    imports.file("tickets.csv", HEADER + "I1,?,2026-03-01,2026-03-01,1,P1\n" * 60)
    with pytest.raises(SourceError, match="no customer in caller; 60 of the first 60 rows") as caught:
        imports.mapped(TICKETS)
    assert caught.value.place and caught.value.place.line == 5


def test_an_import_that_gives_no_event_is_an_error_and_writes_nothing(imports: Import) -> None:
    imports.file("tickets.csv", HEADER + "I1,Li,2026-03-01,2026-03-01,1,P1\n" * 30)
    with pytest.raises(SourceError, match="none of the 30 rows gives an event: no rule"):
        imports.mapped(
            "file: tickets.csv\nzone: UTC\ncustomer: caller\n"
            "events: [{kind: a.happened, at: opened, when: {state: Nwe}}]"
        )
    imports.file("tickets.csv", HEADER)
    with pytest.raises(SourceError, match="only a header"):
        imports.mapped(TICKETS)
    assert imports.wrote_nothing()


def test_a_time_without_a_zone_is_never_silently_utc(imports: Import) -> None:
    imports.file("tickets.csv", HEADER + "I1,Li,2026-03-01,2026-03-01,1,P1\n")
    with pytest.raises(SourceError, match="without a zone") as caught:
        imports.mapped(TICKETS.replace("zone: Asia/Shanghai\n", ""))
    assert "zone: Asia/Shanghai" in caught.value.fix


def test_a_late_error_leaves_the_earlier_log_as_it_was(imports: Import) -> None:
    path = imports.file("log.jsonl", json.dumps(native_line()))
    imports.native(path)
    before = imports.out.read_bytes()
    bad = imports.file("bad.jsonl.gz", gzip.compress(json.dumps(native_line()).encode() * 9)[:-9])
    with pytest.raises(SourceError):
        imports.native(path, bad)
    assert imports.out.read_bytes() == before
    assert sorted(file.name for file in imports.out.parent.iterdir()) == ["log.parquet", "quarantine.jsonl"]


def test_a_folder_that_cannot_be_written_is_said(imports: Import) -> None:
    path = imports.file("log.jsonl", json.dumps(native_line()))
    imports.out.parent.write_text("a file where the folder should be")
    with pytest.raises(PeakendError, match="cannot be written"):
        imports.native(path)


@pytest.mark.parametrize(
    ("columns", "says"),
    [("id,customer,kind,when", "no column 'at'"), ("id,customer,kind,at,score", "the column 'score'")],
)
def test_a_file_that_is_not_native_says_why(imports: Import, columns: str, says: str) -> None:
    with pytest.raises(SourceError, match=says) as caught:
        imports.native(imports.file("log.csv", f"{columns}\n"))
    assert "mapping" in caught.value.fix
    assert imports.wrote_nothing()


def test_files_of_no_source_are_said_and_a_lone_source_takes_any_file(imports: Import) -> None:
    both = imports.pack(a=TICKETS, b=TICKETS.replace("tickets*", "calls*"))
    path = imports.file("data/export.csv", HEADER + "I1,Li,2026-03-01,2026-03-01,1,P1\n")
    with pytest.raises(SourceError, match="to which source") as caught:
        imports.opened(both, path)
    assert caught.value.fix == "a takes tickets*.csv; b takes calls*.csv"
    with pytest.raises(SourceError, match="no mapping takes a file") as caught:
        imports.opened(both, path.parent)
    assert caught.value.fix == "a takes tickets*.csv; b takes calls*.csv"
    imports.mapping("b").unlink()
    history = imports.opened(imports.pack(a=TICKETS), path)
    assert history.intake and history.intake.rows == 1


def test_a_folder_may_hold_exports_and_native_files_and_what_nobody_takes_is_listed(imports: Import) -> None:
    imports.file("in/tickets.csv", HEADER + "I1,Li,2026-03-01,2026-03-01,1,P1\n,,,,,\n")
    imports.file("in/contacts.jsonl", json.dumps(native_line(customer="Li", kind="contact.set")))
    imports.file("in/notes.csv", "a,b\n1,2\n")
    imports.file("in/report.html", "<html>")
    imports.file("in/log.truth.json", "{}")
    imports.file("in/.hidden/tickets.csv", HEADER)
    history = imports.opened(imports.pack(tickets=TICKETS), imports.folder / "in")
    assert [e["kind"] for e in imports.events()] == ["incident.opened", "incident.updated", "contact.set"]
    assert [path.name for path in history.unread] == ["log.truth.json", "notes.csv", "report.html"]
    assert history.quarantine == imports.quarantine and history.quarantined == 1
    assert history.intake and history.intake.reasons == {"no customer in caller": 1}
    assert history.intake.reasons_zh == {"no customer in caller": "caller 里没有客户"}


def test_a_log_beside_exports_is_refused_and_alone_it_is_taken_as_it_is(imports: Import) -> None:
    export = imports.file("in/tickets.csv", HEADER + "I1,Li,2026-03-01,2026-03-01,1,P1\n")
    pack = imports.pack(tickets=TICKETS)
    imports.opened(pack, export)
    log = imports.out.rename(imports.folder / "in" / "log.parquet")
    with pytest.raises(SourceError, match="stand side by side") as caught:
        imports.opened(pack, export.parent)
    assert caught.value.place == (str(log), 0)
    assert "Move log.parquet" in caught.value.fix
    export.rename(export.with_suffix(".bak"))
    history = imports.opened(pack, log.parent)
    assert (history.log, history.intake, history.quarantine) == ([log], None, None)
    assert [path.name for path in history.unread] == ["tickets.bak"]


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("nothing", None, "there is no such file or folder"),
        ("no*.csv", None, "no file matches this pattern"),
        ("README.md", "# x", "not a log: expected CSV, JSONL, Parquet or XES"),
        ("LICENSE", "x", "not a log: expected CSV, JSONL, Parquet or XES"),
        ("report.html", "<html>", "not a log: expected CSV, JSONL, Parquet or XES"),
        ("book.xlsx", "x", "an Excel workbook cannot be read"),
        ("log.truth.json", "{}", "this is a truth file, not a log"),
        ("calls.csv", "a,b\n", "not in the native form"),
    ],
)
def test_a_path_that_is_no_log_says_what_it_is(
    imports: Import, name: str, content: str | None, what: str
) -> None:
    path = imports.folder / name if content is None else imports.file(name, content)
    with pytest.raises(SourceError) as caught:
        imports.opened(imports.pack(), path)
    assert what in caught.value.what
    assert caught.value.place == (str(path), 0)
    assert caught.value.what_zh and caught.value.fix_zh


def test_progress_ends_at_the_size_of_all_files(imports: Import) -> None:
    paths = [
        imports.file(f"{n}.jsonl", "\n".join(json.dumps(native_line(id=f"{n}-{i}")) for i in range(5_000)))
        for n in range(2)
    ]
    said: list[tuple[int, int]] = []
    take_in(
        native_jobs(paths), imports.out, imports.quarantine, lambda done, total: said.append((done, total))
    )
    total = sum(path.stat().st_size for path in paths)
    assert said == sorted(said)
    assert len(said) == 6
    assert said[-1] == (total, total)


# ---- the accounts

CELLS = st.sampled_from(
    ["", "?", "Li", "2026-03-01", "2026-03-01 08:00", "31/31/2026", "1", "x\ny", '"', "1900-01-01"]
)


@given(st.lists(st.lists(CELLS, min_size=0, max_size=7), max_size=30))
def test_every_row_is_accounted_for(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    imports = Import(tmp_path_factory.mktemp("accounts"))
    good = ["I0,Li,2026-03-01,2026-03-01,1,P1"] * 20
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    imports.file("tickets.csv", HEADER + "\n".join([*good, *good, *quoted]) + "\n")
    intake = imports.mapped(TICKETS)
    refused = imports.refused()
    events = imports.events()
    assert intake.rows == 40 + sum(1 for row in rows if row)
    assert accounts_add_up(intake, len(refused))
    assert len(events) == intake.events == len({event["id"] for event in events})
    assert [event["seq"] for event in events] == list(range(len(events)))
    named = {int(event["id"].split(":")[1].split("/")[0]) for event in events} | {
        entry["row"] for entry in refused
    }
    assert named == set(range(1, intake.rows + 1))


# ---- a real set (the others are those of the examples)


def test_a_parquet_export_loses_29_rows_without_a_caller_and_nothing_else(
    real_data: Path, tmp_path: Path
) -> None:
    pack = load_pack(EXAMPLES / "itsm")
    export = real_data / "uci_incident_log" / "incident_event_log.parquet"
    intake = open_history(pack, [export], tmp_path / "log.parquet", tmp_path / "quarantine.jsonl").intake
    assert intake
    assert (intake.rows, intake.used, intake.skipped, intake.quarantined) == (141_712, 141_683, 0, 29)
    assert (intake.kinds["incident.opened"], intake.kinds["incident.updated"]) == (24_915, 141_683)
    assert intake.reasons == {"no customer in caller_id": 29}
