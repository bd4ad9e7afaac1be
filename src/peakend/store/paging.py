"""Where a page begins: the place of its predecessor's last row, as a text that nobody needs to understand.

The three stores read and write the same, and what was made up or belongs to another list is refused.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import msgspec

from peakend.model.looked import MOST, Page
from peakend.store.base import StoreError

T = TypeVar("T")
Place = tuple[Any, ...]
NEWEST: Final = 50
"""Events that are told at once as new, at most."""
REACHED: Final = ("accepted", "delivered")
"""States of a delivery that somebody has: nothing else is told as reached."""
CAUSES: Final = 500
"""Causes of rows put aside that are counted in one answer, at most."""
UNDER_WAY: Final = ("planned", "review", "claimed", "handed", "unknown")
"""States of a delivery of which something can still become."""


def place_of(after: str, kinds: Sequence[type]) -> Place | None:
    """The place that a text stands for: values of these kinds, None where it is the first page."""
    if not after:
        return None
    try:
        padded = after.encode("ascii") + b"=" * (-len(after) % 4)
        found = msgspec.msgpack.decode(urlsafe_b64decode(padded), type=list[Any])
    except (ValueError, msgspec.MsgspecError):
        raise _unknown() from None
    wide = all(not isinstance(one, int) or abs(one) < 1 << 63 for one in found)
    if [type(one) for one in found] != list(kinds) or not wide:
        raise _unknown()
    return tuple(found)


def text_of(place: Sequence[Any]) -> str:
    """A place as a text."""
    return urlsafe_b64encode(msgspec.msgpack.encode(list(place))).rstrip(b"=").decode()


def rows_of(limit: int) -> int:
    """How many rows a page has. Raises StoreError where that is not between 1 and MOST."""
    if not 1 <= limit <= MOST:
        raise StoreError(
            f"a page has 1 to {MOST} rows, not {limit}",
            fix="Ask for fewer, then for the page after it",
            what_zh=f"每页为 1 到 {MOST} 行，不能是 {limit}",
            fix_zh="请减少每页行数，再翻到下一页",
        )
    return limit


def page(found: Sequence[T], limit: int, place: Callable[[T], Sequence[Any]]) -> Page[T]:
    """A page of what was found with one row more than its `limit`, if there are more."""
    rows = list(found[:limit])
    return Page(rows, text_of(place(rows[-1])) if len(found) > limit else "")


def _unknown() -> StoreError:
    return StoreError(
        "the page that is asked for is no page of this list",
        fix="Begin with the first page: leave `after` out",
        what_zh="要打开的页不属于这个列表",
        fix_zh="请从第一页开始：去掉 after 参数",
    )
