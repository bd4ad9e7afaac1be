"""What every part of a turn of a database shares: its session, until the turn is over."""

from __future__ import annotations

from peakend.model.stored import Shard
from peakend.store.refusals import over
from peakend.store.session import Session


class OpenTurn:
    """The transaction of an owner; `_db` refuses once the turn is over."""

    def __init__(self, session: Session, shard: Shard, place: int) -> None:
        self.shard = shard
        self.open = True
        self._session = session
        self._after = shard
        self._place = self._first_place = place

    @property
    def _db(self) -> Session:
        if not self.open:
            raise over()
        return self._session
