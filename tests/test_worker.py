"""A worker from its start to its stop: alone, careful after a restore, undisturbed by what breaks."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from building import at, event
from test_delivering import ORDER, WHO, Told, compose, hello
from test_loop import arrival

from peakend.errors import PeakendError
from peakend.loop.delivering import Post
from peakend.loop.starting import GRACE, MANY_OVERDUE, Marker, start
from peakend.loop.worker import Setting, Worker
from peakend.model.delivery import Bounce, Letter, Receipt
from peakend.model.event import Event
from peakend.model.publication import Publication, Switch
from peakend.store import MemoryStore, Store, StoreError, open_store

NOW, BEGAN = at("03-02 10:00"), time.monotonic()


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "state" / "worker.start"


def began(store: Store, path: Path, worker: str = "w", now: int = NOW) -> str:
    marker = Marker(path)
    try:
        return start(store, marker, worker, now).why
    finally:
        marker.close()


def test_an_ordinary_start_is_followed_by_an_ordinary_one(marker: Path) -> None:
    store = MemoryStore()
    assert [began(store, marker) for _ in range(3)] == ["", "", ""]
    assert store.starts() == {"w": 3}


def test_a_restored_backup_is_noticed_by_its_older_epoch(tmp_path: Path, marker: Path) -> None:
    file, copy = tmp_path / "peakend.db", tmp_path / "copy.db"
    for _ in range(2):
        open_store(str(file)).close()
        store = open_store(str(file))
        assert began(store, marker) == ""
        store.close()
        if not copy.exists():
            shutil.copy(file, copy)
    shutil.copy(copy, file)
    for leftover in tmp_path.glob("peakend.db-*"):
        leftover.unlink()
    store = open_store(str(file))
    assert began(store, marker) == "restored"
    assert began(store, marker) == "", "once it was said, the two agree again"
    store.close()


def test_a_lost_marker_is_a_reason_to_look(marker: Path) -> None:
    store = MemoryStore()
    began(store, marker)
    marker.unlink()
    assert began(store, marker) == "restored"


def test_a_database_that_has_moved_is_looked_at_unless_somebody_runs_on_it(
    tmp_path: Path, marker: Path
) -> None:
    store = MemoryStore(shards=4)
    began(store, marker)
    assert began(store, tmp_path / "b", "another") == "moved"
    store.claim_shards("w#1", NOW, 60, 4)
    assert began(store, tmp_path / "c", "third") == ""


def test_much_that_is_overdue_is_looked_at_but_not_while_others_work(tmp_path: Path, marker: Path) -> None:
    from store_contract import keep, own, planned  # noqa: PLC0415

    store = MemoryStore()
    late = [planned(f"k-{number}", since=NOW - GRACE) for number in range(MANY_OVERDUE + 1)]
    keep(store, own(store, now=NOW - GRACE), messages=late[:-1])
    store.release_shards("w-1")
    assert began(store, marker) == ""
    keep(store, own(store, now=NOW), messages=late)
    assert began(store, tmp_path / "b", "b") == "", "the owner of the shards is at work"
    store.release_shards("w-1")
    assert began(store, marker) == "overdue"
    assert began(store, marker, now=NOW - 1) == "", "a restart is no downtime"


def test_a_name_is_held_by_one_process_and_free_when_that_has_gone(marker: Path) -> None:
    held = Marker(marker)
    with pytest.raises(PeakendError, match="runs here already") as caught:
        Marker(marker)
    assert "同名" in caught.value.what_zh
    held.close()
    Marker(marker).close()


def test_what_a_dead_worker_owned_is_free_for_its_successor_at_once(marker: Path) -> None:
    store = MemoryStore(shards=4)
    first = Marker(marker)
    owner = start(store, first, "w", NOW).owner
    assert len(store.claim_shards(owner, NOW, 60_000_000, 4)) == 4
    first.close()
    second = Marker(marker)
    owner = start(store, second, "w", NOW + 1).owner
    assert len(store.claim_shards(owner, NOW + 1, 60_000_000, 4)) == 4
    second.close()


class Running:
    """A worker in a thread over a real file, with a clock that runs from NOW."""

    def __init__(self, file: Path, marker: Path, **channels: Any) -> None:
        self.file = file
        self.marker = Marker(marker)
        self.channels = channels
        self.opened: list[Store] = []
        self.worker = Worker(
            Setting(
                open_store=self.open,
                pack=hello(),
                post=Post(channels=channels, compose=compose),
                clock=self.now,
            ),
            self.marker,
        )
        self.thread = Thread(target=self.worker.run)
        self.store = open_store(str(file))
        self.told = 0

    def open(self) -> Store:
        return open_store(str(self.file))

    def now(self) -> int:
        return NOW + int((time.monotonic() - BEGAN) * 1e6)

    def tell(self, *events: Event) -> None:
        self.store.append([arrival(one, "c-1", self.told + place) for place, one in enumerate(events)])
        self.told += len(events)

    def soon(self, question: Callable[[], bool], seconds: float = 20) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if question():
                return True
            time.sleep(0.02)
        return False

    def states(self) -> list[str]:
        return [f"{one.planned.channel} {one.state}" for one in self.store.messages()]


@contextmanager
def running(tmp_path: Path, marker: Path, **channels: Any) -> Any:
    found = Running(tmp_path / "peakend.db", marker, **channels)
    found.thread.start()
    try:
        yield found
    finally:
        found.worker.stop()
        found.thread.join(30)
        found.store.close()
        found.marker.close()
    assert not found.thread.is_alive()


def orders(count: int, first: int = 0) -> list[Event]:
    return [
        event("03-02 10:00", "order.made", order=f"N{number}", v=1) for number in range(first, first + count)
    ]


def test_what_arrives_is_delivered_and_a_stop_frees_everything(tmp_path: Path, marker: Path) -> None:
    mail = Told()
    with running(tmp_path, marker, email=mail) as service:
        service.tell(*WHO, *orders(30))
        assert service.soon(lambda: service.states() == ["email accepted"] * 30)
        owners = service.store.owners(service.now())
        assert owners == {"worker#1"}
    after = open_store(str(tmp_path / "peakend.db"))
    assert after.owners(NOW) == set()
    assert sorted(letter.words.text for letter in mail.letters) == sorted(f"Ann: N{n}" for n in range(30))
    after.close()


def test_a_channel_that_hangs_keeps_nobody_else_waiting_and_the_stop_waits_for_its_letter(
    tmp_path: Path, marker: Path
) -> None:
    class Slow(Told):
        def hand_over(self, letter: Letter, now: int) -> Receipt:
            time.sleep(1.5)
            return super().hand_over(letter, now)

    of_phone = [
        event("03-01 09:00", "contact.set", contact="ann", role="owner", channel="sms", address="+86138"),
    ]
    with running(tmp_path, marker, email=Slow(), sms=Told()) as service:
        service.tell(*WHO, *orders(2))
        assert service.soon(lambda: "email handed" in service.states())
        service.tell(event("03-01 09:30", "contact.removed", contact="ann", channel="email"), *of_phone)
        service.tell(*orders(1, 5))
        assert service.soon(lambda: "sms accepted" in service.states(), 1.2), service.states()
    store = open_store(str(tmp_path / "peakend.db"))
    states = [one.state for one in store.messages() if one.planned.channel == "email"]
    assert states.count("handed") == 0, "what was in the channel's hands was waited for"
    store.close()


def test_a_database_that_goes_away_is_waited_for(
    tmp_path: Path, marker: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("peakend.loop.worker.AGAIN", 0.1)
    with caplog.at_level(logging.ERROR), running(tmp_path, marker, email=Told()) as service:
        service.tell(*WHO)
        assert service.soon(lambda: service.store.waiting() == 0)
        store = service.worker._store
        real = store.busy
        left = [3]

        def busy(now: int) -> set[int]:
            if left[0]:
                left[0] -= 1
                raise StoreError("the server is gone", fix="Start it")
            return real(now)

        store.busy = busy
        service.tell(*orders(2))
        assert service.soon(lambda: service.states() == ["email accepted"] * 2)
    assert "the server is gone" in caplog.text


def test_after_a_restore_nothing_leaves_by_itself(tmp_path: Path, marker: Path) -> None:
    mail = Told()
    with running(tmp_path, marker, email=mail) as service:
        service.tell(*WHO)
        assert service.soon(lambda: service.store.waiting() == 0)
        service.worker.stop()
        service.thread.join(30)
        service.tell(ORDER)
    marker.unlink()
    with running(tmp_path, marker, email=mail) as service:
        assert service.worker.begun.why == "restored"
        assert service.soon(lambda: service.states() == ["email review"])
        assert service.worker.reviewed == 1
        assert service.store.decide(service.store.messages()[0].planned.send_key, "planned", NOW, "released")
        assert service.soon(lambda: service.states() == ["email accepted"])
    assert len(mail.letters) == 1


def test_a_play_whose_sends_are_paused_waits_and_leaves_when_they_are_resumed(
    tmp_path: Path, marker: Path
) -> None:
    mail = Told()
    switch = Switch(play="hello", channel="", stopped=False, since=NOW, who="u-1")
    with running(tmp_path, marker, email=mail) as service:
        assert service.store.hold_sends(switch)
        service.tell(*WHO, *orders(3))
        assert service.soon(lambda: len(service.store.messages(states=["planned"])) == 3)
        time.sleep(0.5)
        assert mail.letters == []
        assert service.store.free_sends("hello", "")
        assert service.soon(lambda: service.states() == ["email accepted"] * 3)


def test_what_comes_back_takes_the_next_way(tmp_path: Path, marker: Path) -> None:
    class Bouncy(Told):
        back = False

        def bounces(self, now: int) -> Iterator[Bounce]:
            del now
            for letter in self.letters if self.back else ():
                yield Bounce(letter.send_key, True, "no such user")

    phone = event("03-01 09:00", "contact.set", contact="ann", role="owner", channel="sms", address="+86138")
    mail = Bouncy()
    with running(tmp_path, marker, email=mail, sms=Told()) as service:
        service.tell(*WHO, phone, *orders(1))
        assert service.soon(lambda: service.states() == ["email accepted"])
    mail.back = True
    with running(tmp_path, marker, **service.channels) as service:
        assert service.soon(lambda: service.states() == ["email failed", "sms accepted"])


def test_a_worker_ends_when_another_pack_is_published(tmp_path: Path, marker: Path) -> None:
    with running(tmp_path, marker, email=Told()) as service:
        service.store.publish(
            Publication(
                hash="another", pack="test", who="u-1", seen=0, backtest="", approved="", files={"a": b""}
            ),
            service.now(),
        )
        assert service.soon(lambda: not service.thread.is_alive())
        assert service.worker.outdated
        assert service.store.owners(service.now()) == set()
