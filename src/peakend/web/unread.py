"""What no route could take: an unknown path, another method, a value of the wrong kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from peakend.web.answers import problem
from peakend.web.refusing import PROGRAMS

_LONGEST: Final = 60

# What pydantic calls an error: what was wrong and what to do, in English and Chinese.
_SAID: Final[dict[str, tuple[str, str, str, str]]] = {
    "missing": ("`{name}` is missing", "Send it", "缺少 {name}", "请补上"),
    "extra_forbidden": ("`{name}` is not known here", "Leave it out", "这里没有 {name}", "请去掉"),
    "json_invalid": ("The body is no JSON", "Send JSON in UTF-8", "内容不是 JSON", "请发送 UTF-8 的 JSON"),
    "greater_than_equal": (
        "`{name}` is {input}, which is less than {ge}", "Write {ge} or more",
        "{name} 的值 {input} 小于 {ge}", "请填 {ge} 或更大的数",
    ),
    "less_than_equal": (
        "`{name}` is {input}, which is more than {le}", "Write {le} or less",
        "{name} 的值 {input} 大于 {le}", "请填 {le} 或更小的数",
    ),
    "string_too_long": (
        "`{name}` is longer than {max_length} characters", "Shorten it",
        "{name} 超过 {max_length} 个字符", "请缩短",
    ),
    "string_too_short": (
        "`{name}` is shorter than {min_length} characters", "Write more",
        "{name} 少于 {min_length} 个字符", "请补充",
    ),
    "too_long": ("`{name}` has too many items", "Send fewer", "{name} 的项数过多", "请减少"),
    "literal_error": (
        "`{name}` is {input}, which is not known", "Write one of {expected}",
        "{name} 的值 {input} 不在可选范围内", "可选：{expected}",
    ),
}  # fmt: skip
_KINDS: Final[dict[str, tuple[str, str]]] = {
    "int": ("a whole number", "整数"),
    "float": ("a number", "数字"),
    "bool": ("true or false", "true 或 false"),
    "string": ("a text", "文本"),
    "list": ("a list", "列表"),
    "dict": ("an object", "对象"),
    "model": ("an object", "对象"),
}


def misfit(request: Request, error: Exception) -> Response:
    """A field or parameter is missing or of the wrong kind: 422, or 415 where the body is no JSON at all."""
    if not isinstance(error, RequestValidationError):
        raise error
    found = list(error.errors())
    form = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if found and found[0]["loc"][:1] == ("body",) and form and not _is_read(form):
        return problem(
            415,
            f"A body of the form {form[:_LONGEST]!r} is not read here",
            "Send application/json in UTF-8",
            f"不支持 {form[:_LONGEST]!r} 这种内容形式",
            "请发送 UTF-8 的 application/json",
            more={"word": "other_form"},
        )
    first: Mapping[str, Any] = found[0] if found else {"type": "", "loc": (), "input": ""}
    place = ".".join(str(one) for one in first["loc"])[:200]
    return problem(422, *_words(first), place=place, more={"word": "misfit"})


def not_found(request: Request, error: Exception) -> Response:
    """An unknown path, or a method that it does not know."""
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    table = _STATUS if request.url.path.startswith(PROGRAMS) else _PAGES
    words = table.get(error.status_code, _OTHER)
    return problem(error.status_code, *words, headers=headers, more={"word": "no_route"})


_STATUS: Final[dict[int, tuple[str, str, str, str]]] = {
    404: (
        "There is no such path", "GET /api/v1 lists what there is",
        "没有这个路径", "GET /api/v1 可列出全部接口",
    ),
    405: (
        "This path does not know the method", "See the header Allow",
        "该路径不支持这个方法", "可用的方法见 Allow 头",
    ),
}  # fmt: skip
_PAGES: Final[dict[int, tuple[str, str, str, str]]] = {
    404: (
        "There is no such page", "Check the address, or begin at the first page",
        "没有这个页面", "请检查网址，或从首页进入",
    ),
    405: (
        "This address does not open by itself", "Go to the page with the form, and send it from there",
        "这个网址不能直接打开", "请回到带表单的页面，从那里提交",
    ),
}  # fmt: skip
_OTHER: Final = (
    "The request cannot be read",
    "Send it as docs/api.md says",
    "请求无法读取",
    "请按 docs/api.md 发送",
)


def _is_read(form: str) -> bool:
    return form.endswith(("/json", "+json", "/x-www-form-urlencoded", "/form-data"))


def _words(error: Mapping[str, Any]) -> tuple[str, str, str, str]:
    kind, where = str(error["type"]), [str(one) for one in error["loc"]]
    name = where[-1][:_LONGEST] if where else "?"
    if kind in _SAID:
        told = {"name": name, "input": _shown(error.get("input"))} | dict(error.get("ctx") or {})
        what, fix, what_zh, fix_zh = (text.format_map(_Known(told)) for text in _SAID[kind])
        return what, fix, what_zh, fix_zh
    wanted, wanted_zh = _KINDS.get(kind.partition("_")[0], ("of another kind", "其他类型"))
    whole = where == ["body"] or not where
    return (
        f"{'The body' if whole else f'`{name}`'} is not what it should be: {wanted}",
        "See /api/v1/openapi.json for what it may be",
        f"{'请求内容' if whole else f'{name} '}应为{wanted_zh}，但不是",
        "可用的取值见 /api/v1/openapi.json",
    )


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


class _Known(dict[str, Any]):
    """What pydantic did not tell stays out of the sentence."""

    def __missing__(self, key: str) -> str:
        return "?"
