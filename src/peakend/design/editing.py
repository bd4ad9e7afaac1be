"""One small change of a pack file, of which every other character stays as its author wrote it.

A change names a node by its path and gives its value; only the characters of that node are written anew, so
that comments, order, quotes and alignment of all others survive. What comes out is read again and held
against what was asked for: a change that would do anything else is refused. Nothing here judges what a value
means; that is lint.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from peakend.design.nodes import MappingNode, Node, ScalarNode, SequenceNode, compose, tag_of
from peakend.errors import PackError, Place
from peakend.model.problem import Problem

Step = str | int
_ODD = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_CLOCK = re.compile(r"\d{1,2}:\d{2}")


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A node, such as ["steps", 0, "due", "by"], and what it shall hold; None takes it away.

    An index just behind the last item of a list adds one. In a text or card, ["body"] is all below its head.
    """

    path: list[Step]
    value: Any = None


def changed_text(file: str, text: str, change: Change) -> str:
    """The text of a file after a change. `file` is its name within the pack.

    Raises PackError where the file does not read, where there is no such place in it, or where the value
    cannot be written there.
    """
    try:
        return _changed_text(file, text, change)
    except RecursionError:
        raise _not_alone(file) from None


def _changed_text(file: str, text: str, change: Change) -> str:
    text = text.replace("\r\n", "\n")
    if not change.path:
        raise _nowhere(file, change)
    if not file.endswith(".md"):
        return _changed(file, text, change, 1)
    head, body = _parts(text)
    if change.path == ["body"]:
        if not isinstance(change.value, str):
            raise _nowhere(file, change)
        below = change.value.replace("\r\n", "\n").strip("\n")
        return f"---\n{head}---\n{below}\n" if head else f"{below}\n"
    after = _changed(file, head, change, 2)
    return body if after.strip() in ("", "{}") else f"---\n{after}---\n{body}"


def _parts(text: str) -> tuple[str, str]:
    """The head of a text without its lines ---, '' where it has none, and what stands below."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return "", text
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)
    if not end:
        return "", text
    return "\n".join(lines[1:end]) + "\n", "\n".join(lines[end + 1 :])


def _changed(file: str, text: str, change: Change, first_line: int) -> str:
    before = _data(file, text, first_line)
    wanted = _after(file, before, change)
    if wanted == before and change.value is not None:
        return text
    root = compose(text, file, [])
    if root is None:
        after = f"{text.rstrip()}\n{_block(wanted)}".lstrip("\n")
    else:
        text = text if text.endswith("\n") else f"{text}\n"
        after = _Surgery(file, text, root).done(change)
    try:
        there = _load(after)
    except YAMLError:
        there = None
    if (there or None) != (wanted or None):
        raise _not_alone(file)
    return after


def _data(file: str, text: str, first_line: int) -> Any:
    problems: list[Problem] = []
    root = compose(text, file, problems, first_line)
    try:
        if not problems:
            return _load(text) if root is not None else {}
    except YAMLError:
        pass
    found = problems[0] if problems else None
    raise PackError(
        found.what if found else "The file cannot be read as YAML",
        place=found.place if found else Place(file),
        fix=found.fix if found else "Mend it as YAML first",
        what_zh=found.what_zh if found else "文件不是可读的 YAML",
        fix_zh=found.fix_zh if found else "请先直接编辑 YAML 修正",
    )


def _load(text: str) -> Any:
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 2)
    return yaml.load(text)


def _after(file: str, before: Any, change: Change) -> Any:
    """What the file shall hold after the change."""
    wanted = copy.deepcopy(before)
    at, *rest = [wanted], *change.path
    owner: Any = at
    key: Any = 0
    for step in rest:
        inner = owner[key]
        if isinstance(step, str) and inner is None:
            inner = owner[key] = {}
        if isinstance(inner, dict) and isinstance(step, str):
            inner.setdefault(step, None)
        elif isinstance(inner, list) and isinstance(step, int) and 0 <= step <= len(inner):
            inner += [None] * (step == len(inner))
        else:
            raise _nowhere(file, change)
        owner, key = inner, step
    if change.value is None:
        del owner[key]
    else:
        owner[key] = change.value
    return at[0]


class _Surgery:
    """The change of one text by the places of its nodes."""

    def __init__(self, file: str, text: str, root: Node) -> None:
        self._file, self._text, self._root = file, text, root

    def done(self, change: Change) -> str:
        """The text after it."""
        owner, node, path = None, self._root, list(change.path)
        while path:
            found = _child(node, path[0])
            if found is None and _is_empty(node) and owner is not None:
                return self._replace(node, owner, change.path[-len(path) - 1], _nested(path, change.value))
            if found is None:
                return self._text if change.value is None else self._add(node, path, change.value)
            owner, node = node, found
            path.pop(0)
        if change.value is None:
            assert owner is not None
            return self._remove(owner, change.path[-1])
        return self._replace(node, owner, change.path[-1], change.value)

    def _replace(self, node: Node, owner: Node | None, step: Step, value: Any) -> str:
        start, end = _start(node), _end(node)
        if _is_empty(node) and isinstance(owner, MappingNode):
            colon = self._text.index(":", _end(_key(owner, step)))
            return f"{self._text[: colon + 1]} {_flow(value)}{self._text[colon + 1 :]}"
        quoted = isinstance(node, ScalarNode) and node.style in ("'", '"')
        written = _flow(value, quoted=quoted)
        if not _is_flow(node):
            end = self._line_end(self._last_line(node))
            line = self._text.rfind("\n", 0, start) + 1
            key = self._text[line:start].strip()
            if not key.endswith(":") and isinstance(owner, MappingNode):
                # A block below its key moves up behind it.
                start = self._text.index(":", _end(_key(owner, step))) + 1
                written = f" {written}"
        return f"{self._text[:start]}{written}{self._text[end:]}"

    def _add(self, node: Node, path: list[Step], value: Any) -> str:
        value = _nested(path[1:], value)
        entry = _flow(value) if isinstance(node, SequenceNode) else f"{_scalar(str(path[0]))}: {_flow(value)}"
        if _is_flow(node):
            at = _end(node) - 1
            inside = self._text[_start(node) + 1 : at]
            before = self._text[:at].rstrip()
            comma = ", " if node.value and not before.endswith(",") else " " if before.endswith(",") else ""
            tail = " " if inside.endswith(" ") and inside.strip() else ""
            return f"{before}{comma}{entry}{tail}{self._text[at:]}"
        dash = "- " if isinstance(node, SequenceNode) else ""
        column = node.start_mark.column
        at = self._line_end(self._last_line(node))
        return f"{self._text[:at]}\n{' ' * column}{dash}{entry}{self._text[at:]}"

    def _remove(self, owner: Node, step: Step) -> str:
        spans = [(_start(key), _end(inner)) for key, inner in _entries(owner)]
        index = int(step) if isinstance(owner, SequenceNode) else _place_of(owner, step)
        start, end = spans[index]
        if _is_flow(owner):
            if index + 1 < len(spans):
                return self._text[:start] + self._text[spans[index + 1][0] :]
            if index:
                return self._text[: spans[index - 1][1]] + self._text[end:]
            return self._text[:start].rstrip() + self._text[end:].lstrip(" ,")
        if len(spans) == 1:
            written = "[]" if isinstance(owner, SequenceNode) else "{}"
            first = _start(owner) if isinstance(owner, SequenceNode) else start
            return f"{self._text[:first]}{written}{self._text[self._line_end(self._last_line(owner)) :]}"
        line = self._text.rfind("\n", 0, start) + 1
        before = self._text[line:start].strip()
        if before and not (before == "-" and isinstance(owner, SequenceNode)):
            return self._text[:start] + self._text[spans[index + 1][0] :]
        last = self._line_end(max(map(self._last_line, _entries(owner)[index])))
        return self._text[:line] + self._text[last + 1 :]

    def _last_line(self, node: Node) -> int:
        """The last line, from 0, on which a node has anything of its own; -1 where it is empty."""
        if _is_empty(node):
            return -1
        if isinstance(node, ScalarNode) and node.style in ("|", ">"):
            last, lines = int(node.end_mark.line) - 1, self._text.split("\n")
            while last > node.start_mark.line and not lines[last].strip():
                last -= 1
            return last
        if _is_flow(node):
            return int(node.end_mark.line)
        return max(self._last_line(inner) for pair in _entries(node) for inner in pair)

    def _line_end(self, line: int) -> int:
        at = -1
        for _ in range(line + 1):
            at = self._text.find("\n", at + 1)
            if at < 0:
                return len(self._text)
        return at


def _child(node: Node, step: Step) -> Node | None:
    if isinstance(node, MappingNode) and isinstance(step, str):
        return next((inner for key, inner in node.value if key.value == step), None)
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        found: Node = node.value[step]
        return found
    return None


def _nested(path: Sequence[Step], value: Any) -> Any:
    """A value below keys and items that are not there yet."""
    for step in reversed(path):
        value = {step: value} if isinstance(step, str) else [value]
    return value


def _entries(node: Node) -> list[tuple[Node, Node]]:
    return list(node.value) if isinstance(node, MappingNode) else [(one, one) for one in node.value]


def _key(owner: MappingNode, step: Step) -> Node:
    found: Node = next(key for key, _ in owner.value if key.value == step)
    return found


def _place_of(owner: Node, step: Step) -> int:
    return next(number for number, (key, _) in enumerate(_entries(owner)) if key.value == step)


def _start(node: Node) -> int:
    return int(node.start_mark.index)


def _end(node: Node) -> int:
    return int(node.end_mark.index)


def _is_empty(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.style is None and _start(node) == _end(node)


def _is_flow(node: Node) -> bool:
    """Whether a node ends where its mark says: a block ends before the comments that follow it."""
    if isinstance(node, ScalarNode):
        return node.style not in ("|", ">")
    return bool(getattr(node, "flow_style", False))


def _block(value: Any) -> str:
    return "".join(f"{_scalar(str(key))}: {_flow(inner)}\n" for key, inner in value.items())


def _flow(value: Any, *, quoted: bool = False) -> str:
    """A value on one line, as authors of packs write it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(str(key))}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_flow(inner) for inner in value) + "]"
    return _scalar(value, quoted=quoted) if isinstance(value, str) else json.dumps(value)


def _scalar(text: str, *, quoted: bool = False) -> str:
    """A text, plain where YAML reads it back as this very text; times of day are always quoted."""
    plain = not quoted and bool(text) and not _CLOCK.fullmatch(text) and "\n" not in text
    if plain:
        root = compose(f"[{text}]", "", [])
        inner = root.value[0] if isinstance(root, SequenceNode) and len(root.value) == 1 else None
        if isinstance(inner, ScalarNode) and tag_of(inner) == "str" and inner.value == text:
            return text
    return _ODD.sub(lambda one: f"\\u{ord(one[0]):04x}", json.dumps(text, ensure_ascii=False))


def _not_alone(file: str) -> PackError:
    return PackError(
        "This value cannot be written there without touching anything else",
        place=Place(file),
        fix="Change the file as YAML",
        what_zh="这个值无法单独写入该处而不影响其他内容",
        fix_zh="请直接编辑 YAML",
    )


def _nowhere(file: str, change: Change) -> PackError:
    path = ".".join(map(str, change.path)) or "?"
    return PackError(
        f"There is no place '{path}' in this file",
        place=Place(file),
        fix='Name it from the top, for example ["steps", 0, "due", "by"]; a list is counted from 0',
        what_zh=f"文件中没有“{path}”这个位置",
        fix_zh='请从顶层写起，例如 ["steps", 0, "due", "by"]；列表从 0 数起',
    )
