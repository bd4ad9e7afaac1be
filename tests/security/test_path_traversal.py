"""The attack: files of a draft whose names lead out of the pack, and packs that are folders of the server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.security.doors import Doors, doors

OUT = [
    "../pack.yaml", "../../etc/passwd", "/etc/passwd", "plays/../../x.yaml", "plays/./x.yaml",
    "plays//x.yaml", "..\\pack.yaml", "plays\\..\\..\\x.yaml", "plays/..\\..\\x.yaml", "C:\\x.yaml",
    "plays/..", ".", "..", "", "plays/.hidden.yaml", "plays/x.yaml\x00.md", "plays/x\n.yaml",
    "file:///etc/passwd", "~/x.yaml", "plays/%2e%2e/%2e%2e/../x.yaml", "plays/\u202ex.yaml",
    "plays/" + "x" * 5_000 + ".yaml", "x.yaml", ".git/config",
]  # fmt: skip
FOLDERS = ["theirs", "./theirs", "peakend.packs.cloud", "cloud/../cloud", "CLOUD "]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with doors(tmp_path_factory.mktemp("doors")) as found:
        yield found


@pytest.mark.parametrize("name", OUT)
def test_a_name_that_leads_out_is_neither_kept_nor_read(asked: Doors, tmp_path: Path, name: str) -> None:
    at, before = f"/api/v1/drafts/{asked.draft}", asked.held()
    bodies = (
        ("PUT", f"{at}/files", {"revision": 0, "files": {name: "x: 1\n"}}),
        ("PUT", f"{at}/files", {"revision": 0, "files": {name: None}}),
        ("POST", f"{at}/edit", {"revision": 0, "file": name, "changes": [{"path": ["x"], "value": 1}]}),
    )
    for method, path, body in bodies:
        answer = asked.asking.request(method, path, json=body)
        assert answer.status_code in (400, 404, 422), (method, path, answer.text[:300])
        assert answer.json()["title_zh"]
    if name:
        answer = asked.asking.get(f"{at}/files", params={"name": name})
        assert answer.status_code == 422 or answer.json() == {"files": {}}
    lint = asked.asking.post(f"{at}/lint", json={"files": {name: "x: 1\n"}})
    assert lint.status_code == 400, lint.text[:300]
    assert asked.held() == before


@pytest.mark.parametrize("source", [*filter(None, OUT), *FOLDERS])
def test_a_draft_begins_from_no_folder_of_the_server(
    asked: Doors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "pack.yaml").write_text("pack: theirs\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    before = asked.held()
    answer = asked.asking.post("/api/v1/drafts", json={"source": source})
    assert answer.status_code == 400, answer.text[:300]
    assert asked.held() == before


def test_half_a_character_in_a_name_is_refused(asked: Doors) -> None:
    before = asked.held()
    for half in (b"\\ud800", b"\\udfff", b"\\u0000"):
        body = b'{"revision": 0, "files": {"plays/' + half + b'.yaml": "x"}}'
        answer = asked.asking.put(f"/api/v1/drafts/{asked.draft}/files", content=body)
        assert answer.status_code in (400, 422), answer.text[:300]
    assert asked.held() == before
