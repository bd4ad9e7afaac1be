"""A channel that takes every letter and sends none: for a demo, a rehearsal, a copy of a service at work."""

from __future__ import annotations

from typing import Final

from peakend.deliver.channels import Settings
from peakend.deliver.said import say
from peakend.model.delivery import Letter, Receipt


class MuteSettings(Settings, frozen=True, kw_only=True, tag="mute"):
    """Nothing needs to be set."""


class Mute:
    """Says of each letter that it was taken, and that this was a trial."""

    at_most_once: Final = False

    def hand_over(self, letter: Letter, now: int) -> Receipt:
        del letter, now
        return Receipt("accepted", say("muted"))

    def check(self, now: int) -> Receipt:
        del now
        return Receipt("accepted", say("muted"))

    def close(self) -> None:
        """There is nothing to close."""
