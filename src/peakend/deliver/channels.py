"""What every channel can do, so that the loop treats mail, robots, short messages and webhooks alike.

A channel hands over one letter once and says truthfully what came of it. It never tries again, never waits
for its turn and never reads a clock: attempts, rates and `now` are the loop's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final, NamedTuple, Protocol, runtime_checkable

import msgspec

from peakend.model.delivery import Bounce, Letter, Receipt
from peakend.when import parse_duration

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
MOST_WAIT: Final = 24 * 60 * MINUTE
"""The longest that a provider's own wish to wait is believed."""


class Channel(Protocol):
    """A way to reach somebody."""

    @property
    def at_most_once(self) -> bool:
        """Whether a second hand-over of the same letter could reach the person twice."""
        ...

    def hand_over(self, letter: Letter, now: int) -> Receipt:
        """Hand a letter over and return what is known of it. Never raises for what the world does.

        `later` means that it was certainly not taken, `unknown` that it may have been.
        """
        ...

    def check(self, now: int) -> Receipt:
        """Whether the settings are right: `accepted`, or what is wrong. Robots show a short test message."""
        ...

    def close(self) -> None:
        """Give back connections. The channel may be used again afterwards and opens them anew."""
        ...


@runtime_checkable
class Bouncing(Protocol):
    """A channel that learns later that a letter did not arrive."""

    def bounces(self, now: int) -> Iterator[Bounce]:
        """What came back since the last call, one by one.

        One counts as processed when the next is asked for: a process that dies in between sees it again.
        Raises ChannelError where the place that they come back to cannot be read.
        """
        ...


class Rate(NamedTuple):
    """At most so many letters within so many microseconds."""

    letters: float
    within: int


PerTime = Annotated[float, msgspec.Meta(gt=0)] | None


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What may be set for every channel. `timeout` bounds one hand-over as a whole."""

    timeout: str = "PT30S"
    per_second: PerTime = None
    per_minute: PerTime = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"  # passwords and keys belong into no traceback

    @property
    def micros(self) -> int:
        """The timeout in microseconds. Raises TimeError where it is no duration."""
        return parse_duration(self.timeout).elapsed()

    @property
    def rates(self) -> tuple[Rate, ...]:
        """How fast letters may be handed over; none where nothing is set."""
        pairs = ((self.per_second, SECOND), (self.per_minute, MINUTE))
        return tuple(Rate(letters, within) for letters, within in pairs if letters is not None)


class OverHttp(Settings, frozen=True, kw_only=True):
    """What may be set for every channel over HTTP.

    `private_hosts` are the hosts of a private network that are meant, also without TLS; `ca_file` holds the
    certificate of an authority of one's own.
    """

    private_hosts: tuple[str, ...] = ()
    ca_file: str = ""


def is_chinese(language: str) -> bool:
    """Whether a letter's language is Chinese, for the few words that a channel adds itself."""
    return language.lower().startswith("zh")
