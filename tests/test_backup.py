"""A backup is one instant, comes back equal into either database, and sends nothing by itself."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec
import pytest
from store_accounts_contract import account, entry, key, session, token
from store_contract import HOUR, NINE, OUTPUTS, arrival, as_event, aside, everything, own, planned
from store_hooks_contract import hook
from store_message_contract import note
from store_work_contract import job
from test_store_migrations import connector, run
from typer.testing import CliRunner

from peakend.cli import app
from peakend.model.account import AuditQuery, token_hash
from peakend.model.hook import Call
from peakend.model.money import Draw
from peakend.model.publication import Publication, Signer, Switch
from peakend.model.stored import Message, StateRow
from peakend.store import Fenced, Store, StoreError, open_store
from peakend.store.backup import MANIFEST, back_up
from peakend.store.migrate import migrate
from peakend.store.restore import restore
from peakend.store.rows import shard_of
from peakend.store.schema import VERSION, VERSIONS
from peakend.store.whole import dialect_of

KINDS = ["sqlite", "postgresql"]
SHOWN = ("c-1", "c-2", "c-3", "")


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that is backed up."""
    server = request.param == "postgresql"
    return str(request.getfixturevalue("postgres")) if server else str(tmp_path / "first.db")


@pytest.fixture(params=KINDS)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database to restore into."""
    server = request.param == "postgresql"
    yield str(request.getfixturevalue("database")) if server else str(tmp_path / "second.db")


def fill(store: Store) -> None:
    """Something in every table."""
    store.append(
        [arrival("e-1"), arrival("e-2", "c-2", data='{"v":"您好 \\\\ \\"x\\""}'), arrival("e-3", "c-3")]
    )
    for shard in store.claim_shards("w-1", NINE, HOUR, store.shards):
        with store.turn(shard) as turn:
            taken = [one for one in turn.take(9) if one.id != "e-3"]
            events = [as_event(one, NINE + 9, seq) for seq, one in enumerate(taken, turn.shard.next_seq)]
            mine = shard.number == shard_of("c-1", store.shards)
            turn.keep(
                events,
                [StateRow("c-1", 5, "p", b"\x00\xff"), StateRow("c-2", None, "p", b"")] if mine else [],
                OUTPUTS if mine else [],
                [planned(f"k-{n}", at_most_once=bool(n % 2)) for n in range(6)] if mine else [],
                ticked_to=NINE + 3,
            )
            if mine:
                turn.draw(Draw("goodwill", "2026-03", "c-1", "m-1", 1_000_000, NINE))
    store.append([arrival("e-4"), arrival("e-5", "c-2")])
    claimed = store.claim_messages("d-1", NINE, HOUR, 4)
    store.move(claimed[0].planned.send_key, 1, "handed", NINE)
    store.move(claimed[1].planned.send_key, 1, "handed", NINE)
    store.move(claimed[1].planned.send_key, 1, "accepted", NINE, receipt="250 ok")
    store.put_note(note("n-1"))
    store.put_aside([aside(), aside("多")])
    store.mend(store.put_aside_rows()[0].number)
    files = {"pack.yaml": b"pack: p\n", "plays/a.yaml": b"\x00"}
    store.publish(
        Publication(hash="h", pack="p", who="li", seen=0, backtest="b", approved="{}", files=files), NINE + 50
    )
    store.hold_sends(Switch(play="a", channel="", stopped=True, since=NINE + 60, who="li"))
    store.hold_sends(Switch(play="", channel="sms", stopped=False, since=NINE, who="li"))
    store.trust(Signer(name="li", public="ab", since=NINE))


def shown(store: Store) -> list[Any]:
    """All reads of a store, but for messages and what only one kind of database has."""
    waiting, states, _, story, events, aside_, log = everything(store)
    return [
        *(waiting, states, story, events, aside_, sorted(map(repr, log[0]))),
        [store.events_of(name) for name in SHOWN],
        [store.states(SHOWN), [store.story(name, "renewal") for name in SHOWN]],
        store.put_aside_rows(mended=True),
        store.notes(),
        [store.announced(), store.publications(), store.switches(), store.signers(), store.open_runs()],
    ]


def without_fate(one: Message) -> Message:
    return msgspec.structs.replace(one, state="planned", changed=0, lease=0)


def test_everything_comes_back_equal_in_either_database_and_messages_wait_for_review(
    url: str, target: str, tmp_path: Path
) -> None:
    with closing(open_store(url)) as store:
        fill(store)
        before, messages = shown(store), store.messages()
        shard = own(store)
        told: list[tuple[int, int]] = []
        manifest = back_up(url, tmp_path / "b.zip", NINE, lambda done, all_: told.append((done, all_)))
        assert told[-1] == (manifest.rows, manifest.rows)
        store.append([arrival("e-9")])
    done = restore(tmp_path / "b.zip", target, NINE + 99)
    assert done.tables == {name: kept.rows for name, kept in manifest.tables.items()}
    with closing(open_store(target)) as again:
        assert shown(again) == before
        after = again.messages()
        assert [without_fate(one) for one in after] == [without_fate(one) for one in messages]
        moved = [one.state for one in messages]
        assert sorted(moved) == ["accepted", "claimed", "claimed", "handed", "planned", "planned"]
        assert [one.state for one in after] == [
            "review" if state in ("planned", "claimed", "handed") else state for state in moved
        ]
        assert done.review == 5
        assert again.claim_messages("d-9", NINE + 10 * HOUR, HOUR, 9) == []
        # It goes on from here: known ids are known, new ones get places behind all others.
        assert again.append([arrival("e-1"), arrival("e-4"), arrival("e-9")]) == ["known", "known", "taken"]
        with pytest.raises(Fenced), again.turn(shard._replace(number=min(shard.number, again.shards - 1))):
            pass
        for each in again.claim_shards("w-2", NINE, HOUR, again.shards):
            assert each.last_seen >= NINE + 60
            with again.turn(each) as turn:
                taken = turn.take(9)
                events = [
                    as_event(one, NINE + 999, seq) for seq, one in enumerate(taken, turn.shard.next_seq)
                ]
                mine = each.number == shard_of("c-1", again.shards)
                turn.keep(events, [], OUTPUTS[:1] if mine else [], [planned("k-9")] if mine else [])
                if mine:
                    assert turn.drawn("goodwill", "2026-03") == 1_000_000
                    turn.draw(Draw("goodwill", "2026-03", "c-1", "m-2", 1_000_000, NINE))
        assert [one.id for one in again.events_of("c-1")] == ["e-1", "e-4", "e-9"]
        again.put_note(note("n-9"))
        assert [one.send_key for one in again.notes()] == ["n-1", "n-9"]
        again.put_aside([aside("later")])
        assert len({row.number for row in again.put_aside_rows()}) == 2
        assert again.messages()[-1].planned.send_key == "k-9"
        assert len(again.story("c-1")) == len(OUTPUTS) + 1


def test_a_backup_beside_a_writing_worker_is_one_instant(url: str, tmp_path: Path) -> None:
    stop, turns = threading.Event(), [0]

    def work() -> None:
        with closing(open_store(url)) as store:
            shard = own(store)
            while not stop.is_set():
                number = turns[0]
                with store.turn(shard) as turn:
                    events = [as_event(arrival(f"e-{number}-{n}"), NINE, 5 * number + n) for n in range(5)]
                    turn.keep(events, [StateRow("c-1", number, "p", b"")], OUTPUTS, [planned(f"k-{number}")])
                turns[0] += 1

    open_store(url).close()
    worker = threading.Thread(target=work)
    worker.start()
    try:
        for round_ in range(3):
            while turns[0] < 4 * (round_ + 1):
                pass
            back_up(url, tmp_path / f"{round_}.zip", NINE)
    finally:
        stop.set()
        worker.join(60)
    for round_ in range(3):
        restore(tmp_path / f"{round_}.zip", str(tmp_path / f"{round_}.db"), NINE)
        with closing(open_store(str(tmp_path / f"{round_}.db"))) as store:
            state = store.states(["c-1"])["c-1"]
            whole = (state.wake or 0) + 1
            assert len(store.events_of("c-1")) == 5 * whole >= 4 * 5 * (round_ + 1)
            assert len(store.story("c-1")) == len(OUTPUTS) * whole
            assert len(store.messages()) == whole
            assert max(one.next_seq for one in store.claim_shards("w", NINE, HOUR, 64)) == 5 * whole


@pytest.mark.parametrize("into", KINDS)
def test_an_older_version_is_brought_to_the_newest_after_it_is_restored(
    url: str, into: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    old = str(tmp_path / "old.db") if "://" not in url else str(request.getfixturevalue("database"))
    migrate(dialect_of(old), connector(old), "0001")
    run(old, "INSERT INTO quarantine (number, source, place, reason_zh, reason_en, body, at, mended) "
        "VALUES (7, 'crm', 'x', '', '', '{}', 1, " + ("false" if "://" in old else "0") + ")")  # fmt: skip
    manifest = back_up(old, tmp_path / "old.zip", NINE)
    assert manifest.version == "0001" and "publication" not in manifest.tables
    # A store of the newest version that is empty makes room for it.
    new = str(tmp_path / "new.db") if into == "sqlite" else str(request.getfixturevalue("postgres"))
    open_store(new).close()
    restore(tmp_path / "old.zip", new, NINE)
    assert run(new, f"SELECT version_num FROM {VERSIONS}") == [(VERSION,)]
    with closing(open_store(new)) as store:
        assert [row.number for row in store.put_aside_rows()] == [7]
        store.put_aside([aside()])
        assert [row.number for row in store.put_aside_rows()] == [7, 8]


def test_a_store_that_is_not_empty_is_replaced_only_by_force(url: str, target: str, tmp_path: Path) -> None:
    with closing(open_store(url)) as store:
        fill(store)
    back_up(url, tmp_path / "b.zip", NINE)
    with closing(open_store(target)) as store:
        store.append([arrival("mine")])
    with pytest.raises(StoreError, match="not empty: it holds inbox") as caught:
        restore(tmp_path / "b.zip", target, NINE)
    assert "--force" in caught.value.fix and "--force" in caught.value.fix_zh
    with closing(open_store(target)) as store:
        assert store.append([arrival("mine")]) == ["known"]
    restore(tmp_path / "b.zip", target, NINE, force=True)
    with closing(open_store(target)) as store, closing(open_store(url)) as first:
        assert shown(store) == shown(first)


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    with closing(open_store(str(tmp_path / "first.db"))) as store:
        fill(store)
    back_up(str(tmp_path / "first.db"), tmp_path / "b.zip", NINE)
    return tmp_path / "b.zip"


def edited(backup: Path, **members: Any) -> Path:
    """The same archive with other members; None leaves one out."""
    other = backup.with_name("other.zip")
    with ZipFile(backup) as old, ZipFile(other, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            change = members.get(name.partition(".")[0], lambda content: content)
            content = change(old.read(name)) if change else None
            if content is not None:
                new.writestr(name, content)
    return other


def manifest_with(**changes: Any) -> Any:
    return lambda content: json.dumps(json.loads(content) | changes).encode()


@pytest.mark.parametrize(
    "members",
    [
        {"event": lambda content: content.replace(b"e-1", b"e-7")},
        {"event": lambda content: content[:-1]},
        {"event": lambda content: b""},
        {"event": None},
        {"manifest": None},
        {"manifest": lambda content: b"{}"},
        {"manifest": lambda content: content.replace(b'"rows": 6', b'"rows": 5')},
    ],
)
def test_an_archive_that_was_edited_is_refused_and_nothing_is_touched(
    backup: Path, members: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match="no whole backup") as caught:
        restore(edited(backup, **members), str(tmp_path / "new.db"), NINE)
    assert "Take another backup" in caught.value.fix and "不完整" in caught.value.what_zh
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_an_archive_that_was_cut_off_is_refused(backup: Path, share: float, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    backup.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(StoreError, match="no whole backup"):
        restore(backup, str(tmp_path / "new.db"), NINE)
    assert not (tmp_path / "new.db").exists()


def test_a_backup_of_a_newer_peakend_is_refused(backup: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="version 9999"):
        restore(edited(backup, manifest=manifest_with(version="9999")), str(tmp_path / "new.db"), NINE)
    with pytest.raises(StoreError, match="format 2"):
        restore(edited(backup, manifest=manifest_with(format=2)), str(tmp_path / "new.db"), NINE)


def test_only_its_owner_may_read_a_backup_and_half_a_one_is_never_left(backup: Path, tmp_path: Path) -> None:
    assert backup.stat().st_mode & 0o077 == 0
    with ZipFile(backup) as archive:
        assert archive.namelist()[-1] == MANIFEST
    run(str(tmp_path / "strange.db"), "CREATE TABLE things (name TEXT)")
    with pytest.raises(StoreError, match="no store to back up"):
        back_up(str(tmp_path / "strange.db"), tmp_path / "s.zip", NINE)
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part") or path.name == "s.zip"]


def test_the_commands_tell_what_was_kept_and_put_back(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    first, second = str(tmp_path / "first.db"), str(tmp_path / "second.db")
    done = CliRunner().invoke(app, ["backup", "--database", first, "--out", str(tmp_path / "c.zip")])
    assert f"version {VERSION}" in done.stdout and "  message: 6" in done.stdout
    done = CliRunner().invoke(
        app, ["restore", str(tmp_path / "c.zip"), "--database", second, "--language", "zh"]
    )
    assert "5 条消息待人工复核，不会自行发出" in done.stdout


def test_nobody_is_signed_in_after_a_restore_and_no_link_works(target: str, tmp_path: Path) -> None:
    url = str(tmp_path / "source.db")
    with closing(open_store(url)) as store:
        store.add_account(account(role="admin"), entry())
        store.open_session(session(), entry())
        store.put_token(token())
        store.add_key(key(), entry("key.made"))
    back_up(url, tmp_path / "kept.zip", NINE)
    restore(tmp_path / "kept.zip", target, NINE)
    with closing(open_store(target)) as store:
        assert store.account("li") == account(role="admin") and store.api_key(token_hash("k1")) == key()
        assert store.sessions("li") == [] and store.token(token_hash("t-1"), "reset", NINE) is None
        assert len(store.recorded_changes(AuditQuery())) == 3
        store.record(entry("account.changed"))
        assert store.recorded_changes(AuditQuery())[0].number == 4


def test_a_restored_store_begins_no_job_and_tells_nobody(target: str, tmp_path: Path) -> None:
    with closing(open_store(str(tmp_path / "busy.db"))) as store:
        store.put_job(job())
        store.put_job(job("j-2", state="done"))
        store.save_hook(hook(), entry())
        store.put_call(Call(hook="wh_1", kind="verdict.sent", at=NINE, customer="c-1", data="{}"))
    back_up(str(tmp_path / "busy.db"), tmp_path / "busy.peakend", NINE)
    restore(tmp_path / "busy.peakend", target, NINE + HOUR)
    with closing(open_store(target)) as store:
        assert {one.id: one.state for one in store.jobs()} == {"j-1": "interrupted", "j-2": "done"}
        assert store.claim_job("t-1", NINE + 9 * HOUR, 1, 3) is None
        (kept,) = store.hooks()
        assert kept.disabled == NINE + HOUR and store.waiting_calls() == {"wh_1": 1}
