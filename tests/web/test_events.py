"""The way in over HTTP: every form, what becomes of each event, what is refused and how, what is durable."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from events_world import Server, now, serving
from test_delivering import hello

from peakend.store import Store, StoreError, open_store
from peakend.web.api.rates import Rates
from peakend.when import format_instant


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("events")) as found:
        yield found


_number = iter(range(1_000_000))


def event(**changed: Any) -> dict[str, Any]:
    told = {
        "id": f"e-{next(_number)}", "customer": "c-1", "kind": "order.made",
        "at": "2026-03-02T09:59:00+08:00", "data": {"order": "A"},
    } | changed  # fmt: skip
    return {name: value for name, value in told.items() if value != "gone"}


def cloud(**changed: Any) -> dict[str, Any]:
    told = {
        "specversion": "1.0", "id": f"ce-{next(_number)}", "source": "/shop",
        "type": "com.example.order.made", "time": "2026-03-02T01:59:00Z", "customer": "c-1",
        "data": {"order": "A"},
    } | changed  # fmt: skip
    return {name: value for name, value in told.items() if value != "gone"}


def post(server: Server, body: Any, kind: str = "application/json", **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Content-Type": kind} | {name.replace("_", "-"): value for name, value in headers.items()}
    with server.client() as client:
        return client.post("/api/v1/events", content=content, headers=sent)


def outcomes(answer: httpx.Response, status: int = 202) -> list[str]:
    assert answer.status_code == status, answer.text
    found = [one["outcome"] for one in answer.json()["results"]]
    assert {name: found.count(name) for name in ("taken", "known", "other_body", "aside")} == {
        name: answer.json()[name] for name in ("taken", "known", "other_body", "aside")
    }
    return found


def test_one_event_is_taken_and_sent_again_known_and_changed_refused(server: Server) -> None:
    one = event()
    assert outcomes(post(server, one)) == ["taken"]
    assert outcomes(post(server, one)) == ["known"]
    answer = post(server, one | {"data": {"order": "B"}})
    assert outcomes(answer) == ["other_body"]
    (result,) = answer.json()["results"]
    assert result["id"] == one["id"]
    assert "used before" in result["reason"]["en"] and "已用于" in result["reason"]["zh"]


def test_a_list_gives_the_outcome_of_each_in_order_and_one_bad_event_spoils_no_other(server: Server) -> None:
    bad: list[Any] = [7, "text", None, [], event(at="soon"), event(kind="gone"), event(customer="gone")]
    good = event()
    answer = post(server, [good, *bad, event(), good])
    assert outcomes(answer) == ["taken", *["aside"] * 7, "taken", "known"]
    assert all(one["reason"]["zh"] and one["reason"]["en"] for one in answer.json()["results"][1:8])


def test_lines_are_read_one_by_one(server: Server) -> None:
    for kind in ("application/x-ndjson", "application/jsonl"):
        one, other = json.dumps(event()), json.dumps(event())
        lines = [one, "", "{broken", other, " ", one]
        answer = post(server, "\r\n".join(lines).encode(), kind)
        assert outcomes(answer) == ["taken", "aside", "taken", "known"]


def test_the_three_forms_of_cloud_events_make_the_same_event(server: Server) -> None:
    one = cloud()
    assert outcomes(post(server, one, "application/cloudevents+json; charset=utf-8")) == ["taken"]
    batch = post(server, [one, cloud(), cloud(type="gone")], "application/cloudevents-batch+json")
    assert outcomes(batch) == ["known", "taken", "aside"]
    headers = {f"ce_{name}": value for name, value in one.items() if name != "data"}
    assert outcomes(post(server, one["data"], **headers)) == ["known"]


def test_a_binary_event_whose_data_is_no_json_is_put_aside(server: Server) -> None:
    headers = {f"ce_{name}": value for name, value in cloud().items() if name != "data"}
    answer = post(server, b"<order/>", "application/xml", **headers)
    assert outcomes(answer) == ["aside"]
    with server.store() as store:
        assert any("PG9yZGVyLz4=" in row.body for row in store.put_aside_rows())


def test_what_was_taken_is_in_the_log_of_a_worker(tmp_path: Path) -> None:
    with serving(tmp_path) as own:
        told = [event(id="a"), event(id="b", customer="c-2"), event(id="c", kind="parcel.lost")]
        assert outcomes(post(own, told)) == ["taken"] * 3
        found = [(one.source, one.id, one.customer, one.kind, one.data) for one in own.log(hello())]
        assert found == [
            ("api", "a", "c-1", "order.made", '{"order":"A"}'),
            ("api", "b", "c-2", "order.made", '{"order":"A"}'),
            ("api", "c", "c-1", "parcel.lost", '{"order":"A"}'),
        ]
        assert outcomes(post(own, told)) == ["known"] * 3


# --- what is refused as a whole ---------------------------------------------------------------------------

TEN = 10_000_000
BOMB = gzip.compress(b"[" + b" " * 40_000_000 + b"]")
REFUSED: dict[str, tuple[bytes, dict[str, str], int, str]] = {
    "no json": (b"{order", {}, 400, "no_json"),
    "NaN": (b'{"id": NaN}', {}, 400, "no_json"),
    "nothing": (b"", {}, 400, "no_json"),
    "no text": (b"\xff\xfe", {}, 400, "no_json"),
    "a number": (b"7", {}, 422, "other_form"),
    "null": (b"null", {}, 422, "other_form"),
    "a very deep list": (b"[" * 200_000, {}, 400, "no_json"),
    "an object as a batch": (
        b"{}",
        {"Content-Type": "application/cloudevents-batch+json"},
        422,
        "other_form",
    ),
    "a list as one event": (b"[]", {"Content-Type": "application/cloudevents+json"}, 422, "other_form"),
    "a form of a browser": (
        b"a=1",
        {"Content-Type": "application/x-www-form-urlencoded"},
        415,
        "strange_form",
    ),
    "another character set": (b"{}", {"Content-Type": "application/json; charset=GBK"}, 415, "strange_form"),
    "too large": (b" " * (TEN + 1), {}, 413, "too_large"),
    "too many": (json.dumps([1] * 10_001).encode(), {}, 413, "too_many"),
    "brotli": (b"{}", {"Content-Encoding": "br"}, 415, "strange_packing"),
    "no gzip": (b"{}", {"Content-Encoding": "gzip"}, 400, "broken_body"),
    "half a gzip": (gzip.compress(b"{}")[:-6], {"Content-Encoding": "gzip"}, 400, "broken_body"),
    "a bomb": (BOMB, {"Content-Encoding": "gzip"}, 413, "too_large"),
    "a bomb in pieces": (
        gzip.compress(b" " * 1_000_000) * 11,
        {"Content-Encoding": "gzip"},
        413,
        "too_large",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_request_that_cannot_be_read_is_refused_whole_in_both_languages(server: Server, name: str) -> None:
    body, headers, status, code = REFUSED[name]
    answer = post(server, body, headers.get("Content-Type", "application/json"), **{
        key.replace("-", "_"): value for key, value in headers.items() if key != "Content-Type"
    })  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    told = answer.json()
    assert told["title"] and told["detail"] and told["title_zh"] and told["detail_zh"]
    assert outcomes(post(server, event())) == ["taken"]


def test_a_body_without_a_length_is_counted_while_it_comes(server: Server) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(200):
            yield b" " * 100_000

    with server.client() as client, suppress(httpx.WriteError, httpx.RemoteProtocolError, httpx.ReadError):
        answer = client.post(
            "/api/v1/events", content=endless(), headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 413
    assert outcomes(post(server, event())) == ["taken"]


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("level", [0, 9])
def test_gzip_is_unpacked_whatever_its_pieces(server: Server, members: int, level: int) -> None:
    whole = json.dumps([event(data={"x": "y" * 999_000}) for _ in range(3)]).encode()
    size = -(-len(whole) // members)
    packed = b"".join(gzip.compress(whole[at : at + size], level) for at in range(0, len(whole), size))
    assert outcomes(post(server, packed, Content_Encoding="gzip")) == ["taken"] * 3


def test_an_event_that_is_too_large_is_put_aside_with_its_beginning(server: Server) -> None:
    assert outcomes(post(server, [event(data={"x": "y" * 1_000_000}), event()])) == ["aside", "taken"]


# --- who may, and how fast ----------------------------------------------------------------------------------


def test_without_a_key_or_with_one_that_lacks_the_scope_nothing_is_taken(tmp_path: Path) -> None:
    with serving(tmp_path, scopes=("read",)) as own:
        for path in ("/api/v1/events", "/v1/track", "/v1/batch"):
            for authorization in ("Bearer pk_wrong", f"Bearer {own.key}", "Basic eDo="):
                with httpx.Client(base_url=own.url) as client:
                    body = json.dumps(event())
                    answer = client.post(path, content=body, headers={"Authorization": authorization})
                    wanted = 403 if own.key in authorization else 401
                    assert answer.status_code == wanted, (path, answer.text)
        with own.store() as store:
            assert store.waiting() == 0


def test_a_key_that_sends_too_fast_is_told_when_to_come_again(tmp_path: Path) -> None:
    with serving(tmp_path, a_second=1.0, burst=5.0) as own:
        assert outcomes(post(own, [event() for _ in range(8)])) == ["taken"] * 8
        answer = post(own, event())
        assert (answer.status_code, answer.json()["code"]) == (429, "too_fast")
        assert 3 <= int(answer.headers["retry-after"]) <= 5


def test_a_bucket_fills_up_again_and_owes_what_was_too_much() -> None:
    rates = Rates(10, 20)
    assert rates.wait("a", 0) == 0
    rates.count("a", 50, 0)
    assert rates.wait("a", 0) == 4
    assert rates.wait("b", 0) == 0
    assert rates.wait("a", 3_000_000) == 1
    assert rates.wait("a", 3_100_001) == 0
    rates.count("a", 1, 10**12)
    assert rates.wait("a", 10**12) == 0
    assert Rates(0, 0).wait("a", 0) == 0


def test_when_too_much_waits_the_answer_is_later_and_nothing_is_lost(tmp_path: Path) -> None:
    with serving(tmp_path, most_waiting=10) as own:
        first, second = [event() for _ in range(10)], [event()]
        assert outcomes(post(own, first)) == ["taken"] * 10
        answer = post(own, second)
        assert (answer.status_code, answer.json()["code"]) == (429, "later")
        assert int(answer.headers["retry-after"]) >= 1
        assert len(own.log(hello())) == 10
        assert outcomes(post(own, second)) == ["taken"]


# --- many at once, and a database that fails ---------------------------------------------------


def test_many_senders_share_commits_and_each_hears_of_its_own(tmp_path: Path) -> None:
    commits: list[int] = []

    def opened(url: str) -> Store:
        store = open_store(url)
        append = store.append
        store.append = lambda some: (commits.append(len(some)), append(some))[1]  # type: ignore[method-assign]
        return store

    with serving(tmp_path, opened=opened) as own, ThreadPoolExecutor(16) as pool:
        told = [[event(customer=f"c-{one}") for _ in range(5)] for one in range(64)]
        for answer in pool.map(lambda one: post(own, [*one, one[0], 7]), told):
            assert outcomes(answer) == [*["taken"] * 5, "known", "aside"]
        with own.store() as store:
            assert store.waiting() == 320
            assert len(store.put_aside_rows()) == 64
    assert len(commits) < 64, "each request had a commit of its own"


def test_a_database_that_fails_is_said_and_the_next_one_is_taken(tmp_path: Path) -> None:
    broken = threading.Event()

    def opened(url: str) -> Store:
        store = open_store(url)
        append = store.append

        def failing(some: Any) -> Any:
            if broken.is_set():
                raise StoreError("SQLite: disk I/O error", fix="Make room")
            return append(some)

        store.append = failing  # type: ignore[method-assign]
        return store

    with serving(tmp_path, opened=opened) as own:
        one = event()
        broken.set()
        answer = post(own, one)
        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (
            503,
            "not_now",
            "2",
        )
        broken.clear()
        assert outcomes(post(own, one)) == ["taken"]


def test_the_answer_of_a_reckoned_time_is_known_too(server: Server) -> None:
    one = cloud(time="gone")
    kind = "application/cloudevents+json"
    assert [outcomes(post(server, one, kind)) for _ in range(2)] == [["taken"], ["known"]]


# --- the routes of Segment ----------------------------------------------------------------------------


def segment(server: Server, path: str, body: Any) -> httpx.Response:
    with httpx.Client(base_url=server.url, auth=(server.key, "")) as client:
        return client.post(path, json=body)


def test_every_route_of_segment_takes_its_message(server: Server) -> None:
    at = {"timestamp": format_instant(now() - 60_000_000), "userId": "c-1"}
    told = {
        "track": {"event": "Order Made"}, "identify": {"traits": {"tier": "key"}},
        "alias": {"previousId": "v-1"}, "page": {"name": "Prices"}, "screen": {"name": "Home"},
        "group": {"groupId": "acme"},
    }  # fmt: skip
    for kind, more in told.items():
        sent = at | more | {"messageId": f"m-{next(_number)}"}
        answer = segment(server, f"/v1/{kind}", sent)
        assert (outcomes(answer, 200), answer.json()["success"]) == (["taken"], True)
        for path in ("/v1/batch", "/v1/import"):
            assert outcomes(segment(server, path, {"batch": [sent | {"type": kind}, {}]}), 200) == [
                "known",
                "aside",
            ]


@pytest.mark.parametrize(
    ("body", "status"), [({"batch": {}}, 422), ({}, 422), ([], 422), ({"batch": []}, 200)]
)
def test_a_batch_of_another_form_is_refused(server: Server, body: Any, status: int) -> None:
    answer = segment(server, "/v1/batch", body)
    assert answer.status_code == status
    assert answer.json()["success"] == (status == 200)
    assert status == 200 or {"code", "message"} <= answer.json().keys()
