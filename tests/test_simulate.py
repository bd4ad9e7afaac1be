"""The simulated service: the same seed gives the same events, and the truth beside the log is true of it.

The strongest test folds the log with the pack's own standards and finds the very encounters that were drawn.
"""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from peakend.design.pack import find_pack, load_pack
from peakend.errors import PackError, PeakendError
from peakend.fold import compile_program, new_state, step
from peakend.listen.door import typer
from peakend.model.event import Event
from peakend.model.log import LOG_SCHEMA
from peakend.model.outcome import Encountered
from peakend.model.pack import Pack
from peakend.simulate import Truth, simulate, truth_file
from peakend.simulate.checking import declared
from peakend.simulate.reading import read_world
from peakend.simulate.world import courses_of, share_of
from peakend.when import DAY, HOUR, MINUTE, zone

# The contracts of the register are two months older, and by then the standards of the pack are in force.
START = date(2025, 3, 3)
HOME = zone("Asia/Shanghai")


@cache
def cloud() -> Pack:
    return load_pack(find_pack("cloud"))


@dataclass
class Year:
    truth: Truth
    table: pa.Table

    def columns(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """The rows of some columns; times are microseconds."""
        return zip(*(self._column(name) for name in names), strict=True)

    def data(self, kind: str) -> list[dict[str, Any]]:
        return [msgspec.json.decode(text) for one, text in self.columns("kind", "data") if one == kind]

    def at(self, *kinds: str) -> np.ndarray[Any, Any]:
        return np.array([at for kind, at in self.columns("kind", "happened_at") if kind in kinds])

    def _column(self, name: str) -> list[Any]:
        column = self.table[name]
        values: list[Any] = (column.cast(pa.int64()) if name.endswith("_at") else column).to_pylist()
        return values


def year(folder: Path, customers: int, seed: int = 7, **wishes: Any) -> Year:
    out = folder / "log.parquet"
    truth = simulate(cloud(), out, customers=customers, start=START, seed=seed, **wishes)
    return Year(truth, pq.read_table(out))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Year:
    return year(tmp_path_factory.mktemp("plain"), 600)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Year:
    return year(tmp_path_factory.mktemp("faulty"), 600, late=0.1, duplicates=0.05)


@pytest.fixture(scope="module")
def encounters(plain: Year) -> list[Encountered]:
    """What the fold finds in the log, with the standards and conditions of the pack."""
    program = compile_program(cloud())
    kinds = declared(cloud(), read_world(cloud()))
    typed = {kind: typer(fields, HOME, kind) for kind, fields in kinds.items()}
    rows = [
        row for row in plain.columns("customer", "seen_at", "seq", "kind", "happened_at", "data") if row[0]
    ]
    end = HOME.at_wall(START, 0) + 365 * DAY
    found = []
    for customer, events in groupby(sorted(rows), key=lambda row: row[0]):
        inputs = [
            Event(customer, kind, at, seen, seq, typed[kind](msgspec.json.decode(data)))
            for _, seen, seq, kind, at, data in events
            if kind in program.kinds
        ]
        _, outputs = step(program, new_state(customer), inputs, end)
        found += [each for each in outputs if isinstance(each, Encountered) and each.settled]
    return found


def test_the_same_seed_gives_the_same_events_and_another_seed_others(tmp_path: Path) -> None:
    first, again = (year(tmp_path / name, 60, seed=5).table for name in "ab")
    assert first.equals(again)
    assert not first.equals(year(tmp_path / "c", 60, seed=6).table)


def test_progress_is_told_and_changes_nothing(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    seen = year(tmp_path / "a", 510, progress=lambda done, all_: told.append((done, all_)))
    assert told == [(500, 510), (510, 510)]
    assert seen.truth.events == len(seen.table)


def test_customers_of_a_full_block_are_the_same_however_many_follow(plain: Year, tmp_path: Path) -> None:
    more = year(tmp_path, 501)
    block = {f"c{number:06}" for number in range(1, 501)}
    kept = ("id", "customer", "kind", "happened_at", "data")
    assert [r for r in plain.columns(*kept) if r[1] in block] == [
        r for r in more.columns(*kept) if r[1] in block
    ]


def test_events_grow_with_customers_and_with_days(plain: Year, tmp_path: Path) -> None:
    assert 1.5 < plain.truth.events / year(tmp_path / "a", 300).truth.events < 2.5
    assert 200 < plain.truth.events / 600 < 300
    half = year(tmp_path / "b", 600, days=182).truth
    assert 1.7 < plain.truth.kinds["usage.reported"] / half.kinds["usage.reported"] < 2.3


def test_the_log_has_the_native_columns_and_the_truth_stands_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "log.parquet"
    truth = simulate(cloud(), out, customers=20, start=START, seed=1)
    assert pq.read_schema(out).equals(LOG_SCHEMA)
    assert msgspec.json.decode(truth_file(out).read_bytes(), type=Truth) == truth
    assert sorted(path.name for path in out.parent.iterdir()) == ["log.parquet", "log.truth.json"]


def test_every_event_is_accounted_for(plain: Year) -> None:
    assert plain.truth.events == len(plain.table) == sum(plain.truth.kinds.values())
    assert Counter(kind for (kind,) in plain.columns("kind")) == plain.truth.kinds
    ids = [each for (each,) in plain.columns("id")]
    assert len(set(ids)) == len(ids)
    assert plain.truth.late == plain.truth.duplicates == 0
    assert all(at == seen for at, seen in plain.columns("happened_at", "seen_at"))


def test_what_a_customer_is_seen_to_do_never_goes_back(faulty: Year) -> None:
    last: dict[str, int] = {}
    for row, (seq, customer, seen) in enumerate(faulty.columns("seq", "customer", "seen_at")):
        assert seq == row
        assert seen >= last.get(customer, 0)
        last[customer] = seen


def test_as_many_events_are_late_and_come_twice_as_was_asked(plain: Year, faulty: Year) -> None:
    rows = list(faulty.columns("id", "happened_at", "seen_at", "customer", "kind", "data"))
    bodies = defaultdict(set)
    first: dict[str, int] = {}
    for event, at, seen, *body in rows:
        assert seen >= at
        bodies[event].add((at, *body))
        first.setdefault(event, seen - at)
    assert len(rows) - len(bodies) == faulty.truth.duplicates
    assert faulty.truth.duplicates / len(bodies) == pytest.approx(0.05, abs=0.003)
    assert sum(wait > 0 for wait in first.values()) / len(first) == pytest.approx(0.1, abs=0.005)
    assert all(len(different) == 1 for different in bodies.values())
    # Beneath the faults lie the same events.
    assert set(bodies) == {event for (event,) in plain.columns("id")}


def test_every_kind_and_field_is_declared_and_of_its_type(plain: Year) -> None:
    kinds = declared(cloud(), read_world(cloud()))
    typed = {kind: typer(fields, None, kind) for kind, fields in kinds.items()}
    for kind, text in plain.columns("kind", "data"):
        data = msgspec.json.decode(text)
        assert data.keys() <= kinds[kind].keys(), (kind, text)
        typed[kind](data)
    strange = plain.truth.kinds.keys() - cloud().head.events.keys()
    assert {kind for kind in strange if kind.partition(".")[0] == "portal"} == {"portal.visited"}
    assert plain.truth.kinds.keys() >= cloud().head.events.keys() - {"change.moved", "action.missed"}


def test_the_standards_of_the_pack_find_the_encounters_that_were_drawn(
    plain: Year, encounters: list[Encountered]
) -> None:
    found = Counter((each.touchpoint, each.state) for each in encounters)
    reached = Counter(each.touchpoint for each in encounters)
    for name, truth in plain.truth.touchpoints.items():
        counts = reached[name], found[name, "magical"], found[name, "miserable"]
        assert counts == (truth.settled, truth.magical, truth.miserable), name
    assert not any(each.unfinished for each in encounters)
    assert reached.keys() == cloud().touchpoints.keys()


def test_the_shares_are_those_of_the_world_within_chance(plain: Year) -> None:
    world = read_world(cloud())
    courses = {
        name: courses_of(episode)
        for name, episode in world.episodes.items()
        if episode.touchpoint == "request" or name == "rca"
    }
    for name, named in courses.items():
        point = plain.truth.touchpoints[name]
        for state, count in (("magical", point.magical), ("miserable", point.miserable)):
            share = sum(share_of(course.share) for course in named.values() if course.state == state)
            assert getattr(plain.truth.episodes[name], state) == pytest.approx(share)
            error = (share * (1 - share) / point.settled) ** 0.5
            assert count / point.settled == pytest.approx(share, abs=4 * error)


def test_touchpoints_differ_in_how_they_feel(plain: Year) -> None:
    balance = {
        name: point.share_magical - point.share_miserable
        for name, point in plain.truth.touchpoints.items()
        if point.settled >= 30
    }
    assert max(balance.values()) > 0.15
    assert min(balance.values()) < -0.15


def test_the_effects_on_the_outcome_can_be_found_again(plain: Year, encounters: list[Encountered]) -> None:
    truth = plain.truth
    names = [name for name, point in truth.touchpoints.items() if point.penalty]
    ended: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for each in encounters:
        ended[each.customer, each.touchpoint].append((each.ended, each.state))
    rows, answers = [], []
    for customer, kind, at, text in plain.columns("customer", "kind", "happened_at", "data"):
        if kind != "survey.answered" or '"relationship"' not in text:
            continue
        row = [1.0]
        for name in names:
            states = {state for end, state in ended[customer, name] if at - 90 * DAY <= end < at}
            bad = "miserable" in states
            row += [float(bad), float("magical" in states and not bad)]
        rows.append(row)
        answers.append(msgspec.json.decode(text)["score"])
    x, y = np.array(rows), np.array(answers, dtype=float)
    assert len(y) > 500
    found = np.linalg.lstsq(x, y, rcond=None)[0]
    spread = np.std(y - x @ found) * np.sqrt(np.diag(np.linalg.pinv(x.T @ x)))
    checked = 0
    for place, name in enumerate(names):
        point = truth.touchpoints[name]
        for column, effect in ((1 + 2 * place, -point.penalty), (2 + 2 * place, point.reward)):
            if x[:, column].sum() >= 30:
                checked += 1
                # Rounding to the scale and its ends cost some of an effect, never its sign.
                assert found[column] == pytest.approx(effect, abs=4 * spread[column] + 0.25), name
    assert checked >= 8


def test_one_customer_has_the_share_of_all_events_that_was_asked(tmp_path: Path) -> None:
    whale = year(tmp_path, 200, whale=0.3)
    counts = Counter(customer for (customer,) in whale.columns("customer"))
    biggest, events = counts.most_common(1)[0]
    assert whale.truth.whale is not None
    assert (biggest, events) == (whale.truth.whale.customer, whale.truth.whale.events)
    assert events / whale.truth.events == pytest.approx(0.3, abs=0.02)
    assert len(counts) == 201  # and nobody, for what happens to a region


def test_a_few_customers_have_most_of_the_tickets(plain: Year) -> None:
    tickets = Counter(
        customer
        for customer, kind in plain.columns("customer", "kind")
        if kind in ("incident.opened", "request.opened")
    )
    most = sorted(tickets.values(), reverse=True)
    assert sum(most[:60]) > 0.35 * sum(most)
    assert most[300] < 0.2 * most[6]


def test_the_day_the_week_and_the_holidays_are_seen_in_the_log(plain: Year) -> None:
    walls = plain.at("portal.visited") + 8 * HOUR
    hours, days = walls // HOUR % 24, walls // DAY
    assert np.isin(hours, [9, 10, 14, 15]).sum() > 10 * np.isin(hours, [1, 2, 3, 4]).sum()
    by_day = Counter(days.tolist())
    holiday = np.mean([by_day[int(np.datetime64(f"2025-10-0{day}").astype(int))] for day in (1, 2, 3)])
    ordinary = np.mean([by_day[int(np.datetime64(f"2025-09-1{day}").astype(int))] for day in (5, 6, 7)])
    assert holiday < 0.3 * ordinary
    worked = by_day[int(np.datetime64("2025-09-28").astype(int))]  # a Sunday worked in exchange
    assert worked > 0.6 * ordinary
    serious = np.array([d["priority"] in ("P1", "P2") for d in plain.data("incident.opened")])
    november = (plain.at("incident.opened") + 8 * HOUR).astype("datetime64[us]").astype("datetime64[M]")
    assert (serious & (november == np.datetime64("2025-11"))).sum() > 1.2 * serious.sum() / 12


def test_contracts_run_out_within_the_year_and_go_five_ways(plain: Year) -> None:
    kinds = plain.truth.kinds
    assert kinds["renewal.opened"] > 400
    assert min(kinds[kind] for kind in ("contract.cancelled", "contract.lapsed", "service.stopped")) > 10
    assert plain.truth.first is not None
    assert 55 * DAY < HOME.at_wall(START, 0) - plain.truth.first <= 60 * DAY
    late = 0
    expires: dict[str, str] = {}
    for kind, at, text in plain.columns("kind", "happened_at", "data"):
        data = msgspec.json.decode(text)
        if kind == "contract.renewed" and data["contract_id"] in expires:
            left = np.datetime64(expires[data["contract_id"]]) - np.datetime64((at + 8 * HOUR) // DAY, "D")
            late += left.astype(int) < 0
        if "expires_on" in data and "contract_id" in data:
            expires[data["contract_id"]] = data["expires_on"]
    assert late > 5


def test_a_region_fails_twice_and_everybody_is_placed_in_one(plain: Year) -> None:
    outages = [
        (customer, subject)
        for kind, customer, subject in plain.columns("kind", "customer", "subject")
        if kind == "region.degraded"
    ]
    assert outages == [(None, "region:cn-east-2")] * 2
    placed = {customer for kind, customer in plain.columns("kind", "customer") if kind == "relation.set"}
    assert len(placed) > 590
    assert {data["subject"] for data in plain.data("relation.set")} > {"region:cn-east-2"}
    assert all(70 <= data["minutes_down"] <= 360 for data in plain.data("region.restored"))


def test_nobody_who_has_left_does_anything_more(plain: Year) -> None:
    gone = {
        customer: at
        for customer, kind, at, text in plain.columns("customer", "kind", "happened_at", "data")
        if kind == "customer.updated" and msgspec.json.decode(text).get("status") in ("left", "lapsed")
    }
    assert gone
    after = [
        kind
        for customer, kind, at in plain.columns("customer", "kind", "happened_at")
        if kind in ("usage.reported", "bill.issued", "request.opened") and at > gone.get(customer, at) + HOUR
    ]
    assert not after


@pytest.mark.parametrize(
    ("wish", "complaint"),
    [
        ({"customers": 0}, "0 customers"),
        ({"customers": 5, "days": 0}, "0 days"),
        ({"customers": 5, "seed": -1}, "the seed -1 is negative"),
        ({"customers": 5, "late": 1.5}, "late = 1.5 is no share"),
        ({"customers": 5, "whale": 0.95}, "Give a number from 0 to 0.9"),
        ({"customers": 1, "whale": 0.5}, "one customer alone"),
    ],
)
def test_sizes_that_cannot_be_are_refused(tmp_path: Path, wish: dict[str, Any], complaint: str) -> None:
    asked = {"seed": 1, "start": START, **wish}
    with pytest.raises(PeakendError, match=complaint):
        simulate(cloud(), tmp_path / "log.parquet", **asked)
    assert not list(tmp_path.iterdir())


def test_a_run_that_is_broken_off_leaves_the_old_file_and_nothing_half_written(tmp_path: Path) -> None:
    before = year(tmp_path, 10).table

    def break_off(done: int, all_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        year(tmp_path, 20, progress=break_off)
    assert pq.read_table(tmp_path / "log.parquet").equals(before)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.parquet", "log.truth.json"]


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("kind: tap.mended", "kind: tap.mendet", r"simulation.yaml:\d+: .*'tap.mendet'.*'tap.mended'"),
        ("touchpoint: repair", "touchpoint: repairs", "no touchpoint 'repairs'. Did you mean 'repair'"),
        ("quick: [PT5M, PT25M]", "quik: [PT5M, PT25M]", "no course of this episode 'quik'"),
        ("quick: [PT5M, PT25M]", "quick: [PT25M, PT5M]", "a shortest and a longest time"),
        ("rhythm: day", "rhythm: days", "no rhythm 'days'"),
        ('{room: "{room}"}', '{rom: "{room}"}', "no field 'rom'. Did you mean 'room'"),
        ("rate: 20", "rate: 20\n    once: 50%", "exactly one begin"),
        ("who: {floor: top}", "who: {flor: top}", "no attribute 'flor'"),
        ("score: {outcome: true}", "score: {decimals: 1}", "one way to draw"),
        ("simulation: house", "simulations: house", "'simulations'"),
        ("magical: [5], ", "", "no value for 'magical'"),
    ],
)
def test_a_world_that_cannot_be_is_refused_at_its_line(
    tmp_path: Path, right: str, wrong: str, complaint: str
) -> None:
    assert right in WORLD
    with pytest.raises(PackError, match=complaint):
        read_world(house(tmp_path, WORLD.replace(right, wrong, 1)))


def test_a_pack_without_a_world_says_what_it_needs(tmp_path: Path) -> None:
    shutil.copytree(find_pack("cloud"), tmp_path / "cloud")
    (tmp_path / "cloud" / "simulation.yaml").unlink()
    with pytest.raises(PackError, match=r"the pack has no simulation.yaml\. Give your own data") as caught:
        read_world(load_pack(tmp_path / "cloud"))
    assert "--events" in caught.value.fix_zh


def test_another_pack_needs_only_another_file(tmp_path: Path) -> None:
    pack = house(tmp_path, WORLD)
    out = tmp_path / "log.parquet"
    truth = simulate(pack, out, customers=40, start=START, seed=2, days=60)
    log = Year(truth, pq.read_table(out))
    assert set(truth.kinds) == {"tap.broken", "tap.mended", "visit.rated", "survey.answered"}
    point = truth.touchpoints["repair"]
    assert point.settled > 50
    assert 0.3 < point.share_magical < 0.7
    begun = {
        msgspec.json.decode(text)["repair_id"]: at
        for kind, at, text in log.columns("kind", "happened_at", "data")
        if kind == "tap.broken"
    }
    waits = [
        at - begun[msgspec.json.decode(text)["repair_id"]]
        for kind, at, text in log.columns("kind", "happened_at", "data")
        if kind == "tap.mended"
    ]
    assert all(5 * MINUTE <= wait <= 25 * MINUTE or 2 * HOUR <= wait <= 5 * HOUR for wait in waits)
    assert {data["room"] for data in log.data("tap.broken")} == {"kitchen", "bath"}
    assert {data["score"] for data in log.data("visit.rated")} == {1, 2, 5}
    # In the zone of the house people are asleep when it is night there, not when it is night in UTC.
    local = [zone("America/New_York").wall(int(at)) // HOUR % 24 for at in log.at("tap.broken")]
    assert all(8 <= hour < 20 for hour in local)


def house(folder: Path, world: str) -> Pack:
    """A pack of a few lines, with its world."""
    root = folder / "house"
    (root / "journeys").mkdir(parents=True)
    (root / "pack.yaml").write_text(PACK, "utf-8")
    (root / "journeys" / "main.yaml").write_text(JOURNEY, "utf-8")
    (root / "simulation.yaml").write_text(world, "utf-8")
    return load_pack(root)


PACK = """
pack: house
title: {zh: 物业, en: House}
zone: America/New_York
events:
  tap.broken: {repair_id: text, room: text}
  tap.mended: {repair_id: text}
  visit.rated: {repair_id: text, score: number}
  survey.answered: {score: number}
outcomes: {nps: {event: survey.answered, field: score, scale: nps}}
"""

JOURNEY = """
journey: main
stages: [{id: co-create, title: {zh: 居住, en: Living}}]
touchpoints:
  repair:
    title: {zh: 报修, en: Repair}
    stage: co-create
    encounter: {begins: tap.broken, ends: tap.mended, key: repair_id}
    standards: {mend: {from: tap.broken, to: tap.mended, within: PT1H, dimension: reliability}}
    miserable: "breached('mend')"
    magical: "exceeded('mend', 0.5)"
"""

WORLD = """
simulation: house
customers:
  id: flat-
  traits: {children: {spread: 0.4}}
  attributes: {floor: {choose: {top: 3, ground: 1}}}
outcome: {name: nps, scale: [0, 10], base: 8, mood: 1, noise: 1, effects: {repair: {penalty: 2}}}
rhythms:
  day: {hours: [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]}
episodes:
  repair:
    touchpoint: repair
    rate: 20
    rhythm: day
    grows_with: children
    key: repair_id
    prefix: R
    courses:
      quick: {state: magical, share: 50%}
      slow:  {state: miserable, share: 50%}
    fields: {room: [kitchen, bath]}
    events:
      - {kind: tap.broken, fields: {room: "{room}"}}
      - {kind: tap.mended, takes: {quick: [PT5M, PT25M], slow: [PT2H, PT5H]}}
      - kind: visit.rated
        after: tap.mended
        takes: [PT1H, PT2H]
        fields: {score: {by_state: {magical: [5], miserable: [1, 2]}}}
  survey:
    every: P30D
    who: {floor: top}
    events:
      - {kind: survey.answered, fields: {score: {outcome: true}}}
"""
