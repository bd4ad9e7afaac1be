"""The lived-through service with something going on right now: made once, copied for each test.

A P1 is open and nobody has answered, a region is down, and rows are in quarantine. Everything came in by the
door, the loop and the courier; the channels are mute.
"""

from __future__ import annotations

import atexit
import io
import json
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx
from fastapi import FastAPI
from people_world import TimedHouse, client, everybody, signed_in

from peakend.deliver.settings import channels_of
from peakend.instance.lived import Seen, live_through
from peakend.instance.working import post_of
from peakend.loop.inlet import Inlet
from peakend.model.account import Role
from peakend.model.looked import AskedCustomers
from peakend.model.stored import Arrival
from peakend.store import open_store
from peakend.web.app import create_app
from peakend.when import DAY, HOUR, MINUTE, format_instant, zone
from tests.web.world import World, lived

REGION = "region:cn-east-2"
HOSTILE = "<script>alert(1)</script>"


@cache
def busy() -> World:
    """The world, at the instant `now`."""
    folder = Path(mkdtemp(prefix="peakend-world-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    world = lived(folder, customers=25, days=70)
    there = zone(world.pack.head.zone)
    midnight = there.from_wall(there.wall(world.now) // DAY * DAY)
    now = midnight + 3 * DAY + 15 * HOUR + 20 * MINUTE
    mute = channels_of({name: {"kind": "mute"} for name in ("email", "wecom", "sms")}, {}, io.StringIO())
    post = post_of(world.pack, world.placed, mute)
    with closing(open_store(str(world.database))) as store:
        customers = [one.customer for one in store.list_customers(AskedCustomers(id="c"), limit=14).rows]
        news = _right_now(customers, now)
        for one in news:
            live_through(store, world.pack, [one], one[0], post, _unheard)
        live_through(store, world.pack, news[-1:], now, post, _unheard)
        Inlet(store, world.pack).take(_strange(customers[0]), "desk", now - HOUR)
        everybody(store)
    return world._replace(now=now)


@contextmanager
def living(tmp_path: Path) -> Iterator[tuple[FastAPI, TimedHouse]]:
    """An application over a copy of the world."""
    world, path = busy(), tmp_path / "world.db"
    shutil.copy(world.database, path)
    house = TimedHouse(lambda: open_store(str(path)), world.placed, lambda: house.instant)
    house.instant = world.now
    try:
        yield create_app(house), house
    finally:
        house.close()


def sign_in(house: TimedHouse, role: Role) -> dict[str, str]:
    """Somebody of a role, signed in: what her browser sends."""
    with house.store() as store:
        return signed_in(store, role, house.instant)


@contextmanager
def asking(app: FastAPI, house: TimedHouse, role: Role) -> Iterator[httpx.Client]:
    """Somebody of a role, signed in, as her browser asks for pages; her language is English."""
    with client(app) as found:
        found.headers.update(sign_in(house, role) | {"Accept": "text/html"})
        yield found


def _unheard(done: int, whole: int) -> None:
    """Nobody watches how far it is."""


def _strange(customer: str) -> list[bytes]:
    """What no door lets in: twice for one cause, once for another."""
    rows: list[dict[str, Any]] = [
        {"id": f"bad-{n}", "customer": customer, "kind": "incident.opend", "at": "2026-02-24T06:00:00Z"}
        for n in range(2)
    ]
    rows.append({"id": "bad-9", "customer": customer, "kind": "incident.opened", "at": "soon",
                 "data": {"incident_id": "INC-90", "title": HOSTILE}})  # fmt: skip
    return [json.dumps(one).encode() for one in rows]


def _right_now(customers: list[str], now: int) -> list[Seen]:
    """What has come in lately, the first first."""

    def event(number: int, customer: str, kind: str, at: int, /, about: str = "", **data: Any) -> Seen:
        text = json.dumps(data, sort_keys=True, ensure_ascii=False)
        return at, Arrival("desk", f"now-{number}", customer, kind, at, about, text)

    first, second, third, fourth = customers[1:5]
    return [
        *(
            event(100 + n, one, "relation.set", now - 50 * HOUR, subject=REGION)
            for n, one in enumerate(customers[:12])
        ),
        event(10, third, "incident.opened", now - 40 * HOUR, incident_id="INC-70", priority="P1"),
        event(11, third, "incident.replied", now - 39 * HOUR, incident_id="INC-70", priority="P1"),
        event(12, third, "incident.resolved", now - 31 * HOUR, incident_id="INC-70", priority="P1"),
        event(13, fourth, "incident.opened", now - 30 * HOUR, incident_id="INC-71", priority="P1"),
        event(14, fourth, "incident.replied", now - 30 * HOUR + MINUTE, incident_id="INC-71", priority="P1"),
        event(15, fourth, "incident.resolved", now - 29 * HOUR, incident_id="INC-71", priority="P1"),
        event(2, second, "incident.opened", now - 90 * MINUTE, incident_id="INC-76", priority="P2",
              title="备份失败", product="storage", engineer="值班工程师", engineer_phone="010-5555-0178"),
        event(3, "", "region.degraded", now - 70 * MINUTE, about=REGION, outage_id="O-1", region="华东二",
              services="云服务器、云数据库", known="机房一路供电中断", doing="按批恢复供电",
              next_step="先数据库后服务器", next_word_at=format_instant(now + 20 * MINUTE)),
        event(1, first, "incident.opened", now - 10 * MINUTE, incident_id="INC-77", priority="P1",
              title=HOSTILE, product="database", engineer="值班工程师", engineer_phone="010-5555-0177"),
    ]  # fmt: skip
