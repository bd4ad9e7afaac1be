"""Drafts of a pack: what is asked of them and what is answered, and who agreed with one."""

from __future__ import annotations

import msgspec

from peakend.design.editing import Change
from peakend.model.draft import Agreement, Draft, Revision


class Begin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a draft begins: '' is what is published, else the name of a pack that comes along."""

    source: str = ""


class Save(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whole files, null for those that go, on top of the revision that was seen."""

    revision: int
    files: dict[str, str | None]


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Small changes of one file, on top of the revision that was seen."""

    revision: int
    file: str
    changes: list[Change]


class Back(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The revision that was seen, and the one that shall be brought back."""

    revision: int
    to: int


class Overlay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Files as they stand in the editor, not saved yet; null for those that go."""

    files: dict[str, str | None] = {}


class Cursor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file as it stands in the editor, and where the cursor is: a line and a column from 0."""

    file: str
    text: str
    line: int
    column: int


class Begun(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A job on a draft: at which revision, which play is counted in any case, which agreement there is."""

    revision: int
    play: str = ""
    agreement: str = ""


class DraftView(msgspec.Struct, frozen=True, kw_only=True):
    """A draft with the names of its files."""

    draft: Draft
    files: list[str]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One problem, in both languages, at its file and line. Where one value in the place of another mends it,
    that is `instead`, and `path` the node of the file that shall hold it."""

    file: str
    line: int
    severity: str
    code: str
    what: str
    fix: str
    what_zh: str
    fix_zh: str
    path: list[str | int] = []
    instead: str = ""


class LintView(msgspec.Struct, frozen=True, kw_only=True):
    """What lint says, and the hash that the draft would be published under."""

    sound: bool
    hash: str
    problems: list[Told]


class DraftList(msgspec.Struct, frozen=True, kw_only=True):
    """Drafts, the one that was changed last first."""

    drafts: list[Draft]


class RevisionList(msgspec.Struct, frozen=True, kw_only=True):
    """Every change of a draft, the first first."""

    revisions: list[Revision]


class FileTexts(msgspec.Struct, frozen=True, kw_only=True):
    """Files of a draft by name."""

    files: dict[str, str]


class AgreementList(msgspec.Struct, frozen=True, kw_only=True):
    """All that was asked, the newest first."""

    agreements: list[Agreement]
