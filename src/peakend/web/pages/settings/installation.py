"""The installation: which version on which database, who works, what waits. No secret is among it."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from peakend.publish import published
from peakend.store.whole import is_of_a_file
from peakend.tell.said import Said, titled
from peakend.web.house import House, Ours
from peakend.web.pages.settings.frame import Manager, show

router = APIRouter(include_in_schema=False)
AT: Final = "/settings/installation"


class Installation(msgspec.Struct, frozen=True, kw_only=True):
    """What is running: instants in microseconds, 0 where nothing is published."""

    version: str
    database: str
    workers: list[str]
    waiting: int
    address: str
    pack: Said
    hash: str
    published: int
    publisher: str
    signers: list[str]
    ways_in: list[str]


def installation(house: House) -> Installation:
    """What is running, asked of the store now."""
    pack, sign_in = house.pack(), house.instance.sign_in
    with house.store() as store:
        holds = published(store)
        return Installation(
            version=version("peakend"),
            database=_kind(house.database),
            workers=sorted(store.owners(house.clock())),
            waiting=store.waiting(),
            address=house.instance.serve.url,
            pack=titled(pack.head.title) if pack else Said("", ""),
            hash=(holds.hash if holds else "")[:12],
            published=holds.seen if holds else 0,
            publisher=holds.who if holds else "",
            signers=[one.name for one in store.signers()],
            ways_in=[
                "password",
                *(["oidc"] if sign_in.oidc else []),
                *(["wecom"] if sign_in.wecom else []),
            ],
        )


def _kind(url: str) -> str:
    """Of which kind a database is: an address may hold a password."""
    if not url:
        return ""
    return "SQLite" if is_of_a_file(url) else "PostgreSQL" if "://" in url else url


@router.get(AT)
def show_(request: Request, caller: Manager, house: Ours) -> Response:
    """The installation on a page."""
    found = installation(house)
    title = house.instance.sign_in.oidc.title if house.instance.sign_in.oidc else ""
    return show(request, caller, "installation", {"found": found, "oidc": title, "tried": not found.hash})
