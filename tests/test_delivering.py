"""The courier: what leaves, what is taken back at the door, what is tried again, what the log hears."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest
from building import at, do, event, pack, play
from test_loop import arrival

from peakend.errors import PeakendError
from peakend.loop import Loop
from peakend.loop.deliveries import SPREAD
from peakend.loop.delivering import ATTEMPTS, LEASE, Addressee, Courier, Post
from peakend.loop.patience import Rate, wait_before
from peakend.model.delivery import Bounce, Letter, Receipt, Words
from peakend.model.event import Event
from peakend.model.outcome import Content
from peakend.model.pack import Pack
from peakend.store import Store

MINUTE, HOUR = 60_000_000, 3_600_000_000
ANN = {"contact": "ann", "role": "owner", "name": "Ann"}
WHO = [
    event("03-01 09:00", "contact.set", **ANN, channel="email", address="ann@example.com"),
    event("03-01 09:00", "contact.set", **ANN, channel="sms", address="+8613800000000"),
]
ORDER = event("03-02 10:00", "order.made", order="A", v=1, w="x")


def compose(contents: Sequence[Content], who: Addressee) -> Words:
    fields = [one.fields for one in contents]
    if any(one.get("w") == "broken" for one in fields):
        raise PeakendError("the text cannot be filled in", fix="Mend texts/en/hello.md:3")
    named = ", ".join(str(one.get("order")) for one in fields)
    return Words(name=contents[0].text, language="en", subject=named, text=f"{who.name or who.role}: {named}")


class Told:
    """A channel that keeps what it was given, and answers what the test has told it to."""

    def __init__(self, *answers: Receipt) -> None:
        self.letters: list[Letter] = []
        self.answers = list(answers)
        self.during: Callable[[], None] = lambda: None

    def hand_over(self, letter: Letter, now: int) -> Receipt:
        self.letters.append(letter)
        self.during()
        return self.answers.pop(0) if self.answers else Receipt("accepted", "250 ok", "r-1")


class Service:
    """A loop and a courier over one store, and a clock that the test moves."""

    def __init__(self, store: Store, of: Pack, **post: Any) -> None:
        self.store, self.pack = store, of
        self.loop = Loop(store, of)
        self.now = at("03-01 08:00")
        self.loop.own(self.now)
        self.channels = post.pop("channels", {"email": Told(), "sms": Told()})
        given = {"channels": self.channels, "compose": compose, **post}
        self.courier = Courier(store, self.loop.programs, Post(**given), worker="d-1", clock=lambda: self.now)
        self.number = 0

    def hears(self, *events: Event) -> Service:
        for one in events:
            self.now = max(self.now, one.seen)
            self.number += 1
            assert self.loop.ingest([arrival(one, "c-1", self.number)], self.now) == ["taken"]
        return self

    def until(self, when: str) -> Service:
        """Time passes: everything that is due on the way happens, minute by minute where it matters."""
        self.now = max(self.now, at(when))
        self.loop.tick(self.now)
        self.courier.deliver()
        self.loop.fold(self.now)
        return self

    def states(self) -> list[str]:
        return [f"{one.planned.channel} {one.state}" for one in self.store.messages()]

    def receipts(self) -> list[str]:
        return [one.receipt for one in self.store.messages()]

    def learnt(self) -> list[str]:
        return [one.kind for one in self.store.events_of("c-1") if one.source == "peakend"]


def hello(**words: Any) -> Pack:
    """A greeting after an order, by mail or else by phone."""
    words = {"to": {"role": "owner"}, "key": "order", **words}
    step = {"through": ["email", "sms"], **words.pop("step", {})}
    policy = words.pop("policy", {})
    return pack(play("hello", do("hello", **step), **words), **policy)


def test_what_was_let_go_is_handed_over_once_and_accepted(store: Store) -> None:
    service = Service(store, hello()).hears(*WHO, ORDER).until("03-02 10:00").until("03-02 10:05")
    (letter,) = service.channels["email"].letters
    assert (letter.to, letter.to_name, letter.words.text) == ("ann@example.com", "Ann", "Ann: A")
    assert letter.data == {
        "customer": "c-1", "play": "hello", "step": "hello", "key": "A",
        "fields": {"order": "A", "v": 1, "w": "x"},
    }  # fmt: skip
    assert service.states() == ["email accepted"]
    assert service.receipts() == ["250 ok [r-1]"]
    assert service.channels["sms"].letters == []
    assert service.learnt() == []


def test_an_exit_between_verdict_and_hand_over_withdraws_the_message(store: Store) -> None:
    of = hello(
        gather={"within": "PT2H"},
        exits=[{"on": "order.paid", "as": "success", "then": [do("thanks", through=["email"])]}],
    )
    service = Service(store, of).hears(*WHO, ORDER)
    service.hears(event("03-02 11:00", "order.paid", order="A")).until("03-02 14:00")
    assert service.states() == ["email withdrawn", "email accepted"]
    assert [letter.words.name for letter in service.channels["email"].letters] == ["thanks"]
    assert service.learnt() == ["message.withdrawn"]


def test_what_leaves_together_is_one_letter_with_all_of_it(store: Store) -> None:
    other = event("03-02 10:30", "order.made", order="B", v=1)
    service = Service(store, hello(gather={"within": "PT2H"})).hears(*WHO, ORDER, other)
    assert service.until("03-02 11:59").channels["email"].letters == []
    (letter,) = service.until("03-02 12:00").channels["email"].letters
    assert letter.words.text == "Ann: A, B"


@pytest.mark.parametrize(
    ("word", "state"),
    [
        (event("03-02 10:30", "consent.withdrawn", what="email"), "withdrawn"),
        (event("03-02 10:30", "contact.removed", contact="ann", channel="email"), "withdrawn"),
        (event("03-02 10:30", "preference.set", what="email"), "withdrawn"),
        (event("03-02 10:30", "preference.set", what="do_not_disturb"), "withdrawn"),
        (event("03-02 10:30", "preference.set", what="something"), "accepted"),
    ],
)
def test_what_the_customer_says_before_the_hand_over_counts(store: Store, word: Event, state: str) -> None:
    of = hello(class_="care", gather={"within": "PT2H"}, step={"through": ["email"]})
    service = Service(store, of).hears(*WHO, ORDER, word).until("03-02 12:00")
    assert service.states() == [f"email {state}"]
    assert service.learnt() == (["message.withdrawn"] if state == "withdrawn" else [])


def test_a_withdrawn_message_gives_its_cap_back(store: Store) -> None:
    of = hello(
        class_="care",
        gather={"within": "PT1H"},
        step={"through": ["email"]},
        again="every",
        policy={"caps": [{"class": "care", "at_most": 1, "within": "day"}]},
    )
    service = Service(store, of).hears(*WHO, ORDER, event("03-02 10:30", "preference.set", what="email"))
    service.until("03-02 11:00").hears(event("03-02 11:30", "preference.cleared", what="email"))
    service.hears(event("03-02 12:00", "order.made", order="B", v=1)).until("03-02 13:00")
    assert service.states() == ["email withdrawn", "email accepted"]


def test_a_refused_address_leads_to_the_next_way_and_then_the_log_learns_of_it(store: Store) -> None:
    channels = {"email": Told(Receipt("refused", "550 no such user")), "sms": Told(Receipt("refused", "no"))}
    service = Service(store, hello(), channels=channels).hears(*WHO, ORDER).until("03-02 10:00")
    assert service.states() == ["email failed", "sms planned"]
    assert service.learnt() == []
    service.until("03-02 10:01")
    assert service.states() == ["email failed", "sms failed"]
    assert service.receipts() == ["550 no such user", "no"]
    assert service.until("03-02 10:02").learnt() == ["message.failed"]
    assert [letter.to for letter in channels["sms"].letters] == ["+8613800000000"]


def test_of_several_channels_one_that_arrives_is_enough(store: Store) -> None:
    channels = {"email": Told(Receipt("refused", "550")), "sms": Told()}
    of = hello(step={"through": {"all": ["email", "sms"]}})
    service = Service(store, of, channels=channels).hears(*WHO, ORDER).until("03-02 10:00")
    assert service.states() == ["email failed", "sms accepted"]
    assert service.learnt() == []


def test_a_busy_channel_is_asked_again_later_and_later(store: Store) -> None:
    busy = Told(*[Receipt("later", "450 busy")] * 3)
    service = Service(store, hello(), channels={"email": busy}).hears(*WHO, ORDER).until("03-02 10:00")
    (one,) = store.messages()
    waits = []
    for attempt in (1, 2, 3):
        (one,) = store.messages()
        assert one.state == "planned"
        assert one.planned.since == service.now + wait_before(one.planned.send_key, attempt)
        waits.append(one.planned.since - service.now)
        service.now = one.planned.since - 1
        assert service.courier.deliver() == 0
        service.now += 1
        service.courier.deliver()
    assert waits == sorted(waits)
    assert service.states() == ["email accepted"]
    assert store.messages()[0].attempts == 4
    assert {letter.send_key for letter in busy.letters} == {one.planned.send_key}
    assert [letter.attempt for letter in busy.letters] == [1, 2, 3, 4]


def test_a_channel_that_says_when_is_asked_then(store: Store) -> None:
    busy = Told(Receipt("later", "429", wait=2 * HOUR))
    service = Service(store, hello(), channels={"email": busy}).hears(*WHO, ORDER).until("03-02 10:00")
    assert store.messages()[0].planned.since == at("03-02 12:00")
    assert service.until("03-02 12:00").states() == ["email accepted"]


def test_what_never_gets_through_fails_and_takes_the_next_way(store: Store) -> None:
    channels = {"email": Told(*[Receipt("later", "refused connection")] * 99), "sms": Told()}
    service = Service(store, hello(step={"expires": "P3D"}), channels=channels).hears(*WHO, ORDER)
    service.loop.tick(service.now)
    for _ in range(30):
        service.courier.deliver()
        service.now += HOUR + HOUR // 2
    assert len(channels["email"].letters) == ATTEMPTS
    assert service.states() == ["email failed", "sms accepted"]


def test_what_would_come_too_late_does_not_leave(store: Store) -> None:
    service = Service(store, hello(step={"expires": "PT1H"})).hears(*WHO, ORDER).until("03-02 11:01")
    assert service.states() == ["email expired"]
    assert service.channels["email"].letters == []
    assert service.until("03-02 11:02").learnt() == ["message.withdrawn"]


def test_what_was_tried_and_came_too_late_has_failed(store: Store) -> None:
    busy = Told(Receipt("later", "busy", wait=50 * MINUTE))
    of = hello(step={"expires": "PT1H", "through": ["email"]})
    service = Service(store, of, channels={"email": busy}).hears(*WHO, ORDER).until("03-02 10:00")
    service.until("03-02 11:30").until("03-02 11:31")
    assert service.states() == ["email expired"]
    assert service.learnt() == ["message.failed"]


def test_in_doubt_a_phone_is_not_rung_twice_and_a_mail_is_sent_again(store: Store) -> None:
    doubt = Receipt("unknown", "the line broke after DATA")
    channels = {"email": Told(doubt), "sms": Told(doubt)}
    of = hello(step={"through": {"all": ["email", "sms"]}})
    service = Service(store, of, channels=channels).hears(*WHO, ORDER).until("03-02 10:00")
    assert service.states() == ["email planned", "sms unknown"]
    service.until("03-02 10:05")
    assert service.states() == ["email accepted", "sms unknown"]
    assert (len(channels["email"].letters), len(channels["sms"].letters)) == (2, 1)


def test_a_courier_that_died_between_leaves_a_doubt_that_is_visible(store: Store) -> None:
    class Death(BaseException):
        pass

    def die() -> None:
        raise Death

    channels = {"email": Told(), "sms": Told()}
    of = hello(step={"through": {"all": ["email", "sms"]}})
    service = Service(store, of, channels=channels).hears(*WHO, ORDER)
    service.loop.tick(service.now)
    for channel in channels.values():
        channel.during = die
        with pytest.raises(Death):
            service.courier.deliver()
        channel.during = lambda: None
    assert service.states() == ["email handed", "sms handed"]
    service.now += LEASE
    service.courier.deliver()
    assert service.states() == ["email accepted", "sms unknown"]
    assert (len(channels["email"].letters), len(channels["sms"].letters)) == (2, 1)


def test_money_is_at_most_once_on_any_channel(store: Store) -> None:
    of = pack(play("gift", do("voucher", "give", through=["email"], amount=10), to={"role": "owner"}))
    service = Service(store, of, channels={"email": Told(Receipt("unknown", "?"))}).hears(*WHO, ORDER)
    assert service.until("03-02 10:00").states() == ["email unknown"]


def test_a_text_that_cannot_be_filled_in_waits_for_a_person(store: Store) -> None:
    service = Service(store, hello()).hears(*WHO, event("03-02 10:00", "order.made", order="A", w="broken"))
    assert service.until("03-02 10:00").states() == ["email review"]
    assert "texts/en/hello.md:3" in service.receipts()[0]


def test_a_channel_that_nobody_set_up_is_said_and_the_next_one_is_taken(store: Store) -> None:
    service = Service(store, hello(), channels={"sms": Told()}).hears(*WHO, ORDER).until("03-02 10:00")
    service.until("03-02 10:01")
    assert service.states() == ["email failed", "sms accepted"]
    assert service.receipts()[0] == "no channel 'email' is set up"


def test_cards_and_pop_ups_are_laid_down_for_their_readers(store: Store) -> None:
    of = pack(
        play(
            "p",
            do("call", "card", role="seller"),
            do("hint", through=["console"]),
            key="order",
            to={"role": "owner"},
        )
    )
    service = Service(store, of, channels={}).hears(*WHO, ORDER).until("03-02 10:00")
    assert service.states() == ["card accepted", "console accepted"]
    card, hint = store.notes()
    assert (card.kind, card.who, card.body, card.customer) == ("card", "seller", "seller: A", "c-1")
    assert (hint.kind, hint.who, hint.body) == ("console", "ann", "Ann: A")


def test_a_colleague_is_told_of_a_card_where_she_reads(store: Store) -> None:
    of = pack(play("p", do("call", "card", role="seller"), key="order"))
    desk = Told()
    service = Service(store, of, channels={"wecom": desk}, colleagues={"seller": ("wecom", "u-17")})
    service.hears(*WHO, ORDER).until("03-02 10:00").until("03-02 10:01")
    assert service.states() == ["card accepted", "wecom accepted"]
    assert [letter.to for letter in desk.letters] == ["u-17"]


def test_a_mail_that_bounces_takes_the_next_way(store: Store) -> None:
    service = Service(store, hello()).hears(*WHO, ORDER).until("03-02 10:00")
    (mail,) = store.messages()
    soft = Bounce(mail.planned.send_key, final=False, said="mailbox full")
    assert service.courier.bounced(soft)
    assert service.states() == ["email accepted"]
    assert service.courier.bounced(soft._replace(final=True, said="no such user"))
    assert not service.courier.bounced(soft._replace(final=True)), "it is known already"
    assert not service.courier.bounced(Bounce("nobody's", True, ""))
    assert service.until("03-02 10:01").states() == ["email failed", "sms accepted"]


def test_a_letter_that_is_late_does_not_ring_at_night(store: Store) -> None:
    busy = Told(Receipt("later", "busy", wait=2 * HOUR))
    quiet = {"quiet_hours": {"from": "21:00", "to": "08:00"}}
    late = event("03-02 20:00", "order.made", order="A", v=1)
    service = Service(store, hello(policy=quiet), channels={"email": busy}).hears(*WHO, late)
    service.until("03-02 20:00").until("03-02 22:00")
    assert store.messages()[0].planned.since == at("03-03 08:00")
    assert len(busy.letters) == 1
    assert service.until("03-03 08:00").states() == ["email accepted"]


def test_a_night_does_not_end_with_one_burst(store: Store) -> None:
    quiet = {"quiet_hours": {"from": "21:00", "to": "08:00"}}
    night = [event("03-02 23:00", "order.made", order=f"N{number}", v=1) for number in range(20)]
    service = Service(store, hello(policy=quiet)).hears(*WHO, *night).until("03-03 08:00")
    since = [one.planned.since - at("03-03 08:00") for one in store.messages()]
    assert len(since) == 20
    assert len(set(since)) == 20
    assert all(0 <= one < SPREAD for one in since)
    assert service.until("03-03 08:10").states() == ["email accepted"] * 20


def test_a_channel_gets_no_more_than_its_rate(store: Store) -> None:
    orders = [event("03-02 10:00", "order.made", order=f"N{number}", v=1) for number in range(10)]
    service = Service(store, hello(), rates={"email": Rate(0.5, burst=3)}).hears(*WHO, *orders)
    service.until("03-02 10:00")
    counts = [len(service.channels["email"].letters)]
    for _ in range(4):
        service.now += 2_000_000
        service.courier.deliver()
        counts.append(len(service.channels["email"].letters))
    assert counts == [3, 4, 5, 6, 7]


def test_a_courier_gives_back_what_it_could_not_begin_in_time(store: Store) -> None:
    slow = Told()
    orders = [event("03-02 10:00", "order.made", order=f"N{number}", v=1) for number in range(3)]
    service = Service(store, hello(), channels={"email": slow}).hears(*WHO, *orders)

    def hang() -> None:
        service.now += LEASE // 2 + 1

    slow.during = hang
    service.loop.tick(service.now)
    service.courier.deliver()
    assert service.states() == ["email accepted", "email planned", "email planned"]


def test_what_the_courier_told_the_log_is_told_once(store: Store) -> None:
    channels = {"email": Told(*[Receipt("refused", "550")] * 9)}
    service = Service(store, hello(step={"through": ["email"]}), channels=channels).hears(*WHO, ORDER)
    service.until("03-02 10:00").until("03-02 10:01").until("03-02 10:02")
    (failed,) = [one for one in store.events_of("c-1") if one.source == "peakend"]
    assert msgspec.json.decode(failed.data) == {"message": "c-1|hello|A|0|hello|0"}
    assert failed.id == "failed|c-1|hello|A|0|hello|0"


def test_workers_share_the_rate_of_a_channel() -> None:
    rate = Rate(2.0, burst=1)
    rate.share(4)
    rate.take(0)
    assert [rate.room(int(seconds * 1e6)) for seconds in (1.9, 2.0)] == [0, 1]
