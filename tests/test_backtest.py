"""The backtest end to end on small logs in files: what it counts is what one counts by hand.

It decides nothing of its own, so what is tested here is everything around the fold: who is who, who is
reached through a subject, what cannot be read, budgets, and that no number of workers changes a figure.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from building import at, case, clock, do, event, pack, play, write_log

from peakend.backtest import backtest, log_files
from peakend.backtest.conclude import conclude
from peakend.errors import SourceError
from peakend.listen.rows import Made
from peakend.listen.sources_log import log_file
from peakend.model.event import Event
from peakend.model.log import LOG_SCHEMA
from peakend.model.outcome import Verdict
from peakend.model.pack import Pack
from peakend.model.result import BacktestResult
from peakend.when import HOUR, MINUTE

NIGHT = {"from": "21:00", "to": "08:00"}


def made(when: str, customer: str, order: str | None = None, **data: Any) -> Event:
    return event(when, "order.made", customer=customer, **({"order": order} if order else {}), **data)


def paid(when: str, customer: str, order: str) -> Event:
    return event(when, "order.paid", customer=customer, order=order)


def end(when: str) -> Event:
    """The log goes on until then, with something that no play looks at."""
    return event(when, "talk.rated", customer="somebody", score=3)


def run(folder: Path, of: Pack, *events: Event, **words: Any) -> BacktestResult:
    return backtest(of, [write_log(folder / "log.parquet", events)], **words)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# Counting

RENEWAL = pack(
    play(
        "renewal",
        do("remind", before="day", by="P7D", at="10:00"),
        do("call", "card", before="day", by="P1D", at="10:00"),
        key="order",
        exits=[{"on": "order.paid", "as": "success", "then": [do("thanks")]}],
    ),
    quiet_hours=NIGHT,
)
RENEWALS = [
    made("03-02 10:00", "a", "A", day="2026-03-20"),
    made("03-02 10:00", "b", "B", day="2026-03-20"),
    made("03-02 10:00", "c", "C", day="2026-03-05"),
    made("03-02 10:00", "d", "D"),
    made("03-02 10:00", "e", day="2026-03-20"),
    made("03-02 10:00", "f", "F", day="2026-03-20"),
    made("03-02 10:00", "g", "G", day="2026-03-20"),
    paid("03-14 10:00", "a", "A"),
    paid("03-12 10:01", "b", "B"),
    paid("03-10 23:00", "f", "F"),
    paid("03-31 22:00", "g", "G"),
]


def test_a_play_is_counted_as_one_counts_it_by_hand(tmp_path: Path) -> None:
    result = run(tmp_path, RENEWAL, *RENEWALS)
    found = result.plays["renewal"]
    assert (result.events, result.relevant, result.customers, result.quarantined) == (11, 11, 7, 0)
    assert (result.first, result.last) == (at("03-02 10:00"), at("03-31 22:00"))
    assert (found.entries, found.exits, found.passed) == (6, {"success": 4}, {"key_missing": 1})
    assert (found.send, found.hold, found.deferred) == (7, 1, 1)
    assert found.suppress == {"past_at_entry": 1, "no_due": 2}
    assert (found.firings, found.people) == (11, 5)
    assert (found.spared, found.near_misses) == (5, 1)
    assert found.by_day == {
        "2026-03-04": 1,
        "2026-03-11": 1,
        "2026-03-12": 1,
        "2026-03-13": 2,
        "2026-03-14": 1,
        "2026-03-19": 1,
    }
    assert {hour: n for hour, n in enumerate(found.by_hour) if n} == {8: 1, 10: 6}
    assert sum(found.by_weekday) == 7
    assert {name: (step.send, step.hold, step.suppress) for name, step in found.steps.items()} == {
        "remind": (2, 0, {"past_at_entry": 1, "no_due": 1}),
        "call": (2, 0, {"no_due": 1}),
        "thanks": (3, 1, {}),
    }


def test_every_firing_ends_as_sent_as_held_or_as_suppressed(tmp_path: Path) -> None:
    listing = tmp_path / "verdicts.jsonl"
    found = run(tmp_path, RENEWAL, *RENEWALS, listing=listing).plays["renewal"]
    last = {
        (v["customer"], v["key"], v["occurrence"], v["step"], v["round"]): v["outcome"]
        for v in lines(listing)
    }
    assert len(last) == found.firings
    assert Counter(last.values()) == {"send": 7, "hold": 1, "suppress": 3}


def test_a_hold_that_an_exit_cancels_is_no_deferral(tmp_path: Path) -> None:
    of = pack(play("play", do("hello"), exits=[{"on": "order.paid"}], key="order"), quiet_hours=NIGHT)
    log = made("03-02 22:00", "a", "A"), paid("03-02 23:00", "a", "A"), end("03-09 10:00")
    found = run(tmp_path, of, *log).plays["play"]
    assert (found.hold, found.deferred, found.suppress, found.firings) == (0, 0, {"cancelled": 1}, 1)


def test_money_is_added_up_by_budget_and_regret_by_source(tmp_path: Path) -> None:
    of = pack(
        play(
            "play",
            do("sorry", "give", after="PT1H", amount="v", budget="goodwill"),
            exits=[{"on": "order.paid"}],
        ),
        budgets={"goodwill": {"per": "year", "at_most": 100}},
    )
    late = event("03-02 10:30", "order.paid", customer="a", source="shop", seen="03-02 12:00")
    log = made("03-02 10:00", "a", v=30), late, made("03-02 10:00", "b", v=12.5), end("03-09 10:00")
    found = run(tmp_path, of, *log).plays["play"]
    assert (found.money, found.regretted) == ({"goodwill": 42.5}, {"shop": 1})


def test_two_plays_that_reach_one_customer_on_one_day_are_in_conflict(tmp_path: Path) -> None:
    of = pack(
        play("a", do("hello"), again="every"),
        play("b", do("news"), again="every"),
        play("c", do("call", "card"), again="every"),
        quiet_hours={"from": "12:00", "to": "13:00"},
    )
    log = made("03-02 10:00", "a"), made("03-02 20:00", "a"), made("03-03 10:00", "b"), end("03-09 10:00")
    conflicts = run(tmp_path, of, *log).conflicts
    assert [(c.first, c.second, c.days) for c in conflicts] == [("a", "b", 2)]


def of_case(when: str, what: str, customer: str, **data: Any) -> Event:
    return event(when, f"case.{what}", customer=customer, case=f"{customer}-1", **data)


CASES = pack(
    points={
        "case": case(
            standards={"restore": {"from": "case.opened", "to": "case.solved", "within": "PT4H"}},
            rating="case.rated.score",
            miserable="breached('restore')",
            magical="rating >= 5",
        )
    }
)
CASE_LOG = [
    of_case("03-02 10:00", "opened", "a"),
    of_case("03-02 11:00", "solved", "a"),
    of_case("03-02 12:00", "rated", "a", score=5),
    of_case("03-02 10:00", "opened", "b"),
    of_case("03-02 15:00", "solved", "b"),
    of_case("03-02 10:00", "opened", "c"),
    of_case("03-02 14:00", "solved", "c", seen="03-02 16:00"),
    of_case("04-15 10:00", "opened", "d"),
    end("04-20 10:00"),
]


def test_a_touchpoint_is_counted_as_one_counts_it_by_hand(tmp_path: Path) -> None:
    found = run(tmp_path, CASES, *CASE_LOG).touchpoints["case"]
    assert (found.begun, found.encounters, found.customers) == (4, 3, 3)
    assert (found.magical, found.neutral, found.miserable, found.unfinished) == (1, 1, 1, 0)
    assert (found.ratings, found.rating_sum) == (1, 5.0)
    restore = found.standards["restore"]
    assert (restore.kept, restore.breached, restore.open, restore.late_proof) == (2, 1, 0, 1)
    assert found.by_month == {"2026-03": [1, 1, 1]}
    assert (found.emotion, found.low, found.high) == (0.0, -1.0, 1.0)


def test_the_result_says_what_the_log_could_not_show(tmp_path: Path) -> None:
    said = " ".join(note["en"] for note in run(tmp_path, CASES, *CASE_LOG).notes)
    assert "no receipts" in said
    assert "no contacts" in said
    assert "1 encounters had not settled" in said
    assert "no arrival times" not in said
    in_order = " ".join(note["en"] for note in run(tmp_path, RENEWAL, *RENEWALS).notes)
    assert "no arrival times" in in_order


# The list of verdicts


def test_the_listing_has_a_line_for_every_verdict(tmp_path: Path) -> None:
    listing = tmp_path / "verdicts.jsonl"
    run(tmp_path, RENEWAL, *RENEWALS[5:6], RENEWALS[9], end("04-30 00:00"), listing=listing)
    line = {
        "customer": "f", "play": "renewal", "key": "F", "occurrence": 0, "step": "thanks", "round": 0,
        "due": "2026-03-10T15:00:00Z",
    }  # fmt: skip
    assert lines(listing) == [
        {**line, "instant": "2026-03-10T15:00:00Z", "outcome": "hold", "reason": "quiet"},
        {**line, "instant": "2026-03-11T00:00:00Z", "outcome": "send", "reason": ""},
    ]


def test_a_step_without_a_date_is_listed_without_a_due(tmp_path: Path) -> None:
    listing = tmp_path / "verdicts.jsonl"
    run(tmp_path, RENEWAL, made("03-02 10:00", "d", "D"), listing=listing)
    assert [(v["step"], v["due"], v["reason"]) for v in lines(listing)] == [
        ("remind", None, "no_due"),
        ("call", None, "no_due"),
    ]


# One result for any number of workers and any order of rows

BUSY = pack(
    play(
        "remind",
        do("remind", after="PT2H", where="facts.ratings > 0"),
        do("call", "card", after="PT20H"),
        key="order",
        exits=[{"on": "order.paid", "as": "success", "then": [do("thanks", class_="care")]}],
    ),
    play("gift", do("gift", "give", amount=5, budget="goodwill"), on="order.paid", key="order"),
    facts={"ratings": {"of": "case.rated", "take": "count"}},
    caps=[{"class": "total", "at_most": 2, "within": "day"}],
    quiet_hours=NIGHT,
    budgets={"goodwill": {"per": "month", "at_most": 50}},
)
WHALE, CUSTOMERS, EACH = 30_000, 175, 200


def busy_log() -> pa.Table:
    """One customer with 30,000 events in a year and some with 200 each; one in thirty is an order."""
    start = at("2025-01-01 00:00")
    rows: dict[str, list[Any]] = {name: [] for name in LOG_SCHEMA.names}
    for place, (customer, count) in enumerate(
        [("whale", WHALE), *((f"c-{n:03}", EACH) for n in range(CUSTOMERS))]
    ):
        gap = 360 * 24 * HOUR // count
        for n in range(count):
            when = start + n * gap + place * MINUTE + (n * n % 7) * HOUR
            rows["customer"].append(customer)
            rows["kind"].append({0: "order.made", 20: "order.paid"}.get(n % 30, "case.rated"))
            rows["happened_at"].append(when)
            rows["seen_at"].append(when + (HOUR if n % 50 == 0 else 0))
            rows["data"].append(f'{{"order":"{n // 30}"}}')
    total = len(rows["customer"])
    rows |= {"id": [f"e{n}" for n in range(total)], "seq": list(range(total))}
    rows |= {"source": ["shop"] * total, "subject": [None] * total}
    return pa.table({f.name: pa.array(rows[f.name], f.type) for f in LOG_SCHEMA}, schema=LOG_SCHEMA)


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pa.Table, BacktestResult, bytes]:
    """The busy log, its backtest with one worker, and the list of its verdicts."""
    folder = tmp_path_factory.mktemp("busy")
    table = busy_log()
    pq.write_table(table, folder / "log.parquet")
    result = backtest(BUSY, [folder / "log.parquet"], workers=1, listing=folder / "verdicts.jsonl")
    return folder, table, result, (folder / "verdicts.jsonl").read_bytes()


Busy = tuple[Path, pa.Table, BacktestResult, bytes]


def test_two_workers_find_what_one_finds(busy: Busy) -> None:
    folder, _, result, verdicts = busy
    told: list[tuple[int, int]] = []
    again = backtest(
        BUSY,
        [folder / "log.parquet"],
        workers=2,
        listing=folder / "again.jsonl",
        progress=lambda done, total: told.append((done, total)),
    )
    assert again == result
    assert (folder / "again.jsonl").read_bytes() == verdicts
    assert told == [(n + 1, len(told)) for n in range(len(told))]
    assert len(told) > 1


def test_the_order_of_rows_and_files_does_not_matter(busy: Busy) -> None:
    folder, table, result, verdicts = busy
    places = sorted(range(table.num_rows), key=lambda n: n * 7919 % table.num_rows)
    mixed = table.take(places)
    parts = folder / "parts"
    parts.mkdir()
    half = table.num_rows // 2
    pq.write_table(mixed.slice(half), parts / "1.parquet")
    pq.write_table(mixed.slice(0, half), parts / "2.parquet")
    again = backtest(BUSY, log_files(parts), workers=1, listing=folder / "mixed.jsonl")
    assert again == result
    assert (folder / "mixed.jsonl").read_bytes() == verdicts


def test_a_customer_with_very_many_events_is_one_customer(busy: Busy) -> None:
    _, _, result, verdicts = busy
    assert (result.events, result.customers) == (WHALE + CUSTOMERS * EACH, CUSTOMERS + 1)
    orders = WHALE // 30 + CUSTOMERS * -(-EACH // 30)
    assert result.plays["remind"].entries == orders
    whale = {v["key"] for v in map(json.loads, verdicts.splitlines()) if v["customer"] == "whale"}
    assert whale == {str(n) for n in range(WHALE // 30)}


def test_what_customers_compete_for_is_shared_out_once(busy: Busy) -> None:
    _, _, result, verdicts = busy
    gifts = [v for v in map(json.loads, verdicts.splitlines()) if v["play"] == "gift"]
    sent = [v for v in gifts if v["outcome"] == "send"]
    assert set(Counter(_month(v["instant"]) for v in sent).values()) == {10}
    assert len({v["customer"] for v in sent}) > 1
    assert result.plays["gift"].suppress["budget"] > 0


def _month(instant: str) -> str:
    return clock(at(instant))[:7]


# Budgets

GOODWILL = pack(
    play("play", do("sorry", "give", amount="v", budget="goodwill"), again="every"),
    budgets={"goodwill": {"per": "month", "at_most": 100}},
)


def spent(folder: Path, *events: Event) -> dict[str, str]:
    """What became of each customer's only step."""
    listing = folder / "verdicts.jsonl"
    run(folder, GOODWILL, *events, listing=listing)
    return {v["customer"]: v["reason"] or v["outcome"] for v in lines(listing)}


def test_who_comes_first_draws_first_whatever_the_name(tmp_path: Path) -> None:
    log = made("03-02 11:00", "a", v=60), made("03-02 10:00", "b", v=60), end("03-09 10:00")
    assert spent(tmp_path, *log) == {"a": "budget", "b": "send"}
    tie = made("03-02 10:00", "b", v=60), made("03-02 10:00", "a", v=60), end("03-09 10:00")
    assert spent(tmp_path, *tie) == {"a": "send", "b": "budget"}


def test_the_next_month_has_a_budget_of_its_own_in_the_zone_of_the_pack(tmp_path: Path) -> None:
    log = made("03-31 23:59:59", "a", v=100), made("04-01 00:00", "b", v=100), made("04-01 00:01", "c", v=1)
    assert spent(tmp_path, *log, end("04-02 10:00")) == {"a": "send", "b": "send", "c": "budget"}


def test_what_is_no_gift_costs_nothing(tmp_path: Path) -> None:
    log = made("03-02 10:00", "a", v=100), made("03-02 11:00", "b"), end("03-09 10:00")
    assert spent(tmp_path, *log) == {"a": "send", "b": "send"}


# Identity

HELLO = pack(play("play", do("hello", after="P1D"), key="order", exits=[{"on": "order.paid"}]))


def merged(when: str, old: str, new: str) -> Event:
    return event(when, "customer.merged", customer=new, **{"from": old, "into": new})


def test_a_merged_customer_is_one_person_whose_names_were_folded_apart_until_then(tmp_path: Path) -> None:
    log = (
        made("03-02 10:00", "web-1", "A"),
        made("03-02 11:00", "web-2", "B"),
        paid("03-02 12:00", "ann", "A"),
        merged("03-05 10:00", "web-1", "web-2"),
        merged("03-06 10:00", "web-2", "ann"),
        end("03-09 10:00"),
    )
    listing = tmp_path / "verdicts.jsonl"
    found = run(tmp_path, HELLO, *log, listing=listing).plays["play"]
    assert (found.entries, found.exits, found.people) == (2, {}, 1)
    assert [(v["customer"], v["key"]) for v in lines(listing)] == [("web-1", "A"), ("web-2", "B")]


def test_customers_that_were_merged_into_each_other_are_no_endless_circle(tmp_path: Path) -> None:
    log = made("03-02 10:00", "a", "A"), merged("03-03 10:00", "a", "b"), merged("03-04 10:00", "b", "a")
    assert run(tmp_path, HELLO, *log, end("03-09 10:00")).plays["play"].people == 1


# Subjects

DOWN = pack(
    play("play", do("sorry"), on="shop.closed", again="every"),
    subjects={"shop": {"relation": "relation.set"}},
)


def related(when: str, customer: str, subject: str, **data: Any) -> Event:
    return event(when, "relation.set", customer=customer, subject=subject, **data)


def closed(when: str, about: str) -> Event:
    return event(when, "shop.closed", about=about)


def reached(folder: Path, *events: Event) -> list[tuple[str, str]]:
    listing = folder / "verdicts.jsonl"
    run(folder, DOWN, *events, listing=listing)
    return [(v["customer"], v["instant"]) for v in lines(listing)]


def test_an_event_of_a_subject_reaches_everyone_related_to_it_then_and_once(tmp_path: Path) -> None:
    log = (
        related("03-01 10:00", "a", "north"),
        related("03-01 10:00", "a", "north"),
        related("03-01 10:00", "b", "south"),
        related("03-01 10:00", "c", "north", until="2026-03-02T09:00:00+08:00"),
        related("03-01 10:00", "d", "north"),
        event("03-01 12:00", "relation.ended", customer="d", subject="north"),
        closed("03-02 10:00", "north"),
        related("03-02 11:00", "e", "north"),
        closed("03-03 10:00", "north"),
        end("03-09 10:00"),
    )
    assert reached(tmp_path, *log) == [
        ("a", "2026-03-02T02:00:00Z"),
        ("a", "2026-03-03T02:00:00Z"),
        ("e", "2026-03-03T02:00:00Z"),
    ]


def test_a_relation_that_was_dated_back_is_known_from_when_it_arrived(tmp_path: Path) -> None:
    back = related("03-01 10:00", "a", "north", seen="03-02 12:00")
    assert reached(tmp_path, closed("03-02 10:00", "north"), back, end("03-09 10:00")) == []


def test_a_relation_that_cannot_be_read_is_put_aside(tmp_path: Path) -> None:
    bad = related("03-01 10:00", "a", "north", **{"from": "31.03.2026"})
    log = bad, related("03-01 10:00", "b", "north"), closed("03-02 10:00", "north"), end("03-09 10:00")
    result = run(tmp_path, DOWN, *log)
    assert (result.quarantined, result.plays["play"].people) == (1, 1)


def test_two_names_are_reached_each_before_their_merge_and_once_after_it(tmp_path: Path) -> None:
    log = (
        related("03-01 10:00", "web-1", "north"),
        related("03-01 10:00", "ann", "north"),
        closed("03-02 10:00", "north"),
        merged("03-05 10:00", "web-1", "ann"),
        closed("03-06 10:00", "north"),
        event("03-07 10:00", "relation.ended", customer="ann", subject="north"),
        closed("03-08 10:00", "north"),
        end("03-09 10:00"),
    )
    assert sorted(reached(tmp_path, *log)) == [
        ("ann", "2026-03-02T02:00:00Z"),
        ("ann", "2026-03-06T02:00:00Z"),
        ("web-1", "2026-03-02T02:00:00Z"),
    ]


# What cannot be read


def test_an_event_that_cannot_be_typed_is_put_aside_with_its_reason_and_the_others_go_on(
    tmp_path: Path,
) -> None:
    quarantine = tmp_path / "quarantine.jsonl"
    bad = event("03-02 10:00", "order.made", customer="a", id="bad-1", order="A", day="31.03.2026")
    log = bad, made("03-02 10:00", "a", "B", day="2026-03-20"), end("03-31 10:00")
    result = run(tmp_path, RENEWAL, *log, quarantine=quarantine, quarantined=2)
    assert (result.quarantined, result.plays["renewal"].entries) == (3, 1)
    (told,) = lines(quarantine)
    assert (told["id"], told["customer"], told["kind"]) == ("bad-1", "a", "order.made")
    assert "day" in told["reason"]
    assert "31.03.2026" in told["reason"]


def test_fields_that_are_no_json_object_are_put_aside_too(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    with log_file(path) as log:
        for number, data in enumerate(["{", "[1]", '{"order":"A"}']):
            when = at("03-02 10:00")
            log.add(Made(f"e{number}", "a", "order.made", when, when, "", None, data))
    result = backtest(HELLO, [path])
    assert (result.quarantined, result.plays["play"].entries) == (2, 1)


def test_a_contested_customer_is_put_aside_once(tmp_path: Path) -> None:
    bad = event("03-02 10:00", "order.made", customer="a", v="much")
    result = run(tmp_path, GOODWILL, bad, made("03-02 10:00", "a", v=100), end("03-09 10:00"))
    assert (result.quarantined, result.plays["play"].send) == (1, 1)


def test_a_log_without_events_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"log\.parquet: The log holds no events"):
        run(tmp_path, HELLO)


def test_a_log_in_which_nothing_matters_gives_nought(tmp_path: Path) -> None:
    listing = tmp_path / "verdicts.jsonl"
    result = run(tmp_path, HELLO, end("03-09 10:00"), listing=listing)
    assert (result.events, result.relevant, result.plays["play"].firings) == (1, 0, 0)
    assert listing.read_bytes() == b""


def test_a_table_that_is_no_log_is_told(tmp_path: Path) -> None:
    path = tmp_path / "sales.parquet"
    pq.write_table(pa.table({"day": ["2026-03-02"], "sum": [1]}), path)
    with pytest.raises(SourceError, match=r"sales\.parquet: This is not a native log"):
        backtest(HELLO, [path])


def test_a_file_that_is_no_parquet_is_told(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    path.write_bytes(b"")
    with pytest.raises(SourceError, match=r"log\.parquet: This is not a native log"):
        backtest(HELLO, [path])


def test_a_log_that_is_not_there_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "none.parquet", tmp_path / "*.parquet"):
        with pytest.raises(SourceError, match="There is no such log"):
            log_files(path)
    with pytest.raises(SourceError, match=r"none\.parquet: There is no such log"):
        backtest(HELLO, [tmp_path / "none.parquet"])


def test_a_failed_backtest_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        backtest(HELLO, [write_log(tmp_path / "log.parquet", [])], listing=tmp_path / "verdicts.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == ["log.parquet"]


# The same in full


def test_what_is_concluded_in_full_is_what_is_counted(tmp_path: Path) -> None:
    path = write_log(tmp_path / "log.parquet", RENEWALS)
    counted = backtest(RENEWAL, [path]).plays["renewal"]
    verdicts = [o for o in conclude(RENEWAL, [path]).outputs if isinstance(o, Verdict)]
    assert Counter(v.outcome for v in verdicts) == {"send": 7, "hold": 2, "suppress": 3}
    assert sum(v.outcome == "send" for v in verdicts) == counted.send


def test_a_result_survives_json(tmp_path: Path) -> None:
    result = run(tmp_path, CASES, *CASE_LOG)
    assert msgspec.json.decode(msgspec.json.encode(result), type=BacktestResult) == result


SCRIPT = """
from operator import itemgetter
from peakend.backtest.side_by_side import side_by_side
from peakend.tables import Span

cuts = [Span("a", "b", 50_000), Span("b", None, 40_000)]
print(sorted(side_by_side(itemgetter, 1, cuts, workers=2)))
"""


def test_a_script_needs_no_guard_around_what_starts_processes(tmp_path: Path) -> None:
    script = tmp_path / "mine.py"
    script.write_text(SCRIPT)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "[(0, 'a'), (1, 'b')]\n"), done.stderr
