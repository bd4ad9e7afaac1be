"""A program's way to a server of Peakend: typed calls, asked again where nothing was done.

    from peakend.client import Client, Event

    client = Client("http://127.0.0.1:8000", "pk_…")
    client.send([Event(id="e-1", customer="c-1", kind="order.completed", at="2026-03-01T09:00:00+08:00")])

Whatever is sent with the same ids a second time counts once. 429 and 503 are waited for as the server says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from peakend.client.asking import ApiError, Asking, within
from peakend.client.nouns import Change, Changes, Event, Key, Keys, Result, Sent

__all__ = ["ApiError", "Change", "Client", "Event", "Key", "Result", "Sent"]

BATCH: Final = 500
"""Events of one request."""


class Client:
    """One server, asked with one key. A request may take `seconds`, and is tried `tries` times.

    Every method raises ApiError where the server says no, or nothing.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        seconds: float = 30.0,
        tries: int = 8,
        ca_file: str = "",
        pause: Callable[[float], object] | None = None,
    ) -> None:
        self._asking = Asking(url, key, seconds=seconds, tries=tries, ca_file=ca_file, pause=pause)

    def send(self, events: Iterable[Event], batch: int = BATCH) -> Sent:
        """Send events, as many requests as that takes; what became of each once all of them are durable.

        Where it raises, some may be in: send all of them again, and each counts once.
        """
        sent = Sent()
        for some in _batches(events, batch):
            sent = sent + self._asking.ask("POST", within("events"), Sent, body=some)
        return sent

    def sending(self, events: Iterable[Event], batch: int = BATCH) -> Iterator[Sent]:
        """As `send`, telling of one request after the other: for more events than fit into memory."""
        for some in _batches(events, batch):
            yield self._asking.ask("POST", within("events"), Sent, body=some)

    def audit(
        self, *, who: str = "", what: str = "", about: str = "", since: str = "", until: str = ""
    ) -> Iterator[Change]:
        """Every change, the newest first, fetched a page at a time. Instants as ISO 8601 or microseconds."""
        query = {"who": who, "what": what, "about": about, "since": since, "until": until, "limit": 200}
        after = ""
        while True:
            page = self._asking.ask("GET", within("audit"), Changes, query={**query, "after": after})
            yield from page.entries
            after = page.after
            if not after:
                return

    def keys(self) -> list[Key]:
        """All keys, also those that are revoked."""
        return self._asking.ask("GET", within("keys"), Keys).keys

    def make_key(self, label: str, scopes: Sequence[str]) -> Key:
        """A new key with its text, which is told this once."""
        body = {"label": label, "scopes": list(scopes)}
        return self._asking.ask("POST", within("keys"), Key, body=body, repeatable=False)

    def revoke_key(self, id_: str) -> Key:
        """Let a key open nothing any more."""
        return self._asking.ask("DELETE", within("keys", id_), Key)


def _batches(events: Iterable[Event], size: int) -> Iterator[list[Event]]:
    waiting = iter(events)
    while some := list(islice(waiting, max(size, 1))):
        yield some
