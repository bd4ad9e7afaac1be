"""A group robot of Feishu (飞书自定义机器人): a card into one group, signed where a secret is set.

The card's texts are `plain_text`, which knows no mention and no markup; the link is a button of its own.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from typing import Any, Final

import msgspec

from peakend.deliver.channels import SECOND, OverHttp, PerTime
from peakend.deliver.egress import Egress
from peakend.deliver.harmless import inert, link_of, one_line, within
from peakend.deliver.posting import JSON, Codes, ask_object, egress_for, of_code
from peakend.deliver.robots import body_of, open_word, test_letter
from peakend.model.delivery import Letter, Receipt, Severity

MOST_BYTES: Final = 16_000
_COLOURS: Final[dict[Severity, str]] = {
    "info": "blue",
    "success": "green",
    "warning": "orange",
    "danger": "red",
}

CODES: Final[Codes] = {
    0: ("accepted", "accepted", 0),
    11232: ("later", "throttled", 60),
    99991400: ("later", "throttled", 60),
    19001: ("later", "credentials", 0),
    19021: ("later", "credentials", 0),
    19022: ("later", "refused-settings", 0),
    19024: ("later", "refused-settings", 0),
    9499: ("refused", "content", 0),
    19002: ("refused", "content", 0),
}


class FeishuRobotSettings(OverHttp, frozen=True, kw_only=True, tag="feishu-robot"):
    """`url` is the robot's address, `secret` that of 签名校验; 5 a second and 100 a minute are taken."""

    url: str
    secret: str = ""
    per_second: PerTime = 5
    per_minute: PerTime = 100


class FeishuRobot:
    """Posts into the group that its address belongs to."""

    at_most_once: Final = True

    def __init__(self, settings: FeishuRobotSettings, egress: Egress | None = None) -> None:
        self._url = settings.url
        self._secret = settings.secret
        self._egress = egress or egress_for(settings)

    def hand_over(self, letter: Letter, now: int) -> Receipt:
        message = {"msg_type": "interactive", "card": _card(letter), **self._signature(now)}
        body = msgspec.json.encode(message)
        # It says what was wrong in the body of a 400.
        found = ask_object(
            self._egress, self._url, body, {"Content-Type": JSON}, now, at_most_once=True, read=(400,)
        )
        if isinstance(found, Receipt):
            return found
        return of_code(found.get("code", found.get("StatusCode")), CODES)

    def check(self, now: int) -> Receipt:
        return self.hand_over(test_letter(now), now)

    def close(self) -> None:
        pass

    def _signature(self, now: int) -> dict[str, str]:
        """The time and its signature: HMAC-SHA256 of nothing, with time and secret as the key."""
        if not self._secret:
            return {}
        stamp = str(now // SECOND)
        mac = hmac.digest(f"{stamp}\n{self._secret}".encode(), b"", "sha256")
        return {"timestamp": stamp, "sign": b64encode(mac).decode()}


def _card(letter: Letter) -> dict[str, Any]:
    words = letter.words
    title = within(inert(one_line(words.subject)), 300)
    elements: list[dict[str, Any]] = [{"tag": "div", "text": _plain(within(body_of(words), MOST_BYTES))}]
    if link := link_of(words.link):
        button = {"tag": "button", "text": _plain(open_word(words.language)), "url": link, "type": "default"}
        elements.append({"tag": "action", "actions": [button]})
    head = {"title": _plain(title or "Peakend"), "template": _COLOURS[words.severity]}
    return {"config": {"wide_screen_mode": True}, "header": head, "elements": elements}


def _plain(text: str) -> dict[str, str]:
    return {"tag": "plain_text", "content": text}
