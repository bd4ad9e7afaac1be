"""The programs of a service: of the pack that is run, and of those that were published before it.

An older pack is needed for as long as a state was made by it, or a run follows one of its plays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from peakend.errors import PeakendError
from peakend.fold import Program, compile_published
from peakend.listen.reading import Reader
from peakend.model.event import Event
from peakend.model.pack import Pack
from peakend.model.stored import Recorded
from peakend.trigger.pauses import Pauses


class Version(NamedTuple):
    """One pack as it is run: its program, and what types its events."""

    program: Program
    reader: Reader

    def typed(self, recorded: Sequence[Recorded]) -> list[Event]:
        """The events that the program looks at; what cannot be typed is left out."""
        looked = [one for one in recorded if one.kind in self.program.kinds]
        found = [*self.reader.events(row(one) for one in looked)]
        self.reader.refused.clear()
        return found


def row(one: Recorded) -> tuple[str, str, int, int, int, str, str, str]:
    """An input as a reader takes it."""
    return one.customer, one.kind, one.at, one.seen, one.seq, one.data, one.source, one.id


class Programs:
    """Programs by the hash of their pack, compiled when they are first asked for."""

    def __init__(self, pack: Pack, older: Mapping[str, Pack], contacts_known: bool) -> None:
        self._packs = {**older, pack.hash: pack}
        self._known = contacts_known
        self._versions: dict[str, Version] = {}
        self._pauses: Pauses = {}
        self._hash = pack.hash
        self.version(pack.hash)

    @property
    def current(self) -> Version:
        """The version of the pack that is run."""
        return self.version(self._hash)

    def version(self, hash_: str) -> Version:
        """The version of a hash. Raises PeakendError where its pack was not handed in."""
        if hash_ not in self._versions:
            pack = self._packs.get(hash_)
            if pack is None:
                raise _unknown(hash_)
            older = [one for one in reversed(self._packs.values()) if one is not pack]
            program = compile_published(pack, older, contacts_known=self._known, contents=True)
            self._versions[hash_] = Version(program.paused(self._pauses), Reader(pack, older))
        return self._versions[hash_]

    def pause(self, pauses: Pauses) -> None:
        """Tell all programs when which plays let nobody in."""
        self._pauses = pauses
        for hash_, (program, reader) in self._versions.items():
            self._versions[hash_] = Version(program.paused(pauses), reader)


def _unknown(hash_: str) -> PeakendError:
    return PeakendError(
        f"States of this store were made by another version of the pack ({hash_[:12]}), which is not at hand",
        fix="Hand the packs that were published before in as `older`, by their hash, the newest last",
        what_zh=f"库中有状态由模板的另一个版本得出（{hash_[:12]}），而该版本未提供",
        fix_zh="请通过 older 按哈希值提供以前发布过的模板，最新的放在最后",
    )
