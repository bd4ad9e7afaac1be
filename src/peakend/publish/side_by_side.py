"""A file as it was, and what two people made of it, line by line: what only one changed, what both did.

Method: the two differences against what it was, cut where both agree with it (a merge of three). Where both
changed the same lines it does not choose.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Literal

import msgspec

Who = Literal["same", "theirs", "yours", "both", "conflict"]


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that belong together: who changed them, and what they are in each of the three."""

    who: Who
    base: list[str]
    theirs: list[str]
    yours: list[str]


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One file in three forms. `merged` is what it would be with the changes of both, None where they
    conflict, and where one of the three is not there or is no text."""

    file: str
    pieces: list[Piece]
    merged: str | None


def compared(file: str, base: bytes | None, theirs: bytes | None, yours: bytes | None) -> Compared:
    """A file in three forms; what is not there has no lines."""
    texts = [_lines(content) for content in (base, theirs, yours)]
    pieces = _pieces(*texts)
    whole = None not in (base, theirs, yours) and not any(one.who == "conflict" for one in pieces)
    merged = "".join(line for one in pieces for line in _taken(one)) if whole else None
    return Compared(file=file, pieces=pieces, merged=merged)


def _lines(content: bytes | None) -> list[str]:
    return (content or b"").decode("utf-8", "replace").splitlines(keepends=True)


def _pieces(base: list[str], theirs: list[str], yours: list[str]) -> list[Piece]:
    """Cut all three at the lines that both left alone."""
    kept_by_them, kept_by_you = _kept(base, theirs), _kept(base, yours)
    anchors = [n for n in range(len(base)) if n in kept_by_them and n in kept_by_you]
    found: list[Piece] = []
    at = (0, 0, 0)
    for n in [*anchors, len(base)]:
        ends = (n, kept_by_them.get(n, len(theirs)), kept_by_you.get(n, len(yours)))
        parts = base[at[0] : ends[0]], theirs[at[1] : ends[1]], yours[at[2] : ends[2]]
        if any(parts):
            found.append(_piece(*parts))
        if n < len(base):
            _same(found, base[n])
            at = (ends[0] + 1, ends[1] + 1, ends[2] + 1)
    return found


def _kept(base: list[str], other: list[str]) -> dict[int, int]:
    """For each line of the base that the other still has, where it has it."""
    blocks = SequenceMatcher(None, base, other, autojunk=False).get_matching_blocks()
    return {block.a + n: block.b + n for block in blocks for n in range(block.size)}


def _piece(base: list[str], theirs: list[str], yours: list[str]) -> Piece:
    who: Who = "conflict"
    if theirs == yours:
        who = "both"
    elif theirs == base:
        who = "yours"
    elif yours == base:
        who = "theirs"
    return Piece(who=who, base=base, theirs=theirs, yours=yours)


def _same(found: list[Piece], line: str) -> None:
    if found and found[-1].who == "same":
        for lines in (found[-1].base, found[-1].theirs, found[-1].yours):
            lines.append(line)
    else:
        found.append(Piece(who="same", base=[line], theirs=[line], yours=[line]))


def _taken(piece: Piece) -> list[str]:
    return piece.theirs if piece.who == "theirs" else piece.yours
