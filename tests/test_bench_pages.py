"""The store that pages are measured against: filled as it says, and every question finds something."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from peakend.bench.pages import fill, look, questions
from peakend.model.looked import AskedAside, AskedCards, AskedCustomers
from peakend.store import MemoryStore, Store, open_store

EMPTY = ("customers by name", "by a rare kind", "quarantine of a kind", "day", "week", "outage")
"""What has no answer, or needs not have one among so few rows."""


@pytest.mark.parametrize("url", ["memory", "file"])
def test_every_question_is_answered(url: str, tmp_path: Path) -> None:
    store: Store = MemoryStore() if url == "memory" else open_store(str(tmp_path / "pages.db"))
    end = fill(store, 2_000, 100)
    assert len(next(iter(store.recorded()))) == 2_000 + 200
    assert store.list_customers(AskedCustomers(), "", 200).rows
    assert store.list_aside(AskedAside()).rows
    assert store.list_cards(AskedCards(waiting_at=end)).rows
    for name, ask in questions(store, 100, end):
        found = [ask(chance) for chance in map(Random, range(5))]
        if not any(rare in name for rare in EMPTY):
            assert any(getattr(one, "rows", one) for one in found), name
    took = look(store, 100, end, times=2)
    assert all(0 <= one.median <= one.p99 for one in took)
    store.close()
