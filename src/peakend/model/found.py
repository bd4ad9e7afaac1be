"""What `find` found: what miserable encounters cost and magical ones add, and how sure that is.

Every figure carries its interval and its number; a figure that the data cannot carry is None, and says why.
Points are those of the outcome's scale (NPS: points from -100 to 100).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from peakend.model.channel import ChannelAnswer
from peakend.model.feeling import EmotionCurve, PeakEndProfile
from peakend.model.scale import Score

Impact = Literal["frustrator", "dissatisfier", "hybrid", "satisfier", "delighter", "undecided"]


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What one state of an encounter is worth against a neutral one, in points, with its 95 % interval.

    `estimate`, `low` and `high` are None where too little is known (`missing` says why: few, absent,
    everybody, collinear); `shrunk` is the value after what all touchpoints have in common is taken into
    account, `n` the number of answers with the state, `q` the false-discovery rate.
    """

    estimate: float | None
    low: float | None
    high: float | None
    shrunk: float | None
    n: int
    q: float | None = None
    missing: str = ""


class Driver(msgspec.Struct, frozen=True, kw_only=True):
    """One touchpoint in the light of the outcome.

    `encounters` are those before an answer, `reach` is the share of answers whose customer met it, and
    `swing` the distance between miserable and magical. `fix_first` is what its miserable encounters cost an
    answer now, `delight_next` what making neutral ones magical would add. `rank` is the 90 % interval of its
    place by swing; `asymmetry` runs from -1 (only hurts) to +1 (only pleases).
    """

    touchpoint: str
    encounters: int
    reach: float
    magical: float
    miserable: float
    unknown: float
    penalty: Effect
    reward: Effect
    swing: float
    swing_interval: tuple[float, float]
    fix_first: float
    fix_first_interval: tuple[float, float] | None
    delight_next: float
    delight_next_interval: tuple[float, float] | None
    rank: tuple[int, int]
    p_top3: float
    q: float | None
    asymmetry: float | None
    asymmetry_interval: tuple[float, float] | None
    impact: Impact
    moment_of_truth: bool


class LedgerLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the sum that gives the mean of the outcome exactly: a base, a segment, or what is met."""

    term: str
    points: float
    name: str = ""


class Protection(msgspec.Struct, frozen=True, kw_only=True):
    """One guard against a wrong answer: whether it was at work, and what follows, in both languages."""

    name: str
    available: bool
    zh: str
    en: str


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer. `mean` is the sum of `ledger`; `segments` holds the drivers of each segment.

    `profile` tells what of a journey is remembered, None where it cannot be told; `curves` what was felt
    along each journey before an answer; `score` is the outcome's own with its interval;
    `channels` compares all settled encounters by channel.
    """

    outcome: str
    scale: str
    episodes: int
    customers: int
    mode: Literal["within", "pooled"]
    protections: tuple[Protection, ...]
    mean: float
    ledger: tuple[LedgerLine, ...]
    touchpoints: tuple[Driver, ...]
    segments: dict[str, tuple[Driver, ...]] = {}
    notes: tuple[dict[str, str], ...] = ()
    profile: PeakEndProfile | None = None
    curves: dict[str, EmotionCurve] = {}
    score: Score | None = None
    channels: ChannelAnswer | None = None
