"""Plays and the drafts of what they shall be. That a version holds is a person's word: no key publishes,
agrees, or switches a play off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from peakend.client.asking import within
from peakend.client.noun import Noun
from peakend.design.editing import Change
from peakend.design.offers import Offers
from peakend.model.draft import Agreement, Draft, Revision
from peakend.tell.flow import Flow
from peakend.wire.drafts import (
    AgreementList,
    Back,
    Begin,
    Begun,
    Cursor,
    DraftList,
    DraftView,
    Edit,
    FileTexts,
    LintView,
    Overlay,
    RevisionList,
    Save,
)
from peakend.wire.jobs import JobView
from peakend.wire.plays import Plays, Version, VersionList, Written


class PlaysAsked(Noun):
    """Plays that are published."""

    def all(self) -> Plays:
        """The published plays, and since when entries or sends of which are switched off."""
        return self._get(Plays, "plays")

    def one(self, play: str) -> Written:
        """One published play, as a reader follows it and as it was written. Raises ApiError, 404."""
        return self._get(Written, "plays", play)

    def versions(self) -> list[Version]:
        """All publications, the newest first."""
        return self._get(VersionList, "versions").versions


class DraftsAsked(Noun):
    """Changed packs before they are published. Of a draft that is not there every method raises ApiError,
    404.

    A `revision` is the one that was seen: where somebody else has changed the draft meanwhile, ApiError is
    raised, 409.
    """

    def all(self) -> list[Draft]:
        """All drafts, the one that was changed last first."""
        return self._get(DraftList, "drafts").drafts

    def begin(self, source: str = "") -> DraftView:
        """Begin a draft of what is published, or of a pack that comes along, by its name."""
        return self._post(DraftView, "drafts", body=Begin(source))

    def one(self, draft: str) -> DraftView:
        """One draft, and the names of its files."""
        return self._get(DraftView, "drafts", draft)

    def files(self, draft: str, name: str = "", revision: int | None = None) -> dict[str, str]:
        """The files of a draft by name, or the one of a `name`, as they are or as they were at a revision."""
        return self._get(FileTexts, "drafts", draft, "files", name=name, revision=revision).files

    def save(self, draft: str, revision: int, files: Mapping[str, str | None]) -> Draft:
        """Save whole files, None for those that go. Where somebody was faster, `told["forked"]` of the
        ApiError is the copy that keeps what was sent.
        """
        path, body = within("drafts", draft, "files"), Save(revision, dict(files))
        return self._asking.ask("PUT", path, Draft, body=body, repeatable=False)

    def edit(self, draft: str, revision: int, file: str, changes: Sequence[Change]) -> Draft:
        """Change single nodes of a file; every other character of it stays."""
        return self._post(Draft, "drafts", draft, "edit", body=Edit(revision, file, list(changes)))

    def revisions(self, draft: str) -> list[Revision]:
        """Every change of a draft, the first first."""
        return self._get(RevisionList, "drafts", draft, "revisions").revisions

    def back(self, draft: str, revision: int, to: int) -> Draft:
        """Bring back what the draft was at an earlier revision."""
        return self._post(Draft, "drafts", draft, "back", body=Back(revision, to))

    def drop(self, draft: str, revision: int) -> Draft:
        """Let go of a draft; it stays readable."""
        return self._post(Draft, "drafts", draft, "drop", body=Begun(revision))

    def lint(self, draft: str, files: Mapping[str, str | None] | None = None) -> LintView:
        """Every problem of the draft, with `files` as they stand in an editor and are not saved yet."""
        body = Overlay(dict(files or {}))
        return self._post(LintView, "drafts", draft, "lint", body=body, again=True)

    def complete(self, draft: str, file: str, text: str, line: int, column: int) -> Offers:
        """The words that fit where the cursor stands in the `text` of a file: line and column from 0."""
        body = Cursor(file, text, line, column)
        return self._post(Offers, "drafts", draft, "complete", body=body, again=True)

    def flow(self, draft: str, play: str) -> Flow:
        """A play of the draft as a reader follows it."""
        return self._get(Flow, "drafts", draft, "plays", play, "flow")

    def start(
        self, draft: str, kind: Literal["check", "backtest", "preview"], revision: int, play: str = ""
    ) -> JobView:
        """Play its stories, test it over the past, or see whom it would affect: as a job, for `jobs.wait`. A
        `play` is counted in any case.
        """
        return self._post(JobView, "drafts", draft, "jobs", kind, body=Begun(revision, play))


class AgreementsAsked(Noun):
    """A second account's word on a version."""

    def all(self) -> list[Agreement]:
        """All that was asked, the newest first."""
        return self._get(AgreementList, "agreements").agreements
