"""An event about a subject reaches every customer who is related to it at that time, each exactly once.

The same function serves the door tonight and the backtest of last year. Relations are dated:
`relation.set {subject, from, until}` and `relation.ended {subject}` of a customer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from peakend.when import Zone, parse_instant

ALWAYS = 1 << 62


class Relations:
    """Who is related to which subject from when until when (half-open, microseconds UTC)."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self._spans: dict[str, dict[str, list[tuple[int, int]]]] = {}

    def learn(self, kind: str, customer: str, at: int, data: dict[str, Any]) -> None:
        """Take in a `relation.set` or `relation.ended` of a customer."""
        subject = data.get("subject")
        if not subject:
            return
        spans = self._spans.setdefault(str(subject), {}).setdefault(customer, [])
        if kind == "relation.set":
            begin, end = self._instant(data.get("from"), at), self._instant(data.get("until"), ALWAYS)
            spans.append((begin, end))
        else:
            end = self._instant(data.get("at"), at)
            spans[:] = [(begin, min(until, end)) for begin, until in spans if begin < end]

    def related(self, subject: str, at: int, after: str = "") -> Iterator[str]:
        """The customers related to a subject at an instant, in the order of their ids.

        A fan-out that was interrupted goes on with `after`, the last customer that was reached.
        """
        for customer, spans in sorted(self._spans.get(subject, {}).items()):
            if customer > after and any(begin <= at < end for begin, end in spans):
                yield customer

    def _instant(self, value: Any, otherwise: int) -> int:
        if value is None:
            return otherwise
        return value if isinstance(value, int) else parse_instant(str(value), self._zone)
