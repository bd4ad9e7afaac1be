"""The arguments that many commands share, each with its help, and the language in which errors are told."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from peakend.cli.words import LANGUAGES

SPOKEN = ["en"]


def _language(value: str) -> str:
    """Refuse a language that nobody has written, and remember the other for errors."""
    if value not in LANGUAGES:
        raise typer.BadParameter(f"there is no '{value}' yet. Write {' or '.join(LANGUAGES)}")
    SPOKEN[:] = [value]
    return value


PackName = Annotated[str, typer.Argument(help="A pack: its folder, or the name of one that comes along")]
Events = Annotated[list[Path], typer.Option("--events", help="Exports, native files or logs; repeatable")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON")]
Language = Annotated[str, typer.Option("--language", help="zh or en", callback=_language)]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Processes that fold side by side")]
Quarantine = Annotated[
    Path | None, typer.Option("--quarantine", help="Where unusable rows go; else PACK.quarantine.jsonl, here")
]
