"""Who can never enter a changed play is left out of a comparison, and nothing of the answer changes by it;
nor does it where the published half is kept for the next draft."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import do, event, pack, play, write_log
from msgspec.structs import replace
from random_crowds import as_written, make_crowd

from peakend.backtest.diff import difference, reaching
from peakend.model.pack import Pack, Play
from peakend.model.result import BacktestResult


def variants(one: Play) -> list[Play | None]:
    """A play as it might be edited; None is a play that goes."""
    return [
        None,
        replace(one, where=None),
        replace(one, steps=one.steps[:1]),
        replace(one, priority=one.priority + 1, holdout=None),
        replace(one, again="every"),
        replace(one, exits=[], unless=None, class_="mandatory"),
    ]


def changed(pack_: Pack, name: str, new: Play | None) -> Pack:
    plays = {other: one for other, one in pack_.plays.items() if other != name}
    return replace(pack_, plays=plays if new is None else {**plays, name: new}, hash="new")


@pytest.mark.parametrize("block", range(6))
def test_the_quick_comparison_is_the_whole_one(block: int, tmp_path: Path) -> None:
    spared = 0
    for seed in range(block * 5, block * 5 + 5):
        crowd = make_crowd(seed, budgeted=seed % 2 == 0)
        log = write_log(
            tmp_path / f"{seed}.parquet", [replace(e, data=as_written(e).data) for e in crowd.told]
        )
        name = sorted(crowd.pack.plays)[seed % len(crowd.pack.plays)]
        new = changed(crowd.pack, name, variants(crowd.pack.plays[name])[seed % 6])
        whole, quick = list[BacktestResult](), list[BacktestResult]()
        expected = difference(crowd.pack, new, [log], workers=1, results=whole, counted=None)
        assert difference(crowd.pack, new, [log], workers=1, results=quick) == expected, seed
        for all_of, some in zip(whole, quick, strict=True):
            if new.plays != crowd.pack.plays:
                assert some.plays.get(name) == all_of.plays.get(name), seed
            assert some.kinds == all_of.kinds and some.events == all_of.events
            spared += all_of.relevant - some.relevant
    assert spared > 0


@pytest.mark.parametrize("block", range(6))
def test_a_comparison_with_what_was_kept_is_the_whole_one(block: int, tmp_path: Path) -> None:
    for seed in range(block * 5, block * 5 + 5):
        crowd = make_crowd(seed, budgeted=seed % 2 == 0)
        old, keep = replace(crowd.pack, hash="old"), tmp_path / f"kept-{seed}"
        log = write_log(
            tmp_path / f"{seed}.parquet", [replace(e, data=as_written(e).data) for e in crowd.told]
        )
        for number, name in enumerate(sorted(old.plays)):
            new = changed(old, name, variants(old.plays[name])[(seed + number) % 6])
            whole, quick = list[BacktestResult](), list[BacktestResult]()
            listings = tmp_path / "whole.jsonl", tmp_path / "quick.jsonl"
            expected = difference(
                old, new, [log], workers=1, results=whole, counted=None, listing=listings[0]
            )
            found = difference(old, new, [log], workers=1, results=quick, keep=keep, listing=listings[1])
            assert (found, listings[0].read_bytes()) == (expected, listings[1].read_bytes()), (seed, name)
            for all_of, some in zip(whole, quick, strict=True):
                if new.plays != old.plays:
                    assert some.plays.get(name) == all_of.plays.get(name), (seed, name)


PLAYS = (
    play("one", do("hello", after="PT1H"), key="order"),
    play("two", do("again", after="PT2H"), on="talk.rated"),
)


def test_who_never_enters_is_left_out_and_everybody_where_more_than_plays_changes(tmp_path: Path) -> None:
    old = pack(*PLAYS, name="old")
    new = replace(old, plays={**old.plays, "two": replace(old.plays["two"], priority=3)}, hash="new")
    assert reaching(old, new) == {"talk.rated"}
    assert reaching(old, replace(old, hash="new")) == frozenset()
    assert reaching(old, replace(old, hash="new"), ["one"]) == {"order.made"}
    assert reaching(old, replace(new, head=replace(new.head, version="2"))) is None
    log = write_log(
        tmp_path / "log.parquet",
        [
            event("03-02 10:00", "order.made", customer="ann", order="A"),
            event("03-02 11:00", "talk.rated", customer="bob"),
        ],
    )
    results: list[BacktestResult] = []
    assert difference(old, new, [log], workers=1, results=results).plays == {}
    assert [one.relevant for one in results] == [1, 1] and [one.events for one in results] == [2, 2]
    nobody = difference(old, replace(old, hash="new"), [log], workers=1)
    assert (nobody.plays, nobody.people) == ({}, 0)


def made(path: Path, customers: str) -> Path:
    return write_log(path, [event("03-02 10:00", "order.made", customer=one, order=one) for one in customers])


def test_what_is_kept_holds_for_its_files_alone_and_while_hardly_anything_came(tmp_path: Path) -> None:
    old = replace(pack(PLAYS[0], name="old"), hash="old")
    new = replace(old, plays={"one": replace(old.plays["one"], priority=7)}, hash="new")
    first = made(tmp_path / "log-0.parquet", "".join(map(chr, range(0x4E00, 0x4E00 + 100))))
    keep = tmp_path / "kept"

    def events(*log: Path) -> int:
        results: list[BacktestResult] = []
        assert difference(old, new, log, workers=1, results=results, keep=keep).people == 0
        assert results[1].plays["one"].entries == results[0].plays["one"].entries > 0
        return results[1].events

    assert events(first) == 100
    one_more = made(tmp_path / "log-1.parquet", "a")
    assert events(first, one_more) == 100, "one in a hundred may be missing"
    assert events(first, one_more, made(tmp_path / "log-2.parquet", "b")) == 102
    assert events(first) == 100, "rows went"
    assert events(first, made(tmp_path / "log-1.parquet", "a")) == 100
    assert events(made(tmp_path / "log-3.parquet", "ab")) == 2, "other files"

    told: list[tuple[int, int]] = []
    difference(old, new, [first], workers=1, keep=keep, progress=lambda *done: told.append(done))
    difference(old, new, [first], workers=1, keep=keep, progress=lambda *done: told.append(done))
    assert told == [(1, 2), (2, 2), (1, 1)]


def test_a_draft_that_looks_at_more_is_not_compared_with_less(tmp_path: Path) -> None:
    old = replace(pack(PLAYS[0], name="old"), hash="old")
    log = write_log(
        tmp_path / "log.parquet",
        [
            event("03-02 10:00", "order.made", customer="ann", order="A"),
            event("03-02 11:00", "talk.rated", customer="bob"),
            event("03-03 11:00", "order.made", customer="ann", order="B"),
        ],
    )
    again = replace(old, plays={"one": replace(old.plays["one"], priority=7)}, hash="again")
    wider = replace(pack(*PLAYS, name="old"), hash="wider")
    keep = tmp_path / "kept"
    assert difference(old, again, [log], workers=1, keep=keep).people == 0
    found = difference(old, wider, [log], workers=1, keep=keep)
    assert found.plays["two"].people == {"new": 1}
