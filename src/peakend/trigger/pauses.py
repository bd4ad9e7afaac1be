"""Pauses of entries: which plays let nobody in, from when until when, as the log tells it.

A pause is an input like any other, so that the past can be replayed with it. It keeps nobody out who is in.
Source: docs/semantics.md, section 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

Interval = tuple[int, int]
"""From an instant up to another, not with it (microseconds UTC)."""
Pauses = Mapping[str, tuple[Interval, ...]]
"""The pauses of each play; '' stands for all plays."""

FOREVER: Final = 1 << 62


def pauses_of(told: Iterable[tuple[str, int, Mapping[str, Any]]]) -> Pauses:
    """The pauses that some (kind, seen, data) tell, in the order in which they were seen.

    A resume ends the pause that was said in the same words; a stop is ended by a publication that revives
    the play.
    """
    found: dict[str, list[Interval]] = {}
    paused: dict[str, int] = {}
    stopped: dict[str, int] = {}

    def end(open_since: dict[str, int], play: str, seen: int) -> None:
        if play in open_since:
            found.setdefault(play, []).append((open_since.pop(play), seen))

    for kind, seen, data in told:
        play = str(data.get("play") or "")
        if kind == "play.paused":
            paused.setdefault(play, seen)
        elif kind == "play.stopped":
            stopped.setdefault(play, seen)
        elif kind == "play.resumed":
            end(paused, play, seen)
        elif kind == "pack.published":
            for name in str(data.get("revived") or "").split(","):
                end(stopped, name, seen)
    for still in (paused, stopped):
        for play in list(still):
            end(still, play, FOREVER)
    return {play: tuple(intervals) for play, intervals in found.items()}


def is_paused(pauses: Pauses, play: str, seen: int) -> bool:
    """Whether a play lets nobody in at an instant."""
    for name in (play, ""):
        for since, until in pauses.get(name, ()):
            if since <= seen < until:
                return True
    return False
