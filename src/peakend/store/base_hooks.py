"""The contract of every store about other systems that are told what happens. It is part of `base.py`, and
stands apart because it is one subject.

What has to be told is written in the very transaction in which it happens, once for each system that asked:
nothing is told that did not happen, and nothing that happened is lost between two looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from peakend.model.account import AuditEntry
from peakend.model.hook import Call, Hook


class StoreOfHooks(Protocol):
    """What a store knows of systems that are told what happens."""

    def hooks(self) -> list[Hook]:
        """All of them in the order in which they were made, also those that are disabled."""

    def save_hook(self, hook: Hook, entry: AuditEntry) -> None:
        """Add it, or put it in the place of the one with its id."""

    def drop_hook(self, id_: str, entry: AuditEntry) -> bool:
        """Forget it and what waits for it; False where there is none."""

    def lease_hook(self, id_: str, now: int, until: int) -> bool:
        """Nobody else tells it anything before `until`; False where somebody does, or it is disabled."""

    def calls(self, id_: str, limit: int) -> list[Call]:
        """What waits to be told to it, the first first."""

    def waiting_calls(self) -> dict[str, int]:
        """How much waits by system; those for which nothing does are left out."""

    def put_call(self, call: Call) -> None:
        """Let something wait to be told to one system."""

    def settle_hook(
        self, hook: Hook, lease: int, delivered: Sequence[int], entry: AuditEntry | None = None
    ) -> bool:
        """What was told waits no longer, and its `failing`, `after`, `disabled` and `said` are written.

        False, and nothing written, where the lease that ended at `lease` is somebody else's by now: whatever
        was told is told again.
        """
