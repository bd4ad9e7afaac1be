"""Every noun of the client against the whole application over a service that was lived through: what it reads
is there, and what it changes has changed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
import pytest
from people_world import TimedHouse, key_of

from peakend.client import ApiError, Change, Client
from peakend.instance.file import Asking, InApp, Placed, Served, Telling
from peakend.model.draft import Agreement
from peakend.model.job import Job
from peakend.model.stored import Note
from peakend.store import open_store
from peakend.web.app import create_app
from peakend.web.jobs import Jobs, Limits
from peakend.web.reckoning import KINDS as RECKONED
from peakend.web.work import KINDS as WORKED
from tests.web.busy_world import REGION, busy
from tests.web.served import served

SECRET = "the secret of this test, which is long enough"
MINUTE = 60_000_000


class Service:
    """A server over a copy of the world, somebody who works on its jobs, and a client of an admin."""

    def __init__(self, house: TimedHouse, address: str) -> None:
        self.house, self.address = house, address
        self.key = self.new_key("admin")
        self.client = Client(address, self.key, tries=1)

    def new_key(self, *scopes: Any) -> str:
        with self.house.store() as store:
            return key_of(store, *scopes)["Authorization"].removeprefix("Bearer ")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    world, folder = busy(), tmp_path_factory.mktemp("service")
    database = str(folder / "world.db")
    shutil.copy(world.database, database)
    said = msgspec.structs.replace(
        world.placed.instance,
        in_app=InApp(SECRET, []),
        webhooks=Telling(private_hosts=("127.0.0.1",)),
        serve=Served(api=Asking(burst=100_000)),  # its clock stands still, so no time goes by between two
    )
    house = TimedHouse(lambda: open_store(database), Placed(said, None, None), lambda: house.instant)
    house.instant = world.now
    app = create_app(house)
    with served(app) as address:
        began, kinds = time.monotonic_ns(), {**RECKONED, **WORKED}
        clock = lambda: house.instant + (time.monotonic_ns() - began) // 1000  # noqa: E731
        crew = Jobs(house.store, database, clock, folder / "log", kinds, limits=Limits(beat=10_000))
        house.give_jobs_to(crew)
        crew.start()
        try:
            yield Service(house, address)
        finally:
            crew.stop()


@pytest.fixture
def client(service: Service) -> Client:
    return service.client


def refused(ask: Callable[[], object], status: int) -> ApiError:
    """The refusal of a question, which has words in both languages and says what to do."""
    with pytest.raises(ApiError) as error:
        ask()
    assert error.value.status == status, error.value
    assert error.value.text("zh") and error.value.text("en") and error.value.fix
    return error.value


# --- what there is ------------------------------------------------------------------------------------


def test_what_there_is_and_what_goes_on(client: Client) -> None:
    known = client.overview()
    assert known.openapi == "/api/v1/openapi.json" and len(known.ways) > 70
    today = client.today()
    assert today.published and today.at_risk and today.newest and today.cards
    assert 0 < client.coverage().done["play"] <= len(client.coverage().rows)


# --- customers ----------------------------------------------------------------------------------------


def test_customers_come_page_by_page_and_one_from_near(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = [one.customer for one in client.customers.all()]
    monkeypatch.setattr("peakend.client.customers.PAGE", 7)
    assert [one.customer for one in client.customers.all()] == everybody
    assert len(everybody) == len({*everybody}) >= 20
    one = everybody[0]
    assert [found.customer for found in client.customers.all(q=one)] == [one]
    profile = client.customers.one(one)
    assert profile.customer == one and profile.masked and profile.people
    assert not client.customers.unmask(one).masked
    assert [entry.what for entry in client.audit(about=one)] == ["customer.unmasked"]
    assert refused(lambda: client.customers.one("nobody"), 404).fix


def test_a_timeline_and_why(client: Client) -> None:
    customer = next(client.incidents.concerned(REGION)).customer
    rows = [*client.customers.timeline(customer)]
    assert rows == sorted(rows, key=lambda one: -one.at) and {"event"} < {one.what for one in rows}
    kinds = {one.what for one in client.customers.timeline(customer, what=["verdict", "card"])}
    assert "verdict" in kinds and kinds <= {"verdict", "card"}
    why = client.customers.why(customer)
    assert len(why.plays) > 5 and {one.standing for one in why.plays} > {"never"}
    sent = next(one.play for one in why.plays if one.standing != "never")
    (one,) = client.customers.why(customer, sent).plays
    assert one.play == sent and client.customers.why(customer, sent).lines
    assert refused(lambda: client.customers.why(customer, "no-play"), 404).place


def test_what_a_customer_wants_is_noted_and_she_is_taken_along_and_erased(service: Service) -> None:
    client, customer = service.client, [*service.client.customers.all()][-1].customer
    noted = client.customers.note_preference(customer, "quiet", "email", days=7)
    assert (noted.customer, noted.noted.days) == (customer, 7)
    (change,) = client.audit(about=customer)
    assert change.what == "customer.changed" and '"what":"email"' in change.after
    assert client.customers.preferences(customer).customer == customer
    whole = client.customers.export(customer)
    assert whole["customer"] == customer and len(whole) > 5
    refused(lambda: client.customers.erase(customer, "another"), 400)
    assert sum(client.customers.erase(customer, customer).rows.values()) > 0
    refused(lambda: client.customers.one(customer), 404)


def test_messages_within_an_application_by_key_and_by_token(service: Service) -> None:
    client, house = service.client, service.house
    customer = next(client.incidents.concerned(REGION)).customer
    with house.store() as store:
        for name in ("n-1", "n-2"):
            store.put_note(note(customer, name, house.instant))
    assert {"n-1", "n-2"} <= {one.note for one in client.customers.notes(customer)}
    assert client.customers.acknowledge(customer, "n-1").state == "acknowledged"
    token = client.customers.note_token(customer, minutes=5)
    assert token.until == house.instant + 5 * MINUTE
    page = Client(service.address, token.token, tries=1)
    assert "n-2" in {one.note for one in page.in_app.all()}
    assert page.in_app.acknowledge("n-2").state == "acknowledged"
    assert not {"n-1", "n-2"} & {one.note for one in page.in_app.all()}
    refused(lambda: page.in_app.acknowledge("n-9"), 404)
    assert refused(Client(service.address, "none", tries=1).in_app.all, 401).word == "bad_note_token"


def note(customer: str, name: str, now: int) -> Note:
    return Note(
        send_key=name, kind="console", customer=customer, who="", play="renewal-rounds", message=name,
        subject="合同即将到期", body="…", severity="warning", link="/contracts/1",
        at=now - MINUTE, until=now + 60 * MINUTE,
    )  # fmt: skip


# --- daily work ---------------------------------------------------------------------------------------


def test_cards_are_listed_worked_on_and_done(client: Client) -> None:
    inbox = client.cards.inbox()
    cards = [*client.cards.all()]
    assert inbox.waiting == len(cards) > 2 and inbox.roles
    first, second, third = cards[:3]
    assert client.cards.one(first.key).sections
    assert client.cards.done(first.key, "已电话告知客户").state == "done"
    assert [one.result for one in client.cards.all(which="done")][:1] == ["已电话告知客户"]
    assert client.cards.snooze(second.key, "tomorrow").snoozed > second.at
    assert second.key in {one.key for one in client.cards.all(which="snoozed")}
    handed = client.cards.hand_over(third.key, assignee="frontline", text="请跟进")
    assert (handed.assignee, handed.history[-1].text) == ("frontline", "请跟进")
    assert [one.key for one in client.cards.all(assignee="frontline")] == [third.key]
    refused(lambda: client.cards.one("none"), 404)
    refused(lambda: client.cards.snooze(second.key, "some day"), 400)


def test_messages_are_found_decided_and_released(service: Service) -> None:
    client, house = service.client, service.house
    sent = [*client.messages.all(state="accepted", channel="wecom")]
    assert len(sent) > 3
    letter = client.messages.one(sent[0].key)
    assert letter.words and letter.text and letter.decisions == ["delivered", "failed"]
    assert client.messages.decide(sent[0].key, "delivered").state == "delivered"
    refused(lambda: client.messages.decide(sent[0].key, "again"), 400)
    half = sent[len(sent) // 2].since
    later, before = client.messages.all(since=half), client.messages.all(until="2026-02-01T00:00:00+08:00")
    assert min(one.since for one in later) >= half
    assert max(one.since for one in before) < 1_769_875_200_000_000
    with house.store() as store:
        for one in sent[1:3]:
            assert store.decide(one.key, "planned", house.instant, "again")
        assert store.hold_for_review(house.instant) >= 2
    review = client.messages.review()
    assert {one.key for one in sent[1:3]} <= {one.key for one in client.messages.all(state="review")}
    refused(lambda: client.messages.release("another"), 400)
    assert client.messages.release(review.mark) == review.number >= 2
    assert client.messages.review().number == 0


def test_an_incident_and_those_whom_it_concerns(client: Client) -> None:
    (brief,) = [one for one in client.incidents.all() if one.subject == REGION]
    whole = client.incidents.one(REGION)
    assert whole.affected == brief.affected == len([*client.incidents.concerned(REGION)]) > 10
    assert whole.words[0].kind == "region.degraded" and whole.next_word
    heard = {one.customer for one in client.incidents.concerned(REGION, "reached")}
    assert all(one.customer not in heard for one in client.incidents.concerned(REGION, "unreached"))
    refused(lambda: client.incidents.one("region:none"), 404)


def test_what_was_put_aside_is_mended_and_replayed(client: Client) -> None:
    rows = [*client.quarantine.all()]
    assert sum(one.number for one in client.quarantine.causes()) == len(rows) == 3
    late = next(one for one in rows if one.kind == "incident.opened")
    body = client.quarantine.one(late.number).body
    assert "soon" in body
    right = body.replace('"soon"', '"2026-02-20T06:00:00Z"')
    assert client.quarantine.check(late.number, body).outcome == "aside"
    assert client.quarantine.check(late.number, right).outcome in ("taken", "refold")
    assert not client.quarantine.one(late.number).mended
    assert client.quarantine.mend(late.number, right).outcome in ("taken", "refold")
    assert client.quarantine.one(late.number).mended
    assert late.number in {one.number for one in client.quarantine.all(mended=True)}
    refused(lambda: client.quarantine.replay(late.number), 400)
    other = next(one for one in rows if one.kind != "incident.opened")
    assert client.quarantine.replay(other.number).reason_zh
    steps = [*client.quarantine.replay_all(kind="incident.opend")]
    assert (sum(one.tried for one in steps), sum(one.aside for one in steps)) == (2, 2)


# --- plays and drafts ---------------------------------------------------------------------------------


def test_published_plays_and_versions(client: Client) -> None:
    plays = client.plays.all()
    name = plays.plays[0].play
    assert plays.hash == client.plays.versions()[0].hash and not plays.entries_paused
    one = client.plays.one(name)
    assert one.flow.play == name and one.text and one.flow.nodes[0].what == "start"
    refused(lambda: client.plays.one("none"), 404)


def test_a_draft_is_begun_changed_linted_and_dropped(client: Client) -> None:
    view = client.drafts.begin()
    draft, name = view.draft.id, "plays/renewal-rounds.yaml"
    assert name in view.files and draft in {one.id for one in client.drafts.all()}
    (text,) = client.drafts.files(draft, name).values()
    assert client.drafts.lint(draft).sound
    broken = client.drafts.lint(draft, {name: text + "nonsense: 1\n"})
    assert not broken.sound and name in {one.file for one in broken.problems if one.severity == "error"}
    assert client.drafts.save(draft, 0, {name: f"# ours\n{text}"}).revision == 1
    late = refused(lambda: client.drafts.save(draft, 0, {name: f"# mine\n{text}"}), 409)
    copy = late.told["forked"]["copy"]["id"]
    assert late.word == "overtaken"
    assert client.drafts.files(copy, name)[name].startswith("# mine\n")
    change = Change(["title", "en"], "Ours")
    assert client.drafts.edit(draft, 1, name, [change]).revision == 2
    assert client.drafts.flow(draft, "renewal-rounds").title.en == "Ours"
    assert client.drafts.files(draft, name, revision=0)[name] == text
    assert client.drafts.back(draft, 2, 0).revision == 3
    assert [one.number for one in client.drafts.revisions(draft)] == [0, 1, 2, 3]
    assert client.drafts.files(draft, name)[name] == text
    offers = client.drafts.complete(draft, name, text + "\nhol", len(text.splitlines()) + 1, 3)
    assert "holdout" in {one.word for one in offers.offers}
    assert client.drafts.drop(draft, 3).state == client.drafts.one(draft).draft.state == "dropped"


def test_a_job_is_waited_for_with_its_progress(client: Client) -> None:
    draft = client.drafts.begin().draft.id
    job = client.drafts.start(draft, "check", 0)
    looks: list[Any] = []
    done = client.jobs.wait(job.id, looks.append, every=0.02)
    told = done.read(dict[str, Any])
    assert done.state == "done" and told["sound"] and told["stories"] == {}
    assert {one.id for one in looks} == {job.id} and any(0 < one.done <= one.total for one in looks)
    assert job.id in {one.id for one in client.jobs.all(kind="check")}
    assert client.jobs.one(job.id) == done
    refused(lambda: client.jobs.one("none"), 404)


def test_a_job_that_fails_says_why_and_one_that_is_cancelled_ends(service: Service) -> None:
    client = service.client
    draft = client.drafts.begin().draft.id
    client.drafts.save(draft, 0, {"plays/renewal-rounds.yaml": "play: renewal-rounds\n"})
    failed = refused(lambda: client.jobs.wait(client.drafts.start(draft, "backtest", 1).id), 200)
    assert failed.word == "job_failed" and "没有" not in failed.what
    waiting = client.jobs.cancel(client.drafts.start(draft, "check", 1).id)
    assert waiting.state in ("cancelled", "done")
    if waiting.state == "cancelled":
        assert refused(lambda: client.jobs.wait(waiting.id), 200).word == "job_cancelled"


def test_a_job_that_is_not_over_is_not_waited_for_for_ever(service: Service) -> None:
    with service.house.store() as store:
        now = service.house.instant
        store.put_job(Job(id="kept", kind="map", params="{}", who="li", state="waiting", created=now))
        assert store.claim_job("somebody", now, 1 << 60, 9)
    waits: list[float] = []
    slow = Client(service.address, service.key, tries=1, pause=waits.append)
    assert refused(lambda: slow.jobs.wait("kept", every=2, patience=5), 0).word == "not_over"
    assert waits == [2, 2, 2]
    service.client.jobs.cancel("kept")


def test_agreements_are_seen_and_no_key_gives_one(service: Service) -> None:
    asked = Agreement(
        id="a-1", draft="d-1", pack="cloud", hash="h", backtest="b", reasons="{}", asked="designer",
        whom="manager", word="请看", at=service.house.instant,
    )  # fmt: skip
    with service.house.store() as store:
        store.ask_agreement(asked)
    assert service.client.agreements.all() == [asked]


# --- figures ------------------------------------------------------------------------------------------


def test_the_map_is_reckoned_anew_and_a_touchpoint_seen_from_near(client: Client) -> None:
    before = client.journeys.all()
    assert before.as_of is None and before.journeys
    assert client.jobs.wait(client.journeys.refresh()).kind == "map"
    journeys = client.journeys.all()
    assert journeys.as_of and journeys.encounters > 0
    (point, *_) = sorted(
        (one for journey in journeys.journeys for one in journey.touchpoints), key=lambda one: -one.encounters
    )
    near = client.journeys.touchpoint(point.journey, point.id)
    met = [*client.journeys.encounters(point.journey, point.id)]
    assert near.touchpoint == point and near.encounters.rows == met[: len(near.encounters.rows)]
    assert len(met) == len({(one.customer, one.key, one.begun) for one in met}) > 5
    good = islice(client.journeys.encounters(point.journey, point.id, "magical"), 3)
    assert {one.state for one in good} <= {"magical"}
    refused(lambda: client.journeys.touchpoint("none", point.id), 404)


def test_find_is_asked_and_answers_or_says_what_is_lacking(client: Client) -> None:
    question = client.finds.ask("nps", window="P30D")
    over = client.finds.wait(question.id)
    assert over.outcome == "nps" and bool(over.found) != bool(over.lacking)
    assert client.finds.one(question.id) == over
    assert [one.id for one in client.finds.all()] == [question.id]
    refused(lambda: client.finds.ask("none"), 400)
    refused(lambda: client.finds.one("none"), 404)


# --- other programs -----------------------------------------------------------------------------------


class Receiver(BaseHTTPRequestHandler):
    """Takes whatever comes."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""


def test_a_webhook_is_made_tried_rotated_and_deleted(client: Client) -> None:
    with HTTPServer(("127.0.0.1", 0), Receiver) as other:
        Thread(target=other.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{other.server_address[1]}/peakend"
        made = client.webhooks.make(url, ["card.created", "verdict.sent"], "CRM")
        assert client.webhooks.test(made.id).accepted
        other.shutdown()
    assert [(one.url, one.label) for one in client.webhooks.all()] == [(url, "CRM")]
    assert client.webhooks.rotate(made.id).secret != made.secret
    assert client.webhooks.enable(made.id).disabled == 0
    client.webhooks.delete(made.id)
    assert client.webhooks.all() == []
    refused(lambda: client.webhooks.make("http://example.com/", ["card.created"]), 400)
    refused(lambda: client.webhooks.delete(made.id), 404)


def test_a_small_key_reads_and_is_refused_what_changes(service: Service) -> None:
    reader = Client(service.address, service.new_key("read"), tries=1)
    assert reader.today() and next(reader.customers.all())
    for ask in (
        reader.keys.all,
        lambda: reader.cards.done("none"),
        lambda: reader.quarantine.replay(1),
        reader.drafts.begin,
        lambda: reader.customers.export("t-1"),
        lambda: next(reader.audit()),
    ):
        assert refused(ask, 403).word == "key_lacks_scope"


def test_the_example_of_the_page_does_what_it_says(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parent.parent / "docs" / "client.md").read_text("utf-8")
    code = page.partition("```python nouns.py\n")[2].partition("```")[0]
    exec(compile(code, "docs/client.md", "exec"), {"url": service.address, "key": service.key})
    told = capsys.readouterr().out.splitlines()
    assert any(" sent " in line or " never " in line for line in told) and "0 errors" in told
    assert told[-2] == "done True" and told[-1].startswith("404 The store knows nobody as 'nobody'")
    for noun in vars(service.client):
        assert noun.startswith("_") or f"`{noun}`" in page, noun
