"""The one pass of the channel question: sums over customers, as an Ibis expression over a table.

Only grouped sums leave the engine, one row for each touchpoint, measure and channel, so memory does not grow
with the log, the same expression runs in DuckDB or a warehouse, and it holds no customer. How alike one
customer's encounters are is all in the second moments. Nothing is estimated here (`channels`), and nothing
is executed: whoever has the connection does that.
"""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from peakend.model.channel import Measure


def sums(lived: ir.Table) -> ir.Table:
    """One row for each measure of a touchpoint in each channel, from which `by_channel` makes its answer.

    `lived` has one row for each customer, touchpoint, channel and standard: `n` settled encounters, of which
    `known` are known, `miserable`, `magical` and `kept`; the same of this customer in all named channels
    together (`all_known`, …); and `first`, 1 in one of a customer's rows with known ones in a named channel,
    else 0. `standard` is "" for the encounters themselves, whose known ones have a state; else its known
    ones were kept or breached. The channel "" is not said.

    `n` encounters and `h` hits of a customer here, `t…` of it in all named channels: sums of them, and of
    their products. `only` counts customers whom the other named channels never saw.
    """
    return ibis.union(_of(lived, "miserable"), _of(lived, "magical"), _of(lived, "kept"))


def _of(lived: ir.Table, measure: Measure) -> ir.Table:
    itself = lived.standard == ""
    rows = lived.filter(~itself if measure == "kept" else itself)
    n, h, tn, th = rows.known, rows[measure], rows.all_known, rows[f"all_{measure}"]
    grouped = rows.group_by(["touchpoint", "standard", "channel"]).aggregate(
        encounters=rows.n.sum(), people=rows.count(), first=rows["first"].sum(), customers=_number(n > 0),
        only=_number((n > 0) & (n == tn)), n=n.sum(), h=h.sum(), nn=(n * n).sum(), nh=(n * h).sum(),
        hh=(h * h).sum(), ntn=(n * tn).sum(), nth=(n * th).sum(), htn=(h * tn).sum(), hth=(h * th).sum(),
    )  # fmt: skip
    return grouped.mutate(measure=ibis.literal(measure))


def _number(flag: Any) -> Any:
    return flag.ifelse(1, 0).sum()
