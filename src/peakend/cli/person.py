"""One person's own data: `export` hands it over, `erase` deletes it. Both mean every name of hers.

Addresses are masked unless asked for otherwise; nothing here decides what belongs to whom, the store does.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from peakend.cli.options import Database, Language, Yes, console, now, opened, show
from peakend.cli.words import say
from peakend.errors import PeakendError
from peakend.why.held import held

Customer = Annotated[str, typer.Argument(help="The customer's id, or one that was merged into it")]


def export(
    customer: Customer,
    database: Database,
    out: Annotated[Path, typer.Option("--out", help="The JSON file to write")],
    unmask: Annotated[bool, typer.Option("--unmask", help="Addresses in full")] = False,
    language: Language = "en",
) -> None:
    """All that a store holds about one person, under any name, as JSON that can be read."""
    with opened(database) as store:
        whole = held(store, customer, unmask=unmask)
    out.write_bytes(msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n")
    number = sum(len(rows) for table, rows in whole.items() if table not in ("customer", "names"))
    show(console, say("exported", language, n=number, customer=whole["customer"], file=str(out)))


def erase(
    customer: Customer,
    database: Database,
    yes: Yes = False,
    language: Language = "en",
) -> None:
    """Delete all that a store holds about one person, under any name, for good."""
    with opened(database) as store:
        name = held(store, customer, unmask=True)["customer"]
        if not yes and typer.prompt(say("confirm", language, customer=customer)) != customer:
            raise _not_confirmed(customer)
        for table, number in store.erase(customer, now(), secrets.token_hex(16)).items():
            show(console, say("erased", language, table=table, n=number))
    show(console, say("erased_all", language, customer=name))


def _not_confirmed(customer: str) -> PeakendError:
    return PeakendError(
        "Nothing is deleted: what was typed is not the id",
        fix=f"Type {customer} exactly, or add --yes",
        what_zh="没有删除任何资料：输入的编号不一致",
        fix_zh=f"请准确输入 {customer}，或加上 --yes",
    )
