"""Signed webhooks after the specification Standard Webhooks (standardwebhooks.com, version 1).

`webhook-id` is the send key, so a receiver that remembers it may be told twice; every secret signs, so that
one can be replaced while both are known.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec

from peakend.deliver.channels import SECOND, OverHttp
from peakend.deliver.egress import Egress
from peakend.deliver.harmless import encodable
from peakend.deliver.posting import ask, egress_for
from peakend.deliver.said import say
from peakend.model.delivery import Letter, Receipt

TYPE: Final = "message"
CHECKED: Final = "channel.checked"


class WebhookSettings(OverHttp, frozen=True, kw_only=True, tag="webhook"):
    """`secrets` are whsec_ and base64, the newest first. Without a `url` the letter's address is it."""

    secrets: tuple[str, ...]
    url: str = ""


class Webhook:
    """Posts a letter as JSON that its receiver can verify."""

    at_most_once: Final = False

    def __init__(self, settings: WebhookSettings, egress: Egress | None = None) -> None:
        self._url = settings.url
        self._keys = [key_of(secret) for secret in settings.secrets]
        self._egress = egress or egress_for(settings)

    def hand_over(self, letter: Letter, now: int) -> Receipt:
        url = self._url or letter.to
        if not url.startswith(("https://", "http://")):
            return Receipt("refused", say("address"))
        receipt = self._posted(url, letter.send_key, TYPE, _told(letter), now)
        if not self._url and receipt.said.startswith("forbidden"):
            return receipt._replace(answer="refused")  # a customer's own address will not become a better one
        return receipt

    def check(self, now: int) -> Receipt:
        if not self._url:
            return Receipt("accepted", say("unchecked"))
        return self._posted(self._url, f"check-{now}", CHECKED, {}, now)

    def close(self) -> None:
        pass

    def _posted(self, url: str, key: str, kind: str, data: Mapping[str, Any], now: int) -> Receipt:
        return post(self._egress, url, self._keys, Posted(key, kind, now, data), now)


class Posted(NamedTuple):
    """What is told to a receiver: `id` stays when it is told again; `at` is the instant that it is about."""

    id: str
    kind: str
    at: int
    data: Mapping[str, Any]


def post(egress: Egress, url: str, keys: list[bytes], told: Posted, now: int) -> Receipt:
    """Post one thing as JSON that its receiver can verify."""
    when = datetime.fromtimestamp(told.at // SECOND, UTC).isoformat().replace("+00:00", "Z")
    try:
        body = msgspec.json.encode(
            encodable({"type": told.kind, "timestamp": when, "data": told.data}), enc_hook=str
        )
    except (RecursionError, ValueError, TypeError):
        return Receipt("refused", say("content"))
    stamp = now // SECOND
    headers = {
        "Content-Type": "application/json",
        "webhook-id": told.id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": signatures(keys, told.id, stamp, body),
    }
    answer = ask(egress, url, body, headers, now, at_most_once=False)
    return answer if isinstance(answer, Receipt) else Receipt("accepted", say("accepted", answer.status))


def key_of(secret: str) -> bytes:
    """The key within a secret such as whsec_MfKQ…. Raises ValueError where it is none."""
    key = b64decode(secret.removeprefix("whsec_"), validate=True)
    if not secret.startswith("whsec_") or not 24 <= len(key) <= 64:
        raise ValueError("no secret of Standard Webhooks")
    return key


def signatures(keys: list[bytes], key: str, stamp: int, body: bytes) -> str:
    """The header `webhook-signature`: one signature for each key."""
    signed = f"{key}.{stamp}.".encode() + body
    return " ".join("v1," + b64encode(hmac.digest(one, signed, "sha256")).decode() for one in keys)


def _told(letter: Letter) -> dict[str, Any]:
    words = letter.words
    return {
        **letter.data,
        "send_key": letter.send_key,
        "customer": letter.customer,
        "channel": letter.channel,
        "class": letter.class_,
        "to_name": letter.to_name,
        "text_name": words.name,
        "language": words.language,
        "subject": words.subject,
        "text": words.text,
        "severity": words.severity,
        "link": words.link,
    }
