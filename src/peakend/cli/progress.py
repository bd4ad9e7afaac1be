"""How a long step shows that it is alive: a bar where somebody looks, one line where nobody does.

All of it goes to standard error; the result alone stands on standard output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from peakend.cli.words import say

Tell = Callable[[int, int], None]
Step = Callable[[str], Tell]
"""Announces a long step by its name in SAYS and returns how its progress is told."""

_AT_ONCE = frozenset({"simulate", "backtest", "diff", "bench", "backup", "restore", "live_through"})


@contextmanager
def progress(notices: Console, language: str = "en") -> Iterator[Step]:
    """A line for each long step while the block runs."""
    if not notices.is_terminal:
        yield lambda name: _line(notices, name, language)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=notices, transient=True) as bars:

        def step(name: str) -> Tell:
            task: list[TaskID] = []

            def tell(done: int, total: int) -> None:
                if not task:
                    task.append(bars.add_task(say(name, language), total=total))
                bars.update(task[0], completed=done, total=total)

            return tell

        yield step


def _line(notices: Console, name: str, language: str) -> Tell:
    said: list[str] = []

    def tell(done: int, total: int) -> None:
        if not said:
            said.append(name)
            notices.print(f"{say(name, language)} …", highlight=False)

    if name in _AT_ONCE:
        tell(0, 1)
    return tell
