"""From estimates to what a service manager asks: what hurts, what pleases, what first, and how sure.

Takes the Grams of the answers and returns `Found`; it names a touchpoint a moment of truth only when the
answers as a whole depend on touchpoints at all, its own effect survives false-discovery control, and it is
more likely than not among the strongest. Method: Peakend methods 4.3; impact asymmetry after Mikulić and
Prebežac (2008).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from peakend.errors import EvidenceError
from peakend.identify.grams import Column, Grams, Matrix
from peakend.identify.ledger import Draw, Effects, Fit, drawn, effects, fit, shrunk
from peakend.model.found import Driver, Effect, Impact, LedgerLine

TOP: Final = 3
SHOWN: Final = 30
"""A touchpoint with fewer encounters gets no figures of its own, only shrunk ones."""
DISCOVERED: Final = 0.10
BY_CHANCE: Final = 0.01
"""How often, were every touchpoint without effect, a moment of truth may be named at all (Simes)."""
_EDGES: Final = (("frustrator", -1.0, -0.7), ("dissatisfier", -0.7, -0.1), ("hybrid", -0.1, 0.1),
                 ("satisfier", 0.1, 0.7), ("delighter", 0.7, 1.0))  # fmt: skip


class Answer(NamedTuple):
    """The drivers in the order of the touchpoints, and the ledger that adds up to the mean."""

    mean: float
    ledger: tuple[LedgerLine, ...]
    drivers: tuple[Driver, ...]


def drivers(
    grams: Grams,
    touchpoints: Sequence[str],
    encounters: Mapping[str, int],
    draw: Draw,
    *,
    within: bool,
    toward: Answer | None = None,
) -> Answer:
    """Estimate every touchpoint. `encounters` counts those before an answer; `draw` brings the chance.

    `toward` is the answer of all segments: the values of one segment are then shrunk to those of its own
    touchpoint, not to the mean of all. Raises EvidenceError where nothing can be estimated.
    """
    if not touchpoints:
        raise EvidenceError(
            "No touchpoint has encounters",
            fix="Give touchpoints an `encounter:` in journeys/",
            what_zh="没有一个接触点定义了接触记录",
            fix_zh="请在 journeys/ 里给接触点写上 `encounter:`",
        )
    found = fit(grams, within=within)
    sides = effects(found, touchpoints)
    if toward is not None:
        sides = (_toward(sides[0], toward, "penalty"), _toward(sides[1], toward, "reward"))
    draws = drawn(found, touchpoints, draw)
    shares = _shares(grams, touchpoints)
    everyone = Effects(*(np.concatenate(pair) for pair in zip(*sides, strict=True)))
    depends = bool(np.nanmin(everyone.q, initial=1.0) < BY_CHANCE)
    listed = _Listed(grams, found, touchpoints, encounters, sides, draws, shares, depends)
    return Answer(
        _mean(grams), _ledger(grams, found, within), tuple(listed.driver(i) for i in range(len(touchpoints)))
    )


class _Shares(NamedTuple):
    """Of all answers, the shares whose customer met each touchpoint, and in which state; (touchpoints,)."""

    met: Matrix
    magical: Matrix
    miserable: Matrix
    unknown: Matrix

    @property
    def neutral(self) -> Matrix:
        return self.met - self.magical - self.miserable - self.unknown


def _shares(grams: Grams, touchpoints: Sequence[str]) -> _Shares:
    total = grams.pooled.sum(0)[0] / grams.weight
    at = {column: i for i, column in enumerate(grams.columns)}
    return _Shares(*(np.array([total[at[Column(role, t)]] for t in touchpoints]) for role in _Shares._fields))


class _Listed:
    """All that is known of all touchpoints, from which each driver is put together."""

    def __init__(
        self,
        grams: Grams,
        found: Fit,
        touchpoints: Sequence[str],
        encounters: Mapping[str, int],
        sides: tuple[Effects, Effects],
        draws: tuple[Matrix, Matrix],
        shares: _Shares,
        depends: bool,
    ) -> None:
        self._touchpoints, self._encounters, self._sides, self._shares = (
            touchpoints,
            encounters,
            sides,
            shares,
        )
        self._draws, self._depends = draws, depends
        self._rows = {column: int(n) for column, n in zip(grams.columns, grams.rows, strict=True)}
        self._left = {left.column: left.reason for left in found.left}
        self._swings = np.maximum(draws[0], 0) + np.maximum(draws[1], 0)
        self._ranks = (-self._swings).argsort(1, kind="stable").argsort(1, kind="stable") + 1

    def driver(self, i: int) -> Driver:
        name, shares = self._touchpoints[i], self._shares
        enough = self._encounters.get(name, 0) >= SHOWN
        penalty, reward = (
            self._effect(side, i, Column(role, name), enough)
            for side, role in zip(self._sides, ("miserable", "magical"), strict=True)
        )
        lost, won = max(penalty.shrunk or 0.0, 0.0), max(reward.shrunk or 0.0, 0.0)
        low, high = np.percentile(self._ranks[:, i], (5, 95), method="nearest")
        top = float((self._ranks[:, i] <= TOP).mean())
        known = [q for q in (penalty.q, reward.q) if q is not None]
        q = min(known, default=None)
        asymmetry, spread, impact = self._impact(i, penalty, reward)
        return Driver(
            touchpoint=name,
            encounters=self._encounters.get(name, 0),
            reach=float(shares.met[i]),
            magical=float(shares.magical[i]),
            miserable=float(shares.miserable[i]),
            unknown=float(shares.unknown[i]),
            penalty=penalty,
            reward=reward,
            swing=lost + won,
            swing_interval=_holding(_between(self._swings[:, i]), lost + won),
            fix_first=float(shares.miserable[i]) * lost,
            fix_first_interval=_times(float(shares.miserable[i]), penalty, lost),
            delight_next=float(shares.neutral[i]) * won,
            delight_next_interval=_times(float(shares.neutral[i]), reward, won),
            rank=(int(low), int(high)),
            p_top3=top,
            q=q,
            asymmetry=asymmetry,
            asymmetry_interval=spread,
            impact=impact,
            moment_of_truth=self._depends and (_sure(penalty) or _sure(reward)) and top >= 0.5,
        )

    def _effect(self, side: Effects, i: int, column: Column, enough: bool) -> Effect:
        n, value, margin = self._rows.get(column, 0), float(side.value[i]), float(side.margin[i])
        told = None if np.isnan(side.shrunk[i]) else float(side.shrunk[i])
        if np.isnan(value):
            missing = self._left.get(Column("met", column.name)) or self._left.get(column) or "absent"
            return Effect(
                estimate=None, low=None, high=None, shrunk=told if n else None, n=n, missing=missing
            )
        q = float(side.q[i])
        if not enough:
            return Effect(estimate=None, low=None, high=None, shrunk=told, n=n, q=q, missing="few")
        return Effect(estimate=value, low=value - margin, high=value + margin, shrunk=told, n=n, q=q)

    def _impact(
        self, i: int, penalty: Effect, reward: Effect
    ) -> tuple[float | None, tuple[float, float] | None, Impact]:
        if penalty.estimate is None or reward.estimate is None:
            return None, None, "undecided"
        lost, won = self._draws[0][:, i], self._draws[1][:, i]
        size = np.abs(lost) + np.abs(won)
        low, high = _between((won - lost) / np.where(size > 0, size, 1.0))
        whole = abs(penalty.estimate) + abs(reward.estimate)
        value = (reward.estimate - penalty.estimate) / whole if whole else 0.0
        for name, least, most in _EDGES:
            if least <= low and high <= most:
                return value, (low, high), name  # type: ignore[return-value]
        return value, (low, high), "undecided"


def _toward(side: Effects, answer: Answer, which: str) -> Effects:
    whole = np.array([getattr(driver, which).shrunk or 0.0 for driver in answer.drivers])
    return side._replace(shrunk=shrunk(side.value, side.error, whole))


def _between(values: Matrix) -> tuple[float, float]:
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


def _sure(effect: Effect) -> bool:
    """Whether an effect survives false-discovery control and its own interval leaves zero out."""
    return effect.low is not None and effect.low > 0 and effect.q is not None and effect.q < DISCOVERED


def _holding(interval: tuple[float, float], told: float) -> tuple[float, float]:
    """The interval of draws, which are not shrunk, widened to hold the value that is told."""
    return min(interval[0], told), max(interval[1], told)


def _times(share: float, effect: Effect, told: float) -> tuple[float, float] | None:
    """The interval of a share times an effect, which holds the value that is told as well."""
    if effect.low is None or effect.high is None:
        return None
    return share * max(min(effect.low, told), 0.0), share * max(effect.high, told)


def _mean(grams: Grams) -> float:
    total = grams.pooled.sum(0)
    return float(total[0, -1] / total[0, 0])


def _ledger(grams: Grams, found: Fit, within: bool) -> tuple[LedgerLine, ...]:
    """What each column adds to the mean; among customers' own means the base is what remains."""
    total = grams.pooled.sum(0)[0] / grams.weight
    at = {column: i for i, column in enumerate(grams.columns)}
    lines = [
        LedgerLine(term=column.role, name=column.name, points=float(value * total[at[column]]))
        for column, value in zip(found.columns, found.values, strict=True)
        if column.role != "constant"
    ]
    base = _mean(grams) - sum(line.points for line in lines)
    if not within:
        constant = next(v for c, v in zip(found.columns, found.values, strict=True) if c.role == "constant")
        base = float(constant)
    return (LedgerLine(term="base", points=base), *lines)
