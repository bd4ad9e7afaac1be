"""Pause, resume and stop: who is let into plays, and what of them is handed over.

A pause of entries is an input and goes into the log; a pause of sends is the store's and holds deliveries.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from peakend.model.publication import Switch
from peakend.store import Store
from peakend.trigger.pauses import FOREVER, pauses_of

What = Literal["entries", "sends"]


def entry_pauses(store: Store) -> list[tuple[str, int]]:
    """The plays, '' for all, that let nobody in now, since when; without stopped ones."""
    told = [
        (one.kind, one.seen, msgspec.json.decode(one.data))
        for one in store.announced()
        if one.kind != "play.stopped"
    ]
    return [
        (play, since)
        for play, intervals in sorted(pauses_of(told).items())
        for since, until in intervals
        if until == FOREVER
    ]


def pause(store: Store, what: What, play: str, channel: str, *, who: str, now: int) -> bool:
    """Let nobody new into a play ('' for all), or hand nothing over; False where that is so already."""
    if what == "sends":
        return store.hold_sends(Switch(play=play, channel=channel, stopped=False, since=now, who=who))
    if play in dict(entry_pauses(store)):
        return False
    store.announce("play.paused", {"play": play} if play else {}, now)
    return True


def resume(store: Store, what: What, play: str, channel: str, *, now: int) -> bool:
    """End a pause that was said in the same words; False where there is none."""
    if what == "sends":
        return store.free_sends(play, channel)
    if play not in dict(entry_pauses(store)):
        return False
    store.announce("play.resumed", {"play": play} if play else {}, now)
    return True


def stop(store: Store, play: str, *, who: str, now: int) -> bool:
    """End entries and sends of a play until its file is changed and published anew; False where it is so."""
    return store.hold_sends(Switch(play=play, channel="", stopped=True, since=now, who=who))
