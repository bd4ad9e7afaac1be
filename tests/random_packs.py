"""Random packs and logs, small and spiteful: one seed is one case.

All times lie on a coarse grid, so that deadlines, window edges, quiet hours and ties are met to the
microsecond far more often than in life. Every word of the trigger language turns up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from naive import alphabet as words
from naive.grid import Grid
from random_logs import draw_log

from peakend.model.event import Event
from peakend.model.pack import Fact, Journey, Pack, PackFile, Play
from peakend.when import HOUR


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
    return Draw(seed).case()


def typed(drawn: dict[str, Any]) -> Pack:
    """The drawn pack as typed values."""
    return Pack(
        root="random",
        head=msgspec.convert(drawn["head"], PackFile),
        journeys={"main": msgspec.convert(drawn["journey"], Journey)},
        facts=msgspec.convert(drawn["facts"], dict[str, Fact]),
        plays={play["play"]: msgspec.convert(play, Play) for play in drawn["plays"]},
    )


class Draw(Grid):
    """All choices of one case, from one seeded source."""

    def __init__(self, seed: int, budgeted: bool = False) -> None:
        super().__init__(seed)
        self.seed = seed
        self.texts = 0
        self.budgeted = budgeted or self.one_in(3)
        self.declared: dict[str, dict[str, str]] = {}
        self.points: dict[str, dict[str, Any]] = {}

    def case(self) -> Case:
        drawn = self.draw()
        events = draw_log(self, self.declared, drawn["plays"], f"c{self.random.randrange(1000)}")
        last = max((event.seen for event in events), default=self.start)
        until = None if self.one_in(10) else last + self.step * self.pick((0, 1, 5, 20, 60))
        return Case(self.seed, drawn, typed(drawn), events, until)

    def draw(self) -> dict[str, Any]:
        """The files of a pack."""
        self.declared = {kind: self._declare() for kind in words.KINDS}
        journey = self._journey()
        self.points = journey["touchpoints"]
        return {
            "head": self._head(),
            "facts": {"f0": self._fact("count"), "f1": self._fact(self.pick(words.TAKES))},
            "journey": journey,
            "plays": [self._play(f"play-{n}") for n in range(self.pick((1, 1, 2, 2, 3)))],
        }

    def _declare(self) -> dict[str, str]:
        fields = {name: kind for name, kind in words.FIELDS.items() if not self.one_in(5)}
        return fields | {name: words.FIELDS[name] for name in ("v", "w", "day")}

    def _head(self) -> dict[str, Any]:
        policy: dict[str, Any] = {"max_age": f"PT{self.max_age // HOUR}H"}
        if self.one_in(2):
            holidays = {"holidays": self.pick(("office", True))} if self.one_in(3) else {}
            policy["quiet_hours"] = self.pick(words.QUIET) | holidays
        if self.one_in(3):
            policy["moment"] = self.pick(("open('first')", "open('first') or customer.tier = 'gold'"))
        if not self.one_in(3):
            policy["caps"] = [self._cap() for _ in range(self.pick((1, 2, 3)))]
        if self.one_in(4):
            policy["holdout"] = "40%"
        if self.budgeted:
            policy["budgets"] = {name: self._budget() for name in words.BUDGETS}
        attributes: dict[str, dict[str, Any]] = {
            "tier": {"type": "text", "from": "customer.updated.tier"},
            "zone": {"type": "zone", "from": "customer.updated.zone"},
            "size": {"type": "number", "from": f"{self.pick(words.KINDS)}.v"},
        }
        for name, known in (("tier", "gold"), ("zone", self.pick(words.ZONES)), ("size", 3)):
            if self.one_in(4):
                attributes[name]["else"] = known
        return {
            "pack": "random",
            "title": {"en": "Random"},
            "zone": self.zone,
            "customer": attributes,
            "roles": ["owner", "buyer"],
            "events": self.declared,
            "calendars": {"office": self._office()},
            "policy": policy,
            "grace": {"slow": self.span(1, 2)} if self.one_in(3) else {},
        }

    def _office(self) -> dict[str, Any]:
        off = sorted({self.day(range(0, 8)) for _ in range(2)})
        week = {"mon-fri": ["09:00-12:00", "13:00-17:00"], "sat": ["10:00-12:00"]}
        return {"week": week, "off": off, "years": sorted({int(day[:4]) for day in off})}

    def _budget(self) -> dict[str, Any]:
        return {"per": self.pick(("day", "day", "month", "year")), "at_most": self.pick((0, 0.3, 3, 5, 10))}

    def _cap(self) -> dict[str, Any]:
        class_ = self.pick(("total", "total", "service", "care", "care", "ask", "marketing"))
        within = "day" if self.one_in(3) else self.span(1, 2, 3, 5, 8)
        return {"class": class_, "at_most": self.pick((1, 1, 1, 2, 3)), "within": within}

    def _fact(self, take: str) -> dict[str, Any]:
        rule: dict[str, Any] = {"of": self.kinds(2), "take": take}
        if take not in ("count", "days_since"):
            rule["field"] = "v"
        if self.one_in(2):
            rule["within"] = self.span(2, 3, 5, 8)
        if self.one_in(3):
            rule["where"] = self.pick(("v > 1", "w = 'x'"))
        return rule

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
            rule["ends"] = self.kinds(2)
        if not self.one_in(3):
            rule["key"] = self.pick([name for name in ("k1", "k2") if name in self.declared[begins]] or ["w"])
        if self.one_in(4):
            rule["where"] = self.pick(("v > 1", "w = 'x'"))
        if self.one_in(3):
            rule["reopens"] = self.kinds(2)
        if self.one_in(3):
            rule["updates"] = self.kinds(3)
        rule["lasts_at_most"] = self.span(3, 8, 15)
        rule["settles"] = self.span(0, 1, 3, 5)
        point["encounter"] = rule
        if self.one_in(2):
            point["rating"] = "talk.rated.v"
        names = [f"{name}-{n}" for n in range(self.pick((0, 1, 1, 2)))]
        point["standards"] = {
            standard: self._standard(begins, ends, asked="updates" in rule) for standard in names
        }
        judged = [f"breached('{s}')" for s in names] + ["count('order.lost') >= 1", "rating <= 2"]
        praised = [f"exceeded('{s}', 0.5)" for s in names] + [f"kept('{s}')" for s in names]
        point["miserable"] = " or ".join(self.random.sample(judged, self.pick((1, 2))))
        point["magical"] = self.pick([*praised, "rating >= 4"])
        return point

    def _standard(self, begins: str, ends: str, asked: bool) -> dict[str, Any]:
        rule: dict[str, Any] = {
            "from": begins if not self.one_in(6) else self.pick(words.KINDS),
            "to": ends if self.one_in(2) else self.kinds(2),
        }
        dates = [name for name in ("day", "moment") if name in self.declared[rule["from"]]]
        rule |= {"by": self.pick(dates)} if self.one_in(5) else self._within()
        if self.one_in(1.3 if asked else 4):
            rule["where"] = self.pick(("v > 1", "w = 'x'"))
        if self.one_in(6):
            rule[self.pick(("since", "until"))] = self.day(range(0, 4))
        return rule

    def _within(self) -> dict[str, Any]:
        """A promise of some hours or working days, on a clock that may be paused."""
        rule: dict[str, Any] = {"within": self.span(1, 2, 3, 5)}
        if self.one_in(2):
            rule["pauses"], rule["resumes"] = self.random.sample(words.KINDS, 2)
        if self.one_in(3):
            rule["calendar"] = "office"
            if self.one_in(3):
                rule["within"] = self.pick(("P1D", "P2D", "P5D"))
        return rule

    def _play(self, name: str) -> dict[str, Any]:
        on = self.kinds(2)
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
            play["where"] = f"touchpoint = '{play['touchpoint']}'"
        elif self.one_in(10 if self.storm else 3):
            play["where"] = self._condition(play)
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
            (4, "updates", lambda: self.kinds(2)),
            (5, "while", lambda: self._condition(play)),
            (3, "priority", lambda: self.pick((-1, 1, 5))),
            (6, "holdout", lambda: "50%"),
            (5, "holdout_unit", lambda: self.pick(("w", "customer", "customer.tier", "customer.size"))),
            (6, "salt", lambda: "2"),
            (4, "gather", lambda: {"within": self.span(0, 1, 2)}),
            (1.5 if self.storm else 3, "capped", lambda: {"defer": self.span(1, 3, 8, 15)}),
            (3, "stays", lambda: self.span(0, 1, 2, 8)),
            (5, "goal", lambda: {"event": self.pick(words.KINDS), "within": self.span(3, 8)}),
            (3, "to", self._recipient),
            (5, "unless", lambda: self._unless(play)),
            (3, "if_unreached", lambda: {"card": self.pick(("call", "call", "text-1")), "role": "desk"}),
        ):
            if self.one_in(chance):
                play[word] = draw()
        play["urgent"] = play["class"] in ("mandatory", "service") and self.one_in(4)
        if self.one_in(2):
            play["exits"] = [self._exit(play, n) for n in range(self.pick((1, 1, 2)))]
        play["steps"] = [self._step(play) for _ in range(self.pick((1, 1, 2, 3)))]
        return play

    def _recipient(self) -> dict[str, str]:
        return (
            {"role": "owner", "else": "buyer"} if self.one_in(2) else {"role": self.pick(("owner", "buyer"))}
        )

    def _condition(self, play: dict[str, Any]) -> str:
        """A condition of a play, now and then about the encounter at hand."""
        point = self.points[play["touchpoint"]]
        if "encounter" not in point or not self.one_in(3):
            return self.pick(words.CONDITIONS)
        of_any = [text.format(self.pick(words.KINDS)) for text in words.COUNTED]
        of_standard = [text.format(name) for name in point["standards"] for text in words.MEASURED]
        return self.pick([*of_any, *of_standard])

    def _unless(self, play: dict[str, Any]) -> Any:
        return (
            self.pick(words.KINDS)
            if self.one_in(2)
            else {"on": self.kinds(2), "where": self._condition(play)}
        )

    def _exit(self, play: dict[str, Any], number: int) -> dict[str, Any]:
        way: dict[str, Any] = {"on": self.kinds(2), "as": self.pick(("success", "stopped", f"way-{number}"))}
        if self.one_in(6):
            way["on"] = [self.pick(("encounter.closed", "encounter.settled", "standard.breached"))]
        if self.one_in(3):
            way["where"] = self._condition(play)
        if self.one_in(2):
            way["then"] = [self._then(play) for _ in range(self.pick((1, 1, 2)))]
        return way

    def _then(self, play: dict[str, Any]) -> dict[str, Any]:
        due = {"after": self.calendar_span(0, 0, 1, 2)}
        if self.one_in(5):
            due = {"before": self.pick(("day", "moment")), "by": self.calendar_span(0, 1, 1, 2)}
        if self.one_in(4):
            due["at"] = self.pick(words.CLOCKS)
        step = {"due": due} | self._action(play)
        if self.one_in(6):
            step["catch_up"] = self.span(1, 2, 5)
        return step

    def _action(self, play: dict[str, Any]) -> dict[str, Any]:
        self.texts += not (self.texts and self.one_in(8))  # now and then the same text twice
        word = self.pick(("say", "say", "say", "ask", "give", "card", "task"))
        step: dict[str, Any] = {word: f"text-{self.texts}"}
        if word in ("say", "ask", "give"):
            through = self.pick((["sms"], ["mail"], ["sms", "mail"], ["mail", "sms"], ["sms", "console"]))
            if not self.one_in(6):
                step["through"] = {"all": through} if self.one_in(4) else through
        if self.one_in(6):
            step["where"] = self._condition(play)
        if self.one_in(3):
            step["expires"] = self.span(0, 1, 2, 5)
        if self.one_in(5):
            step["extra"] = True
        if self.one_in(5):
            step["class"] = self.pick(words.CLASSES)
        if self.one_in(6):
            step["holdout"] = "50%"
        if self.budgeted and self.one_in(2):
            step |= {"amount": self.pick((0.1, 1, 2, 3, "v")), "budget": self.pick(words.BUDGETS)}
        return step

    def _step(self, play: dict[str, Any]) -> dict[str, Any]:
        due: dict[str, Any] = {}
        step: dict[str, Any] = {"due": due} | self._action(play)
        how = self.random.random()
        standards = list(self.points[play["touchpoint"]].get("standards", {}))
        if how < (0.9 if self.storm else 0.5):
            due["after"] = self.calendar_span()
        elif how < (0.97 if self.storm else 0.8):
            due["before"] = self.pick(("day", "day", "moment"))
        elif how < 0.87 or not standards:
            due["yearly"] = self.pick(("day", "day", "moment"))
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
        if "yearly" not in due and self.one_in(3 if "after" in due else 6):
            step["repeat"] = {"every": self.calendar_span(1, 1, 2), "times": self.pick((1, 2, 3, 5))}
            if step["repeat"]["every"] == "P0D":
                step["repeat"]["every"] = "P1D"
            if self.one_in(2):
                step["repeat"]["until"] = self.kinds(2)
        if "after" not in due and self.one_in(3):
            step["catch_up"] = self.span(1, 2, 5)
        return step
