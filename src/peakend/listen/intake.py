"""The accounts of an import: where every row went, and when to stop because the mapping is wrong.

rows = used + skipped + quarantined, whatever the input. A file most of whose rows cannot be used is not
quarantined row by row: the one message that helps names the row, the value and what was expected.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b

import msgspec

from peakend.errors import Place, SourceError
from peakend.listen.readers import Row
from peakend.listen.rows import Made, Reading, Refusal, RowReader

FindPlace = Callable[..., Place]
"""Finds the line of a node of the mapping, such as ('events', 0, 'at')."""


class Intake(msgspec.Struct):
    """What an import took in.

    Rows: `rows = used + skipped + quarantined`; a row that gave at least one event is used, one that gave
    none but a refusal is quarantined, one to which no rule applied (or whose events had all been taken
    in before) is skipped. Events: `events` are in the log; `events_quarantined` could not be made though
    the row could be read; `duplicates` had been taken in before; `repeats` were left out by `once`;
    `without_customer` are public measures. `reasons` counts the lines of the quarantine file by their reason,
    which `reasons_zh` gives in Chinese; `kinds` counts the events. `first` and `last` are instants of events
    (microseconds UTC), None without events.
    """

    files: list[str] = []
    rows: int = 0
    used: int = 0
    skipped: int = 0
    quarantined: int = 0
    events: int = 0
    events_quarantined: int = 0
    duplicates: int = 0
    repeats: int = 0
    without_customer: int = 0
    reasons: dict[str, int] = {}
    reasons_zh: dict[str, str] = {}
    kinds: dict[str, int] = {}
    first: int | None = None
    last: int | None = None


class Ledger:
    """Keeps the accounts while rows come in, and passes events and refusals on."""

    def __init__(self, log: Callable[[Made], None], quarantine: Callable[[str, Row, Refusal], None]) -> None:
        self.intake = Intake()
        self._log = log
        self._quarantine = quarantine
        self._bodies: dict[int, int] = {}
        self._begin("", None)

    def begin(self, file: str, place: FindPlace | None = None) -> None:
        """Turn to the next file; `place` finds the line of the mapping by which it is read."""
        self.intake.files.append(file)
        self._begin(file, place)

    def take(self, row: Row, reader: RowReader) -> None:
        """Account for one row. Raises SourceError when the file fails throughout."""
        if row.fault:
            reading = Reading((), (Refusal("", "", (row.fault, row.fault_zh or row.fault), stops=True),))
        else:
            reading = reader.read(row.values, f"{self._file}:{row.number}")
        intake = self.intake
        intake.rows += 1
        kept = refused = 0
        for event in reading.made:
            verdict = self._compare(event) if reader.compares_ids else _NEW
            if verdict == _NEW:
                kept += 1
                self._keep(event)
            elif verdict == _SAME:
                intake.duplicates += 1
            else:
                refused += 1
                self._refuse(row, _other_body(event))
        for refusal in reading.refused:
            refused += 1
            self._refuse(row, refusal)
        if self._rows < _FIRST_ROWS:
            self._learn(row, reading.refused, lost=not kept)
        intake.repeats += reading.repeats
        if kept:
            intake.used += 1
            self._used += 1
        elif refused:
            intake.quarantined += 1
        else:
            intake.skipped += 1
        self._rows += 1
        if self._rows == _FIRST_ROWS:
            self.check()

    def check(self) -> None:
        """Stop if most rows of this file, at its end or after the first thousand, failed in the same way."""
        if self._rows > _FIRST_ROWS or (self._rows < _FEW and self._used) or not self._alike:
            return
        count, row, refusal = max(self._alike.values(), key=lambda alike: alike[0])
        if 2 * max(count, self._lost) <= self._rows:
            return
        where = self._place(*refusal.path) if self._place and refusal.path else None
        raise SourceError(
            _most_fail(refusal, row, self._file if where else "", count, self._rows, 0),
            place=where or Place(self._file, row.line),
            fix=refusal.fix[0],
            what_zh=_most_fail(refusal, row, self._file if where else "", count, self._rows, 1),
            fix_zh=refusal.fix[1],
        )

    def _begin(self, file: str, place: FindPlace | None) -> None:
        self._file = file
        self._place = place
        self._rows = self._used = self._lost = 0
        self._alike: dict[str, tuple[int, Row, Refusal]] = {}

    def _learn(self, row: Row, refused: Sequence[Refusal], *, lost: bool) -> None:
        """Note how a row failed: once for each reason, and only where the mapping may be at fault."""
        self._lost += lost and bool(refused)
        for refusal in {refusal.reason[0]: refusal for refusal in refused if lost or refusal.stops}.values():
            count, first, example = self._alike.get(refusal.reason[0], (0, row, refusal))
            self._alike[refusal.reason[0]] = (count + 1, first, example)

    def _keep(self, event: Made) -> None:
        intake = self.intake
        intake.events += 1
        intake.kinds[event.kind] = intake.kinds.get(event.kind, 0) + 1
        intake.without_customer += event.customer is None
        if intake.first is None or event.at < intake.first:
            intake.first = event.at
        if intake.last is None or event.at > intake.last:
            intake.last = event.at
        self._log(event)

    def _refuse(self, row: Row, refusal: Refusal) -> None:
        english, chinese = refusal.reason
        self.intake.reasons[english] = self.intake.reasons.get(english, 0) + 1
        self.intake.reasons_zh[english] = chinese
        self.intake.events_quarantined += bool(refusal.event)
        self._quarantine(self._file, row, refusal)

    def _compare(self, event: Made) -> str:
        """Whether (source, id) is new, was taken in with the same body, or with another one."""
        key = _digest((event.source, event.id))
        body = _digest((event.customer, event.kind, event.at, event.subject, event.data))
        before = self._bodies.setdefault(key, body)
        if before is body:
            return _NEW
        return _SAME if before == body else _OTHER


def _digest(content: object) -> int:
    # 12 bytes: among ten million events a chance meeting of two is a matter of 1 in 10^15.
    return int.from_bytes(blake2b(msgspec.json.encode(content), digest_size=12).digest(), "big")


def _other_body(event: Made) -> Refusal:
    return Refusal(
        event.kind,
        "id",
        ("the id was used before with other content", "这个编号已用于另一内容"),
        (f"id '{event.id}' of source '{event.source}'", f"来源 {event.source} 的编号 {event.id}"),
        (
            "An id names one event for ever; give the correction an id of its own",
            "一个编号永远只指一条动态；更正请另给编号",
        ),
    )


def _most_fail(refusal: Refusal, row: Row, file: str, count: int, rows: int, language: int) -> str:
    """The message for a file that most rows of cannot be used, in English (0) or Chinese (1)."""
    detail = refusal.detail[language] or refusal.reason[language]
    lead = f"{file} " if file else ""
    if language:
        return f"{lead}第 {row.number} 行：{detail}；前 {rows} 行中有 {count} 行如此"
    return f"{lead}row {row.number}: {detail}; {count} of the first {rows} rows fail alike"


_FIRST_ROWS = 1_000
_FEW = 20
_NEW, _SAME, _OTHER = "new", "same", "other"
