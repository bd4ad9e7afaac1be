"""The pictures in docs/pictures/: each is there in both languages, as wide as the rest and small enough."""

from __future__ import annotations

import struct
import zlib

import pytest
from pictures import LANGUAGES, LARGEST, PICTURES, SHOWN, SIZE
from small_png import smaller


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [one.name for one in SHOWN])
def test_every_picture_is_there_and_small(name: str, language: str) -> None:
    picture = (PICTURES / f"{name}-{language}.png").read_bytes()
    assert struct.unpack(">II", picture[16:24]) == (SIZE["width"], SIZE["height"])
    assert len(picture) <= LARGEST


@pytest.mark.parametrize("kind", range(5))
def test_a_picture_of_few_colours_stays_what_it_was(kind: int) -> None:
    """Each filter of the format, over two lines whose second repeats the first."""
    first = bytes([10, 20, 30, 10, 20, 30, 200, 100, 50])
    seconds = {
        0: first,
        1: bytes([10, 20, 30, 0, 0, 0, 190, 80, 20]),
        2: bytes(9),
        3: bytes([5, 10, 15, 0, 0, 0, 95, 40, 10]),
        4: bytes(9),
    }
    made = smaller(_png(3, 2, b"\0" + first + bytes([kind]) + seconds[kind]))
    palette, drawn = _part(made, b"PLTE"), zlib.decompress(_part(made, b"IDAT"))
    shown = [palette[3 * one : 3 * one + 3] for line in (drawn[1:4], drawn[5:8]) for one in line]
    assert b"".join(shown) == first * 2


def test_a_rare_colour_does_not_become_another() -> None:
    greys = [bytes([one % 250] * 3) for one in range(4000)]
    teal = bytes([0, 110, 120])
    made = smaller(_png(4001, 1, b"\0" + b"".join([*greys, teal])))
    assert teal in {_part(made, b"PLTE")[at : at + 3] for at in range(0, 768, 3)}


def _png(width: int, height: int, lines: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _part(png: bytes, name: bytes) -> bytes:
    at = png.index(name)
    (length,) = struct.unpack(">I", png[at - 4 : at])
    return png[at + 4 : at + 4 + length]
