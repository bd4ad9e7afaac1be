"""The attack: bodies that are huge, deep, packed, cut off or no JSON at all, at every door that takes one."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest

from tests.security.doors import Doors, doors

DEEP = 100_000
BOMBS: dict[str, tuple[bytes, dict[str, str]]] = {
    "huge": (b'{"a": "' + b"x" * 10_500_000 + b'"}', {}),
    "deep lists": (b"[" * DEEP + b"]" * DEEP, {}),
    "deep objects": (b'{"a":' * DEEP + b"1" + b"}" * DEEP, {}),
    "deep and open": (b"[" * DEEP, {}),
    "gzip of zeros": (gzip.compress(b" " * 50_000_000), {"Content-Encoding": "gzip"}),
    "NaN": (b'{"revision": NaN, "id": NaN}', {}),
    "Infinity": (b'{"revision": -Infinity}', {}),
    "no UTF-8": (b'{"\xff\xfe": "\xc3\x28"}', {}),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), {}),
    "NUL": (b'{"a"\x00: 1}', {}),
    "half": (b'{"a": ', {}),
    "nothing": (b"", {}),
    "a number without end": (b'{"revision": ' + b"9" * 100_000 + b"}", {}),
}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with doors(tmp_path_factory.mktemp("doors")) as found:
        yield found


@pytest.mark.parametrize("bomb", BOMBS)
def test_what_is_no_sound_body_is_refused_at_every_door_and_changes_nothing(asked: Doors, bomb: str) -> None:
    body, headers = BOMBS[bomb]
    taking = [one for one in asked.operations("post", "put") if "requestBody" in one[2]]
    assert len(taking) > 30
    before = asked.held()
    for method, path, _ in taking:
        sent = {"Content-Type": "application/json", **headers}
        answer = asked.asking.request(method, path, content=body, headers=sent)
        told = (method, path, answer.status_code, answer.text[:300])
        assert 400 <= answer.status_code < 500, told
        assert answer.json()["title_zh"], told
    assert asked.held() == before
