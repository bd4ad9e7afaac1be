"""An office for one test: the application over a copy of the world, and a customer with a story."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import msgspec
import pytest
from fastapi import FastAPI
from people_world import client, everybody, signed_in

from peakend.fold import decode_state
from peakend.instance.file import Leaving, Placed
from peakend.loop import Loop
from peakend.loop.unsubscribing import Unsubscribing
from peakend.model.looked import AskedEncounters, AskedVerdicts
from peakend.store import open_store
from peakend.web.app import create_app
from peakend.web.house import House
from peakend.web.people.tokens import csrf_of
from tests.web.world import World

LEAVING = Leaving("https://service.example.com/u", "a secret of this service")
LETTERS = Unsubscribing(LEAVING.url, LEAVING.secret)


class Office(NamedTuple):
    """The application over a copy of the world, which tests may write into, and a customer with a story."""

    app: FastAPI
    house: House
    world: World
    customer: str
    address: str

    def as_(self, role: str, **headers: str) -> httpx.Client:
        """A browser in which somebody of this role is signed in, who reads English."""
        with self.house.store() as store:
            known = signed_in(store, role, self.world.now)
        found = client(self.app)
        found.headers.update({"Cookie": known["Cookie"], "Accept": "text/html", **headers})
        return found

    def csrf(self, browser: httpx.Client) -> str:
        return csrf_of(browser.headers["Cookie"].removeprefix("peakend="))

    def fold(self) -> None:
        """Let what was told be learnt."""
        with self.house.store() as store:
            loop = Loop(store, self.world.pack, worker="w")
            loop.own(self.world.now)
            while loop.work(self.world.now + 1_000_000):
                pass
            store.release_shards("w")

    def at(self, path: str = "") -> str:
        return f"/customers/{self.customer}{path}"


@pytest.fixture
def office(world: World, tmp_path: Path) -> Iterator[Office]:
    copy = tmp_path / "office.db"
    shutil.copy(world.database, copy)
    instance = msgspec.structs.replace(world.placed.instance, unsubscribe=LEAVING)
    house = House(lambda: open_store(str(copy)), Placed(instance, None, None), lambda: world.now)
    with house.store() as store:
        everybody(store)
        felt = AskedEncounters(state="miserable", settled=True)
        people = [one.customer for one in store.list_encounters(felt, limit=50).rows]
        sent = AskedVerdicts(outcome="send")
        spoken = {one.verdict.customer for one in store.list_verdicts(sent, limit=200).rows}
        customer = next(one for one in people if one in spoken)
        state = decode_state(store.states([customer])[customer].data)
    mails = [
        ways[0][0] for one in state.contacts.values() for c, ways in one.addresses.items() if c == "email"
    ]
    yield Office(create_app(house), house, world, customer, mails[0])
    house.close()
