"""Numbers as they stand on the page: grouped by a thin space, shares with their limits, signed emotions.

One form for every number, so that a reader can compare any two. Nothing here may round a small share to
nothing or a large one to all: 3 of 10,000 is '<0.1%', never '0%'.
"""

from __future__ import annotations

from peakend.tell.said import MINUS, grouped


def share(part: int, whole: int) -> str:
    """Return `part` of `whole` in percent with one decimal; '–' where there is no whole."""
    if whole <= 0:
        return "–"
    if part in (0, whole):
        return "0%" if part == 0 else "100%"
    percent = 100 * part / whole
    if percent < 0.1:
        return "<0.1%"
    return ">99.9%" if percent > 99.9 else f"{percent:.1f}%"


def emotion(value: float) -> str:
    """Return a mean emotion with its sign and two decimals: −0.31, 0.00, +0.12."""
    rounded = round(value, 2)
    if rounded == 0:
        return "0.00"
    return f"{'+' if rounded > 0 else MINUS}{abs(rounded):.2f}"


def interval(low: float, high: float) -> str:
    """Return an interval of emotions: −0.34…−0.28."""
    return f"{emotion(low)}…{emotion(high)}"


def money(amount: float) -> str:
    """Return an amount in groups of three, with two decimals where it has a fraction."""
    whole = grouped(int(abs(amount)))
    fraction = f"{abs(amount):.2f}"[-3:]
    if fraction == ".00" and round(abs(amount)) != int(abs(amount)):
        whole = grouped(round(abs(amount)))
    return f"{MINUS if amount < 0 else ''}{whole}{'' if fraction == '.00' else fraction}"


def points(value: float, digits: int) -> str:
    """Return points of an outcome without a sign unless below zero: 1.30, −0.20; a trace is '<0.01'."""
    least = 10.0**-digits
    if 0 < abs(value) < least / 2:
        return f"{'>' + MINUS if value < 0 else '<'}{least:.{digits}f}"
    return f"{MINUS if value < 0 else ''}{abs(value):.{digits}f}"


def signed(value: float, digits: int) -> str:
    """Return points of an outcome with their sign: −2.98, 0.00, +1.30."""
    shown = f"{abs(value):.{digits}f}"
    if float(shown) == 0:
        return shown
    return f"{'+' if value > 0 else MINUS}{shown}"
