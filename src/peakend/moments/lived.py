"""What one customer lived, counted by touchpoint, channel and standard, for the channel question.

Each row also says what the same customer has in all named channels together. So the sums over customers that
tell how alike one customer's encounters are need no customer any more, and no table of them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

Place = tuple[str, str, str]
"""Touchpoint, channel ("" where the log says none), standard ("" for the encounters themselves)."""


class Lived(NamedTuple):
    """Settled encounters of one customer at one place, whether or not an answer followed them.

    `n` of them, of which `known` have a state; for a `standard`, `n` for which it ran, of which `known` are
    kept or breached. `all_…` are the customer's known, miserable, magical and kept ones in all named channels
    of the touchpoint. `first` is 1 in one of the rows with known ones in a named channel, else 0, so that
    customers can be counted.
    """

    touchpoint: str
    channel: str
    standard: str
    n: int
    known: int
    miserable: int
    magical: int
    kept: int
    all_known: int
    all_miserable: int
    all_magical: int
    all_kept: int
    first: int


class Tally:
    """The counts of one customer while the log is walked."""

    def __init__(self) -> None:
        self._counts: dict[Place, list[int]] = {}

    def add(
        self, place: Place, *, known: bool, miserable: bool = False, magical: bool = False, kept: bool = False
    ) -> None:
        """Count one more encounter, or one more that a standard ran for."""
        counts = self._counts.setdefault(place, [0] * _COUNTS)
        for number, adds in enumerate((True, known, miserable, magical, kept)):
            counts[number] += adds

    def rows(self) -> list[Lived]:
        """One row for each place."""
        whole: dict[tuple[str, str], list[int]] = {}
        first: dict[tuple[str, str], Place] = {}
        for place, (_, *counts) in self._counts.items():
            touchpoint, channel, standard = place
            if channel and counts[0]:
                first.setdefault((touchpoint, standard), place)
                sums = whole.setdefault((touchpoint, standard), [0] * len(counts))
                whole[touchpoint, standard] = [a + b for a, b in zip(sums, counts, strict=True)]
        nothing = [0] * (_COUNTS - 1)
        return [
            Lived._make(
                (*place, *counts, *whole.get(place[::2], nothing), int(first.get(place[::2]) == place))
            )
            for place, counts in self._counts.items()
        ]


_COUNTS: Final = 5
