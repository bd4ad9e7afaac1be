"""The answer as a person meets it: it prints itself, explains one touchpoint, and becomes a table.

It holds what was found and the pack's words for it; it computes nothing.
"""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa

from peakend.model.found import Driver, Effect, Found
from peakend.model.pack import Pack
from peakend.moments.sentences import explained
from peakend.moments.shown import Grid, Picture, Shown, refuse_stranger
from peakend.report.finding import effects_svg, finding_page
from peakend.report.finding.channels import headline as channels_headline
from peakend.report.finding.headlines import delight_next, digits, fix_first, headline, scores
from peakend.report.finding.segments import segments_view
from peakend.tell.names import Names
from peakend.tell.said import Said

_HEADS: Final = (
    Said("接触点", "Touchpoint"), Said("接触", "Encounters"), Said("触达", "Reach"),
    Said("消极失分", "Penalty"), Said("神奇加分", "Reward"), Said("先补短板", "Fix\nfirst"),
    Said("再造惊喜", "Delight\nnext"), Said("名次", "Place"),
)  # fmt: skip

_BROKEN: Final = frozenset({0, 5, 6})
"""The columns whose heads may be broken: numbers and figures with their interval may not."""


class Findings(Shown):
    """What was found. `found` holds all figures; printing gives a table, in a notebook too.

    `refused` counts events that could not be used. `language` may be set to 'zh' or 'en'.
    """

    def __init__(self, found: Found, pack: Pack, *, refused: int = 0) -> None:
        self.found, self.refused, self._pack = found, refused, pack
        self._names = Names(pack)

    def explain(self, touchpoint: str) -> str:
        """One touchpoint in words; EvidenceError for a name that is not among them."""
        known = {one.touchpoint: one for one in self.found.touchpoints}
        if touchpoint not in known:
            raise refuse_stranger(Said("这份结果里的接触点", "touchpoint of this answer"), touchpoint, known)
        told = explained(known[touchpoint], self._names.touchpoint(touchpoint))
        return "\n".join(self._in(said) for said in told)

    def to_arrow(self) -> pa.Table:
        """One row a touchpoint, with every figure and its interval."""
        return pa.Table.from_pylist([_row(one) for one in self.ranked()])

    def plot(self) -> Picture:
        """Penalty and reward of each touchpoint with their intervals, as a picture for a notebook."""
        return Picture(effects_svg(self.found, self._pack, self.language))

    def to_html(self) -> str:
        """A page of its own with all pictures, in both languages."""
        return finding_page(self._pack, self.found, language=self.language)

    def ranked(self) -> list[Driver]:
        """The touchpoints that were met, the weightiest first."""
        return sorted((one for one in self.found.touchpoints if one.encounters), key=lambda one: -one.swing)

    def _lines(self) -> list[Said]:
        lines = [said(self.found, self._names) for said in (headline, fix_first, delight_next)]
        channels = self.found.channels
        if channels is not None and channels.comparisons:
            lines.append(channels_headline(channels, self._names))
        segments = segments_view(self.found, self._names)
        if segments is not None:
            lines.append(segments.headline)
        return lines

    def _grids(self) -> list[Grid]:
        return [Grid(_HEADS, self._rows(), _BROKEN)]

    def _rows(self) -> list[tuple[str, ...]]:
        shown = digits(self.found)
        return [
            (
                ("◆ " if one.moment_of_truth else "") + self._in(self._names.touchpoint(one.touchpoint)),
                f"{one.encounters:,}",
                f"{one.reach:.0%}",
                _figure(one.penalty, shown),
                _figure(one.reward, shown),
                f"{one.fix_first:.{shown}f}",
                f"{one.delight_next:.{shown}f}",
                f"{one.rank[0]}-{one.rank[1]}",
            )
            for one in self.ranked()
        ]

    def _foot(self) -> list[str]:
        found = self.found
        score = scores(found)
        numbers = Said(
            f"{found.episodes:,} 份答卷，{found.customers:,} 位客户：{score.zh}。"
            "◆ 为服务关键时刻；区间为 95%，名次为 90%。",
            f"{found.episodes:,} answers of {found.customers:,} customers: {score.en}. "
            "◆ marks a moment of truth; intervals 95 %, places 90 %.",
        )
        marks = [
            f"{'✓' if one.available else '✗'} {one.zh if self.language == 'zh' else one.en}"
            for one in found.protections
        ]
        return [self._in(numbers), *marks, *(note[self.language] for note in found.notes)]


def _figure(effect: Effect, shown: int) -> str:
    if effect.estimate is None:
        return "–"
    return f"{effect.estimate:.{shown}f} [{effect.low:.{shown}f}, {effect.high:.{shown}f}]"


def _row(one: Driver) -> dict[str, Any]:
    row: dict[str, Any] = {
        "touchpoint": one.touchpoint, "encounters": one.encounters, "reach": one.reach,
        "magical": one.magical, "miserable": one.miserable, "unknown": one.unknown,
    }  # fmt: skip
    for name, effect in (("penalty", one.penalty), ("reward", one.reward)):
        row |= {name: effect.estimate, f"{name}_low": effect.low, f"{name}_high": effect.high,
                f"{name}_shrunk": effect.shrunk, f"{name}_n": effect.n, f"{name}_q": effect.q}  # fmt: skip
    return row | {
        "swing": one.swing, "swing_low": one.swing_interval[0], "swing_high": one.swing_interval[1],
        "fix_first": one.fix_first, "delight_next": one.delight_next, "rank_low": one.rank[0],
        "rank_high": one.rank[1], "p_top3": one.p_top3, "q": one.q, "impact": one.impact,
        "moment_of_truth": one.moment_of_truth,
    }  # fmt: skip
