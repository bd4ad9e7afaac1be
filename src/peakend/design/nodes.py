"""From the text of a pack file to a tree of YAML nodes in which every key knows its line.

The tree is left as YAML has it (no Python values yet), because only the typed model knows whether 10 was
meant as a number or as a text. Whatever is not readable becomes a problem with its line, never an exception.
"""

from __future__ import annotations

import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from peakend.design.words import problem
from peakend.errors import Place
from peakend.model.problem import Problem

__all__ = ["MappingNode", "Node", "ScalarNode", "SequenceNode", "compose", "line_of", "tag_of"]

_MOST_NODES = 200_000
_WIDE_COLON = re.compile(r"\s*(?:- +)?\{?[\w.-]+ ?：")


def compose(text: str, file: str, problems: list[Problem], first_line: int = 1) -> Node | None:
    """The root node of one YAML document, or None when it is empty or cannot be read.

    `first_line` is the line of the file on which `text` begins.
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 2)
    try:
        root: Node | None = yaml.compose(text)
        if root is not None:
            _refuse_endless(root)
    except MarkedYAMLError as error:
        problems.append(_syntax(error, text, file, first_line))
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + first_line
        problems.append(
            problem("control_character", Place(file, line), word=f"U+{_code(error.character):04X}")
        )
    except (RecursionError, _EndlessError):
        problems.append(problem("too_deep", Place(file, first_line)))
    except YAMLError:
        problems.append(problem("bad_yaml", Place(file, first_line)))
    else:
        if first_line > 1 and root is not None:
            _shift(root, first_line - 1, set())
        return root
    return None


def line_of(node: Node) -> int:
    """The line of the file on which the node begins, from 1."""
    return int(node.start_mark.line) + 1


def tag_of(node: Node) -> str:
    """What YAML takes a plain scalar for: str, int, float, bool, null, timestamp, or a foreign tag."""
    return str(node.tag).removeprefix("tag:yaml.org,2002:")


class _EndlessError(Exception):
    """A node contains itself, or aliases blow a few lines up to millions of nodes."""


def _refuse_endless(root: Node) -> None:
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()

    def size(node: Node) -> int:
        if id(node) in open_nodes:
            raise _EndlessError
        if id(node) not in sizes:
            open_nodes.add(id(node))
            sizes[id(node)] = 1 + sum(size(child) for child in _children(node))
            open_nodes.discard(id(node))
        if sizes[id(node)] > _MOST_NODES:
            raise _EndlessError
        return sizes[id(node)]

    size(root)


def _children(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [child for pair in node.value for child in pair]
    return list(node.value) if isinstance(node, SequenceNode) else []


def _shift(node: Node, lines: int, done: set[int]) -> None:
    if id(node) in done:
        return
    done.add(id(node))
    node.start_mark.line += lines
    for child in _children(node):
        _shift(child, lines, done)


def _syntax(error: MarkedYAMLError, text: str, file: str, first_line: int) -> Problem:
    what, about = str(error.problem or ""), str(error.context or "")
    mark, opened = error.problem_mark, error.context_mark
    line = mark.line if mark else 0
    code, values = "bad_yaml", dict[str, Any]()
    wide = _wide_colon(text, opened.line if opened else line, line)
    if wide is not None:
        code, line = "wide_colon", wide
    elif "'\\t'" in what or _is_tab(text, mark):
        code = "tab"
    elif "mapping values" in what:
        code = "second_colon"
    elif "quoted scalar" in about and "end of stream" in what:
        code, line = "open_quote", opened.line if opened else line
    elif "flow" in about:
        code, line = "open_bracket", opened.line if opened else line
    elif "cannot start any token" in what:
        code, values = "bad_start", {"word": what.split("'")[1]}
    elif "undefined alias" in what:
        code, values = "bad_alias", {"word": what.split("'")[1]}
    elif "another document" in what:
        code = "two_documents"
    elif "block" in about or "simple key" in about:
        code = "bad_indent"
    return problem(code, Place(file, line + first_line), **values)


def _wide_colon(text: str, first: int, last: int) -> int | None:
    """The line on which a key is followed by a full-width colon, among those that do not read."""
    lines = text.split("\n")[: last + 1]
    suspects = [number for number in range(len(lines)) if _WIDE_COLON.match(lines[number])]
    return next((number for number in suspects if number >= first - 1), None)


def _is_tab(text: str, mark: Any) -> bool:
    if mark is None:
        return False
    lines = text.split("\n")
    line = lines[mark.line] if mark.line < len(lines) else ""
    return line[: len(line) - len(line.lstrip())].find("\t") >= 0


def _code(character: object) -> int:
    return character if isinstance(character, int) else ord(str(character)[0])
