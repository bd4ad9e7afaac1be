"""Drafts: from where they begin, what two people at once do to each other, and the way back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peakend.design.pack import BUNDLED, READ
from peakend.design.pack_files import files_of, hash_of
from peakend.errors import PeakendError
from peakend.model.draft import Draft
from peakend.model.publication import Publication
from peakend.publish.drafts import Forked, begin, bring_back, existing, linted, save
from peakend.publish.side_by_side import compared
from peakend.store import MemoryStore, Overtaken, Store

MINIMAL = Path(__file__).parent / "packs" / "minimal"
PLAY = "plays/renewal.yaml"


@pytest.fixture
def store() -> Store:
    return MemoryStore()


@pytest.fixture
def draft(store: Store) -> Draft:
    return begin(store, "d-1", source=str(MINIMAL), who="li", now=1)


def saved(store: Store, draft: Draft, revision: int, text: bytes, who: str = "li", now: int = 5) -> Draft:
    found = save(store, draft.id, revision, {PLAY: text}, who=who, now=now, copy="d-2")
    assert isinstance(found, Draft)
    return found


def test_without_a_publication_a_draft_begins_from_a_folder_or_a_pack_that_comes_along(store: Store) -> None:
    of_folder = begin(store, "d-1", source=str(MINIMAL), who="li", now=1)
    assert (of_folder.pack, of_folder.based_on) == ("minimal", "")
    assert store.draft_files("d-1") == files_of(MINIMAL, READ)
    assert begin(store, "d-2", source="cloud", who="li", now=1).pack == "cloud"
    assert store.draft_files("d-2") == files_of(BUNDLED / "cloud", READ)
    with pytest.raises(PeakendError, match="Nothing is published") as caught:
        begin(store, "d-3", source="", who="li", now=1)
    assert caught.value.what_zh


def test_a_draft_begins_from_what_is_published(store: Store) -> None:
    files = files_of(MINIMAL, READ)
    store.publish(
        Publication(
            hash=hash_of(files), pack="minimal", who="li", seen=0, backtest="", approved="", files=files
        ),
        1,
    )
    found = begin(store, "d-1", source="", who="wang", now=2)
    assert (found.based_on, found.origin, store.draft_files("d-1")) == (hash_of(files), "published", files)


def test_two_tabs_lose_nothing_and_the_second_is_told(store: Store, draft: Draft) -> None:
    base = store.draft_files("d-1")[PLAY]
    theirs = base.replace(b"play: renewal", b"# first\nplay: renewal")
    yours = base + b"# second\n"
    saved(store, draft, 0, theirs)
    found = save(store, "d-1", 0, {PLAY: yours, "texts/zh/new.md": b"x"}, who="wang", now=6, copy="d-2")
    assert isinstance(found, Forked)
    assert store.draft_files("d-1")[PLAY] == theirs and "texts/zh/new.md" not in store.draft_files("d-1")
    assert (found.copy.id, found.copy.copy_of, found.copy.copied, found.copy.who) == ("d-2", "d-1", 0, "wang")
    assert store.draft_files("d-2")[PLAY] == yours and store.draft_files("d-2")["texts/zh/new.md"] == b"x"
    (one,) = found.files
    assert one.file == PLAY and one.merged == "# first\n" + yours.decode()
    assert [piece.who for piece in one.pieces if piece.who != "same"] == ["theirs", "yours"]


def test_a_tab_that_saves_again_saves_into_its_own_copy(store: Store, draft: Draft) -> None:
    saved(store, draft, 0, b"play: a\n")
    for number in (1, 2):
        found = save(
            store, "d-1", 0, {PLAY: b"# %d\n" % number}, who="wang", now=6 + number, copy=f"d-{1 + number}"
        )
        assert isinstance(found, Forked) and found.copy.id == "d-2"
    assert store.draft_files("d-2")[PLAY] == b"# 2\n" and len(store.revisions("d-2")) == 2
    assert {one.id for one in store.drafts()} == {"d-1", "d-2"}


def test_what_both_changed_is_shown_and_not_chosen(store: Store, draft: Draft) -> None:
    saved(store, draft, 0, b"play: theirs\n")
    found = save(store, "d-1", 0, {PLAY: b"play: yours\n"}, who="wang", now=6, copy="d-2")
    assert isinstance(found, Forked) and found.files[0].merged is None
    (conflict,) = [piece for piece in found.files[0].pieces if piece.who == "conflict"]
    assert (conflict.theirs, conflict.yours) == (["play: theirs\n"], ["play: yours\n"])


def test_the_way_back_is_a_step_like_any_other(store: Store, draft: Draft) -> None:
    base = store.draft_files("d-1")
    saved(store, draft, 0, b"play: a\n")
    back = bring_back(store, "d-1", 1, 0, who="li", now=7)
    assert back.revision == 2 and store.draft_files("d-1") == base
    assert bring_back(store, "d-1", 2, 1, who="li", now=8).revision == 3
    assert store.draft_files("d-1")[PLAY] == b"play: a\n"
    with pytest.raises(Overtaken, match="li has changed this draft"):
        bring_back(store, "d-1", 1, 0, who="wang", now=9)


@pytest.mark.parametrize(
    "name", ["../x.yaml", "/etc/passwd", "plays/../../x", "simulation.yaml", ".git/x", "plays/\x00.yaml", ""]
)
def test_a_file_that_no_pack_has_is_refused(store: Store, draft: Draft, name: str) -> None:
    with pytest.raises(PeakendError, match="A pack has no file"):
        save(store, "d-1", 0, {name: b"x"}, who="li", now=5, copy="d-2")
    assert existing(store, "d-1").revision == 0


def test_a_huge_file_and_a_revision_that_is_not_there_are_refused(store: Store, draft: Draft) -> None:
    with pytest.raises(PeakendError, match="larger than 1 MB"):
        save(store, "d-1", 0, {PLAY: b"x" * (1 << 21)}, who="li", now=5, copy="d-2")
    for revision in (-1, 1, 99):
        with pytest.raises(PeakendError, match="no revision"):
            save(store, "d-1", revision, {PLAY: b"x"}, who="li", now=5, copy="d-2")
    with pytest.raises(PeakendError, match="no such draft"):
        save(store, "d-9", 0, {PLAY: b"x"}, who="li", now=5, copy="d-2")


def test_a_draft_that_is_over_is_refused(store: Store, draft: Draft) -> None:
    store.close_draft("d-1", 0, "dropped", "li", 3)
    with pytest.raises(PeakendError, match="is dropped"):
        save(store, "d-1", 0, {PLAY: b"x"}, who="li", now=5, copy="d-2")


def test_a_draft_is_linted_where_it_lies(store: Store, draft: Draft) -> None:
    assert linted(store.draft_files("d-1"), "minimal").sound
    saved(store, draft, 0, b"play: renewal\non: [nothing.known]\n")
    found = linted(store.draft_files("d-1"), "minimal")
    assert not found.sound and f"minimal/{PLAY}" in {one.place.file for one in found.problems}
    assert all(one.what_zh and one.place.line for one in found.problems)


lines = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n"]), max_size=6).map("".join)


@given(lines, lines, lines)
def test_three_columns_hold_the_three_texts(base: str, theirs: str, yours: str) -> None:
    found = compared("f", base.encode(), theirs.encode(), yours.encode())
    for name, text in (("base", base), ("theirs", theirs), ("yours", yours)):
        assert "".join(line for piece in found.pieces for line in getattr(piece, name)) == text
    if theirs in (base, yours):
        assert found.merged == yours
    if yours == base:
        assert found.merged == theirs
