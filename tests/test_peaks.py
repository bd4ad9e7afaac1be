"""What customers remember and felt: a known truth recovered, intervals that hold, what cannot be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peakend.errors import EvidenceError
from peakend.identify.emotion import emotion_curve, felt
from peakend.identify.peaks import memories, peak_end
from peakend.model.feeling import FEATURES, EmotionCurve, PeakEndProfile
from peakend.tables.frames import fetch

NAN = float("nan")
BACKEND = ibis.duckdb.connect()
NUMBER = count()
PEAK_END = (0.0, 0.5, 0.5, 0.5, 0.0, 0.0)
AVERAGE = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def profile_of(episode: Any, at: Any, valence: Any, outcome: Any, customer: Any) -> PeakEndProfile:
    """The profile of arrays: encounters (NaN: feeling unknown), and the answers of episodes 0, 1, ..."""
    answers = pa.table(
        {
            "episode": np.arange(len(outcome)),
            "customer": np.asarray(customer).astype(str).astype(object),
            "outcome": np.asarray(outcome, dtype=float),
        }
    )
    felt = pa.array(np.asarray(valence, dtype=float), mask=np.isnan(np.asarray(valence, dtype=float)))
    rows = {
        "episode": np.asarray(episode, dtype=np.int64),
        "at": np.asarray(at, dtype=np.int64),
        "state": felt,
    }
    made = (
        BACKEND.create_table(f"t{next(NUMBER)}", answers),
        BACKEND.create_table(f"t{next(NUMBER)}", pa.table(rows)),
    )
    return peak_end(fetch(memories(*made, len(set(customer)))), len(outcome))


class World:
    """Episodes whose outcome takes known weights from mean, max, min, last, first and count."""

    def __init__(
        self,
        weights: Sequence[float],
        seed: int,
        episodes: int = 3000,
        fewest: int = 2,
        most: int = 8,
        states: bool = False,
    ) -> None:
        draw = np.random.default_rng(seed)
        times = draw.integers(fewest, most + 1, episodes)
        self.episode = np.repeat(np.arange(episodes), times)
        self.at = np.concatenate([np.arange(one) for one in times])
        felt = np.clip(draw.normal(size=times.sum()), -2.5, 2.5)
        self.valence = np.sign(felt) * (np.abs(felt) > 0.7) if states else felt
        start = np.cumsum(times) - times
        features = np.column_stack(
            [
                np.add.reduceat(self.valence, start) / times,
                np.maximum.reduceat(self.valence, start),
                np.minimum.reduceat(self.valence, start),
                self.valence[start + times - 1],
                self.valence[start],
                times,
            ]
        )
        people = max(episodes * 2 // 5, 1)
        self.customer = draw.integers(0, people, episodes)
        mood = 0.5 * draw.normal(size=people)[self.customer]
        self.outcome = features @ np.asarray(weights) + mood + draw.normal(size=episodes)

    def profile(self, order: np.ndarray | None = None) -> PeakEndProfile:
        rows = np.arange(len(self.episode)) if order is None else order
        return profile_of(self.episode[rows], self.at[rows], self.valence[rows], self.outcome, self.customer)


def estimates(profile: PeakEndProfile) -> list[float]:
    return [one.weight.estimate if one.weight else NAN for one in profile.weights]


@pytest.mark.parametrize(("weights", "index", "leads"), [(PEAK_END, 1.0, True), (AVERAGE, 0.0, False)])
def test_a_known_memory_is_recovered_with_intervals_that_hold_it(
    weights: tuple[float, ...], index: float, leads: bool
) -> None:
    profiles = [World(weights, seed).profile() for seed in range(40)]
    found = np.array([estimates(one) for one in profiles])
    assert found.mean(axis=0) == pytest.approx(weights, abs=0.05)
    held = [
        one.weight.low <= true <= one.weight.high
        for profile in profiles
        for one, true in zip(profile.weights, weights, strict=True)
        if one.weight is not None
    ]
    assert len(held) == 240 and 0.92 <= np.mean(held) <= 0.98
    indexed = [one.index for one in profiles if one.index is not None]
    assert len(indexed) == 40
    assert np.mean([one.low <= index <= one.high for one in indexed]) >= 0.9
    assert np.mean([one.low <= 0.5 <= one.high for one in indexed]) <= 0.1
    assert all((one.lead.low > 0) == leads and (one.peak_end > one.average) == leads for one in profiles)


def test_states_instead_of_feelings_are_recovered_too() -> None:
    found = np.array([estimates(World(PEAK_END, seed, states=True).profile()) for seed in range(20)])
    assert found.mean(axis=0) == pytest.approx(PEAK_END, abs=0.08)


def test_the_order_of_the_rows_changes_nothing() -> None:
    world = World(PEAK_END, 1, episodes=300)
    mixed = np.random.default_rng(1).permutation(len(world.episode))
    assert estimates(world.profile(mixed)) == pytest.approx(estimates(world.profile()), abs=1e-9)


def test_an_encounter_of_unknown_feeling_counts_nowhere() -> None:
    world = World(PEAK_END, 1, episodes=300, fewest=3)
    blank = np.random.default_rng(2).random(len(world.episode)) < 0.3
    silent = profile_of(
        world.episode, world.at, np.where(blank, NAN, world.valence), world.outcome, world.customer
    )
    assert silent == world.profile(np.flatnonzero(~blank))
    assert silent.left_out > 0


def test_episodes_of_one_encounter_are_left_out_and_counted() -> None:
    world = World(PEAK_END, 3, episodes=400, fewest=1)
    single = int((np.bincount(world.episode) == 1).sum())
    profile = world.profile()
    assert (profile.episodes, profile.left_out) == (400 - single, single)


def test_with_two_encounters_an_episode_peak_and_end_cannot_be_told_apart() -> None:
    profile = World(PEAK_END, 4, most=2).profile()
    assert [one.feature for one in profile.weights if one.weight is None] == list(FEATURES)
    assert profile.index is None
    assert profile.remarks[0].code == "not_told_apart" and "三次以上" in profile.remarks[0].zh


def test_a_count_that_is_always_the_same_leaves_the_other_weights() -> None:
    profile = World(PEAK_END, 5, fewest=4, most=4).profile()
    assert [one.feature for one in profile.weights if one.weight is None] == ["count"]
    assert estimates(profile)[1:4] == pytest.approx([0.5, 0.5, 0.5], abs=0.2)
    assert profile.index is not None and profile.index.high == 1.0
    assert "count" in profile.remarks[0].en


def test_an_outcome_that_follows_nothing_has_no_sure_index() -> None:
    draw = np.random.default_rng(0)
    world = World(AVERAGE, 6)
    world.outcome = draw.normal(size=len(world.outcome))
    profile = world.profile()
    assert profile.index is None or (profile.index.low < 0.2 and profile.index.high > 0.2)


def shaped(world: World, **changed: object) -> Callable[[], PeakEndProfile]:
    given_ = {
        "episode": world.episode,
        "at": world.at,
        "valence": world.valence,
        "outcome": world.outcome,
        "customer": world.customer,
        **changed,
    }
    return lambda: profile_of(**given_)


SMALL = World(PEAK_END, 7, episodes=100)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (World(PEAK_END, 1, episodes=3).profile, "3 of 3 episodes with an outcome"),
        (shaped(SMALL, valence=np.full(len(SMALL.valence), NAN)), "0 of 100 episodes with an outcome"),
        (shaped(SMALL, outcome=[7.0] * 100), "all 100 episodes have the outcome 7"),
        (shaped(SMALL, customer=["one"] * 100), "are of 1 customers; 20 are needed"),
        (shaped(SMALL, episode=[], at=[], valence=[]), "0 of 100 episodes with an outcome"),
    ],
)
def test_what_cannot_carry_a_profile_is_refused_with_the_fix(
    call: Callable[[], PeakEndProfile], said: str
) -> None:
    with pytest.raises(EvidenceError) as refused:
        call()
    assert said in refused.value.what and refused.value.fix


def curve_of(*columns: Sequence[object]) -> EmotionCurve:
    """The curve of touchpoint, customer, episode, hours and state (NaN unknown), one encounter a row."""
    touchpoint, customer, episode, hours, state = (np.asarray(column) for column in columns)
    known = [None if np.isnan(one) else int(one) for one in state.astype(float)]
    rows = pa.table(
        {
            "touchpoint": pa.array(touchpoint.astype(str)),
            "customer": pa.array(customer.astype(str)),
            "episode": pa.array(episode.astype(str)),
            "at": pa.array((hours.astype(float) * 3.6e9).astype(np.int64)),
            "state": pa.array(known, pa.int8()),
        }
    )
    met = ibis.duckdb.connect().create_table("met", rows)
    sums = felt(met.select("episode", "customer").distinct(), met)
    return emotion_curve({name: fetch(one) for name, one in sums.items()})


def walk(
    customers: int, seed: int = 1, means: dict[str, float] | None = None, optional: float = 0.0
) -> EmotionCurve:
    """Everybody meets order, wait and pay in this order; a share leaves out the wait."""
    draw = np.random.default_rng(seed)
    feelings = means or {"order": 0.4, "wait": -0.5, "pay": 0.1}
    rows = [
        (name, f"c{one}", f"e{one}", 10.0 * one + place, draw.choice([1.0, 0.0, -1.0], p=_chances(mean)))
        for one in range(customers)
        for place, (name, mean) in enumerate(feelings.items())
        if name != "wait" or draw.random() >= optional
    ]
    return curve_of(*(list(column) for column in zip(*rows, strict=True)))


def _chances(mean: float) -> list[float]:
    return [(0.6 + mean) / 2, 0.4, (0.6 - mean) / 2]


def test_the_curve_stands_in_the_order_of_meeting_and_names_peak_trough_and_end() -> None:
    curve = walk(300, optional=0.4)
    assert [point.touchpoint for point in curve.points] == ["order", "wait", "pay"]
    assert [point.hours for point in curve.points] == [0, 1, 2]
    assert curve.peak is not None and (curve.peak.touchpoint, curve.peak.ties) == ("order", ())
    assert curve.trough is not None and (curve.trough.touchpoint, curve.trough.ties) == ("wait", ())
    assert (curve.end, curve.end_share) == ("pay", 1.0)
    order, wait, _ = curve.points
    assert order.reach == 1.0 and 0.5 < wait.reach < 0.7 and wait.customers == round(300 * wait.reach)


def test_touchpoints_with_intervals_that_overlap_tie() -> None:
    curve = walk(100, means={"order": 0.1, "wait": 0.1, "pay": 0.1})
    assert curve.peak is not None and len(curve.peak.ties) == 2
    assert curve.trough is not None and len(curve.trough.ties) == 2


def test_fewer_than_thirty_customers_are_grey_and_never_compared() -> None:
    curve = walk(29)
    assert all(point.grey and point.emotion is not None for point in curve.points)
    assert curve.peak is None and curve.trough is None
    assert [remark.code for remark in curve.remarks] == ["no_extremes"]


def test_the_interval_counts_customers_not_encounters() -> None:
    draw = np.random.default_rng(4)
    felt = draw.choice([1.0, 0.0, -1.0], 100)
    who = np.arange(100)
    once = curve_of(["a"] * 100, who, who, np.zeros(100), felt).points[0]
    often = curve_of(
        ["a"] * 1000, np.tile(who, 10), np.tile(who, 10), np.zeros(1000), np.tile(felt, 10)
    ).points[0]
    assert once.emotion is not None and often.emotion is not None
    assert often.emotion.high == pytest.approx(once.emotion.high, abs=1e-12)
    assert (often.encounters, often.customers) == (1000, 100)
    mean, reach = felt.mean(), 1.984217 * felt.std(ddof=1) / 10
    assert (once.emotion.low, once.emotion.high) == (
        pytest.approx(mean - reach, abs=1e-6),
        pytest.approx(mean + reach, abs=1e-6),
    )


@given(st.integers(1, 4), st.integers(0, 2**16))
@settings(max_examples=20)
def test_a_mean_lies_in_its_interval_and_the_interval_on_the_scale(visits: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    rows = 60 * visits
    who = np.repeat(np.arange(60), visits)
    felt = draw.choice([1.0, 0.0, -1.0, NAN], rows, p=[0.7, 0.1, 0.1, 0.1])
    curve = curve_of(draw.choice(["a", "b", "c"], rows), who, who, draw.random(rows), felt)
    for point in curve.points:
        if point.emotion is not None:
            assert -1 <= point.emotion.low <= point.emotion.estimate <= point.emotion.high <= 1
    assert sum(point.encounters for point in curve.points) == np.isfinite(felt).sum()


def test_feelings_that_are_all_alike_still_have_an_interval() -> None:
    who = np.arange(100)
    point = curve_of(["a"] * 100, who, who, np.zeros(100), np.zeros(100)).points[0]
    assert point.emotion is not None and point.emotion.estimate == 0
    # Clopper and Pearson for 0 of 100: 3.62 %.
    assert (point.emotion.low, point.emotion.high) == (
        pytest.approx(-0.03622, abs=1e-5),
        pytest.approx(0.03622, abs=1e-5),
    )


def test_a_touchpoint_of_unknown_feeling_keeps_its_place_without_a_number() -> None:
    curve = curve_of(
        ["a", "b"] * 40,
        np.repeat(np.arange(40), 2),
        np.repeat(np.arange(40), 2),
        [0.0, 5.0] * 40,
        [NAN, 1.0, NAN, -1.0] * 20,
    )
    assert [(one.touchpoint, one.emotion is None, one.reach) for one in curve.points] == [
        ("a", True, 1.0),
        ("b", False, 1.0),
    ]


def test_a_journey_without_encounters_has_no_curve() -> None:
    with pytest.raises(EvidenceError, match="no encounters") as refused:
        curve_of([], [], [], [], [])
    assert refused.value.fix
