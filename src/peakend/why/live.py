"""The story of one customer in a store: what was decided, when, and what became of it.

Nothing is folded anew: the ledger is read as it was written, whatever the pack says today.
"""

from __future__ import annotations

from operator import attrgetter

from peakend.errors import SourceError
from peakend.listen.reading import Reader
from peakend.model.event import Event
from peakend.model.outcome import Breached, Encountered, Merged, Output
from peakend.model.pack import Pack
from peakend.model.stored import Recorded
from peakend.store.base import Store
from peakend.tell.fates import fate_of, set_aside
from peakend.tell.names import Names
from peakend.tell.teller import Told
from peakend.why.lines import find_play, lines


def tell_live(
    pack: Pack, store: Store, customer: str, play: str | None = None, *, everything: bool = False
) -> list[Told]:
    """The story of one customer in order of time (see `lines`), deliveries and unusable events among it.

    Raises PackError for an unknown play, SourceError when the store does not know the customer.
    """
    name = find_play(pack, play) if play is not None else None
    names = store.names_of(customer)
    recorded = sorted(
        (one for who in names for one in store.events_of(who)), key=lambda one: (one.seen, one.seq)
    )
    outputs = [one for who in names for one in store.story(who) if _is_told(pack, one)]
    if not recorded and not outputs:
        raise SourceError(
            f"The store holds nothing of customer '{customer}'",
            fix="Look the id up in the table `event`, or wait until what was sent in has been folded",
            what_zh=f"库里没有客户“{customer}”的任何动态",
            fix_zh="请在 event 表中核对编号；刚送入的动态要等处理后才能看到",
        )
    reader = Reader(pack)
    events = [event for one in recorded for event in _typed(reader, one)]
    told = lines(pack, events, outputs, name, everything=everything)
    counted = [one for one in told if one.weight == "often"]
    called = Names(pack)
    fates = [
        fate_of(called, message)
        for who in names
        for message in store.messages(who)
        if message.planned.play in pack.plays and name in (None, message.planned.play)
    ]
    aside = [set_aside(row) for who in names for row in store.put_aside_of(who)] if name is None else []
    in_time = [one for one in told if one.weight != "often"]
    return [*sorted([*in_time, *fates, *aside], key=attrgetter("instant")), *counted]


def _typed(reader: Reader, one: Recorded) -> list[Event]:
    """The event of a recorded input; none where it cannot be typed."""
    found = list(reader.events((one[:-1],)))
    reader.refused.clear()
    return found


def _is_told(pack: Pack, output: Output) -> bool:
    """Whether the pack still has what an output speaks of: what was taken out of it has no words left."""
    if isinstance(output, Breached | Encountered):
        return output.touchpoint in pack.touchpoints
    return isinstance(output, Merged) or output.play in pack.plays
