"""How an answer shows itself: sentences, tables and what may be claimed, in a terminal and in a notebook.

What is said stands in the answers that build on this; here is only how it gets on the screen.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from html import escape
from io import StringIO
from typing import Any, Literal, NamedTuple

import pyarrow as pa
from rich.console import Console
from rich.table import Table
from rich.text import Text

from peakend.errors import EvidenceError, nearest
from peakend.tell.said import THIN, Said

Language = Literal["zh", "en"]


class Picture(NamedTuple):
    """An SVG that a notebook draws."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg


class Grid(NamedTuple):
    """A table as cells: its heads, its rows, and which columns may be broken into lines."""

    heads: tuple[Said, ...]
    rows: list[tuple[str, ...]]
    broken: frozenset[int] = frozenset({0})


class Shown(ABC):
    """An answer that prints itself; `language` may be set to 'zh' or 'en'."""

    language: Language = "en"

    @abstractmethod
    def to_arrow(self) -> pa.Table:
        """The figures as a table."""

    def to_pandas(self) -> Any:
        """The same as a pandas DataFrame; pandas must be installed."""
        return self.to_arrow().to_pandas()

    def show(self, console: Console) -> None:
        """Print the sentences, the tables and what may be claimed, as wide as the console is."""
        for said in self._lines():
            console.print(self._in(said), highlight=False)
        for grid in self._grids():
            table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0), collapse_padding=True)
            for number, head in enumerate(grid.heads):
                side: Any = "right" if number else "left"
                table.add_column(self._in(head), justify=side, no_wrap=number not in grid.broken)
            for row in grid.rows:
                # Text: brackets of an interval are no markup. Each interval stands whole below its figure.
                table.add_row(*(Text(cell.replace(" [", "\n[")) for cell in row))
            console.print()
            console.print(table, highlight=False)
        console.print()
        for line in self._foot():
            console.print(line, highlight=False)

    def __str__(self) -> str:
        file = StringIO()
        self.show(Console(file=file, width=118))
        return file.getvalue()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{escape(self._in(one))}</p>" for one in self._lines())
        tables = "".join(self._html(grid) for grid in self._grids())
        foot = "".join(f"<p><small>{escape(line)}</small></p>" for line in self._foot())
        return said + tables + foot

    def _html(self, grid: Grid) -> str:
        head = "".join(f"<th>{escape(self._in(one))}</th>" for one in grid.heads)
        body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in grid.rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    @abstractmethod
    def _lines(self) -> Iterable[Said]: ...

    @abstractmethod
    def _grids(self) -> Iterable[Grid]: ...

    @abstractmethod
    def _foot(self) -> Iterable[str]: ...

    def _in(self, said: Said) -> str:
        # A thin space is where a terminal would break the number.
        return said.spoken(self.language).replace(THIN, ",")


def refuse_stranger(what: Said, name: str, known: Iterable[str]) -> EvidenceError:
    """A name that the answer does not have, with the nearest that it has; `what` completes the sentence."""
    names = list(known)
    return EvidenceError(
        f"'{name}' is no {what.en}",
        fix=nearest(name, names) or f"There are {', '.join(names) or 'none'}",
        what_zh=f"“{name}”不是{what.zh}",
        fix_zh=f"已有：{'、'.join(names) or '无'}",
    )
