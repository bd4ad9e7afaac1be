"""Draws on budgets within a turn, in one order over all shards: the order in which the turns commit.

The first question of a turn locks the one row of `draw_order` until the turn has ended. It is one row for all
budgets, so that two turns never wait for each other.
"""

from __future__ import annotations

from peakend.model.money import Draw
from peakend.store import schema
from peakend.store.refusals import no_order
from peakend.store.rows import digest
from peakend.store.schema import insert
from peakend.store.sql_turn import OpenTurn

_DRAW = insert(schema.draw, without=("number",))


class SqlDraws(OpenTurn):
    """The part of a turn that draws on budgets."""

    _in_order = False

    def drawn(self, budget: str, period: str) -> int:
        self._lock()
        (row,) = self._db.rows(
            "SELECT coalesce(sum(amount), 0) FROM draw WHERE budget = ? AND period = ?", (budget, period)
        )
        return int(row[0])

    def draw(self, one: Draw) -> None:
        self._lock()
        self._db.write(_DRAW, [(*one, digest(one.message))])

    def give_back(self, message: str) -> None:
        which, named = "FROM draw WHERE digest = ? AND message = ?", (digest(message), message)
        if self._db.rows(f"SELECT 1 {which} LIMIT 1", named):
            self._lock()
            self._db.run(f"DELETE {which}", named)

    def _lock(self) -> None:
        if not self._in_order:
            if not self._db.run("UPDATE draw_order SET turns = turns"):
                raise no_order()
            self._in_order = True
