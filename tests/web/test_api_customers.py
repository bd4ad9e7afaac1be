"""The JSON of customers: what pages show, paged and masked; what a key may change; nonsense is told so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from people_world import client, key_of

from peakend.model.account import AuditQuery, Scope
from peakend.model.looked import AskedCustomers
from tests.web.office import Office, office

__all__ = ["office"]
AT = "/api/v1/customers"
Asking = Callable[[Scope], Any]


@pytest.fixture
def key(office: Office) -> Asking:
    """A program with a key of one scope."""

    @contextmanager
    def asking(scope: Scope) -> Iterator[httpx.Client]:
        with office.house.store() as store:
            known = key_of(store, scope)
        with client(office.app) as found:
            found.headers.update(known)
            yield found

    return asking


def test_customers_are_listed_a_page_at_a_time_each_once(office: Office, key: Asking) -> None:
    with key("read") as asks:
        seen: list[str] = []
        after = ""
        while True:
            page = asks.get(AT, params={"after": after, "limit": 7}).json()
            seen += [one["customer"] for one in page["customers"]]
            after = page["after"]
            if not after:
                break
        one = asks.get(AT, params={"q": office.customer}).json()["customers"]
        assert asks.get(AT, params={"after": "nonsense"}).status_code == 400
        assert asks.get(AT, params={"limit": 201}).status_code == 422
        assert asks.get(AT, params={"show": "lovely"}).status_code == 422
    with office.house.store() as store:
        known = [line.customer for line in store.list_customers(AskedCustomers(), limit=200).rows]
    assert seen == known
    assert [line["customer"] for line in one] == [office.customer] and one[0]["felt"]


def test_a_profile_is_masked_until_a_post_that_is_recorded(office: Office, key: Asking) -> None:
    at = f"{AT}/{office.customer}"
    with key("read") as asks:
        profile = asks.get(at)
        assert profile.json()["masked"] and office.address not in profile.text
        assert profile.json()["pit"]["state"] == "miserable"
        assert asks.post(f"{at}/unmask").status_code == 403
        assert office.address not in asks.get(f"{at}/timeline", params={"kind": "contact.set"}).text
    with key("write") as asks:
        full = asks.post(f"{at}/unmask")
    assert office.address in full.text and not full.json()["masked"]
    with office.house.store() as store:
        (entry,) = store.recorded_changes(AuditQuery(what="customer.unmasked"))
    assert entry.who.startswith("key:") and entry.about == office.customer


def test_the_timeline_goes_on_where_a_page_ended(office: Office, key: Asking) -> None:
    at = f"{AT}/{office.customer}/timeline"
    with key("read") as asks:
        rows: list[dict[str, Any]] = []
        after = ""
        while True:
            page = asks.get(at, params={"after": after, "limit": 9, "what": ["encounter", "message"]}).json()
            rows += page["rows"]
            after = page["after"]
            if not after:
                break
        assert {one["what"] for one in rows} == {"encounter", "message"}
        assert len({(one["what"], one["kind"], one["at"], one["key"], one["play"]) for one in rows}) > 3
        assert [one["at"] for one in rows] == sorted((one["at"] for one in rows), reverse=True)
        assert all(one["said"]["zh"] and one["said"]["en"] for one in rows)
        verdicts = asks.get(at, params={"what": "verdict", "limit": 200}).json()["rows"]
        assert verdicts and {one["pack"] for one in verdicts} == {office.world.pack.hash}
        assert asks.get(at, params={"what": "gossip"}).status_code == 422
        assert asks.get(at, params={"after": "????"}).status_code == 400


def test_why_tells_every_play_and_one_of_them_line_by_line(office: Office, key: Asking) -> None:
    at = f"{AT}/{office.customer}/why"
    with key("read") as asks:
        whole = asks.get(at).json()
        assert {one["play"] for one in whole["plays"]} == set(office.world.pack.plays)
        sent = next(one for one in whole["plays"] if one["at"])
        alone = asks.get(at, params={"play": sent["play"]}).json()
        assert [one["play"] for one in alone["plays"]] == [sent["play"]] and alone["lines"]
        unknown = asks.get(at, params={"play": "no-such-play"})
    assert unknown.status_code == 404 and "no-such-play" in unknown.json()["title"]


def test_a_preference_is_noted_and_shown_once_it_is_learnt(office: Office, key: Asking) -> None:
    at = f"{AT}/{office.customer}/preferences"
    with key("write") as asks:
        said = asks.post(at, json={"do": "quiet", "what": "email", "days": 3})
        assert said.status_code == 202 and said.json()["noted"]["what"] == "email"
        assert asks.post(at, json={"do": "agree"}).status_code == 202
        assert asks.post(at, json={"do": "quiet", "what": "moon"}).status_code == 400
        assert asks.post(at, json={"do": "burn"}).status_code == 422
        office.fold()
        found = asks.get(at).json()
    (wish,) = found["preferences"]
    assert (wish["what"], wish["active"]) == ("email", True) and wish["until"] > office.world.now
    assert [(one["what"], one["given"], one["source"]) for one in found["consents"]] == [
        ("marketing", True, "api")
    ]
    with office.house.store() as store:
        assert len(store.recorded_changes(AuditQuery(what="customer.changed"))) == 2


def test_export_and_erase_need_an_admin_and_the_id_once_more(office: Office, key: Asking) -> None:
    at = f"{AT}/{office.customer}"
    with key("write") as asks:
        assert asks.get(f"{at}/export").status_code == 403
        assert asks.delete(at, params={"confirm": office.customer}).status_code == 403
    with key("admin") as asks:
        assert office.address not in asks.get(f"{at}/export").text
        assert office.address in asks.get(f"{at}/export", params={"unmask": True}).text
        assert asks.delete(at).status_code == 422
        assert asks.delete(at, params={"confirm": "c-other"}).status_code == 400
        gone = asks.delete(at, params={"confirm": office.customer})
        assert gone.status_code == 200 and sum(gone.json()["rows"].values()) > 10
        assert asks.get(at).status_code == 404


@pytest.mark.parametrize("path", ["", "/timeline", "/why", "/preferences", "/export"])
@pytest.mark.parametrize("name", ["nobody", "%00", "a" * 600, "..%2f..%2fetc%2fpasswd", "' OR 1=1 --"])
def test_a_customer_who_is_not_there_is_said_in_both_languages(key: Asking, name: str, path: str) -> None:
    with key("admin") as asks:
        found = asks.get(f"{AT}/{name}{path}")
    assert found.status_code in (404, 422)
    assert found.json()["title"] and found.json()["title_zh"]
