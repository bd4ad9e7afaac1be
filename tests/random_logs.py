"""Random logs for random packs: what one customer's sources say, in the order in which it is learnt.

Events come late, too late, and from the future; what the pack declares is missing now and then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from naive import alphabet as words
from naive.grid import Grid

from peakend.model.event import Event
from peakend.model.parts import as_list
from peakend.when import HOUR

What = tuple[str, dict[str, Any]]


def draw_log(
    grid: Grid, declared: Mapping[str, Mapping[str, str]], plays: Sequence[dict[str, Any]], customer: str
) -> list[Event]:
    """One customer's log, in the order of (seen, seq)."""
    return _Log(grid, declared, plays, customer).events()


class _Log:
    """The log of one customer of one pack."""

    def __init__(
        self,
        grid: Grid,
        declared: Mapping[str, Mapping[str, str]],
        plays: Sequence[dict[str, Any]],
        customer: str,
    ) -> None:
        self.grid, self.pick, self.one_in = grid, grid.pick, grid.one_in
        self.declared, self.plays, self.customer = declared, plays, customer

    def events(self) -> list[Event]:
        caring = [play for play in self.plays if "if_unreached" in play]
        contacts = [self._contact for _ in range(2 if caring else 4) if not self.one_in(3)]
        if self.one_in(1.5 if self.grid.storm else 4):
            contacts = []
        count = self.pick((3, 6, 10, 15, 20, 30))
        drawn = [self._timed(draw(), at=self.grid.start) for draw in contacts]
        drawn += [self._timed(self._happening(bool(contacts))) for _ in range(count)]
        drawn += [self._failed_later(caring) for _ in range(self.pick((0, 6, 12)) if caring else 0)]
        self.grid.random.shuffle(drawn)
        drawn.sort(key=lambda found: found[1])
        return [
            Event(self.customer, kind, at, seen, seq, data, source=self.pick(("", "", "slow")), id=str(seq))
            for seq, (at, seen, kind, data) in enumerate(drawn, start=1)
        ]

    def _timed(self, what: What, at: int | None = None) -> tuple[int, int, str, dict[str, Any]]:
        grid = self.grid
        if at is None:
            at = grid.instant(range(0, 14 if grid.storm or self.one_in(3) else 40))
            at += self.pick((0,) * 12 + (1, -1, HOUR // 2))
        late = grid.max_age + grid.step * self.pick((0, 1, 1, 5, 20))
        delay = self.pick((0,) * 7 + (grid.step, 2 * grid.step, late, late))
        if grid.ahead and self.one_in(3):
            delay = -self.pick((1, HOUR // 2, grid.step, 3 * grid.step))
        return at, at + delay, *what

    def _happening(self, contacts: bool) -> What:
        which = self.grid.random.random()
        if self.grid.storm:
            which += 0.1
        if which < 0.08:
            return "customer.updated", {"tier": self.pick(("gold", "tin"))}
        if which < 0.14:
            return "customer.updated", {"zone": self.pick(words.ZONES)}
        if which < 0.2 and contacts:
            return self._contact()
        if which < 0.24 and contacts:
            what = {"what": self.pick(("marketing", "sms"))} if not self.one_in(4) else {}
            return self.pick(("consent.given", "consent.withdrawn")), {**what, "source": "form"}
        if which < 0.3:
            return self._preference()
        if self.one_in(25):
            return self._failure()
        kind = self.pick(words.KINDS)
        return kind, {name: self._value(name) for name in self.declared[kind] if not self.one_in(16)}

    def _contact(self) -> What:
        contact, role = self.pick((("ann", "owner"), ("bob", "buyer"), ("cat", "owner")))
        channel = self.pick(("sms", "mail"))
        if self.one_in(8):
            gone = {} if self.one_in(3) else {"channel": channel}
            gone |= {"address": self.pick(("x", "y"))} if self.one_in(3) else {}
            return "contact.removed", {"contact": contact, **gone}
        if self.one_in(8):
            role = self.pick(("owner", "buyer"))
        agreed = not self.one_in(4)
        address = self.pick(("x", "x", "y"))
        data = {"contact": contact, "role": role, "channel": channel, "address": address, "consent": agreed}
        if self.one_in(12):
            del data[self.pick(("role", "address", "consent"))]
        return "contact.set", data

    def _preference(self) -> What:
        what: dict[str, Any] = {}
        if not self.one_in(6):
            what["what"] = self.pick(("do_not_disturb", "play-0", "play-1", "first", "sms", "mail"))
        if self.one_in(2):
            return "preference.cleared", what
        if self.one_in(3):
            what["scope"] = self.pick(("visit", "visit", "forever"))
        if self.one_in(2):
            what["until"] = self.grid.instant(range(1, 30))
        return "preference.set", what

    def _failed_later(self, among: Sequence[dict[str, Any]]) -> tuple[int, int, str, dict[str, Any]]:
        return self._timed(self._failure(among), at=self.grid.instant(range(4, 60)))

    def _failure(self, among: Sequence[dict[str, Any]] = ()) -> What:
        """A receipt for a message that may have been sent: its name can be told beforehand."""
        play = self.pick(among or self.plays)
        step = self.pick(play["steps"])
        says = next(step[word] for word in words.ACTIONS if word in step)
        parts = [self.pick({"k1": ("A", "B"), "k2": ("1", "2")}[name]) for name in as_list(play.get("key"))]
        lane = parts[0] if len(parts) == 1 else json.dumps(parts, separators=(",", ":")) if parts else ""
        place = f"{self.pick((0, 0, 1, 2, 3))}|{says}|{self.pick((0, 0, 0, 1))}"
        how = self.pick(("message.failed", "message.failed", "message.withdrawn"))
        return how, {"message": f"{self.customer}|{play['play']}|{lane}|{place}"}

    def _value(self, name: str) -> Any:
        if name == "day":
            day = date.fromisoformat(self.grid.day(range(0, 30)))
            return (day + timedelta(days=self.pick((0, 0, 1)))).isoformat()
        if name == "moment":
            return self.grid.instant(range(0, 30))
        if name == "v":
            return self.pick((0, 1, 2, 3, 4, 5))
        return self.pick({"k1": ("A", "B"), "k2": (1, 2.0), "w": ("x", "y", "z")}[name])
