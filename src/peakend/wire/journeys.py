"""Journeys with what was lived at each touchpoint, and one touchpoint from near."""

from __future__ import annotations

import msgspec

from peakend.model.outcome import State

Titles = dict[str, str]


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """How often something was kept of how many times it was decided, with Wilson's 95 % interval."""

    kept: int
    decided: int
    share: float | None
    low: float | None
    high: float | None

    @property
    def sorts(self) -> float:
        """What was kept least comes first, what was never decided last."""
        return 2.0 if self.share is None else self.share


class StandardTold(msgspec.Struct, frozen=True, kw_only=True):
    """One standard of a touchpoint: its promise (`within` a duration or `by` a date), and how it was kept."""

    id: str
    title: Titles
    dimension: str | None
    within: str | None
    by: str | None
    calendar: str
    kept: Share


class TouchpointTold(msgspec.Struct, frozen=True, kw_only=True):
    """One touchpoint. `moment` has 'found' where find names it a moment of truth, 'declared' where the pack
    does. `emotion` is the mean of +1, 0 and -1 with its 95 % interval; None where it is not known."""

    id: str
    journey: str
    title: Titles
    stage: str
    family: str | None
    phase: str | None
    moment: list[str]
    owner: str | None
    encounters: int
    customers: int
    magical: int
    neutral: int
    miserable: int
    emotion: float | None
    low: float | None
    high: float | None
    standards: list[StandardTold]
    plays: list[str]


class StageTold(msgspec.Struct, frozen=True, kw_only=True):
    """One stage, and the stage of ITIL 4 behind it where it has another name."""

    id: str
    title: Titles
    itil: str | None


class JourneyTold(msgspec.Struct, frozen=True, kw_only=True):
    """One journey: its stages and its touchpoints in their order."""

    id: str
    title: Titles
    stages: list[StageTold]
    touchpoints: list[TouchpointTold]


class Journeys(msgspec.Struct, frozen=True, kw_only=True):
    """All journeys as of an instant (None: nothing was reckoned yet); `moments_at` is that of the answer of
    find that names the moments of truth."""

    as_of: int | None
    moments_at: int | None
    customers: int
    encounters: int
    first: int | None
    last: int | None
    journeys: list[JourneyTold]


class MonthTold(msgspec.Struct, frozen=True, kw_only=True):
    """How a standard was kept in the encounters that began in a month of the pack's zone, as 'YYYY-MM'."""

    month: str
    kept: Share


class EncounterTold(msgspec.Struct, frozen=True, kw_only=True):
    """One encounter; `because` are the facts it was judged by. Until it has settled it may still change."""

    customer: str
    key: str
    begun: int
    ended: int
    state: State
    settled: bool
    rating: float | None
    because: Titles


class VoiceTold(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer wrote with an answer, as it was written."""

    customer: str
    at: int
    text: str
    rating: float | None


class PlayTold(msgspec.Struct, frozen=True, kw_only=True):
    """What a play did since the beginning: steps sent and suppressed by reason, and runs in either arm."""

    id: str
    title: Titles
    class_: str = msgspec.field(name="class")
    send: int
    suppress: dict[str, int]
    exposed: dict[str, int]


class Encounters(msgspec.Struct, frozen=True, kw_only=True):
    """A page of encounters; `next` is where the next one begins, '' where there is none."""

    rows: list[EncounterTold]
    next: str


class TouchpointWhole(msgspec.Struct, frozen=True, kw_only=True):
    """One touchpoint with all there is to say about it. `as_of` is that of all sums."""

    touchpoint: TouchpointTold
    as_of: int | None
    expectation: Titles
    hidden_expectation: Titles
    blueprint: dict[str, Titles]
    months: dict[str, list[MonthTold]]
    encounters: Encounters
    voices: list[VoiceTold]
    plays: list[PlayTold]


class Refreshed(msgspec.Struct, frozen=True, kw_only=True):
    """The job that reckons the figures of the map anew."""

    job: str
