"""Plays as a whole: what starts and ends them, the key, the holdout, and whom they speak to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from peakend.design.lint.finding import Known, elapsed, found, mixed_types, share, stranger, unknown_kinds
from peakend.design.lint.journeys import key_left_out
from peakend.design.lint.steps import check_step
from peakend.model.event import DERIVED
from peakend.model.pack import Pack, Play, Unless
from peakend.model.parts import Kinds, as_list
from peakend.model.problem import Path, Problem
from peakend.model.vocabulary import fields_of, steps_of

CLASS_NAMES: dict[str, tuple[str, str]] = {
    "mandatory": ("mandatory", "必达通知"),
    "service": ("service", "服务通知"),
    "care": ("care", "关怀惊喜"),
    "ask": ("ask", "征询"),
    "marketing": ("marketing", "营销"),
}
OWED = {"mandatory": "必达", "service": "服务"}


def check_plays(pack: Pack, known: Known) -> Iterator[Problem]:
    """Everything that plays/*.yaml say, but for the conditions."""
    for name, play in pack.plays.items():
        path: Path = ("plays", name)
        if play.touchpoint not in known.touchpoints:
            yield stranger(pack, "touchpoint", play.touchpoint, known.touchpoints, *path, "touchpoint")
        yield from unknown_kinds(pack, known, play.on, *path, "on")
        yield from mixed_types(pack, as_list(play.on), as_list(play.on), *path, "on")
        yield from _key(pack, known, play, path)
        yield from _exits(pack, known, play, path)
        yield from _spans(pack, known, play, path)
        yield from _holdouts(pack, play, path)
        yield from _people(pack, known, play, path)
        if not play.steps and not any(p[:3] == (*path, "steps") and len(p) > 3 for p in pack.places):
            yield found(pack, "no_steps", *path, "steps")
        for inner, step, exit_kinds in steps_of(play):
            yield from check_step(pack, known, play, step, exit_kinds, (*path, *inner))


def _key(pack: Pack, known: Known, play: Play, path: Path) -> Iterator[Problem]:
    kinds = [kind for kind in as_list(play.on) if kind in known.kinds]
    if play.key is None:
        if play.again == "once_per_key":
            yield found(pack, "again_without_key", *path, "again")
        elif play.again is None and play.count is None and (left_out := _left_out(pack, play, kinds)):
            yield found(pack, "key_left_out", *path, word=left_out, kind=kinds[0])
        return
    for index, key in enumerate(as_list(play.key)):
        inner: Path = (*path, "key") if isinstance(play.key, str) else (*path, "key", index)
        for kind in kinds:
            fields = fields_of(pack, kind)
            if key not in fields:
                yield found(pack, "key_not_declared", *inner, word=key, kind=kind, known=sorted(fields))


def _left_out(pack: Pack, play: Play, kinds: list[str]) -> str:
    if not any(kind in DERIVED for kind in kinds):
        return key_left_out(pack, kinds)
    point = pack.touchpoints.get(play.touchpoint)
    return (point.encounter.key or "") if point and point.encounter else ""


def _exits(pack: Pack, known: Known, play: Play, path: Path) -> Iterator[Problem]:
    ways: list[tuple[Kinds, Path]] = [
        (way_out.on, (*path, "exits", index, "on")) for index, way_out in enumerate(play.exits)
    ]
    if isinstance(play.unless, str):
        ways.append((play.unless, (*path, "unless")))
    elif isinstance(play.unless, Unless):
        ways.append((play.unless.on, (*path, "unless", "on")))
    keys = as_list(play.key)
    for kinds, inner in ways:
        yield from unknown_kinds(pack, known, kinds, *inner)
        for kind in as_list(kinds) if keys else []:
            if kind in known.kinds and not any(key in fields_of(pack, kind) for key in keys):
                yield found(pack, "exit_matches_all", *inner, kind=kind, word=", ".join(keys))
    yield from unknown_kinds(pack, known, play.updates, *path, "updates")


def _spans(pack: Pack, known: Known, play: Play, path: Path) -> Iterator[Problem]:
    if play.count is not None:
        yield from elapsed(pack, play.count.within, *path, "count", "within", positive=True)
        if play.count.at_least < 1:
            words = dict[str, Any](key="at_least", word=play.count.at_least, least=1)
            yield found(pack, "too_small", *path, "count", "at_least", **words)
    yield from elapsed(pack, play.cool_down, *path, "cool_down")
    yield from elapsed(pack, play.stays, *path, "stays")
    if play.gather is not None:
        yield from elapsed(pack, play.gather.within, *path, "gather", "within", positive=True)
    if play.capped is not None:
        yield from elapsed(pack, play.capped.defer, *path, "capped", "defer", positive=True)
    if play.goal is not None:
        yield from unknown_kinds(pack, known, play.goal.event, *path, "goal", "event")
        yield from elapsed(pack, play.goal.within, *path, "goal", "within", positive=True)


def _holdouts(pack: Pack, play: Play, path: Path) -> Iterator[Problem]:
    yield from share(pack, play.holdout, *path, "holdout")
    if play.holdout is not None and play.class_ in OWED:
        yield _refused(pack, play.class_, *path, "holdout")
    if play.holdout_unit not in (None, "customer"):
        fields = [fields_of(pack, kind) for kind in as_list(play.on)]
        common = [name for name in fields[0] if all(name in other for other in fields)] if fields else []
        if play.holdout_unit not in common:
            units = ["customer", *common]
            yield found(pack, "holdout_unit", *path, "holdout_unit", word=play.holdout_unit, known=units)
    for inner, step, _ in steps_of(play):
        class_ = step.class_ or play.class_
        yield from share(pack, step.holdout, *path, *inner, "holdout")
        if step.holdout is not None and class_ in OWED and not step.extra:
            yield _refused(pack, class_, *path, *inner, "holdout")
        if step.extra and class_ == "mandatory":
            yield found(pack, "extra_is_owed", *path, *inner, "extra")


def _refused(pack: Pack, class_: str, *path: str | int) -> Problem:
    return found(pack, "holdout_refused", *path, word=class_, class_zh=OWED[class_])


def _people(pack: Pack, known: Known, play: Play, path: Path) -> Iterator[Problem]:
    roles = pack.head.roles
    if play.to is not None:
        for key, role in (("role", play.to.role), ("else", play.to.else_)):
            if role is not None and role not in roles:
                yield stranger(pack, "role", role, roles, *path, "to", key)
    elif roles and any(step.action in ("say", "ask", "give") for _, step, _ in steps_of(play)):
        yield found(pack, "no_recipient", *path, hint=roles[0])
    on_call = play.class_ == "service" and play.to is not None and play.to.role == "on_call"
    if play.urgent and play.class_ != "mandatory" and not on_call:
        yield found(pack, "urgent_refused", *path, "urgent", word=CLASS_NAMES[play.class_])
