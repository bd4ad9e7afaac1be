"""simulation.yaml as a World that fits its pack: every name in it is known before anything is drawn.

A world that names a kind, field, course or touchpoint that does not exist would give a log that the pack
does not understand, so it is refused with file, line, the wrong word and the nearest right one.
"""

from __future__ import annotations

from pathlib import Path

from peakend.design.fit import LEFT_OUT, Fitting
from peakend.design.nodes import compose
from peakend.errors import PackError, Place
from peakend.model.pack import Pack
from peakend.model.problem import Path as NodePath
from peakend.model.problem import Problem
from peakend.simulate.checking import faults
from peakend.simulate.world import World

FILE = "simulation.yaml"


def read_world(pack: Pack) -> World:
    """The world of a pack. Raises PackError with the place of the first thing in it that cannot be."""
    path = Path(pack.root) / FILE
    if not path.is_file():
        raise PackError(
            f"the pack has no {FILE}",
            place=str(path),
            fix="Give your own data with --events FILE, or write one after that of the pack cloud",
            what_zh=f"这个模板没有 {FILE}，模拟不了",
            fix_zh="请用 --events 文件 给出自己的数据，或仿照模板 cloud 写一份",
        )
    problems: list[Problem] = []
    places: dict[NodePath, Place] = {(): Place(str(path), 1)}
    try:
        root = compose(path.read_text("utf-8-sig"), str(path), problems)
    except UnicodeDecodeError as error:
        raise PackError(f"{FILE} is not UTF-8", place=str(path), fix="Save it as UTF-8 text") from error
    world = Fitting(str(path), places, problems).struct(root, World, ()) if root is not None else LEFT_OUT
    for problem in problems:
        raise PackError(problem.what, place=problem.place, fix=problem.fix)
    if not isinstance(world, World):
        raise PackError(f"{FILE} is empty", place=str(path), fix="Begin with simulation: NAME and customers:")
    for wrong in faults(pack, world):
        place = next(
            places[wrong.path[:n]] for n in range(len(wrong.path), -1, -1) if wrong.path[:n] in places
        )
        raise PackError(wrong.what, place=place, fix=wrong.fix)
    return world
