"""NPS, CSAT and CES: from a column of answers to a score that says how far it can be trusted.

`read_answers` checks a column; `last_per_customer`, `by_account`, `post_stratify`, `rake` and `weigh` say
whose answers count and how much; `nps`, `csat`, `ces` and `change` give numbers with 95 % intervals;
`response_rates` and `if_silent_differ` speak of those who did not answer. Pure functions over numpy arrays;
no answer is rescaled, and no number is given without its interval.
"""

from __future__ import annotations

from peakend.listen.scales.answers import (
    Answers,
    bounds_of,
    by_account,
    last_per_customer,
    read_answers,
)
from peakend.listen.scales.changes import change
from peakend.listen.scales.intervals import answers_needed, nps_standard_error
from peakend.listen.scales.scores import ces, csat, mean, nps, score
from peakend.listen.scales.silence import if_silent_differ, response_rates
from peakend.listen.scales.weights import kish_deff, post_stratify, rake, weigh

__all__ = [
    "Answers",
    "answers_needed",
    "bounds_of",
    "by_account",
    "ces",
    "change",
    "csat",
    "if_silent_differ",
    "kish_deff",
    "last_per_customer",
    "mean",
    "nps",
    "nps_standard_error",
    "post_stratify",
    "rake",
    "read_answers",
    "response_rates",
    "score",
    "weigh",
]
