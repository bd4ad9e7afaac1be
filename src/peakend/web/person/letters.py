"""A text as one customer got it, or would get it: told from her own inputs in the store. Nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from peakend.backtest.preview import Previewed, preview
from peakend.model.log import LOG_SCHEMA
from peakend.model.looked import MOST, AskedEvents
from peakend.model.pack import Pack
from peakend.model.stored import Recorded
from peakend.store import Store

_READ: Final = 5_000
"""Inputs that are read at most, the newest."""


def previewed(
    store: Store,
    pack: Pack,
    customer: str,
    text: str,
    *,
    sender: Mapping[str, str],
    channel: str = "",
    language: str,
) -> Previewed:
    """The last send of a text or card of the pack to a customer, or an example of it, in words.

    Without a `language` it is in the customer's own. Raises PackError for a text that the pack does not have,
    SourceError for a customer with no inputs.
    """
    with TemporaryDirectory(prefix="peakend-") as folder:
        log = Path(folder) / "log.parquet"
        pq.write_table(_table(_newest(store, customer)), log)
        known = sender_of(sender, language)
        return preview(pack, [log], customer, text, sender=known, channel=channel, language=language)


def sender_of(sender: Mapping[str, str], language: str) -> dict[str, str]:
    """What the house says of itself, over a name and a number that everybody sees are placeholders."""
    name, phone = ("（姓名）", "（电话）") if language == "zh" else ("(name)", "(phone)")
    return {"name": name, "phone": phone, **sender}


def _newest(store: Store, customer: str) -> list[Recorded]:
    found: list[Recorded] = []
    after = ""
    while len(found) < _READ:
        page = store.list_events(AskedEvents(customer=customer), after, MOST)
        found += page.rows
        after = page.after
        if not after:
            break
    return sorted(found, key=lambda one: (one.seen, one.seq))


def _table(recorded: list[Recorded]) -> pa.Table:
    time = LOG_SCHEMA.field("happened_at").type
    columns = {
        "id": [one.id for one in recorded],
        "customer": [one.customer or None for one in recorded],
        "kind": [one.kind for one in recorded],
        "happened_at": pa.array([one.at for one in recorded], pa.int64()).cast(time),
        "seen_at": pa.array([one.seen for one in recorded], pa.int64()).cast(time),
        "source": [one.source for one in recorded],
        "subject": [one.subject or None for one in recorded],
        "data": [one.data for one in recorded],
        "seq": range(len(recorded)),
    }
    arrays = [pa.array(columns[field.name], field.type) for field in LOG_SCHEMA]
    return pa.Table.from_arrays(arrays, schema=LOG_SCHEMA)
