"""The matrix of channels: colour only where a difference is certain, titles for ids, what is missing."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from peakend.model.channel import (
    ByChannel,
    ChannelAnswer,
    ChannelCount,
    ChannelShare,
    Measure,
    TouchpointChannels,
    Verdict,
)
from peakend.model.finding import Estimate
from peakend.model.pack import EncounterRule, Journey, Pack, PackFile, Stage, Standard, Touchpoint
from peakend.report.finding.channels import SHOWN, ChannelsView, channels_view
from peakend.report.paper import environment
from peakend.tell.names import Names
from tests.test_finding_pictures import spoken

TITLES = {"fault": ("故障处理", "Fault handling"), "bill": ("账单", "Bill"), "visit": ("上门", "Visit")}


def pack(**words: dict[str, str]) -> Pack:
    """Three touchpoints; a fault has two standards."""
    rules = {
        "solve": Standard(from_="fault.opened", to="fault.solved", title={"zh": "恢复", "en": "Restored"}),
        "reply": Standard(
            from_="fault.opened", to="fault.replied", title={"zh": "首次答复", "en": "First reply"}
        ),
    }
    points = {
        name: Touchpoint(
            title={"zh": zh, "en": en},
            stage="co-create",
            encounter=EncounterRule(begins=[f"{name}.opened", f"{name}.found"], ends=f"{name}.closed"),
            standards=rules if name == "fault" else {},
        )
        for name, (zh, en) in TITLES.items()
    }
    head = PackFile(pack="cloud", title={"zh": "云服务"}, zone="Asia/Shanghai", events={}, words=words)
    journey = Journey(journey="main", stages=[Stage(id="co-create", title={})], touchpoints=points)
    return Pack(root="cloud", head=head, journeys={"main": journey}, plays={}, texts={}, hash="0123")


def shared(
    channel: str,
    hits: int,
    known: int,
    difference: tuple[float, float, float] | None = None,
    verdict: Verdict | None = None,
) -> ChannelShare:
    """A channel's share with an interval of four points to each side, where there are enough."""
    value = hits / known
    return ChannelShare(
        channel=channel,
        hits=hits,
        known=known,
        customers=known,
        share=Estimate(value, value - 0.04, value + 0.04, known) if known >= 30 else None,
        difference=Estimate(*difference, 2 * known) if difference else None,
        p=0.001 if verdict else None,
        verdict=verdict or ("open" if difference else None),
    )


def point(name: str, *measures: tuple[Measure, str, Sequence[ChannelShare]]) -> TouchpointChannels:
    told = tuple(ByChannel(measure=m, standard=s, channels=tuple(shares)) for m, s, shares in measures)
    traffic = tuple(ChannelCount(one.channel, one.known, one.customers, one.known) for one in measures[0][2])
    return TouchpointChannels(touchpoint=name, compared="open", traffic=traffic, measures=told)


def answer(*points: TouchpointChannels, comparisons: int = 9) -> ChannelAnswer:
    return ChannelAnswer(touchpoints=points, comparisons=comparisons)


WORSE = point(
    "fault",
    (
        "miserable",
        "",
        [
            shared("phone", 40, 400, (-0.09, -0.13, -0.05), "better"),
            shared("email", 90, 300, (0.184, 0.14, 0.22), "worse"),
            shared("wecom", 60, 400, (-0.02, -0.06, 0.02)),
            shared("portal", 5, 20),
            shared("", 30, 100),
        ],
    ),
    ("kept", "reply", [shared("email", 60, 100, (-0.3, -0.4, -0.2), "worse"), shared("phone", 90, 100)]),
    ("kept", "solve", [shared("email", 80, 100, (-0.1, -0.2, 0.01)), shared("phone", 90, 100)]),
)
ALIKE = point("visit", ("miserable", "", [shared("phone", 40, 400, (0.01, -0.03, 0.05))]))
UNSAID = point("bill", ("miserable", "", [shared("", 40, 400)]))


def seen(of: ChannelAnswer, **words: dict[str, str]) -> ChannelsView:
    made = pack(**words)
    view = channels_view(of, made, Names(made))
    assert view is not None
    return view


def drawn(of: ChannelAnswer, **words: dict[str, str]) -> str:
    view = seen(of, **words)
    return environment().get_template("parts/channels.html").render(view={"channels": view})


def test_what_differs_is_said_with_its_points_and_interval_and_the_rest_is_counted() -> None:
    headline = seen(answer(WORSE, ALIKE)).headline
    assert headline.zh == (
        "「故障处理」：邮件渠道的消极接触比其他渠道合计多 18 个百分点（95% 区间 14 到 22）。"
        "另有 1 项也确定有差异。"
    )
    assert headline.en == (
        "“Fault handling”: through e-mail, miserable encounters are 18 points more frequent than through all "
        "other channels together (95 % interval 14 to 22). 1 more measure certainly differs."
    )


def test_a_standard_that_differs_is_said_by_its_title() -> None:
    headline = seen(answer(point("fault", ("kept", "reply", WORSE.measures[1].channels)))).headline
    assert headline.zh == (
        "「故障处理」：“首次答复”在邮件渠道的达标率比其他渠道合计低 30 个百分点（95% 区间 20 到 40）。"
    )
    assert "“First reply” is kept 30 points less often through e-mail" in headline.en


def test_where_nothing_differs_one_sentence_says_so() -> None:
    assert "各渠道体验没有确定的差异（共比较 9 项）。" in spoken(drawn(answer(ALIKE)), "zh")
    assert "No certain difference between channels, in 9 comparisons." in spoken(drawn(answer(ALIKE)), "en")


def test_too_few_customers_are_no_finding_of_sameness() -> None:
    few = answer(point("visit", ("miserable", "", [shared("phone", 1, 12)])), comparisons=0)
    assert "渠道之间还比不了：一个渠道、其余渠道合计，各要有 30 位客户的结果。" in spoken(drawn(few), "zh")
    assert "12 次，太少" in spoken(drawn(few), "zh") and "8.3" not in drawn(few)


def test_without_any_channel_there_is_no_picture_and_the_missing_field_is_named() -> None:
    page = drawn(answer(UNSAID, comparisons=0))
    assert "<table" not in page and "<svg" not in page
    assert "（例如 bill.opened）里写上 channel 字段" in spoken(page, "zh")
    assert "such as bill.opened, the field channel" in spoken(page, "en")


def test_without_any_encounter_there_is_nothing_to_say() -> None:
    assert channels_view(answer(comparisons=0), pack(), Names(pack())) is None


def test_only_what_certainly_differs_has_a_colour() -> None:
    page = drawn(answer(WORSE, ALIKE))
    cells = dict(re.findall(r'<td class="(down|up|few)">.*?<b>([\d.]+%)</b>', page[: page.index("legend")]))
    tones = re.findall(r'<td class="(down|up|few)">', page)
    assert (cells["up"], tones.count("up"), tones.count("down")) == ("10.0%", 1, 2)
    assert page.count('class="strip down"') == page.count('class="strip up"') == 1 + 1  # one is the legend's


def test_every_share_stands_with_its_interval_and_its_number() -> None:
    text = spoken(drawn(answer(WORSE)), "en")
    assert "30.0% 26.0–34.0 n 300" in text and "60.0% 56.0–64.0 n 100" in text


def test_encounters_without_a_channel_have_the_last_column_and_no_colour() -> None:
    view = seen(answer(WORSE, UNSAID))
    assert [head.zh for head in view.heads] == ["电话", "企业微信", "邮件", "服务门户", "未写明渠道"]
    last = view.points[0].measures[0].cells[-1]
    assert last is not None and (last.tone, last.value) == ("few", "30.0%")
    assert view.note is not None and "没有写明渠道的接触点：「账单」。" in view.note.zh


def test_standards_stand_below_their_touchpoint_in_the_order_of_the_pack() -> None:
    (fault,) = seen(answer(WORSE)).points
    assert [one.title.en for one in fault.measures] == ["Miserable", "Restored: kept", "First reply: kept"]


def test_a_pack_may_name_its_channels_and_unknown_ones_are_shown_as_they_are() -> None:
    other = point("visit", ("miserable", "", [shared("phone", 4, 40), shared("window-3", 4, 40)]))
    text = spoken(drawn(answer(other), phone={"zh": "客服热线", "en": "hotline"}), "zh")
    assert "客服热线" in text and "电话" not in text and "window-3" in text


def test_of_many_channels_the_busiest_are_drawn_and_the_others_are_counted() -> None:
    many = point("visit", ("miserable", "", [shared(f"c{n:02}", 10, 300 - n) for n in range(20)]))
    view = seen(answer(many))
    assert [head.en for head in view.heads] == [f"c{n:02}" for n in range(SHOWN)]
    assert view.note is not None and "只画接触最多的 6 个渠道，另有 14 个没有画出。" in view.note.zh


def test_both_languages_are_told_apart() -> None:
    page = drawn(answer(WORSE, ALIKE, UNSAID))
    assert not re.search("[\u4e00-\u9fff]", spoken(page, "en"))
    assert set(re.findall("[A-Za-z]{2,}", spoken(page, "zh"))) == set()


def test_hostile_names_are_shown_and_never_run() -> None:
    hostile = "<script>alert(1)</script>{{ 7*7 }}"
    bad = msgspec.structs.replace(
        point(hostile, ("miserable", "", [shared(hostile, 9, 90)])), touchpoint=hostile
    )
    page = drawn(answer(bad))
    assert "<script" not in page and "&lt;script&gt;" in page and ">49<" not in page
