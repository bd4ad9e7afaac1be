"""`ingest` and `simulate`: where events come from, and into which log or running service they go."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from peakend.cli import printing
from peakend.cli.files import aside_of, history_of, refuse_other_than_parquet
from peakend.cli.options import Events, Language, PackName, Quarantine, console, notices, opened
from peakend.cli.progress import progress
from peakend.cli.running import send_in
from peakend.cli.words import say
from peakend.design.pack import find_pack, load_pack
from peakend.errors import PeakendError
from peakend.listen.history import open_history
from peakend.model.pack import Pack
from peakend.simulate import simulate as simulate_pack
from peakend.simulate import truth_file


def ingest(
    pack: PackName,
    events: Events,
    out: Annotated[Path | None, typer.Option("--out", help="The log to write (Parquet)")] = None,
    database: Annotated[
        str | None, typer.Option("--database", help="Or the running database to send them into")
    ] = None,
    quarantine: Quarantine = None,
    language: Language = "en",
) -> None:
    """Turn exports into a log, by the pack's source mappings, or send them into a running service."""
    found = load_pack(find_pack(pack))
    if database:
        _send_in(found, events, database, quarantine, language)
        return
    if out is None:
        raise PeakendError(
            "It is not said where the events go",
            fix="Write --out log.parquet, or --database peakend.db",
            what_zh="没有指明客户动态写到哪里",
            fix_zh="请写 --out log.parquet，或 --database peakend.db",
        )
    refuse_other_than_parquet(out)
    with progress(notices, language) as step:
        aside = quarantine or out.with_suffix(".quarantine.jsonl")
        history = open_history(found, events, out, aside, step("read"))
    if history.intake is None:
        raise PeakendError(
            "These files are a log already",
            place=str(events[0]),
            fix="Use them as they are",
            what_zh="这些文件已经是日志",
            fix_zh="请直接使用",
        )
    printing.print_history(console, history, language)


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
    language: Language = "en",
) -> None:
    """Write a simulated log of a pack's world, with its truth beside it."""
    refuse_other_than_parquet(out)
    try:
        first = date.fromisoformat(begin)
    except ValueError:
        raise PeakendError(f"'{begin}' is not a day", fix="Write --start 2025-01-01") from None
    with progress(notices, language) as step:
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
    words = {"file": str(out), "truth": str(truth_file(out))}
    console.print(say("simulated", language, n=truth.events, **words), highlight=False, soft_wrap=True)


def _send_in(pack: Pack, events: list[Path], url: str, quarantine: Path | None, language: str) -> None:
    with progress(notices, language) as step:
        with (
            history_of(pack, events, quarantine or aside_of(pack), step) as history,
            opened(url, made=True) as store,
        ):
            counts = send_in(pack, history.log, store, step("waits"))
        printing.print_history(console, history, language)
    aside = counts["aside"] + counts["other_body"]
    words = {"taken": counts["taken"], "known": counts["known"], "aside": aside}
    console.print(say("took_in", language, **words), highlight=False)
