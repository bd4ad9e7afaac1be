"""The application with three customers and a draft, asked with every key; and all that its database holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
from people_world import client, key_of, whole_app

from tests.web.test_bench_of_plays import fill


class Doors:
    """Asks the application; `held` is every row of its database."""

    def __init__(self, asking: httpx.Client, database: Path, document: dict[str, Any]) -> None:
        self.asking, self._database, self.document = asking, database, document
        self.draft = str(asking.post("/api/v1/drafts", json={}).json()["draft"]["id"])

    def held(self) -> list[str]:
        with closing(sqlite3.connect(self._database)) as database:
            return [*database.iterdump()]

    def operations(self, *methods: str) -> list[tuple[str, str, dict[str, Any]]]:
        """Every operation of some methods: method, path with what is there in place of names, description."""
        there = {"{id_}": self.draft, "{id}": "c-0", "{play}": "renewal", "{kind}": "check"}
        found = []
        for path, ways in self.document["paths"].items():
            for method, way in ways.items():
                if method in methods:
                    parts = [there.get(one, "1" if one[:1] == "{" else one) for one in path.split("/")]
                    found.append((method.upper(), "/".join(parts), way))
        return found


@contextmanager
def doors(folder: Path) -> Iterator[Doors]:
    app, house = whole_app(folder / "p.db", {"serve": {"api": {"burst": 1_000_000}}})
    with house.store() as store:
        fill(store)
        key = key_of(store, "admin", used=house.clock())
    with client(app) as asking:
        asking.headers.update(key)
        yield Doors(asking, folder / "p.db", app.openapi())
    house.close()
