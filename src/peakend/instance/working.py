"""From the file of an instance to a worker at work: which pack on which database, by which channels.

`run` works in its own process and `serve` in a child; both come through here.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from threading import Event

from peakend.deliver.channels import Rate as Allowed
from peakend.deliver.compose import compose
from peakend.deliver.printer import Printer
from peakend.deliver.settings import Ready, channels_of
from peakend.design.pack import find_pack, load_pack
from peakend.errors import PeakendError
from peakend.instance.file import Instance, Placed
from peakend.loop.delivering import Addressee, Compose, Post
from peakend.loop.patience import SECOND, Rate
from peakend.loop.starting import Marker, marker_path
from peakend.loop.unsubscribing import Unsubscribing
from peakend.loop.worker import Setting, Worker
from peakend.model.delivery import Words
from peakend.model.outcome import Content
from peakend.model.pack import Pack
from peakend.publish import pack_of, packs_of, published
from peakend.store import Store, open_store
from peakend.store.whole import file_of, is_of_a_file


@dataclass(frozen=True, kw_only=True)
class Order:
    """Who shall work on what: `named` is a pack to try out, '' for the published one."""

    url: str
    worker: str
    named: str = ""
    shards: int | None = None


class Shift:
    """Workers of one name, one after the other: when another pack is published, the next one goes on with it.

    `begun` is told of each. Raises PeakendError where a worker of this name runs here already.
    """

    def __init__(
        self, order: Order, placed: Placed, clock: Callable[[], int], begun: Callable[[Worker], None]
    ) -> None:
        channels = placed.instance.channels
        self.ready = channels_of(channels, os.environ, sys.stdout, placed.place) if channels else {}
        self._order, self._placed, self._clock, self._begun = order, placed, clock, begun
        self._marker = Marker(marker_path(_settled(order.url), order.worker))
        self._stopped = Event()
        self._working: Worker | None = None

    def stop(self) -> None:
        """End after what is being done: safe to be called by a signal."""
        self._stopped.set()
        if self._working is not None:
            self._working.stop()

    def run(self) -> None:
        """Work until it is stopped; its channels are closed and its name is free when this returns."""
        named = self._order.named
        try:
            while not self._stopped.is_set():
                self._working = self._worker(named)
                if self._stopped.is_set():
                    self._working.stop()
                self._begun(self._working)
                self._working.run()
                if not self._working.outdated:
                    break
                named = ""  # what is published now counts
        finally:
            self._marker.close()
            for one in self.ready.values():
                one.channel.close()

    def _worker(self, named: str) -> Worker:
        order = self._order
        with closing(open_store(order.url)) as store:
            pack, older = pack_to_run(store, named), packs_of(store)
        check_sender(pack, self._placed, prints=not self.ready)
        setting = Setting(
            open_store=lambda: open_store(order.url),
            pack=pack,
            post=post_of(pack, self._placed, self.ready),
            clock=self._clock,
            worker=order.worker,
            most_shards=order.shards,
            contacts_known=self._placed.instance.contacts,
            older=older,
        )
        return Worker(setting, self._marker)


def database_of(database: str | None, instance: Instance) -> str:
    """The database that is meant. Raises PeakendError where nobody says."""
    if database or instance.database:
        return str(database or instance.database)
    raise PeakendError(
        "No database is named",
        fix="Write --database peakend.db, or `database: peakend.db` into peakend.yaml",
        what_zh="没有指明数据库",
        fix_zh="请写 --database peakend.db，或在 peakend.yaml 里写 database: peakend.db",
    )


def pack_to_run(store: Store, named: str) -> Pack:
    """The published pack; a folder only while nothing is published, or where it is that very version."""
    holds = published(store)
    if holds is None and not named:
        raise PeakendError(
            "Nothing is published in this database",
            fix="Publish a pack: peakend publish cloud --database URL; or name the one that is tried out, "
            "as in peakend run cloud, or peakend why t-1 --pack cloud --database URL",
            what_zh="这个库里还没有发布模板",
            fix_zh="请先发布：peakend publish cloud --database URL；试用时请写明模板，"
            "例如 peakend run cloud，或 peakend why t-1 --pack cloud --database URL",
        )
    if holds is None:
        return load_pack(find_pack(named))
    if named and load_pack(find_pack(named)).hash != holds.hash:
        raise PeakendError(
            f"'{named}' is not the version that is published here ({holds.pack}, {holds.hash[:12]})",
            fix=f"Publish it: peakend publish {named} --database URL; or leave the pack out",
            what_zh=f"“{named}”不是这里已发布的版本（{holds.pack}，{holds.hash[:12]}）",
            fix_zh=f"请先发布：peakend publish {named} --database URL；或不写模板",
        )
    return pack_of(store, holds.hash)


def post_of(pack: Pack, placed: Placed, ready: Mapping[str, Ready]) -> Post:
    """What the couriers deliver with; without any channel everything is printed."""
    instance = placed.instance
    leaving = instance.unsubscribe
    address = Unsubscribing(leaving.url, leaving.secret).address if leaving else lambda customer, class_: ""
    return Post(
        channels={name: one.channel for name, one in ready.items()},
        compose=_composer(pack, instance.sender),
        otherwise=None if ready else Printer(sys.stdout),
        rates={name: _rate(one.rates) for name, one in ready.items() if one.rates},
        colleagues={role: (one.channel, one.address) for role, one in instance.colleagues.items()},
        unsubscribe=address,
    )


def check_sender(pack: Pack, placed: Placed, *, prints: bool) -> list[str]:
    """The names of the house (`sender.*`) that texts show and the instance does not say.

    Raises PeakendError where letters really leave: nobody shall read "call me at ,".
    """
    pieces = [
        piece
        for text in (*pack.texts.values(), *pack.cards.values())
        for piece in (text.body, text.subject, *text.channels.values())
    ]
    named = {name for piece in pieces for name in re.findall(r"\bsender\.(\w+)", piece)}
    missing = sorted(named - placed.instance.sender.keys())
    if missing and not prints:
        shown = ", ".join(f"sender.{name}" for name in missing)
        raise PeakendError(
            f"Texts show {shown}, which this instance does not say",
            place=placed.place(("sender",)),
            fix="Write it into peakend.yaml: sender: {name: …, phone: …}",
            what_zh=f"文本里用到 {shown}，而实例配置里没有写",
            fix_zh="请写进 peakend.yaml：sender: {name: …, phone: …}",
        )
    return missing


def _composer(pack: Pack, sender: Mapping[str, str]) -> Compose:
    def put(contents: Sequence[Content], who: Addressee) -> Words:
        contact = {"name": who.name, "role": who.role, "channel": who.channel, "address": who.address}
        return compose(
            pack, contents, channel=who.channel, contact=contact, sender=sender, unsubscribe=who.unsubscribe
        )

    return put


def _rate(allowed: Sequence[Allowed]) -> Rate:
    """The slowest of the rates that a channel is allowed."""
    slowest = min(allowed, key=lambda one: one.letters / one.within)
    return Rate(slowest.letters * SECOND / slowest.within)


def _settled(url: str) -> str:
    """The same database under one name, wherever a worker is started."""
    return str(file_of(url).resolve()) if is_of_a_file(url) else url
