"""What a condition is made of and what it is asked about.

Values at run time: text is str, a number a finite int or float, a boolean bool, a date the canonical
'YYYY-MM-DD', a timestamp whole microseconds UTC. NULL is None or a missing key. Nobody checks this again
when a condition is asked: values are given their type where they enter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from peakend.model.vocabulary import Type, Vocabulary

__all__ = ["Condition", "Read", "Scope", "Type", "Vocabulary"]


class Scope(Protocol):
    """What a condition is asked about; the caller supplies it."""

    @property
    def fields(self) -> Mapping[str, object]:
        """The entry event's fields by name."""

    def customer(self, name: str) -> object | None:
        """The customer's attribute `name`."""

    def fact(self, name: str) -> object | None:
        """The customer's aggregate `name`."""

    def is_open(self, touchpoint: str) -> bool | None:
        """Whether an encounter at the touchpoint has begun and not ended."""

    def breached(self, standard: str) -> bool | None:
        """Whether the standard was missed in this encounter."""

    def kept(self, standard: str) -> bool | None:
        """Whether the standard was met in this encounter."""

    def exceeded(self, standard: str, share: float) -> bool | None:
        """Whether the standard was met within `share` of its time."""

    def count(self, kind: str) -> int:
        """How many events of the kind this encounter has seen."""


Read = Callable[[Scope], Any]


@dataclass(frozen=True)
class Condition:
    """A compiled condition, and the names that it reads."""

    text: str
    test: Callable[[Scope], bool | None]
    fields: frozenset[str]
    customer: frozenset[str]
    facts: frozenset[str]
    touchpoints: frozenset[str]
    standards: frozenset[str]
    kinds: frozenset[str]
