"""What every store does: one class of tests for all three, and one more for those that outlive a process.

`tests/test_store.py` runs it against memory, a real SQLite file and a real PostgreSQL.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from peakend.model.event import Event
from peakend.model.log import LOG_SCHEMA
from peakend.model.outcome import (
    Breached,
    Encountered,
    Ended,
    Entered,
    Exposed,
    Merged,
    Output,
    Passed,
    Regretted,
    StandardResult,
    Verdict,
)
from peakend.model.stored import (
    Arrival,
    Delivery,
    Message,
    Planned,
    Recorded,
    Shard,
    StateRow,
    Unusable,
)
from peakend.store import Fenced, Store, StoreError
from peakend.store.rows import shard_of
from peakend.tables import connect, survey

HOUR = 3_600_000_000
NINE = 1_772_700_000_000_000
HOSTILE = (
    """'; DROP TABLE event; --""",
    'a "quoted" {"list",of} \\ backslashes\\',
    "%s ? :name $1 %%",
    "一位客户 👩‍👩‍👧 ́",
    "NULL",
    "\t line \n break \r",
)


def arrival(id_: str, customer: str = "c-1", **changed: Any) -> Arrival:
    data = changed.pop("data", '{"incident_id":"INC1","opened_at":"2026-03-05T09:00:00Z"}')
    kind = changed.pop("kind", "incident.opened")
    return Arrival("crm", id_, customer, kind, changed.pop("at", NINE), "", data, **changed)


def as_event(one: Arrival, seen: int, seq: int) -> Recorded:
    return Recorded(one.customer, one.kind, one.at, seen, seq, one.data, one.source, one.id, one.subject)


def planned(send_key: str, customer: str = "c-1", **changed: Any) -> Planned:
    fields = {
        "send_key": send_key, "customer": customer, "play": "renewal", "key": "CON1", "occurrence": 0,
        "step": "renewal-30d", "round": 0, "message": "m-1", "channel": "sms", "contact": "owner", "rank": 1,
        "since": NINE, "until": NINE + HOUR, "at_most_once": True,
    }  # fmt: skip
    return Planned(**(fields | changed))


def aside(body: str = "{}", **changed: Any) -> Unusable:
    fields = {"source": "crm", "place": "crm.csv:7", "reason_zh": "没有客户", "reason_en": "no customer"}
    return Unusable(**({"number": 0, "body": body, "at": NINE, "mended": False} | fields | changed))


def own(store: Store, customer: str = "c-1", worker: str = "w-1", now: int = NINE) -> Shard:
    """All shards for a worker; the one of a customer."""
    claimed = store.claim_shards(worker, now, HOUR, store.shards)
    return next(shard for shard in claimed if shard.number == shard_of(customer, store.shards))


def keep(store: Store, shard: Shard, **what: Sequence[Any]) -> None:
    with store.turn(shard) as turn:
        turn.keep(*(what.get(name, ()) for name in ("events", "states", "outputs", "messages")))


def plan(store: Store, *messages: Planned) -> None:
    keep(store, own(store), messages=messages)


def state_of(store: Store, send_key: str) -> tuple[Delivery, int, int]:
    """State, attempts and token of a message."""
    (found,) = [one for one in store.messages() if one.planned.send_key == send_key]
    return found.state, found.attempts, found.token


def keys(messages: Sequence[Message]) -> list[str]:
    return [one.planned.send_key for one in messages]


def everything(store: Store) -> list[Any]:
    """All that a store shows of customer c-1."""
    return [
        store.waiting(), store.states(["c-1"]), store.messages(), store.story("c-1"), store.events_of("c-1"),
        store.put_aside_rows(), [batch.to_pylist() for batch in store.recorded()],
    ]  # fmt: skip


OUTPUTS: list[Output] = [
    Entered("c-1", "renewal", "CON1", 0, NINE, NINE + 1, "contract.signed"),
    Passed("c-1", "welcome", "", NINE, NINE + 1, "contract.signed", "where_unknown"),
    Verdict("c-1", "renewal", "CON1", 0, "renewal-30d", 0, None, NINE + 2, "suppress", "no_due"),
    Verdict(
        "c-1", "renewal", "CON1", 0, "renewal-7d", 1, NINE, NINE + 3, "hold", "quiet", NINE + HOUR,
        ("sms", "email"), "owner", "m-1", 12.5, ("quiet", "cap"), 1,
    ),
    Merged("c-1", "visitor-7", NINE + 3),
    Exposed("c-1", "renewal", "CON1", 0, "usage-year", "holdout", NINE + 3),
    Breached("c-1", "incident", "INC1", "restore", NINE, NINE + 4, NINE + 4),
    Encountered(
        "c-1", "incident", "INC1", NINE, NINE + 5, NINE + 5, "miserable", False, True, None,
        (StandardResult("restore", "breached", 5, 4, True),), "phone",
    ),
    Encountered("c-1", "incident", "INC1", NINE, NINE + 5, NINE + 9, "neutral", True, False, 3.5),
    Regretted("c-1", "renewal", "CON1", 0, "renewal-7d", 1, NINE + 6, NINE + 3, NINE + 7, "crm"),
    Ended(
        "c-1", "renewal", "CON1", 0, "success", "contract.renewed", NINE + 3, NINE + 7, (("renewal-1d", 0),)
    ),
]  # fmt: skip


class StoreContract:
    """Tests of any store; a subclass gives the fixture `store`, an empty one."""

    # --- arrivals -------------------------------------------------------------------------------------

    def test_an_arrival_is_taken_once_and_another_body_under_its_id_is_told_apart(self, store: Store) -> None:
        first = arrival("e-1")
        assert store.append([first, arrival("e-2"), first, arrival("e-2", "c-2")]) == [
            "taken", "taken", "known", "other_body",
        ]  # fmt: skip
        assert store.append([arrival("e-1"), arrival("e-1", at=NINE + 1), arrival("e-3")]) == [
            "known", "other_body", "taken",
        ]  # fmt: skip
        assert store.waiting() == 3

    def test_ids_are_unique_within_their_source(self, store: Store) -> None:
        one = arrival("e-1")
        other = Arrival("erp", "e-1", "c-1", "order.made", NINE, "", "{}")
        assert store.append([one, other]) == ["taken", "taken"]

    @pytest.mark.parametrize("through_turn", [False, True])
    def test_what_has_become_an_event_is_known_for_ever(self, store: Store, through_turn: bool) -> None:
        store.append([arrival("e-1")])
        shard = own(store)
        with store.turn(shard) as turn:
            (taken,) = turn.take(10)
            turn.keep([as_event(taken, NINE, 0)], [], [], [])
        again = [arrival("e-1"), arrival("e-1", data="{}"), arrival("e-2")]
        if through_turn:
            with store.turn(shard) as turn:
                found = turn.append(again)
        else:
            found = store.append(again)
        assert found == ["known", "other_body", "taken"]
        assert store.waiting() == 1
        assert store.arrival("crm", "e-1") == arrival("e-1")
        assert store.arrival("crm", "e-2") == arrival("e-2")
        assert store.arrival("crm", "e-3") is None

    def test_the_oldest_arrivals_are_taken_first_and_leave_as_the_turn_ends(self, store: Store) -> None:
        store.append([arrival(f"e-{number}") for number in (5, 3, 4)])
        store.append([arrival("e-1")])
        with store.turn(own(store)) as turn:
            assert [one.id for one in turn.take(2)] == ["e-5", "e-3"]
            assert [one.id for one in turn.take(9)] == ["e-4", "e-1"]
            assert turn.take(9) == []
        assert store.waiting() == 0

    def test_what_was_taken_and_not_kept_is_taken_anew_when_it_comes_again(self, store: Store) -> None:
        store.append([arrival("e-1")])
        with store.turn(own(store)) as turn:
            assert turn.take(9) == [arrival("e-1")]
        assert store.append([arrival("e-1")]) == ["taken"]

    def test_a_turn_sees_only_arrivals_of_its_shard(self, store: Store) -> None:
        customers = [f"c-{number}" for number in range(200)]
        store.append([arrival(f"e-{name}", name) for name in customers])
        found: list[str] = []
        for shard in store.claim_shards("w-1", NINE, HOUR, store.shards):
            with store.turn(shard) as turn:
                taken = [one.customer for one in turn.take(999)]
            assert taken == [name for name in customers if shard_of(name, store.shards) == shard.number]
            found += taken
        assert sorted(found) == sorted(customers)

    def test_a_turn_refuses_an_arrival_of_another_shard(self, store: Store) -> None:
        shard = own(store, "c-1")
        strangers = (f"c-{n}" for n in range(99) if shard_of(f"c-{n}", store.shards) != shard.number)
        if not (stranger := next(strangers, None)):
            return  # one shard has no strangers
        with pytest.raises(StoreError, match="another shard"), store.turn(shard) as turn:
            turn.append([arrival("e-1"), arrival("e-2", stranger)])
        assert store.waiting() == 0

    @pytest.mark.parametrize(
        "bad",
        [
            arrival("e\0"),
            arrival("e-2", "c\0"),
            arrival("e-2", data='{"name":"a\0b"}'),
            arrival("e-2", data='{"name":"a\\u0000b"}'),
            arrival("e-2", data='{"name":"a\\\\\\u0000b"}'),
            arrival("e-2", "c-\ud800"),
        ],
    )
    def test_a_character_that_no_database_holds_is_refused_by_the_name_of_its_arrival(
        self, store: Store, bad: Arrival
    ) -> None:
        with pytest.raises(StoreError, match=r"the event crm e.* holds") as caught:
            store.append([arrival("e-1"), bad])
        assert caught.value.fix
        assert caught.value.what_zh
        assert caught.value.fix_zh
        assert store.waiting() == 0
        with store.turn(own(store)) as turn:
            with pytest.raises(StoreError, match="holds"):
                turn.append([arrival("e-3"), bad])
            assert turn.append([arrival("e-3")]) == ["taken"]

    def test_a_backslash_before_u0000_is_no_such_character(self, store: Store) -> None:
        assert store.append([arrival("e-1", data='{"path":"c:\\\\u0000"}')]) == ["taken"]

    @pytest.mark.parametrize("text", HOSTILE)
    def test_any_other_text_comes_back_as_it_was(self, store: Store, text: str) -> None:
        one = Arrival(text, text, text, text, NINE, text, f'{{"x":"{text}"}}')
        assert store.append([one]) == ["taken"]
        event = as_event(one, NINE, 0)
        with store.turn(own(store, text)) as turn:
            assert turn.take(1) == [one]
            row = StateRow(text, NINE, text, text.encode())
            verdict = Verdict(
                text, text, text, 0, text, 0, NINE, NINE, "send", "", contact=text, message=text
            )
            message = planned(text, text, play=text, contact=text, channel=text)
            turn.keep([event], [row], [verdict], [message])
            assert turn.due(NINE, 9) == [text]
        assert store.states([text, "nobody"]) == {text: row}
        assert store.story(text, text) == [verdict]
        assert store.messages(text)[0].planned == message
        assert store.events_of(text) == [event]
        assert store.move(
            text, store.claim_messages(text, NINE, HOUR, 1)[0].token, "handed", NINE, receipt=text
        )
        assert store.messages(states=["handed"])[0].receipt == text

    # --- turns ----------------------------------------------------------------------------------------

    def test_a_turn_reads_what_it_has_written(self, store: Store) -> None:
        with store.turn(own(store)) as turn:
            assert turn.append([arrival("e-1")]) == ["taken"]
            assert turn.append([arrival("e-1")]) == ["known"]
            assert turn.take(9) == [arrival("e-1")]
            row = StateRow("c-1", NINE, "p", b"1")
            turn.keep([as_event(arrival("e-1"), NINE, 0)], [row], [], [])
            assert turn.append([arrival("e-1")]) == ["known"]
            assert turn.states(["c-1"]) == {"c-1": row}
            assert turn.due(NINE, 9) == ["c-1"]

    def test_a_turn_that_fails_leaves_everything_as_it_was(self, store: Store) -> None:
        store.append([arrival("e-1"), arrival("e-2")])
        shard = own(store)
        with store.turn(shard) as turn:
            turn.take(1)
            turn.keep([as_event(arrival("e-1"), NINE, 0)], [StateRow("c-1", None, "p", b"")], OUTPUTS, [])
        before = everything(store)
        with pytest.raises(ZeroDivisionError), store.turn(shard) as turn:
            assert turn.append([arrival("e-3")]) == ["taken"]
            assert len(turn.take(9)) == 2
            rows = [StateRow("c-1", 5, "q", b"2"), StateRow("c-9", 5, "q", b"2")]
            turn.keep([as_event(arrival("e-2"), NINE, 1)], rows, OUTPUTS, [planned("k-1")], ticked_to=NINE)
            turn.put_aside([aside()])
            raise ZeroDivisionError
        assert everything(store) == before
        with store.turn(shard) as turn:
            assert (turn.shard.next_seq, turn.shard.ticked_to) == (1, 0)
            assert turn.append([arrival("e-3")]) == ["taken"]

    def test_an_event_is_kept_once(self, store: Store) -> None:
        shard, event = own(store), as_event(arrival("e-1"), NINE, 0)
        keep(store, shard, events=[event])
        with pytest.raises(StoreError) as caught, store.turn(shard) as turn:
            turn.keep([event._replace(seq=1)], [StateRow("c-1", None, "p", b"")], [], [])
        assert caught.value.fix
        assert store.states(["c-1"]) == {}
        assert store.events_of("c-1") == [event]

    def test_an_error_that_was_swallowed_still_undoes_the_turn(self, store: Store) -> None:
        shard, event = own(store), as_event(arrival("e-1"), NINE, 0)
        keep(store, shard, events=[event])
        before = everything(store)
        with suppress(StoreError), store.turn(shard) as turn:
            turn.keep([], [StateRow("c-1", None, "p", b"1")], [], [])
            turn.append([arrival("e-2")])
            with suppress(StoreError):
                turn.keep([event._replace(seq=1)], [], [], [])
            turn.keep([], [StateRow("c-1", None, "p", b"2")], [], [])
        assert everything(store) == before

    def test_how_far_a_shard_has_come_never_falls(self, store: Store) -> None:
        shard = own(store)
        for seen, seq, ticked_to in ((NINE, 3, NINE), (NINE - 5, 1, NINE - 9)):
            with store.turn(shard) as turn:
                turn.keep([as_event(arrival(f"e-{seq}"), seen, seq)], [], [], [], ticked_to=ticked_to)
        with store.turn(shard) as turn:
            assert turn.shard == shard._replace(last_seen=NINE, next_seq=4, ticked_to=NINE)
        (again,) = [one for one in store.claim_shards("w-1", NINE, HOUR, 99) if one.number == shard.number]
        assert again == turn.shard

    def test_several_keeps_of_one_turn_add_up(self, store: Store) -> None:
        with store.turn(own(store)) as turn:
            turn.keep([as_event(arrival("e-1"), NINE, 0)], [], OUTPUTS[:2], [])
            turn.keep([as_event(arrival("e-2"), NINE + 1, 1)], [], OUTPUTS[2:], [])
        assert store.story("c-1") == OUTPUTS
        assert [event.id for event in store.events_of("c-1")] == ["e-1", "e-2"]

    def test_within_a_turn_the_store_is_asked_nothing_else(self, store: Store) -> None:
        shard = own(store)
        asked: list[Callable[[], Any]] = [
            store.waiting, lambda: store.append([arrival("e-1")]), lambda: store.story("c-1"),
            lambda: store.claim_messages("w", NINE, HOUR, 1), lambda: store.turn(shard).__enter__(),
            lambda: store.put_aside([aside()]), lambda: store.states(["c-1"]),
        ]  # fmt: skip
        with store.turn(shard) as turn:
            for ask in asked:
                with pytest.raises(StoreError, match="while a turn is open"):
                    ask()
            turn.keep([], [StateRow("c-1", None, "p", b"")], [], [])
        assert list(store.states(["c-1"])) == ["c-1"]

    def test_a_turn_that_is_over_does_nothing(self, store: Store) -> None:
        with store.turn(own(store)) as turn:
            pass
        asked: list[Callable[[], Any]] = [
            lambda: turn.append([arrival("e-1")]), lambda: turn.take(1), lambda: turn.due(NINE, 1),
            lambda: turn.states([]), lambda: turn.keep([], [], [], []), lambda: turn.put_aside([aside()]),
        ]  # fmt: skip
        for ask in asked:
            with pytest.raises(StoreError, match="the turn is over"):
                ask()

    # --- owners ---------------------------------------------------------------------------------------

    def test_an_owner_that_was_replaced_writes_nothing(self, store: Store) -> None:
        old = own(store, worker="w-1")
        keep(store, old, states=[StateRow("c-1", None, "p", b"old")])
        new = own(store, worker="w-2", now=NINE + HOUR)
        assert new.number == old.number
        assert new.epoch > old.epoch
        with pytest.raises(Fenced, match=f"shard {old.number} has another owner") as caught:
            keep(store, old, states=[StateRow("c-1", None, "p", b"late")])
        assert caught.value.fix
        assert store.states(["c-1"])["c-1"].data == b"old"
        keep(store, new, states=[StateRow("c-1", None, "p", b"new")])
        assert store.states(["c-1"])["c-1"].data == b"new"

    def test_a_shard_is_kept_until_its_lease_is_over(self, store: Store) -> None:
        first = store.claim_shards("w-1", NINE, HOUR, store.shards)
        assert len(first) == store.shards
        assert store.claim_shards("w-2", NINE + HOUR - 1, HOUR, store.shards) == []
        assert store.claim_shards("w-1", NINE + HOUR - 1, HOUR, store.shards) == first
        assert store.claim_shards("w-2", NINE + HOUR, HOUR, store.shards) == []
        taken = store.claim_shards("w-2", NINE + 2 * HOUR - 1, HOUR, store.shards)
        assert [(one.number, one.epoch) for one in taken] == [(one.number, one.epoch + 1) for one in first]
        assert store.claim_shards("w-1", NINE + 2 * HOUR, HOUR, store.shards) == []

    def test_a_worker_takes_no_more_than_it_asks_for_and_gives_the_rest_back(self, store: Store) -> None:
        assert store.claim_shards("w-1", NINE, HOUR, 0) == []
        every = store.claim_shards("w-1", NINE, HOUR, store.shards)
        half = store.shards // 2
        assert store.claim_shards("w-1", NINE, HOUR, half) == every[:half]
        rest = store.claim_shards("w-2", NINE, HOUR, store.shards)
        assert [one.number for one in rest] == [one.number for one in every[half:]]
        with pytest.raises(Fenced), store.turn(every[-1]):
            pass

    def test_released_shards_are_free_and_fenced(self, store: Store) -> None:
        old = own(store, worker="w-1")
        store.release_shards("w-1")
        with pytest.raises(Fenced), store.turn(old):
            pass
        assert len(store.claim_shards("w-2", NINE, HOUR, store.shards)) == store.shards

    def test_the_new_owner_goes_on_where_the_old_one_stood(self, store: Store) -> None:
        old = own(store, worker="w-1")
        keep(store, old, events=[as_event(arrival("e-1"), NINE + 7, 0)])
        new = own(store, worker="w-2", now=NINE + HOUR)
        assert (new.last_seen, new.next_seq) == (NINE + 7, 1)

    # --- states ---------------------------------------------------------------------------------------

    def test_states_come_back_and_are_replaced(self, store: Store) -> None:
        rows = [StateRow("c-1", NINE, "p-1", bytes(range(256))), StateRow("c-2", None, "p-1", b"")]
        for row in rows:
            keep(store, own(store, row.customer), states=[row])
        assert store.states(["c-2", "c-1", "nobody"]) == {row.customer: row for row in rows}
        assert store.states([]) == {}
        twice = [StateRow("c-1", 1, "p-2", b"first"), StateRow("c-1", None, "p-2", b"last")]
        keep(store, own(store), states=twice)
        assert store.states(["c-1"]) == {"c-1": twice[1]}

    def test_customers_are_woken_in_the_order_of_their_instants(self, store: Store) -> None:
        shard = own(store)
        names = [f"C-{n}" for n in range(9999) if shard_of(f"C-{n}", store.shards) == shard.number][:4]
        names.append(next(f"c-{n}" for n in range(9999) if shard_of(f"c-{n}", store.shards) == shard.number))
        wakes = [NINE + 2, NINE, None, NINE + 1, NINE]
        keep(store, shard, states=[StateRow(n, wake, "p", b"") for n, wake in zip(names, wakes, strict=True)])
        with store.turn(shard) as turn:
            assert turn.due(NINE + 2, 9) == [names[1], names[4], names[3], names[0]]
            assert turn.due(NINE + 2, 3) == [names[1], names[4], names[3]]
            assert turn.due(NINE, 9) == [names[1], names[4]]
            assert turn.due(NINE - 1, 9) == []
            turn.keep([], [StateRow(names[1], None, "p", b"")], [], [])
            assert turn.due(NINE, 9) == [names[4]]

    def test_a_turn_wakes_only_customers_of_its_shard(self, store: Store) -> None:
        customers = [f"c-{number}" for number in range(50)]
        shards = store.claim_shards("w-1", NINE, HOUR, store.shards)
        for shard in shards:
            mine = [name for name in customers if shard_of(name, store.shards) == shard.number]
            keep(store, shard, states=[StateRow(name, NINE, "p", b"") for name in mine])
        found = []
        for shard in shards:
            with store.turn(shard) as turn:
                found += turn.due(NINE, 99)
        assert sorted(found) == sorted(customers)

    # --- the story and the log ------------------------------------------------------------------------

    def test_a_story_gives_back_every_output_in_its_order(self, store: Store) -> None:
        assert {type(one) for one in OUTPUTS} == set(Output.__args__)
        shard = own(store)
        keep(store, shard, outputs=OUTPUTS[:4])
        keep(store, shard, outputs=OUTPUTS[4:])
        keep(store, own(store, "c-2"), outputs=[Passed("c-2", "renewal", "", 1, 1, "x.done", "late")])
        assert store.story("c-1") == OUTPUTS
        assert [type(one) for one in store.story("c-1")] == [type(one) for one in OUTPUTS]
        assert store.story("c-1", "welcome") == [OUTPUTS[1]]
        renewal = [one for one in OUTPUTS if getattr(one, "play", "") == "renewal"]
        assert store.story("c-1", "renewal") == renewal
        assert store.story("nobody") == []

    def test_a_story_is_not_changed_by_who_wrote_it(self, store: Store) -> None:
        passed = Passed("c-1", "welcome", "", 1, 1, "x.done", "late")
        keep(store, own(store), outputs=[passed])
        passed.reason = "count"
        assert store.story("c-1") == [Passed("c-1", "welcome", "", 1, 1, "x.done", "late")]

    def test_a_key_may_be_longer_than_any_index_allows(self, store: Store) -> None:
        outputs: list[Output] = [
            Entered("c-1", "renewal", key, 0, NINE, NINE, "x.done") for key in ("k" * 9_000, "k" * 9_001)
        ]
        keep(store, own(store), outputs=outputs)
        assert store.story("c-1") == outputs

    def test_inputs_come_back_in_the_order_in_which_they_were_learnt(self, store: Store) -> None:
        data = '{"b":1.50,"a":"\\u00e9","n":12345678901234567890}'
        events = [
            as_event(arrival(f"e-{seq}", data=data, at=at), seen, seq)
            for seen, seq, at in ((NINE, 0, NINE), (NINE, 1, 5), (NINE + 1, 2, NINE - 9))
        ]
        keep(store, own(store), events=[events[2], events[0], events[1]])
        assert store.events_of("c-1") == events
        assert store.events_of("c-2") == []

    def test_the_recorded_inputs_are_a_native_log(self, store: Store, tmp_path: Path) -> None:
        arrivals = [arrival(f"e-{number}", f"c-{number % 7}") for number in range(40)]
        arrivals.append(Arrival("pr", "p-1", "", "review.written", NINE, "", '{"stars":1}'))
        arrivals.append(Arrival("ops", "o-1", "", "region.degraded", NINE, "cn-east-2", "{}"))
        for place, one in enumerate(arrivals):
            keep(store, own(store, one.customer), events=[as_event(one, NINE + place // 2, place)])
        batches = list(store.recorded())
        log = tmp_path / "log.parquet"
        with pq.ParquetWriter(log, LOG_SCHEMA) as file:
            for batch in batches:
                assert batch.schema.equals(LOG_SCHEMA, check_metadata=True)
                file.write_batch(batch)
        facts = survey(connect(), [log])
        assert (facts.events, facts.customers, facts.first, facts.last) == (42, 7, NINE, NINE + 20)
        assert facts.subject_kinds == {"region.degraded"}
        rows = [row for batch in batches for row in batch.to_pylist()]
        assert [(row["id"], row["data"]) for row in rows] == [(one.id, one.data) for one in arrivals]
        assert [row["customer"] for row in rows[-2:]] == [None, None]
        assert [row["subject"] for row in rows[-2:]] == [None, "cn-east-2"]
        assert duckdb.sql(f"SELECT count(*) FROM '{log}' WHERE data->>'incident_id' = 'INC1'").fetchall() == [
            (40,)
        ]

    def test_a_log_of_nothing_is_empty(self, store: Store) -> None:
        assert list(store.recorded()) == []

    def test_an_event_of_the_log_is_one_of_the_fold_but_for_its_typed_data(self) -> None:
        assert Recorded._fields == Event.__struct_fields__

    # --- messages -------------------------------------------------------------------------------------

    def test_messages_come_in_the_order_in_which_they_were_planned(self, store: Store) -> None:
        one, two, three = planned("k-2"), planned("k-1", "c-2"), planned("k-3", at_most_once=False)
        plan(store, one, three)
        keep(store, own(store, "c-2"), messages=[two])
        expected = Message(planned=one, state="planned", attempts=0, token=0, lease=0, receipt="", changed=0)
        assert store.messages("c-1")[0] == expected
        assert keys(store.messages()) == ["k-2", "k-3", "k-1"]
        assert keys(store.messages("c-2")) == ["k-1"]
        store.claim_messages("d-1", NINE, HOUR, 1)
        assert keys(store.messages(states=["claimed"])) == ["k-2"]
        assert keys(store.messages("c-1", ["claimed", "planned"])) == ["k-2", "k-3"]
        assert store.messages("c-2", ["claimed"]) == []

    def test_a_send_key_that_is_known_is_left_as_it_is(self, store: Store) -> None:
        plan(store, planned("k-1", channel="sms"), planned("k-1", channel="email"))
        (claimed,) = store.claim_messages("d-1", NINE, HOUR, 9)
        plan(store, planned("k-1", channel="email"), planned("k-2"))
        assert store.messages()[0] == claimed
        assert claimed.planned.channel == "sms"

    def test_the_highest_rank_is_claimed_first_then_the_earliest(self, store: Store) -> None:
        plan(
            store,
            planned("late", rank=0, since=NINE),
            planned("marketing", rank=4, since=NINE - 9),
            planned("early", rank=0, since=NINE - 5),
            planned("same", rank=0, since=NINE - 5),
            planned("future", rank=0, since=NINE + 1),
            planned("past", rank=3, since=NINE - 7, until=NINE - 6),
        )
        assert store.claim_messages("d-1", NINE, HOUR, 0) == []
        first = store.claim_messages("d-1", NINE, HOUR, 2)
        assert keys(first) == ["early", "same"]
        assert {(one.state, one.token, one.lease, one.changed) for one in first} == {
            ("claimed", 1, NINE + HOUR, NINE)
        }
        assert keys(store.claim_messages("d-2", NINE, HOUR, 9)) == ["late", "past", "marketing"]
        assert store.claim_messages("d-2", NINE, HOUR, 9) == []
        assert keys(store.claim_messages("d-2", NINE + 1, HOUR, 9)) == ["future"]

    def test_a_claim_whose_lease_is_over_is_lost_to_the_next(self, store: Store) -> None:
        plan(store, planned("k-1"))
        (old,) = store.claim_messages("d-1", NINE, HOUR, 9)
        assert store.claim_messages("d-2", NINE + HOUR - 1, HOUR, 9) == []
        (new,) = store.claim_messages("d-2", NINE + HOUR, HOUR, 9)
        assert new.token == old.token + 1
        before = store.messages()
        assert not store.move("k-1", old.token, "handed", NINE + HOUR)
        assert store.messages() == before
        assert store.move("k-1", new.token, "handed", NINE + HOUR)
        assert state_of(store, "k-1") == ("handed", 1, new.token)

    def test_what_was_handed_when_its_lease_ran_out_is_in_doubt(self, store: Store) -> None:
        plan(store, planned("once"), planned("often", at_most_once=False))
        for one in store.claim_messages("d-1", NINE, HOUR, 9):
            assert store.move(one.planned.send_key, one.token, "handed", NINE + 1)
        again = store.claim_messages("d-2", NINE + HOUR, HOUR, 9)
        assert [(one.planned.send_key, one.token, one.attempts) for one in again] == [("often", 2, 1)]
        assert state_of(store, "once") == ("unknown", 1, 1)
        assert not store.move("once", 1, "accepted", NINE + HOUR)
        assert store.decide("once", "accepted", NINE + HOUR, "the provider says so")
        assert state_of(store, "once") == ("accepted", 1, 1)

    def test_a_message_on_its_way(self, store: Store) -> None:
        plan(store, planned("k-1"))
        (one,) = store.claim_messages("d-1", NINE, HOUR, 9)
        assert store.move("k-1", one.token, "handed", NINE + 1)
        assert store.move("k-1", one.token, "planned", NINE + 2, receipt="450 busy", since=NINE + 9)
        (waiting,) = store.messages()
        assert (waiting.state, waiting.receipt, waiting.changed, waiting.planned.since) == (
            "planned", "450 busy", NINE + 2, NINE + 9,
        )  # fmt: skip
        assert not store.move("k-1", one.token, "handed", NINE + 3)
        assert store.claim_messages("d-1", NINE + 8, HOUR, 9) == []
        (one,) = store.claim_messages("d-1", NINE + 9, HOUR, 9)
        assert store.move("k-1", one.token, "handed", NINE + 10)
        assert store.messages()[0].receipt == "450 busy"
        assert store.move("k-1", one.token, "accepted", NINE + 11, receipt="250 ok")
        assert not store.move("k-1", one.token, "failed", NINE + 12)
        (done,) = store.messages()
        assert (done.state, done.attempts, done.receipt) == ("accepted", 2, "250 ok")
        assert store.decide("k-1", "delivered", NINE + 13, "")
        assert store.messages()[0].receipt == "250 ok"

    def test_nobody_decides_about_a_message_that_is_held(self, store: Store) -> None:
        plan(store, planned("k-1"))
        (one,) = store.claim_messages("d-1", NINE, HOUR, 9)
        for _ in range(2):
            before = store.messages()
            assert not store.decide("k-1", "withdrawn", NINE + 5, "by hand")
            assert store.messages() == before
            store.move("k-1", one.token, "handed", NINE + 1)
        assert not store.decide("nobody's", "withdrawn", NINE, "")
        assert not store.move("nobody's", 1, "failed", NINE)

    def test_after_downtime_what_waits_is_held_for_review(self, store: Store) -> None:
        plan(store, *(planned(f"k-{number}") for number in range(5)))
        for one in store.claim_messages("d-1", NINE, HOUR, 4):
            if one.planned.send_key in ("k-0", "k-1"):
                store.move(one.planned.send_key, one.token, "handed", NINE)
            if one.planned.send_key == "k-1":
                store.move("k-1", one.token, "accepted", NINE)
        assert store.hold_for_review(NINE + 1) == 3
        assert [one.state for one in store.messages()] == [
            "handed", "accepted", "review", "review", "review",
        ]  # fmt: skip
        assert not store.move("k-2", 1, "handed", NINE + 2)
        assert store.claim_messages("d-1", NINE + 3, HOUR, 9) == []
        assert store.decide("k-2", "planned", NINE + 4, "released by hand")
        (one,) = store.claim_messages("d-1", NINE + 5, HOUR, 9)
        assert (one.planned.send_key, one.token, one.receipt) == ("k-2", 2, "released by hand")

    def test_threads_never_claim_the_same_message(self, store: Store) -> None:
        plan(store, *(planned(f"k-{number}", rank=number % 3) for number in range(200)))
        _check_shared_out([store] * 4)

    # --- quarantine -----------------------------------------------------------------------------------

    def test_what_was_put_aside_is_numbered_shown_and_mended(self, store: Store) -> None:
        store.put_aside([aside("one", number=77), aside("two")])
        store.put_aside([])
        with store.turn(own(store)) as turn:
            turn.put_aside([aside("three")])
            turn.put_aside([])
        expected = [aside(body, number=number) for number, body in enumerate(("one", "two", "three"), 1)]
        assert store.put_aside_rows() == expected
        store.mend(2)
        assert store.put_aside_rows() == [expected[0], expected[2]]
        assert store.put_aside_rows(mended=True) == [aside("two", number=2, mended=True)]
        with pytest.raises(StoreError, match="no row 9 was put aside"):
            store.mend(9)

    def test_nothing_about_a_bad_row_can_fail(self, store: Store) -> None:
        store.put_aside([aside("a\0b\ud800c", place="x\0")])
        assert [(row.body, row.place) for row in store.put_aside_rows()] == [("a␀b�c", "x␀")]

    def test_a_receipt_may_hold_anything(self, store: Store) -> None:
        plan(store, planned("k-1"))
        (one,) = store.claim_messages("d-1", NINE, HOUR, 9)
        assert store.move("k-1", one.token, "failed", NINE, receipt="550 \0\ud800")
        assert store.decide("k-1", "planned", NINE, "\0")
        assert store.messages()[0].receipt == "␀"


class DurableContract(StoreContract):
    """Tests of a store that outlives its process; a subclass gives the fixtures `url` and `again`.

    `again()` opens the same store once more.
    """

    def test_a_store_that_is_opened_again_has_everything(
        self, store: Store, again: Callable[[], Store]
    ) -> None:
        store.append([arrival("e-1"), arrival("e-2")])
        with store.turn(own(store)) as turn:
            taken = turn.take(1)
            turn.keep(
                [as_event(taken[0], NINE, 0)], [StateRow("c-1", 5, "p", b"x")], OUTPUTS, [planned("k-1")]
            )
            turn.put_aside([aside()])
        store.claim_messages("d-1", NINE, HOUR, 1)
        before, shards = everything(store), store.claim_shards("w-1", NINE, HOUR, 99)
        store.close()
        with pytest.raises(StoreError, match="the store is closed"):
            store.waiting()
        reopened = again()
        assert everything(reopened) == before
        assert reopened.claim_shards("w-1", NINE, HOUR, 99) == shards
        assert reopened.append([arrival("e-1"), arrival("e-2"), arrival("e-3")]) == [
            "known",
            "known",
            "taken",
        ]

    def test_a_process_that_is_killed_within_a_turn_leaves_nothing_half(
        self, store: Store, url: str, again: Callable[[], Store]
    ) -> None:
        store.append([arrival("e-1"), arrival("e-2")])
        shard = own(store)
        before = everything(store)
        store.close()
        with _process(_WRITES_A_TURN, url, str(shard.number), str(shard.epoch)) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"written\n"
            child.send_signal(signal.SIGKILL)
            assert child.wait() == -signal.SIGKILL
        reopened = again()
        assert everything(reopened) == before
        with reopened.turn(own(reopened, worker="w-2", now=NINE + HOUR)) as turn:
            assert [one.id for one in turn.take(9)] == ["e-1", "e-2"]
            assert (turn.shard.next_seq, turn.shard.last_seen) == (0, 0)

    def test_stores_of_their_own_never_claim_the_same_message(
        self, store: Store, again: Callable[[], Store]
    ) -> None:
        plan(store, *(planned(f"k-{number}", rank=number % 3) for number in range(200)))
        _check_shared_out([store, again(), again()])

    def test_processes_never_claim_the_same_message(self, store: Store, url: str) -> None:
        plan(store, *(planned(f"k-{number}") for number in range(200)))
        with _process(_CLAIMS, url) as one, _process(_CLAIMS, url) as two:
            lines = [child.communicate(b"go\n")[0].decode().split() for child in (one, two)]
        assert sorted([*lines[0], *lines[1]]) == sorted(f"k-{number}" for number in range(200))

    def test_doors_that_bring_the_same_arrivals_at_once_bring_each_once(
        self, store: Store, again: Callable[[], Store]
    ) -> None:
        doors, owner = [again() for _ in range(3)], own(store)
        batches = [
            [arrival(f"e-{number}") for number in range(start, start + 20)] for start in range(0, 200, 5)
        ]
        folded: list[str] = []

        def bring(door: Store, order: int) -> list[str]:
            return [
                one.id
                for batch in batches[::order]
                for one, fate in zip(batch[::order], door.append(batch[::order]), strict=True)
                if fate == "taken"
            ]

        with ThreadPoolExecutor(3) as pool:
            running = [pool.submit(bring, *args) for args in zip(doors, (1, -1, 1), strict=True)]
            while store.waiting() or not all(one.done() for one in running):
                with store.turn(owner) as turn:
                    taken = turn.take(7)
                    start = turn.shard.next_seq
                    turn.keep([as_event(one, NINE, seq) for seq, one in enumerate(taken, start)], [], [], [])
                folded += [one.id for one in taken]
        brought = [id_ for one in running for id_ in one.result()]
        assert sorted(brought) == sorted(folded) == sorted({one.id for batch in batches for one in batch})

    def test_two_workers_fold_every_customer_once_though_their_shards_change_hands(
        self, store: Store, again: Callable[[], Store]
    ) -> None:
        count = 300
        store.append([arrival(f"e-{number}", f"c-{number % 40}") for number in range(count)])

        def work(worker: str, mine: Store) -> int:
            fenced, now = 0, NINE
            for _ in range(4000):
                now += HOUR // 2  # so short a lease that the other takes over again and again
                for shard in mine.claim_shards(worker, now, HOUR // 3, mine.shards):
                    try:
                        with mine.turn(shard) as turn:
                            start = turn.shard.next_seq
                            events = [as_event(one, NINE, seq) for seq, one in enumerate(turn.take(3), start)]
                            turn.keep(events, [], [], [])
                    except Fenced:
                        fenced += 1
                if not mine.waiting():
                    break
            return fenced

        stores = [again(), again()]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, ["w-1", "w-2"], stores))
        events = [event for number in range(40) for event in store.events_of(f"c-{number}")]
        assert sorted(event.id for event in events) == sorted(f"e-{number}" for number in range(count))
        for number in range(store.shards):
            seqs = [event.seq for event in events if shard_of(event.customer, store.shards) == number]
            assert sorted(seqs) == list(range(len(seqs)))

    def test_the_log_shows_one_instant_however_long_it_is_read(self, store: Store) -> None:
        shard = own(store)
        for start in range(0, 12_000, 6_000):
            arrivals = [arrival(f"e-{number}") for number in range(start, start + 6_000)]
            events = [as_event(one, NINE + seq, seq) for seq, one in enumerate(arrivals, start)]
            keep(store, shard, events=events)
        batches = store.recorded()
        read = next(batches).num_rows
        keep(store, shard, events=[as_event(arrival("late"), NINE + 99_999, 12_000)])
        assert 0 < read < 12_000
        assert read + sum(batch.num_rows for batch in batches) == 12_000
        assert sum(batch.num_rows for batch in store.recorded()) == 12_001


def _check_shared_out(stores: Sequence[Store]) -> None:
    """200 planned messages, claimed by several threads at once: each message by one of them."""

    def claim(number_and_store: tuple[int, Store]) -> list[str]:
        number, store = number_and_store
        found: list[str] = []
        while claimed := store.claim_messages(f"d-{number}", NINE, HOUR, 7):
            found += keys(claimed)
        return found

    with ThreadPoolExecutor(len(stores)) as pool:
        claimed = [key for found in pool.map(claim, enumerate(stores)) for key in found]
    assert len(claimed) == 200
    assert len(set(claimed)) == 200


def _process(program: str, *arguments: str) -> subprocess.Popen[bytes]:
    here = str(Path(__file__).parent)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([here, *sys.path])}
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment,
    )  # fmt: skip


_WRITES_A_TURN = """
import sys
from store_contract import *
from peakend.store import open_store
url, number, epoch = sys.argv[1:]
with open_store(url).turn(Shard(int(number), int(epoch), 0, 0, 0)) as turn:
    turn.append([arrival("e-3")])
    events = [as_event(one, NINE, seq) for seq, one in enumerate(turn.take(9))]
    turn.keep(events, [StateRow("c-1", 5, "p", b"x")], OUTPUTS, [planned("k-1")], ticked_to=NINE)
    turn.put_aside([aside()])
    print("written", flush=True)
    sys.stdin.read()
"""

_CLAIMS = """
import sys
from peakend.store import open_store
store = open_store(sys.argv[1])
sys.stdin.readline()
while claimed := store.claim_messages("d", 1_772_700_000_000_000, 3_600_000_000, 3):
    print(*(one.planned.send_key for one in claimed), flush=True)
"""
