"""The attack: read the database, or a backup of it, and enter with what stands there."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from people_world import HERE, NINE, PASSWORD, entry, key_of, with_password

from peakend.model.account import Token, token_hash
from peakend.store import open_store
from peakend.web.people import sessions
from peakend.web.people.tokens import csrf_of, derived, new_key, new_token


def test_nothing_in_the_database_opens_a_door(tmp_path: Path) -> None:
    file = tmp_path / "peakend.db"
    with closing(open_store(str(file))) as store:
        store.add_account(with_password("li"), entry())
        whose = store.account("li")
        assert whose
        session, link = sessions.begin(store, whose, "password", HERE, NINE), new_token()
        key = key_of(store, "admin")["Authorization"].removeprefix("Bearer ")
        store.put_token(Token(hash=token_hash(link), purpose="reset", about="li", made=NINE, until=NINE + 9))
        with closing(sqlite3.connect(file)) as reader:
            tables = reader.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            rows = [row for (table,) in tables for row in reader.execute(f'SELECT * FROM "{table}"')]
        texts = [str(value) for row in rows for value in row]
        for secret in (session, link, key, PASSWORD, csrf_of(session)):
            assert not any(secret in text for text in texts)
        for text in texts:
            assert sessions.current(store, text, NINE) is None
            assert store.api_key(token_hash(text)) is None
            assert store.take_token(token_hash(text), "reset", NINE) is None
        assert sum(text.startswith("$argon2id$") for text in texts) == 1
        assert sessions.current(store, session, NINE) and store.api_key(token_hash(key))
        assert store.take_token(token_hash(link), "reset", NINE)


def test_tokens_are_256_random_bits_and_what_is_derived_does_not_tell_them() -> None:
    drawn = [new_token() for _ in range(1000)] + [new_key()[0] for _ in range(1000)]
    assert len(set(drawn)) == 2000
    assert {len(one) for one in drawn[:1000]} == {43} and {len(one) for one in drawn[1000:]} == {67}
    key, id_ = new_key()
    assert key.startswith(id_) and len(id_) == 9  # six of its 64 hexadecimal letters, as people know it
    uses = {derived(drawn[0], use) for use in ("csrf", "nonce", "pkce")}
    assert len(uses) == 3 and not any(one in drawn[0] or drawn[0] in one for one in uses)
