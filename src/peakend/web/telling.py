"""Tells other systems what happened: signed, in order, at least once, again and again until they answer.

What waits lies in the store, written with what happened (`store/base_hooks.py`); here it is only taken from
there. A system that does not answer is tried ever less often, and told nothing more after some days.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from hashlib import sha256
from threading import Event, Thread
from time import monotonic
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from peakend.deliver.egress import Egress
from peakend.deliver.webhook import Posted, key_of, post
from peakend.errors import PeakendError
from peakend.instance.file import Telling
from peakend.model.account import AuditEntry
from peakend.model.delivery import Receipt
from peakend.model.hook import Call, Hook
from peakend.store import Store

log = logging.getLogger("peakend.telling")

SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND
GIVEN_UP: Final = 5 * DAY
"""Microseconds without an answer after which a system is told nothing more."""
FIRST: Final = 5 * SECOND
LONGEST: Final = 3600 * SECOND
"""Until it is tried again: as long as it has failed so far, within these bounds."""
SECONDS: Final = 8.0
"""For one answer."""
ROUND: Final = 10.0
LEASE: Final = 20 * SECOND
"""A round ends after ROUND seconds and one answer more: before somebody else takes the system over."""
_AT_ONCE: Final = 50


class Teller:
    """Tells on some threads until it is stopped."""

    def __init__(
        self,
        store: Callable[[], AbstractContextManager[Store]],
        clock: Callable[[], int],
        told: Telling,
        *,
        threads: int = 3,
        poll: float = 1.0,
    ) -> None:
        self._store, self._clock, self._poll = store, clock, poll
        self._egress = Egress(seconds=SECONDS, private_hosts=told.private_hosts, ca_file=told.ca_file)
        self._stopped = Event()
        self._threads = [Thread(target=self._keep, name=f"telling-{n}", daemon=True) for n in range(threads)]

    def start(self) -> None:
        """Begin to tell."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after what is being told."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def work(self) -> int:
        """Tell everybody who can be told now; how much was told."""
        with self._store() as store:
            waiting, hooks = store.waiting_calls(), store.hooks()
        return sum(self._tell(one) for one in hooks if one.id in waiting and not self._stopped.is_set())

    def test(self, hook: Hook) -> Receipt:
        """Tell a system that it is told; nothing else comes of it."""
        now = self._clock()
        return self._post(hook, Posted(f"{hook.id}-test-{now}", "hook.tested", now, {}), now)

    def _keep(self) -> None:
        while not self._stopped.is_set():
            told = 0
            try:
                told = self.work()
            except PeakendError as error:
                log.warning("nobody is told for now: %s", error.text("en"))
            if not told:
                self._stopped.wait(self._poll)

    def _tell(self, hook: Hook) -> int:
        now = self._clock()
        lease = now + LEASE
        with self._store() as store:
            if not store.lease_hook(hook.id, now, lease):
                return 0
            calls = store.calls(hook.id, _AT_ONCE)
        delivered: list[int] = []
        receipt, end = Receipt("accepted", ""), monotonic() + ROUND
        for one in calls:
            receipt = self._post(hook, _posted(one), self._clock())
            if receipt.answer != "accepted":
                break
            delivered.append(one.number)
            if self._stopped.is_set() or monotonic() > end:
                break
        now = self._clock()
        after, entry = _after(hook, receipt, bool(delivered), now)
        with self._store() as store:
            ours = store.settle_hook(after, lease, delivered, entry)
        if entry is not None and ours:
            log.error("a system is told nothing more: it has not answered for days", extra={"hook": hook.id})
        return len(delivered)

    def _post(self, hook: Hook, told: Posted, now: int) -> Receipt:
        return post(self._egress, hook.url, [key_of(secret) for secret in hook.secrets], told, now)


def _posted(call: Call) -> Posted:
    """As it is told. Its id is made of what it says: a number of the database may come again for another."""
    data: dict[str, Any] = msgspec.json.decode(call.data)
    said = "\0".join((call.hook, call.kind, call.customer, str(call.at), call.data))
    whom = {"customer": call.customer} if call.customer else {}
    return Posted(
        f"{call.hook}-{sha256(said.encode()).hexdigest()[:24]}",
        call.kind,
        call.at,
        {**whom, **data, "at": call.at},
    )


def _after(hook: Hook, receipt: Receipt, some: bool, now: int) -> tuple[Hook, AuditEntry | None]:
    """A system after a round, and that it is told nothing more, where it is."""
    if receipt.answer == "accepted":
        return replace(hook, failing=0, after=0, said=receipt.said), None
    failing = now if some or not hook.failing else hook.failing
    wait = min(max(now - failing, FIRST), LONGEST)
    wait = max(wait, receipt.wait) if receipt.wait else wait
    after = replace(hook, failing=failing, after=now + wait, said=receipt.said)
    if now - failing < GIVEN_UP:
        return after, None
    entry = AuditEntry(at=now, who="peakend", what="webhook.disabled", about=hook.id, after=receipt.said)
    return replace(after, disabled=now), entry
