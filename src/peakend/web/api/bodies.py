"""The body of a request, read piece by piece: packed or not, never more of it than may come.

A small body that unpacks to a huge one is refused while it is read. What all requests hold together is
bounded too, so that many large ones at once do not fill the memory.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import Request
from starlette.requests import ClientDisconnect

from peakend.web.people.refused import Refused

MOST: Final = 10_000_000
"""Bytes of one body, as it comes and unpacked."""
MOST_HELD: Final = 64_000_000
"""Bytes of all bodies that are being read or settled."""
_PIECE: Final = 256_000


class Bodies:
    """Reads bodies, on the event loop alone."""

    def __init__(self, most: int = MOST, most_held: int = MOST_HELD) -> None:
        self._most, self._most_held = most, most_held
        self._held = 0

    @asynccontextmanager
    async def of(self, request: Request) -> AsyncIterator[bytes]:
        """The unpacked body, which counts as held as long as the block lasts.

        Raises Refused: 413 too large, 415 packed otherwise than by gzip, 400 broken, 429 too many at once.
        """
        said = request.headers.get("content-length", "0")
        if not said.isdigit() or int(said) > self._most:
            raise self._too_large()
        packed = request.headers.get("content-encoding", "identity").strip().lower()
        if packed not in ("identity", "gzip", "x-gzip", ""):
            raise _strange_packing(packed)
        pieces: list[bytes] = []
        try:
            unpack = _Gzip(self._most) if "gzip" in packed else None
            came = size = 0
            async for chunk in request.stream():
                came += len(chunk)
                if came > self._most:
                    raise self._too_large()
                for piece in unpack.pieces(chunk) if unpack else (chunk,):
                    size += len(piece)
                    if size > self._most:
                        raise self._too_large()
                    self._hold(len(piece))
                    pieces.append(piece)
            if unpack:
                unpack.check_end()
            yield b"".join(pieces)
        except ClientDisconnect:
            raise _broken("it ended before its end", "内容没有传完") from None
        finally:
            self._held -= sum(map(len, pieces))

    def _hold(self, size: int) -> None:
        if self._held and self._held + size > self._most_held:
            raise Refused(
                429,
                "too_many_at_once",
                ("Too many large requests are being read at this moment", "Send the same again in a second"),
                ("此刻有太多大请求正在读取", "请一秒后重发同一批"),
                headers={"Retry-After": "1"},
            )
        self._held += size

    def _too_large(self) -> Refused:
        return Refused(
            413,
            "too_large",
            (f"The body has more than {self._most:,} bytes", "Send fewer events at once"),
            (f"请求内容超过 {self._most:,} 字节", "请减少一次发送的条数"),
        )


class _Gzip:
    """Unpacks gzip in pieces of a bounded size, one member after another."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._stream = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._begun = False

    def pieces(self, chunk: bytes) -> list[bytes]:
        """What a chunk unpacks to: at most one piece more than may come in all."""
        found: list[bytes] = []
        size = 0
        try:
            while chunk and size <= self._most:
                if self._stream.eof:
                    self._stream = zlib.decompressobj(16 + zlib.MAX_WBITS)
                self._begun = True
                found.append(self._stream.decompress(chunk, _PIECE))
                size += len(found[-1])
                chunk = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
        except zlib.error:
            raise _broken("it is said to be gzip and is not", "标明为 gzip，但无法解压") from None
        return found

    def check_end(self) -> None:
        """Refuse what was cut off."""
        if self._begun and not self._stream.eof:
            raise _broken("its gzip is cut off", "gzip 内容不完整")


def _broken(what: str, what_zh: str) -> Refused:
    return Refused(
        400,
        "broken_body",
        (f"The body cannot be read: {what}", "Send it whole, packed by gzip or not at all"),
        (f"请求内容无法读取：{what_zh}", "请完整发送；可用 gzip 压缩，也可不压缩"),
    )


def _strange_packing(packed: str) -> Refused:
    return Refused(
        415,
        "strange_packing",
        (f"Content-Encoding {packed[:40]!r} is not read here", "Pack by gzip, or not at all"),
        (f"不支持 Content-Encoding {packed[:40]!r}", "请用 gzip 压缩，或不压缩"),
        headers={"Accept-Encoding": "gzip"},
    )
