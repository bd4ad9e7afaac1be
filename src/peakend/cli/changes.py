"""How the comparison of two packs is told: from which to which, what became of each step, whom to look at.

It prints what was counted and has no figures of its own.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import NamedTuple

from rich.console import Console

from peakend.backtest.diff import CHANGES, Difference, PlayDifference, StepDifference
from peakend.cli.words import LANGUAGES, SAYS, as_typed, say
from peakend.model.pack import Pack
from peakend.model.vocabulary import steps_of
from peakend.tell.catalogue import WHY_NOT
from peakend.tell.names import Names
from peakend.tell.said import Said, listed, titled
from peakend.tell.spans import elapsed

_SECOND = 1_000_000


class Compared(NamedTuple):
    """Two packs as the caller named them, the files they were replayed over, and what came of it."""

    old: Pack
    new: Pack
    old_name: str
    new_name: str
    events: Sequence[object]
    found: Difference


def print_difference(console: Console, compared: Compared, language: str) -> None:
    """What changes, play by play and step by step."""
    found = compared.found
    hashes = {"old_hash": found.old[:4], "new_hash": found.new[:4]}
    _show(console, say("from_to", language, old=compared.old_name, new=compared.new_name, **hashes))
    if not found.plays:
        _show(console, say("same", language))
        return
    _show(console, say("people", language, n=found.people))
    plays = sorted(found.plays.items(), key=lambda item: -sum(item[1].steps.values()))
    for play, change in plays:
        names = Names(compared.new if play in compared.new.plays else compared.old)
        _show(console, say("play", language, title=names.play(play), play=play), "bold")
        for step in sorted(change.by_step, key=lambda one: -one.steps):
            _show(console, _changed(step, names, language))
            reasons = _reasons(compared, play, step, names)
            if reasons:
                _show(console, say(f"because_{step.change}", language, reasons=reasons), "dim")
    play, change = plays[0]
    _show(console, say("see_one", language, command=_see(compared, play, change)))


def _changed(step: StepDifference, names: Names, language: str) -> str:
    name = names.of(step.step)
    known = name if step.step in name else Said(f"{name.zh}（{step.step}）", f"{name.en} ({step.step})")
    later = step.later_seconds or 0.0
    tale = "earlier" if later < 0 else "later" if later > 0 else "changed"
    return say(
        tale,
        language,
        step=known,
        change=titled(CHANGES[step.change]),
        n=step.steps,
        people=step.people,
        span=elapsed(round(abs(later) * _SECOND)),
    )


def _reasons(compared: Compared, play: str, step: StepDifference, names: Names) -> Said | None:
    """Why the pack that does not send a step does not, the most frequent reason first."""
    if step.change == "moved":
        return None
    silent = compared.old if step.change == "new" else compared.new
    there = play in silent.plays and any(
        one.says in (step.step, step.step.rpartition(".")[0]) for _, one, _ in steps_of(silent.plays[play])
    )
    told = []
    for reason, number in sorted(step.reasons.items(), key=lambda item: (-item[1], item[0])):
        why = names.of(reason, WHY_NOT) if reason else SAYS["never_due" if there else "no_such_step"]
        told.append(Said(*(say("times", spoken, why=why, n=number) for spoken in LANGUAGES)))
    return listed(told)


def _see(compared: Compared, play: str, change: PlayDifference) -> str:
    """The call of `why` that shows one customer under the new pack, or under the old one where it is gone."""
    step = max(change.by_step, key=lambda one: one.steps)
    pack = compared.new_name if play in compared.new.plays else compared.old_name
    words = ["why", step.example, "--play", play, "--pack", pack]
    words += [word for path in compared.events for word in ("--events", str(path))]
    return as_typed(f"peakend {shlex.join(words)}")


def _show(console: Console, text: str, style: str = "") -> None:
    console.print(text, style=style, highlight=False, soft_wrap=True, markup=False)
