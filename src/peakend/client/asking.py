"""A question to a server and its answer, asked again where nothing was done, through the house's own egress.

The server is one's own: its host is named, so it may be private and without TLS. The rest is as for
everything that leaves the house (`deliver/egress.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Event as Bell
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from peakend.deliver.egress import Answer, Egress, NoAnswer
from peakend.errors import PeakendError

T = TypeVar("T")
FIRST: Final = 0.5
LONGEST: Final = 60.0
"""Seconds until the same is asked again: twice as long each time, unless the server says how long."""
LARGEST: Final = 64_000_000
_AGAIN: Final = (429, 503)
_REACHED: Final = ("forbidden-host", "forbidden-url", "certificate")
"""Reasons for no answer that do not go away by asking again."""


class ApiError(PeakendError):
    """The server said no, or nothing. `status` is 0 where no answer came; `word` is the reason.

    `told` is all that the server said, such as `forked` where a draft was saved too late.
    """

    def __init__(self, status: int, word: str, told: Mapping[str, Any]) -> None:
        super().__init__(
            told.get("title") or f"The server answered {status}",
            place=told.get("place") or None,
            fix=told.get("detail", ""),
            what_zh=told.get("title_zh") or f"服务器返回 {status}",
            fix_zh=told.get("detail_zh", ""),
        )
        self.status, self.word, self.told = status, word, dict(told)


class Asking:
    """Asks one server with one key. `pause` waits for some seconds; a test hands in its own."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        seconds: float = 30.0,
        tries: int = 8,
        ca_file: str = "",
        pause: Callable[[float], object] | None = None,
    ) -> None:
        host = urlsplit(url).hostname or ""
        self._url, self._key, self._tries = url.rstrip("/"), key, max(tries, 1)
        self._egress = Egress(seconds=seconds, private_hosts=(host,), ca_file=ca_file, largest=LARGEST)
        self._pause = pause or Bell().wait

    def rest(self, seconds: float) -> None:
        """Let some time go by before the next question."""
        self._pause(seconds)

    def ask(
        self,
        method: str,
        path: str,
        type_: type[T],
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        repeatable: bool = True,
    ) -> T:
        """Ask, and read the answer as a type. What is not `repeatable` is not sent twice where the server may
        have acted on the first. Raises ApiError.
        """
        answer = self._whole(method, path, query or {}, body, repeatable=repeatable)
        try:
            return msgspec.json.decode(answer.body, type=type_)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise _unclear(str(error)) from None

    def _whole(
        self, method: str, path: str, query: Mapping[str, Any], body: Any, *, repeatable: bool
    ) -> Answer:
        asked = urlencode([(name, one) for name, value in query.items() for one in _values(value)])
        url = f"{self._url}{path}{'?' if asked else ''}{asked}"
        headers = {"Authorization": f"Bearer {self._key}", "Accept": "application/json"}
        content = b"" if body is None else msgspec.json.encode(body)
        if body is not None:
            headers["Content-Type"] = "application/json"
        pause = FIRST
        for left in range(self._tries - 1, -1, -1):
            try:
                answer = self._egress.send(method, url, headers, content)
            except NoAnswer as error:
                if not left or error.word in _REACHED or (error.sent and not repeatable):
                    raise _nothing(error.word) from None
            else:
                if answer.status < 400:
                    return answer
                if answer.status not in _AGAIN or not left:
                    raise _refusal(answer)
                said = answer.headers.get("retry-after", "")
                pause = max(pause, float(said)) if said.isdigit() else pause
            self._pause(min(pause, LONGEST))
            pause = min(pause * 2, LONGEST)
        raise AssertionError("the last try returns or raises")


def within(*parts: str) -> str:
    """A path of the API whose parts are names that anybody may have chosen."""
    return "/api/v1/" + "/".join(quote(part, safe="") for part in parts)


def _values(value: Any) -> list[str]:
    if isinstance(value, bool):
        return [str(value).lower()]
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return [] if value is None or value == "" else [str(value)]


def _refusal(answer: Answer) -> ApiError:
    try:
        told = msgspec.json.decode(answer.body, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        told = {}
    for name in ("title", "detail", "title_zh", "detail_zh", "place", "word"):
        if not isinstance(told.get(name, ""), str):
            del told[name]
    return ApiError(answer.status, told.get("word", ""), told)


def of_ours(word: str, en: tuple[str, str], zh: tuple[str, str]) -> ApiError:
    """An error that no server told: what is wrong and the fix, in both languages."""
    told = {"title": en[0], "detail": en[1], "title_zh": zh[0], "detail_zh": zh[1]}
    return ApiError(0, word, told)


def _nothing(word: str) -> ApiError:
    return of_ours(
        word,
        (
            f"The server did not answer ({word})",
            "Look whether it runs and the address is right, then ask again",
        ),
        (f"服务器没有应答（{word}）", "请确认服务已启动、地址无误，然后重试"),
    )


def _unclear(said: str) -> ApiError:
    return of_ours(
        "unclear",
        (
            f"The answer is none of Peakend's: {said}",
            "Look whether the address is that of Peakend, of the same version as this client",
        ),
        (f"应答不是 Peakend 的格式：{said}", "请确认地址指向 Peakend，且与本客户端版本一致"),
    )
