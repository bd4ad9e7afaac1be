"""The shape of a Liquid text, as far as a reader needs it: what is said always, what only sometimes.

A text is parsed into a small tree and written out again with numbered seals where a chip or a mark will
stand. `if NAME` alone only asks whether a value is known, so its filled form is shown; a real condition is
shown with what it says, and with its alternative. Nothing is evaluated, and a broken text is shown as far as
it goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

SEAL = re.compile("\ue000(\\d+)\ue001")


class Mark(NamedTuple):
    """Something that stands between the words: a value, a condition, an alternative, or the end of one."""

    kind: Literal["value", "if", "unless", "else", "end", "more"]
    text: str = ""


@dataclass
class Block:
    """An `if`, `unless`, `case` or `for` with its branches: (the condition, what stands in it)."""

    word: str
    subject: str
    branches: list[tuple[str, list[Node]]] = field(default_factory=list)


Node = str | Mark | Block


def sealed(text: str, *, brief: bool = False) -> tuple[str, list[Mark]]:
    """Return the text with a seal \\ue000N\\ue001 for each mark, and the marks by their numbers.

    `brief` is for a subject line: of several alternatives only the last is kept, and no condition is said.
    """
    marks: list[Mark] = []

    def seal(mark: Mark) -> str:
        marks.append(mark)
        return f"\ue000{len(marks) - 1}\ue001"

    clean = text.replace("\ue000", "").replace("\ue001", "")
    nodes, _ = _parsed(list(_tokens(clean)), 0)
    return "".join(_written(nodes, seal, brief)), marks


_LIQUID = re.compile(r"\{\{-?(?P<value>.*?)-?\}\}|\{%-?(?P<tag>.*?)-?%\}", re.DOTALL)
_ITEM = re.compile(r"^\s*[-*+] ", re.MULTILINE)
_KNOWN = re.compile(r"[\w.]+(?:\s+(?:and|or)\s+[\w.]+)*\Z")
_OPENING = ("if", "unless", "case", "for")
_ANOTHER = ("elsif", "else", "when")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    end = 0
    for found in _LIQUID.finditer(text):
        if found.start() > end:
            yield "text", text[end : found.start()]
        end = found.end()
        yield ("value", found["value"].strip()) if found["tag"] is None else ("tag", found["tag"].strip())
    if end < len(text):
        yield "text", text[end:]


def _parsed(tokens: list[tuple[str, str]], at: int) -> tuple[list[Node], int]:
    """Return the nodes up to the tag that closes them or begins another branch, and where that tag stands."""
    nodes: list[Node] = []
    while at < len(tokens):
        kind, text = tokens[at]
        word = text.partition(" ")[0]
        if kind == "text":
            nodes.append(text)
        elif kind == "value":
            nodes.append(Mark("value", text))
        elif word in _OPENING:
            block, at = _block(tokens, at)
            nodes.append(block)
        elif word in _ANOTHER or word.startswith("end"):
            return nodes, at
        at += 1
    return nodes, at


def _block(tokens: list[tuple[str, str]], at: int) -> tuple[Block, int]:
    word, _, subject = tokens[at][1].partition(" ")
    block = Block(word, subject.strip())
    condition = subject.strip()
    while at < len(tokens):
        nodes, at = _parsed(tokens, at + 1)
        if word != "case" or block.branches or condition != subject.strip():
            block.branches.append((condition, nodes))
        if at >= len(tokens) or tokens[at][1].startswith("end"):
            break
        another, _, rest = tokens[at][1].partition(" ")
        condition = "" if another == "else" else f"{subject} == {rest}" if another == "when" else rest.strip()
    return block, at


def _written(nodes: list[Node], seal: Callable[[Mark], str], brief: bool) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif isinstance(node, Mark):
            yield seal(node)
        elif node.word == "for":
            yield from _loop(node, seal, brief)
        else:
            yield from _choice(node, seal, brief)


def _loop(block: Block, seal: Callable[[Mark], str], brief: bool) -> Iterator[str]:
    """Yield the body once, and a last item that says that there may be more."""
    body = "".join(part for _, nodes in block.branches[:1] for part in _written(nodes, seal, brief))
    more = seal(Mark("more"))
    yield f"{body.rstrip()}\n- {more}\n" if _ITEM.search(body) else f"{body}{more}"


def _choice(block: Block, seal: Callable[[Mark], str], brief: bool) -> Iterator[str]:
    if not block.branches:
        return
    first = block.branches[0]
    if block.word == "if" and _KNOWN.match(first[0]):
        yield from _written(first[1], seal, brief)
        return
    if brief:
        yield from _written(block.branches[-1][1], seal, brief)
        return
    for condition, nodes in block.branches:
        kind: Literal["if", "unless", "else"] = "unless" if block.word == "unless" else "if"
        mark = seal(Mark(kind, condition) if condition else Mark("else"))
        body = "".join(_written(nodes, seal, brief))
        if "\n" in body.strip() or body.startswith("\n"):
            yield f"\n\n{mark}\n{body.strip()}\n\n"
        else:
            yield f"{mark}{body}{seal(Mark('end'))}"
