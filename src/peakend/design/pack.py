"""Read a pack: a folder of YAML and Markdown becomes one typed value with the place of every node.

All problems of all files are gathered before anybody is told, so that one run of `peakend check` is enough.
Reading never judges what a pack means (that is lint) and never runs anything that stands in it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from peakend.design.fit import LEFT_OUT, Fitting
from peakend.design.lint import lint_sources
from peakend.design.nodes import compose
from peakend.design.words import PARTS, hint, problem
from peakend.errors import PackError, Place
from peakend.model.pack import FactsFile, Journey, Pack, PackFile, PhrasesFile, Play, Text
from peakend.model.parts import Part
from peakend.model.problem import Path as NodePath
from peakend.model.problem import Problem
from peakend.model.source import SourceFile
from peakend.model.story import Story
from peakend.model.survey import Survey
from peakend.when import published_file, published_names

BUNDLED = Path(__file__).resolve().parent.parent / "packs"

SINGLE: dict[str, type[Part]] = {"pack": PackFile, "facts": FactsFile, "phrases": PhrasesFile}
NAMED: dict[str, type[Part]] = {
    "journeys": Journey,
    "plays": Play,
    "stories": Story,
    "surveys": Survey,
}
"""Folders whose files say their own name inside, under their first key."""
FOLDERS: dict[str, type[Part]] = {**NAMED, "sources": SourceFile}
WRITTEN = ("texts", "cards")
_WITHOUT_EFFECT = ("simulation.yaml",)


class FrontMatter(Part, kw_only=True, frozen=True):
    """The head of a text between two lines ---."""

    subject: str = ""
    channels: dict[str, str] = {}


def read_pack(folder: Path) -> tuple[Pack | None, list[Problem]]:
    """Read every file of a pack.

    Returns the pack as far as it could be read (None without a usable pack.yaml) and all problems found,
    in the order of files and lines. Nodes with a problem are left out of the pack, but keep their place.
    """
    if not ((folder / "pack.yaml").is_file() or (folder / "pack.yml").is_file()):
        bundled = next(iter(bundled_packs()), "PACK")
        return None, [problem("no_pack", Place(str(folder)), word=str(folder), bundled=bundled)]
    reading = _Reading(folder)
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
        root=str(folder),
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
        hash=_hash(folder, head),
        places=reading.places,
    )
    return pack, problems


def load_pack(folder: Path) -> Pack:
    """Read a pack that must be sound; raises PackError naming its first problem and how many there are.

    Its mappings are held against pack.yaml here, because what they do wrong would only show as plays that
    never start.
    """
    pack, problems = read_pack(folder)
    if pack is not None:
        problems += lint_sources(pack, problems)
    errors = [found for found in problems if found.severity == "error"]
    if pack is None or errors:
        first, more = errors[0], len(errors) - 1
        rest = f" ({more} more: peakend check {folder})" if more else ""
        rest_zh = f"（另有 {more} 处：peakend check {folder}）" if more else ""
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
    english, _ = hint(str(name), bundled_packs())
    what = "has no pack.yaml" if folder.is_dir() else "is neither a folder nor a bundled pack"
    raise PackError(f"'{name}' {what}", fix=english)


def bundled_packs() -> list[str]:
    """The names of the packs that come with Peakend."""
    return sorted(path.parent.name for path in BUNDLED.glob("*/pack.yaml"))


class _Reading:
    """The reading of one folder: what was found so far."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.places: dict[NodePath, Place] = {}
        self.problems: list[Problem] = []

    def single(self, name: str) -> Any:
        path = self.root / f"{name}.yaml"
        if not path.is_file():
            path = path.with_suffix(".yml")
            if not path.is_file():
                return None
            self._yml(path)
        # facts.yaml has the one key `facts`, which is also the first part of the path of each fact.
        return self._fitted(path, SINGLE[name], () if name == "facts" else (name,))

    def folder(self, name: str) -> dict[str, Any]:
        cls = FOLDERS[name]
        key = cls.__struct_fields__[0] if name in NAMED else ""
        found: dict[str, Any] = {}
        for path in self._files(name, ".yaml"):
            node = self._fitted(path, cls, (name, path.stem))
            if node is None:
                continue
            if key and getattr(node, key) != path.stem:
                self._other_name(path, (name, path.stem), key, getattr(node, key))
                node = msgspec.structs.replace(node, **{key: path.stem})
            found[path.stem] = node
        return found

    def written(self, group: str) -> dict[tuple[str, str], Text]:
        found: dict[tuple[str, str], Text] = {}
        base = self.root / group
        for folder in sorted(base.iterdir()) if base.is_dir() else []:
            if not folder.is_dir() or folder.name.startswith("."):
                self._stranger(folder, ())
                continue
            for path in self._files(f"{group}/{folder.name}", ".md"):
                text = self._text(path, group, folder.name)
                if text is not None:
                    found[folder.name, path.stem] = text
        return found

    def look_for_strangers(self) -> None:
        """Tell of files that nobody reads: most often a folder with a misspelt name."""
        known = [*(f"{name}.yaml" for name in SINGLE), *FOLDERS, *WRITTEN, *_WITHOUT_EFFECT]
        for path in sorted(self.root.iterdir()):
            if path.with_suffix(path.suffix.replace("yml", "yaml")).name in known:
                continue
            if not path.name.lower().startswith((".", "readme", "license")):
                self._stranger(path, known)

    def _fitted(self, path: Path, cls: type[Part], node_path: NodePath) -> Any:
        place = Place(str(path), 1)
        if node_path:
            self.places[node_path] = place
        text = _text_of(path, self.problems)
        if text is None:
            return None
        before = len(self.problems)
        root = compose(text, str(path), self.problems)
        if root is None:
            if len(self.problems) == before:
                self.problems.append(problem("empty_file", place, node_path, of=PARTS[cls.__name__]))
            return None
        fitted = Fitting(str(path), self.places, self.problems).struct(root, cls, node_path)
        return None if fitted is LEFT_OUT else fitted

    def _text(self, path: Path, group: str, language: str) -> Text | None:
        node_path: NodePath = (group, language, path.stem)
        self.places[node_path] = Place(str(path), 1)
        text = _text_of(path, self.problems)
        if text is None:
            return None
        head, body, first = FrontMatter(), text, 1
        lines = text.split("\n")
        if lines[0].rstrip() == "---":
            end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)
            if not end:
                self.problems.append(problem("open_head", Place(str(path), 1), node_path))
                return None
            head = self._front_matter("\n".join(lines[1:end]), path, node_path)
            body, first = "\n".join(lines[end + 1 :]), end + 2
        first += len(body) - len(body.lstrip("\n"))
        place = Place(str(path), first)
        return Text(
            name=path.stem,
            language=language,
            body=body.strip("\n"),
            subject=head.subject,
            channels=head.channels,
            place=place,
        )

    def _front_matter(self, text: str, path: Path, node_path: NodePath) -> FrontMatter:
        root = compose(text, str(path), self.problems, first_line=2)
        if root is None:
            return FrontMatter()
        fitted = Fitting(str(path), self.places, self.problems).struct(root, FrontMatter, node_path)
        return FrontMatter() if fitted is LEFT_OUT else fitted

    def _files(self, folder: str, suffix: str) -> Iterator[Path]:
        base = self.root / folder
        for path in sorted(base.iterdir()) if base.is_dir() else []:
            if path.suffix == suffix and path.is_file():
                if re.search(r"[\s|]", path.stem):
                    self.problems.append(problem("bad_name", Place(str(path)), word=path.stem))
                yield path
            elif path.suffix == ".yml" and suffix == ".yaml":
                # Read all the same, or everything that names it would be called wrong too.
                self._yml(path)
                if not path.with_suffix(".yaml").is_file():
                    yield path
            else:
                self._stranger(path, ())

    def _stranger(self, path: Path, known: list[str] | tuple[str, ...]) -> None:
        if not path.name.startswith("."):
            fix = hint(path.name, known) if known else ("Move it elsewhere", "请移到别处")
            self.problems.append(problem("unknown_file", Place(str(path)), word=path.name, hint=fix))

    def _yml(self, path: Path) -> None:
        self.problems.append(problem("yml_suffix", Place(str(path)), word=path.stem))

    def _other_name(self, path: Path, node_path: NodePath, key: str, word: str) -> None:
        place = self.places[(*node_path, key)]
        # What says the name inside means this file: it is not told again at every mention.
        self.places.setdefault((node_path[0], word), Place(str(path), 1))
        self.problems.append(
            problem("other_name", place, node_path, file=path.name, key=key, word=word, stem=path.stem)
        )


def _text_of(path: Path, problems: list[Problem]) -> str | None:
    """The text of a file, or None when it is not UTF-8; a byte order mark is told and left out."""
    place = Place(str(path), 1)
    try:
        content = path.read_bytes()
    except OSError as error:
        problems.append(problem("unreadable", Place(str(path)), why=error.strerror or "unknown"))
        return None
    if content.startswith(b"\xef\xbb\xbf"):
        problems.append(problem("bom", place))
        content = content[3:]
    try:
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        word = f"0x{content[error.start]:02X}"
        problems.append(problem("not_utf8", Place(str(path), line), word=word))
        return None


def _hash(folder: Path, head: PackFile) -> str:
    """The content hash of a pack: every file that is read, by its path, with its length before it, and the
    published holidays that it names."""
    digest = hashlib.sha256()
    parts = [*(f"{name}.yaml" for name in SINGLE), *FOLDERS, *WRITTEN]
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        name = path.relative_to(folder)
        if name.parts[0] in parts and path.is_file() and not any(part.startswith(".") for part in name.parts):
            content = path.read_bytes()
            digest.update(f"{name.as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
    named = [calendar.holidays for calendar in head.calendars.values()]
    named += [str(head.policy.quiet_hours.holidays)] if head.policy.quiet_hours else []
    for published in published_names():
        if published in named:
            digest.update(published_file(published))
    return digest.hexdigest()
