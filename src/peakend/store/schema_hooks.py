"""The tables of other systems that are told what happens; beside `schema.py`."""

from __future__ import annotations

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table

from peakend.store.schema import COUNTED, tables, texts, wholes

hook = Table(
    "hook",
    tables,
    *texts("id", "url", "kinds", "secrets", "label", "who"),
    *wholes("made", "failing", "after", "disabled"),
    *texts("said"),
    PrimaryKeyConstraint("id", name="hook_pkey"),
)

hook_call = Table(
    "hook_call",
    tables,
    Column("number", COUNTED, autoincrement=True, nullable=False),
    *texts("hook", "kind"),
    *wholes("at"),
    *texts("customer", "data"),
    PrimaryKeyConstraint("number", name="hook_call_pkey"),
    Index("hook_call_hook", "hook", "number"),
    Index("hook_call_customer", "customer"),
)
