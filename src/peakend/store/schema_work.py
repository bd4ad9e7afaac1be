"""The tables of work on a pack: jobs, drafts with their revisions, and agreements (docs/store.md)."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, PrimaryKeyConstraint, Table

from peakend.store.schema import tables, texts, wholes

job = Table(
    "job",
    tables,
    *texts("id", "kind", "params", "who", "state"),
    *wholes("created", "done", "total"),
    *texts("note", "result"),
    *wholes("started", "heartbeat", "ended", "attempts"),
    *texts("token"),
    PrimaryKeyConstraint("id", name="job_pkey"),
    Index("job_state", "state", "created", "id"),
)

# `files` holds the draft as it is now, whole: nobody who reads it adds up its revisions.
draft = Table(
    "draft",
    tables,
    *texts("id", "pack", "based_on", "origin", "who"),
    *wholes("created"),
    *texts("state"),
    *wholes("revision", "changed"),
    *texts("changed_by", "copy_of"),
    *wholes("copied"),
    Column("files", LargeBinary, nullable=False),
    PrimaryKeyConstraint("id", name="draft_pkey"),
)

# `changes` holds the files that it changed, as they were after it: revision 0 holds all.
draft_revision = Table(
    "draft_revision",
    tables,
    *texts("draft"),
    *wholes("number"),
    *texts("who"),
    *wholes("at"),
    *texts("files"),
    *wholes("back_to"),
    Column("changes", LargeBinary, nullable=False),
    PrimaryKeyConstraint("draft", "number", name="draft_revision_pkey"),
)

agreement = Table(
    "agreement",
    tables,
    *texts("id", "draft", "pack", "hash", "backtest", "reasons", "asked", "whom", "word"),
    *wholes("at"),
    *texts("state", "answered", "answer"),
    *wholes("answered_at"),
    PrimaryKeyConstraint("id", name="agreement_pkey"),
    Index("agreement_hash", "hash"),
)
