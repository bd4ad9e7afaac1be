"""From the text of a condition to its tree, refusing early what no condition may hold.

Signs, comments, nesting and the names of functions are judged on the tokens, before the parser sees them:
there every word still stands as the author wrote it, and the parser is never led into the rest of SQL.
What is left for the tree is judged in `building`.
"""

from __future__ import annotations

from itertools import pairwise

from sqlglot import Dialect, Token, TokenType, exp
from sqlglot.errors import ParseError, TokenError

from peakend.errors import ConditionError, Place
from peakend.trigger.where import words
from peakend.trigger.where.functions import NAMES

DEEPEST = 50


def read_condition(text: str, place: Place | None) -> exp.Expression:
    """Parse one condition; raises ConditionError for anything that is not exactly one expression."""
    tokens = _tokens(text, place)
    _refuse_hidden_text(text, tokens, place)
    _refuse_signs(text, tokens, place)
    _refuse_functions(text, tokens, place)
    _refuse_nesting(tokens, place)
    try:
        (tree,) = _DUCKDB.parser().parse_into(exp.Condition, tokens, text)
    except ParseError as error:
        raise _unreadable(error, place) from None
    except RecursionError:
        raise _too_deep(place) from None
    if not isinstance(tree, exp.Expression):
        raise words.refusal("empty", place, words.PATTERN)
    if _depth(tree) > DEEPEST:
        raise _too_deep(place)
    return tree


def clauses_of(text: str) -> list[str]:
    """A condition apart at the `and` that joins it whole, each piece as it was written; one that was read."""
    depth = ranges = begin = 0
    found: list[str] = []
    for token in _tokens(text, None):
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        if depth:
            continue
        if token.token_type == TokenType.OR:
            return [text.strip()]
        ranges += token.token_type == TokenType.BETWEEN
        if token.token_type == TokenType.AND and ranges:
            ranges -= 1  # the `and` of a range
        elif token.token_type == TokenType.AND:
            found.append(text[begin : token.start].strip())
            begin = token.end + 1
    return [*found, text[begin:].strip()]


def way_out(word: str) -> words.Pair | None:
    """The fix for a word of SQL that conditions do not have, or None when there is none to name."""
    word = word.lower()
    return next((fix for known, fix in words.WAYS_OUT.items() if word in known.split()), None)


_DUCKDB = Dialect.get_or_raise("duckdb")
_SIGNS = frozenset("= <> != < <= > >= + - * / % ( ) , .".split())
_BEFORE_BRACKET = frozenset("and between in is like not or".split())
_WIDE_QUOTES = "‘’“”"
_FULL_WIDTH = dict(zip("‘’“”（），。；＝＜＞！＋－＊／％", "''''(),.;=<>!+-*/%", strict=True))


def _tokens(text: str, place: Place | None) -> list[Token]:
    try:
        return _DUCKDB.tokenize(text)
    except TokenError:
        wide = next((sign for sign in text if sign in _WIDE_QUOTES), None)
        if wide:
            raise words.refusal("full_width", place, _half_width(wide), word=wide) from None
        raise words.refusal("open_quote", place, words.CLOSE_QUOTE) from None


def _refuse_hidden_text(text: str, tokens: list[Token], place: Place | None) -> None:
    """Refuse comments: what a reader sees between two tokens would silently not count."""
    ends = [0, *(token.end + 1 for token in tokens)]
    starts = [*(token.start for token in tokens), len(text)]
    for end, start in zip(ends, starts, strict=True):
        hidden = text[end:start].strip()
        if hidden:
            raise words.refusal("comment", place, words.REMARK, word=_short(hidden))


def _refuse_signs(text: str, tokens: list[Token], place: Place | None) -> None:
    for token in tokens:
        if token.token_type in (TokenType.STRING, TokenType.IDENTIFIER, TokenType.NUMBER):
            continue
        word = text[token.start : token.end + 1]
        wide = next((sign for sign in word if sign in _FULL_WIDTH), None)
        if wide:
            raise words.refusal("full_width", place, _half_width(wide), word=wide)
        if word not in _SIGNS and not word.replace("_", "a").isalnum():
            signs = " ".join(sorted(_SIGNS))
            fix = words.PLAIN_QUOTES if "'" in word else way_out(word) or way_out(word[0])
            fix = fix or (f"The signs are {signs}", f"可用的符号：{signs}")
            raise words.refusal("not_had", place, fix, word=_short(word))


def _refuse_functions(text: str, tokens: list[Token], place: Place | None) -> None:
    for token, following in pairwise(tokens):
        word = text[token.start : token.end + 1]
        if (
            following.token_type != TokenType.L_PAREN
            or word in _SIGNS
            or token.token_type == TokenType.STRING
        ):
            continue
        name = token.text.lower()
        if name not in NAMES and name not in _BEFORE_BRACKET:
            functions = ", ".join(sorted(NAMES))
            fix = way_out(name) or words.near(name, NAMES)
            fix = fix if fix[0] else (f"The functions are {functions}", f"可用的函数：{functions}")
            raise words.refusal("no_function", place, fix, word=_short(word))


def _refuse_nesting(tokens: list[Token], place: Place | None) -> None:
    """Refuse deep brackets before the parser meets them: it recurses once for each."""
    depth = 0
    for token in tokens:
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        if depth > DEEPEST:
            raise _too_deep(place)


def _depth(tree: exp.Expression) -> int:
    """The nesting that the closures will have: a chain of and, or of or, is one level."""
    deepest, rest = 0, [(tree, 1)]
    while rest:
        node, depth = rest.pop()
        deepest = max(deepest, depth)
        for child in node.iter_expressions():
            chained = isinstance(node, exp.And | exp.Or) and type(child) is type(node)
            if isinstance(child, exp.Expression):
                rest.append((child, depth if chained else depth + 1))
    return deepest


def _unreadable(error: ParseError, place: Place | None) -> ConditionError:
    first = error.errors[0] if error.errors else {}
    word, before = str(first.get("highlight") or ""), str(first.get("start_context") or "")
    if word == ")" and "(" in before:
        return words.refusal("unfinished", place, words.PATTERN, word=f"{before[-40:]})")
    fix = way_out(word) or words.OF_A_KEYWORD
    return words.refusal("unreadable_at" if word else "unreadable", place, fix, word=_short(word))


def _too_deep(place: Place | None) -> ConditionError:
    return words.refusal("too_deep", place, words.SPLIT, deepest=DEEPEST)


def _half_width(sign: str) -> words.Pair:
    half = _FULL_WIDTH[sign]
    return f"Type the half-width sign {half} in its place", f"请改成半角的 {half}"


def _short(word: str) -> str:
    return word if len(word) <= 40 else word[:39] + "…"
