"""A picture of a page in a third of its bytes: 256 of its colours, and for each other one the nearest.

Colours mean something on a page, so a rare one must not become another: of those that are alike the commonest
is kept first. Only what Chromium writes is read: eight bits, RGB, not interlaced.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Final

_HEAD: Final = b"\x89PNG\r\n\x1a\n"
_MOST: Final = 256
Colour = bytes


def smaller(png: bytes) -> bytes:
    """The same picture with a palette."""
    chunks = [*_chunks(png)]
    width, height, bits, kind, _, _, interlaced = struct.unpack(">IIBBBBB", dict(chunks)[b"IHDR"])
    assert (bits, kind, interlaced) == (8, 2, 0), "this is no picture of Chromium's"
    raw = zlib.decompress(b"".join(data for name, data in chunks if name == b"IDAT"))
    rows = [[line[x : x + 3] for x in range(0, 3 * width, 3)] for line in _lines(raw, 3 * width, height)]
    palette = _palette(Counter(one for row in rows for one in row))
    places = {one: place for place, one in enumerate(palette)}
    for one in {one for row in rows for one in row} - places.keys():
        places[one] = min(range(len(palette)), key=lambda place: _apart(palette[place], one))
    drawn = b"".join(b"\0" + bytes(places[one] for one in row) for row in rows)
    return _HEAD + b"".join(
        _chunk(name, data)
        for name, data in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            (b"PLTE", b"".join(palette)),
            (b"IDAT", zlib.compress(drawn, 9)),
            (b"IEND", b""),
        )
    )


def _palette(counts: Counter[Colour]) -> list[Colour]:
    """The commonest of each sort of colour, then the commonest of all that are left."""
    by_number = [one for one, _ in counts.most_common()]
    sorts = {tuple(part >> 4 for part in one): one for one in reversed(by_number)}
    first = sorted(sorts.values(), key=counts.__getitem__, reverse=True)
    return list(dict.fromkeys([*first, *by_number]))[:_MOST]


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_HEAD)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _lines(raw: bytes, width: int, height: int) -> Iterator[bytes]:
    """The lines without their filters. Source: the PNG specification, section 9."""
    above = bytearray(width)
    for number in range(height):
        begin = number * (width + 1)
        line = bytearray(raw[begin + 1 : begin + 1 + width])
        for x in range(width):
            left, corner = (line[x - 3], above[x - 3]) if x >= 3 else (0, 0)
            line[x] = (line[x] + _guess(raw[begin], left, above[x], corner)) & 255
        yield bytes(line)
        above = line


def _guess(kind: int, left: int, up: int, corner: int) -> int:
    if kind < 4:
        return (0, left, up, (left + up) // 2)[kind]
    nearest = left + up - corner
    return min((left, up, corner), key=lambda one: abs(nearest - one))


def _apart(one: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
