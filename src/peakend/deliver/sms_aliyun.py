"""Short messages through Alibaba Cloud (阿里云短信服务, Dysmsapi 2017-05-25), signed with ACS3-HMAC-SHA256.

The provider does not know a message again, so a doubt stays one. Source of the signature:
"V3版本请求体&签名机制" of the provider's documentation, whose example is a test.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlsplit

import msgspec

from peakend.deliver.channels import SECOND
from peakend.deliver.egress import Egress
from peakend.deliver.posting import Codes, ask_object, egress_for, nonce, of_code
from peakend.deliver.sms import OverSms, filled
from peakend.model.delivery import Letter, Receipt

VERSION: Final = "2017-05-25"
_SCHEME: Final = "ACS3-HMAC-SHA256"
_ANSWERS: Final = (400, 403, 404, 429, 503)
"""Statuses under which the provider says its own code."""

CODES: Final[Codes] = {
    "OK": ("accepted", "accepted", 0),
    **dict.fromkeys(
        (
            *("InvalidAccessKeyId.NotFound", "InvalidAccessKeyId.Inactive", "SignatureDoesNotMatch"),
            *("IncompleteSignature", "Forbidden.RAM", "isp.RAM_PERMISSION_DENY", "InvalidTimeStamp.Expired"),
        ),
        ("later", "credentials", 0),
    ),
    **dict.fromkeys(("isv.AMOUNT_NOT_ENOUGH", "isv.OUT_OF_SERVICE"), ("later", "balance", 0)),
    **dict.fromkeys(
        ("isv.MOBILE_NUMBER_ILLEGAL", "isv.MOBILE_COUNT_OVER_LIMIT", "MOBILE_NOT_ON_SERVICE"),
        ("refused", "recipient", 0),
    ),
    **dict.fromkeys(
        (
            *("isv.TEMPLATE_PARAMS_ILLEGAL", "isv.PARAM_LENGTH_LIMIT", "isv.PARAM_NOT_SUPPORT_URL"),
            *("isv.BLACK_KEY_CONTROL_LIMIT", "isv.INVALID_JSON_PARAM", "isv.SMS_CONTENT_ILLEGAL"),
        ),
        ("refused", "content", 0),
    ),
    "isv.TEMPLATE_MISSING_PARAMETERS": ("later", "template", 0),
    "isv.BUSINESS_LIMIT_CONTROL": ("later", "throttled", 60),
    **dict.fromkeys(("Throttling", "Throttling.User", "Throttling.Api"), ("later", "throttled", 1)),
    "ServiceUnavailable": ("later", "busy", 0),
    **dict.fromkeys(("isp.SYSTEM_ERROR", "InternalError"), ("unknown", "failed-there", 0)),
}


class AliyunSmsSettings(OverSms, frozen=True, kw_only=True, tag="aliyun-sms"):
    """`sign_name` is the approved signature (签名); the key pair needs the right to send, and no other."""

    access_key_id: str
    access_key_secret: str
    sign_name: str
    url: str = "https://dysmsapi.aliyuncs.com"


class AliyunSms:
    """Sends one short message to one number."""

    at_most_once: Final = True

    def __init__(self, settings: AliyunSmsSettings, egress: Egress | None = None) -> None:
        self._settings = settings
        self._egress = egress or egress_for(settings)

    def hand_over(self, letter: Letter, now: int) -> Receipt:
        message = filled(letter, self._settings.templates, self._settings.country)
        if isinstance(message, Receipt):
            return message
        number = (
            message.number.removeprefix("+86") if message.number.startswith("+86") else message.number[1:]
        )
        query = {
            "PhoneNumbers": number,
            "SignName": self._settings.sign_name,
            "TemplateCode": message.template,
            "OutId": letter.send_key,
        }
        if message.values:
            query["TemplateParam"] = msgspec.json.encode(message.values).decode()
        found = self._asked("SendSms", query, nonce(letter.send_key, letter.attempt), now)
        return (
            found if isinstance(found, Receipt) else of_code(found.get("Code"), CODES, found.get("BizId", ""))
        )

    def check(self, now: int) -> Receipt:
        """Ask for a template: that needs the keys, and sends nothing."""
        template = next(iter(self._settings.templates.values()), None)
        query = {"TemplateCode": template.id if template else ""}
        found = self._asked("QuerySmsTemplate", query, nonce("check", now), now)
        return found if isinstance(found, Receipt) else of_code(found.get("Code"), CODES)

    def close(self) -> None:
        pass

    def _asked(self, action: str, query: Mapping[str, str], once: str, now: int) -> dict[str, Any] | Receipt:
        settings = self._settings
        request = Signed(urlsplit(settings.url).netloc, action, VERSION, query, now, once)
        headers = signed(request, settings.access_key_id, settings.access_key_secret)
        url = f"{settings.url.rstrip('/')}/?{canonical_query(query)}"
        return ask_object(self._egress, url, b"", headers, now, at_most_once=True, read=_ANSWERS)


class Signed(NamedTuple):
    """What a signature covers."""

    host: str
    action: str
    version: str
    query: Mapping[str, str]
    now: int
    nonce: str


def canonical_query(query: Mapping[str, str]) -> str:
    """The query in the provider's order and escapes, which are those of RFC 3986."""
    return "&".join(f"{quote(name, safe='~')}={quote(query[name], safe='~')}" for name in sorted(query))


def signed(request: Signed, key_id: str, secret: str) -> dict[str, str]:
    """The headers of a request without a body, the signature among them."""
    nothing = sha256(b"").hexdigest()
    when = datetime.fromtimestamp(request.now // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    headers = {
        "host": request.host,
        "x-acs-action": request.action,
        "x-acs-content-sha256": nothing,
        "x-acs-date": when,
        "x-acs-signature-nonce": request.nonce,
        "x-acs-version": request.version,
    }
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    asked = "\n".join(["POST", "/", canonical_query(request.query), lines, names, nothing])
    text = f"{_SCHEME}\n{sha256(asked.encode()).hexdigest()}"
    mac = hmac.new(secret.encode(), text.encode(), "sha256").hexdigest()
    authorization = f"{_SCHEME} Credential={key_id},SignedHeaders={names},Signature={mac}"
    del headers["host"]  # the client writes it
    return {**headers, "Authorization": authorization}
