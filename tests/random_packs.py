"""Random packs and logs, small and spiteful: one seed is one case.

All times lie on a coarse grid, so that deadlines, window edges, quiet hours and ties are met to the
microsecond far more often than in life. Every word of the trigger language turns up.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import msgspec
from naive import alphabet as words

from peakend.model.event import Event
from peakend.model.pack import Fact, Journey, Pack, PackFile, Play
from peakend.when import DAY, HOUR, zone

T = TypeVar("T")


@dataclass
class Case:
    """One customer's case: the pack as it was drawn and as typed values, the log, and the tick at its end."""

    seed: int
    drawn: dict[str, Any]
    pack: Pack
    events: list[Event]
    until: int | None


def make_case(seed: int) -> Case:
    """Draw the case of a seed; the same seed gives the same case for ever."""
    return _Draw(seed).case()


def typed(drawn: dict[str, Any]) -> Pack:
    """The drawn pack as typed values."""
    return Pack(
        root="random",
        head=msgspec.convert(drawn["head"], PackFile),
        journeys={"main": msgspec.convert(drawn["journey"], Journey)},
        facts=msgspec.convert(drawn["facts"], dict[str, Fact]),
        plays={play["play"]: msgspec.convert(play, Play) for play in drawn["plays"]},
    )


class _Draw:
    """All choices of one case, from one seeded source."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        self.zone = self.pick(words.ZONES)
        self.step = self.pick((HOUR, HOUR, 2 * HOUR, 6 * HOUR, DAY, DAY, 30 * DAY))
        self.start = zone(self.zone).at_wall(self.pick(words.DAYS), 60 * self.pick((0, 2, 9, 12)))
        self.max_age = self.step * self.pick((1, 3, 5, 100))
        self.storm = self.one_in(3)  # many runs and many sends, so that caps and gathering have work
        self.texts = 0
        self.declared: dict[str, dict[str, str]] = {}
        self.points: dict[str, dict[str, Any]] = {}

    def pick(self, choices: Sequence[T]) -> T:
        return self.random.choice(choices)

    def one_in(self, n: float) -> bool:
        return self.random.random() * n < 1

    def span(self, *counts: int) -> str:
        """An elapsed duration of a few steps of the grid."""
        return f"PT{self.pick(counts or (1, 1, 2, 3, 5, 8)) * self.step // HOUR}H"

    def calendar_span(self, *counts: int) -> str:
        """A duration of some steps, elapsed or on the calendar."""
        count = self.pick(counts or (0, 1, 1, 2, 3, 5))
        if self.step % DAY == 0 and not self.one_in(3):
            days = count * self.step // DAY
            return f"P{count}M" if days >= 30 and self.one_in(2) else f"P{days}D"
        return f"P{self.pick((0, 1, 2))}D" if self.one_in(3) else f"PT{count * self.step // HOUR}H"

    def case(self) -> Case:
        self.declared = {kind: self._declare() for kind in words.KINDS}
        journey = self._journey()
        self.points = journey["touchpoints"]
        drawn = {
            "head": self._head(),
            "facts": {"f0": self._fact("count"), "f1": self._fact(self.pick(words.TAKES))},
            "journey": journey,
            "plays": [self._play(f"play-{n}") for n in range(self.pick((1, 1, 2, 2, 3)))],
        }
        events = self._log()
        last = max((event.seen for event in events), default=self.start)
        until = None if self.one_in(10) else last + self.step * self.pick((0, 1, 5, 20, 60))
        return Case(self.seed, drawn, typed(drawn), events, until)

    def _declare(self) -> dict[str, str]:
        fields = {name: kind for name, kind in words.FIELDS.items() if not self.one_in(5)}
        return fields | {name: words.FIELDS[name] for name in ("v", "w", "day")}

    def _head(self) -> dict[str, Any]:
        policy: dict[str, Any] = {"max_age": f"PT{self.max_age // HOUR}H"}
        if self.one_in(2):
            holidays = {"holidays": "office"} if self.one_in(3) else {}
            policy["quiet_hours"] = self.pick(words.QUIET) | holidays
        if self.one_in(3):
            policy["moment"] = self.pick(("open('first')", "open('first') or customer.tier = 'gold'"))
        if not self.one_in(3):
            policy["caps"] = [self._cap() for _ in range(self.pick((1, 2, 3)))]
        if self.one_in(4):
            policy["holdout"] = "40%"
        zone_rule = {"type": "zone", "from": "customer.updated.zone"}
        tier = {"type": "text", "from": "customer.updated.tier"}
        return {
            "pack": "random",
            "title": {"en": "Random"},
            "zone": self.zone,
            "customer": {"tier": tier | ({"else": "gold"} if self.one_in(3) else {}), "zone": zone_rule},
            "roles": ["owner", "buyer"],
            "events": self.declared,
            "calendars": {"office": self._office()},
            "policy": policy,
            "grace": {"slow": self.span(1, 2)} if self.one_in(3) else {},
        }

    def _office(self) -> dict[str, Any]:
        off = sorted({self._day(range(0, 8)) for _ in range(2)})
        week = {"mon-fri": ["09:00-12:00", "13:00-17:00"], "sat": ["10:00-12:00"]}
        return {"week": week, "off": off, "years": sorted({int(day[:4]) for day in off})}

    def _cap(self) -> dict[str, Any]:
        class_ = self.pick(("total", "total", "service", "care", "care", "ask", "marketing"))
        within = "day" if self.one_in(3) else self.span(1, 2, 3, 5, 8)
        return {"class": class_, "at_most": self.pick((1, 1, 1, 2, 3)), "within": within}

    def _fact(self, take: str) -> dict[str, Any]:
        rule: dict[str, Any] = {"of": self._kinds(2), "take": take}
        if take not in ("count", "days_since"):
            rule["field"] = "v"
        if self.one_in(2):
            rule["within"] = self.span(2, 3, 5, 8)
        if self.one_in(3):
            rule["where"] = self.pick(("v > 1", "w = 'x'"))
        return rule

    def _kinds(self, most: int = 1) -> list[str]:
        return self.random.sample(words.KINDS, self.random.randint(1, most))

    def _journey(self) -> dict[str, Any]:
        points = {"first": self._touchpoint("first"), "second": self._touchpoint("second")}
        stages = [{"id": "explore", "title": {"en": "Explore"}}]
        return {"journey": "main", "stages": stages, "touchpoints": points}

    def _touchpoint(self, name: str) -> dict[str, Any]:
        point: dict[str, Any] = {"title": {"en": name}, "stage": "explore"}
        if name == "second" and self.one_in(3):
            return point
        begins, ends = self.random.sample(words.KINDS, 2)
        rule: dict[str, Any] = {"begins": begins, "ends": [ends]}
        if self.one_in(6):
            rule["begins"] = [begins, self.pick(words.KINDS)]
        if self.one_in(6):
            rule["ends"] = self._kinds(2)
        if not self.one_in(3):
            rule["key"] = self.pick([name for name in ("k1", "k2") if name in self.declared[begins]] or ["w"])
        if self.one_in(4):
            rule["where"] = self.pick(("v > 1", "w = 'x'"))
        rule["lasts_at_most"] = self.span(3, 8, 15)
        rule["settles"] = self.span(0, 1, 3, 5)
        point["encounter"] = rule
        if self.one_in(2):
            point["rating"] = "talk.rated.v"
        names = [f"{name}-{n}" for n in range(self.pick((0, 1, 1, 2)))]
        point["standards"] = {standard: self._standard(begins, ends) for standard in names}
        judged = [f"breached('{s}')" for s in names] + ["count('order.lost') >= 1", "rating <= 2"]
        praised = [f"exceeded('{s}', 0.5)" for s in names] + [f"kept('{s}')" for s in names]
        point["miserable"] = " or ".join(self.random.sample(judged, self.pick((1, 2))))
        point["magical"] = self.pick([*praised, "rating >= 4"])
        return point

    def _standard(self, begins: str, ends: str) -> dict[str, Any]:
        rule: dict[str, Any] = {
            "from": begins if not self.one_in(6) else self.pick(words.KINDS),
            "to": ends if self.one_in(2) else self._kinds(2),
            "within": self.span(1, 2, 3, 5),
        }
        if self.one_in(2):
            rule["pauses"], rule["resumes"] = self.random.sample(words.KINDS, 2)
        if self.one_in(3):
            rule["calendar"] = "office"
        if self.one_in(4):
            rule["where"] = self.pick(("v > 1", "w = 'x'"))
        if self.one_in(6):
            rule[self.pick(("since", "until"))] = self._day(range(0, 4))
        return rule

    def _play(self, name: str) -> dict[str, Any]:
        on = self._kinds(2)
        if self.one_in(5):
            on = [self.pick(("encounter.closed", "encounter.settled", "standard.breached"))]
        play: dict[str, Any] = {
            "play": name,
            "touchpoint": self.pick(("first", "second")),
            "class": self.pick(words.CLASSES),
            "on": on,
            "steps": [],
        }
        derived = "." in on[0] and on[0] not in words.KINDS
        if derived and self.one_in(2):
            play["where"] = "touchpoint = 'first'"
        elif self.one_in(10 if self.storm else 3):
            play["where"] = self.pick(words.CONDITIONS)
        if self.one_in(4 if self.storm else 2):
            play["key"] = self.pick(("k1", ["k1"], ["k2"], ["k1", "k2"]))
        for chance, word, draw in (
            (
                20 if self.storm else 4,
                "count",
                lambda: {"at_least": self.pick((1, 2, 2, 3)), "within": self.span(2, 3, 5)},
            ),
            (1.3, "again", lambda: self.pick(("every",) if self.storm else words.AGAIN)),
            (20 if self.storm else 4, "cool_down", lambda: self.span(1, 2, 3, 5)),
            (4, "updates", lambda: self._kinds(2)),
            (5, "while", lambda: self.pick(words.CONDITIONS)),
            (3, "priority", lambda: self.pick((-1, 1, 5))),
            (6, "holdout", lambda: "50%"),
            (6, "holdout_unit", lambda: "w"),
            (6, "salt", lambda: "2"),
            (4, "gather", lambda: {"within": self.span(0, 1, 2)}),
            (1.5 if self.storm else 3, "capped", lambda: {"defer": self.span(1, 3, 8, 15)}),
            (3, "stays", lambda: self.span(0, 1, 2, 8)),
            (5, "goal", lambda: {"event": self.pick(words.KINDS), "within": self.span(3, 8)}),
            (3, "to", self._recipient),
            (5, "unless", self._unless),
        ):
            if self.one_in(chance):
                play[word] = draw()
        play["urgent"] = play["class"] in ("mandatory", "service") and self.one_in(4)
        if self.one_in(2):
            play["exits"] = [self._exit(n) for n in range(self.pick((1, 1, 2)))]
        play["steps"] = [self._step(play) for _ in range(self.pick((1, 1, 2, 3)))]
        return play

    def _recipient(self) -> dict[str, str]:
        return (
            {"role": "owner", "else": "buyer"} if self.one_in(2) else {"role": self.pick(("owner", "buyer"))}
        )

    def _unless(self) -> Any:
        return (
            self.pick(words.KINDS)
            if self.one_in(2)
            else {"on": self._kinds(2), "where": self.pick(words.CONDITIONS)}
        )

    def _exit(self, number: int) -> dict[str, Any]:
        way: dict[str, Any] = {"on": self._kinds(2), "as": self.pick(("success", "stopped", f"way-{number}"))}
        if self.one_in(6):
            way["on"] = [self.pick(("encounter.closed", "encounter.settled", "standard.breached"))]
        elif self.one_in(3):
            way["where"] = self.pick(words.CONDITIONS)
        if self.one_in(2):
            way["then"] = [self._then() for _ in range(self.pick((1, 1, 2)))]
        return way

    def _then(self) -> dict[str, Any]:
        due = {"after": self.calendar_span(0, 0, 1, 2)}
        if self.one_in(4):
            due["at"] = self.pick(words.CLOCKS)
        return {"due": due} | self._action()

    def _action(self) -> dict[str, Any]:
        self.texts += 1
        word = self.pick(("say", "say", "say", "ask", "give", "card", "task"))
        step: dict[str, Any] = {word: f"text-{self.texts}"}
        if word in ("say", "ask", "give"):
            through = self.pick((["sms"], ["mail"], ["sms", "mail"], ["mail", "sms"], ["sms", "console"]))
            if not self.one_in(6):
                step["through"] = {"all": through} if self.one_in(4) else through
        if self.one_in(6):
            step["where"] = self.pick(words.CONDITIONS)
        if self.one_in(3):
            step["expires"] = self.span(0, 1, 2, 5)
        if self.one_in(5):
            step["extra"] = True
        if self.one_in(5):
            step["class"] = self.pick(words.CLASSES)
        if self.one_in(6):
            step["holdout"] = "50%"
        return step

    def _step(self, play: dict[str, Any]) -> dict[str, Any]:
        due: dict[str, Any] = {}
        step: dict[str, Any] = {"due": due} | self._action()
        how = self.random.random()
        standards = list(self.points[play["touchpoint"]].get("standards", {}))
        if how < (0.9 if self.storm else 0.5):
            due["after"] = self.calendar_span()
        elif how < (0.97 if self.storm else 0.8):
            due["before"] = self.pick(("day", "day", "moment"))
        elif how < 0.87 or not standards:
            due["yearly"] = "day"
        else:
            due["before_breach_of"] = self.pick(standards)
            due["by"] = self.span(0, 1, 1, 2)
        if ("before" in due or "yearly" in due) and not self.one_in(4):
            due["by"] = self.calendar_span(0, 1, 1, 2)
        if self.one_in(3) and "before_breach_of" not in due:
            due["at"] = self.pick(words.CLOCKS)
        if self.one_in(8) and "before_breach_of" not in due:
            step["on_day"] = self.pick(
                (self.pick(words.WEEK), list(self.random.sample(words.WEEK, 2)), 1, 15, 31)
            )
        if "after" in due and self.one_in(3):
            step["repeat"] = {"every": self.calendar_span(1, 1, 2), "times": self.pick((1, 2, 3, 5))}
            if step["repeat"]["every"] == "P0D":
                step["repeat"]["every"] = "P1D"
            if self.one_in(2):
                step["repeat"]["until"] = self._kinds(2)
        elif self.one_in(3):
            step["catch_up"] = self.span(1, 2, 5)
        return step

    def _day(self, places: Sequence[int]) -> str:
        moment = self.start + self.pick(places) * self.step
        return zone(self.zone).local(moment).date().isoformat()

    def _log(self) -> list[Event]:
        customer = f"c{self.random.randrange(1000)}"
        known = [draw for draw in (self._contact, self._contact, self._contact) if not self.one_in(3)]
        if self.one_in(1.5 if self.storm else 4):
            known = []
        count = self.pick((3, 6, 10, 15, 20, 30))
        drawn = [self._at(draw(), at=self.start) for draw in known]
        drawn += [self._at(self._happening(bool(known))) for _ in range(count)]
        self.random.shuffle(drawn)
        drawn.sort(key=lambda found: found[1])
        return [
            Event(customer, kind, at, seen, seq, data, source=self.pick(("", "", "slow")), id=str(seq))
            for seq, (at, seen, kind, data) in enumerate(drawn, start=1)
        ]

    def _at(
        self, what: tuple[str, dict[str, Any]], at: int | None = None
    ) -> tuple[int, int, str, dict[str, Any]]:
        if at is None:
            at = self.start + self.pick(range(0, 14 if self.storm or self.one_in(3) else 40)) * self.step
            at += self.pick((0,) * 12 + (1, -1, HOUR // 2))
        delay = self.pick((0,) * 7 + (self.step, 2 * self.step, self.max_age, self.max_age + self.step))
        return at, at + delay, *what

    def _happening(self, contacts: bool) -> tuple[str, dict[str, Any]]:
        which = self.random.random()
        if self.storm:
            which += 0.1
        if which < 0.08:
            return "customer.updated", {"tier": self.pick(("gold", "tin"))}
        if which < 0.14:
            return "customer.updated", {"zone": self.pick(words.ZONES)}
        if which < 0.2 and contacts:
            return self._contact()
        if which < 0.24 and contacts:
            return self.pick(("consent.given", "consent.withdrawn")), {
                "what": self.pick(("marketing", "marketing", "sms")),
                "source": "form",
            }
        if which < 0.3:
            return self._preference()
        kind = self.pick(words.KINDS)
        return kind, {name: self._value(name) for name in self.declared[kind] if not self.one_in(16)}

    def _contact(self) -> tuple[str, dict[str, Any]]:
        contact, role = self.pick((("ann", "owner"), ("bob", "buyer"), ("cat", "owner")))
        channel = self.pick(("sms", "mail"))
        if self.one_in(8):
            return "contact.removed", {"contact": contact, "channel": channel}
        agreed = not self.one_in(4)
        data = {"contact": contact, "role": role, "channel": channel, "address": "x", "consent": agreed}
        return "contact.set", data

    def _preference(self) -> tuple[str, dict[str, Any]]:
        what = self.pick(("do_not_disturb", "play-0", "play-1", "first", "sms", "mail"))
        if self.one_in(2):
            return "preference.cleared", {"what": what}
        until = self.start + self.pick(range(1, 30)) * self.step
        return "preference.set", {"what": what} | ({"until": until} if self.one_in(2) else {})

    def _value(self, name: str) -> Any:
        if name == "day":
            day = zone(self.zone).local(self.start + self.pick(range(0, 30)) * self.step).date()
            return (day + timedelta(days=self.pick((0, 0, 1)))).isoformat()
        if name == "moment":
            return self.start + self.pick(range(0, 30)) * self.step
        if name == "v":
            return self.pick((0, 1, 2, 3, 4, 5))
        return self.pick({"k1": ("A", "B"), "k2": (1, 2.0), "w": ("x", "y", "z")}[name])
