"""What the command line prints of a result: tables for people, a stable JSON for programs (docs/json.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from peakend.bench import Measured
from peakend.check import Checked
from peakend.cli.words import as_typed, say
from peakend.listen.history import History
from peakend.model.event import DERIVED
from peakend.model.pack import Pack
from peakend.model.parts import as_list
from peakend.model.result import BacktestResult, PlayResult
from peakend.tell.catalogue import WHY_NOT
from peakend.tell.names import Names
from peakend.tell.said import Said, listed
from peakend.tell.teller import Teller, Told
from peakend.when import format_instant

_WIDE = 110
"""Columns of a terminal from which the reasons fit beside the figures."""
_LONG = 60
"""Lines above which a story hides what decides it."""
_STYLES = {
    "send": "green",
    "hold": "yellow",
    "suppress": "red",
    "near": "bold yellow",
    "miserable": "red",
    "magical": "green",
    "breach": "red",
    "regret": "magenta",
    "event": "dim",
    "not": "dim",
    "often": "dim",
}


def backtest_json(result: BacktestResult) -> dict[str, Any]:
    """The documented shape of `backtest --json`."""
    return {
        "pack": result.pack,
        "hash": result.hash,
        "events": result.events,
        "customers": result.customers,
        "quarantined": result.quarantined,
        "first": format_instant(result.first) if result.first is not None else None,
        "last": format_instant(result.last) if result.last is not None else None,
        "plays": {name: _play_json(play) for name, play in result.plays.items()},
        "touchpoints": {
            name: {
                "encounters": point.encounters,
                "customers": point.customers,
                "magical": point.magical,
                "neutral": point.neutral,
                "miserable": point.miserable,
                "unfinished": point.unfinished,
                "emotion": {"estimate": point.emotion, "low": point.low, "high": point.high},
                "standards": {
                    standard: {"kept": count.kept, "breached": count.breached, "open": count.open}
                    for standard, count in point.standards.items()
                },
            }
            for name, point in result.touchpoints.items()
        },
        "conflicts": [
            {"plays": [conflict.first, conflict.second], "days": conflict.days}
            for conflict in result.conflicts
        ],
        "notes": [note["en"] for note in result.notes],
    }


def _play_json(play: PlayResult) -> dict[str, Any]:
    return {
        "entries": play.entries,
        "firings": play.firings,
        "exits": dict(sorted(play.exits.items())),
        "deferred": play.deferred,
        "verdicts": {"send": play.send, "hold": play.hold, "suppress": dict(sorted(play.suppress.items()))},
        "people": play.people,
        "not_entered": dict(sorted(play.passed.items())),
        "regretted": dict(sorted(play.regretted.items())),
        "money": play.money,
        "load": {"by_day": play.by_day, "by_weekday": play.by_weekday, "by_hour": play.by_hour},
    }


def print_backtest(console: Console, pack: Pack, result: BacktestResult, language: str) -> None:
    """One row a play that had anything to do, one line for those that never started, and the limits."""
    names = Names(pack)
    narrow = console.width < _WIDE
    heads = _HEADS[language][:-1] if narrow else _HEADS[language]
    table = Table(title=say("backtest_title", language), title_justify="left")
    for number, head in enumerate(heads):
        figure = 0 < number < len(heads) - (not narrow)
        table.add_column(head, justify="right" if figure else "left", no_wrap=figure)
    busy = {name: play for name, play in result.plays.items() if play.entries or play.firings}
    for name, play in sorted(busy.items(), key=lambda item: -item[1].firings):
        table.add_row(*_row(names, name, play, language)[: len(heads)])
    if busy:
        console.print(table)
    for tale, idle in _idle(pack, result).items():
        if idle:
            plays = listed([names.play(name) for name in idle])
            _show(console, say(tale, language, n=len(idle), plays=plays))
    for note in result.notes:
        _show(console, f"· {note[language]}", "dim")


_HEADS = {
    "zh": ["服务剧本", "进入", "到期", "放行", "暂缓", "拦截", "触达人数", "为什么没发"],
    "en": ["play", "entries", "due", "send", "hold", "suppress", "people", "why not"],
}


def _row(names: Names, name: str, play: PlayResult, language: str) -> list[str]:
    reasons = sorted(play.suppress.items(), key=lambda item: -item[1])
    figures = (play.entries, play.firings, play.send, play.hold, sum(play.suppress.values()), play.people)
    why = (f"{number:,} {names.of(reason, WHY_NOT).spoken(language)}" for reason, number in reasons[:2])
    return [names.play(name).spoken(language), *(f"{figure:,}" for figure in figures), "\n".join(why)]


def _idle(pack: Pack, result: BacktestResult) -> dict[str, list[str]]:
    """The plays that never started: those of whose kinds the log has none, and those that none suited."""
    met = any(point.begun for point in result.touchpoints.values())
    idle: dict[str, list[str]] = {"no_kinds": [], "no_entry": []}
    for name, play in result.plays.items():
        if not play.entries and not play.firings:
            kinds = as_list(pack.plays[name].on)
            seen = any(kind in result.kinds or (met and kind in DERIVED) for kind in kinds)
            idle["no_entry" if seen else "no_kinds"].append(name)
    return idle


def print_history(console: Console, history: History, language: str) -> None:
    """Where every row of the files went, and which files nobody read."""
    intake = history.intake
    if intake is not None:
        words = {name: getattr(intake, name) for name in ("rows", "used", "skipped", "events")}
        _show(console, say("rows", language, aside=intake.quarantined, **words))
        for reason, number in sorted(intake.reasons.items(), key=lambda item: -item[1]):
            said = Said(intake.reasons_zh.get(reason, reason), reason)
            _show(console, say("row_reason", language, n=number, reason=said))
        if history.quarantine is not None:
            _show(console, say("look_at", language, file=str(history.quarantine)))
    if history.unread:
        files, more = ", ".join(path.name for path in history.unread[:3]), len(history.unread) - 3
        _show(console, say("unread_some" if more > 0 else "unread", language, files=files, n=more))


def print_untyped(console: Console, number: int, quarantine: Path, language: str) -> None:
    """How many events of the log itself had to be put aside, if any."""
    if number:
        _show(console, say("not_typed", language, n=number, file=str(quarantine)))


def print_check(console: Console, checked: Checked, language: str, *, notes: bool = False) -> None:
    """All problems by severity, then the stories, and the result last."""
    for problem in checked.problems:
        if notes or problem.severity != "note":
            style = {"error": "red", "warning": "yellow", "note": "dim"}[problem.severity]
            _show(console, problem.text(language), style)
    for story in checked.stories:
        mark = "[green]✔[/]" if not story.problems else "[red]✘[/]"
        console.print(f"{mark} {escape(story.story)}", highlight=False)
        for problem in story.problems:
            _show(console, f"  {problem.text(language)}", "red")
    hidden = sum(problem.severity == "note" for problem in checked.problems)
    if hidden and not notes:
        _show(console, say("notes", language, n=hidden), "dim")
    _show(console, _outcome(checked, language), "bold green" if checked.sound else "bold red")


def _outcome(checked: Checked, language: str) -> str:
    errors = sum(problem.severity == "error" for problem in checked.problems)
    stories, failed = len(checked.stories), sum(bool(story.problems) for story in checked.stories)
    if errors:
        return say("unsound", language, n=errors)
    if failed:
        return say("stories_fail", language, n=failed, all=stories)
    return say("sound", language, n=stories) if stories else say("no_stories", language)


def check_json(checked: Checked) -> dict[str, Any]:
    """The documented shape of `check --json`."""
    return {
        "sound": checked.sound,
        "problems": [
            {
                "file": problem.place.file,
                "line": problem.place.line,
                "severity": problem.severity,
                "code": problem.code,
                "what": problem.what,
                "fix": problem.fix,
            }
            for problem in checked.problems
        ],
        "stories": {
            played.story: {"holds": not played.problems, "problems": [str(p) for p in played.problems]}
            for played in checked.stories
        },
    }


def print_story(
    console: Console, pack: Pack, story: list[Told], language: str, *, hint: bool = False
) -> None:
    """The story of one customer, a line a moment; what was only counted stands at the end, without one."""
    teller = Teller(pack, codes=True)
    for told in story:
        moment = "" if told.weight == "often" else teller.moment(told.instant)
        _show(console, f"{moment:<19}  {teller.named(told).spoken(language)}", _STYLES.get(told.weight, ""))
    if hint and len(story) > _LONG:
        _show(console, say("long_story", language, n=len(story)), "dim")


def print_measured(console: Console, found: list[Measured]) -> None:
    """One row a figure: time on the clock and of all processors, memory, and the ratio within this run."""
    table = Table(title="Benchmark", title_justify="left")
    for number, head in enumerate(("what", "s", "CPU s", "events/s", "MB", "worker MB", "ratio")):
        table.add_column(head, justify="right" if number else "left", overflow="fold")
    for one in found:
        ratio = f"{one.ratio:.2f}" if one.ratio is not None else ""
        table.add_row(
            one.name,
            f"{one.seconds:.2f}",
            f"{one.cpu_seconds:.2f}",
            f"{one.events_per_second:,.0f}",
            f"{one.peak_memory_mb:,.0f}",
            f"{one.worker_memory_mb:,.0f}" if one.worker_memory_mb else "",
            ratio,
        )
    console.print(table)
    for one in found:
        if one.note or one.ratio_to:
            ratio_to = f"; ratio to {one.ratio_to}" if one.ratio_to else ""
            console.print(f"· {one.name}: {one.note}{ratio_to}", style="dim", highlight=False, soft_wrap=True)


def _show(console: Console, text: str, style: str = "") -> None:
    console.print(as_typed(text), style=style, highlight=False, soft_wrap=True, markup=False)
