"""Conditions: the closed subset of SQL that packs write in `where`, `while`, `miserable` and `magical`.

A condition is read once, checked against the names and types that the pack declares, and turned into
nested closures, so that the fold can ask it millions of times. It is three-valued as in SQL and passes
only when TRUE. Nothing is ever eval'ed, nothing here reads a clock, and whatever is not on the list
(queries, casts, CASE, unknown functions) is refused with its word and the way out.
"""

from __future__ import annotations

from peakend.errors import Place
from peakend.trigger.where.building import Builder
from peakend.trigger.where.nouns import Condition, Scope, Type, Vocabulary
from peakend.trigger.where.reading import clauses_of, read_condition

__all__ = ["Condition", "Scope", "Type", "Vocabulary", "clauses_of", "compile_condition"]


def compile_condition(text: str, vocabulary: Vocabulary, place: Place | None = None) -> Condition:
    """Turn the text of a condition into a test that can be asked of any scope.

    `vocabulary` holds the names that the condition may use, with their types; `place` is the file and
    line for errors. The test returns True, False, or None where NULL leaves the answer unknown.
    Raises ConditionError with the wrong word and, where there is one, the nearest right one.
    """
    builder = Builder(vocabulary, place)
    whole = builder.whole(read_condition(text, place))
    names = builder.names
    return Condition(
        text=text,
        test=whole.read,
        fields=frozenset(names.fields),
        customer=frozenset(names.customer),
        facts=frozenset(names.facts),
        touchpoints=frozenset(names.touchpoints),
        standards=frozenset(names.standards),
        kinds=frozenset(names.kinds),
    )
