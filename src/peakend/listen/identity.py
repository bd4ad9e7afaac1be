"""Who is known as whom: what a merge says, and whether it may be believed.

The same class reads the merges of last year's log and of tonight. It keeps names only; the states of two
names are joined by the fold. Source: docs/semantics.md, section 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from peakend.model.event import MERGES

Objection = Literal["", "known", "nobody", "itself", "circle"]


class Merge(NamedTuple):
    """`former` goes on as `customer`, both being the names of the day; or why nothing is merged."""

    former: str
    customer: str
    objection: Objection = ""


REFUSALS: dict[Objection, tuple[str, str]] = {
    "nobody": (
        "a merge needs two names; name both, as from and into, or as anonymous and the customer",
        "合并需要两个编号；请同时给出 from 与 into，或 anonymous 与客户编号",
    ),
    "itself": (
        "a customer cannot be merged into itself; correct from or into",
        "客户不能并入自己；请更正 from 或 into",
    ),
    "circle": (
        "the merge would close a circle: `into` has been merged into `from` already; turn the two around, "
        "or leave it out",
        "合并会首尾相接：into 早已并入 from；请对调两个编号，或去掉这条动态",
    ),
}
"""Why a merge is put aside, in English and Chinese; what is known already merges nothing and is no fault."""


def names_of(kind: str, customer: str, data: Mapping[str, Any]) -> tuple[str, str] | None:
    """The name that goes and the one that stays, as an event says it; None where it merges nobody."""
    if kind not in MERGES:
        return None
    goes, stays = MERGES[kind]
    if kind == "customer.identified" and not data.get(goes):
        return None
    return str(data.get(goes) or customer), str(data.get(stays) or customer)


class Identities:
    """The names that have gone and who they are by now, given what was known before."""

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        self._whom = dict(known or {})

    def of(self, name: str) -> str:
        """Who a name is by now."""
        whom = name
        while whom in self._whom:
            whom = self._whom[whom]
        while name != whom:  # the next one asks no long way round
            self._whom[name], name = whom, self._whom[name]
        return whom

    def merge(self, goes: str, stays: str) -> Merge:
        """Learn a merge, unless something is to be said against it."""
        former, customer = self.of(goes), self.of(stays)
        objection = _objection(goes, stays, former, customer)
        if not objection:
            self._whom[former] = customer
        return Merge(former, customer, objection)

    def all(self) -> dict[str, str]:
        """Every name that has gone, with who it is by now."""
        return {name: self.of(name) for name in list(self._whom)}


def _objection(goes: str, stays: str, former: str, customer: str) -> Objection:
    if not goes or not stays:
        return "nobody"
    if goes == stays:
        return "itself"
    if former != customer:
        return ""
    return "circle" if goes == former else "known"
