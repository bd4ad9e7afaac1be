"""The texts and cards of a pack as quotes: Markdown becomes plain paragraphs, Liquid becomes soft chips.

A reader sees the letter as its author wrote it, with a chip where the customer's own value will stand. Every
character of a text is hostile until it is escaped; links keep their words and lose their address; nothing is
evaluated here.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from markupsafe import Markup, escape

from peakend.model.pack import Text
from peakend.report.liquid import SEAL, Mark, sealed
from peakend.tell.catalogue import CHANNELS
from peakend.tell.fields import FIELDS
from peakend.tell.names import Names
from peakend.tell.said import Said

MARKS: dict[str, Said] = {
    "if": Said("若{what}", "if {what}"),
    "unless": Said("除非{what}", "unless {what}"),
    "else": Said("否则", "otherwise"),
    "more": Said("……", "…"),
    "size": Said("{what}的数量", "number of {what}"),
    "in_days": Said("几天后", "in … days"),
}


class Letter(NamedTuple):
    """One text in one language, ready to be shown: its subject, its body, and its short forms by channel."""

    subject: Markup
    body: Markup
    variants: tuple[tuple[str, Markup], ...] = ()


def letter(text: Text, names: Names) -> Letter:
    """Return a text as markup that is safe to show."""
    language = text.language
    variants = tuple(
        (_in(names.of(channel, CHANNELS), language), _inline(body.strip(), language, names))
        for channel, body in text.channels.items()
    )
    return Letter(_inline(text.subject, language, names), _blocks(text.body, language, names), variants)


_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+(.*)", re.DOTALL)
_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*\s*\Z", re.DOTALL)
_RULE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,})\s*\Z")
_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)")
_INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|\*\*(?=\S)(?P<strong>.+?)(?<=\S)\*\*"
    r"|(?<![\w*])\*(?=\S)(?P<em>[^*\n]+?)(?<=\S)\*(?![\w*])"
    r"|\{(?P<blank>[^{}\n]{1,40})\}"
)
_TAGS = {"code": "code", "strong": "strong", "em": "em", "blank": 'span class="blank"'}
_PATH = re.compile(r"'[^']*'|\"[^\"]*\"|([A-Za-z_]\w*(?:\.\w+)*)")
_KEPT = frozenset("and or contains blank empty nil true false".split())


def _blocks(text: str, language: str, names: Names) -> Markup:
    plain, marks = sealed(text)
    chips = [_shown(mark, language, names) for mark in marks]
    blocks: list[Markup] = []
    for paragraph in re.split(r"\n\s*\n", plain.strip("\n")):
        blocks += _paragraph(paragraph, chips)
    return Markup("\n").join(block for block in blocks if block)


def _paragraph(paragraph: str, chips: list[Markup]) -> list[Markup]:
    """Return a paragraph's runs of lines: headings, list items, and prose, in their order."""
    found: list[Markup] = []
    prose: list[str] = []
    items: list[str] = []
    for line in [*paragraph.split("\n"), ""]:
        heading, item = _HEADING.match(line), _ITEM.match(line)
        if prose and (heading or item or not line.strip() or _RULE.match(line)):
            found.append(Markup("<p>{}</p>").format(_break(prose, chips)))
            prose = []
        if items and not item:
            found.append(Markup("<ul>{}</ul>").format(_items(items, chips)))
            items = []
        if heading:
            found.append(Markup("<h5>{}</h5>").format(_words(heading[1], chips)))
        elif item:
            items.append(item[1])
        elif line.strip() and not _RULE.match(line):
            prose.append(line.strip().removeprefix("> "))
    return found


def _break(lines: list[str], chips: list[Markup]) -> Markup:
    return Markup("<br>").join(line for line in (_words(line, chips) for line in lines) if line)


def _items(items: list[str], chips: list[Markup]) -> Markup:
    return Markup("").join(Markup("<li>{}</li>").format(_words(item, chips)) for item in items)


def _inline(text: str, language: str, names: Names) -> Markup:
    plain, marks = sealed(text, brief=True)
    return _words(plain, [_shown(mark, language, names) for mark in marks])


def _words(text: str, chips: list[Markup]) -> Markup:
    """Return one line, escaped and with its emphasis, and the chips put back in their places."""
    marked = str(_marked(_LINK.sub(r"\1", text)))
    return Markup(SEAL.sub(lambda found: str(chips[int(found[1])]), marked))


def _marked(text: str) -> Markup:
    """Return the text escaped, its code, emphasis and blanks to fill in as elements that never overlap."""
    parts, end = [], 0
    for found in _INLINE.finditer(text):
        name = found.lastgroup or "em"
        inner = escape(found[name]) if name == "code" else _marked(found[name])
        tag = _TAGS[name]
        parts += [escape(text[end : found.start()]), Markup(f"<{tag}>{inner}</{tag.split()[0]}>")]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def _shown(mark: Mark, language: str, names: Names) -> Markup:
    if mark.kind == "value":
        return _chip(mark.text, language, names)
    if mark.kind == "end":
        return Markup('<span class="lq end"></span>')
    what = _plain(mark.text, language, names)
    said = _in(MARKS[mark.kind], language).format(what=what)
    return Markup('<span class="lq">{}</span>').format(said)


def _chip(value: str, language: str, names: Names) -> Markup:
    path, *filters = value.split("|")
    spare = next((f.partition(":")[2].strip(" \"'") for f in filters if f.strip().startswith("default")), "")
    if any(f.strip() == "in_days" for f in filters):
        said = _in(MARKS["in_days"], language)
    else:
        said = _named(path.strip().strip("\"'"), language, names) or spare
    return Markup('<span class="chip">{}</span>').format(said) if said else Markup("")


def _plain(condition: str, language: str, names: Names) -> str:
    """Return a Liquid condition with its fields named, its operators as mathematicians write them."""
    for operator, sign in (("==", "="), ("!=", "≠"), (">=", "≥"), ("<=", "≤")):
        condition = condition.replace(operator, sign)
    named = _PATH.sub(
        lambda found: (
            found[0] if found[0] in _KEPT or found[1] is None else _named(found[1], language, names)
        ),
        condition,
    )
    return " ".join(named.split())


def _named(path: str, language: str, names: Names) -> str:
    if path.endswith(".size") and path not in FIELDS:
        what = _in(names.field(path.removesuffix(".size")), language)
        return _in(MARKS["size"], language).format(what=what)
    return _in(names.field(path), language)


def _in(said: Said, language: str) -> str:
    return said.zh if language == "zh" else said.en
