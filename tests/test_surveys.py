"""A survey explained: its waves, its items, its gaps; what was not asked is no zero, and what ties is a
tie.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from pathlib import Path
from typing import Any

import duckdb
import ibis
import msgspec
import numpy as np
import polars
import pyarrow as pa
import pyarrow.csv
import pytest
from building import at, case, event, pack, write_log
from survey_world import ITEMS, REPAIR, expecting, sheets, surveyed
from typer.testing import CliRunner

import peakend as pe
from peakend.cli import app
from peakend.cli.finding import Ask, answer, by_survey, figures
from peakend.errors import EvidenceError, PeakendError, Place
from peakend.model.event import Event
from peakend.model.pack import Pack
from peakend.model.surveyed import Surveyed, Wave
from peakend.moments.surveys import SurveyFindings, explain_survey, find_survey, only_surveys

NO_ASK = Ask(None, None, (), None, None, None, ())


def found(path: Path, of: Pack, events: list[Event], **how: Any) -> Surveyed:
    return told(path, of, events, **how).surveyed


def told(path: Path, of: Pack, events: list[Event], **how: Any) -> SurveyFindings:
    how.setdefault("outcome", "overall")
    return find_survey(of, write_log(path / "log.parquet", events), **how)


def changed(events: list[Event], **fields: Any) -> list[Event]:
    return [msgspec.structs.replace(one, data={**one.data, **fields}) for one in events]


def wave(of: Surveyed, name: str) -> Wave:
    return next(one for one in of.waves if one.wave == name)


def codes(of: Surveyed) -> set[str]:
    return {one.code for one in of.remarks}


# --- from a log ---------------------------------------------------------------------------------------


def test_the_item_that_makes_the_overall_score_comes_first_and_the_others_tie(tmp_path: Path) -> None:
    result = found(tmp_path, surveyed(), sheets(400, [2026]))
    assert result.importance is not None and result.importance.method == "lmg"
    first, *rest = result.importance.items
    assert first.item == "first" and first.rank == (1, 1) and not first.ties
    ties = {one.item: one.ties for one in rest}
    assert "answer" in ties["dates"] and "dates" in ties["answer"]
    assert result.badge.code == "same_survey_halo"


def test_only_the_sheets_of_this_survey_count(tmp_path: Path) -> None:
    events = [
        *sheets(40, [2026]),
        *sheets(40, [2026], seed=8, form="pulse"),
        event("05-01 10:00", "case.opened"),
    ]
    assert found(tmp_path, surveyed(), events).respondents == 40


def test_the_wave_of_a_sheet_is_the_year_on_the_clock_of_the_pack(tmp_path: Path) -> None:
    events = [
        msgspec.structs.replace(one, at=at("2025-12-31 23:59:59"), seen=at("2026-01-03 09:00"))
        for one in sheets(40, [2025])
    ]
    assert [one.wave for one in found(tmp_path, surveyed(), events + sheets(40, [2026])).waves] == [
        "2025",
        "2026",
    ]
    utc = [msgspec.structs.replace(one, at=at("2025-12-31 16:00:00", "UTC")) for one in events]
    assert [one.wave for one in found(tmp_path, surveyed(), utc).waves] == ["2026"]


@pytest.mark.parametrize(("by", "name"), [("quarter", "2026-Q2"), ("month", "2026-05"), ("round", "third")])
def test_waves_are_quarters_months_or_the_values_of_a_field(tmp_path: Path, by: str, name: str) -> None:
    result = found(tmp_path, surveyed(wave=by), sheets(40, [2026], round="third"))
    assert [one.wave for one in result.waves] == [name]


def test_named_waves_stand_in_the_order_of_time_not_of_the_alphabet(tmp_path: Path) -> None:
    events = [*sheets(40, [2025], round="summer"), *sheets(40, [2026], round="autumn")]
    assert [one.wave for one in found(tmp_path, surveyed(wave="round"), events).waves] == ["summer", "autumn"]


def test_sheets_that_name_no_wave_are_left_out_and_counted(tmp_path: Path) -> None:
    events = [*sheets(40, [2026], round="first"), *sheets(7, [2026], seed=8)]
    result = found(tmp_path, surveyed(wave="round"), events)
    assert result.respondents == 40 and "no_wave" in codes(result)
    with pytest.raises(EvidenceError, match="have no value in 'round'"):
        found(tmp_path, surveyed(wave="round"), sheets(40, [2026]))


def test_a_change_is_only_called_one_where_its_own_interval_leaves_out_zero(tmp_path: Path) -> None:
    fell = wave(found(tmp_path, surveyed(), sheets(drop=1.2)), "2026").change
    assert fell is not None and fell.direction == "down"
    assert fell.low is not None and fell.high is not None and fell.low < fell.high < 0
    same = wave(found(tmp_path, surveyed(), sheets()), "2026").change
    assert same is not None and same.direction == "open"


def test_what_was_not_asked_is_no_zero(tmp_path: Path) -> None:
    events = [*changed(sheets(60, [2025]), polite=None, overall=None), *sheets(60, [2026])]
    findings = told(tmp_path, surveyed(), events)
    before = wave(findings.surveyed, "2025")
    assert before.score is None and wave(findings.surveyed, "2026").change is None
    asked = {one.item: one for one in before.items}
    assert (asked["polite"].n, asked["polite"].mean) == (0, None) and asked["first"].n == 60
    assert findings.surveyed.wave == "2026"
    page = findings.to_html()
    assert page.count('class="n last unasked"') == 1 and "没有问" in page and "not asked" in str(findings)


def test_a_code_for_not_applicable_is_never_averaged(tmp_path: Path) -> None:
    events = sheets(90, [2026])
    coded = changed(events[:30], busy=9, overall=None) + events[30:]
    blank = changed(events[:30], busy=None, overall=None) + events[30:]
    one, other = (found(tmp_path, surveyed(), some) for some in (coded, blank))
    assert one == other
    assert {item.item: item.n for item in one.waves[0].items}["busy"] == 60


def test_a_code_that_is_an_answer_of_the_overall_scale_stays_one(tmp_path: Path) -> None:
    result = found(
        tmp_path, surveyed(), changed(sheets(60, [2026])[:30], overall=9) + sheets(60, [2026])[30:]
    )
    score = result.waves[0].score
    assert score is not None and score.n == 60 and score.counts["9"] >= 30


def test_sheets_of_one_branch_are_not_so_many_branches(tmp_path: Path) -> None:
    events = [
        msgspec.structs.replace(
            one,
            data={
                **one.data,
                "branch": f"b{place % 12}",
                "overall": 3 + (place % 12) // 3,
                "first": 1 + place % 12 // 2,
            },
        )
        for place, one in enumerate(sheets(240, [2026]))
    ]
    alone, together = (found(tmp_path, surveyed(cluster=by), events) for by in (None, "branch"))
    narrow, wide = alone.waves[0].score, together.waves[0].score
    assert narrow is not None and wide is not None and together.clusters == 12 and wide.customers == 12
    assert (
        narrow.high is not None and narrow.low is not None and wide.high is not None and wide.low is not None
    )
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)
    assert together.waves[0].items[1].mean is not None and together.waves[0].items[1].mean.n == 12
    assert "clustered" in codes(together) and together.importance is None  # 20 independent ones are needed


def test_weights_stand_beside_the_score_with_what_they_cost_and_cannot_repair(tmp_path: Path) -> None:
    events = [
        msgspec.structs.replace(one, data={**one.data, "weight": 3 if one.data["overall"] < 5 else 1})
        for one in sheets(120, [2026])
    ]
    shown = found(tmp_path, surveyed(weight="weight"), [*events, *sheets(5, [2026], seed=9)])
    one = shown.waves[0]
    assert one.score is not None and one.weighted is not None and one.weighted.weighting is not None
    assert one.weighted.estimate is not None and one.score.estimate is not None
    assert one.weighted.estimate < one.score.estimate
    assert one.weighted.n == 120 and one.score.n == 125 and "no_weight" in codes(shown)
    assert one.weighted.weighting.effective_n < 120
    assert any("cannot repair" in note.en for note in one.weighted.weighting.notes)


def test_weights_that_undo_a_change_are_told_beside_it(tmp_path: Path) -> None:
    """The second year has more of the discontent; weights bring their share back to that of the first."""
    draw = np.random.default_rng(2)
    events = []
    for one in sheets(300):
        low = draw.random() < (0.2 if "2025" in one.customer else 0.5)
        weight = (0.4 if low else 1.6) if "2026" in one.customer else 1.0
        score = 3 if low else 8
        said = {"overall": score + one.data["busy"] % 2, "weight": weight}
        events.append(msgspec.structs.replace(one, data={**one.data, **said}))
    findings = told(tmp_path, surveyed(weight="weight"), events)
    last = wave(findings.surveyed, "2026")
    assert last.change is not None and last.change.direction == "down"
    assert last.weighted_change is not None and last.weighted_change.direction == "open"
    said = " ".join(str(findings).split())
    assert "under the weights" in said and "do not agree, so up or down cannot be said" in said
    assert "really fell" not in said and "▼" not in said and "that of 2026 is so in one of the two" in said
    page = findings.to_html()
    assert "加权后不一致，升降看不出" in page
    assert "▼" not in page and "确实降了" not in page and '<p class="moved down">' not in page
    assert "really fell" in str(told(tmp_path, surveyed(), events))


def test_merged_customers_are_one(tmp_path: Path) -> None:
    merge = event(
        "2026-06-01 10:00", "customer.merged", customer="c-2026-0", from_="c-2026-0", into="c-2026-1"
    )
    assert found(tmp_path, surveyed(), [*sheets(60, [2026]), merge]).customers == 59


def test_a_sheet_that_cannot_be_typed_is_put_aside(tmp_path: Path) -> None:
    bad = event("2026-05-01 10:00", "sheet.answered", customer="c-x", form="yearly", first="good")
    log = write_log(tmp_path / "log.parquet", [*sheets(60, [2026]), bad])
    findings = find_survey(surveyed(), log, outcome="overall", quarantine=tmp_path / "aside.jsonl")
    assert findings.refused == 1 and findings.surveyed.respondents == 60
    assert "c-x" in (tmp_path / "aside.jsonl").read_text("utf-8")


# --- SERVQUAL -----------------------------------------------------------------------------------------


def test_expected_and_perceived_are_set_against_each_other_where_both_were_asked(tmp_path: Path) -> None:
    of = surveyed(expecting(), points={"reliability": 60, "responsiveness": 30, "assurance": 10})
    gaps = found(tmp_path, of, sheets(150, [2026])).gaps
    assert gaps is not None and gaps.gap is not None and gaps.gap.high < 0
    assert {one.dimension: one.weight for one in gaps.dimensions} == {
        "reliability": 60, "responsiveness": 30, "assurance": 10
    }  # fmt: skip
    alone = {one.dimension: {remark.code for remark in one.remarks} for one in gaps.dimensions}
    assert "one_item" in alone["assurance"]


def test_without_expectations_the_dimensions_are_rated_alone(tmp_path: Path) -> None:
    gaps = found(tmp_path, surveyed(), sheets(150, [2026])).gaps
    assert gaps is not None and gaps.perception is not None and gaps.gap is None


def test_an_item_on_a_scale_of_its_own_is_in_no_dimension(tmp_path: Path) -> None:
    items = {**ITEMS, "busy": {**ITEMS["busy"], "scale": (1, 10), "not_applicable": []}}
    result = found(tmp_path, surveyed(items), sheets(150, [2026]))
    assert result.gaps is not None and "busy" not in [one.item for one in result.gaps.items]
    assert "own_scale" in codes(result)


def cases(kept: int, of: int) -> list[Event]:
    """Cases of as many customers in January; those that are not kept are solved a day too late."""
    made = []
    for number in range(of):
        key = {"case": f"K{number}", "customer": f"k-{number}"}
        made.append(event("2026-01-05 10:00", "case.opened", **key))
        solved = "2026-01-06 10:00" if number < kept else "2026-01-08 10:00"
        made.append(event(solved, "case.solved", **key))
    return made


def test_the_five_gaps_take_standards_from_the_pack_and_kept_ones_from_the_log(tmp_path: Path) -> None:
    promise = {"touchpoint": "case", "standard": "repair", "expected_hours": "hours", "promised": "PT24H"}
    of = surveyed(expecting(), believed={"reliability": 5.0}, promises=[promise])
    events = [
        msgspec.structs.replace(one, data={**one.data, "hours": 20 + place % 9})
        for place, one in enumerate(sheets(60, [2026]))
    ]
    worked = pack(points={"case": case(standards={"repair": REPAIR})})
    of = msgspec.structs.replace(of, journeys=worked.journeys)
    log = sorted([*events, *cases(45, of=50)], key=lambda one: one.at)
    gaps = {one.number: one for one in found(tmp_path, of, log).five_gaps}
    assert gaps[1].about == "reliability" and gaps[1].measured is not None and gaps[1].measured.high < 0
    assert gaps[2].measured is not None and gaps[2].measured.estimate == pytest.approx(24 - 48, abs=0.3)
    assert gaps[3].measured is not None and gaps[3].measured.estimate == 0.9
    assert gaps[4].written == -24 and gaps[4].about == "case.repair"
    assert gaps[5].measured is not None


def test_a_survey_without_an_overall_score_still_shows_its_dimensions(tmp_path: Path) -> None:
    result = found(tmp_path, surveyed(), changed(sheets(60, [2026]), overall=None))
    assert result.importance is None and result.gaps is not None and "not_rated" in codes(result)


# --- which items are compared -------------------------------------------------------------------------


def test_items_that_too_few_answered_are_left_out_and_listed_with_their_mean(tmp_path: Path) -> None:
    events = sheets(200, [2026])
    events = changed(events[:120], polite=None) + events[120:]
    result = found(tmp_path, surveyed(), events)
    assert result.importance is not None and result.importance.rows == 200
    (left,) = result.left_out
    assert (left.item, left.n) == ("polite", 80) and left.mean is not None
    assert left.remark.code == "few_answered" and "from 200 to 80" in left.remark.en


def test_named_items_are_compared_whatever_they_cost(tmp_path: Path) -> None:
    events = sheets(200, [2026])
    events = changed(events[:120], polite=None) + events[120:]
    result = found(tmp_path, surveyed(), events, items=("polite", "first"))
    assert result.importance is not None and result.importance.rows == 80
    assert {one.item for one in result.importance.items} == {"polite", "first"}
    assert {one.remark.code for one in result.left_out} == {"not_wanted"}


def test_a_ranking_is_only_among_the_items_compared_and_never_of_one(tmp_path: Path) -> None:
    two = " ".join(str(told(tmp_path, surveyed(), sheets(200, [2026]), items=("first", "dates"))).split())
    assert "of the 2 items compared, Right first time goes with the overall score most" in two
    one = told(tmp_path, surveyed(), sheets(200, [2026]), items=("first",))
    assert one.surveyed.importance is None and "no_importance" in codes(one.surveyed)
    assert "is the only item, and there is nothing to compare it with" in " ".join(str(one).split())
    assert "goes with the overall score most" not in str(one)


def test_an_overall_score_among_the_items_is_refused() -> None:
    table = a_table()
    with pytest.raises(EvidenceError, match="'overall' is the item 'overall' too") as refused:
        explain_survey(table, ["first", "overall"], "overall", scale=(1, 10))
    assert "自己解释自己" in refused.value.what_zh


def test_places_and_intervals_say_what_each_of_them_holds(tmp_path: Path) -> None:
    findings = told(tmp_path, surveyed(), sheets(200, [2026]))
    for said in (" ".join(str(findings).split()), findings.to_html()):
        assert "two items may tie though their intervals lie apart" in said
    page = findings.to_html()
    assert "important than the average" not in page and "更重要" not in page
    assert "surely go with the overall score more than the average item does" in page


def test_what_cannot_be_judged_leads_to_no_stronger_claim_than_what_fails(tmp_path: Path) -> None:
    """Of few sheets it is not known whether customers tell the dimensions apart."""
    few = told(tmp_path, surveyed(expecting()), sheets(29, [2026]))
    assert few.surveyed.gaps is not None and few.surveyed.gaps.factors is None
    said = " ".join(str(few).split())
    assert "over all of them, the gap between perceived and expected is" in said
    assert "widest gap" not in said and "widest gap" not in few.to_html()


def test_what_holds_of_several_dimensions_is_said_once_with_their_names(tmp_path: Path) -> None:
    said = " ".join(str(told(tmp_path, surveyed(expecting()), sheets(20, [2026]))).split())
    assert "Reliability, Responsiveness, Assurance: Cannot be reported alone. Only 20 customers" in said
    assert said.count("Only 20 customers") == 2  # once more for the survey as a whole
    assert said.count("to look for drivers use the perception") == 1


# --- what is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "said", "fix"),
    [
        ({"survey": "yearli"}, "no survey 'yearli'", "Did you mean 'yearly'"),
        ({"outcome": "overal"}, "'overal' is not on the sheets", "Did you mean 'overall'"),
        ({"outcome": "other"}, "'other' is not on the sheets", "On them are overall, nps"),
        ({"outcome": "bare"}, "has no scale", "1..10"),
        ({"wave": "2027"}, "no wave '2027'", "There are 2025, 2026"),
        ({"items": ("frist",)}, "no item 'frist'", "Did you mean 'first'"),
    ],
)
def test_a_name_that_does_not_exist_is_refused_with_the_nearest(
    tmp_path: Path, how: dict[str, Any], said: str, fix: str
) -> None:
    with pytest.raises(PeakendError) as refused:
        told(tmp_path, surveyed(), sheets(40), **how)
    assert said in refused.value.what and fix in refused.value.fix
    assert refused.value.what_zh and refused.value.fix_zh


def test_a_log_without_a_sheet_says_how_many_events_came(tmp_path: Path) -> None:
    with pytest.raises(
        EvidenceError, match=r"40 events of the kind sheet\.answered, none of them where form"
    ) as refused:
        told(tmp_path, surveyed(), sheets(40, [2026], form="pulse"))
    assert "40 条" in refused.value.what_zh


def test_an_answer_off_its_scale_is_refused_with_its_column_and_count(tmp_path: Path) -> None:
    events = [*sheets(40, [2026]), *changed(sheets(3, [2026], seed=8), busy=8)]
    with pytest.raises(
        PeakendError, match=r"'busy': 3 of 43 answers are not on the scale 1\.\.7: 8 \(3 x\)"
    ) as refused:
        told(tmp_path, surveyed(), events)
    assert "3 个不在量表 1 至 7 之内" in refused.value.what_zh


def test_one_wave_on_another_scale_is_refused_by_its_name(tmp_path: Path) -> None:
    five = [
        msgspec.structs.replace(one, data={**one.data, "busy": 1 + place % 5})
        for place, one in enumerate(sheets(60, [2025]))
    ]
    with pytest.raises(
        PeakendError, match=r"'busy': all 60 answers of '2025' lie in 1\.\.5, and the scale is 1\.\.7"
    ):
        told(tmp_path, surveyed(), [*five, *sheets(200, [2026])])


def test_a_wave_in_which_all_are_discontent_is_no_other_scale(tmp_path: Path) -> None:
    low = [
        msgspec.structs.replace(one, data={**one.data, "busy": 1 + place % 4})
        for place, one in enumerate(sheets(60, [2026]))
    ]
    assert found(tmp_path, surveyed(), low).respondents == 60


def test_a_text_among_numbers_is_refused_with_an_example() -> None:
    table = pa.table({"a": ["5", "good", ""], "b": ["1", "2", "3"], "all": ["1", "2", "3"]})
    with pytest.raises(EvidenceError, match="a: 1 answers of 'a' are no number, for example 'good'"):
        explain_survey(table, ["a", "b"], "all", scale=(1, 5))


def test_too_few_sheets_give_scores_and_no_importance(tmp_path: Path) -> None:
    findings = told(tmp_path, surveyed(), sheets(24, [2026]))
    assert findings.surveyed.importance is None and "no_importance" in codes(findings.surveyed)
    assert findings.surveyed.waves[0].score is not None
    assert "24 of 24 respondents" in str(findings) and "30 are needed" in str(findings)
    findings.language = "zh"
    assert "需要 30 位" in str(findings) and "份额" in str(findings)


def test_an_overall_score_that_never_differs_explains_nothing(tmp_path: Path) -> None:
    findings = told(tmp_path, surveyed(), changed(sheets(60, [2026]), overall=8))
    assert findings.surveyed.importance is None and "60 complete rows have the overall score 8" in str(
        findings
    )
    score = findings.surveyed.waves[0].score
    assert score is not None and score.estimate is None


def test_nothing_at_all_is_refused(tmp_path: Path) -> None:
    blank = dict.fromkeys((*ITEMS, "overall"))
    with pytest.raises(
        EvidenceError, match="None of 40 sheets of the survey 'yearly' holds an answer to 'overall'"
    ):
        told(tmp_path, surveyed(), changed(sheets(40, [2026]), **blank))


def test_a_code_among_the_ratings_is_told_at_the_line_of_the_pack_that_mends_it(tmp_path: Path) -> None:
    of = surveyed()
    line = Place("surveys/yearly.yaml", 7)
    of = msgspec.structs.replace(of, places={("surveys", "yearly", "not_applicable"): line})
    with pytest.raises(PeakendError) as refused:
        told(tmp_path, of, [*sheets(40, [2026]), *changed(sheets(3, [2026], seed=8), busy=99, polite=8)])
    assert refused.value.place == line
    assert "name them in not_applicable: [99]" in refused.value.fix and "-100" not in refused.value.fix
    assert "“busy”" in refused.value.what_zh


def test_encounters_that_a_pack_of_surveys_has_not_are_refused_with_the_call_that_reads_surveys() -> None:
    with pytest.raises(PeakendError, match=r"--survey yearly, in Python pe\.find_survey") as refused:
        pe.find(surveyed(), pa.table({"customer": ["a"], "kind": ["b"], "at": [0]}), outcome="overall")
    assert "pe.find_survey" in refused.value.fix_zh
    assert pe.find_survey is find_survey


def test_too_few_sheets_of_a_wave_offer_fewer_items_and_a_longer_wave(tmp_path: Path) -> None:
    wide = {f"i{n}": ITEMS["first"] for n in range(8)}
    of = surveyed({**ITEMS, **wide})
    of = msgspec.structs.replace(
        of,
        head=msgspec.structs.replace(
            of.head,
            events={
                **of.head.events,
                "sheet.answered": {**of.head.events["sheet.answered"], **dict.fromkeys(wide, "number")},
            },
        ),
    )
    events = [
        msgspec.structs.replace(
            one, data={**one.data, **{name: 1 + (place * n) % 7 for n, name in enumerate(wide, 2)}}
        )
        for place, one in enumerate(sheets(32))
    ]
    findings = told(tmp_path, of, events)
    said = " ".join(str(findings).split())
    assert "or compare fewer items: 32 are enough for 6" in said
    assert "Only 2026 counts here, one of 2 waves: a longer wave" in said
    findings.language = "zh"
    said = "".join(str(findings).split())
    assert "32位受访者都打了总分" in said and "或少比几项：32份够比6项" in said and "按季、按年" in said


# --- from a table -------------------------------------------------------------------------------------


def a_table(people: int = 150) -> pa.Table:
    rows = [{**one.data, "year": 2026, "who": one.customer} for one in sheets(people, [2026])]
    return pa.Table.from_pylist(rows)


def test_every_form_of_a_table_gives_the_same_answer(tmp_path: Path) -> None:
    table = a_table()
    pa.csv.write_csv(table, tmp_path / "t.csv")
    pa.parquet.write_table(table, tmp_path / "t.parquet")
    connection = duckdb.connect()
    forms = [
        table.to_pandas(), polars.from_arrow(table), connection.from_arrow(table), ibis.memtable(table),
        tmp_path / "t.csv", str(tmp_path / "t.parquet"), table,
    ]  # fmt: skip
    answers = [
        pe.explain_survey(
            form, list(ITEMS), "overall", scale=(1, 7), outcome_scale="1..10", waves="year", customer="who"
        )
        for form in forms
    ]
    assert all(one.surveyed == answers[0].surveyed for one in answers[1:])
    assert answers[0].surveyed.waves[0].wave == "2026" and answers[0].surveyed.customers == 150


def test_a_table_and_a_log_of_the_same_sheets_say_the_same(tmp_path: Path) -> None:
    here = explain_survey(
        a_table(), list(ITEMS), "overall", scale=(1, 7), outcome_scale="1..10", customer="who"
    )
    there = found(tmp_path, surveyed(), sheets(150, [2026]))
    one, other = here.surveyed.importance, there.importance
    assert one is not None and other is not None and one.r2.estimate == pytest.approx(other.r2.estimate)
    assert [(item.item, item.rank, item.ties) for item in one.items] == [
        (item.item, item.rank, item.ties) for item in other.items
    ]
    assert here.surveyed.waves[0].score == there.waves[0].score


def test_a_column_that_is_not_there_and_a_thing_that_is_no_table_are_told() -> None:
    with pytest.raises(EvidenceError, match=r"no column 'frist' in this survey\. Did you mean 'first'"):
        explain_survey(a_table(), ["frist"], "overall", scale=(1, 7))
    with pytest.raises(EvidenceError, match="A int is no table of answer sheets"):
        explain_survey(42, ["first"], "overall", scale=(1, 7))
    with pytest.raises(EvidenceError, match="No items"):
        explain_survey(a_table(), [], "overall", scale=(1, 7))


def test_a_text_among_the_ratings_of_pandas_is_named_with_its_column() -> None:
    table = a_table().to_pandas().astype({"first": object})
    table.loc[[3, 8], "first"] = "n/a"
    with pytest.raises(EvidenceError, match="first: 2 answers of 'first' are no number, for example 'n/a'"):
        explain_survey(table, list(ITEMS), "overall", scale=(1, 7), outcome_scale="1..10")


@pytest.mark.parametrize("name", [2026, 2026.0, "2026", np.int64(2026)])
def test_a_wave_may_be_named_by_a_number(name: Any) -> None:
    found = explain_survey(
        a_table(), list(ITEMS), "overall", scale=(1, 7), outcome_scale="1..10", waves="year", wave=name
    )
    assert found.surveyed.wave == "2026"


def test_a_table_knows_dimensions_and_expectations() -> None:
    gaps = explain_survey(
        a_table(), {"first": "reliability", "dates": "reliability"}, "overall", scale=(1, 7),
        outcome_scale="1..10", expected={"first": "e_first", "dates": "e_dates"},
    ).surveyed.gaps  # fmt: skip
    assert gaps is not None and gaps.gap is not None and gaps.gap.high < 0


# --- how it is told -----------------------------------------------------------------------------------


def test_the_result_prints_explains_and_draws_itself_in_both_languages(tmp_path: Path) -> None:
    findings = told(
        tmp_path, surveyed(expecting(), cluster="branch", weight="weight"), sheets(200, drop=1.2, weight=1)
    )
    assert "it really fell" in str(findings) and "Right first time" in str(findings)
    assert "<table>" in findings._repr_html_() and "Same-survey halo" in str(findings)
    assert "of what the items explain" in findings.explain("first")
    assert "Right first time" in findings.plot().svg
    findings.language = "zh"
    assert "确实降了" in str(findings) and "第一次就做对" in findings.explain("first")
    assert findings.to_arrow().num_rows == len(ITEMS)
    assert findings.to_pandas().set_index("item").loc["first", "rank_high"] == 1
    with pytest.raises(EvidenceError, match="Did you mean 'first'"):
        findings.explain("frist")


def test_ties_are_said_as_ties(tmp_path: Path) -> None:
    draw = np.random.default_rng(4)
    mood = draw.normal(size=200)
    columns = {name: np.clip(np.round(4 + mood + draw.normal(size=200)), 1, 7) for name in "abcd"}
    overall = np.clip(np.round(4 + mood + 0.5 * draw.normal(size=200)), 1, 7)
    result = explain_survey(pa.table({**columns, "all": overall}), list("abcd"), "all", scale=(1, 7))
    assert "these 4 items cannot be told apart" in str(result)
    assert "与其他各项都分不出" in result.to_html()


def test_the_page_says_which_number_stands_behind_a_share_and_none_behind_what_was_not_asked(
    tmp_path: Path,
) -> None:
    events = [*changed(sheets(60, [2025]), overall=None), *sheets(200, [2026])]
    events = changed(events[:100], first=None) + events[100:]
    page = told(tmp_path, surveyed(), events).to_html()
    assert "rated by 160; share: n=160" in page
    assert "rated by 200; share: n=160" in page
    score = page[page.index("wave by wave") : page.index("Which items go with")]
    assert "n=60" not in score and "n=200" in score
    assert "of the explained part" in page and "占解释部分" in page


def test_nobody_gave_points_is_called_equal_weight(tmp_path: Path) -> None:
    page = told(tmp_path, surveyed(), sheets(60, [2026])).to_html()
    assert "同等权重" in page and "equal weight" in page and "权重 33" not in page
    given = surveyed(points={"reliability": 60, "responsiveness": 30, "assurance": 10})
    page = told(tmp_path, given, sheets(60, [2026])).to_html()
    assert "权重 60 分" in page and "60 of 100 points" in page and "同等权重" not in page


def test_the_field_of_the_clusters_goes_by_the_word_of_the_pack(tmp_path: Path) -> None:
    of = surveyed(cluster="branch")
    of = msgspec.structs.replace(
        of, head=msgspec.structs.replace(of.head, words={"branch": {"zh": "网点", "en": "branch office"}})
    )
    remarks = {one.code: one for one in found(tmp_path, of, sheets(60, [2026])).remarks}
    assert "“网点”相同" in remarks["clustered"].zh and "'branch office'" in remarks["clustered"].en


def test_a_map_of_many_items_has_letters_on_wide_pages_and_one_of_few_has_names(tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    for items in (12, 13):
        mood = draw.normal(size=400)
        columns = {f"q{n}": np.clip(np.round(4 + mood + draw.normal(size=400)), 1, 7) for n in range(items)}
        overall = np.clip(np.round(4 + mood), 1, 7)
        page = explain_survey(
            pa.table({**columns, "all": overall}), list(columns), "all", scale=(1, 7)
        ).to_html()
        wide = page[page.index('class="plot roomy"') : page.index('class="plot tight"')]
        names = re.findall(r'class="name[^"]*"[^>]*>(q\d+|[A-Z])<', wide)
        assert len(names) > 12
        assert (items > 12) == all(len(name) == 1 for name in names)


def test_narrow_pages_show_the_explained_wave_first_and_the_one_before_next(tmp_path: Path) -> None:
    page = told(tmp_path, surveyed(), sheets(60, [2023, 2024, 2025, 2026]), wave="2025").to_html()
    heads = re.findall(r'<th class="(n[^"]*)">.*?(\d{4})', page)
    assert heads == [("n", "2023"), ("n last", "2024"), ("n now", "2025"), ("n", "2026")]
    assert ".by-wave .now{order:-2}.by-wave .last{order:-1}" in page


def test_an_arrow_has_colour_only_where_the_change_is_certain(tmp_path: Path) -> None:
    fell, same = (told(tmp_path, surveyed(), sheets(drop=drop)).to_html() for drop in (1.2, 0.0))
    assert '<p class="moved down">' in fell and "▼" in fell
    assert '<p class="moved down">' not in same and '<p class="moved open">' in same and "▼" not in same


def test_the_page_has_no_empty_place_and_no_stranger(tmp_path: Path) -> None:
    promise = {"touchpoint": "case", "standard": "repair", "promised": "PT24H"}
    of = surveyed(expecting(), weight="weight", believed={"reliability": 5.0}, promises=[promise])
    page = told(tmp_path, of, sheets(200, weight=1, drop=1.2)).to_html()
    assert not re.search(r">\s*(None|nan|inf)\b|\b(nan|inf)…", page)
    for said in ("期望", "Expected", "五差距", "不能单独报告", "加权修正不了", "年度服务问卷"):
        assert said in page
    hostile = surveyed({**ITEMS, "first": {"says": {"zh": "<script>", "en": "<script>"}}})
    assert "<script>" not in told(tmp_path, hostile, sheets(60)).to_html().replace("<script>(function", "")


# --- the command --------------------------------------------------------------------------------------


def test_a_survey_answers_where_it_is_named_or_the_pack_has_nothing_else() -> None:
    alone = surveyed()
    assert only_surveys(alone) and by_survey(alone, NO_ASK)
    both = msgspec.structs.replace(alone, surveys={**alone.surveys, "second": alone.surveys["yearly"]})
    assert not only_surveys(both) and by_survey(both, NO_ASK._replace(survey="second"))


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (NO_ASK._replace(segment="tier"), "--segment looks at encounters"),
        (NO_ASK._replace(touchpoints=("a",)), "--touchpoint looks at encounters"),
        (NO_ASK._replace(window="P30D"), "--window looks at encounters"),
    ],
)
def test_an_option_of_encounters_is_refused_with_a_survey(ask: Ask, said: str) -> None:
    with pytest.raises(PeakendError, match=said) as refused:
        by_survey(surveyed(), ask)
    assert refused.value.what_zh


@pytest.mark.parametrize("option", ["--wave", "--item"])
def test_an_option_of_surveys_is_refused_without_one(tmp_path: Path, option: str) -> None:
    call = ["find", "cloud", "--events", str(tmp_path), option, "x"]
    result = CliRunner().invoke(app, call)
    assert isinstance(result.exception, PeakendError) and f"{option} goes with a survey" in str(
        result.exception
    )


def test_the_answer_as_json_holds_all_figures(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.parquet", sheets(60))
    ask = NO_ASK._replace(outcome="overall", items=("first", "dates"))
    printed = json.loads(
        msgspec.json.encode(figures(answer(surveyed(), [log], ask, tmp_path / "aside", 1, None)))
    )
    assert printed["mode"] == "survey" and set(printed) == set(Surveyed.__struct_fields__)
    assert printed["importance"]["items"][0]["item"] == "first"


# --- the airport --------------------------------------------------------------------------------------


SEVEN = "FOOD WALKWAYS SIGN STORE SCREENS ART WIFI".split()


@pytest.fixture(scope="module")
def passengers(real_data: Path) -> pa.Table:
    rows = []
    for year in (2017, 2018):
        path = real_data / "sfo_survey" / f"{year}_SFO_Customer_Survey.csv.gz"
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                one = {key.strip().removeprefix("Q7"): cell for key, cell in row.items()}
                one["ALL"] = one["ALL"] if one["ALL"].isdigit() else ""  # Blank, BLANK
                one["WALKWAYS"] = one.get("WALKWAYS", one.get("WALKWAY", ""))
                one["NPS"] = "" if one["NETPRO"] == "11" else one["NETPRO"]
                one["flight"] = one["RUNID"] and f"{year}-{one['RUNID']}"
                rows.append({key: one[key] for key in (*SEVEN, "ALL", "NPS", "flight")} | {"year": year})
    return pa.Table.from_pylist(rows)


@pytest.mark.parametrize(
    ("year", "rows", "r2", "shares"),
    [
        ("2017", 1548, 0.574, "FOOD 16.6 WALKWAYS 15.7 SIGN 14.7 STORE 13.9 SCREENS 13.8 ART 12.8 WIFI 12.7"),
        ("2018", 1403, None, "FOOD 18.1 SIGN 15.7 STORE 15.2 SCREENS 15.1 ART 13.7 WALKWAYS 12.4 WIFI 9.9"),
    ],
)
def test_what_air_passengers_value_is_the_known_and_mostly_tied(
    passengers: pa.Table, year: str, rows: int, r2: float | None, shares: str
) -> None:
    findings = explain_survey(
        passengers, SEVEN, "ALL", scale=(1, 5), not_applicable=(0, 6), only=SEVEN, waves="year", wave=year,
        cluster="flight",
    )  # fmt: skip
    result, words = findings.surveyed.importance, shares.split()
    known = dict(zip(words[::2], map(float, words[1::2]), strict=True))
    assert result is not None and result.rows == rows
    assert r2 is None or result.r2.estimate == pytest.approx(r2, abs=5e-4)
    for one in result.items:
        assert one.share is not None
        assert 100 * one.share.estimate == pytest.approx(known[one.item], abs=0.1)
        assert len(one.ties) >= 4
    assert "cannot be told apart" in " ".join(str(findings).split())


def test_the_nps_of_the_airport_fell_and_the_arrow_may_say_so(passengers: pa.Table) -> None:
    findings = explain_survey(
        passengers, SEVEN, "NPS", scale=(1, 5), outcome_scale="nps", not_applicable=(0, 6), waves="year"
    )
    first, second = (one.score for one in findings.surveyed.waves)
    assert first is not None and second is not None
    assert (first.estimate, first.n) == (pytest.approx(39.8, abs=0.05), 2746)
    assert (second.estimate, second.n) == (pytest.approx(31.0, abs=0.05), 2650)
    change = findings.surveyed.waves[1].change
    assert change is not None and change.direction == "down"
    assert change.estimate == pytest.approx(-8.8, abs=0.1)
    assert change.low is not None and change.high is not None and change.high - change.low < 9
