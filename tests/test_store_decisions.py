"""Decisions of people in the three stores: publications, switches, signers, inputs that concern everybody."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from store_contract import HOUR, NINE, OUTPUTS, arrival, as_event, aside, keep, own, plan, planned

from peakend.model.publication import Paused, Publication, Signer, Switch
from peakend.store import Fenced, MemoryStore, Store, StoreError, open_store


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres"))
    return str(tmp_path / "peakend.db") if request.param == "sqlite" else ""


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with closing(open_store(url) if url else MemoryStore(shards=64)) as found:
        yield found


def publication(hash_: str = "h1", **files: bytes) -> Publication:
    named = {"pack.yaml": b"pack: p\n", **{f"plays/{name}.yaml": content for name, content in files.items()}}
    return Publication(
        hash=hash_, pack="p", who="li", seen=0, backtest="b-1", approved='{"a":1}', files=named
    )


def off(play: str = "", channel: str = "", *, stopped: bool = False) -> Switch:
    return Switch(play=play, channel=channel, stopped=stopped, since=NINE, who="li")


def test_what_concerns_everybody_is_seen_after_all_and_known_to_every_later_turn(store: Store) -> None:
    shard = own(store)
    keep(store, shard, events=[as_event(arrival("e-1"), NINE + 50, 0)])
    with store.turn(shard) as turn:
        turn.keep([], [], [], [], ticked_to=NINE + 70)
    made = store.announce("play.paused", {"play": "renewal"}, NINE)
    assert (made.at, made.seen, made.customer) == (NINE, NINE + 71, "")
    for each in store.claim_shards("w-1", NINE, HOUR, store.shards):
        with store.turn(each) as turn:
            assert turn.shard.last_seen == NINE + 71
            assert turn.announced() == [made]
    second = store.announce("play.resumed", {}, NINE)
    with store.turn(own(store)) as turn:
        assert turn.announced(made.seen) == [second] and turn.announced(second.seen) == []
    assert second.seen == NINE + 72 and store.announced() == [made, second]
    assert store.events_of("") == [made, second]
    (batch,) = store.recorded()
    assert batch.column("kind").to_pylist() == ["incident.opened", "play.paused", "play.resumed"]


def test_a_turn_that_runs_ends_before_what_concerns_everybody_is_written(url: str, store: Store) -> None:
    if not url:
        pytest.skip("the store in memory has one lock for all threads, which its own tests hold")
    shard, done = own(store), []
    with closing(open_store(url)) as other:
        with store.turn(shard) as turn:
            work = threading.Thread(target=lambda: done.append(other.announce("play.paused", {}, NINE)))
            work.start()
            work.join(0.3)
            assert not done
            turn.keep([as_event(arrival("e-1"), NINE + 9, 0)], [], [], [])
        work.join(30)
        assert done[0].seen == NINE + 10


def test_what_concerns_everybody_fences_nobody(store: Store) -> None:
    shard = own(store)
    store.announce("play.paused", {}, NINE)
    keep(store, shard, events=[as_event(arrival("e-1"), NINE + 9, 0)])
    other = own(store, worker="w-2", now=NINE + HOUR + 1)
    with pytest.raises(Fenced):
        keep(store, shard)
    keep(store, other)


def test_a_publication_comes_back_with_every_file_and_its_place_in_the_log(store: Store) -> None:
    first = store.publish(publication("h1", a=b"\x00\xff", b="您好".encode()), NINE)
    second = store.publish(publication("h2"), NINE)
    again = store.publish(publication("h1"), NINE + 9)
    assert [one.seen for one in (first, second, again)] == [NINE, NINE + 1, NINE + 9]
    assert store.publications() == [first, second, again]
    assert store.publications("h1") == [first, again]
    assert store.publications("h3") == []
    assert first.files["plays/a.yaml"] == b"\x00\xff"
    assert [one.data for one in store.announced()] == ['{"hash":"h1"}', '{"hash":"h2"}', '{"hash":"h1"}']


def test_sends_are_held_back_by_play_by_channel_or_altogether(store: Store) -> None:
    assert store.paused() == Paused(False, frozenset(), frozenset())
    assert store.hold_sends(off("renewal")) and store.hold_sends(off(channel="sms"))
    assert not store.hold_sends(off("renewal"))
    found = store.paused()
    assert found.bars("renewal", "email") and found.bars("welcome", "sms")
    assert not found.bars("welcome", "email")
    assert store.hold_sends(off()) and store.paused().bars("welcome", "email")
    assert store.free_sends("", "") and not store.free_sends("", "")
    assert store.free_sends("renewal", "")
    assert store.switches() == [off(channel="sms")]


def test_a_stop_takes_the_place_of_a_pause_and_no_resume_ends_it(store: Store) -> None:
    store.publish(publication("h1", renewal=b"1"), NINE)
    store.hold_sends(off("renewal"))
    assert store.hold_sends(off("renewal", stopped=True))
    assert not store.hold_sends(off("renewal", stopped=True)) and not store.hold_sends(off("renewal"))
    assert not store.free_sends("renewal", "")
    assert [one.kind for one in store.announced()] == ["pack.published", "play.stopped"]
    store.publish(publication("h2", renewal=b"1", other=b"2"), NINE)
    assert store.paused().plays == {"renewal"}
    store.publish(publication("h3", renewal=b"3"), NINE)
    assert store.paused().plays == frozenset()


def test_a_name_and_a_key_are_known_once(store: Store) -> None:
    li = Signer(name="li", public="ab", since=NINE)
    store.trust(li)
    for twice in (Signer(name="li", public="cd", since=NINE), Signer(name="wang", public="ab", since=NINE)):
        with pytest.raises(StoreError, match="known already") as caught:
            store.trust(twice)
        assert "已经登记" in caught.value.what_zh
    assert store.signers() == [li]


def test_open_runs_and_messages_are_counted(store: Store) -> None:
    keep(store, own(store), outputs=OUTPUTS[:1])
    assert store.open_runs() == {"renewal": 1}
    keep(store, own(store), outputs=OUTPUTS[1:])
    assert store.open_runs() == {}
    plan(store, planned("k-1"), planned("k-2"))
    store.hold_for_review(NINE)
    plan(store, planned("k-3"))
    assert store.message_counts() == {"planned": 1, "review": 2}


def test_why_a_row_is_aside_can_be_said_anew_and_an_event_is_found_by_its_name(store: Store) -> None:
    store.put_aside([aside()])
    (row,) = store.put_aside_rows()
    store.still_aside(row.number, "还是不行", "still not")
    (row,) = store.put_aside_rows()
    assert (row.reason_zh, row.reason_en) == ("还是不行", "still not")
    with pytest.raises(StoreError, match="no row 77"):
        store.still_aside(77, "", "")
    keep(store, own(store), events=[as_event(arrival("e-1"), NINE, 0)])
    assert store.event("crm", "e-1") == as_event(arrival("e-1"), NINE, 0)
    assert store.event("crm", "e-2") is None
