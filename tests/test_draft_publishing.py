"""From a draft to a version that holds: what is asked again, who must agree, and every way around it."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from store_contract import NINE, arrival, as_event, own
from store_contract import keep as record

from peakend.check import check_files
from peakend.design.editing import Change, changed_text
from peakend.errors import PeakendError
from peakend.model.account import AuditQuery
from peakend.model.draft import Agreement, Draft
from peakend.publish import NotApproved, Preview, keep, preview, published, sound
from peakend.publish.agreeing import answer, ask
from peakend.publish.drafts import begin, save
from peakend.publish.pausing import entry_pauses, pause, resume, stop
from peakend.publish.publishing import publish_draft
from peakend.publish.segments import forget, segments
from peakend.store import MemoryStore, Store
from peakend.when import DAY, parse_instant

MINIMAL = Path(__file__).parent / "packs" / "minimal"
PLAY = "plays/renewal.yaml"
NOW = parse_instant("2026-03-02T00:00:00Z")


@pytest.fixture
def store() -> Store:
    """A store in which the minimal pack is published."""
    found = MemoryStore()
    begin(found, "d-0", source=str(MINIMAL), who="li", now=NOW)
    files = found.draft_files("d-0")
    keep(found, sound(check_files(files, "minimal"), ""), files, who="li", backtest="", approved="", now=NOW)
    return found


def edited(store: Store, id_: str = "d-1", **values: object) -> Draft:
    """A draft with some keys of its play changed."""
    begin(store, id_, source="", who="li", now=NOW)
    text = store.draft_files(id_)[PLAY].decode()
    for key, value in values.items():
        text = changed_text(PLAY, text, Change([key.rstrip("_")], value))
    found = save(store, id_, 0, {PLAY: text.encode()}, who="li", now=NOW, copy="")
    assert isinstance(found, Draft)
    return found


def seen(store: Store, draft: Draft) -> Preview:
    pack = sound(check_files(store.draft_files(draft.id), draft.pack), "")
    return preview(store, pack, published(store), log=[])


def asked(store: Store, draft: Draft, whom: str = "") -> Agreement:
    return ask(store, draft, seen(store, draft), id_="a-1", who="li", whom=whom, word="", now=NOW)


def let_hold(store: Store, draft: Draft, who: str = "li", agreement: str = "", now: int = NOW) -> str:
    done = publish_draft(store, draft.id, draft.revision, who=who, agreement=agreement, log=[], now=now)
    return done.hash


def test_what_needs_nobody_s_word_is_published_and_on_record(store: Store) -> None:
    draft, before = edited(store, priority=3), store.published_hash()
    hash_ = let_hold(store, draft)
    assert store.published_hash() == hash_ != before
    assert store.publications(hash_)[0].files[PLAY].endswith(b"priority: 3\n")
    found = store.draft(draft.id)
    assert found and found.state == "published"
    (entry,) = store.recorded_changes(AuditQuery(what="pack.published"))
    assert (entry.who, entry.before, entry.after) == ("li", before[:12], hash_[:12])


def test_what_must_arrive_needs_a_second_account(store: Store) -> None:
    draft = edited(store, class_="mandatory")
    with pytest.raises(NotApproved, match="second account"):
        let_hold(store, draft)
    one = asked(store, draft)
    with pytest.raises(NotApproved, match="Nobody has approved"):
        let_hold(store, draft, agreement=one.id)
    answer(store, one.id, "approved", who="wang", word="好", now=NOW)
    hash_ = let_hold(store, draft, agreement=one.id)
    kept = store.publications(hash_)[0]
    assert '"answered":"wang"' in kept.approved and kept.backtest == one.backtest


def test_nobody_agrees_with_oneself(store: Store) -> None:
    draft = edited(store, class_="mandatory")
    with pytest.raises(NotApproved, match="Nobody approves"):
        asked(store, draft, whom="li")
    one = asked(store, draft)
    with pytest.raises(NotApproved, match="Nobody approves"):
        answer(store, one.id, "approved", who="li", word="", now=NOW)
    answer(store, one.id, "approved", who="wang", word="", now=NOW)
    with pytest.raises(NotApproved, match="Nobody approves") as caught:
        let_hold(store, draft, who="wang", agreement=one.id)
    assert caught.value.what_zh
    assert store.published_hash() == draft.based_on


def test_who_has_changed_the_draft_does_not_agree_with_it(store: Store) -> None:
    draft = edited(store, class_="mandatory")
    changed = save(store, draft.id, 1, {"texts/zh/thanks.md": b"a"}, who="wang", now=NOW, copy="")
    assert isinstance(changed, Draft)
    back = save(
        store,
        draft.id,
        2,
        {"texts/zh/thanks.md": store.draft_files("d-0")["texts/zh/thanks.md"]},
        who="li",
        now=NOW,
        copy="",
    )
    assert isinstance(back, Draft)
    one = asked(store, back)
    with pytest.raises(NotApproved, match="Nobody approves"):
        answer(store, one.id, "approved", who="wang", word="", now=NOW)
    answer(store, one.id, "approved", who="zhao", word="", now=NOW)
    let_hold(store, back, agreement=one.id)


def test_an_answer_is_given_once_by_whom_was_asked_and_a_refusal_says_why(store: Store) -> None:
    draft = edited(store, class_="mandatory")
    one = asked(store, draft, whom="wang")
    with pytest.raises(NotApproved, match="wang was asked"):
        answer(store, one.id, "approved", who="zhao", word="", now=NOW)
    with pytest.raises(NotApproved, match="says why"):
        answer(store, one.id, "refused", who="wang", word=" ", now=NOW)
    with pytest.raises(NotApproved, match="take a request back"):
        answer(store, one.id, "withdrawn", who="wang", word="", now=NOW)
    assert answer(store, one.id, "refused", who="wang", word="太急", now=NOW).answer == "太急"
    with pytest.raises(NotApproved, match="answered already"):
        answer(store, one.id, "approved", who="wang", word="", now=NOW)
    with pytest.raises(NotApproved, match="Nobody has approved"):
        let_hold(store, draft, agreement=one.id)


def test_an_agreement_is_for_one_version_and_for_a_week(store: Store) -> None:
    draft = edited(store, class_="mandatory")
    one = asked(store, draft)
    answer(store, one.id, "approved", who="wang", word="", now=NOW)
    with pytest.raises(NotApproved, match="holds from"):
        let_hold(store, draft, agreement=one.id, now=NOW + 8 * DAY)
    changed = save(store, draft.id, 1, {"texts/zh/x.md": None, PLAY: b"x"}, who="li", now=NOW, copy="")
    assert isinstance(changed, Draft)
    other = edited(store, "d-5", class_="mandatory", priority=9)
    with pytest.raises(NotApproved, match="approval is for version"):
        let_hold(store, other, agreement=one.id)


def test_a_draft_that_changed_or_is_unsound_is_not_published(store: Store) -> None:
    draft = edited(store, priority=3)
    later = save(store, draft.id, 1, {PLAY: b"play: renewal\n"}, who="wang", now=NOW, copy="")
    assert isinstance(later, Draft)
    with pytest.raises(PeakendError, match="wang has changed this draft"):
        let_hold(store, draft)
    with pytest.raises(PeakendError, match="error is not published"):
        let_hold(store, later)


def test_nobody_publishes_over_a_version_that_they_have_not_seen(store: Store) -> None:
    first, second = edited(store, "d-1", priority=3), edited(store, "d-2", priority=4)
    let_hold(store, first)
    with pytest.raises(PeakendError, match="Another version was published"):
        let_hold(store, second)
    same = begin(store, "d-3", source="", who="li", now=NOW)
    with pytest.raises(PeakendError, match="published already"):
        let_hold(store, same)


def test_a_step_that_a_lost_server_did_not_come_to_is_made_up_for(store: Store) -> None:
    draft = edited(store, priority=3)
    files = store.draft_files(draft.id)
    keep(store, sound(check_files(files, "m"), ""), files, who="li", backtest="", approved="", now=NOW)
    assert let_hold(store, draft) == store.published_hash()
    found = store.draft(draft.id)
    assert found and found.state == "published" and len(store.publications(store.published_hash())) == 1


def test_plays_are_paused_resumed_and_stopped_in_the_same_words(store: Store) -> None:
    assert pause(store, "entries", "renewal", "", who="li", now=NOW)
    assert not pause(store, "entries", "renewal", "", who="li", now=NOW)
    assert [play for play, _ in entry_pauses(store)] == ["renewal"]
    assert resume(store, "entries", "renewal", "", now=NOW) and entry_pauses(store) == []
    assert pause(store, "sends", "", "", who="li", now=NOW) and store.paused().everything
    assert resume(store, "sends", "", "", now=NOW) and not resume(store, "sends", "", "", now=NOW)
    assert stop(store, "renewal", who="li", now=NOW) and not stop(store, "renewal", who="li", now=NOW)


def rows(files: list[Path]) -> list[str]:
    return [id_ for file in files for id_ in pq.read_table(file).column("id").to_pylist()]


def test_the_log_is_written_once_and_then_only_its_end(tmp_path: Path) -> None:
    store, folder = MemoryStore(shards=64), tmp_path / "log"
    assert segments(store, folder) == []
    for number in range(3):
        customer = f"c-{number}"
        one = as_event(arrival(f"e-{number}", customer), NINE + number, number)
        record(store, own(store, customer), events=[one])
    (first,) = segments(store, folder)
    written = first.stat().st_mtime_ns
    assert segments(store, folder) == [first] and first.stat().st_mtime_ns == written
    record(store, own(store, "c-9"), events=[as_event(arrival("e-9", "c-9"), NINE + 9, 9)])
    both = segments(store, folder)
    assert (
        both[0] == first
        and first.stat().st_mtime_ns == written
        and rows(both) == ["e-0", "e-1", "e-2", "e-9"]
    )
    assert first.stat().st_mode & 0o077 == 0 and folder.stat().st_mode & 0o077 == 0
    store.erase("c-1", NINE, "salt")
    assert rows(segments(store, folder)) == ["e-0", "e-2", "e-9"] and not first.exists()
    forget(folder)
    assert not list(folder.glob("*.parquet")) and len(rows(segments(store, folder))) == 3
