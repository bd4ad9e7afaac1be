"""`backup` and `restore`: the whole store into one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from peakend.cli.options import Database, Language, console, notices, now, show
from peakend.cli.progress import progress
from peakend.cli.words import say
from peakend.errors import PeakendError
from peakend.store.backup import back_up
from peakend.store.restore import restore as put_back
from peakend.store.whole import dialect_of, file_of


def backup(
    database: Database,
    out: Annotated[Path, typer.Option("--out", help="The file to write")],
    language: Language = "en",
) -> None:
    """Write the whole store, as it is at this instant, into one file; workers go on meanwhile."""
    if dialect_of(database) == "sqlite" and not file_of(database).is_file():
        raise PeakendError(
            "There is no store",
            place=str(file_of(database)),
            fix="Name the file of the store",
            what_zh="没有这个库",
            fix_zh="请指定库文件",
        )
    with progress(notices, language) as step:
        made = back_up(database, out, now(), step("backup"))
    words = {"file": str(out), "version": made.version}
    show(console, say("backed_up", language, tables=len(made.tables), rows=made.rows, **words))
    for name, kept in made.tables.items():
        show(console, say("of_table", language, name=name, n=kept.rows), "dim")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `peakend backup` wrote")],
    database: Database,
    force: Annotated[bool, typer.Option("--force", help="Replace a store that is not empty")] = False,
    language: Language = "en",
) -> None:
    """Put a backup back into an empty database; every message that was on its way waits for review."""
    with progress(notices, language) as step:
        done = put_back(file, database, now(), force=force, progress=step("restore"))
    counts = {"tables": len(done.tables), "rows": sum(done.tables.values()), "review": done.review}
    show(console, say("restored", language, **counts))
    for name, number in done.tables.items():
        show(console, say("of_table", language, name=name, n=number), "dim")
