"""The story of one customer in a log, near misses included: what the plays would have done.

It folds the customer's own log with the same `step`, asking it to explain also what did not begin.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from peakend.backtest.conclude import conclude, unknown_customer
from peakend.model.pack import Pack
from peakend.tell.teller import Told
from peakend.why.lines import find_play, lines


def tell(
    pack: Pack, log: Sequence[Path], customer: str, play: str | None = None, *, everything: bool = False
) -> list[Told]:
    """The story of one customer in order of time (see `lines`).

    Raises PackError for an unknown play, SourceError when the log does not know the customer.
    """
    name = find_play(pack, play) if play is not None else None
    found = conclude(pack, log, customer=customer, explain=True, clauses=True)
    if not found.events:
        raise unknown_customer(log, customer)
    return lines(
        pack, found.events, found.outputs, name, everything=everything, without_days=found.without_days
    )
