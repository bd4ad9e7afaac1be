"""Lists from memory: the plainest reading of what a page of each list holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from peakend.model.looked import (
    Affected,
    AskedAside,
    AskedCards,
    AskedCustomers,
    AskedEncounters,
    AskedEvents,
    AskedMessages,
    AskedRuns,
    AskedVerdicts,
    Clock,
    CustomerLine,
    Decided,
    Page,
    Ran,
)
from peakend.model.outcome import Breached, Encountered, Ended, Entered, Output, Verdict
from peakend.model.stored import Message, Note, Recorded, Unusable
from peakend.store.known_by import ADDRESS, ATTRIBUTE, CONTACT, folded
from peakend.store.memory_held import Concluded, Held
from peakend.store.paging import page, place_of, rows_of
from peakend.store.refusals import too_wide
from peakend.store.rows import cause_of, decode_output, digest

T = TypeVar("T")
Placed = tuple[tuple[Any, ...], T]
"""A place, and what stands there."""


class MemoryLooking(Held):
    """The part of a store in memory that shows lists."""

    def list_customers(self, asked: AskedCustomers, after: str = "", limit: int = 50) -> Page[CustomerLine]:
        with self._alone():
            if asked == AskedCustomers():
                known = [name for name in self._events if name and name not in self._names.aliases]
                found = _page(
                    [(self._last(name), name) for name in known if self._events[name]], after, limit
                )
            else:
                fitting = [((name,), name) for name in {*self._events} - {""} if self._fits(asked, name)]
                found = _page(fitting, after, limit, rising=True)
            aliases = self._names.aliases
            names = dict.fromkeys(aliases[name].whom if name in aliases else name for name in found.rows)
            return Page([self._line(name) for name in names], found.after)

    def list_events(self, asked: AskedEvents, after: str = "", limit: int = 50) -> Page[Recorded]:
        with self._alone():
            names = self._persons(asked.customer)
            found = [
                ((one.seen, one.seq, shard), one)
                for name, rows in self._events.items()
                if names is None or name in names
                for one, shard in rows
                if asked.kind in ("", one.kind)
                and asked.source in ("", one.source)
                and asked.since <= one.seen < asked.until
            ]
            return _page(found, after, limit)

    def list_verdicts(self, asked: AskedVerdicts, after: str = "", limit: int = 50) -> Page[Decided]:
        with self._alone():
            found = [
                ((one.instant, row.place, one.customer), Decided(one, row.place, row.pack))
                for row, one in self._concluded(asked.customer)
                if isinstance(one, Verdict)
                and asked.play in ("", one.play)
                and asked.outcome in ("", one.outcome)
                and asked.reason in ("", one.reason)
                and asked.since <= one.instant < asked.until
            ]
            return _page(found, after, limit)

    def list_encounters(self, asked: AskedEncounters, after: str = "", limit: int = 50) -> Page[Encountered]:
        with self._alone():
            found = [
                ((one.instant, row.place, one.customer), one)
                for row, one in self._concluded(asked.customer)
                if isinstance(one, Encountered)
                and asked.touchpoint in ("", one.touchpoint)
                and asked.state in ("", one.state)
                and asked.settled in (None, one.settled)
                and asked.since <= one.instant < asked.until
            ]
            return _page(found, after, limit)

    def list_breaches(self, since: int, until: int, after: str = "", limit: int = 50) -> Page[Breached]:
        with self._alone():
            found = [
                ((one.instant, row.place, one.customer), one)
                for row, one in self._concluded("")
                if isinstance(one, Breached) and since <= one.instant < until
            ]
            return _page(found, after, limit)

    def list_runs(self, asked: AskedRuns, after: str = "", limit: int = 50) -> Page[Ran]:
        with self._alone():
            if not asked.customer and not asked.play:
                raise too_wide()
            found = [
                (place, one)
                for place, one in self._runs(asked.customer)
                if asked.play in ("", one.play) and asked.open in (None, one.how is None)
            ]
            return _page(found, after, limit)

    def list_messages(self, asked: AskedMessages, after: str = "", limit: int = 50) -> Page[Message]:
        with self._alone():
            names = self._persons(asked.customer)
            found = [
                ((one.planned.since, number), one)
                for number, one in enumerate(self._messages.values(), 1)
                if (names is None or one.planned.customer in names)
                and asked.play in ("", one.planned.play)
                and asked.channel in ("", one.planned.channel)
                and (not asked.states or one.state in asked.states)
                and asked.since <= one.planned.since < asked.until
            ]
            return _page(found, after, limit)

    def list_cards(self, asked: AskedCards, after: str = "", limit: int = 50) -> Page[Note]:
        with self._alone():
            names = self._persons(asked.customer)
            found = [
                (number, one)
                for number, one in enumerate(self._notes.values(), 1)
                if one.kind == "card"
                and (names is None or one.customer in names)
                and asked.who in ("", one.who)
                and asked.assignee in ("", one.assignee)
                and (not asked.states or one.state in asked.states)
                and (asked.waiting_at is None or waits(one, asked.waiting_at))
            ]
            if asked.waiting_at is None:
                return _page([((number,), one) for number, one in found], after, limit)
            return _page([((one.until, number), one) for number, one in found], after, limit, rising=True)

    def list_aside(self, asked: AskedAside, after: str = "", limit: int = 50) -> Page[Unusable]:
        with self._alone():
            found = [
                ((one.number,), one)
                for one in self._aside
                if one.mended == asked.mended
                and asked.source in ("", one.source)
                and asked.kind in ("", one.kind)
                and asked.cause in ("", cause_of(one.reason_en))
            ]
            return _page(found, after, limit)

    def list_clocks(self, until: int, after: str = "", limit: int = 50) -> Page[Clock]:
        with self._alone():
            found = [
                ((one.deadline, one.customer, one.touchpoint, digest(one.key), one.begun, one.standard), one)
                for clocks in self._clocks.values()
                for one in clocks
                if one.deadline < until
            ]
            return _page(found, after, limit, rising=True)

    def list_affected(self, subject: str, at: int, after: str = "", limit: int = 50) -> Page[Affected]:
        with self._alone():
            found = [
                ((name,), Affected(name, begins, self._states[name].wake if name in self._states else None))
                for name, begins in self._concerned(subject, at).items()
            ]
            return _page(found, after, limit, rising=True)

    def messages_since(self, customers: Sequence[str], since: int) -> list[Message]:
        rows_of(max(len(customers), 1))
        with self._alone():
            found = [one for one in self._messages.values() if one.planned.customer in customers]
            return sorted(
                (one for one in found if one.planned.since >= since), key=lambda one: one.planned.since
            )

    def _persons(self, customer: str) -> list[str] | None:
        """All names of a customer; None where nobody is asked for."""
        aliases = self._names.aliases
        final = aliases[customer].whom if customer in aliases else customer
        return [final, *(n for n, one in aliases.items() if one.whom == final)] if customer else None

    def _concluded(self, customer: str) -> Iterator[tuple[Concluded, Output]]:
        names = self._persons(customer)
        for name, rows in self._outputs.items():
            if names is None or name in names:
                yield from ((row, decode_output(row.body)) for row in rows)

    def _runs(self, customer: str) -> list[Placed[Ran]]:
        ran: dict[tuple[str, str, str, int], Placed[Ran]] = {}
        for row, one in self._concluded(customer):
            if isinstance(one, Entered):
                run = one.customer, one.play, one.key, one.occurrence
                known = ran[run][1] if run in ran else Ran(*run, None, None, None, None, None, None, None, "")
                entry = known._replace(
                    entry_kind=one.kind, entered_at=one.at, entered_seen=one.seen, pack=row.pack
                )
                ran[run] = (one.seen, row.place, one.customer), entry
            elif isinstance(one, Ended):
                run = one.customer, one.play, one.key, one.occurrence
                if run in ran:
                    place, known = ran[run]
                    ran[run] = (
                        place,
                        known._replace(how=one.how, end_kind=one.kind, ended_at=one.at, ended_seen=one.seen),
                    )
        return [*ran.values()]

    def _concerned(self, subject: str, at: int) -> dict[str, int]:
        """Whom a subject concerns at an instant, and since when."""
        return {
            name: min(begins)
            for name, known in self._names.relations.items()
            if (
                begins := [
                    one.begins for one in known if one.subject == subject and one.begins <= at < one.ends
                ]
            )
        }

    def _last(self, name: str) -> tuple[int, int, int]:
        return max((one.seen, one.seq, shard) for one, shard in self._events[name])

    def _fits(self, asked: AskedCustomers, name: str) -> bool:
        told = self._known_by.get(name, {})
        text, address = folded(asked.text), folded(asked.address)
        return (
            name.startswith(asked.id)
            and (not asked.text or any(text in fold for what, fold in told if what != ADDRESS))
            and (not asked.address or (ADDRESS, address) in told)
        )

    def _line(self, name: str) -> CustomerLine:
        events = sorted((one for one, _ in self._events.get(name, ())), key=lambda one: (one.seen, one.seq))
        felt = [
            (one.instant, row.place, one)
            for row in self._outputs.get(name, ())
            if isinstance(one := decode_output(row.body), Encountered) and one.state != "neutral"
        ]
        peak = max(felt, key=lambda one: one[:2])[2] if felt else None
        called = [
            (what, seen, fold, text)
            for (what, fold), (text, seen) in self._known_by.get(name, {}).items()
            if what in (ATTRIBUTE + "name", CONTACT)
        ]
        called.sort(key=lambda one: one[2])
        called.sort(key=lambda one: one[:2], reverse=True)
        return CustomerLine(
            name,
            called[0][3] if called else "",
            events[-1].seen if events else 0,
            events[-1].kind if events else "",
            sum(1 for _, one in self._runs(name) if one.customer == name and one.how is None),
            peak.state if peak else "",
            peak.instant if peak else 0,
            peak.touchpoint if peak else "",
        )


def waits(note: Note, now: int) -> bool:
    """Whether a card has to be done now."""
    return note.kind == "card" and note.state != "done" and (note.state != "snoozed" or note.snoozed <= now)


def _page(found: Iterable[Placed[T]], after: str, limit: int, *, rising: bool = False) -> Page[T]:
    """A page of what was found, in the order of its places."""
    rows_of(limit)
    rows = sorted(found, key=_place, reverse=not rising)
    begin = place_of(after, [type(one) for one in rows[0][0]]) if rows and after else None
    if begin:
        rows = [row for row in rows if (row[0] > begin if rising else row[0] < begin)]
    shown = page(rows, limit, _place)
    return Page([one for _, one in shown.rows], shown.after)


def _place(row: Placed[Any]) -> tuple[Any, ...]:
    return row[0]
