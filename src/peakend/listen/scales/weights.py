"""Weights that make the answers stand for all customers, and what they cost.

Weighting repairs that one kind of customer answers more often than another. It cannot repair that within a
kind the happy answer more often, and every weighted score says so. A weight is never larger than five
medians: one loud answer must not speak for a hundred silent customers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from peakend.errors import PeakendError, Place, nearest
from peakend.listen.scales import words
from peakend.listen.scales.answers import Answers, as_names
from peakend.listen.scales.intervals import Floats
from peakend.model.scale import Weighting

CAP = 5
THIN = 10
MOST_ROUNDS = 200
CLOSE_ENOUGH = 1e-9


def post_stratify(
    answers: Answers, cells: ArrayLike, population: Mapping[str, float], *, by: str = "cells"
) -> Answers:
    """Weigh the answers so that every cell has its share of `population`.

    `cells`, shape (N,), names the cell of each row; `population` maps each cell to its size (numbers or
    shares, > 0); `by` is what the cells are called. Raises PeakendError for a cell that the population does
    not have, and for one from which nobody answered. Source: Holt and Smith (1979).
    """
    return rake(answers, {by: cells}, {by: population})


def rake(
    answers: Answers, margins: Mapping[str, ArrayLike], population: Mapping[str, Mapping[str, float]]
) -> Answers:
    """Weigh the answers so that every margin (segment, region, ...) has its shares of `population`.

    `margins` maps a margin's name to the group of each row, shape (N,); `population` maps the name to group
    sizes (> 0). Weights the answers have already are kept as the start. One margin is post-stratification.
    Raises PeakendError as `post_stratify` does, and where the margins contradict each other. Source:
    iterative proportional fitting, Deming and Stephan (1940).
    """
    if set(margins) != set(population):
        raise PeakendError(
            f"margins {sorted(margins)} and population {sorted(population)} name different things",
            fix="Give the population of every margin, and no other.",
        )
    read = [_margin(answers, name, column, population[name]) for name, column in margins.items()]
    weights = answers.weights / answers.weights.sum()
    for _ in range(MOST_ROUNDS):
        worst = 0.0
        for place, wanted in read:
            ratio = wanted / np.bincount(place, weights, minlength=len(wanted))
            weights = weights * ratio[place]
            worst = max(worst, float(np.abs(ratio - 1).max()))
        if worst < CLOSE_ENOUGH or len(read) == 1:
            return _weighed(answers, weights, tuple(margins), population, margins)
    raise PeakendError(
        f"no weights fit the margins {', '.join(margins)} together: after {MOST_ROUNDS} rounds they are "
        f"{worst:.1%} off",
        fix="Join small groups, or drop a margin; a group may have answered only together with another.",
    )


def weigh(answers: Answers, weights: ArrayLike) -> Answers:
    """Use weights that came with the survey, shape (N,), all > 0 for the rows with an answer."""
    given = np.asarray(answers.aligned(weights, "weights"), dtype=np.float64)
    bad = int(np.count_nonzero(~(np.isfinite(given) & (given > 0))))
    if bad:
        raise PeakendError(
            f"{bad:,} of {len(given):,} weights are not positive numbers",
            place=Place("weights"),
            fix="Leave out the rows without a weight before reading the answers.",
        )
    return _weighed(answers, answers.weights * given, ("weights",), {}, {})


def kish_deff(weights: ArrayLike, base: ArrayLike | None = None) -> float:
    """Kish's design effect n sum(w^2) / (sum w)^2 of weights, shape (n,), >= 1; n / deff is the effective n.

    `base`, shape (n,), is what an answer counts before weighing (1 unless accounts count once).
    Source: Kish (1965), section 11.7.
    """
    given = np.asarray(weights, dtype=np.float64)
    start = np.ones_like(given) if base is None else np.asarray(base, dtype=np.float64)
    return float(start.sum() * (given**2 / start).sum() / given.sum() ** 2)


def _margin(
    answers: Answers, name: str, column: ArrayLike, population: Mapping[str, float]
) -> tuple[NDArray[np.intp], Floats]:
    """The place of each answer's group, shape (n,), and the wanted shares of the groups."""
    groups = as_names(answers.aligned(column, name))
    known = list(population)
    sizes = np.array([population[group] for group in known], dtype=np.float64)
    if not known or not (np.isfinite(sizes) & (sizes > 0)).all():
        raise PeakendError(
            f"the population of '{name}' needs a size above zero for every group, and has {dict(population)}",
            fix="Give how many customers each group has, for example {'new': 1200, 'old': 8300}.",
        )
    order = np.argsort(np.array(known, dtype=np.str_))
    names = np.array(known, dtype=np.str_)[order]
    place = np.minimum(np.searchsorted(names, groups), len(names) - 1)
    strange = np.unique(groups[names[place] != groups])
    if len(strange):
        raise PeakendError(
            f"the answers name the group '{strange[0]}' of '{name}', and the population does not have it",
            place=Place(name),
            fix=f"{nearest(str(strange[0]), known)} Groups of the population: {', '.join(known)}.".strip(),
        )
    silent = names[np.bincount(place, minlength=len(names)) == 0]
    if len(silent):
        share = sizes[order][names == silent[0]][0] / sizes.sum()
        raise PeakendError(
            f"nobody of the group '{silent[0]}' of '{name}' ({share:.1%} of the customers) answered",
            place=Place(name),
            fix="No weight can speak for them: join the group with a similar one, or leave it out and "
            "say so.",
        )
    return place, sizes[order] / sizes.sum()


def _weighed(
    answers: Answers,
    weights: Floats,
    by: tuple[str, ...],
    population: Mapping[str, Mapping[str, float]],
    margins: Mapping[str, ArrayLike],
) -> Answers:
    times = weights / answers.base
    most = CAP * float(np.median(times))
    capped = int(np.count_nonzero(times > most * (1 + CLOSE_ENOUGH)))
    cut = np.minimum(times, most) * answers.base
    cut = cut * (answers.base.sum() / cut.sum())
    deff = kish_deff(cut, answers.base)
    earlier = answers.weighting.by if answers.weighting else ()
    notes = [words.WEIGHTING_CANNOT_REPAIR]
    if capped:
        notes.insert(0, words.weights_capped(capped, CAP))
    for name in population:
        groups, sizes = np.unique(as_names(answers.aligned(margins[name], name)), return_counts=True)
        notes += [
            words.thin_cell(str(g), int(size)) for g, size in zip(groups, sizes, strict=True) if size < THIN
        ]
    weighting = Weighting(
        by=(*earlier, *by),
        deff=deff,
        effective_n=float(answers.base.sum() / deff),
        largest=float((cut / answers.base).max() / np.median(cut / answers.base)),
        capped=capped,
        notes=tuple(notes),
    )
    return replace(answers, weights=cut, weighting=weighting)
