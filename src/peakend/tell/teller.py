"""The one teller: what the fold concluded about a customer, each thing with its instant and its sentence.

The terminal prints what it tells and the page dresses it; neither has sentences of its own about a verdict.
It tells what is there and decides nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from peakend.model.event import JOINED, Event
from peakend.model.outcome import (
    Breached,
    Encountered,
    Ended,
    Entered,
    Exposed,
    Merged,
    Output,
    Passed,
    Regretted,
    Unmet,
    Verdict,
)
from peakend.model.pack import Pack, Play, Step
from peakend.model.parts import as_list
from peakend.model.vocabulary import fact_type, fields_of, steps_of
from peakend.tell.catalogue import (
    CHANNELS,
    HOW_ENDED,
    NOT_STARTED,
    ROLES,
    STATES,
    TALES,
    WHY_HELD,
    WHY_NOT,
    YES_NO,
)
from peakend.tell.names import Names
from peakend.tell.said import Said, Value, fill, listed
from peakend.tell.spans import elapsed
from peakend.when import DAY, SECOND, spans_of_years, zone

_MOST_DATA = 4


class Told(NamedTuple):
    """One thing that happened or did not: when it was known, of which play ('' for none), how it counts.

    `weight` is event, run, not, often, near, send, hold, suppress, regret, breach, magical, neutral or
    miserable. `key` is the business key of the run, '' where there is none.
    """

    instant: int
    play: str
    weight: str
    said: Said
    key: str = ""


class Teller:
    """Tells events and outputs in the words of one pack and in its zone.

    With `codes` the code of a kind stands behind its name, for whoever looks it up in the pack.
    """

    def __init__(self, pack: Pack, *, codes: bool = False) -> None:
        self.names = Names(pack)
        self._codes = codes
        self._pack = pack
        self._zone = zone(pack.head.zone)

    def moment(self, instant: int) -> str:
        """Return an instant as the pack's wall clock shows it, with seconds only where there are any."""
        local = self._zone.local(instant)
        return local.strftime("%Y-%m-%d %H:%M:%S" if local.second else "%Y-%m-%d %H:%M")

    def named(self, told: Told) -> Said:
        """Return a sentence with the name of its play and its key, for where several plays stand together."""
        if not told.play:
            return told.said
        tale = "of_play_for" if told.key else "of_play"
        return fill(
            TALES[tale],
            play=self.names.play(told.play),
            key=self._key(told.play, told.key),
            said=told.said,
        )

    def event(self, event: Event) -> Told:
        """Tell what came in, with the first of its data."""
        types = fields_of(self._pack, event.kind)
        known = [
            self._datum(name, value, types.get(name))
            for name, value in event.data.items()
            if value is not None
        ]
        tale = "event_with" if known else "event"
        data = listed(known[:_MOST_DATA])
        return self._told(event.seen, "", "event", tale, kind=self._kind(event.kind), data=data)

    def passed(self, passed: Passed, event: Event | None) -> Told:
        """Tell why an event started nothing, with the play's condition and what the event said of it."""
        where = self._pack.plays[passed.play].where
        words: dict[str, Value] = {"why": self.names.of(passed.reason, NOT_STARTED)}
        tale = "passed"
        if passed.unmet:
            told = [self._unmet(passed.kind, one) for one in passed.unmet]
            tale = "passed_unmet"
            words["unmet"] = Said("；".join(one.zh for one in told), "; ".join(one.en for one in told))
        elif passed.reason in ("where_false", "where_unknown") and where:
            types = fields_of(self._pack, passed.kind)
            named = [name for name in re.findall(_FIELD, where) if name in types]
            data = event.data if event else {}
            known = [self._datum(name, data.get(name), types[name]) for name in dict.fromkeys(named)]
            tale = "passed_with" if known and event else "passed_where"
            words |= {"where": " ".join(where.split()), "data": listed(known)}
        kind = self._kind(passed.kind)
        return self._told(passed.seen, passed.play, "not", tale, passed.key, kind=kind, **words)

    def passed_often(self, passed: Sequence[Passed]) -> Told:
        """Tell in one sentence how often events started nothing in one play, and why."""
        reasons = Counter(one.reason for one in passed).most_common()
        told = [
            fill(TALES["times"], why=self.names.of(reason, NOT_STARTED), n=number)
            for reason, number in reasons
        ]
        last = passed[-1]
        return self._told(last.seen, last.play, "often", "passed_often", n=len(passed), reasons=listed(told))

    def without_days(self, calendar: str, years: Iterable[int]) -> Said:
        """Tell that a calendar was asked about years whose days off it does not know."""
        return fill(
            TALES["without_days"], calendar=self.names.calendar(calendar), years=spans_of_years(years)
        )

    def output(self, output: Output) -> list[Told]:
        """Tell one output of the fold; the end of a run also tells what it spared."""
        match output:
            case Verdict():
                return [self._verdict(output)]
            case Ended():
                return [self._ended(output), *(self._spared(output, *spared) for spared in output.pending)]
            case Breached() | Encountered():
                return [self._encounter(output)]
            case Merged():
                return [self._told(output.instant, "", "run", "merged", name=output.former)]
            case _:
                return [self._run(output)]

    def _verdict(self, verdict: Verdict) -> Told:
        words: dict[str, Value] = {"step": self.names.of(verdict.step)}
        tale: str = verdict.outcome
        if verdict.outcome == "send":
            who = self._who(verdict)
            words["who"] = who or ""
            words["channels"] = self.names.all(verdict.channels, CHANNELS)
            way = "_unreached" if _is_last_resort(self._pack.plays[verdict.play], verdict.step) else ""
            tale = f"send{way}{'_to' if who else ''}{'_by' if verdict.channels else ''}"
        else:
            reasons = {**WHY_NOT, **WHY_HELD} if verdict.outcome == "hold" else WHY_NOT
            words |= {"why": self.names.of(verdict.reason, reasons), "until": self.moment(verdict.until)}
        return self._told(verdict.instant, verdict.play, verdict.outcome, tale, verdict.key, **words)

    def _who(self, verdict: Verdict) -> Said | None:
        """Whom a step reaches: the contact, where the log knows one, else the role that is asked for."""
        if verdict.contact:
            return fill(TALES["contact"], contact=verdict.contact)
        play = self._pack.plays[verdict.play]
        step = _step(play.play, verdict.step, self._pack)
        if step is not None and step.action in ("card", "task"):
            role = step.role or ""
        else:
            role = play.to.role if play.to else ""
        return self.names.of(role, ROLES) if role else None

    def _ended(self, ended: Ended) -> Told:
        words = {"how": self.names.of(ended.how, HOW_ENDED), "kind": self._kind(ended.kind)}
        tale = "ended" if ended.kind not in ("", JOINED) else "ended_self"
        return self._told(ended.seen, ended.play, "run", tale, ended.key, **words)

    def _spared(self, ended: Ended, step: str, due: int) -> Told:
        ahead = due - ended.seen
        tale = "overdue" if ahead < 0 else "same" if ahead < SECOND else "near" if ahead < DAY else "spared"
        return self._told(
            ended.seen,
            ended.play,
            "near" if tale in ("near", "same") else "not",
            tale,
            ended.key,
            step=self.names.of(step),
            due=self.moment(due),
            kind=self._kind(ended.kind),
            span=elapsed(ahead),
        )

    def _run(self, output: Entered | Passed | Regretted | Exposed) -> Told:
        match output:
            case Entered():
                kind = self._kind(output.kind)
                return self._told(output.seen, output.play, "run", "entered", output.key, kind=kind)
            case Passed():
                return self.passed(output, None)
            case Regretted():
                words: dict[str, Value] = {"step": self.names.of(output.step)}
                words |= {"sent": self.moment(output.sent), "at": self.moment(output.at)}
                return self._told(output.seen, output.play, "regret", "regretted", output.key, **words)
            case Exposed():
                name = self.names.of(output.experiment)
                return self._told(
                    output.instant, output.play, "run", f"exposed_{output.arm}", output.key, name=name
                )

    def _encounter(self, output: Breached | Encountered) -> Told:
        point = self.names.touchpoint(output.touchpoint)
        if output.key:
            point = fill(TALES["point_for"], point=point, key=output.key)
        if isinstance(output, Breached):
            standard = self.names.standard(output.standard, output.touchpoint)
            return self._told(output.instant, "", "breach", "breached", point=point, standard=standard)
        state = self.names.of(output.state, STATES)
        tale = "settled" if output.settled else "closed"
        because = self.because(output)
        return self._told(output.instant, "", output.state, tale, point=point, state=state, because=because)

    def because(self, met: Encountered) -> Said:
        """Return what an encounter's state rests on: its rating, and its standards, missed ones first."""
        rated = met.rating is not None
        parts = [fill(TALES["rated"], rating=f"{met.rating:g}") if rated else TALES["not_rated"]]
        for standard in sorted(met.standards, key=lambda one: one.result != "breached"):
            title = self.names.standard(standard.standard, met.touchpoint)
            parts.append(fill(TALES[_RESULTS[standard.result]], standard=title))
        if met.unfinished:
            parts.append(TALES["unfinished"])
        missed = any(one.result == "breached" for one in met.standards)
        point = self._pack.touchpoints[met.touchpoint]
        rule = point.magical if met.state == "magical" else point.miserable
        if rule and (met.state == "magical" or (met.state == "miserable" and not missed)):
            parts.append(fill(TALES["by_rule"], rule=" ".join(rule.split())))
        return Said("，".join(part.zh for part in parts), ", ".join(part.en for part in parts))

    def _kind(self, kind: str) -> Said:
        word = TALES["joined"] if kind == JOINED else self.names.of(kind)
        if not self._codes or kind in ("", JOINED):
            return word
        shown = fill(TALES["coded"], word=word, code=kind)
        plain = {kind, kind.replace(".", " ")}
        return Said(*(bare if bare in plain else coded for bare, coded in zip(word, shown, strict=True)))

    def _unmet(self, kind: str, clause: Unmet) -> Said:
        """A clause that did not hold, and what it met."""
        read = [self._read(kind, name, value) for name, value in clause.read.items()]
        tale = TALES["unmet" if read else "unmet_bare"]
        return fill(tale, where=" ".join(clause.text.split()), data=listed(read))

    def _read(self, kind: str, name: str, value: object) -> Said:
        """What a condition read by a name of its own."""
        owner, _, last = name.rpartition(".")
        if owner == "open":
            return fill(TALES["is_open" if value else "none_open"], point=self.names.touchpoint(last))
        field = self.names.field(name)
        if value is None:
            return fill(TALES["empty"], field=field)
        shown: Value = YES_NO[value] if isinstance(value, bool) else str(value)
        if type(value) is int and self._type(kind, owner, last) == "timestamp":
            shown = self.moment(value)
        elif isinstance(value, str):
            known = self.names.touchpoint(value) if last == "touchpoint" else self.names.of(value, STATES)
            shown = known if value in known else fill(TALES["coded"], word=known, code=value)
        return fill(TALES["is"], field=field, value=shown)

    def _type(self, kind: str, owner: str, name: str) -> str | None:
        if owner == "customer":
            return self._pack.head.customer[name].type
        return (
            fact_type(self._pack, self._pack.facts[name]) if owner else fields_of(self._pack, kind).get(name)
        )

    def _key(self, play: str, key: str) -> Said:
        """The business key of a run, each part with the name of its field."""
        fields = as_list(self._pack.plays[play].key)
        parts = msgspec.json.decode(key, type=list[str]) if len(fields) > 1 else [key]
        return listed(self._datum(name, part, None) for name, part in zip(fields, parts, strict=False))

    def _datum(self, name: str, value: object, kind_of: str | None) -> Said:
        if value is None:
            return fill(TALES["empty"], field=self.names.field(name))
        shown = self.moment(value) if kind_of == "timestamp" and isinstance(value, int) else str(value)
        return fill(TALES["datum"], field=self.names.field(name), value=shown)

    def _told(self, instant: int, play: str, weight: str, tale: str, key: str = "", **words: Value) -> Told:
        return Told(instant, play, weight, fill(TALES[tale], **words), key)


_FIELD = r"(?<![\w.'])[A-Za-z_]\w*(?![\w.(])"
_RESULTS = {"kept": "kept", "breached": "missed", "open": "still_open"}


def _is_last_resort(play: Play, name: str) -> bool:
    """Whether a step is the card that is given when nobody was reached; its name comes after all others."""
    if play.if_unreached is None:
        return False
    card = play.if_unreached.card
    uses = sum(step.says == card for _, step, _ in steps_of(play))
    return name == (card if uses == 1 else f"{card}.{uses}")


def _step(play: str, name: str, pack: Pack) -> Step | None:
    """The step of a name, which a second use of the same text carries with its number: thanks.2."""
    found = {step.says: step for _, step, _ in steps_of(pack.plays[play])}
    return found.get(name) or found.get(name.rpartition(".")[0])
