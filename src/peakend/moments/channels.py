"""The channel question asked of a whole log: from the counts of settled encounters to the answer.

Only sums are fetched, one row for each measure in each channel, so memory does not grow with the log.
"""

from __future__ import annotations

from typing import Any

from peakend.identify.channel_sums import sums
from peakend.identify.channels import by_channel
from peakend.model.channel import ChannelAnswer
from peakend.moments.history import Tables
from peakend.tables.frames import fetch, parquet


def channels_of(tables: Tables, backend: Any) -> ChannelAnswer:
    """Each touchpoint by channel, from the `lived` of `walk_history`; `backend` is an Ibis backend."""
    return by_channel(fetch(sums(parquet(backend, tables.lived))))
