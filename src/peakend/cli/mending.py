"""`quarantine list|show|mend|replay`: what could not be used, why, and how it gets in after all."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from peakend.cli.options import Database, Language, console, content_of, notices, now, opened, show
from peakend.cli.progress import progress
from peakend.cli.words import say
from peakend.design.pack import find_pack, load_pack
from peakend.errors import PeakendError
from peakend.loop.mending import Mending, Replayed
from peakend.model.pack import Pack
from peakend.model.stored import Unusable
from peakend.publish import pack_of, published
from peakend.store import Store
from peakend.when import format_instant

app = typer.Typer(help="What could not be used: see it, mend it, and let it in.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="The number that `list` shows")]
PackName = Annotated[str | None, typer.Option("--pack", help="Read by this pack; else by the published one")]
Source = Annotated[str | None, typer.Option("--source", help="Only what came from here")]
_FEW = 20


@app.command("list")
def list_(
    database: Database,
    source: Source = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them")] = False,
    language: Language = "en",
) -> None:
    """What was put aside, each with its place and its reason."""
    with opened(database) as store:
        rows = _rows(store, source)
    if not rows:
        show(console, say("none_aside", language))
        return
    for row in rows if everything else rows[:_FEW]:
        reason = row.reason_zh if language == "zh" else row.reason_en
        words = {"source": row.source, "place": row.place, "reason": reason}
        show(console, say("aside_row", language, number=str(row.number), **words))
    if len(rows) > _FEW and not everything:
        show(console, say("aside_more", language, n=len(rows) - _FEW), "dim")
    show(console, say("aside_way", language), "dim")


@app.command("show")
def show_(number: Number, database: Database, language: Language = "en") -> None:
    """One row whole, with the reason and the fix."""
    with opened(database) as store:
        row = _row(store, number)
    when = format_instant(row.at)
    show(console, say("aside_from", language, source=row.source, place=row.place, when=when))
    show(console, row.reason_zh if language == "zh" else row.reason_en, "red")
    show(console, _pretty(row.body))


@app.command()
def mend(
    number: Number,
    database: Database,
    data: Annotated[str | None, typer.Option("--data", help="The row as it should be, as JSON")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="The same, from a file")] = None,
    pack: PackName = None,
    language: Language = "en",
) -> None:
    """Correct one row, and send it through the door that it came by."""
    if (data is None) == (file is None):
        raise PeakendError(
            "A row is mended by --data or by --file",
            fix="""For example: peakend quarantine mend 7 --data '{"priority": "P1"}' --database URL""",
            what_zh="修正一条数据须写 --data 或 --file 之一",
            fix_zh="""例如：peakend quarantine mend 7 --data '{"priority": "P1"}' --database URL""",
        )
    body = data if data is not None else content_of(Path(str(file))).decode("utf-8", "replace")
    with opened(database) as store:
        row = _row(store, number)
        found = Mending(store, _pack(store, pack), now()).replay(row, body)
    _told(found, language)
    if found.outcome == "aside":
        raise typer.Exit(1)


@app.command()
def replay(
    database: Database,
    numbers: Annotated[list[int] | None, typer.Argument(help="These rows; else --all")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All rows")] = False,
    source: Source = None,
    pack: PackName = None,
    language: Language = "en",
) -> None:
    """Try rows once more after a mapping or the pack was mended; what still fails stays, with the reason."""
    if bool(numbers) == everything:
        raise PeakendError(
            "Say which rows: their numbers, or --all",
            fix="For example: peakend quarantine replay --all --source crm --database URL",
            what_zh="请写明重放哪些：编号，或 --all",
            fix_zh="例如：peakend quarantine replay --all --source crm --database URL",
        )
    with opened(database) as store, progress(notices, language) as step:
        rows = [_row(store, one) for one in numbers] if numbers else _rows(store, source)
        mending, tell, found = Mending(store, _pack(store, pack), now()), step("replay"), []
        for done, row in enumerate(rows, 1):
            found.append(mending.replay(row))
            tell(done, len(rows))
    for one in found[:_FEW]:
        _told(one, language)
    counts = Counter(one.outcome for one in found)
    known = counts["known"] + counts["refold"]
    words = {"n": len(found), "taken": counts["taken"], "known": known, "aside": counts["aside"]}
    show(console, say("replayed", language, **words), "bold")


def _rows(store: Store, source: str | None) -> list[Unusable]:
    return [row for row in store.put_aside_rows() if source in (None, row.source)]


def _row(store: Store, number: int) -> Unusable:
    for row in store.put_aside_rows():
        if row.number == number:
            return row
    mended = any(row.number == number for row in store.put_aside_rows(mended=True))
    raise PeakendError(
        f"Row {number} was mended already" if mended else f"There is no row {number} in quarantine",
        fix="See what there is: peakend quarantine list --database URL",
        what_zh=f"第 {number} 条已经修正过" if mended else f"待修正数据中没有第 {number} 条",
        fix_zh="查看列表：peakend quarantine list --database URL",
    )


def _pack(store: Store, name: str | None) -> Pack:
    if name is not None:
        return load_pack(find_pack(name))
    holds = published(store)
    if holds is None:
        raise PeakendError(
            "No pack is published in this store",
            fix="Say by which pack the rows are read: --pack PACK",
            what_zh="这个库还没有发布模板",
            fix_zh="请写明用哪个模板读取：--pack 模板",
        )
    return pack_of(store, holds.hash)


def _told(one: Replayed, language: str) -> None:
    if one.outcome == "aside":
        reason = one.reason_zh if language == "zh" else one.reason_en
        show(console, say("still_aside", language, number=str(one.number), reason=reason), "yellow")
    else:
        show(console, say(f"mended_{one.outcome}", language, number=str(one.number)))


def _pretty(body: str) -> str:
    try:
        return msgspec.json.format(body, indent=2)
    except msgspec.DecodeError:
        return body
