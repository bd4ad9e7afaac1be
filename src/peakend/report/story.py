"""One customer's way through one play, as the fold concluded it: each line with its time and reason."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from peakend.model.outcome import (
    Breached,
    Encountered,
    Ended,
    Entered,
    Exposed,
    Output,
    Passed,
    Regretted,
    Verdict,
)
from peakend.model.pack import Pack
from peakend.report.names import Names
from peakend.report.sentences import say
from peakend.report.spoken import elapsed
from peakend.report.words import ARMS, CHANNELS, HOW_ENDED, NOT_STARTED, WHY_HELD, WHY_NOT, Said
from peakend.when import Zone, zone

STATES = ("magical", "neutral", "miserable")


class Example(msgspec.Struct, kw_only=True, frozen=True):
    """A run worth telling: one customer in one play, with the outputs of the fold in their order."""

    customer: str
    play: str
    key: str = ""
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True)
class Line:
    """One line of a story; `tone` is sent, held, stopped or plain."""

    date: str
    time: str
    said: Said
    tone: str = "plain"


@dataclass(frozen=True)
class StoryView:
    """A story, ready for the template."""

    who: Said
    lines: tuple[Line, ...]


def story_view(example: Example, pack: Pack, names: Names) -> StoryView:
    """Return one example as dated lines in the pack's zone."""
    key = "example_key" if example.key else "example_who"
    teller = _Teller(names, zone(pack.head.zone))
    lines = tuple(line for output in example.outputs for line in teller.lines(output))
    return StoryView(say(key, customer=example.customer, key=example.key), lines)


class _Teller:
    def __init__(self, names: Names, place: Zone) -> None:
        self._names = names
        self._zone = place

    def lines(self, output: Output) -> list[Line]:
        """Return the lines that tell one output."""
        match output:
            case Verdict():
                return [self._verdict(output)]
            case Ended():
                return self._ended(output)
            case Entered():
                return [self._line(output.at, say("entered", kind=self._names.of(output.kind)))]
            case Passed():
                why = self._names.of(output.reason, NOT_STARTED)
                said = say("passed", kind=self._names.of(output.kind), why=why)
                return [self._line(output.at, said, "stopped")]
            case _:
                return [self._rest(output)]

    def _rest(self, output: Regretted | Exposed | Breached | Encountered) -> Line:
        match output:
            case Regretted():
                seen = self._clock(output.seen)
                said = say("regretted_step", step=self._names.of(output.step), seen=seen)
                return self._line(output.sent, said, "stopped")
            case Exposed():
                return self._line(output.instant, say("exposed_arm", arm=self._names.of(output.arm, ARMS)))
            case Breached():
                said = say("breached", standard=self._names.of(output.standard))
                return self._line(output.deadline, said, "stopped")
            case Encountered():
                point = self._names.touchpoint(output.touchpoint)
                return self._line(
                    output.instant, say("encountered", touchpoint=point, state=say(output.state))
                )

    def _verdict(self, output: Verdict) -> Line:
        step = self._names.of(output.step)
        if output.outcome == "send":
            if not output.channels:
                return self._line(output.instant, say("sent", step=step), "sent")
            channels = self._names.all(output.channels, CHANNELS)
            return self._line(output.instant, say("sent_by", step=step, channels=channels), "sent")
        if output.outcome == "hold":
            why = self._names.of(output.reason, {**WHY_NOT, **WHY_HELD})
            said = say("held", step=step, until=self._clock(output.until), why=why)
            return self._line(output.instant, said, "held")
        why = self._names.of(output.reason, WHY_NOT)
        return self._line(output.instant, say("stopped", step=step, why=why), "stopped")

    def _ended(self, output: Ended) -> list[Line]:
        how = self._names.of(output.how, HOW_ENDED)
        said = say("ended_self", how=how)
        if output.kind:
            said = say("ended", kind=self._names.of(output.kind), how=how)
        lines = [self._line(output.at, said)]
        for step, due in output.pending:
            name = self._names.of(step)
            if due > output.at:
                spared = say("spared_step", step=name, span=elapsed(due - output.at))
            else:
                spared = say("spared_undated", step=name)
            lines.append(self._line(output.at, spared))
        return lines

    def _line(self, instant: int, said: Said, tone: str = "plain") -> Line:
        date, _, time = self._clock(instant).partition(" ")
        return Line(date, time, said, tone)

    def _clock(self, instant: int) -> str:
        local = self._zone.local(instant)
        return local.strftime("%Y-%m-%d %H:%M" if not local.second else "%Y-%m-%d %H:%M:%S")
