"""SERVQUAL: known figures, gaps by hand, missing answers that are no numbers, and what may not be said."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peakend.errors import EvidenceError
from peakend.identify.evidence import mean_of
from peakend.identify.five_gaps import Promise, five_gaps
from peakend.identify.gaps import gaps as gaps_of
from peakend.identify.reliability import alpha_interval, cronbach, difference_reliability, factor_count
from peakend.model.gap import DimensionGap, GapResult
from peakend.model.parts import Dimension

# R `attitude` (Chatterjee and Price): rating, complaints, privileges, learning, raises, critical, advance.
ATTITUDE = """
43 51 30 39 61 92 45; 63 64 51 54 63 73 47; 71 70 68 69 76 86 48; 61 63 45 47 54 84 35; 81 78 56 66 71 83 47;
43 55 49 44 54 49 34; 58 67 42 56 66 68 35; 71 75 50 55 70 66 41; 72 82 72 67 71 83 31; 67 61 45 47 62 80 41;
64 53 53 58 58 67 34; 67 60 47 39 59 74 41; 69 62 57 42 55 63 25; 68 83 83 45 59 77 35; 77 77 54 72 79 77 46;
81 90 50 72 60 54 36; 74 85 64 69 79 79 63; 65 60 65 75 55 80 60; 65 70 46 57 75 85 46; 50 58 68 54 64 78 52;
50 40 33 34 43 64 33; 64 61 52 62 66 80 41; 53 66 52 50 63 80 37; 40 37 42 58 50 57 49; 63 54 42 48 66 75 33;
66 77 66 63 88 76 72; 78 75 58 74 80 78 49; 48 57 44 45 51 83 38; 85 85 71 71 77 74 55; 82 82 39 59 64 78 39
"""
NAN = float("nan")
DIMENSIONS: dict[str, Dimension] = {
    "T": "tangibles", "R": "reliability", "S": "responsiveness", "A": "assurance", "E": "empathy"
}  # fmt: skip
ITEMS = {
    name: DIMENSIONS[name[0]]
    for name in "T1 T2 T3 T4 R5 R6 R7 R8 R9 S10 S11 S12 S13 A14 A15 A16 A17 E18 E19 E20 E21 E22".split()
}
gaps = partial(gaps_of, items=ITEMS, scale=(1, 7))


def table(text: str) -> np.ndarray:
    return np.array([[float(cell) for cell in row.split()] for row in text.split(";")])


def answers(customers: int = 200, seed: int = 1, own: float = 0.6) -> np.ndarray:
    """Ratings 1-7 of customers who see the five dimensions apart; `own` is the noise of each item."""
    draw = np.random.default_rng(seed)
    moods = draw.normal(size=(customers, 5))[:, np.repeat(np.arange(5), [4, 5, 4, 4, 5])]
    return np.clip(np.round(4.5 + moods + own * draw.normal(size=(customers, 22))), 1, 7)


def dimension(result: GapResult, name: str) -> DimensionGap:
    return next(one for one in result.dimensions if one.dimension == name)


def codes(one: DimensionGap | GapResult) -> set[str]:
    return {remark.code for remark in one.remarks}


def test_alpha_of_a_known_table_has_the_known_value_and_interval() -> None:
    found = cronbach(table(ATTITUDE))
    assert found is not None and found.n == 30
    assert found.estimate == pytest.approx(0.843143, abs=5e-7)
    assert (found.low, found.high) == (pytest.approx(0.739, abs=5e-4), pytest.approx(0.916, abs=5e-4))


def test_alpha_of_five_subjects_and_three_raters_is_the_documented_one() -> None:
    found = cronbach(table("1 1 2; 5 6 5; 7 8 4; 2 3 2; 8 6 5"))
    assert found is not None and found.estimate == pytest.approx(0.915152, abs=5e-7)


def test_the_interval_of_a_published_alpha_is_the_published_one() -> None:
    low, high = alpha_interval(0.5917188, n=15, items=10)
    assert (low, high) == (pytest.approx(0.195, abs=5e-4), pytest.approx(0.840, abs=5e-4))


def test_alpha_is_undefined_for_one_item_one_customer_and_a_total_that_never_differs() -> None:
    assert cronbach(np.array([[1.0], [2.0], [3.0]])) is None
    assert cronbach(np.array([[1.0, 2.0]])) is None
    assert cronbach(np.array([[1.0, 5.0], [5.0, 1.0], [3.0, 3.0]])) is None


def test_a_difference_is_as_reliable_as_its_parts_when_they_have_nothing_in_common() -> None:
    p = answers(4000, seed=2)[:, :4]
    e = answers(4000, seed=3)[:, :4]
    a, b = cronbach(p), cronbach(e)
    found = difference_reliability(p, e)
    assert a is not None and b is not None and found is not None
    assert found == pytest.approx((a.estimate + b.estimate) / 2, abs=0.02)


def test_a_difference_of_two_scores_that_agree_is_mostly_noise() -> None:
    draw = np.random.default_rng(5)
    mood = draw.normal(size=(500, 1))
    p, e = (mood + 0.8 * draw.normal(size=(500, 4)) for _ in range(2))
    found = difference_reliability(p, e)
    assert found is not None and abs(found) < 0.15


@pytest.mark.parametrize("factors", [1, 2, 5])
def test_as_many_factors_are_counted_as_made_the_answers(factors: int) -> None:
    draw = np.random.default_rng(factors)
    moods = draw.normal(size=(400, factors))[:, np.arange(20) % factors]
    made = moods + draw.normal(size=(400, 20))
    assert factor_count(made) == factors
    assert factor_count(np.where(draw.random(made.shape) < 0.2, NAN, made)) == factors


def test_noise_has_no_factor_in_nineteen_of_twenty_surveys() -> None:
    draw = np.random.default_rng(11)
    found = [factor_count(draw.normal(size=(150, 22))) for _ in range(100)]
    assert found.count(0) >= 90


def test_gaps_by_hand() -> None:
    got = {"T1": [5, 3, 6, 4], "T2": [7, 3, NAN, 4], "R5": [2, 2, 6, 7]}
    wanted = {"T1": [6, 6, 6, 3], "T2": [6, 5, 7, NAN], "R5": [7, 4, 5, 7]}
    result = gaps(got, wanted)
    tangibles = dimension(result, "tangibles")
    # By customer: (-1 + 1) / 2, (-3 - 2) / 2, 0 of T1 alone, 1 of T1 alone.
    assert tangibles.gap == mean_of(np.array([0.0, -2.5, 0.0, 1.0]))
    assert tangibles.perception == mean_of(np.array([6.0, 3.0, 6.0, 4.0]))
    assert tangibles.expectation == mean_of(np.array([6.0, 5.5, 6.0, 3.0]))
    assert tangibles.below is not None and (tangibles.below.estimate, tangibles.below.n) == (0.25, 4)
    assert dimension(result, "reliability").gap == mean_of(np.array([-5.0, -2.0, 1.0, 0.0]))
    assert result.gap == mean_of(np.array([-2.5, -2.25, 0.5, 0.5]))
    assert [one.weight for one in result.dimensions] == [50, 50]
    assert {one.item: one.n for one in result.items}["T2"] == 2


def test_a_t_interval_is_that_of_the_textbook() -> None:
    found = mean_of(np.array([1.0, 2.0, 3.0, 4.0]))
    assert found is not None and (found.estimate, found.n) == (2.5, 4)
    assert found.high - found.estimate == pytest.approx(3.182446 * 1.290994 / 2, abs=1e-5)


def test_the_zone_of_tolerance_lies_between_adequate_and_expected() -> None:
    got = {"T1": [5, 3, 6, 4], "T2": [5, 3, 7, 4]}
    result = gaps(
        got, {"T1": [6, 6, 6, 4], "T2": [6, 6, 6, 4]}, adequate={"T1": [4, 4, 4, 4], "T2": [4, 4, 4, NAN]}
    )
    tangibles = dimension(result, "tangibles")
    assert tangibles.adequacy == mean_of(np.array([1.0, -1.0, 2.5, 0.0]))
    assert tangibles.inside is not None and (tangibles.inside.estimate, tangibles.inside.n) == (0.5, 4)


def test_the_clients_points_weigh_the_dimensions() -> None:
    got = {"T1": [5, 3, 6], "R5": [2, 4, 7]}
    result = gaps(got, weights={"tangibles": 75, "reliability": 25})
    assert result.perception == mean_of(np.array([4.25, 3.25, 6.25]))
    assert result.gap is None and result.expectation is None


def test_a_dimension_of_no_points_is_shown_and_not_needed_for_the_whole() -> None:
    got = {"T1": [5, 3, 6], "R5": [NAN, NAN, 7]}
    result = gaps(got, weights={"tangibles": 100, "reliability": 0})
    assert result.perception is not None and result.perception.n == 3


@given(st.floats(0.05, 0.95), st.integers(0, 2**16))
def test_a_code_for_no_answer_never_moves_a_mean(share: float, seed: int) -> None:
    whole = answers(80, seed=seed)
    blank = np.random.default_rng(seed).random(whole.shape) < share
    whole[0] = np.arange(22) % 7 + 1
    blank[:3] = False
    coded = gaps(np.where(blank, 9, whole), not_applicable=(9,))
    assert coded == gaps(np.where(blank, NAN, whole))
    for one in coded.items:
        assert one.perception is None or 1 <= one.perception.estimate <= 7


def test_answers_of_one_branch_are_not_so_many_branches() -> None:
    draw = np.random.default_rng(8)
    branch = np.repeat(np.arange(10), 20)
    got = {"T1": np.clip(np.round(4 + draw.normal(size=10)[branch] + draw.normal(size=200)), 1, 7)}
    alone, together = (dimension(gaps(got, customers=who), "tangibles") for who in (None, branch))
    assert alone.perception is not None and together.perception is not None
    assert together.perception.estimate == pytest.approx(alone.perception.estimate)
    assert (alone.perception.n, together.perception.n) == (200, 10)
    assert together.perception.high - together.perception.low > 2 * (
        alone.perception.high - alone.perception.low
    )


def test_customers_of_one_row_each_give_the_interval_of_rows() -> None:
    got, wanted = answers(60, seed=4), answers(60, seed=6)
    alone, named = gaps(got, wanted), gaps(got, wanted, customers=np.arange(60))
    for one, other in zip(alone.dimensions, named.dimensions, strict=True):
        assert one.gap is not None and other.gap is not None
        assert (one.gap.low, one.gap.high) == pytest.approx((other.gap.low, other.gap.high))


def test_a_good_survey_stands_alone_and_says_that_its_gap_does_not() -> None:
    got = answers()
    noise = np.random.default_rng(7).normal(size=got.shape)
    result = gaps(got, np.clip(np.round(got * 0.6 + 2.5 + noise * 0.8), 1, 7))
    assert all(one.alone for one in result.dimensions)
    assert result.factors == 5 and not result.remarks
    assert any("gap_unreliable" in codes(one) for one in result.dimensions)


def lone(draw: np.random.Generator) -> dict[str, np.ndarray]:
    return {"T1": draw.integers(1, 8, 60)}


def few(draw: np.random.Generator) -> dict[str, np.ndarray]:
    mood = draw.integers(2, 7, 29)
    return {name: mood + draw.integers(-1, 2, 29) for name in ("T1", "T2", "T3")}


def low(draw: np.random.Generator) -> dict[str, np.ndarray]:
    mood = draw.normal(size=300)
    return {
        name: np.clip(np.round(4 + 0.5 * mood + 1.2 * draw.normal(size=300)), 1, 7) for name in ("T1", "T2")
    }


def reversed_item(draw: np.random.Generator) -> dict[str, np.ndarray]:
    mood = draw.integers(1, 8, 100)
    return {"T1": mood, "T2": np.clip(8 - mood + draw.integers(-1, 2, 100), 1, 7)}


def constant(draw: np.random.Generator) -> dict[str, np.ndarray]:
    return {name: np.full(50, 7) for name in ("T1", "T2")}


def apart(draw: np.random.Generator) -> dict[str, np.ndarray]:
    """Each customer was asked one of the two items."""
    asked = np.arange(100) % 2 == 0
    rated = draw.integers(1, 8, 100).astype(float)
    return {"T1": np.where(asked, rated, NAN), "T2": np.where(asked, NAN, rated)}


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lone, "one_item"),
        (few, "few"),
        (low, "low_alpha"),
        (reversed_item, "negative_alpha"),
        (constant, "no_variance"),
        (apart, "few_complete"),
    ],
)
def test_a_dimension_that_cannot_stand_alone_says_why(
    made: Callable[[np.random.Generator], dict[str, np.ndarray]], reason: str
) -> None:
    one = dimension(gaps(made(np.random.default_rng(3))), "tangibles")
    assert not one.alone and {"not_alone", reason} <= codes(one)
    assert all(remark.zh and remark.en for remark in one.remarks)


def test_answers_that_never_differ_give_no_mean() -> None:
    one = dimension(gaps(constant(np.random.default_rng(3))), "tangibles")
    assert one.perception is None and one.reliability.alpha is None and one.n == 50


def test_an_item_that_nobody_answered_is_named_and_counts_nowhere() -> None:
    got = answers()
    got[:, 4] = NAN
    result = gaps(got)
    assert "nobody_answered" in codes(result) and "R5" in result.remarks[0].en
    assert dimension(result, "reliability").items == ("R6", "R7", "R8", "R9")
    assert result.items[4].n == 0 and result.items[4].perception is None


def test_fewer_factors_than_dimensions_are_said() -> None:
    draw = np.random.default_rng(9)
    got = np.clip(np.round(4 + draw.normal(size=(200, 1)) + 0.7 * draw.normal(size=(200, 22))), 1, 7)
    result = gaps(got)
    assert result.factors == 1 and "fewer_factors" in codes(result)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: gaps({"T1": [1, 2, 9, 10], "R5": [1, 2, 3, 4]}),
            "2 of 4 answers outside its scale 1 to 7 (9, 10)",
        ),
        (lambda: gaps({"T1": [5]}), "1 of 1 customers rated anything"),
        (lambda: gaps({"T1": [NAN, NAN]}), "0 of 2 customers"),
        (lambda: gaps({"T99": [5, 4]}), "'T99', which is no item"),
        (lambda: gaps({}), "no columns"),
        (lambda: gaps(np.ones((30, 21))), "shape (30, 21), not (customers, 22)"),
        (lambda: gaps({"T1": ["good", "bad"]}), "is not one column of numbers"),
        (lambda: gaps({"T1": [1, 2], "T2": [1, 2, 3]}), "different numbers of rows"),
        (lambda: gaps({"T1": [1, 2]}, {"T1": [1, 2, 3]}), "different numbers of rows"),
        (lambda: gaps({"T1": [1, 2]}, weights={"tangibles": 90}), "add up to 90"),
        (lambda: gaps({"T1": [1, 2]}, weights={"empathy": 100}), "give points to empathy"),
        (lambda: gaps({"T1": [1, 2]}, customers=["a"]), "different numbers of rows"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place_and_the_fix(
    call: Callable[[], GapResult], said: str
) -> None:
    with pytest.raises(EvidenceError) as refused:
        call()
    assert said in refused.value.what and refused.value.fix


def test_the_five_gaps_with_everything_known() -> None:
    survey = gaps(answers(seed=4), answers(seed=6))
    expected = dimension(survey, "empathy").expectation
    assert expected is not None
    found = five_gaps(
        survey,
        {"empathy": 4.0},
        [
            Promise(
                "repair.done",
                expected_hours=[20, 24, 30, 22, 24] * 8,
                standard_hours=48,
                promised_hours=24,
                kept=18,
                settled=20,
            )
        ],
    )
    assert [one.number for one in found] == [1, 2, 3, 4, 5]
    knowledge, standards, delivery, communication, customer = found
    assert knowledge.about == "empathy" and knowledge.measured is not None
    assert knowledge.measured.estimate == pytest.approx(4 - expected.estimate)
    assert knowledge.measured.low < knowledge.measured.estimate < knowledge.measured.high
    assert (
        standards.measured is not None and standards.measured.estimate == -24 and standards.measured.n == 40
    )
    # Clopper and Pearson, 18 of 20.
    assert delivery.measured is not None and delivery.measured.estimate == 0.9
    assert (delivery.measured.low, delivery.measured.high) == (
        pytest.approx(0.683017, abs=1e-6),
        pytest.approx(0.987651, abs=1e-6),
    )
    assert delivery.remark is not None and delivery.remark.code == "few"
    assert communication.written == -24 and communication.measured is None
    assert customer.measured == survey.gap


def test_a_gap_without_its_data_says_what_it_needs() -> None:
    found = five_gaps(None)
    assert [one.number for one in found] == [1, 2, 3, 4, 5]
    assert all(one.measured is None and one.written is None for one in found)
    assert all(
        one.remark is not None and "eeds" in one.remark.en and "需要" in one.remark.zh for one in found
    )


def test_more_kept_than_settled_is_refused() -> None:
    with pytest.raises(EvidenceError, match="9 encounters kept the standard, but 8 settled"):
        five_gaps(None, promises=[Promise(kept=9, settled=8)])


def test_on_a_real_survey_quality_stands_alone_and_expectation_does_not(real_data: Path) -> None:
    with gzip.open(real_data / "ecsi_mobile" / "mobi.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    items: dict[str, Dimension] = {
        name: "reliability" if name.startswith("PERQ") else "tangibles"
        for name in rows[0]
        if name.startswith(("PERQ", "CUEX"))
    }
    result = gaps_of({name: [float(row[name]) for row in rows] for name in items}, items=items, scale=(1, 10))
    quality, expectation = dimension(result, "reliability"), dimension(result, "tangibles")
    assert quality.alone and quality.n == 250
    assert not expectation.alone and "low_alpha" in codes(expectation)
