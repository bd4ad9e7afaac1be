"""What people decided about a pack that runs: what is published, what is switched off, who may.

Instants are microseconds since 1970-01-01T00:00Z.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

Line = Literal["entries", "sends"]
"""What is switched: whether plays are entered, or whether what they let go is handed over."""


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """One publication: a whole pack under its content hash, who published it and when, by which backtest.

    `seen` is the place of the publication in the log, given by the store. `approved` is the approval as it
    was handed in, '' where none was needed. `files` holds every file of the pack by its path.
    """

    hash: str
    pack: str
    who: str
    seen: int
    backtest: str
    approved: str
    files: dict[str, bytes]


class Switch(msgspec.Struct, frozen=True, kw_only=True):
    """Sends that are held back: those of a play, of a channel, or all ('' for both).

    `stopped` says that the play was stopped, which only a publication ends.
    """

    play: str
    channel: str
    stopped: bool
    since: int
    who: str


class Paused(NamedTuple):
    """What must not be handed over now: all of it, some plays, some channels."""

    everything: bool
    plays: frozenset[str]
    channels: frozenset[str]

    def bars(self, play: str, channel: str) -> bool:
        """Whether a delivery has to wait."""
        return self.everything or play in self.plays or channel in self.channels


class Signer(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whose signature counts: a name and the public half of an Ed25519 key, as hexadecimal."""

    name: str
    public: str
    since: int
