"""Compile plays: their entries, exits, updates and steps become rules for the fold.

Part of `fold.program`; nothing here runs while events are folded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256

import msgspec

from peakend.errors import PackError
from peakend.model.pack import Channels, Pack, Play, Step
from peakend.model.parts import CLASSES, Kinds, as_list
from peakend.model.vocabulary import fields_of, steps_of
from peakend.trigger.rules import OWN, UNREACHED, ExitRule, Mask, Part, PlayRule, StepRule
from peakend.trigger.where import Condition
from peakend.when import Duration, parse_duration, parse_on_day, parse_time_of_day

Conditions = Mapping[tuple[str | int, ...], Condition]
_DAY = parse_duration("PT24H").micros
_STAYS = "PT720H"


def compile_play(pack: Pack, play: Play, conditions: Conditions) -> PlayRule:
    """The rule of one play; PackError where a step's due is not one of the four forms."""
    path = ("plays", play.play)
    key = tuple(as_list(play.key))
    short = len(play.exits)
    exits = tuple(
        ExitRule(
            index,
            exit_.as_,
            _masks(pack, key, as_list(exit_.on)),
            conditions.get(
                (*path, "unless", "where") if index == short else (*path, "exits", index, "where")
            ),
        )
        for index, exit_ in enumerate(play.all_exits)
    )
    listed = [(inner, step) for inner, step, _ in steps_of(play)]
    names: dict[str, int] = {}
    steps = tuple(
        _step(pack, play, key, index, inner, step, conditions, names)
        for index, (inner, step) in enumerate(listed)
    )
    goal = play.goal.within if play.goal else _STAYS
    return PlayRule(
        name=play.play,
        touchpoint=play.touchpoint,
        rank=CLASSES.index(play.class_),
        priority=play.priority,
        on=frozenset(as_list(play.on)),
        where=conditions.get((*path, "where")),
        key=key,
        count=play.count.at_least if play.count else 0,
        count_window=parse_duration(play.count.within).elapsed() if play.count else 0,
        again=play.again or ("once_per_key" if key else "after_exit"),
        cool_down=elapsed(play.cool_down),
        exits=exits,
        updates=_masks(pack, key, as_list(play.updates)),
        while_=conditions.get((*path, "while")),
        steps=steps,
        first=tuple(step for step in steps if step.exit == OWN),
        stays=parse_duration(play.stays or goal).elapsed(),
        roles=tuple(r for r in (play.to.role, play.to.else_) if r) if play.to else (),
        gather=elapsed(play.gather.within) if play.gather else -1,
        holdout=share(play.holdout),
        salt=play.salt,
        holdout_unit=play.holdout_unit,
        defer=elapsed(play.capped.defer if play.capped else None),
        breach_steps=any(step.form == "breach" for step in steps),
        dated=tuple({step.field: None for step in steps if step.form in ("before", "yearly")}),
        unreached=next((step for step in steps if step.exit == UNREACHED), None),
        definition=definition(pack, play),
        firm=all(fields_of(pack, kind).keys() >= set(key) for kind in as_list(play.updates)),
    )


def definition(pack: Pack, play: Play) -> str:
    """What names all that a play says, but for its title: equal in two packs where nothing of it changed."""
    said = msgspec.structs.replace(play, title={}, why={}, backfill=False)
    kinds = [kind for names in _heard(play) for kind in as_list(names)]
    masks = _masks(pack, tuple(as_list(play.key)), kinds)
    return sha256(msgspec.json.encode((said, sorted(masks.items())))).hexdigest()[:16]


def _heard(play: Play) -> Iterator[Kinds | None]:
    """The kinds that end, change or stop a run."""
    yield play.updates
    for exit_ in play.all_exits:
        yield exit_.on
    for _, step, _ in steps_of(play):
        yield step.repeat.until if step.repeat else None


def _step(
    pack: Pack,
    play: Play,
    key: tuple[str, ...],
    index: int,
    inner: tuple[str | int, ...],
    step: Step,
    conditions: Conditions,
    names: dict[str, int],
) -> StepRule:
    path = ("plays", play.play, *inner)
    form, field, by = _due(pack, path, step)
    number = names[step.says] = names.get(step.says, 0) + 1
    colleague = step.action in ("card", "task")
    through = step.through
    repeat = step.repeat
    class_ = step.class_ or play.class_
    return StepRule(
        index=index,
        exit=int(inner[1]) if inner[0] == "exits" else UNREACHED if inner[0] == "if_unreached" else OWN,
        name=step.says if number == 1 else f"{step.says}.{number}",
        text=step.says,
        action=step.action,
        colleague=colleague,
        rank=CLASSES.index(class_),
        form=form,
        by=by,
        field=field,
        at=parse_time_of_day(step.due.at) if step.due.at is not None else None,
        on_day=parse_on_day(step.on_day) if step.on_day is not None else None,
        every=parse_duration(repeat.every) if repeat else None,
        until=_masks(pack, key, as_list(repeat.until)) if repeat else {},
        times=repeat.times if repeat else 1,
        where=conditions.get((*path, "where")),
        expires=elapsed(step.expires) if step.expires else _DAY,
        catch_up=elapsed(step.catch_up),
        extra=step.extra,
        urgent=play.urgent,
        holdout=share(step.holdout),
        channels=tuple(through.all if isinstance(through, Channels) else through or ()),
        all_channels=isinstance(through, Channels),
        amount=float(step.amount) if isinstance(step.amount, int | float) else 0.0,
        amount_field=step.amount if isinstance(step.amount, str) else None,
        budget=step.budget,
        role=step.role or "",
        attach=tuple(step.attach),
    )


def _due(pack: Pack, path: tuple[str | int, ...], step: Step) -> tuple[str, str, Duration]:
    due = step.due
    by = parse_duration(due.by) if due.by else Duration(calendar=True)
    forms = [
        ("after", "", parse_duration(due.after)) if due.after is not None else None,
        ("before", due.before, by) if due.before is not None else None,
        ("breach", due.before_breach_of, by) if due.before_breach_of is not None else None,
        ("yearly", due.yearly, by) if due.yearly is not None else None,
    ]
    given = [form for form in forms if form is not None]
    if len(given) != 1:
        raise PackError(
            "A due has exactly one of after, before, before_breach_of and yearly",
            place=pack.place(*path, "due"),
            fix='For example: due: {after: P2D, at: "09:00"}',
        )
    return given[0]


def play_part(play: PlayRule, kind: str) -> Part:
    """What an event of this kind does in a play."""
    return Part(
        rule=play,
        exits=tuple((exit_, exit_.masks[kind]) for exit_ in play.exits if kind in exit_.masks),
        untils=tuple((step.index, step.until[kind]) for step in play.steps if kind in step.until),
        updates=play.updates.get(kind),
        enters=kind in play.on,
    )


def play_kinds(play: PlayRule) -> set[str]:
    """Every kind that a play looks at."""
    kinds = set(play.on) | set(play.updates)
    for exit_ in play.exits:
        kinds |= set(exit_.masks)
    for step in play.steps:
        kinds |= set(step.until)
    return kinds


def _mask(pack: Pack, key: Iterable[str], kind: str) -> Mask:
    declared = fields_of(pack, kind)
    return tuple(name if name in declared else None for name in key)


def _masks(pack: Pack, key: tuple[str, ...], kinds: Iterable[str]) -> dict[str, Mask]:
    return {kind: _mask(pack, key, kind) for kind in kinds}


def elapsed(span: str | None) -> int:
    """A span in microseconds, 0 for none."""
    return parse_duration(span).elapsed() if span else 0


def share(text: str | None) -> float:
    """A share such as '10%' as a number, 0 for none."""
    return float(text.rstrip("%")) / 100 if text else 0.0
