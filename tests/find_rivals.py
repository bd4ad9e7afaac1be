"""What others do with the same data: each method gives every touchpoint an importance, and no interval.

`PYTHONPATH=src:tests python tests/find_rivals.py` prints the table of docs/find.md.
Definitions: Peakend methods 4.1.
"""

from __future__ import annotations

from collections.abc import Callable

import ibis
import numpy as np
from find_world import NAMES, Numbers, Scenario, World, truth, world
from scipy import stats

from peakend.identify.shares import johnson
from peakend.moments import How, explain


def rivals(given: World) -> dict[str, Numbers]:
    """The importance of each touchpoint by the usual methods, from stars alone; (touchpoints,) each."""
    stars, outcome = given.rating, given.outcome
    mean = np.nanmean(stars, axis=0)
    filled = np.where(np.isnan(stars), mean, stars)
    scaled = (filled - filled.mean(0)) / filled.std(0)
    wanted = (outcome - outcome.mean()) / outcome.std()
    weight = np.abs(np.linalg.lstsq(np.c_[np.ones(len(wanted)), scaled], wanted, rcond=None)[0][1:])
    alone = np.array([_correlation(stars[:, i], outcome) for i in range(len(NAMES))])
    return {
        "lowest mean rating": -mean,
        "most miserable ratings": np.nanmean(np.where(np.isnan(stars), np.nan, stars <= 2), axis=0),
        "correlation, one by one": alone,
        "regression weights": weight,
        "Johnson weights": johnson(np.corrcoef(np.c_[filled, outcome].T)),
        "importance x (5 - rating)": weight * (5 - mean),
    }


def _correlation(stars: Numbers, outcome: Numbers) -> float:
    known = ~np.isnan(stars)
    return float(np.corrcoef(stars[known], outcome[known])[0, 1])


def compared(scenario: Scenario, within: bool, worlds: int) -> dict[str, tuple[float, float]]:
    """Spearman with the true swing and with what is truly worth fixing first, mean over worlds."""
    penalty, reward = truth(scenario)
    swing = np.maximum(penalty, 0) + np.maximum(reward, 0)
    first = (world(60_000, 778, scenario).state == -1).mean(0) * np.maximum(penalty, 0)
    engine = ibis.duckdb.connect()
    found = dict[str, list[tuple[float, float]]]()

    def note(name: str, one: Numbers, other: Numbers) -> None:
        found.setdefault(name, []).append((_rank(one, swing), _rank(other, first)))

    for seed in range(worlds):
        given = world(3000, 1000 + seed, scenario)
        episodes = engine.create_table("episodes", given.episodes(), overwrite=True)
        encounters = engine.create_table("encounters", given.encounters(), overwrite=True)
        own = explain(episodes, encounters, NAMES, segment="segment", how=How(within=within)).touchpoints
        note("find", np.array([d.swing for d in own]), np.array([d.fix_first for d in own]))
        for name, importance in rivals(given).items():
            note(name, importance, importance)
    return {name: tuple(np.mean(pairs, axis=0)) for name, pairs in found.items()}


def _rank(one: Numbers, other: Numbers) -> float:
    return float(stats.spearmanr(one, other)[0])


if __name__ == "__main__":
    show: Callable[..., None] = print
    for title, scenario, within in (
        ("A, additive", Scenario(), False),
        ("B, peak and end", Scenario(peak_end=0.35, whole=True), False),
        ("C, moods", Scenario(mood=1.0, whole=True), True),
    ):
        show(title)
        for name, (swing, first) in compared(scenario, within, 40).items():
            show(f"| {name} | {swing:.3f} | {first:.3f} |")
