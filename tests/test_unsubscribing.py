"""One click and no more letters: the address is signed, and says only what it was made for."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peakend.loop.unsubscribing import Unsubscribing

HERE = Unsubscribing("https://service.example.com/u/", "a secret")


def token(customer: str, class_: str) -> str:
    return HERE.address(customer, class_).rpartition("/")[2]


@pytest.mark.parametrize(
    ("class_", "kind", "data"),
    [
        ("care", "preference.set", {"what": "do_not_disturb"}),
        ("ask", "preference.set", {"what": "do_not_disturb"}),
        ("marketing", "consent.withdrawn", {"what": "marketing", "source": "unsubscribe"}),
    ],
)
def test_the_log_hears_what_the_letter_offered(class_: str, kind: str, data: dict[str, str]) -> None:
    found = HERE.arrival(token("客户 1/?", class_), 77)
    assert found is not None
    assert (found.customer, found.kind, found.at, json.loads(found.data)) == ("客户 1/?", kind, 77, data)


def test_what_must_arrive_offers_no_way_out() -> None:
    assert [HERE.address("c-1", class_) for class_ in ("mandatory", "service")] == ["", ""]


@given(st.text(), st.integers(0, 80))
def test_what_was_not_signed_here_says_nothing(text: str, place: int) -> None:
    good = token("c-1", "care")
    for bad in (text, good[:place], good[:place] + text + good[place + 1 :]):
        if bad != good:
            found = HERE.arrival(bad, 1)
            assert found is None or found.customer == "c-1", "padding bits of a true token may differ"
    assert Unsubscribing("https://x", "another").arrival(good, 1) is None
