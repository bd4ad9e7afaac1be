"""Two packs over one log: who hears something new, who no longer, who at another time, and why else not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from building import do, event, pack, play, write_log

from peakend.backtest.diff import CHANGES, PlayDifference, StepDifference, difference
from peakend.model.event import Event
from peakend.model.pack import Pack

LOG = [
    event("03-02 10:00", "order.made", customer="ann", order="A", w="x"),
    event("03-02 10:00", "order.made", customer="ann", order="B", w="x"),
    event("03-02 10:00", "order.made", customer="bob", order="C", w="y"),
    event("03-02 10:00", "order.made", customer="eve", order="D"),
    event("03-20 10:00", "talk.rated", customer="zoe"),
]


def of(name: str, after: str = "P1D", plays: tuple[dict[str, Any], ...] = (), **words: Any) -> Pack:
    return pack(play("play", do("hello", after=after), key="order", **words), *plays, name=name)


def changes(folder: Path, old: Pack, new: Pack, log: list[Event] = LOG) -> dict[str, PlayDifference]:
    return difference(old, new, [write_log(folder / "log.parquet", log)], workers=1).plays


def test_two_equal_packs_differ_in_nothing(tmp_path: Path) -> None:
    found = difference(of("old"), of("new"), [write_log(tmp_path / "log.parquet", LOG)])
    assert (found.old, found.new, found.people, found.plays) == ("old", "new", 0, {})


def test_what_is_newly_sent_is_counted_in_steps_and_people(tmp_path: Path) -> None:
    found = changes(tmp_path, of("old", where="w = 'y'"), of("new"))
    step = StepDifference("hello", "new", 3, 2, "ann", reasons={"": 3})
    assert found == {
        "play": PlayDifference(
            steps={"new": 3}, people={"new": 2}, examples={"new": ["ann", "eve"]}, by_step=[step]
        )
    }


def test_what_is_no_longer_sent_is_gone_whatever_became_of_it(tmp_path: Path) -> None:
    never = changes(tmp_path, of("old"), of("new", where="w = 'y'"))["play"]
    assert (never.steps, never.people) == ({"gone": 3}, {"gone": 2})
    suppressed = changes(tmp_path, of("old"), of("new", **{"while": "w = 'y'"}))["play"]
    assert (suppressed.steps, suppressed.people) == ({"gone": 3}, {"gone": 2})


def test_what_is_sent_at_another_time_has_moved(tmp_path: Path) -> None:
    found = changes(tmp_path, of("old"), of("new", after="P2D"))["play"]
    assert (found.steps, found.people) == ({"moved": 4}, {"moved": 3})


def test_each_step_says_by_how_much_it_moved_and_why_it_went(tmp_path: Path) -> None:
    (moved,) = changes(tmp_path, of("old", after="P2D"), of("new"))["play"].by_step
    assert (moved.step, moved.later_seconds, moved.example) == ("hello", -86400, "ann")
    (gone,) = changes(tmp_path, of("old"), of("new", **{"while": "w = 'y'"}))["play"].by_step
    assert (gone.change, gone.reasons) == ("gone", {"guard": 3})


def test_the_changes_can_be_listed_person_by_person(tmp_path: Path) -> None:
    listing, log = tmp_path / "changes.jsonl", [write_log(tmp_path / "log.parquet", LOG)]
    difference(of("old"), of("new", **{"while": "w = 'y'"}), log, workers=1, listing=listing)
    lines = [json.loads(line) for line in listing.read_text("utf-8").splitlines()]
    assert [(line["customer"], line["key"], line["change"]) for line in lines] == [
        ("ann", "A", "gone"),
        ("ann", "B", "gone"),
        ("eve", "D", "gone"),
    ]
    assert lines[0] == {
        **{"customer": "ann", "play": "play", "key": "A", "occurrence": 0, "step": "hello", "round": 0},
        **{"change": "gone", "old_instant": "2026-03-03T02:00:00Z", "new_instant": "2026-03-03T02:00:00Z"},
        **{"old_outcome": "send", "new_outcome": "suppress", "old_reason": "", "new_reason": "guard"},
    }
    page = (Path(__file__).resolve().parent.parent / "docs" / "json.md").read_text("utf-8")
    (shown,) = [line for line in page.splitlines() if '"old_instant"' in line]
    assert list(json.loads(shown)) == list(lines[0])


def test_what_is_suppressed_for_another_reason_is_told(tmp_path: Path) -> None:
    never = {"while": "w = 'z'"}
    dues = [{"before": "day"}, {"after": "P1D"}]
    packs = [
        pack(play("play", do("hello", **due), key="order", **never), name=name)
        for name, due in zip(("old", "new"), dues, strict=True)
    ]
    found = changes(tmp_path, *packs)["play"]
    assert (found.steps, found.people) == ({"reason": 4}, {"reason": 3})


def test_a_play_that_only_one_pack_has_is_all_new_or_all_gone(tmp_path: Path) -> None:
    more = of("more", plays=(play("extra", do("news"), on="order.made", where="w = 'x'"),))
    assert changes(tmp_path, of("old"), more)["extra"].steps == {"new": 1}
    assert changes(tmp_path, more, of("old"))["extra"].steps == {"gone": 1}


def test_people_are_counted_once_over_all_plays(tmp_path: Path) -> None:
    more = of("more", after="P2D", plays=(play("extra", do("news")),))
    found = difference(of("old"), more, [write_log(tmp_path / "log.parquet", LOG)], workers=1)
    assert found.people == 3
    assert sum(play.people.get("moved", 0) + play.people.get("new", 0) for play in found.plays.values()) == 6


def test_an_open_hold_is_neither_sent_nor_gone(tmp_path: Path) -> None:
    night = [
        event("03-02 22:00", "order.made", customer="ann", order="A"),
        event("03-02 23:00", "talk.rated", customer="zoe"),
    ]
    quiet = pack(
        play("play", do("hello"), key="order"), quiet_hours={"from": "21:00", "to": "08:00"}, name="quiet"
    )
    loud = pack(play("play", do("hello"), key="order"), name="loud")
    assert changes(tmp_path, quiet, loud, night)["play"].steps == {"new": 1}
    assert changes(tmp_path, quiet, quiet, night) == {}


def test_packs_that_send_nothing_can_be_compared(tmp_path: Path) -> None:
    silent = of("silent", where="w = 'nobody'")
    assert changes(tmp_path, silent, silent) == {}
    assert changes(tmp_path, silent, of("new"))["play"].steps == {"new": 4}


def test_every_change_has_its_words_in_both_languages() -> None:
    assert all(set(words) == {"zh", "en"} for words in CHANGES.values())
    assert set(CHANGES) == {"new", "gone", "moved", "reason"}
