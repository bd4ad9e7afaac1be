"""Statements about other systems that are told what happens, and about what waits to be told to them."""

from __future__ import annotations

from collections.abc import Sequence

from peakend.model.account import AuditEntry
from peakend.model.hook import Call, Happened, Hook
from peakend.store import schema_hooks
from peakend.store.hooks import CALL, FIELDS, call_from, call_row, calls_for, hook_from, hook_row
from peakend.store.rows import storable
from peakend.store.schema import insert
from peakend.store.session import Session
from peakend.store.sql_accounts import record

_CALL = insert(schema_hooks.hook_call, without=("number",))
_NEW = ", ".join(f"{name} = excluded.{name}" for name in FIELDS.split(", ")[1:])
_HOOK = insert(schema_hooks.hook, tail=f"ON CONFLICT (id) DO UPDATE SET {_NEW}")


class SqlHooks:
    """The part of a store in a database that knows who is told; `_db` is the store's."""

    _db: Session

    def hooks(self) -> list[Hook]:
        with self._db.alone():
            rows = self._db.rows(f"SELECT {FIELDS} FROM hook ORDER BY made, id")
        return [hook_from(row) for row in rows]

    def save_hook(self, hook: Hook, entry: AuditEntry) -> None:
        with self._db.transaction():
            self._db.write(_HOOK, [hook_row(hook)])
            record(self._db, entry)

    def drop_hook(self, id_: str, entry: AuditEntry) -> bool:
        with self._db.transaction():
            gone = self._db.run("DELETE FROM hook WHERE id = ?", (id_,))
            if gone:
                self._db.run("DELETE FROM hook_call WHERE hook = ?", (id_,))
                record(self._db, entry)
            return gone > 0

    def lease_hook(self, id_: str, now: int, until: int) -> bool:
        with self._db.transaction():
            return (
                self._db.run(
                    "UPDATE hook SET after = ? WHERE id = ? AND after <= ? AND disabled = 0",
                    (until, id_, now),
                )
                > 0
            )

    def calls(self, id_: str, limit: int) -> list[Call]:
        with self._db.alone():
            rows = self._db.rows(
                f"SELECT {CALL} FROM hook_call WHERE hook = ? ORDER BY number LIMIT ?", (id_, limit)
            )
        return [call_from(row) for row in rows]

    def waiting_calls(self) -> dict[str, int]:
        with self._db.alone():
            rows = self._db.rows("SELECT hook, count(*) FROM hook_call GROUP BY hook ORDER BY hook")
        return {str(hook): int(number) for hook, number in rows}

    def put_call(self, call: Call) -> None:
        with self._db.transaction():
            self._db.write(_CALL, [call_row(call)])

    def settle_hook(
        self, hook: Hook, lease: int, delivered: Sequence[int], entry: AuditEntry | None = None
    ) -> bool:
        with self._db.transaction():
            ours = self._db.run(
                "UPDATE hook SET failing = ?, after = ?, disabled = ?, said = ? WHERE id = ? AND after = ?",
                (hook.failing, hook.after, hook.disabled, storable(hook.said), hook.id, lease),
            )
            if not ours:
                return False
            for number in delivered:
                self._db.run("DELETE FROM hook_call WHERE number = ?", (number,))
            if entry is not None:
                record(self._db, entry)
            return True


def tell(session: Session, happened: Sequence[Happened]) -> None:
    """Let what happens in this transaction wait for everybody who asked to be told."""
    if not happened:
        return
    rows = session.rows("SELECT id, kinds FROM hook WHERE disabled = 0 ORDER BY made, id")
    if calls := calls_for([(id_, kinds.split()) for id_, kinds in rows], happened):
        session.write(_CALL, [call_row(one) for one in calls])
