"""How far each touchpoint has come: identified, given a standard, given a play, live, proven. An empty cell
is a to-do that says where it is done. One answer for the page and for the API.

Proven is not an effect: it says how many runs stand in either arm, and whether these are enough to compare.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from peakend.model.mapped import Did
from peakend.model.pack import Pack, Play
from peakend.model.vocabulary import steps_of
from peakend.report.felt import ENOUGH, judged
from peakend.web.house import House
from peakend.web.known import Known
from peakend.wire.coverage import Cell, Column, Coverage, Covered
from peakend.wire.journeys import TouchpointTold

COLUMNS: Final[tuple[Column, ...]] = ("identified", "standard", "play", "live", "proven")
_OWED: Final = frozenset({"mandatory", "service"})
"""Classes of which nobody is held out, but for steps that are a bonus."""


def coverage(known: Known, held: frozenset[str], *, published: bool) -> Coverage:
    """How far all touchpoints have come; `held` are the plays whose sends are switched off."""
    rows = [_row(one, known, held, published=published) for one in known.points.values()]
    return Coverage(
        as_of=known.told.as_of,
        rows=rows,
        done={column: sum(row.cells[column].mark == "done" for row in rows) for column in COLUMNS},
    )


def coverage_of(house: House, known: Known) -> Coverage:
    """How far all touchpoints have come now."""
    with house.store() as store:
        held = frozenset(one.play for one in store.switches() if one.play)
        published = bool(store.published_hash())
    return coverage(known, held, published=published)


def _row(told: TouchpointTold, known: Known, held: frozenset[str], *, published: bool) -> Covered:
    pack, mapped = known.pack, known.reckoned.mapped
    plays = {name: pack.plays[name] for name in told.plays}
    did = {name: mapped.plays.get(name, Did()) if mapped else Did() for name in plays}
    cells: dict[Column, Cell] = {
        "identified": _identified(told, known),
        "standard": _standard(told),
        "play": _play(plays),
        "live": _live(plays, did, held, published=published),
        "proven": _proven(plays, did, pack),
    }
    return Covered(
        id=told.id, journey=told.journey, stage=told.stage, title=told.title, moment=told.moment, cells=cells
    )


def _identified(told: TouchpointTold, known: Known) -> Cell:
    point = known.pack.touchpoints[told.id]
    n = {"n": told.encounters}
    if point.encounter is None:
        return Cell(mark="to_do", what="no_encounter", where="/plays")
    if not judged(point):
        return Cell(mark="to_do", what="not_judged", where="/plays", numbers=n)
    if "found" in told.moment:
        return Cell(mark="done", what="found", numbers=n, where=f"/map/{told.id}")
    drivers = known.answer.found.touchpoints if known.answer else ()
    if any(one.touchpoint == told.id and one.encounters for one in drivers):
        return Cell(mark="done", what="looked_at", numbers=n, where="/find")
    if "declared" in told.moment:
        return Cell(mark="done", what="declared", numbers=n, where=f"/map/{told.id}")
    return Cell(mark="to_do", what="not_looked_at", numbers=n, where="/find")


def _standard(told: TouchpointTold) -> Cell:
    if not told.standards:
        return Cell(mark="to_do", what="no_standard", where="/plays")
    kept = sum(one.kept.kept for one in told.standards)
    decided = sum(one.kept.decided for one in told.standards)
    numbers = {"standards": len(told.standards), "kept": kept, "decided": decided}
    return Cell(mark="done", what="standards", numbers=numbers, where=f"/map/{told.id}#standards")


def _play(plays: Mapping[str, Play]) -> Cell:
    if not plays:
        return Cell(mark="to_do", what="no_play", where="/plays")
    return Cell(mark="done", what="plays", numbers={"plays": len(plays)}, where=_at(plays))


def _live(
    plays: Mapping[str, Play], did: Mapping[str, Did], held: frozenset[str], *, published: bool
) -> Cell:
    if not plays:
        return Cell(mark="later", what="after_play")
    if not published:
        return Cell(mark="to_do", what="not_published", where=_at(plays))
    live = [name for name in plays if name not in held]
    if not live:
        return Cell(mark="to_do", what="all_stopped", where=_at(plays))
    numbers = {"live": len(live), "plays": len(plays), "sent": sum(did[name].send for name in live)}
    if not numbers["sent"]:
        return Cell(mark="under_way", what="not_sent", numbers=numbers, where=_at(plays))
    return Cell(mark="done", what="at_work", numbers=numbers, where=_at(plays))


def _proven(plays: Mapping[str, Play], did: Mapping[str, Did], pack: Pack) -> Cell:
    if not plays:
        return Cell(mark="later", what="after_play")
    meant = [name for name, play in plays.items() if _may_be_held_out(play)]
    if not meant:
        return Cell(mark="not_meant", what="never_held_out")
    if not any(_has_holdout(plays[name], pack) for name in meant):
        return Cell(mark="to_do", what="no_holdout", where=_at(meant))
    arms = {name: did[name].exposed for name in meant}
    best = max(meant, key=lambda name: (min(_arms(arms[name])), sum(_arms(arms[name]))))
    play, holdout = _arms(arms[best])
    numbers = {"play": play, "holdout": holdout, "least": ENOUGH}
    if min(play, holdout) < ENOUGH:
        return Cell(mark="under_way", what="too_few", numbers=numbers, where=f"/plays/{best}")
    return Cell(mark="done", what="comparable", numbers=numbers, where=f"/plays/{best}")


def _arms(exposed: Mapping[str, int]) -> tuple[int, int]:
    return exposed.get("play", 0), exposed.get("holdout", 0)


def _may_be_held_out(play: Play) -> bool:
    return any(step.extra or (step.class_ or play.class_) not in _OWED for _, step, _ in steps_of(play))


def _has_holdout(play: Play, pack: Pack) -> bool:
    own = play.holdout or any(step.holdout for _, step, _ in steps_of(play))
    return bool(own or pack.head.policy.holdout)


def _at(plays: Mapping[str, Play] | list[str]) -> str:
    names = list(plays)
    return f"/plays/{names[0]}" if len(names) == 1 else "/plays"
