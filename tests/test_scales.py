"""Scores of survey answers: the reference numbers, the coverage of every interval, and what is refused.

The coverages are exact where they can be enumerated, and otherwise simulated with a known truth and a fixed
seed.
"""

from __future__ import annotations

import csv
import gzip
import math
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from peakend.errors import PeakendError
from peakend.listen.scales import (
    Answers,
    answers_needed,
    by_account,
    ces,
    change,
    csat,
    if_silent_differ,
    kish_deff,
    last_per_customer,
    nps,
    nps_standard_error,
    post_stratify,
    rake,
    read_answers,
    response_rates,
    weigh,
    words,
)
from peakend.listen.scales import intervals as spans
from peakend.model.scale import Change, Note, Scale, Score

Z = 1.959964


def answers_of(scale: Scale, counts: dict[int, int], first: int = 0) -> Answers:
    """So many answers of each value, all of different customers, numbered from `first`."""
    values = np.repeat(list(counts), list(counts.values()))
    return read_answers(scale, values, customers=first + np.arange(len(values)))


def nps_answers(promoters: int, passives: int, detractors: int, first: int = 0) -> Answers:
    return answers_of("nps", {10: promoters, 8: passives, 3: detractors}, first)


def span(result: Score | Change) -> tuple[float, float]:
    assert result.low is not None and result.high is not None
    return result.low, result.high


def estimate(result: Score | Change) -> float:
    assert result.estimate is not None
    return result.estimate


# ---- NPS: the reference numbers


def coverage(n: int, p: float, d: float, added: float, each: float) -> float:
    """The exact coverage of a Wald interval with `added` answers, `each` of them promoters and detractors."""
    promoters, detractors = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    kept = promoters + detractors <= n
    i, j = promoters[kept], detractors[kept]
    if added == 3 and each == 0.75:
        low, high = (bound / 100 for bound in spans.nps_interval(i, j, n))
    else:
        up, down = (i + each) / (n + added), (j + each) / (n + added)
        half = Z * np.sqrt(np.maximum(up + down - (up - down) ** 2, 0) / (n + added))
        low, high = up - down - half, up - down + half
    log = np.array([math.lgamma(k + 1) for k in range(n + 1)])
    chance = np.exp(
        log[n]
        - log[i]
        - log[j]
        - log[n - i - j]
        + i * math.log(p)
        + j * math.log(d)
        + (n - i - j) * math.log(1 - p - d)
    )
    return float(chance[(low <= p - d) & (p - d <= high)].sum())


@pytest.mark.parametrize(
    ("n", "shares", "wald", "adjusted", "one_each"),
    [
        (10, (0.5, 0.2), 0.896, 0.962, 0.963),
        (10, (0.7, 0.05), 0.858, 0.949, 0.949),
        (10, (0.9, 0.02), 0.649, 0.930, 0.959),
        (20, (0.7, 0.05), 0.917, 0.953, 0.963),
        (50, (0.9, 0.02), 0.910, 0.966, 0.968),
        (100, (0.5, 0.2), 0.945, 0.949, 0.950),
    ],
)
def test_the_adjusted_wald_interval_covers_what_it_promises(
    n: int, shares: tuple[float, float], wald: float, adjusted: float, one_each: float
) -> None:
    assert coverage(n, *shares, 3, 0.75) == pytest.approx(adjusted, abs=0.0006)
    assert coverage(n, *shares, 0, 0) == pytest.approx(wald, abs=0.0006)
    assert coverage(n, *shares, 3, 1) == pytest.approx(one_each, abs=0.0006)


def test_350_promoters_and_200_detractors_of_1000_are_an_nps_of_15() -> None:
    score = nps(nps_answers(350, 450, 200))
    assert estimate(score) == pytest.approx(15.0)
    assert nps_standard_error(350, 450, 200) == pytest.approx(2.2967, abs=5e-5)
    up, down = 350.75 / 1003, 200.75 / 1003
    half = Z * math.sqrt((up + down - (up - down) ** 2) / 1003)
    assert span(score) == pytest.approx((100 * (up - down - half), 100 * (up - down + half)), abs=1e-4)
    assert (score.n, score.customers, score.effective_n, score.unit) == (1000, 1000, 1000, "points")
    assert score.counts == {"promoters": 350, "passives": 450, "detractors": 200}
    assert score.notes == ()


def test_five_points_either_way_need_938_answers() -> None:
    assert answers_needed(5) == 938


def test_the_plain_change_from_20_to_37_points_has_z_2_035() -> None:
    before, after = nps_standard_error(500, 300, 200), nps_standard_error(540, 290, 170)
    z = (37 - 30) / math.hypot(before, after)
    assert z == pytest.approx(2.035, abs=5e-4)
    assert math.erfc(z / math.sqrt(2)) == pytest.approx(0.0418, abs=5e-5)
    moved = change(nps_answers(500, 300, 200), nps_answers(540, 290, 170, first=1000))
    assert estimate(moved) == pytest.approx(7.0)
    assert (moved.method, moved.direction, moved.shared) == ("adjusted-wald", "up", 0)
    assert span(moved) == pytest.approx((0.25, 13.71), abs=0.02)


@pytest.mark.parametrize(
    ("sizes", "before", "after", "least", "most"),
    [
        ((30, 30), (0.5, 0.2), (0.5, 0.2), 0.947, 0.958),
        ((20, 40), (0.5, 0.2), (0.4, 0.3), 0.945, 0.960),
        ((50, 50), (0.85, 0.05), (0.8, 0.05), 0.960, 0.980),
        ((15, 15), (0.9, 0.02), (0.9, 0.02), 0.985, 1.0),
    ],
)
def test_the_interval_of_a_change_never_covers_less_than_it_promises(
    sizes: tuple[int, int],
    before: tuple[float, float],
    after: tuple[float, float],
    least: float,
    most: float,
) -> None:
    rng = np.random.default_rng(7)
    one, other = (
        rng.multinomial(n, [*shares, 1 - sum(shares)], 10_000)
        for n, shares in zip(sizes, (before, after), strict=True)
    )
    low, high = spans.nps_change_interval(
        (one[:, 0], one[:, 1], sizes[0]), (other[:, 0], other[:, 1], sizes[1])
    )
    truth = 100 * ((after[0] - after[1]) - (before[0] - before[1]))
    assert least <= float(((low <= truth) & (truth <= high)).mean()) <= most


# ---- CSAT and CES: the reference numbers


def test_81_satisfied_of_263_have_wilsons_interval() -> None:
    score = csat(answers_of("csat", {5: 50, 4: 31, 3: 100, 2: 52, 1: 30}))
    assert estimate(score) == pytest.approx(81 / 263)
    assert span(score) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert score.counts == {"1": 30, "2": 52, "3": 100, "4": 31, "5": 50}


def test_none_satisfied_of_20_still_has_an_upper_end() -> None:
    score = csat(answers_of("csat", {2: 12, 1: 8}))
    assert estimate(score) == 0
    assert span(score) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_the_mean_stands_second_beside_csat_with_its_t_interval() -> None:
    answers = answers_of("csat", {5: 50, 4: 31, 3: 100, 2: 52, 1: 30})
    mean = csat(answers).secondary
    assert mean is not None and mean.unit == "mean"
    assert estimate(mean) == pytest.approx(answers.values.mean())
    assert span(mean) == pytest.approx(DescrStatsW(answers.values).tconfint_mean())


def test_56_of_70_against_48_of_80_have_newcombes_interval() -> None:
    before = answers_of("csat", {5: 48, 2: 32})
    after = answers_of("csat", {4: 56, 1: 14}, first=80)
    moved = change(before, after)
    assert estimate(moved) == pytest.approx(0.2)
    assert span(moved) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert (moved.method, moved.unit, moved.direction) == ("newcombe", "share", "up")


def test_newcombes_interval_without_correlation_is_that_of_independent_samples() -> None:
    assert spans.newcombe_correlated(56, 70, 48, 80, 0.0) == pytest.approx(spans.newcombe(56, 70, 48, 80))


def test_effort_is_a_mean_with_the_share_that_agrees_beside_it() -> None:
    answers = answers_of("ces", {7: 20, 6: 25, 5: 15, 4: 10, 2: 8, 1: 2})
    score = ces(answers)
    assert estimate(score) == pytest.approx(answers.values.mean())
    assert span(score) == pytest.approx(DescrStatsW(answers.values).tconfint_mean())
    agrees = score.secondary
    assert agrees is not None and agrees.unit == "share"
    assert estimate(agrees) == pytest.approx(60 / 80)
    assert span(agrees) == pytest.approx(tuple(spans.wilson(60, 80)))


def test_the_change_of_effort_between_different_customers_is_welchs() -> None:
    before, after = answers_of("ces", {7: 10, 5: 9, 2: 6}), answers_of("ces", {7: 30, 6: 9, 3: 4}, first=99)
    moved = change(before, after)
    wanted = CompareMeans(DescrStatsW(after.values), DescrStatsW(before.values)).tconfint_diff(
        usevar="unequal"
    )
    assert span(moved) == pytest.approx(wanted)


# ---- few answers, equal answers, blanks


def test_below_ten_customers_only_the_counts_are_given() -> None:
    score = nps(nps_answers(5, 3, 1))
    assert (score.estimate, score.low, score.high, score.n) == (None, None, None, 9)
    assert score.counts == {"promoters": 5, "passives": 3, "detractors": 1}
    assert words.too_few(9) in score.notes
    assert nps(nps_answers(5, 3, 2)).estimate == pytest.approx(30.0)


def test_forty_answers_of_four_customers_are_four_customers() -> None:
    values = np.tile([10, 8, 3, 9], 10)
    score = nps(read_answers("nps", values, customers=np.tile(list("abcd"), 10)))
    assert (score.estimate, score.n, score.customers) == (None, 40, 4)


def test_one_answer_gives_counts_and_no_warning() -> None:
    score = ces(read_answers("ces", [5], customers=["c1"]))
    assert (score.estimate, score.n) == (None, 1)
    assert score.secondary is not None and score.secondary.estimate is None


def test_a_wave_that_is_too_small_is_not_compared() -> None:
    moved = change(nps_answers(5, 2, 1), nps_answers(50, 30, 20, first=50))
    assert (moved.estimate, moved.low, moved.direction) == (None, None, "open")
    assert words.wave_too_small(8) in moved.notes
    assert moved.after.estimate == pytest.approx(30.0)


def test_equal_answers_have_a_share_with_an_interval_and_no_mean() -> None:
    score = ces(answers_of("ces", {7: 40}))
    assert score.estimate is None and words.no_interval("7") in score.notes
    assert score.secondary is not None
    assert span(score.secondary) == pytest.approx(tuple(spans.wilson(40, 40)))
    assert words.all_the_same("7") in score.secondary.notes


def test_equal_answers_leave_room_below_an_nps_of_100() -> None:
    score = nps(answers_of("nps", {10: 12}))
    assert estimate(score) == 100
    low, high = span(score)
    assert 40 < low < 60 and high == 100


def test_blanks_and_codes_are_left_out_and_counted_never_averaged() -> None:
    values = [10.0] * 12 + [float("nan")] * 3 + [11.0] * 5 + [2.0] * 8
    score = nps(read_answers("nps", values, customers=np.arange(28), not_applicable=[11]))
    assert (score.n, score.left_out) == (20, 8)
    assert estimate(score) == pytest.approx(20.0)
    assert words.left_out(8, 28) in score.notes


def test_masked_entries_and_none_are_blanks() -> None:
    masked = np.ma.masked_array([5, 4, 5, 0], mask=[False, False, False, True])
    assert read_answers("csat", masked).left_out == 1
    assert read_answers("csat", [5, None, 3]).left_out == 1


# ---- what is refused


@pytest.mark.parametrize(
    ("scale", "values", "codes", "said"),
    [
        ("nps", [10, 9, 11, 11], (), ["2 of 4 answers", "0..10: 11 (2 x)", "not_applicable: [11]"]),
        ("nps", [10, 9, -100, 100], (), ["-100 (1 x), 100 (1 x)", "mix 0..10 with -100..100"]),
        ("1..7", [7, 5, 8, 99], (), ["8 (1 x), 99 (1 x)", "name them in not_applicable: [8, 99]; if part"]),
        ("nps", [10, 7, -100, -100, 0], (), ["-100 (2 x)", "mix 0..10 with -100..100"]),
        ("csat", [5, 4, 6, 7, 8, 9, 10], (), ["5 of 7 answers", "6 (1 x)", "mix 1..5 with 0..10"]),
        ("csat", [5, 4, 0, 6, 6], (), ["6 (2 x), 0 (1 x)", "not_applicable: [0, 6]"]),
        ("ces", [7, 7, 99], (), ["99 (1 x)", "not_applicable: [99]"]),
        ("nps", [8.5, 9], (), ["8.5 (1 x)", "not averages"]),
        ("nps", [math.inf, 9], (), ["inf (1 x)"]),
        ("nps", [], (), ["none of 0 rows holds an answer", "window"]),
        ("nps", [math.nan, 11], (11,), ["none of 2 rows holds an answer"]),
        ("csat", ["good", "bad"], (), ["not every answer is a number", "Turn the texts into"]),
        ("csat", [[5, 4], [3, 2]], (), ["shape (2, 2)", "one answer a row"]),
        ("nps", [0, 10], (0,), ["0 cannot mean 'not applicable'", "0..10"]),
    ],
)
def test_a_column_that_cannot_be_scored_says_what_was_seen_and_the_fix(
    scale: Scale, values: list[object], codes: tuple[float, ...], said: list[str]
) -> None:
    with pytest.raises(PeakendError) as refused:
        read_answers(scale, values, not_applicable=codes, column="survey.score")
    text = str(refused.value)
    assert text.startswith("survey.score: ")
    assert [part for part in said if part not in text] == []
    assert refused.value.fix


def test_answers_on_1_to_5_hidden_in_one_part_of_a_0_to_10_column_are_found() -> None:
    rng = np.random.default_rng(2)
    values = np.concatenate([rng.integers(0, 11, 60), rng.integers(1, 6, 40)])
    parts = np.repeat(["app", "paper"], [60, 40])
    assert len(read_answers("nps", values).values) == 100
    with pytest.raises(
        PeakendError, match=r"all 40 answers of 'paper' lie in 1\.\.5, and the scale is 0\.\.10"
    ):
        read_answers("nps", values, parts=parts)
    with pytest.raises(PeakendError, match="in old effort questions 1 is the best"):
        read_answers("ces", rng.integers(1, 6, 200))


def test_answers_without_a_customer_are_refused_where_customers_are_named() -> None:
    with pytest.raises(PeakendError, match="1 of 3 answers have no value in 'customers'"):
        read_answers("nps", [9, 8, 7], customers=["a", None, "b"])
    with pytest.raises(PeakendError, match=r"'customers' has shape \(2,\) beside 3 answers"):
        read_answers("nps", [9, 8, 7], customers=["a", "b"])


def test_a_masked_customer_or_time_is_a_missing_one() -> None:
    masked = np.ma.masked_array(["a", "b", "c"], mask=[False, True, False])
    with pytest.raises(PeakendError, match="1 of 3 answers have no value in 'customers'"):
        read_answers("nps", [9, 8, 7], customers=masked)
    answers = read_answers("nps", [9, 8], customers=["a", "a"])
    with pytest.raises(PeakendError, match="1 of 2 answers have no value in 'at'"):
        last_per_customer(answers, at=np.array(["2026-01-01", "NaT"], dtype="datetime64[s]"))


def test_a_score_of_another_scale_is_refused() -> None:
    with pytest.raises(PeakendError, match="read as csat, not as nps"):
        nps(answers_of("csat", {5: 20}))
    with pytest.raises(PeakendError, match="from csat to nps has no meaning"):
        change(answers_of("csat", {5: 20}), nps_answers(5, 5, 5))


# ---- several answers of one customer


def test_the_last_answer_of_each_customer_counts() -> None:
    answers = read_answers("nps", [2, 9, 10, 3, 11], customers=list("abaab"), not_applicable=[11])
    last = last_per_customer(answers, at=[1, 2, 3, 2, 9])
    assert dict(zip(last.customers, last.values, strict=True)) == {"a": 10, "b": 9}
    assert words.only_the_last(2) in last.notes
    month = last_per_customer(answers, at=[1, 2, 3, 2, 9], windows=["jan", "jan", "feb", "jan", "feb"])
    assert sorted(zip(month.customers, month.values, strict=True)) == [("a", 3), ("a", 10), ("b", 9)]


def test_a_customer_7_is_the_customer_7_0_of_a_column_with_blanks() -> None:
    before = read_answers("nps", [10, 3] * 6, customers=np.arange(12))
    after = read_answers("nps", [10, 9] * 6, customers=np.arange(12.0))
    assert change(before, after).shared == 12


def test_of_two_answers_at_one_time_the_later_row_counts() -> None:
    answers = read_answers("nps", [2, 9], customers=["a", "a"])
    assert list(last_per_customer(answers, at=["2026-01-01", "2026-01-01"]).values) == [9]


def test_the_last_answer_needs_customers() -> None:
    with pytest.raises(PeakendError, match="Pass customers="):
        last_per_customer(read_answers("nps", [2, 9]), at=[1, 2])
    assert words.nobody_named() in nps(read_answers("nps", [2, 9])).notes


def test_the_interval_counts_customers_where_they_answer_several_times() -> None:
    truth, reps = 73.6, 500
    rng = np.random.default_rng(5)
    covered = naive = 0
    for _ in range(reps):
        who = np.repeat(np.arange(20), rng.integers(1, 6, 20))
        mood = rng.normal(0, 1.0, 20)
        values = np.clip(np.round(9.6 + mood[who] + rng.normal(0, 1.2, len(who))), 0, 10)
        low, high = span(nps(read_answers("nps", values, customers=who)))
        covered += low <= truth <= high
        low, high = span(nps(read_answers("nps", values)))
        naive += low <= truth <= high
    assert 0.92 <= covered / reps <= 0.975
    assert naive / reps < 0.89


def test_the_interval_of_a_share_and_of_a_mean_count_customers_too() -> None:
    rng = np.random.default_rng(11)
    who = np.repeat(np.arange(40), 5)
    values = np.clip(np.round(4 + rng.normal(0, 1, 40)[who] + rng.normal(0, 0.4, 200)), 1, 5)
    several, single = csat(read_answers("csat", values, customers=who)), csat(read_answers("csat", values))
    assert estimate(several) == pytest.approx(estimate(single))
    assert several.effective_n < 80 < single.effective_n == 200
    for one, other in ((several, single), (several.secondary, single.secondary)):
        assert one is not None and other is not None
        assert np.diff(span(one))[0] > 1.5 * np.diff(span(other))[0]
    assert words.several_of_one(200, 40) in several.notes


def test_an_account_counts_once_however_many_of_it_answer() -> None:
    accounts = ["big"] * 90 + [f"small-{k}" for k in range(11)]
    values = [10] * 90 + [0] * 5 + [9] * 6
    score = nps(by_account(read_answers("nps", values), accounts))
    means = np.array([1.0] + [-1.0] * 5 + [1.0] * 6)
    assert estimate(score) == pytest.approx(100 * means.mean())
    assert (score.n, score.customers) == (101, 12)
    assert words.accounts_count_once(12) in score.notes
    assert words.nobody_named() not in score.notes
    mean = by_account(read_answers("ces", [7, 5] * 10, customers=np.arange(20)), np.repeat(np.arange(10), 2))
    assert ces(mean).estimate is None, "all account means are 6"


def test_the_interval_over_accounts_is_the_t_interval_of_their_means() -> None:
    rng = np.random.default_rng(4)
    accounts = np.repeat(np.arange(30), rng.integers(1, 9, 30))
    values = rng.integers(1, 8, len(accounts))
    score = ces(by_account(read_answers("ces", values), accounts))
    means = np.array([values[accounts == account].mean() for account in range(30)])
    assert estimate(score) == pytest.approx(means.mean())
    assert span(score) == pytest.approx(DescrStatsW(means).tconfint_mean())


# ---- change with customers in both waves


def two_waves(scale: Scale, n: int, shared: int, seed: int = 3) -> tuple[Answers, Answers]:
    rng = np.random.default_rng(seed)
    mood = rng.normal(0, 2, 2 * n)
    low, high = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}[scale]
    middle = (low + high) / 2 + 1
    before, after = np.arange(n), np.arange(n) + n - shared
    return (
        read_answers(
            scale,
            np.clip(np.round(middle + mood[before] + rng.normal(0, 0.7, n)), low, high),
            customers=before,
        ),
        read_answers(
            scale,
            np.clip(np.round(middle + 0.4 + mood[after] + rng.normal(0, 0.7, n)), low, high),
            customers=after,
        ),
    )


def scored(answers: Answers) -> NDArray[np.float64]:
    values = answers.values
    if answers.scale == "nps":
        return 100.0 * ((values >= 9) * 1.0 - (values <= 6))
    return (values >= 4) * 1.0 if answers.scale == "csat" else values


@pytest.mark.parametrize("scale", ["nps", "csat", "ces"])
def test_a_panel_is_compared_customer_by_customer(scale: Scale) -> None:
    before, after = two_waves(scale, 120, 120)
    moved = change(before, after)
    paired = DescrStatsW(scored(after) - scored(before))
    assert estimate(moved) == pytest.approx(paired.mean)
    assert span(moved) == pytest.approx(paired.tconfint_mean())
    assert (moved.method, moved.shared, moved.customers) == ("paired-t", 120, 120)


@pytest.mark.parametrize("scale", ["nps", "csat", "ces"])
def test_some_in_both_waves_narrow_the_interval_of_the_change(scale: Scale) -> None:
    def width(shared: int, *, panel: bool = False) -> float:
        return float(np.diff(span(change(*two_waves(scale, 200, shared), panel=panel)))[0])

    assert width(199) < width(100) < width(0)
    assert words.some_in_both(100) in change(*two_waves(scale, 200, 100)).notes
    moved = change(*two_waves(scale, 200, 100), panel=True)
    assert (moved.method, moved.n, moved.customers) == ("paired-t", 200, 100)
    assert words.panel_only(100) in moved.notes


def test_the_interval_of_a_change_covers_with_some_in_both_waves() -> None:
    covered: dict[Scale, int] = {"nps": 0, "csat": 0}
    for scale in covered:
        draws = [change(*two_waves(scale, 80, 40, seed)) for seed in range(400)]
        truth = float(np.mean([estimate(change(*two_waves(scale, 20_000, 0, seed))) for seed in range(3)]))
        covered[scale] = sum(low <= truth <= high for low, high in map(span, draws))
    assert all(0.93 <= count / 400 <= 0.985 for count in covered.values()), covered


def test_a_panel_in_which_nobody_moved_has_no_interval_and_no_number() -> None:
    moved = change(nps_answers(10, 5, 5), nps_answers(10, 5, 5))
    assert (moved.estimate, moved.method, moved.direction) == (None, "counts", "open")
    assert words.nobody_moved(20) in moved.notes


def test_without_customers_the_waves_are_taken_as_different_people() -> None:
    one = read_answers("nps", np.repeat([10, 3], [30, 20]))
    moved = change(one, one)
    assert moved.method == "adjusted-wald" and words.overlap_unknown() in moved.notes
    with pytest.raises(PeakendError, match="no customer is known to have answered in both waves"):
        change(one, one, panel=True)


def test_a_change_from_all_happy_to_all_unhappy_lies_in_its_interval() -> None:
    moved = change(nps_answers(10, 0, 0), nps_answers(0, 0, 10, first=10))
    low, high = span(moved)
    assert estimate(moved) == low == -200 and high < -100
    assert moved.direction == "down"


# ---- weighting


def a_survey() -> tuple[NDArray[np.int64], NDArray[np.float64], np.random.Generator]:
    """The segments and the answers of 200,000 customers; the segments answer 5, 12 and 30 of 100."""
    rng = np.random.default_rng(3)
    segment = rng.choice(3, 200_000, p=[0.6, 0.3, 0.1])
    middle = np.array([7.2, 8.3, 9.0])[segment]
    values = np.clip(np.round(middle + rng.normal(0, 1.8, 200_000)), 0, 10)
    return segment, values, rng


def test_weights_repair_what_segments_explain_and_nothing_else() -> None:
    segment, values, rng = a_survey()
    population = {str(k): float((segment == k).mean()) for k in range(3)}
    assert 100 * ((values >= 9).mean() - (values <= 6).mean()) == pytest.approx(7.6, abs=0.05)

    answered = rng.random(200_000) < np.array([0.05, 0.12, 0.30])[segment]
    raw = read_answers("nps", values[answered], customers=np.flatnonzero(answered))
    assert estimate(nps(raw)) == pytest.approx(25.1, abs=0.05)
    weighed = nps(post_stratify(raw, segment[answered], population, by="segment"))
    assert estimate(weighed) == pytest.approx(8.4, abs=0.05)
    low, high = span(weighed)
    assert (high - low) / 2 == pytest.approx(1.3, abs=0.05)
    assert low <= 7.6 <= high
    assert weighed.weighting is not None
    assert weighed.weighting.deff == pytest.approx(1.45, abs=0.005)
    assert weighed.weighting.effective_n == pytest.approx(weighed.n / weighed.weighting.deff)
    assert (weighed.weighting.by, weighed.weighting.capped) == (("segment",), 0)

    mood = np.where(values >= 9, 0.2, np.where(values <= 6, 0.12, 0.06))
    answered = rng.random(200_000) < mood
    raw = read_answers("nps", values[answered], customers=np.flatnonzero(answered))
    assert estimate(nps(raw)) == pytest.approx(29.6, abs=0.05)
    weighed = nps(post_stratify(raw, segment[answered], population))
    assert estimate(weighed) == pytest.approx(26.8, abs=0.05)
    assert words.WEIGHTING_CANNOT_REPAIR in weighed.notes


def test_the_interval_of_a_weighted_score_covers_the_truth() -> None:
    segment, values, rng = a_survey()
    chance = np.array([0.05, 0.12, 0.30])[segment] / 60
    population = {str(k): float((segment == k).mean()) for k in range(3)}
    covered = 0
    for _ in range(300):
        rows = np.flatnonzero(rng.random(200_000) < chance)
        answers = read_answers("nps", values[rows], customers=rows)
        low, high = span(nps(post_stratify(answers, segment[rows], population)))
        covered += low <= 7.6 <= high
    assert 0.92 <= covered / 300 <= 0.98


def test_raking_meets_every_margin() -> None:
    rng = np.random.default_rng(8)
    size, region = rng.choice(["big", "small"], 400, p=[0.7, 0.3]), rng.choice(["n", "s", "w"], 400)
    population = {"size": {"big": 500, "small": 500}, "region": {"n": 0.5, "s": 0.3, "w": 0.2}}
    answers = read_answers("csat", rng.integers(1, 6, 400), customers=np.arange(400))
    raked = rake(answers, {"size": size, "region": region}, population)
    total = raked.weights.sum()
    assert total == pytest.approx(400)
    assert raked.weights[size == "big"].sum() / total == pytest.approx(0.5)
    assert raked.weights[region == "s"].sum() / total == pytest.approx(0.3)
    assert raked.weighting is not None and raked.weighting.by == ("size", "region")


def test_a_weight_is_cut_to_five_medians_and_the_score_says_so() -> None:
    cells = np.repeat(["many", "few"], [190, 10])
    answers = read_answers("csat", np.tile([5, 1], 100), customers=np.arange(200))
    weighed = post_stratify(answers, cells, {"many": 50, "few": 50})
    assert weighed.weighting is not None
    assert (weighed.weighting.capped, weighed.weighting.largest) == (10, pytest.approx(5.0))
    assert words.weights_capped(10, 5) in csat(weighed).notes


def test_a_cell_that_a_few_speak_for_is_named() -> None:
    cells = np.repeat(["many", "few"], [96, 4])
    answers = read_answers("csat", np.tile([5, 1], 50), customers=np.arange(100))
    assert words.thin_cell("few", 4) in csat(post_stratify(answers, cells, {"many": 9, "few": 1})).notes


def test_equal_weights_change_nothing() -> None:
    answers = nps_answers(40, 30, 30)
    plain, weighed = nps(answers), nps(weigh(answers, np.full(100, 0.3)))
    assert (weighed.estimate, weighed.low, weighed.high) == pytest.approx(
        (plain.estimate, plain.low, plain.high)
    )
    assert weighed.weighting is not None and weighed.weighting.deff == pytest.approx(1.0)
    assert kish_deff([1, 1, 2]) == pytest.approx(3 * 6 / 16)


def test_accounts_are_weighed_as_accounts() -> None:
    accounts = np.repeat([f"a{k}" for k in range(20)], [1, 9] * 10)
    kinds = np.where([int(name[1:]) % 2 == 1 for name in accounts], "large", "small")
    answers = by_account(read_answers("nps", np.where(kinds == "large", 10, 2)), accounts)
    score = nps(post_stratify(answers, kinds, {"large": 1, "small": 3}))
    assert estimate(score) == pytest.approx(-50.0)
    assert score.weighting is not None
    assert score.weighting.effective_n == pytest.approx(20 / kish_deff([0.5] * 10 + [1.5] * 10))


@pytest.mark.parametrize(
    ("population", "said"),
    [
        ({"new": 5.0}, "the group 'old' of 'segment', and the population does not have it"),
        ({"new": 5.0, "Old": 2.0}, "Did you mean 'Old'"),
        (
            {"new": 5.0, "old": 2.0, "lost": 3.0},
            "nobody of the group 'lost' of 'segment' (30.0% of the customers)",
        ),
        ({"new": 5.0, "old": 0.0}, "a size above zero for every group"),
    ],
)
def test_a_population_that_does_not_fit_the_answers_is_refused(
    population: dict[str, float], said: str
) -> None:
    with pytest.raises(PeakendError) as refused:
        post_stratify(nps_answers(5, 5, 2), ["new", "old"] * 6, population, by="segment")
    assert said in str(refused.value)


def test_margins_that_contradict_each_other_are_refused() -> None:
    answers = nps_answers(5, 5, 2)
    sides = ["a"] * 6 + ["b"] * 6
    with pytest.raises(PeakendError, match="no weights fit the margins one, two together"):
        rake(answers, {"one": sides, "two": sides}, {"one": {"a": 1, "b": 3}, "two": {"a": 3, "b": 1}})
    with pytest.raises(PeakendError, match="Give the population of every margin"):
        rake(answers, {"one": sides}, {"two": {"a": 3, "b": 1}})


def test_weights_that_are_not_positive_and_weights_too_early_are_refused() -> None:
    answers = nps_answers(5, 5, 2)
    with pytest.raises(PeakendError, match="1 of 12 weights are not positive numbers"):
        weigh(answers, [0.0] + [1.0] * 11)
    with pytest.raises(PeakendError, match="First form the accounts, then weigh"):
        by_account(weigh(answers, np.ones(12)), list("aabbccddeeff"))


# ---- the silent ones


def test_response_rates_come_by_segment_with_their_intervals() -> None:
    rates = response_rates({"new": 1000, "old": 200}, ["new"] * 50 + ["old"] * 60)
    assert [(one.segment, one.answered, one.share) for one in rates.segments] == [
        ("new", 50, 0.05),
        ("old", 60, 0.3),
    ]
    assert (rates.overall.asked, rates.overall.answered) == (1200, 110)
    assert (rates.segments[0].low, rates.segments[0].high) == pytest.approx(tuple(spans.wilson(50, 1000)))
    assert rates.notes == (words.rates_differ("new", 0.05, "old", 0.3),)
    assert response_rates({"new": 20, "old": 20}, ["new"] * 5 + ["old"] * 6).notes == ()


@pytest.mark.parametrize(
    ("asked", "answered", "said"),
    [
        ({"new": 10}, ["old"], "customers of 'old' answered, and nobody of it was asked"),
        ({"new": 1}, ["new", "new"], "2 customers of 'new' answered, and only 1 were asked"),
        ({}, [], "nobody was asked"),
        ({"new": 0}, [], "nobody was asked in 'new'"),
    ],
)
def test_response_rates_above_one_are_refused(asked: dict[str, int], answered: list[str], said: str) -> None:
    with pytest.raises(PeakendError, match=said):
        response_rates(asked, answered)


def test_the_score_of_all_customers_falls_with_the_silent_ones() -> None:
    score = nps(nps_answers(350, 450, 200))
    none, some, most = if_silent_differ(score, 0.2, [0, 20, 150]).rows
    assert (none.estimate, none.low, none.high) == pytest.approx((15.0, score.low, score.high))
    assert some.estimate == pytest.approx(15 - 0.8 * 20)
    assert most.estimate == pytest.approx(0.2 * 15 - 0.8 * 100), "nobody can be below -100"
    assert some.note == Note(
        zh="如果未答复的客户比已答复的低 20.0 分，全体客户的得分约为 -1.0（95% 区间 -5.5 至 3.4）。",
        en="If silent customers are 20.0 points lower than those who answered, the score of all "
        "customers is about -1.0 (95 % interval -5.5 to 3.4).",
    )
    assert words.SILENT_ARE_ASSUMED in if_silent_differ(score, 0.2, [0]).notes


def test_the_silent_ones_are_spoken_of_in_the_unit_of_the_score() -> None:
    share = if_silent_differ(csat(answers_of("csat", {5: 80, 1: 20})), 0.5, [0.1, -0.1]).rows
    assert [row.estimate for row in share] == pytest.approx([0.75, 0.85])
    assert "10.0 percentage points lower" in share[0].note.en and "低 10.0 个百分点" in share[0].note.zh
    assert "10.0 percentage points higher" in share[1].note.en and "高 10.0 个百分点" in share[1].note.zh
    mean = if_silent_differ(ces(answers_of("ces", {7: 50, 3: 50})), 0.5, [1, 9]).rows
    assert [row.estimate for row in mean] == pytest.approx([4.5, 3.0])


def test_no_assumption_is_carried_through_without_a_score_or_a_rate() -> None:
    with pytest.raises(PeakendError, match="the score has no number: 3 customers answered"):
        if_silent_differ(nps(nps_answers(1, 1, 1)), 0.2, [10])
    with pytest.raises(PeakendError, match="12 is not a response rate"):
        if_silent_differ(nps(nps_answers(10, 10, 10)), 12, [10])


# ---- what always holds


@given(
    counts=st.lists(st.integers(0, 30), min_size=11, max_size=11).filter(lambda c: sum(c) >= 10),
    seed=st.integers(0, 1000),
)
def test_an_estimate_lies_in_its_interval_and_the_interval_on_the_scale(counts: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.repeat(np.arange(11), counts)
    if values.min() >= 1 and values.max() <= 5:
        return
    who = rng.integers(0, max(12, len(values) // 2), len(values))
    answers = weigh(read_answers("nps", values, customers=who), rng.uniform(0.2, 3, len(values)))
    score = nps(answers)
    if score.estimate is None:
        assert score.customers < 10
        return
    low, high = span(score)
    assert -100 <= low <= score.estimate <= high <= 100
    assert low < high
    assert score.effective_n <= score.n + 1e-9


def test_every_result_can_be_written_and_read_back_as_json() -> None:
    moved = change(*two_waves("csat", 60, 20))
    assert msgspec.json.decode(msgspec.json.encode(moved), type=Change) == moved


def test_every_sentence_is_in_both_languages_and_blames_nobody() -> None:
    said = [
        words.WEIGHTING_CANNOT_REPAIR,
        words.SILENT_ARE_ASSUMED,
        words.too_few(3),
        words.wave_too_small(3),
        words.no_interval("7"),
        words.all_the_same("7"),
        words.nobody_named(),
        words.several_of_one(9, 3),
        words.only_the_last(2),
        words.accounts_count_once(12),
        words.left_out(1, 2),
        words.weights_capped(1, 5),
        words.thin_cell("new", 3),
        words.panel_only(20),
        words.some_in_both(20),
        words.overlap_unknown(),
        words.nobody_moved(20),
        words.rates_differ("new", 0.1, "old", 0.2),
    ]
    for note in said:
        assert note.zh.endswith("。") and note.en.endswith(".")
        assert not {"亲", "系统原因", "请耐心等待", "!", "！"} & set(note.zh)
        assert note.en.isascii()


# ---- real data


@pytest.mark.parametrize(
    ("year", "score", "n", "left_out"), [(2017, 39.8, 2746, 85), (2018, 31.0, 2650, 159)]
)
def test_the_passengers_of_an_airport(
    real_data: Path, year: int, score: float, n: int, left_out: int
) -> None:
    values, flights = passengers(real_data, year)
    found = nps(read_answers("nps", values, customers=np.arange(len(values)), not_applicable=[11]))
    assert estimate(found) == pytest.approx(score, abs=0.05)
    assert (found.n, found.left_out) == (n, left_out)
    low, high = span(found)
    assert low < score < high and 2 < (high - low) / 2 < 3.5
    by_flight = nps(read_answers("nps", values, customers=flights, not_applicable=[11]))
    assert by_flight.effective_n < n, "passengers of one flight answer alike"


def test_the_passengers_were_less_loyal_in_2018_than_in_2017(real_data: Path) -> None:
    waves = []
    for year in (2017, 2018):
        values, _ = passengers(real_data, year)
        who = [f"{year}-{row}" for row in range(len(values))]
        waves.append(read_answers("nps", values, customers=who, not_applicable=[11]))
    moved = change(*waves)
    assert estimate(moved) == pytest.approx(31.0 - 39.8, abs=0.1)
    assert moved.direction == "down"


def test_not_applicable_codes_left_among_the_answers_are_found(real_data: Path) -> None:
    values, _ = passengers(real_data, 2018)
    with pytest.raises(
        PeakendError, match=r"159 of 2,809 answers .* 11 \(159 x\)\. .*not_applicable: \[11\]"
    ):
        read_answers("nps", values)


def passengers(real_data: Path, year: int) -> tuple[list[float], list[str]]:
    path = real_data / "sfo_survey" / f"{year}_SFO_Customer_Survey.csv.gz"
    if not path.is_file():
        pytest.skip("real data not present")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = [{name.strip(): cell for name, cell in row.items()} for row in csv.DictReader(file)]
    return [float(row["NETPRO"] or "nan") for row in rows], [
        row["RUNID"] or f"row {place}" for place, row in enumerate(rows)
    ]
