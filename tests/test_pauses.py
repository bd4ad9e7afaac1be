"""Pauses of entries: inputs like any other, the same live, in the past and in the reference.

They keep nobody out who is in, and a play that was stopped begins again only as it is published anew.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from building import at, do, event, pack, play
from naive.compare import knows_contacts, rows
from naive.matcher import match
from random_packs import make_case
from test_loop import BLOCK, Night, arrival, live, opened, served, tick_to_the_end

from peakend import fold
from peakend.backtest.conclude import conclude
from peakend.errors import Unusable
from peakend.listen.door import check_kind
from peakend.loop import Loop
from peakend.model.event import ANNOUNCED, Event
from peakend.model.outcome import Ended, Entered, Output, Passed, Verdict
from peakend.model.publication import Publication, Switch
from peakend.model.stored import Arrival, Fate
from peakend.store import MemoryStore, Store
from peakend.tell.teller import Teller
from peakend.trigger.pauses import pauses_of

MANY = bool(os.environ.get("PEAKEND_LAWS"))
BLOCKS = range(200 if MANY else 4)
DATABASES = range(40 if MANY else 2)
GREETS = play("greets", do("hello", after="PT2H", through=["sms"]), key="order")


class Interrupted(Loop):
    """A loop to whose store somebody says now and then that plays pause, go on, stop or are published."""

    chance: random.Random

    def ingest(self, arrivals: Sequence[Arrival], now: int) -> list[Fate]:
        if self.chance.random() < 0.5:
            names = ["", *self.program.rules.plays]
            kind = self.chance.choice([*ANNOUNCED])
            data = {"play": self.chance.choice(names[kind == "play.stopped" :])}
            if kind == "pack.published":
                data = {"hash": "h", "revived": ",".join(self.chance.sample(names[1:], 1))}
            self._store.announce(kind, data, now - self.chance.choice((0, 0, 10**9)))
        return super().ingest(arrivals, now)


class PausedNight(Night):
    def worker(self, name: str, store: Store, most: int) -> Loop:
        loop = Interrupted(store, self.pack, worker=name, most_shards=most, contacts_known=self.known)
        loop.chance = self.chance
        return loop


def assert_same(seed: int, night: Night, tmp_path: Path) -> list[Output]:
    night.run()
    log = tick_to_the_end(night, tmp_path / f"{seed}.parquet")
    past = conclude(night.pack, [log])
    assert rows(live(night.store)) == rows(past.outputs), f"seed {seed}"
    return past.outputs


@pytest.mark.law
@pytest.mark.parametrize("block", BLOCKS)
def test_live_with_pauses_concludes_what_the_backtest_of_its_inputs_does(block: int, tmp_path: Path) -> None:
    found: list[Output] = []
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        store = MemoryStore(shards=1 + seed % 3)
        found += assert_same(seed, PausedNight(seed, lambda store=store: store), tmp_path)
    passed = Counter(one.reason for one in found if isinstance(one, Passed))
    assert passed["paused"] and any(isinstance(one, Entered) for one in found)


@pytest.mark.law
@pytest.mark.parametrize("seed", DATABASES)
def test_pauses_on_the_databases_agree_with_the_past(seed: int, tmp_path: Path, postgres: str) -> None:
    for url in (str(tmp_path / "peakend.db"), postgres):
        with opened(url) as again:
            assert_same(seed, PausedNight(seed, again), tmp_path)


@pytest.mark.law
@pytest.mark.parametrize("block", BLOCKS)
def test_the_fold_and_the_reference_agree_on_pauses(block: int) -> None:
    paused = 0
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        case, chance = make_case(seed), random.Random(seed)
        names, seens = [*case.pack.plays], sorted({one.seen for one in case.events}) or [0]
        told = []
        for number, seen in enumerate(sorted(chance.choices(seens, k=4))):
            kind = chance.choice([*ANNOUNCED])
            data = {"play": chance.choice(names if kind == "play.stopped" else ["", *names])}
            if kind == "pack.published":
                data = {"revived": chance.choice(names)}
            told.append(Event("", kind, seen, seen + number, number, data))
        pauses = pauses_of((one.kind, one.seen, one.data) for one in told)
        program = fold.compile_program(
            case.pack, contacts_known=knows_contacts(case.events), explain=True
        ).paused(pauses)
        customer = case.events[0].customer if case.events else ""
        state = fold.new_state(customer)
        _, outputs = fold.step(program, state, case.events, case.until, program.new_budgets())
        assert rows(outputs) == rows(match(case.pack, case.events, case.until, told)), f"seed {seed}"
        paused += sum(isinstance(one, Passed) and one.reason == "paused" for one in outputs)
    assert paused


# --- by hand


def orders(*when: str) -> list[Arrival]:
    return [arrival(event(one, "order.made", order=f"O{one}"), "c-1", n) for n, one in enumerate(when)]


def told(store: Store) -> list[tuple[str, str]]:
    return [
        (type(one).__name__, getattr(one, "reason", "") or one.key)
        for one in store.story("c-1")
        if isinstance(one, Entered | Passed | Ended)
    ]


def test_a_pause_lets_nobody_in_and_drops_nobody_who_is_in() -> None:
    store = MemoryStore()
    loop = served(store, pack(GREETS))
    first, second, third = orders("03-02 10:00", "03-02 10:30", "03-02 11:30")
    loop.ingest([first], at("03-02 10:00"))
    store.announce("play.paused", {"play": "greets"}, at("03-02 10:10"))
    loop.ingest([second], at("03-02 10:30"))
    store.announce("play.resumed", {"play": "greets"}, at("03-02 11:00"))
    loop.ingest([third], at("03-02 11:30"))
    loop.tick(at("03-02 14:00"))
    sent = [one.key for one in store.story("c-1") if isinstance(one, Verdict) and one.outcome == "send"]
    assert sent == ["O03-02 10:00", "O03-02 11:30"]
    assert ("Passed", "paused") in told(store)


def test_a_pause_begins_at_its_very_instant_and_ends_just_before_its_end() -> None:
    pauses = pauses_of([("play.paused", 10, {"play": "greets"}), ("play.resumed", 20, {"play": "greets"})])
    assert pauses == {"greets": ((10, 20),)}
    program = fold.compile_program(pack(GREETS), contacts_known=False).paused(pauses)
    events = [Event("c-1", "order.made", seen, seen, seen, {"order": str(seen)}) for seen in (9, 10, 19, 20)]
    _, outputs = fold.step(program, fold.new_state("c-1"), events)
    assert [one.key for one in outputs if isinstance(one, Entered)] == ["9", "20"]
    assert [one.reason for one in outputs if isinstance(one, Passed)] == ["paused", "paused"]


def test_to_resume_all_plays_leaves_a_play_that_was_paused_by_itself_as_it_is() -> None:
    told = [("play.paused", 1, {"play": "a"}), ("play.paused", 2, {}), ("play.resumed", 5, {})]
    assert pauses_of(told) == {"": ((2, 5),), "a": ((1, 1 << 62),)}


def test_a_stopped_play_begins_again_only_when_it_is_published_anew() -> None:
    store = MemoryStore()

    def publish(number: int, **files: bytes) -> None:
        named = {f"plays/{name}.yaml": content for name, content in files.items()}
        store.publish(
            Publication(hash=f"h{number}", pack="p", who="li", seen=0, backtest="", approved="", files=named),
            number,
        )

    publish(10, greets=b"1", other=b"1")
    assert store.hold_sends(Switch(play="greets", channel="", stopped=True, since=20, who="li"))
    store.announce("play.resumed", {"play": "greets"}, 25)
    publish(30, greets=b"1", other=b"2")
    assert [one.play for one in store.switches()] == ["greets"]
    publish(40, greets=b"2", other=b"2")
    assert store.switches() == []
    rows_ = [(one.kind, one.seen, {"play": "greets", "revived": "greets"}) for one in store.announced()[:2]]
    assert pauses_of(rows_) == {"greets": ((20, 1 << 62),)}
    assert [one.data for one in store.announced()[-2:]] == [
        '{"hash":"h30"}', '{"hash":"h40","revived":"greets"}',
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ANNOUNCED)
def test_no_source_may_say_what_people_decide_here(kind: str) -> None:
    with pytest.raises(Unusable) as caught:
        check_kind(kind)
    assert "peakend publish" in caught.value.fix and "不接受外部来源" in caught.value.what_zh


def test_why_says_in_both_languages_that_a_play_was_paused() -> None:
    said = Teller(pack(GREETS)).passed(Passed("c-1", "greets", "O1", 1, 1, "order.made", "paused"), None).said
    assert "paused" in said.en and "暂停" in said.zh
