"""What codes are called in a reader's language: a page shows no bare code that has a name."""

from __future__ import annotations

from peakend.deliver.said import WORDS as RECEIPTS
from peakend.deliver.said import told
from peakend.model.looked import AskedCustomers
from peakend.store import Store
from peakend.tell.catalogue import CHANNELS, CLASSES, HOW_ENDED, ROLES, WHY_HELD, WHY_NOT, YES_NO
from peakend.tell.fates import TAKEN_BACK
from peakend.tell.kinds import KINDS
from peakend.tell.names import Names, Table
from peakend.tell.said import Said

_CODES: dict[str, Table] = {"channel": CHANNELS, "role": ROLES}


class Called:
    """Names of one pack, or of none, in one language; a template calls these with a code."""

    def __init__(self, names: Names | None, language: str) -> None:
        self._names, self._language = names, language

    def play(self, code: str) -> str:
        return self._spoken(self._names.play(code) if self._names else None, code)

    def touchpoint(self, code: str) -> str:
        return self._spoken(self._names.touchpoint(code) if self._names else None, code)

    def standard(self, code: str, touchpoint: str) -> str:
        return self._spoken(self._names.standard(code, touchpoint) if self._names else None, code)

    def field(self, code: str) -> str:
        return self._spoken(self._names.field(code) if self._names else None, code)

    def value(self, field: str, value: str | float) -> str:
        """What a field holds, where that is a code of ours; else as it stands."""
        last = field.rsplit(".", 1)[-1]
        if isinstance(value, bool):
            return self._spoken(YES_NO[value], "")
        return self._of(str(value), _CODES.get(last, {}))

    def word(self, code: str) -> str:
        """A kind, a text, or a card."""
        return self._of(code, {})

    def role(self, code: str) -> str:
        return self._of(code, ROLES)

    def channel(self, code: str) -> str:
        return self._of(code, CHANNELS)

    def class_(self, code: str) -> str:
        return self._of(code, CLASSES)

    def reason(self, code: str) -> str:
        return self._of(code, WHY_NOT)

    def held(self, code: str) -> str:
        return self._of(code, {**WHY_NOT, **WHY_HELD})

    def how(self, code: str) -> str:
        return self._of(code, HOW_ENDED)

    def receipt(self, said: str) -> str:
        """What a channel answered, why the door took a message back, or a person's word as it stands."""
        word = said.partition(" ")[0]
        return told(said, self._language) if word in RECEIPTS else self._of(said, TAKEN_BACK)

    def _of(self, code: str, table: Table) -> str:
        said = self._names.of(code, table) if self._names else (table or KINDS).get(code)
        return self._spoken(said, code)

    def _spoken(self, said: Said | None, code: str) -> str:
        return said.spoken(self._language) if said else code


def names_of_customers(store: Store, customers: set[str]) -> dict[str, str]:
    """What some customers are called, by their ids; their ids where nothing was told."""
    found: dict[str, str] = {}
    for customer in sorted(customers - {""}):
        lines = store.list_customers(AskedCustomers(id=customer), limit=1).rows
        found[customer] = lines[0].name if lines and lines[0].customer == customer else ""
    return found
