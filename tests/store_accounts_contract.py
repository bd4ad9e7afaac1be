"""What every store does for the people who work with it: part of the contract, as it is one subject."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from msgspec.structs import replace
from store_contract import HOSTILE, HOUR, NINE

from peakend.model.account import Account, ApiKey, AuditEntry, AuditQuery, Session, Token, token_hash
from peakend.store import Overtaken, Store, StoreError


def account(name: str = "li", **changed: Any) -> Account:
    fields = {"name": name, "shown": "李雷", "role": "manager", "made": NINE, "changed": NINE}
    return Account(**(fields | changed))


def entry(what: str = "account.added", about: str = "li", **changed: Any) -> AuditEntry:
    return AuditEntry(**({"at": NINE, "who": "root", "what": what, "about": about} | changed))


def session(token: str = "s-1", name: str = "li", **changed: Any) -> Session:
    fields = {"made": NINE, "seen": NINE, "until": NINE + HOUR, "via": "password"}
    return Session(hash=token_hash(token), name=name, **(fields | changed))


def key(id_: str = "k1", **changed: Any) -> ApiKey:
    fields = {"hash": token_hash(id_), "label": "crm", "scopes": ("events:write",), "who": "li", "made": NINE}
    return ApiKey(id=id_, **(fields | changed))


def token(text: str = "t-1", **changed: Any) -> Token:
    fields = {"purpose": "reset", "about": "li", "made": NINE, "until": NINE + HOUR}
    return Token(hash=token_hash(text), **(fields | changed))


class AccountsContract:
    """Accounts, sessions, keys, links and the record of changes."""

    def test_an_account_comes_back_as_it_was_given(self, store: Store) -> None:
        made = [
            account(
                f"n{place}",
                shown=text,
                email=text,
                password=text,
                oidc=f"https://p {place}",
                wecom=str(place),
            )
            for place, text in enumerate(HOSTILE)
        ]
        for one in reversed(made):
            store.add_account(one, entry())
        assert store.accounts() == made
        assert store.account("n1") == made[1] and store.account("nobody") is None
        assert store.account_of(oidc="https://p 2") == made[2] and store.account_of(wecom="3") == made[3]
        assert store.account_of() is None and store.account_of(oidc="https://p 99") is None

    def test_a_name_and_an_identity_belong_to_one_account(self, store: Store) -> None:
        store.add_account(account(oidc="https://p 1", wecom="u1"), entry())
        store.add_account(account("wang"), entry())
        for twice in (account(), account("x", oidc="https://p 1"), account("x", wecom="u1")):
            with pytest.raises(StoreError, match="belongs to another account") as caught:
                store.add_account(twice, entry())
            assert "另一个账号" in caught.value.what_zh
        with pytest.raises(StoreError, match="belongs to another account"):
            store.save_account(account("wang", wecom="u1"), entry())
        assert len(store.recorded_changes(AuditQuery())) == 2

    def test_of_two_who_change_one_account_the_second_is_told(self, store: Store) -> None:
        store.add_account(account(), entry())
        read = store.account("li")
        assert read
        saved = store.save_account(replace(read, role="designer"), entry("account.changed"))
        assert saved == replace(read, role="designer", version=2) == store.account("li")
        with pytest.raises(Overtaken, match="changed the account 'li' meanwhile"):
            store.save_account(replace(read, email="li@example.com"), entry("account.changed"))
        with pytest.raises(Overtaken):
            store.save_account(account("nobody"), entry())
        assert store.account("li") == saved
        assert [one.what for one in store.recorded_changes(AuditQuery())] == [
            "account.changed",
            "account.added",
        ]

    def test_the_last_admin_stays(self, store: Store) -> None:
        store.add_account(account("a", role="admin"), entry())
        store.add_account(account("b", role="admin", disabled=True), entry())
        for less in (account("a", role="manager"), account("a", role="admin", disabled=True)):
            with pytest.raises(StoreError, match="nobody would be left") as caught:
                store.save_account(less, entry())
            assert "管理员" in caught.value.what_zh
        store.save_account(account("b", role="admin"), entry())
        assert store.save_account(account("a", role="manager"), entry()).role == "manager"

    def test_a_disabled_account_has_no_session_and_no_link(self, store: Store) -> None:
        store.add_account(account(), entry())
        store.add_account(account("wang"), entry())
        store.open_session(session(), entry())
        store.open_session(session("s-2", "wang"), entry())
        store.put_token(token())
        store.save_account(account(disabled=True), entry())
        assert store.session(token_hash("s-1")) is None and store.sessions("li") == []
        assert store.token(token_hash("t-1"), "reset", NINE) is None
        assert len(store.sessions("wang")) == 1

    def test_a_session_is_found_with_its_account_used_and_ended(self, store: Store) -> None:
        store.add_account(account(), entry())
        store.open_session(session(browser='Mozilla "5.0" 火狐'), entry())
        store.open_session(session("s-2", made=NINE + 1), entry())
        store.open_session(session("s-3", made=NINE + 2), entry())
        found = store.session(token_hash("s-1"))
        assert found == (session(browser='Mozilla "5.0" 火狐'), account())
        assert store.session("s-1") is None
        store.touch_session(token_hash("s-1"), NINE + 9)
        store.touch_session(token_hash("s-1"), NINE + 5)
        assert [one.seen for one in store.sessions("li")] == [NINE, NINE, NINE + 9]
        assert store.end_sessions("wang", [token_hash("s-1")], entry("session.ended")) == 0
        assert store.end_sessions("li", [token_hash("s-1"), "x"], entry("session.ended")) == 1
        assert store.end_sessions("li", None, entry("session.ended")) == 2
        assert store.sessions("li") == []
        assert [one.what for one in store.recorded_changes(AuditQuery(what="session."))] == [
            "session.ended"
        ] * 2

    def test_a_new_session_sweeps_out_those_that_are_over(self, store: Store) -> None:
        store.add_account(account(), entry())
        store.open_session(session(), entry())
        store.open_session(session("s-2", made=NINE + HOUR, until=NINE + 2 * HOUR), entry())
        assert store.session(token_hash("s-1")) is None

    def test_a_key_is_found_by_its_hash_used_and_revoked_once(self, store: Store) -> None:
        store.add_key(key(label=HOSTILE[0], scopes=("events:write", "read")), entry("key.made", "k1"))
        store.add_key(key("k2", made=NINE - 1), entry("key.made", "k2"))
        with pytest.raises(StoreError, match="key 'k2' already"):
            store.add_key(key("k2"), entry())
        store.touch_key(token_hash("k1"), NINE + 9)
        store.touch_key(token_hash("k1"), NINE + 5)
        found = store.api_key(token_hash("k1"))
        assert found == key(label=HOSTILE[0], scopes=("events:write", "read"), used=NINE + 9)
        assert store.api_key("k1") is None
        assert store.revoke_key("k1", NINE + 10, entry("key.revoked", "k1"))
        assert not store.revoke_key("k1", NINE + 11, entry("key.revoked", "k1"))
        assert not store.revoke_key("k9", NINE + 11, entry("key.revoked", "k9"))
        assert [(one.id, one.revoked) for one in store.api_keys()] == [("k2", 0), ("k1", NINE + 10)]
        changes = store.recorded_changes(AuditQuery(what="key."))
        assert [(one.what, one.about) for one in changes] == [
            ("key.revoked", "k1"), ("key.made", "k2"), ("key.made", "k1")
        ]  # fmt: skip

    def test_a_link_works_once_for_its_purpose_and_until_its_end(self, store: Store) -> None:
        store.put_token(token())
        store.put_token(token("t-2", until=NINE + 5))
        hash_ = token_hash("t-1")
        assert store.token(hash_, "set-up", NINE) is None and store.take_token(hash_, "oidc", NINE) is None
        assert store.token(hash_, "reset", NINE + HOUR) is None
        assert store.take_token(hash_, "reset", NINE + HOUR) is None
        assert store.token(hash_, "reset", NINE) == token()
        assert store.take_token(hash_, "reset", NINE) == token()
        assert store.take_token(hash_, "reset", NINE) is None
        store.put_token(token("t-3", made=NINE + 5))
        assert store.drop_tokens("reset", "wang") == 0
        assert store.drop_tokens("reset", "li") == 1  # t-2 was over when t-3 came

    def test_of_many_who_use_one_link_one_gets_it(self, store: Store) -> None:
        store.put_token(token())
        with ThreadPoolExecutor(8) as pool:
            taken = list(pool.map(lambda _: store.take_token(token_hash("t-1"), "reset", NINE), range(24)))
        assert sum(one is not None for one in taken) == 1

    def test_the_record_is_paged_and_filtered_with_the_newest_first(self, store: Store) -> None:
        for place in range(7):
            store.record(
                entry(
                    "play.published" if place % 2 else "key.made",
                    f"p-{place}",
                    at=NINE + place,
                    who=f"w{place % 3}",
                )
            )
        pages = [store.recorded_changes(AuditQuery(limit=3))]
        while len(pages[-1]) == 3:
            pages.append(store.recorded_changes(AuditQuery(limit=3, below=pages[-1][-1].number)))
        assert [[one.about for one in page] for page in pages] == [
            ["p-6", "p-5", "p-4"], ["p-3", "p-2", "p-1"], ["p-0"]
        ]  # fmt: skip

        def about(**asked: Any) -> list[str]:
            return [one.about for one in store.recorded_changes(AuditQuery(**asked))]

        assert about(who="w1") == ["p-4", "p-1"]
        assert about(what="play.published", who="w0") == ["p-3"]
        assert about(what="play.") == ["p-5", "p-3", "p-1"] and about(what="pla") == []
        assert about(about="p-2") == ["p-2"]
        assert about(since=NINE + 2, until=NINE + 4) == ["p-3", "p-2"]
        assert about(limit=0) == ["p-6"]

    def test_nothing_that_is_recorded_can_fail(self, store: Store) -> None:
        for text in (*HOSTILE, "\0", "\ud800"):
            store.record(entry(about=text, before=text, after=text))
        found = store.recorded_changes(AuditQuery(limit=99))[::-1]
        assert [one.after for one in found] == [*HOSTILE, "\u2400", "\ufffd"]

    def test_what_no_database_can_hold_is_refused_and_nothing_is_written(self, store: Store) -> None:
        for bad in ("a\0b", "\ud800"):
            for write in (
                lambda bad=bad: store.add_account(account("x", shown=bad), entry()),
                lambda bad=bad: store.add_key(key(label=bad), entry()),
                lambda bad=bad: store.open_session(session(browser=bad), entry()),
                lambda bad=bad: store.put_token(token(about=bad)),
            ):
                with pytest.raises(StoreError, match="no database can store"):
                    write()
        assert (
            store.accounts() == [] and store.api_keys() == [] and store.recorded_changes(AuditQuery()) == []
        )
        assert store.account("a\0b") is None
