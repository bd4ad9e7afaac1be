"""The live door: what is taken, what is put aside and why, and when it says "later"."""

from __future__ import annotations

import json
from typing import Any

import pytest
from building import at
from test_delivering import WHO, Service, hello

from peakend.loop.inlet import Inlet, Later
from peakend.loop.receiving import LARGEST
from peakend.store import Store

NOW = at("03-02 10:00")
WHEN = "2026-03-02T09:59:00+08:00"


def body(**changed: Any) -> bytes:
    told = {
        "id": "e-1", "customer": "c-1", "kind": "order.made", "at": WHEN, "data": {"order": "A", "v": 1},
    } | changed  # fmt: skip
    return json.dumps({name: value for name, value in told.items() if value != "gone"}).encode()


def test_what_is_sent_is_taken_once_and_another_body_under_its_id_is_put_aside(store: Store) -> None:
    inlet = Inlet(store, hello())
    again = body(data={"v": 1, "order": "A"})
    found = inlet.take([body(), again, body(id="e-2"), body(data={"order": "B"})], "crm", NOW)
    assert [one.outcome for one in found] == ["taken", "known", "taken", "other_body"]
    assert store.waiting() == 2
    (row,) = store.put_aside_rows()
    assert (row.source, row.place) == ("crm", "e-1")
    assert "used before with other content" in row.reason_en
    assert json.loads(row.body)["data"] == {"order": "B"}


def test_an_event_without_an_id_is_known_by_its_content(store: Store) -> None:
    inlet = Inlet(store, hello())
    found = inlet.take([body(id="gone"), body(id="gone"), body(id="gone", data={})], "crm", NOW)
    assert [one.outcome for one in found] == ["taken", "known", "taken"]


def deep(levels: int) -> bytes:
    inner = b'{"data":' * levels + b"1" + b"}" * levels
    return body().replace(b'{"order": "A", "v": 1}', inner)


BAD: dict[str, tuple[bytes, str, str]] = {
    "no json": (b"{order", "no JSON object", "不是 JSON 对象"),
    "a list": (b"[1]", "no JSON object", "不是 JSON 对象"),
    "no text": (b"\xff\xfe{}", "no JSON object", "不是 JSON 对象"),
    "deep": (deep(70), "more than 64 levels", "嵌套超过 64 层"),
    "deepest": (deep(100_000), "nested too deeply", "不是 JSON 对象"),
    "ten megabytes": (body(data={"x": "y" * 10_000_000}), "has 10,0", "一条动态最多"),
    "nul": (body(data={"order": "a\0b"}), "NUL byte", "空字节"),
    "nul in the id": (body(id="a\0b"), "NUL", "空字节"),
    "half a pair": (body().replace(b'"A"', b'"\\ud800"'), "surrogate", "ud800"),
    "no customer": (body(customer="gone"), "no customer", "没有客户"),
    "no kind": (body(kind="gone"), "kind", "名称"),
    "a derived kind": (body(kind="standard.breached"), "written by Peakend itself", "系统自行"),
    "1969": (body(at="1969-12-31T00:00:00Z"), "outside the years 1970", "1970"),
    "2999": (body(at="2999-01-01T00:00:00Z"), "outside the years 1970", "1970"),
    "tomorrow": (body(at="2026-03-03T10:00:00Z"), "still to come", "尚未到来"),
    "no time": (body(at="soon"), "date", "日期"),
    "a strange column": (body(colour="red"), "no column of the native log", "通用格式"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_used_is_put_aside_with_its_reason_and_the_rest_is_taken(
    store: Store, name: str
) -> None:
    bad, english, chinese = BAD[name]
    found = Inlet(store, hello()).take([body(id="a"), bad, body(id="b")], "crm", NOW)
    assert [one.outcome for one in found] == ["taken", "aside", "taken"]
    assert english in found[1].reason_en
    assert chinese in found[1].reason_zh or name == "half a pair"
    (row,) = store.put_aside_rows()
    assert (row.reason_en, row.at) == (found[1].reason_en, NOW)
    assert len(row.body) <= LARGEST
    assert store.waiting() == 2


def test_1970_is_taken_and_starts_nothing(store: Store) -> None:
    service = Service(store, hello()).hears(*WHO)
    found = Inlet(store, service.pack).take([body(at="1970-01-01T00:00:01Z")], "crm", service.now)
    assert [one.outcome for one in found] == ["taken"]
    service.until("03-02 10:00")
    assert store.messages() == []
    assert [one.kind for one in store.events_of("c-1")][-1] == "order.made"


def test_unknown_kinds_and_fields_are_kept(store: Store) -> None:
    service = Service(store, hello()).hears(*WHO)
    inlet = Inlet(store, service.pack)
    inlet.take([body(kind="parcel.lost"), body(id="e-2", data={"order": "A", "hue": [1]})], "crm", NOW)
    service.until("03-02 10:00")
    kept = {one.kind: one.data for one in store.events_of("c-1") if one.source == "crm" and "e-" in one.id}
    assert json.loads(kept["order.made"]) == {"order": "A", "hue": [1]}
    assert "parcel.lost" in kept
    assert store.put_aside_rows() == []


def test_the_door_says_later_before_what_waits_grows_without_bound(store: Store) -> None:
    inlet = Inlet(store, hello(), most_waiting=5)
    assert len(inlet.take([body(id=f"a{number}") for number in range(5)], "crm", NOW)) == 5
    with pytest.raises(Later, match="5 events wait already") as caught:
        inlet.take([body(id="b")], "crm", NOW)
    assert caught.value.seconds >= 1
    assert "没有收下" in caught.value.what_zh
    assert store.waiting() == 5
