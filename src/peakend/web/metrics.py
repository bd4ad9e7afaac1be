"""The figures that Prometheus fetches: what is asked, how long that takes, what waits, and who works.

Counted by route, never by path: a path names customers.
"""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.responses import Response

from peakend.web.callers import public
from peakend.web.house import House, Ours

router = APIRouter()


class Metrics:
    """The counters of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "peakend_http_requests",
            "Requests answered",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "peakend_http_seconds", "Seconds until a request was answered", ["route"], registry=self.registry
        )
        self.events = Counter(
            "peakend_events",
            "Events that came to the door, by what became of them",
            ["outcome"],
            registry=self.registry,
        )
        self.waiting = Gauge("peakend_inbox_waiting", "Events that wait for the fold", registry=self.registry)
        self.aside = Gauge("peakend_quarantine_rows", "Events put aside", registry=self.registry)
        self.messages = Gauge(
            "peakend_messages", "Messages and cards by their state", ["state"], registry=self.registry
        )
        self.workers = Gauge("peakend_workers", "Workers of this process at work", registry=self.registry)

    def count_events(self, outcome: str, number: int) -> None:
        """So many events came to the door and fared so."""
        self.events.labels(outcome).inc(number)

    def read(self, house: House) -> bytes:
        """The page that Prometheus fetches, asked of the store now."""
        with house.store() as store:
            self.waiting.set(store.waiting())
            self.aside.set(sum(one.number for one in store.aside_counts()))
            for state, number in store.message_counts().items():
                self.messages.labels(state).set(number)
        self.workers.set(house.workers())
        return generate_latest(self.registry)


def metrics_of(app: FastAPI) -> Metrics:
    """The counters of an application."""
    metrics: Metrics = app.state.metrics
    return metrics


@router.get("/metrics", include_in_schema=False, dependencies=[public])
def metrics(request: Request, house: Ours) -> Response:
    """In the text form of Prometheus."""
    return Response(metrics_of(request.app).read(house), media_type="text/plain; version=0.0.4")
