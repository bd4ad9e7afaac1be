"""A changed pack: what was concluded live is what the recorded inputs give when they are told again.

The retelling knows nothing of turns, rows or workers: it folds a customer's events by each pack that its
shard adopted, from the recorded instant on, and changes over in between.
"""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from building import at, do, pack, play
from naive.compare import rows
from random_packs import make_case, typed
from test_closed import Runs
from test_loop import WHO, Night, live, opened, orders, said

from peakend import fold
from peakend.errors import PeakendError
from peakend.listen.reading import Reader
from peakend.loop import Loop
from peakend.loop import customers as loop_customers
from peakend.loop.budgets import answers_in
from peakend.loop.programs import Version
from peakend.model.outcome import Output, Verdict
from peakend.model.pack import Pack
from peakend.model.stored import ADOPTED, Arrival
from peakend.store import MemoryStore, Store, open_store
from peakend.store.rows import shard_of

MANY = bool(os.environ.get("PEAKEND_LAWS"))
BLOCK = 10
BLOCKS = range(100 if MANY else 4)


def changed(seed: int, number: int) -> Pack:
    """The pack of a case as its designer published it the next time."""
    drawn, chance = (
        msgspec.json.decode(msgspec.json.encode(make_case(seed).drawn)),
        random.Random(seed + number),
    )
    plays = drawn["plays"]
    for one in plays:
        what = chance.randrange(6)
        if what == 0:
            one["priority"] = one.get("priority", 0) + 1
        elif what == 1:
            one["steps"] = one["steps"][:1]
        elif what == 2:
            one["again"] = chance.choice(["once", "after_exit", "every"])
        elif what == 3 and len(plays) > 1:
            one["play"] = "newer"
    if chance.random() < 0.3:
        drawn["head"]["policy"].pop("caps", None)
    for point in drawn["journey"]["touchpoints"].values():
        for standard in point.get("standards", {}).values():
            if "within" in standard and chance.random() < 0.5:
                standard["within"] = "PT3H"
    drawn["plays"] = [*{one["play"]: one for one in plays}.values()]
    return msgspec.structs.replace(typed(drawn), hash=f"pack-{number}")


class Published(Night):
    """A night in which the pack is published again, and once as it was before."""

    def __init__(self, seed: int, again: Callable[[], Store]) -> None:
        self.packs = {f"pack-{n}": changed(seed, n) for n in range(1, 3)}
        self.packs["pack-0"] = msgspec.structs.replace(make_case(seed).pack, hash="pack-0")
        self.running = "pack-0"
        super().__init__(seed, again)

    def worker(self, name: str, store: Store, most: int) -> Loop:
        of = self.packs[self.running]
        return Loop(store, of, worker=name, most_shards=most, contacts_known=self.known, older=self.packs)

    def restart(self, clock: int) -> int:
        self.running = self.chance.choice([*self.packs])
        return super().restart(clock)

    def touch(self, clock: int) -> int:
        """Everybody hears once more: who is not touched does not change over."""
        word = [Arrival("end", who, who, "consent.withdrawn", clock, "", '{"what":"-"}') for who in WHO]
        self.ingest(word, clock + 1)
        self.fold(clock + 1)
        return max(one.seen for who in WHO for one in self.store.events_of(who))


def retold(night: Published, customer: str, end: int) -> list[Output]:
    """A customer's recorded inputs, folded by one pack after the other."""
    mine = f"{ADOPTED}/{shard_of(customer, night.store.shards)}/"
    adopted = [one for one in night.store.events_of("") if one.id.startswith(mine)]
    told, runs, outputs = night.store.events_of(customer), Runs(), list[Output]()
    answers = answers_in(told)
    state, before = fold.new_state(customer), None
    for number, one in enumerate(adopted):
        now = version(night, msgspec.json.decode(one.data)["hash"])
        until = adopted[number + 1].seen if number + 1 < len(adopted) else end + 1
        if before is not None and told and told[0].seen < one.seen:
            anew = fold.new_state(customer)
            past = [event for event in told if event.seen < one.seen]
            fold.step(fold.muted(now.program), anew, now.typed(past), one.seen - 1)
            state, concluded = fold.change_over(before.program, now.program, state, anew, runs, one.seen)
            outputs += concluded
        events = now.typed([event for event in told if one.seen <= event.seen < until])
        budgets = now.program.new_budgets(answers=answers)
        concluded = fold.step(now.program, state, events, until - 1, budgets, past=runs)[1]
        runs.learn(concluded)
        outputs += concluded
        before = now
    return outputs


def version(night: Published, hash_: str) -> Version:
    older = [one for one in reversed(night.packs.values()) if one.hash != hash_]
    program = fold.compile_published(night.packs[hash_], older, contacts_known=night.known)
    return Version(program, Reader(night.packs[hash_], older))


def assert_retold(seed: int, again: Callable[[], Store]) -> int:
    """Run a night, tell it again, and compare; how many changes of the pack there were."""
    night = Published(seed, again)
    end = night.touch(night.run())
    night.tick(end)
    told = [one for who in WHO for one in retold(night, who, end)]
    assert rows(live(night.store)) == rows(told), f"seed {seed}"
    return sum(one.kind == ADOPTED for one in night.store.events_of("")) - night.store.shards


@pytest.mark.law
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("block", BLOCKS)
def test_a_log_told_again_by_its_packs_gives_what_was_concluded_live(
    block: int, large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:
        monkeypatch.setattr(loop_customers, "LARGE", 100)
        monkeypatch.setattr(loop_customers, "EACH", 40)
    changes = 0
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        store = MemoryStore(shards=1 + seed % 3)
        changes += assert_retold(seed, lambda store=store: store)
    assert changes


@pytest.mark.law
@pytest.mark.parametrize("seed", range(60 if MANY else 3))
def test_a_log_told_again_gives_what_both_databases_concluded(
    seed: int, tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop_customers, "LARGE", 200 if seed % 2 else 1 << 20)
    monkeypatch.setattr(loop_customers, "EACH", 40)
    for url in (str(tmp_path / f"{seed}.db"), postgres):
        with opened(url) as again:
            assert_retold(seed, again)


# --- by hand

FIRST = play("greets", do("hello", after="PT2H", through=["sms"]), key="order")
LATER = play("greets", do("welcome", after="PT3H", through=["sms"]), key="order")
THANKS = play("thanks", do("thank-you", after="PT1H", through=["sms"]), key="order")


def version_of(number: int, *plays: dict[str, object]) -> Pack:
    return msgspec.structs.replace(pack(*plays), hash=f"v{number}")


def goes_on(store: Store, of: Pack, now: str, *older: Pack) -> Loop:
    """A worker with another pack takes over."""
    loop = Loop(store, of, worker=of.hash, contacts_known=False, older={one.hash: one for one in older})
    store.release_shards(older[0].hash if older else "")
    loop.own(at(now))
    return loop


def test_a_run_follows_its_play_as_it_was_and_the_next_one_the_new_play() -> None:
    store, first = MemoryStore(), version_of(1, FIRST)
    goes_on(store, first, "03-02 10:00").ingest(orders("03-02 10:00"), at("03-02 10:00"))
    loop = goes_on(store, version_of(2, LATER), "03-02 11:00", first)
    loop.ingest(orders("03-02 10:00", "03-02 11:30")[1:], at("03-02 11:30"))
    loop.tick(at("03-03 10:00"))
    assert said(store) == [("send", "hello"), ("send", "welcome")]
    assert [one.planned.step for one in store.messages()] == ["hello", "welcome"]


def test_a_run_of_a_play_that_was_taken_out_goes_on_to_its_end() -> None:
    store, first = MemoryStore(), version_of(1, FIRST, THANKS)
    goes_on(store, first, "03-02 10:00").ingest(orders("03-02 10:00"), at("03-02 10:00"))
    loop = goes_on(store, version_of(2, THANKS), "03-02 10:30", first)
    loop.ingest(orders("03-02 10:00", "03-02 10:40")[1:], at("03-02 10:40"))
    loop.tick(at("03-03 10:00"))
    assert said(store) == [("send", "thank-you"), ("send", "thank-you"), ("send", "hello")]


def test_nobody_enters_by_a_new_pack_and_what_was_due_before_is_the_old_packs() -> None:
    store, first = MemoryStore(), version_of(1, FIRST)
    goes_on(store, first, "03-02 10:00").ingest(orders("03-02 10:00"), at("03-02 10:00"))
    loop = goes_on(store, version_of(2, LATER, THANKS), "03-02 15:00", first)
    loop.tick(at("03-03 10:00"))
    (verdict,) = [one for one in store.story("c-1") if isinstance(one, Verdict)]
    assert (verdict.step, verdict.instant) == ("hello", at("03-02 12:00"))


def test_a_verdict_and_a_run_say_which_pack_they_follow(tmp_path: Path) -> None:
    path, first, second = tmp_path / "peakend.db", version_of(1, FIRST), version_of(2, LATER)
    with closing(open_store(str(path))) as store:
        goes_on(store, first, "03-02 10:00").ingest(orders("03-02 10:00"), at("03-02 10:00"))
        loop = goes_on(store, second, "03-02 11:00", first)
        loop.ingest(orders("03-02 10:00", "03-02 11:30")[1:], at("03-02 11:30"))
        loop.tick(at("03-03 10:00"))
    with closing(sqlite3.connect(path)) as file:
        verdicts = file.execute("SELECT step, pack FROM verdict ORDER BY place").fetchall()
        runs = file.execute("SELECT key, pack FROM run ORDER BY key").fetchall()
    assert verdicts == [("hello", "v2"), ("welcome", "v2")]
    assert runs == [("O0", "v1"), ("O1", "v2")]


def test_a_state_whose_runs_follow_a_pack_that_is_not_at_hand_is_refused_by_name() -> None:
    store, first, second = MemoryStore(), version_of(1, FIRST), version_of(2, LATER)
    goes_on(store, first, "03-02 10:00").ingest(orders("03-02 10:00"), at("03-02 10:00"))
    goes_on(store, second, "03-02 10:30", first).ingest(
        orders("03-02 10:00", "03-02 10:40")[1:], at("03-02 10:40")
    )
    alone = Loop(store, second, worker="alone", contacts_known=False)
    store.release_shards("v2")
    alone.own(at("03-02 10:50"))
    with pytest.raises(PeakendError, match="A run of greets follows the play as") as caught:
        alone.tick(at("03-03 10:00"))
    assert "older" in caught.value.fix
    assert "older" in caught.value.fix_zh


def test_a_play_that_asks_for_customers_of_before_waits_for_approvals() -> None:
    with pytest.raises(PeakendError, match=r"backfill.*: greets") as caught:
        Loop(MemoryStore(), version_of(1, {**FIRST, "backfill": True}))
    assert "greets" in caught.value.what_zh
