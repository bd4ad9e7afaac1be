"""The tables that are there to be looked into: what customers are known by, clocks that run, what was done
with cards (docs/store.md). All of them follow from what else the store holds, or are its history.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table

from peakend.store.schema import COUNTED, TEXT, WHOLE, tables
from peakend.store.schema_hooks import hook_call


def _texts(*names: str) -> list[Column[str]]:
    return [Column(name, TEXT, nullable=False) for name in names]


def _wholes(*names: str) -> list[Column[int]]:
    return [Column(name, WHOLE, nullable=False) for name in names]


# `folded` is the text without regard to case, as it is searched.
known_by = Table(
    "known_by",
    tables,
    *_texts("customer", "what", "folded", "text"),
    *_wholes("seen_at"),
    PrimaryKeyConstraint("customer", "what", "folded", name="known_by_pkey"),
    Index("known_by_text", "what", "folded", "customer"),
)

# `lane` stands for `key` in the primary key: a key may be longer than an index of PostgreSQL allows.
clock = Table(
    "clock",
    tables,
    *_texts("customer", "touchpoint", "lane"),
    *_wholes("begun"),
    *_texts("standard", "key"),
    *_wholes("deadline"),
    PrimaryKeyConstraint("customer", "touchpoint", "lane", "begun", "standard", name="clock_pkey"),
    Index("clock_deadline", "deadline", "customer"),
)

note_act = Table(
    "note_act",
    tables,
    Column("number", COUNTED, autoincrement=True, nullable=False),
    *_texts("send_key", "customer"),
    *_wholes("at"),
    *_texts("who", "what", "text", "role", "assignee"),
    *_wholes("until"),
    PrimaryKeyConstraint("number", name="note_act_pkey"),
    Index("note_act_note", "send_key", "number"),
    Index("note_act_customer", "customer"),
)

_ALL = {**tables.tables, hook_call.name: hook_call}
OF_CUSTOMERS = [name for name, table in _ALL.items() if "customer" in table.c and name != "alias"]
"""The tables whose rows belong to one customer each, but for that of names that have gone."""
