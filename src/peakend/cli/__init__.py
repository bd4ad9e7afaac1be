"""The command `peakend`: reads arguments, shows progress, prints results. No logic of its own.

Every error that a user can mend is printed as one message with place and fix, and ends the command with 1.
"""

from __future__ import annotations

import os
import shlex
import sys
import time
import webbrowser
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from peakend.backtest import backtest
from peakend.backtest.diff import difference
from peakend.backtest.notes import nothing_in_common
from peakend.bench import BENCHMARKS
from peakend.bench import run as measure
from peakend.check import check as check_pack
from peakend.cli import (
    asking,
    keeping,
    mending,
    messages,
    people,
    printing,
    publishing,
    running,
    serving,
    switching,
    taking,
)
from peakend.cli.changes import Compared, print_difference
from peakend.cli.files import aside_of, history_of
from peakend.cli.options import (
    SPOKEN,
    Events,
    Json,
    Language,
    PackName,
    Quarantine,
    Workers,
    console,
    notices,
)
from peakend.cli.person import erase, export
from peakend.cli.preview import preview_text
from peakend.cli.progress import progress
from peakend.cli.words import as_typed, command, say
from peakend.design.pack import find_pack, load_pack
from peakend.design.start import start, write_schemas
from peakend.errors import PeakendError
from peakend.web.listening import listening

app = typer.Typer(
    help="Peakend: the journey map that runs.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

app.command("preview")(preview_text)


@app.command()
def demo(
    pack: Annotated[str, typer.Option("--pack", help="A pack: its folder or name")] = "cloud",
    events: Annotated[list[Path] | None, typer.Option("--events", help="Your own data")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where the report goes; else demo, or demo-PACK")
    ] = None,
    customers: Annotated[int, typer.Option(min=2, help="Customers to simulate")] = 5000,
    workers: Workers = 2,
    application: Annotated[
        bool, typer.Option("--app/--report-only", help="Open the application too, or make the report alone")
    ] = True,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin the application's trial anew")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where the application listens")] = 8000,
    language: Language = "en",
) -> None:
    """A year of a service in a report and in the application, with events that go on."""
    if application and not events:
        listening("127.0.0.1", port).close()  # a port that is taken is told before the work of minutes
    from peakend.cli.demo import demo_folder, run_demo  # noqa: PLC0415  the report loads statistics, slowly

    began = time.perf_counter()
    found = load_pack(find_pack(pack))
    folder = out or demo_folder(found, events or ())
    with progress(notices, language) as step:
        made = run_demo(
            found, folder, step, events=events or (), customers=customers, workers=workers, language=language
        )
    printing.print_history(console, made.history, language)
    printing.print_backtest(console, made.pack, made.result, language)
    untyped = made.result.quarantined - made.history.quarantined
    printing.print_untyped(console, untyped, made.quarantine, language)
    seconds = round(time.perf_counter() - began)
    console.print("\n" + say("report", language, file=str(made.report), n=seconds), highlight=False)
    if application and not events:
        from peakend.cli.trying import try_out  # noqa: PLC0415  the report is shown before the server loads

        try_out(folder, found, language, fresh=fresh, port=port)
    elif not (os.environ.get("CI") or os.environ.get("PEAKEND_NO_BROWSER")):
        webbrowser.open(made.report.resolve().as_uri())


@app.command()
def init(
    folder: Path,
    pack: Annotated[str, typer.Option("--pack", help="The pack to start from")] = "cloud",
    language: Language = "en",
) -> None:
    """Make a workspace with a copy of a pack, ready to be changed."""
    made = start(folder, pack)
    console.print(say("workspace", language, folder=str(made)), highlight=False, soft_wrap=True)
    call = as_typed(f"peakend check {shlex.quote(str(folder))}")
    console.print(say("next", language, command=call), highlight=False, soft_wrap=True)


@app.command()
def schema(folder: Annotated[Path, typer.Argument(help="Where the JSON Schemas go")]) -> None:
    """Write the JSON Schema of every pack file, so that editors complete them."""
    for path in write_schemas(folder):
        console.print(str(path), highlight=False)


@app.command()
def check(
    pack: PackName,
    as_json: Json = False,
    notes: Annotated[bool, typer.Option("--notes", help="Also how things will be understood")] = False,
    language: Language = "en",
) -> None:
    """Read a pack, find what is wrong, and play its stories live and as a backtest."""
    with progress(notices, language) as step:
        checked = check_pack(_folder(pack), step("stories"))
    if as_json:
        _print_json(printing.check_json(checked))
    else:
        printing.print_check(console, checked, language, notes=notes)
    if not checked.sound:
        raise typer.Exit(1)


@app.command("backtest")
def backtest_command(
    pack: PackName,
    events: Events,
    as_json: Json = False,
    listing: Annotated[
        Path | None, typer.Option("--list", help="Write every verdict as JSONL; with --diff every change")
    ] = None,
    diff: Annotated[
        str | None, typer.Option("--diff", help="What changes against this pack, person by person")
    ] = None,
    quarantine: Quarantine = None,
    workers: Workers = 2,
    language: Language = "en",
) -> None:
    """What every play of a pack would have done in a history, all gates included."""
    found = load_pack(find_pack(pack))
    other = load_pack(find_pack(diff)) if diff else None
    aside = quarantine or aside_of(found)
    # With --json the result alone stands on standard output.
    beside = notices if as_json else console
    with progress(notices, language) as step, history_of(found, events, aside, step) as history:
        if other and diff:
            changes = difference(
                other, found, history.log, workers=workers, listing=listing, progress=step("diff")
            )
            compared = Compared(other, found, diff, pack, events, changes)
        else:
            result = backtest(
                found,
                history.log,
                workers=workers,
                listing=listing,
                quarantine=aside,
                quarantined=history.quarantined,
                progress=step("backtest"),
            )
    printing.print_history(beside, history, language)
    if other:
        if as_json:
            _print_json(msgspec.to_builtins(changes))
        else:
            print_difference(console, compared, language)
        return
    nothing = nothing_in_common(found, result)
    if nothing:
        raise nothing
    if as_json:
        _print_json(printing.backtest_json(result))
    else:
        printing.print_backtest(console, found, result, language)
    printing.print_untyped(beside, result.quarantined - history.quarantined, aside, language)


@app.command()
def find(
    pack: PackName,
    events: Events,
    outcome: Annotated[
        str | None, typer.Option("--outcome", help="What to explain; else the pack's NPS, or its first value")
    ] = None,
    segment: Annotated[
        str | None,
        typer.Option("--segment", help="An attribute of customers: figures for each of its values"),
    ] = None,
    touchpoint: Annotated[
        list[str] | None, typer.Option("--touchpoint", help="Explain by these only; repeatable")
    ] = None,
    window: Annotated[
        str | None, typer.Option("--window", help="How far back an answer looks; else P90D")
    ] = None,
    survey: Annotated[
        str | None, typer.Option("--survey", help="Explain by one survey of the pack instead of encounters")
    ] = None,
    wave: Annotated[
        str | None, typer.Option("--wave", help="With a survey: the wave to explain; else the last")
    ] = None,
    item: Annotated[
        list[str] | None, typer.Option("--item", help="With a survey: compare these only; repeatable")
    ] = None,
    as_json: Json = False,
    html: Annotated[Path | None, typer.Option("--html", help="Write the pictures to this page")] = None,
    quarantine: Quarantine = None,
    workers: Workers = 2,
    language: Language = "en",
) -> None:
    """Which touchpoints move an outcome, by how much, and how sure that is."""
    from peakend.cli import finding  # noqa: PLC0415  it loads scipy and ibis, which no other command waits for

    found = load_pack(find_pack(pack))
    aside = quarantine or aside_of(found)
    ask = finding.Ask(outcome, segment, touchpoint or (), window, survey, wave, item or ())
    finding.by_survey(found, ask)
    with progress(notices, language) as step, history_of(found, events, aside, step) as history:
        findings = finding.answer(found, history.log, ask, aside, workers, step("find"))
    findings.language = "zh" if language == "zh" else "en"
    beside = notices if as_json else console
    printing.print_history(beside, history, language)
    printing.print_untyped(beside, findings.refused, aside, language)
    if html:
        html.write_text(findings.to_html(), encoding="utf-8")
    if as_json:
        _print_json(finding.figures(findings))
        return
    findings.show(console)
    if html:
        console.print(say("pictures", language, file=str(html)), highlight=False, soft_wrap=True)


@app.command()
def bench(
    only: Annotated[list[str] | None, typer.Argument(help=f"{', '.join(BENCHMARKS)}; all by default")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Small sizes, two minutes")] = False,
    database: Annotated[
        str | None, typer.Option("--database", help="A PostgreSQL for `server`; else one of its own")
    ] = None,
    as_json: Json = False,
    workers: Workers = 2,
) -> None:
    """How fast and in how much memory, beside DuckDB's own scan and sort in the same run."""
    with progress(notices) as step:
        found = measure(
            "quick" if quick else "full",
            only or (),
            workers=workers,
            database=database,
            progress=step("bench"),
        )
    if as_json:
        _print_json(found)
    else:
        printing.print_measured(console, found)


for one in (
    *(taking.ingest, taking.simulate, asking.why, running.run, serving.serve),
    *(publishing.publish, publishing.approve, publishing.keygen),
    *(switching.pause, switching.resume, switching.stop, switching.status),
    *(keeping.backup, keeping.restore),
    *(export, erase),
):
    app.command()(one)
app.add_typer(mending.app, name="quarantine")
app.add_typer(messages.app, name="messages")
app.add_typer(messages.cards, name="cards")
app.add_typer(people.app, name="people")


def main() -> None:
    """Run the command; mendable errors are printed, not thrown."""
    try:
        app(prog_name=command())
    except PeakendError as error:
        text = as_typed(error.text(SPOKEN[0]))
        notices.print(text, style="red", highlight=False, soft_wrap=True, markup=False)
        sys.exit(1)


def _folder(pack: str) -> Path:
    return Path(pack) if Path(pack).is_dir() else find_pack(pack)


def _print_json(value: object) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")
