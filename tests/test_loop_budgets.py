"""Budgets live: what is asked of them, what is answered and recorded, and that nobody spends the same money.

The law that live equals the backtest of its recorded inputs is in `test_loop.py`; here are its examples, two
workers at once on a real server, and the cloud pack as a whole.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import date
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from building import at, do, event, pack, play
from naive.compare import rows
from test_loop import arrival, last_seen, recorded, served

import peakend
from peakend.backtest.conclude import conclude
from peakend.design.pack import load_pack
from peakend.listen.sources import native_jobs, take_in
from peakend.loop import Loop
from peakend.model.event import OF_THE_LOOP
from peakend.model.outcome import Verdict
from peakend.model.pack import Pack
from peakend.model.stored import Arrival
from peakend.simulate import simulate
from peakend.store import MemoryStore, open_store

GIFTS = pack(
    play("play", do("sorry", "give", after="PT1H", amount="v", budget="goodwill"), key="order"),
    budgets={"goodwill": {"per": "month", "at_most": 100}},
)


def gift(customer: str, v: float, when: str = "03-02 10:00", order: str = "O1") -> Arrival:
    return arrival(event(when, "order.made", order=order, v=v), customer, int(order[1:]))


def test_every_answer_of_a_budget_is_an_input_of_the_customer_that_asked() -> None:
    store = MemoryStore()
    loop = served(store, GIFTS)
    loop.ingest([gift("ann", 60.5), gift("bob", 60)], at("03-02 10:00"))
    loop.tick(at("03-02 12:00"))
    ((_, ann), (_, bob)) = store.events_of("ann"), store.events_of("bob")
    assert (ann.kind, ann.source, ann.at, ann.seen) == (
        *("budget.answered", "peakend"),
        *(at("03-02 11:00"), at("03-02 12:00")),
    )
    assert [ann.seq, bob.seq] == [3, 4], "after the two events, and the pack that the shard adopted"
    asked = {"budget": "goodwill", "period": "2026-03", "at_most": 100.0}
    name = "{}|play|O1|0|sorry|0".format
    assert [msgspec.json.decode(one.data) for one in (ann, bob)] == [
        {**asked, "message": name("ann"), "amount": 60.5, "drawn": 0.0, "enough": True},
        {**asked, "message": name("bob"), "amount": 60.0, "drawn": 60.5, "enough": False},
    ]
    assert loop.tick(at("03-02 13:00")) == 0


def test_what_a_failed_message_had_drawn_is_there_again() -> None:
    store = MemoryStore()
    loop = served(store, GIFTS)
    loop.ingest([gift("ann", 60)], at("03-02 10:00"))
    loop.tick(at("03-02 11:00"))
    lost = arrival(event("03-02 11:30", "message.failed", message="ann|play|O1|0|sorry|0"), "ann", 9)
    loop.ingest([lost, gift("bob", 60, "03-02 11:30")], at("03-02 11:30"))
    loop.tick(at("03-02 12:30"))
    assert [one.outcome for one in store.story("bob") if isinstance(one, Verdict)] == ["send"]


def test_an_answer_is_seen_no_earlier_than_the_last_arrival_though_the_clock_stepped_back() -> None:
    store = MemoryStore()
    loop = served(store, GIFTS)
    loop.ingest([gift("ann", 60)], at("03-02 10:00"))
    loop.ingest([gift("bob", 1, order="O2")], at("03-02 12:00"))
    loop.tick(at("03-02 11:15"))
    assert [one.seen for one in store.events_of("ann")] == [at("03-02 10:00"), at("03-02 12:00")]


def test_an_answer_from_a_source_is_refused_at_the_door(tmp_path: Path) -> None:
    row = {"customer": "ann", "at": "2026-03-02T10:00:00Z"}
    kinds = ("order.made", "order.paid", "budget.answered")
    rows_ = [msgspec.json.encode({**row, "id": kind, "kind": kind}) for kind in kinds]
    (tmp_path / "rows.jsonl").write_bytes(b"\n".join(rows_))
    intake = take_in(
        native_jobs([tmp_path / "rows.jsonl"]), tmp_path / "log.parquet", tmp_path / "aside.jsonl"
    )
    assert (intake.events, intake.quarantined) == (2, 1)
    assert "never taken from a source" in (tmp_path / "aside.jsonl").read_text()


def test_two_workers_at_once_never_spend_the_same_money(postgres: str) -> None:
    """A thousand asks of 1 by forty customers in all shards, by two workers, of a budget of 300."""
    many = pack(
        play("play", do("sorry", "give", amount=1, budget="goodwill"), again="every"),
        budgets={"goodwill": {"per": "year", "at_most": 300}},
    )
    told = [arrival(event("03-02 10:00", "order.made"), f"c-{number % 40}", number) for number in range(1000)]
    with ExitStack() as stack:
        stores = [stack.enter_context(closing(open_store(postgres))) for _ in range(2)]
        loops = [
            Loop(store, many, worker=f"w-{number}", most_shards=32, contacts_known=False)
            for number, store in enumerate(stores)
        ]
        stores[0].append(told)
        assert [loop.own(at("03-02 10:00")) for loop in loops] == [32, 32]

        def work(loop: Loop) -> None:
            loop.fold(at("03-02 10:00"))
            loop.tick(at("03-02 10:01"))

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, loops))
        verdicts = [one for n in range(40) for one in stores[0].story(f"c-{n}") if isinstance(one, Verdict)]
        assert Counter(one.outcome for one in verdicts) == {"send": 300, "suppress": 700}
        asked = [one for n in range(40) for one in stores[0].events_of(f"c-{n}") if one.kind in OF_THE_LOOP]
        drawn = sorted(msgspec.json.decode(one.data)["drawn"] for one in asked)
        assert drawn[:300] == [float(number) for number in range(300)]
        assert set(drawn[300:]) == {300.0}


@pytest.mark.law
def test_the_cloud_pack_runs_a_month_live_on_sqlite_as_in_the_backtest(tmp_path: Path) -> None:
    """A simulated month, in which thirty deliveries are late and the goodwill is enough for seven of them."""
    cloud = load_pack(Path(peakend.__file__).parent / "packs" / "cloud")
    scarce = msgspec.structs.replace(cloud.head.policy.budgets["goodwill"], at_most=2100)
    policy = msgspec.structs.replace(cloud.head.policy, budgets={"goodwill": scarce})
    of = msgspec.structs.replace(cloud, head=msgspec.structs.replace(cloud.head, policy=policy))
    told = month_of(of, tmp_path / "sim.parquet")
    with closing(open_store(str(tmp_path / "cloud.db"))) as store:
        loop = Loop(store, of)
        loop.own(told[0][0])
        for start in range(0, len(told), 20):
            piece = told[start : start + 20]
            loop.tick(piece[0][0] - 1)
            loop.ingest([one for _, one in piece], piece[-1][0])
        last = last_seen(recorded(store, tmp_path / "log.parquet"))
        loop.tick(last)
        past = conclude(of, [recorded(store, tmp_path / "log.parquet")])
        everybody = sorted({one.customer for _, one in told})
        assert rows([one for who in everybody for one in store.story(who)]) == rows(past.outputs)
    credits_ = [one for one in past.outputs if isinstance(one, Verdict) and one.step == "delay-credit"]
    asked = Counter(one.reason for one in credits_ if one.outcome != "hold")
    assert asked[""] == 7 and asked["budget"] > 10
    assert {one.amount for one in credits_ if one.outcome == "send"} == {300.0}


def month_of(of: Pack, path: Path) -> list[tuple[int, Arrival]]:
    """What twenty customers and their sources say in March, and the delays: each with its arrival."""
    simulate(of, path, customers=20, days=31, start=date(2026, 3, 1), seed=5, late=0.05)
    table = pq.read_table(path)
    ats, seens = (table[name].cast(pa.int64()).to_pylist() for name in ("happened_at", "seen_at"))
    told = [
        (seen, Arrival("sim", row["id"], row["customer"], row["kind"], happened, "", row["data"]))
        for row, happened, seen in zip(table.to_pylist(), ats, seens, strict=True)
        if row["customer"]
    ]
    mail = {"contact": "ann", "role": "owner", "channel": "email", "address": "a@example.com"}
    late = {"contract_id": "K1", "milestone": "go-live"}
    for number in range(30):
        who, day = f"late-{number}", f"03-{2 + number * 7 % 20:02}"
        for hour, kind, data in (("09", "contact.set", mail), ("10", "milestone.at_risk", late)):
            one = event(f"{day} {hour}:{number:02}", kind, **data)
            told.append((one.seen, arrival(one, who, int(hour))))
    return sorted(told, key=lambda found: found[0])
