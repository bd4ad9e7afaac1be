"""One person's data, in all three stores: all is handed over, and what is erased is nowhere any more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import psycopg
import pytest
from building import at, do, event, pack, play
from typer.testing import CliRunner

from peakend.cli import app
from peakend.loop import Loop
from peakend.model.event import Event
from peakend.model.outcome import Verdict
from peakend.model.stored import Arrival
from peakend.store import MemoryStore, Store, open_store
from peakend.tell.masked import masked
from peakend.why.held import Unknown, held

HER, BEFORE, OTHER = "wang-xiaoming-778", "visitor-4711", "li-lei-9"
MOBILE, MAIL = "13812341234", "xiaoming@example.com"
SECRETS = (HER, BEFORE, MOBILE, MAIL, "王小明")
GREETS = pack(
    play("greets", do("hello", after="P1D", through=["sms"]), key="order", to={"role": "owner"}),
    play("sorry", do("sorry", through=["sms"]), on="shop.closed", again="every"),
    customer={"tier": {"type": "number", "from": "order.made.v"}},
)
SALT = "00" * 16


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres"))
    return "memory:" if request.param == "memory" else str(tmp_path / "peakend.db")


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with closing(MemoryStore(shards=4) if url == "memory:" else open_store(url)) as opened:
        yield opened


def arrival(one: Event, id_: str) -> Arrival:
    data = msgspec.json.encode(one.data, order="sorted").decode()
    return Arrival("crm", id_, one.customer, one.kind, one.at, one.subject, data)


def contact(who: str, channel: str, address: str) -> Event:
    name = "王小明" if who == HER else "李雷"
    data = {"contact": "self", "role": "owner", "name": name, "channel": channel, "address": address}
    return event("03-01 10:00", "contact.set", customer=who, **data)


def order(when: str, who: str, key: str) -> Event:
    return event(when, "order.made", customer=who, order=key)


def lived(store: Store) -> Loop:
    """Two customers; one was a visitor first, has two addresses, and an event that nobody can read."""
    loop = Loop(store, GREETS)
    loop.own(at("03-01 10:00"))
    told = [
        *(contact(who, "sms", number) for who, number in ((HER, MOBILE), (OTHER, "13900000000"))),
        contact(HER, "email", MAIL),
        order("03-01 11:00", BEFORE, "O1"),
        event("03-01 12:00", "customer.identified", customer=HER, anonymous=BEFORE),
        order("03-01 13:00", OTHER, "O2"),
        *(event("03-01 14:00", "relation.set", customer=who, subject="north") for who in (HER, OTHER)),
        event("03-01 15:00", "shop.closed", about="north"),
        event("03-01 16:00", "order.made", customer=HER, order="O9", v="many"),
    ]
    for number, one in enumerate(told):
        loop.ingest([arrival(one, f"e-{number}")], one.seen)
    loop.tick(at("03-03 10:00"))
    return loop


def sent(store: Store, *names: str) -> list[str]:
    return [one.step for who in names for one in store.story(who) if isinstance(one, Verdict)]


def test_everything_about_a_person_is_handed_over_under_any_of_her_names(store: Store) -> None:
    lived(store)
    assert store.names_of(BEFORE) == store.names_of(HER) == [HER, BEFORE]
    found = store.export(BEFORE)
    assert found == store.export(HER)
    text = repr(found)
    assert all(one in text for one in SECRETS) and OTHER not in text
    assert sum(row["customer"] in (HER, BEFORE) for row in found["event"]) == len(found["event"]) >= 6
    assert [row["place"] for row in found["quarantine"]] == ["e-9"]
    assert len(found["message"]) == 2 and len(found["relation"]) == 1 and len(found["state"]) == 1


def test_what_is_erased_is_nowhere_and_others_keep_everything(store: Store, url: str) -> None:
    lived(store)
    kept = store.export(OTHER)
    gone = store.erase(BEFORE, at("03-04 10:00"), SALT)
    assert gone["event"] >= 6 and gone["message"] == 2 and gone["alias"] == 1 and gone["quarantine"] == 1
    assert not any(store.export(HER).values()) and store.names_of(BEFORE) == [BEFORE]
    assert store.export(OTHER) == kept
    assert store.erase(HER, at("03-04 10:00"), "another") == {}
    assert_nowhere(store, url)


def assert_nowhere(store: Store, url: str) -> None:
    if url == "memory:":
        held = repr({name: value for name, value in vars(store).items()}).encode()
        held += b"".join(row.data for row in store._states.values())  # type: ignore[attr-defined]
    elif url.startswith("postgresql"):
        with psycopg.connect(url) as server:
            names = server.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            rows = [
                server.execute(f'SELECT t::text FROM "{name}" t'.encode()).fetchall() for (name,) in names
            ]
        held = repr(rows).encode()
    else:
        held = b"".join(path.read_bytes() for path in Path(url).parent.glob("peakend.db*"))
    for secret in SECRETS:
        shapes = (secret.encode(), secret.encode().hex().encode(), repr(secret)[1:-1].encode())
        assert not any(shape in held for shape in shapes), secret


def test_nothing_is_sent_twice_or_to_an_erased_address_and_she_begins_anew(store: Store) -> None:
    loop = lived(store)
    planned = {one.planned.send_key for one in store.messages(HER)}
    store.erase(HER, at("03-04 10:00"), SALT)
    assert store.suppressed([MOBILE, MAIL, "13900000000"]) == {MOBILE, MAIL}
    told = [
        contact(HER, "sms", "13811110000"),
        order("03-01 11:00", HER, "O1"),
        order("03-04 11:00", HER, "O7"),
    ]
    for number, one in enumerate(told):
        assert loop.ingest([arrival(one, f"again-{number}")], at("03-04 11:00")) == ["taken"]
    loop.tick(at("03-06 10:00"))
    assert sent(store, HER)
    assert {one.planned.key for one in store.messages(HER)} == {"O7"}
    assert not planned & {one.planned.send_key for one in store.messages(HER)}


def test_a_message_of_an_erased_person_is_not_planned_again(store: Store) -> None:
    loop = Loop(store, GREETS, contacts_known=False)
    loop.own(at("03-01 10:00"))
    loop.ingest([arrival(order("03-01 11:00", HER, "O1"), "e-1")], at("03-01 11:00"))
    loop.tick(at("03-03 10:00"))
    assert len(store.messages(HER)) == 1
    store.erase(HER, at("03-03 11:00"), SALT)
    loop.ingest([arrival(order("03-03 12:00", HER, "O1"), "e-1")], at("03-03 12:00"))
    loop.tick(at("03-05 10:00"))
    assert sent(store, HER) == ["hello"] and store.messages(HER) == []


def test_a_fan_out_under_way_goes_on_though_the_last_one_reached_is_erased(store: Store) -> None:
    loop = Loop(store, GREETS, contacts_known=False)
    loop.own(at("03-01 10:00"))
    for who in ("a", "b", "c"):
        one = event("03-01 10:00", "relation.set", customer=who, subject="north")
        loop.ingest([arrival(one, f"r-{who}")], at("03-01 10:00"))
    shard = next(one for one in loop._shards if _is_nobodys(store, one))
    store.append([arrival(event("03-02 10:00", "shop.closed", about="north"), "s-1")])
    with store.turn(shard) as turn:
        loop._fold(turn, at("03-02 10:00"), 10)
    with store.turn(shard) as turn:
        fan = turn.fan()
        assert fan is not None and turn.related(fan, 2) == ["a", "b"]
        turn.fanned(fan, [], "b")
    store.erase("b", at("03-02 10:00"), SALT)
    with store.turn(shard) as turn:
        fan = turn.fan()
        assert fan is not None and fan.after == "a" and turn.related(fan, 9) == ["c"]


def _is_nobodys(store: Store, shard: object) -> bool:
    with store.turn(shard) as turn:  # type: ignore[arg-type]
        return turn.shard_of("") == turn.shard.number


def test_a_turn_that_fails_renames_relates_and_passes_on_nothing(store: Store) -> None:
    loop = lived(store)
    before = (store.names_of(HER), store.export(OTHER), store.waiting())
    merge = event("03-04 10:00", "customer.merged", customer=OTHER, **{"from": HER, "into": OTHER})
    store.append([arrival(merge, "m-1")])
    for shard in loop._shards:
        with pytest.raises(RuntimeError), store.turn(shard) as turn:
            loop._fold(turn, at("03-04 10:00"), 10)
            raise RuntimeError("the process dies here")
    assert store.waiting() == 1
    assert (store.names_of(HER), store.export(OTHER)["state"]) == (before[0], before[1]["state"])
    loop.fold(at("03-04 10:00"))
    assert store.names_of(HER) == [OTHER, BEFORE, HER] and store.waiting() == 0
    assert {row["customer"] for row in store.export(HER)["relation"]} == {OTHER}


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("13812341234", "138****1234"),
        ("xiaoming@example.com", "x***@example.com"),
        ("+86 138 1234 1234", "+86****1234"),
        ("wx_778", "w***"),
    ],
)
def test_an_address_is_masked_so_that_its_owner_knows_it(address: str, shown: str) -> None:
    assert masked(address) == shown


@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_the_commands_hand_over_and_erase(where: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue("postgres") if where == "postgresql" else None
    database, out = server or str(tmp_path / "peakend.db"), tmp_path / "her.json"
    with closing(open_store(database)) as store:
        lived(store)
    run = CliRunner().invoke
    asked = ["export", BEFORE, "--database", database, "--out", str(out), "--language", "en"]
    assert f"about {HER}" in run(app, asked).output
    whole = json.loads(out.read_text("utf-8"))
    assert whole["names"] == [HER, BEFORE] and "138****1234" in out.read_text("utf-8")
    assert MOBILE not in out.read_text("utf-8") and MAIL not in out.read_text("utf-8")
    assert whole["state"][0]["data"]["contacts"]["self"]["name"] == "王小明"
    assert any(row["seen_at"] == "2026-03-01T02:00:00Z" for row in whole["event"])
    run(app, [*asked, "--unmask"])
    assert MOBILE in out.read_text("utf-8") and MAIL in out.read_text("utf-8")

    refused = run(app, ["erase", HER, "--database", database, "--language", "zh"], input="somebody\n")
    assert "输入客户编号" in refused.output and refused.exit_code != 0
    assert "准确输入" in getattr(refused.exception, "fix_zh", "")
    done = run(app, ["erase", HER, "--database", database, "--language", "en"], input=f"{HER}\n")
    assert "event: " in done.output and "is erased" in done.output
    with closing(open_store(database)) as store:
        assert_nowhere(store, database)
    nobody = run(app, ["export", HER, "--database", database, "--out", str(out)])
    assert "knows nobody" in str(nobody.exception)


@pytest.mark.parametrize("name", ["", "\0"])
def test_nobody_in_particular_is_no_person(tmp_path: Path, name: str) -> None:
    database = str(tmp_path / "peakend.db")
    with closing(open_store(database)) as store:
        store.announce("play.paused", {"play": "greets"}, at("03-01 10:00"))
        with pytest.raises(Unknown):
            held(store, name, unmask=True)
    done = CliRunner().invoke(app, ["erase", name, "--database", database, "--yes", "--language", "en"])
    assert done.exit_code != 0
    with closing(open_store(database)) as store:
        assert [one.kind for one in store.announced()] == ["play.paused"]
