"""Where one can go from everywhere: the pages of the frame, in their order, and who sees which.

What a role may do on a page is asked at the route; here it only decides whether the way is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from peakend.model.account import ROLES, Role


class Way(NamedTuple):
    """One entry of the navigation: `key` follows g on the keyboard, `role` is the least that sees it."""

    words: str
    address: str
    icon: str
    key: str
    role: Role = "viewer"


class Group(NamedTuple):
    """Entries under one heading."""

    words: str
    ways: tuple[Way, ...]


GROUPS = (
    Group(
        "layout.now",
        (
            Way("layout.today", "/", "calendar-event", "t"),
            Way("layout.inbox", "/inbox", "checklist", "i", "frontline"),
            Way("layout.customers", "/customers", "users", "c"),
        ),
    ),
    Group(
        "layout.design",
        (
            Way("layout.map", "/map", "route", "j"),
            Way("layout.find", "/find", "diamond", "f"),
            Way("layout.plays", "/plays", "script", "p"),
            Way("layout.coverage", "/coverage", "table", "o"),
        ),
    ),
    Group(
        "layout.operation",
        (
            Way("layout.messages", "/messages", "send", "m"),
            Way("layout.incidents", "/incidents", "broadcast", "x"),
            Way("layout.quarantine", "/quarantine", "first-aid-kit", "q", "designer"),
            Way("layout.settings", "/settings", "settings", "s", "manager"),
        ),
    ),
)
THUMB = ("/", "/inbox", "/customers", "/map", "/plays")
"""What the bar of a phone shows: the first four of these that the role sees, the rest behind the fifth."""


def groups(role: Role | None) -> list[Group]:
    """Return the entries that a role sees; without a role none."""
    if role is None:
        return []
    rank = ROLES.index(role)
    seen = [Group(g.words, tuple(w for w in g.ways if ROLES.index(w.role) <= rank)) for g in GROUPS]
    return [group for group in seen if group.ways]


def thumb(ways: Iterable[Group]) -> list[Way]:
    """Return the four entries within reach of a thumb."""
    seen = {way.address: way for group in ways for way in group.ways}
    return [seen[address] for address in THUMB if address in seen][:4]


def is_here(way: Way, path: str) -> bool:
    """Return whether a page at `path` belongs to an entry."""
    return path == way.address or (way.address != "/" and path.startswith(f"{way.address}/"))
