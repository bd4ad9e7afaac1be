"""What a survey says: its score by wave, the items that go with it, and the gaps between expected and
perceived.

`find_survey` reads the answer sheets of a pack's survey from a log; `explain_survey` takes a table with one
row a respondent. Both explain by one survey alone, and say with every result how little that proves.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from peakend.backtest.spans import refused_line
from peakend.design.pack import find_pack, load_pack
from peakend.errors import EvidenceError, PeakendError
from peakend.identify.five_gaps import Promise
from peakend.listen.history import open_history
from peakend.model.pack import Pack
from peakend.model.parts import Dimension
from peakend.model.survey import Survey, SurveyItem
from peakend.moments.history import Progress
from peakend.moments.logs import as_log
from peakend.moments.surveys import words
from peakend.moments.surveys.findings import SurveyFindings
from peakend.moments.surveys.kept import Kept, kept_in_log
from peakend.moments.surveys.log import asked_events, sheets_of_log
from peakend.moments.surveys.sheets import Sheets
from peakend.moments.surveys.sums import Overall, Wanted, summed
from peakend.moments.surveys.table import sheets_of_table
from peakend.moments.surveys.waves import span
from peakend.report.surveyed.called import Called
from peakend.tell.names import Names
from peakend.tell.said import Said, titled
from peakend.when import HOUR, parse_duration

__all__ = ["SurveyFindings", "explain_survey", "find_survey", "only_surveys"]


def only_surveys(pack: Pack) -> bool:
    """Whether a pack has one survey and no encounters, so that nothing else can be found in its log."""
    return len(pack.surveys) == 1 and not any(point.encounter for point in pack.touchpoints.values())


def find_survey(
    pack: Pack | Path | str,
    log: Any,
    survey: str = "",
    outcome: str | None = None,
    *,
    wave: str | float = "",
    items: Sequence[str] = (),
    quarantine: Path | None = None,
    progress: Progress | None = None,
) -> SurveyFindings:
    """What a survey of a pack says, and which of its items go with the overall score.

    `pack` and `log` are as for `find`. `survey` is one of the pack's (may be left out where there is one),
    `outcome` an outcome on its sheets (default: the NPS, else the first), `wave` the one whose items are
    explained (default: the last with an overall score), `items` those to compare (default: the most answered,
    as many as leave half of the respondents complete). Standards that the survey asks about are looked up in
    the encounters of the same log. `quarantine` gets every event that could not be used, as JSONL; `progress`
    is told (done, of all).
    Raises PackError, SourceError or EvidenceError, each saying what is missing and what would be needed.
    """
    if not isinstance(pack, Pack):
        pack = load_pack(find_pack(pack))
    asked = _survey(pack, survey)
    overall = _overall(pack, asked, outcome)
    with tempfile.TemporaryDirectory(prefix="peakend-") as folder:
        scratch = Path(folder)
        files = as_log(log, scratch / "given.parquet")
        history = open_history(pack, files, scratch / "log.parquet", scratch / "quarantine.jsonl")
        sheets, refused = sheets_of_log(pack, asked, overall.name, history.log, scratch, progress)
        kept = kept_in_log(pack, asked, overall.name, history.log, scratch / "kept", progress)
    if quarantine and refused:
        with quarantine.open("ab") as out:
            out.writelines(refused_line(one) for one in refused)
    cluster = Names(pack).of(asked.cluster) if asked.cluster else None
    wanted = Wanted(_named(wave), items, _promises(pack, asked, sheets, kept), cluster)
    try:
        found = summed(asked, overall, sheets, wanted)
    except EvidenceError:
        raise
    except PeakendError as error:  # what is off its scale stands in a column; what mends it, in the pack
        raise words.off_its_scale(error, pack, asked) from error
    return SurveyFindings(found, _called(pack, asked, overall.name), refused=len(refused))


def explain_survey(  # noqa: PLR0913  a table has no pack that says which column is what
    table: Any,
    items: Sequence[str] | Mapping[str, Dimension],
    outcome: str,
    *,
    scale: tuple[float, float],
    outcome_scale: str = "",
    not_applicable: Sequence[float] = (),
    only: Sequence[str] = (),
    waves: str | None = None,
    wave: str | float = "",
    cluster: str | None = None,
    customer: str | None = None,
    weight: str | None = None,
    expected: Mapping[str, str] | None = None,
    points: Mapping[Dimension, float] | None = None,
) -> SurveyFindings:
    """What a table of answer sheets says, one row a respondent, without a pack.

    `table` is a pandas, Polars or Arrow table, a DuckDB relation, an Ibis table, or the path of a CSV or
    Parquet file. `items` are columns of ratings on `scale` (LOW, HIGH), with their SERVQUAL dimension where
    they have one; `outcome` is the column of the overall score, on `outcome_scale` (nps, csat, ces or
    LOW..HIGH; default: that of the items). Codes in `not_applicable` are never averaged. `only` are the
    items to compare (default: the most answered, as many as leave half of the respondents complete). `waves`
    is the column that names the wave, `wave` the one whose items are explained (default: the last). Rows of
    one `cluster`, else of one `customer` (columns), are not independent; `weight` is a column of weights.
    `expected` maps an item to the column with what was expected, `points` are 100 points by dimension.
    Raises EvidenceError or PeakendError, each saying what is missing and what would be needed.
    """
    dimensions = dict(items) if isinstance(items, Mapping) else {}
    wishes = dict(expected or {})
    for name in wishes:
        if name not in items:
            raise words.stranger("item", "题项", name, items)
    asked = Survey(
        survey="survey",
        title={},
        event="survey.answered",
        scale=scale,
        items={
            name: SurveyItem(says={}, dimension=dimensions.get(name), expected_in=wishes.get(name))
            for name in items
        },
        not_applicable=list(not_applicable),
        cluster=cluster,
        weight=weight,
        points=dict(points or {}),
    )
    if not asked.items:
        raise EvidenceError(
            "No items are named",
            fix="Give the columns of ratings, for example items=['food', 'signs']",
            what_zh="没有指定题项",
            fix_zh="请给出评分的列，例如 items=['food', 'signs']",
        )
    with tempfile.TemporaryDirectory(prefix="peakend-") as folder:
        sheets = sheets_of_table(table, asked, outcome, waves, customer, Path(folder))
    overall = Overall(outcome, outcome, outcome_scale or span(scale))
    found = summed(asked, overall, sheets, Wanted(_named(wave), only))
    return SurveyFindings(found, Called(outcome=Said(outcome, outcome)))


def _named(wave: str | float) -> str:
    """A wave as it is named: 2024 and 2024.0 are '2024'."""
    return f"{wave:g}" if isinstance(wave, float) else str(wave)


def _survey(pack: Pack, name: str) -> Survey:
    if not name and len(pack.surveys) == 1:
        return next(iter(pack.surveys.values()))
    if name not in pack.surveys:
        raise words.no_survey(pack, name)
    return pack.surveys[name]


def _overall(pack: Pack, survey: Survey, outcome: str | None) -> Overall:
    """The outcome on the sheets: the named one, else their NPS, else the first."""
    known = dict(asked_events(pack, survey))
    name = outcome or next((name for name, one in known.items() if one.scale == "nps"), next(iter(known), ""))
    if name not in known:
        raise words.no_overall(pack, survey, outcome, list(known))
    one = known[name]
    if not one.scale:
        raise words.no_scale(pack.place("pack", "outcomes", name), name)
    return Overall(name, one.field or "", one.scale)


def _promises(pack: Pack, survey: Survey, sheets: Sheets, kept: Kept) -> list[Promise]:
    """What is written, promised, expected and kept of each standard that the survey asks about."""
    found = []
    for one in survey.promises:
        point = pack.touchpoints.get(one.touchpoint)
        standard = point.standards.get(one.standard) if point else None
        written = _hours(standard.within if standard else None)
        within, settled = kept.get((one.touchpoint, one.standard), (None, None))
        found.append(
            Promise(
                about=f"{one.touchpoint}.{one.standard}",
                expected_hours=sheets.of(one.expected_hours) if one.expected_hours else None,
                standard_hours=written,
                promised_hours=_hours(one.promised) if one.promised else written,
                kept=within,
                settled=settled,
            )
        )
    return found


def _hours(text: str | None) -> float | None:
    return parse_duration(text).elapsed() / HOUR if text else None


def _called(pack: Pack, survey: Survey, outcome: str) -> Called:
    title, names = pack.head.outcomes[outcome].title, Names(pack)
    return Called(
        service=titled(pack.head.title, pack.head.pack),
        survey=titled(survey.title, survey.survey),
        outcome=titled(title, outcome),
        items={name: titled(item.title or item.says, name) for name, item in survey.items.items()},
        promises={
            f"{one.touchpoint}.{one.standard}": Said(
                *(
                    f"{point} · {standard}"
                    for point, standard in zip(
                        names.touchpoint(one.touchpoint),
                        names.standard(one.standard, one.touchpoint),
                        strict=True,
                    )
                )
            )
            for one in survey.promises
        },
    )
