"""`run`: a worker in this process, until it is told to stop; and events from files into its database."""

from __future__ import annotations

import logging
import platform
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import pyarrow.parquet as pq
import typer

from peakend.cli.options import Language, console, notices, now, show
from peakend.cli.progress import Tell
from peakend.cli.words import SAYS, as_typed, say
from peakend.instance.file import Placed, read_instance
from peakend.instance.lived import arrival_of
from peakend.instance.working import Order, Shift, check_sender, database_of
from peakend.loop.inlet import Inlet, Later, Taken
from peakend.loop.worker import Worker
from peakend.model.pack import Pack
from peakend.model.stored import Arrival
from peakend.store import Store
from peakend.tell.said import Said

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", envvar="PEAKEND_CONFIG", help="The instance's file; else peakend.yaml, if it is here"
    ),
]
MaybeDatabase = Annotated[
    str | None,
    typer.Option(
        "--database",
        envvar="PEAKEND_DATABASE",
        help="A file or postgresql://host/database; else the config's",
    ),
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
    order = Order(
        url=database_of(database, instance),
        worker=worker or instance.worker or platform.node(),
        named=pack or instance.pack,
        shards=shards,
    )
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    shift = Shift(order, placed, now, lambda working: _say_begun(working, placed, said, language))
    said = {
        "worker": order.worker,
        "database": order.url,
        "channels": ", ".join(shift.ready) or SAYS["printed"],
    }
    for which in (signal.SIGTERM, signal.SIGINT):
        signal.signal(which, lambda number, frame: shift.stop())
    shift.run()
    show(console, say("stopped_work", language))


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
            arrivals = [arrival_of(row) for row in batch.to_pylist()]
            for one in _patiently(inlet, arrivals):
                counts[one.outcome] += 1
            done += batch.num_rows
            tell(done, rows)
    return counts


def _patiently(inlet: Inlet, arrivals: Sequence[Arrival]) -> list[Taken]:
    while True:
        try:
            return inlet.admit(arrivals, now())
        except Later as later:
            time.sleep(later.seconds)
