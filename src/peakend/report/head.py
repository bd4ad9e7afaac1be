"""The head of the page: whose service, from when until when, and what came out in four sentences."""

from __future__ import annotations

from dataclasses import dataclass

from peakend.model.pack import Pack
from peakend.model.result import BacktestResult
from peakend.report.felt import felt, lowest
from peakend.report.figures import share
from peakend.report.journey import quoted
from peakend.report.sentences import say
from peakend.tell.catalogue import WHY_NOT
from peakend.tell.names import Names
from peakend.tell.said import Said, grouped, titled, together
from peakend.when import zone

TO_COLLEAGUES = ("card", "task")


@dataclass(frozen=True)
class HeadView:
    """The head, ready for the template."""

    title: Said
    span: Said | None
    figures: tuple[tuple[Said, str], ...]
    summary: Said


def head_view(pack: Pack, result: BacktestResult, names: Names, title: str) -> HeadView:
    """Return the head; `title` is the service's own name, else the pack's title stands."""
    span = _span(pack, result)
    said = (_history(result, span), _lowest(pack, result, names), _would_do(result), _most(result, names))
    return HeadView(
        title=Said(title, title) if title else titled(pack.head.title, pack.head.pack),
        span=say("span", first=span[0], last=span[1]) if span else None,
        figures=_figures(pack, result),
        summary=together(said),
    )


def _span(pack: Pack, result: BacktestResult) -> tuple[str, str, int] | None:
    """Return the first and the last local date of the log, and how many days they span."""
    if result.first is None or result.last is None:
        return None
    first = zone(pack.head.zone).local(result.first).date()
    last = zone(pack.head.zone).local(result.last).date()
    return first.isoformat(), last.isoformat(), (last - first).days + 1


def _figures(pack: Pack, result: BacktestResult) -> tuple[tuple[Said, str], ...]:
    return (
        (say("customers"), grouped(result.customers)),
        (say("events"), grouped(result.events)),
        (say("quarantined"), grouped(result.quarantined)),
        (say("touchpoints"), grouped(len(pack.touchpoints))),
        (say("plays"), grouped(len(pack.plays))),
    )


def _history(result: BacktestResult, span: tuple[str, str, int] | None) -> Said:
    if span is None or not result.events:
        return say("no_history")
    return say("history", days=span[2], customers=result.customers, events=result.events)


def _lowest(pack: Pack, result: BacktestResult, names: Names) -> Said | None:
    found = felt(pack.touchpoints, result.touchpoints)
    extreme = lowest(found)
    if extreme is None:
        return None
    if extreme.ties:
        return say("lowest_tied", titles=quoted((extreme.name, *extreme.ties), names))
    point = found[extreme.name]
    return say(
        "lowest",
        title=names.touchpoint(extreme.name),
        n=point.encounters,
        miserable=share(point.miserable, point.encounters),
        magical=share(point.magical, point.encounters),
    )


def _would_do(result: BacktestResult) -> Said | None:
    plays = result.plays.values()
    if not plays:
        return None
    if not any(play.firings for play in plays):
        return say("would_do_nothing", plays=len(plays))
    send = sum(play.send for play in plays)
    colleague = sum(
        step.send for play in plays for step in play.steps.values() if step.action in TO_COLLEAGUES
    )
    return say(
        "would_do",
        plays=len(plays),
        send=send,
        customer=send - colleague,
        colleague=colleague,
        suppress=sum(sum(play.suppress.values()) for play in plays),
    )


def _most(result: BacktestResult, names: Names) -> Said | None:
    counts: dict[str, int] = {}
    for play in result.plays.values():
        for reason, n in play.suppress.items():
            counts[reason] = counts.get(reason, 0) + n
    if not any(counts.values()):
        return None
    reason, n = max(counts.items(), key=lambda one: (one[1], one[0]))
    return say("most_stopped", reason=names.of(reason, WHY_NOT), n=n)
