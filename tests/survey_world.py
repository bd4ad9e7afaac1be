"""A pack with one survey, and sheets that are known by construction: for the tests of surveys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from building import event, pack

from peakend.model.event import Event
from peakend.model.pack import Outcome, Pack
from peakend.model.survey import Survey

ITEMS: dict[str, dict[str, Any]] = {
    "dates": {"says": {"zh": "答应的时间就做到", "en": "Keeps dates it gives"}, "dimension": "reliability"},
    "first": {"says": {"zh": "第一次就做对", "en": "Right first time"}, "dimension": "reliability"},
    "answer": {"says": {"zh": "响应快", "en": "Answers fast"}, "dimension": "responsiveness"},
    "busy": {
        "says": {"zh": "再忙也会回应我", "en": "Never too busy to reply"},
        "dimension": "responsiveness",
    },
    "polite": {"says": {"zh": "一贯有礼", "en": "Always courteous"}, "dimension": "assurance"},
}
WORDS: dict[str, Any] = {
    "survey": "yearly",
    "title": {"zh": "年度服务问卷", "en": "Yearly service survey"},
    "event": "sheet.answered",
    "where": "form = 'yearly'",
    "scale": (1, 7),
    "not_applicable": [9],
    "wave": "year",
}
FIELDS = {
    **{name: "number" for item in ITEMS for name in (item, f"e_{item}")},
    "form": "text", "overall": "number", "nps": "number", "branch": "text", "weight": "number",
    "hours": "number", "round": "text", "note": "text",
}  # fmt: skip
REPAIR = {"from": "case.opened", "to": "case.solved", "within": "PT48H", "dimension": "reliability"}


def surveyed(items: dict[str, dict[str, Any]] | None = None, **changes: Any) -> Pack:
    """The pack; `changes` are words of its survey."""
    made = pack(points={"case": {"standards": {"repair": REPAIR}}})
    survey = msgspec.convert({**WORDS, "items": items or ITEMS, **changes}, Survey)
    outcomes = {
        "overall": Outcome(
            event="sheet.answered", field="overall", scale="1..10", title={"zh": "总体评价", "en": "Overall"}
        ),
        "nps": Outcome(event="sheet.answered", field="nps", scale="nps"),
        "bare": Outcome(event="sheet.answered", field="nps"),
        "other": Outcome(event="case.rated", field="score", scale="csat"),
    }
    head = msgspec.structs.replace(
        made.head, events={**made.head.events, "sheet.answered": FIELDS}, outcomes=outcomes
    )
    return msgspec.structs.replace(made, head=head, surveys={survey.survey: survey})


def expecting() -> dict[str, dict[str, Any]]:
    """The items, each with an expectation."""
    return {name: {**item, "expected_in": f"e_{name}"} for name, item in ITEMS.items()}


def sheets(
    people: int = 120, years: Sequence[int] = (2025, 2026), *, drop: float = 0.0, seed: int = 7, **same: Any
) -> list[Event]:
    """Sheets of different customers: `first` weighs most for the overall score, `polite` nothing; the second
    year is `drop` points lower. `same` are fields that all sheets have.
    """
    draw = np.random.default_rng(seed)
    made = []
    for number, year in enumerate(years):
        for who in range(people):
            mood = draw.normal()
            rated = {
                name: int(np.clip(round(4.6 + 0.5 * mood + 1.1 * draw.normal() - drop * number), 1, 7))
                for name in ITEMS
            }
            wished = {f"e_{name}": int(np.clip(round(6 + 0.6 * draw.normal()), 1, 7)) for name in ITEMS}
            overall = 1.2 * rated["first"] + 0.4 * rated["dates"] + 0.4 * rated["answer"] + draw.normal() - 3
            score = int(np.clip(round(overall), 1, 10))
            made.append(
                event(
                    f"{year}-05-{1 + who % 28:02} 10:00",
                    "sheet.answered",
                    customer=f"c-{year}-{who}",
                    **{"form": "yearly", **rated, **wished, "overall": score, "nps": score, **same},
                )
            )
    return made
