"""Facts: named aggregates of one customer's events, kept up with every event and read at any instant.

A windowed fact looks at (u-W, u]; one without a window is what is known so far. Values arrive in any
order of `at`; the greatest and least (at, seq) decide `last` and `first`.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Sequence
from typing import Any

from peakend.trigger.rules import FactRule
from peakend.trigger.state import FactState

DAY = 86_400_000_000
_LAST_SEQ = 1 << 62

Entry = tuple[int, int, Any]
Tally = dict[str, tuple[Any, int]]


def learn(rule: FactRule, state: FactState, at: int, seq: int, value: Any, oldest: int) -> None:
    """Take one event into a fact; nobody will ask about an instant before `oldest` any more."""
    if value is None and rule.take not in ("count", "days_since"):
        return
    entry = (at, seq, value)
    if not rule.window:
        _total(rule, state, entry)
        return
    values = state.values
    if not values or entry[:2] >= values[-1][:2]:
        values.append(entry)
    else:
        insort(values, entry, key=lambda e: e[:2])
    gone = _upto(values, oldest - rule.window)
    if 2 * gone > len(values):
        del values[:gone]


def read(rule: FactRule, state: FactState | None, instant: int) -> Any:
    """The fact at `instant`; NULL (None) where there is nothing to take it from, 0 for a count."""
    if rule.window:
        values = state.values if state else []
        window = values[_upto(values, instant - rule.window) : _upto(values, instant)]
        return _TAKES[rule.take](window, instant)
    return _known(rule.take, state or FactState(), instant)


def unite(rule: FactRule, state: FactState, other: FactState) -> None:
    """Add what another name of the customer has learnt to a fact."""
    if rule.window:
        state.values = sorted([*state.values, *other.values], key=lambda e: e[:2])
        return
    state.number += other.number
    state.total += other.total
    for entry in (other.first, other.last):
        if entry and (state.first is None or entry[:2] < state.first[:2]):
            state.first = entry
        if entry and (state.last is None or entry[:2] > state.last[:2]):
            state.last = entry
    if other.low is not None:
        state.low = other.low if state.low is None else min(state.low, other.low)
    if other.high is not None:
        state.high = other.high if state.high is None else max(state.high, other.high)
    for word, (value, number) in other.tally.items():
        known, before = state.tally.get(word, (value, 0))
        state.tally[word] = (known, before + number)


def _upto(values: Sequence[Entry], instant: int) -> int:
    return bisect_right(values, (instant, _LAST_SEQ), key=lambda e: e[:2])


def _total(rule: FactRule, state: FactState, entry: Entry) -> None:
    value = entry[2]
    state.number += 1
    if state.first is None or entry[:2] < state.first[:2]:
        state.first = entry
    if state.last is None or entry[:2] > state.last[:2]:
        state.last = entry
    if rule.take in ("sum", "avg"):
        state.total += value
    elif rule.take == "min":
        state.low = value if state.low is None else min(state.low, value)
    elif rule.take == "max":
        state.high = value if state.high is None else max(state.high, value)
    elif rule.take == "most_common":
        _add(state.tally, value)


def _known(take: str, state: FactState, instant: int) -> Any:
    if take == "count":
        return state.number
    if not state.number:
        return None
    if take == "days_since":
        return _days_since(state.last, instant)
    if take == "most_common":
        return _most_common(state.tally)
    values = {
        "sum": state.total,
        "avg": state.total / state.number,
        "min": state.low,
        "max": state.high,
        "first": state.first and state.first[2],
        "last": state.last and state.last[2],
    }
    return values[take]


def _add(tally: Tally, value: Any) -> None:
    """Count a value under its text; 2 and 2.0 are the same."""
    whole = isinstance(value, float) and value.is_integer()
    word = str(int(value) if whole else value)
    tally[word] = (value, tally[word][1] + 1 if word in tally else 1)


def _most_common(tally: Tally) -> Any:
    """The most frequent value; among equals the one whose text comes first, so that the answer is one."""
    return tally[min(tally, key=lambda word: (-tally[word][1], word))][0] if tally else None


def _days_since(last: Entry | None, instant: int) -> int | None:
    return max(0, instant - last[0]) // DAY if last else None


def _tallied(window: Sequence[Entry], _: int) -> Any:
    tally: Tally = {}
    for entry in window:
        _add(tally, entry[2])
    return _most_common(tally)


_TAKES: dict[str, Callable[[Sequence[Entry], int], Any]] = {
    "count": lambda window, _: len(window),
    "sum": lambda window, _: sum(e[2] for e in window) if window else None,
    "avg": lambda window, _: sum(e[2] for e in window) / len(window) if window else None,
    "min": lambda window, _: min((e[2] for e in window), default=None),
    "max": lambda window, _: max((e[2] for e in window), default=None),
    "first": lambda window, _: window[0][2] if window else None,
    "last": lambda window, _: window[-1][2] if window else None,
    "most_common": _tallied,
    "days_since": lambda window, instant: _days_since(window[-1] if window else None, instant),
}
