"""From a request to a receipt: what every channel over HTTP has in common.

A channel says what it sends and how it reads the answer; what a refused connection, a status or an answer
that is no JSON means is decided here, once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any, Final

import msgspec

from peakend.deliver.channels import MOST_WAIT, SECOND, OverHttp
from peakend.deliver.egress import Answer, Egress, NoAnswer
from peakend.deliver.said import say
from peakend.model.delivery import Answer as Kind
from peakend.model.delivery import Receipt

JSON: Final = "application/json; charset=utf-8"

_STATUS: Final[dict[int, tuple[str, str]]] = {
    **dict.fromkeys((401, 403), ("later", "credentials")),
    404: ("refused", "recipient"),
    410: ("refused", "gone"),
    **dict.fromkeys((408, 425, 503), ("later", "busy")),
    429: ("later", "throttled"),
}


Codes = Mapping[Any, tuple[Kind, str, int]]
"""What a provider's codes mean: the answer, a word of said.WORDS, and the seconds to wait."""


def egress_for(settings: OverHttp) -> Egress:
    """The client for a channel, under its own bounds."""
    return Egress(
        seconds=settings.micros / SECOND, private_hosts=settings.private_hosts, ca_file=settings.ca_file
    )


def ask(
    egress: Egress,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    now: int,
    *,
    at_most_once: bool,
    read: Collection[int] = (),
    method: str = "POST",
) -> Answer | Receipt:
    """Send a request; return the answer where its status says yes or is in `read`, else what became of it.

    After a 500, 502 or 504 the receiver may have acted. A second request would do no harm where the receiver
    knows the letter again; where it does not (`at_most_once`), nobody can say.
    """
    try:
        answer = egress.send(method, url, headers, body)
    except NoAnswer as error:
        return Receipt("unknown" if error.sent else "later", say(error.word))
    if 200 <= answer.status < 300 or answer.status in read:
        return answer
    return _refusal(answer, now, at_most_once)


def ask_object(
    egress: Egress,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    now: int,
    *,
    at_most_once: bool,
    read: Collection[int] = (),
    method: str = "POST",
) -> dict[str, Any] | Receipt:
    """Like `ask`, for the JSON object in the answer. A status in `read` without one means what it says."""
    answer = ask(egress, url, body, headers, now, at_most_once=at_most_once, read=read, method=method)
    found = answer if isinstance(answer, Receipt) else object_of(answer)
    if isinstance(answer, Answer) and isinstance(found, Receipt) and answer.status >= 300:
        return _refusal(answer, now, at_most_once)
    return found


def ask_json(egress: Egress, url: str, value: Any, now: int) -> dict[str, Any] | Receipt:
    """Post a value as JSON to somebody who knows no message again; return the object that came back."""
    body = msgspec.json.encode(value)
    return ask_object(egress, url, body, {"Content-Type": JSON}, now, at_most_once=True)


def object_of(answer: Answer) -> dict[str, Any] | Receipt:
    """The object in an answer, else that nobody can say what it means."""
    try:
        found = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        found = None
    return found if isinstance(found, dict) else Receipt("unknown", say("unclear", answer.status))


def of_code(code: Any, codes: Codes, reference: object = "") -> Receipt:
    """What a provider's code means. One that nobody has told us of was a no: a person shall look it up."""
    if isinstance(code, list | dict):
        return Receipt("unknown", say("unclear"))
    answer, word, seconds = codes.get(code, ("later", "refused-settings", 0))
    said = say(word, "" if word == "accepted" else code)
    return Receipt(answer, said, str(reference)[:120], seconds * SECOND)


def nonce(*parts: object) -> str:
    """What providers ask for against replays: 32 hex digits, the same for the same letter and attempt."""
    return sha256("\0".join(map(str, parts)).encode(errors="replace")).hexdigest()[:32]


def waiting(answer: Answer, now: int) -> int:
    """What `Retry-After` asks for, in microseconds; 0 where it asks for nothing that can be read."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isdecimal() and len(text) < 10:
        return min(int(text) * SECOND, MOST_WAIT)
    try:
        wait = int(parsedate_to_datetime(text).timestamp()) * SECOND - now
    except (ValueError, TypeError, OverflowError, OSError):
        return 0
    return min(max(wait, 0), MOST_WAIT)


def _refusal(answer: Answer, now: int, at_most_once: bool) -> Receipt:
    status = answer.status
    if 300 <= status < 400:
        return Receipt("later", say("redirected", status))
    if status in _STATUS:
        kind, word = _STATUS[status]
        wait = waiting(answer, now) if kind == "later" else 0
        return Receipt("refused" if kind == "refused" else "later", say(word, status), "", wait)
    if status >= 500:
        if at_most_once and status in (500, 502, 504):
            return Receipt("unknown", say("failed-there", status))
        return Receipt("later", say("busy", status), "", waiting(answer, now))
    return Receipt("refused", say("content", status))
