"""What the world does: servers that hang and refuse, a database that goes, a full disk, a clock set back."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from building import at, event
from channel_world import DROP, serving, to_loopback
from mail_world import Post as MailPost
from mail_world import hang, hang_up, knows, posting, says
from naive.compare import rows
from test_delivering import HOUR, ORDER, WHO, Told, compose, hello
from test_delivering import Service as Stepped
from test_loop import arrival, live, recorded
from test_worker import NOW, Running, orders, running

from peakend.backtest.conclude import conclude
from peakend.deliver.json_post import JsonPost, JsonPostSettings
from peakend.deliver.smtp import From, Smtp, SmtpSettings
from peakend.loop.clock import Steady
from peakend.loop.delivering import Post
from peakend.loop.starting import Marker
from peakend.loop.worker import Setting, Worker
from peakend.model.delivery import Letter, Receipt
from peakend.model.event import Event
from peakend.store import Store, open_store

MINUTE = 60_000_000


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "state" / "worker.start"


def mail(port: int, **changed: Any) -> Smtp:
    given = {"timeout": "PT0.5S", "security": "plain", **changed}
    sender = From(address="service@example.com")
    return Smtp(SmtpSettings(host="127.0.0.1", port=port, from_=sender, **given))


def once(*rest: Any) -> Callable[..., Any]:
    """The first answer, then the next ones, then none at all."""
    left = list(rest)

    async def answer(server: Any, envelope: Any) -> str:
        return str(await left.pop(0)(server, envelope)) if left else ""

    return answer


def keys(post: MailPost) -> list[str]:
    return [str(one.mail["Message-ID"]) for one in post.received]


def ordered(store: Store, channel: Any, **more: Any) -> Stepped:
    """A service in which one order was made and its mail was tried once."""
    of = hello(step={"expires": "P1D"})
    return Stepped(store, of, channels={"email": channel, **more}).hears(*WHO, ORDER).until("03-02 10:00")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"data": hang}, "silent"),
        ({"data": hang_up}, "dropped"),
        ({"rcpt": says("450 4.2.0 greylisted, try again")}, "450"),
        ({"data": says("451 4.3.0 later")}, "451"),
    ],
)
def test_a_mail_that_did_not_get_through_is_sent_again_with_the_same_key(
    store: Store, how: dict[str, Any], said: str
) -> None:
    post = MailPost(**{part: once(answer) for part, answer in how.items()})
    with posting(post) as port, closing(mail(port)) as channel:
        service = ordered(store, channel)
        (one,) = store.messages()
        assert (one.state, one.attempts) == ("planned", 1)
        assert said in one.receipt
        service.now = one.planned.since
        service.courier.deliver()
        assert service.states() == ["email accepted"]
    assert keys(post) == [f"<{one.planned.send_key}@example.com>"]


def test_a_mail_that_was_taken_before_the_line_broke_comes_twice_with_one_message_id(store: Store) -> None:
    post = MailPost()

    async def take_and_hang_up(server: Any, envelope: Any) -> str:
        post._data = None
        await post.handle_DATA(server, server.session, envelope)
        return await hang_up(server, envelope)

    post._data = take_and_hang_up
    with posting(post) as port, closing(mail(port)) as channel:
        service = ordered(store, channel)
        service.until("03-02 10:05")
        assert service.states() == ["email accepted"]
    first, second = keys(post)
    assert first == second


def test_a_refused_recipient_costs_one_attempt_and_the_next_channel_is_taken(store: Store) -> None:
    post = MailPost(rcpt=says("550 5.1.1 no such user"))
    with posting(post) as port, closing(mail(port)) as channel:
        service = ordered(store, channel, sms=Told()).until("03-02 10:01")
        assert service.states() == ["email failed", "sms accepted"]
        assert "550 5.1.1" in service.receipts()[0]


def test_a_text_message_whose_answer_was_lost_is_in_doubt_and_not_sent_again(store: Store) -> None:
    with serving(DROP) as provider:
        settings = JsonPostSettings(url=provider.url, body={"to": "{to}"}, private_hosts=("127.0.0.1",))
        channel = JsonPost(settings, to_loopback())
        service = ordered(store, Told(Receipt("refused", "550")), sms=channel)
        service.until("03-02 10:01").until("03-02 12:00").until("03-02 20:00")
        assert service.states() == ["email failed", "sms unknown"]
        assert len(provider.heard) == 1


def test_wrong_credentials_are_said_in_the_ledger_and_the_rest_goes_on(tmp_path: Path, marker: Path) -> None:
    how = {"authenticator": knows("me", "right"), "auth_require_tls": False}
    with (
        posting(MailPost(), **how) as port,
        closing(mail(port, user="me", password="wrong", timeout="PT5S")) as channel,
        running(tmp_path, marker, email=channel, sms=Told()) as service,
    ):
        service.tell(*WHO, *orders(2))
        assert service.soon(lambda: all(one.receipt for one in service.store.messages()))
        service.tell(event("03-01 09:30", "contact.removed", contact="ann", channel="email"), *orders(1, 5))
        assert service.soon(lambda: "sms accepted" in service.states()), service.states()
        failed = [one for one in service.store.messages() if one.planned.channel == "email"]
        assert {one.state for one in failed} <= {"planned", "withdrawn"}
        assert all("credentials" in one.receipt for one in failed if one.state == "planned"), failed


# --- the database


class Counted(Told):
    """A channel that knows how often it was given each letter."""

    def __init__(self) -> None:
        super().__init__()
        self.given: Counter[str] = Counter()

    def hand_over(self, letter: Letter, now: int) -> Receipt:
        self.given[letter.send_key] += 1
        time.sleep(0.01)
        return Receipt("accepted", "250 ok")


@contextmanager
def worker_on(url: str, marker: Path, **channels: Any) -> Iterator[Worker]:
    held = Marker(marker)
    worker = Worker(
        Setting(
            open_store=lambda: open_store(url),
            pack=hello(step={"through": {"all": ["email", "sms"]}}),
            post=Post(channels=channels, compose=compose),
            clock=lambda: NOW + time.monotonic_ns() // 1000 - BEGAN,
        ),
        held,
    )
    thread = Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(60)
        held.close()
    assert not thread.is_alive()


BEGAN = time.monotonic_ns() // 1000


def soon(question: Callable[[], bool], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if question():
            return True
        time.sleep(0.05)
    return False


def test_a_server_that_is_stopped_and_started_loses_nothing_and_rings_nobody_twice(
    own_server: Any, marker: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("peakend.loop.worker.AGAIN", 0.2)
    monkeypatch.setattr("peakend.loop.delivering.LEASE", 3_000_000)
    url, phone, letters, count = own_server.get_uri(), Counted(), Counted(), 120
    told = [arrival(one, "c-1", place) for place, one in enumerate([*WHO, *orders(count)])]
    with closing(open_store(url)) as store:
        store.append(told[:60])
    with worker_on(url, marker, email=letters, sms=phone), caplog.at_level(logging.ERROR):
        assert soon(lambda: len(phone.given) > 10)
        own_server.stop()
        time.sleep(1.5)
        own_server.ensure_postgres_running()
        with closing(open_store(url)) as store:
            assert set(store.append(told)) == {"known", "taken"}
            wanted = 2 * count

            def done() -> bool:
                ended = store.messages(states=["accepted", "unknown"])
                return len(ended) == wanted

            assert soon(done), Counter((m.planned.channel, m.state) for m in store.messages())
            messages = store.messages()
            events = store.events_of("c-1")
    assert "PostgreSQL" in caplog.text
    assert sorted(one.id for one in events) == sorted(one.id for one in told)
    assert max(phone.given.values()) == 1
    for one in messages:
        given = (phone if one.planned.channel == "sms" else letters).given[one.planned.send_key]
        assert one.state == "unknown" or given >= 1
        assert one.state != "unknown" or one.planned.channel == "sms"


def test_a_disk_that_is_full_is_said_and_what_waited_goes_on_when_there_is_room(
    tmp_path: Path, marker: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("peakend.loop.worker.AGAIN", 0.1)
    opened: list[Store] = []
    real = Running.open

    def open_(self: Running) -> Store:
        opened.append(real(self))
        return opened[-1]

    def room(pages: int) -> None:
        for store in opened:
            of: Any = store
            with of._db.alone():
                of._db.rows(f"PRAGMA max_page_count = {pages}")

    monkeypatch.setattr(Running, "open", open_)
    channel = Counted()
    with caplog.at_level(logging.ERROR), running(tmp_path, marker, email=channel) as service:
        service.tell(*WHO)
        assert service.soon(lambda: service.store.waiting() == 0 and len(opened) == 3)
        room(1)  # no file is made smaller: it is what it is now, and may not grow
        service.tell(*orders(300))
        assert service.soon(lambda: "full" in caplog.text), "nobody said that the disk is full"
        assert "Make room on the disk" in caplog.text
        room(1 << 20)
        assert service.soon(lambda: service.states() == ["email accepted"] * 300, 60)
    assert max(channel.given.values()) == 1


# --- the clock


def test_a_clock_that_is_set_back_goes_on_at_half_its_pace_until_it_is_caught_up() -> None:
    wall, passed = [10 * HOUR], [0]
    clock = Steady(lambda: wall[0], lambda: passed[0])

    def after(minutes: int) -> float:
        wall[0] += minutes * MINUTE
        passed[0] += minutes * MINUTE
        return clock() / HOUR

    assert after(60) == 11
    wall[0] -= HOUR
    assert after(0) == 11 and clock.ahead == HOUR
    assert after(30) == 11.25
    assert after(90) == 12 and clock.ahead == 0
    assert after(60) == 13
    clock.at_least(15 * HOUR)
    assert after(0) == 15 and clock.ahead == 2 * HOUR


def test_an_hour_back_stops_no_message_also_after_a_restart_and_the_past_concludes_the_same(
    tmp_path: Path, marker: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real, back = Running.now, [0]
    monkeypatch.setattr(Running, "now", lambda self: real(self) - back[0])
    channel = Counted()

    def of(first: int, back_by: int) -> list[Event]:
        at_ = ["03-02 10:00", "03-02 09:00"][bool(back_by)]
        return [event(at_, "order.made", order=f"N{n}", v=1) for n in range(first, first + 5)]

    for round_, steps in enumerate(([0, HOUR], [HOUR])):
        with running(tmp_path, marker, email=channel) as service, caplog.at_level(logging.WARNING):
            service.told = 100 * round_
            if not round_:
                service.tell(*WHO)
            for place, one in enumerate(steps):
                back[0] = one
                service.tell(*of(10 * round_ + 5 * place, one))
                wanted = 5 * (place + 1) + 10 * round_
                assert service.soon(lambda n=wanted: service.states() == ["email accepted"] * n)
    assert "behind what was seen" in caplog.text
    assert max(channel.given.values()) == 1
    with closing(open_store(str(tmp_path / "peakend.db"))) as store:
        log = recorded(store, tmp_path / "log.parquet")
        past = conclude(hello(), [log], until=at("03-02 12:00"))
        assert rows(live(store)) == rows(past.outputs)
