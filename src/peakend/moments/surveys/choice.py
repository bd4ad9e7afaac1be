"""Which items of a wave are compared: only respondents who rated all of them count, so each item costs some.

The choice never looks at the overall score itself, only at who answered; what is left out is listed with its
n and mean and the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from peakend.model.finding import Remark
from peakend.moments.surveys.sheets import Floats


class Chosen(NamedTuple):
    """The items that are compared, in the survey's order, and why each other one is not."""

    items: tuple[str, ...]
    left: dict[str, Remark]


def choose(items: Mapping[str, Floats], overall: Floats, only: Sequence[str] = ()) -> Chosen:
    """Choose items, most answered first, while at least half of those with an overall score rated them all.

    `items` are the columns of one wave, NaN where there is no rating; `only` are taken whatever they cost.
    Two are always taken where there are two: a share of one item alone says nothing.
    """
    rated = np.isfinite(overall)
    known = {name: np.isfinite(column) & rated for name, column in items.items()}
    asked = {name: int(one.sum()) for name, one in known.items() if one.any()}
    if only:
        left = {name: _not_wanted(n) for name, n in asked.items() if name not in only}
        return Chosen(tuple(name for name in items if name in only), left)
    complete, taken, left = rated, list[str](), dict[str, Remark]()
    for name in sorted(asked, key=lambda name: -asked[name]):
        with_it = complete & known[name]
        if 2 * int(with_it.sum()) >= int(rated.sum()) or len(taken) < 2:
            complete = with_it
            taken.append(name)
        else:
            left[name] = _too_few(asked[name], int(rated.sum()), int(complete.sum()), int(with_it.sum()))
    return Chosen(tuple(name for name in items if name in taken), left)


def _too_few(n: int, rated: int, without: int, with_it: int) -> Remark:
    return Remark(
        "few_answered",
        f"没有参与比较：打了总分的 {rated:,} 位受访者里只有 {n:,} 位评了这一项；算上它，每项都评了的会从 "
        f"{without:,} 位降到 {with_it:,} 位，不到一半。",
        f"Not compared: {n:,} of {rated:,} respondents with an overall score rated it; with it, those who "
        f"rated everything would fall from {without:,} to {with_it:,}, fewer than half.",
    )


def _not_wanted(n: int) -> Remark:
    return Remark(
        "not_wanted",
        f"没有参与比较：您只选了其中几项（这一项有 {n:,} 位打了总分的受访者评过）。",
        f"Not compared: other items were asked for ({n:,} respondents with an overall score rated this one).",
    )
