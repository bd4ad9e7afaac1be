"""A small service that was lived through, in a real database: what the tests of pages look at."""

from __future__ import annotations

import io
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import NamedTuple

from peakend.deliver.settings import channels_of
from peakend.design.pack import find_pack, load_pack
from peakend.instance.file import Instance, Placed
from peakend.instance.lived import live_through, seen_in
from peakend.instance.working import post_of
from peakend.model.pack import Pack
from peakend.publish import pack_of, publish, published
from peakend.simulate import simulate
from peakend.store import open_store

DAY = 86_400_000_000
SENDER = {"name": "林悦", "phone": "010-5555-0100", "company": "云上"}


class World(NamedTuple):
    """A database with its past up to `now`, and the pack that was published."""

    database: Path
    pack: Pack
    now: int
    placed: Placed


def lived(folder: Path, *, customers: int = 40, days: int = 120) -> World:
    """The cloud service of some customers, published on the day before its first, and lived through."""
    log, database = folder / "log.parquet", folder / "world.db"
    simulate(
        load_pack(find_pack("cloud")), log, customers=customers, days=days, start=date(2026, 1, 1), seed=7
    )
    told = seen_in(log)
    until = told[-1][0] - 20 * DAY
    placed = Placed(Instance(sender=SENDER), None, None)
    with closing(open_store(str(database))) as store:
        tried = load_pack(find_pack("cloud"))
        publish(store, tried, who="li", backtest="", approved="", now=told[0][0] - DAY)
        holds = published(store)
        assert holds is not None
        pack = pack_of(store, holds.hash)
        mute = {name: {"kind": "mute"} for name in ("email", "wecom", "sms")}
        post = post_of(pack, placed, channels_of(mute, {}, io.StringIO()))
        live_through(store, pack, told, until, post, lambda done, all_: None)
    return World(database, pack, until, placed)
