"""The ledger as lines that a reader can add up: base, segments, one line a touchpoint, the rest, the mean.

Printed figures are rounded along the running sum, so that what is printed adds up as exactly as the ledger
does; no figure differs from its own by more than one in the last digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isclose

from markupsafe import Markup

from peakend.model.found import Found, LedgerLine
from peakend.report.chart.waterfall import waterfall
from peakend.report.figures import points, signed
from peakend.report.finding.headlines import digits
from peakend.report.sentences import say
from peakend.tell.names import Names
from peakend.tell.said import Said

SHOWN, SMALL = 12, 0.04
"""At most so many touchpoints have a line of their own, and only those with more than this share of all that
touchpoints add and take; the others are one line with their sum."""
ROLES = ("met", "miserable", "magical", "unknown")
HABITS = ("leniency", "unrated")


@dataclass(frozen=True)
class AccountLine:
    """One line of the account: its picture, its points, and what they are made of."""

    kind: str
    title: Said
    bar: Markup
    points: str
    parts: tuple[tuple[Said, str], ...]


@dataclass(frozen=True)
class Account:
    """The whole account; the sum of all lines but the last is the last."""

    headline: Said
    lines: tuple[AccountLine, ...]


@dataclass(frozen=True)
class _Group:
    kind: str
    title: Said
    parts: tuple[tuple[Said, float], ...]

    @property
    def points(self) -> float:
        return sum(value for _, value in self.parts)


def account(found: Found, names: Names) -> Account:
    """Return the ledger in the order of the waterfall: what takes most first, what gives most last."""
    groups = _groups(found, names)
    shown = digits(found)
    bars = waterfall([group.points for group in groups])
    lines, flat = (
        [],
        iter(_printed([value for group in groups for _, value in group.parts], found.mean, shown)),
    )
    for group, bar in zip(groups, bars, strict=False):
        parts = [(word, next(flat)) for word, _ in group.parts]
        whole = sum(value for _, value in parts)
        told = tuple((word, signed(value, shown)) for word, value in parts) if len(parts) > 1 else ()
        figure = points(whole, shown) if group.kind == "base" else signed(whole, shown)
        lines.append(AccountLine(group.kind, group.title, bar, figure, told))
    mean = AccountLine("mean", say("find_mean"), bars[-1], points(round(found.mean, shown), shown), ())
    return Account(_headline(found, shown), (*lines, mean))


def _headline(found: Found, shown: int) -> Said:
    miserable, magical = (
        sum(line.points for line in found.ledger if line.term == role) for role in ("miserable", "magical")
    )
    rest = round(found.mean, shown) - round(miserable, shown) - round(magical, shown)
    return say(
        "find_ledger_line",
        mean=points(round(found.mean, shown), shown),
        miserable=signed(miserable, shown),
        magical=signed(magical, shown),
        rest=signed(rest, shown),
    )


def _printed(values: Sequence[float], mean: float, shown: int) -> list[float]:
    """Return the values rounded so that every running sum is the rounded running sum, the last the mean."""
    running = [sum(values[:n]) for n in range(len(values) + 1)]
    # The same sum in another order may fall on the other side of a half, and be rounded away from the mean.
    running[-1] = mean if isclose(running[-1], mean, abs_tol=1e-6) else running[-1]
    sums = [round(one, shown) for one in running]
    return [round(after - before, shown) for before, after in pairwise(sums)]


def _groups(found: Found, names: Names) -> list[_Group]:
    own: dict[str, list[LedgerLine]] = {}
    for line in found.ledger:
        if line.term in ROLES:
            own.setdefault(line.name, []).append(line)
    size = {name: abs(sum(line.points for line in lines)) for name, lines in own.items()}
    order = sorted(own, key=lambda name: -size[name])
    alone = [name for name in order[:SHOWN] if size[name] > SMALL * sum(size.values())]
    rest = order[len(alone) :]
    if len(rest) == 1:
        alone, rest = order, []
    points_ = [_point(name, own[name], names) for name in alone]
    return [
        _base(found),
        *_others(found, names),
        *sorted(points_, key=lambda group: group.points),
        *([_rest([line for name in rest for line in own[name]], len(rest))] if rest else []),
    ]


def _base(found: Found) -> _Group:
    value = sum(line.points for line in found.ledger if line.term == "base")
    return _Group("base", say("find_base"), ((say("find_base"), value),))


def _others(found: Found, names: Names) -> list[_Group]:
    """Return what is neither base nor touchpoint: segments, habits of rating, anything unheard of."""
    groups = []
    segments = [line for line in found.ledger if line.term == "segment"]
    if segments:
        parts = tuple((names.of(line.name), line.points) for line in segments)
        groups.append(_Group("segments", say("find_segments_term"), parts))
    habits = [line for line in found.ledger if line.term in HABITS]
    if habits:
        total = sum(line.points for line in habits)
        groups.append(_Group("habits", say("find_habits"), ((say("find_habits"), total),)))
    known = ("base", "segment", *HABITS, *ROLES)
    strange = [line for line in found.ledger if line.term not in known]
    return groups + [
        _Group("habits", names.of(line.name or line.term), ((names.of(line.term), line.points),))
        for line in strange
    ]


def _point(name: str, lines: Sequence[LedgerLine], names: Names) -> _Group:
    parts = {role: sum(line.points for line in lines if line.term == role) for role in ROLES}
    have = {line.term for line in lines}
    told = tuple((say(f"find_role_{role}"), parts[role]) for role in ROLES if role in have)
    return _Group("point", names.touchpoint(name), told)


def _rest(lines: Sequence[LedgerLine], number: int) -> _Group:
    title = say("find_rest", n=number)
    return _Group("rest", title, ((title, sum(line.points for line in lines)),))
