"""The courier: what the fold let go is asked at the door, put into words, and handed over.

Every step of a delivery is in the store before the next begins, so that whoever takes over after a crash
knows what may be done again and what only a person can decide. The courier makes no verdict: it can take one
back (withdrawn, expired), and what it learns goes into the log as an input (message.failed, .withdrawn).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import msgspec

from peakend.errors import PeakendError
from peakend.fold import CustomerState, Program, new_state
from peakend.fold.door import Answer, Passage, ask_at_door, other_way
from peakend.loop.customers import load
from peakend.loop.deliveries import CARD, CONSOLE, contents_of, once, send_key
from peakend.loop.patience import Rate, wait_before
from peakend.loop.programs import Programs
from peakend.model.delivery import Bounce, Letter, Receipt, Words
from peakend.model.outcome import Content
from peakend.model.parts import CLASSES
from peakend.model.stored import Arrival, Delivery, Message, Note, Planned
from peakend.store.base import Store

LEASE: Final = 600_000_000
"""Microseconds for which a courier holds what it has claimed: longer than any channel may hang."""
LOOK: Final = 10_000_000
"""Microseconds between two looks for claims that others have lost."""
BATCH: Final = 20
"""Deliveries that are claimed at once: few, because what is not begun within half a lease is given back."""
ATTEMPTS: Final = 12
"""Hand-overs after which a delivery has failed, if it has not expired before."""
SOURCE: Final = "peakend"
"""The source of what the courier itself tells the log."""

REACHED: Final[tuple[Delivery, ...]] = ("accepted", "delivered", "unknown")
OPEN: Final[tuple[Delivery, ...]] = ("planned", "review", "claimed", "handed")


class HandsOver(Protocol):
    """A channel, as far as a courier needs it."""

    def hand_over(self, letter: Letter, now: int) -> Receipt:
        """Give a letter away; whatever happens on the wire is an answer, never an error."""


class Addressee(msgspec.Struct, frozen=True, kw_only=True):
    """Who shall read some words: a contact by name, or the colleague of a role."""

    channel: str
    name: str
    address: str
    role: str
    unsubscribe: str = ""


Compose = Callable[[Sequence[Content], Addressee], Words]
"""Puts the contents of a message into words. A PeakendError says what about the text must be mended."""


@dataclass(frozen=True, kw_only=True)
class Post:
    """What a courier delivers with. `otherwise` stands in for channels that are not set up. `colleagues` says
    on which channel and address a role is told of a card.

    `unsubscribe` makes the address of one-click unsubscribing for a customer and a class ('' for none).
    """

    channels: Mapping[str, HandsOver]
    compose: Compose
    otherwise: HandsOver | None = None
    rates: Mapping[str, Rate] = field(default_factory=dict)
    colleagues: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    unsubscribe: Callable[[str, str], str] = lambda customer, class_: ""


class Courier:
    """One deliverer over a store. `clock` gives the instant again while a batch is on its way."""

    def __init__(
        self, store: Store, programs: Programs, post: Post, *, worker: str, clock: Callable[[], int]
    ) -> None:
        self._store, self._programs, self._post = store, programs, post
        self._worker, self._clock = worker, clock
        self._looked = 0

    def deliver(
        self,
        channels: Sequence[str] | None = None,
        spared: Sequence[str] = (),
        until: Callable[[], bool] = lambda: False,
    ) -> int:
        """Hand over what is due now, on some channels or on all; how many deliveries were taken up.

        What is not begun when `until` says yes is given back.
        """
        now = self._clock()
        if not self._looked <= now < self._looked + LOOK:
            self._looked = now
            self._store.claim_messages(self._worker, now, LEASE, 0)  # what others have lost waits again
        waiting = self._store.waiting_channels(now)
        wanted = waiting if channels is None else [name for name in waiting if name in channels]
        taken = 0
        for channel in wanted:
            rate = self._post.rates.get(channel)
            room = BATCH if rate is None else min(BATCH, rate.room(now))
            if room:
                claimed = self._store.claim_messages(
                    self._worker, now, LEASE, room, channels=[channel], spared=spared
                )
                for one in claimed:
                    self._take_up(one, now, until())
                taken += len(claimed)
        return taken

    def bounced(self, bounce: Bounce) -> bool:
        """A channel's late word: what bounced for good has failed, and the next way is tried."""
        one = self._store.delivery(bounce.send_key)
        if one is None or one.state not in REACHED:
            return False
        return self.decided(bounce.send_key, "failed" if bounce.final else one.state, bounce.said)

    def decided(self, send_key: str, state: Delivery, said: str) -> bool:
        """What a person or a receipt says about a delivery that nobody holds, and what follows from it."""
        one, now = self._store.delivery(send_key), self._clock()
        if one is None or one.state == "failed":
            return False
        then: list[Planned] = []
        tell: list[Arrival] = []
        if state == "failed":
            then, tell = self._after_failure(one, self._state(one.planned.customer), now)
        elif state == "withdrawn":
            tell = self._told(one.planned, self._siblings(one.planned), "withdrawn", now, "by hand")
        return self._store.decide(send_key, state, now, said, then=then, tell=tell)

    def _take_up(self, one: Message, claimed_at: int, too_late: bool) -> None:
        now = self._clock()
        if too_late or now - claimed_at > LEASE // 2:
            self._move(one, "planned", now, "")
            return
        state = self._state(one.planned.customer)
        answer = self._ask(one, state, now)
        if answer.reason:
            self._take_back(one, answer.reason, now)
        elif answer.wait:
            self._store.move(one.planned.send_key, one.token, "planned", now, since=answer.wait)
        else:
            self._bring(one, state, answer, now)

    def _ask(self, one: Message, state: CustomerState, now: int) -> Answer:
        planned = one.planned
        answer = ask_at_door(self._program, state, self._passage(planned), now)
        if not answer.reason and answer.address and self._store.suppressed([answer.address]):
            return Answer("suppressed")
        return answer

    def _bring(self, one: Message, state: CustomerState, answer: Answer, now: int) -> None:
        planned = one.planned
        contents = self._contents(planned)
        try:
            letter = self._letter(one, contents, answer)
        except PeakendError as error:
            self._move(one, "review", now, error.text("en"))
            return
        if not self._move(one, "handed", now, ""):
            return
        rate = self._post.rates.get(planned.channel)
        if rate is not None:
            rate.take(now)
        receipt = self._hand_over(letter, planned, contents[0], now)
        if letter.words.unknown:
            receipt = receipt._replace(said=f"{receipt.said}; empty: {', '.join(letter.words.unknown)}")
        self._conclude(one, receipt, state)

    def _letter(self, one: Message, contents: Sequence[Content], answer: Answer) -> Letter:
        planned, first = one.planned, contents[0]
        address, name, role = answer.address, answer.name, first.role
        if role and planned.channel != CARD:
            _, address = self._post.colleagues.get(role, ("", ""))
        class_ = CLASSES[planned.rank]
        leaving = "" if role else self._post.unsubscribe(planned.customer, class_)
        who = Addressee(channel=planned.channel, name=name, address=address, role=role, unsubscribe=leaving)
        return Letter(
            send_key=planned.send_key,
            customer=planned.customer,
            channel=planned.channel,
            to=address,
            to_name=name,
            words=self._post.compose(contents, who),
            class_=class_,
            unsubscribe=leaving,
            attempt=one.attempts + 1,
            data={
                "customer": planned.customer,
                "play": planned.play,
                "step": planned.step,
                "key": planned.key,
                "fields": first.fields,
            },
        )

    def _hand_over(self, letter: Letter, planned: Planned, content: Content, now: int) -> Receipt:
        if letter.channel not in (CARD, CONSOLE):
            channel = self._post.channels.get(letter.channel, self._post.otherwise)
            if channel is None:
                return Receipt("refused", f"no channel '{letter.channel}' is set up")
            return channel.hand_over(letter, now)
        self._store.put_note(
            Note(
                send_key=letter.send_key,
                kind="card" if letter.channel == CARD else "console",
                customer=letter.customer,
                who=content.role if letter.channel == CARD else planned.contact,
                play=planned.play,
                message=planned.message,
                subject=letter.words.subject,
                body=letter.words.text,
                severity=letter.words.severity,
                link=letter.words.link,
                at=now,
                until=planned.until,
            )
        )
        return Receipt("accepted", "laid down")

    def _conclude(self, one: Message, receipt: Receipt, state: CustomerState) -> None:
        """Write down what a channel answered, and what follows from it."""
        now, planned = self._clock(), one.planned
        said = f"{receipt.said} [{receipt.reference}]" if receipt.reference else receipt.said
        match receipt.answer:
            case "accepted" | "delivered" as done:
                self._store.move(
                    planned.send_key, one.token, done, now, receipt=said, then=self._notice(one, now)
                )
            case "unknown" if planned.at_most_once:
                self._move(one, "unknown", now, said)
            case "refused":
                self._fail(one, said, state, now)
            case "later" | "unknown":
                since = now + max(receipt.wait, wait_before(planned.send_key, one.attempts + 1))
                if one.attempts + 1 >= ATTEMPTS or since > planned.until:
                    self._fail(one, said, state, now)
                else:
                    self._store.move(planned.send_key, one.token, "planned", now, receipt=said, since=since)

    def _notice(self, one: Message, now: int) -> list[Planned]:
        """A colleague who has been given a card is told of it where she reads."""
        planned = one.planned
        if planned.channel != CARD or not self._post.colleagues:
            return []
        channel, address = self._post.colleagues.get(self._contents(planned)[0].role, ("", ""))
        if not channel:
            return []
        key = send_key(planned.message, channel, address)
        return [msgspec.structs.replace(planned, send_key=key, channel=channel, since=now)]

    def _fail(self, one: Message, said: str, state: CustomerState, now: int) -> None:
        then, tell = self._after_failure(one, state, now)
        planned = one.planned
        self._store.move(planned.send_key, one.token, "failed", now, receipt=said, then=then, tell=tell)

    def _after_failure(
        self, one: Message, state: CustomerState, now: int
    ) -> tuple[list[Planned], list[Arrival]]:
        """The next way of the same message; where there is none left, the log is told that it failed."""
        planned = one.planned
        siblings = self._siblings(planned)
        tried = {(sibling.planned.channel, sibling.planned.contact) for sibling in siblings}
        tried.add((planned.channel, planned.contact))
        way = other_way(self._program, state, self._passage(planned), now, tried)
        if way is not None:
            key = send_key(planned.message, way.channel, way.contact)
            following = msgspec.structs.replace(
                planned,
                send_key=key,
                channel=way.channel,
                contact=way.contact,
                since=now,
                at_most_once=once(way.channel, self._contents(planned)[0].action),
            )
            return [following], []
        return [], self._told(planned, siblings, "failed", now)

    def _take_back(self, one: Message, reason: str, now: int) -> None:
        """A message that must not leave any more: withdrawn, or expired on its way."""
        planned = one.planned
        unreached = reason == "expired" and one.attempts > 0
        tell = self._told(
            planned, self._siblings(planned), "failed" if unreached else "withdrawn", now, reason
        )
        state: Delivery = "expired" if reason == "expired" else "withdrawn"
        self._store.move(planned.send_key, one.token, state, now, receipt=reason, tell=tell)

    def _told(
        self, planned: Planned, siblings: Sequence[Message], what: str, now: int, reason: str = ""
    ) -> list[Arrival]:
        """What the log is told once nothing of a message is on its way and nothing of it has arrived."""
        if any(sibling.state in (*REACHED, *OPEN) for sibling in siblings) or planned.channel == CARD:
            return []
        if any(sibling.state == "failed" for sibling in siblings):
            what = "failed"
        data = {"message": planned.message} | ({"reason": reason} if what == "withdrawn" else {})
        text = msgspec.json.encode(data, order="sorted").decode()
        id_ = f"{what}|{planned.message}"
        return [Arrival(SOURCE, id_, planned.customer, f"message.{what}", now, "", text)]

    def _siblings(self, planned: Planned) -> list[Message]:
        """The other deliveries of the same message."""
        found = self._store.deliveries_of(planned.message)
        return [one for one in found if one.planned.send_key != planned.send_key]

    def _contents(self, planned: Planned) -> list[Content]:
        return contents_of(self._store, planned.message)

    def _passage(self, planned: Planned) -> Passage:
        """Who wants out; a run that was carried over to another name of the customer is asked for there."""
        who, play, key, occurrence = planned.customer, planned.play, planned.key, planned.occurrence
        ended = self._store.how_ended(who, play, key, occurrence)
        while ended == "carried" and (there := self._store.carried_to(who, play, key, occurrence)):
            who, occurrence = there
            ended = self._store.how_ended(who, play, key, occurrence)
        run = key, occurrence
        return Passage(play, run, planned.step, planned.channel, planned.contact, planned.until, ended)

    def _state(self, customer: str) -> CustomerState:
        """The newest state of whom a name belongs to; its own while its join is still to come."""
        whom = self._store.names_of(customer)[0]
        known = load(self._store, self._programs, [customer, whom])
        found = known.get(customer) or known.get(whom)
        return found.state if found else new_state(customer)

    @property
    def _program(self) -> Program:
        return self._programs.current.program

    def _move(self, one: Message, state: Delivery, now: int, receipt: str) -> bool:
        return self._store.move(one.planned.send_key, one.token, state, now, receipt=receipt)
