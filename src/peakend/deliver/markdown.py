"""The Markdown of a filled-in text as the HTML that mail programs show, and as its plain twin.

Only what a letter needs is read: paragraphs, emphasis, lists, headings, quotes, rules and links. Raw HTML and
pictures are not. Values are still sealed while it is read, so no value can become any of these; they are put
in last, escaped for the place where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import escape

from peakend.model.liquid import SEAL, Filled, unsealed

Tokens = Sequence[Token]


def tokens_of(filled: Filled, language: str) -> list[Token]:
    """The structure of a filled-in text, with the quotation marks of its language."""
    return (_CHINESE if language == "zh" else _MARKDOWN).parse(filled.text)


def closed_up(filled: Filled) -> Filled:
    """A Chinese text without the spaces that its author kept for values in Latin letters or figures.

    "您的 {{ product }} 出了故障" reads 您的 ECS 出了故障 and 您的云服务器出了故障.
    """

    def before(found: re.Match[str]) -> str:
        value = filled.values[int(found[2])]
        return found[1] + found[0][len(found[1]) + 1 :] if _HAN.match(value) else found[0]

    def after(found: re.Match[str]) -> str:
        value = filled.values[int(found[1])]
        return found[0].replace(" ", "") if _HAN.match(value[-1:]) else found[0]

    text = _SPACE_BEFORE.sub(before, filled.text)
    return filled._replace(text=_SPACE_AFTER.sub(after, text))


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

    A value inside an address, but not at its beginning, is encoded, so that it cannot lead elsewhere.
    `letter` allows also mail and telephone numbers, and no path, which leads nowhere in a letter.
    """
    begins = SEAL.match(filled.text)
    whole = int(begins[1]) if begins else -1  # an address that is itself a value, or begins with one
    values = [value if n == whole else _encoded(value) for n, value in enumerate(filled.values)]
    address = unsealed(filled.text, values).strip()
    allowed = _HTTPS.fullmatch(address) or (_REACH if letter else _PATH).fullmatch(address)
    return address if allowed else ""


def _encoded(value: str) -> str:
    return "".join(chr(one) if chr(one) in _SAFE else f"%{one:02X}" for one in value.encode())


_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.~-")
_REST = r"[^\s\x00-\x20\x7f\\<>\"'`]*"
_HTTPS = re.compile(rf"https://[\w-]+(?:\.[\w-]+)*(?::\d{{1,5}})?(?:[/?#]{_REST})?")
_PATH = re.compile(rf"/(?!/){_REST}")
_REACH = re.compile(r"mailto:[\w.+%-]+@[\w-]+(?:\.[\w-]+)+|tel:\+?[\d.()-]{3,30}")


def _reader(**options: bool) -> MarkdownIt:
    off = ["code", "fence", "html_block", "html_inline", "image", "lheading", "reference"]
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True, **options}).disable(off)
    # An address is judged when its values stand in it; encoded before, the seals would be lost.
    reader.normalizeLink = lambda url: url  # type: ignore[method-assign]
    reader.validateLink = lambda url: True  # type: ignore[method-assign]
    return reader


_CHINESE = _reader()
_MARKDOWN = _reader(typographer=True).enable("smartquotes")
_HAN = re.compile("[\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef]")
_SPACE_BEFORE = re.compile(f"({_HAN.pattern}\\*{{0,2}}) \\*{{0,2}}\ue000(\\d+)\ue001")
_SPACE_AFTER = re.compile(f"\ue000(\\d+)\ue001\\*{{0,2}} (?=\\*{{0,2}}{_HAN.pattern})")
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
