"""Importance from one survey: known figures, exact sums, honest ties, and when there is no ranking at all."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Sequence
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peakend.errors import EvidenceError
from peakend.identify.importance import importance
from peakend.identify.shares import johnson, lmg
from peakend.model.importance import ImportanceResult

# R `swiss` (Mosteller and Tukey): Fertility, Agriculture, Examination, Education, Catholic, Infant.Mortality.
SWISS = """
80.2 17.0 15 12 9.96 22.2; 83.1 45.1 6 9 84.84 22.2; 92.5 39.7 5 5 93.40 20.2; 85.8 36.5 12 7 33.77 20.3;
76.9 43.5 17 15 5.16 20.6; 76.1 35.3 9 7 90.57 26.6; 83.8 70.2 16 7 92.85 23.6; 92.4 67.8 14 8 97.16 24.9;
82.4 53.3 12 7 97.67 21.0; 82.9 45.2 16 13 91.38 24.4; 87.1 64.5 14 6 98.61 24.5; 64.1 62.0 21 12 8.52 16.5;
66.9 67.5 14 7 2.27 19.1; 68.9 60.7 19 12 4.43 22.7; 61.7 69.3 22 5 2.82 18.7; 68.3 72.6 18 2 24.20 21.2;
71.7 34.0 17 8 3.30 20.0; 55.7 19.4 26 28 12.11 20.2; 54.3 15.2 31 20 2.15 10.8; 65.1 73.0 19 9 2.84 20.0;
65.5 59.8 22 10 5.23 18.0; 65.0 55.1 14 3 4.52 22.4; 56.6 50.9 22 12 15.14 16.7; 57.4 54.1 20 6 4.20 15.3;
72.5 71.2 12 1 2.40 21.0; 74.2 58.1 14 8 5.23 23.8; 72.0 63.5 6 3 2.56 18.0; 60.5 60.8 16 10 7.72 16.3;
58.3 26.8 25 19 18.46 20.9; 65.4 49.5 15 8 6.10 22.5; 75.5 85.9 3 2 99.71 15.1; 69.3 84.9 7 6 99.68 19.8;
77.3 89.7 5 2 100.00 18.3; 70.5 78.2 12 6 98.96 19.4; 79.4 64.9 7 3 98.22 20.2; 65.0 75.9 9 9 99.06 17.8;
92.2 84.6 3 3 99.46 16.3; 79.3 63.1 13 13 96.83 18.1; 70.4 38.4 26 12 5.62 20.3; 65.7 7.7 29 11 13.79 20.5;
72.7 16.7 22 13 11.22 18.9; 64.4 17.6 35 32 16.92 23.0; 77.6 37.6 15 7 4.97 20.0; 67.6 18.7 25 7 8.65 19.5;
35.0 1.2 37 53 42.34 18.0; 44.7 46.6 16 29 50.43 18.2; 42.8 27.7 22 29 58.33 19.3
"""
NAN = float("nan")


def swiss() -> np.ndarray:
    rows = np.array([[float(cell) for cell in row.split()] for row in SWISS.split(";")])
    return np.corrcoef(np.roll(rows, -1, axis=1).T)


def survey(
    people: int, weights: Sequence[float], seed: int = 1, halo: float = 1.0, noise: float = 1.0
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Items that share a mood, and an overall score that takes its weight from each."""
    draw = np.random.default_rng(seed)
    rated = draw.normal(size=(people, len(weights))) + halo * draw.normal(size=(people, 1))
    overall = rated @ np.asarray(weights) + noise * draw.normal(size=people)
    return {f"i{place}": column for place, column in enumerate(rated.T)}, overall


def truth(weights: Sequence[float], halo: float = 1.0, noise: float = 1.0) -> np.ndarray:
    """The correlations of all possible respondents of `survey`."""
    slopes = np.asarray(weights)
    between = np.eye(len(slopes)) + halo**2
    whole = np.zeros((len(slopes) + 1, len(slopes) + 1))
    whole[:-1, :-1] = between
    whole[-1, :-1] = whole[:-1, -1] = between @ slopes
    whole[-1, -1] = slopes @ between @ slopes + noise**2
    size = np.sqrt(np.diag(whole))
    return whole / np.outer(size, size)


def correlations(seed: int, items: int) -> np.ndarray:
    draw = np.random.default_rng(seed)
    return np.corrcoef((draw.normal(size=(40, items + 1)) @ draw.normal(size=(items + 1, items + 1))).T)


def r2_of(whole: np.ndarray, chosen: Sequence[int]) -> float:
    if not chosen:
        return 0.0
    inner, outer = whole[np.ix_(chosen, chosen)], whole[list(chosen), -1]
    return float(outer @ np.linalg.solve(inner, outer))


def codes(result: ImportanceResult) -> set[str]:
    return {remark.code for remark in result.remarks}


def test_lmg_of_a_known_table_has_the_known_values() -> None:
    found = lmg(swiss())
    assert found == pytest.approx([0.05709, 0.17117, 0.26013, 0.10557, 0.11277], abs=5e-6)
    assert found.sum() == pytest.approx(0.70674, abs=5e-6)


def test_johnson_of_a_known_table_has_the_known_values() -> None:
    assert johnson(swiss()) == pytest.approx([0.04842, 0.15471, 0.27196, 0.11468, 0.11697], abs=5e-6)


def test_johnson_of_published_correlations_has_the_published_values() -> None:
    whole = np.array(
        [
            [1.0, 0.2, 0.3, 0.4, -0.4],
            [0.2, 1.0, 0.5, 0.1, 0.1],
            [0.3, 0.5, 1.0, 0.2, -0.3],
            [0.4, 0.1, 0.2, 1.0, 0.4],
            [-0.4, 0.1, -0.3, 0.4, 1.0],
        ]
    )
    assert johnson(whole) == pytest.approx([0.24066119, 0.05492664, 0.12143476, 0.28158189], abs=5e-9)


@given(st.integers(0, 2**16), st.integers(1, 4))
@settings(max_examples=25)
def test_lmg_is_the_mean_gain_over_all_orders_of_entry(seed: int, items: int) -> None:
    whole = correlations(seed, items)
    gains = np.zeros(items)
    orders = list(permutations(range(items)))
    for order in orders:
        for place, item in enumerate(order):
            gains[item] += r2_of(whole, order[: place + 1]) - r2_of(whole, order[:place])
    assert lmg(whole) == pytest.approx(gains / len(orders), abs=1e-9)


@given(st.integers(0, 2**16), st.integers(1, 9))
def test_both_ways_of_sharing_add_up_to_r2_and_are_never_negative(seed: int, items: int) -> None:
    whole = correlations(seed, items)
    for shared in (lmg(whole), johnson(whole)):
        assert shared.sum() == pytest.approx(r2_of(whole, range(items)), abs=1e-8)
        assert shared.min() > -1e-9


@pytest.mark.parametrize("items", [2, 7, 15])
@pytest.mark.parametrize("shared", [lmg, johnson])
def test_items_that_are_alike_get_the_same(shared: Callable[[np.ndarray], np.ndarray], items: int) -> None:
    whole = np.full((items + 1, items + 1), 0.4) + 0.6 * np.eye(items + 1)
    assert shared(whole) == pytest.approx(np.full(items, r2_of(whole, range(items)) / items), abs=1e-10)


def test_a_copy_of_an_item_takes_half_of_its_share() -> None:
    alone = np.array([[1.0, 0.6], [0.6, 1.0]])
    copied = np.array([[1.0, 1.0, 0.6], [1.0, 1.0, 0.6], [0.6, 0.6, 1.0]])
    for shared in (lmg, johnson):
        assert shared(copied) == pytest.approx(np.repeat(shared(alone) / 2, 2), abs=1e-9)


def test_many_matrices_at_once_give_what_each_gives() -> None:
    stack = np.stack([correlations(seed, 5) for seed in range(6)])
    for shared in (lmg, johnson):
        assert shared(stack) == pytest.approx(np.stack([shared(one) for one in stack]), abs=1e-12)


def test_more_than_fifteen_items_are_shared_by_relative_weights() -> None:
    wide, overall = survey(400, [0.3] * 16)
    assert importance(wide, overall, scale=(-99, 99)).method == "johnson"
    narrow, overall = survey(400, [0.3] * 15)
    assert importance(narrow, overall, scale=(-99, 99)).method == "lmg"


def test_intervals_hold_the_truth_in_about_95_of_100_surveys() -> None:
    weights = [0.6, 0.4, 0.2, 0.0]
    true = lmg(truth(weights))
    held, ranks = [], []
    for seed in range(150):
        items, overall = survey(400, weights, seed=seed)
        found = {one.item: one for one in importance(items, overall, scale=(-99, 99)).items}
        ordered = [found[f"i{place}"] for place in range(4)]
        held += [one.weight.low <= value <= one.weight.high for one, value in zip(ordered, true, strict=True)]
        ranks += [one.rank[0] <= place + 1 <= one.rank[1] for place, one in enumerate(ordered)]
    assert 0.92 <= np.mean(held) <= 0.98
    assert np.mean(ranks) >= 0.95


def test_answers_of_the_same_customers_do_not_make_the_interval_shorter() -> None:
    items, overall = survey(200, [0.5, 0.3, 0.2])
    thrice = {name: np.tile(column, 3) for name, column in items.items()}
    once = importance(items, overall, scale=(-99, 99), customers=[f"c{n}" for n in range(200)])
    again = importance(
        thrice, np.tile(overall, 3), scale=(-99, 99), customers=[f"c{n}" for n in range(200)] * 3
    )
    assert (again.rows, again.customers) == (600, 200)
    for one, two in zip(once.items, again.items, strict=True):
        assert two.weight.low == pytest.approx(one.weight.low, abs=1e-9)
        assert two.weight.high == pytest.approx(one.weight.high, abs=1e-9)


def test_the_order_of_the_rows_changes_nothing() -> None:
    items, overall = survey(150, [0.5, 0.1])
    ids = np.array([f"c{n}" for n in range(150)])
    mixed = np.random.default_rng(3).permutation(150)
    one = importance(items, overall, scale=(-99, 99), customers=ids)
    two = importance(
        {name: column[mixed] for name, column in items.items()},
        overall[mixed],
        scale=(-99, 99),
        customers=ids[mixed],
    )
    assert two.items[0].weight.low == pytest.approx(one.items[0].weight.low, abs=1e-12)


def test_items_of_one_weight_tie_and_a_heavier_one_does_not() -> None:
    items, overall = survey(1000, [1.0, 0.3, 0.3, 0.3])
    result = importance(items, overall, scale=(-99, 99))
    first, *others = result.items
    assert (first.item, first.rank, first.ties) == ("i0", (1, 1), ())
    assert all(one.rank == (2, 4) and len(one.ties) == 2 for one in others)


def test_one_item_alone_is_not_ranked() -> None:
    items, overall = survey(100, [1.0])
    with pytest.raises(EvidenceError, match="'i0' is the only item") as refused:
        importance({**items, "same": [4.0] * 100}, overall, scale=(-99, 99))
    assert "两个" in refused.value.fix_zh


def test_the_side_of_the_mean_share_is_as_hard_to_reach_as_a_place() -> None:
    """At least as far from the mean as the interval of one comparison, and sometimes further."""
    loose = 0
    for seed in range(30):
        items, overall = survey(150, [0.6, *[0.4] * 9], seed=seed)
        for one in importance(items, overall, scale=(-99, 99)).items:
            assert one.share is not None
            alone = 1 if one.share.low > 0.1 else -1 if one.share.high < 0.1 else 0
            assert one.side in (0, alone)
            loose += one.side != alone
    assert loose > 0
    items, overall = survey(1000, [1.0, 0.3, 0.3, 0.3])
    assert [one.side for one in importance(items, overall, scale=(-99, 99)).items] == [1, -1, -1, -1]


def test_copies_tie_exactly() -> None:
    items, overall = survey(300, [1.0])
    result = importance({**items, "copy": items["i0"]}, overall, scale=(-99, 99))
    assert [one.rank for one in result.items] == [(1, 2), (1, 2)]
    assert result.items[0].weight.estimate == pytest.approx(result.items[1].weight.estimate)


def test_items_without_any_relation_are_not_ranked() -> None:
    unranked = 0
    for seed in range(40):
        items, _ = survey(200, [0.0] * 5, seed=seed)
        result = importance(items, np.random.default_rng(900 + seed).normal(size=200), scale=(-99, 99))
        if "explains_nothing" in codes(result):
            unranked += 1
            assert all(one.share is None and one.rank == (1, 5) for one in result.items)
    assert unranked >= 36


def test_a_code_for_not_applicable_is_never_a_rating() -> None:
    draw = np.random.default_rng(8)
    mood = draw.integers(1, 6, 500).astype(float)
    items = {f"i{n}": np.clip(mood + draw.integers(-1, 2, 500), 1, 5) for n in range(3)}
    blank = draw.random(500) < 0.1
    codes_ = {**items, "i2": np.where(blank, 6, items["i2"])}
    gaps_ = {**items, "i2": np.where(blank, NAN, items["i2"])}
    with_codes = importance(codes_, mood, scale=(1, 5), not_applicable=(6, 0))
    assert with_codes == importance(gaps_, mood, scale=(1, 5))
    assert with_codes.rows == 500 - blank.sum()
    assert {one.item: one.answered for one in with_codes.items} == {
        "i0": 500,
        "i1": 500,
        "i2": with_codes.rows,
    }


def test_an_item_that_few_rated_is_named_with_what_it_costs() -> None:
    items, overall = survey(400, [0.5, 0.5, 0.5])
    items["i1"] = np.where(np.arange(400) % 4, NAN, items["i1"])
    result = importance(items, overall, scale=(-99, 99))
    assert result.rows == 100
    said = next(remark for remark in result.remarks if remark.code == "few_complete")
    assert "Only 100 of 400" in said.en and "without i1 it would be 400" in said.en


def test_an_item_that_nobody_rated_or_all_rated_alike_is_left_out_and_named() -> None:
    items, overall = survey(100, [0.5, 0.5])
    result = importance({**items, "empty": [NAN] * 100, "same": [4.0] * 100}, overall, scale=(-99, 99))
    assert {one.item for one in result.items} == {"i0", "i1"}
    assert codes(result) >= {"nobody_answered", "all_alike"}


def test_a_column_that_stays_in_half_of_the_scale_is_doubted() -> None:
    draw = np.random.default_rng(2)
    ten, five = draw.integers(1, 11, 200), draw.integers(1, 6, 200)
    result = importance(
        {"ten": ten, "five": five}, np.clip(ten + draw.integers(-2, 3, 200), 1, 10), scale=(1, 10)
    )
    doubted = [remark.en for remark in result.remarks if remark.code == "half_scale"]
    assert len(doubted) == 1 and doubted[0].startswith("five never rises above 5.5")


def test_every_result_wears_the_badge_in_both_languages() -> None:
    badge = importance(*survey(100, [1.0, 0.5]), scale=(-99, 99)).badge
    assert badge.code == "same_survey_halo" and "光环" in badge.zh and "halo" in badge.en


GOOD, OVERALL = survey(100, [0.5, 0.5])


@pytest.mark.parametrize(
    ("items", "overall", "extra", "what", "fix"),
    [
        (
            {"food": [1, 2, 9, 10] * 20},
            [1, 5] * 40,
            {"scale": (1, 5)},
            "two scales in one column",
            "one scale",
        ),
        (GOOD, [5.0] * 100, {}, "all 100 complete rows have the overall score 5", "default or a filter"),
        ({"food": [4.0]}, [5.0], {}, "1 of 1 respondents", "29 more complete answers"),
        (
            GOOD,
            OVERALL,
            {"customers": ["one"] * 100},
            "1 different customers; 20 are needed",
            "more customers",
        ),
        ({}, OVERALL, {}, "no item has a rating", "at least one column"),
        ({"food": [NAN] * 100}, OVERALL, {}, "no item has a rating", "at least one column"),
        ({"food": [3.0] * 100}, OVERALL, {}, "one and the same rating in all 100", "default"),
        ({"food": [3.0] * 99}, OVERALL, {}, "different numbers of rows: food 99", "one value a row"),
        (
            {f"i{n}": OVERALL[:40] for n in range(41)},
            OVERALL[:40],
            {},
            "rated all 41 items; 205 are needed",
            "165 more complete answers",
        ),
        (
            {**GOOD, "spa": np.where(np.arange(100) < 20, 3.0, NAN)},
            OVERALL,
            {},
            "20 of 100 respondents gave an overall score and rated all 3 items; 30 are needed",
            "Leave out spa, which few rated: then 100 count",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_count_and_the_fix(
    items: dict[str, np.ndarray], overall: np.ndarray, extra: dict[str, object], what: str, fix: str
) -> None:
    with pytest.raises(EvidenceError) as refused:
        importance(items, overall, **{"scale": (-99, 99), **extra})
    assert what in refused.value.what and fix in refused.value.fix


def rows_of(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def column(rows: list[dict[str, str]], name: str) -> list[float]:
    return [float(row[name]) if row[name].replace(".", "", 1).isdigit() else NAN for row in rows]


SEVEN_2017 = "FOOD WALKWAYS SIGN STORE SCREENS ART WIFI".split()
SEVEN_2018 = "FOOD SIGN STORE SCREENS ART WALKWAY WIFI".split()


@pytest.mark.parametrize(
    ("year", "names", "rows", "shares"),
    [
        (2017, SEVEN_2017, 1548, [16.6, 15.7, 14.7, 13.9, 13.8, 12.8, 12.7]),
        (2018, SEVEN_2018, 1403, [18.1, 15.7, 15.2, 15.1, 13.7, 12.4, 9.9]),
    ],
)
def test_what_airport_passengers_value_is_mostly_tied(
    real_data: Path, year: int, names: list[str], rows: int, shares: list[float]
) -> None:
    passengers = rows_of(real_data / "sfo_survey" / f"{year}_SFO_Customer_Survey.csv.gz")
    result = importance(
        {name: column(passengers, f"Q7{name}") for name in names},
        column(passengers, "Q7ALL"),
        scale=(1, 5),
        not_applicable=(0, 6),
        customers=column(passengers, "RUNID"),
    )
    assert result.rows == rows
    found = {one.item: one for one in result.items}
    for name, share in zip(names, shares, strict=True):
        estimate = found[name].share
        assert estimate is not None and 100 * estimate.estimate == pytest.approx(share, abs=0.15)
        assert len(found[name].ties) >= 4
    assert found["FOOD"].rank[0] == 1 and found["FOOD"].rank[1] >= 6
    assert found["WIFI"].rank[1] == 7


def test_all_questions_of_the_airport_at_once_say_how_few_answered_them(real_data: Path) -> None:
    passengers = rows_of(real_data / "sfo_survey" / "2017_SFO_Customer_Survey.csv.gz")
    names = [name for name in passengers[0] if name.startswith("Q7") and name != "Q7ALL"]
    result = importance(
        {name: column(passengers, name) for name in names},
        column(passengers, "Q7ALL"),
        scale=(1, 5),
        not_applicable=(0, 6),
    )
    assert result.rows == 494 and "few_complete" in codes(result)


def test_in_airport_lounges_only_the_network_is_surely_least(real_data: Path) -> None:
    guests = rows_of(real_data / "skytrax_lounge_seat" / "lounge.csv.gz")
    items = {
        name: column(guests, name)
        for name in guests[0]
        if name.endswith("_rating") and name != "overall_rating"
    }
    overall = column(guests, "overall_rating")
    with pytest.raises(EvidenceError, match=r"comfort_rating holds 8 of .* outside its scale 1 to 5 \(0\)"):
        importance(items, overall, scale=(1, 5), outcome_scale=(1, 10))
    result = importance(items, overall, scale=(1, 5), outcome_scale=(1, 10), not_applicable=(0,))
    assert [one.rank for one in result.items] == [(1, 6)] * 6 + [(7, 7)]
    assert result.items[-1].item == "wifi_connectivity_rating"


def test_for_a_mobile_operator_quality_comes_first_and_expectation_is_not_above_value(
    real_data: Path,
) -> None:
    rows = rows_of(real_data / "ecsi_mobile" / "mobi.csv.gz")
    blocks = {"quality": "PERQ", "value": "PERV", "image": "IMAG", "expectation": "CUEX", "satisfied": "CUSA"}
    means = {
        name: np.mean([column(rows, key) for key in rows[0] if key.startswith(start)], axis=0)
        for name, start in blocks.items()
    }
    result = importance(means, means.pop("satisfied"), scale=(1, 10))
    found = {one.item: one for one in result.items}
    assert found["quality"].rank == (1, 1)
    assert "image" in found["value"].ties
    assert found["expectation"].rank[0] >= 3
