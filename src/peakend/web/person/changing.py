"""What a colleague or the customer herself changes: inputs of the log through the door, and the record of it.

Nothing is changed here directly. What a person wants is an event like any other: the fold learns it, and so
does every backtest.
"""

from __future__ import annotations

from typing import Any, Final

from peakend.errors import PeakendError
from peakend.listen.cells import json_object
from peakend.loop.inlet import Inlet
from peakend.model.account import AuditEntry, token_hash
from peakend.model.pack import Pack
from peakend.model.stored import Arrival
from peakend.store import Store
from peakend.when import DAY, format_instant
from peakend.wire.customers import Wish

LONGEST: Final = 3650
"""Days for which somebody may ask for quiet; longer is for good."""


class NotTaken(PeakendError):
    """The door did not take what was wanted."""


def event_of(wish: Wish, now: int, source: str) -> tuple[str, dict[str, Any]]:
    """The kind and the data of the input that a wish is."""
    if wish.do == "agree":
        return "consent.given", {"what": "marketing", "source": source}
    if wish.do == "withdraw":
        return "consent.withdrawn", {"what": "marketing", "source": source}
    if wish.do == "again":
        return "preference.cleared", {"what": wish.what}
    data = {"what": wish.what}
    if wish.days:
        data["until"] = format_instant(now + min(wish.days, LONGEST) * DAY)
    return "preference.set", data


def change(
    store: Store, pack: Pack, customer: str, wish: Wish, who: str, now: int, *, source: str, id_: str
) -> None:
    """Tell the log what is wanted of a customer, and the record who said so. `id_` names it for ever.

    Raises NotTaken where the door refuses it, Later where too much waits.
    """
    kind, data = event_of(wish, now, source)
    tell(store, pack, customer, kind, data, now, source=source, id_=id_)
    entry = AuditEntry(
        at=now, who=who, what="customer.changed", about=customer, after=f"{kind} {json_object(data)}"
    )
    store.record(entry)


def tell(
    store: Store,
    pack: Pack,
    customer: str,
    kind: str,
    data: dict[str, Any],
    now: int,
    *,
    source: str,
    id_: str,
) -> None:
    """Hand one input to the door. Raises NotTaken where it is refused, Later where too much waits."""
    arrival = Arrival(source, f"{kind}|{id_}", customer, kind, now, "", json_object(data))
    (taken,) = Inlet(store, pack).admit([arrival], now)
    if taken.outcome not in ("taken", "known"):
        raise NotTaken(
            f"This could not be noted: {taken.reason_en}",
            fix="Look under Quarantine, where it was put aside",
            what_zh=f"没有登记成功：{taken.reason_zh}",
            fix_zh="它已列入“待修正数据”，请到那里查看",
        )


def erased_as(customer: str) -> str:
    """What the record keeps of who was erased: whoever knows the id can find the entry, nobody else."""
    return f"sha256:{token_hash(customer)[:16]}"
