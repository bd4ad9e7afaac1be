"""What the command line prints of a result: tables for people, a stable JSON for programs (docs/json.md)."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from peakend.backtest.diff import CHANGES, Difference
from peakend.backtest.why import Line
from peakend.backtest.words import GATES
from peakend.bench import Measured
from peakend.check import Checked
from peakend.listen.intake import Intake
from peakend.model.pack import Pack
from peakend.model.result import BacktestResult, PlayResult
from peakend.when import Zone, format_instant

_WIDE = 110
"""Columns of a terminal from which the reasons fit beside the figures."""
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
    """One row a play: what it would have done, and why not."""
    zh = language == "zh"
    heads = (
        ["服务剧本", "进入", "到期", "放行", "暂缓", "拦截", "触达人数", "为什么没发"]
        if zh
        else ["play", "entries", "due", "send", "hold", "suppress", "people", "why not"]
    )
    narrow = console.width < _WIDE
    heads = heads[:-1] if narrow else heads
    table = Table(title="历史推演" if zh else "Backtest", title_justify="left")
    for number, head in enumerate(heads):
        figure = 0 < number < len(heads) - (not narrow)
        table.add_column(head, justify="right" if figure else "left", no_wrap=figure)
    for name, play in sorted(result.plays.items(), key=lambda item: -item[1].firings):
        title = pack.plays[name].title.get(language, name)
        reasons = sorted(play.suppress.items(), key=lambda item: -item[1])
        why = "、" if zh else ", "
        row = [
            title,
            f"{play.entries:,}",
            f"{play.firings:,}",
            f"{play.send:,}",
            f"{play.hold:,}",
            f"{sum(play.suppress.values()):,}",
            f"{play.people:,}",
            why.join(f"{GATES[reason][language]} {number:,}" for reason, number in reasons[:3]),
        ]
        table.add_row(*row[: len(heads)])
    console.print(table)
    for note in result.notes:
        console.print(f"· {note[language]}", style="dim", highlight=False, soft_wrap=True)


def print_intake(console: Console, intake: Intake, quarantine: object) -> None:
    """Where every row went."""
    console.print(
        f"{intake.rows:,} rows = {intake.used:,} used + {intake.skipped:,} skipped + "
        f"{intake.quarantined:,} quarantined; {intake.events:,} events",
        highlight=False,
    )
    for reason, number in sorted(intake.reasons.items(), key=lambda item: -item[1]):
        console.print(f"  {number:,} in quarantine: {reason}", highlight=False)
    if intake.reasons:
        console.print(f"  look at them in {quarantine}", highlight=False)


def print_check(console: Console, checked: Checked, language: str) -> None:
    """All problems by severity, then the stories."""
    for problem in checked.problems:
        style = {"error": "red", "warning": "yellow", "note": "dim"}[problem.severity]
        console.print(problem.text(language), style=style, highlight=False, soft_wrap=True)
    for story in checked.stories:
        mark = "[green]✔[/]" if not story.problems else "[red]✘[/]"
        console.print(f"{mark} {story.story}", highlight=False)
        for problem in story.problems:
            console.print(f"  {problem.text(language)}", style="red", highlight=False, soft_wrap=True)
    held = sum(not story.problems for story in checked.stories)
    errors = sum(problem.severity == "error" for problem in checked.problems)
    zh = f"{errors} 处错误；{held}/{len(checked.stories)} 个情景用例成立（实时与推演各跑一遍）"
    en = f"{errors} errors; {held} of {len(checked.stories)} stories hold, live and as a backtest"
    console.print(zh if language == "zh" else en, highlight=False)


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


def print_story(console: Console, lines: list[Line], zone: Zone, language: str) -> None:
    """The story of one customer, a line a moment."""
    for line in lines:
        moment = format_instant(line.instant, zone)[:19].replace("T", " ")
        words = line.zh if language == "zh" else line.en
        console.print(
            f"{moment}  {words}", style=_STYLES.get(line.weight, ""), highlight=False, soft_wrap=True
        )


def print_difference(console: Console, found: Difference, language: str) -> None:
    """What changes, play by play, with examples of customers."""
    zh = language == "zh"
    if not found.plays:
        console.print(
            "两个版本对每位客户的判定完全一致" if zh else "Both packs decide the same for everybody"
        )
        return
    people = f"有变化的客户：{found.people:,} 位" if zh else f"People with any change: {found.people:,}"
    console.print(people, highlight=False)
    for play, change in found.plays.items():
        console.print(play, style="bold")
        for kind, steps in change.steps.items():
            names = ", ".join(change.examples[kind])
            number = change.people[kind]
            text = (
                f"  {CHANGES[kind]['zh']} {steps:,} 次，涉及 {number:,} 位，例如 {names}"
                if zh
                else f"  {CHANGES[kind]['en']}: {steps:,} steps of {number:,} people, such as {names}"
            )
            console.print(text, highlight=False, soft_wrap=True)


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
