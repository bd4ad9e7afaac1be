"""Read a pack: a folder of YAML and Markdown becomes one typed value with the place of every node.

All problems of all files are gathered before anybody is told, so that one run of `peakend check` is enough.
Reading never judges what a pack means (that is lint) and never runs anything that stands in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from peakend.design.lint import lint_sources
from peakend.design.pack_files import NOTHING, Beside, found_in, hash_of, is_part
from peakend.design.pack_reading import FOLDERS, NAMED, READ, SINGLE, WRITTEN, FrontMatter, Reading
from peakend.design.words import hint, problem
from peakend.errors import PackError, Place
from peakend.model.pack import Pack, PhrasesFile
from peakend.model.problem import Problem

__all__ = [
    "BUNDLED",
    "FOLDERS",
    "NAMED",
    "READ",
    "SINGLE",
    "FrontMatter",
    "bundled_packs",
    "find_pack",
    "load_files",
    "load_pack",
    "read_files",
    "read_pack",
]

BUNDLED = Path(__file__).resolve().parent.parent / "packs"


def read_pack(folder: Path) -> tuple[Pack | None, list[Problem]]:
    """Read every file of a pack.

    Returns the pack as far as it could be read (None without a usable pack.yaml) and all problems found,
    in the order of files and lines. Nodes with a problem are left out of the pack, but keep their place.
    """
    files, beside = found_in(folder, READ)
    return read_files(files, str(folder), beside)


def read_files(
    files: Mapping[str, bytes], root: str, beside: Beside = NOTHING
) -> tuple[Pack | None, list[Problem]]:
    """The same of files by their names, which may lie nowhere. `root` stands before every name where a place
    is told, `beside` is what else lay there.

    A file that was read a moment ago in just this form is not taken apart again.
    """
    if not ("pack.yaml" in files or "pack.yml" in files):
        bundled = next(iter(bundled_packs()), "PACK")
        return None, [problem("no_pack", Place(root), word=root, bundled=bundled)]
    reading = Reading(files, root, beside)
    head = reading.single("pack")
    facts = reading.single("facts")
    phrases = reading.single("phrases")
    journeys, plays, stories, surveys, sources = (reading.folder(name) for name in FOLDERS)
    texts, cards = (reading.written(name) for name in WRITTEN)
    reading.look_for_strangers()
    problems = sorted(reading.problems, key=lambda found: found.place)
    if head is None:
        return None, problems
    pack = Pack(
        root=root,
        head=head,
        journeys=journeys,
        facts=facts.facts if facts else {},
        plays=plays,
        texts=texts,
        cards=cards,
        phrases=phrases or PhrasesFile(),
        stories=stories,
        sources=sources,
        surveys=surveys,
        hash=hash_of({name: content for name, content in files.items() if is_part(name, READ)}),
        places=reading.places,
    )
    return pack, problems


def load_pack(folder: Path) -> Pack:
    """Read a pack that must be sound; raises PackError naming its first problem and how many there are.

    Its mappings are held against pack.yaml here, because what they do wrong would only show as plays that
    never start.
    """
    return _sound(*read_pack(folder), str(folder))


def load_files(files: Mapping[str, bytes], root: str) -> Pack:
    """The same of files by their names, as `read_files` reads them."""
    return _sound(*read_files(files, root), root)


def _sound(pack: Pack | None, problems: list[Problem], root: str) -> Pack:
    if pack is not None:
        problems += lint_sources(pack, problems)
    errors = [found for found in problems if found.severity == "error"]
    if pack is None or errors:
        first, more = errors[0], len(errors) - 1
        rest = f" ({more} more: peakend check {root})" if more else ""
        rest_zh = f"（另有 {more} 处：peakend check {root}）" if more else ""
        raise PackError(
            first.what,
            place=first.place,
            fix=f"{first.fix}{rest}".strip(),
            what_zh=first.what_zh,
            fix_zh=f"{first.fix_zh}{rest_zh}",
        )
    return pack


def find_pack(name: str | Path) -> Path:
    """The folder of a pack, given as a path or as the name of a bundled pack such as 'cloud'.

    A folder with a pack.yaml wins over a bundled pack of the same name. Raises PackError otherwise.
    """
    folder = Path(name)
    if (folder / "pack.yaml").is_file():
        return folder
    if str(name) in bundled_packs():
        return BUNDLED / str(name)
    english, chinese = hint(str(name), bundled_packs())
    what, what_zh = (
        ("has no pack.yaml", "里没有 pack.yaml")
        if folder.is_dir()
        else ("is neither a folder nor a bundled pack", "既不是文件夹，也不是自带的模板")
    )
    raise PackError(f"'{name}' {what}", fix=english, what_zh=f"“{name}”{what_zh}", fix_zh=chinese)


def bundled_packs() -> list[str]:
    """The names of the packs that come with Peakend."""
    return sorted(path.parent.name for path in BUNDLED.glob("*/pack.yaml"))
