"""CloudEvents 1.0 in their JSON form and spread over the headers of a request, as rows in the native form.

What each attribute becomes is in docs/events.md. The customer is named by the extension attribute `customer`
or by a field of the data; an event with a `subject` and no customer is about that subject.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from peakend.errors import Unusable
from peakend.listen.door import Moment, shown
from peakend.listen.kinds import kind_of_type
from peakend.listen.sent import Row, Rows

CUSTOMER_FIELDS: Final = ("customer", "customer_id", "customerId")
"""Fields of the data that name the customer where no attribute does, in this order."""


def reader(declared: Collection[str] = ()) -> Callable[[Row, int], Rows]:
    """A reader of events in the JSON form; `declared` are the kinds that the pack knows by name."""

    def read(event: Row, received: int) -> Rows:
        _check(event)
        data = _data(event)
        row: Row = {"id": event["id"], "kind": kind_of_type(event["type"], declared)}
        row |= {"source": event["source"], "subject": event.get("subject")}
        said = event.get("time")
        row["at"] = Moment(received) if said is None else said
        extra = {name: value for name, value in event.items() if name not in _OWN and value is not None}
        if "customer" in extra:
            row["customer"] = extra.pop("customer")
        elif name := next((one for one in CUSTOMER_FIELDS if _names_somebody(data, one)), ""):
            row["customer"] = data[name]
        row["data"] = extra | data
        return Rows((row,), reckoned=said is None)

    return read


def of_headers(headers: Mapping[str, str], body: bytes) -> Row:
    """The JSON form of an event whose attributes are headers (`ce-type`) and whose data is the body.

    `headers` have their names in small letters. A body that is no JSON is kept in Base64.
    """
    event: Row = {
        name.removeprefix("ce-"): unquote(value) for name, value in headers.items() if name.startswith("ce-")
    }
    kind = headers.get("content-type", "")
    if kind:
        event["datacontenttype"] = kind
    if body:
        try:
            event["data"] = _json(body, kind)
        except Unusable:
            event["data_base64"] = b64encode(body).decode()
    return event


def _names_somebody(data: Row, field: str) -> bool:
    """Whether a field of the data holds a name, or null for nobody; some hold the customer's whole record."""
    return field in data and isinstance(data[field], str | int | None)


def _check(event: Row) -> None:
    if event.get("specversion") != "1.0":
        raise Unusable(
            f"specversion is {shown(event.get('specversion'))}, not '1.0'",
            fix='Send CloudEvents 1.0: "specversion": "1.0"',
            what_zh=f"specversion 为 {shown(event.get('specversion'))}，应为 '1.0'",
            fix_zh='请按 CloudEvents 1.0 发送："specversion": "1.0"',
        )
    for name in ("id", "source", "type"):
        value = event.get(name)
        if not isinstance(value, str) or not value:
            raise Unusable(
                f"the attribute {name} is {shown(value)}, not a text",
                fix=f"CloudEvents 1.0 require id, source and type; say for example {_EXAMPLE[name]}",
                what_zh=f"属性 {name} 为 {shown(value)}，不是文字",
                fix_zh=f"CloudEvents 1.0 要求 id、source、type 三项；例如 {_EXAMPLE[name]}",
            )


def _data(event: Row) -> dict[str, Any]:
    """The data of an event as an object."""
    data, kind = event.get("data"), event.get("datacontenttype")
    if "data_base64" in event:
        data = _decoded(event["data_base64"], kind if isinstance(kind, str) else "")
    if data is None:
        return {}
    if isinstance(data, dict):
        return data
    raise Unusable(
        f"data is {shown(data)}, not an object",
        fix='Send JSON with named fields as data, for example {"order": "A-1"}',
        what_zh=f"data 为 {shown(data)}，不是对象",
        fix_zh='data 请用带字段名的 JSON，例如 {"order": "A-1"}',
    )


def _decoded(text: object, kind: str) -> Any:
    try:
        if not isinstance(text, str):
            raise ValueError(text)
        body = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        raise Unusable(
            f"data_base64 is {shown(text)}, not Base64",
            fix="Encode the bytes, or send JSON as data",
            what_zh=f"data_base64 为 {shown(text)}，不是 Base64",
            fix_zh="请把内容编成 Base64，或直接在 data 里写 JSON",
        ) from None
    return _json(body, kind)


def _json(body: bytes, kind: str) -> Any:
    """The value of a body that is said to be JSON, or says nothing."""
    form = kind.partition(";")[0].strip().lower()
    if form and form not in ("application/json", "text/json") and not form.endswith("+json"):
        raise Unusable(
            f"the data is {shown(form)}, which no condition can look into",
            fix="Send the data as application/json",
            what_zh=f"data 的格式为 {shown(form)}，条件无法读取",
            fix_zh="请以 application/json 发送 data",
        )
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        said = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Unusable(
            f"the data is no JSON: {said}",
            fix='Send for example {"order": "A-1"}',
            what_zh=f"data 不是 JSON：{said}",
            fix_zh='例如发送 {"order": "A-1"}',
        ) from None


_EXAMPLE = {
    "id": '"id": "A-1"',
    "source": '"source": "https://shop.example.com"',
    "type": '"type": "order.completed"',
}
_OWN = frozenset(
    "specversion id source type time subject data data_base64 datacontenttype dataschema "
    # They follow one transfer, not what happened: sent again, they differ.
    "traceparent tracestate".split()
)
