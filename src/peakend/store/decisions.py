"""Decisions of people as the three stores keep them alike: names, refusals, packed files.

Nothing here touches a database.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from peakend.model.publication import Paused, Publication, Signer, Switch
from peakend.model.stored import Recorded
from peakend.store.base import StoreError

ALL: Final = "peakend:everybody"
"""The source of inputs that concern all customers; no other input has it."""

_encode = msgspec.msgpack.Encoder(order="sorted").encode
_decode = msgspec.msgpack.Decoder(dict[str, bytes]).decode


def announcement(kind: str, data: dict[str, str], now: int, seen: int, seq: int) -> Recorded:
    """An input of nobody in particular; `seen` is unlike that of any other, and so is its id."""
    text = msgspec.json.encode(data, order="sorted").decode()
    return Recorded("", kind, now, seen, seq, text, ALL, str(seen), "")


def packed(files: dict[str, bytes]) -> bytes:
    """The files of a pack as one value."""
    return zlib.compress(_encode(files))


def publication_from(row: Sequence[Any]) -> Publication:
    """A publication from its columns."""
    seen, hash_, pack, who, backtest, approved, files = row
    return Publication(
        hash=hash_,
        pack=pack,
        who=who,
        seen=seen,
        backtest=backtest,
        approved=approved,
        files=_decode(zlib.decompress(files)),
    )


def revived_by(new: Publication, before: Sequence[Publication], switches: Iterable[Switch]) -> list[str]:
    """The stopped plays that a publication starts again: those whose file it has changed."""
    known = before[0].files if before else {}
    return [
        one.play
        for one in switches
        if one.stopped
        and (file := f"plays/{one.play}.yaml") in new.files
        and new.files[file] != known.get(file)
    ]


def closed_switches(switches: Iterable[Switch], play: str, channel: str) -> list[Switch]:
    """The switch of these very words, if there is one."""
    return [one for one in switches if (one.play, one.channel) == (play, channel)]


def paused(switches: Iterable[Switch]) -> Paused:
    """What must wait, of all that is switched off."""
    off = list(switches)
    return Paused(
        everything=any(not one.play and not one.channel for one in off),
        plays=frozenset(one.play for one in off if one.play),
        channels=frozenset(one.channel for one in off if one.channel),
    )


def check_signer(signer: Signer, known: Iterable[Signer]) -> None:
    """Refuse a second key under one name, and one key under two names."""
    for one in known:
        if signer.name == one.name or signer.public == one.public:
            what = f"The name '{one.name}'" if signer.name == one.name else f"This key, as '{one.name}',"
            zh = f"“{one.name}”" if signer.name == one.name else f"这把密钥（“{one.name}”）"
            raise StoreError(
                f"{what} is known already",
                fix="Take another name, for example with a year: li-2027",
                what_zh=f"{zh}已经登记",
                fix_zh="请换一个名字，例如加上年份：li-2027",
            )
