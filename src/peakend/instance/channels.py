"""The channels of an instance as people look at them: of which kind, where they lead, and whether they work.

Nothing of what is secret is in what comes out of here: a kind, a host, a rate.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from peakend.deliver.settings import channels_of
from peakend.errors import Missing
from peakend.instance.file import Placed
from peakend.model.delivery import Receipt


class Configured(msgspec.Struct, frozen=True, kw_only=True):
    """A channel as the file describes it; `host` is where it leads, '' where its kind says so itself."""

    name: str
    kind: str
    host: str


def configured(placed: Placed) -> list[Configured]:
    """The channels of the file, in its order."""
    return [
        Configured(name=str(name), kind=_word(raw, "kind"), host=_host(raw))
        for name, raw in placed.instance.channels.items()
    ]


def checked(placed: Placed, name: str, now: int) -> Receipt:
    """Ask a channel whether its settings are right; robots show a short test message. It takes seconds.

    Raises Missing for a channel that the file does not have, and ChannelError where it cannot be made.
    """
    channels = placed.instance.channels
    if name not in channels:
        raise Missing(
            f"The file of this instance has no channel '{name[:80]}'",
            fix="Add it under `channels` of peakend.yaml, and start Peakend again",
            what_zh=f"实例配置里没有渠道“{name[:80]}”",
            fix_zh="请在 peakend.yaml 的 channels 下添加，然后重新启动 Peakend",
        )
    channel = channels_of({name: channels[name]}, os.environ, sys.stdout, placed.place)[name].channel
    try:
        return channel.check(now)
    finally:
        channel.close()


def _word(raw: Any, key: str) -> str:
    found = raw.get(key, "") if isinstance(raw, Mapping) else ""
    return found if isinstance(found, str) else ""


def _host(raw: Any) -> str:
    """Only the host: a robot's address holds its key."""
    if host := _word(raw, "host"):
        return host if "${" not in host else ""
    try:
        return urlsplit(_word(raw, "url")).hostname or ""
    except ValueError:
        return ""
