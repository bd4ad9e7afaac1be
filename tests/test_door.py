"""The door: what an event's fields are worth inside, and what may not enter."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peakend import when
from peakend.errors import Unusable
from peakend.listen.door import Moment, check_kind, check_name, check_times, typed, typer
from peakend.model.event import ANNOUNCED, RESERVED

SHANGHAI = when.zone("Asia/Shanghai")
NOON = when.parse_instant("2026-03-01T12:00:00Z")


def test_declared_fields_get_their_types_and_others_stay() -> None:
    data = {
        "incident_id": 4711,
        "score": "9",
        "urgent": "yes",
        "due_on": "2026-03-31",
        "promised_at": "2026-03-01T12:00:00Z",
        "zone": "Europe/Berlin",
        "note": ["kept", "as it is"],
    }
    fields = {
        "incident_id": "text",
        "score": "number",
        "urgent": "boolean",
        "due_on": "date",
        "promised_at": "timestamp",
        "zone": "zone",
        "never_sent": "number",
    }
    assert typed("incident.opened", data, fields) == {
        "incident_id": "4711",
        "score": 9,
        "urgent": True,
        "due_on": "2026-03-31",
        "promised_at": NOON,
        "zone": "Europe/Berlin",
        "note": ["kept", "as it is"],
    }
    assert data["score"] == "9"


def test_null_stays_null() -> None:
    assert typed("a.happened", {"x": None}, {"x": "number"}) == {"x": None}


def test_a_time_without_an_offset_is_read_on_the_given_clock_and_refused_without_one() -> None:
    fields = {"at": "timestamp"}
    assert typer(fields, SHANGHAI)({"at": "2026-03-01T20:00:00"}) == {"at": NOON}
    assert typer(fields)({"at": Moment(NOON)}) == {"at": NOON}
    with pytest.raises(Unusable, match="offset"):
        typer(fields)({"at": "2026-03-01T20:00:00"})


@pytest.mark.parametrize(
    ("kind_of", "value"),
    [
        ("number", "1,5"),
        ("number", "1_000"),
        ("number", "nan"),
        ("number", float("inf")),
        ("number", "9" * 5_000),
        ("number", True),
        ("boolean", "perhaps"),
        ("date", "31.3.2026"),
        ("date", "2026-02-30"),
        ("date", "20260301"),
        ("timestamp", "yesterday"),
        ("timestamp", 1_772_366_400),
        ("zone", "Mars/Olympus"),
        ("text", {"a": 1}),
    ],
)
def test_a_value_of_another_type_names_field_value_and_fix(kind_of: str, value: object) -> None:
    with pytest.raises(Unusable) as caught:
        typed("incident.opened", {"score": value}, {"score": kind_of})  # type: ignore[dict-item]
    assert "field 'score' of incident.opened is" in caught.value.what
    assert repr(value)[:20] in caught.value.what
    assert caught.value.fix


@given(st.dates(min_value=date(1, 1, 1)))
def test_a_day_is_canonical_whatever_time_stands_behind_it(day: date) -> None:
    text = day.isoformat()
    for written in (text, f" {text}", f"{text}T23:59:59+14:00", f"{text} 00:00:00"):
        assert typed("a.happened", {"d": written}, {"d": "date"}) == {"d": text}


@given(st.integers(min_value=-(10**17), max_value=10**17) | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_the_same_as_text_and_as_number(number: float) -> None:
    assert typed("a.happened", {"n": str(number)}, {"n": "number"}) == {"n": number}
    assert typed("a.happened", {"n": number}, {"n": "number"}) == {"n": number}


@pytest.mark.parametrize("kind", ["incident.opened", "a.b.c", "order_line.short_2"])
def test_a_kind_is_a_noun_and_a_participle(kind: str) -> None:
    check_kind(kind)


@pytest.mark.parametrize(
    "kind", ["opened", "Incident.opened", "incident.", "incident opened", "", "a.b\n", None, 3]
)
def test_another_kind_is_refused(kind: object) -> None:
    with pytest.raises(Unusable, match="not written noun"):
        check_kind(kind)


@pytest.mark.parametrize("kind", sorted(RESERVED - ANNOUNCED.keys()))
def test_what_peakend_writes_itself_never_comes_in(kind: str) -> None:
    with pytest.raises(Unusable, match="written by Peakend"):
        check_kind(kind)


def test_an_id_has_at_most_512_bytes_of_utf8_and_no_nul() -> None:
    check_name("x" * 512, "customer")
    check_name("客" * 170, "customer")
    for name in ("x" * 10_000, "客" * 171, ""):
        with pytest.raises(Unusable, match="customer"):
            check_name(name, "customer")
    with pytest.raises(Unusable, match="NUL"):
        check_name("a\0b", "customer")


def test_times_lie_between_1970_and_2199_and_not_in_the_future_of_their_arrival() -> None:
    check_times(0, 0, scheduled=False)
    check_times(NOON + 300_000_000, NOON, scheduled=False)
    check_times(NOON + 300_000_001, NOON, scheduled=True)
    with pytest.raises(Unusable, match="1970 to 2199"):
        check_times(-1, -1, scheduled=False)
    with pytest.raises(Unusable, match="1970 to 2199"):
        check_times(when.parse_instant("2200-01-01T00:00:00Z"), NOON, scheduled=True)
    with pytest.raises(Unusable, match="after it was seen"):
        check_times(NOON + 300_000_001, NOON, scheduled=False)
