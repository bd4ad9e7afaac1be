"""The Markdown of a filled-in text as the HTML that mail programs show, and as its plain twin.

Only what a letter needs is read: paragraphs, emphasis, lists, headings, quotes, rules and links. Raw HTML and
pictures are not. Values are still sealed while it is read, so no value can become any of these; they are put
in last, escaped for the place where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import escape

from peakend.model.liquid import SEAL, Filled, unsealed

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(
    ["code", "fence", "html_block", "html_inline", "image", "lheading", "reference"]
)
# An address is judged when its values stand in it; encoded before, the seals would be lost.
_MARKDOWN.normalizeLink = lambda url: url  # type: ignore[method-assign]
_MARKDOWN.validateLink = lambda url: True  # type: ignore[method-assign]

Tokens = Sequence[Token]


def tokens_of(filled: Filled) -> list[Token]:
    """The structure of a filled-in text."""
    return _MARKDOWN.parse(filled.text)


def as_html(tokens: Tokens, values: Sequence[str], *, blanks: bool = False) -> str:
    """The text as HTML with the styles of a letter on every element; safe whatever the values are.

    `blanks` shows {what a colleague fills in} as a blank.
    """
    inside: list[str] = []
    for token in [one for outer in tokens for one in (outer, *(outer.children or ()))]:
        if token.type == "link_open":
            address = linked(Filled(str(token.attrs.get("href") or ""), tuple(values), ()), letter=True)
            token.attrs = {"href": address} if address else {}
        if token.nesting == 1 or token.type in _ALONE:
            if style := _style(token, inside):
                token.attrSet("style", style)
            if token.tag in _CLASSES:
                token.attrSet("class", _CLASSES[token.tag])
        if token.nesting == 1:
            inside.append(token.tag)
        elif token.nesting == -1 and inside:
            inside.pop()
    html = str(_MARKDOWN.renderer.render(list(tokens), _MARKDOWN.options, {}))
    if blanks:
        html = _BLANK.sub(r'<span style="border-bottom:1px solid #9a9a94">&nbsp;\1&nbsp;</span>', html)
    return unsealed(html, [str(escape(value)).replace("\n", "<br>") for value in values])


def as_plain(tokens: Tokens, values: Sequence[str]) -> str:
    """The text for a reader without HTML; an address follows the words it stands on."""
    lines = "\n".join(_lines(tokens, values))
    return unsealed(re.sub(r"\n{3,}", "\n\n", lines).strip("\n"), values)


def linked(filled: Filled, *, letter: bool = False) -> str:
    """The address with its values put in, or '' where it is neither https nor a path of the console.

    A value inside an address is encoded, so that it cannot lead elsewhere; `letter` allows also mail and
    telephone numbers, and no path, which leads nowhere in a letter.
    """
    first, values = filled.text, filled.values
    if not SEAL.match(first):
        values = tuple(quote(value, safe="") for value in values)
    address = unsealed(first, values).strip()
    if _SPACED.search(address):
        return ""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme == "https":
        return address if host and "@" not in parts.netloc else ""
    if letter:
        return address if parts.scheme in {"mailto", "tel"} and parts.path else ""
    return address if address.startswith("/") and not host and not address.startswith("//") else ""


_SPACED = re.compile(r"[\s\x00-\x20\x7f\\<>\"'`]")
_BLANK = re.compile(r"\{([^{}\n<>\ue000]{1,40})\}")
_ALONE = frozenset({"hr", "code_inline"})
_CLASSES = {"a": "pe-link", "hr": "pe-line", "code": "pe-code"}
_STYLES = {
    "p": "margin:0 0 16px",
    "ul": "margin:0 0 16px;padding:0 0 0 22px",
    "ol": "margin:0 0 16px;padding:0 0 0 24px",
    "li": "margin:0 0 8px;padding:0 0 0 2px",
    "h1": "margin:0 0 18px;font-size:21px;line-height:1.4;font-weight:600",
    "h2": "margin:28px 0 10px;font-size:17px;line-height:1.45;font-weight:600",
    "h3": "margin:22px 0 8px;font-size:16px;line-height:1.45;font-weight:600",
    "strong": "font-weight:600",
    "a": "color:#1f6f5c;text-decoration:underline",
    "blockquote": "margin:0 0 16px;padding:2px 0 2px 14px;border-left:3px solid #d5d8d3",
    "hr": "margin:24px 0;border:0;border-top:1px solid #e2e4df",
    "code": "padding:1px 5px;border-radius:4px;background:#f0f1ee;font-size:14px",
}


def _style(token: Token, inside: Sequence[str]) -> str:
    if token.tag == "p" and "li" in inside:
        return "margin:0"
    if token.tag in {"ul", "ol"} and "li" in inside:
        return _STYLES[token.tag].replace("0 0 16px", "6px 0 0", 1)
    return _STYLES.get(token.tag, "")


def _lines(tokens: Tokens, values: Sequence[str]) -> Iterator[str]:
    """The lines of the plain text, values still sealed."""
    lists: list[int | None] = []
    mark, quoted = "", 0
    for token in tokens:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                lists.append(int(token.attrs.get("start", 1)) if token.tag == "ol" else None)
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
                if not lists:
                    yield ""
            case "list_item_open":
                number = lists[-1]
                mark = "- " if number is None else f"{number}. "
                lists[-1] = None if number is None else number + 1
            case "blockquote_open" | "blockquote_close":
                quoted += token.nesting
            case "heading_open":
                yield ""
            case "hr":
                yield from ("", "----", "")
            case "inline":
                before = "> " * quoted + "  " * (len(lists) - 1) + mark
                after = "> " * quoted + "  " * (len(lists) - 1) + " " * len(mark or "  " * bool(lists))
                text = _inline(token.children or [], values)
                yield before + text.replace("\n", "\n" + after)
                mark = ""
            case "heading_close":
                yield ""
            case "paragraph_close" if not lists:
                yield ""


def _inline(tokens: Tokens, values: Sequence[str]) -> str:
    parts: list[str] = []
    links: list[tuple[int, str]] = []
    for token in tokens:
        match token.type:
            case "softbreak" | "hardbreak":
                parts.append("\n")
            case "link_open":
                href = Filled(str(token.attrs.get("href") or ""), tuple(values), ())
                links.append((len(parts), linked(href, letter=True)))
            case "link_close" if links:
                start, address = links.pop()
                said = "".join(parts[start:])
                shown = address.removeprefix("mailto:").removeprefix("tel:")
                if shown and shown != unsealed(said, values):
                    parts.append(f" ({shown})")
            case _:
                parts.append(token.content)
    return "".join(parts)
