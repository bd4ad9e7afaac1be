"""The attack: guess a password, from one machine or many, or learn from the time of an answer who is here."""

from __future__ import annotations

import time
from statistics import median

from people_world import NINE, PASSWORD, entry, with_password

from peakend.store import MemoryStore, Store
from peakend.web.people import sessions
from peakend.web.people.sessions import From, Wait
from peakend.web.people.tries import BY_ADDRESS, BY_NAME, Bound, Tries


def store_with(*names: str) -> Store:
    store = MemoryStore()
    for name in names:
        store.add_account(with_password(name), entry())
    return store


def test_one_name_cannot_be_guessed_from_many_machines_and_the_right_word_comes_too_late() -> None:
    store, tries = store_with("li"), Tries()
    for place in range(BY_NAME):
        here = From(f"10.0.0.{place}", "")
        assert sessions.by_password(store, tries, "li", f"guess {place}", here, NINE) is None
    found = sessions.by_password(store, tries, "LI ", PASSWORD, From("10.9.9.9", ""), NINE)
    assert found == Wait(15 * 60)


def test_one_machine_cannot_try_one_password_on_many_names() -> None:
    store, tries, here = store_with("li"), Tries(), From("10.0.0.1", "")
    for place in range(BY_ADDRESS - 2):
        assert (
            tries.attempt([Bound(f"name n{place}", BY_NAME), Bound("address 10.0.0.1", BY_ADDRESS)], NINE)
            == 0
        )
    for name in ("wang", "zhao"):
        assert sessions.by_password(store, tries, name, "Spring2026!", here, NINE) is None
    assert isinstance(sessions.by_password(store, tries, "li", PASSWORD, here, NINE), Wait)


def test_an_unknown_name_takes_as_long_as_a_known_one() -> None:
    store = store_with("li")

    def seconds(name: str) -> float:
        began = time.process_time()
        sessions.by_password(store, Tries(), name, "guess", From("", ""), NINE)
        return time.process_time() - began

    seconds("nobody")
    known, unknown = ([seconds(name) for _ in range(9)] for name in ("li", "nobody"))
    assert 0.4 < median(unknown) / median(known) < 2.5
