"""What differs between two versions of a pack, by name: plays, texts, cards, standards, and the other rules.

It says that something changed, never what that means for anybody: that is the backtest's to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from msgspec.structs import replace

from peakend.model.pack import Pack, Play
from peakend.model.vocabulary import steps_of

What = Literal["play", "text", "card", "standard", "touchpoint", "fact", "policy", "pack"]


class Changed(NamedTuple):
    """One thing that was added, removed or changed."""

    what: What
    name: str
    how: Literal["added", "removed", "changed"]


def without_plays(pack: Pack) -> Pack:
    """What stands for the version before the first: the same service, in which nothing is done."""
    return replace(pack, plays={}, hash="")


def changed(old: Pack, new: Pack) -> list[Changed]:
    """All that differs, in the order of the files of a pack."""
    pairs: list[tuple[What, Mapping[str, Any], Mapping[str, Any]]] = [
        ("policy", _policy(old), _policy(new)),
        ("pack", _head(old), _head(new)),
        ("touchpoint", _touchpoints(old), _touchpoints(new)),
        ("standard", _standards(old), _standards(new)),
        ("fact", old.facts, new.facts),
        ("play", old.plays, new.plays),
        ("text", _texts(old.texts), _texts(new.texts)),
        ("card", _texts(old.cards), _texts(new.cards)),
    ]
    return [one for what, before, after in pairs for one in _between(what, before, after)]


def touched(old: Pack, new: Pack) -> list[Play]:
    """The plays that do or say something else than before, as they will be, or as they were if they go."""
    found = changed(old, new)
    names = {one.name for one in found if one.what == "play"}
    written = {one.name.partition("/")[2] for one in found if one.what in ("text", "card")}
    for play in new.plays.values():
        said = {name for _, step, _ in steps_of(play) for name in (step.says, *step.attach)}
        if said & written:
            names.add(play.play)
    return [new.plays.get(name) or old.plays[name] for name in sorted(names)]


def _between(what: What, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Changed]:
    found = []
    for name in sorted({*before, *after}):
        if name not in before:
            found.append(Changed(what, name, "added"))
        elif name not in after:
            found.append(Changed(what, name, "removed"))
        elif before[name] != after[name]:
            found.append(Changed(what, name, "changed"))
    return found


def _policy(pack: Pack) -> dict[str, Any]:
    policy = pack.head.policy
    return {name: getattr(policy, name) for name in policy.__struct_fields__}


def _head(pack: Pack) -> dict[str, Any]:
    head = pack.head
    return {name: getattr(head, name) for name in head.__struct_fields__ if name != "policy"}


def _touchpoints(pack: Pack) -> dict[str, Any]:
    return {name: replace(point, standards={}) for name, point in pack.touchpoints.items()}


def _standards(pack: Pack) -> dict[str, Any]:
    return {
        f"{name}.{standard}": rule
        for name, point in pack.touchpoints.items()
        for standard, rule in point.standards.items()
    }


def _texts(of: Mapping[tuple[str, str], Any]) -> dict[str, Any]:
    return {f"{language}/{name}": (t.body, t.subject, t.channels) for (language, name), t in of.items()}
