"""What a backtest found: counts per play and per touchpoint, ready to be printed, drawn or compared.

Everything here adds up across workers, so the result is the same for any number of them.
"""

from __future__ import annotations

import msgspec


class StepResult(msgspec.Struct, kw_only=True):
    """One step of a play: what it says and its final verdicts by month."""

    action: str
    send: int = 0
    hold: int = 0
    suppress: dict[str, int] = {}


class PlayResult(msgspec.Struct, kw_only=True):
    """One play over the whole history.

    `firings` = send + open holds + suppressed. `people` are customers with at least one send.
    `by_day` and `by_month` count sends per 'YYYY-MM-DD' and 'YYYY-MM' of the pack's zone, `by_weekday` from
    Monday, `by_hour` hours 0-23. `regretted` is by source.
    `spared` counts steps that an exit made unnecessary, `near_misses` those within 24 h of their due.
    """

    touchpoint: str
    class_: str = msgspec.field(name="class")
    entries: int = 0
    firings: int = 0
    exits: dict[str, int] = {}
    deferred: int = 0
    send: int = 0
    hold: int = 0
    suppress: dict[str, int] = {}
    passed: dict[str, int] = {}
    steps: dict[str, StepResult] = {}
    people: int = 0
    by_day: dict[str, int] = {}
    by_month: dict[str, int] = {}
    by_weekday: list[int] = msgspec.field(default_factory=lambda: [0] * 7)
    by_hour: list[int] = msgspec.field(default_factory=lambda: [0] * 24)
    money: dict[str, float] = {}
    regretted: dict[str, int] = {}
    exposed: dict[str, int] = {}
    spared: int = 0
    near_misses: int = 0


class StandardCount(msgspec.Struct, kw_only=True):
    """How often one standard was kept, breached or still open in settled encounters."""

    kept: int = 0
    breached: int = 0
    open: int = 0
    late_proof: int = 0


class TouchpointResult(msgspec.Struct, kw_only=True):
    """One touchpoint: its settled encounters, how they went, and the emotion with its 95 % interval.

    `emotion` is the mean of +1 (magical), 0, -1 (miserable) over encounters; its interval treats the customer
    as the unit (ratio estimate, clustered); None without encounters. `begun` counts unsettled ones too.
    """

    begun: int = 0
    encounters: int = 0
    customers: int = 0
    magical: int = 0
    neutral: int = 0
    miserable: int = 0
    unfinished: int = 0
    ratings: int = 0
    rating_sum: float = 0.0
    standards: dict[str, StandardCount] = {}
    by_month: dict[str, list[int]] = {}
    emotion: float | None = None
    low: float | None = None
    high: float | None = None


class Conflict(msgspec.Struct, kw_only=True):
    """Two plays that sent a message to the same customer on the same local day, and on how many days."""

    first: str
    second: str
    days: int


class BacktestResult(msgspec.Struct, kw_only=True):
    """A whole backtest. Instants are microseconds UTC; `notes` says what the log could not show."""

    pack: str
    hash: str
    events: int
    relevant: int
    customers: int
    quarantined: int
    first: int | None
    last: int | None
    plays: dict[str, PlayResult] = {}
    touchpoints: dict[str, TouchpointResult] = {}
    conflicts: list[Conflict] = []
    kinds: dict[str, int] = {}
    notes: list[dict[str, str]] = []
