"""The examples that are surveys: nine questionnaires of an airport as one, and reviews of lounges.

What was taken in is counted in the log and held against the published figures and against the raw files.
"""

from __future__ import annotations

import gzip
from collections import Counter
from csv import DictReader
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pytest

from peakend.backtest import backtest
from peakend.design.pack import load_pack
from peakend.listen.history import open_history
from peakend.listen.intake import Intake
from peakend.listen.scales import nps, read_answers
from peakend.model.pack import Pack

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
RATINGS = ("comfort", "cleanliness", "bar", "catering", "washrooms", "wifi", "staff")


class Taken(NamedTuple):
    """One example on its data, as a log."""

    pack: Pack
    intake: Intake
    log: Path

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """Ask the log: a table `sheets` with customer, wave (the local year) and the fields, as numbers."""
        connection = duckdb.connect()
        connection.execute(f"SET TimeZone = '{self.pack.head.zone}'")
        (fields,) = self.pack.head.events.values()
        columns = ", ".join(
            f"TRY_CAST(data->>'{name}' AS {'DOUBLE' if kind == 'number' else 'VARCHAR'}) AS \"{name}\""
            for name, kind in fields.items()
        )
        connection.execute(
            f"""CREATE VIEW sheets AS SELECT customer, year(happened_at) AS wave, {columns}
                FROM (SELECT * REPLACE (data::JSON AS data) FROM read_parquet('{self.log}'))"""
        )
        return connection.execute(sql).fetchall()


def taken(example: str, data: Path, folder: Path) -> Taken:
    pack = load_pack(EXAMPLES / example)
    history = open_history(pack, [data], folder / "log.parquet", folder / "quarantine.jsonl")
    assert history.intake is not None
    return Taken(pack, history.intake, folder / "log.parquet")


@pytest.fixture(scope="module")
def airport(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Taken:
    return taken("airport", real_data / "sfo_survey", tmp_path_factory.mktemp("airport"))


@pytest.fixture(scope="module")
def lounge(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Taken:
    return taken("lounge", real_data / "skytrax_lounge_seat" / "lounge.csv.gz", tmp_path_factory.mktemp("l"))


# ---- airport


def test_every_sheet_of_nine_waves_is_an_answer_of_somebody_else(airport: Taken) -> None:
    intake = airport.intake
    assert (intake.rows, intake.used, intake.skipped, intake.quarantined) == (28_665, 28_665, 0, 0)
    assert airport.query("SELECT wave, count(*) FROM sheets GROUP BY 1 ORDER BY 1") == [
        (2010, 3_234),
        (2011, 3_872),
        (2012, 3_521),
        (2013, 3_535),
        (2014, 2_818),
        (2015, 2_958),
        (2016, 3_087),
        (2017, 2_831),
        (2018, 2_809),
    ]
    assert airport.query("SELECT count(DISTINCT customer) FROM sheets") == [(28_665,)]


def test_the_means_of_the_whole_are_those_that_are_known(airport: Taken) -> None:
    where = airport.pack.head.outcomes["overall"].where
    means = airport.query(
        f"""SELECT wave, round(avg(overall), 3), count(*) FROM sheets WHERE {where} AND wave >= 2014
            GROUP BY 1 ORDER BY 1"""
    )
    assert means == [
        (2014, 3.996, 2_677),
        (2015, 4.048, 2_810),
        (2016, 4.038, 2_919),
        (2017, 4.064, 2_688),
        (2018, 4.003, 2_625),
    ]


@pytest.mark.parametrize(
    ("wave", "n", "estimate", "blank"), [(2017, 2_746, 39.8, 84), (2018, 2_650, 31.0, 159)]
)
def test_the_recommendation_is_that_which_is_known_and_its_interval_holds_it(
    airport: Taken, wave: int, n: int, estimate: float, blank: int
) -> None:
    rows = airport.query(f"SELECT nps, customer FROM sheets WHERE wave = {wave} AND nps IS NOT NULL")
    values, customers = zip(*rows, strict=True)
    assert Counter(values)[11] == blank
    score = nps(read_answers("nps", np.array(values), customers=customers, not_applicable=[11]))
    assert (score.n, score.left_out) == (n, blank)
    assert score.estimate is not None and score.low is not None and score.high is not None
    assert round(score.estimate, 1) == estimate
    assert score.low < estimate < score.high < score.low + 6


def test_zero_and_six_are_in_the_log_and_on_no_scale(airport: Taken) -> None:
    survey = airport.pack.surveys["passengers"]
    for item in survey.items:
        found = airport.query(f"SELECT DISTINCT {item} FROM sheets WHERE {item} IS NOT NULL ORDER BY 1")
        assert {value for (value,) in found} <= {0, 1, 2, 3, 4, 5, 6}, item
    assert airport.query("SELECT count(*) FROM sheets WHERE wave = 2018 AND long_term = 6") == [(1_927,)]
    # the words Blank and BLANK, which stand in one column of two waves only
    blanks = "SELECT wave, count(*) FROM sheets WHERE overall = 0 AND wave > 2016 GROUP BY 1 ORDER BY 1"
    assert airport.query(blanks) == [(2017, 143), (2018, 184)]


def test_what_a_year_did_not_ask_is_missing_in_that_year_and_only_there(airport: Taken) -> None:
    late = {"getting_here": range(2012, 2019), "wifi": range(2013, 2019), "clean_all": range(2013, 2019)}
    late |= {"clean_parking": range(2010, 2013)}
    for item in airport.pack.surveys["passengers"].items:
        waves = airport.query(
            f"SELECT wave FROM sheets GROUP BY 1 HAVING count({item}) = count(*) ORDER BY 1"
        )
        none = airport.query(f"SELECT wave FROM sheets GROUP BY 1 HAVING count({item}) = 0 ORDER BY 1")
        asked = list(late.get(item, range(2010, 2019)))
        assert [wave for (wave,) in waves] == asked, item
        assert [wave for (wave,) in none] == [wave for wave in range(2010, 2019) if wave not in asked], item


def test_an_item_means_the_same_in_every_year(airport: Taken) -> None:
    """Most columns taken for a neighbour would show: who uses what hardly changes from year to year."""
    for item in airport.pack.surveys["passengers"].items:
        shares = airport.query(
            f"""SELECT avg(({item} = 6)::INT), avg({item}) FILTER ({item} BETWEEN 1 AND 5)
                FROM sheets GROUP BY wave HAVING count({item}) > 0 ORDER BY wave"""
        )
        used = np.array(shares, dtype=float)
        assert np.abs(np.diff(used[:, 0])).max() < 0.09, item
        assert np.abs(np.diff(used[:, 1])).max() < 0.35, item


def test_every_item_of_the_survey_is_brought_by_a_mapping_and_every_rating_is_an_item(airport: Taken) -> None:
    items = set(airport.pack.surveys["passengers"].items)
    (fields,) = airport.pack.head.events.values()
    rated = {name for name, kind in fields.items() if kind == "number"} - {"weight", "overall", "nps"}
    assert items == rated
    assert items <= {name for source in airport.pack.sources.values() for name in source.events[0].fields}


def test_only_low_marks_send_somebody(airport: Taken) -> None:
    plays = backtest(airport.pack, [airport.log], workers=2).plays
    low = airport.query(
        "SELECT count(*) FILTER (restrooms IN (1, 2)), count(*) FILTER (safe IN (1, 2)) FROM sheets"
    )
    assert low == [(1_150, 189)]
    assert (plays["restrooms-low"].send, plays["felt-unsafe"].send) == (1_150, 189)


# ---- lounge


def test_every_review_is_taken_in_and_2223_have_all_their_cells(lounge: Taken) -> None:
    assert (lounge.intake.rows, lounge.intake.used, lounge.intake.quarantined) == (2_264, 2_264, 0)
    there = " AND ".join(f"{name} IS NOT NULL" for name in (*RATINGS, "overall"))
    rated = " AND ".join(f"{name} BETWEEN 1 AND 5" for name in RATINGS)
    assert lounge.query(
        f"SELECT count(*), count(*) FILTER ({rated}), count(DISTINCT customer) FROM sheets WHERE {there}"
    ) == [(2_223, 1_994, 2_191)]


def test_nobody_who_wrote_a_review_is_named_in_the_log(lounge: Taken, real_data: Path) -> None:
    with gzip.open(real_data / "skytrax_lounge_seat" / "lounge.csv.gz", "rt", encoding="utf-8") as export:
        rows = list(DictReader(export))
    authors = {row["author"] for row in rows if row["author"]}
    assert len(authors) == 1_598
    columns = duckdb.sql(f"SELECT * FROM read_parquet('{lounge.log}')").fetchall()
    log = "\n".join(str(value) for row in columns for value in row)
    assert [author for author in authors if author in log] == []
    assert not any(row["content"][:60] in log for row in rows)


def test_until_june_2015_the_overall_mark_is_the_rounded_mean_of_the_seven(lounge: Taken) -> None:
    """It cannot be explained by them, for it is them; so the pack explains another outcome first."""
    there = " AND ".join(f"{name} IS NOT NULL" for name in (*RATINGS, "overall"))
    old = "traveller IS NULL AND overall <= 5"
    mean = f"floor(({' + '.join(RATINGS)}) / 7 + 0.5)"
    assert lounge.query(
        f"SELECT {old} AS old, count(*), count(*) FILTER ({mean} = overall) FROM sheets WHERE {there} "
        "GROUP BY 1 ORDER BY 1"
    ) == [(False, 88, 13), (True, 2_135, 2_135)]
    assert next(iter(lounge.pack.head.outcomes)) == "recommended"


def test_recommending_counts_from_the_year_in_which_it_was_asked(lounge: Taken) -> None:
    where = lounge.pack.head.outcomes["recommended"].where
    assert lounge.query(
        f"""SELECT count(*) FILTER ({where}), sum(recommended) FILTER ({where}),
                   count(*) FILTER (written_on < '2011-10-01'),
                   sum(recommended) FILTER (written_on < '2011-10-01') FROM sheets"""
    ) == [(1_520, 785, 675, 8)]


def test_a_rating_of_zero_sends_nobody(lounge: Taken) -> None:
    plays = backtest(lounge.pack, [lounge.log], workers=2).plays
    assert lounge.query("SELECT count(*) FILTER (staff = 0) FROM sheets") == [(24,)]
    assert (plays["staff-low"].send, plays["answer-in-public"].entries) == (678, 735)
