"""The columns of the native log, for whoever writes one: an import, a simulation, a store with its inputs.

A log file says in its metadata that Peakend wrote it; where that is missing, a reader imports it again.
"""

from __future__ import annotations

import pyarrow as pa

LOG_FORMAT = "1"
LOG_MARK = b"peakend.log"
_TIME = pa.timestamp("us", "UTC")

Row = tuple[str, str, int, int, int, str, str, str]
"""customer, kind, at, seen, seq, data (JSON text), source, id; instants in microseconds UTC."""

LOG_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("customer", pa.string()),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("happened_at", _TIME, nullable=False),
        pa.field("seen_at", _TIME, nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("subject", pa.string()),
        pa.field("data", pa.string(), nullable=False),
        pa.field("seq", pa.int64(), nullable=False),
    ],
    metadata={LOG_MARK: LOG_FORMAT.encode()},
)
"""The log. `data` is a JSON object as text, `seq` orders what was seen at one instant."""
