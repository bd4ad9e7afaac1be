"""The names a condition reads: looked up among those the pack declares, and remembered.

What a condition reads decides when the fold must ask it again and which columns a backtest loads, so a
name that is read without being remembered here would make live and backtest differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlglot import exp

from peakend.errors import ConditionError, Place
from peakend.trigger.where import closures, words
from peakend.trigger.where.nouns import Read, Type, Vocabulary
from peakend.trigger.where.parts import Part, said


class Names:
    """The vocabulary of one condition, and what it has read of it so far."""

    def __init__(self, vocabulary: Vocabulary, place: Place | None) -> None:
        self.vocabulary = vocabulary
        self.place = place
        self.fields: set[str] = set()
        self.customer: set[str] = set()
        self.facts: set[str] = set()
        self.touchpoints: set[str] = set()
        self.standards: set[str] = set()
        self.kinds: set[str] = set()

    def column(self, node: exp.Expression) -> Part:
        """A field of the event, customer.NAME or facts.NAME."""
        name, owner = node.name, node.text("table")
        if node.args.get("db") or isinstance(node.this, exp.Star) or owner not in ("", "customer", "facts"):
            close = words.near(f"{owner}.{name}", self._known())
            fix = close if close[0] else words.NAMES_LOOK_LIKE
            raise self._error("no_name", fix, node=said(node))
        if owner == "customer":
            kind = self._declared(node, self.vocabulary.customer)
            self.customer.add(name)
            return Part(kind, closures.attribute(name), node)
        if owner == "facts":
            kind = self._declared(node, self.vocabulary.facts)
            self.facts.add(name)
            return Part(kind, closures.fact(name), node)
        kind = self._declared(node, self.vocabulary.fields)
        self.fields.add(name)
        return Part(kind, closures.field(name), node, field=name)

    def of_encounter(self, function: str, node: exp.Expression, arguments: Sequence[exp.Expression]) -> Part:
        """open, breached, kept, exceeded and count of a declared name in quotes."""
        noun, declared, read = {
            "open": ("open", self.vocabulary.touchpoints, self.touchpoints),
            "count": ("count", self.vocabulary.kinds, self.kinds),
        }.get(function, ("standard", self.vocabulary.standards, self.standards))
        name = self._quoted(function, noun, arguments[0])
        if name not in declared:
            close = words.near(name, declared)
            fix = close if close[0] else words.declared(sorted(declared))
            raise self._error("undeclared_in", fix, name=name, function=function, noun=words.NOUNS[noun])
        read.add(name)
        if function == "exceeded":
            return Part("boolean", closures.exceeded(name, self._share(arguments[1])), node)
        return Part("number" if function == "count" else "boolean", _ASKED[function](name), node)

    def _declared(self, node: exp.Expression, declared: Mapping[str, Type]) -> Type:
        if node.name in declared:
            return declared[node.name]
        known = self._known()
        word = f"{node.text('table')}.{node.name}".lstrip(".")
        elsewhere = [name for name in known if name.split(".")[-1] == node.name]
        fix = words.meant(elsewhere[0]) if elsewhere else words.near(word, known)
        if not elsewhere and (node.this.args.get("quoted") or _stands_for_a_text(node)):
            fix = words.both(words.quoted(node.name), fix)
        raise self._error("undeclared", fix if fix[0] else words.declared(known), word=word)

    def _known(self) -> list[str]:
        known = [*self.vocabulary.fields]
        known += [f"customer.{name}" for name in self.vocabulary.customer]
        return known + [f"facts.{name}" for name in self.vocabulary.facts]

    def _quoted(self, function: str, noun: str, node: exp.Expression) -> str:
        if isinstance(node, exp.Literal) and node.is_string:
            return node.name
        fix = (
            f"Write {function}('NAME') with the name in single quotes",
            f"请写成 {function}('名称')，名称加半角单引号",
        )
        raise self._error("not_name_of", fix, node=said(node), noun=words.NOUNS[noun])

    def _share(self, node: exp.Expression) -> float:
        share = float(node.name) if isinstance(node, exp.Literal) and not node.is_string else 0.0
        if not 0 < share <= 1:
            raise self._error("no_share", words.SHARE, node=said(node))
        return share

    def _error(self, code: str, fix: words.Pair, **values: object) -> ConditionError:
        return words.refusal(code, self.place, fix, **values)


def _stands_for_a_text(node: exp.Expression) -> bool:
    """Whether an unknown word is what something is compared with: a text without its quotes."""
    above = node.parent
    if isinstance(above, exp.In):
        return node is not above.this
    compared = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
    return isinstance(above, compared) and node is above.expression


_ASKED: Mapping[str, Callable[[str], Read]] = {
    "breached": closures.breached,
    "count": closures.count,
    "kept": closures.kept,
    "open": closures.is_open,
}
