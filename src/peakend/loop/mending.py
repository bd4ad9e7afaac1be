"""What was put aside, sent once more through the door that it came by, as it is or corrected.

Nothing is lost: what still fails stays, with its new reason. Nothing counts twice: an event that the log
holds is not taken again, and what was mended and then cut off is told as known when it is tried once more.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import msgspec

from peakend.errors import Unusable
from peakend.listen.cells import json_object, plain
from peakend.listen.door import check_name
from peakend.listen.native import NativeRows
from peakend.listen.reading import typers
from peakend.listen.rows import MappedRows, Reading
from peakend.loop.receiving import Receiving, arrival_of, check_depth, read_object
from peakend.model.looked import FAR
from peakend.model.pack import Pack
from peakend.model.stored import Arrival, Recorded
from peakend.model.stored import Unusable as Aside
from peakend.store.base import Store
from peakend.when import zone

Outcome = Literal["taken", "known", "refold", "aside"]


class Replayed(NamedTuple):
    """What became of one row. `aside` comes with the reason, in Chinese and English.

    `refold` is an event that the log holds and that the pack can read now: it counts as soon as the log is
    folded under it, at its old place, and starts nothing.
    """

    number: int
    outcome: Outcome
    reason_zh: str = ""
    reason_en: str = ""


class Mending:
    """Replays rows of a store's quarantine under one pack. What is said to happen after `now` stays aside."""

    def __init__(self, store: Store, pack: Pack, now: int = FAR) -> None:
        self._store, self._pack, self._now = store, pack, now
        self._receiving = Receiving(pack)
        self._typers = typers(pack)
        self._native = NativeRows(zone(pack.head.zone))

    def replay(self, row: Aside, body: str | None = None) -> Replayed:
        """Try a row once more, with another body if one is given; what fails keeps its place and its body."""
        try:
            held = self._store.event(row.source, row.place)
            # What a fold put aside stands in the log with this very body; what a door refused does not.
            if held is not None and held.data == row.body:
                found = self._of_log(row, held, row.body if body is None else body)
            else:
                found = self._of_door(row, row.body if body is None else body)
        except Unusable as error:
            found = Replayed(row.number, "aside", error.text("zh"), str(error))
        if found.outcome == "aside":
            self._store.still_aside(row.number, found.reason_zh, found.reason_en)
        else:
            self._store.mend(row.number)
        return found

    def check(self, row: Aside, body: str) -> Replayed:
        """What would become of a row with this body; nothing is written."""
        try:
            held = self._store.event(row.source, row.place)
            if held is not None and held.data == row.body:
                data = self._corrected(held, body)
                return Replayed(row.number, "refold" if data == held.data else "taken")
            kept = [(one, self._store.arrival(one.source, one.id)) for one in self._arrivals(row, body)]
            for one, before in kept:
                if before not in (None, one):
                    raise _other_event(one.id)
        except Unusable as error:
            return Replayed(row.number, "aside", error.text("zh"), str(error))
        return Replayed(row.number, "taken" if any(before is None for _, before in kept) else "known")

    def _of_log(self, row: Aside, held: Recorded, body: str) -> Replayed:
        """An event that the log holds: corrected it is another input, which says so by its id."""
        data = self._corrected(held, body)
        if data == held.data:
            return Replayed(row.number, "refold")
        name = f"{held.id}~{row.number}"
        check_name(name, "id")
        one = Arrival(held.source, name, held.customer, held.kind, held.at, held.subject, data)
        return self._taken(row, [one])

    def _corrected(self, held: Recorded, body: str) -> str:
        """The data of an event that the log holds, as they should be. Raises Unusable."""
        data = json_object({name: plain(value) for name, value in _object(body).items()})
        self._check(held.kind, data)
        if data != held.data and self._reads(held):
            raise Unusable(
                "the pack can read this event as the log holds it",
                fix="Replay it as it is: a corrected one beside it would count twice",
                what_zh="模板现在能读懂日志里的这条动态",
                fix_zh="请原样重放；再收一条修正的会重复计算",
            )
        return data

    def _of_door(self, row: Aside, body: str) -> Replayed:
        """What a door refused: an event in the native form, or a row for the mapping of its source."""
        return self._taken(row, self._arrivals(row, body))

    def _arrivals(self, row: Aside, body: str) -> list[Arrival]:
        """What a body gives, each event judged. Raises Unusable."""
        reading = self._read(row, _object(body))
        if reading.refused:
            raise reading.refused[0].error()
        arrivals = [arrival_of(one, row.source) for one in reading.made]
        for one in arrivals:
            self._check(one.kind, one.data)
        for message in self._receiving.admitted(arrivals, self._now):
            if isinstance(fault := message.parts[0].found, Unusable):
                raise fault
        return arrivals

    def _read(self, row: Aside, values: dict[str, Any]) -> Reading:
        rules = self._pack.sources.get(row.source)
        if rules is None or "kind" in values:
            return self._native.read(values, row.place)
        if rules.lookups:
            raise Unusable(
                f"the mapping {row.source} looks up other files, which are not here",
                fix="Take the files of this source in again: what is known is not taken twice",
                what_zh=f"映射 {row.source} 要查其他文件，这里没有",
                fix_zh="请重新读入该来源的文件；已有的不会重复",
            )
        return MappedRows(row.source, rules, {}).read(values, row.place)

    def _taken(self, row: Aside, arrivals: list[Arrival]) -> Replayed:
        fates = self._store.append(arrivals)
        if "other_body" in fates:
            name = arrivals[fates.index("other_body")].id
            raise _other_event(name)
        return Replayed(row.number, "taken" if "taken" in fates else "known")

    def _check(self, kind: str, data: str) -> None:
        """Raises Unusable where the pack cannot read the fields of an event."""
        if kind in self._typers:
            self._typers[kind](msgspec.json.decode(data))

    def _reads(self, held: Recorded) -> bool:
        try:
            self._check(held.kind, held.data)
        except (Unusable, msgspec.DecodeError):
            return False
        return True


def _object(body: str) -> dict[str, Any]:
    try:
        found = read_object(body.encode("utf-8", "surrogatepass"))
    except Unusable as error:
        raise Unusable(
            error.what,
            fix="Write it whole, as `peakend quarantine show NUMBER` prints it",
            what_zh=error.what_zh,
            fix_zh="请照 peakend quarantine show 编号 显示的样子写完整",
        ) from None
    check_depth(found)
    return found


def _other_event(name: str) -> Unusable:
    return Unusable(
        f"the log holds another event under the id {name}",
        fix="Give it an id of its own: peakend quarantine mend NUMBER --data '{\"id\": …}'",
        what_zh=f"日志里编号 {name} 已是另一条动态",
        fix_zh="请给它单独的编号：peakend quarantine mend 编号 --data '{\"id\": …}'",
    )
