"""Letters on the screen of whoever runs Peakend, so that it does something before any channel is set up.

It writes to the stream that it is handed; control characters of a customer must not reach a terminal.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, TextIO

from peakend.deliver.channels import SECOND, Settings
from peakend.deliver.harmless import one_line, plain
from peakend.deliver.said import say
from peakend.model.delivery import Letter, Receipt


class PrinterSettings(Settings, frozen=True, kw_only=True, tag="print"):
    """Nothing needs to be set."""


class Printer:
    """Prints letters; printing one twice does no harm."""

    at_most_once: Final = False

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def hand_over(self, letter: Letter, now: int) -> Receipt:
        return self._printed(_shown(letter, now))

    def check(self, now: int) -> Receipt:
        return self._printed("")

    def close(self) -> None:
        pass

    def _printed(self, text: str) -> Receipt:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        try:
            self._stream.write(text.encode(encoding, "replace").decode(encoding))
            self._stream.flush()
        except (OSError, ValueError):  # a closed stream is a ValueError
            return Receipt("later", say("stream"))
        return Receipt("accepted", say("accepted"))


def _shown(letter: Letter, now: int) -> str:
    words = letter.words
    when = datetime.fromtimestamp(now // SECOND, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    to = " ".join(part for part in (one_line(letter.to_name), one_line(letter.to)) if part)
    head = f"── {when} · {one_line(letter.channel)} · {to or '-'} · {one_line(words.name)}"
    lines = [f"   {line}" for line in plain(words.text).split("\n")]
    subject = [f"   {one_line(words.subject)}"] if words.subject else []
    link = [f"   {one_line(words.link)}"] if words.link else []
    return "\n".join([head, *subject, *lines, *link, "", ""])
