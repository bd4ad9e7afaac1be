"""What a draft changes: its files that differ from what it began from, and the plays that these concern."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import PurePosixPath
from typing import Final, Literal, NamedTuple

from peakend.design.pack import read_files
from peakend.model.draft import Draft
from peakend.model.pack import Pack, Play
from peakend.model.vocabulary import steps_of
from peakend.store import Store
from peakend.tell.names import Names
from peakend.tell.said import Said

_PLAYS: Final = "plays/"
_WRITTEN: Final = ("texts/", "cards/")


class PlayOf(NamedTuple):
    """A play that a draft changes; `how` it does."""

    play: str
    title: Said
    how: Literal["added", "removed", "changed"]


class Contents(NamedTuple):
    """The plays that a draft changes, and how many files differ that are of none of them."""

    plays: list[PlayOf]
    others: int


def began_from(store: Store, draft: Draft) -> dict[str, bytes]:
    """The files of the version that a draft is held against; none before the first."""
    holds = store.publications(draft.based_on) if draft.based_on else []
    return holds[-1].files if holds else {}


def contents(draft: Draft, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Contents:
    """What differs between the files that a draft began from and those that it has now."""
    differ = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    if not differ:
        return Contents([], 0)
    old, new = (read_files(files, draft.pack)[0] for files in (before, after))
    names = {name.removeprefix(_PLAYS).removesuffix(".yaml") for name in differ if name.startswith(_PLAYS)}
    words = {one for one in differ if one.startswith(_WRITTEN)}
    own: set[str] = set()
    for play in new.plays.values() if new else ():
        if found := {one for one in words if concerns(play, {one})}:
            names.add(play.play)
            own |= found
    others = sum(not one.startswith(_PLAYS) and one not in own for one in differ)
    return Contents([_play_of(name, old, new, before, after) for name in sorted(names)], others)


def concerns(play: Play, files: Collection[str]) -> bool:
    """Whether any of these files is of a play: its own, or one of its texts and cards."""
    said = {name for _, step, _ in steps_of(play) for name in (step.says, *step.attach)}
    written = {PurePosixPath(one).name.partition(".")[0] for one in files if one.startswith(_WRITTEN)}
    return f"{_PLAYS}{play.play}.yaml" in files or bool(said & written)


def _play_of(
    name: str,
    old: Pack | None,
    new: Pack | None,
    before: Mapping[str, bytes],
    after: Mapping[str, bytes],
) -> PlayOf:
    file = f"{_PLAYS}{name}.yaml"
    pack = new if new and name in new.plays else old
    title = Names(pack).play(name) if pack else Said(name, name)
    return PlayOf(
        name, title, "added" if file not in before else "removed" if file not in after else "changed"
    )
