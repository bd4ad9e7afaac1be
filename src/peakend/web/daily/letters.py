"""Messages: what left or is to leave, one with its words and why, and what a person decides about it.

Words are put together once more from what was known when the message was decided; those of a card or a pop-up
stand in the store as their reader got them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final, Literal, NamedTuple

import msgspec

from peakend.deliver.compose import compose
from peakend.errors import Missing, PeakendError
from peakend.loop.deliveries import contents_of
from peakend.loop.delivering import Courier, Post
from peakend.loop.programs import Programs
from peakend.model.account import AuditEntry
from peakend.model.delivery import Words
from peakend.model.looked import FAR, MOST, AskedMessages, AskedVerdicts
from peakend.model.outcome import Verdict
from peakend.model.pack import Pack
from peakend.model.parts import CLASSES
from peakend.model.publication import Paused
from peakend.model.stored import Delivery, Message
from peakend.publish import packs_of
from peakend.store import Store
from peakend.tell.masked import masked_text
from peakend.web.daily.called import names_of_customers
from peakend.web.house import needed
from peakend.wire.messages import Because, Decision, Letter, Line, Listed, Review, Waits

SHOWN: Final = 30
MOST_AT_ONCE: Final = 500
"""Messages that are released in one step: what is more needs another look."""
_FEW: Final = 20

OPEN: Final[dict[Delivery, tuple[Decision, ...]]] = {
    "unknown": ("delivered", "accepted", "failed", "withdrawn", "again"),
    "review": ("again", "withdrawn"),
    "planned": ("withdrawn",),
    "accepted": ("delivered", "failed"),
}
"""What a person may decide about a delivery in a state."""


class Filter(NamedTuple):
    """Which deliveries are asked for; `since` and `until` are a half-open span of instants."""

    state: Delivery | Literal[""] = ""
    channel: str = ""
    play: str = ""
    customer: str = ""
    since: int = 0
    until: int = FAR


def letters_of(store: Store, asked: Filter, now: int, after: str = "", limit: int = SHOWN) -> Listed:
    """A page of the deliveries that are asked for, what may leave last first."""
    found = store.list_messages(
        AskedMessages(
            customer=asked.customer,
            play=asked.play,
            channel=asked.channel,
            states=(asked.state,) if asked.state else (),
            since=asked.since,
            until=asked.until,
        ),
        after,
        limit,
    )
    return Listed(_lines(store, found.rows, now), found.after)


def rare(store: Store, state: Delivery) -> int:
    """How many deliveries are in a state that few are in; MOST stands for so many or more."""
    return len(store.list_messages(AskedMessages(states=(state,)), limit=MOST).rows)


def letter_of(
    store: Store, pack: Pack | None, sender: Mapping[str, str], key: str, now: int, *, whole: bool
) -> Letter:
    """One delivery; unless it is wanted `whole`, phone numbers and mail addresses in its words are masked.

    Raises Missing where there is none of this key.
    """
    one = _meant(store, key)
    planned = one.planned
    siblings = [other for other in store.deliveries_of(planned.message) if other.planned.send_key != key]
    line, *others = _lines(store, [one, *siblings], now)
    shown = _words(store, pack, sender, one)
    return Letter(
        **msgspec.structs.asdict(line),
        message=planned.message,
        run=planned.key,
        contact=planned.contact,
        at_most_once=planned.at_most_once,
        words=shown is not None,
        subject=_masked(shown[0], whole) if shown else "",
        text=_masked(shown[1], whole) if shown else "",
        verdict=_because(store, one),
        others=others,
        decisions=[*OPEN.get(one.state, ())],
    )


def decide(store: Store, pack: Pack | None, key: str, what: Decision, who: str, now: int) -> None:
    """A person's word on a delivery, kept with her name. Raises PeakendError where it may not be so."""
    one = _meant(store, key)
    if what not in OPEN.get(one.state, ()):
        raise _not_so(one.state)
    state: Delivery = "planned" if what == "again" else what
    said = f"{what}: {who}"
    if not _courier(store, pack, who, now).decided(key, state, said):
        raise _not_so(one.state)
    store.record(
        AuditEntry(at=now, who=who, what="message.decided", about=key[:16], before=one.state, after=what)
    )


def review_of(store: Store, now: int) -> Review:
    """What is under review, as it is shown before it is released."""
    found = store.messages(states=["review"])[:MOST_AT_ONCE]
    return Review(
        number=len(found),
        customers=len({one.planned.customer for one in found}),
        channels=Counter(one.planned.channel for one in found).most_common(),
        plays=Counter(one.planned.play for one in found).most_common(),
        first=_lines(store, found[:_FEW], now),
        mark=_mark(found),
    )


def release(store: Store, mark: str, who: str, now: int) -> int:
    """Let go what somebody has seen under review; how many. Raises PeakendError where it has changed."""
    found = store.messages(states=["review"])[:MOST_AT_ONCE]
    if not found or _mark(found) != mark:
        raise PeakendError(
            "What is under review has changed since you looked",
            fix="Look at it once more, then release it",
            what_zh="您查看之后，待复核的消息有变化",
            fix_zh="请重新看一遍，再放行",
        )
    said = f"released: {who}"
    done = sum(store.decide(one.planned.send_key, "planned", now, said) for one in found)
    store.record(AuditEntry(at=now, who=who, what="message.released", about="review", after=str(done)))
    return done


def _meant(store: Store, key: str) -> Message:
    one = store.delivery(key)
    if one is None:
        raise Missing(
            "There is no such message",
            fix="Look for it among the messages",
            what_zh="没有这条消息",
            fix_zh="请在消息列表中查找",
        )
    return one


def _lines(store: Store, found: Sequence[Message], now: int) -> list[Line]:
    names = names_of_customers(store, {one.planned.customer for one in found})
    paused = store.paused()
    return [_line(one, names, waits_for(one, paused, now)) for one in found]


def waits_for(one: Message, paused: Paused, now: int) -> Waits:
    """What a delivery waits for. The door puts off for quiet hours alone, a channel for another try."""
    if one.state in ("review", "unknown"):
        return "review" if one.state == "review" else "decision"
    if one.state != "planned":
        return ""
    if paused.bars(one.planned.play, one.planned.channel):
        return "paused"
    if one.planned.since <= now:
        return "queue"
    if one.attempts:
        return "retry"
    return "quiet" if one.changed else "turn"


def _line(one: Message, names: Mapping[str, str], waits: Waits) -> Line:
    planned = one.planned
    return Line(
        key=planned.send_key,
        customer=planned.customer,
        customer_name=names.get(planned.customer, ""),
        play=planned.play,
        step=planned.step,
        channel=planned.channel,
        class_=CLASSES[planned.rank],
        state=one.state,
        since=planned.since,
        until=planned.until,
        changed=one.changed,
        attempts=one.attempts,
        receipt=one.receipt,
        waits=waits,
    )


def _words(
    store: Store, pack: Pack | None, sender: Mapping[str, str], one: Message
) -> tuple[str, str] | None:
    """Subject and text; None where they cannot be told any more."""
    note = store.note(one.planned.send_key)
    if note is not None:
        return note.subject, note.body
    contents = contents_of(store, one.planned.message)
    if pack is None or not contents:
        return None
    contact = {"name": "", "role": contents[0].role, "channel": one.planned.channel, "address": ""}
    try:
        words = compose(pack, contents, channel=one.planned.channel, contact=contact, sender=sender)
    except PeakendError:
        return None  # the pack has lost the text since
    return words.subject, words.text


def _masked(text: str, whole: bool) -> str:
    return text if whole else masked_text(text)


def _because(store: Store, one: Message) -> Because | None:
    planned = one.planned
    asked = AskedVerdicts(customer=planned.customer, play=planned.play, outcome="send")
    after = ""
    for _ in range(5):
        found = store.list_verdicts(asked, after, 100)
        for row in found.rows:
            if row.verdict.message == planned.message:
                return _told(row.verdict)
        after = found.after
        if not after:
            break
    return None


def _told(one: Verdict) -> Because:
    return Because(one.outcome, one.reason, one.due, one.instant, one.holds)


def _courier(store: Store, pack: Pack | None, who: str, now: int) -> Courier:
    post = Post(
        channels={}, compose=lambda contents, reader: Words(name="", language="", subject="", text="")
    )
    return Courier(store, Programs(needed(pack), packs_of(store), True), post, worker=who, clock=lambda: now)


def _mark(found: list[Message]) -> str:
    return sha256("\n".join(one.planned.send_key for one in found).encode()).hexdigest()[:16]


def _not_so(state: str) -> PeakendError:
    return PeakendError(
        f"This cannot be decided about a message that is '{state}'",
        fix="Look at it again: something has become of it",
        what_zh="这条消息的状态已变化，不能这样处理",
        fix_zh="请刷新后再看",
    )
