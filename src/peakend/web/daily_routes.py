"""The routes of daily work: today, cards, messages, quarantine, major incidents, and what is new."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from peakend.web.api import cards, stream
from peakend.web.api import incidents as api_incidents
from peakend.web.api import messages as api_messages
from peakend.web.api import quarantine as api_quarantine
from peakend.web.api import today as api_today
from peakend.web.pages import inbox, incidents, messages, quarantine, today

DAILY: Final[tuple[APIRouter, ...]] = (
    *(today.router, inbox.router, messages.router, quarantine.router, incidents.router),
    *(api_today.router, cards.router, api_messages.router, api_quarantine.router, api_incidents.router),
    stream.router,
)
