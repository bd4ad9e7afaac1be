"""What every store answers to pages: lists in pages, counts, and what is new.

Each list is asked page by page and must be, whole, what a plain look at all rows gives; the counts are held
against a recount of what went in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

import pytest
from store_contract import HOUR, NINE, aside, keys, own, plan, planned
from store_message_contract import note

from peakend.model.looked import (
    FAR,
    MOST,
    Affected,
    AskedAside,
    AskedCards,
    AskedCustomers,
    AskedEncounters,
    AskedEvents,
    AskedMessages,
    AskedRuns,
    AskedVerdicts,
    CardCount,
    Clock,
    CustomerLine,
    Page,
    Reach,
)
from peakend.model.outcome import Breached, Encountered, Ended, Entered, Exposed, Merged, Output, Verdict
from peakend.model.stored import Alias, Recorded, Relation, StateRow
from peakend.store import Store, StoreError
from peakend.store.rows import shard_of

T = TypeVar("T")
PEOPLE = ("c-1", "c-2", "客户甲", "c-3")


def whole(ask: Callable[[str, int], Page[T]], limit: int = 3) -> list[T]:
    """All rows of a list, page by page; no page is larger than asked, and only the last one is smaller."""
    found: list[T] = []
    after = ""
    while True:
        rows, after = ask(after, limit)
        found += rows
        assert len(rows) == limit or not after
        if not after:
            return found


def told(customer: str, kind: str, data: str, seen: int, seq: int) -> Recorded:
    return Recorded(customer, kind, seen, seen, seq, data, "crm", f"{customer}/{kind}/{seen}/{seq}", "")


def give(store: Store, **what: Sequence[Any]) -> None:
    """Write events and outputs, each in the turn of its customer's shard; worker w-1 owns all."""
    pack = what.pop("pack", "h-1")
    by_shard: dict[int, dict[str, list[Any]]] = {}
    for name, rows in what.items():
        for one in rows:
            of = by_shard.setdefault(shard_of(one.customer, store.shards), {})
            of.setdefault(name, []).append(one)
    shards = {one.number: one for one in store.claim_shards("w-1", NINE, HOUR, store.shards)}
    for number, rows in by_shard.items():
        with store.turn(shards[number]) as turn:
            names = ("events", "states", "outputs", "messages")
            turn.keep(*(rows.get(name, ()) for name in names), pack=str(pack))


def busy_service(store: Store, size: int = 40) -> list[Output]:
    """Random conclusions about a few customers; what went in, by customer in its order."""
    chance = Random(7)
    outputs: list[Output] = []
    for place in range(size):
        who, at = chance.choice(PEOPLE), NINE + place // 3 * HOUR
        play, reason = chance.choice(("renewal", "welcome")), chance.choice(("quiet", "cap"))
        outcome = chance.choice(("send", "hold", "suppress"))
        state = chance.choice(("magical", "neutral", "miserable"))
        point = chance.choice(("incident", "renewal"))
        outputs += [
            Verdict(who, play, "K", place, "s", 0, at, at, outcome, "" if outcome == "send" else reason),
            Encountered(who, point, str(place), at, at, at, state, chance.random() < 0.5, False, None),
            Entered(who, play, f"K{place}", 0, at, at, "contract.signed"),
        ]
        if place % 3 == 0:
            outputs.append(Breached(who, point, str(place), "restore", at, at, at))
        if place % 2:
            outputs.append(Ended(who, play, f"K{place}", 0, "success", "contract.renewed", at, at))
    give(store, outputs=outputs)
    return outputs


class LookingContract:
    """Tests of any store; a subclass gives the fixture `store`, an empty one."""

    def test_events_come_newest_first_in_pages(self, store: Store) -> None:
        chance = Random(3)
        events = [
            told(chance.choice(PEOPLE), f"k.k{chance.randrange(3)}", "{}", NINE + n // 4, n)
            for n in range(30)
        ]
        give(store, events=events)
        newest = events[::-1]
        assert whole(lambda after, limit: store.list_events(AskedEvents(), after, limit)) == newest
        for who in PEOPLE:
            asked = AskedEvents(customer=who, kind="k.k1", since=NINE + 1, until=NINE + 6)
            assert whole(lambda after, limit, asked=asked: store.list_events(asked, after, limit)) == [
                one
                for one in newest
                if one.customer == who and one.kind == "k.k1" and NINE + 1 <= one.seen < NINE + 6
            ]
        assert store.list_events(AskedEvents(customer="nobody")) == ([], "")
        assert store.list_events(AskedEvents(source="crm", kind="k.k9")) == ([], "")

    def test_what_comes_in_between_two_pages_moves_no_row(self, store: Store) -> None:
        events = [told("c-1", "k.k", "{}", NINE + n, n) for n in range(6)]
        give(store, events=events)
        first = store.list_events(AskedEvents(), "", 3)
        give(store, events=[told("c-1", "k.k", "{}", NINE + 9, 9)])
        assert store.list_events(AskedEvents(), first.after, 3) == (events[2::-1], "")

    def test_a_page_after_a_later_one_keeps_within_its_span(self, store: Store) -> None:
        events = [told("c-1", "k.k", "{}", NINE + n, n) for n in range(9)]
        give(store, events=events)
        after = store.list_events(AskedEvents(), "", 2).after
        asked = AskedEvents(since=NINE + 2, until=NINE + 4)
        assert store.list_events(asked, after) == (events[3:1:-1], "")
        assert whole(lambda after, limit: store.list_events(asked, after, limit), 1) == events[3:1:-1]

    @pytest.mark.parametrize("after", ["x", "!", "kw", "客", "gaN4", "k5H" * 9, "A" * 4000])
    def test_a_page_that_is_none_is_refused(self, store: Store, after: str) -> None:
        give(store, events=[told("c-1", "k.k", "{}", NINE, 0)])
        with pytest.raises(StoreError) as caught:
            store.list_events(AskedEvents(), after)
        assert "after" in caught.value.fix_zh

    def test_a_page_of_another_list_is_refused(self, store: Store) -> None:
        busy_service(store, 4)
        after = store.list_verdicts(AskedVerdicts(), "", 1).after
        plan(store, planned("k-1"))
        with pytest.raises(StoreError):
            store.list_messages(AskedMessages(), after)

    @pytest.mark.parametrize("limit", [0, -1, MOST + 1])
    def test_a_page_has_its_limits(self, store: Store, limit: int) -> None:
        with pytest.raises(StoreError, match="1 to 200"):
            store.list_events(AskedEvents(), "", limit)

    def test_verdicts_are_filtered_and_counted(self, store: Store) -> None:
        outputs = busy_service(store)
        verdicts = [one for one in outputs if isinstance(one, Verdict)]
        for asked in (
            AskedVerdicts(),
            AskedVerdicts(customer="客户甲"),
            AskedVerdicts(play="renewal", outcome="suppress"),
            AskedVerdicts(reason="cap", since=NINE + HOUR, until=NINE + 9 * HOUR),
        ):
            found = whole(lambda after, limit, asked=asked: store.list_verdicts(asked, after, limit))
            wanted = [
                one
                for one in verdicts
                if asked.customer in ("", one.customer)
                and asked.play in ("", one.play)
                and asked.outcome in ("", one.outcome)
                and asked.reason in ("", one.reason)
                and asked.since <= one.instant < asked.until
            ]
            assert wanted
            assert [one.verdict for one in sorted(found, key=_of_verdict)] == sorted(wanted, key=_plain)
            assert [one.verdict.instant for one in found] == sorted(
                (one.instant for one in wanted), reverse=True
            )
            assert {one.pack for one in found} == {"h-1"}
        for play in ("", "welcome"):
            counted = Counter(
                (one.play, one.outcome, one.reason)
                for one in verdicts
                if play in ("", one.play) and NINE <= one.instant < NINE + 5 * HOUR
            )
            found_ = store.verdict_counts(NINE, NINE + 5 * HOUR, play)
            assert [tuple(one) for one in found_] == [(*key, n) for key, n in sorted(counted.items())]

    def test_encounters_and_breaches_are_filtered_and_counted(self, store: Store) -> None:
        outputs = busy_service(store)
        met = [one for one in outputs if isinstance(one, Encountered)]
        asked = AskedEncounters(touchpoint="incident", state="miserable", settled=True)
        found = whole(lambda after, limit: store.list_encounters(asked, after, limit), 1)
        wanted = [o for o in met if o.touchpoint == "incident" and o.state == "miserable" and o.settled]
        assert wanted
        assert sorted(found, key=_plain) == sorted(wanted, key=_plain)
        own_ = store.list_encounters(AskedEncounters(customer="c-1", since=NINE + HOUR), "", MOST).rows
        assert {one.customer for one in own_} == {"c-1"}
        assert len(own_) == sum(one.customer == "c-1" and one.instant >= NINE + HOUR for one in met)
        for settled in (True, False):
            counted = Counter(
                (one.touchpoint, one.state) for one in met if one.settled == settled and one.instant < FAR
            )
            counts = store.encounter_counts(0, FAR, settled=settled)
            assert [tuple(one) for one in counts] == [(*key, n) for key, n in sorted(counted.items())]
        missed = [one for one in outputs if isinstance(one, Breached)]
        shown = whole(lambda after, limit: store.list_breaches(NINE, FAR, after, limit))
        assert sorted(shown, key=_plain) == sorted(missed, key=_plain)
        assert dict(store.breach_counts(0, FAR)) == Counter(f"{o.touchpoint}.restore" for o in missed)
        assert store.breach_counts(0, NINE) == []

    def test_exposures_are_counted_by_arm_and_leave_the_proof_with_a_merge(self, store: Store) -> None:
        assert store.exposure_counts() == []
        arms = [("c-1", "play"), ("c-1", "holdout"), ("c-2", "play"), ("客户甲", "play"), ("c-3", "holdout")]
        give(
            store,
            outputs=[Exposed(who, "gift", "K", n, "gift", arm, NINE) for n, (who, arm) in enumerate(arms)],
        )
        give(store, outputs=[Exposed("c-2", "renewal", "K", 0, "renewal", "play", NINE)])
        assert store.exposure_counts() == [
            ("gift", "holdout", 2),
            ("gift", "play", 3),
            ("renewal", "play", 1),
        ]
        give(store, outputs=[Merged("c-1", "c-2", NINE)])
        assert store.exposure_counts() == [("gift", "holdout", 1), ("gift", "play", 1)]
        give(store, outputs=[Exposed("c-1", "gift", "K", 9, "gift", "play", NINE + HOUR)])
        assert store.exposure_counts() == [("gift", "holdout", 1), ("gift", "play", 2)]

    def test_runs_tell_how_they_began_and_ended(self, store: Store) -> None:
        outputs = busy_service(store)
        entered = [one for one in outputs if isinstance(one, Entered)]
        ended = {one.key for one in outputs if isinstance(one, Ended)}
        for open_ in (None, True, False):
            asked = AskedRuns(play="renewal", open=open_)
            found = whole(lambda after, limit, asked=asked: store.list_runs(asked, after, limit))
            wanted = {
                one.key for one in entered if one.play == "renewal" and open_ in (None, one.key not in ended)
            }
            assert {one.key for one in found} == wanted
            assert [one.entered_seen for one in found] == sorted(
                (one.entered_seen or 0 for one in found), reverse=True
            )
            for one in found:
                assert (one.how, one.end_kind) == (
                    ("success", "contract.renewed") if one.key in ended else (None, None)
                )
                assert (one.entry_kind, one.pack) == ("contract.signed", "h-1")
        assert store.list_runs(AskedRuns(customer="c-1")).rows
        with pytest.raises(StoreError):
            store.list_runs(AskedRuns())

    def test_messages_are_filtered_and_counted(self, store: Store) -> None:
        plan(
            store,
            *(
                planned(f"k-{n}", PEOPLE[0], channel=("sms", "email")[n % 2], since=NINE + n // 2, rank=n % 3)
                for n in range(9)
            ),
        )
        store.decide("k-3", "unknown", NINE, "")
        store.decide("k-4", "review", NINE, "")
        assert keys(whole(lambda after, limit: store.list_messages(AskedMessages(), after, limit))) == [
            f"k-{n}" for n in range(8, -1, -1)
        ]
        for asked, wanted in (
            (AskedMessages(states=("unknown",)), ["k-3"]),
            (AskedMessages(states=("unknown", "review")), ["k-4", "k-3"]),
            (AskedMessages(states=("unknown", "planned"), channel="email"), ["k-7", "k-5", "k-3", "k-1"]),
            (AskedMessages(customer="c-1", since=NINE + 1, until=NINE + 2), ["k-3", "k-2"]),
            (AskedMessages(play="welcome"), []),
        ):
            assert keys(store.list_messages(asked).rows) == wanted
        counts = store.sent_counts(NINE, NINE + 2)
        assert [tuple(one) for one in counts] == sorted(
            [("email", 1, "planned", 1), ("email", 0, "unknown", 1), ("sms", 0, "planned", 1),
             ("sms", 2, "planned", 1)]
        )  # fmt: skip
        assert keys(store.messages_since(["c-1", "c-2"], NINE + 4)) == ["k-8"]

    def test_cards_are_listed_as_they_are_due_and_counted_by_role(self, store: Store) -> None:
        for n in range(5):
            store.put_note(note(f"n-{n}", who=("a", "b")[n % 2], until=NINE + 9 - n, at=NINE + n))
        store.put_note(note("n-9", kind="console"))
        asked = AskedCards(waiting_at=NINE + 7)
        found = whole(lambda after, limit: store.list_cards(asked, after, limit), 2)
        assert [one.send_key for one in found] == ["n-4", "n-3", "n-2", "n-1", "n-0"]
        newest = whole(lambda after, limit: store.list_cards(AskedCards(who="a"), after, limit), 2)
        assert [one.send_key for one in newest] == ["n-4", "n-2", "n-0"]
        assert store.card_counts(NINE + 7) == [CardCount("a", 3, NINE, 2), CardCount("b", 2, NINE + 1, 1)]
        assert store.list_cards(AskedCards(customer="c-2")) == ([], "")
        assert store.list_cards(AskedCards(states=("done",))) == ([], "")

    def test_what_was_put_aside_is_grouped_by_its_cause(self, store: Store) -> None:
        store.put_aside(
            [
                aside('{"kind": "order.made", "id": 1}', place="1", reason_en="id '1' was used before"),
                aside('{"kind":"order.made"}', place="2", reason_en="id 'x y' was used before"),
                aside("no json", place="3", reason_en="it has 1,200,000 bytes"),
                aside("{}", place="4", reason_en="it has 9 bytes", kind="case.opened", source="erp"),
            ]
        )
        rows = store.list_aside(AskedAside(kind="order.made")).rows
        assert [one.place for one in rows] == ["2", "1"]
        counts = store.aside_counts()
        assert [(one.source, one.cause, one.number) for one in counts] == [
            ("crm", "id … was used before", 2), ("crm", "it has … bytes", 1), ("erp", "it has … bytes", 1),
        ]  # fmt: skip
        assert counts[0].reason_en == "id 'x y' was used before"
        assert [one.place for one in store.list_aside(AskedAside(cause=counts[1].cause)).rows] == ["4", "3"]
        store.mend(rows[0].number)
        store.still_aside(rows[1].number, "太大", "it has 7 bytes")
        assert [(one.source, one.number) for one in store.aside_counts()] == [("crm", 2), ("erp", 1)]
        asked = AskedAside(mended=True)
        assert [one.place for one in store.list_aside(asked).rows] == ["2"]
        assert whole(lambda after, limit: store.list_aside(AskedAside(source="crm"), after, limit), 1) == [
            one for one in store.put_aside_rows()[::-1] if one.source == "crm"
        ]

    def test_customers_are_listed_by_their_last_event_with_how_they_are(self, store: Store) -> None:
        outputs: list[Output] = [
            Encountered("c-1", "incident", "I", 1, 2, NINE, "miserable", False, False, None),
            Encountered("c-1", "incident", "I", 1, 2, NINE + 1, "neutral", True, False, None),
            Entered("c-1", "renewal", "K", 0, NINE, NINE, "contract.signed"),
            Entered("c-1", "renewal", "L", 0, NINE, NINE, "contract.signed"),
            Ended("c-1", "renewal", "K", 0, "success", "contract.renewed", NINE, NINE),
        ]
        events = [
            told("c-1", "customer.updated", '{"name":"海岚科技"}', NINE, 0),
            told("c-2", "contact.set", '{"contact":"o","name":"Ann"}', NINE + 1, 1),
            told("c-1", "order.made", "{}", NINE + 2, 2),
            told("", "region.failed", "{}", NINE + 3, 3),
            told("c-3", "order.made", "{}", NINE + 1, 4),
        ]
        give(store, events=events, outputs=outputs)
        found = whole(lambda after, limit: store.list_customers(AskedCustomers(), after, limit), 1)
        assert found == [
            CustomerLine("c-1", "海岚科技", NINE + 2, "order.made", 1, "miserable", NINE, "incident"),
            CustomerLine("c-3", "", NINE + 1, "order.made", 0, "", 0, ""),
            CustomerLine("c-2", "Ann", NINE + 1, "contact.set", 0, "", 0, ""),
        ]

    def test_customers_are_found_by_id_name_attribute_and_address(self, store: Store) -> None:
        set_ = '{"contact":"o","name":"Zhang, 50% %s_\\"x","channel":"sms","address":"+86 138-0013"}'
        events = [
            told("c-1", "customer.updated", '{"name":"Blue Harbour","plan":"gold","n":7}', NINE, 0),
            told("c-1x", "contact.set", set_, NINE, 1),
            told("d-1", "customer.updated", '{"name":"蓝港科技","vip":true}', NINE, 2),
            told("d-2", "customer.updated", "no json", NINE, 3),
        ]
        give(store, events=events)

        def found(**asked: str) -> list[str]:
            lines = whole(lambda after, limit: store.list_customers(AskedCustomers(**asked), after, limit), 1)
            return [one.customer for one in lines]

        assert found(id="c-1") == ["c-1", "c-1x"]
        assert found(id="d-1") == ["d-1"]
        assert found(id="d-3") == found(id="客") == []
        assert found(text="HARBOUR") == found(text="gold") == ["c-1"]
        assert found(text="港科") == ["d-1"]
        assert found(text="50% %S_") == found(address="+86 138-0013") == ["c-1x"]
        assert found(text="h%r") == found(text="c_n") == found(text="!") == []
        assert found(address="138") == found(text="138") == []
        assert found(text="7", id="c-") == ["c-1"]
        assert found(text="zhang", address="+86 138-0013") == ["c-1x"]
        assert found(text="blue", address="+86 138-0013") == []

    def test_a_name_that_has_gone_leads_to_who_it_is_now(self, store: Store) -> None:
        events = [
            told("old", "customer.updated", '{"name":"Former"}', NINE, 0),
            told("c-1", "order.made", "{}", NINE, 1),
        ]
        give(store, events=events, outputs=[Verdict("old", "p", "", 0, "s", 0, 1, 2, "send", "")])
        with store.turn(own(store, "old")) as turn:
            turn.rename([Alias("old", "c-1", NINE, None)])
        assert [one.customer for one in store.list_customers(AskedCustomers(text="former")).rows] == ["c-1"]
        assert [one.customer for one in store.list_customers(AskedCustomers()).rows] == ["c-1"]
        for name in ("old", "c-1"):
            rows = store.list_events(AskedEvents(customer=name)).rows
            assert {one.customer for one in rows} == {"old", "c-1"}
            assert [
                one.verdict.customer for one in store.list_verdicts(AskedVerdicts(customer=name)).rows
            ] == ["old"]

    def test_whom_a_subject_concerns_and_who_has_heard(self, store: Store) -> None:
        shards = {one.number: one for one in store.claim_shards("w-1", NINE, HOUR, store.shards)}
        for who in PEOPLE:
            ends = NINE if who == "c-3" else FAR
            with store.turn(shards[shard_of(who, store.shards)]) as turn:
                turn.relate([who], [Relation(who, "bj-1", 5, ends, 5), Relation(who, "sh-1", 5, FAR, 5)])
                turn.keep(
                    (),
                    [StateRow(who, NINE + 7, "p", b"x")] if who == "c-2" else (),
                    (),
                    [planned(f"k-{who}", who)] if who != "客户甲" else (),
                )
        store.decide("k-c-1", "delivered", NINE, "")
        found = whole(lambda after, limit: store.list_affected("bj-1", NINE, after, limit), 2)
        assert found == [
            Affected("c-1", 5, None), Affected("c-2", 5, NINE + 7), Affected("客户甲", 5, None),
        ]  # fmt: skip
        assert store.reach_of("bj-1", NINE, NINE) == Reach(3, 1, 1)
        assert store.reach_of("bj-1", NINE, NINE + 1) == Reach(3, 0, 0)
        assert store.reach_of("nowhere", NINE, 0) == Reach(0, 0, 0)

    def test_the_clocks_that_run_are_those_that_were_watched_last(self, store: Store) -> None:
        clocks = [Clock("c-1", "incident", f"I{n}", "restore", NINE, NINE + 9 - n) for n in range(4)]
        other = Clock("c-2", "incident", "长" * 3000, "restore", NINE, NINE + 7)
        with store.turn(own(store, "c-1")) as turn:
            turn.watch(["c-1"], [Clock("c-1", "old", "", "x", 1, 2), *clocks[:1]])
            turn.watch(["c-1"], [*clocks, clocks[0]._replace(deadline=1)])
        with store.turn(own(store, "c-2")) as turn:
            turn.watch(["c-2"], [other])
        found = whole(lambda after, limit: store.list_clocks(FAR, after, limit), 1)
        assert found == [clocks[3], *sorted((clocks[2], other)), clocks[1], clocks[0]]
        assert store.list_clocks(NINE + 7).rows == [clocks[3]]
        assert len(store.export("c-1")["clock"]) == 4
        with store.turn(own(store, "c-1")) as turn:
            turn.watch(["c-1"], [])
            turn.rename([Alias("c-2", "c-1", NINE, None)])
        assert store.list_clocks(FAR).rows == [other]
        with store.turn(own(store, "c-2")) as turn:
            turn.joined(["c-2"])
        assert store.list_clocks(FAR).rows == []

    def test_what_is_new_since_a_place(self, store: Store) -> None:
        first = store.news()
        assert first[:6] == (0, False, False, False, False, [])
        assert store.news(first.after)[:6] == first[:6]
        events = [told("c-1", "k.k", "{}", NINE + n, n) for n in range(3)]
        give(store, events=events)
        second = store.news(first.after)
        assert second[:6] == (3, False, False, False, False, events[::-1])
        give(store, outputs=[Verdict("c-1", "p", "", 0, "s", 0, 1, 2, "send", "")])
        plan(store, planned("k-1"))
        third = store.news(second.after)
        assert third[:6] == (0, True, True, False, False, [])
        store.decide("k-1", "failed", NINE + 5, "")
        store.put_note(note("n-1"))
        store.put_aside([aside()])
        assert store.news(third.after)[:6] == (0, False, True, True, True, [])
        with pytest.raises(StoreError):
            store.news("x")

    def test_words_of_strangers_find_nothing_and_break_nothing(self, store: Store) -> None:
        busy_service(store, 3)
        for text in ("\0", "'; DROP TABLE event; --", "%", "?", '{"a', "\\", "\ud800"):
            assert store.list_events(AskedEvents(customer=text, kind=text)).rows == []
            assert store.list_verdicts(AskedVerdicts(play=text, reason=text)).rows == []
            assert store.list_customers(AskedCustomers(id=text)).rows == []
            assert store.list_customers(AskedCustomers(text=text)).rows == []
            assert store.list_customers(AskedCustomers(address=text)).rows == []
            assert store.list_cards(AskedCards(who=text, assignee=text)).rows == []
            assert store.list_aside(AskedAside(cause=text, kind=text)).rows == []
            assert store.list_affected(text, NINE).rows == []

    def test_who_is_erased_is_found_no_more(self, store: Store) -> None:
        events = [
            told("c-1", "customer.updated", '{"name":"Blue"}', NINE, 0),
            told("c-1", "contact.set", '{"contact":"o","address":"a@b"}', NINE, 1),
        ]
        give(store, events=events)
        assert store.export("c-1")["known_by"]
        store.erase("c-1", NINE, "salt")
        for asked in (AskedCustomers(text="blue"), AskedCustomers(address="a@b"), AskedCustomers()):
            assert store.list_customers(asked).rows == []


def _plain(one: Any) -> tuple[Any, ...]:
    return one.instant, one.customer, getattr(one, "occurrence", 0), str(getattr(one, "key", ""))


def _of_verdict(one: Any) -> tuple[Any, ...]:
    return _plain(one.verdict)
