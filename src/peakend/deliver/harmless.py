"""Texts made harmless for the place where they are read: every text of a customer may be an attack.

What is dropped can hide or turn round other text, or end a line of a protocol; what is replaced would be
read as markup, a mention or a link. Letters, emoji and right-to-left scripts themselves stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

_DROPPED: Final = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_BREAKS: Final = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_SURROGATES: Final = re.compile(r"[\ud800-\udfff]")
_WIDE: Final = str.maketrans("<>[]`*@&\\|", "＜＞［］｀＊＠＆＼｜")
_HEADS: Final = re.compile(r"^(\s*)#", re.MULTILINE)
_SCHEMES: Final = re.compile(r"(?<=[A-Za-z0-9]):(?=//)")
_DOTS: Final = re.compile(r"(?<=[^\W_])\.(?=[^\W\d_]{2})")
_ELLIPSIS: Final = "…"


def plain(text: str) -> str:
    """The text without characters that nobody sees; line breaks are LF."""
    return _DROPPED.sub("", _SURROGATES.sub("\ufffd", _BREAKS.sub("\n", text)))


def one_line(text: str) -> str:
    """The text on one line, for a subject, a name, a title or a field of a template."""
    return " ".join(plain(text).split())


def inert(text: str, link: str = "") -> str:
    """The text for a robot's Markdown: no mention, no markup, and no link but `link` can come out of it.

    The characters are replaced by their full-width twins, since the providers know no escape for them.
    """
    if link and link_of(link):
        return link_of(link).join(inert(part) for part in text.split(link))
    wide = _HEADS.sub(r"\1＃", plain(text).translate(_WIDE))
    return _DOTS.sub("．", _SCHEMES.sub("：", wide))


def within(text: str, most: int) -> str:
    """The text cut to `most` bytes of UTF-8, with an ellipsis where something is missing."""
    if len(text.encode()) <= most:
        return text
    return text.encode()[: most - len(_ELLIPSIS.encode())].decode(errors="ignore") + _ELLIPSIS


def link_of(address: str) -> str:
    """The address as a link that can stand within Markdown, or '' where it is none."""
    try:
        parts = urlsplit(plain(address).strip())
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return ""
    return quote(parts.geturl(), safe="%/:?#@!$&'*+,;=~-._")


def encodable(value: Any) -> Any:
    """A value that JSON can carry: half characters replaced in every text, keys included."""
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {encodable(str(key)): encodable(one) for key, one in value.items()}
    return [encodable(one) for one in value] if isinstance(value, list | tuple) else value
