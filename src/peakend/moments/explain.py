"""From tables of answers and encounters to what was found: the guards, the sums, the estimate, the words.

The heavy part are grouped sums in the engine behind `tables`; what comes back is small.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from peakend.errors import EvidenceError
from peakend.identify.drivers import Answer, drivers
from peakend.identify.grams import (
    NO_SEGMENT,
    Grams,
    Several,
    assemble,
    bucket_count,
    cells,
    sums,
    with_buckets,
)
from peakend.model.found import Driver, Found
from peakend.moments.claims import Guards, claims
from peakend.tables.frames import fetch

REPEATERS: Final = 0.3
"""From this share of answers by customers with several on, customers are compared with themselves."""
_SEGMENTS: Final = 8
_SEED: Final = 20_240_229


class How(NamedTuple):
    """How to look: what counts when a touchpoint was met several times; whether segments get figures of their
    own; whether customers are compared with themselves (None: where enough of them answered more than once).
    """

    several: Several = "worst"
    by_segment: bool = False
    within: bool | None = None


AS_USUAL: Final = How()


def explain(
    episodes: ir.Table,
    encounters: ir.Table,
    touchpoints: Sequence[str],
    *,
    outcome: str = "outcome",
    scale: str = "",
    segment: str | None = None,
    how: How = AS_USUAL,
) -> Found:
    """Find what moves an outcome.

    `episodes`: episode, customer, outcome (points) and, where known, segment and weight. `encounters`:
    episode, touchpoint, state (-1, 0, 1, null), and where known rating (any scale, for the control of harsh
    and lenient customers) and at. `segment` names what the segments are.
    Raises EvidenceError where the data cannot carry an answer.
    """
    about = _about(episodes)
    buckets = bucket_count(about["episodes"], about["customers"])
    repeaters = about["again"] / about["episodes"]
    compared = how.within if how.within is not None else repeaters >= REPEATERS
    names = _segment_names(episodes) if segment else [NO_SEGMENT]
    lenient = not compared and "rating" in encounters.columns
    if lenient:
        episodes = _with_leniency(episodes, encounters)
    apart = how.by_segment and len(names) > 1
    found = _summed(episodes, encounters, touchpoints, buckets, how.several, apart=apart)
    grams = assemble(found, touchpoints, names, buckets)
    counts = _counts(encounters, touchpoints)
    if not sum(counts.values()):
        raise EvidenceError(
            "No encounter came before any answer",
            fix="Widen the window (--window P180D), or bring a log that begins before the answers",
            what_zh="每份答卷之前都没有接触记录",
            fix_zh="请放宽回看时间（--window P180D），或补上答卷之前的数据",
        )
    answer = drivers(grams, touchpoints, counts, _draw, within=compared)
    guards = Guards(compared, repeaters, segment or "", lenient, _from_facts(encounters))
    parts = _parts(found, touchpoints, names, buckets, counts, answer, compared) if apart else {}
    return Found(
        outcome=outcome,
        scale=scale,
        episodes=about["episodes"],
        customers=about["customers"],
        mode="within" if compared else "pooled",
        protections=claims(guards, named=any(one.moment_of_truth for one in answer.drivers)),
        mean=answer.mean,
        ledger=answer.ledger,
        touchpoints=answer.drivers,
        segments=parts,
    )


def _draw(rows: int, columns: int) -> NDArray[np.float64]:
    """The same draws for the same question, so that a report can be made again."""
    return np.random.default_rng(_SEED).standard_normal((rows, columns))


def _about(episodes: ir.Table) -> dict[str, int]:
    """How many answers and customers there are, and how many answers come from customers with several."""
    people = episodes.group_by("customer").aggregate(n=episodes.count())
    row = fetch(
        people.aggregate(
            episodes=people.n.sum().fill_null(0),
            customers=people.count(),
            again=people.n.sum(where=people.n > 1).fill_null(0),
        )
    ).to_pylist()[0]
    return {name: int(value) for name, value in row.items()}


def _segment_names(episodes: ir.Table) -> list[str]:
    """The segments, most frequent first; beyond the eighth they count as the first."""
    named = episodes.select(name=episodes.segment.fill_null(NO_SEGMENT))
    sizes = named.group_by("name").aggregate(n=named.count())
    rows = fetch(sizes.order_by([sizes.n.desc(), sizes.name.asc()]).limit(_SEGMENTS)).to_pylist()
    return [row["name"] for row in rows]


def _with_leniency(episodes: ir.Table, encounters: ir.Table) -> ir.Table:
    """How much better than others each customer rates the same touchpoints, in his other answers only."""
    rated = encounters.filter(encounters.rating.notnull())
    usual = rated.group_by("touchpoint").aggregate(usual=rated.rating.mean())
    apart = rated.join(usual, "touchpoint")
    apart = apart.select("episode", apart=apart.rating - apart.usual)
    own = apart.group_by("episode").aggregate(s=apart.apart.sum(), k=apart.count())
    of = episodes.left_join(own, "episode").drop("episode_right")
    of = of.mutate(s=of.s.fill_null(0.0), k=of.k.fill_null(0))
    person = of.group_by("customer").aggregate(all_s=of.s.sum(), all_k=of.k.sum())
    joined = of.join(person, "customer")
    others = (joined.all_k - joined.k).nullif(0)
    return joined.mutate(leniency=(joined.all_s - joined.s) / others).drop("s", "k", "all_s", "all_k")


def _summed(
    episodes: ir.Table,
    encounters: ir.Table,
    touchpoints: Sequence[str],
    buckets: int,
    several: Several,
    *,
    apart: bool,
) -> dict[str, pa.Table]:
    prepared = with_buckets(episodes, buckets).cache()
    met = cells(prepared, encounters, touchpoints, several).cache()
    found = {name: fetch(one) for name, one in sums(prepared, met).items()}
    if apart:
        found |= {f"{name} apart": fetch(one) for name, one in sums(prepared, met, by_segment=True).items()}
    return found


def _parts(
    found: Mapping[str, pa.Table],
    touchpoints: Sequence[str],
    names: Sequence[str],
    buckets: int,
    encounters: Mapping[str, int],
    whole: Answer,
    within: bool,
) -> dict[str, tuple[Driver, ...]]:
    """The drivers of each segment, drawn to those of all; a segment too small to be estimated is left out."""
    parts = {}
    for name in names:
        own = {key[:-6]: _only(table, name) for key, table in found.items() if key.endswith(" apart")}
        grams = assemble(own, touchpoints, [name], buckets)
        try:
            parts[name] = drivers(
                grams, touchpoints, _met_in(grams, touchpoints), _draw, within=within, toward=whole
            ).drivers
        except EvidenceError:
            continue
    return parts


def _only(table: pa.Table, segment: str) -> pa.Table:
    return table.filter(pc.equal(table["segment"], segment))


def _met_in(grams: Grams, touchpoints: Sequence[str]) -> dict[str, int]:
    """Answers before which each touchpoint was met."""
    rows = {column: int(n) for column, n in zip(grams.columns, grams.rows, strict=True)}
    return {
        column.name: n for column, n in rows.items() if column.role == "met" and column.name in touchpoints
    }


def _counts(encounters: ir.Table, touchpoints: Sequence[str]) -> dict[str, int]:
    rows = fetch(encounters.group_by("touchpoint").aggregate(n=encounters.count())).to_pylist()
    known = {row["touchpoint"]: int(row["n"]) for row in rows}
    return {name: known.get(name, 0) for name in touchpoints}


def _from_facts(encounters: ir.Table) -> float:
    """Of the states that are known, the share that no rating had a part in; 1 where ratings are not told."""
    if "rating" not in encounters.columns:
        return 1.0
    known = encounters.filter(encounters.state.notnull())
    row: dict[str, Any] = fetch(
        known.aggregate(all=known.count(), unrated=known.rating.isnull().sum())
    ).to_pylist()[0]
    return float((row["unrated"] or 0) / row["all"]) if row["all"] else 1.0
