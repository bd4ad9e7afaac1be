"""From the text of a condition to its tree, refusing early what no condition may hold.

Signs, comments, nesting and the names of functions are judged on the tokens, before the parser sees them:
there every word still stands as the author wrote it, and the parser is never led into the rest of SQL.
What is left for the tree is judged in `building`.
"""

from __future__ import annotations

from itertools import pairwise

from sqlglot import Dialect, Token, TokenType, exp
from sqlglot.errors import ParseError, TokenError

from peakend.errors import ConditionError, Place, nearest
from peakend.trigger.where.functions import NAMES

DEEPEST = 50
PATTERN = "A condition looks like: plan <> 'trial' and amount > 3"


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
        raise ConditionError("The condition is empty", place=place, fix=PATTERN)
    if _depth(tree) > DEEPEST:
        raise _too_deep(place)
    return tree


def way_out(word: str) -> str:
    """The fix for a word of SQL that conditions do not have, or '' when there is none to name."""
    word = word.lower()
    return next((fix for words, fix in _WAYS_OUT.items() if word in words.split()), "")


_DUCKDB = Dialect.get_or_raise("duckdb")
_SIGNS = frozenset("= <> != < <= > >= + - * / % ( ) , .".split())
_BEFORE_BRACKET = frozenset("and between in is like not or".split())
_FULL_WIDTH = dict(zip("‘’“”（），。；＝＜＞！＋－＊／％", "''''(),.;=<>!+-*/%", strict=True))
_ONE_EVENT = "A condition sees one event; declare an aggregate in facts.yaml and read it as facts.NAME"
_NO_CLOCK = "A condition has no clock: use a step's due, or a fact with days_since"
_NO_QUERY = "A condition cannot query; it sees the event's fields, customer.NAME and facts.NAME"
_WAYS_OUT = {
    "avg sum min max median mode list array_agg string_agg any_value first last over": _ONE_EVENT,
    "now today current_date current_timestamp current_time get_current_timestamp getdate": _NO_CLOCK,
    "select exists read_csv read_parquet any all": _NO_QUERY,
    "date cast try_cast :: to_date strptime": "Types are the pack's; a date is written DATE '2026-01-31'",
    "case if iif when": "Write the branches with and, or and not",
    "|| concat concat_ws": "Compare the texts one by one",
    "ilike": "Write lower(NAME) like 'abc%'",
    "glob similar regexp_matches regexp_full_match ~ ~~": "Use like, starts_with or contains",
    "escape": "Use starts_with or contains for texts that hold % or _",
    "date_diff datediff date_sub datesub age": "Use days_between(FROM, TO)",
    "extract date_part datepart": "Use year(DATE), month(DATE) or day(DATE)",
    "interval": "Days are added as numbers: DATE '2026-01-31' + 7",
    "ifnull nvl isnull": "Use coalesce(NAME, VALUE)",
    "==": "Write =",
    "distinct": "Write = or <>, and is null for what is missing",
    "&&": "Write and",
    "// ^ **": "Use + - * / % and floor",
    "->": "Fields are declared flat in the pack",
    "is_open": "Use open('TOUCHPOINT')",
    ";": "One condition is one expression; join several with and",
    "? $ : #": "Write the value itself into the condition",
}


def _tokens(text: str, place: Place | None) -> list[Token]:
    try:
        return _DUCKDB.tokenize(text)
    except TokenError:
        raise ConditionError(
            "A quote in the condition is opened and never closed",
            place=place,
            fix="Text stands between single quotes; a quote within it is doubled: 'it''s'",
        ) from None


def _refuse_hidden_text(text: str, tokens: list[Token], place: Place | None) -> None:
    """Refuse comments: what a reader sees between two tokens would silently not count."""
    ends = [0, *(token.end + 1 for token in tokens)]
    starts = [*(token.start for token in tokens), len(text)]
    for end, start in zip(ends, starts, strict=True):
        hidden = text[end:start].strip()
        if hidden:
            raise ConditionError(
                f"A condition holds no comment, here '{_short(hidden)}'",
                place=place,
                fix="Put the remark into the YAML as # remark",
            )


def _refuse_signs(text: str, tokens: list[Token], place: Place | None) -> None:
    for token in tokens:
        if token.token_type in (TokenType.STRING, TokenType.IDENTIFIER, TokenType.NUMBER):
            continue
        word = text[token.start : token.end + 1]
        wide = next((sign for sign in word if sign in _FULL_WIDTH), None)
        if wide:
            fix = f"Type the half-width sign {_FULL_WIDTH[wide]} in its place"
            raise ConditionError(f"'{wide}' is a full-width sign", place=place, fix=fix)
        if word not in _SIGNS and not word.replace("_", "a").isalnum():
            plain = "Text stands between plain single quotes: 'trial'" if "'" in word else ""
            fix = plain or way_out(word) or way_out(word[0]) or f"The signs are {' '.join(sorted(_SIGNS))}"
            raise ConditionError(f"A condition does not have '{_short(word)}'", place=place, fix=fix)


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
            fix = way_out(name) or nearest(name, NAMES) or f"The functions are {', '.join(sorted(NAMES))}"
            raise ConditionError(f"A condition has no function '{_short(word)}'", place=place, fix=fix)


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
        what = f"'{before[-40:]})' is unfinished or holds too many values"
        return ConditionError(what, place=place, fix=PATTERN)
    fix = way_out(word) or f"{PATTERN}; a field named like a word of SQL goes in double quotes"
    where = f" at '{_short(word)}'" if word else ""
    return ConditionError(f"The condition cannot be read{where}", place=place, fix=fix)


def _too_deep(place: Place | None) -> ConditionError:
    return ConditionError(
        f"The condition is nested more than {DEEPEST} levels deep",
        place=place,
        fix="Split it, or declare part of it as a fact in facts.yaml",
    )


def _short(word: str) -> str:
    return word if len(word) <= 40 else word[:39] + "…"
