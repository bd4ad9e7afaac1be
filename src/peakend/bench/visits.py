"""How long a page takes over HTTP, and how much it weighs, where a large service has been at work for weeks.

The store is filled by the loop itself with a simulated service, up to now; nothing leaves it. A whole server
stands in a process of its own, and one visitor asks for one page after the other, each time for another
customer, day or word, as people do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Final
from urllib.parse import quote

from peakend.bench.incoming import serving
from peakend.bench.meter import Meter
from peakend.bench.stream import arrivals, in_batches
from peakend.bench.work import Measured, measured, waiting_for
from peakend.deliver.egress import Egress
from peakend.design.pack import find_pack, load_pack
from peakend.loop import Loop
from peakend.model.account import Account, AuditEntry
from peakend.model.looked import AskedCustomers
from peakend.publish import publish
from peakend.simulate import simulate
from peakend.store import Store, open_store
from peakend.web.people.sessions import From, begin

TIMES: Final = 100
"""How often each page is asked for."""
EACH: Final = 10
"""Events of a customer."""
_PACK: Final = "cloud"
_DAYS: Final = 21
_COMMIT: Final = 1_000
_GIVES_UP: Final = 60.0
_OK: Final = 200
_LARGEST: Final = 4_000_000
_STATIC: Final = re.compile(r'<(?:script|link|img)[^>]*?(?:src|href)="(/static/[^"]+)"')

Address = Callable[[Random], str]
"""A page's address, another one each time."""


def visit(folder: Path, events: int) -> list[Measured]:
    """Ask for every page so often, of a store with so many events of a tenth as many customers."""
    path = str(folder / "visited.db")
    with closing(open_store(path)) as store:
        fill(store, folder, events)
        cookie = f"peakend={_signed_in(store)}"
        pages = [*_pages(store)]
    with serving(path) as (home, _):
        return [_visited(home, cookie, events, name, address) for name, address in pages]


def fill(store: Store, folder: Path, events: int) -> None:
    """Let a simulated service run through the loop for some weeks, until now."""
    pack, log = load_pack(find_pack(_PACK)), folder / "simulated.parquet"
    start = datetime.now(UTC).date() - timedelta(days=_DAYS)
    simulate(pack, log, customers=max(events // EACH, 2), days=_DAYS, start=start, seed=1)
    publish(store, pack, who="bench", backtest="", approved="", now=0)
    loop = Loop(store, pack)
    clock = 0
    for batch in in_batches(islice(arrivals(log), events), _COMMIT):
        if not clock:
            loop.own(batch[0].at)
        clock = max(clock, *(one.at for one in batch))
        loop.ingest(batch, clock)
        loop.tick(clock)


def _signed_in(store: Store) -> str:
    """Somebody who may see everything, and what her browser holds."""
    now = int(datetime.now(UTC).timestamp() * 1_000_000)
    account = Account(name="bench", shown="bench", role="admin", made=now, changed=now)
    store.add_account(account, AuditEntry(at=now, who="bench", what="account.added", about="bench"))
    return begin(store, account, "password", From("127.0.0.1", "bench"), now)


def _pages(store: Store) -> Iterator[tuple[str, Address]]:
    some = [one.customer for one in store.list_customers(AskedCustomers(), "", 200).rows]
    plays = sorted(load_pack(find_pack(_PACK)).plays)
    yield "Today", lambda chance: "/today"
    yield "Journey map", lambda chance: "/map"
    yield "Find", lambda chance: "/find"
    yield "Plays", lambda chance: "/plays"
    yield "Play", lambda chance: f"/plays/{chance.choice(plays)}"
    yield "Customers", lambda chance: "/customers"
    yield "Customers by a word", lambda chance: f"/customers?q={quote(chance.choice(some)[:-1])}"
    yield "Customer", lambda chance: f"/customers/{quote(chance.choice(some))}"
    yield "Why", lambda chance: f"/customers/{quote(chance.choice(some))}/why?play={chance.choice(plays)}"
    yield "Inbox", lambda chance: "/inbox"
    yield "Coverage", lambda chance: "/coverage"
    yield "Incidents", lambda chance: "/incidents"
    yield "Messages", lambda chance: "/messages"
    yield "Quarantine", lambda chance: "/quarantine"


def _visited(home: str, cookie: str, events: int, name: str, address: Address) -> Measured:
    """One page, asked for by a browser that keeps nothing: all that comes with it is weighed, not timed."""
    egress = Egress(seconds=_GIVES_UP, largest=_LARGEST, private_hosts=("127.0.0.1",))

    def ask(path: str) -> bytes:
        answer = egress.send("GET", home + path, {"Cookie": cookie, "Accept-Encoding": "gzip"})
        if answer.status != _OK:
            raise AssertionError(f"{path} answered {answer.status}")
        return answer.body

    chance, took, pages = Random(7), list[float](), list[bytes]()
    ask(address(chance))  # what is read once by whoever comes first
    with (meter := Meter()):
        for _ in range(TIMES):
            path, began = address(chance), perf_counter()
            pages.append(ask(path))
            took.append((perf_counter() - began) * 1_000)
    page = max(pages, key=len)
    beside = sum(len(ask(one)) for one in {*_STATIC.findall(page.decode())})
    note = f"{len(page) / 1_000:.0f} kB, with all that it loads {(len(page) + beside) / 1_000:.0f} kB"
    ranked = sorted(took)
    figure = measured(f"page {name}, {events:,} events", TIMES, meter.cost(), note)
    return waiting_for(figure, ranked[TIMES // 2], ranked[TIMES * 99 // 100 - 1])
