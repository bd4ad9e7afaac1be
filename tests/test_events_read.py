"""What the forms of other systems become: CloudEvents and the messages of Segment, good and strange ones."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from building import at
from hypothesis import given
from hypothesis import strategies as st
from test_delivering import hello

from peakend.errors import Unusable
from peakend.listen import cloudevents, segment
from peakend.listen.kinds import kind_of_type, kind_of_words
from peakend.listen.sent import Read, read_native
from peakend.loop.inlet import Inlet
from peakend.loop.receiving import Receiving
from peakend.model.stored import Arrival
from peakend.store import MemoryStore, Store
from peakend.when import format_instant

NOW = at("03-02 10:00")
WHEN = "2026-03-02T01:59:00Z"
AT = at("03-02 09:59")
RECEIVING = Receiving(hello())

WORDS = {
    "Order Completed": "order.completed",
    "orderCompleted": "order.completed",
    "order_completed": "order.completed",
    "ORDER-COMPLETED": "order.completed",
    "Product List Viewed": "product_list.viewed",
    "SMSCode Sent": "sms_code.sent",
    "Signup": "signup.tracked",
    "order.completed": "order.completed",
    "order.line.added": "order.line.added",
    "Café Visité": "cafe.visite",
    "Checkout: Step Done": "checkout_step.done",
}
TYPES = {
    "order.completed": "order.completed",
    "com.example.order.completed": "order.completed",
    "com.example.order.completed.v2": "order.completed",
    "com.github.pull_request.review_requested": "pull_request.review_requested",
    "Example.Shop.OrderCompleted": "order.completed",
    "com.example.order-line.added": "order_line.added",
    "com.shop.parcel.lost": "com.shop.parcel.lost",  # the pack declares it
    "OrderCompleted": "order.completed",
    "signup": "signup.tracked",
}


@pytest.mark.parametrize("name", WORDS)
def test_a_name_in_words_becomes_one_kind_and_always_the_same(name: str) -> None:
    assert kind_of_words(name) == WORDS[name] == kind_of_words(WORDS[name])


@pytest.mark.parametrize("name", TYPES)
def test_a_type_with_parts_becomes_its_last_two(name: str) -> None:
    assert kind_of_type(name, {"com.shop.parcel.lost"}) == TYPES[name]


@pytest.mark.parametrize(
    "name", ["", "!!", "订单完成", "Заказ Completed", "2nd Step", "x" * 201, "Step 2", "a.1"]
)
def test_a_name_that_would_have_to_be_guessed_is_refused(name: str) -> None:
    for read in (kind_of_words, kind_of_type):
        with pytest.raises(Unusable, match="no kind can be made") as caught:
            read(name)
        assert "名称" in caught.value.what_zh


def judged(message: Any, form: Read) -> list[Arrival | Unusable]:
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return [part.found for part in RECEIVING.read(body, "api", NOW, form).parts]


def arrived(message: Any, form: Read) -> list[Arrival]:
    found = judged(message, form)
    assert all(isinstance(one, Arrival) for one in found), found
    return [one for one in found if isinstance(one, Arrival)]


def refused(message: Any, form: Read) -> Unusable:
    (found,) = judged(message, form)
    assert isinstance(found, Unusable), found
    return found


# --- CloudEvents ----------------------------------------------------------------------------------------

CLOUD = cloudevents.reader({"order.made"})


def cloud(**changed: Any) -> dict[str, Any]:
    told = {
        "specversion": "1.0", "id": "A-1", "source": "/shop/1", "type": "com.example.order.made",
        "time": WHEN, "subject": "order-7", "customer": "c-1", "datacontenttype": "application/json",
        "data": {"order": "A"},
    } | changed  # fmt: skip
    return {name: value for name, value in told.items() if value != "gone"}


def test_the_attributes_of_a_cloud_event_are_those_of_the_log() -> None:
    (one,) = arrived(cloud(), CLOUD)
    assert one == Arrival("/shop/1", "A-1", "c-1", "order.made", AT, "order-7", '{"order":"A"}')


def test_the_example_of_the_specification_is_read() -> None:
    example = {
        "specversion": "1.0", "type": "com.example.someevent", "source": "/mycontext", "subject": None,
        "id": "C234-1234-1234", "time": "2018-04-05T17:31:00Z", "comexampleextension1": "value",
        "comexampleothervalue": 5, "datacontenttype": "application/json", "customer": "c-1",
        "data": {"appinfoA": "abc", "appinfoB": 123, "appinfoC": True},
    }  # fmt: skip
    (one,) = arrived(example, CLOUD)
    assert one.kind == "example.someevent"
    assert json.loads(one.data) == {
        "appinfoA": "abc", "appinfoB": 123, "appinfoC": True,
        "comexampleextension1": "value", "comexampleothervalue": 5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("data", "customer"),
    [
        ({"customer": "c-2"}, "c-2"),
        ({"customer_id": 7}, "7"),
        ({"customerId": "c-3", "customer": {"name": "x"}}, "c-3"),
    ],
)
def test_a_field_of_the_data_names_the_customer_where_no_attribute_does(data: Any, customer: str) -> None:
    (one,) = arrived(cloud(customer="gone", data=data), CLOUD)
    assert one.customer == customer


def test_an_event_without_a_customer_is_about_its_subject_or_a_public_measure() -> None:
    (about,) = arrived(cloud(customer="gone"), CLOUD)
    (public,) = arrived(cloud(customer="gone", subject="gone", data={"customer": None}), CLOUD)
    assert (about.customer, about.subject) == ("", "order-7")
    assert (public.customer, public.subject) == ("", "")
    assert "no customer" in refused(cloud(customer="gone", subject="gone"), CLOUD).what


def test_data_in_base64_is_read_if_it_is_json() -> None:
    coded = b64encode(b'{"order": "B"}').decode()
    (one,) = arrived(cloud(data="gone", data_base64=coded), CLOUD)
    assert one.data == '{"order":"B"}'
    xml = cloud(data="gone", data_base64=coded, datacontenttype="application/xml")
    assert "application/json" in refused(xml, CLOUD).fix


def test_headers_make_the_same_event_as_the_json_form() -> None:
    headers = {
        f"ce-{name}": value for name, value in cloud().items() if name not in ("data", "datacontenttype")
    }
    headers |= {
        "content-type": "application/json; charset=utf-8",
        "host": "x",
        "ce-subject": "%E8%AE%A2%20%E5%8D%95",
    }
    event = cloudevents.of_headers(headers, b'{"order": "A"}')
    assert arrived(event, CLOUD) == arrived(cloud(subject="订 单"), CLOUD)


BAD_CLOUD: dict[str, tuple[dict[str, Any], str]] = {
    "an older version": (cloud(specversion="0.3"), "specversion"),
    "no version": (cloud(specversion="gone"), "specversion"),
    "no id": (cloud(id="gone"), "id"),
    "a number as id": (cloud(id=7), "id"),
    "an empty source": (cloud(source=""), "source"),
    "no type": (cloud(type="gone"), "type"),
    "a list as type": (cloud(type=["a"]), "type"),
    "a list as data": (cloud(data=[1]), "data"),
    "a text as data": (cloud(data="<a/>", datacontenttype="text/xml"), "data"),
    "no base64": (cloud(data_base64="%%"), "Base64"),
    "base64 of a number": (cloud(data_base64=7), "Base64"),
    "base64 of no json": (cloud(data="gone", data_base64="/w=="), "JSON"),
    "a wrong time": (cloud(time="soon"), "date"),
    "a number as time": (cloud(time=1772409600), "number"),
    "a customer in parts": (cloud(customer={"id": 1}), "single value"),
    "a derived kind": (cloud(type="standard.breached"), "Peakend itself"),
    "a NUL": (cloud(data={"a": "\0"}), "NUL"),
    "half a pair": (cloud(id="\ud800"), "surrogate"),
    "a long source": (cloud(source="x" * 600), "bytes"),
}


@pytest.mark.parametrize("name", BAD_CLOUD)
def test_a_strange_cloud_event_is_refused_with_its_reason(name: str) -> None:
    message, word = BAD_CLOUD[name]
    error = refused(message, CLOUD)
    assert word in str(error)
    assert error.text("zh") != str(error) or name == "half a pair"


def test_an_event_without_a_time_happened_when_it_came_and_sent_again_is_known(store: Store) -> None:
    inlet, body = Inlet(store), json.dumps(cloud(time="gone")).encode()
    told = [RECEIVING.read(body, "api", NOW + late, CLOUD) for late in (0, 5_000_000)]
    assert [inlet.settle([one], NOW)[0].outcome for one in told] == ["taken", "known"]
    other = RECEIVING.read(json.dumps(cloud(time="gone", data={})).encode(), "api", NOW, CLOUD)
    assert inlet.settle([other], NOW)[0].outcome == "other_body"
    assert store.waiting() == 1


def test_what_follows_one_transfer_alone_is_no_part_of_an_event() -> None:
    assert arrived(cloud(traceparent="00-1"), CLOUD) == arrived(cloud(traceparent="00-2"), CLOUD)


# --- Segment --------------------------------------------------------------------------------------------

SEGMENT = segment.reader()


def message(kind: str, **changed: Any) -> dict[str, Any]:
    told = {"type": kind, "messageId": "m-1", "userId": "c-1", "timestamp": WHEN} | changed
    return {name: value for name, value in told.items() if value != "gone"}


MADE: dict[str, tuple[dict[str, Any], list[tuple[str, str, str, Any]]]] = {
    "track": (
        message("track", event="Order Completed", properties={"total": 9.5}, context={"ip": "1.2.3.4"}),
        [("m-1", "c-1", "order.completed", {"total": 9.5})],
    ),
    "a built-in kind": (
        message("track", event="consent.given", properties={"what": "marketing"}),
        [("m-1", "c-1", "consent.given", {"what": "marketing"})],
    ),
    "a visitor": (
        message("track", event="Signup", userId=None, anonymousId="v-7"),
        [("m-1", "v-7", "signup.tracked", {})],
    ),
    "identify": (
        message("identify", traits={"tier": "key"}),
        [("m-1", "c-1", "customer.updated", {"tier": "key"})],
    ),
    "identify a visitor": (
        message("identify", anonymousId="v-7", traits={"tier": "key"}),
        [
            ("m-1/customer.identified", "c-1", "customer.identified", {"anonymous": "v-7"}),
            ("m-1", "c-1", "customer.updated", {"tier": "key"}),
        ],
    ),
    "traits of a visitor": (
        message("identify", userId="gone", anonymousId="v-7", traits={"zone": "Asia/Tokyo"}),
        [("m-1", "v-7", "customer.updated", {"zone": "Asia/Tokyo"})],
    ),
    "alias": (
        message("alias", previousId="v-7"),
        [("m-1", "c-1", "customer.merged", {"from": "v-7", "into": "c-1"})],
    ),
    "page": (
        message("page", name="Prices", category="Shop", properties={"url": "https://x/"}),
        [("m-1", "c-1", "page.viewed", {"name": "Prices", "category": "Shop", "url": "https://x/"})],
    ),
    "screen": (message("screen", name="Home"), [("m-1", "c-1", "screen.viewed", {"name": "Home"})]),
    "group": (
        message("group", groupId="acme", traits={"from": "text"}),
        [("m-1", "c-1", "relation.set", {"subject": "acme", "traits": {"from": "text"}})],
    ),
    "a number as user": (message("page", userId=42), [("m-1", "42", "page.viewed", {})]),
}  # fmt: skip


@pytest.mark.parametrize("name", MADE)
def test_what_each_message_becomes(name: str) -> None:
    sent, events = MADE[name]
    found = arrived(sent, SEGMENT)
    assert [(one.id, one.customer, one.kind, json.loads(one.data)) for one in found] == events
    assert {(one.source, one.at) for one in found} == {("segment", AT)}


def test_a_route_of_its_own_says_the_type() -> None:
    assert arrived(message("gone", event="A B"), segment.reader("track")) == arrived(
        message("track", event="A B"), SEGMENT
    )


@pytest.mark.parametrize("slow", [-7200, 0, 3, 86_400])
def test_the_time_of_a_device_whose_clock_is_wrong_is_corrected(slow: int) -> None:
    """It happened a minute before it was sent, whatever the device takes the time to be."""
    sent = NOW - slow * 1_000_000
    told = message("track", event="A B", timestamp=format_instant(sent - 60_000_000))
    for form in (segment.reader("", format_instant(sent)), SEGMENT):
        if form is SEGMENT:
            told["sentAt"] = format_instant(sent)
        (one,) = arrived(told, form)
        assert abs(one.at - (NOW - 60_000_000)) <= (3_000_000 if slow == 3 else 0)


def test_the_same_message_sent_again_is_known_though_its_corrected_time_is_another(store: Store) -> None:
    inlet, fates = Inlet(store), []
    for now, sent in ((NOW, NOW - 86_400_000_000), (NOW + 7_000_000, NOW - 86_400_000_000 + 5_000_000)):
        told = message("track", event="A B", timestamp="2026-03-01T01:58:00Z", sentAt=format_instant(sent))
        fates += inlet.settle([RECEIVING.read(json.dumps(told).encode(), "api", now, SEGMENT)], now)
    assert [one.outcome for one in fates] == ["taken", "known"]
    assert store.put_aside_rows() == []


def test_a_message_without_a_time_happened_when_it_came() -> None:
    (one,) = arrived(message("page", timestamp="gone"), SEGMENT)
    assert one.at == NOW


def test_one_part_of_a_message_may_be_put_aside_while_the_other_is_taken(store: Store) -> None:
    long = "m" * 500
    told = message("identify", messageId=long, anonymousId="v-7", traits={"tier": "key"})
    (found,) = Inlet(store).settle([RECEIVING.read(json.dumps(told).encode(), "api", NOW, SEGMENT)], NOW)
    assert (found.outcome, found.id, store.waiting()) == ("aside", long, 1)
    (row,) = store.put_aside_rows()
    assert "has 520 bytes" in row.reason_en
    assert json.loads(row.body)["kind"] == "customer.identified"


def test_what_is_put_aside_is_kept_as_a_person_can_mend_it(store: Store) -> None:
    told = message("track", event="A B", timestamp="soon")
    Inlet(store).settle([RECEIVING.read(json.dumps(told).encode(), "api", NOW, SEGMENT)], NOW)
    (row,) = store.put_aside_rows()
    kept = json.loads(row.body)
    assert (kept["kind"], kept["at"], kept["customer"], row.place) == ("a.b", "soon", "c-1", "m-1")
    assert judged(kept | {"at": WHEN}, read_native) == arrived(told | {"timestamp": WHEN}, SEGMENT)


BAD_SEGMENT: dict[str, tuple[Any, str]] = {
    "no type": (message("gone"), "type"),
    "a list as type": (message("gone", type=["track"]), "type"),
    "an unknown type": (message("delete"), "type"),
    "no event": (message("track"), "event"),
    "a number as event": (message("track", event=5), "event"),
    "a chinese event": (message("track", event="订单完成"), "no kind"),
    "a derived kind": (message("track", event="Standard Breached"), "Peakend itself"),
    "nobody": (message("page", userId=""), "userId"),
    "somebody in parts": (message("page", userId={"id": 1}), "single value"),
    "properties as text": (message("page", properties="x"), "properties"),
    "traits as list": (message("identify", traits=[1]), "traits"),
    "alias of nobody": (message("alias"), "alias"),
    "no group": (message("group"), "groupId"),
    "a wrong time": (message("page", timestamp="soon", sentAt=WHEN), "date"),
    "a time in parts": (message("page", timestamp={"a": 1}), "bare number"),
    "before 1970": (message("page", timestamp="0001-01-01T00:00:00Z", sentAt="9999-12-31T23:59:59Z"), "1970"),
    "half a pair": (message("page", userId="\udfff"), "surrogate"),
    "a NUL": (message("page", properties={"a": "b\0"}), "NUL"),
    "NaN": (b'{"type": "page", "userId": "c", "properties": {"a": NaN}}', "JSON"),
    "ten megabytes": (message("page", properties={"a": "b" * 10_000_000}), "bytes"),
    "deep": (b'{"type":"page","userId":"c","properties":' + b'{"a":' * 70 + b"1" + b"}" * 71, "levels"),
    "deepest": (b'{"type":"page","properties":' + b"[" * 100_000, "deep"),
}


@pytest.mark.parametrize("name", BAD_SEGMENT)
def test_a_strange_message_is_refused_with_its_reason(name: str) -> None:
    sent, word = BAD_SEGMENT[name]
    error = refused(sent, SEGMENT)
    assert word in str(error)


# --- anything -------------------------------------------------------------------------------------------

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from([WHEN, "track", "identify", "1.0", "c-1", "a.b", "\0", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
NAMES = st.sampled_from(
    "type event messageId userId anonymousId previousId groupId traits properties timestamp sentAt "
    "specversion id source subject time customer data data_base64 datacontenttype kind at name "
    "category".split()
)


@given(
    st.dictionaries(NAMES, VALUES, max_size=8),
    st.sampled_from(["native", "cloud", "track", "identify", "alias", "page", "screen", "group", "any"]),
    VALUES,
)
def test_anything_is_taken_or_put_aside_and_what_is_sent_twice_is_taken_once(
    told: dict[str, Any], form: str, sent_at: Any
) -> None:
    forms: dict[str, Read] = {"native": read_native, "cloud": CLOUD, "any": segment.reader("", sent_at)}
    read = forms.get(form) or segment.reader(form, sent_at)
    body = json.dumps(told).encode()
    store = MemoryStore(shards=4)
    inlet = Inlet(store)
    (first,) = inlet.settle([RECEIVING.read(body, "api", NOW, read)], NOW)
    (again,) = inlet.settle([RECEIVING.read(body, "api", NOW, read)], NOW)
    assert again.outcome == {"taken": "known"}.get(first.outcome, first.outcome)
    assert bool(store.put_aside_rows()) == (first.outcome in ("aside", "other_body"))
    assert (store.waiting() > 0) == (first.outcome == "taken") or first.outcome == "aside"


@given(st.binary(max_size=60))
def test_bytes_are_taken_or_put_aside(body: bytes) -> None:
    for form in (read_native, CLOUD, SEGMENT):
        received = RECEIVING.read(body, "api", NOW, form)
        assert len(received.parts) >= 1
    event = cloudevents.of_headers({"ce-id": "1", "content-type": "text/plain"}, b"")
    assert event == {"id": "1", "datacontenttype": "text/plain"}
