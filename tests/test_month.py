"""A month in the life: the cloud pack live, on a real mail server and a real webhook, by a simulated clock.

Two months before it fill the registers, as in any year of the simulation. Every hour what has happened goes
in through the door, is folded, and what is due is handed over. Then the ledger is held against what arrived.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest
from channel_world import DROP, Heard, Reply, serving
from mail_world import Post as MailPost
from mail_world import Received, posting
from naive.compare import rows
from test_loop import recorded

from peakend.backtest.conclude import conclude
from peakend.deliver.compose import compose
from peakend.deliver.settings import channels_of
from peakend.design.pack import find_pack, load_pack
from peakend.loop import Loop
from peakend.loop.delivering import Addressee, Courier, Post
from peakend.loop.inlet import Inlet
from peakend.model.delivery import Words
from peakend.model.outcome import Content, Output, Verdict
from peakend.model.pack import Pack
from peakend.model.stored import Arrival, Message
from peakend.publish import pack_of, publish, published
from peakend.simulate import simulate
from peakend.store import Store, open_store

HOUR, DAY = 3_600_000_000, 86_400_000_000
CUSTOMERS, DAYS = 400, 30
SENDER = {"name": "林悦", "phone": "010-5555-0100", "company": "云上"}
HOUSE = "service@example.com"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"
ARRIVED, LOST = {"accepted", "unknown"}, {"failed", "withdrawn", "expired"}


@dataclass
class Month:
    """What there is at the end of the month."""

    pack: Pack
    store: Store
    arrivals: list[Arrival]
    mails: list[Received]
    heard: list[Heard]
    until: int
    log: Path

    def messages(self, *channels: str, states: set[str]) -> list[Message]:
        wanted = [one for one in self.store.messages() if one.planned.channel in channels]
        return [one for one in wanted if one.state in states]

    def told(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        return [(one.customer, msgspec.json.decode(one.data)) for one in self.arrivals if one.kind == kind]

    def language(self, customer: str, instant: int) -> str:
        """What the customer was known to read at an instant."""
        seen = [one for one in self.store.events_of(customer) if one.seen <= instant]
        said = [msgspec.json.decode(one.data) for one in seen if one.kind == "customer.updated"]
        known = [str(one["language"]) for one in said if one.get("language")]
        return known[-1] if known else "zh"

    def contents(self, message: str) -> list[Content]:
        return [msgspec.msgpack.decode(body, type=Content) for body in self.store.contents(message)]

    def outputs(self) -> list[Output]:
        customers = sorted({one.customer for one in self.arrivals if one.customer})
        return [one for who in customers for one in self.store.story(who)]


class Moody(MailPost):
    """A mail server that knows some addresses no more, and is busy at every eleventh mail."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.asked += 1
        if gone(address):
            return "550 5.1.1 no such user"
        if self.asked % 11 == 0:
            return "450 4.2.0 try again"
        return await super().handle_RCPT(server, session, envelope, address, options)


def moody() -> Callable[[Heard], Reply]:
    """A receiver that hangs up at every thirteenth letter, after it has read it."""
    asked = count(1)
    return lambda heard: DROP if next(asked) % 13 == 0 else Reply(200)


def gone(address: str) -> bool:
    return address.endswith("7.example")


def _composer(pack: Pack) -> Any:
    def put(contents: Sequence[Content], who: Addressee) -> Words:
        contact = {"name": who.name, "role": who.role, "channel": who.channel, "address": who.address}
        return compose(pack, contents, channel=who.channel, contact=contact, sender=SENDER)

    return put


def settings(mail: int, url: str) -> dict[str, Any]:
    """The channels as peakend.yaml has them."""
    email = {
        "kind": "smtp",
        "host": "127.0.0.1",
        "port": mail,
        "security": "plain",
        "from": {"address": HOUSE},
    }
    hook = {"kind": "webhook", "url": url, "secrets": [SECRET], "private_hosts": ["127.0.0.1"]}
    return {"email": email, "wecom": {**hook, "url": f"{url}/wecom"}, "sms": {**hook, "url": f"{url}/sms"}}


def arrivals(path: Path) -> list[tuple[int, Arrival]]:
    """The log in the order in which it was seen, with the instants."""
    found = []
    for row in pq.read_table(path).sort_by([("seen_at", "ascending"), ("seq", "ascending")]).to_pylist():
        at, seen = (round(row[name].timestamp() * 1_000_000) for name in ("happened_at", "seen_at"))
        who, about = row["customer"] or "", row["subject"] or ""
        one = Arrival(row["source"], row["id"], who, row["kind"], at, about, row["data"])
        found.append((seen, one))
    return found


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    folder = tmp_path_factory.mktemp("month")
    simulate(
        load_pack(find_pack("cloud")),
        folder / "simulated.parquet",
        customers=CUSTOMERS,
        days=DAYS,
        start=date(2026, 3, 1),
        seed=2026,
        late=0.03,
        duplicates=0.02,
    )
    told = arrivals(folder / "simulated.parquet")
    mails = Moody()
    with (
        posting(mails) as port,
        serving(moody()) as receiver,
        closing(open_store(str(folder / "peakend.db"))) as store,
    ):
        publish(
            store, load_pack(find_pack("cloud")), who="li", backtest="b", approved="", now=told[0][0] - DAY
        )
        holds = published(store)
        assert holds is not None
        pack = pack_of(store, holds.hash)
        ready = channels_of(settings(port, receiver.url), {}, sys.stdout)
        until = run(pack, store, told, {name: one.channel for name, one in ready.items()})
        for one in ready.values():
            one.channel.close()
        log = recorded(store, folder / "recorded.parquet")
        yield Month(pack, store, [one for _, one in told], mails.received, receiver.heard, until, log)


def run(pack: Pack, store: Store, told: list[tuple[int, Arrival]], channels: Mapping[str, Any]) -> int:
    """Let the time pass hour by hour; the instant of the last tick, after which all that waits leaves."""
    clock = [told[0][0]]
    loop, inlet = Loop(store, pack), Inlet(store, pack)
    post = Post(channels=channels, compose=_composer(pack))
    courier = Courier(store, loop.programs, post, worker="w", clock=lambda: clock[0])
    place = 0
    while place < len(told):
        clock[0] += HOUR
        first = place
        while place < len(told) and told[place][0] <= clock[0]:
            place += 1
        taken = inlet.admit([one for _, one in told[first:place]], clock[0])
        assert {one.outcome for one in taken} <= {"taken", "known"}, taken
        loop.own(clock[0])
        while loop.work(clock[0]):
            pass
        while courier.deliver():
            pass
        loop.fold(clock[0])
    loop.tick(clock[0])
    until = clock[0]
    for _ in range(24 * 40):
        if not store.messages(states=["planned"]):
            break
        clock[0] += HOUR
        courier.deliver()
    return until


def key_of(mail: Received) -> str:
    return str(mail.mail["Message-ID"]).strip("<>").partition("@")[0]


def test_every_mail_that_arrived_is_in_the_ledger_once_and_the_other_way_round(month: Month) -> None:
    arrived = Counter(key_of(one) for one in month.mails)
    accepted = month.messages("email", states=ARRIVED)
    assert len(accepted) > 60
    assert arrived == Counter(one.planned.send_key for one in accepted)
    addresses = {
        (who, said["contact"], said["address"])
        for who, said in month.told("contact.set")
        if said["channel"] == "email"
    }
    by_key = {one.planned.send_key: one.planned for one in accepted}
    for mail in month.mails:
        planned = by_key[key_of(mail)]
        (to,) = mail.to
        assert (planned.customer, planned.contact, to) in addresses
        assert not gone(to)


def test_every_mail_says_what_its_send_was_about_in_the_language_of_its_reader(month: Month) -> None:
    by_key = {one.planned.send_key: one.planned for one in month.messages("email", states=ARRIVED)}
    spoken = Counter[str]()
    for mail in month.mails:
        planned = by_key[key_of(mail)]
        contents = month.contents(planned.message)
        mine = month.language(planned.customer, contents[0].instant)
        words = compose(month.pack, contents, channel="email", contact={}, sender=SENDER, language=mine)
        assert words.language == mine
        assert str(mail.mail["Subject"]) == words.subject
        spoken[mine] += 1
    assert spoken["zh"] > spoken["en"] > 0


def test_every_webhook_that_was_heard_is_in_the_ledger_once_and_the_other_way_round(month: Month) -> None:
    sent = month.messages("wecom", "sms", states=ARRIVED)
    assert len(sent) > 100
    assert Counter(one.headers["webhook-id"] for one in month.heard) == Counter(
        one.planned.send_key for one in sent
    )
    by_key = {one.planned.send_key: one.planned for one in sent}
    for one in month.heard:
        said, planned = one.json["data"], by_key[one.headers["webhook-id"]]
        assert one.path == f"/{planned.channel}"
        assert (said["customer"], said["play"], said["step"]) == (
            planned.customer, planned.play, planned.step,
        )  # fmt: skip
        (first, *_) = month.contents(planned.message)
        assert said["language"] == month.language(planned.customer, first.instant)
        assert said["text"]


def test_every_send_has_deliveries_with_an_end_and_what_was_taken_back_did_not_arrive(month: Month) -> None:
    sends = {one.message for one in month.outputs() if isinstance(one, Verdict) and one.outcome == "send"}
    messages = month.store.messages()
    assert {one.planned.message for one in messages} == sends
    assert {one.state for one in messages} <= ARRIVED | LOST
    arrived = {key_of(one) for one in month.mails} | {one.headers["webhook-id"] for one in month.heard}
    lost = [one for one in messages if one.state in LOST]
    assert not arrived & {one.planned.send_key for one in lost}
    states = Counter(one.state for one in messages)
    assert all(states[one] for one in ("failed", "withdrawn", "unknown")), states


def test_the_cards_of_colleagues_and_what_waits_in_consoles_lie_where_they_are_looked_for(
    month: Month,
) -> None:
    laid = {one.send_key for one in month.store.notes()}
    assert laid == {one.planned.send_key for one in month.messages("card", "console", states=ARRIVED)}
    assert all(one.subject and one.body for one in month.store.notes())
    assert month.store.notes(kind="card")


def test_the_month_concluded_what_a_backtest_of_its_recorded_inputs_does(month: Month) -> None:
    past = conclude(month.pack, [month.log], until=month.until)
    assert rows(month.outputs()) == rows(past.outputs)
    heard = Counter(
        one.kind
        for who in {a.customer for a in month.arrivals}
        for one in month.store.events_of(who)
        if one.source == "peakend"
    )
    assert heard["message.failed"] or heard["message.withdrawn"]
