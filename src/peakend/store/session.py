"""One connection used for one thing at a time, so that a transaction means the same in every database.

Other threads wait; the thread that is within a transaction is refused anything but that transaction; and once
a statement of it has failed, nothing of it can be written any more, whatever the caller does with the error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import Any, Protocol

from peakend.model.stored import Arrival, Fate
from peakend.store.base import StoreError
from peakend.store.refusals import closed, not_now, spoilt
from peakend.store.rows import Row
from peakend.store.schema import Insert


class Database(Protocol):
    """What a store needs of a database. Every error of a driver leaves it as a StoreError."""

    shards: int
    begin: str
    """The statement that begins a transaction."""
    skip_locked: str
    """What keeps a choice of rows from waiting for those who hold some of them."""
    keep_turns_out: str
    """The statement that lets no turn run until the transaction ends; '' where none can."""
    among: str
    """`= any of these texts`, over one parameter that `texts` makes."""

    asked: str
    """`FROM these rows (a, b, c) of texts AS asked`, over the parameters that `triples` makes."""

    def texts(self, values: Sequence[str]) -> str: ...

    def triples(self, rows: Sequence[Row]) -> list[str]: ...

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]: ...

    def run(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        """How many rows a statement has changed."""

    def write(self, what: Insert, rows: Sequence[Row]) -> None: ...

    def append(self, arrivals: Sequence[Arrival]) -> list[Fate]:
        """Put what is new into the inbox, within a transaction."""

    def numbers(self, count: int) -> range:
        """Numbers of the inbox behind all that were given out, within a transaction."""

    def lock_merges(self) -> None:
        """Within a transaction: nobody else merges before it ends."""

    def lock_shards(self, customers: Sequence[str]) -> None:
        """Within a transaction: nobody folds these customers before it ends."""

    def forget(self) -> None:
        """Outside of any transaction: what was deleted is gone from the disk too, as far as can be done."""

    def stream(self, statement: str) -> Iterator[list[Row]]:
        """The rows of one instant, on a connection of its own."""

    def roll_back(self) -> None:
        """Undo the transaction, if the database has not done so itself; never an error."""

    def close(self) -> None: ...


class Session:
    """A database with one user at a time."""

    def __init__(self, database: Database) -> None:
        self.shards = database.shards
        self.among, self.texts, self.skip_locked = database.among, database.texts, database.skip_locked
        self.keep_turns_out = database.keep_turns_out
        self.asked, self.triples = database.asked, database.triples
        self.stream = database.stream
        self._database = database
        self._lock = RLock()
        self._inside = self._spoilt = self._closed = False

    @contextmanager
    def alone(self) -> Iterator[None]:
        """For one thing at a time: other threads wait; a StoreError within a transaction."""
        with self._lock:
            if self._inside:
                raise not_now()
            yield

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, durable at its end; alone."""
        with self.alone():
            self.run(self._database.begin)
            self._inside, self._spoilt = True, False
            try:
                yield
                self.run("COMMIT")
            except BaseException:
                self._database.roll_back()
                raise
            finally:
                self._inside = False

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
        with self._watched():
            return self._database.rows(statement, parameters)

    def run(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        with self._watched():
            return self._database.run(statement, parameters)

    def write(self, what: Insert, rows: Sequence[Row]) -> None:
        with self._watched():
            self._database.write(what, rows)

    def append(self, arrivals: Sequence[Arrival]) -> list[Fate]:
        with self._watched():
            return self._database.append(arrivals)

    def numbers(self, count: int) -> range:
        with self._watched():
            return self._database.numbers(count)

    def lock_merges(self) -> None:
        with self._watched():
            self._database.lock_merges()

    def lock_shards(self, customers: Sequence[str]) -> None:
        with self._watched():
            self._database.lock_shards(customers)

    def forget(self) -> None:
        with self.alone():
            self._database.forget()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._database.close()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        with self._lock:
            if self._closed:
                raise closed()
            if self._inside and self._spoilt:  # the database may have left the transaction already
                raise spoilt()
            try:
                yield
            except StoreError:
                self._spoilt = True
                raise
