"""Published plays and their versions."""

from __future__ import annotations

import msgspec

from peakend.tell.flow import Flow
from peakend.tell.said import Said


class PlayView(msgspec.Struct, frozen=True, kw_only=True):
    """A published play in a list. `entries_paused` and `sends_held` are since when, 0 where they are not."""

    play: str
    title: Said
    class_: str = msgspec.field(name="class")
    touchpoint: Said
    open_runs: int
    entries_paused: int
    sends_held: int
    stopped: bool


class Plays(msgspec.Struct, frozen=True, kw_only=True):
    """All of them, and what holds for all: since when nobody is let in, and nothing is handed over."""

    hash: str
    entries_paused: int
    sends_held: int
    plays: list[PlayView]


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One publication, without its files."""

    hash: str
    pack: str
    who: str
    seen: int
    backtest: str
    approved: bool


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A published play: as a flow, and as it was written."""

    flow: Flow
    file: str
    text: str


class VersionList(msgspec.Struct, frozen=True, kw_only=True):
    """All publications, the newest first."""

    versions: list[Version]
