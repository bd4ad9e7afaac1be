"""Kill -9 at every edge of a delivery: no event lost, nobody rung twice, no doubt hidden.

A forked courier is killed at one edge: before a statement, after it, after its commit, or inside the channel
before or after the letter has left. Another is killed while it cleans up, and a third goes on to the end. The
channel writes what leaves into a file, on the disk before it answers, so that what left before a kill is
known for sure.
"""

from __future__ import annotations

import json
import os
import random
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from building import at, do, event, pack, play
from naive.compare import rows
from test_delivering import compose
from test_loop import arrival

from peakend import fold
from peakend.loop import LEASE as SHARDS_LEASE
from peakend.loop import Loop
from peakend.loop.delivering import LEASE, Courier, Post
from peakend.loop.programs import Version
from peakend.model.delivery import Answer, Letter, Receipt
from peakend.model.stored import Arrival, Message
from peakend.store import Store, open_store
from peakend.store.sqlite import connect

MANY = bool(os.environ.get("PEAKEND_CRASH"))
SEEDS = 1000 if MANY else 200
WHO = ("c-1", "c-2")
MINUTE, HOUR = 60_000_000, 3_600_000_000
BEGIN, END = at("03-02 10:00"), at("03-02 18:00")

STATEMENTS = ("claim", "handed", "accepted", "failed", "unknown", "planned", "withdrawn", "expired")
FOLLOWING = ("note", "way", "tell")
EDGES = [
    *((edge, when) for edge in (*STATEMENTS, *FOLLOWING) for when in ("before", "after", "committed")),
    ("channel", "before"),
    ("channel", "after"),
]


def steps(*through: str, **words: Any) -> dict[str, Any]:
    return do("hello", **{"through": [*through], "expires": "P30D", **words})


OWNER = {"key": "order", "to": {"role": "owner"}}
SERVICE = pack(
    play("mail", steps("email", "sms"), **OWNER),
    play("phone", steps("sms", "wecom"), **OWNER),
    play("both", steps() | {"through": {"all": ["email", "sms"]}}, **OWNER),
    play("gift", do("gift", "give", through=["email"], amount=10, expires="P30D"), **OWNER),
    play("hurry", steps("email", expires="PT1H"), **OWNER),
    play("desk", do("call", "card", role="seller"), key="order"),
    play("hint", steps("console"), **OWNER),
)  # fmt: skip


def told(seed: int) -> list[list[Arrival]]:
    """What the service hears, in the pieces in which it hears it."""
    chance = random.Random(seed)
    ways = (("email", "ann@example.com"), ("sms", "+8613800000000"), ("wecom", "ann"))
    number, pieces = 0, []
    for who in WHO:
        ann = {"contact": "ann", "role": "owner", "name": "Ann"}
        first = [event("03-02 09:00", "contact.set", **ann, channel=one, address=to) for one, to in ways]
        order = event("03-02 10:00", "order.made", order=f"{who}-{seed}", v=1)
        withdraws = EDGES[seed % len(EDGES)][0] == "withdrawn" or chance.random() < 0.3
        then = [event("03-02 10:01", "consent.withdrawn", what="sms")] if withdraws else []
        for events in ([*first, order], then):
            pieces.append([arrival(one, who, number := number + 1) for one in events])
    return pieces


@dataclass
class Death:
    """Comes at the `left`-th time that an edge is reached, if that comes."""

    edge: str
    when: str
    left: int

    def at(self, edge: str, when: str) -> None:
        if (edge, when) == (self.edge, self.when):
            self.left -= 1
            if not self.left:
                os.kill(os.getpid(), signal.SIGKILL)


class Mortal:
    """A database that takes its process with it at an edge."""

    def __init__(self, database: Any, death: Death) -> None:
        self._database, self._death = database, death
        self._passed: list[str] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._database, name)
        if name not in ("rows", "run", "write", "append"):
            return found

        def call(*given: Any) -> Any:
            edge = edge_of(name, *given)
            self._death.at(edge, "before")
            done = found(*given)
            self._death.at(edge, "after")
            if edge == "COMMIT":
                passed, self._passed = self._passed, []
                for one in passed:
                    self._death.at(one, "committed")
            elif edge:
                self._passed.append(edge)
            return done

        return call


def edge_of(name: str, what: Any, parameters: Sequence[Any] = ()) -> str:
    """Which edge of a delivery a statement is; '' for one that changes nothing of it."""
    if name == "append":
        return "tell"
    if name == "write":
        return {"message": "way", "note": "note"}.get(what.table, "")
    if what.startswith("UPDATE message"):
        return str(parameters[0])
    known = {"WITH chosen": "claim", "WITH lost": "lost", "COMMIT": "COMMIT"}
    return next((edge for start, edge in known.items() if what.startswith(start)), "")


class OnDisk:
    """A channel that answers by the letter, and whose letters are on the disk before it does."""

    def __init__(self, path: Path, death: Death | None) -> None:
        self._path, self._death = path, death

    def hand_over(self, letter: Letter, now: int) -> Receipt:
        answer, taken = answer_to(letter.send_key, letter.attempt)
        if self._death:
            self._death.at("channel", "before")
        line = json.dumps({"key": letter.send_key, "taken": taken, "answer": answer}) + "\n"
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, line.encode())
        os.fsync(file)
        os.close(file)
        if self._death:
            self._death.at("channel", "after")
        return Receipt(answer, f"{answer} at the attempt {letter.attempt}")


def answer_to(key: str, attempt: int) -> tuple[Answer, bool]:
    """What the channel says to a letter, and whether it has taken it."""
    drawn = int(sha256(key.encode()).hexdigest()[:4], 16)
    kind = drawn % 10
    if kind < 3:
        return "refused", False
    if attempt == 1 and kind < 5:
        return "later", False
    if attempt == 1 and kind < 7:
        return "unknown", drawn % 20 < 10
    return "accepted", True


class Service:
    """A loop and a courier over one database; only the courier's connection may die."""

    def __init__(self, url: str, sent: Path, name: str, death: Death | None = None) -> None:
        self.now = BEGIN
        self.store, courier = open_store(url), open_store(url)
        if death:
            of_courier: Any = courier
            of_courier._db._database = Mortal(of_courier._db._database, death)
        self._courier_store = courier
        channel = OnDisk(sent, death)
        post = Post(
            channels={name: channel for name in ("email", "sms", "wecom")},
            compose=compose,
            colleagues={"seller": ("wecom", "desk")},
        )
        self.loop = Loop(self.store, SERVICE, worker=name)
        self.courier = Courier(courier, self.loop.programs, post, worker=name, clock=lambda: self.now)

    def run(self, pieces: Sequence[Sequence[Arrival]], begin: int, late: int) -> None:
        """Hear everything, then deliver, later and later, until nothing is on its way any more."""
        self.now = begin
        assert self.loop.own(self.now) == self.store.shards
        for piece in pieces:
            assert "other_body" not in self.loop.ingest(piece, self.now)
            self.work()
            self.now += 1
        for wait in (late, 0, MINUTE, 2 * MINUTE, LEASE, HOUR, LEASE, HOUR, LEASE):
            self.now += wait
            self.loop.own(self.now)
            self.work()
            while self.courier.deliver():
                pass
        self.work()

    def work(self) -> None:
        while self.loop.work(self.now):
            pass

    def close(self) -> None:
        self.store.close()
        self._courier_store.close()


def killed(url: str, sent: Path, seed: int, name: str, death: Death, begin: int) -> bool:
    """Run a service in a process of its own until its death comes; whether it came at all."""
    child = os.fork()
    if not child:
        try:
            Service(url, sent, name, death).run(told(seed), begin, late(seed))
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def late(seed: int) -> int:
    """How long everybody waits for the courier: in some services so long that what is urgent expires."""
    return 2 * HOUR if EDGES[seed % len(EDGES)][0] == "expired" or seed % 5 == 0 else 0


def deaths(seed: int) -> Iterator[Death]:
    """Two deaths: the first goes through all edges, the second is drawn."""
    chance = random.Random(seed)
    edge, when = EDGES[seed % len(EDGES)]
    often = edge in ("claim", "handed", "accepted", "channel")
    yield Death(edge, when, chance.randint(1, 6 if often else 2))
    takes_over = [("lost", when) for when in ("before", "after", "committed")]
    yield Death(*chance.choice([*EDGES, *takes_over]), chance.randint(1, 2))


def assert_nothing_went_wrong(seed: int, url: str, sent: Path) -> list[bool]:
    ends = []
    for number, death in enumerate(deaths(seed)):
        begin = BEGIN + number * (END - BEGIN)
        ends.append(killed(url, sent, seed, f"w-{number}", death, begin))
    last = Service(url, sent, "w-9")
    with closing(last):
        last.run(told(seed), END + (END - BEGIN) + SHARDS_LEASE, 0)
        deliveries, lines = last.store.messages(), left(sent)
        assert {one.planned.send_key for one in deliveries} >= lines.keys()
        for one in deliveries:
            judge(one, lines.get(one.planned.send_key, []), any(ends), f"seed {seed}: {one}")
        judge_the_log(last.store, deliveries, last.loop.programs.current, seed)
        laid = {note.send_key for note in last.store.notes()}
        local = [one for one in deliveries if one.planned.channel in ("card", "console")]
        assert laid == {one.planned.send_key for one in local if one.state == "accepted"}
    return ends


def left(sent: Path) -> dict[str, list[dict[str, Any]]]:
    """What has left, by its send key."""
    found: dict[str, list[dict[str, Any]]] = {}
    for line in sent.read_text().splitlines():
        one = json.loads(line)
        found.setdefault(one["key"], []).append(one)
    return found


def judge(one: Message, handed: list[dict[str, Any]], was_killed: bool, said: str) -> None:
    """Hold one delivery of the ledger against what has left."""
    taken = [line for line in handed if line["taken"]]
    assert one.state in ("accepted", "failed", "unknown", "withdrawn", "expired"), said
    if one.planned.channel not in ("card", "console"):
        assert len(handed) <= one.attempts <= len(handed) + 2, said
    if one.planned.at_most_once:
        assert len(taken) <= 1, said
        # Only a channel that says that it has not taken a letter is given it again.
        assert all(line["answer"] == "later" for line in handed[:-1]), said
        assert not taken or one.state in ("accepted", "unknown"), said
        doubtful = bool(handed) and handed[-1]["answer"] == "unknown"
        assert one.state != "unknown" or doubtful or was_killed, said
        assert not doubtful or one.state == "unknown", said
    else:
        assert one.state != "unknown", said
        if one.state == "accepted" and one.planned.channel == "email":
            assert taken, said
    if one.state == "failed":
        assert [line for line in handed if line["answer"] == "refused"] or one.attempts > 1, said


def judge_the_log(store: Store, deliveries: list[Message], version: Version, seed: int) -> None:
    """No event is lost, what the courier tells is told once, and the past concludes the same."""
    pieces = told(seed)
    recorded = {who: store.events_of(who) for who in WHO}
    ids = [one.id for who in WHO for one in recorded[who] if one.source != "peakend"]
    assert sorted(ids) == sorted(one.id for piece in pieces for one in piece), f"seed {seed}"
    assert store.waiting() == 0
    by_message: dict[str, list[Message]] = {}
    for one in deliveries:
        by_message.setdefault(one.planned.message, []).append(one)
    heard = Counter(one.id for who in WHO for one in recorded[who] if one.source == "peakend")
    expected = Counter[str]()
    for message, ways in by_message.items():
        if not any(one.state in ("accepted", "unknown") for one in ways):
            tried = any(one.state == "failed" or (one.state == "expired" and one.attempts) for one in ways)
            expected[f"{'failed' if tried else 'withdrawn'}|{message}"] += 1
    assert heard == expected, f"seed {seed}"
    last = max(one.seen for who in WHO for one in recorded[who])
    for who in WHO:
        events = version.typed(recorded[who])
        _, outputs = fold.step(version.program, fold.new_state(who), events, last)
        assert rows(store.story(who)) == rows(outputs), f"seed {seed}"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tables of a store, to make others from."""
    path = tmp_path_factory.mktemp("empty") / "peakend.db"
    open_store(str(path)).close()
    with closing(connect(path)) as file:
        file.execute("PRAGMA journal_mode = DELETE")
    return path


BLOCK = len(EDGES)


@pytest.mark.parametrize("block", range(-(-SEEDS // BLOCK)))
def test_a_courier_that_is_killed_at_any_edge_on_sqlite_does_no_harm(
    block: int, tmp_path: Path, empty: Path
) -> None:
    reached = Counter[tuple[str, str]]()
    for seed in range(block * BLOCK, min((block + 1) * BLOCK, SEEDS)):
        url = tmp_path / f"{seed}.db"
        url.write_bytes(empty.read_bytes())
        first, _ = assert_nothing_went_wrong(seed, str(url), tmp_path / f"{seed}.sent")
        reached[EDGES[seed % BLOCK]] += first
        url.unlink()
    assert sum(reached.values()) > len(reached) * 0.7, reached


@pytest.mark.parametrize("seed", range(100 if MANY else 20))
def test_a_courier_that_is_killed_at_any_edge_on_postgresql_does_no_harm(
    seed: int, tmp_path: Path, postgres: str
) -> None:
    assert_nothing_went_wrong(seed * 8 + 3, postgres, tmp_path / "sent")
