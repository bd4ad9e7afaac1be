"""What a form of sending makes of one message: rows in the native form, or a refusal.

The readers of every form (`native`, `cloudevents`, `segment`) agree on this value. They open nothing and read
no clock: the instant at which a message was received is handed to them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from peakend.errors import Unusable
from peakend.listen.door import shown

Row = dict[str, Any]
"""An event in the native form, not yet checked: `peakend.listen.native` does that."""


class Rows(NamedTuple):
    """The rows of one message. `reckoned`: its time rests on when it was received, so that the same message
    sent again has another one."""

    rows: tuple[Row, ...]
    reckoned: bool = False


Read = Callable[[Row, int], Rows]
"""Reads one message, a JSON object, that was received at an instant. Raises Unusable."""


def read_native(message: Row, received: int) -> Rows:
    """A message in the native form is a row already."""
    del received
    return Rows((message,))


def fields_of(value: Any, name: str) -> dict[str, Any]:
    """The fields under a name of a message: an object, or nothing. Raises Unusable otherwise."""
    if value is None or value == "":
        return {}
    if isinstance(value, dict):
        return value
    raise Unusable(
        f"{name} is {shown(value)}, not an object",
        fix='Write for example {"order": "A-1", "amount": 120}',
        what_zh=f"{name} 为 {shown(value)}，不是对象",
        fix_zh='请写成 {"order": "A-1", "amount": 120} 这样',
    )
