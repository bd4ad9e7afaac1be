"""The benchmark measures what it says: its log has the shares it claims, and its plays meet every gate.

No test here looks at a time: a shared machine is slow now and then, and that is not a failure.
"""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peakend.backtest import backtest
from peakend.bench import BENCHMARKS, FULL, QUICK, Measured, Sizes, run
from peakend.bench.log import Shape, customers_of, write_log
from peakend.bench.service import THINGS, service
from peakend.bench.work import remembering
from peakend.errors import PeakendError
from peakend.fold import compile_program
from peakend.listen.reading import Reader
from peakend.model.log import LOG_SCHEMA
from peakend.tables import connect, read_span, sort_relevant

SMALL = Sizes(fold=6_000, condition=2_000, backtest=(20_000,), whale=20_000, editor=20_000, find=3_000)
RELEVANT = frozenset(compile_program(service()).kinds)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "log.parquet"
    write_log(path, Shape(60_000))
    return path


@pytest.fixture(scope="module")
def told() -> list[tuple[int, int]]:
    return []


@pytest.fixture(scope="module")
def measured(told: list[tuple[int, int]]) -> list[Measured]:
    small = run(SMALL, ["fold", "condition"], progress=lambda done, total: told.append((done, total)))
    return [*small, *run(SMALL, ["backtest", "whale", "editor"])]


# --- what is measured ---------------------------------------------------------------------------------


def test_the_chosen_benchmarks_give_their_figures_and_all_are_positive(measured: list[Measured]) -> None:
    assert [(one.name.partition(",")[0], one.events) for one in measured] == [
        ("condition word <> 'low'", 2_000),
        ("condition n > 0.3 and (customer.tier <> 'basic' or word = 'urgent')", 2_000),
        ("condition facts.incidents_90d >= 3 or n < 0.5", 2_000),
        ("fold", 6_000),
        ("fold", 6_000),
        ("DuckDB scan", 20_000),
        ("DuckDB scan and sort", 20_000),
        ("backtest", 20_000),
        ("all customers alike", 20_000),
        ("one customer has 30 % of the events", 20_000),
        ("backtest", 20_000),
        ("editor", 20_000),
        ("editor", 20_000),
    ]
    for one in measured:
        assert one.seconds > 0 and one.cpu_seconds > 0 and one.peak_memory_mb > 0, one
        assert math.isclose(one.events_per_second, one.events / one.seconds), one
        assert one.note, one


def test_a_ratio_names_what_it_is_a_multiple_of(measured: list[Measured]) -> None:
    by_name = {one.name: one for one in measured}
    compared = [one for one in measured if one.ratio is not None]
    assert [one.name.partition(",")[0] for one in compared] == [
        "backtest",
        "one customer has 30 % of the events",
        "editor",
        "editor",
    ]
    for one in compared:
        assert one.ratio is not None
        assert math.isclose(one.ratio, one.seconds / by_name[one.ratio_to].seconds)
    assert {one.ratio_to for one in measured if one.ratio is None} == {""}


def test_two_drafts_are_compared_with_what_is_published(measured: list[Measured]) -> None:
    first, following = (one for one in measured if one.name.startswith("editor"))
    assert first.note.startswith("something changes for ") and first.note.endswith(" of 100 customers")
    assert following.name == "editor, next draft, 20,000 events"


def test_a_longer_log_says_how_many_times_the_memory_of_the_first_it_took(measured: list[Measured]) -> None:
    first = next(one for one in measured if one.name.startswith("backtest"))
    longer = msgspec.structs.replace(first, peak_memory_mb=1.5 * first.peak_memory_mb)
    assert remembering(longer, first).note == f"{first.note}, 1.5 times the memory of {first.name}"


def test_duckdb_reads_every_event_of_the_log(measured: list[Measured]) -> None:
    (one,) = [one for one in measured if one.name.startswith("DuckDB scan and sort")]
    assert one.note == f"checksum {sum(range(20_000))}"


def test_the_figures_travel_as_json(measured: list[Measured]) -> None:
    assert msgspec.json.decode(msgspec.json.encode(measured), type=list[Measured]) == measured


def test_progress_is_told_after_every_figure(measured: list[Measured], told: list[tuple[int, int]]) -> None:
    assert told == [(done, 5) for done in range(1, 6)]


def test_a_benchmark_that_does_not_exist_is_told_with_the_nearest_one() -> None:
    with pytest.raises(PeakendError, match=r"no benchmark 'wale'\. Did you mean 'whale'\?"):
        run("quick", ["fold", "wale"])


def test_the_sizes_are_those_that_the_targets_speak_of() -> None:
    assert FULL.backtest == (1_000_000, 10_000_000) and FULL.whale == FULL.editor == 1_000_000
    assert QUICK.backtest == (200_000,)
    assert FULL.find == 1_000_000
    assert list(BENCHMARKS)[:6] == ["condition", "fold", "backtest", "whale", "editor", "find"]
    assert list(BENCHMARKS)[6:] == ["live", "server", "latency", "http", "timers", "memory", "lanes", "pages"]


# --- the log ------------------------------------------------------------------------------------------


@given(
    shape=st.builds(
        Shape,
        events=st.integers(4_000, 12_000),
        relevant=st.sampled_from([0.05, 0.25, 0.6, 1.0]),
        turning=st.sampled_from([0.2, 0.9]),
        whale=st.sampled_from([0.0, 0.3]),
        seed=st.integers(0, 5),
    )
)
def test_the_log_has_the_shape_it_claims(tmp_path_factory: pytest.TempPathFactory, shape: Shape) -> None:
    table = _written(tmp_path_factory.mktemp("shape"), shape)
    assert table.schema.equals(LOG_SCHEMA)
    assert table.num_rows == shape.events
    kinds = Counter(table["kind"].to_pylist())
    assert sum(n for kind, n in kinds.items() if kind in RELEVANT) == round(shape.relevant * shape.events)
    assert pc.count_distinct(table["customer"]).as_py() == customers_of(shape)
    assert table["seq"].to_pylist() == list(range(shape.events))
    assert pc.count_distinct(table["id"]).as_py() == shape.events
    seen = table["seen_at"].cast(pa.int64()).to_numpy()
    assert (np.diff(seen) >= 0).all()
    assert table["happened_at"].equals(table["seen_at"])
    largest = max(Counter(table["customer"].to_pylist()).values()) / shape.events
    # The whale is drawn thing by thing, some two hundred of them: four standard errors.
    assert abs(largest - max(shape.whale, 1 / customers_of(shape))) < 0.12


def test_what_is_open_at_the_end_of_one_window_is_closed_in_a_later_one(tmp_path: Path) -> None:
    kinds = Counter(_written(tmp_path, Shape(520_000, relevant=0.1))["kind"].to_pylist())
    for thing in THINGS:
        assert 0.97 < kinds[f"{thing}.closed"] / kinds[f"{thing}.opened"] <= 1


def test_a_thing_closes_once_and_after_it_was_opened(log: Path) -> None:
    table = pq.read_table(log, columns=["customer", "kind", "seen_at", "data"])
    began: dict[str, tuple[str, str, object]] = {}
    for row in table.to_pylist():
        thing, _, stage = row["kind"].partition(".")
        if thing not in THINGS:
            continue
        ref = msgspec.json.decode(row["data"])["ref"]
        if stage == "opened":
            assert ref not in began
            began[ref] = (row["customer"], thing, row["seen_at"])
        else:
            customer, of, at = began[ref]
            assert (customer, of) == (row["customer"], thing) and at <= row["seen_at"]
            if stage == "closed":
                began[ref] = ("", "", at)


def test_the_same_seed_makes_the_same_log(tmp_path: Path) -> None:
    assert _written(tmp_path, Shape(5_000)).equals(_written(tmp_path, Shape(5_000)))
    assert not _written(tmp_path, Shape(5_000)).equals(_written(tmp_path, Shape(5_000, seed=1)))


def test_every_event_of_the_log_can_be_typed(log: Path, tmp_path: Path) -> None:
    reader, connection = Reader(service()), connect(tmp_path)
    count = sort_relevant(connection, [log], RELEVANT, tmp_path / "sorted.parquet")
    events = list(reader.events(read_span(connection, tmp_path / "sorted.parquet", "", None)))
    assert (len(events), reader.refused) == (count, [])


# --- the service --------------------------------------------------------------------------------------


def test_the_service_has_twenty_plays_of_every_class() -> None:
    plays = service().plays.values()
    assert len(plays) == 20
    assert {play.class_ for play in plays} == {"mandatory", "service", "care", "ask", "marketing"}


def test_every_gate_has_something_to_say(log: Path) -> None:
    result = backtest(service(), [log], workers=1)
    assert 0.08 < sum(play.firings for play in result.plays.values()) / result.events < 0.12
    assert all(play.firings for play in result.plays.values())
    found = sum((Counter(play.suppress) for play in result.plays.values()), Counter[str]())
    wanted = "guard consent preference moment holdout reachable cap cancelled budget"
    assert {gate for gate in wanted.split() if not found[gate]} == set()
    assert sum(play.deferred for play in result.plays.values()) > 0, "nobody met quiet hours"
    settled = result.touchpoints["incident"]
    assert settled.magical and settled.miserable and settled.standards["answered"].kept


def _written(folder: Path, shape: Shape) -> pa.Table:
    write_log(folder / "log.parquet", shape)
    return pq.read_table(folder / "log.parquet")


def test_finding_moments_is_measured_beside_duckdbs_own_join() -> None:
    join, find, solved, shares = run(SMALL, ["find"])
    assert find.events == join.events > 3_000 * 4
    assert find.ratio_to == join.name
    assert find.note.startswith("3,000 answers")
    assert solved.events == 50
    assert shares.events == 2**15
