"""What the channel question finds: a touchpoint's state and standards by channel, and which of them differ.

A channel with too few encounters has counts and no share; the channel "" is that of encounters whose log does
not say one: it is shown and never compared. A verdict other than "open" stands only where it is certain.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from peakend.model.finding import Estimate

Measure = Literal["miserable", "magical", "kept"]
Verdict = Literal["worse", "better", "open"]
Compared = Literal["differs", "open", "not_compared"]


class ChannelShare(msgspec.Struct, frozen=True, kw_only=True):
    """One measure in one channel: `hits` of `known` encounters of `customers` customers.

    `share` is None below 30 known encounters or two customers. `difference` is the channel less all other
    named channels of the touchpoint together, its interval not corrected; `p` is corrected over all
    comparisons of the answer. Difference, p and verdict are None where nothing was compared.
    """

    channel: str
    hits: int
    known: int
    customers: int
    share: Estimate | None = None
    difference: Estimate | None = None
    p: float | None = None
    verdict: Verdict | None = None


class ByChannel(msgspec.Struct, frozen=True, kw_only=True):
    """One measure of a touchpoint in each of its channels, the unknown channel last.

    `standard` is the one that was kept or breached, "" for the states.
    """

    measure: Measure
    standard: str
    channels: tuple[ChannelShare, ...]


class ChannelCount(msgspec.Struct, frozen=True):
    """How many encounters a touchpoint had in a channel, of how many customers, and how many states known."""

    channel: str
    encounters: int
    customers: int
    known: int


class TouchpointChannels(msgspec.Struct, frozen=True, kw_only=True):
    """A touchpoint by channel: its traffic, its measures, and whether any of them certainly differs.

    It was not compared where no channel has 30 customers with a known result beside 30 in the others.
    """

    touchpoint: str
    compared: Compared
    traffic: tuple[ChannelCount, ...]
    measures: tuple[ByChannel, ...]


class ChannelAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for all touchpoints; `comparisons` is the number that every p was corrected for."""

    touchpoints: tuple[TouchpointChannels, ...]
    comparisons: int
