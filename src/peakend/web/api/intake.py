"""What every route for events does: the limits, the judging, the waiting until it is durable, the answer.

One for an application. Judging runs on threads of its own, so that senders never take those of the pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import anyio
import msgspec
from fastapi import Request
from starlette.responses import Response

from peakend.errors import PeakendError
from peakend.listen.sent import Read, Row
from peakend.loop.gathering import Ended, Gathering
from peakend.loop.inlet import Later, Taken
from peakend.loop.receiving import Received, Receiving
from peakend.model.pack import Pack
from peakend.store.base import StoreError
from peakend.web.answers import problem_of
from peakend.web.api.bodies import Bodies
from peakend.web.api.rates import Rates
from peakend.web.house import House
from peakend.web.people.refused import Refused

MOST_ITEMS: Final = 10_000
"""Events of one request."""
THREADS: Final = 40
"""Requests that are judged, or wait for their commit, at once; more wait in turn."""


class Item(NamedTuple):
    """One message of a request: its body, and its decoded form where it has one already."""

    body: bytes
    message: Row | None = None


class Batch(NamedTuple):
    """The messages of one request, how they are read, and what they belong to if they name no source."""

    items: Sequence[Item]
    form: Read
    source: str


Split = Callable[[bytes, Pack | None], Batch]
"""Takes the body of a request apart, under the pack that holds. Raises Refused."""


class Intake:
    """The way in, of one house; `counted` hears how many events fared how."""

    def __init__(self, house: House, counted: Callable[[str, int], None]) -> None:
        self._house, self._counted = house, counted
        limits = house.instance.serve.events
        self.rates = Rates(limits.a_second, limits.burst)
        self._bodies = Bodies()
        self._gathering = Gathering(house.open_store, house.clock, most_waiting=limits.most_waiting)
        self._threads: anyio.CapacityLimiter | None = None
        self._receiving: tuple[Pack | None, Receiving] = None, Receiving(None)

    async def take(self, request: Request, sender: str, split: Split) -> list[Taken]:
        """Read a request and take its events in; the outcome of each once they are durable.

        Raises Refused, Later, Ended and StoreError.
        """
        if wait := self.rates.wait(sender, self._house.clock()):
            raise _too_fast(wait)
        self._threads = self._threads or anyio.CapacityLimiter(THREADS)
        async with self._bodies.of(request) as body:
            return await anyio.to_thread.run_sync(self._settled, body, sender, split, limiter=self._threads)

    def close(self) -> None:
        """Settle what was brought, and take nothing more."""
        self._gathering.close()

    def _settled(self, body: bytes, sender: str, split: Split) -> list[Taken]:
        pack, now = self._house.pack(), self._house.clock()
        batch = split(body, pack)
        if len(batch.items) > MOST_ITEMS:
            raise _too_many(len(batch.items))
        self.rates.count(sender, max(len(batch.items), 1), now)
        receiving = self._receiving_of(pack)
        taken = self._gathering.take([_judged(receiving, one, batch, now) for one in batch.items])
        for outcome, number in Counter(one.outcome for one in taken).items():
            self._counted(outcome, number)
        return taken

    def _receiving_of(self, pack: Pack | None) -> Receiving:
        known, receiving = self._receiving
        if known is not pack:
            receiving = Receiving(pack)
            self._receiving = pack, receiving
        return receiving


def intake_of(request: Request) -> Intake:
    """The intake of the application that a request came to."""
    intake: Intake = request.app.state.intake
    return intake


def results(taken: Sequence[Taken]) -> dict[str, Any]:
    """What became of each message, and how many fared alike."""
    counts = Counter(one.outcome for one in taken)
    return {
        "taken": counts["taken"],
        "known": counts["known"],
        "other_body": counts["other_body"],
        "aside": counts["aside"],
        "results": [_result(one) for one in taken],
    }


def refusal(error: PeakendError, more: dict[str, Any] | None = None) -> Response:
    """The answer to a request of which nothing was taken."""
    if isinstance(error, Refused):
        status, headers, word = error.status, error.headers, error.word
    elif isinstance(error, Later):
        status, headers, word = 429, {"Retry-After": str(error.seconds)}, "later"
    else:
        status, headers, word = 503, {"Retry-After": "2"}, "not_now"
    if status == 413:  # what was not read would be taken for the next request
        headers = headers | {"Connection": "close"}
    return problem_of(error, status, headers, {"code": word} | (more or {}))


def decoded_list(body: bytes) -> list[Any]:
    """The items of a JSON array, each as the bytes that it was sent as. Raises Refused."""
    try:
        return _RAW.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise no_json(error) from None


def decoded_object(body: bytes) -> Row:
    """The one JSON object of a body. Raises Refused."""
    try:
        return _OBJECT.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise no_json(error) from None


def no_json(error: Exception) -> Refused:
    """The refusal of a body that is no JSON, or none of the form that was announced."""
    status = 422 if isinstance(error, msgspec.ValidationError) else 400
    said = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    return Refused(
        status,
        "other_form" if status == 422 else "no_json",
        (f"The body is not what its Content-Type says: {said}", "See docs/events.md for the forms"),
        (f"内容与 Content-Type 不符：{said}", "各种形式见 docs/events.md"),
    )


REFUSALS: Final = (Refused, Later, Ended, StoreError)


def _judged(receiving: Receiving, one: Item, batch: Batch, now: int) -> Received:
    if one.message is None:
        return receiving.read(one.body, batch.source, now, batch.form)
    return receiving.judge(one.message, one.body, batch.source, now, batch.form)


def _result(one: Taken) -> dict[str, Any]:
    told: dict[str, Any] = {"id": one.id, "outcome": one.outcome}
    if one.reason_en:
        told["reason"] = {"zh": one.reason_zh, "en": one.reason_en}
    return told


def _too_many(items: int) -> Refused:
    return Refused(
        413,
        "too_many",
        (f"{items:,} events came at once", f"Send at most {MOST_ITEMS:,} in one request"),
        (f"一次送来 {items:,} 条", f"一次最多 {MOST_ITEMS:,} 条"),
    )


def _too_fast(seconds: int) -> Refused:
    return Refused(
        429,
        "too_fast",
        ("This key sends faster than it may", f"Send the same again in {seconds} seconds"),
        ("这个密钥发送过快", f"请在 {seconds} 秒后重发同一批"),
        headers={"Retry-After": str(seconds)},
    )


_RAW = msgspec.json.Decoder(list[msgspec.Raw])
_OBJECT = msgspec.json.Decoder(Row)
