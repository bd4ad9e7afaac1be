"""The score of the outcome itself, with its interval: what `find` explains must first be said."""

from __future__ import annotations

import ibis.expr.types as ir
import numpy as np
from msgspec.structs import replace

from peakend.listen.scales import read_answers, score
from peakend.model.pack import Outcome
from peakend.model.scale import Score
from peakend.tables.frames import fetch


def scored(outcome: Outcome, answers: ir.Table) -> Score:
    """The score of answers (customer, answer); of a yes or no, and of an unnamed scale, the mean."""
    rows = fetch(answers.select("customer", "answer"))
    values = rows["answer"].to_numpy().astype(np.float64)
    scale = outcome.scale or f"{values.min():g}..{values.max():g}"
    customers = rows["customer"].to_numpy(zero_copy_only=False).astype(np.str_)
    found = score(read_answers(scale, values, customers=customers, column=outcome.field or outcome.event))
    return replace(found, unit="share") if outcome.against else found
