"""A customer changes over to another program: what can be known anew is, what has begun goes on.

Profile, facts, contacts, encounters and counts are folded again from the log, with entries muted and outputs
dropped; runs, the memory of lanes and the messages of caps are carried over. A run whose play changed follows
the play as it was. Nobody enters by a changeover. Source: docs/semantics.md, section 7.
"""

from __future__ import annotations

from dataclasses import replace

from peakend.errors import PeakendError
from peakend.fold.program import Program
from peakend.model.outcome import Output
from peakend.trigger import lanes
from peakend.trigger.rules import PlayRule
from peakend.trigger.state import CustomerState, Lane, PlayState, Run
from peakend.trigger.turn import Past, Turn


def muted(program: Program) -> Program:
    """The program as it folds the past of a customer anew: events start no runs."""
    return replace(program, rules=replace(program.rules, muted=True, explain=False))


def change_over(
    old: Program, new: Program, before: CustomerState, anew: CustomerState, past: Past, instant: int
) -> tuple[CustomerState, list[Output]]:
    """The state under the new program, and what changes with it.

    `before` is the state of the old program and `anew` that of the muted new one, both after all inputs seen
    before `instant` and a tick to the microsecond before it; both are used up. `past` answers for lanes that
    `before` has let go of.
    Raises PeakendError where a run follows a definition that the new program does not know.
    """
    state = anew
    state.sent, state.gathered = before.sent, before.gathered
    state.timers = sorted([*state.timers, *(timer for timer in before.timers if timer[1])])
    for name, play in before.plays.items():
        kept = state.plays.setdefault(name, PlayState())
        kept.entered, kept.runs = play.entered, play.runs
        for key, counted in kept.lanes.items():
            if key not in play.lanes and play.entered:
                counted.runs, counted.last = past(name, key)
        for key, lane in play.lanes.items():
            mine = kept.lanes.setdefault(key, Lane())
            mine.runs, mine.last = lane.runs, lane.last
        for runs in play.runs.values():
            for run in runs:
                run.pinned = _pin(old, new, name, run)
                if run.pinned and (name, run.pinned) not in state.pinned:
                    state.pinned.append((name, run.pinned))
    turn = Turn(new.rules, state)
    turn.now = instant
    lanes.moved(turn, new.rules.every_play(), instant)
    return state, turn.out


def unknown_play(program: Program, state: CustomerState) -> str:
    """A play that runs follow as it was, in a version that the program does not know; else ''."""
    for name, pinned in state.pinned:
        if (name, pinned) not in program.rules.older:
            runs = (run for runs in state.plays[name].runs.values() for run in runs)
            if any(run.pinned == pinned for run in runs):
                return name
    return ""


def pins(state: CustomerState) -> dict[tuple[str, str, int], str]:
    """The definitions that runs follow which do not follow the current one, by (play, key, occurrence)."""
    return {
        (name, run.key, run.occurrence): run.pinned
        for name in {name for name, _ in state.pinned}
        for runs in state.plays[name].runs.values()
        for run in runs
        if run.pinned
    }


def pack_is_missing(play: str) -> PeakendError:
    """Runs of a play follow it as it was in a pack that is not at hand."""
    return PeakendError(
        f"A run of {play} follows the play as an older pack has it, and that pack is not at hand",
        fix="Hand the packs that were published before in as `older`, all of them",
        what_zh=f"服务剧本 {play} 有一条执行记录仍按旧版模板进行，但没有提供那个版本",
        fix_zh="请通过 older 提供以前发布过的全部模板版本",
    )


def _pin(old: Program, new: Program, play: str, run: Run) -> str:
    """The definition that a run follows from now on; '' for that of the new program."""
    known: PlayRule | None = new.rules.plays.get(play)
    follows = run.pinned or old.rules.plays[play].definition
    if known is not None and known.definition == follows:
        return ""
    if (play, follows) not in new.rules.older:
        raise pack_is_missing(play)
    return follows
