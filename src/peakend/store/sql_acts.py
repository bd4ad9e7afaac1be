"""What people do with notes, in a database: the note, its history and what the log is told in one step."""

from __future__ import annotations

from collections.abc import Sequence

from peakend.model.stored import Arrival, Note, NoteAct
from peakend.store import schema_looking as schema
from peakend.store.acts import acted
from peakend.store.rows import NOTE, as_stored, check_arrivals, note_from
from peakend.store.schema import insert
from peakend.store.session import Session

_ACT = insert(schema.note_act, without=("number",))
_COLUMNS = "send_key, at, who, what, text, role, assignee, until"


class SqlActs:
    """The part of a store in a database that keeps what people do with notes; `_db` is the store's."""

    _db: Session

    def note(self, send_key: str) -> Note | None:
        with self._db.alone():
            return self._note(send_key)

    def act_on_note(self, act: NoteAct, tell: Sequence[Arrival] = ()) -> bool:
        check_arrivals(tell, self._db.shards)
        act = as_stored(act)
        with self._db.transaction():
            # The row is locked before it is read: of two who finish a card at once, the second is told so.
            self._db.run("UPDATE note SET state = state WHERE send_key = ?", (act.send_key,))
            note = self._note(act.send_key)
            after = acted(note, act) if note is not None else None
            if note is None or after is None:
                return False
            self._db.run(
                """UPDATE note SET state = ?, changed = ?, changed_by = ?, who = ?, assignee = ?, snoozed = ?,
                     result = ? WHERE send_key = ?""",
                (
                    *(after.state, after.changed, after.changed_by, after.who, after.assignee),
                    *(after.snoozed, after.result, act.send_key),
                ),
            )
            written = act.at, act.who, act.what, act.text, act.role, act.assignee, act.until
            self._db.write(_ACT, [(act.send_key, note.customer, *written)])
            if tell:
                self._db.append(tell)
            return True

    def note_acts(self, send_key: str) -> list[NoteAct]:
        with self._db.alone():
            rows = self._db.rows(
                f"SELECT {_COLUMNS} FROM note_act WHERE send_key = ? ORDER BY number", (send_key,)
            )
        names = _COLUMNS.split(", ")
        return [NoteAct(**dict(zip(names, row, strict=True))) for row in rows]

    def _note(self, send_key: str) -> Note | None:
        rows = self._db.rows(f"SELECT {NOTE} FROM note WHERE send_key = ?", (send_key,))
        return note_from(rows[0]) if rows else None
