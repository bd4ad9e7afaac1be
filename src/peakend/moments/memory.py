"""What is felt along a journey and what of it is remembered, from its encounters before an answer.

The emotion curve is made of sums over customers. In the peak-end profile a touchpoint has no say, only how
each encounter felt and when; it therefore needs every row at once, and is left out where there are more than
fit easily.
"""

from __future__ import annotations

from typing import Final

import ibis.expr.types as ir
import numpy as np

from peakend.errors import EvidenceError
from peakend.identify.emotion import emotion_curve, felt
from peakend.identify.peaks import peak_end
from peakend.model.feeling import EmotionCurve, PeakEndProfile
from peakend.model.pack import Pack
from peakend.tables.frames import fetch

MOST: Final = 5_000_000
"""Encounters beyond which the profile is not computed: eight bytes each, in five columns."""


def remembered(episodes: ir.Table, encounters: ir.Table) -> PeakEndProfile | None:
    """The profile of answers (episode, customer, outcome) by encounters (episode, at, state).

    None where too few answers have two known encounters before them, or there are too many rows.
    """
    known = encounters.filter(encounters.state.notnull())
    if fetch(known.aggregate(n=known.count())).to_pylist()[0]["n"] > MOST:
        return None
    answers = fetch(episodes.select("episode", "customer", "outcome").order_by("episode"))
    met = fetch(known.select("episode", "at", "state"))
    episode = answers["episode"].to_numpy()
    people = np.unique(answers["customer"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)[1]
    try:
        return peak_end(
            np.searchsorted(episode, met["episode"].to_numpy()),
            met["at"].to_numpy(),
            met["state"].to_numpy(zero_copy_only=False).astype(np.float64),
            outcome=answers["outcome"].to_numpy(),
            customer=people,
        )
    except EvidenceError:
        return None


def felt_along(pack: Pack, episodes: ir.Table, encounters: ir.Table) -> dict[str, EmotionCurve]:
    """The emotion curve of each journey with encounters (episode, touchpoint, at, state) before an answer."""
    curves = {}
    for name, journey in pack.journeys.items():
        sums = felt(episodes, encounters.filter(encounters.touchpoint.isin(list(journey.touchpoints))))
        try:
            curves[name] = emotion_curve({key: fetch(one) for key, one in sums.items()})
        except EvidenceError:
            continue
    return curves
