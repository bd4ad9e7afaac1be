"""`serve`: pages, JSON and workers from one command."""

from __future__ import annotations

import platform
from contextlib import closing
from typing import Annotated

import typer

from peakend.cli.options import Language, notices, now, show
from peakend.cli.running import ConfigFile, MaybeDatabase
from peakend.cli.words import say
from peakend.instance.file import read_instance
from peakend.instance.working import database_of
from peakend.store import open_store


def serve(
    pack: Annotated[
        str | None, typer.Argument(help="A pack to try out; else the published one, or the config's")
    ] = None,
    database: MaybeDatabase = None,
    config: ConfigFile = None,
    host: Annotated[
        str | None, typer.Option(envvar="PEAKEND_HOST", help="Where it listens; else the config's, 127.0.0.1")
    ] = None,
    port: Annotated[
        int | None, typer.Option(envvar="PEAKEND_PORT", min=0, max=65535, help="Else the config's, 8000")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(envvar="PEAKEND_WORKERS", min=0, help="Workers beside it; several need PostgreSQL"),
    ] = None,
    language: Language = "en",
) -> None:
    """Serve the application and its interfaces, with workers beside it, until Ctrl+C or SIGTERM."""
    from peakend.web import crew, serving  # noqa: PLC0415  no other command waits for them
    from peakend.web.people import links  # noqa: PLC0415

    placed = read_instance(config)
    served = placed.instance.serve
    url = database_of(database, placed.instance)
    named = pack or placed.instance.pack
    with closing(open_store(url)) as store:
        shards, way = store.shards, links.set_up_path(store, now())
    number = served.workers if workers is None else workers
    asked = serving.Serving(
        orders=crew.orders_of(url, placed.instance.worker or platform.node(), number, named, shards),
        config=config,
        url=url,
        named=named,
        host=host or served.host,
        port=served.port if port is None else port,
        form=served.log,
        proxies=served.proxies,
    )

    def begun(address: str) -> None:
        show(notices, say("serves", language, address=address))
        if way:
            show(notices, say("set_up_here", language, address=f"{(served.url or address).rstrip('/')}{way}"))

    serving.serve(asked, begun)
    show(notices, say("stopped_work", language))
