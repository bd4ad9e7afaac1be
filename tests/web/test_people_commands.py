"""`people`: the way back in for whoever has the machine, and the link that `serve` shows."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from peakend.cli import app
from peakend.model.account import AuditQuery
from peakend.store import open_store
from peakend.web.people import links, sessions
from peakend.web.people.tries import Tries

PASSWORD = "long mild autumn evening"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    open_store(str(tmp_path / "p.db")).close()
    return str(tmp_path / "p.db")


def people(database: str, *words: str) -> Result:
    return CliRunner().invoke(app, ["people", *words, "--database", database])


def test_somebody_is_added_gets_in_by_the_link_and_is_let_go(database: str) -> None:
    assert "no account yet" in people(database, "list").output
    added = people(database, "add", "Li.Lei", "designer", "--name", "李雷", "--by", "root")
    assert "li.lei is added as designer" in added.output
    found = re.search(r"http://127\.0\.0\.1:8000/reset/(\S+)", added.output)
    assert found
    with closing(open_store(database)) as store:
        account = store.account("li.lei")
        assert account and not account.password
        assert links.reset(store, found[1], PASSWORD, account.made)
        here = sessions.From("", "")
        assert sessions.by_password(store, Tries(), "li.lei", PASSWORD, here, account.made)
    assert "opened by password" in people(database, "list").output
    assert "li.lei is manager now" in people(database, "role", "li.lei", "manager").output
    assert "updated" in people(database, "identity", "li.lei", "--wecom", "LiLei").output
    assert "signed out everywhere" in people(database, "disable", "li.lei").output
    assert "disabled, manager" in people(database, "list").output
    refused = people(database, "reset", "li.lei")
    assert refused.exit_code == 1 and "is disabled" in str(refused.exception)
    assert "may sign in again" in people(database, "enable", "li.lei").output
    with closing(open_store(database)) as store:
        changes = [
            (one.what, one.before, one.after) for one in store.recorded_changes(AuditQuery(about="li.lei"))
        ]
    assert ("account.changed", "role: designer", "role: manager") in changes
    assert ("account.added", "", "role: designer") in changes and ("reset_link.made", "", "") in changes


def test_nonsense_is_told_with_the_fix(database: str) -> None:
    for words, said in (
        (("role", "nobody", "admin"), "Nobody is called 'nobody'"),
        (("add", "li", "desinger"), "Did you mean 'designer'?"),
        (("add", "li lei", "viewer"), "A login has 1 to 64"),
    ):
        answer = people(database, *words)
        assert answer.exit_code == 1 and said in str(answer.exception)
    people(database, "add", "root", "admin")
    last = people(database, "disable", "root")
    assert last.exit_code == 1 and "nobody would be left" in str(last.exception)
    assert "belongs to another account" in str(people(database, "add", "ROOT", "viewer").exception)


def test_in_chinese(database: str) -> None:
    answer = people(database, "add", "wang", "frontline", "--language", "zh")
    assert "已添加账号 wang" in answer.output and "请把这个链接交给本人" in answer.output
