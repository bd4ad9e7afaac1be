"""The page of a survey: every picture with one plain sentence over it, in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from peakend.model.surveyed import Surveyed
from peakend.report.finding.rows import MatrixView
from peakend.report.paper import asset, page
from peakend.report.sentences import say
from peakend.report.surveyed.called import ALL, Called, remark, wave
from peakend.report.surveyed.headlines import (
    dimension_notes,
    gaps_line,
    importance_line,
    items_line,
    score_line,
    weights_line,
)
from peakend.report.surveyed.rows import (
    DimensionRow,
    ItemRow,
    ShareRow,
    WaveRow,
    dimension_rows,
    five_rows,
    item_rows,
    map_view,
    share_rows,
    wave_rows,
)
from peakend.tell.said import Said, grouped


@dataclass(frozen=True)
class SurveyView:
    """The whole page, ready for the template."""

    outcome: Said
    badge: Said
    score_line: Said
    score_ruler: Markup | None
    waves: tuple[WaveRow, ...]
    moved: bool
    weighted: bool
    importance_line: Said
    shares: tuple[Markup, tuple[ShareRow, ...]] | None
    importance_remarks: tuple[Said, ...]
    left_out: tuple[tuple[Said, Said], ...]
    map: MatrixView | None
    items_line: Said
    item_waves: tuple[tuple[Said, str], ...]
    items: tuple[ItemRow, ...]
    unasked: bool
    gaps_line: Said | None
    gap_ruler: Markup | None
    dimensions: tuple[DimensionRow, ...]
    expected: bool
    gap_remarks: tuple[Said, ...]
    five: tuple[tuple[Said, Said, str, Said | None], ...]
    weights_line: Said | None
    weight_notes: tuple[Said, ...]
    remarks: tuple[Said, ...]


def survey_page(found: Surveyed, called: Called, *, language: str = "zh") -> str:
    """What a survey says as one HTML page, in both languages, that works offline and opens in `language`.

    The same arguments give the same page.
    """
    kind = say("survey_kind")
    several = found.waves[0].wave != ALL
    history = {"respondents": found.respondents, "customers": found.customers}
    return page(
        "surveyed.html",
        asset("style.css") + asset("finding.css") + asset("surveyed.css"),
        language=language,
        title=called.survey if called.survey.zh else called.service if called.service.zh else kind,
        service=called.service,
        kind=kind,
        view=_view(found, called),
        figures=_figures(found),
        history=say("survey_history", waves=len(found.waves), wave=wave(found.wave), **history)
        if several
        else say("survey_history_one", **history),
    )


def _view(found: Surveyed, called: Called) -> SurveyView:
    ruler, waves = wave_rows(found)
    item_waves, items = item_rows(found, called)
    gap_ruler, dimensions = dimension_rows(found.gaps) if found.gaps else (None, ())
    weighting = found.explained.weighted.weighting if found.explained.weighted else None
    return SurveyView(
        outcome=called.outcome,
        badge=remark(found.badge),
        score_line=score_line(found),
        score_ruler=ruler,
        waves=waves,
        moved=any(one.change for one in found.waves),
        weighted=any(one.weighted for one in waves),
        importance_line=importance_line(found, called),
        shares=share_rows(found, called),
        importance_remarks=tuple(map(remark, found.importance.remarks)) if found.importance else (),
        left_out=tuple((called.item(one.item), remark(one.remark)) for one in found.left_out),
        map=map_view(found, called),
        items_line=items_line(found, called),
        item_waves=item_waves,
        items=items,
        unasked=any(cell is None for row in items for cell in row.cells),
        gaps_line=gaps_line(found.gaps) if found.gaps else None,
        gap_ruler=gap_ruler,
        dimensions=dimensions,
        expected=found.gaps is not None and any(one.expectation for one in found.gaps.dimensions),
        gap_remarks=(*dimension_notes(found.gaps), *map(remark, found.gaps.remarks)) if found.gaps else (),
        five=five_rows(found.five_gaps, called),
        weights_line=weights_line(found.explained),
        weight_notes=tuple(map(remark, weighting.notes)) if weighting else (),
        remarks=tuple(map(remark, found.remarks)),
    )


def _figures(found: Surveyed) -> tuple[tuple[Said, str | Said], ...]:
    figures: list[tuple[Said, str | Said]] = [
        (say("survey_sheets"), grouped(found.respondents)),
        (say("survey_customers"), grouped(found.customers)),
    ]
    if found.waves[0].wave != ALL:
        figures += [(say("survey_waves"), grouped(len(found.waves))), (say("survey_wave"), wave(found.wave))]
    if found.cluster:
        figures.append((say("survey_groups"), grouped(found.explained.clusters)))
    return tuple(figures)
