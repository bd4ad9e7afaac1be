"""The words of the screens: both languages, every key used and every use known, and the pack's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from peakend.backtest.diff import CHANGES
from peakend.design.pack import find_pack, load_pack
from peakend.instance.trial import PEOPLE
from peakend.model.account import ROLES
from peakend.model.job import JobState
from peakend.model.pack import Pack, PackFile
from peakend.model.stored import Delivery
from peakend.model.vocabulary import fields_of
from peakend.publish.versions import What
from peakend.tell.names import Names
from peakend.tell.said import Count, fill
from peakend.web.covering import COLUMNS
from peakend.web.drafting.fields import UNITS
from peakend.web.locale import ROOMS, Words, sentence_of
from peakend.web.locale.terms import TERMS
from peakend.web.looking import Looking
from peakend.web.navigation import GROUPS, groups, is_here, thumb
from peakend.web.shown import day, money, number, since, span, when
from peakend.when import HOUR, MINUTE, parse_instant
from peakend.wire.coverage import Mark
from peakend.wire.messages import Waits
from tests.web.sample import NOW, looking

WEB = Path(__file__).resolve().parents[2] / "src" / "peakend" / "web"
KEY = re.compile(rf"""["']((?:{"|".join(ROOMS)})\.(?!html\b)[A-Za-z0-9_]+)["'](?!\s*~)""")
FIELDS = "class gather cool_down due_after due_by due_at through through_all subject body".split()
STEP = ("", "_says", "_do")
TRIED = "did_taken did_known did_refold did_aside would_taken would_known would_refold".split()
BUILT = {
    **{
        f"choices.{key}": "what a public page says"
        for key in (
            "leave_care leave_ask leave_marketing left_title left_says back_title back_says saved_title "
            "saved_says nothing_new bad_title bad_says gone_title gone_says later_title later_says"
        ).split()
    },
    **{
        f"customers.{key}": "a page about a customer"
        for key in (
            "memory_both memory_peak memory_pit memory_end felt_magical felt_neutral felt_miserable now_open "
            "now_kept now_breached saved spotted preview_sent preview_example preview_bare what_event "
            "what_encounter what_message what_card what_verdict card_new card_fetched card_handed "
            "card_snoozed card_done card_acknowledged stands_sent stands_held stands_suppressed "
            "stands_inside stands_ended stands_never"
        ).split()
    },
    **{f"layout.role_{role}": "the account's menu" for role in ROLES},
    **{f"plays.field_{one}": "a field" for one in FIELDS},
    **{f"plays.unit_{one}": "a unit" for one in UNITS.values()},
    **{f"plays.job_{one}": "a job" for one in ("check", "backtest", "preview", "publish")},
    **{f"plays.change_{one}": "a change" for one in CHANGES},
    **{f"plays.part_{one}": "what changed" for one in get_args(What)},
    **{f"plays.how_{one}": "how it changed" for one in ("added", "removed", "changed")},
    **{f"plays.reason_{one}": "why to agree" for one in ("money", "mandatory", "urgent", "people", "rule")},
    **{f"plays.over_{one}": "a draft that is over" for one in ("published", "dropped")},
    **{f"plays.words_{one}": "the language of a text" for one in ("zh", "en")},
    **{f"settings.does_{role}": "what a role may do" for role in ROLES},
    **{f"settings.way_{way}": "how somebody signs in" for way in ("password", "oidc", "wecom")},
    **{
        f"settings.done_{one}": "what was done"
        for one in "role disabled enabled revoked paused resumed".split()
    },
    **{f"trying.{one.name}": "whom to be" for one in PEOPLE},
    **{
        f"find.broke_{note}": "an answer that broke"
        for note in "died too_long too_large gave_up again".split()
    },
    **{f"find.state_{state}": "a state of a job" for state in get_args(JobState)},
    **{f"coverage.{column}": "a step of a touchpoint" for column in COLUMNS},
    **{f"coverage.mark_{mark}": "how a step stands" for mark in get_args(Mark)},
    **{
        f"coverage.{what}": "a cell"
        for what in re.findall(r'what="(\w+)"', (WEB / "covering.py").read_text())
    },
    **{f"map.failed_{note}": "a job that failed" for note in "died too_long too_large gave_up again".split()},
    **{
        f"parts.{state}": "a mark" for state in "magical neutral miserable unknown send hold suppress".split()
    },
    **{f"inbox.act_{act}": "what was done" for act in "fetched acknowledged done noted".split()},
    **{f"inbox.did_{did}": "the word after a form" for did in "done snoozed handed noted spotted".split()},
    **{f"messages.{state}": "what became of a message" for state in get_args(Delivery)},
    **{f"messages.went_{state}": "whether and when it left" for state in get_args(Delivery)},
    **{f"messages.waits_{what}": "what a message waits for" for what in get_args(Waits) if what},
    **{f"quarantine.{key}": "what became of a row" for key in TRIED},
    **{f"today.step_{one}{more}": "a step" for one in ("pack", "events", "people") for more in STEP},
}
"""Keys that a template makes of a code."""


def _used() -> Iterator[str]:
    for path in [*WEB.rglob("*.html"), *WEB.rglob("*.py")]:
        yield from KEY.findall(path.read_text("utf-8"))


def _keys() -> list[str]:
    return [f"{room}.{key}" for room, table in ROOMS.items() for key in table]


def test_every_key_that_a_page_uses_has_its_words() -> None:
    assert sorted(set(_used()) - set(_keys())) == []


def test_no_word_is_kept_that_no_page_uses() -> None:
    assert sorted(set(_keys()) - set(_used()) - set(BUILT)) == []
    assert set(BUILT) <= set(_keys())


@pytest.mark.parametrize("key", _keys())
def test_every_text_stands_in_both_languages_with_the_same_names(key: str) -> None:
    said = sentence_of(key)
    assert said.zh and said.en
    named = [{name.lower() for _, name, _, _ in Formatter().parse(text) if name} for text in said]
    assert named[0] == named[1]
    assert not re.search("[\u4e00-\u9fff]", said.en)
    assert not re.search(r"[\u4e00-\u9fff][,;:!?]|亲|系统原因|请耐心等待", said.zh)


@pytest.mark.parametrize("term", TERMS)
def test_every_term_stands_in_both_languages(term: str) -> None:
    assert TERMS[term].zh and TERMS[term].en and term == term.lower()


def test_what_a_pack_may_rename_is_written_down() -> None:
    text = (WEB.parents[2] / "docs" / "packs.md").read_text("utf-8")
    assert [term for term in TERMS if f"`{term}`" not in text] == []


def test_a_pack_renames_what_the_screens_say() -> None:
    words = {"moments_of_truth": {"zh": "真相时刻", "en": "moments that matter"}, "customer": {"zh": "租户"}}
    head = PackFile(pack="t", title={"zh": "甲", "en": "A"}, zone="Asia/Shanghai", events={}, words=words)
    names = Names(Pack(root="t", head=head, journeys={}, plays={}, texts={}, hash="0"))
    assert Words("zh", names)("layout.find") == "真相时刻"
    assert Words("en", names)("layout.find") == "Moments that matter"
    assert Words("zh", names)("layout.search") == "查找租户"
    assert Words("zh")("layout.find") == "关键时刻"
    assert Words("en")("layout.find") == "Moments of truth"


def test_an_unknown_key_or_name_is_an_error() -> None:
    for wrong in ("layout.nonsense", "nowhere.today", "today"):
        with pytest.raises(KeyError):
            Words("zh")(wrong)
    with pytest.raises(KeyError):
        Words("zh")("layout.me")


def test_a_role_sees_the_ways_of_its_rank() -> None:
    seen = {role: [way.address for group in groups(role) for way in group.ways] for role in ROLES}
    assert groups(None) == []
    assert "/inbox" not in seen["viewer"] and "/inbox" in seen["frontline"]
    assert "/quarantine" not in seen["frontline"] and "/settings" not in seen["designer"]
    assert seen["admin"] == [way.address for group in GROUPS for way in group.ways]
    for role in ROLES:
        assert len(thumb(groups(role))) == 4
    keys = [way.key for group in GROUPS for way in group.ways]
    assert len(set(keys)) == len(keys)


def test_a_way_is_here_for_its_page_and_what_lies_below() -> None:
    ways = {way.address: way for group in GROUPS for way in group.ways}
    assert is_here(ways["/plays"], "/plays/renewal") and not is_here(ways["/plays"], "/playset")
    assert is_here(ways["/"], "/") and not is_here(ways["/"], "/plays")


# --- numbers and times


class _Context(dict[str, Looking]):
    """What a filter sees of a template."""


def _zh() -> _Context:
    return _Context(looking=looking("zh"))


def _en() -> _Context:
    return _Context(looking=looking("en"))


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (1204331, 0, "1\u202f204\u202f331"),
        (-0.314, 2, "\u22120.31"),
        (-0.001, 2, "0.00"),
        (1999.995, 1, "2\u202f000.0"),
        (-5, 0, "\u22125"),
    ],
)
def test_a_number_is_grouped_and_signed(value: float, digits: int, shown: str) -> None:
    assert number(value, digits) == shown


def test_money_names_its_currency() -> None:
    assert money(_zh(), 1200) == "1\u202f200 元" and money(_en(), 1200) == "CNY 1\u202f200"
    assert money(_zh(), 3.5, "USD") == "USD 3.50"


def test_an_instant_names_its_zone_and_leaves_out_only_this_year() -> None:
    said = str(when(_zh(), NOW))
    assert ">3月5日 14:02<" in said and "Asia/Shanghai" in said and "2026-03-05T14:02:00+08:00" in said
    assert ">5 Mar, 14:02<" in str(when(_en(), NOW))
    london = str(when(_zh(), NOW, "Europe/London"))
    assert "3月5日 06:02" in london and london.endswith('<span class="soft small">Europe/London</span>')
    before = parse_instant("2025-12-31T23:59:00+08:00")
    assert "2025年12月31日 23:59" in str(when(_zh(), before))
    assert when(_zh(), None) == "–"


def test_a_date_is_read_as_it_stands() -> None:
    assert day(_zh(), "2026-03-05") == "3月5日" and day(_en(), "2025-03-05") == "5 Mar 2025"
    assert day(_zh(), NOW) == "3月5日" and day(_zh(), None) == "–"


def test_how_long_ago_is_told_in_whole_minutes() -> None:
    assert ">12 分钟前<" in str(since(_zh(), NOW - 12 * MINUTE - 40_000_000))
    assert ">in 3 hours<" in str(since(_en(), NOW + 3 * HOUR))
    assert ">刚刚<" in str(since(_zh(), NOW - 59_000_000))
    assert span(_zh(), 2 * HOUR + 5 * MINUTE) == "2 小时 5 分钟"


def test_a_count_brings_its_plural() -> None:
    assert isinstance(Count(1), int)
    assert fill(sentence_of("layout.waiting"), n=1204).en == "1\u202f204 waiting"


def test_no_field_of_an_event_of_the_pack_that_comes_along_is_shown_by_its_code() -> None:
    pack = load_pack(find_pack("cloud"))
    names = Names(pack)
    for kind in pack.head.events:
        for field in fields_of(pack, kind):
            said = names.field(field)
            assert re.search(r"[\u4e00-\u9fff]", said.zh), f"{kind}.{field}: {said.zh}"
