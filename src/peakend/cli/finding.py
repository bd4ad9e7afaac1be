"""What `peakend find` is asked, and which of its two ways answers: by encounters, or by one survey.

An option of the one way is refused by the other rather than left without effect.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from peakend import moments
from peakend.errors import PeakendError
from peakend.model.found import Found
from peakend.model.pack import Pack
from peakend.model.surveyed import Surveyed
from peakend.moments import surveys

Answer = moments.Findings | surveys.SurveyFindings


class Ask(NamedTuple):
    """The options as they were given; None and empty where they were not."""

    outcome: str | None
    segment: str | None
    touchpoints: Sequence[str]
    window: str | None
    survey: str | None
    wave: str | None
    items: Sequence[str]


def answer(
    pack: Pack,
    log: Sequence[Path],
    ask: Ask,
    quarantine: Path,
    workers: int,
    progress: Callable[[int, int], None] | None,
) -> Answer:
    """Find by one survey where one is named or the pack has nothing else, else by encounters."""
    if by_survey(pack, ask):
        return surveys.find_survey(
            pack,
            log,
            ask.survey or "",
            ask.outcome,
            wave=ask.wave or "",
            items=ask.items,
            quarantine=quarantine,
            progress=progress,
        )
    return moments.find(
        pack,
        log,
        ask.outcome,
        segment=ask.segment,
        touchpoints=ask.touchpoints,
        window=ask.window or "P90D",
        quarantine=quarantine,
        workers=workers,
        progress=progress,
    )


def by_survey(pack: Pack, ask: Ask) -> bool:
    """Whether a survey answers; PeakendError for an option that only the other way has."""
    found = ask.survey is not None or surveys.only_surveys(pack)
    theirs = {"--segment": ask.segment, "--touchpoint": ask.touchpoints, "--window": ask.window}
    for option, value in (theirs if found else {"--wave": ask.wave, "--item": ask.items}).items():
        if value:
            raise _refused_by_survey(option) if found else _needs_survey(option)
    return found


def figures(found: Answer) -> Found | Surveyed:
    """All figures of an answer, for JSON."""
    return found.surveyed if isinstance(found, surveys.SurveyFindings) else found.found


def _refused_by_survey(option: str) -> PeakendError:
    return PeakendError(
        f"{option} looks at encounters, and a survey has none",
        fix="Leave it out; with a survey there are --wave and --item",
        what_zh=f"{option} 看的是接触记录，问卷里没有",
        fix_zh="请去掉它；看问卷可用 --wave 和 --item",
    )


def _needs_survey(option: str) -> PeakendError:
    return PeakendError(
        f"{option} goes with a survey only",
        fix="Name the survey: --survey NAME",
        what_zh=f"{option} 只用于问卷",
        fix_zh="请指明问卷：--survey 名称",
    )
