"""The story of one customer in a log, near misses included: what the plays would have done.

It folds the customer's own log with the same `step`, asking it to explain also what did not begin.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from peakend.backtest.conclude import conclude
from peakend.design.words import hint
from peakend.errors import SourceError
from peakend.model.pack import Pack
from peakend.tables import connect, customer_names
from peakend.tell.teller import Told
from peakend.why.lines import find_play, lines


def tell(
    pack: Pack, log: Sequence[Path], customer: str, play: str | None = None, *, everything: bool = False
) -> list[Told]:
    """The story of one customer in order of time (see `lines`).

    Raises PackError for an unknown play, SourceError when the log does not know the customer.
    """
    name = find_play(pack, play) if play is not None else None
    found = conclude(pack, log, customer=customer, explain=True)
    if not found.events:
        raise _unknown(log, customer)
    return lines(pack, found.events, found.outputs, name, everything=everything)


def _unknown(log: Sequence[Path], customer: str) -> SourceError:
    names = customer_names(connect(), log)
    english, chinese = hint(customer, names)
    if english.startswith("Known"):
        some = ", ".join(names[:3])
        english, chinese = f"Customers look like this: {some}", f"客户编号形如：{some}"
    return SourceError(
        f"The log holds nothing that the plays look at for customer '{customer}'",
        fix=english,
        what_zh=f"数据里没有客户“{customer}”的相关动态",
        fix_zh=chinese,
    )
