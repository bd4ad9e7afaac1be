"""Messages in memory: who may hand one over, what became of it, and the notes that people fetch."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from peakend.model.outcome import Ended
from peakend.model.stored import Arrival, Delivery, Message, Note, NoteAct, NoteState, Planned
from peakend.store.acts import acted
from peakend.store.hooks import card_made
from peakend.store.memory_held import Held
from peakend.store.memory_hooks import told_to
from peakend.store.rows import (
    as_stored,
    check_arrivals,
    decode_output,
    fates,
    note_from,
    note_row,
    storable,
    untouched,
)

HELD: tuple[Delivery, ...] = ("claimed", "handed")


class MemoryMessages(Held):
    """The part of a store that is about messages on their way."""

    def claim_messages(
        self,
        worker: str,
        now: int,
        lease: int,
        limit: int,
        *,
        channels: Sequence[str] | None = None,
        spared: Sequence[str] = (),
    ) -> list[Message]:
        with self._alone():
            for key, one in self._messages.items():
                if one.state in HELD and one.lease <= now:
                    lost = one.state == "handed" and one.planned.at_most_once
                    self._messages[key] = replace(one, state="unknown" if lost else "planned", changed=now)
            order = self._channels() if channels is None else list(channels)
            ready = [
                one
                for one in self._messages.values()
                if one.state == "planned"
                and one.planned.since <= now
                and one.planned.channel in order
                and one.planned.play not in spared
            ]
            ready.sort(
                key=lambda one: (one.planned.rank, order.index(one.planned.channel), one.planned.since)
            )
            claimed = [
                replace(one, state="claimed", token=one.token + 1, lease=now + lease, changed=now)
                for one in ready[:limit]
            ]
            self._messages |= {one.planned.send_key: one for one in claimed}
            return claimed

    def waiting_channels(self, now: int) -> list[str]:
        with self._alone():
            waiting = [one.planned for one in self._messages.values() if one.state == "planned"]
            return sorted({one.channel for one in waiting if one.since <= now})

    def move(
        self,
        send_key: str,
        token: int,
        state: Delivery,
        now: int,
        *,
        receipt: str = "",
        since: int | None = None,
        then: Sequence[Planned] = (),
        tell: Sequence[Arrival] = (),
    ) -> bool:
        with self._alone():
            check_arrivals(tell, self.shards)
            one = self._messages.get(send_key)
            if one is None or one.state not in HELD or one.token != token:
                return False
            planned = one.planned if since is None else replace(one.planned, since=since)
            self._messages[send_key] = replace(
                one,
                planned=planned,
                state=state,
                attempts=one.attempts + (state == "handed"),
                receipt=storable(receipt) or one.receipt,
                changed=now,
            )
            self._follow(then, tell)
            return True

    def decide(
        self,
        send_key: str,
        state: Delivery,
        now: int,
        receipt: str,
        *,
        then: Sequence[Planned] = (),
        tell: Sequence[Arrival] = (),
    ) -> bool:
        with self._alone():
            check_arrivals(tell, self.shards)
            one = self._messages.get(send_key)
            if one is None or one.state in HELD:
                return False
            receipt = storable(receipt) or one.receipt
            self._messages[send_key] = replace(one, state=state, receipt=receipt, changed=now)
            self._follow(then, tell)
            return True

    def hold_for_review(self, now: int) -> int:
        with self._alone():
            waiting = [one for one in self._messages.values() if one.state in ("planned", "claimed")]
            for one in waiting:
                self._messages[one.planned.send_key] = replace(one, state="review", changed=now)
            return len(waiting)

    def messages(self, customer: str | None = None, states: Sequence[Delivery] = ()) -> list[Message]:
        with self._alone():
            return [
                one
                for one in self._messages.values()
                if customer in (None, one.planned.customer) and (not states or one.state in states)
            ]

    def delivery(self, send_key: str) -> Message | None:
        with self._alone():
            return self._messages.get(send_key)

    def deliveries_like(self, beginning: str) -> list[Message]:
        with self._alone():
            return [one for key, one in self._messages.items() if key.startswith(beginning)]

    def deliveries_of(self, message: str) -> list[Message]:
        with self._alone():
            return [one for one in self._messages.values() if one.planned.message == message]

    def contents(self, message: str) -> list[bytes]:
        with self._alone():
            found = self._contents.get(message, {}).values()
            return [told.body for told in sorted(found, key=lambda told: (told.instant, told.part))]

    def how_ended(self, customer: str, play: str, key: str, occurrence: int) -> str | None:
        with self._alone():
            for row in reversed(self._outputs.get(customer, [])):
                one = decode_output(row.body) if row.play == play else None
                if isinstance(one, Ended) and (one.key, one.occurrence) == (key, occurrence):
                    return one.how
            return None

    def put_note(self, note: Note) -> None:
        note = note_from(note_row(note))
        with self._alone():
            known = self._notes.get(note.send_key)
            if known is not None:
                words = {name: getattr(note, name) for name in ("subject", "body", "severity", "link")}
                note = replace(known, **words)
            self._notes[note.send_key] = note
            if known is None:
                told_to(self, card_made(note))

    def notes(
        self, *, kind: str = "", customer: str = "", who: str = "", states: Sequence[NoteState] = ()
    ) -> list[Note]:
        with self._alone():
            return [
                one
                for one in self._notes.values()
                if kind in ("", one.kind)
                and customer in ("", one.customer)
                and who in ("", one.who)
                and (not states or one.state in states)
            ]

    def note(self, send_key: str) -> Note | None:
        with self._alone():
            return self._notes.get(send_key)

    def act_on_note(self, act: NoteAct, tell: Sequence[Arrival] = ()) -> bool:
        check_arrivals(tell, self.shards)
        act = as_stored(act)
        with self._alone():
            note = self._notes.get(act.send_key)
            after = acted(note, act) if note is not None else None
            if after is None:
                return False
            self._notes[act.send_key] = after
            self._acts.append(act)
            self._acted += 1
            self._follow((), tell)
            return True

    def note_acts(self, send_key: str) -> list[NoteAct]:
        with self._alone():
            return [one for one in self._acts if one.send_key == send_key]

    def start(self, worker: str) -> int:
        with self._alone():
            self._starts[worker] = self._starts.get(worker, 0) + 1
            return self._starts[worker]

    def starts(self) -> dict[str, int]:
        with self._alone():
            return dict(self._starts)

    def overdue(self, now: int) -> int:
        with self._alone():
            asleep = sum(row.wake is not None and row.wake <= now for row in self._states.values())
            waiting = (one for one in self._messages.values() if one.state == "planned")
            return asleep + sum(one.planned.since <= now for one in waiting)

    def _channels(self) -> list[str]:
        return sorted({one.planned.channel for one in self._messages.values() if one.state == "planned"})

    def _follow(self, then: Sequence[Planned], tell: Sequence[Arrival]) -> None:
        for planned in then:
            self._messages.setdefault(planned.send_key, untouched(planned))
        found = fates(tell, self._known)
        self._take_in(one for one, fate in zip(tell, found, strict=True) if fate == "taken")
