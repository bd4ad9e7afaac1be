"""The application: which routes there are, and what stands around them. Nothing is decided here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from peakend.errors import Missing, PeakendError
from peakend.loop.inlet import Later
from peakend.publish import NotApproved
from peakend.store.base import Away, Fenced, Overtaken
from peakend.web import health, metrics
from peakend.web.answers import problem_of
from peakend.web.api import (
    agreements,
    audit,
    covered,
    drafts,
    events,
    finds,
    jobs,
    journeys,
    keys,
    notes,
    plays,
    root,
    segment,
    webhooks,
)
from peakend.web.api import customers as customers_api
from peakend.web.api.intake import Intake
from peakend.web.api.openapi import Described
from peakend.web.api.rates import Rates
from peakend.web.assets import Assets
from peakend.web.daily.badges import Badges
from peakend.web.daily.live import Live
from peakend.web.daily_routes import DAILY
from peakend.web.failing import Failing
from peakend.web.headers import Headers
from peakend.web.house import House
from peakend.web.metrics import Metrics
from peakend.web.pages import (
    account,
    choices,
    coverage,
    customer,
    customer_changes,
    customers,
    draft_files,
    draft_jobs,
    find,
    journey_map,
    set_up,
    settings,
    sign_in,
    sign_in_elsewhere,
    static,
    trying,
)
from peakend.web.pages import drafts as draft_pages
from peakend.web.pages import plays as play_pages
from peakend.web.people.refused import Refused
from peakend.web.people.tries import Tries
from peakend.web.refusing import for_readers, refusal
from peakend.web.screen import Screens
from peakend.web.sizes import Sizes
from peakend.web.stores import Busy
from peakend.web.telling import Teller
from peakend.web.unread import misfit, not_found
from peakend.web.watching import Watching

PEOPLE: Final = (sign_in.router, sign_in_elsewhere.router, set_up.router, account.router, trying.router)
INCOMING: Final = (events.router, segment.router)
ADMINISTERING: Final = (root.router, audit.router, keys.router, webhooks.router)
CUSTOMERS: Final = (
    customers_api.router,
    notes.router,
    choices.router,
    customers.router,
    customer.router,
    customer_changes.router,
)
PLAYS: Final = (play_pages.router, draft_pages.router, draft_files.router, draft_jobs.router)
WORK: Final = (jobs.router, drafts.router, agreements.router, plays.router)
JOURNEYS: Final = (
    *(journey_map.router, find.router, coverage.router),
    *(journeys.router, finds.router, covered.router),
)
ROUTERS: Final = (
    *(health.router, metrics.router, static.router),
    *PEOPLE,
    *INCOMING,
    *ADMINISTERING,
    *CUSTOMERS,
    *PLAYS,
    *WORK,
    *DAILY,
    *JOURNEYS,
    *settings.ROUTERS,
)
STREAMING: Final = ("/api/v1/events", "/v1/")
"""Paths whose routes read a body piece by piece and set limits of their own."""


def create_app(house: House) -> FastAPI:
    """An application over a house, which it closes when it ends."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.teller.start()
        yield
        app.state.teller.stop()
        app.state.intake.close()
        house.close()

    app = Described(
        title="Peakend",
        version="1",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.house, app.state.metrics = house, Metrics()
    app.state.tries = Tries()
    app.state.live = Live(house.store, house.ending)
    app.state.badges = Badges(house.lasting, house.clock)
    app.state.screens = Screens(Assets(), house.trial)
    app.state.intake = Intake(house, app.state.metrics.count_events)
    app.state.teller = Teller(house.store, house.clock, house.instance.webhooks)
    app.state.rates = Rates(house.instance.serve.api.a_second, house.instance.serve.api.burst)
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(Refused, for_readers(refusal))
    app.add_exception_handler(PeakendError, for_readers(_said))
    app.add_exception_handler(RequestValidationError, for_readers(misfit))
    app.add_exception_handler(HTTPException, for_readers(not_found))
    app.add_middleware(Sizes, streaming=STREAMING)
    app.add_middleware(Failing)
    app.add_middleware(Headers)
    app.add_middleware(Watching, metrics=app.state.metrics)
    return app


def _said(request: Request, error: Exception) -> Response:
    """An error that somebody can mend, in words."""
    if not isinstance(error, PeakendError):
        raise error
    if isinstance(error, Later):
        return problem_of(error, 429, {"retry-after": str(error.seconds)})
    if isinstance(error, NotApproved):
        return problem_of(error, 409)
    if isinstance(error, Busy | Away):
        return problem_of(error, 503, {"retry-after": "2"})
    if isinstance(error, Missing):
        return problem_of(error, 404)
    return problem_of(error, 409 if isinstance(error, Overtaken | Fenced) else 400)
