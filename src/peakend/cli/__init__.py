"""The command `peakend`: reads arguments, shows progress, prints results. No logic of its own.

Every error that a user can mend is printed as one message with place and fix, and ends the command with 1.
"""

from __future__ import annotations

import os
import sys
import time
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from peakend.backtest import backtest
from peakend.backtest.diff import difference
from peakend.backtest.why import tell
from peakend.bench import run as measure
from peakend.check import check as check_pack
from peakend.cli import printing
from peakend.cli.demo import run_demo
from peakend.design.pack import find_pack, load_pack
from peakend.design.start import start, write_schemas
from peakend.errors import PeakendError
from peakend.listen.history import History, open_history
from peakend.model.pack import Pack
from peakend.simulate import simulate as simulate_pack
from peakend.simulate import truth_file
from peakend.when import zone

app = typer.Typer(
    help="Peakend: the journey map that runs.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
console = Console()
notices = Console(stderr=True)

PackName = Annotated[str, typer.Argument(help="A pack: its folder, or the name of one that comes along")]
Events = Annotated[list[Path], typer.Option("--events", help="Exports, native files or logs; repeatable")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON")]
Language = Annotated[str, typer.Option("--language", help="zh or en")]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Processes that fold side by side")]
Quarantine = Annotated[Path, typer.Option("--quarantine", help="Where unusable rows go")]
_QUARANTINE = Path("quarantine.jsonl")
_WORDS = {
    "read": "Reading events",
    "simulate": "Simulating a year",
    "backtest": "Backtesting the plays",
    "stories": "Playing the stories",
    "bench": "Measuring",
}


@app.command()
def demo(
    pack: Annotated[str, typer.Option("--pack", help="A pack: its folder or name")] = "cloud",
    events: Annotated[list[Path] | None, typer.Option("--events", help="Your own data")] = None,
    out: Annotated[Path, typer.Option("--out", help="Where the report goes")] = Path("demo"),
    customers: Annotated[int, typer.Option(min=2, help="Customers to simulate")] = 5000,
    workers: Workers = 2,
    language: Language = "en",
) -> None:
    """A year of a service on its journey map, and what every play would have done in it."""
    began = time.perf_counter()
    with _progress() as step:
        made = run_demo(
            load_pack(find_pack(pack)), out, step, events=events or (), customers=customers, workers=workers
        )
    if made.history.intake:
        printing.print_intake(console, made.history.intake, out / "quarantine.jsonl")
    printing.print_backtest(console, made.pack, made.result, language)
    console.print(f"\nReport: {made.report} ({time.perf_counter() - began:.0f} s)", highlight=False)
    if not (os.environ.get("CI") or os.environ.get("PEAKEND_NO_BROWSER")):
        webbrowser.open(made.report.resolve().as_uri())


@app.command()
def init(
    folder: Path, pack: Annotated[str, typer.Option("--pack", help="The pack to start from")] = "cloud"
) -> None:
    """Make a workspace with a copy of a pack, ready to be changed."""
    made = start(folder, pack)
    console.print(f"Your workspace: {made}\nNext: peakend check {folder}", highlight=False)


@app.command()
def schema(folder: Annotated[Path, typer.Argument(help="Where the JSON Schemas go")]) -> None:
    """Write the JSON Schema of every pack file, so that editors complete them."""
    for path in write_schemas(folder):
        console.print(str(path), highlight=False)


@app.command()
def check(pack: PackName, as_json: Json = False, language: Language = "en") -> None:
    """Read a pack, find what is wrong, and play its stories live and as a backtest."""
    with _progress() as step:
        checked = check_pack(_folder(pack), step("stories"))
    if as_json:
        _print_json(printing.check_json(checked))
    else:
        printing.print_check(console, checked, language)
    if not checked.sound:
        raise typer.Exit(1)


@app.command()
def ingest(
    pack: PackName,
    events: Events,
    out: Annotated[Path, typer.Option("--out", help="The log to write (Parquet)")],
    quarantine: Quarantine = _QUARANTINE,
) -> None:
    """Turn exports into a log, by the pack's source mappings."""
    found = load_pack(find_pack(pack))
    with _progress() as step:
        history = open_history(Path(found.root), found.head.zone, events, out, quarantine, step("read"))
    if history.intake is None:
        raise PeakendError("These files are a log already", place=str(events[0]), fix="Use them as they are")
    printing.print_intake(console, history.intake, quarantine)


@app.command("backtest")
def backtest_command(
    pack: PackName,
    events: Events,
    as_json: Json = False,
    listing: Annotated[Path | None, typer.Option("--list", help="Write every verdict as JSONL")] = None,
    diff: Annotated[
        str | None, typer.Option("--diff", help="Compare with this pack, person by person")
    ] = None,
    quarantine: Quarantine = _QUARANTINE,
    workers: Workers = 2,
    language: Language = "en",
) -> None:
    """What every play of a pack would have done in a history, all gates included."""
    found = load_pack(find_pack(pack))
    other = load_pack(find_pack(diff)) if diff else None
    with _progress() as step, _history(found, events, quarantine, step) as history:
        if other:
            changes = difference(found, other, history.log, workers=workers, progress=step("backtest"))
        else:
            result = backtest(
                found,
                history.log,
                workers=workers,
                listing=listing,
                quarantine=quarantine,
                quarantined=history.quarantined,
                progress=step("backtest"),
            )
    if other:
        if as_json:
            _print_json(msgspec.to_builtins(changes))
        else:
            printing.print_difference(console, changes, language)
    elif as_json:
        _print_json(printing.backtest_json(result))
    else:
        printing.print_backtest(console, found, result, language)


@app.command()
def why(
    customer: str,
    pack: Annotated[str, typer.Option("--pack", help="A pack: its folder or name")],
    events: Events,
    play: Annotated[str | None, typer.Option("--play", help="Only this play")] = None,
    quarantine: Quarantine = _QUARANTINE,
    language: Language = "en",
) -> None:
    """The story of one customer: what was decided, by which rule, and what nearly happened."""
    found = load_pack(find_pack(pack))
    with _progress() as step, _history(found, events, quarantine, step) as history:
        lines = tell(found, history.log, customer, play)
    printing.print_story(console, lines, zone(found.head.zone), language)


@app.command()
def simulate(
    pack: PackName,
    *,
    out: Annotated[Path, typer.Option("--out", help="The log to write (Parquet)")],
    customers: Annotated[int, typer.Option(min=2)] = 5000,
    days: Annotated[int, typer.Option(min=1)] = 365,
    begin: Annotated[str, typer.Option("--start", help="The first day, YYYY-MM-DD")] = "2025-01-01",
    seed: Annotated[int, typer.Option(min=0)] = 2025,
    whale: Annotated[float, typer.Option(help="Share of all events that one customer has")] = 0.0,
    late: Annotated[float, typer.Option(help="Share of events that arrive late")] = 0.0,
    duplicates: Annotated[float, typer.Option(help="Share of events that arrive twice")] = 0.0,
) -> None:
    """Write a simulated log of a pack's world, with its truth beside it."""
    try:
        first = date.fromisoformat(begin)
    except ValueError:
        raise PeakendError(f"'{begin}' is not a day", fix="Write --start 2025-01-01") from None
    with _progress() as step:
        truth = simulate_pack(
            load_pack(find_pack(pack)),
            out,
            customers=customers,
            days=days,
            start=first,
            seed=seed,
            whale=whale,
            late=late,
            duplicates=duplicates,
            progress=step("simulate"),
        )
    console.print(f"{truth.events:,} events in {out}, the truth in {truth_file(out)}", highlight=False)


@app.command()
def bench(
    only: Annotated[
        list[str] | None, typer.Argument(help="condition, fold, backtest, whale; all by default")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Small sizes, under a minute")] = False,
    as_json: Json = False,
    workers: Workers = 2,
) -> None:
    """How fast and in how much memory, beside DuckDB's own scan and sort in the same run."""
    with _progress() as step:
        found = measure("quick" if quick else "full", only or (), workers=workers, progress=step("bench"))
    if as_json:
        _print_json(found)
    else:
        printing.print_measured(console, found)


def main() -> None:
    """Run the command; mendable errors are printed, not thrown."""
    try:
        app(prog_name="peakend")
    except PeakendError as error:
        notices.print(str(error), style="red", highlight=False, soft_wrap=True, markup=False)
        sys.exit(1)


def _folder(pack: str) -> Path:
    return Path(pack) if Path(pack).is_dir() else find_pack(pack)


@contextmanager
def _history(
    pack: Pack, events: list[Path], quarantine: Path, step: Callable[[str], Callable[[int, int], None]]
) -> Iterator[History]:
    """The user's files as a log that lives as long as the command."""
    with TemporaryDirectory(prefix="peakend-") as folder:
        log = Path(folder) / "log.parquet"
        yield open_history(Path(pack.root), pack.head.zone, events, log, quarantine, step("read"))


@contextmanager
def _progress() -> Iterator[Callable[[str], Callable[[int, int], None]]]:
    """A progress bar on standard error, with a line for each long step; none where nobody looks."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=notices, transient=True) as bars:

        def step(name: str) -> Callable[[int, int], None]:
            task: list[TaskID] = []

            def tell(done: int, total: int) -> None:
                if not task:
                    task.append(bars.add_task(_WORDS[name], total=total))
                bars.update(task[0], completed=done, total=total)

            return tell

        yield step


def _print_json(value: object) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")
