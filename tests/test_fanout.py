"""Whom an event about a region or a building concerns: who was related to it at that time, each once."""

from __future__ import annotations

from typing import Any

import pytest
from building import SHANGHAI, at
from hypothesis import given
from hypothesis import strategies as st

from peakend.errors import TimeError
from peakend.listen.fanout import Relations
from peakend.when import zone


def relations(*learnt: tuple[str, str, str, dict[str, Any]]) -> Relations:
    """(kind, customer, when, more data) of relations to the region north."""
    known = Relations(zone(SHANGHAI))
    for kind, customer, when, data in learnt:
        known.learn(f"relation.{kind}", customer, at(when), {"subject": "north", **data})
    return known


def reached(known: Relations, when: str, subject: str = "north") -> list[str]:
    return list(known.related(subject, at(when)))


def test_a_relation_holds_from_the_instant_of_its_event() -> None:
    known = relations(("set", "ann", "03-02 10:00", {}))
    assert reached(known, "03-02 09:59:59.999999") == []
    assert reached(known, "03-02 10:00") == ["ann"]
    assert reached(known, "2030-01-01 00:00") == ["ann"]


def test_a_dated_relation_holds_from_its_first_instant_up_to_its_last() -> None:
    known = relations(("set", "ann", "03-10 10:00", {"from": "2026-03-02", "until": "2026-03-05"}))
    assert reached(known, "03-01 23:59:59") == []
    assert reached(known, "03-02 00:00") == ["ann"]
    assert reached(known, "03-04 23:59:59.999999") == ["ann"]
    assert reached(known, "03-05 00:00") == []


def test_dates_may_be_instants_already() -> None:
    known = relations(("set", "ann", "03-10 10:00", {"from": at("03-02 10:00"), "until": at("03-02 11:00")}))
    assert reached(known, "03-02 10:30") == ["ann"]


def test_a_relation_ends_with_its_event_or_at_the_time_that_it_names() -> None:
    known = relations(("set", "ann", "03-02 10:00", {}), ("ended", "ann", "03-05 10:00", {}))
    assert reached(known, "03-05 09:59:59") == ["ann"]
    assert reached(known, "03-05 10:00") == []
    earlier = relations(
        ("set", "ann", "03-02 10:00", {}), ("ended", "ann", "03-05 10:00", {"at": "2026-03-04"})
    )
    assert reached(earlier, "03-03 23:59") == ["ann"]
    assert reached(earlier, "03-04 00:00") == []


def test_an_end_from_before_the_beginning_takes_the_relation_away() -> None:
    known = relations(
        ("set", "ann", "03-02 10:00", {}), ("ended", "ann", "03-05 10:00", {"at": "2026-03-01"})
    )
    assert reached(known, "03-03 10:00") == []


def test_a_customer_may_come_back() -> None:
    known = relations(
        ("set", "ann", "03-02 10:00", {}),
        ("ended", "ann", "03-05 10:00", {}),
        ("set", "ann", "03-10 10:00", {}),
    )
    assert [reached(known, f"03-{day} 12:00") for day in ("04", "07", "11")] == [["ann"], [], ["ann"]]


def test_overlapping_spans_reach_a_customer_once() -> None:
    known = relations(*[("set", "ann", f"03-0{day} 10:00", {}) for day in (2, 3, 4)])
    assert reached(known, "03-09 10:00") == ["ann"]


def test_customers_come_in_the_order_of_their_ids_whatever_the_order_of_learning() -> None:
    known = relations(*[("set", name, "03-02 10:00", {}) for name in ("zoe", "ann", "bob")])
    assert reached(known, "03-02 10:00") == ["ann", "bob", "zoe"]


def test_a_fan_out_that_was_interrupted_goes_on_after_the_last_customer() -> None:
    known = relations(*[("set", name, "03-02 10:00", {}) for name in ("zoe", "ann", "bob")])
    assert list(known.related("north", at("03-02 10:00"), after="ann")) == ["bob", "zoe"]


def test_another_subject_is_another_matter() -> None:
    known = relations(("set", "ann", "03-02 10:00", {}), ("set", "bob", "03-02 10:00", {"subject": "south"}))
    assert reached(known, "03-03 10:00", "south") == ["bob"]
    assert reached(known, "03-03 10:00", "east") == []


def test_a_relation_without_a_subject_relates_to_nothing() -> None:
    known = relations(
        ("set", "ann", "03-02 10:00", {"subject": None}), ("set", "bob", "03-02 10:00", {"subject": ""})
    )
    assert reached(known, "03-03 10:00") == []


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(TimeError, match=r"31\.03\.2026"):
        relations(("set", "ann", "03-02 10:00", {"from": "31.03.2026"}))


spans = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=6)


@given(spans, st.integers(0, 50))
def test_a_customer_is_reached_exactly_when_an_instant_lies_in_one_of_the_spans(
    given_spans: list[tuple[int, int]], instant: int
) -> None:
    known = Relations(zone(SHANGHAI))
    for begin, end in given_spans:
        known.learn("relation.set", "ann", 0, {"subject": "north", "from": begin, "until": end})
    inside = any(begin <= instant < end for begin, end in given_spans)
    assert list(known.related("north", instant)) == ["ann"] * inside
