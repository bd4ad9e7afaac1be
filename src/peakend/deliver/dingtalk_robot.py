"""A group robot of DingTalk (钉钉自定义机器人): Markdown into one group, signed where a secret is set.

A mention needs the field `at`, which is always empty here, so a text alone can mention nobody.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from typing import Final
from urllib.parse import urlencode

from peakend.deliver.channels import OverHttp, PerTime
from peakend.deliver.egress import Egress
from peakend.deliver.harmless import inert, one_line, within
from peakend.deliver.posting import Codes, ask_json, egress_for, of_code
from peakend.deliver.robots import body_of, link_line, test_letter
from peakend.model.delivery import Letter, Receipt

MOST_BYTES: Final = 18_000

CODES: Final[Codes] = {
    0: ("accepted", "accepted", 0),
    -1: ("later", "busy", 0),
    130101: ("later", "throttled", 600),
    410100: ("later", "throttled", 60),
    300001: ("later", "credentials", 0),
    400101: ("later", "credentials", 0),
    400102: ("later", "refused-settings", 0),
    310000: ("later", "refused-settings", 0),
    400013: ("refused", "recipient", 0),
    400106: ("refused", "recipient", 0),
    400105: ("refused", "content", 0),
    460101: ("refused", "content", 0),
    **dict.fromkeys((430101, 430102, 430103, 430104), ("refused", "content", 0)),
}


class DingtalkRobotSettings(OverHttp, frozen=True, kw_only=True, tag="dingtalk-robot"):
    """`url` is the robot's address with its token, `secret` that of 加签; 20 messages a minute are taken."""

    url: str
    secret: str = ""
    per_minute: PerTime = 20


class DingtalkRobot:
    """Posts into the group that its address belongs to."""

    at_most_once: Final = True

    def __init__(self, settings: DingtalkRobotSettings, egress: Egress | None = None) -> None:
        self._url = settings.url
        self._secret = settings.secret
        self._egress = egress or egress_for(settings)

    def hand_over(self, letter: Letter, now: int) -> Receipt:
        title = within(inert(one_line(letter.words.subject)), 200)
        markdown = {"title": title or "Peakend", "text": _markdown(letter, title)}
        message = {"msgtype": "markdown", "markdown": markdown, "at": {"isAtAll": False}}
        answer = ask_json(self._egress, self._signed(now), message, now)
        return answer if isinstance(answer, Receipt) else of_code(answer.get("errcode"), CODES)

    def check(self, now: int) -> Receipt:
        return self.hand_over(test_letter(now), now)

    def close(self) -> None:
        pass

    def _signed(self, now: int) -> str:
        """The address with the time and its signature: HMAC-SHA256 of both, in base64."""
        if not self._secret:
            return self._url
        stamp = str(now // 1000)
        mac = hmac.digest(self._secret.encode(), f"{stamp}\n{self._secret}".encode(), "sha256")
        signed = urlencode({"timestamp": stamp, "sign": b64encode(mac).decode()})
        return f"{self._url}{'&' if '?' in self._url else '?'}{signed}"


def _markdown(letter: Letter, title: str) -> str:
    text = within(body_of(letter.words), MOST_BYTES // 2).replace("\n", "  \n")
    parts = (f"#### {title}" if title else "", text, link_line(letter.words))
    return within("\n\n".join(part for part in parts if part), MOST_BYTES)
