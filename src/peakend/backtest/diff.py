"""Two packs over the same history, compared person by person: what changes if the other one is published.

Both run through the whole backtest; their lists of verdicts are joined by (customer, play, key, occurrence,
step, round). Nothing is estimated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from peakend.backtest import backtest
from peakend.model.pack import Pack
from peakend.tables import compare_listings, connect

Change = str
CHANGES: dict[Change, dict[str, str]] = {
    "new": {"zh": "新增放行", "en": "newly sent"},
    "gone": {"zh": "不再放行", "en": "no longer sent"},
    "moved": {"zh": "改时间", "en": "sent at another time"},
    "reason": {"zh": "拦截原因改变", "en": "suppressed for another reason"},
}


class PlayDifference(msgspec.Struct):
    """What changes for one play: how many steps, and how many people, by kind of change, with examples."""

    steps: dict[Change, int] = {}
    people: dict[Change, int] = {}
    examples: dict[Change, list[str]] = {}


class Difference(msgspec.Struct):
    """All that changes between two packs over one log; a play without any change is left out."""

    old: str
    new: str
    people: int
    plays: dict[str, PlayDifference]


def difference(
    old: Pack,
    new: Pack,
    log: Sequence[Path],
    *,
    workers: int = 2,
    progress: Callable[[int, int], None] | None = None,
) -> Difference:
    """Backtest both packs and compare every verdict that either of them made."""
    with TemporaryDirectory(prefix="peakend-") as folder:
        listings = []
        for name, pack in (("old", old), ("new", new)):
            listing = Path(folder) / f"{name}.jsonl"
            backtest(pack, log, workers=workers, listing=listing, progress=progress)
            listings.append(listing)
        rows, people = compare_listings(connect(Path(folder)), *listings)
    plays: dict[str, PlayDifference] = {}
    for play, change, steps, persons, examples in rows:
        found = plays.setdefault(play, PlayDifference())
        found.steps[change] = steps
        found.people[change] = persons
        found.examples[change] = list(examples)
    return Difference(old.hash, new.hash, people, plays)
