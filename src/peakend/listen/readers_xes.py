"""XES, the event log of process mining, flattened: one row per event, the case's attributes as `case:NAME`.

It is read as it streams by, one case in memory at a time. A document type is refused, because the entities
it declares can blow a small file up to any size or reach for other files.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from peakend.errors import Place, SourceError


def xes_events(stream: IO[bytes], path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line, values) for every event, in the order of the file. Nested attributes are left out.

    Dates stay text, ISO 8601 as XES wants it; int, float and boolean become values.
    """
    case = _Cases()
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        case.start(name.rpartition(":")[2], attributes, parser.CurrentLineNumber)

    def end(name: str) -> None:
        case.end(name.rpartition(":")[2])

    def refuse(*_: object) -> None:
        raise SourceError(
            "the file declares a document type, which XES does not have",
            place=Place(str(path), parser.CurrentLineNumber),
            fix="Remove the line with <!DOCTYPE",
            what_zh="文件声明了文档类型，而 XES 没有",
            fix_zh="请删去 <!DOCTYPE 那一行",
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse
    try:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
            yield from case.take()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise SourceError(
            f"the file is no XML, or damaged: {expat.errors.messages[error.code]}",
            place=Place(str(path), error.lineno),
            fix="Export it again as XES",
            what_zh="文件不是 XML，或已损坏",
            fix_zh="请重新导出为 XES",
        ) from None
    yield from case.take()
    if not case.is_log:
        raise SourceError(
            "the file is XML, but no XES log",
            place=str(path),
            fix="Export it again as XES",
            what_zh="文件是 XML，但不是 XES",
            fix_zh="请重新导出为 XES",
        )


class _Cases:
    """What has been read of the case that is streaming by, and the events that are ready."""

    def __init__(self) -> None:
        self.is_log = False
        self._open: list[str] = []
        self._case: dict[str, Any] = {}
        self._events: list[tuple[int, dict[str, Any]]] = []
        self._ready: list[tuple[int, dict[str, Any]]] = []

    def take(self) -> list[tuple[int, dict[str, Any]]]:
        ready, self._ready = self._ready, []
        return ready

    def start(self, name: str, attributes: dict[str, str], line: int) -> None:
        inside = self._open
        if name == "trace" and inside == ["log"]:
            self._case, self._events = {}, []
        elif name == "event" and inside == ["log", "trace"]:
            self._events.append((line, {}))
        elif name in _TYPES and "key" in attributes:
            if inside == ["log", "trace"]:
                self._case[f"case:{attributes['key']}"] = _value(name, attributes.get("value"))
            elif inside == ["log", "trace", "event"]:
                self._events[-1][1][attributes["key"]] = _value(name, attributes.get("value"))
        self.is_log = self.is_log or (name == "log" and not inside)
        inside.append(name)

    def end(self, name: str) -> None:
        self._open.pop()
        if name == "trace" and self._open == ["log"]:
            # A case's attributes may stand after its events, so its events leave only here.
            self._ready += [(line, {**self._case, **event}) for line, event in self._events]
            self._events = []


def _value(kind: str, text: str | None) -> Any:
    """The value of an attribute; what does not fit its declared type stays text, for the mapping to judge."""
    if text is None:
        return None
    try:
        if kind == "int":
            return int(text)
        if kind == "float":
            return float(text)
    except ValueError:
        return text
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


_TYPES = frozenset(("string", "date", "int", "float", "boolean", "id"))
_CHUNK = 1 << 16
