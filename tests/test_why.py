"""Why, and why not: one customer's story in order of time, near misses included, in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from building import at, case, clock, do, event, pack, play, write_log

from peakend.backtest.why import Line, tell
from peakend.errors import SourceError
from peakend.model.event import Event
from peakend.model.pack import Pack

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


def story(folder: Path, of: Pack, *log: Event, customer: str = "ann", play: str | None = None) -> list[Line]:
    return tell(of, [write_log(folder / "log.parquet", log)], customer, play)


def test_a_near_miss_is_told_with_what_came_before_it(tmp_path: Path) -> None:
    near = [
        line
        for line in story(tmp_path, RENEWAL, made("03-02 10:00"), paid("03-13 07:00"))
        if line.weight == "near"
    ]
    assert near == [
        Line(
            at("03-13 07:00"),
            "renewal",
            "near",
            "《续费提醒》原定 2026-03-13 10:00 的「remind」不再需要：order.paid 早到了 3 小时",
            "'Renewal rounds' would have done remind at 2026-03-13 10:00, but order.paid came 3 h before",
        )
    ]


def test_what_was_far_off_is_told_but_is_no_near_miss(tmp_path: Path) -> None:
    lines = story(tmp_path, RENEWAL, made("03-02 10:00"), paid("03-13 07:00"))
    (far,) = [line for line in lines if "call" in line.en]
    assert far.weight == "not"
    assert far.en.endswith("but order.paid came 6 days before")
    assert far.zh.endswith("order.paid 早到了 6 天")


@pytest.mark.parametrize(
    ("when", "en", "zh"),
    [
        ("03-13 09:59:59", "0 min before", "0 分钟"),
        ("03-13 09:15", "45 min before", "45 分钟"),
        ("03-12 09:00", "25 h before", "25 小时"),
        ("03-11 10:00", "2 days before", "2 天"),
    ],
)
def test_the_distance_is_told_as_a_person_says_it(tmp_path: Path, when: str, en: str, zh: str) -> None:
    (line,) = [
        line for line in story(tmp_path, RENEWAL, made("03-02 10:00"), paid(when)) if "remind" in line.en
    ]
    assert line.en.endswith(en)
    assert line.zh.endswith(zh)


def test_what_was_already_overdue_when_the_exit_came_is_not_told_as_negative(tmp_path: Path) -> None:
    log = made("03-13 09:00", seen="03-13 12:00"), paid("03-13 11:00", seen="03-13 12:00")
    (line,) = [line for line in story(tmp_path, RENEWAL, *log) if "remind" in line.en]
    assert (line.weight, line.en.endswith("came 0 min before")) == ("near", True)


def test_a_story_is_told_in_order_of_time_with_verdicts_and_reasons(tmp_path: Path) -> None:
    of = pack(
        play("play", do("hello", after="PT1H"), title={"zh": "问候", "en": "Hello"}),
        quiet_hours={"from": "21:00", "to": "08:00"},
    )
    log = (
        event("03-02 20:30", "order.made", customer="ann"),
        event("03-09 10:00", "order.paid", customer="bob"),
    )
    assert [(clock(line.instant), line.weight, line.en) for line in story(tmp_path, of, *log)] == [
        ("03-02 20:30", "event", "order.made"),
        ("03-02 20:30", "run", "enters 'Hello', because of order.made"),
        ("03-02 21:30", "hold", "'Hello' hello: hold until 2026-03-03 08:00, quiet hours"),
        ("03-03 08:00", "send", "'Hello' hello: send"),
        ("03-03 08:00", "run", "'Hello' is complete"),
    ]


def test_what_did_not_begin_is_told_too(tmp_path: Path) -> None:
    of = pack(play("play", do("hello"), where="w = 'x'", title={"zh": "问候", "en": "Hello"}))
    log = [event("03-02 10:00", "order.made", customer="ann", w=w) for w in ("y", None)]
    told = [(line.weight, line.en, line.zh) for line in story(tmp_path, of, *log) if line.weight != "event"]
    assert told == [
        (
            "not",
            "does not enter 'Hello': its condition was not true (order.made)",
            "没有进入《问候》：条件不成立（order.made）",
        ),
        (
            "not",
            "does not enter 'Hello': its condition could not be known (order.made)",
            "没有进入《问候》：条件中的信息缺失（order.made）",
        ),
    ]


def test_how_an_encounter_went_is_told(tmp_path: Path) -> None:
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
    assert [(clock(line.instant), line.weight, line.en, line.zh) for line in told] == [
        (
            "03-02 14:00",
            "breach",
            "Incident: the standard restore was missed",
            "故障处理：服务标准「restore」没有做到",
        ),
        ("03-02 15:00", "miserable", "Incident: closed, so far miserable", "故障处理：结束，目前消极"),
    ]


def test_one_play_alone_may_be_asked_about(tmp_path: Path) -> None:
    of = pack(play("a", do("hello")), play("b", do("news")))
    lines = story(tmp_path, of, event("03-02 10:00", "order.made", customer="ann"), play="b")
    assert {line.play for line in lines} == {"", "b"}


def test_only_the_customer_asked_about_is_told(tmp_path: Path) -> None:
    lines = story(tmp_path, RENEWAL, made("03-02 10:00"), made("03-02 11:00", customer="bob", order="K2"))
    assert not any("K2" in line.en for line in lines)


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
    assert ("suppress", "'Sorry' sorry: suppress, the budget is spent") in [
        (line.weight, line.en) for line in told
    ]
    assert not any("bob" in line.en for line in told)
    assert [line.weight for line in story(tmp_path, of, *log, customer="bob")] == [
        "event",
        "run",
        "send",
        "run",
    ]


def test_a_moment_in_an_event_is_told_as_a_time(tmp_path: Path) -> None:
    of = pack(play("play", do("hello")))
    log = event("03-02 10:00", "order.made", customer="ann", moment="2026-03-20T15:30:00+08:00")
    assert story(tmp_path, of, log)[0].en == "order.made (moment=2026-03-20 15:30)"


def test_an_unknown_customer_is_told_the_nearest_one(tmp_path: Path) -> None:
    log = made("03-02 10:00", customer="customer-17"), made("03-02 10:00", customer="firm")
    with pytest.raises(SourceError, match=r"customer 'custmer-17'\. Did you mean 'customer-17'\?"):
        story(tmp_path, RENEWAL, *log, customer="custmer-17")
    with pytest.raises(SourceError, match=r"Customers look like this: customer-17, firm"):
        story(tmp_path, RENEWAL, *log, customer="zzz")


def test_no_placeholder_is_left_in_any_sentence(tmp_path: Path) -> None:
    lines = story(tmp_path, RENEWAL, made("03-02 10:00"), paid("03-13 07:00"), made("03-14 10:00"))
    assert not [line for line in lines if re.search(r"[{}]", line.zh + line.en)]
