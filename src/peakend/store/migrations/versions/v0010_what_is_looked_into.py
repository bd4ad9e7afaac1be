"""What pages and the API ask: lists in order of time, counts, what customers are known by, what becomes of
cards; the standards that run right now are known of each customer once one of them moves.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from peakend.store.known_by import told_by
from peakend.store.rows import cause_of, kind_in
from peakend.store.schema import COUNTED, TEXT

revision = "0010"
down_revision = "0009"

_MANY = 5_000


def upgrade() -> None:
    op.create_table(
        "known_by",
        *_texts("customer", "what", "folded", "text"),
        *_wholes("seen_at"),
        sa.PrimaryKeyConstraint("customer", "what", "folded", name="known_by_pkey"),
    )
    op.create_table(
        "clock",
        *_texts("customer", "touchpoint", "lane"),
        *_wholes("begun"),
        *_texts("standard", "key"),
        *_wholes("deadline"),
        sa.PrimaryKeyConstraint("customer", "touchpoint", "lane", "begun", "standard", name="clock_pkey"),
    )
    op.create_table(
        "note_act",
        sa.Column("number", COUNTED, autoincrement=True, nullable=False),
        *_texts("send_key", "customer"),
        *_wholes("at"),
        *_texts("who", "what", "text", "role", "assignee"),
        *_wholes("until"),
        sa.PrimaryKeyConstraint("number", name="note_act_pkey"),
    )
    for name in ("assignee", "result"):
        op.add_column("note", sa.Column(name, TEXT, nullable=False, server_default=""))
    op.add_column("note", sa.Column("snoozed", sa.BigInteger(), nullable=False, server_default="0"))
    for name in ("kind", "cause"):
        op.add_column("quarantine", sa.Column(name, TEXT, nullable=False, server_default=""))
    op.execute("UPDATE note SET state = 'done' WHERE kind = 'card' AND state = 'acknowledged'")
    _tell_of_customers()
    _tell_of_quarantine()
    op.create_index("known_by_text", "known_by", ["what", "folded", "customer"])
    op.create_index("clock_deadline", "clock", ["deadline", "customer"])
    op.create_index("note_act_note", "note_act", ["send_key", "number"])
    op.create_index("note_act_customer", "note_act", ["customer"])
    op.create_index("event_seen", "event", ["seen_at", "seq", "kind"])
    op.create_index("run_play", "run", ["play", "entered_seen_at", "how"])
    op.create_index("verdict_instant", "verdict", ["instant", "outcome", "reason", "play"])
    op.create_index("encounter_point", "encounter", ["touchpoint", "settled", "instant", "state"])
    op.create_index("message_since", "message", ["since", "number"])
    op.create_index("message_play", "message", ["play", "since", "number"])
    op.create_index("quarantine_cause", "quarantine", ["mended", "source", "cause", "number"])
    rare = "state IN ('review', 'failed', 'unknown', 'withdrawn', 'expired')"
    _create_partial("output_breached", "output", ["instant", "what"], "type = 'breached'")
    _create_partial("message_rare", "message", ["state", "since", "number"], rare)
    _create_partial("message_changed", "message", ["changed"], "changed > 0")
    _create_partial("note_to_do", "note", ["until", "number"], "kind = 'card' AND state <> 'done'")


def _tell_of_customers() -> None:
    """Read the log in pieces: nothing else says what a customer was ever called."""
    connection, known = op.get_bind(), sa.table("known_by", *map(sa.column, _KNOWN_BY))
    told = sa.text(
        """SELECT customer, kind, data, seen_at FROM event WHERE kind IN ('customer.updated', 'contact.set')
           ORDER BY seen_at, seq"""
    )
    found = {}
    for customer, kind, data, seen in connection.execute(told, execution_options={"yield_per": _MANY}):
        found.update({row[:3]: row for row in told_by(customer, kind, data, seen)})
    rows = [dict(zip(_KNOWN_BY, row, strict=True)) for row in found.values()]
    for begin in range(0, len(rows), _MANY):
        connection.execute(known.insert(), rows[begin : begin + _MANY])


def _tell_of_quarantine() -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT number, reason_en, body FROM quarantine")).fetchall()
    new = sa.text("UPDATE quarantine SET kind = :kind, cause = :cause WHERE number = :number")
    for number, reason, body in rows:
        connection.execute(new, {"kind": kind_in(body), "cause": cause_of(reason), "number": number})


_KNOWN_BY = ("customer", "what", "folded", "text", "seen_at")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def _wholes(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _create_partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
