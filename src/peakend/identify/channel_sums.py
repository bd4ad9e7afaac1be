"""The one pass of the channel question: sums over customers, as Ibis expressions over a table.

Only grouped sums leave the engine, one row for each touchpoint, measure and channel, so memory does not grow
with the log and the same expressions run in DuckDB or a warehouse. How alike one customer's encounters are is
all in the second moments over customers. Nothing is estimated here (`channels`), and nothing is executed.
"""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from peakend.model.channel import Measure

_OF = ["touchpoint", "standard", "measure"]


def sums(lived: ir.Table) -> dict[str, ir.Table]:
    """The two grouped sums from which `by_channel` makes its answer.

    `lived` counts settled encounters by customer, touchpoint, channel and standard: `n` of them, of which
    `known` are known, `miserable`, `magical` and `kept`. `standard` is "" for the encounters themselves,
    whose known ones have a state; else its known ones were kept or breached. A null channel is "". Rows may
    be split in any way: one an encounter is as good as one for all of a customer's.

    `inside` has a row for each measure in each channel: sums over customers of their encounters there (n, h
    of them hits) and of the products with what they have in all named channels (tn, th). `named` has a row
    for each measure in all named channels together.
    """
    each = ibis.union(_measured(lived, "miserable"), _measured(lived, "magical"), _measured(lived, "kept"))
    place = each.group_by([*_OF, "customer", "channel"]).aggregate(
        encounters=each.encounters.sum(), n=each.n.sum(), h=each.h.sum()
    )
    said = place.channel != ""
    person = place.group_by([*_OF, "customer"]).aggregate(
        tn=said.ifelse(place.n, 0).sum(), th=said.ifelse(place.h, 0).sum()
    )
    both = place.join(person, [*_OF, "customer"])
    return {"inside": _inside(both), "named": _named(person)}


def _measured(lived: ir.Table, measure: Measure) -> ir.Table:
    """Encounters and those known, and of them the hits of one measure."""
    standard = lived.standard.fill_null("")
    of_standard = standard != ""
    rows = lived.filter(of_standard if measure == "kept" else ~of_standard)
    return rows.select(
        touchpoint=rows.touchpoint,
        standard=rows.standard.fill_null(""),
        measure=ibis.literal(measure),
        customer=rows.customer,
        channel=rows.channel.fill_null(""),
        encounters=rows.n.cast("int64"),
        n=rows.known.cast("int64"),
        h=rows[measure].cast("int64"),
    )


def _inside(both: ir.Table) -> ir.Table:
    n, h, tn, th = both.n, both.h, both.tn, both.th
    return both.group_by([*_OF, "channel"]).aggregate(
        encounters=both.encounters.sum(), people=both.count(), customers=_number(n > 0),
        only=_number((n > 0) & (n == tn)), n=n.sum(), h=h.sum(), nn=(n * n).sum(), nh=(n * h).sum(),
        hh=(h * h).sum(), ntn=(n * tn).sum(), nth=(n * th).sum(), htn=(h * tn).sum(), hth=(h * th).sum(),
    )  # fmt: skip


def _named(person: ir.Table) -> ir.Table:
    n, h = person.tn, person.th
    return person.group_by(_OF).aggregate(
        customers=_number(n > 0), n=n.sum(), h=h.sum(), nn=(n * n).sum(), nh=(n * h).sum(), hh=(h * h).sum()
    )


def _number(flag: Any) -> Any:
    return flag.ifelse(1, 0).sum()
