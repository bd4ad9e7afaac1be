"""A trial: a made-up service with a past, a door to come in by as anybody, and events that go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest
from people_world import client as asking
from people_world import form_of as csrf_in

from peakend.design.pack import find_pack, load_pack
from peakend.instance import trial
from peakend.instance.file import read_instance
from peakend.instance.working import pack_to_run
from peakend.model.stored import Note
from peakend.store import open_store
from peakend.web.app import create_app
from peakend.web.house import House

NOW = 1_772_700_000_000_000
TOKEN = "a-door-that-nobody-guesses"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("trial")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trial, "CUSTOMERS", 12)
        patch.setattr(trial, "PAST", 20)
        trial.begin(made, load_pack(find_pack("cloud")), NOW, lambda done, total: None, "zh")
    return made


@pytest.fixture
def house(folder: Path) -> Iterator[House]:
    url = str(trial.database_of_trial(folder))
    made = House(
        lambda: open_store(url), read_instance(trial.config_of_trial(folder)), lambda: NOW, trial=TOKEN
    )
    yield made
    made.close()


def test_a_trial_has_a_past_that_sent_nothing_and_the_four_people_of_a_service(folder: Path) -> None:
    with closing(open_store(str(trial.database_of_trial(folder)))) as store:
        assert {
            one.receipt for one in store.messages(states=["accepted"]) if one.planned.channel == "email"
        } == {"muted"}
        assert {one.name: one.role for one in store.accounts()} == {
            one.name: one.role for one in trial.PEOPLE
        }
        assert not any(one.password for one in store.accounts())
        cards = store.notes(kind="card")
    waiting = [one for one in cards if one.state in ("new", "fetched")]
    assert not [one for one in waiting if one.at < NOW - 8 * trial.DAY]
    given = {one.who for one in cards if one.at > NOW - 7 * trial.DAY}
    assert {one.who for one in waiting} >= given != set()


def test_colleagues_do_their_cards_and_each_role_keeps_its_newest_for_a_week(tmp_path: Path) -> None:
    with closing(open_store(str(tmp_path / "cards.db"))) as store:
        for who, days in (("cto", 6), ("cto", 5), ("cto", 1), ("director", 6), ("director", 5), ("lead", 8)):
            store.put_note(
                Note(
                    send_key=f"{who}-{days}", kind="card", customer="c", who=who, play="p", message="m",
                    subject="s", body="b", severity="", link="", at=NOW - days * trial.DAY, until=NOW,
                )
            )  # fmt: skip
        trial.do_cards(store, NOW)
        left = {one.send_key for one in store.notes(kind="card", states=("new", "fetched"))}
    assert left == {"cto-1", "director-5"}


def test_its_events_go_on_and_it_remembers_where_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("peakend.instance.lived.LONGEST", 0.0)
    url = str(trial.database_of_trial(folder))
    for _ in range(2):
        stopped, sent = Event(), 0

        def clock(stopped: Event = stopped) -> int:
            nonlocal sent
            sent += 1
            if sent == 5:
                stopped.set()
            return NOW

        with closing(open_store(url)) as store:
            before = store.waiting()
            trial.keep_going(folder, store, pack_to_run(store, ""), clock, stopped)
            assert store.waiting() == before + 5
            assert not store.put_aside_rows()


def test_whoever_has_the_address_picks_whom_to_be(house: House) -> None:
    with asking(create_app(house)) as client:
        shown = client.get(f"/trial/{TOKEN}")
        assert "服务设计师" in shown.text
        entered = client.post(f"/trial/{TOKEN}", data={"name": "manager", "csrf": csrf_in(shown)})
        assert entered.status_code == 303
        assert client.get("/account").status_code == 200


def test_the_language_that_was_chosen_at_the_door_holds_inside(house: House) -> None:
    for language, said in (("en", "Today"), ("zh", "今日")):
        with asking(create_app(house)) as client:
            at = f"/trial/{TOKEN}?lang={language}"
            csrf = csrf_in(client.get(at))
            assert client.post(at, data={"name": "manager", "csrf": csrf}).status_code == 303
            assert f"<h1>{said}</h1>" in client.get("/today").text


@pytest.mark.parametrize("name", ["", "root", "manager' OR 1=1"])
def test_nobody_else_can_be_picked(house: House, name: str) -> None:
    with asking(create_app(house)) as client:
        csrf = csrf_in(client.get(f"/trial/{TOKEN}"))
        assert client.post(f"/trial/{TOKEN}", data={"name": name, "csrf": csrf}).status_code == 404


def test_there_is_no_door_by_another_address_or_where_nothing_is_tried(house: House, folder: Path) -> None:
    with asking(create_app(house)) as client:
        assert client.get("/trial/guess").status_code == 404
    url = str(trial.database_of_trial(folder))
    closed = House(lambda: open_store(url), read_instance(None), lambda: NOW)
    with asking(create_app(closed)) as client:
        assert client.get("/trial/").status_code == 404
        assert client.get(f"/trial/{TOKEN}").status_code == 404
    closed.close()
