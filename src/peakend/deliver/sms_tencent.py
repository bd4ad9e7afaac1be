"""Short messages through Tencent Cloud (腾讯云短信, SendSms 2021-01-11), signed with TC3-HMAC-SHA256.

The provider does not know a message again, so a doubt stays one. Source of the signature: "签名方法 v3" of
the provider's documentation, whose example is a test.
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from peakend.deliver.channels import SECOND
from peakend.deliver.egress import Egress
from peakend.deliver.posting import JSON, Codes, ask_object, egress_for, of_code
from peakend.deliver.said import say
from peakend.deliver.sms import OverSms, filled
from peakend.model.delivery import Letter, Receipt

VERSION: Final = "2021-01-11"
_SCHEME: Final = "TC3-HMAC-SHA256"

CODES: Final[Codes] = {
    "Ok": ("accepted", "accepted", 0),
    **dict.fromkeys(
        (
            *("AuthFailure.SecretIdNotFound", "AuthFailure.SignatureFailure", "AuthFailure.SignatureExpire"),
            *("AuthFailure.TokenFailure", "AuthFailure.InvalidSecretId", "AuthFailure.UnauthorizedOperation"),
            *("UnauthorizedOperation", "UnauthorizedOperation.SmsSdkAppIdVerifyFail"),
        ),
        ("later", "credentials", 0),
    ),
    "FailedOperation.InsufficientBalanceInSmsPackage": ("later", "balance", 0),
    **dict.fromkeys(
        (
            *("InvalidParameterValue.IncorrectPhoneNumber", "FailedOperation.PhoneNumberInBlacklist"),
            *("FailedOperation.PhoneNumberOnBlacklist", "UnsupportedOperation.UnsupportedRegion"),
        ),
        ("refused", "recipient", 0),
    ),
    **dict.fromkeys(
        (
            *("FailedOperation.ContainSensitiveWord", "InvalidParameterValue.ContentLengthLimit"),
            *(
                "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter",
                "FailedOperation.MarketingSendTimeConstraint",
            ),
            *("InvalidParameterValue.TemplateParameterLengthLimit",),
        ),
        ("refused", "content", 0),
    ),
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": ("later", "template", 0),
    "InvalidParameterValue.TemplateParameterFormatError": ("later", "template", 0),
    "LimitExceeded.PhoneNumberThirtySecondLimit": ("later", "throttled", 30),
    "LimitExceeded.PhoneNumberOneHourLimit": ("later", "throttled", 3600),
    **dict.fromkeys(
        (
            *("LimitExceeded", "LimitExceeded.PhoneNumberDailyLimit", "LimitExceeded.AppDailyLimit"),
            *("LimitExceeded.DailyLimit", "LimitExceeded.PhoneNumberSameContentDailyLimit"),
        ),
        ("later", "throttled", 3600),
    ),
    **dict.fromkeys(
        ("RequestLimitExceeded", "LimitExceeded.DeliveryFrequencyLimit"), ("later", "throttled", 1)
    ),
    **dict.fromkeys(
        (
            "InternalError",
            "InternalError.Timeout",
            "InternalError.OtherError",
            "InternalError.SendAndRecvFail",
        ),
        ("unknown", "failed-there", 0),
    ),
}


class TencentSmsSettings(OverSms, frozen=True, kw_only=True, tag="tencent-sms"):
    """`app_id` is the SdkAppId of the console, `sign_name` the approved signature (签名)."""

    secret_id: str
    secret_key: str
    app_id: str
    sign_name: str
    region: str = "ap-guangzhou"
    url: str = "https://sms.tencentcloudapi.com"


class TencentSms:
    """Sends one short message to one number."""

    at_most_once: Final = True

    def __init__(self, settings: TencentSmsSettings, egress: Egress | None = None) -> None:
        self._settings = settings
        self._egress = egress or egress_for(settings)

    def hand_over(self, letter: Letter, now: int) -> Receipt:
        message = filled(letter, self._settings.templates, self._settings.country)
        if isinstance(message, Receipt):
            return message
        body = {
            "PhoneNumberSet": [message.number],
            "SmsSdkAppId": self._settings.app_id,
            "SignName": self._settings.sign_name,
            "TemplateId": message.template,
            "TemplateParamSet": list(message.values.values()),
            "SessionContext": letter.send_key,
        }
        found = self._asked("SendSms", body, now)
        if isinstance(found, Receipt):
            return found
        status = found.get("SendStatusSet")
        if not isinstance(status, list) or len(status) != 1 or not isinstance(status[0], dict):
            return Receipt("unknown", say("unclear"))
        return of_code(status[0].get("Code"), CODES, status[0].get("SerialNo", ""))

    def check(self, now: int) -> Receipt:
        """Ask for a template: that needs the keys, and sends nothing."""
        numbers = [int(one.id) for one in self._settings.templates.values() if one.id.isdecimal()]
        found = self._asked(
            "DescribeSmsTemplateList", {"International": 0, "TemplateIdSet": numbers[:1]}, now
        )
        return found if isinstance(found, Receipt) else Receipt("accepted", say("accepted"))

    def close(self) -> None:
        pass

    def _asked(self, action: str, value: Any, now: int) -> dict[str, Any] | Receipt:
        """The response within the answer; an error of it as a receipt."""
        settings = self._settings
        body, host = msgspec.json.encode(value), urlsplit(settings.url).netloc
        authorization = signed(host, "sms", body, now, (settings.secret_id, settings.secret_key))
        headers = {
            "Content-Type": JSON,
            "Authorization": authorization,
            "X-TC-Action": action,
            "X-TC-Version": VERSION,
            "X-TC-Timestamp": str(now // SECOND),
            "X-TC-Region": settings.region,
        }
        found = ask_object(
            self._egress, f"{settings.url.rstrip('/')}/", body, headers, now, at_most_once=True
        )
        if isinstance(found, Receipt):
            return found
        response = found.get("Response")
        if not isinstance(response, dict):
            return Receipt("unknown", say("unclear"))
        error = response.get("Error")
        return of_code(error.get("Code"), CODES) if isinstance(error, dict) else response


def signed(host: str, service: str, body: bytes, now: int, keys: tuple[str, str]) -> str:
    """The header Authorization for a POST of JSON; `keys` are the id and the secret."""
    stamp = now // SECOND
    day = datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m-%d")
    scope, names = f"{day}/{service}/tc3_request", "content-type;host"
    lines = f"content-type:{JSON}\nhost:{host}\n"
    asked = "\n".join(["POST", "/", "", lines, names, sha256(body).hexdigest()])
    text = "\n".join([_SCHEME, str(stamp), scope, sha256(asked.encode()).hexdigest()])
    key = f"TC3{keys[1]}".encode()
    for part in (day, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    mac = hmac.new(key, text.encode(), "sha256").hexdigest()
    return f"{_SCHEME} Credential={keys[0]}/{scope}, SignedHeaders={names}, Signature={mac}"
