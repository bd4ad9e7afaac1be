"""`find` from a log: what counts as known before an answer, what is left out, and what it says to people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import ibis
import msgspec
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from building import LATER, at, case, event, numbered, pack, write_log

import peakend as pe
from peakend.errors import EvidenceError, PackError, SourceError
from peakend.fold import compile_program
from peakend.model.event import Event
from peakend.model.pack import Outcome, Pack
from peakend.moments import find
from peakend.moments.channels import channels_of
from peakend.moments.collect import Answered, collect
from peakend.moments.history import walk_history
from peakend.moments.lived import Lived
from peakend.moments.question import chosen, question_of
from peakend.tables import connect
from peakend.tables.frames import analyst

JUDGED: dict[str, Any] = case(
    standards={
        "solve": {"from": "case.opened", "to": "case.solved", "within": "PT48H", "dimension": "reliability"}
    },
    rating="case.rated.score",
    miserable="breached('solve') or rating <= 2",
    magical="exceeded('solve', 0.25) or rating >= 5",
)
BY_RATING = {"standards": {}, "miserable": "rating <= 2", "magical": "rating >= 5"}


def asked(of: dict[str, Any] = JUDGED, scale: str | None = "csat", **customer: Any) -> Pack:
    """A pack with cases, explained by `talk.rated.score`."""
    made = pack(points={"case": of}, customer=customer)
    outcome = Outcome(event="talk.rated", field="score", scale=scale)
    return msgspec.structs.replace(made, head=msgspec.structs.replace(made.head, outcomes={"stars": outcome}))


def answers(of: Pack, *events: Event, window: str = "P90D", until: str = LATER) -> list[Answered]:
    return walked(of, *events, window=window, until=until)[0]


def walked(
    of: Pack, *events: Event, window: str = "P90D", until: str = LATER
) -> tuple[list[Answered], list[Lived]]:
    question = question_of(of, "stars", window, tuple(of.head.customer))
    program = compile_program(msgspec.structs.replace(of, plays={}))
    return collect(program, question, "c-1", numbered(events), at(until))


def states(of: Pack, *events: Event, **how: str) -> list[list[int | None]]:
    return [[met.state for met in one.met] for one in answers(of, *events, **how)]


OPENED = event("03-02 10:00", "case.opened", case="K1")
SOLVED = event("03-03 10:00", "case.solved", case="K1")
QUICK = event("03-02 12:00", "case.solved", case="K1")
ASKED = event("03-20 10:00", "talk.rated", score=4)


def test_an_answer_sees_the_encounters_before_it_as_they_had_gone() -> None:
    assert states(asked(), OPENED, SOLVED, ASKED) == [[0]]
    assert states(asked(), OPENED, QUICK, ASKED) == [[1]]
    assert states(asked(), OPENED, event("03-08 10:00", "case.solved", case="K1"), ASKED) == [[-1]]


def test_an_encounter_after_the_answer_does_not_count() -> None:
    assert states(asked(), event("03-01 10:00", "talk.rated", score=4), OPENED, SOLVED) == [[]]


def test_an_open_encounter_is_unknown_until_something_has_gone_wrong() -> None:
    late = event("03-12 10:00", "case.solved", case="K1")
    assert states(asked(), OPENED, event("03-03 09:00", "talk.rated", score=4), late) == [[None]]
    assert states(asked(), OPENED, event("03-05 09:00", "talk.rated", score=4), late) == [[-1]]


def test_what_comes_after_the_answer_does_not_colour_what_was_before() -> None:
    rated_later = event("03-06 10:00", "case.rated", case="K1", score=1)
    early = event("03-05 10:00", "talk.rated", score=4)
    assert states(asked(), OPENED, SOLVED, early, rated_later) == [[0]]
    assert states(asked(), OPENED, SOLVED, rated_later, ASKED) == [[-1]]


def test_the_answer_itself_is_never_a_rating_of_what_it_explains() -> None:
    judged = {
        **JUDGED,
        "rating": "talk.rated.score",
        "standards": {},
        "miserable": "rating <= 2",
        "magical": "rating >= 5",
    }
    soon = event("03-04 10:00", "talk.rated", score=1)
    assert states(asked(judged), OPENED, SOLVED, soon, ASKED) == [[None], [None]]


def test_an_encounter_nobody_rated_and_no_standard_judged_is_unknown() -> None:
    judged = {**JUDGED, **BY_RATING}
    assert states(asked(judged), OPENED, SOLVED, ASKED) == [[None]]
    rated = event("03-04 10:00", "case.rated", case="K1", score=3)
    assert states(asked(judged), OPENED, SOLVED, rated, ASKED) == [[0]]


def test_an_encounter_that_had_not_settled_when_the_log_ended_is_left_out() -> None:
    soon = event("03-05 10:00", "talk.rated", score=4)
    assert states(asked(), OPENED, SOLVED, soon, until="03-09 10:00") == [[]]
    assert states(asked(), OPENED, SOLVED, soon, until="03-10 10:00") == [[0]]


def test_an_encounter_counts_as_long_as_its_end_lies_in_the_window() -> None:
    asked_at = event("03-13 10:00", "talk.rated", score=4)
    assert states(asked(), OPENED, SOLVED, asked_at, window="P10D") == [[0]]
    assert states(asked(), OPENED, SOLVED, asked_at, window="P9D") == [[]]


def test_only_answers_where_the_condition_holds_are_explained() -> None:
    made = asked()
    outcome = Outcome(event="talk.rated", field="score", scale="csat", where="score >= 3")
    made = msgspec.structs.replace(made, head=msgspec.structs.replace(made.head, outcomes={"stars": outcome}))
    low = event("03-19 10:00", "talk.rated", score=2)
    assert [one.value for one in answers(made, low, ASKED)] == [4.0]


def test_an_answer_knows_the_attributes_of_its_moment() -> None:
    made = asked(tier={"type": "text", "from": "order.made.w"})
    events = (
        event("03-01 10:00", "order.made", order="O", w="gold"),
        ASKED,
        event("03-21 10:00", "order.made", order="O", w="basic"),
        event("03-22 10:00", "talk.rated", score=3),
    )
    assert [one.segments for one in answers(made, *events)] == [("gold",), ("basic",)]


def test_settled_encounters_are_counted_by_touchpoint_channel_and_standard() -> None:
    _, lived = walked(asked(), OPENED, SOLVED)
    encounters = Lived("case", "", "", 1, 1, 0, 0, 0, 0, 0, 0, 0, 0)
    assert lived == [encounters, encounters._replace(standard="solve", kept=1)]


def test_several_settled_encounters_of_a_customer_in_one_channel_are_one_row() -> None:
    through = {2: "phone", 3: "phone", 4: "phone", 5: "portal"}
    opened = [
        event(f"03-0{n} 10:00", "case.opened", case=f"K{n}", channel=name) for n, name in through.items()
    ]
    solved = [
        event("03-02 11:00", "case.solved", case="K2"),
        event("03-04 10:00", "case.solved", case="K3"),
        event("03-05 11:00", "case.solved", case="K5"),
    ]
    _, lived = walked(asked(), *sorted([*opened, *solved], key=lambda one: one.at))
    told = {(one.channel, one.standard): one for one in lived}
    phone, portal = told["phone", ""], told["portal", ""]
    assert (phone.n, phone.known, phone.miserable, phone.magical) == (3, 3, 1, 1)
    assert (portal.n, portal.known, portal.miserable, portal.magical) == (1, 1, 0, 1)
    assert {one[8:12] for one in (phone, portal)} == {(4, 1, 2, 0)}
    assert phone.first + portal.first == 1
    assert (told["phone", "solve"].kept, told["phone", "solve"].all_kept) == (2, 3)


def test_a_log_tells_which_channel_is_worse(tmp_path: Path) -> None:
    events = []
    for number in range(240):
        who, phone = f"c-{number:03}", number % 2 == 0
        channel = {"channel": "phone"} if phone else {"channel": "portal"}
        events.append(event("03-02 10:00", "case.opened", case=f"K{number}", customer=who, **channel))
        late = number % 10 < (6 if phone else 1)
        day = "03-06" if late else "03-03"
        events.append(event(f"{day} 10:00", "case.solved", case=f"K{number}", customer=who))
        events.append(event("03-20 10:00", "talk.rated", score=4, customer=who))
    log = write_log(tmp_path / "log.parquet", sorted(events, key=lambda one: one.at))
    tables = walk_history(asked(), [log], tmp_path, outcome="stars", window="P90D", segments=())
    (point,) = channels_of(tables, analyst(connect(tmp_path))).touchpoints
    found = {(one.measure, one.standard): one.channels for one in point.measures}
    assert [(one.channel, one.encounters) for one in point.traffic] == [("phone", 120), ("portal", 120)]
    assert [(one.hits, one.verdict) for one in found["miserable", ""]] == [(72, "worse"), (0, "better")]
    assert [(one.hits, one.verdict) for one in found["kept", "solve"]] == [(48, "worse"), (120, "better")]


def test_an_answer_off_its_scale_is_refused() -> None:
    with pytest.raises(EvidenceError, match="csat goes from 1 to 5"):
        answers(asked(), event("03-20 10:00", "talk.rated", score=9))


def test_an_outcome_that_does_not_exist_or_has_no_value_is_refused() -> None:
    with pytest.raises(PackError, match="Did you mean 'stars'"):
        chosen(asked(), "star")
    made = asked()
    only = msgspec.structs.replace(made.head, outcomes={"left": Outcome(event="case.solved")})
    with pytest.raises(PackError, match="only tells that something happened"):
        chosen(msgspec.structs.replace(made, head=only), "left")
    with pytest.raises(PackError, match="names no outcome with a value"):
        chosen(msgspec.structs.replace(made, head=only), None)


def service(customers: int = 200) -> list[Event]:
    """Each customer has a case and answers; a late case costs two stars, nothing else does anything."""
    events = []
    for number in range(customers):
        who, days = f"c-{number:03}", 1 + number % 5
        events.append(event(f"03-{1 + number % 20:02} 10:00", "case.opened", case=f"K{number}", customer=who))
        if number % 3:
            events.append(
                event(f"03-{1 + number % 20 + days:02} 09:00", "case.solved", case=f"K{number}", customer=who)
            )
        bad = days > 2 or number % 3 == 0
        events.append(event("05-01 10:00", "talk.rated", score=(2 if bad else 4) + number % 2, customer=who))
        if number % 4 == 0:
            events.append(event("11-01 10:00", "talk.rated", score=4 + number % 2, customer=who))
    return events


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return write_log(tmp_path / "log.parquet", sorted(service(), key=lambda one: one.at))


def test_a_log_is_explained_and_the_result_prints_itself(log: Path) -> None:
    found = find(asked(), log)
    one = found.found.touchpoints[0]
    assert one.penalty.estimate == pytest.approx(2.0, abs=0.3)
    assert one.penalty.low is not None and one.penalty.low > 1.5
    assert "Moment" in str(found) or "moment" in str(found)
    assert "<table>" in found._repr_html_()
    assert "miserable encounter costs" in found.explain("case")
    found.language = "zh"
    assert "失分" in str(found) and "失分" in found.explain("case")
    assert found.to_arrow().column("touchpoint").to_pylist() == ["case"]
    assert found.to_pandas().loc[0, "penalty_n"] == one.penalty.n
    with pytest.raises(EvidenceError, match="Did you mean 'case'"):
        found.explain("cases")


def test_every_form_of_a_log_gives_the_same_answer(log: Path) -> None:
    table = pq.read_table(log)
    native = table.select(["id", "customer", "kind", "data"]).append_column("at", table["happened_at"])
    plain = pa.table(native)
    backend = ibis.duckdb.connect()
    forms = [
        log, str(log), [log], plain, plain.to_reader(), plain.to_pandas(), polars.from_arrow(plain),
        duckdb.from_arrow(plain), backend.create_table("log", plain),
    ]  # fmt: skip
    told = {msgspec.json.encode(find(asked(), form).found) for form in forms}
    assert len(told) == 1
    with pytest.raises(SourceError, match="is no log"):
        find(asked(), 42)


def test_a_table_without_the_columns_of_a_log_is_told_which_it_needs(log: Path) -> None:
    strange = pa.table({"customer": ["a"], "kind": ["case.opened"], "when": ["2026-03-01"]})
    for form in (strange, strange.to_pandas(), ibis.memtable(strange)):
        with pytest.raises(SourceError, match="no column at; its columns are customer, kind, when") as caught:
            find(asked(), form)
        assert "没有 at 列" in caught.value.text("zh")


def test_the_package_itself_offers_find() -> None:
    assert pe.find is find


def test_any_number_of_workers_finds_the_same(log: Path) -> None:
    assert find(asked(), log, workers=1).found == find(asked(), log, workers=2).found


def test_the_answer_as_json_has_the_documented_shape(log: Path) -> None:
    told = json.loads(msgspec.json.encode(find(asked(), log).found))
    assert set("outcome scale episodes customers mode protections mean ledger".split()) <= set(told)
    one = told["touchpoints"][0]
    assert set("touchpoint encounters reach penalty reward swing fix_first delight_next".split()) <= set(one)
    assert set("rank p_top3 q moment_of_truth".split()) <= set(one)
    assert {"estimate", "low", "high"} <= set(one["penalty"])
    assert sum(line["points"] for line in told["ledger"]) == pytest.approx(told["mean"], abs=1e-6)


def test_a_log_without_answers_says_how_many_events_came(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.parquet", [OPENED, SOLVED])
    with pytest.raises(EvidenceError, match=r"no answer to 'stars': 0 events of the kind talk\.rated"):
        find(asked(), log)
    few = write_log(tmp_path / "few.parquet", [OPENED, SOLVED, ASKED])
    with pytest.raises(EvidenceError, match="At least 40 customers"):
        find(asked(), few)


def test_a_log_of_something_else_is_told_so(tmp_path: Path) -> None:
    strange = [event("03-02 10:00", "page.viewed", customer=f"c{n}") for n in range(50)]
    with pytest.raises(EvidenceError, match="no encounter at all"):
        find(asked(), write_log(tmp_path / "log.parquet", strange))


def test_answers_before_all_encounters_are_told_so(tmp_path: Path) -> None:
    before = [event("01-01 10:00", "talk.rated", score=1 + n % 5, customer=f"c{n}") for n in range(50)]
    after = [event("03-02 10:00", "case.opened", case=f"K{n}", customer=f"c{n}") for n in range(50)]
    with pytest.raises(EvidenceError, match="No encounter came before any answer"):
        find(asked(), write_log(tmp_path / "log.parquet", [*before, *after]))


def test_an_nps_that_never_goes_beyond_five_is_refused(log: Path) -> None:
    with pytest.raises(EvidenceError, match=r"write scale: 1\.\.5"):
        find(asked(scale="nps"), log)


def test_two_forms_in_one_column_are_told_by_their_source(tmp_path: Path) -> None:
    """Half of the customers are asked on 0 to 10 on the web, the other half on 1 to 5 on paper."""
    events = [
        msgspec.structs.replace(one, source=source, data={**one.data, "score": score})
        if one.kind == "talk.rated"
        else one
        for n, one in enumerate(service())
        for source, score in [("paper", 1 + n % 5) if int(one.customer[2:]) % 2 else ("web", n % 11)]
    ]
    log = write_log(tmp_path / "log.parquet", sorted(events, key=lambda one: one.at))
    with pytest.raises(
        EvidenceError, match="answers of the source 'paper' in the 30 days from 2026-"
    ) as caught:
        find(asked(scale="nps"), log)
    assert "来源“paper”从 2026-04-07 起的 30 天里" in caught.value.text("zh")


def test_a_scale_may_be_written_as_its_ends(log: Path) -> None:
    assert find(asked(scale="1..5"), log).found.mean == find(asked(), log).found.mean
    with pytest.raises(EvidenceError, match=r"2\.\.4 goes from 2 to 4"):
        find(asked(scale="2..4"), log)


def renewing(**words: Any) -> Pack:
    made = asked()
    outcome = Outcome(event="order.made", **words)
    return msgspec.structs.replace(made, head=msgspec.structs.replace(made.head, outcomes={"stays": outcome}))


def test_what_happens_or_does_not_is_explained_as_yes_and_no(tmp_path: Path) -> None:
    """Who waited too long for a case leaves twice as often; to stay is an order, to leave closes the shop."""
    events = []
    for number in range(300):
        who, late = f"c-{number:03}", number % 3 == 0
        events.append(event("03-02 10:00", "case.opened", case=f"K{number}", customer=who))
        events.append(
            event("03-09 09:00" if late else "03-03 20:00", "case.solved", case=f"K{number}", customer=who)
        )
        stays = number % 10 < (4 if late else 8)
        events.append(event("05-01 10:00", "order.made" if stays else "shop.closed", customer=who))
    log = write_log(tmp_path / "log.parquet", sorted(events, key=lambda one: one.at))
    found = find(renewing(against="shop.closed"), log, touchpoints=["case"]).found
    assert found.mean == pytest.approx(100 * (0.8 * 2 / 3 + 0.4 / 3), abs=3)
    assert found.score is not None and (found.score.unit, found.score.n) == ("share", 300)
    (one,) = found.touchpoints
    assert one.penalty.estimate == pytest.approx(40, abs=6)
    assert one.penalty.low is not None and one.penalty.low > 20
    with pytest.raises(PackError, match=r"for example against: contract\.cancelled"):
        find(renewing(), log, "stays")


def test_a_pack_without_encounters_is_told_so_before_anything_is_read() -> None:
    made = pack(points={"desk": {}})
    bare = msgspec.structs.replace(made, head=asked().head)
    with pytest.raises(PackError, match="when an encounter begins and ends"):
        find(bare, "no-such-file.parquet")


def test_an_outcome_is_explained_by_the_touchpoints_that_its_pack_names(log: Path) -> None:
    def explained_by(*names: str) -> Pack:
        made = asked()
        stars = msgspec.structs.replace(made.head.outcomes["stars"], explained_by=list(names))
        return msgspec.structs.replace(
            made, head=msgspec.structs.replace(made.head, outcomes={"stars": stars})
        )

    everything = [one.touchpoint for one in find(asked(), log).found.touchpoints]
    assert [one.touchpoint for one in find(explained_by("case"), log).found.touchpoints] == ["case"]
    assert find(explained_by(), log).found.touchpoints[0].touchpoint in everything


@pytest.mark.parametrize(
    ("events", "said", "said_zh"),
    [
        ([event("05-01 10:00", "talk.rated", score=4, customer=f"c{n}") for n in range(3)], "40", "40"),
        ([event(f"05-{1 + n % 28:02} 10:00", "talk.rated", score=n % 5 + 1) for n in range(60)], "40", "40"),
        (
            [event("05-01 10:00", "talk.rated", score=4, customer=f"c{n}") for n in range(60)],
            "All answers are the same",
            "一样",
        ),
    ],
    ids=["three answers", "one customer", "always the same"],
)
def test_what_cannot_carry_an_answer_says_what_would_be_needed(
    tmp_path: Path, events: list[Event], said: str, said_zh: str
) -> None:
    cases = [
        event("02-20 10:00", "case.opened", case=f"K{n}", customer=one.customer)
        for n, one in enumerate(events)
    ]
    log = write_log(tmp_path / "log.parquet", sorted([*cases, *events], key=lambda one: one.at))
    with pytest.raises(EvidenceError) as caught:
        find(asked(), log)
    assert said in caught.value.text("en")
    assert said_zh in caught.value.text("zh")


def test_a_touchpoint_that_everybody_meets_or_nobody_has_no_figure_of_its_own(tmp_path: Path) -> None:
    """A case for everybody that always goes the same way: nothing is left to compare it with."""
    alike = {"miserable": "count('case.reopened') >= 1", "rating": None, "standards": {}}
    log = write_log(tmp_path / "log.parquet", sorted(service(), key=lambda one: one.at))
    found = find(asked(case(**alike)), log)
    (one,) = (point for point in found.found.touchpoints if point.touchpoint == "case")
    assert (one.penalty.estimate, one.reward.estimate) == (None, None)
    assert not one.moment_of_truth
    assert "Penalty:" in found.explain("case")


def test_touchpoints_can_be_chosen_and_a_wrong_name_is_told(log: Path) -> None:
    assert [one.touchpoint for one in find(asked(), log, touchpoints=["case"]).found.touchpoints] == ["case"]
    with pytest.raises(PackError, match="Did you mean 'case'"):
        find(asked(), log, touchpoints=["cases"])
    with pytest.raises(PackError, match="no attribute 'size'"):
        find(asked(tier={"type": "text", "from": "order.made.w"}), log, segment="size")


def test_late_delivery_is_a_moment_of_truth_of_the_marketplace(real_data: Path) -> None:
    packs = Path(__file__).resolve().parent.parent / "examples"
    found = find(packs / "marketplace", real_data / "olist_8k").found
    promise = next(one for one in found.touchpoints if one.touchpoint == "promise")
    assert promise.moment_of_truth
    assert promise.penalty.low is not None and promise.penalty.low > 1.5
    assert promise.rank == (1, 1)


def test_events_that_cannot_be_used_are_counted_and_put_aside(tmp_path: Path) -> None:
    broken = event("03-02 10:00", "talk.rated", score="many", customer="c-001")
    log = write_log(tmp_path / "log.parquet", sorted([*service(), broken], key=lambda one: one.at))
    found = find(asked(), log, quarantine=tmp_path / "aside.jsonl")
    assert found.refused == 1
    assert "many" in (tmp_path / "aside.jsonl").read_text("utf-8")
    assert (
        found.found.episodes == find(asked(), write_log(tmp_path / "other.parquet", service())).found.episodes
    )
