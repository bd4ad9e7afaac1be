"""Any provider that takes JSON over HTTP: the request and the reading of its answer are settings.

Places such as {to} are filled within texts of the request after it was read, in one pass: what a customer
wrote can neither end a JSON text nor be taken for a place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from peakend.deliver.channels import OverHttp
from peakend.deliver.egress import Egress
from peakend.deliver.harmless import encodable, one_line, plain
from peakend.deliver.posting import JSON, Codes, ask, egress_for, object_of, of_code
from peakend.deliver.said import say
from peakend.model.delivery import Letter, Receipt

_PLACE: Final = re.compile(r"\{([a-z_]+)(?:\.([^{}]+))?\}")
PLACES: Final = frozenset(
    {"to", "to_name", "subject", "text", "html", "link", "language", "send_key", "name", "values"}
)


class Reading(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an answer is read: the field with the code (dots lead inwards), and what its values mean.

    Without a field every status from 200 to 299 means that the message was taken.
    """

    code: str = ""
    accepted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    throttled: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    reference: str = ""


class JsonPostSettings(OverHttp, frozen=True, kw_only=True, tag="json"):
    """`body` is the request with its places; `headers` hold the key of the provider.

    Set `at_most_once: false` only where the provider knows a `send_key` again.
    """

    url: str
    body: dict[str, Any]
    headers: dict[str, str] = {}
    answer: Reading = Reading()
    at_most_once: bool = True


class JsonPost:
    """Posts a letter in the form that one provider asks for."""

    def __init__(self, settings: JsonPostSettings, egress: Egress | None = None) -> None:
        self._settings = settings
        self._egress = egress or egress_for(settings)
        self._codes = _codes(settings.answer)

    @property
    def at_most_once(self) -> bool:
        return self._settings.at_most_once

    def hand_over(self, letter: Letter, now: int) -> Receipt:
        settings = self._settings
        body = msgspec.json.encode(encodable(_filled(settings.body, _places(letter), letter.words.values)))
        headers = {"Content-Type": JSON, **settings.headers}
        answer = ask(self._egress, settings.url, body, headers, now, at_most_once=settings.at_most_once)
        if isinstance(answer, Receipt):
            return answer
        reading = settings.answer
        if not reading.code and not reading.reference:
            return Receipt("accepted", say("accepted", answer.status))
        found = object_of(answer)
        if isinstance(found, Receipt):
            return found
        reference = _within(found, reading.reference) if reading.reference else ""
        if not reading.code:
            return Receipt("accepted", say("accepted"), _text(reference)[:120])
        code = _text(_within(found, reading.code))
        if not code:
            return Receipt("unknown", say("unclear"))
        return of_code(code, self._codes, _text(reference))

    def check(self, now: int) -> Receipt:
        return Receipt("accepted", say("unchecked"))

    def close(self) -> None:
        pass


def unknown_places(value: Any) -> list[str]:
    """The places within a request that nothing fills."""
    if isinstance(value, str):
        return [
            m[0] for m in _PLACE.finditer(value) if m[1] not in PLACES or (m[1] == "values") != bool(m[2])
        ]
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [place for one in inner for place in unknown_places(one)]


def _codes(reading: Reading) -> Codes:
    return {
        **dict.fromkeys(reading.credentials, ("later", "credentials", 0)),
        **dict.fromkeys(reading.throttled, ("later", "throttled", 0)),
        **dict.fromkeys(reading.refused, ("refused", "recipient", 0)),
        **dict.fromkeys(reading.accepted, ("accepted", "accepted", 0)),
    }


def _places(letter: Letter) -> dict[str, str]:
    words = letter.words
    return {
        "to": letter.to.strip(),
        "to_name": one_line(letter.to_name),
        "subject": one_line(words.subject),
        "text": plain(words.text),
        "html": words.html,
        "link": words.link,
        "language": words.language,
        "send_key": letter.send_key,
        "name": words.name,
    }


def _filled(value: Any, places: Mapping[str, str], values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _PLACE.sub(
            lambda m: one_line(values.get(m[2], "")) if m[1] == "values" and m[2] else places.get(m[1], m[0]),
            value,
        )
    if isinstance(value, Mapping):
        return {name: _filled(one, places, values) for name, one in value.items()}
    return [_filled(one, places, values) for one in value] if isinstance(value, list) else value


def _within(found: Any, path: str) -> Any:
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _text(value: Any) -> str:
    """A code as settings write it: JSON's true and 0 are the texts true and 0."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int) else ""
