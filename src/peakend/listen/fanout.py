"""An event about a subject reaches every customer who is related to it at that time, each exactly once.

The same class serves the loop tonight and the backtest of last year. Relations are dated:
`relation.set {subject, from, until}` and `relation.ended {subject}` of a customer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from peakend.model.stored import Relation
from peakend.when import Zone, parse_instant

ALWAYS = 1 << 62

RELATIONS: Final = ("relation.set", "relation.ended")
"""The kinds that relate a customer to a subject, and end that."""

_Span = tuple[int, int, int]


class Relations:
    """Who is related to which subject from when until when (half-open, microseconds UTC)."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self._spans: dict[str, dict[str, list[_Span]]] = {}

    def learn(self, kind: str, customer: str, at: int, data: dict[str, Any], seen: int = 0) -> None:
        """Take in a `relation.set` or `relation.ended` of a customer, learnt at `seen`; no other kind."""
        subject = data.get("subject")
        if not subject or kind not in RELATIONS:
            return
        spans = self._spans.setdefault(str(subject), {}).setdefault(customer, [])
        if kind == "relation.set":
            begin, end = self._instant(data.get("from"), at), self._instant(data.get("until"), ALWAYS)
            spans.append((begin, end, seen))
        else:
            end = self._instant(data.get("at"), at)
            spans[:] = [(begin, min(until, end), known) for begin, until, known in spans if begin < end]

    def join(self, former: str, customer: str) -> None:
        """What `former` was related to, `customer` is from now on."""
        for found in self._spans.values():
            if former in found:
                found.setdefault(customer, []).extend(found.pop(former))

    def put(self, rows: Iterable[Relation]) -> None:
        """Take in what a store has kept."""
        for one in rows:
            spans = self._spans.setdefault(one.subject, {}).setdefault(one.customer, [])
            spans.append((one.begins, one.ends, one.learnt))

    def rows(self) -> list[Relation]:
        """What a store shall keep: every span once."""
        return [
            Relation(customer, subject, *span)
            for subject, found in self._spans.items()
            for customer, spans in found.items()
            for span in sorted(set(spans))
        ]

    def related(self, subject: str, at: int, after: str = "") -> Iterator[str]:
        """The customers related to a subject at an instant, in the order of their ids.

        A fan-out that was interrupted goes on with `after`, the last customer that was reached.
        """
        for customer, spans in sorted(self._spans.get(subject, {}).items()):
            if customer > after and any(begin <= at < end for begin, end, _ in spans):
                yield customer

    def _instant(self, value: Any, otherwise: int) -> int:
        if value is None:
            return otherwise
        return value if isinstance(value, int) else parse_instant(str(value), self._zone)
