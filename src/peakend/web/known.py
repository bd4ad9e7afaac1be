"""What is known of the journeys now: the pack that holds, the newest figures, the newest answer of find."""

from __future__ import annotations

from typing import NamedTuple

from peakend.model.pack import Pack
from peakend.web.house import House
from peakend.web.journeys import journeys
from peakend.web.reckoning import Answer, Reckoned, newest_answer, reckoned
from peakend.wire.journeys import Journeys, TouchpointTold


class Known(NamedTuple):
    """The pack, the newest figures, the newest answer of find, and the journeys told from them."""

    pack: Pack
    reckoned: Reckoned
    answer: Answer | None
    told: Journeys

    @property
    def points(self) -> dict[str, TouchpointTold]:
        """All touchpoints by their id."""
        return {one.id: one for journey in self.told.journeys for one in journey.touchpoints}


def known_of(house: House) -> Known | None:
    """What is known now; None where there is no pack."""
    pack = house.pack()
    if pack is None:
        return None
    with house.store() as store:
        figures, newest = reckoned(store), newest_answer(store)
    answer, at = newest or (None, None)
    touchpoints = answer.found.touchpoints if answer else ()
    moments = frozenset(one.touchpoint for one in touchpoints if one.moment_of_truth)
    return Known(pack, figures, answer, journeys(pack, figures.mapped, moments, at))
