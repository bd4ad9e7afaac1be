"""`run`: a worker in this process, until it is told to stop; and events from files into its database."""

from __future__ import annotations

import logging
import os
import platform
import re
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Annotated, Any

import pyarrow.parquet as pq
import typer

from peakend.cli.instance import Instance, Placed, read_instance
from peakend.cli.options import Language, console, notices, now, show
from peakend.cli.progress import Tell
from peakend.cli.words import SAYS, as_typed, say
from peakend.deliver.channels import Rate as Allowed
from peakend.deliver.compose import compose
from peakend.deliver.printer import Printer
from peakend.deliver.settings import Ready, channels_of
from peakend.design.pack import find_pack, load_pack
from peakend.errors import PeakendError
from peakend.loop.delivering import Addressee, Compose, Post
from peakend.loop.inlet import Inlet, Later, Taken
from peakend.loop.patience import SECOND, Rate
from peakend.loop.starting import Marker, marker_path
from peakend.loop.unsubscribing import Unsubscribing
from peakend.loop.worker import Setting, Worker
from peakend.model.delivery import Words
from peakend.model.outcome import Content
from peakend.model.pack import Pack
from peakend.model.stored import Arrival
from peakend.publish import pack_of, packs_of, published
from peakend.store import Store, open_store
from peakend.store.whole import file_of, is_of_a_file
from peakend.tell.said import Said

ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="The instance's file; else peakend.yaml, if it is here")
]
MaybeDatabase = Annotated[
    str | None, typer.Option("--database", help="A file or postgresql://host/database; else the config's")
]
_BATCH = 2000


def run(
    pack: Annotated[
        str | None, typer.Argument(help="A pack to try out; else the published one, or the config's")
    ] = None,
    database: MaybeDatabase = None,
    config: ConfigFile = None,
    worker: Annotated[str | None, typer.Option("--worker", help="Its name; else that of the machine")] = None,
    shards: Annotated[int | None, typer.Option("--shards", min=1, help="At most so many shards")] = None,
    language: Language = "en",
) -> None:
    """Fold what arrives, ring what is due and deliver, until Ctrl+C or SIGTERM."""
    placed = read_instance(config)
    instance = placed.instance
    url = database_of(database, instance)
    name = worker or instance.worker or platform.node()
    ready = channels_of(instance.channels, os.environ, sys.stdout, placed.place) if instance.channels else {}
    marker = Marker(marker_path(_settled(url), name))
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    said = {"worker": name, "database": url, "channels": ", ".join(ready) or SAYS["printed"]}
    stopped = Event()
    try:
        named = pack or instance.pack
        while not stopped.is_set():
            working = _worker(url, named, name, placed, ready, shards, marker)
            for which in (signal.SIGTERM, signal.SIGINT):
                signal.signal(which, _ender(working, stopped))
            _say_begun(working, placed, said, language)
            working.run()
            if not working.outdated:
                break
            named = ""  # what is published now counts
        show(console, say("stopped_work", language))
    finally:
        marker.close()
        for one in ready.values():
            one.channel.close()


def _worker(
    url: str,
    named: str,
    name: str,
    placed: Placed,
    ready: Mapping[str, Ready],
    shards: int | None,
    marker: Marker,
) -> Worker:
    with closing(open_store(url)) as store:
        pack, older = pack_to_run(store, named), packs_of(store)
    check_sender(pack, placed, prints=not ready)
    setting = Setting(
        open_store=lambda: open_store(url),
        pack=pack,
        post=post_of(pack, placed, ready),
        clock=now,
        worker=name,
        most_shards=shards,
        contacts_known=placed.instance.contacts,
        older=older,
    )
    return Worker(setting, marker)


def _ender(working: Worker, stopped: Event) -> Callable[[int, FrameType | None], None]:
    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        stopped.set()
        working.stop()

    return end


def _say_begun(working: Worker, placed: Placed, said: Mapping[str, str | Said], language: str) -> None:
    show(console, say("works", language, pack=working.pack, **said))
    if gaps := check_sender(working.setting.pack, placed, prints=True):
        names = ", ".join(f"sender.{name}" for name in gaps)
        notices.print(say("no_sender", language, names=names), highlight=False, soft_wrap=True)
    if working.begun.why:
        why = say(f"why_{working.begun.why}", language, n=working.reviewed)
        notices.print(why, highlight=False, soft_wrap=True)
        notices.print(as_typed(say("review_way", language)), highlight=False, soft_wrap=True)


def send_in(pack: Pack, log: Sequence[Path], store: Store, tell: Tell) -> dict[str, int]:
    """Send a log's events in through the live door, waiting where it says later; how many by outcome."""
    counts = dict.fromkeys(("taken", "known", "other_body", "aside"), 0)
    rows = sum(pq.ParquetFile(path).metadata.num_rows for path in log)
    inlet, done = Inlet(store, pack), 0
    for path in log:
        for batch in pq.ParquetFile(path).iter_batches(_BATCH):
            arrivals = [_arrival(row) for row in batch.to_pylist()]
            for one in _patiently(inlet, arrivals):
                counts[one.outcome] += 1
            done += batch.num_rows
            tell(done, rows)
    return counts


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


def _patiently(inlet: Inlet, arrivals: Sequence[Arrival]) -> list[Taken]:
    while True:
        try:
            return inlet.admit(arrivals, now())
        except Later as later:
            time.sleep(later.seconds)


def _arrival(row: Mapping[str, Any]) -> Arrival:
    at = row["happened_at"]
    whole = int(at.timestamp()) * SECOND + at.microsecond
    customer, subject = row["customer"] or "", row["subject"] or ""
    return Arrival(row["source"], row["id"], customer, row["kind"], whole, subject, row["data"])
