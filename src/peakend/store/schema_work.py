"""The tables of work on a pack: jobs, drafts with their revisions, and agreements (docs/store.md)."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, PrimaryKeyConstraint, Table

from peakend.store.schema import TEXT, WHOLE, tables


def _texts(*names: str) -> list[Column[str]]:
    return [Column(name, TEXT, nullable=False) for name in names]


def _wholes(*names: str) -> list[Column[int]]:
    return [Column(name, WHOLE, nullable=False) for name in names]


job = Table(
    "job",
    tables,
    *_texts("id", "kind", "params", "who", "state"),
    *_wholes("created", "done", "total"),
    *_texts("note", "result"),
    *_wholes("started", "heartbeat", "ended", "attempts"),
    *_texts("token"),
    PrimaryKeyConstraint("id", name="job_pkey"),
    Index("job_state", "state", "created", "id"),
)

# `files` holds the draft as it is now, whole: nobody who reads it adds up its revisions.
draft = Table(
    "draft",
    tables,
    *_texts("id", "pack", "based_on", "origin", "who"),
    *_wholes("created"),
    *_texts("state"),
    *_wholes("revision", "changed"),
    *_texts("changed_by", "copy_of"),
    *_wholes("copied"),
    Column("files", LargeBinary, nullable=False),
    PrimaryKeyConstraint("id", name="draft_pkey"),
)

# `changes` holds the files that it changed, as they were after it: revision 0 holds all.
draft_revision = Table(
    "draft_revision",
    tables,
    *_texts("draft"),
    *_wholes("number"),
    *_texts("who"),
    *_wholes("at"),
    *_texts("files"),
    *_wholes("back_to"),
    Column("changes", LargeBinary, nullable=False),
    PrimaryKeyConstraint("draft", "number", name="draft_revision_pkey"),
)

agreement = Table(
    "agreement",
    tables,
    *_texts("id", "draft", "pack", "hash", "backtest", "reasons", "asked", "whom", "word"),
    *_wholes("at"),
    *_texts("state", "answered", "answer"),
    *_wholes("answered_at"),
    PrimaryKeyConstraint("id", name="agreement_pkey"),
    Index("agreement_hash", "hash"),
)
