"""The attack: ask the API so often, with one key or one session, that nobody else is answered."""

from __future__ import annotations

from pathlib import Path

from people_world import client, everybody, key_of, signed_in, whole_app

SECOND = 1_000_000


def test_a_key_and_a_session_each_have_a_bound_of_their_own_and_are_told_when_to_come_back(
    tmp_path: Path,
) -> None:
    app, house = whole_app(tmp_path / "p.db", {"serve": {"api": {"a_second": 2, "burst": 5}}})
    with house.store() as store:
        everybody(store)
        first, other = key_of(store, "admin"), key_of(store, "admin")
        session = signed_in(store, "admin")
    with client(app) as asking:
        for who in (first, session):
            found = [asking.get("/api/v1/keys", headers=who).status_code for _ in range(7)]
            assert found == [200] * 5 + [429] * 2
        refused = asking.get("/api/v1/keys", headers=first)
        assert refused.headers["retry-after"] == "1"
        assert (refused.json()["word"], refused.json()["title_zh"]) == ("too_fast", "接口调用过于频繁")
        assert asking.get("/api/v1/keys", headers=other).status_code == 200
        assert asking.get("/account", headers=session).status_code == 200
        house.instant += SECOND
        found = [asking.get("/api/v1/keys", headers=first).status_code for _ in range(3)]
        assert found == [200, 200, 429]
    house.close()


def test_a_clock_that_is_set_back_gives_nothing_away_and_a_bound_of_0_is_none(tmp_path: Path) -> None:
    app, house = whole_app(tmp_path / "p.db", {"serve": {"api": {"a_second": 1, "burst": 1}}})
    with house.store() as store:
        key = key_of(store, "admin")
    with client(app) as asking:
        assert asking.get("/api/v1/keys", headers=key).status_code == 200
        house.instant -= 3600 * SECOND
        assert asking.get("/api/v1/keys", headers=key).status_code == 429
    house.close()
    app, house = whole_app(tmp_path / "q.db", {"serve": {"api": {"a_second": 0}}})
    with house.store() as store:
        key = key_of(store, "admin")
    with client(app) as asking:
        assert {asking.get("/api/v1/keys", headers=key).status_code for _ in range(600)} == {200}
    house.close()
