"""Everything that is said of a condition that cannot be used, in English and in Chinese.

A caller names a code and hands over the values; it never builds a sentence. A value that reads differently
in the two languages, and every fix, is a pair (English, Chinese).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from peakend.errors import ConditionError, Place

Pair = tuple[str, str]

NO_FIX: Pair = ("", "")


def refusal(code: str, place: Place | None, fix: Pair = NO_FIX, **values: object) -> ConditionError:
    """The error `code` with its values put in."""
    english, chinese = (
        {name: value[index] if isinstance(value, tuple) else value for name, value in values.items()}
        for index in (0, 1)
    )
    what, what_zh = _WHAT[code]
    return ConditionError(
        what.format(**english), place=place, fix=fix[0], what_zh=what_zh.format(**chinese), fix_zh=fix[1]
    )


def near(word: str, known: Iterable[str]) -> Pair:
    """The nearest known word as a question, or NO_FIX."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return meant(close[0]) if close else NO_FIX


def meant(word: str) -> Pair:
    return f"Did you mean '{word}'?", f"是不是 {word}？"


def declared(names: Iterable[str]) -> Pair:
    """The names one may choose from; a long list is cut."""
    found = list(names)
    if not found:
        return "Declared: none", "目前没有声明任何名称"
    shown = f"{', '.join(found[:12])}{' …' if len(found) > 12 else ''}"
    return f"Declared: {shown}", f"已声明：{shown}"


def quoted(word: str) -> Pair:
    """The fix for a text without its quotes."""
    return f"Text goes in single quotes: '{word}'", f"文字要加半角单引号：'{word}'"


def both(first: Pair, second: Pair) -> Pair:
    """Two fixes one after the other; either may be empty."""
    if not (first[0] and second[0]):
        return first if first[0] else second
    stop = "" if first[0].endswith("?") else "."
    return f"{first[0]}{stop} {second[0]}", f"{first[1]}{'' if stop == '' else '。'}{second[1]}"


_WHAT: Mapping[str, Pair] = {
    "never_true": ("{node} is never true", "{node} 永远不成立"),
    "not_had": ("A condition does not have '{word}'", "条件里不能用 {word}"),
    "other_type": ("{node} is {got} where {wanted} is needed", "{node} 是{got}，这里需要{wanted}"),
    "two_types": (
        "{one} is {first} and {other} is {second}: they cannot be compared",
        "{one} 是{first}，{other} 是{second}，两者不能相比",
    ),
    "not_number": ("'{word}' is not a number", "“{word}”不是数字"),
    "changes_type": ("{node} would change a type", "{node} 会改变类型"),
    "not_date": ("'{word}' is not a date", "“{word}”不是日期"),
    "empty_list": ("{node} lists nothing to choose from", "{node} 的列表是空的"),
    "not_literal": ("{node} in a list is not a literal", "列表里的 {node} 不是固定值"),
    "not_pattern": ("{node} after like is not a text in quotes", "like 后面的 {node} 不是带引号的文字"),
    "after_is": ("{node} cannot stand after is", "is 后面不能写 {node}"),
    "brackets": ("{node} needs brackets", "{node} 要加括号"),
    "inner_brackets": ("{node} needs brackets inside another comparison", "{node} 放在另一个比较里要加括号"),
    "says_more": ("{node} says more than a condition can", "{node} 超出了条件能写的内容"),
    "with_null": ("A comparison with null is never true", "与 null 比较永远不成立"),
    "arguments": ("{name}() takes {wanted} and has {given}", "{name}() 要 {count} 个值，这里有 {given} 个"),
    "no_name": (
        "{node} is not a name that a condition can read",
        "条件里的 {node} 不是可读的名称",
    ),
    "undeclared": ("'{word}' is not declared here", "条件里的 {word} 没有声明"),
    "undeclared_in": (
        "'{name}' in {function}('{name}') is not a declared {noun}",
        "{function}('{name}') 里的 {name} 不是声明过的{noun}",
    ),
    "not_name_of": ("{node} is not the name of a {noun}", "{node} 不是{noun}的名称"),
    "no_share": ("{node} is not a share above 0 and up to 1", "{node} 不是大于 0、不超过 1 的比例"),
    "empty": ("The condition is empty", "条件是空的"),
    "open_quote": (
        "A quote in the condition is opened and never closed",
        "条件里的引号没有收尾",
    ),
    "comment": ("A condition holds no comment, here '{word}'", "条件里不能写注释：{word}"),
    "full_width": ("'{word}' is a full-width sign", "{word} 是全角符号"),
    "no_function": ("A condition has no function '{word}'", "条件里没有 {word} 这个函数"),
    "unfinished": (
        "'{word}' is unfinished or holds too many values",
        "“{word}”没有写完，或值太多",
    ),
    "unreadable": ("The condition cannot be read", "条件读不懂"),
    "unreadable_at": ("The condition cannot be read at '{word}'", "条件在“{word}”处读不懂"),
    "too_deep": ("The condition is nested more than {deepest} levels deep", "条件嵌套超过 {deepest} 层"),
}

PATTERN: Pair = (
    "A condition looks like: plan <> 'trial' and amount > 3",
    "条件的写法如：plan <> 'trial' and amount > 3",
)
A_DATE: Pair = ("A date is written DATE '2026-01-31'", "日期写成 DATE '2026-01-31'")
ALLOWED: Pair = (
    "It has = <> < <= > >=, and, or, not, in, between, like, is null, + - * / % and some functions",
    "可用：= <> < <= > >=、and、or、not、in、between、like、is null、+ - * / % 及若干函数",
)
NAMES_LOOK_LIKE: Pair = (
    "Names are those of the event's fields, customer.NAME and facts.NAME",
    "可用的名称：动态的字段、customer.名称、facts.名称",
)
MISSING: Pair = ("A missing value is asked for with NAME is null", "判断没有值请写 名称 is null")
NUMBERS: Pair = (
    "Numbers look like 3, 0.5 or 1e6 and end at about 1.8e308",
    "数字写成 3、0.5 或 1e6，最大约 1.8e308",
)
IN: Pair = ("Write NAME in ('a', 'b')", "请写成 名称 in ('a', 'b')")
LIKE: Pair = (
    "Write NAME like 'abc%'; to look for another field's text use contains or starts_with",
    "请写成 名称 like 'abc%'；要找另一字段的文字，请用 contains 或 starts_with",
)
AFTER_IS: Pair = (
    "After is comes null, true or false; compare values with = or <>",
    "is 后面只能是 null、true、false；比较值请用 = 或 <>",
)
REMAINDER: Pair = (
    "Write (a % b) + c or a % (b + c), as is meant",
    "请按本意写成 (a % b) + c 或 a % (b + c)",
)
NULL: Pair = ("Write NAME is null or NAME is not null", "请写 名称 is null 或 名称 is not null")
SHARE: Pair = (
    "Write exceeded('restore', 0.5) for: met in half of the time or less",
    "例如 exceeded('restore', 0.5)：用了不到一半的时间就达成",
)
CLOSE_QUOTE: Pair = (
    "Text stands between single quotes; a quote within it is doubled: 'it''s'",
    "文字放在半角单引号之间；其中的单引号写两遍：'it''s'",
)
REMARK: Pair = ("Put the remark into the YAML as # remark", "请把说明写成 YAML 的 # 注释")
PLAIN_QUOTES: Pair = (
    "Text stands between plain single quotes: 'trial'",
    "文字放在半角单引号之间：'trial'",
)
SPLIT: Pair = (
    "Split it, or declare part of it as a fact in facts.yaml",
    "请拆开，或把一部分写成 facts.yaml 里的指标",
)
OF_A_KEYWORD: Pair = (
    f"{PATTERN[0]}; a field named like a word of SQL goes in double quotes",
    f"{PATTERN[1]}；字段名若是 SQL 的词，请加双引号",
)
REPEAT: Pair = (
    "Repeat the whole comparison, or write NAME in ('a', 'b')",
    "请把比较写完整，或写成 名称 in ('a', 'b')",
)
NO_QUOTES: Pair = (
    "A number stands without quotes, for example 3 or 0.5",
    "数字不加引号，例如 3 或 0.5",
)
TRUE_OR_FALSE: Pair = ("Write true or false without quotes", "true 和 false 不加引号")
POINT_IN_TIME: Pair = (
    "A point in time goes only with another one; for limits in time use due and within",
    "时间点只能与时间点比较；时限请用 due 和 within",
)
ONE_TYPE: Pair = (
    "Both sides must be of one type, as the pack declares them",
    "两边的类型要一致，以模板的声明为准",
)

_ONE_EVENT: Pair = (
    "A condition sees one event; declare an aggregate in facts.yaml and read it as facts.NAME",
    "条件只看一条动态；请在 facts.yaml 里声明指标，以 facts.名称 引用",
)
_NO_CLOCK: Pair = (
    "A condition has no clock: use a step's due, or a fact with days_since",
    "条件里没有当前时间：请用步骤的 due，或 days_since 指标",
)
_NO_QUERY: Pair = (
    "A condition cannot query; it sees the event's fields, customer.NAME and facts.NAME",
    "条件不能查询；它只看动态的字段、customer.名称 和 facts.名称",
)
WAYS_OUT: Mapping[str, Pair] = {
    "avg sum min max median mode list array_agg string_agg any_value first last over": _ONE_EVENT,
    "now today current_date current_timestamp current_time get_current_timestamp getdate": _NO_CLOCK,
    "select exists read_csv read_parquet any all": _NO_QUERY,
    "date cast try_cast :: to_date strptime": (
        "Types are the pack's; a date is written DATE '2026-01-31'",
        "类型由模板声明；日期写成 DATE '2026-01-31'",
    ),
    "case if iif when": (
        "Write the branches with and, or and not",
        "请用 and、or、not 写出各种情形",
    ),
    "|| concat concat_ws": ("Compare the texts one by one", "请逐个比较文字"),
    "ilike": ("Write lower(NAME) like 'abc%'", "请写成 lower(名称) like 'abc%'"),
    "glob similar regexp_matches regexp_full_match ~ ~~": (
        "Use like, starts_with or contains",
        "请用 like、starts_with 或 contains",
    ),
    "escape": (
        "Use starts_with or contains for texts that hold % or _",
        "含 % 或 _ 的文字请用 starts_with 或 contains",
    ),
    "date_diff datediff date_sub datesub age": ("Use days_between(FROM, TO)", "请用 days_between(起, 止)"),
    "extract date_part datepart": (
        "Use year(DATE), month(DATE) or day(DATE)",
        "请用 year(日期)、month(日期) 或 day(日期)",
    ),
    "interval": (
        "Days are added as numbers: DATE '2026-01-31' + 7",
        "加天数直接写数字：DATE '2026-01-31' + 7",
    ),
    "ifnull nvl isnull": ("Use coalesce(NAME, VALUE)", "请用 coalesce(名称, 值)"),
    "==": ("Write =", "请写 ="),
    "distinct": ("Write = or <>, and is null for what is missing", "请写 = 或 <>；没有值请写 is null"),
    "&&": ("Write and", "请写 and"),
    "// ^ **": ("Use + - * / % and floor", "请用 + - * / % 和 floor"),
    "->": ("Fields are declared flat in the pack", "模板里的字段不分层"),
    "is_open": ("Use open('TOUCHPOINT')", "请用 open('接触点')"),
    ";": ("One condition is one expression; join several with and", "一个条件只写一个式子；多个用 and 连接"),
    "? $ : #": ("Write the value itself into the condition", "请把值直接写进条件"),
}

A: Mapping[str | None, Pair] = {
    "text": ("text", "文字"),
    "number": ("a number", "数字"),
    "boolean": ("true or false", "是或否"),
    "date": ("a date", "日期"),
    "timestamp": ("a point in time", "时间点"),
    None: ("null", "空值"),
}
NOUNS: Mapping[str, Pair] = {
    "open": ("touchpoint", "接触点"),
    "count": ("kind of event", "客户动态类型"),
    "standard": ("standard", "服务标准"),
}
