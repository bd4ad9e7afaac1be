"""What pack files are made of: the shapes of durations, times, shares and words, and the base of every node.

Durations stay text here (their shape is checked); they get their meaning in `when`.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Span = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?$",
        description="ISO 8601 duration, for example P30D, PT48H or P1M",
    ),
]
CapWindow = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^day$|^P(?=.)(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?$",
        description="day (the customer's local day) or a duration, for example PT168H",
    ),
]
Clock = Annotated[
    str,
    msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$", description='time of day, quoted: "09:00"'),
]
Share = Annotated[str, msgspec.Meta(pattern=r"^\d+(\.\d+)?%$", description="a share, for example 10%")]
Titles = dict[str, str]
Kinds = str | list[str]

ClassName = Literal["mandatory", "service", "care", "ask", "marketing"]
CLASSES: tuple[ClassName, ...] = ("mandatory", "service", "care", "ask", "marketing")
Again = Literal["once", "once_per_key", "after_exit", "every"]
Dimension = Literal["tangibles", "reliability", "responsiveness", "assurance", "empathy"]
Family = Literal["ZMOT", "FMOT", "SMOT", "UMOT"]
Phase = Literal["anticipation", "contact", "follow-up"]
Take = Literal["count", "sum", "avg", "min", "max", "last", "first", "most_common", "days_since"]
CARD_HEADINGS: dict[str, tuple[str, ...]] = {
    "zh": ("预判语句", "应对动作", "补偿建议", "跟进话术"),
    "en": ("What they may fear", "What to do", "What you may offer", "How to follow up"),
}


def as_list(value: Kinds | None) -> list[str]:
    """One or several words as a list; none as an empty one."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


class Part(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A node of a pack file: unknown keys are refused."""
