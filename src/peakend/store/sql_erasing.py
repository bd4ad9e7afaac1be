"""A store of a database that tells, or forgets, all that it knows of one person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from peakend.store import erasing
from peakend.store.session import Session
from peakend.store.sql_identity import carried_to, names_within


class ErasingStore:
    """The part of a store that knows what belongs to one person."""

    _db: Session

    def names_within(self, customer: str) -> list[str]:
        with self._db.alone():
            return names_within(self._db, [customer])[customer]

    def carried_to(self, customer: str, play: str, key: str, occurrence: int) -> tuple[str, int] | None:
        with self._db.alone():
            return carried_to(self._db, customer, play, key, occurrence)

    def names_of(self, customer: str) -> list[str]:
        with self._db.alone():
            return erasing.names_of(self._db, customer)

    def export(self, customer: str) -> dict[str, list[dict[str, Any]]]:
        with self._db.transaction():
            return erasing.export(self._db, customer)

    def erase(self, customer: str, now: int, salt: str) -> dict[str, int]:
        with self._db.transaction():
            gone = erasing.erase(self._db, customer, now, salt)
        self._db.forget()
        return gone

    def suppressed(self, addresses: Sequence[str]) -> set[str]:
        with self._db.alone():
            return erasing.known_hashes(self._db, erasing.ADDRESS, addresses)
