"""What several commands ask for in the same words: language, store, who it is, and yes.

The language that was asked for is remembered for errors, which are printed where no command is any more.
"""

from __future__ import annotations

import getpass
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from peakend.cli.words import LANGUAGES, as_typed, say
from peakend.errors import PeakendError
from peakend.store import Store, open_store
from peakend.store.whole import file_of, is_of_a_file

SPOKEN = ["en"]

console = Console()
notices = Console(stderr=True)
"""Where results go, and where all that is beside them."""


def _language(value: str) -> str:
    """Refuse a language that nobody has written, and remember the other for errors."""
    if value not in LANGUAGES:
        raise typer.BadParameter(f"there is no '{value}' yet. Write {' or '.join(LANGUAGES)}")
    SPOKEN[:] = [value]
    return value


PackName = Annotated[str, typer.Argument(help="A pack: its folder, or the name of one that comes along")]
Events = Annotated[list[Path], typer.Option("--events", help="Exports, native files or logs; repeatable")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON")]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Processes that fold side by side")]
Quarantine = Annotated[
    Path | None, typer.Option("--quarantine", help="Where unusable rows go; else PACK.quarantine.jsonl, here")
]
Language = Annotated[str, typer.Option("--language", help="zh or en", callback=_language)]
Database = Annotated[
    str, typer.Option("--database", help="A file, sqlite:///peakend.db, or postgresql://host/database")
]
By = Annotated[str | None, typer.Option("--by", help="Who does this; else who is logged in")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking")]


@contextmanager
def opened(url: str, *, made: bool = False) -> Iterator[Store]:
    """The store at a URL. A file that is not there is an error unless it may be `made`."""
    if not made and is_of_a_file(url) and not file_of(url).is_file():
        raise PeakendError(
            "There is no store",
            place=str(file_of(url)),
            fix="Name the file that `peakend publish` or a worker has made, or postgresql://host/database",
            what_zh="没有这个库",
            fix_zh="请指定 peakend publish 或工作进程建立的文件，或 postgresql://host/database",
        )
    with closing(open_store(url)) as store:
        yield store


def content_of(path: Path) -> bytes:
    """What a file holds. Raises PeakendError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise PeakendError(
            f"The file cannot be read: {error.strerror}",
            place=str(path),
            fix="Name a file that is there and may be read",
            what_zh=f"文件无法读取：{error.strerror}",
            fix_zh="请指定存在且可读的文件",
        ) from None


def now() -> int:
    """The clock, in microseconds UTC."""
    return time.time_ns() // 1000


def who(by: str | None) -> str:
    """Who does this."""
    return by or getpass.getuser()


def agreed(question: str, language: str, *, yes: bool, console: Console) -> None:
    """End the command unless somebody says yes; where nobody can be asked, `--yes` must have been said."""
    if yes:
        return
    if console.is_terminal and typer.confirm(say(question, language)):
        return
    show(console, say("not_done", language))
    raise typer.Exit(1)


def show(console: Console, text: str, style: str = "") -> None:
    """One line, with every call of peakend as the reader types it."""
    console.print(as_typed(text), style=style, highlight=False, soft_wrap=True, markup=False)
