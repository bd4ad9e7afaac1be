"""sources/NAME.yaml as it stands on disk, with the line of every key kept for the errors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from peakend.errors import Place, SourceError
from peakend.listen.mapping import Source, source_of


def read_source(path: Path) -> Source:
    """Read one mapping; its name is that of the file. Raises SourceError with the line and the fix."""
    try:
        node = YAML(typ="rt").load(path.read_text("utf-8-sig"))
    except MarkedYAMLError as error:
        # A quote that is never closed is noticed at the end of the file, and meant where it was opened.
        mark = error.context_mark if "scanning" in str(error.context) else error.problem_mark
        line = mark.line + 1 if mark else 0
        raise SourceError(
            f"the YAML cannot be read: {error.problem}",
            place=Place(str(path), line),
            fix="Check the indentation, and quote texts that contain ': ' or begin with a sign",
        ) from None
    except (YAMLError, UnicodeDecodeError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise SourceError(f"the mapping cannot be read: {reason}", place=str(path), fix=_SAVE) from None
    if not isinstance(node, CommentedMap):
        raise SourceError("the mapping is empty or no mapping of keys", place=str(path), fix=_START)
    return source_of(path.stem, _plain(node), str(path), dict(_lines(node, "")))


def read_sources(folder: Path) -> list[Source]:
    """Read every mapping of a folder, in the order of their names."""
    return [read_source(path) for path in sorted(folder.glob("*.yaml"))]


def _lines(node: Any, path: str) -> Iterator[tuple[str, int]]:
    if isinstance(node, CommentedMap):
        places = [(str(_plain(key)), value, node.lc.key(key)[0]) for key, value in node.items()]
    elif isinstance(node, CommentedSeq):
        places = [(str(number), value, node.lc.item(number)[0]) for number, value in enumerate(node)]
    else:
        return
    for name, value, line in places:
        inner = f"{path}.{name}" if path else name
        yield inner, line + 1
        yield from _lines(value, inner)


def _plain(node: Any) -> Any:
    """The node without what ruamel.yaml hangs on it; keys and dates are text, as cells are."""
    if isinstance(node, dict):
        return {_key(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if isinstance(node, bool) or node is None:
        return node
    if isinstance(node, date):
        return node.isoformat()
    for kind in (str, int, float):
        if isinstance(node, kind):
            return kind(node)
    return str(node)


def _key(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(_plain(key))


_SAVE = "Save it as UTF-8 text"
_START = "Begin with for example `file: tickets*.csv`, `customer: caller`, `events:`"
