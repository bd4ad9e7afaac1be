"""Why a figure is missing, short enough to stand in its place."""

from __future__ import annotations

from peakend.model.found import Driver, Effect
from peakend.report.sentences import say
from peakend.tell.said import Said

KNOWN = ("few", "absent", "everybody", "collinear")


def reasons(driver: Driver) -> tuple[Said, Said]:
    """Return why penalty and reward of a touchpoint are missing, should they be."""
    return _reason(driver.penalty), _reason(driver.reward)


def _reason(effect: Effect) -> Said:
    if effect.missing not in KNOWN:
        return say("find_unknown_why")
    return say(f"find_{effect.missing}", n=effect.n)
