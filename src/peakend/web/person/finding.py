"""Which customers a list shows: all, those who are searched for, those of a feeling, those inside a play."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from peakend.model.looked import AskedCustomers, AskedEncounters, AskedRuns, CustomerLine, Page
from peakend.model.outcome import State
from peakend.store import Store
from peakend.wire.customers import Show

_MONTH: Final = 30 * 86_400_000_000
_PHONE: Final = re.compile(r"\+?[\d ()-]{7,20}")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """`q` goes before all else; `show` asks how it went within 30 days; `play` who is inside it now."""

    q: str = ""
    show: Show = ""
    play: str = ""

    @property
    def narrows(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.q or self.show or self.play)


def customers(store: Store, wanted: Wanted, now: int, after: str = "", limit: int = 50) -> Page[CustomerLine]:
    """One page of customers. Raises StoreError where `after` is no place of this list."""
    q = wanted.q.strip()
    if q:
        return _searched(store, q, after, limit)
    if wanted.play:
        runs = store.list_runs(AskedRuns(play=wanted.play, open=True), after, limit)
        return _lines(store, [one.customer for one in runs.rows], runs.after)
    if wanted.show:
        felt: State = wanted.show
        asked = AskedEncounters(state=felt, since=now - _MONTH, settled=False)
        met = store.list_encounters(asked, after, limit)
        return _lines(store, [one.customer for one in met.rows], met.after)
    return store.list_customers(AskedCustomers(), after, limit)


def _searched(store: Store, q: str, after: str, limit: int) -> Page[CustomerLine]:
    """An id that begins so; else a whole address; else a part of a name."""
    if "@" in q or _PHONE.fullmatch(q):
        by_address = store.list_customers(AskedCustomers(address=q), after, limit)
        if by_address.rows:
            return by_address
    by_id = store.list_customers(AskedCustomers(id=q), after, limit)
    return by_id if by_id.rows else store.list_customers(AskedCustomers(text=q), after, limit)


def _lines(store: Store, names: list[str], after: str) -> Page[CustomerLine]:
    """A line for each of some customers, once."""
    found: dict[str, CustomerLine] = {}
    for name in dict.fromkeys(names):
        for one in store.list_customers(AskedCustomers(id=name), limit=1).rows:
            found.setdefault(one.customer, one)
    return Page([*found.values()], after)
