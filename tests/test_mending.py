"""What was put aside goes through the door once more: nothing is lost, and nothing counts twice."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from building import at, do, event, pack, play
from test_loop import arrival, served
from typer.testing import CliRunner

from peakend.cli import app
from peakend.loop import Loop
from peakend.loop.mending import Mending
from peakend.model.outcome import Entered
from peakend.model.pack import Pack
from peakend.model.source import SourceFile
from peakend.model.stored import Arrival, Unusable
from peakend.store import MemoryStore, Store, open_store

TIER = {"tier": {"type": "number", "from": "order.made.v"}}
GREETS = play("greets", do("hello", after="PT2H", through=["sms"]), key="order")
STRICT = pack(GREETS, customer=TIER)
NOW = "03-02 10:00"


def strange(store: Store) -> Unusable:
    """An order whose field cannot be typed: it stands in the log, and aside."""
    loop = served(store, STRICT)
    loop.ingest(
        [Arrival("crm", "e-1", "c-1", "order.made", at(NOW), "", '{"order":"O1","v":"many"}')], at(NOW)
    )
    (row,) = store.put_aside_rows()
    return row


def at_the_door(store: Store, body: dict[str, Any] | str, source: str = "crm") -> Unusable:
    text = body if isinstance(body, str) else json.dumps(body)
    store.put_aside(
        [
            Unusable(
                number=0, source=source, place="crm.csv:7", reason_zh="旧", reason_en="old",
                body=text, at=at(NOW), mended=False,
            )
        ]
    )  # fmt: skip
    return store.put_aside_rows()[-1]


def reasons(store: Store) -> list[str]:
    return [row.reason_en for row in store.put_aside_rows()]


def entered(store: Store) -> list[str]:
    return [one.key for one in store.story("c-1") if isinstance(one, Entered)]


def fold(store: Store, of: Pack = STRICT) -> None:
    loop = Loop(store, of, worker="w-1", contacts_known=False)
    loop.own(at("03-02 11:00"))
    loop.fold(at("03-02 11:00"))


NATIVE = {"id": "e-7", "customer": "c-1", "kind": "order.made", "at": "2026-03-02T02:00:00Z"}


# --- what stands in the log ---------------------------------------------------------------------------


def test_a_corrected_event_is_an_input_of_its_own_and_names_the_one_it_corrects() -> None:
    store = MemoryStore()
    row = strange(store)
    assert entered(store) == []
    found = Mending(store, STRICT).replay(row, '{"v": 3, "order": "O1"}')
    assert found.outcome == "taken" and reasons(store) == []
    fold(store)
    assert entered(store) == ["O1"]
    assert [(one.id, one.at, one.data) for one in store.events_of("c-1")] == [
        ("e-1", at(NOW), '{"order":"O1","v":"many"}'),
        (f"e-1~{row.number}", at(NOW), '{"order":"O1","v":3}'),
    ]


def test_a_correction_that_was_cut_off_is_not_taken_twice() -> None:
    store = MemoryStore()
    row = strange(store)
    body = '{"order":"O1","v":3}'
    store.append([Arrival("crm", f"e-1~{row.number}", "c-1", "order.made", at(NOW), "", body)])
    assert Mending(store, STRICT).replay(row, body).outcome == "known"
    fold(store)
    assert entered(store) == ["O1"] and len(store.events_of("c-1")) == 2


def test_what_still_fails_stays_with_its_new_reason_and_its_old_body() -> None:
    store = MemoryStore()
    row = strange(store)
    found = Mending(store, STRICT).replay(row, '{"order": "O1", "v": "few"}')
    assert found.outcome == "aside" and "'few'" in found.reason_en and "few" in found.reason_zh
    (left,) = store.put_aside_rows()
    assert "'few'" in left.reason_en and left.body == row.body
    assert Mending(store, STRICT).replay(row).outcome == "aside"
    assert "'many'" in reasons(store)[0]
    assert Mending(store, STRICT).replay(row, "no json").outcome == "aside"
    assert "no JSON object" in reasons(store)[0]


def test_an_event_that_a_mended_pack_can_read_is_left_to_the_log_and_not_taken_beside_itself() -> None:
    store = MemoryStore()
    row = strange(store)
    mended = pack(GREETS, customer={"tier": {"type": "text", "from": "order.made.v"}})
    found = Mending(store, mended).replay(row, '{"order":"O1","v":"several"}')
    assert found.outcome == "aside" and "as the log holds it" in found.reason_en
    assert Mending(store, mended).replay(row).outcome == "refold"
    assert reasons(store) == [] and store.waiting() == 0 and len(store.events_of("c-1")) == 1


# --- what a door refused ------------------------------------------------------------------------------


def test_an_event_that_a_door_refused_is_corrected_and_comes_in() -> None:
    store = MemoryStore()
    row = at_the_door(store, NATIVE | {"kind": "Order Made"})
    assert Mending(store, STRICT).replay(row).outcome == "aside"
    assert "noun.past_participle" in reasons(store)[0]
    body = json.dumps(NATIVE | {"data": {"order": "O7"}})
    assert Mending(store, STRICT).replay(row, body).outcome == "taken"
    fold(store)
    assert entered(store) == ["O7"]
    (kept,) = store.events_of("c-1")
    assert (kept.source, kept.id) == ("crm", "e-7")


def test_an_event_that_the_log_holds_already_is_known_and_another_body_is_told() -> None:
    store = MemoryStore()
    first = Arrival("crm", "e-7", "c-1", "order.made", at(NOW), "", '{"order":"O7"}')
    served(store, STRICT).ingest([first], at(NOW))
    same = at_the_door(store, NATIVE | {"at": "2026-03-02T10:00:00+08:00", "data": {"order": "O7"}})
    assert first.at == at(NOW)
    assert Mending(store, STRICT).replay(same).outcome == "known"
    other = at_the_door(store, NATIVE | {"data": {"order": "O8"}})
    assert Mending(store, STRICT).replay(other).outcome == "aside"
    assert "another event under the id e-7" in reasons(store)[0]
    assert Mending(store, STRICT).replay(other, json.dumps(NATIVE | {"id": "e-8"})).outcome == "taken"
    assert len(store.events_of("c-1")) == 1 and store.waiting() == 1


def test_what_a_door_lets_in_must_be_readable_too_and_nobody_says_what_is_reserved() -> None:
    store = MemoryStore()
    row = at_the_door(store, NATIVE | {"data": {"order": "O7", "v": "many"}})
    assert Mending(store, STRICT).replay(row).outcome == "aside" and "'many'" in reasons(store)[0]
    assert Mending(store, STRICT).replay(row, json.dumps(NATIVE | {"kind": "play.paused"})).outcome == "aside"
    assert "commands" in reasons(store)[0] and store.waiting() == 0


def test_a_row_of_an_export_goes_through_its_mapping_once_that_is_mended() -> None:
    store = MemoryStore()
    rules = {
        "file": "*.csv", "zone": "Asia/Shanghai", "customer": "firm", "id": "no",
        "events": [{"kind": "order.made", "at": "day", "fields": {"order": "order"}}],
    }  # fmt: skip
    row = at_the_door(store, {"company": "c-1", "no": "7", "day": "2026-03-02 10:00", "order": "O7"}, "shop")

    def read_by(**changes: Any) -> Pack:
        sources = {"shop": msgspec.convert(rules | changes, SourceFile)}
        return msgspec.structs.replace(STRICT, sources=sources)

    assert Mending(store, read_by()).replay(row).outcome == "aside"
    assert "no customer in firm" in reasons(store)[0]
    assert Mending(store, read_by(customer="company")).replay(row).outcome == "taken"
    fold(store)
    assert entered(store) == ["O7"]


# --- the commands -------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("PEAKEND_COMMAND", raising=False)
    with closing(open_store("peakend.db")) as store:
        at_the_door(
            store, {"id": "x", "customer": "t-1", "kind": "Contract Signed", "at": "2026-03-02T02:00:00Z"}
        )
        at_the_door(
            store, {"id": "y", "customer": "t-1", "kind": "contract.signed", "at": "2026-03-02T02:00:00Z"}
        )
        at_the_door(store, "[]", "erp")
    return tmp_path


def call(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["quarantine", *words, "--database", "peakend.db"])
    return done.exit_code, done.stdout or str(done.exception)


def test_rows_are_listed_shown_mended_and_replayed(folder: Path) -> None:
    mine = str(Path(__file__).parent / "packs" / "minimal")
    code, printed = call("list")
    assert code == 0 and "1  crm crm.csv:7: old" in printed and "3  erp" in printed
    assert "1  crm" not in call("list", "--source", "erp")[1]
    assert "旧" in call("show", "2", "--language", "zh")[1] and '"id": "y"' in call("show", "2")[1]
    assert "no row 9" in call("show", "9")[1]
    assert "No pack is published" in call("replay", "--all")[1]
    code, printed = call("replay", "--all", "--source", "crm", "--pack", mine)
    assert "2 replayed: 1 taken, 0 known to the log already, 1 still in quarantine" in printed
    code, printed = call("mend", "1", "--pack", mine, "--data", '{"id": 1')
    assert code == 1 and "still in quarantine" in printed
    body = {"id": "x", "customer": "t-1", "kind": "contract.signed", "at": "2026-03-02T02:00:00Z"}
    (folder / "x.json").write_text(json.dumps(body), "utf-8")
    code, printed = call("mend", "1", "--pack", mine, "--file", "x.json", "--language", "zh")
    assert code == 0 and "1：已修正并收入" in printed
    assert "was mended already" in call("mend", "1", "--pack", mine, "--file", "x.json")[1]
    assert "--data or by --file" in call("mend", "3", "--pack", mine)[1]
    assert "their numbers, or --all" in call("replay", "--pack", mine)[1]
    assert call("list")[1].count("crm.csv:7") == 1


def test_an_order_that_comes_again_by_itself_is_not_confused_with_a_mended_one() -> None:
    store = MemoryStore()
    row = strange(store)
    Mending(store, STRICT).replay(row, '{"order":"O1","v":3}')
    again = arrival(event(NOW, "order.made", order="O1"), "c-1", 5)
    assert store.append([again]) == ["taken"]
    fold(store)
    assert entered(store) == ["O1"]
