"""One person's own data: `export` hands it over, `erase` deletes it. Both mean every name of hers.

Addresses are masked unless asked for otherwise; nothing here decides what belongs to whom, the store does.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from peakend.cli.options import Database, Language, Yes, console, now, opened, show
from peakend.cli.words import say
from peakend.errors import PeakendError
from peakend.fold import decode_state
from peakend.model.outcome import Content
from peakend.store import Store
from peakend.when import format_instant

Customer = Annotated[str, typer.Argument(help="The customer's id, or one that was merged into it")]

_INSTANTS = frozenset(
    "happened_at seen_at entered_at entered_seen_at ended_at ended_seen_at wake instant due until since "
    "lease changed at begun ended begins ends learnt deadline seen".split()
)
_SHOWN = 4
_DIGITS = re.compile(r"\+?[\d ()-]{7,}")


def export(
    customer: Customer,
    database: Database,
    out: Annotated[Path, typer.Option("--out", help="The JSON file to write")],
    unmask: Annotated[bool, typer.Option("--unmask", help="Addresses in full")] = False,
    language: Language = "en",
) -> None:
    """All that a store holds about one person, under any name, as JSON that can be read."""
    with opened(database) as store:
        names, tables = _known(store, customer)
    readable = {name: [_row(name, row) for row in rows] for name, rows in tables.items()}
    whole = {"customer": names[0], "names": names, **readable}
    addresses = {address for address in _addresses(whole) if address}
    text = msgspec.json.format(msgspec.json.encode(whole if unmask else _masked(whole, addresses)), indent=2)
    out.write_bytes(text + b"\n")
    number = sum(len(rows) for rows in tables.values())
    show(console, say("exported", language, n=number, customer=names[0], file=str(out)))


def erase(
    customer: Customer,
    database: Database,
    yes: Yes = False,
    language: Language = "en",
) -> None:
    """Delete all that a store holds about one person, under any name, for good."""
    with opened(database) as store:
        names, _ = _known(store, customer)
        if not yes and typer.prompt(say("confirm", language, customer=customer)) != customer:
            raise _not_confirmed(customer)
        for table, number in store.erase(customer, now(), secrets.token_hex(16)).items():
            show(console, say("erased", language, table=table, n=number))
    show(console, say("erased_all", language, customer=names[0]))


def masked(address: str) -> str:
    """An address as its owner knows it again, and nobody else: 138****1234, a***@example.com."""
    name, at, host = address.partition("@")
    if at:
        return f"{name[:1]}***@{host}"
    if _DIGITS.fullmatch(address):
        return f"{address[:3]}****{address[-_SHOWN:]}"
    return f"{address[:1]}***"


def _known(store: Store, customer: str) -> tuple[list[str], dict[str, list[dict[str, Any]]]]:
    tables = store.export(customer)
    if not any(tables.values()):
        raise PeakendError(
            f"The store knows nobody as '{customer}'",
            fix="Copy the id from where the customer is shown; capital letters count",
            what_zh=f"数据库里没有客户“{customer}”",
            fix_zh="请从显示该客户的地方复制编号；大小写有区别",
        )
    return store.names_of(customer), tables


def _not_confirmed(customer: str) -> PeakendError:
    return PeakendError(
        "Nothing is deleted: what was typed is not the id",
        fix=f"Type {customer} exactly, or add --yes",
        what_zh="没有删除任何资料：输入的编号不一致",
        fix_zh=f"请准确输入 {customer}，或加上 --yes",
    )


def _row(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with instants as times, JSON as what it says, a state and what words speak of as their parts."""
    return {name: _readable(table, name, value) for name, value in row.items()}


def _readable(table: str, name: str, value: Any) -> Any:
    if isinstance(value, bytes):
        if not value:
            return None  # it lies in `snapshot`
        content = table == "content"
        return _parts(msgspec.msgpack.decode(value, type=Content) if content else decode_state(value))
    if name in {"data", "body"}:
        try:
            return msgspec.json.decode(value)
        except msgspec.DecodeError:
            return value
    if name in _INSTANTS and isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return format_instant(value) if value < 1 << 61 else None
    return _parts(value)


def _parts(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return {name: _parts(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {str(name): _parts(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_parts(one) for one in value]
    return value


def _addresses(whole: Mapping[str, Any]) -> set[str]:
    """All addresses that her contacts were ever given."""
    told = [*whole.get("event", ()), *whole.get("inbox", ())]
    data = [one["data"] for one in told if one["kind"].startswith("contact.")]
    return {str(one["address"]) for one in data if isinstance(one, dict) and one.get("address")}


def _masked(value: Any, addresses: set[str]) -> Any:
    if isinstance(value, dict):
        return {_masked(name, addresses): _masked(one, addresses) for name, one in value.items()}
    if isinstance(value, list):
        return [_masked(one, addresses) for one in value]
    if not isinstance(value, str):
        return value
    if value in addresses:
        return masked(value)
    for address in addresses:
        if len(address) > _SHOWN:  # a shorter one would be found within other words
            value = value.replace(address, masked(address))
    return value
