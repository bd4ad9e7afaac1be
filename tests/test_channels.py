"""The channel question: what is named under no difference, what is found, and what is only counted."""

from __future__ import annotations

import re

import numpy as np
import pytest

from peakend.errors import EvidenceError
from peakend.identify.channels import Standards, States, by_channel
from peakend.model.channel import ByChannel, ChannelAnswer, ChannelShare

NAN = float("nan")
CHANNELS = ("phone", "portal", "wecom")


def a_log(
    seed: int,
    *,
    touchpoints: int = 3,
    customers: int = 80,
    miserable: tuple[float, float, float] = (0.15, 0.15, 0.15),
    alike: float = 0.5,
    loyal: bool = True,
) -> States:
    """Encounters of customers whose misery is `alike` in that share of them; `loyal` ones keep a channel."""
    draw = np.random.default_rng(seed)
    rows = []
    for touchpoint in range(touchpoints):
        usual, mood = draw.integers(0, 3, customers), draw.random(customers)
        for customer in range(customers):
            for _ in range(draw.geometric(0.25)):
                channel = usual[customer] if loyal else draw.integers(0, 3)
                felt = mood[customer] if draw.random() < alike else draw.random()
                state = -1.0 if felt < miserable[channel] else 1.0 if felt > 0.9 else 0.0
                rows.append((f"t{touchpoint}", CHANNELS[channel], f"c{customer}", state))
    return States(*(np.array(column) for column in zip(*rows, strict=True)))


def counted(*cells: tuple[str, int, int], touchpoint: str = "故障处理") -> States:
    """One encounter a customer: channel, how many encounters, how many of them miserable."""
    through = [name for name, n, _ in cells for _ in range(n)]
    state = [-1.0 if place < hits else 0.0 for _, n, hits in cells for place in range(n)]
    who = [f"c{place}" for place in range(len(state))]
    return States([touchpoint] * len(state), through, who, state)


def verdicts(answer: ChannelAnswer) -> list[str]:
    return [
        share.verdict
        for point in answer.touchpoints
        for measure in point.measures
        for share in measure.channels
        if share.verdict
    ]


def misery(answer: ChannelAnswer) -> dict[str, ChannelShare]:
    return {share.channel: share for share in measure(answer, "miserable").channels}


def measure(answer: ChannelAnswer, name: str) -> ByChannel:
    return next(one for one in answer.touchpoints[0].measures if one.measure == name)


@pytest.mark.parametrize("loyal", [True, False])
def test_where_channels_are_alike_hardly_any_answer_names_a_difference(loyal: bool) -> None:
    named = sum(set(verdicts(by_channel(a_log(seed, loyal=loyal)))) != {"open"} for seed in range(25))
    assert named <= 3  # with 5 % of answers, more than 3 of 25 have a chance of 3 %


def test_a_real_difference_is_named_with_its_direction() -> None:
    answer = by_channel(counted(("phone", 200, 70), ("portal", 300, 36), ("wecom", 200, 25)))
    found = misery(answer)
    assert [found[name].verdict for name in CHANNELS] == ["worse", "better", "better"]
    phone = found["phone"]
    assert phone.share is not None and phone.difference is not None
    assert (phone.hits, phone.known, phone.share.n) == (70, 200, 200)
    assert phone.share.estimate == 0.35
    assert phone.difference.estimate == pytest.approx(0.35 - 61 / 500)
    first = answer.touchpoints[0].remarks[0]
    assert first.code == "channel_worse"
    assert first.zh == (
        "「故障处理」在 phone 渠道消极更多：200 次中 70 次，"
        "比其他渠道合计高 23 个百分点（95 % 区间 16 至 30）。"
    )
    assert first.en == (
        "故障处理: more encounters are miserable through phone, 70 of 200: 23 points more than in all other "
        "channels together (95 % interval 16 to 30)."
    )


def test_the_interval_of_a_share_is_wilsons_where_each_customer_came_once() -> None:
    share = misery(by_channel(counted(("phone", 263, 81), ("portal", 50, 10))))["phone"].share
    assert share is not None
    assert (share.low, share.high) == pytest.approx((0.2553, 0.3662), abs=0.0005)


def test_encounters_of_the_same_customers_widen_the_interval_and_take_the_verdict() -> None:
    once = counted(("phone", 240, 66), ("portal", 240, 40))
    # Six encounters a customer, all alike: 80 customers in truth.
    six = once._replace(customer=[f"c{place // 6}" for place in range(480)])
    apart, together = misery(by_channel(once))["phone"], misery(by_channel(six))["phone"]
    assert (apart.hits, apart.known) == (together.hits, together.known)
    assert apart.share is not None and together.share is not None
    assert together.share.high - together.share.low > 2 * (apart.share.high - apart.share.low)
    assert (apart.verdict, together.verdict) == ("worse", "open")


def test_fewer_than_thirty_known_encounters_are_counts_only() -> None:
    found = misery(by_channel(counted(("phone", 29, 29), ("portal", 100, 5), ("wecom", 100, 5))))
    fax = found["phone"]
    assert (fax.hits, fax.known, fax.share, fax.difference, fax.verdict) == (29, 29, None, None, None)
    assert found["portal"].share is not None


def test_thirty_encounters_of_few_customers_are_shown_and_not_compared() -> None:
    log = counted(("phone", 60, 50), ("portal", 100, 5))
    few = [f"c{place % 20}" if place < 60 else f"d{place}" for place in range(160)]
    found = misery(by_channel(log._replace(customer=few)))
    assert found["phone"].share is not None
    assert found["phone"].verdict is None and found["portal"].verdict is None


def test_encounters_without_a_channel_have_their_row_and_are_never_compared() -> None:
    known = counted(("phone", 100, 10), ("portal", 100, 10))
    more = counted(("phone", 100, 10), ("portal", 100, 10), ("", 300, 300))
    without, given = misery(by_channel(known)), misery(by_channel(more))
    assert list(given) == ["phone", "portal", ""]
    assert given["phone"] == without["phone"] and given["portal"] == without["portal"]
    unsaid = given[""]
    assert (unsaid.hits, unsaid.known, unsaid.verdict) == (300, 300, None)
    assert (unsaid.named("zh"), unsaid.named("en")) == ("渠道不明", "unknown channel")


def test_none_and_nan_are_no_names_of_channels() -> None:
    log = counted(("phone", 2, 0), ("portal", 2, 0))
    column = np.array(["phone", None, NAN, ""], dtype=object)
    traffic = by_channel(log._replace(channel=column)).touchpoints[0].traffic
    assert [(one.channel, one.encounters) for one in traffic] == [("phone", 1), ("", 3)]


def test_an_unknown_state_counts_as_traffic_and_in_no_share() -> None:
    log = counted(("phone", 50, 10), ("portal", 50, 10))
    state = np.asarray(log.state).copy()
    state[:5] = NAN
    answer = by_channel(log._replace(state=state))
    phone = answer.touchpoints[0].traffic[0]
    assert (phone.encounters, phone.customers, phone.known) == (50, 50, 45)
    assert (misery(answer)["phone"].hits, misery(answer)["phone"].known) == (5, 45)


def test_a_standard_kept_less_often_is_worse() -> None:
    kept = np.repeat([1, 0, 1, 0], [90, 60, 140, 10])
    due = Standards(
        ["故障处理"] * 300,
        ["PT30M 响应"] * 300,
        ["phone"] * 150 + ["portal"] * 150,
        [f"c{place}" for place in range(300)],
        kept,
    )
    answer = by_channel(States([], [], [], []), due)
    found = measure(answer, "kept")
    assert [share.verdict for share in found.channels] == ["worse", "better"]
    assert found.standard == "PT30M 响应"
    assert (
        answer.touchpoints[0]
        .remarks[0]
        .zh.startswith("「故障处理」的标准「PT30M 响应」在 phone 渠道达标更少")
    )


def test_two_channels_are_one_comparison_and_agree() -> None:
    answer = by_channel(counted(("phone", 130, 33), ("portal", 170, 22)))
    found = misery(answer)
    assert answer.comparisons == 2  # miserable and magical
    assert found["phone"].p == found["portal"].p


def test_more_comparisons_ask_for_more_certainty() -> None:
    one = counted(("phone", 150, 35), ("portal", 150, 17))
    others = [counted(("phone", 150, 20), ("portal", 150, 20), touchpoint=f"t{n}") for n in range(9)]
    all_ten = States(*(np.concatenate(columns) for columns in zip(one, *others, strict=True)))
    alone = misery(by_channel(one))["phone"]
    last = by_channel(all_ten).touchpoints[-1]
    among = last.measures[0].channels[0]
    assert last.touchpoint == "故障处理"
    assert alone.difference == among.difference
    assert (alone.verdict, among.verdict) == ("worse", "open")


def test_rare_misery_is_not_named_by_a_normal_curve() -> None:
    # Five of 40 beside 55 of 2,000 has a pooled z of 3.6 (p < .001); Fisher's p is .01, and it is one of six.
    found = misery(by_channel(counted(("phone", 40, 5), ("portal", 1000, 28), ("wecom", 1000, 27))))
    assert found["phone"].verdict == "open"


def test_what_cannot_be_told_is_said_in_both_languages() -> None:
    open_ = by_channel(counted(("phone", 50, 5), ("portal", 50, 5))).touchpoints[0].remarks
    assert [(one.code, one.zh) for one in open_] == [
        ("channel_open", "「故障处理」各渠道之间没有确定的差异。")
    ]
    single = by_channel(counted(("phone", 500, 5))).touchpoints[0].remarks
    assert [one.code for one in single] == ["channel_not_compared"]


def test_the_answer_does_not_depend_on_the_order_of_the_rows() -> None:
    log = a_log(7, touchpoints=2, miserable=(0.35, 0.1, 0.1))
    order = np.random.default_rng(1).permutation(len(np.asarray(log.state)))
    mixed = States(*(np.asarray(column)[order] for column in log))
    assert by_channel(log) == by_channel(log)
    said, again = by_channel(log), by_channel(mixed)
    assert verdicts(said) == verdicts(again)
    assert [p.remarks for p in said.touchpoints] == [p.remarks for p in again.touchpoints]


def test_no_encounters_are_no_answer() -> None:
    assert by_channel(States([], [], [], [])) == ChannelAnswer(touchpoints=(), comparisons=0)


@pytest.mark.parametrize("state", [2.0, 0.5, float("inf")])
def test_a_state_that_is_none_is_refused(state: float) -> None:
    with pytest.raises(
        EvidenceError, match=re.escape(f"state holds 1 values that are none of its own, such as {state:g}")
    ):
        by_channel(States(["t"], ["phone"], ["c"], [state]))
