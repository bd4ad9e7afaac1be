"""The routes of daily work: today, cards, and what is new."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from peakend.web.api import cards, stream
from peakend.web.api import today as api_today
from peakend.web.pages import inbox, today

DAILY: Final[tuple[APIRouter, ...]] = (
    *(today.router, inbox.router),
    *(api_today.router, cards.router, stream.router),
)
