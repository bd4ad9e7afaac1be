"""Whether a play lets nobody in at an instant: the last word about it, and about all plays, decides."""

from __future__ import annotations

from collections.abc import Iterable

from peakend.model.event import Event


def lets_nobody_in(told: Iterable[Event], play: str, instant: int) -> bool:
    heard = sorted((event for event in told if event.seen <= instant), key=lambda event: event.seen)

    def last_word(kinds: tuple[str, str], name: str) -> bool:
        """Whether the last of two words about a name is the first of them."""
        words = [event.kind for event in heard if event.kind in kinds and event.data.get("play", "") == name]
        return bool(words) and words[-1] == kinds[0]

    stopped = False
    for event in heard:
        if event.kind == "play.stopped" and event.data["play"] == play:
            stopped = True
        elif event.kind == "pack.published" and play in event.data.get("revived", "").split(","):
            stopped = False
    return stopped or any(last_word(("play.paused", "play.resumed"), name) for name in (play, ""))
