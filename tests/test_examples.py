"""The examples: packs that newcomers copy, on data that nobody here wrote, with figures that are known.

Each set is converted and backtested once; what a play found is compared with a plain query over the events.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import duckdb
import ibis
import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from peakend.backtest import backtest
from peakend.check import check
from peakend.design.pack import load_pack, read_pack
from peakend.listen.history import open_history
from peakend.listen.intake import Intake
from peakend.model.pack import Pack
from peakend.model.result import BacktestResult
from peakend.model.source import CellTest, EventRule, FieldRule, Lookup, Once, SourceFile
from peakend.moments import How, explain

CHECKOUT = Path(__file__).resolve().parent.parent
EXAMPLES = CHECKOUT / "examples"
PAGE = CHECKOUT / "docs" / "sources.md"


class Run(NamedTuple):
    """One example on its data: what came in, where the log is, and what the plays would have done."""

    pack: Pack
    intake: Intake
    log: Path
    result: BacktestResult

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """Ask the events of the log: a table `events` with customer, kind, at (local), us, seq and data."""
        connection = duckdb.connect()
        connection.execute(f"SET TimeZone = '{self.pack.head.zone}'")
        connection.execute(
            f"""CREATE VIEW events AS SELECT customer, kind, seq, data, epoch_us(happened_at) AS us,
                happened_at::TIMESTAMP AS "at" FROM read_parquet('{self.log}')"""
        )
        return connection.execute(sql).fetchall()

    def number(self, sql: str) -> object:
        return self.query(sql)[0][0]


def run(example: str, data: Path, folder: Path) -> Run:
    pack = load_pack(EXAMPLES / example)
    out, quarantine = folder / "log.parquet", folder / "quarantine.jsonl"
    history = open_history(pack, [data], out, quarantine)
    assert history.intake is not None
    result = backtest(pack, history.log, workers=2, quarantined=history.quarantined)
    return Run(pack, history.intake, out, result)


@pytest.fixture(scope="module")
def itsm(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    data = real_data / "uci_incident_log" / "incident_event_log.csv.gz"
    return run("itsm", data, tmp_path_factory.mktemp("itsm"))


@pytest.fixture(scope="module")
def permits(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run("permits", real_data / "wabo_receipt" / "receipt.xes.gz", tmp_path_factory.mktemp("permits"))


@pytest.fixture(scope="module")
def new_year(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    data = real_data / "nyc311" / "nyc311_2019-12-31.csv.gz"
    return run("city-repairs", data, tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="module")
def marketplace(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run("marketplace", real_data / "olist_8k", tmp_path_factory.mktemp("marketplace"))


@pytest.mark.parametrize("example", sorted(path.parent.name for path in EXAMPLES.glob("*/pack.yaml")))
def test_every_example_is_sound_and_its_stories_hold(example: str) -> None:
    checked = check(EXAMPLES / example)
    assert [str(problem) for problem in checked.problems if problem.severity != "note"] == []
    assert [str(problem) for played in checked.stories for problem in played.problems] == []
    assert len(checked.stories) >= 2
    assert (EXAMPLES / example / "README.md").is_file()


# ---- itsm


def test_29_rows_without_a_caller_are_put_aside_and_every_other_row_is_used(itsm: Run) -> None:
    intake = itsm.intake
    assert (intake.rows, intake.used, intake.skipped, intake.quarantined) == (141_712, 141_683, 0, 29)
    assert intake.reasons == {"no customer in caller_id": 29}
    assert intake.kinds == {
        "incident.opened": 24_915,
        "incident.updated": 141_683,
        "incident.taken": 24_915,
        "incident.resolved": 25_190,
        "incident.reopened": 275,
        "incident.closed": 24_915,
    }
    assert (itsm.result.quarantined, itsm.result.customers) == (29, 5_244)


def test_nobody_at_work_for_48_hours_fires_3725_times_and_unsolved_9320_times(itsm: Run) -> None:
    plays = itsm.result.plays
    assert (plays["no-progress"].entries, plays["no-progress"].firings) == (24_915, 3_725)
    assert (plays["unresolved"].entries, plays["unresolved"].firings) == (24_915, 9_320)


def test_40_more_incidents_miss_48_hours_when_the_time_before_they_were_reported_again_counts(
    itsm: Run,
) -> None:
    restore = itsm.result.touchpoints["incident"].standards["restore"]
    assert (restore.kept, restore.breached) == (15_541, 9_359)
    readme = (EXAMPLES / "itsm" / "README.md").read_text("utf-8")
    assert readme.count("9,359") == 2
    assert readme.count("9,319") == 4


def test_three_incidents_change_their_caller_and_the_readme_names_them(itsm: Run) -> None:
    found = itsm.query(
        """SELECT (data->>'incident_id') AS incident FROM events
           WHERE kind IN ('incident.opened', 'incident.updated')
           GROUP BY 1 HAVING count(DISTINCT customer) > 1 ORDER BY 1"""
    )
    assert found == [("INC0005103",), ("INC0005211",), ("INC0006078",)]
    readme = (EXAMPLES / "itsm" / "README.md").read_text("utf-8")
    assert all(str(name) in readme for (name,) in found)


def test_asking_is_held_back_by_open_incidents_and_by_the_cap(itsm: Run) -> None:
    asked = itsm.result.plays["ask-after-solved"]
    assert asked.firings == asked.send + asked.hold + sum(asked.suppress.values())
    assert set(asked.suppress) == {"moment", "cap"}
    # at most one in thirty days: over a year nobody is asked more than thirteen times
    assert asked.people <= asked.send <= 13 * asked.people


def test_the_result_is_the_same_for_one_worker_and_for_two(itsm: Run) -> None:
    assert backtest(itsm.pack, [itsm.log], workers=1, quarantined=29) == itsm.result


# ---- permits


def test_1434_applications_and_8577_steps_are_read_from_the_xes_file(permits: Run) -> None:
    assert (permits.intake.rows, permits.intake.used) == (8_577, 8_577)
    assert permits.intake.kinds == {
        "application.received": 1_434,
        "step.completed": 8_577,
        "receipt.sent": 1_300,
        "application.decided": 1_329,
    }


DECISIONS = """
    WITH received AS (SELECT customer, us, epoch_us((data->>'deadline')::TIMESTAMPTZ) AS deadline,
                             epoch_us((data->>'planned_end')::TIMESTAMPTZ) AS planned
                      FROM events WHERE kind = 'application.received'),
         decided AS (SELECT customer, us AS decided FROM events WHERE kind = 'application.decided'),
         known AS (SELECT *, (SELECT max(us) FROM events) AS last
                  FROM received LEFT JOIN decided USING (customer))
"""


def test_377_decisions_come_after_the_deadline(permits: Run) -> None:
    assert permits.number(f"{DECISIONS} SELECT count(*) FROM known WHERE decided > deadline") == 377


def test_a_planned_end_that_passes_is_told_exactly_where_no_decision_came_before_it(permits: Run) -> None:
    passed = permits.number(
        f"""{DECISIONS} SELECT count(*) FROM known
            WHERE planned <= last AND (decided IS NULL OR decided > planned OR decided < us)"""
    )
    assert permits.result.plays["planned-end-passed"].firings == passed == 431


def test_an_applicant_is_written_to_only_while_the_decision_is_open(permits: Run) -> None:
    told = permits.result.plays["deadline-near"]
    assert told.firings == told.send + sum(told.suppress.values()) == 1_182
    assert told.steps["decide-in-time"].send > told.steps["later-than-promised"].send > 377


# ---- city-repairs


def test_every_city_request_is_an_event_or_says_why_not(real_data: Path, tmp_path: Path) -> None:
    pack = load_pack(EXAMPLES / "city-repairs")
    quarantine = tmp_path / "quarantine.jsonl"
    history = open_history(
        pack,
        [real_data / "nyc311"],
        tmp_path / "log.parquet",
        quarantine,
    )
    intake = history.intake
    assert intake is not None
    assert (intake.rows, intake.used, intake.skipped, intake.quarantined) == (3_000, 2_992, 0, 8)
    assert intake.kinds == {"request.opened": 2_992, "request.closed": 1_964}
    lines = [msgspec.json.decode(line) for line in quarantine.read_bytes().splitlines()]
    assert len(lines) == 8
    assert all(line["reason"].startswith("no customer in") and line["row"] for line in lines)


def test_199_of_364_repairs_of_one_evening_took_more_than_48_hours(new_year: Run) -> None:
    late = new_year.number(
        """WITH closed AS (SELECT (data->>'request_id') AS id, us FROM events WHERE kind = 'request.closed')
           SELECT count(*) FROM events LEFT JOIN closed ON id = (data->>'request_id')
           WHERE kind = 'request.opened' AND (data->>'agency') <> 'NYPD'
             AND (closed.us IS NULL OR closed.us > events.us + 48 * 3600000000)"""
    )
    assert new_year.result.plays["overdue"].steps["go-and-see"].send == late == 199
    repair = new_year.result.touchpoints["repair"]
    assert (repair.encounters, repair.standards["done"].breached) == (364, 199)


# ---- marketplace


def test_every_order_and_review_finds_its_buyer(marketplace: Run) -> None:
    assert marketplace.intake.rows == marketplace.intake.used == 8_135 + 8_225
    assert marketplace.intake.kinds == {
        "order.purchased": 8_135,
        "order.approved": 7_989,
        "order.shipped": 6_353,
        "order.delivered": 5_170,
        "review.invited": 8_225,
        "review.answered": 8_225,
    }


def delivered_and_reviewed(marketplace: Run, real_data: Path) -> pa.Table:
    """Reviews of parcels that arrived in the end: stars, and whether it was later than promised.

    Late from 00:00 of the promised day on, without the six orders that were cancelled after they arrived: so
    others count this data too.
    """
    orders = real_data / "olist_8k" / "olist_orders_dataset.csv.gz"
    reviews = marketplace.query(
        f"""WITH delivered AS (SELECT (data->>'order_id') AS order_id,
                                      "at" > (data->>'promised_on')::DATE AS late
                               FROM events WHERE kind = 'order.delivered'),
                 cancelled AS (SELECT order_id FROM read_csv('{orders}') WHERE order_status = 'canceled')
            SELECT customer, (data->>'score')::DOUBLE AS stars, late
            FROM (SELECT *, (data->>'order_id') AS order_id FROM events WHERE kind = 'review.answered')
                 JOIN delivered USING (order_id) ANTI JOIN cancelled USING (order_id)"""
    )
    return pa.table(dict(zip(("customer", "outcome", "late"), zip(*reviews, strict=True), strict=True)))


def test_late_delivery_costs_a_delivered_and_reviewed_order_1_78_stars(
    marketplace: Run, real_data: Path
) -> None:
    reviews = delivered_and_reviewed(marketplace, real_data)
    late = pc.sum(reviews["late"]).as_py()
    means = [
        pc.mean(reviews.filter(pc.equal(reviews["late"], pa.scalar(one)))["outcome"]) for one in (False, True)
    ]
    assert (reviews.num_rows, late) == (5_232, 418)
    assert [round(mean.as_py(), 3) for mean in means] == [4.280, 2.498]
    backend = ibis.duckdb.connect()
    numbered = reviews.append_column("episode", pa.array(range(reviews.num_rows)))
    answers = backend.create_table("answers", numbered)
    met = answers.select("episode", touchpoint=ibis.literal("delivery"), state=-answers.late.cast("int8"))
    found = explain(
        answers.select("episode", "customer", "outcome"), met, ["delivery"], how=How(within=False)
    )
    (delivery,) = found.touchpoints
    assert delivery.moment_of_truth
    assert delivery.penalty.n == 418
    assert delivery.penalty.estimate == pytest.approx(4.280 - 2.498, abs=0.001)
    assert delivery.penalty.low is not None and delivery.penalty.high is not None
    assert 1.6 < delivery.penalty.low < 1.782 < delivery.penalty.high < 1.95


def test_343_parcels_came_after_the_promised_day_and_every_one_is_apologised_for(marketplace: Run) -> None:
    late = marketplace.number(
        """SELECT count(*) FROM events
           WHERE kind = 'order.delivered' AND (data->>'delivered_on') > (data->>'promised_on')"""
    )
    sorry = marketplace.result.plays["late-repair"]
    assert sorry.entries == sorry.steps["sorry-late"].send == late == 343


def test_a_parcel_keeps_the_promise_until_the_end_of_the_day_that_was_named(marketplace: Run) -> None:
    """An order is watched for 60 days and settles a day later: what never came by then broke its date."""
    counted = marketplace.query(
        """WITH ordered AS (SELECT (data->>'order_id') AS order_id, "at" AS begun,
                                   (data->>'promised_on')::DATE AS promised
                            FROM events WHERE kind = 'order.purchased'),
                 delivered AS (SELECT (data->>'order_id') AS order_id, "at" AS came
                               FROM events WHERE kind = 'order.delivered'),
                 known AS (SELECT came, promised, begun + INTERVAL 61 DAY AS settled
                           FROM ordered LEFT JOIN delivered USING (order_id)),
                 log AS (SELECT max("at") AS until FROM events)
            SELECT count(*) FILTER (came::DATE <= promised AND came <= settled),
                   count(*) FILTER (came::DATE > promised),
                   count(*) FILTER (came IS NULL AND promised + 1 <= settled AND settled <= until),
                   count(*) FILTER (
                       (came IS NULL OR came > settled) AND promised + 1 > settled AND settled <= until)
            FROM known, log"""
    )
    promise = marketplace.result.touchpoints["promise"]
    arrived = promise.standards["arrived"]
    assert counted == [(arrived.kept, 343, arrived.breached - 343, arrived.open)]
    assert (arrived.kept, arrived.breached, arrived.open) == (4_826, 3_243, 25)
    assert arrived.kept + arrived.breached + arrived.open == promise.encounters == 8_094


def test_make_goods_stay_within_the_budget_of_each_month(marketplace: Run) -> None:
    sorry = marketplace.result.plays["late-repair"]
    given = sorry.steps["late-voucher"]
    assert given.send + given.suppress["budget"] == 343
    assert sorry.money == {"goodwill": 20.0 * given.send}


def test_a_late_parcel_or_few_stars_make_a_delivery_miserable(marketplace: Run) -> None:
    delivery = marketplace.result.touchpoints["delivery"]
    assert delivery.magical + delivery.neutral + delivery.miserable == delivery.encounters
    assert delivery.miserable > 343
    assert marketplace.result.plays["few-stars"].entries == marketplace.number(
        "SELECT count(DISTINCT (data->>'review_id')) FROM events "
        "WHERE kind = 'review.answered' AND (data->>'score')::INT <= 2"
    )


# ---- the page about mappings


def test_every_key_of_a_mapping_is_explained(tmp_path: Path) -> None:
    page = PAGE.read_text("utf-8")
    for part in (SourceFile, EventRule, Lookup):
        for field in msgspec.structs.fields(part):
            key = field.encode_name
            if key not in ("lookups", "events"):
                assert f"| `{key}` |" in page, f"docs/sources.md does not explain `{key}` of {part.__name__}"
    blocks = re.findall(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    for part in (SourceFile, FieldRule, CellTest, Once):
        for field in msgspec.structs.fields(part):
            shown = any(f"{field.encode_name}:" in block for block in blocks)
            assert shown or f"| `{field.encode_name}` |" in page
    for number, block in enumerate(blocks):
        (tmp_path / "pack.yaml").write_text(
            "pack: p\ntitle: {zh: p, en: p}\nzone: UTC\nevents: {}\n", "utf-8"
        )
        path = tmp_path / "sources" / f"example-{number}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(block, "utf-8")
        pack, problems = read_pack(tmp_path)
        assert pack and pack.sources[path.stem].events, problems
