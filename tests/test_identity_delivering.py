"""What was planned for a customer reaches whom she turned out to be, and nobody who was erased."""

from __future__ import annotations

import pytest
from building import at, event
from test_delivering import ANN, Service, hello
from test_loop import arrival

from peakend.model.event import Event
from peakend.store import Store

VISITOR, HER = "visitor-1", "c-1"
OLD = event("03-01 09:00", "contact.set", **ANN, channel="email", address="old@example.com")
NEW = event("03-02 10:20", "contact.set", **ANN, channel="email", address="new@example.com")
ORDER = event("03-02 10:00", "order.made", order="A", v=1)
MERGE = event("03-02 10:10", "customer.merged", **{"from": VISITOR, "into": HER})
PAID = event("03-02 10:30", "order.paid", order="A")
WAITS = hello(gather={"within": "PT2H"}, exits=[{"on": "order.paid", "as": "success"}])


def told(service: Service, who: str, *events: Event) -> Service:
    for one in events:
        service.now = max(service.now, one.seen)
        service.number += 1
        service.loop.ingest([arrival(one, who, service.number)], service.now)
    return service


def test_a_message_of_the_former_name_goes_to_the_newest_address_of_the_one_customer(store: Store) -> None:
    service = told(Service(store, WAITS), VISITOR, OLD, ORDER)
    told(service, HER, MERGE, NEW)
    (letter,) = service.until("03-02 12:00").channels["email"].letters
    assert letter.to == "new@example.com"
    assert service.states() == ["email accepted"]


def test_a_run_that_ends_under_the_new_name_withdraws_what_was_planned_under_the_former(store: Store) -> None:
    service = told(Service(store, WAITS), VISITOR, OLD, ORDER)
    told(service, HER, event("03-02 09:00", "order.made", order="B"), MERGE, PAID)
    assert store.carried_to(VISITOR, "hello", "A", 0) == (HER, 0)
    service.until("03-02 12:00")
    assert [one.receipt for one in store.messages(VISITOR)] == ["cancelled"]


def test_nothing_goes_to_the_address_of_somebody_who_was_erased(store: Store) -> None:
    service = told(Service(store, hello()), VISITOR, OLD)
    store.erase(VISITOR, at("03-01 10:00"), "00" * 16)
    told(service, HER, OLD, ORDER).until("03-02 10:05")
    assert service.channels["email"].letters == []
    assert (service.states(), service.receipts()) == (["email withdrawn"], ["suppressed"])


@pytest.mark.parametrize("table", ["content", "note", "draw", "snapshot"])
def test_an_export_names_every_table_that_may_hold_her_rows(store: Store, table: str) -> None:
    assert table in store.export(HER)
