"""`find` on a service of which the truth is known: intervals cover, ranks hold, nothing is named by chance.

Small in every run; `make sim` (PEAKEND_SIM) makes the whole study of 200 worlds a scenario. Thresholds:
Peakend methods 4.4.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

import ibis
import numpy as np
import pandas as pd
import pytest
from find_world import NAMES, Numbers, Scenario, World, truth, world
from scipy import stats

from peakend.errors import EvidenceError
from peakend.identify.drivers import drivers
from peakend.identify.grams import Column, assemble, bucket_count, cells, sums, with_buckets
from peakend.identify.ledger import false_discovery, paule_mandel, shrunk
from peakend.model.found import Found
from peakend.moments import How, explain
from peakend.moments.explain import AS_USUAL

WHOLE = bool(os.environ.get("PEAKEND_SIM"))
WORLDS = 200 if WHOLE else 6
SCENARIOS = {
    "A, additive": (Scenario(), False),
    "B, peak and end, whole answers": (Scenario(peak_end=0.35, whole=True), False),
    "C, moods, within customers": (Scenario(mood=1.0, whole=True), True),
}


@pytest.fixture(scope="module")
def engine() -> Iterator[ibis.BaseBackend]:
    connection = ibis.duckdb.connect()
    yield connection
    connection.disconnect()


def found_in(engine: ibis.BaseBackend, given: World, how: How = AS_USUAL, **words: str) -> Found:
    episodes = engine.create_table("episodes", given.episodes(), overwrite=True)
    encounters = engine.create_table("encounters", given.encounters(), overwrite=True)
    return explain(episodes, encounters, NAMES, segment="segment", how=how, **words)


class Study(NamedTuple):
    covered: float
    swing: float
    fix_first: float
    false_discoveries: float
    ledger_error: float


def study(engine: ibis.BaseBackend, scenario: Scenario, within: bool) -> Study:
    penalty, reward = truth(scenario, 60_000 if WHOLE else 20_000)
    bad = (world(20_000, 778, scenario).state == -1).mean(0)
    swing, fix_first = np.maximum(penalty, 0) + np.maximum(reward, 0), bad * np.maximum(penalty, 0)
    covered, swings, fixes, wrong, errors = [], [], [], [], []
    for seed in range(WORLDS):
        found = found_in(engine, world(3000, 1000 + seed, scenario), How(within=within))
        sides = [
            (effect, true)
            for one, lost, won in zip(found.touchpoints, penalty, reward, strict=True)
            for effect, true in ((one.penalty, lost), (one.reward, won))
        ]
        known = [
            (effect, true) for effect, true in sides if effect.low is not None and effect.high is not None
        ]
        covered += [effect.low <= true <= effect.high for effect, true in known]
        named = [abs(true) < 0.05 for effect, true in known if effect.q is not None and effect.q < 0.1]
        wrong.append(np.mean(named) if named else 0.0)
        swings.append(stats.spearmanr([one.swing for one in found.touchpoints], swing)[0])
        fixes.append(stats.spearmanr([one.fix_first for one in found.touchpoints], fix_first)[0])
        errors.append(abs(sum(line.points for line in found.ledger) - found.mean))
    return Study(*(float(np.mean(one)) for one in (covered, swings, fixes, wrong)), max(errors))


@pytest.mark.parametrize("name", SCENARIOS)
def test_intervals_cover_ranks_hold_and_discoveries_are_true(engine: ibis.BaseBackend, name: str) -> None:
    done = study(engine, *SCENARIOS[name])
    slack = 0.0 if WHOLE else 0.03
    assert 0.93 - slack <= done.covered <= 0.97 + slack, done
    assert done.swing >= 0.95 - slack, done
    assert done.fix_first >= 0.92 - slack, done
    assert done.false_discoveries <= 0.10 + slack, done
    assert done.ledger_error < 1e-6, done


def test_without_any_effect_no_moment_of_truth_is_named(engine: ibis.BaseBackend) -> None:
    named = 0
    for seed in range(100 if WHOLE else 20):
        given = world(3000 if WHOLE else 800, 5000 + seed)
        shuffled = np.random.default_rng(seed).permutation(given.outcome)
        found = found_in(engine, given._replace(outcome=shuffled))
        named += any(one.moment_of_truth for one in found.touchpoints)
    assert named <= (5 if WHOLE else 1)


def test_the_strongest_touchpoints_are_named_and_the_worst_rated_is_not(engine: ibis.BaseBackend) -> None:
    found = {one.touchpoint: one for one in found_in(engine, world(3000, 4)).touchpoints}
    assert found["fault"].moment_of_truth
    assert max(found.values(), key=lambda one: one.fix_first).touchpoint in {"fault", "renewal", "bill"}
    assert not any(found[name].moment_of_truth for name in ("portal", "newsletter", "login"))


def test_grouped_sums_are_those_of_the_whole_design(engine: ibis.BaseBackend) -> None:
    given = world(400, 3)
    episodes = engine.create_table("episodes", given.episodes(), overwrite=True)
    encounters = engine.create_table("encounters", given.encounters(), overwrite=True)
    buckets = bucket_count(len(given.customer), 400)
    prepared = with_buckets(episodes, buckets).cache()
    met = cells(prepared, encounters, NAMES).cache()
    tables = {name: one.to_pyarrow() for name, one in sums(prepared, met).items()}
    names = [f"segment {i}" for i in range(4)]
    grams = assemble(tables, NAMES, names, buckets)

    design = design_of(given, names)
    order = [grams.columns.index(column) for column in design]
    rows = np.stack(list(design.values()), axis=1)
    pooled = grams.pooled.sum(0)[np.ix_(order, order)]
    assert np.allclose(pooled, rows.T @ rows)
    inner = [i for i, column in enumerate(design) if column.role not in {"constant", "segment"}]
    own = rows[:, inner] - centred(rows[:, inner], given.customer)
    within = grams.within.sum(0)[np.ix_(order, order)][np.ix_(inner, inner)]
    assert np.allclose(within, own.T @ own)


def design_of(given: World, segments: list[str]) -> dict[Column, Numbers]:
    """The regression written out, a column an array; the outcome last."""
    design = {Column("constant"): np.ones(len(given.customer))}
    design |= {
        Column("segment", name): (given.segment == i).astype(float) for i, name in enumerate(segments) if i
    }
    for i, name in enumerate(NAMES):
        met, state = ~np.isnan(given.state[:, i]), given.state[:, i]
        known = met & given.known[:, i]
        of = {
            "met": met,
            "magical": known & (state > 0),
            "miserable": known & (state < 0),
            "unknown": met & ~known,
        }
        design |= {Column(role, name): value.astype(float) for role, value in of.items()}
    return {**design, Column("outcome"): given.outcome}


def centred(rows: Numbers, customer: Numbers) -> Numbers:
    """Each row's mean over its customer."""
    out = np.zeros_like(rows)
    for one in np.unique(customer):
        out[customer == one] = rows[customer == one].mean(0)
    return out


def test_an_answer_of_weight_two_counts_as_two(engine: ibis.BaseBackend) -> None:
    given = world(2500, 9)
    episodes, encounters = given.episodes().to_pandas(), given.encounters().to_pandas()
    twice = episodes.episode % 3 == 0
    weighted = episodes.assign(weight=np.where(twice, 2.0, 1.0))
    copies = episodes[twice].assign(episode=lambda one: one.episode + 10_000)
    again = encounters[encounters.episode.isin(episodes[twice].episode)].assign(
        episode=lambda one: one.episode + 10_000
    )
    doubled = [
        frame.astype({"state": "Int8"}) if "state" in frame else frame for frame in (encounters, again)
    ]
    first = explain(
        engine.create_table("w_e", weighted, overwrite=True),
        engine.create_table("w_m", doubled[0], overwrite=True),
        NAMES, how=How(within=False),
    )  # fmt: skip
    second = explain(
        engine.create_table("d_e", pd.concat([episodes, copies]), overwrite=True),
        engine.create_table("d_m", pd.concat(doubled), overwrite=True),
        NAMES, how=How(within=False),
    )  # fmt: skip
    assert first.mean == pytest.approx(second.mean)
    for one, other in zip(first.touchpoints, second.touchpoints, strict=True):
        if (
            one.penalty.estimate is not None
        ):  # what is met by few has more answers where they are written twice
            assert one.penalty.estimate == pytest.approx(other.penalty.estimate, rel=1e-6)
        assert one.reach == pytest.approx(other.reach)


def test_segments_get_figures_of_their_own_that_lean_on_those_of_all(engine: ibis.BaseBackend) -> None:
    found = found_in(engine, world(2000, 12), How(by_segment=True))
    assert set(found.segments) == {f"segment {i}" for i in range(4)}
    whole = {one.touchpoint: one for one in found.touchpoints}
    for drivers_ in found.segments.values():
        fault = next(one for one in drivers_ if one.touchpoint == "fault")
        raw, lean, all_ = fault.penalty.estimate, fault.penalty.shrunk, whole["fault"].penalty.shrunk
        if raw is not None and lean is not None and all_ is not None:
            assert min(raw, all_) - 1e-9 <= lean <= max(raw, all_) + 1e-9


@pytest.mark.parametrize(("several", "told"), [("worst", -1), ("peak", 1), ("last", 0)])
def test_several_encounters_at_one_touchpoint_count_as_one(
    engine: ibis.BaseBackend, several: str, told: int
) -> None:
    episodes = engine.create_table(
        "s_e",
        ibis.memtable({"episode": [1], "customer": ["c"], "outcome": [1.0]}).to_pyarrow(),
        overwrite=True,
    )
    rows = {"episode": [1, 1, 1], "touchpoint": ["t", "t", "t"], "state": [-1, 1, 0], "at": [1, 2, 3]}
    encounters = engine.create_table("s_m", ibis.memtable(rows).to_pyarrow(), overwrite=True)
    met = cells(with_buckets(episodes, 1), encounters, ["t"], several).to_pyarrow()  # type: ignore[arg-type]
    assert met["cell"].to_pylist() == [{0: 0, 1: 1, -1: 2}[told]]


def test_what_everybody_met_and_what_always_comes_together_gets_no_figure(engine: ibis.BaseBackend) -> None:
    given = world(600, 21)
    state = given.state.copy()
    state[:, 0] = np.where(np.isnan(state[:, 0]), 0.0, state[:, 0])
    state[:, 3] = np.where(np.isnan(state[:, 2]), np.nan, 0.0)
    found = found_in(engine, given._replace(state=state, known=np.ones_like(given.known)), How(within=False))
    ledger = {(line.term, line.name) for line in found.ledger}
    assert ("met", NAMES[0]) not in ledger
    assert ("met", NAMES[3]) not in ledger
    assert abs(sum(line.points for line in found.ledger) - found.mean) < 1e-6


def test_too_little_is_refused_with_what_would_be_needed(engine: ibis.BaseBackend) -> None:
    with pytest.raises(EvidenceError, match="40 customers"):
        found_in(engine, world(1, 1))
    constant = world(300, 1)
    with pytest.raises(EvidenceError, match="does not vary"):
        found_in(engine, constant._replace(outcome=np.full(len(constant.outcome), 7.0)), How(within=False))
    nobody = constant._replace(state=np.full_like(constant.state, np.nan))
    with pytest.raises(EvidenceError, match="No encounter came before any answer"):
        found_in(engine, nobody)


def test_few_encounters_get_no_figure_but_a_shrunk_one(engine: ibis.BaseBackend) -> None:
    given = world(600, 5)
    state = given.state.copy()
    met = np.flatnonzero(~np.isnan(state[:, 4]))
    state[met[20:], 4] = np.nan
    found = found_in(engine, given._replace(state=state))
    review = next(one for one in found.touchpoints if one.touchpoint == "review")
    assert review.encounters == 20
    assert review.reward.estimate is None
    assert not review.moment_of_truth


def test_false_discovery_rates_are_those_of_benjamini_and_hochberg() -> None:
    p = np.array([0.01, 0.04, 0.03, np.nan, 0.5])
    assert false_discovery(p) == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, np.nan, 0.5], nan_ok=True)


def test_values_shrink_to_their_mean_as_far_as_chance_explains_them() -> None:
    value, error = np.array([1.0, 1.2, 0.8, 5.0]), np.full(4, 0.3)
    between, mean = paule_mandel(value, error**2)
    assert sum((value - mean) ** 2 / (error**2 + between)) == pytest.approx(3, rel=1e-6)
    near = shrunk(value, error)
    assert all(abs(near - mean) < abs(value - mean))
    assert shrunk(np.array([1.0, 3.0]), np.array([0.1, 0.1])) == pytest.approx([1.0, 3.0])


def test_drivers_refuse_a_pack_without_touchpoints(engine: ibis.BaseBackend) -> None:
    given = world(300, 2)
    episodes = engine.create_table("episodes", given.episodes(), overwrite=True)
    prepared = with_buckets(episodes, 10).cache()
    empty = engine.create_table("none", given.encounters().slice(0, 0), overwrite=True)
    tables = {n: one.to_pyarrow() for n, one in sums(prepared, cells(prepared, empty, ["x"])).items()}
    with pytest.raises(EvidenceError, match="No touchpoint has encounters"):
        drivers(assemble(tables, [], [""], 10), [], {}, lambda a, b: np.zeros((a, b)), within=False)
