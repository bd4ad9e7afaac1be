"""The tables of other systems that are told what happens; beside `schema.py`."""

from __future__ import annotations

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table

from peakend.store.schema import COUNTED, TEXT, WHOLE, tables


def _texts(*names: str) -> list[Column[str]]:
    return [Column(name, TEXT, nullable=False) for name in names]


def _wholes(*names: str) -> list[Column[int]]:
    return [Column(name, WHOLE, nullable=False) for name in names]


hook = Table(
    "hook",
    tables,
    *_texts("id", "url", "kinds", "secrets", "label", "who"),
    *_wholes("made", "failing", "after", "disabled"),
    *_texts("said"),
    PrimaryKeyConstraint("id", name="hook_pkey"),
)

hook_call = Table(
    "hook_call",
    tables,
    Column("number", COUNTED, autoincrement=True, nullable=False),
    *_texts("hook", "kind"),
    *_wholes("at"),
    *_texts("customer", "data"),
    PrimaryKeyConstraint("number", name="hook_call_pkey"),
    Index("hook_call_hook", "hook", "number"),
    Index("hook_call_customer", "customer"),
)
