"""Jobs, drafts and agreements as rows of their tables and back, and what all three stores say of them alike.

Nothing here touches a database.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import astuple, replace

from peakend.model.draft import Agreement, Changes, Draft, Revision
from peakend.model.job import Job
from peakend.store.rows import Row, storable

AGREEMENT = ", ".join(Agreement.__struct_fields__)
DRAFT = ", ".join(Draft.__struct_fields__)
JOB = ", ".join(Job.__struct_fields__)
REVISION = ", ".join(Revision.__struct_fields__)

_encode = msgspec.msgpack.Encoder(order="sorted").encode
_decode = msgspec.msgpack.Decoder(dict[str, bytes | None]).decode


def packed_changes(changes: Changes) -> bytes:
    """Files, or None for those that were taken away, as one value."""
    return zlib.compress(_encode(dict(changes)))


def changes_from(content: bytes) -> dict[str, bytes | None]:
    """What `packed_changes` made one value of."""
    return _decode(zlib.decompress(content))


def real_changes(files: Mapping[str, bytes], changes: Changes) -> dict[str, bytes | None]:
    """Those changes that change anything."""
    return {storable(name): new for name, new in sorted(changes.items()) if files.get(storable(name)) != new}


def changed_files(files: Mapping[str, bytes], changes: Changes) -> dict[str, bytes]:
    """Files after changes."""
    after: dict[str, bytes | None] = {**files, **changes}
    return {name: content for name, content in sorted(after.items()) if content is not None}


def after_save(draft: Draft, who: str, now: int) -> Draft:
    """A draft after a change by somebody."""
    return replace(draft, revision=draft.revision + 1, changed=now, changed_by=storable(who))


def revision_of(draft: Draft, changes: Changes, back_to: int = -1) -> Revision:
    """The revision that a draft has come to."""
    return Revision(
        draft=draft.id,
        number=draft.revision,
        who=draft.changed_by,
        at=draft.changed,
        files=tuple(sorted(changes)),
        back_to=back_to,
    )


def revision_row(one: Revision, changes: Changes) -> Row:
    """A row of the revisions."""
    draft, number, who, at, files, back_to = astuple(one)
    return draft, number, who, at, "\n".join(files), back_to, packed_changes(changes)


def revision_from(row: Row) -> Revision:
    """A revision from the columns REVISION."""
    fields: dict[str, Any] = dict(zip(Revision.__struct_fields__, row, strict=True))
    files = fields.pop("files")
    return Revision(files=tuple(files.split("\n")) if files else (), **fields)


def job_from(row: Row) -> Job:
    """A job from the columns JOB."""
    return Job(**dict(zip(Job.__struct_fields__, row, strict=True)))


def draft_from(row: Row) -> Draft:
    """A draft from the columns DRAFT."""
    return Draft(**dict(zip(Draft.__struct_fields__, row, strict=True)))


def agreement_from(row: Row) -> Agreement:
    """An agreement from the columns AGREEMENT."""
    return Agreement(**dict(zip(Agreement.__struct_fields__, row, strict=True)))
