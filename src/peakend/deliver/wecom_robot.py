"""A group robot of WeCom (企业微信群机器人): Markdown into one group.

The key stands in the address. Its Markdown has no escape, so `harmless.inert` takes away what could act;
of Markdown itself only the title and the link are used.
"""

from __future__ import annotations

from typing import Final

from peakend.deliver.channels import OverHttp, PerTime
from peakend.deliver.egress import Egress
from peakend.deliver.harmless import inert, one_line, within
from peakend.deliver.posting import Codes, ask_json, egress_for, of_code
from peakend.deliver.robots import body_of, link_line, test_letter
from peakend.model.delivery import Letter, Receipt, Severity

MOST_BYTES: Final = 4096
_COLOURS: Final[dict[Severity, str]] = {
    "info": "info",
    "success": "info",
    "warning": "warning",
    "danger": "warning",
}

CODES: Final[Codes] = {
    0: ("accepted", "accepted", 0),
    -1: ("later", "busy", 0),
    45009: ("later", "throttled", 60),
    45033: ("later", "throttled", 1),
    93000: ("later", "credentials", 0),
    40001: ("later", "credentials", 0),
    45002: ("refused", "content", 0),
    44004: ("refused", "content", 0),
    40058: ("refused", "content", 0),
}


class WecomRobotSettings(OverHttp, frozen=True, kw_only=True, tag="wecom-robot"):
    """`url` is the robot's address with its key; the provider takes 20 messages a minute."""

    url: str
    per_minute: PerTime = 20


class WecomRobot:
    """Posts into the group that its address belongs to."""

    at_most_once: Final = True

    def __init__(self, settings: WecomRobotSettings, egress: Egress | None = None) -> None:
        self._url = settings.url
        self._egress = egress or egress_for(settings)

    def hand_over(self, letter: Letter, now: int) -> Receipt:
        message = {"msgtype": "markdown", "markdown": {"content": _markdown(letter)}}
        answer = ask_json(self._egress, self._url, message, now)
        return answer if isinstance(answer, Receipt) else of_code(answer.get("errcode"), CODES)

    def check(self, now: int) -> Receipt:
        return self.hand_over(test_letter(now), now)

    def close(self) -> None:
        pass


def _markdown(letter: Letter) -> str:
    words = letter.words
    title = within(inert(one_line(words.subject)), 512)
    head = f'<font color="{_COLOURS[words.severity]}">**{title}**</font>\n' if title else ""
    foot = link_line(words)
    foot = f"\n{foot}" if foot and len(foot) < 1024 else ""
    return head + within(body_of(words), MOST_BYTES - len((head + foot).encode())) + foot
