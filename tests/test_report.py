"""The report: what it says must be what the result holds, in both languages, and nothing may load."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peakend.errors import Place
from peakend.model.outcome import Ended, Entered, Output, Verdict
from peakend.model.pack import (
    Channels,
    Due,
    EncounterRule,
    Exit,
    Journey,
    Pack,
    PackFile,
    Play,
    Repeat,
    Stage,
    Standard,
    Step,
    Text,
    Touchpoint,
)
from peakend.model.result import (
    BacktestResult,
    Conflict,
    PlayResult,
    StandardCount,
    StepResult,
    TouchpointResult,
)
from peakend.report.chart.calendar import ROW, TOP, calendar, limits
from peakend.report.clock import weekday_labels
from peakend.report.felt import highest, lowest
from peakend.report.figures import emotion, money, share
from peakend.report.letters import letter
from peakend.report.page import render, write_report
from peakend.report.sentences import SENTENCES
from peakend.report.story import Example
from peakend.report.telling import telling
from peakend.report.words import TABLES
from peakend.tell.catalogue import (
    ARMS,
    CHANNELS,
    DIMENSIONS,
    HOW_ENDED,
    NOT_STARTED,
    STATES,
    TALES,
    WHY_HELD,
    WHY_NOT,
)
from peakend.tell.names import Names
from peakend.tell.said import Count, Said, fill, grouped
from peakend.tell.spans import duration
from peakend.tell.spoken import due

CODES = (*TABLES, WHY_NOT, WHY_HELD, NOT_STARTED, HOW_ENDED, STATES, ARMS, DIMENSIONS, CHANNELS)
DAY = 86_400_000_000
FIRST = 1_735_660_800_000_000  # 2025-01-01T00:00 in Shanghai
GATES = (
    "cancelled expired guard consent preference moment holdout reachable quiet cap budget "
    "no_due past_at_entry superseded"
).split()
PASSED = "where_unknown where_false late key_missing count paused cool_down already_open already_ran".split()


def point(title: str, stage: str, **more: object) -> Touchpoint:
    """A touchpoint with an encounter and a condition for miserable, unless told otherwise."""
    known = {
        "title": {"zh": title, "en": f"{title} (en)"},
        "stage": stage,
        "family": "SMOT",
        "phase": "contact",
        "encounter": EncounterRule(begins="incident.opened", ends="incident.resolved"),
        "miserable": "rating <= 2",
    }
    return Touchpoint(**{**known, **more})  # type: ignore[arg-type]


def pack(**more: object) -> Pack:
    """A small cloud service: six touchpoints in four stages, one of them empty, and two plays."""
    standard = Standard(from_="incident.opened", to="incident.replied", within="PT15M", dimension="empathy")
    points = {
        "research": point("调研", "explore"),
        "trial": point("试用", "engage"),
        "incident": point(
            "故障处理",
            "co-create",
            standards={"first-reply": standard},
            moment_of_truth=True,
            expectation={"zh": "马上有人接手", "en": "Somebody takes over at once"},
            blueprint={"frontstage": "值班经理", "backstage": "作战室"},
        ),
        "billing": point("账单", "co-create"),
        "change": point("变更", "co-create", miserable=None),
        "advice": point("咨询", "co-create", encounter=None),
    }
    stages = [Stage(id=name, title={}) for name in ("explore", "engage", "offer", "co-create")]
    head = PackFile(
        pack="cloud",
        title={"zh": "云服务", "en": "Cloud services"},
        zone="Asia/Shanghai",
        events={"contract.signed": {"contract_id": "text", "expires_on": "date"}},
    )
    text = Text(
        name="renewal-first",
        language="zh",
        subject="您的{{ service }}将于 {{ expires_on | date: '%m' }} 到期",
        body="{% if contact.name %}{{ contact.name }}，{% endif %}您好：\n\n- **续费**\n- 导出",
        place=Place("x"),
    )
    base = Pack(
        root="cloud",
        head=head,
        journeys={"main": Journey(journey="main", stages=stages, touchpoints=points)},
        plays={play.play: play for play in plays()},
        texts={("zh", "renewal-first"): text},
        hash="0123456789abcdef0123",
    )
    return msgspec.structs.replace(base, **more)


def plays() -> list[Play]:
    rounds = Play(
        play="renewal-rounds",
        title={"zh": "续费多轮提醒", "en": "Renewal in rounds"},
        touchpoint="billing",
        class_="service",
        on="contract.signed",
        key="contract_id",
        exits=[
            Exit(
                on="contract.renewed", as_="success", then=[Step(due=Due(after="PT0S"), say="renewal-thanks")]
            )
        ],
        steps=[
            Step(
                due=Due(before="expires_on", by="P30D", at="10:00"),
                say="renewal-first",
                through=["sms", "email"],
            ),
            Step(due=Due(before="expires_on", by="P7D"), card="call", role="account-manager"),
        ],
    )
    survey = Play(
        play="survey",
        touchpoint="incident",
        class_="ask",
        on="incident.resolved",
        steps=[Step(due=Due(after="PT24H"), ask="how-was-it")],
    )
    return [survey, rounds]


def felt(mean: float, low: float, high: float, n: int, **more: object) -> TouchpointResult:
    """A touchpoint with this emotion, half as many customers as encounters."""
    down = round(n * (1 - mean) / 3)
    up = round(down + mean * n)
    known = {"begun": n + 2, "encounters": n, "customers": n // 2, "magical": up, "miserable": down}
    return TouchpointResult(
        **{**known, "neutral": n - up - down, "emotion": mean, "low": low, "high": high, **more}  # type: ignore[arg-type]
    )


def result(**more: object) -> BacktestResult:
    """A year of it, as a backtest would have found it."""
    incident = felt(
        -0.31,
        -0.34,
        -0.28,
        4201,
        standards={"first-reply": StandardCount(kept=3907, breached=294, open=3)},
        by_month={"2025-01": [10, 20, 30], "2025-02": [11, 21, 31]},
    )
    rounds = PlayResult(
        touchpoint="billing",
        class_="service",
        entries=4812,
        firings=9120,
        exits={"success": 3111, "completed": 1204},
        send=7413,
        hold=9,
        suppress={"quiet": 1001, "moment": 697},
        passed={"where_unknown": 17},
        steps={
            "renewal-first": StepResult(action="say", send=6001, suppress={"quiet": 1001}),
            "call": StepResult(action="card", send=1412, hold=9, suppress={"moment": 697}),
        },
        people=2237,
        by_day={"2025-01-06": 3413, "2025-01-08": 1, "2025-02-04": 3999},
        by_month={"2025-01": 3414, "2025-02": 3999},
        by_weekday=[1413, 1000, 1000, 1000, 1000, 1000, 1000],
        by_hour=[0] * 10 + [7413] + [0] * 13,
        money={"goodwill": 1250.5},
        regretted={"crm": 7},
        exposed={"play": 4400, "holdout": 412},
        spared=312,
        near_misses=41,
    )
    known = BacktestResult(
        pack="cloud",
        hash="0123456789abcdef0123",
        events=1_204_331,
        relevant=900_000,
        customers=5000,
        quarantined=12,
        first=FIRST,
        last=FIRST + 364 * DAY,
        touchpoints={
            "trial": felt(0.22, 0.15, 0.29, 340),
            "incident": incident,
            "billing": felt(-0.02, -0.06, 0.02, 1777),
            "change": felt(0.0, 0.0, 0.0, 99),
        },
        plays={"renewal-rounds": rounds, "survey": PlayResult(touchpoint="incident", class_="ask")},
        conflicts=[Conflict(first="renewal-rounds", second="survey", days=88)],
        kinds={"contract.signed": 5000},
        notes=[{"zh": "没有回执。", "en": "No receipts."}],
    )
    return msgspec.structs.replace(known, **more)


class Spoken(HTMLParser):
    """What one language shows of a page, as text; and the tags that were left open."""

    EMPTY = frozenset("meta br line circle path".split())

    def __init__(self, page: str, language: str) -> None:
        super().__init__()
        self.hidden = "en" if language == "zh" else "zh"
        self.open: list[tuple[str, bool]] = []
        self.words: list[str] = []
        self.ids: list[str] = []
        self.wrong: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given_ = dict(attrs)
        self.ids += [str(given_["id"])] if "id" in given_ else []
        if tag not in self.EMPTY:
            hides = given_.get("lang") == self.hidden and tag != "html"
            self.open.append((tag, hides or tag in ("style", "script", "title")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            self.wrong.append(tag)
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not any(hides for _, hides in self.open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def shown(page: str, language: str = "zh") -> str:
    return Spoken(page, language).text


# --- words


def test_every_sentence_and_every_code_has_both_languages() -> None:
    for said in [*SENTENCES.values(), *TALES.values(), *(s for table in CODES for s in table.values())]:
        assert said.zh.strip() and said.en.strip(), said


def test_both_languages_of_a_sentence_fill_in_the_same_values() -> None:
    def values(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    assert [key for key, said in {**SENTENCES, **TALES}.items() if values(said.zh) != values(said.en)] == []


def test_every_gate_and_every_reason_for_not_starting_has_a_plain_sentence() -> None:
    assert set(WHY_NOT) == set(GATES)
    assert set(NOT_STARTED) == set(PASSED)
    for reason in GATES:
        counted = PlayResult(
            touchpoint="billing", class_="service", entries=1, firings=3, suppress={reason: 3}
        )
        page = render(pack(), result(plays={"renewal-rounds": counted}))
        assert WHY_NOT[reason].zh in shown(page, "zh") and WHY_NOT[reason].en in shown(page, "en")


def test_a_pack_may_rename_a_reason() -> None:
    own = msgspec.structs.replace(pack().head, words={"moment": {"zh": "正在抢修", "en": "Under repair"}})
    page = render(pack(head=own), result())
    assert "正在抢修" in shown(page, "zh") and "Under repair" in shown(page, "en")
    assert WHY_NOT["moment"].zh not in page


def test_the_chinese_never_says_what_a_service_manager_never_says() -> None:
    chinese = "".join(said.zh for said in [*SENTENCES.values(), *TALES.values()])
    chinese += "".join(said.zh for table in CODES for said in table.values())
    assert not re.search("亲，|系统原因|请耐心等待|按规定|！", chinese)


def test_a_number_brings_its_own_plural() -> None:
    said = Said("{n} 天", "{n} {n:day|days}")
    assert [fill(said, n=n).en for n in (1, 2, 1000)] == ["1 day", "2 days", "1\u202f000 days"]
    assert f"{Count(1_204_331)}" == "1\u202f204\u202f331"


# --- figures


def test_a_share_never_hides_a_few_or_invents_all() -> None:
    assert [share(*one) for one in ((0, 9), (9, 9), (3, 10_000), (9_999, 10_000), (1, 3), (0, 0))] == [
        "0%",
        "100%",
        "<0.1%",
        ">99.9%",
        "33.3%",
        "–",
    ]


def test_emotions_and_amounts_are_written_with_their_sign_and_fraction() -> None:
    assert [emotion(value) for value in (-0.314, 0.125, -0.001)] == ["−0.31", "+0.12", "0.00"]
    assert [money(value) for value in (183_600.0, 1250.5, 0.999, -12.25)] == [
        "183\u202f600",
        "1\u202f250.50",
        "1",
        "−12.25",
    ]


@given(st.integers(min_value=0, max_value=10**12))
def test_grouping_keeps_every_digit(number: int) -> None:
    assert grouped(number).replace("\u202f", "") == str(number)


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("P30D", "30 天", "30 days"),
        ("P1M", "1 个月", "1 month"),
        ("PT720H", "30 天", "30 days"),
        ("PT96H", "4 天", "4 days"),
        ("PT72H", "72 小时", "72 hours"),
        ("PT100H", "100 小时", "100 hours"),
        ("PT1H30M", "1 小时 30 分钟", "1 hour 30 min"),
        ("PT0S", "0 秒", "0 s"),
        ("soon", "soon", "soon"),
    ],
)
def test_a_duration_is_said_in_words(text: str, zh: str, en: str) -> None:
    assert duration(text) == Said(zh, en)


def test_hours_of_work_are_never_said_as_days() -> None:
    assert duration("PT120H", worked=True) == Said("120 小时", "120 hours")


@pytest.mark.parametrize(
    ("step", "zh"),
    [
        (Step(due=Due(after="PT0S")), "立即"),
        (Step(due=Due(after="P2D", at="09:00")), "开始后 2 天，09:00"),
        (Step(due=Due(before="expires_on", by="P30D", at="10:00")), "到期日前 30 天，10:00"),
        (Step(due=Due(before="expires_on", by="P0D", at="10:00")), "到期日当天 10:00"),
        (Step(due=Due(before_breach_of="restore", by="PT1H")), "标准「restore」到时限前 1 小时"),
        (Step(due=Due(before_breach_of="first-reply")), "标准「移情性（first-reply）」到时限时"),
        (Step(due=Due(yearly="signed_on", by="P45D")), "每年签订日前 45 天"),
        (Step(due=Due(after="P1D"), on_day="mon"), "开始后 1 天，顺延到周一"),
        (
            Step(due=Due(after="PT0S"), repeat=Repeat(every="PT30M", until="incident.resolved")),
            "立即，此后每 30 分钟一次，直到 incident.resolved",
        ),
    ],
)
def test_a_due_time_is_said_as_a_colleague_would(step: Step, zh: str) -> None:
    assert due(step, "incident", Names(pack())).zh == zh


# --- what the page says


def test_the_figures_on_the_page_are_those_of_the_result() -> None:
    text = shown(render(pack(), result()))
    for said in (
        "365 天里，5 000 位客户留下了 1 204 331 条客户动态。",
        "情绪最低点在「故障处理」（−0.31，95% 区间 −0.34…−0.28，n=4 201）。",
        "进入 4 812 次，9 120 步到点，放行 7 413 步，拦截 1 698 步，9 步仍在暂缓；触达 2 237 位客户。",
        "给客户 6 001 步，给同事 1 412 步",
        "达成 3 907/4 201（93.0%）",
        "共拦截 1 698 步，占到点的 18.6%",
        "客户先一步了结，省下 312 步",
        "其中 41 步离到点不足 24 小时",
        "善意补偿：1 250.50",
        "空白对照 412 次",
        "发出后才得知不必发：7 步（来源 crm）",
        "88 个客户日",
        "没有回执。",
        "指纹 0123456789abcdef",
    ):
        assert said.replace(" ", "") in text.replace("\u202f", "").replace(" ", ""), said


def test_each_language_shows_only_itself() -> None:
    page = render(pack(), result())
    zh, en = shown(page, "zh"), shown(page, "en")
    assert "历史推演报告" in zh and "Backtest report" not in zh
    assert "Backtest report" in en and "历史推演报告" not in en
    assert "Renewal in rounds" in en and "Incident handling" not in zh


def test_the_service_may_bear_its_own_name() -> None:
    assert "上海某云" in shown(render(pack(), result(), title="上海某云"), "en")


def test_a_standard_that_goes_by_an_agreed_date_names_the_date() -> None:
    agreed = Standard(from_="contract.signed", to="service.live", by="go_live_on", title={"zh": "按期上线"})
    journey = pack().journeys["main"]
    points = {"onboard": point("开通", "co-create", standards={"go-live": agreed})}
    page = render(pack(journeys={"main": msgspec.structs.replace(journey, touchpoints=points)}), result())
    assert "按期上线 按约定日期（上线日）" in shown(page, "zh")
    assert "by the agreed date (go-live date)" in shown(page, "en")


def test_a_touchpoint_without_encounters_is_a_gap_and_never_a_zero() -> None:
    page = render(pack(), result())
    curve = page[page.index('<svg class="curve"') : page.index("</svg>", page.index('<svg class="curve"'))]
    assert curve.count('class="spot') == 3
    assert curve.count('class="gap"') == 3
    assert "本记录中没有接触" in shown(page) and "尚未定义接触" in shown(page)
    assert "0.00" not in curve


def test_a_touchpoint_that_defines_neither_magical_nor_miserable_has_no_emotion() -> None:
    text = shown(render(pack(), result()))
    assert "尚未写明怎样算神奇、怎样算消极" in text
    assert "下一步：为「变更」写明怎样算神奇" in text


def test_the_line_of_the_curve_stops_at_a_gap() -> None:
    only = result(touchpoints={name: result().touchpoints[name] for name in ("trial", "incident")})
    page = render(pack(), only)
    assert page.count('class="line"') - page.count('<ol class="line"') == 0


def test_overlapping_intervals_are_told_as_a_tie() -> None:
    points = {**result().touchpoints, "billing": felt(-0.27, -0.40, -0.14, 61)}
    page = render(pack(), result(touchpoints=points))
    text = shown(page)
    assert "但与「账单」的区间重叠，不能说谁更低" in text
    assert "情绪最低点在「故障处理」" not in text
    assert "情绪最低的接触点在「故障处理」、「账单」之中，区间重叠，分不出先后。" in text
    assert 'class="mark"' in page and ">最低<" not in page


def test_few_encounters_are_shown_but_never_named_the_lowest() -> None:
    points = {**result().touchpoints, "trial": felt(-0.9, -0.95, -0.85, 29)}
    low, high = lowest(points), highest(points)
    assert low is not None and low.name == "incident"
    assert high is not None and high.name != "trial"
    assert "不足 30 次，只供参考" in shown(render(pack(), result(touchpoints=points)))


def test_plays_stand_in_the_order_of_their_class_and_of_their_entries() -> None:
    page = render(pack(), result())
    assert re.findall(r'<article class="play" id="play-([\w-]+)"', page) == ["renewal-rounds", "survey"]


def test_a_play_that_never_began_says_which_event_the_log_lacks() -> None:
    assert "记录里没有 incident.resolved 这类动态" in shown(render(pack(), result()))


def test_a_letter_that_is_not_written_yet_is_said() -> None:
    assert "文字「how-was-it」还没有写" in shown(render(pack(), result()))


def test_the_four_steps_of_a_touchpoint_follow_the_pack_and_the_log() -> None:
    page = render(pack(), result())
    stands = re.findall(r'id="at-(\w+)".*?<span class="stand"><span lang="zh">(.*?)</span>', page, re.DOTALL)
    assert dict(stands) == {
        "research": "1/4 已识别",
        "trial": "1/4 已识别",
        "incident": "3/4 有剧本",
        "billing": "3/4 已推演",
        "change": "1/4 已识别",
        "advice": "1/4 已识别",
    }


def test_an_example_is_told_line_by_line_in_local_time() -> None:
    renewed = FIRST + 82 * DAY + 10 * 3_600_000_000 - 1_000_000
    lines = (
        Entered("C1", "renewal-rounds", "K1", 0, FIRST, FIRST, "contract.signed"),
        Verdict(
            "C1", "renewal-rounds", "K1", 0, "call", 0, renewed, renewed, "hold", "quiet", until=renewed + DAY
        ),
        Ended(
            "C1",
            "renewal-rounds",
            "K1",
            0,
            "success",
            "contract.renewed",
            renewed,
            renewed,
            (("renewal-second", renewed + 1_000_000 * 3600 * 3),),
        ),
    )
    example = Example(customer="C1", play="renewal-rounds", key="K1", outputs=lines)
    page = render(pack(), result(), examples=[example])
    text = shown(page)
    assert (
        "2025-03-24 09:59:59「renewal-second」还差 3 小时才到点（原定 2025-03-24 12:59:59），"
        "已有 contract.renewed，不必再发"
    ) in text
    assert "开始：contract.signed" in text
    assert "「call」暂缓到 2025-03-25 09:59:59：正逢免打扰时段，时段结束再发" in text
    story = page[page.index('<div class="story">') :]
    assert re.findall(r'<li class="(\w+)">', story)[:4] == ["run", "hold", "run", "near"]


def test_for_each_play_the_run_with_the_nearest_miss_is_told() -> None:
    def run(customer: str, spared: tuple[tuple[str, int], ...]) -> list[Output]:
        at = FIRST + DAY
        return [
            Entered(customer, "renewal-rounds", "K", 0, FIRST, FIRST, "contract.signed"),
            Verdict(customer, "renewal-rounds", "K", 0, "call", 0, FIRST, FIRST, "send", ""),
            Ended(customer, "renewal-rounds", "K", 0, "success", "contract.renewed", at, at, spared),
        ]

    dull, near = run("C1", ()), run("C2", (("renewal-second", FIRST + DAY + 3_600_000_000),))
    alone: list[Output] = [Entered("C3", "survey", "", 0, FIRST, FIRST, "incident.resolved")]
    assert [(one.play, one.customer) for one in telling([dull, near, alone])] == [("renewal-rounds", "C2")]
    assert telling([dull, near]) == telling([near, dull])


def test_the_load_names_the_busiest_day_and_draws_every_day_of_its_span() -> None:
    page = render(pack(), result())
    assert "最忙的一天是 2025-02-04（周二），放行 3 999 步；一半的日子不超过 0 步。" in shown(page).replace(
        "\u202f", " "
    )
    cells = re.findall(r'<rect class="heat(\d)( most)?"[^>]*><title>([^<]+)</title>', page)
    assert len(cells) == 30 and len({day for _, _, day in cells}) == 30
    assert [day for _, most, day in cells if most] == ["2025-02-04 · 3\u202f999"]
    assert {depth for depth, _, day in cells if day.endswith("· 0")} == {"0"}
    assert "2025年2月" in shown(page) and "Feb 2025" in shown(page, "en")


def test_where_nothing_was_sent_there_is_no_load_to_draw() -> None:
    page = render(pack(), result(plays={}))
    assert "没有放行任何步骤，也就没有负担可看。" in shown(page) and 'class="calendar"' not in page


@given(st.dictionaries(st.dates(date(2020, 1, 1), date(2024, 12, 31)), st.integers(0, 9999), min_size=1))
def test_every_day_of_a_calendar_has_one_cell_in_the_row_of_its_weekday(days: dict[date, int]) -> None:
    drawn = "".join(calendar(days, {}, weekday_labels()))
    cells = re.findall(r' y="(\d+)" [^>]*><title>(\S+) · ([^<]+)', drawn)
    told = {date.fromisoformat(day): (int(y), n) for y, day, n in cells}
    assert len(cells) == len(days) == len(told)
    assert all(told[day] == (TOP + day.weekday() * ROW, grouped(n)) for day, n in days.items())


@given(st.lists(st.integers(1, 10**6), min_size=1))
def test_the_depths_of_a_calendar_rise_and_leave_the_most_the_deepest(counts: list[int]) -> None:
    bounds = limits(counts)
    assert bounds == sorted(set(bounds)) and len(bounds) <= 4
    assert all(0 < bound < max(counts) for bound in bounds)


def test_a_standard_is_called_by_its_title_else_by_its_dimension_and_never_by_a_code_alone() -> None:
    text = shown(render(pack(), result()))
    assert "移情性（first-reply）" in text and "empathy" not in text
    base = pack()
    journey = base.journeys["main"]
    standard = msgspec.structs.replace(
        journey.touchpoints["incident"].standards["first-reply"],
        title={"zh": "首次回应", "en": "First reply"},
    )
    incident = msgspec.structs.replace(journey.touchpoints["incident"], standards={"first-reply": standard})
    points = {**journey.touchpoints, "incident": incident}
    text = shown(
        render(pack(journeys={"main": msgspec.structs.replace(journey, touchpoints=points)}), result()), "en"
    )
    assert "First reply" in text and "Empathy" in text and "first-reply" not in text


def test_an_empty_pack_and_an_empty_log_still_make_a_page_that_says_what_to_do() -> None:
    bare = Pack(root="x", head=pack().head)
    nothing = BacktestResult(
        pack="x", hash="", events=0, relevant=0, customers=0, quarantined=0, first=None, last=None
    )
    text = shown(render(bare, nothing))
    for said in (
        "这份记录里还没有客户动态。",
        "先在 journeys/main.yaml 里写下一个接触点",
        "在 plays/ 里写下第一个剧本",
    ):
        assert said in text


def test_a_single_touchpoint_is_a_card_and_no_curve() -> None:
    alone = Journey(journey="main", stages=[], touchpoints={"incident": point("故障处理", "co-create")})
    page = render(pack(journeys={"main": alone}), result())
    assert '<svg class="curve"' not in page
    assert "「故障处理」的平均情绪为 −0.31" in shown(page)


# --- what the page is


def test_the_page_is_well_formed_and_no_id_stands_twice() -> None:
    page = Spoken(render(pack(), result()), "zh")
    assert page.wrong == [] and page.open == []
    assert len(page.ids) == len(set(page.ids))


def test_the_same_result_gives_the_same_page() -> None:
    assert render(pack(), result()) == render(pack(), result())


def test_nothing_is_fetched_and_only_the_page_itself_may_style_or_run() -> None:
    page = render(pack(), result())
    assert not re.search(r"https?:|//\w|@import|\bsrc=|<link|<iframe|<img|\sstyle=|\son\w+=", page)
    assert all(target.startswith("#") for target in re.findall(r'href="([^"]*)"', page))
    policy = re.search(r'Security-Policy" content="([^"]+)"', page)
    assert policy is not None and "default-src &#39;none&#39;" in policy[1]
    for tag in ("style", "script"):
        inside = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert len(inside) == 1
        digest = base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;" in policy[1]


HOSTILE = "<script>alert(1)</script>{{ 7*7 }}{% raw %}\"'><img src=x onerror=alert(1)>&amp;"


def test_hostile_strings_are_shown_and_never_run() -> None:
    base = pack()
    head = msgspec.structs.replace(base.head, title={"zh": HOSTILE, "en": HOSTILE})
    touched = {
        HOSTILE: point(HOSTILE, HOSTILE, expectation={"zh": HOSTILE}, standards={}, channels=[HOSTILE]),
        **base.touchpoints,
    }
    journey = msgspec.structs.replace(base.journeys["main"], touchpoints=touched)
    play = msgspec.structs.replace(
        plays()[1],
        play=HOSTILE,
        title={"zh": HOSTILE},
        where=HOSTILE,
        on=HOSTILE,
        steps=[Step(due=Due(before=HOSTILE), say="t", where=HOSTILE, through=Channels(all=[HOSTILE]))],
    )
    text = Text(
        name="t",
        language="zh",
        subject=HOSTILE,
        body=f"# {HOSTILE}\n- {HOSTILE}\n\n{HOSTILE}",
        place=Place("x"),
    )
    found = msgspec.structs.replace(
        result().plays["renewal-rounds"], suppress={HOSTILE: 3}, exits={HOSTILE: 1}, passed={HOSTILE: 2}
    )
    page = render(
        msgspec.structs.replace(
            base, head=head, journeys={"main": journey}, plays={HOSTILE: play}, texts={("zh", "t"): text}
        ),
        result(plays={HOSTILE: found}, notes=[{"zh": HOSTILE, "en": HOSTILE}]),
        examples=[Example(customer=HOSTILE, play=HOSTILE)],
        title=HOSTILE,
    )
    assert page.count("<script>") == 1
    assert "<img" not in page and "onerror=alert(1)>" not in page
    assert ">49<" not in page
    assert Spoken(page, "zh").wrong == []


def test_a_letter_shows_chips_instead_of_braces() -> None:
    text = Text(
        name="x",
        language="zh",
        subject="{% if items.size > 1 %}您有 {{ items.size }} 项{% else %}您的{{ service }}{% endif %}到期",
        body=(
            "{% if contact.name %}{{ contact.name }}，{% endif %}您好：\n\n"
            "{% if facts.tickets > 0 -%}\n多\n\n行\n"
            "{%- else -%}\n少\n{%- endif %}\n\n{% for item in items %}\n- {{ item.service }}\n{%- endfor %}"
        ),
        channels={"sms": "{{ expires_on }}到期"},
        place=Place("x"),
    )
    shown_ = letter(text, Names(pack()))
    assert str(shown_.subject) == '您的<span class="chip">服务名称</span>到期'
    assert '<p><span class="chip">联系人姓名</span>，您好：</p>' in shown_.body
    assert '<span class="lq">若tickets &gt; 0</span>' in shown_.body and "否则" in shown_.body
    assert '<li><span class="chip">服务名称</span></li><li><span class="lq">……</span></li>' in shown_.body
    assert shown_.variants == (("短信", '<span class="chip">到期日</span>到期'),)
    assert "{" not in shown_.subject + shown_.body


PIECES = (
    *("{{ a }}", "{{", "}}", "{% if b %}", "{% if b > 1 %}", "{% else %}", "{% endif %}", "{%", "%}"),
    *("{% for i in b %}", "{% endfor %}", "{% case x %}", "{% when 1 %}", "{% endcase %}", "{x}", "词"),
    *("<b>", "&", "*", "**", "-", "#", "`", "[x](y)", " ", "\n", "\n\n", "\n- ", "\ue0000\ue001"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_whatever_stands_in_a_letter_it_is_shown_and_stays_harmless(parts: list[str]) -> None:
    text = Text(name="x", language="zh", subject="".join(parts), body="".join(parts), place=Place("x"))
    shown_ = letter(text, Names(pack()))
    for written in (shown_.subject, shown_.body):
        assert "<b>" not in written and "\ue000" not in written
        assert Spoken(str(written), "zh").wrong == []


def test_a_report_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = write_report(tmp_path / "new" / "report.html", "一")
    assert path.read_text("utf-8") == "一"
    with pytest.raises(UnicodeEncodeError):
        write_report(path, "\ud800")
    assert path.read_text("utf-8") == "一"
    assert [one.name for one in path.parent.iterdir()] == ["report.html"]


# --- in a browser


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("report")
    example = Example(customer="C1" * 60, play="renewal-rounds", key="K" * 120)
    return write_report(folder / "report.html", render(pack(), result(), examples=[example])).as_uri()


@pytest.mark.parametrize("width", [390, 820, 1440])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_fits_every_width_without_a_word_on_the_console(
    browser, written: str, width: int, language: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: request.url == written or said.append(request.url))
    page.goto(f"{written}#{language}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert said == []
    page.close()


def test_the_language_is_switched_remembered_and_kept_by_links(browser, written: str) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(written)
    assert "历史推演报告" in page.inner_text("header.top")
    page.click("[data-language=en]")
    assert page.url.endswith("#en") and page.title() == "Cloud services · Backtest report"
    assert "历史推演报告" not in page.inner_text("body")
    page.click(".ledger a[href='#play-renewal-rounds']")
    assert page.url.endswith("#en/play-renewal-rounds")
    page.reload()
    assert page.evaluate("document.documentElement.lang") == "en"
    page.close()


def test_choosing_a_touchpoint_shows_what_its_customers_expect(browser, written: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(written)
    assert not page.is_visible("#at-incident .expectation")
    page.click("#at-incident .pick")
    assert "马上有人接手" in page.inner_text("#at-incident .expectation")
    page.click("#play-renewal-rounds h3")
    assert page.is_visible("#play-renewal-rounds .happened")
    page.close()


def test_without_scripts_the_page_is_whole_and_chinese(browser, written: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(written)
    assert "Backtest report" not in page.inner_text("body")
    assert page.is_visible("#at-incident .expectation") and page.is_visible("#play-survey .happened")
    context.close()
