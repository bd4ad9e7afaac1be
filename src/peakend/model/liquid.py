"""The Liquid of authors' texts, with the one filter that a letter about a date cannot do without.

Whoever checks a text and whoever fills it in use the same environment, so that what passes the check can be
filled in. It reads no clock: a text is filled in with `sent`, the decided moment on the customer's clock, and
`language`, that of the text. A letter that is replayed a year later therefore still says "tomorrow".
"""

from __future__ import annotations

from datetime import date, datetime

from liquid import Environment, RenderContext
from liquid.exceptions import FilterArgumentError
from liquid.filter import with_context

from peakend.errors import TimeError
from peakend.when import parse_date


@with_context
def in_days(value: object, *, context: RenderContext) -> str:
    """How far a date lies from the day of sending: 'in 3 days', 'tomorrow'; nothing where none is known.

    A timestamp counts by its date on the clock of `sent`. Raises FilterArgumentError without `sent`.
    """
    sent = context.resolve("sent")
    if not isinstance(sent, datetime):
        raise FilterArgumentError("in_days needs 'sent', the moment of sending", token=None)
    day = _day(value, sent)
    if day is None:
        return ""
    words = _WORDS["zh" if context.resolve("language") == "zh" else "en"]
    days = (day - sent.date()).days
    return words.get(days) or words["later" if days > 0 else "ago"].format(abs(days))


LIQUID = Environment()
LIQUID.add_filter("in_days", in_days)

_WORDS: dict[str, dict[int | str, str]] = {
    "zh": {-1: "昨天", 0: "今天", 1: "明天", "later": "{} 天后", "ago": "{} 天前"},
    "en": {-1: "yesterday", 0: "today", 1: "tomorrow", "later": "in {} days", "ago": "{} days ago"},
}


def _day(value: object, sent: datetime) -> date | None:
    if isinstance(value, datetime):
        return (value.astimezone(sent.tzinfo) if value.tzinfo else value).date()
    try:
        return parse_date(value)
    except TimeError:
        return None
