"""Quantiles and tails of the t distribution, typed: scipy has them, without types.

Source: Student's t as in scipy.stats.t.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import stats


def t_quantile(share: float, freedom: float) -> float:
    """The value below which `share` of a t distribution lies."""
    return float(stats.t.ppf(share, freedom))


def t_upper(value: NDArray[np.float64], freedom: float) -> NDArray[np.float64]:
    """The share of a t distribution above each value; NaN stays NaN."""
    return cast(NDArray[np.float64], np.asarray(stats.t.sf(value, freedom), dtype=np.float64))
