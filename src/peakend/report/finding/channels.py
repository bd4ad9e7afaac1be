"""Each touchpoint by channel, as a matrix for the template: what was felt, and which standards were kept.

Only what certainly differs has a colour; a channel with too few encounters is counted and has no bar.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final, NamedTuple

from markupsafe import Markup

from peakend.identify.evidence import LEAST
from peakend.model.channel import ByChannel, ChannelAnswer, ChannelShare, TouchpointChannels
from peakend.model.finding import Estimate
from peakend.model.pack import Pack
from peakend.report.chart.bars import level
from peakend.report.figures import points, share
from peakend.report.journey import quoted
from peakend.report.sentences import say
from peakend.tell.catalogue import CHANNELS
from peakend.tell.names import Names
from peakend.tell.said import Said, together

SHOWN: Final = 6
"""Channels that are drawn: those with most encounters."""
TOLD: Final = 2
"""Touchpoints of which the headline tells what differs."""
_TONES: Final = {"worse": "down", "better": "up"}


@dataclass(frozen=True)
class CellView:
    """One measure in one channel; the bar is empty where there is only a number of encounters."""

    channel: Said
    tone: str
    bar: Markup
    value: str
    interval: str
    n: Said


@dataclass(frozen=True)
class MeasureView:
    """One measure of a touchpoint, with a cell for each channel that is drawn; None where nobody came."""

    title: Said
    main: bool
    cells: tuple[CellView | None, ...]


@dataclass(frozen=True)
class PointView:
    """One touchpoint: the share of its miserable encounters first, its standards last."""

    title: Said
    measures: tuple[MeasureView, ...]


@dataclass(frozen=True)
class ChannelsView:
    """The whole matrix, ready for the template; without touchpoints there is a headline only."""

    headline: Said
    heads: tuple[Said, ...] = ()
    points: tuple[PointView, ...] = ()
    note: Said | None = None


class _Told(NamedTuple):
    touchpoint: str
    measure: ByChannel
    share: ChannelShare
    span: Estimate


def channels_view(answer: ChannelAnswer, pack: Pack, names: Names) -> ChannelsView | None:
    """Return each touchpoint by channel, in the order of the pack's journeys; None without encounters."""
    if not answer.touchpoints:
        return None
    order = {name: place for place, name in enumerate(pack.touchpoints)}
    known = sorted(answer.touchpoints, key=lambda one: order.get(one.touchpoint, len(order)))
    named = [one for one in known if any(count.channel for count in one.traffic)]
    if not named:
        return ChannelsView(say("channels_none", kind=_begin(pack, known)))
    busy = Counter[str]()
    for one in named:
        busy.update({count.channel: count.encounters for count in one.traffic})
    unsaid = [""] if busy.pop("", 0) else []
    drawn = [name for name, _ in busy.most_common(SHOWN)] + unsaid
    silent = [one.touchpoint for one in known if one not in named]
    top = _top(named)
    return ChannelsView(
        headline=headline(answer, names),
        heads=tuple(_channel(name, names) for name in drawn),
        points=tuple(_point(one, pack, drawn, top, names) for one in named),
        note=together(
            [
                say("channels_note", top=f"{top:.0%}", n=answer.comparisons),
                say("channels_not_drawn", shown=SHOWN, n=len(busy) - SHOWN) if len(busy) > SHOWN else None,
                say("channels_silent", titles=quoted(silent, names)) if silent else None,
            ]
        ),
    )


def headline(answer: ChannelAnswer, names: Names) -> Said:
    """Return what certainly differs, first of what is miserable; or that nothing does, or can be said to."""
    differing = [told for one in answer.touchpoints for told in _certain(one)]
    if not differing:
        return say(
            "channels_same" if answer.comparisons else "channels_few", n=answer.comparisons, least=LEAST
        )
    first: dict[str, _Told] = {}
    for told in differing:
        first.setdefault(told.touchpoint, told)
    said = sorted(first.values(), key=lambda told: -abs(told.span.estimate))[:TOLD]
    more = len(differing) - len(said)
    return together(
        [*(_differs(told, names) for told in said), say("channels_more", n=more) if more else None]
    )


def _begin(pack: Pack, known: Sequence[TouchpointChannels]) -> str:
    """Return the kind of event that begins most encounters, for the advice to say its channel."""
    met = Counter({one.touchpoint: sum(count.encounters for count in one.traffic) for one in known})
    for name in (*(name for name, _ in met.most_common()), *pack.touchpoints):
        point = pack.touchpoints.get(name)
        if point and point.encounter:
            begins = point.encounter.begins
            return begins if isinstance(begins, str) else begins[0]
    return "…"


def _certain(one: TouchpointChannels) -> list[_Told]:
    """Return of each measure that differs the channel furthest from the others, as the answer orders them."""
    found = []
    for measure in one.measures:
        told = [
            _Told(one.touchpoint, measure, share, share.difference)
            for share in measure.channels
            if share.difference is not None and share.verdict in _TONES
        ]
        if told:
            found.append(max(told, key=lambda one: (abs(one.span.estimate), one.share.verdict == "worse")))
    return found


def _differs(told: _Told, names: Names) -> Said:
    more = told.span.estimate > 0
    ends = (told.span.estimate, told.span.low, told.span.high)
    size, low, high = ends if more else tuple(-end for end in (ends[0], ends[2], ends[1]))
    shown = 0 if 100 * low >= 1 else 1
    standard = told.measure.standard
    return say(
        f"channels_{told.measure.measure}_{'more' if more else 'less'}",
        title=quoted([told.touchpoint], names),
        channel=_channel(told.share.channel, names),
        points=points(100 * size, shown),
        low=points(100 * low, shown),
        high=points(100 * high, shown),
        **({"standard": names.standard(standard, told.touchpoint)} if standard else {}),
    )


def _channel(code: str, names: Names) -> Said:
    return names.of(code, CHANNELS) if code else say("channels_unsaid")


def _top(named: Sequence[TouchpointChannels]) -> float:
    """Return where the scale of miserable shares ends: the next ten percent above all intervals."""
    highs = [
        share.share.high
        for one in named
        for measure in one.measures
        for share in measure.channels
        if measure.measure == "miserable" and share.share is not None
    ]
    return min(1.0, ceil(10 * max(highs, default=1.0)) / 10)


def _point(one: TouchpointChannels, pack: Pack, drawn: Sequence[str], top: float, names: Names) -> PointView:
    """Return a touchpoint, its standards in the order in which the pack names them."""
    point = pack.touchpoints.get(one.touchpoint)
    order = list(point.standards) if point else []
    measures = sorted(
        one.measures, key=lambda found: order.index(found.standard) if found.standard in order else -1
    )
    return PointView(
        title=names.touchpoint(one.touchpoint),
        measures=tuple(_measure(found, one.touchpoint, drawn, top, names) for found in measures),
    )


def _measure(
    measure: ByChannel, touchpoint: str, drawn: Sequence[str], top: float, names: Names
) -> MeasureView:
    title = say(f"channels_{measure.measure}", standard=names.standard(measure.standard, touchpoint))
    main = measure.measure == "miserable"
    known = {share.channel: share for share in measure.channels}
    named = [share for share in measure.channels if share.channel]
    mark = sum(share.hits for share in named) / max(sum(share.known for share in named), 1)
    cells = (_cell(known.get(name), top if main else 0.0, mark, names) for name in drawn)
    return MeasureView(title, main, tuple(cells))


def _cell(found: ChannelShare | None, top: float, mark: float, names: Names) -> CellView | None:
    if found is None or not found.known:
        return None
    channel = _channel(found.channel, names)
    if found.share is None:
        return CellView(channel, "few", Markup(""), "", "", say("channels_too_few", n=found.known))
    tone = _TONES.get(found.verdict or "", "few")
    return CellView(
        channel=channel,
        tone=tone,
        bar=level(found.share, top, mark, tone) if top else Markup(""),
        value=share(found.hits, found.known),
        interval=f"{100 * found.share.low:.1f}–{100 * found.share.high:.1f}",
        n=say("channels_times", n=found.known),
    )
