"""Settings: people, keys, channels, rules, the record of changes, and the installation itself."""

from __future__ import annotations

from typing import Final

from peakend.web.pages.settings import channels, installation, keys, people, record, rules

ROUTERS: Final = tuple(one.router for one in (people, keys, channels, rules, record, installation))
