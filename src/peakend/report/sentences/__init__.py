"""Every sentence of the report's page in both languages, by its key.

Templates and views ask for a sentence with `say(key, …)`; a number in it brings its own plural. A sentence is
written whole in each language and is never put together from parts. Nothing here may promise an effect: a
backtest shows what would have been said, not what it would have changed.
"""

from __future__ import annotations

from peakend.report.sentences.channels import CHANNELS
from peakend.report.sentences.finding import FINDING
from peakend.report.sentences.journey import HEAD, MAP
from peakend.report.sentences.limits import LIMITS, LOAD
from peakend.report.sentences.plays import PLAYS
from peakend.report.sentences.surveyed import SURVEYED
from peakend.tell.said import Said, Value, fill


def say(key: str, /, **values: Value) -> Said:
    """Return the sentence of a key with its values filled in."""
    return fill(SENTENCES[key], **values)


SENTENCES: dict[str, Said] = {**HEAD, **MAP, **PLAYS, **LOAD, **LIMITS, **FINDING, **CHANNELS, **SURVEYED}
