"""Names and passwords: what signs somebody in, what does not, and how often one may try."""

from __future__ import annotations

import pytest
from people_world import HERE, HOUR, MINUTE, NINE, PASSWORD, account, entry, with_password

from peakend.model.account import AuditQuery
from peakend.store import MemoryStore, Store
from peakend.web.people import passwords, sessions
from peakend.web.people.passwords import WeakPassword
from peakend.web.people.tries import BY_NAME, WINDOW, Bound, Tries


@pytest.fixture
def store() -> Store:
    made = MemoryStore()
    made.add_account(with_password("li"), entry())
    return made


def test_a_name_and_its_password_sign_in_however_the_name_is_written(store: Store) -> None:
    for name in ("li", " Li ", "LI"):
        found = sessions.by_password(store, Tries(), name, PASSWORD, HERE, NINE)
        assert found == store.account("li")


def test_a_wrong_password_an_unknown_name_and_a_disabled_account_look_the_same(store: Store) -> None:
    store.add_account(with_password("gone", disabled=True), entry())
    store.add_account(account("by-wecom-only"), entry())
    tried = [
        ("li", "wrong"),
        ("nobody", PASSWORD),
        ("gone", PASSWORD),
        ("by-wecom-only", ""),
        ("li", "\0\ud800"),
    ]
    for name, password in tried:
        assert sessions.by_password(store, Tries(), name, password, HERE, NINE) is None
    refused = store.recorded_changes(AuditQuery(what="sign_in.refused"))
    assert [one.about for one in refused] == ["li", "by-wecom-only", "gone", "li"]


def test_a_session_keeps_only_the_hash_of_what_the_browser_holds(store: Store) -> None:
    whose = store.account("li")
    assert whose
    token = sessions.begin(store, whose, "password", sessions.From("::1", "x\n" * 999), NINE)
    (kept,) = store.sessions("li")
    assert token not in str(kept) and len(kept.browser) == 160 and kept.browser.isprintable()
    assert sessions.current(store, token, NINE) == (kept, whose)
    assert sessions.current(store, kept.hash, NINE) is None and sessions.current(store, "", NINE) is None


def test_a_changed_password_signs_out_everywhere(store: Store) -> None:
    whose = store.account("li")
    assert whose
    token = sessions.begin(store, whose, "password", HERE, NINE)
    with pytest.raises(WeakPassword, match="10 to 200") as caught:
        sessions.change_password(store, whose, "short", "li", NINE)
    assert "10 到 200" in caught.value.what_zh
    sessions.change_password(store, whose, "another long evening", "li", NINE)
    assert sessions.current(store, token, NINE) is None
    assert sessions.by_password(store, Tries(), "li", "another long evening", HERE, NINE)
    assert not sessions.by_password(store, Tries(), "li", PASSWORD, HERE, NINE)


@pytest.mark.parametrize("weak", ["", "123456789", "aaaaaaaaaaaa", "Wang.Xiaoming", "x" * 201])
def test_a_password_that_would_not_hold_is_refused(weak: str) -> None:
    with pytest.raises(WeakPassword):
        passwords.check_new(weak, "wang.xiaoming")


def test_attempts_are_bounded_and_the_bound_moves_with_the_time() -> None:
    tries = Tries()
    bounds = [Bound("name li", BY_NAME), Bound("address 1", 99)]
    for place in range(BY_NAME):
        assert tries.attempt(bounds, NINE + place * MINUTE) == 0
    assert tries.attempt(bounds, NINE + 10 * MINUTE) == 5 * MINUTE
    assert tries.attempt([Bound("name wang", BY_NAME)], NINE + 10 * MINUTE) == 0
    assert tries.attempt(bounds, NINE + WINDOW) == 0
    assert tries.attempt(bounds, NINE + WINDOW) == MINUTE
    tries.forgive("name li")
    assert tries.attempt(bounds, NINE + WINDOW) == 0


def test_many_who_sign_in_from_one_office_do_not_bar_each_other(store: Store) -> None:
    tries = Tries()
    for _ in range(3):
        assert sessions.by_password(store, tries, "li", PASSWORD, HERE, NINE)
    assert not tries._tried.get(f"address {HERE.address}")


def test_what_is_remembered_of_attempts_is_bounded() -> None:
    tries = Tries(kept=100)
    for place in range(1000):
        tries.attempt([Bound(f"name {place}", 1)], NINE + place)
    assert len(tries._tried) == 100
    assert tries.attempt([Bound("name 999", 1)], NINE + 1000) > 0
    assert tries.attempt([Bound("name 999", 1)], NINE + HOUR) == 0
