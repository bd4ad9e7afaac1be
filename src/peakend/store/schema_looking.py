"""The tables that are there to be looked into: what customers are known by, clocks that run, what was done
with cards (docs/store.md). All of them follow from what else the store holds, or are its history.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table

from peakend.store.schema import COUNTED, tables, texts, wholes
from peakend.store.schema_hooks import hook_call

# `folded` is the text without regard to case, as it is searched.
known_by = Table(
    "known_by",
    tables,
    *texts("customer", "what", "folded", "text"),
    *wholes("seen_at"),
    PrimaryKeyConstraint("customer", "what", "folded", name="known_by_pkey"),
    Index("known_by_text", "what", "folded", "customer"),
)

# `lane` stands for `key` in the primary key: a key may be longer than an index of PostgreSQL allows.
clock = Table(
    "clock",
    tables,
    *texts("customer", "touchpoint", "lane"),
    *wholes("begun"),
    *texts("standard", "key"),
    *wholes("deadline"),
    PrimaryKeyConstraint("customer", "touchpoint", "lane", "begun", "standard", name="clock_pkey"),
    Index("clock_deadline", "deadline", "customer"),
)

note_act = Table(
    "note_act",
    tables,
    Column("number", COUNTED, autoincrement=True, nullable=False),
    *texts("send_key", "customer"),
    *wholes("at"),
    *texts("who", "what", "text", "role", "assignee"),
    *wholes("until"),
    PrimaryKeyConstraint("number", name="note_act_pkey"),
    Index("note_act_note", "send_key", "number"),
    Index("note_act_customer", "customer"),
)

_ALL = {**tables.tables, hook_call.name: hook_call}
OF_CUSTOMERS = [name for name, table in _ALL.items() if "customer" in table.c and name != "alias"]
"""The tables whose rows belong to one customer each, but for that of names that have gone."""
