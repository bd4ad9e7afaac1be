"""Other systems that are told what happens, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from peakend.model.account import AuditEntry
from peakend.model.hook import Call, Happened, Hook
from peakend.store.hooks import calls_for, hook_from, hook_row
from peakend.store.memory_held import Held
from peakend.store.rows import storable


class MemoryHooks(Held):
    """The part of the store in memory that knows who is told."""

    def hooks(self) -> list[Hook]:
        with self._alone():
            return sorted(self._hooks.values(), key=lambda one: (one.made, one.id))

    def save_hook(self, hook: Hook, entry: AuditEntry) -> None:
        with self._alone():
            kept = hook_from(hook_row(hook))
            self._hooks[kept.id] = kept
            self._record(entry)

    def drop_hook(self, id_: str, entry: AuditEntry) -> bool:
        with self._alone():
            if self._hooks.pop(id_, None) is None:
                return False
            self._calls = {n: one for n, one in self._calls.items() if one.hook != id_}
            self._record(entry)
            return True

    def lease_hook(self, id_: str, now: int, until: int) -> bool:
        with self._alone():
            one = self._hooks.get(id_)
            if one is None or one.after > now or one.disabled:
                return False
            self._hooks[id_] = replace(one, after=until)
            return True

    def calls(self, id_: str, limit: int) -> list[Call]:
        with self._alone():
            return [one for one in self._calls.values() if one.hook == id_][:limit]

    def waiting_calls(self) -> dict[str, int]:
        with self._alone():
            return dict(sorted(Counter(one.hook for one in self._calls.values()).items()))

    def put_call(self, call: Call) -> None:
        with self._alone():
            self._put_calls([call])

    def settle_hook(
        self, hook: Hook, lease: int, delivered: Sequence[int], entry: AuditEntry | None = None
    ) -> bool:
        with self._alone():
            one = self._hooks.get(hook.id)
            if one is None or one.after != lease:
                return False
            for number in delivered:
                self._calls.pop(number, None)
            fresh = {name: getattr(hook, name) for name in ("failing", "after", "disabled")}
            self._hooks[one.id] = replace(one, **fresh, said=storable(hook.said))
            if entry is not None:
                self._record(entry)
            return True


def told_to(store: Held, happened: Sequence[Happened]) -> None:
    """Let what happens wait for everybody who asked to be told."""
    on = sorted(
        (one for one in store._hooks.values() if not one.disabled), key=lambda one: (one.made, one.id)
    )
    store._put_calls(calls_for([(one.id, one.kinds) for one in on], happened))
