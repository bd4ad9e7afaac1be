"""The pictures of `find`: what they show must be what was found, and no sentence may say more than that."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import ibis
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peakend.model.feeling import FEATURES, CurvePoint, EmotionCurve, Extreme, FeatureWeight, PeakEndProfile
from peakend.model.finding import Estimate
from peakend.model.found import Driver, Effect, Found, LedgerLine, Protection
from peakend.model.pack import Journey, Outcome, Pack, PackFile, Stage, Touchpoint
from peakend.model.result import BacktestResult
from peakend.moments.explain import explain
from peakend.report.chart.effects import axis_of, sure
from peakend.report.chart.matrix import NARROW, WIDE, Box, placed, width
from peakend.report.chart.waterfall import waterfall
from peakend.report.finding import effects_svg, finding_page, finding_section
from peakend.report.finding.account import account
from peakend.report.finding.headlines import delight_next, effects_line, fix_first, headline
from peakend.report.finding.memory import profile_line
from peakend.report.finding.rows import letter, matrix_view
from peakend.report.finding.segments import segments_view
from peakend.report.page import render
from peakend.tell.names import Names
from peakend.tell.said import MINUS, Said
from tests.find_world import NAMES as WORLD
from tests.find_world import world

TITLES = {
    "fault": ("故障处理", "Fault handling"),
    "bill": ("账单", "Bill"),
    "visit": ("上门", "Visit"),
    "portal": ("自助门户", "Portal"),
}
NO = Effect(estimate=None, low=None, high=None, shrunk=None, n=0, missing="absent")


def effect(value: float, low: float, high: float, *, q: float = 0.001, n: int = 400) -> Effect:
    return Effect(estimate=value, low=low, high=high, shrunk=value, n=n, q=q)


def driver(name: str, penalty: Effect, reward: Effect, **more: object) -> Driver:
    """A touchpoint met before 40 % of answers: 10 % miserable, 10 % magical, 5 % unknown."""
    swing = max(penalty.shrunk or 0, 0) + max(reward.shrunk or 0, 0)
    known = {
        "encounters": 900,
        "reach": 0.4,
        "magical": 0.1,
        "miserable": 0.1,
        "unknown": 0.05,
        "swing": swing,
        "swing_interval": (swing - 0.3, swing + 0.3),
        "fix_first": 0.1 * max(penalty.shrunk or 0, 0),
        "fix_first_interval": None if penalty.low is None else (0.1 * penalty.low, 0.1 * (penalty.high or 0)),
        "delight_next": 0.15 * max(reward.shrunk or 0, 0),
        "delight_next_interval": None
        if reward.low is None
        else (0.15 * reward.low, 0.15 * (reward.high or 0)),
        "rank": (1, 4),
        "p_top3": 0.5,
        "q": penalty.q,
        "asymmetry": None,
        "asymmetry_interval": None,
        "impact": "undecided",
        "moment_of_truth": False,
    }
    return Driver(touchpoint=name, penalty=penalty, reward=reward, **{**known, **more})  # type: ignore[arg-type]


FAULT = driver(
    "fault",
    effect(2.98, 2.65, 3.31),
    effect(1.24, 0.82, 1.66),
    rank=(1, 1),
    moment_of_truth=True,
    magical=0.02,
    miserable=0.2,
)
BILL = driver("bill", effect(1.5, 1.2, 1.8), effect(-0.1, -0.4, 0.2, q=0.9), rank=(2, 3))
VISIT = driver("visit", effect(0.3, -0.2, 0.8, q=0.4), effect(1.4, 1.1, 1.7), rank=(2, 3), magical=0.25)
PORTAL = driver("portal", NO, effect(0.05, -0.3, 0.4, q=0.8), rank=(4, 4), miserable=0.0)


def found(*drivers: Driver, **more: object) -> Found:
    """What was found of those touchpoints, with a ledger of a base, a segment and what each adds."""
    points = drivers or (PORTAL, VISIT, BILL, FAULT)
    lines = [LedgerLine(term="base", points=6.0), LedgerLine(term="segment", name="small", points=0.104)]
    for n, one in enumerate(points):
        lines.append(LedgerLine(term="met", name=one.touchpoint, points=0.011 * n))
        lines.append(LedgerLine(term="miserable", name=one.touchpoint, points=-0.1034 * n))
        lines.append(LedgerLine(term="magical", name=one.touchpoint, points=0.0777 * n))
    guards = (
        Protection(name="within_customer", available=True, zh="和自己比", en="with himself"),
        Protection(name="states_from_facts", available=False, zh="靠打分", en="by ratings"),
        Protection(name="claim", available=False, zh="还不能当作原因", en="no cause yet"),
    )
    known = {
        "outcome": "csat",
        "scale": "csat",
        "episodes": 7428,
        "customers": 3000,
        "mode": "within",
        "protections": guards,
        "mean": sum(line.points for line in lines),
        "ledger": tuple(lines),
        "touchpoints": points,
        "notes": ({"zh": "一条说明", "en": "a note"},),
    }
    return Found(**{**known, **more})  # type: ignore[arg-type]


def pack(**titles: tuple[str, str]) -> Pack:
    points = {
        name: Touchpoint(title={"zh": zh, "en": en}, stage="co-create")
        for name, (zh, en) in {**TITLES, **titles}.items()
    }
    head = PackFile(
        pack="cloud",
        title={"zh": "云服务", "en": "Cloud services"},
        zone="Asia/Shanghai",
        events={},
        outcomes={"csat": Outcome(event="survey.answered", title={"zh": "满意度", "en": "satisfaction"})},
        words={"small": {"zh": "小客户", "en": "Small"}, "big": {"zh": "大客户", "en": "Big"}},
    )
    journey = Journey(journey="main", stages=[Stage(id="co-create", title={})], touchpoints=points)
    return Pack(root="cloud", head=head, journeys={"main": journey}, plays={}, texts={}, hash="0123")


NAMES = Names(pack())
EMPTY = BacktestResult(
    pack="cloud", hash="0123", events=0, relevant=0, customers=0, quarantined=0, first=None, last=None
)


def profile(lead: tuple[float, float, float] = (0.06, 0.04, 0.08)) -> PeakEndProfile:
    weights = tuple(
        FeatureWeight(name, None if name == "first" else Estimate(0.5, 0.31, 0.69, 900)) for name in FEATURES
    )
    return PeakEndProfile(
        episodes=5200,
        customers=2100,
        groups=50,
        left_out=0,
        weights=weights,
        index=Estimate(0.93, 0.8, 1.0, 2100),
        average=0.1,
        peak_end=0.16,
        lead=Estimate(*lead, 2100),
    )


def curve() -> EmotionCurve:
    def point(name: str, value: Estimate | None) -> CurvePoint:
        return CurvePoint(
            touchpoint=name,
            hours=1,
            reach=0.5,
            met=90,
            encounters=80,
            customers=60,
            emotion=value,
            grey=False,
        )

    points = (point("fault", Estimate(-0.31, -0.4, -0.22, 60)), point("visit", Estimate(0.2, 0.1, 0.3, 60)))
    return EmotionCurve(
        episodes=90,
        customers=60,
        points=(*points, point("portal", None)),
        peak=Extreme("visit", ()),
        trough=Extreme("fault", ()),
        end="visit",
        end_share=0.6,
    )


def whole(**more: object) -> Found:
    """What was found, with all that may come beside it."""
    (journey,) = pack().journeys
    return msgspec.structs.replace(found(**more), profile=profile(), curves={journey: curve()})


def spoken(html: str, language: str) -> str:
    """The words of a page in one language, without tags, styles and scripts."""
    other = "en" if language == "zh" else "zh"
    html = re.sub(r"<(style|script|title).*?</\1>", "", html, flags=re.S)
    html = re.sub(rf'<(span|text|g)\b[^>]*lang="{other}"[^>]*>.*?</\1>', "", html, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


# --- sentences


def test_the_headline_names_the_moments_and_the_first_only_where_its_place_is_its_own() -> None:
    assert headline(found(), NAMES).zh == "服务关键时刻是「故障处理」。"
    visit = msgspec.structs.replace(VISIT, moment_of_truth=True)
    assert headline(found(FAULT, visit), NAMES).en.endswith("“Fault handling” weighs most.")
    tied = msgspec.structs.replace(visit, rank=(1, 3), swing_interval=FAULT.swing_interval)
    assert "还分不出" in headline(found(FAULT, tied), NAMES).zh
    apart = msgspec.structs.replace(tied, swing_interval=(0.0, FAULT.swing_interval[0] - 0.01))
    assert headline(found(FAULT, apart), NAMES).en.endswith("“Fault handling” weighs most.")


def test_without_a_moment_of_truth_none_is_named() -> None:
    nothing = found(BILL, VISIT)
    assert headline(nothing, NAMES) == Said(
        "7\u202f428 份答卷还不足以认定任何一个服务关键时刻。",
        "7\u202f428 answers do not single out any moment of truth.",
    )


def test_a_single_touchpoint_has_no_place_and_no_map() -> None:
    page = finding_page(pack(), found(FAULT))
    assert "只有「故障处理」一个接触点可看" in spoken(page, "zh")
    assert "第 1 位" not in page and "Place by weight" not in page
    assert "Fewer than three touchpoints" in spoken(page, "en")


def test_what_to_fix_first_is_the_largest_loss_with_its_interval() -> None:
    assert fix_first(found(), NAMES).en == (
        "“Fault handling”: answers after a miserable encounter are lower; spread over all answers, by 0.30 "
        "points (95 % interval 0.27 to 0.33)."
    )
    assert "0.21 分（95% 区间 0.17 到 0.26）" in delight_next(found(), NAMES).zh


def test_losses_that_overlap_are_ties() -> None:
    close = msgspec.structs.replace(BILL, penalty=effect(2.9, 2.4, 3.4), fix_first_interval=(0.24, 0.34))
    said = fix_first(found(FAULT, close, VISIT), NAMES)
    assert "和「账单」的区间重叠" in said.zh and "overlaps with “Bill”" in said.en
    assert "但与「账单」的区间重叠" in effects_line(found(FAULT, close, VISIT), NAMES).zh


def test_an_interval_that_leaves_zero_out_by_chance_alone_is_not_believed() -> None:
    lucky = driver("bill", effect(0.46, 0.01, 0.92, q=0.5), effect(0.1, -0.2, 0.4, q=0.8))
    assert not sure(lucky.penalty)
    assert effects_line(found(lucky, VISIT), NAMES).zh.startswith("还没有哪个接触点肯定失分。")
    assert fix_first(found(lucky, VISIT), NAMES).en.startswith("No touchpoint is certain to lose points")


@pytest.mark.parametrize(
    ("lead", "word"),
    [((0.06, 0.04, 0.08), "rather than its average"), ((-0.06, -0.08, -0.04), "rather than its best"),
     ((0.01, -0.02, 0.04), "cannot be said")],
)  # fmt: skip
def test_peaks_or_average_are_only_named_when_the_lead_is_certain(
    lead: tuple[float, float, float], word: str
) -> None:
    assert word in profile_line(profile(lead)).en


def test_segments_differ_only_when_their_widened_intervals_stay_apart() -> None:
    hurt, calm = FAULT, msgspec.structs.replace(FAULT, penalty=effect(0.5, 0.2, 0.8))
    apart = segments_view(found(segments={"small": (hurt, BILL), "big": (calm, BILL)}), NAMES)
    assert apart is not None
    assert apart.headline.en == (
        "“Fault handling”: Small and Big differ for certain in points lost "
        f"({MINUS}2.98 against {MINUS}0.50)."
    )
    near = msgspec.structs.replace(FAULT, penalty=effect(2.3, 2.0, 2.6))
    same = segments_view(found(segments={"small": (hurt, BILL), "big": (near, BILL)}), NAMES)
    assert same is not None and same.headline.zh.startswith("各类客户之间的差别都在误差之内")


def test_without_segments_there_is_no_such_picture() -> None:
    assert segments_view(found(), NAMES) is None
    assert "By segment" not in finding_page(pack(), found())


# --- pictures


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_figure_of_the_page_is_one_of_what_was_found(language: str) -> None:
    text = spoken(finding_page(pack(), whole()), language)
    for one in (FAULT, BILL, VISIT):
        for side, way in ((one.penalty, -1), (one.reward, 1)):
            for value in (side.estimate, side.low, side.high):
                assert f"{'+' if way * (value or 0) > 0 else MINUS}{abs(value or 0):.2f}" in text
    told = {
        "zh": ("没有这样的接触", "只能", "还不能当作原因", "一条说明", "900 次接触"),
        "en": ("none of these", "What may be said", "no cause yet", "a note", "900 encounters"),
    }[language]
    assert all(word in text for word in told if word != "只能")
    assert not re.search(r"\b(find_|None|nan|fault\b|csat|undecided)", text)


def test_both_languages_are_told_apart() -> None:
    page = finding_page(pack(), whole(segments={"small": (FAULT,), "big": (BILL,)}))
    assert not re.search("[\u4e00-\u9fff]", spoken(page, "en").replace("中文", "").replace("语言", ""))
    english = spoken(page, "zh").replace("Peakend", "").replace("English", "").replace("Language", "")
    assert set(re.findall(r"[A-Za-z]{2,}", english)) <= set()


def test_a_dot_that_may_be_nothing_is_hollow() -> None:
    page = str(finding_section(pack(), found(BILL, VISIT, FAULT)))
    picture = page[page.index("picture effects") : page.index('class="legend"')]
    assert picture.count('<g class="loss">') == 2 and picture.count('<g class="loss open">') == 1
    assert picture.count('<g class="gain">') == 2 and picture.count('<g class="gain open">') == 1


def test_lost_points_go_to_the_left_and_gained_ones_to_the_right() -> None:
    page = str(finding_section(pack(), found(FAULT, BILL, VISIT)))
    row = page[page.index('<g class="loss">') :]
    loss, gain = (float(x) for x in re.findall(r'<circle class="dot" cx="([\d.]+)%"', row)[:2])
    axis = axis_of([FAULT, BILL, VISIT])
    assert loss == pytest.approx(50 - 46 * 2.98 / axis.limit, abs=0.001)
    assert gain == pytest.approx(50 + 46 * 1.24 / axis.limit, abs=0.001)


def test_touchpoints_stand_by_weight_and_those_never_met_are_named_apart() -> None:
    never = driver("portal", NO, NO, encounters=0, reach=0.0)
    text = spoken(finding_page(pack(), found(never, VISIT, FAULT)), "en")
    assert text.index("Fault handling 900") < text.index("Visit 900")
    assert "Met by nobody before an answer: “Portal”." in text


def test_the_map_names_what_matters_and_is_weak() -> None:
    view = matrix_view(found(), NAMES)
    assert view is not None
    assert view.headline.en.startswith("“Fault handling”: more weight than average for certain")
    assert 'class="at over"' in view.wide and 'class="at under"' in view.wide
    assert [letter for letter, _ in view.key] == ["A", "B", "C", "D"]


def test_every_dot_of_the_map_has_a_letter_of_its_own() -> None:
    letters = [letter(n) for n in range(800)]
    assert letters[:2] == ["A", "B"] and letters[25:28] == ["Z", "AA", "AB"] and len(set(letters)) == 800


def test_a_name_too_long_for_the_map_is_a_letter_with_its_key() -> None:
    long = ("很长的名字" * 8, "A touchpoint whose name would lie across half of the map")
    view = matrix_view(found(), Names(pack(visit=long)))
    assert view is not None and view.crowded
    assert long[0] not in view.wide and long[1] not in view.wide
    assert Said(*long) in [title for _, title in view.key]


dots = st.lists(st.tuples(st.floats(60, 900), st.floats(60, 430)), min_size=1, max_size=25)


@settings(max_examples=30)
@given(dots, st.lists(st.sampled_from(["故障处理", "Quarterly service review", "账单", "A"]), min_size=25))
def test_labels_never_lie_on_each_other_or_on_a_dot(
    where: list[tuple[float, float]], words: list[str]
) -> None:
    for paper in (WIDE, NARROW):
        texts = words[: len(where)]
        boxes = [box for box in placed(texts, where, [], [], paper) if box is not None]
        assert not any(a.meets(b) for n, a in enumerate(boxes) for b in boxes[:n])
        assert not any(box.meets(Box(x - 6, y - 6, x + 6, y + 6)) for box in boxes for x, y in where)
        assert all(box.x0 >= paper.left and box.x1 <= paper.right for box in boxes)
        assert {round(box.x1 - box.x0, 6) for box in boxes} <= {
            round(width(text, paper.font) + 3, 6) for text in texts
        }


points = st.floats(-3, 3).map(lambda value: round(value, 4))


def number(text: str) -> float:
    return float(text.replace(MINUS, "-").replace("+", ""))


@given(st.lists(points, min_size=1, max_size=12), st.floats(0, 10))
def test_the_printed_account_adds_up_to_the_mean(values: list[float], base: float) -> None:
    lines = [LedgerLine(term="base", points=base)]
    for n, value in enumerate(values):
        lines.append(LedgerLine(term="met", name=f"t{n}", points=value))
        lines.append(LedgerLine(term="magical", name=f"t{n}", points=value / 3))
    whole = found(ledger=tuple(lines), mean=sum(line.points for line in lines))
    shown = account(whole, NAMES).lines
    figures = [number(line.points) for line in shown]
    assert shown[-1].kind == "mean"
    assert sum(figures[:-1]) == pytest.approx(figures[-1], abs=1e-6)
    for line in shown[1:-1]:
        parts = [number(value) for _, value in line.parts]
        assert not parts or sum(parts) == pytest.approx(number(line.points), abs=1e-6)
    assert len(shown) <= 2 + 13


def test_small_terms_are_one_line_with_their_sum() -> None:
    lines = [LedgerLine(term="base", points=5.0)]
    lines += [LedgerLine(term="met", name=f"t{n}", points=1.0 if n < 8 else 0.25) for n in range(12)]
    shown = account(found(ledger=tuple(lines), mean=14.0), NAMES).lines
    rest = next(line for line in shown if line.kind == "rest")
    assert rest.title.zh == "其余 4 个接触点" and rest.points == "+1.00"


def test_a_sentence_with_many_ties_names_two_of_them() -> None:
    close = [driver(f"t{n}", effect(2.9 - n / 100, 2.0, 3.4), NO) for n in range(5)]
    said = effects_line(found(*close), NAMES).en
    assert "overlaps with “t1”, “t2” and 2 more." in said


def test_each_step_of_the_waterfall_begins_where_the_last_one_ended() -> None:
    rows = waterfall([6.0, -0.5, 0.8, 0.1])
    ends = [re.findall(r'class="thread" x1="([\d.]+)%"', row) for row in rows]
    assert len(rows) == 5
    assert all(before[-1] == after[0] for before, after in pairwise(ends))
    assert 'class="down"' in rows[1] and 'class="up"' in rows[2]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_picture_alone_is_one_whole_svg_in_one_language(language: str) -> None:
    drawn = effects_svg(found(), pack(), language)  # type: ignore[arg-type]
    root = ElementTree.fromstring(drawn)
    text = " ".join("".join(node.itertext()) for node in root)
    assert f"{MINUS}2.98" in text and f"{MINUS}3.31…{MINUS}2.65" in text
    assert bool(re.search("[\u4e00-\u9fff]", text)) is (language == "zh")
    assert "class=" in drawn and "style" not in drawn


def test_the_picture_alone_of_nothing_says_so() -> None:
    nothing = found(driver("fault", NO, NO, encounters=0, reach=0.0))
    assert "there is nothing to find" in effects_svg(nothing, pack(), "en")
    assert "还无从谈起" in spoken(finding_page(pack(), nothing), "zh")


def test_hostile_names_are_shown_and_never_run() -> None:
    hostile = "<script>alert(1)</script>{{ 7*7 }}\"'><img src=x>&amp;"
    bad = msgspec.structs.replace(FAULT, touchpoint=hostile)
    whole = found(bad, BILL, VISIT, outcome=hostile, segments={hostile: (bad,)})
    page = finding_page(pack(), msgspec.structs.replace(whole, profile=profile()), title=hostile)
    assert page.count("<script>") == 1 and "<img" not in page and ">49<" not in page
    ElementTree.fromstring(effects_svg(whole, pack(), "en"))


def test_a_world_of_which_the_truth_is_known_is_drawn_whole() -> None:
    drawn = world(400, 1001)
    con = ibis.duckdb.connect()
    answers, met = (con.create_table(n, t) for n, t in (("a", drawn.episodes()), ("e", drawn.encounters())))
    whole = explain(answers, met, WORLD, outcome="csat", segment="tier")
    shown = account(whole, NAMES).lines
    assert sum(number(line.points) for line in shown[:-1]) == pytest.approx(round(whole.mean, 2), abs=1e-6)
    page = finding_page(pack(), whole)
    assert page.count('class="effect"') + page.count('class="effect moment"') == len(WORLD)
    assert page.count('class="effect moment"') == sum(one.moment_of_truth for one in whole.touchpoints)


# --- in the report


def test_the_report_marks_the_moments_on_its_map_and_has_their_chapter() -> None:
    page = render(pack(), EMPTY, found=found())
    assert page.count("数据认定的关键时刻") == 2
    assert page.index('id="map"') < page.index('id="moments"') < page.index('id="limits"')
    assert "服务关键时刻是「故障处理」" in spoken(page, "zh")


def test_without_findings_the_report_has_neither_mark_nor_chapter() -> None:
    page = render(pack(), EMPTY)
    assert "数据认定的关键时刻" not in page and 'id="moments"' not in page and ".matrix" not in page


@pytest.mark.parametrize("size", [390, 820, 1440])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_fits_every_width_and_loads_nothing(
    browser, tmp_path: Path, size: int, language: str
) -> None:
    segments = {"small": (FAULT, BILL, VISIT, PORTAL), "big": (FAULT, BILL)}
    file = tmp_path / "find.html"
    file.write_text(finding_page(pack(), whole(segments=segments)), "utf-8")
    page = browser.new_page(viewport={"width": size, "height": 844})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: request.url == file.as_uri() or said.append(request.url))
    page.goto(f"{file.as_uri()}#{language}")
    assert page.evaluate("document.documentElement.lang") == language
    assert page.evaluate("document.documentElement.scrollWidth") <= size
    assert page.is_visible(".tight .matrix" if size < 700 else ".roomy .matrix")
    assert said == []
    page.close()
