"""Messages of a WeCom application (企业微信应用消息): a card to one member of the firm.

The access token is fetched when it is needed, kept until it runs out, and fetched once more where the
provider no longer takes it. A member's id is checked: '@all' would be everybody.
"""

from __future__ import annotations

import re
from threading import Lock
from typing import Any, Final
from urllib.parse import urlencode

from peakend.deliver.channels import MINUTE, SECOND, OverHttp
from peakend.deliver.egress import Egress
from peakend.deliver.harmless import inert, link_of, one_line, within
from peakend.deliver.posting import Codes, ask_json, ask_object, egress_for, of_code
from peakend.deliver.robots import open_word
from peakend.deliver.said import say
from peakend.model.delivery import Letter, Receipt

_MEMBER: Final = re.compile(r"[A-Za-z0-9_.@-]{1,64}")
_STALE: Final = frozenset({40014, 42001})

CODES: Final[Codes] = {
    0: ("accepted", "accepted", 0),
    -1: ("later", "busy", 0),
    45009: ("later", "throttled", 60),
    45033: ("later", "throttled", 1),
    **dict.fromkeys((40001, 40013, 40014, 41004, 42001), ("later", "credentials", 0)),
    **dict.fromkeys((40056, 60020, 301002), ("later", "refused-settings", 0)),
    **dict.fromkeys((40003, 60111, 81013, 82001), ("refused", "recipient", 0)),
    **dict.fromkeys((40058, 44004, 45002), ("refused", "content", 0)),
}


class WecomAppSettings(OverHttp, frozen=True, kw_only=True, tag="wecom-app"):
    """`corp_id`, `agent_id` and `secret` stand in the console of the application."""

    corp_id: str
    agent_id: int
    secret: str
    url: str = "https://qyapi.weixin.qq.com"


class WecomApp:
    """Sends to the member whose id is the letter's address."""

    at_most_once: Final = True

    def __init__(self, settings: WecomAppSettings, egress: Egress | None = None) -> None:
        self._settings = settings
        self._url = settings.url.rstrip("/")
        self._egress = egress or egress_for(settings)
        self._lock = Lock()
        self._token = ""
        self._until = 0

    def hand_over(self, letter: Letter, now: int) -> Receipt:
        if not _MEMBER.fullmatch(letter.to) or letter.to.lower() == "@all":
            return Receipt("refused", say("address"))
        answer = self._sent(letter, now)
        if not isinstance(answer, Receipt) and answer.get("errcode") in _STALE:
            self._until = 0
            answer = self._sent(letter, now)
        if isinstance(answer, Receipt):
            return answer
        if answer.get("errcode") == 0 and (answer.get("invaliduser") or answer.get("unlicenseduser")):
            return Receipt("refused", say("recipient"))
        return of_code(answer.get("errcode"), CODES, answer.get("msgid", ""))

    def check(self, now: int) -> Receipt:
        self._until = 0
        token = self._fetched(now)
        return token if isinstance(token, Receipt) else Receipt("accepted", say("accepted"))

    def close(self) -> None:
        self._until = 0

    def _sent(self, letter: Letter, now: int) -> dict[str, Any] | Receipt:
        token = self._fetched(now)
        if isinstance(token, Receipt):
            return token
        url = f"{self._url}/cgi-bin/message/send?{urlencode({'access_token': token})}"
        message = {"touser": letter.to, "agentid": self._settings.agent_id, **_content(letter)}
        return ask_json(self._egress, url, message, now)

    def _fetched(self, now: int) -> str | Receipt:
        """The token, from before or anew. Where none can be had, nothing was sent."""
        with self._lock:
            if now < self._until:
                return self._token
            query = urlencode({"corpid": self._settings.corp_id, "corpsecret": self._settings.secret})
            url = f"{self._url}/cgi-bin/gettoken?{query}"
            found = ask_object(self._egress, url, b"", {}, now, at_most_once=False, method="GET")
            if isinstance(found, Receipt):
                return found._replace(answer="later")
            token, seconds = found.get("access_token"), found.get("expires_in")
            if found.get("errcode", 0) != 0 or not isinstance(token, str) or not isinstance(seconds, int):
                return of_code(found.get("errcode") or "token", CODES)._replace(answer="later")
            self._token, self._until = token, now + max(seconds * SECOND - MINUTE, 0)
            return token


def _content(letter: Letter) -> dict[str, Any]:
    """A card where the letter has a link, which a card must have; a text otherwise."""
    words = letter.words
    title, text = inert(one_line(words.subject)), inert(words.text, words.link)
    link = link_of(words.link)
    if not link or len(link) > 2048:
        return {"msgtype": "text", "text": {"content": within(f"{title}\n{text}".strip(), 2048)}}
    card = {
        "title": within(title or "Peakend", 128),
        "description": within(inert(words.text.replace(words.link, "")).strip() or title or "Peakend", 512),
        "url": link,
        "btntxt": open_word(words.language)[:4],
    }
    return {"msgtype": "textcard", "textcard": card}
