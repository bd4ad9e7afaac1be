"""`why`: the story of one customer, as it would have been in a log, or as it was in a running service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from peakend.cli import printing
from peakend.cli.files import aside_of, history_of
from peakend.cli.options import Language, Quarantine, console, notices, opened
from peakend.cli.progress import progress
from peakend.design.pack import find_pack, load_pack
from peakend.errors import PeakendError
from peakend.instance.working import pack_to_run
from peakend.why import find_play, tell, tell_live


def why(
    customer: str,
    pack: Annotated[
        str, typer.Option("--pack", help="A pack: its folder or name; else the published one")
    ] = "",
    events: Annotated[
        list[Path] | None, typer.Option("--events", help="What would have been, in a log or exports")
    ] = None,
    database: Annotated[
        str | None, typer.Option("--database", help="What was, in the ledger of a running service")
    ] = None,
    play: Annotated[
        str | None, typer.Option("--play", help="Only this play, by name or title, and its events")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also each event that began nothing")] = False,
    quarantine: Quarantine = None,
    language: Language = "en",
) -> None:
    """The story of one customer: what was decided, by which rule, and what nearly happened."""
    if (events is None) == (database is None) or (events is not None and not pack):
        raise PeakendError(
            "Say what is asked: a pack with a log, or a running service",
            fix="Write --pack cloud --events log.parquet, or --database peakend.db",
            what_zh="请指明要问的是推演还是实际运行",
            fix_zh="请写 --pack cloud --events log.parquet，或 --database peakend.db",
        )
    if database is not None:
        with opened(database) as store:
            found = pack_to_run(store, pack)
            lines = tell_live(found, store, customer, play, everything=everything)
        printing.print_story(console, found, lines, language, hint=play is None and not everything)
        return
    found = load_pack(find_pack(pack))
    if play is not None:
        play = find_play(found, play)
    with (
        progress(notices, language) as step,
        history_of(found, events or [], quarantine or aside_of(found), step) as history,
    ):
        lines = tell(found, history.log, customer, play, everything=everything)
    printing.print_history(console, history, language)
    printing.print_story(console, found, lines, language, hint=play is None and not everything)
