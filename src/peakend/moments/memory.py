"""What is felt along a journey and what of it is remembered, from its encounters before an answer.

Only sums leave the engine, never an encounter.
"""

from __future__ import annotations

import ibis.expr.types as ir

from peakend.errors import EvidenceError
from peakend.identify.emotion import emotion_curve, felt
from peakend.identify.peaks import memories, peak_end
from peakend.model.feeling import EmotionCurve, PeakEndProfile
from peakend.model.found import Found
from peakend.model.pack import Pack
from peakend.tables.frames import fetch


def remembered(episodes: ir.Table, encounters: ir.Table, found: Found) -> PeakEndProfile | None:
    """The profile of the answers (episode, customer, outcome) of what was found by their encounters (episode,
    at, state); None where too few answers have two known encounters before them.
    """
    sums = fetch(memories(episodes, encounters, found.customers))
    try:
        return peak_end(sums, found.episodes)
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
