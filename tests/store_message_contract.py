"""What every store does about messages on their way beside the contract of `store_contract.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace
from store_contract import HOUR, NINE, arrival, as_event, aside, keep, keys, own, plan, planned, state_of

from peakend.model.looked import AskedCards
from peakend.model.outcome import Ended, Entered
from peakend.model.stored import Note, NoteAct, StateRow, Told
from peakend.store import Store, StoreError
from peakend.store.rows import shard_of


def note(send_key: str, **changed: Any) -> Note:
    fields = {
        "send_key": send_key, "kind": "card", "customer": "c-1", "who": "duty-manager", "play": "p1",
        "message": "m-1", "subject": "一小时后超时", "body": "## 预判语句\n客户在等", "severity": "warning",
        "link": "", "at": NINE, "until": NINE + HOUR,
    }  # fmt: skip
    return Note(**(fields | changed))


def act(send_key: str, what: Any, **changed: Any) -> NoteAct:
    return NoteAct(**({"send_key": send_key, "what": what, "at": NINE, "who": "u-7"} | changed))


def told(message: str, part: str, instant: int, body: bytes) -> Told:
    return Told(message, part, "c-1", instant, body)


def say(store: Store, *contents: Told) -> None:
    with store.turn(own(store)) as turn:
        turn.keep((), (), (), (), contents)


class MessageContract:
    """Tests of the whole contract; a subclass gives the fixture `store`."""

    def test_only_the_channels_that_are_named_are_claimed(self, store: Store) -> None:
        plan(store, planned("a", channel="sms"), planned("b", channel="email"), planned("c", channel="wecom"))
        assert store.waiting_channels(NINE) == ["email", "sms", "wecom"]
        assert store.waiting_channels(NINE - 1) == []
        assert store.claim_messages("d-1", NINE, HOUR, 9, channels=[]) == []
        claimed = store.claim_messages("d-1", NINE, HOUR, 9, channels=["wecom", "sms", "fax"])
        assert sorted(keys(claimed)) == ["a", "c"]
        assert store.waiting_channels(NINE) == ["email"]

    def test_a_play_that_is_spared_waits_and_nothing_of_it_is_lost(self, store: Store) -> None:
        plan(store, planned("a", play="renewal"), planned("b", play="welcome"))
        assert keys(store.claim_messages("d-1", NINE, HOUR, 9, spared=["renewal", "x"])) == ["b"]
        assert keys(store.claim_messages("d-1", NINE, HOUR, 9)) == ["a"]

    def test_a_limit_holds_over_ranks_and_channels(self, store: Store) -> None:
        plan(
            store,
            *(
                planned(f"{channel}-{rank}", channel=channel, rank=rank)
                for channel in "xy"
                for rank in (0, 3)
            ),
        )
        assert sorted(keys(store.claim_messages("d-1", NINE, HOUR, 3))) == ["x-0", "x-3", "y-0"]
        assert keys(store.claim_messages("d-1", NINE, HOUR, 3)) == ["y-3"]

    @pytest.mark.parametrize("by_person", [False, True])
    def test_what_follows_from_a_failure_is_written_with_it(self, store: Store, by_person: bool) -> None:
        plan(store, planned("k-1"))
        follows: dict[str, Sequence[Any]] = {
            "then": [planned("k-2", channel="email")],
            "tell": [arrival("f-1")],
        }
        (one,) = store.claim_messages("d-1", NINE, HOUR, 9)
        if by_person:
            assert not store.decide("k-1", "failed", NINE, "", **follows), "somebody holds it"
            assert store.move("k-1", one.token, "accepted", NINE)
            assert store.decide("k-1", "failed", NINE, "bounced", **follows)
        else:
            assert not store.move("k-1", one.token + 1, "failed", NINE, **follows), "another's token"
            assert (keys(store.messages()), store.waiting()) == (["k-1"], 0)
            assert store.move("k-1", one.token, "failed", NINE, **follows)
        assert keys(store.deliveries_of("m-1")) == ["k-1", "k-2"]
        assert state_of(store, "k-2") == ("planned", 0, 0)
        assert store.waiting() == 1

    def test_what_no_database_holds_undoes_the_whole_move(self, store: Store) -> None:
        plan(store, planned("k-1"))
        (one,) = store.claim_messages("d-1", NINE, HOUR, 9)
        with pytest.raises(StoreError):
            store.move("k-1", one.token, "failed", NINE, tell=[arrival("f\0")])
        assert state_of(store, "k-1")[0] == "claimed"

    def test_a_delivery_is_found_by_its_key(self, store: Store) -> None:
        plan(store, planned("k-1"))
        found = store.delivery("k-1")
        assert found is not None
        assert found.planned == planned("k-1")
        assert store.delivery("k-2") is None

    def test_deliveries_are_found_by_the_beginning_of_their_key(self, store: Store) -> None:
        plan(store, planned("ab1"), planned("ab2"), planned("b"))
        assert keys(store.deliveries_like("ab")) == ["ab1", "ab2"]
        assert keys(store.deliveries_like("ab2")) == ["ab2"]
        assert store.deliveries_like("c") == []

    def test_what_a_message_says_is_kept_once_for_each_send_in_it(self, store: Store) -> None:
        say(store, told("m-1", "b", NINE + 1, b"second"), told("m-1", "a", NINE, b"first"))
        say(store, told("m-1", "a", NINE, b"again"), told("m-2", "a", NINE, b"another"))
        assert store.contents("m-1") == [b"first", b"second"]
        assert store.contents("m-3") == []

    def test_how_a_run_ended(self, store: Store) -> None:
        long = "k" * 5000
        keep(
            store,
            own(store),
            outputs=[
                Entered("c-1", "renewal", long, 0, NINE, NINE, "contract.signed"),
                Entered("c-1", "renewal", long, 1, NINE, NINE, "contract.signed"),
                Ended("c-1", "renewal", long, 0, "success", "contract.renewed", NINE, NINE),
            ],
        )
        assert store.how_ended("c-1", "renewal", long, 0) == "success"
        assert store.how_ended("c-1", "renewal", long, 1) is None
        assert store.how_ended("c-1", "welcome", long, 0) is None

    def test_a_note_is_laid_down_fetched_and_acknowledged(self, store: Store) -> None:
        store.put_note(note("n-1"))
        store.put_note(note("n-2", kind="console", who="", customer="c-2"))
        assert store.notes() == [note("n-1"), note("n-2", kind="console", who="", customer="c-2")]
        assert [one.send_key for one in store.notes(kind="card", who="duty-manager")] == ["n-1"]
        assert [one.send_key for one in store.notes(customer="c-2", states=["new", "fetched"])] == ["n-2"]
        assert store.act_on_note(act("n-1", "acknowledged", at=NINE + 5))
        assert not store.act_on_note(act("n-1", "acknowledged", at=NINE + 6, who="u-8")), "it was so already"
        assert not store.act_on_note(act("n-1", "fetched")), "it was read already"
        assert not store.act_on_note(act("n-9", "fetched"))
        (done,) = store.notes(states=["acknowledged"])
        assert done == replace(note("n-1"), state="acknowledged", changed=NINE + 5, changed_by="u-7")
        assert store.note("n-1") == done
        assert store.note("n-9") is None

    def test_a_card_is_put_off_handed_over_and_done_and_all_of_it_is_kept(self, store: Store) -> None:
        store.put_note(note("n-1"))
        acts = [
            act("n-1", "fetched"),
            act("n-1", "noted", text="客户\0在开会"),
            act("n-1", "snoozed", until=NINE + HOUR, text="later"),
            act("n-1", "handed", role="account-manager", assignee="u-9", who="u-8"),
            act("n-1", "fetched", who="u-9"),
            act("n-1", "handed", assignee="u-3"),
            act("n-1", "done", text="called", at=NINE + 9, who="u-3"),
            act("n-1", "noted", text="afterwards"),
        ]
        states = []
        for one in acts:
            assert store.act_on_note(one)
            now = store.note("n-1")
            assert now is not None
            states.append((now.state, now.who, now.assignee))
        assert states == [
            ("fetched", "duty-manager", ""), ("fetched", "duty-manager", ""),
            ("snoozed", "duty-manager", ""), ("handed", "account-manager", "u-9"),
            ("fetched", "account-manager", "u-9"), ("handed", "account-manager", "u-3"),
            ("done", "account-manager", "u-3"), ("done", "account-manager", "u-3"),
        ]  # fmt: skip
        assert store.note_acts("n-1") == [acts[0], replace(acts[1], text="客户␀在开会"), *acts[2:]]
        now = store.note("n-1")
        assert now is not None
        assert (now.snoozed, now.result, now.changed, now.changed_by) == (
            NINE + HOUR, "called", NINE + 9, "u-3",
        )  # fmt: skip
        for what in ("fetched", "acknowledged", "snoozed", "handed", "done"):
            assert not store.act_on_note(act("n-1", what), [arrival("e-9")])
        assert store.waiting() == 0
        assert len(store.note_acts("n-1")) == len(acts)

    def test_a_card_and_what_the_log_hears_of_it_are_one_step(self, store: Store) -> None:
        store.put_note(note("n-1"))
        with pytest.raises(StoreError):
            store.act_on_note(act("n-1", "done"), [arrival("f\0")])
        assert store.notes(states=["new"])
        assert store.act_on_note(act("n-1", "done"), [arrival("e-1")])
        assert not store.act_on_note(act("n-1", "done", who="u-8"), [arrival("e-2")]), "two tabs"
        assert store.waiting() == 1

    def test_a_card_that_is_put_off_waits_for_its_time(self, store: Store) -> None:
        for key in ("n-1", "n-2", "n-3"):
            store.put_note(note(key))
        store.act_on_note(act("n-1", "snoozed", until=NINE + 5))
        store.act_on_note(act("n-2", "done"))
        for now, wanted in ((NINE + 4, ["n-3"]), (NINE + 5, ["n-1", "n-3"])):
            rows = store.list_cards(AskedCards(waiting_at=now)).rows
            assert [one.send_key for one in rows] == wanted
            assert [one.waiting for one in store.card_counts(now)] == [len(wanted)]
        asked = AskedCards(states=("done", "snoozed"))
        assert [one.send_key for one in store.list_cards(asked).rows] == ["n-2", "n-1"]

    def test_news_tell_of_acts_and_an_erasure_forgets_them(self, store: Store) -> None:
        store.put_note(note("n-1"))
        before = store.news().after
        store.act_on_note(act("n-1", "noted", text="x"))
        assert store.news(before).notes
        assert [row["text"] for row in store.export("c-1")["note_act"]] == ["x"]
        store.erase("c-1", NINE, "salt")
        assert store.note_acts("n-1") == []

    def test_a_note_that_is_laid_down_again_keeps_what_its_reader_made_of_it(self, store: Store) -> None:
        store.put_note(note("n-1"))
        store.act_on_note(act("n-1", "fetched", at=NINE + 1))
        store.put_note(note("n-1", subject="new words\0", at=NINE + 9))
        (one,) = store.notes()
        assert (one.subject, one.state, one.changed_by, one.at) == ("new words␀", "fetched", "u-7", NINE)

    def test_every_start_of_a_worker_has_its_epoch(self, store: Store) -> None:
        assert store.starts() == {}
        assert [store.start("w-1"), store.start("w-1"), store.start("w-2")] == [1, 2, 1]
        assert store.starts() == {"w-1": 2, "w-2": 1}

    def test_an_owner_is_seen_while_its_lease_runs(self, store: Store) -> None:
        assert store.owners(NINE) == set()
        own(store)
        assert store.owners(NINE + HOUR - 1) == {"w-1"}
        assert store.owners(NINE + HOUR) == set()
        store.release_shards("w-1")
        assert store.owners(NINE) == set()

    def test_a_shard_is_busy_with_what_waits_in_it(self, store: Store) -> None:
        assert store.busy(NINE) == set()
        number = own(store).number
        keep(store, own(store), states=[StateRow("c-1", NINE, "p", b"")])
        assert store.busy(NINE - 1) == set()
        assert store.busy(NINE) == {number}
        store.append([arrival("e-1", "c-2")])
        assert store.busy(NINE - 1) == {shard_of("c-2", store.shards)}

    def test_what_is_overdue_is_counted(self, store: Store) -> None:
        keep(
            store,
            own(store),
            states=[
                StateRow("c-1", NINE, "p", b""),
                StateRow("c-1b", NINE + 9, "p", b""),
                StateRow("c-1c", None, "p", b""),
            ],
            messages=[planned("k-1", since=NINE), planned("k-2", since=NINE + 9)],
        )
        assert store.overdue(NINE - 1) == 0
        assert store.overdue(NINE) == 2
        assert store.overdue(NINE + 9) == 4

    def test_what_was_put_aside_of_a_customer_is_found_by_its_event(self, store: Store) -> None:
        shard = own(store)
        store.append([arrival("e-1"), arrival("e-2")])
        with store.turn(shard) as turn:
            events = [as_event(one, NINE, place) for place, one in enumerate(turn.take(9))]
            turn.keep(events, (), (), ())
            turn.put_aside([aside(place="e-2"), aside(place="e-9"), aside(source="other", place="e-1")])
        assert [row.place for row in store.put_aside_of("c-1")] == ["e-2"]
        assert store.put_aside_of("c-2") == []
        for row in store.put_aside_rows():
            assert store.put_aside_row(row.number) == row
            store.mend(row.number)
            assert store.put_aside_row(row.number) == replace(row, mended=True)
        assert store.put_aside_row(10**15) is None
