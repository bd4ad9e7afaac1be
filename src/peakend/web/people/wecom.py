"""Signing in by scanning with WeCom (企业微信扫码登录): the member's phone says who is there.

The code that comes back is asked about at WeCom's interface, by the one client for outgoing HTTP. Only
members of the firm count: somebody from outside has no userid.
"""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlencode

from peakend.deliver.egress import Egress
from peakend.deliver.posting import ask_object
from peakend.instance.people import WecomSignInSettings
from peakend.model.delivery import Receipt
from peakend.web.people.vouched import NotVouched, Vouched

_MEMBER: Final = re.compile(r"[A-Za-z0-9_.@-]{1,64}")


class Wecom:
    """One firm's WeCom."""

    def __init__(self, settings: WecomSignInSettings, egress: Egress | None = None) -> None:
        self._settings = settings
        self._url = settings.url.rstrip("/")
        self._egress = egress or Egress(
            seconds=10, private_hosts=settings.private_hosts, ca_file=settings.ca_file
        )

    def address(self, state: str, back: str) -> str:
        """The page with the code to scan."""
        asked = {
            "login_type": "CorpApp",
            "appid": self._settings.corp_id,
            "agentid": str(self._settings.agent_id),
            "redirect_uri": back,
            "state": state,
        }
        return f"{self._settings.login.rstrip('/')}/wwlogin/sso/login?{urlencode(asked)}"

    def vouched(self, code: str, now: int) -> Vouched:
        """Who scanned it. Raises NotVouched."""
        asked = {"corpid": self._settings.corp_id, "corpsecret": self._settings.secret}
        token = self._asked("gettoken", asked, now).get("access_token")
        if not isinstance(token, str):
            raise NotVouched("unclear", "WeCom gave no token")
        found = self._asked("auth/getuserinfo", {"access_token": token, "code": code}, now)
        member = found.get("userid") or found.get("UserId")
        if not isinstance(member, str) or not _MEMBER.fullmatch(member):
            raise NotVouched("refused", "whoever scanned is no member of the firm")
        return Vouched(wecom=member, login=member)

    def _asked(self, what: str, query: dict[str, str], now: int) -> dict[str, Any]:
        url = f"{self._url}/cgi-bin/{what}?{urlencode(query)}"
        found = ask_object(self._egress, url, b"", {}, now, at_most_once=False, method="GET")
        if isinstance(found, Receipt):
            raise NotVouched("silent", f"WeCom: {found.said}")
        if found.get("errcode", 0) != 0:
            raise NotVouched("refused", f"WeCom: {what} {found.get('errcode')}")
        return found
