"""Why, and why not: one customer's story in order of time, near misses included, in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from building import at, case, clock, do, event, pack, play, write_log

from peakend.errors import PackError, SourceError
from peakend.model.event import Event
from peakend.model.pack import Pack
from peakend.tell.said import Said
from peakend.tell.teller import Teller, Told
from peakend.why import find_play, tell

RENEWAL = pack(
    play(
        "renewal",
        do("remind", before="day", by="P7D", at="10:00"),
        do("call", "card", before="day", by="P1D", at="10:00"),
        key="order",
        title={"zh": "续费提醒", "en": "Renewal rounds"},
        exits=[{"on": "order.paid", "as": "success"}],
    ),
    quiet_hours={"from": "21:00", "to": "08:00"},
)


def made(when: str, **data: Any) -> Event:
    return event(when, "order.made", **{"customer": "ann", "order": "K1", "day": "2026-03-20", **data})


def paid(when: str, **data: Any) -> Event:
    return event(when, "order.paid", **{"customer": "ann", "order": "K1", **data})


def story(folder: Path, of: Pack, *log: Event, customer: str = "ann", play: str | None = None) -> list[Told]:
    return tell(of, [write_log(folder / "log.parquet", log)], customer, play)


def test_a_near_miss_is_told_with_what_came_before_it(tmp_path: Path) -> None:
    near = [
        line
        for line in story(tmp_path, RENEWAL, made("03-02 10:00"), paid("03-13 07:00"))
        if line.weight == "near"
    ]
    assert near == [
        Told(
            at("03-13 07:00"),
            "renewal",
            "near",
            Said(
                "「remind」还差 3 小时才到点（原定 2026-03-13 10:00），已有 order.paid，不必再发",
                "“remind” would have fired at 2026-03-13 10:00, but “order.paid” came 3 hours before",
            ),
            "K1",
        )
    ]


def test_where_plays_stand_together_each_sentence_names_its_own(tmp_path: Path) -> None:
    lines = story(tmp_path, RENEWAL, made("03-02 10:00"), paid("03-13 07:00"))
    named = [Teller(RENEWAL).named(line) for line in lines]
    assert [one.zh[:16] for one in named if "还差 3 小时" in one.zh] == ["《续费提醒》（order K1）"]
    assert [one.en for one in named][1] == "Renewal rounds (order K1): It begins: order.made"
    assert named[0] == lines[0].said


def test_a_pack_names_what_came_in_its_own_words(tmp_path: Path) -> None:
    words = {
        "order.paid": {"zh": "客户续费", "en": "renewal"},
        "remind": {"zh": "到期提醒", "en": "reminder"},
    }
    own = msgspec.structs.replace(RENEWAL, head=msgspec.structs.replace(RENEWAL.head, words=words))
    (near,) = [
        line
        for line in story(tmp_path, own, made("03-02 10:00"), paid("03-13 07:00"))
        if line.weight == "near"
    ]
    assert near.said == Said(
        "「到期提醒」还差 3 小时才到点（原定 2026-03-13 10:00），已有客户续费（order.paid），不必再发",
        "“reminder” would have fired at 2026-03-13 10:00, but “renewal (order.paid)” came 3 hours before",
    )


def test_what_was_far_off_is_told_but_is_no_near_miss(tmp_path: Path) -> None:
    lines = story(tmp_path, RENEWAL, made("03-02 10:00"), paid("03-13 07:00"))
    (far,) = [line for line in lines if "call" in line.said.en]
    assert far.weight == "not"
    assert far.said.en.endswith("at 2026-03-19 10:00: “order.paid” came 6 days 3 hours before")
    assert far.said.zh == "「call」不必再发（原定 2026-03-19 10:00，还差 6 天 3 小时）：order.paid"


@pytest.mark.parametrize(
    ("when", "en", "zh"),
    [
        ("03-13 09:59:59", "came 1 s before", "还差 1 秒"),
        ("03-13 09:15", "45 min before", "还差 45 分钟"),
        ("03-12 09:00", "1 day 1 hour before", "还差 1 天 1 小时"),
        ("03-11 10:00", "2 days before", "还差 2 天"),
    ],
)
def test_the_distance_is_told_as_a_person_says_it(tmp_path: Path, when: str, en: str, zh: str) -> None:
    (line,) = [
        line for line in story(tmp_path, RENEWAL, made("03-02 10:00"), paid(when)) if "remind" in line.said.en
    ]
    assert line.said.en.endswith(en)
    assert zh in line.said.zh


def test_what_came_at_the_very_moment_is_told_as_such(tmp_path: Path) -> None:
    (line,) = [
        line
        for line in story(tmp_path, RENEWAL, made("03-02 10:00"), paid("03-13 10:00"))
        if "remind" in line.said.en
    ]
    assert line.said == Said(
        "「remind」正好到点（2026-03-13 10:00），同时已有 order.paid，不必再发",
        "“remind” was due at 2026-03-13 10:00, the very moment at which “order.paid” came, so it does not go",
    )


def test_what_was_already_overdue_when_the_exit_came_is_no_near_miss(tmp_path: Path) -> None:
    log = made("03-13 09:00", seen="03-13 12:00"), paid("03-13 11:00", seen="03-13 12:00")
    (line,) = [line for line in story(tmp_path, RENEWAL, *log) if "remind" in line.said.en]
    assert (line.weight, line.said.zh) == (
        "not",
        "「remind」不必再发（原定 2026-03-13 10:00）：得知时已有 order.paid",
    )


def test_a_story_is_told_in_order_of_time_with_verdicts_and_reasons(tmp_path: Path) -> None:
    of = pack(
        play("play", do("hello", after="PT1H"), title={"zh": "问候", "en": "Hello"}),
        quiet_hours={"from": "21:00", "to": "08:00"},
    )
    log = (
        event("03-02 20:30", "order.made", customer="ann"),
        event("03-09 10:00", "order.paid", customer="bob"),
    )
    assert [(clock(line.instant), line.weight, line.said.en) for line in story(tmp_path, of, *log)] == [
        ("03-02 20:30", "event", "order.made"),
        ("03-02 20:30", "run", "It begins: order.made"),
        (
            "03-02 21:30",
            "hold",
            "“hello” is held until 2026-03-03 08:00. Quiet hours: it waits for their end",
        ),
        ("03-03 08:00", "send", "“hello” goes out"),
        ("03-03 08:00", "run", "It ends (Went through all steps)"),
    ]


ONE_OF_MANY = pack(play("play", do("hello"), where="w = 'x'", title={"zh": "问候", "en": "Hello"}))
UNSUITED = [event(f"03-0{day} 10:00", "order.made", customer="ann", w=w) for day, w in ((2, "y"), (3, None))]


def test_what_did_not_begin_is_counted_with_its_reasons(tmp_path: Path) -> None:
    told = [line for line in story(tmp_path, ONE_OF_MANY, *UNSUITED) if line.weight != "event"]
    assert [(line.weight, line.said) for line in told] == [
        (
            "often",
            Said(
                "没有开始，共 2 次：不符合开始条件 1 次、开始条件要看的信息为空，无法判断 1 次",
                "It does not begin, 2 times. It did not meet the play's condition: 1, "
                "A field that the condition needs is empty: 1",
            ),
        )
    ]


def test_each_event_that_began_nothing_is_told_on_request_with_the_condition_and_its_value(
    tmp_path: Path,
) -> None:
    log = [write_log(tmp_path / "log.parquet", UNSUITED)]
    told = [line for line in tell(ONE_OF_MANY, log, "ann", everything=True) if line.weight != "event"]
    assert [(line.weight, line.said.en) for line in told] == [
        (
            "not",
            "It does not begin on order.made. It did not meet the play's condition: "
            "w = 'x' is asked for, but w is y",
        ),
        (
            "not",
            "It does not begin on order.made. A field that the condition needs is empty: "
            "w = 'x' is asked for, but w is empty",
        ),
    ]
    assert told[0].said.zh == "没有开始：order.made，不符合开始条件：要求 w = 'x'，而 w 是 y"


def test_only_the_clauses_that_did_not_hold_are_named_with_what_they_read(tmp_path: Path) -> None:
    where = "w = 'x' and (v between 1 and 9 or customer.tier = 'key') and open('case')"
    tier = {"type": "text", "from": "customer.updated.tier"}
    of = pack(play("play", do("hello"), where=where), points={"case": case()}, customer={"tier": tier})
    log = [write_log(tmp_path / "log.parquet", [made("03-02 10:00", w="x", v=20)])]
    (line,) = [one for one in tell(of, log, "ann", everything=True) if one.weight == "not"]
    assert line.said.en.endswith(
        "(v between 1 and 9 or customer.tier = 'key') is asked for, but v is 20, tier is empty; "
        "open('case') is asked for, but nothing is open at “case”"
    )


def test_what_did_not_begin_once_is_told_where_it_stands(tmp_path: Path) -> None:
    lines = story(tmp_path, ONE_OF_MANY, UNSUITED[0], event("03-04 10:00", "order.paid", customer="ann"))
    assert [line.weight for line in lines] == ["event", "not"]


def test_how_an_encounter_went_is_told_with_what_made_it_so(tmp_path: Path) -> None:
    restore = {"from": "case.opened", "to": "case.solved", "within": "PT4H"}
    point = case(
        title={"zh": "故障处理", "en": "Incident"},
        standards={"restore": restore},
        miserable="breached('restore')",
    )
    log = [
        event(f"03-02 {hour}:00", f"case.{what}", customer="ann", case="I")
        for hour, what in ((10, "opened"), (15, "solved"))
    ]
    told = [line for line in story(tmp_path, pack(points={"case": point}), *log) if line.weight != "event"]
    assert [(clock(line.instant), line.weight, line.said.en, line.said.zh) for line in told] == [
        (
            "03-02 14:00",
            "breach",
            "“Incident I”: the standard “restore” was missed",
            "「故障处理 I」的服务标准「restore」没有做到",
        ),
        (
            "03-02 15:00",
            "miserable",
            "The encounter at “Incident I” is over. So far: Miserable (not rated, “restore” missed)",
            "「故障处理 I」这次接触已结束，暂评消极（没有评分，没做到「restore」）",
        ),
    ]


def test_an_end_that_was_settled_in_the_same_state_is_told_once(tmp_path: Path) -> None:
    of = pack(points={"case": case(settles="P1D")})
    log = [
        *(event(f"03-02 {hour}:00", f"case.{w}", case="I") for hour, w in ((10, "opened"), (11, "solved"))),
        event("03-09 10:00", "case.opened", case="J"),
    ]
    log = [msgspec.structs.replace(one, customer="ann") for one in log]
    files = [write_log(tmp_path / "log.parquet", log)]
    brief = [line.said.en for line in tell(of, files, "ann") if line.weight == "neutral"]
    whole = [line.said.en for line in tell(of, files, "ann", everything=True) if line.weight == "neutral"]
    assert len(brief) == 1 and "settled" in brief[0]
    assert len(whole) == 2


def test_one_play_alone_may_be_asked_about_with_the_events_it_looks_at(tmp_path: Path) -> None:
    of = pack(
        play("a", do("hello"), key="order"),
        play("b", do("news"), on="order.paid", title={"zh": "消息", "en": "The news"}),
    )
    log = made("03-02 10:00"), paid("03-03 10:00")
    assert {line.play for line in story(tmp_path, of, *log, play="b")} == {"", "b"}
    told = story(tmp_path, of, *log, play="the news")
    assert [line.said.en for line in told if line.weight == "event"] == ["order.paid: order K1"]


def test_an_unknown_play_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(PackError, match=r"no play 'renewl'\. Did you mean 'renewal'\?"):
        find_play(RENEWAL, "renewl")
    with pytest.raises(PackError, match=r"Did you mean 'renewal'\?"):
        find_play(RENEWAL, "Renewal roundz")
    assert find_play(RENEWAL, "续费提醒") == "renewal"


def test_a_send_says_to_whom_and_how_and_an_experiment_which_group(tmp_path: Path) -> None:
    of = pack(
        play("play", do("hello", through=["sms"]), to={"role": "owner"}, **{"class": "care"}),
        play("other", do("call", "card", role="director"), on="order.made"),
        holdout="1%",
    )
    lines = story(tmp_path, of, event("03-02 10:00", "order.made", customer="ann"))
    assert sorted(line.said for line in lines if line.weight == "send") == [
        Said("放行「call」，交给总监", "“call” goes to director"),
        Said("放行「hello」，发给负责人，经短信", "“hello” goes to owner by SMS"),
    ]
    (draw,) = [line.said.zh for line in lines if "Holdout draw" in line.said.en]
    assert draw.startswith("空白对照分组") and draw.endswith("执行组（照常发送）")


def test_only_the_customer_asked_about_is_told(tmp_path: Path) -> None:
    lines = story(tmp_path, RENEWAL, made("03-02 10:00"), made("03-02 11:00", customer="bob", order="K2"))
    assert not any("K2" in line.said.en for line in lines)


def test_a_customer_who_was_merged_is_told_under_either_name(tmp_path: Path) -> None:
    merge = event("03-05 10:00", "customer.merged", customer="ann", **{"from": "web-1", "into": "ann"})
    log = made("03-02 10:00", customer="web-1"), merge, paid("03-13 07:00")
    assert story(tmp_path, RENEWAL, *log, customer="web-1") == story(tmp_path, RENEWAL, *log, customer="ann")


def test_a_budget_that_others_have_spent_is_spent_in_the_story_too(tmp_path: Path) -> None:
    of = pack(
        play("play", do("sorry", "give", amount="v", budget="goodwill"), title={"zh": "致歉", "en": "Sorry"}),
        budgets={"goodwill": {"per": "month", "at_most": 100}},
    )
    log = (
        event("03-02 10:00", "order.made", customer="bob", v=60),
        event("03-02 11:00", "order.made", customer="ann", v=60),
        event("03-09 10:00", "order.paid", customer="zoe"),
    )
    told = story(tmp_path, of, *log)
    assert ("suppress", "“sorry” is stopped. The budget was spent") in [
        (line.weight, line.said.en) for line in told
    ]
    assert not any("bob" in line.said.en for line in told)
    assert [line.weight for line in story(tmp_path, of, *log, customer="bob")] == [
        "event",
        "run",
        "send",
        "run",
    ]


def test_a_moment_in_an_event_is_told_as_a_time(tmp_path: Path) -> None:
    of = pack(play("play", do("hello")))
    log = event("03-02 10:00", "order.made", customer="ann", moment="2026-03-20T15:30:00+08:00")
    assert story(tmp_path, of, log)[0].said.en == "order.made: moment 2026-03-20 15:30"


def test_an_unknown_customer_is_told_the_nearest_one(tmp_path: Path) -> None:
    log = made("03-02 10:00", customer="customer-17"), made("03-02 10:00", customer="firm")
    with pytest.raises(SourceError, match=r"customer 'custmer-17'\. Did you mean 'customer-17'\?"):
        story(tmp_path, RENEWAL, *log, customer="custmer-17")
    with pytest.raises(SourceError, match=r"Customers look like this: customer-17, firm"):
        story(tmp_path, RENEWAL, *log, customer="zzz")


def test_no_placeholder_is_left_in_any_sentence(tmp_path: Path) -> None:
    lines = story(tmp_path, RENEWAL, made("03-02 10:00"), paid("03-13 07:00"), made("03-14 10:00"))
    assert not [line for line in lines if re.search(r"[{}]", line.said.zh + line.said.en)]


def test_the_card_of_a_step_that_reached_nobody_is_told_as_such(tmp_path: Path) -> None:
    of = pack(
        play("play", do("hello", through=["sms"]), if_unreached={"card": "call", "role": "duty-manager"})
    )
    mail = {"contact": "ann", "role": "owner", "channel": "email", "address": "x", "consent": True}
    log = event("03-01 10:00", "contact.set", customer="ann", **mail), made("03-02 10:00")
    told = [line.said for line in story(tmp_path, of, *log) if line.weight in ("send", "suppress")]
    assert [said.en for said in told] == [
        "“hello” is stopped. No address on its channels",
        "Nobody was reached: “call” goes to duty manager",
    ]
    assert told[1].zh == "没有送达，改由值班经理联系：放行「call」"


def test_why_tells_what_a_budget_answered_live_though_others_are_not_folded(tmp_path: Path) -> None:
    of = pack(
        play("play", do("sorry", "give", amount="v", budget="goodwill"), title={"zh": "致歉", "en": "Sorry"}),
        budgets={"goodwill": {"per": "month", "at_most": 100}},
    )
    asked = event("03-02 11:00", "order.made", customer="ann", v=60)
    said = {"budget": "goodwill", "period": "2026-03", "amount": 60, "at_most": 100, "drawn": 50}
    name = "ann|play||0|sorry|0"
    answer = event("03-02 11:00", "budget.answered", customer="ann", message=name, enough=False, **said)
    log = asked, answer, event("03-09 10:00", "order.paid", customer="ann")
    assert "“sorry” is stopped. The budget was spent" in [line.said.en for line in story(tmp_path, of, *log)]
