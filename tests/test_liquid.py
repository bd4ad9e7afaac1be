"""What a letter says about a date is counted from the day on which it leaves, on the customer's clock."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from liquid.exceptions import LiquidError

from peakend.design.pack import find_pack, load_pack
from peakend.model.liquid import LIQUID
from peakend.model.pack import Pack
from peakend.report.letters import letter
from peakend.tell.names import Names

LAST_DAY = date(2026, 3, 31)
CONTRACT = {
    "service": "S1",
    "contract_id": "K1",
    "expires_on": LAST_DAY,
    "data_released_on": date(2026, 5, 1),
    "sender": {"name": "Lin", "phone": "010-5555-0100"},
}


def filled(text: str, sent: datetime, language: str = "en", **values: object) -> str:
    return LIQUID.from_string(text).render(sent=sent, language=language, **values)


def morning(day: date, zone: str = "Asia/Shanghai") -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("days", "english", "chinese"),
    [
        (45, "in 45 days", "45 天后"),
        (2, "in 2 days", "2 天后"),
        (1, "tomorrow", "明天"),
        (0, "today", "今天"),
        (-1, "yesterday", "昨天"),
        (-5, "5 days ago", "5 天前"),
    ],
)
def test_a_date_is_so_far_away_as_it_is_on_the_day_of_sending(days: int, english: str, chinese: str) -> None:
    sent = morning(LAST_DAY - timedelta(days=days))
    assert filled("{{ day | in_days }}", sent, "en", day=LAST_DAY) == english
    assert filled("{{ day | in_days }}", sent, "zh", day="2026-03-31") == chinese


def test_the_day_of_sending_is_the_one_where_the_customer_is() -> None:
    instant = morning(date(2026, 3, 30))
    assert filled("{{ day | in_days }}", instant, day=LAST_DAY) == "tomorrow"
    assert filled("{{ day | in_days }}", instant.astimezone(ZoneInfo("America/New_York")), day=LAST_DAY) == (
        "in 2 days"
    )


def test_a_timestamp_counts_by_its_date_on_the_customers_clock() -> None:
    sent = morning(date(2026, 3, 30))
    early = datetime(2026, 3, 30, 20, tzinfo=ZoneInfo("UTC"))
    assert filled("{{ at | in_days }}", sent, at=early) == "tomorrow"


@pytest.mark.parametrize("unknown", [None, "", "soon", 7])
def test_where_no_date_is_known_nothing_is_said(unknown: object) -> None:
    assert filled("[{{ day | in_days }}]", morning(LAST_DAY), day=unknown) == "[]"


def test_without_the_moment_of_sending_nothing_is_guessed() -> None:
    with pytest.raises(LiquidError, match="sent"):
        LIQUID.from_string("{{ day | in_days }}").render(day=LAST_DAY)


@pytest.fixture(scope="module")
def cloud() -> Pack:
    return load_pack(find_pack("cloud"))


@pytest.mark.parametrize(
    ("days", "english", "chinese"), [(45, "in 45 days", "45 天后"), (3, "in 3 days", "3 天后")]
)
@pytest.mark.parametrize("count", [1, 2])
def test_a_reminder_that_is_moved_still_tells_the_truth(
    cloud: Pack, days: int, english: str, chinese: str, count: int
) -> None:
    sent = morning(LAST_DAY - timedelta(days=days))
    names = ("renewal-first", "renewal-second", "renewal-last", "renewal-stop-day")
    for language, words in (("en", english), ("zh", chinese)):
        for name in names:
            text = cloud.texts[language, name]
            for piece in (text.subject, text.body, *text.channels.values()):
                said = filled(piece, sent, language, **CONTRACT, items=[CONTRACT] * count)
                other = re.search(r"\d+ (?:days|天)|tomorrow|tonight|明天|今晚|后天", said.replace(words, ""))
                assert not other, (name, said)
            assert words in filled(text.subject, sent, language, **CONTRACT, items=[CONTRACT] * count)


def test_the_data_is_erased_on_the_day_that_the_letter_names(cloud: Pack) -> None:
    for days, english, chinese in ((1, "tomorrow", "明天"), (7, "in 7 days", "7 天后")):
        sent = morning(date(2026, 5, 1) - timedelta(days=days))
        for language, words in (("en", english), ("zh", chinese)):
            body = cloud.texts[language, "release-reminder"].body
            assert words in filled(body, sent, language, **CONTRACT, items=[CONTRACT])


def test_every_letter_of_the_pack_can_be_filled_in_even_where_little_is_known(cloud: Pack) -> None:
    sent = morning(LAST_DAY)
    for (language, name), text in [*cloud.texts.items(), *cloud.cards.items()]:
        for piece in (text.subject, text.body, *text.channels.values()):
            assert "{{" not in filled(piece, sent, language), name


def test_the_report_shows_that_the_letter_counts_the_days(cloud: Pack) -> None:
    shown = {
        language: str(letter(cloud.texts[language, "renewal-last"], Names(cloud)).subject)
        for language in ("zh", "en")
    }
    assert '<span class="chip">几天后</span>（<span class="chip">到期日</span>）24:00 停止' in shown["zh"]
    assert '<span class="chip">in … days</span> (<span class="chip">expiry date</span>)' in shown["en"]
