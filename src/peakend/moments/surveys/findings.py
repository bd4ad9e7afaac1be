"""A survey as a person meets it: it prints itself, explains one item, becomes a table, a picture, a page.

It holds what the sheets say and what things are called; it computes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from peakend.model.surveyed import Surveyed, Wave
from peakend.moments.shown import Grid, Picture, Shown, refuse_stranger
from peakend.report.scores import value
from peakend.report.sentences import say
from peakend.report.surveyed import importance_svg, survey_page
from peakend.report.surveyed.called import (
    Called,
    bounds,
    change_of,
    dimension,
    interval,
    mean,
    percent,
    remark,
    wave,
)
from peakend.report.surveyed.headlines import (
    dimension_notes,
    direction,
    disputed,
    explained,
    gaps_line,
    importance_line,
    place,
    score_line,
    weights_line,
)
from peakend.tell.said import Said, grouped, listed

_ITEM, _N, _MEAN = say("survey_item"), Said("n", "n"), say("survey_mean")


class SurveyFindings(Shown):
    """What a survey says. `surveyed` holds all figures; printing gives tables, in a notebook too.

    `refused` counts sheets that could not be used. `language` may be set to 'zh' or 'en'.
    """

    def __init__(self, surveyed: Surveyed, called: Called, *, refused: int = 0) -> None:
        self.surveyed, self.refused, self._called = surveyed, refused, called

    def explain(self, item: str) -> str:
        """One item in words; EvidenceError for a name that is not among them."""
        known = [one.item for one in self.surveyed.explained.items]
        if item not in known:
            raise refuse_stranger(Said("这份问卷的题项", "item of this survey"), item, known)
        return "\n".join(self._in(said) for said in explained(self.surveyed, item, self._called))

    def to_arrow(self) -> pa.Table:
        """One row an item of the explained wave, with every figure and its interval."""
        return pa.Table.from_pylist(list(self._records()))

    def plot(self) -> Picture:
        """The importance of the items with their intervals, as a picture for a notebook."""
        return Picture(importance_svg(self.surveyed, self._called, self.language))

    def to_html(self) -> str:
        """A page of its own with all pictures, in both languages."""
        return survey_page(self.surveyed, self._called, language=self.language)

    def _lines(self) -> list[Said]:
        found = self.surveyed
        lines = [score_line(found), importance_line(found, self._called)]
        return [*lines, gaps_line(found.gaps)] if found.gaps else lines

    def _grids(self) -> Iterator[Grid]:
        heads = (
            say("survey_wave_head"),
            _N,
            self._called.outcome,
            say("survey_change"),
            say("survey_weighted"),
        )
        shown = 5 if any(one.weighted for one in self.surveyed.waves) else 4
        yield Grid(heads[:shown], [self._of_wave(one)[:shown] for one in self.surveyed.waves])
        of_items = [_ITEM, say("survey_mean_n"), _MEAN]
        if importance := self.surveyed.importance:
            of_items += [say("survey_part", n=grouped(importance.rows)), say("survey_place")]
        rows = [row[: len(of_items)] for row in self._of_items()]
        yield Grid(tuple(of_items), rows, frozenset({0, 3}))
        if self.surveyed.gaps:
            yield self._of_gaps()

    def _of_wave(self, one: Wave) -> tuple[str, ...]:
        score, change, weighted = one.score, one.change, one.weighted
        moved = "–"
        if change and change.estimate is not None and change.low is not None and change.high is not None:
            arrow = {"up": "▲ ", "down": "▼ "}.get(direction(one), "")
            ends = bounds(change.unit, change.low, change.high)
            moved = f"{arrow}{self._in(change_of(change.unit, change.estimate))} [{ends[0]}, {ends[1]}]"
        cells = []
        for shown in (score, weighted):
            if shown is None or shown.estimate is None or shown.low is None or shown.high is None:
                missing = say("survey_not_asked" if shown is None else "survey_no_score")
                cells.append("–" if shown is None and score else self._in(missing))
            else:
                low, high = value(shown.unit, shown.low), value(shown.unit, shown.high)
                cells.append(f"{value(shown.unit, shown.estimate)} [{low}, {high}]")
        return self._in(wave(one.wave)), f"{score.n if score else 0:,}", cells[0], moved, cells[1]

    def _of_items(self) -> Iterator[tuple[str, ...]]:
        found = self.surveyed
        asked = {one.item: one for one in found.explained.items}
        compared = {one.item: one for one in found.importance.items} if found.importance else {}
        for name in [*compared, *(name for name in asked if name not in compared)]:
            one, weighed = asked[name], compared.get(name)
            rated = self._in(say("survey_not_asked")) if not one.n else "–"
            if one.mean:
                rated = f"{mean(one.mean)} [{interval(one.mean)}]"
            share = "–"
            if weighed and weighed.share:
                part = weighed.share
                share = f"{percent(part.estimate)} [{percent(part.low)}, {percent(part.high)}]"
            stands = self._in(place(weighed)) if weighed and weighed.share else "–"
            yield self._in(self._called.item(name)), f"{one.n:,}", rated, share, stands

    def _of_gaps(self) -> Grid:
        gaps = self.surveyed.gaps
        assert gaps is not None
        heads = ("survey_dimension", "survey_expected", "survey_perceived", "survey_gap", "survey_alpha")
        rows = []
        for one in gaps.dimensions:
            figures = [
                f"{mean(found)} [{interval(found)}]" if found else "–"
                for found in (one.expectation, one.perception, one.gap, one.reliability.alpha)
            ]
            name = self._in(dimension(one.dimension))
            rows.append((name if one.alone else f"{name} *", f"{one.n:,}", *figures))
        return Grid((say(heads[0]), _N, *(say(head) for head in heads[1:])), rows)

    def _foot(self) -> list[str]:
        found = self.surveyed
        said = [remark(found.badge), *([say("survey_foot")] if found.importance else [])]
        if unsure := [wave(one.wave) for one in found.waves if disputed(one)]:
            said.append(say("survey_disputed_note", waves=listed(unsure)))
        weights = weights_line(found.explained)
        if weights and found.explained.weighted and found.explained.weighted.weighting:
            said += [weights, *(remark(note) for note in found.explained.weighted.weighting.notes)]
        lines = [self._in(one) for one in said]
        for code, key in (("few_answered", "survey_too_few"), ("not_wanted", "survey_not_wanted")):
            names = [left.item for left in found.left_out if left.remark.code == code]
            lines += [self._in(say(key, titles=self._called.quoted(names)))] if names else []
        about = [*found.remarks, *(found.importance.remarks if found.importance else ())]
        if found.gaps:
            about += found.gaps.remarks
            lines += [self._in(said) for said in dimension_notes(found.gaps)]
        return [*lines, *(self._in(remark(one)) for one in about)]

    def _records(self) -> Iterator[dict[str, Any]]:
        found = self.surveyed
        compared = {one.item: one for one in found.importance.items} if found.importance else {}
        for one in found.explained.items:
            weighed = compared.get(one.item)
            share = weighed.share if weighed else None
            yield {
                "item": one.item, "wave": found.wave, "n": one.n,
                "mean": one.mean.estimate if one.mean else None,
                "mean_low": one.mean.low if one.mean else None,
                "mean_high": one.mean.high if one.mean else None,
                "weight": weighed.weight.estimate if weighed else None,
                "share": share.estimate if share else None,
                "share_low": share.low if share else None,
                "share_high": share.high if share else None,
                "rank_low": weighed.rank[0] if weighed else None,
                "rank_high": weighed.rank[1] if weighed else None,
                "ties": list(weighed.ties) if weighed else None,
            }  # fmt: skip
