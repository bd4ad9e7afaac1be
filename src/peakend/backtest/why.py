"""Why, and why not: one customer's story under a pack, near misses included.

It folds the customer's own log with the same `step`, asking it to explain also what did not begin. Its
sentences stand in `words.py`, in Chinese and English; which of them is shown is the caller's choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from peakend.backtest.conclude import conclude
from peakend.backtest.words import ARMS, GATES, NO_WORDS, PASSED, STATES, TALES, VERBS, Words
from peakend.errors import SourceError, nearest
from peakend.model.event import Event
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
from peakend.model.vocabulary import fields_of
from peakend.tables import connect, customer_names
from peakend.when import HOUR, MINUTE, format_instant, zone


class Line(NamedTuple):
    """One thing that happened or did not: when, of which play ('' for none), how it counts, and in words.

    `weight` is event, run, not, near, send, hold, suppress, regret, breach, magical, neutral or miserable.
    """

    instant: int
    play: str
    weight: str
    zh: str
    en: str


def tell(pack: Pack, log: Sequence[Path], customer: str, play: str | None = None) -> list[Line]:
    """The story of one customer in order of time; SourceError when the log does not know the customer."""
    found = conclude(pack, log, customer=customer, explain=True)
    if not found.events:
        names = customer_names(connect(), log)
        raise SourceError(
            f"The log holds nothing that the plays look at for customer '{customer}'",
            fix=nearest(customer, names) or f"Customers look like this: {', '.join(names[:3])}",
        )
    teller = _Teller(pack)
    lines = [teller.event(event) for event in found.events]
    lines += [line for output in found.outputs for line in teller.lines(output)]
    return sorted((line for line in lines if play in (None, line.play) or not line.play), key=_instant)


def _instant(line: Line) -> int:
    return line.instant


class _Teller:
    """Puts outputs into words, with the titles of the pack."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._zone = zone(pack.head.zone)
        self._titles: dict[str, Words] = {name: play.title for name, play in pack.plays.items()}
        self._titles |= {name: point.title for name, point in pack.touchpoints.items()}

    def event(self, event: Event) -> Line:
        types = fields_of(self._pack, event.kind)
        known = [
            f"{name}={self._moment(value) if types.get(name) == 'timestamp' else value}"
            for name, value in event.data.items()
            if value is not None
        ]
        data = f" ({', '.join(known[:4])})" if known else ""
        return self._line(event.seen, "", "event", "event", kind=event.kind, data=data)

    def lines(self, output: Output) -> Iterator[Line]:
        match output:
            case Verdict():
                yield self._verdict(output)
            case Ended():
                yield from self._ended(output)
            case Entered():
                key = f" {output.key}" if output.key else ""
                yield self._line(output.seen, output.play, "run", "entered", key=key, kind=output.kind)
            case Passed():
                yield self._line(
                    output.seen, output.play, "not", "passed", why=PASSED[output.reason], kind=output.kind
                )
            case Regretted():
                sent, at = self._moment(output.sent), self._moment(output.at)
                yield self._line(
                    output.seen, output.play, "regret", "regretted", step=output.step, sent=sent, at=at
                )
            case Exposed():
                name, arm = output.experiment, ARMS[output.arm]
                yield self._line(output.instant, output.play, "run", "exposed", name=name, arm=arm)
            case Breached() | Encountered():
                yield self._encounter(output)

    def _encounter(self, output: Breached | Encountered) -> Line:
        point = self._titles.get(output.touchpoint, {})
        if isinstance(output, Breached):
            return self._line(output.instant, "", "breach", "breached", point=point, standard=output.standard)
        tale = "settled" if output.settled else "closed"
        return self._line(output.instant, "", output.state, tale, point=point, state=STATES[output.state])

    def _verdict(self, verdict: Verdict) -> Line:
        tale = "hold" if verdict.outcome == "hold" else "verdict" if verdict.reason else "send"
        return self._line(
            verdict.instant,
            verdict.play,
            verdict.outcome,
            tale,
            step=verdict.step,
            verb=VERBS[verdict.outcome],
            why=GATES.get(verdict.reason, NO_WORDS),
            until=self._moment(verdict.until),
        )

    def _ended(self, ended: Ended) -> Iterator[Line]:
        tale = "completed" if ended.how == "completed" else "ended"
        yield self._line(ended.seen, ended.play, "run", tale, how=ended.how, kind=ended.kind)
        for step, due in ended.pending:
            ahead = max(due - ended.seen, 0)
            yield self._line(
                ended.seen,
                ended.play,
                "near" if ahead < 24 * HOUR else "not",
                "spared",
                step=step,
                due=self._moment(due),
                ahead=_span(ahead),
                kind=ended.kind,
            )

    def _line(self, instant: int, play: str, weight: str, tale: str, **values: str | Words) -> Line:
        words = {"play": self._titles.get(play, {"zh": play, "en": play}), **values}
        spoken = [
            TALES[tale][language].format(
                **{
                    name: value if isinstance(value, str) else value.get(language, "")
                    for name, value in words.items()
                }
            )
            for language in ("zh", "en")
        ]
        return Line(instant, play, weight, *spoken)

    def _moment(self, instant: int) -> str:
        return format_instant(instant, self._zone)[:16].replace("T", " ")


def _span(micros: int) -> Words:
    """A length of time as a person says it."""
    days, hours, minutes = micros // (24 * HOUR), micros // HOUR, micros // MINUTE
    if days >= 2:
        return {"zh": f"{days} 天", "en": f"{days} days"}
    if hours:
        return {"zh": f"{hours} 小时", "en": f"{hours} h"}
    return {"zh": f"{minutes} 分钟", "en": f"{minutes} min"}
