"""The reading of a pack, file after file: typed values, places, and every problem of their shape.

Files come as values, from a folder or from a draft that lies nowhere. What one file says does not depend on
another, so a file that was read just so a moment ago is remembered: of a hundred files an editor changes one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import msgspec

from peakend.design.fit import LEFT_OUT, Fitting
from peakend.design.nodes import compose
from peakend.design.pack_files import Beside
from peakend.design.words import PARTS, hint, problem
from peakend.errors import Place
from peakend.model.delivery import Severity
from peakend.model.pack import FactsFile, Journey, PackFile, PhrasesFile, Play, Text
from peakend.model.parts import Part
from peakend.model.problem import Path as NodePath
from peakend.model.problem import Problem
from peakend.model.source import SourceFile
from peakend.model.story import Story
from peakend.model.survey import Survey

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
READ = (*(f"{name}.yaml" for name in SINGLE), *FOLDERS, *WRITTEN)
"""What is read of a pack, and so covered by its hash: files and folders of the first level."""


class FrontMatter(Part, kw_only=True, frozen=True):
    """The head of a text between two lines ---."""

    subject: str = ""
    channels: dict[str, str] = {}
    severity: Severity = "info"
    link: str = ""


class Reading:
    """The reading of one pack: what was found so far."""

    def __init__(self, files: Mapping[str, bytes], root: str, beside: Beside) -> None:
        self.root = root
        self.places: dict[NodePath, Place] = {}
        self.problems: list[Problem] = []
        self._files = files
        self._beside = beside

    def single(self, name: str) -> Any:
        """The file of its own name on the first level, None where it is not there or does not read."""
        file = next((file for file in (f"{name}.yaml", f"{name}.yml") if self._is_there(file)), None)
        if file is None:
            return None
        if file.endswith(".yml"):
            self._yml(file)
        # facts.yaml has the one key `facts`, which is also the first part of the path of each fact.
        return self._fitted(file, SINGLE[name], () if name == "facts" else (name,))

    def folder(self, name: str) -> dict[str, Any]:
        """The files of a folder by their stems."""
        cls = FOLDERS[name]
        key = cls.__struct_fields__[0] if name in NAMED else ""
        found: dict[str, Any] = {}
        for file in self._inside(name, ".yaml"):
            stem = PurePosixPath(file).stem
            node = self._fitted(file, cls, (name, stem))
            if node is None:
                continue
            if key and getattr(node, key) != stem:
                self._other_name(file, (name, stem), key, getattr(node, key))
                node = msgspec.structs.replace(node, **{key: stem})
            found[stem] = node
        return found

    def written(self, group: str) -> dict[tuple[str, str], Text]:
        """The texts, or cards, by language and name."""
        found: dict[tuple[str, str], Text] = {}
        for language in self._names(group):
            if self._is_there(f"{group}/{language}") or language.startswith("."):
                self._stranger(f"{group}/{language}", ())
                continue
            for file in self._inside(f"{group}/{language}", ".md"):
                text = self._text(file, group, language)
                if text is not None:
                    found[language, text.name] = text
        return found

    def look_for_strangers(self) -> None:
        """Tell of files that nobody reads: most often a folder with a misspelt name."""
        known = [*READ, *_WITHOUT_EFFECT]
        for name in sorted({*self._names(""), *self._beside.strangers}):
            if (
                PurePosixPath(name).with_suffix(PurePosixPath(name).suffix.replace("yml", "yaml")).name
                in known
            ):
                continue
            if not name.lower().startswith((".", "readme", "license")):
                self._stranger(name, known)

    def _fitted(self, file: str, cls: type[Part], node_path: NodePath) -> Any:
        content = self._content(file)
        if content is None:
            self.places.setdefault(node_path, Place(self._path(file), 1))
            return None
        return self._told(_taken_apart(content, self._path(file), cls, node_path))

    def _text(self, file: str, group: str, language: str) -> Text | None:
        node_path: NodePath = (group, language, PurePosixPath(file).stem)
        content = self._content(file)
        if content is None:
            self.places[node_path] = Place(self._path(file), 1)
            return None
        found: Text | None = self._told(_text_taken_apart(content, self._path(file), node_path))
        return found

    def _told(self, one: _Apart) -> Any:
        self.places.update(one.places)
        self.problems += one.problems
        return one.value

    def _content(self, file: str) -> bytes | None:
        why = self._beside.unreadable.get(file)
        if why is not None:
            self.problems.append(problem("unreadable", Place(self._path(file)), why=why))
            return None
        return self._files[file]

    def _is_there(self, file: str) -> bool:
        return file in self._files or file in self._beside.unreadable

    def _names(self, folder: str) -> list[str]:
        """What lies in a folder, files and folders."""
        before = f"{folder}/" if folder else ""
        every = (*self._files, *self._beside.unreadable)
        return sorted({file[len(before) :].partition("/")[0] for file in every if file.startswith(before)})

    def _inside(self, folder: str, suffix: str) -> Iterator[str]:
        for name in self._names(folder):
            file, path = f"{folder}/{name}", PurePosixPath(name)
            if path.suffix == suffix and self._is_there(file):
                if re.search(r"[\s|]", path.stem):
                    self.problems.append(problem("bad_name", Place(self._path(file)), word=path.stem))
                yield file
            elif path.suffix == ".yml" and suffix == ".yaml":
                # Read all the same, or everything that names it would be called wrong too.
                self._yml(file)
                if not self._is_there(f"{folder}/{path.stem}.yaml"):
                    yield file
            else:
                self._stranger(file, ())

    def _path(self, file: str) -> str:
        return f"{self.root}/{file}"

    def _stranger(self, file: str, known: list[str] | tuple[str, ...]) -> None:
        name = PurePosixPath(file).name
        if not name.startswith("."):
            fix = hint(name, known) if known else ("Move it elsewhere", "请移到别处")
            self.problems.append(problem("unknown_file", Place(self._path(file)), word=name, hint=fix))

    def _yml(self, file: str) -> None:
        stem = PurePosixPath(file).stem
        self.problems.append(problem("yml_suffix", Place(self._path(file)), word=stem))

    def _other_name(self, file: str, node_path: NodePath, key: str, word: str) -> None:
        place, path = self.places[(*node_path, key)], PurePosixPath(file)
        # What says the name inside means this file: it is not told again at every mention.
        self.places.setdefault((node_path[0], word), Place(self._path(file), 1))
        self.problems.append(
            problem("other_name", place, node_path, file=path.name, key=key, word=word, stem=path.stem)
        )


class _Apart(NamedTuple):
    """What one file says, where, and what is wrong with it."""

    value: Any
    places: dict[NodePath, Place]
    problems: list[Problem]


_REMEMBERED = 2048
"""Files; a few versions of the largest packs."""


@lru_cache(maxsize=_REMEMBERED)
def _taken_apart(content: bytes, file: str, cls: type[Part], node_path: NodePath) -> _Apart:
    found = _Apart(None, {}, [])
    place = Place(file, 1)
    if node_path:
        found.places[node_path] = place
    text = _text_of(content, file, found.problems)
    if text is None:
        return found
    before = len(found.problems)
    root = compose(text, file, found.problems)
    if root is None:
        if len(found.problems) == before:
            found.problems.append(problem("empty_file", place, node_path, of=PARTS[cls.__name__]))
        return found
    fitted = Fitting(file, found.places, found.problems).struct(root, cls, node_path)
    return found if fitted is LEFT_OUT else found._replace(value=fitted)


@lru_cache(maxsize=_REMEMBERED)
def _text_taken_apart(content: bytes, file: str, node_path: NodePath) -> _Apart:
    _, language, name = (str(step) for step in node_path)
    found = _Apart(None, {node_path: Place(file, 1)}, [])
    text = _text_of(content, file, found.problems)
    if text is None:
        return found
    head, body, first = FrontMatter(), text, 1
    lines = text.split("\n")
    if lines[0].rstrip() == "---":
        end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)
        if not end:
            found.problems.append(problem("open_head", Place(file, 1), node_path))
            return found
        head = _front_matter("\n".join(lines[1:end]), file, node_path, found)
        body, first = "\n".join(lines[end + 1 :]), end + 2
    first += len(body) - len(body.lstrip("\n"))
    return found._replace(
        value=Text(
            name=name,
            language=language,
            body=body.strip("\n"),
            subject=head.subject,
            channels=head.channels,
            severity=head.severity,
            link=head.link,
            place=Place(file, first),
        )
    )


def _front_matter(text: str, file: str, node_path: NodePath, found: _Apart) -> FrontMatter:
    root = compose(text, file, found.problems, first_line=2)
    if root is None:
        return FrontMatter()
    fitted = Fitting(file, found.places, found.problems).struct(root, FrontMatter, node_path)
    return FrontMatter() if fitted is LEFT_OUT else fitted


def _text_of(content: bytes, file: str, problems: list[Problem]) -> str | None:
    """The text of a file, or None when it is not UTF-8; a byte order mark is told and left out."""
    place = Place(file, 1)
    if content.startswith(b"\xef\xbb\xbf"):
        problems.append(problem("bom", place))
        content = content[3:]
    try:
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        word = f"0x{content[error.start]:02X}"
        problems.append(problem("not_utf8", Place(file, line), word=word))
        return None
