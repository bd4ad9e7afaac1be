"""Lists in a database: every page is read along an index, from where the one before it ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from peakend.model.looked import (
    FAR,
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
from peakend.model.outcome import Breached, Encountered, Verdict
from peakend.model.stored import Message, Note, Recorded, Unusable
from peakend.store.erasing import names_of
from peakend.store.known_by import ADDRESS, ATTRIBUTE, CONTACT, folded
from peakend.store.paging import page, place_of, rows_of
from peakend.store.refusals import too_wide
from peakend.store.rows import (
    MESSAGE,
    NOTE,
    RECORDED,
    UNUSABLE,
    Row,
    decode_output,
    message_from,
    note_from,
    storable,
    unusable_from,
)
from peakend.store.schema import RARE
from peakend.store.session import Session

T = TypeVar("T")
TO_DO: Final = "kind = 'card' AND state <> 'done'"
_RARE: Final = f"state IN ({', '.join(repr(one) for one in RARE)})"
_RUN: Final = (
    "customer, play, key, occurrence, entry_kind, entered_at, entered_seen_at, how, end_kind, ended_at, "
    "ended_seen_at, pack"
)
_CLOCK: Final = "customer, touchpoint, key, standard, begun, deadline"
_AFTER_ALL: Final = "\U0010ffff"


@dataclass
class Where:
    """Conditions that all hold, and their parameters."""

    parts: list[str] = field(default_factory=list)
    parameters: list[Any] = field(default_factory=list)
    until: int = FAR

    def add(self, part: str, *parameters: Any) -> None:
        """One more condition."""
        self.parts.append(part)
        self.parameters += [storable(one) if isinstance(one, str) else one for one in parameters]

    def equal(self, **columns: str) -> None:
        """Columns that have a value; an empty one is not asked."""
        for column, value in columns.items():
            if value:
                self.add(f"{column} = ?", value)

    def within(self, column: str, since: int, until: int) -> None:
        """A half-open span of the column that orders the list."""
        if since > 0:
            self.add(f"{column} >= ?", since)
        self.until = until

    def __str__(self) -> str:
        return " AND ".join(self.parts) or "1 = 1"


@dataclass(frozen=True)
class Order:
    """How a list is ordered: columns that together name a row, and what they hold."""

    columns: tuple[str, ...]
    kinds: tuple[type, ...]
    rising: bool = False


_BY_SEEN = Order(("seen_at", "seq", "shard"), (int, int, int))
_BY_INSTANT = Order(("instant", "place", "customer"), (int, int, str))
_BY_SINCE = Order(("since", "number"), (int, int))
_BY_NUMBER = Order(("number",), (int,))
_BY_ENTRY = Order(("entered_seen_at", "place", "customer"), (int, int, str))
_BY_DUE = Order(("until", "number"), (int, int), rising=True)
_BY_DEADLINE = Order(
    ("deadline", "customer", "touchpoint", "lane", "begun", "standard"),
    (int, str, str, str, int, str),
    rising=True,
)


class SqlLooking:
    """The part of a store in a database that shows lists; `_db` is the store's."""

    _db: Session

    def list_customers(self, asked: AskedCustomers, after: str = "", limit: int = 50) -> Page[CustomerLine]:
        with self._db.alone():
            if asked == AskedCustomers():
                where = Where()
                where.add("customer <> ''")
                where.add(
                    """NOT EXISTS (SELECT 1 FROM event AS later WHERE later.customer = event.customer
                         AND (later.seen_at, later.seq) > (event.seen_at, event.seq))"""
                )
                where.add("NOT EXISTS (SELECT 1 FROM alias WHERE alias.customer = event.customer)")
                found = self._page("event", "customer", where, _BY_SEEN, after, limit, _first)
            else:
                rows_of(limit)
                begin = place_of(after, (str,))
                names = self._named(asked, begin[0] if begin else "", limit + 1)
                found = page(names, limit, lambda name: (name,))
            return Page(self._lines(found.rows), found.after)

    def list_events(self, asked: AskedEvents, after: str = "", limit: int = 50) -> Page[Recorded]:
        with self._db.alone():
            where = self._where(asked.customer)
            where.equal(kind=asked.kind, source=asked.source)
            where.within("seen_at", asked.since, asked.until)
            return self._page("event", RECORDED, where, _BY_SEEN, after, limit, lambda row: Recorded(*row))

    def list_verdicts(self, asked: AskedVerdicts, after: str = "", limit: int = 50) -> Page[Decided]:
        with self._db.alone():
            where = self._where(asked.customer)
            where.equal(play=asked.play, outcome=asked.outcome, reason=asked.reason)
            where.within("instant", asked.since, asked.until)
            return self._page("verdict", "body, place, pack", where, _BY_INSTANT, after, limit, _decided)

    def list_encounters(self, asked: AskedEncounters, after: str = "", limit: int = 50) -> Page[Encountered]:
        with self._db.alone():
            where = self._where(asked.customer)
            where.equal(touchpoint=asked.touchpoint, state=asked.state)
            if asked.settled is not None:
                where.add("settled = ?", asked.settled)
            where.within("instant", asked.since, asked.until)
            return self._page("encounter", "body", where, _BY_INSTANT, after, limit, _encountered)

    def list_breaches(self, since: int, until: int, after: str = "", limit: int = 50) -> Page[Breached]:
        with self._db.alone():
            where = Where(["type = 'breached'"])
            where.within("instant", since, until)
            return self._page("output", "body", where, _BY_INSTANT, after, limit, _breached)

    def list_runs(self, asked: AskedRuns, after: str = "", limit: int = 50) -> Page[Ran]:
        with self._db.alone():
            if not asked.customer and not asked.play:
                raise too_wide()
            where = self._where(asked.customer)
            where.equal(play=asked.play)
            where.add("entered_seen_at IS NOT NULL")
            if asked.open is not None:
                where.add("how IS NULL" if asked.open else "how IS NOT NULL")
            return self._page("run", _RUN, where, _BY_ENTRY, after, limit, lambda row: Ran(*row))

    def list_messages(self, asked: AskedMessages, after: str = "", limit: int = 50) -> Page[Message]:
        with self._db.alone():
            where = self._where(asked.customer)
            where.equal(play=asked.play, channel=asked.channel)
            if len(asked.states) == 1:
                where.equal(state=asked.states[0])
            elif asked.states:
                where.add(f"state {self._db.among}", self._db.texts(asked.states))
            if asked.states and {*asked.states} <= {*RARE}:
                where.add(_RARE)
            where.within("since", asked.since, asked.until)
            return self._page("message", MESSAGE, where, _BY_SINCE, after, limit, message_from)

    def list_cards(self, asked: AskedCards, after: str = "", limit: int = 50) -> Page[Note]:
        with self._db.alone():
            where = self._where(asked.customer)
            where.equal(who=asked.who, assignee=asked.assignee)
            if asked.waiting_at is not None:
                where.add(TO_DO)
                where.add("(state <> 'snoozed' OR snoozed <= ?)", asked.waiting_at)
            else:
                where.add("kind = 'card'")
            if asked.states:
                where.add(f"state {self._db.among}", self._db.texts(asked.states))
            order = _BY_NUMBER if asked.waiting_at is None else _BY_DUE
            return self._page("note", NOTE, where, order, after, limit, note_from)

    def list_aside(self, asked: AskedAside, after: str = "", limit: int = 50) -> Page[Unusable]:
        with self._db.alone():
            where = Where()
            where.add("mended = ?", asked.mended)
            where.equal(source=asked.source, kind=asked.kind, cause=asked.cause)
            return self._page("quarantine", UNUSABLE, where, _BY_NUMBER, after, limit, unusable_from)

    def list_clocks(self, until: int, after: str = "", limit: int = 50) -> Page[Clock]:
        with self._db.alone():
            where = Where()
            where.add("deadline < ?", until)
            return self._page("clock", _CLOCK, where, _BY_DEADLINE, after, limit, lambda row: Clock(*row))

    def list_affected(self, subject: str, at: int, after: str = "", limit: int = 50) -> Page[Affected]:
        with self._db.alone():
            begin = place_of(after, (str,))
            rows = self._db.rows(
                """SELECT relation.customer, min(relation.begins), min(state.wake)
                   FROM relation LEFT JOIN state ON state.customer = relation.customer
                   WHERE relation.subject = ? AND relation.customer > ? AND begins <= ? AND ends > ?
                   GROUP BY relation.customer ORDER BY relation.customer LIMIT ?""",
                (storable(subject), begin[0] if begin else "", at, at, rows_of(limit) + 1),
            )
            return page([Affected(*row) for row in rows], limit, lambda one: (one.customer,))

    def messages_since(self, customers: Sequence[str], since: int) -> list[Message]:
        rows_of(max(len(customers), 1))
        with self._db.alone():
            rows = self._db.rows(
                f"""SELECT {MESSAGE} FROM message WHERE customer {self._db.among} AND since >= ?
                    ORDER BY since, number""",
                (self._db.texts(customers), since),
            )
        return [message_from(row) for row in rows]

    def _where(self, customer: str) -> Where:
        """Under all names of a customer, if one is named."""
        where = Where()
        if customer:
            names = names_of(self._db, storable(customer))
            if len(names) == 1:
                where.add("customer = ?", names[0])
            else:
                where.add(f"customer {self._db.among}", self._db.texts(names))
        return where

    def _page(
        self,
        table: str,
        columns: str,
        where: Where,
        order: Order,
        after: str,
        limit: int,
        read: Callable[[Row], T],
    ) -> Page[T]:
        """One page of a table: the place of each row is read before its columns."""
        begin, wide = place_of(after, order.kinds), len(order.columns)
        names = ", ".join(order.columns)
        if begin:
            marks = ", ".join("?" * wide)
            sign = ">" if order.rising else "<"
            # The first column alone is what the index is entered by: it need not hold all of them. A second
            # bound on it would be what SQLite enters by, however far away that is.
            where.add(f"{order.columns[0]} {sign}= ? AND ({names}) {sign} ({marks})", begin[0], *begin)
        if where.until < FAR and (not begin or begin[0] >= where.until):
            where.add(f"{order.columns[0]} < ?", where.until)
        by = ", ".join(f"{name} {'ASC' if order.rising else 'DESC'}" for name in order.columns)
        rows = self._db.rows(
            f"SELECT {names}, {columns} FROM {table} WHERE {where} ORDER BY {by} LIMIT ?",
            (*where.parameters, rows_of(limit) + 1),
        )
        found = page(rows, limit, lambda row: row[:wide])
        return Page([read(row[wide:]) for row in found.rows], found.after)

    def _named(self, asked: AskedCustomers, behind: str, most: int) -> list[str]:
        """The next names that fit, in their order: along an index, or through what customers are known by."""
        first = storable(asked.id)
        if not asked.text and not asked.address:
            return self._begun_with(first, behind, most)
        within = Where()
        within.add("customer > ?", behind)
        if first:
            within.add("customer >= ? AND customer < ?", first, first + _AFTER_ALL)
        if asked.text:
            within.add("what <> ? AND folded LIKE ? ESCAPE '!'", ADDRESS, _containing(asked.text))
        if asked.address:
            own = "what = ? AND folded = ?"
            if asked.text:
                own = f"customer IN (SELECT customer FROM known_by WHERE {own})"
            within.add(own, ADDRESS, folded(asked.address))
        rows = self._db.rows(
            f"SELECT DISTINCT customer FROM known_by WHERE {within} ORDER BY customer LIMIT ?",
            (*within.parameters, most),
        )
        return [name for (name,) in rows]

    def _begun_with(self, first: str, behind: str, most: int) -> list[str]:
        """The next names that begin so, each found from the one before it."""
        last = first + _AFTER_ALL
        rows = self._db.rows(
            """WITH RECURSIVE found (customer, n) AS (
                 SELECT min(customer), 1 FROM event WHERE customer >= ? AND customer <> ? AND customer < ?
                 UNION ALL
                 SELECT (SELECT min(event.customer) FROM event
                         WHERE event.customer > found.customer AND event.customer < ?), n + 1
                 FROM found WHERE found.customer IS NOT NULL AND n < ?)
               SELECT customer FROM found WHERE customer IS NOT NULL ORDER BY customer""",
            (max(first, behind), behind, last, last, most),
        )
        return [name for (name,) in rows]

    def _lines(self, names: Sequence[str]) -> list[CustomerLine]:
        """Each customer once, under the name that stays."""
        if not names:
            return []
        rows = self._db.rows(
            f"SELECT customer, whom FROM alias WHERE customer {self._db.among}", (self._db.texts(names),)
        )
        stays: dict[str, str] = dict(rows)
        asked = [(name, "", "") for name in dict.fromkeys(stays.get(name, name) for name in names)]
        last = self._told(
            asked,
            """asked.a, event.seen_at, event.kind, (SELECT count(*) FROM run
                 WHERE run.customer = asked.a AND run.how IS NULL)""",
            """JOIN event ON event.customer = asked.a AND (event.seen_at, event.seq) = (
                 SELECT seen_at, seq FROM event AS one WHERE one.customer = asked.a
                 ORDER BY seen_at DESC, seq DESC LIMIT 1)""",
        )
        felt = self._told(
            asked,
            "asked.a, encounter.state, encounter.instant, encounter.touchpoint",
            """JOIN encounter ON encounter.customer = asked.a AND encounter.place = (
                 SELECT place FROM encounter AS one WHERE one.customer = asked.a AND one.state <> 'neutral'
                 ORDER BY instant DESC, place DESC LIMIT 1)""",
        )
        called = self._told(
            asked,
            f"""asked.a, (SELECT text FROM known_by WHERE known_by.customer = asked.a
                 AND what IN ('{ATTRIBUTE}name', '{CONTACT}')
                 ORDER BY what DESC, seen_at DESC, folded LIMIT 1)""",
            "",
        )
        return [
            CustomerLine(
                name,
                (called.get(name) or ("",))[0] or "",
                *last.get(name, (0, "", 0)),
                *felt.get(name, ("", 0, "")),
            )
            for name, _, _ in asked
        ]

    def _told(self, asked: Sequence[Row], columns: str, joined: str) -> dict[str, Row]:
        rows = self._db.rows(f"SELECT {columns} {self._db.asked} {joined}", self._db.triples(asked))
        return {row[0]: row[1:] for row in rows}


def _containing(text: str) -> str:
    escaped = folded(text).replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"


def _first(row: Row) -> str:
    return str(row[0])


def _decided(row: Row) -> Decided:
    body, place, pack = row
    verdict = decode_output(body)
    assert isinstance(verdict, Verdict)
    return Decided(verdict, place, pack)


def _encountered(row: Row) -> Encountered:
    found = decode_output(row[0])
    assert isinstance(found, Encountered)
    return found


def _breached(row: Row) -> Breached:
    found = decode_output(row[0])
    assert isinstance(found, Breached)
    return found
