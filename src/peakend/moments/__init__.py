"""Find the moments of truth: which touchpoints move an outcome, by how much, and how sure that is.

`find` walks a log through the very fold that runs live, asks at each answer what came before it, and lets
`identify` do the sums. It changes nothing and proposes nothing; designing plays comes after.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
from msgspec.structs import replace

from peakend.backtest.spans import refused_line
from peakend.design.pack import find_pack, load_pack
from peakend.errors import EvidenceError, Place
from peakend.listen.history import open_history
from peakend.model.found import Found
from peakend.model.pack import Pack
from peakend.model.scale import RANGE
from peakend.moments.channels import channels_of
from peakend.moments.explain import AS_USUAL, How, explain
from peakend.moments.findings import Findings
from peakend.moments.history import Tables, walk_history
from peakend.moments.logs import as_log
from peakend.moments.memory import felt_along, remembered
from peakend.moments.question import DOUBTFUL, among, chosen, segments_of
from peakend.moments.score import scored
from peakend.tables import connect
from peakend.tables.frames import analyst, fetch, parquet

__all__ = ["Findings", "Found", "How", "explain", "find"]

Progress = Callable[[int, int], None]
_FEWEST_IN_SEGMENT = 30
_MONTH = 30 * 24 * 3_600_000_000
_MOST_SEGMENTS = 8


def find(
    pack: Pack | Path | str,
    log: Any,
    outcome: str | None = None,
    *,
    segment: str | None = None,
    window: str = "P90D",
    touchpoints: Sequence[str] = (),
    how: How = AS_USUAL,
    quarantine: Path | None = None,
    workers: int = 2,
    progress: Progress | None = None,
) -> Findings:
    """Find which touchpoints move `outcome`, and return a result that prints itself.

    `pack` is a folder or a pack that was read; `log` a file, folder or glob of events (native, or exports
    that the pack maps), or a table of native events: pandas, Polars, Arrow, DuckDB or Ibis with the columns
    customer, kind, at, data. `outcome` is one of the pack's (default: its NPS, else the first with a value);
    `segment` an attribute of customers (default: the first with two to eight values); `window` how far back
    an answer looks; `touchpoints` are those to explain it by (default: the outcome's `explained_by`, else all
    with encounters; leave out one that is merely the consequence of another).
    A `segment` that is named gets figures for each of its values. `quarantine` gets every event that could
    not be used, as JSONL.
    Raises PackError, SourceError or EvidenceError, each saying what is missing and what would be needed.
    """
    if not isinstance(pack, Pack):
        pack = load_pack(find_pack(pack))
    name = chosen(pack, outcome)
    points = among(pack, name, touchpoints)
    attributes = segments_of(pack, segment)
    with tempfile.TemporaryDirectory(prefix="peakend-") as folder:
        scratch = Path(folder)
        files = as_log(log, scratch / "given.parquet")
        history = open_history(pack, files, scratch / "log.parquet", scratch / "quarantine.jsonl")
        tables = walk_history(
            pack, history.log, scratch, outcome=name, window=window, segments=attributes,
            workers=workers, progress=progress,
        )  # fmt: skip
        backend = analyst(connect(scratch))
        answers, met = parquet(backend, tables.answers), parquet(backend, tables.met)
        _can_be_explained(pack, name, tables, answers)
        episodes, kinds = _ready(pack, name, tables, answers, segment)
        found = explain(
            episodes,
            met,
            points,
            outcome=name,
            scale=pack.head.outcomes[name].scale or "",
            segment=kinds,
            how=how._replace(by_segment=how.by_segment or segment is not None),
        )
        found = replace(
            found,
            score=scored(pack.head.outcomes[name], answers),
            profile=remembered(episodes, met, found),
            curves=felt_along(pack, episodes, met),
            channels=channels_of(tables, backend),
        )
        if quarantine and tables.refused:
            with quarantine.open("ab") as out:
                out.writelines(refused_line(one) for one in tables.refused)
    return Findings(found, pack, refused=len(tables.refused))


def _ready(
    pack: Pack, name: str, tables: Tables, answers: ir.Table, segment: str | None
) -> tuple[ir.Table, str | None]:
    """Answers in points, and the attribute that tells kinds of customers apart."""
    points = answers.answer
    if pack.head.outcomes[name].against:
        points = answers.answer * 100.0
    if pack.head.outcomes[name].scale == "nps":
        points = (answers.answer >= 9).ifelse(100.0, (answers.answer <= 6).ifelse(-100.0, 0.0))
    number = _segment(answers, tables.segments, named=segment is not None)
    if number is None:
        return answers.select("episode", "customer", outcome=points), None
    kinds = answers[f"segment_{number}"]
    return answers.select("episode", "customer", outcome=points, segment=kinds), tables.segments[number]


def _can_be_explained(pack: Pack, name: str, tables: Tables, answers: ir.Table) -> None:
    one = pack.head.outcomes[name]
    place = pack.place("pack", "outcomes", name)
    if not fetch(answers.aggregate(n=answers.count())).to_pylist()[0]["n"]:
        came = tables.facts.kinds.get(one.event, 0)
        where = f" where {one.where}" if one.where else ""
        fit = f", none of them with a value in '{one.field or one.event}'{where}" if came else ""
        raise EvidenceError(
            f"The log holds no answer to '{name}': {came:,} events of the kind {one.event}{fit}",
            place=place,
            fix="Bring the answers into the log, or choose another outcome with --outcome",
            what_zh=f"数据里没有“{name}”的答卷：{one.event} 共 {came:,} 条，没有一条能用",
            fix_zh="请把答卷接进来，或用 --outcome 换一个成效指标",
        )
    if one.scale in DOUBTFUL:
        _refuse_a_smaller_scale(name, one.scale, answers, place)


def _refuse_a_smaller_scale(name: str, scale: str, answers: ir.Table, place: Place) -> None:
    """Answers on 1 to 5 hide inside a longer scale: no answer is off it, and everybody seems unhappy.

    Looked for in each source, for an NPS in each 30 days of it: forms change from one day to the next.
    """
    month = (answers.at // _MONTH).cast("int64") if scale == "nps" else ibis.literal(0)
    parts = answers.group_by(source=answers.source, month=month).aggregate(
        n=answers.count(), low=answers.answer.min(), high=answers.answer.max(), kinds=answers.answer.nunique()
    )
    odd = parts.filter((parts.n >= 30) & (parts.low >= 1) & (parts.high <= 5) & (parts.kinds >= 4))
    found = fetch(odd.order_by([odd.source, odd.month]).limit(1)).to_pylist()
    if not found:
        return
    one, (low, high) = found[0], RANGE[scale]
    since = f"{datetime.fromtimestamp(one['month'] * _MONTH / 1e6, UTC):%Y-%m-%d}" if scale == "nps" else ""
    source = one["source"] or "?"
    raise EvidenceError(
        f"'{name}' goes from {low:g} to {high:g}, but {one['n']:,} answers of the source '{source}'"
        f"{f' in the 30 days from {since} on' if since else ''} all lie between 1 and 5",
        place=place,
        fix="They were probably asked on another form. Keep one form with `where:`, or write scale: 1..5 "
        "if all were asked so",
        what_zh=f"“{name}”是 {low:g} 到 {high:g} 分，可来源“{source}”"
        f"{f'从 {since} 起的 30 天里' if since else '里'}有 {one['n']:,} 份答卷全在 1 到 5 分之间",
        fix_zh="多半是另一种问卷。请用 `where:` 只留一种；如果全是 1 到 5 分的问卷，请写 scale: 1..5",
    )


def _segment(answers: ir.Table, names: Sequence[str], *, named: bool) -> int | None:
    """The attribute that tells kinds of customers apart: the named one, else the first with a few values."""
    if named:
        return 0
    for number in range(len(names)):
        column = answers[f"segment_{number}"]
        sizes = fetch(answers.group_by(value=column).aggregate(n=answers.count())).to_pylist()
        if 2 <= len(sizes) <= _MOST_SEGMENTS and min(row["n"] for row in sizes) >= _FEWEST_IN_SEGMENT:
            return number
    return None
