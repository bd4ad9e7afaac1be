"""The kind that a name means: `Order Completed` of one system and `com.shop.order.completed` of another.

Senders name what happened in their own way. One rule makes a kind of every name, so that a designer can say
beforehand which kind will arrive; what the rule cannot read is refused, never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from typing import Final

from peakend.errors import Unusable
from peakend.listen.door import KIND, shown

LONGEST: Final = 200
"""Characters of a name."""


@lru_cache(maxsize=4_096)
def kind_of_words(name: str) -> str:
    """The kind of a name in words: the last word is what happened, those before it are to what.

    'Order Completed', 'orderCompleted' and 'order_completed' are order.completed; 'Product List Viewed' is
    product_list.viewed; a single word, as 'Signup', becomes signup.tracked. A kind stays as it is. Raises
    Unusable for a name without Latin letters, or with others too.
    """
    if len(name) <= LONGEST and KIND.fullmatch(name):
        return name
    words = _words(name)
    if len(words) == 1:
        words.append("tracked")
    return _kind(name, words[:-1], words[-1:])


def kind_of_type(name: str, declared: Collection[str] = ()) -> str:
    """The kind of a type with parts, as CloudEvents write it: its last two parts.

    'com.example.order.completed' and 'com.example.order.completed.v2' are order.completed; a last part of
    several words, as in 'Example.Shop.OrderCompleted', says all of it. What the pack declares stays as it is.
    Raises Unusable as `kind_of_words` does.
    """
    return name if name in declared else _of_parts(name)


@lru_cache(maxsize=4_096)
def _of_parts(name: str) -> str:
    parts = name.split(".") if len(name) <= LONGEST else [""]
    if len(parts) > 2 and _VERSION.fullmatch(parts[-1]):
        parts.pop()
    if len(parts) == 1 or (not _PART.fullmatch(parts[-1]) and len(_words(parts[-1])) > 1):
        return kind_of_words(parts[-1])
    return _kind(name, _words(parts[-2]), _words(parts[-1]))


def _words(name: str) -> list[str]:
    """The words of a name in small letters, without accents; none where another script is in it."""
    if len(name) > LONGEST:
        return []
    plain = "".join(one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one))
    if any(one.isalnum() and not one.isascii() for one in plain):
        return []
    return [word.lower() for word in _WORD.findall(_HUMP.sub(" ", plain))]


def _kind(name: str, nouns: list[str], verbs: list[str]) -> str:
    kind = f"{'_'.join(nouns)}.{'_'.join(verbs)}"
    if KIND.fullmatch(kind):
        return kind
    raise Unusable(
        f"no kind can be made of the name {shown(name)}",
        fix="Name it in Latin letters as noun and past participle, for example Order Completed",
        what_zh=f"无法由名称 {shown(name)} 得出客户动态的种类",
        fix_zh="请用英文“名词 + 过去分词”命名，例如 Order Completed",
    )


_PART = re.compile(r"[a-z0-9_]+")
_VERSION = re.compile(r"v[0-9]+", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
