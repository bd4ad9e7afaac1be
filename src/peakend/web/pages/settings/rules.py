"""The rules of the published pack in words: when people are left in peace, how much is said and given.

They are read here; they are changed in a draft, like everything else of a pack.
"""

from __future__ import annotations

from typing import Final

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from peakend.model.pack import Calendar, Pack, Policy
from peakend.tell.catalogue import CLASSES, WEEKDAYS
from peakend.tell.names import Names
from peakend.tell.said import Said, fill, grouped, listed, titled
from peakend.tell.spans import elapsed
from peakend.web.house import Ours
from peakend.web.pages.settings.frame import Manager, show
from peakend.when import parse_duration

router = APIRouter(include_in_schema=False)
AT: Final = "/settings/rules"
SAYS: Final[dict[str, Said]] = {
    "quiet": Said("每天 {from_} 到 {to}（客户当地时间）", "Every day {from_} to {to}, where the customer is"),
    "quiet_off": Said("没有免打扰时段", "There are no quiet hours"),
    "quiet_days": Said("“{calendar}”的休息日全天", "All day on the days off of “{calendar}”"),
    "quiet_all_days": Said("节假日全天", "All day on holidays"),
    "not_for": Said("必达通知和紧急消息不受此限", "Mandatory and urgent messages leave all the same"),
    "day": Said("{which}：每位客户每天最多 {n} 条", "{which}: at most {n} a day for a customer"),
    "span": Said(
        "{which}：每位客户 {span}内最多 {n} 条", "{which}: at most {n} within {span} for a customer"
    ),
    "total": Said("各类合计", "All together"),
    "budget_day": Said("每天 {amount}", "{amount} a day"),
    "budget_month": Said("每月 {amount}", "{amount} a month"),
    "budget_year": Said("每年 {amount}", "{amount} a year"),
    "yuan": Said("{amount} 元", "CNY {amount}"),
    "money": Said("{currency} {amount}", "{currency} {amount}"),
    "holdout": Said(
        "{share} 的客户特意不发，用来比较有没有用",
        "{share} of the customers are left out on purpose, to see what it changes",
    ),
    "holdout_off": Said("没有空白对照组，效果无从比较", "Nobody is held out, so no effect can be shown"),
    "max_age": Said("超过 {span}没能发出的消息作废", "What could not leave for {span} is dropped"),
    "moment": Said(
        "以下条件成立时，不发关怀、征询和营销：{where}",
        "No care, question or offer goes out while this is so: {where}",
    ),
    "approve": Said(
        "影响超过 {n} 位客户的发布，要先由另一人同意",
        "A publication that affects more than {n} customers needs somebody else to agree first",
    ),
    "hours": Said("{days} {hours}", "{days} {hours}"),
    "days": Said("{first}至{last}", "{first} to {last}"),
    "holidays": Said("法定节假日与调休：{name}", "Public holidays: {name}"),
    "off": Said("另外休息：{days}", "Also off: {days}"),
    "working": Said("另外上班：{days}", "Also at work: {days}"),
    "zone": Said("时区 {zone}", "Zone {zone}"),
    "zone_own": Said("按客户当地时间", "Where the customer is"),
}
HOLIDAYS: Final = {"china": Said("中国大陆", "mainland China"), "england": Said("英格兰", "England")}


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A calendar or a budget: what it is called, and what it says."""

    name: Said
    lines: list[Said]


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """All rules of a pack that hold for every play."""

    quiet: list[Said]
    caps: list[Said]
    moment: list[Said]
    holdout: Said
    max_age: Said
    approve: Said
    budgets: list[Named]
    calendars: list[Named]


def rules_of(pack: Pack) -> Rules:
    """What a pack says for all of its plays, in words."""
    policy, names = pack.head.policy, Names(pack)
    return Rules(
        quiet=_quiet(policy, names),
        caps=[_cap(names, one.class_, one.at_most, one.within) for one in policy.caps],
        moment=[fill(SAYS["moment"], where=policy.moment)] if policy.moment else [],
        holdout=fill(SAYS["holdout"], share=policy.holdout) if policy.holdout else SAYS["holdout_off"],
        max_age=fill(SAYS["max_age"], span=_span(policy.max_age)),
        approve=fill(SAYS["approve"], n=policy.approve_above),
        budgets=[
            Named(
                name=names.of(name),
                lines=[fill(SAYS[f"budget_{one.per}"], amount=_money(one.at_most, one.currency))],
            )
            for name, one in policy.budgets.items()
        ],
        calendars=[
            Named(name=titled(one.title, name), lines=_calendar(one))
            for name, one in pack.head.calendars.items()
        ],
    )


@router.get(AT)
def show_(request: Request, caller: Manager, house: Ours) -> Response:
    """The rules on a page; without a pack, where one comes from."""
    pack = house.pack()
    return show(request, caller, "rules", {"rules": rules_of(pack) if pack else None})


def _quiet(policy: Policy, names: Names) -> list[Said]:
    hours = policy.quiet_hours
    if hours is None:
        return [SAYS["quiet_off"]]
    lines = [fill(SAYS["quiet"], from_=hours.from_, to=hours.to)]
    if isinstance(hours.holidays, str):
        lines.append(fill(SAYS["quiet_days"], calendar=names.calendar(hours.holidays)))
    elif hours.holidays:
        lines.append(SAYS["quiet_all_days"])
    return [*lines, SAYS["not_for"]]


def _cap(names: Names, class_: str, at_most: int, within: str) -> Said:
    which = SAYS["total"] if class_ == "total" else names.of(class_, CLASSES)
    if within == "day":
        return fill(SAYS["day"], which=which, n=at_most)
    return fill(SAYS["span"], which=which, n=at_most, span=_span(within))


def _span(text: str) -> Said:
    """A length as people say it: 168 hours are 7 days."""
    return elapsed(parse_duration(text).elapsed())


def _money(amount: float, currency: str) -> Said:
    shown = grouped(round(amount)) if amount == round(amount) else f"{amount:.2f}"
    if currency == "CNY":
        return fill(SAYS["yuan"], amount=shown)
    return fill(SAYS["money"], amount=shown, currency=currency)


def _calendar(one: Calendar) -> list[Said]:
    lines = [
        fill(SAYS["hours"], days=_days(days), hours=", ".join(hours))
        for days, hours in one.week.items()
        if hours
    ]
    if one.holidays:
        name = HOLIDAYS.get(one.holidays, Said(one.holidays, one.holidays))
        lines.append(fill(SAYS["holidays"], name=name))
    for which, days in (("off", one.off), ("working", one.working)):
        if days:
            lines.append(fill(SAYS[which], days=listed([Said(f"{day}", f"{day}") for day in days])))
    return [*lines, fill(SAYS["zone"], zone=one.zone) if one.zone else SAYS["zone_own"]]


def _days(text: str) -> Said:
    """`mon-fri` or `sat` in words; anything else as it stands."""
    first, _, last = text.partition("-")
    words = [WEEKDAYS.get(one.strip(), Said(one.strip(), one.strip())) for one in (first, last) if one]
    return fill(SAYS["days"], first=words[0], last=words[1]) if len(words) == 2 else listed(words)
