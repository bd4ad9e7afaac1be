"""A text filled in for one customer: the right values in the right form, and never more than values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest
from building import at, play
from building import do as step
from building import pack as build

from peakend.deliver.compose import compose, language_of
from peakend.errors import Place, TextError
from peakend.model.delivery import Words
from peakend.model.liquid import LONGEST_VALUE
from peakend.model.outcome import Content
from peakend.model.pack import Pack, Text

SENDER = {"name": "林悦", "phone": "010-5555-0100", "company": "云舟"}


def a_pack(body: str = "", *, language: str = "zh", attached: str = "", **head: Any) -> Pack:
    """A pack with one text `word`, sent by one play."""
    base = build(
        play("play", step("word"), key="order"),
        customer={
            "name": {"type": "text", "from": "customer.updated.name"},
            "language": {"type": "text", "from": "customer.updated.language"},
            "zone": {"type": "zone", "from": "customer.updated.zone"},
        },
        facts={"orders": {"of": "order.made", "take": "count"}},
    )
    one = Text(name="word", language=language, body=body, place=Place(f"texts/{language}/word.md", 5), **head)
    texts = {(language, "word"): one}
    if attached:
        texts[language, "advice"] = Text(
            name="advice",
            language=language,
            subject="数据保护/建议",
            body=attached,
            place=Place("advice.md", 3),
        )
    return msgspec.structs.replace(base, texts=texts)


def a_content(**changes: Any) -> Content:
    given: dict[str, Any] = {
        "customer": "c-1", "play": "play", "key": "A", "occurrence": 0, "step": "word", "round": 0,
        "message": "m", "instant": at("03-30 10:00"), "due": at("03-30 10:00"), "limit": at("03-31 10:00"),
        "action": "say", "text": "word", "role": "", "rank": 1, "amount": 0.0, "attach": (),
        "fields": {"order": "A"},
        "profile": {}, "facts": {},
    }  # fmt: skip
    return Content(**{**given, **changes})


def words(
    pack: Pack,
    contents: Content | Sequence[Content] | None = None,
    channel: str = "email",
    contact: Mapping[str, str] = {},
    **named: Any,
) -> Words:
    found = [contents] if isinstance(contents, Content) else list(contents or [a_content()])
    return compose(pack, found, channel=channel, contact=contact, sender=named.pop("sender", SENDER), **named)


def body(text: str, **fields: Any) -> str:
    return words(a_pack(text, language="en"), a_content(fields=fields)).text


# --- what a text can name -------------------------------------------------------------------------------


def test_values_come_in_the_type_that_the_pack_declares() -> None:
    given = {"day": "2026-03-31", "v": 3.0, "moment": at("03-30 20:00"), "w": "x"}
    text = (
        '{{ day | date: "%-d %B" }} {{ day | in_days }}, {{ v }}, {{ moment | date: "%H:%M" }} {{ moment }}'
    )
    assert body(text, **given) == "31 March tomorrow, 3, 20:00 2026-03-30 20:00"


def test_a_timestamp_and_the_moment_of_sending_show_on_the_customers_clock() -> None:
    text = '{{ moment | date: "%H:%M" }} {{ sent | date: "%d %H:%M" }} {{ due | date: "%H:%M" }}'
    content = a_content(fields={"moment": at("03-30 20:00")}, profile={"zone": "America/New_York"})
    assert words(a_pack(text), content).text == "08:00 29 22:00 22:00"


def test_a_timestamp_behind_a_change_of_clocks_keeps_its_own_hour() -> None:
    content = a_content(
        fields={"moment": at("2026-03-29 12:00", "Europe/Berlin")},
        instant=at("2026-03-28 10:00", "Europe/Berlin"),
        profile={"zone": "Europe/Berlin"},
    )
    text = '{{ moment | date: "%H:%M" }} {{ sent | date: "%H:%M" }} {{ moment | in_days }}'
    assert words(a_pack(text, language="en"), content).text == "12:00 10:00 tomorrow"


def test_profile_facts_contact_sender_and_encounter_are_known_by_name() -> None:
    text = "{{ customer.name }} {{ facts.orders }} {{ contact.name }} {{ sender.phone }} {{ encounter.key }}"
    content = a_content(profile={"name": "某厂"}, facts={"orders": 2.0})
    assert words(a_pack(text), content, contact={"name": "王敏"}).text == "某厂 2 王敏 010-5555-0100 A"


def test_several_that_leave_as_one_are_items_and_the_first_gives_the_fields() -> None:
    each = "{% for item in items %}{{ item.order }} {{ item.day | in_days }};{% endfor %}"
    text = f"{{{{ order }}}} of {{{{ items.size }}}}: {each}"
    contents = [a_content(fields={"order": name, "day": f"2026-04-0{n}"}) for n, name in enumerate("AB", 1)]
    assert words(a_pack(text, language="en"), contents).text == "A of 2: A in 2 days;B in 3 days;"


def test_what_is_not_known_leaves_a_gap_and_its_name_behind() -> None:
    said = words(a_pack("[{{ w }}{{ customer.name | upcase }}{{ v | round }}]{% if day %}x{% endif %}"))
    assert said.text == "[]"
    assert said.unknown == ("w", "customer.name", "v")


def test_a_gap_that_the_text_provides_for_is_none() -> None:
    said = words(a_pack("{{ w | default: order }}{{ v | default: '' }}{% if day %}{{ day }}{% endif %}"))
    assert (said.text, said.unknown) == ("A", ())


def test_a_whole_list_is_never_printed() -> None:
    said = words(a_pack("[{{ items }}{{ customer }}]"), a_content(profile={"name": "x"}))
    assert (said.text, said.unknown) == ("[]", ("items", "customer"))


# --- languages ------------------------------------------------------------------------------------------


def test_the_customers_language_counts_where_the_pack_speaks_it_else_its_first() -> None:
    pack = a_pack("x")
    assert [language_of(pack, {"language": said}) for said in ("en", "zh", "fr", None, 7)] == [
        "en", "zh", "zh", "zh", "zh",
    ]  # fmt: skip


def test_a_text_that_exists_in_another_language_only_is_sent_in_that_one() -> None:
    assert words(a_pack("您好"), language="en").language == "zh"


def test_chinese_has_no_space_beside_chinese_and_keeps_it_beside_latin() -> None:
    text = "您的 **{{ w }}** 出了故障，{{ w }} 停了，共 {{ v }} 次"
    assert words(a_pack(text), a_content(fields={"w": "云服务器", "v": 2})).text == (
        "您的云服务器出了故障，云服务器停了，共 2 次"
    )
    assert (
        words(a_pack(text), a_content(fields={"w": "ECS", "v": 2})).text
        == "您的 ECS 出了故障，ECS 停了，共 2 次"
    )


def test_the_letter_is_set_in_fonts_of_its_language() -> None:
    zh, en = (words(a_pack("x", language=language), language=language).html for language in ("zh", "en"))
    assert '<html lang="zh-CN">' in zh and "PingFang SC" in zh.split("font-family:")[1].split(",")[0]
    assert '<html lang="en">' in en and "PingFang SC" not in en


# --- forms ----------------------------------------------------------------------------------------------


def test_a_channel_with_a_variant_gets_that_line_alone() -> None:
    pack = a_pack("Long", subject="S", channels={"sms": "短：{{ order }}"}, attached="x")
    said = words(pack, a_content(attach=("advice",)), channel="sms")
    assert (said.text, said.html, said.attachments) == ("短：A", "", ())


def test_the_plain_twin_reads_like_the_letter() -> None:
    text = (
        "# Head\n\nDear **you**,\n\n1. one\n2. two [x](https://a.example)\n\n- a\n  - b\n\n> said\n\n---\nend"
    )
    assert words(a_pack(text, language="en")).text == (
        "Head\n\nDear you,\n\n1. one\n2. two x (https://a.example)\n\n- a\n  - b\n\n> said\n\n----\n\nend"
    )


def test_english_quotes_are_curled_and_values_are_left_as_they_are() -> None:
    assert body('say "{{ w }}", it\'s', w='a "b"') == 'say “a "b"”, it’s'


def test_what_goes_along_is_a_page_named_in_the_customers_language() -> None:
    pack = a_pack("Long", subject="S", attached="# 数据保护/建议\n\n给 {{ order }}")
    said = words(pack, a_content(attach=("advice",)))
    (file,) = said.attachments
    assert (file.name, file.media_type) == ("数据保护 建议.html", "text/html; charset=utf-8")
    page = file.data.decode()
    assert "给 A" in page and page.count("数据保护/建议</h1>") == 1
    assert "随信附上：数据保护 建议" in said.html


def test_severity_and_link_come_from_the_head_of_the_text() -> None:
    pack = a_pack("x", severity="danger", link="{{ sender.console | default: '' }}/orders/{{ order }}")
    alone = words(pack, a_content(fields={"order": "A/../b c"}))
    assert (alone.severity, alone.link, alone.unknown) == ("danger", "/orders/A%2F..%2Fb%20c", ())
    assert "前往办理" not in alone.html, "a path leads nowhere in a letter"
    housed = words(pack, sender={**SENDER, "console": "https://console.example.com"})
    assert housed.link == "https://console.example.com/orders/A"
    assert 'href="https://console.example.com/orders/A"' in housed.html
    assert housed.text.endswith("https://console.example.com/orders/A")


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "http://a.example", "//a.example", "https://a@b.example", "https://", "data:x",
     "https://a.example/ x", "https://a.example/\"x", "/a b", "\\\\a", "ftp://x", "HTTPS:x"],
)  # fmt: skip
def test_an_address_that_leads_elsewhere_is_left_out_and_noted(address: str) -> None:
    said = words(a_pack("x", link="{{ w }}"), a_content(fields={"w": address}))
    assert (said.link, said.unknown) == ("", ("link",))
    assert "href" not in words(a_pack("[go]({{ w }})"), a_content(fields={"w": address})).html


def test_a_letter_ends_with_the_way_out_where_there_is_one() -> None:
    said = words(a_pack("x", language="en"), unsubscribe="https://a.example/u?t=1")
    assert 'href="https://a.example/u?t=1"' in said.html
    assert said.text.endswith("Stop letters of this kind: https://a.example/u?t=1")


def test_a_card_tells_its_role_its_headings_and_what_to_fill_in() -> None:
    pack = a_pack("x")
    card = Text(
        name="call", language="zh", body="## 预判语句\n{时间}见 {{ w }}", subject="S", place=Place("c.md")
    )
    pack = msgspec.structs.replace(pack, cards={("zh", "call"): card})
    said = words(pack, a_content(action="card", text="call", role="boss", fields={"w": "{x}"}), role="主管")
    assert "服务提示卡 · 主管" in said.html
    assert said.text == "预判语句\n\n{时间}见 {x}"
    assert "&nbsp;时间&nbsp;" in said.html and "&nbsp;x&nbsp;" not in said.html


def test_the_fields_go_along_as_text_for_templates_of_a_provider() -> None:
    said = words(
        a_pack("x"),
        a_content(fields={"order": "A", "day": "2026-03-31", "moment": at("03-30 20:00"), "v": 2.0}),
    )
    assert said.values == {"order": "A", "day": "2026-03-31", "moment": "2026-03-30 20:00", "v": "2"}


# --- hostile values -------------------------------------------------------------------------------------

HOSTILE = [
    "[x](javascript:alert(1))",
    "<img src=x onerror=alert(1)>",
    "**",
    "</td></table><script>alert(1)</script>",
    "{{ sender.phone }}{% for i in (1..9) %}x{% endfor %}",
    "# head",
    "- item",
    "> quote",
    "`code`",
    "&lt;b&gt;&amp;",
    "\\*",
    "___",
    "![x](https://a.example/x.png)",
    "<https://a.example>",
    "' onmouseover='x",
    '" onmouseover="x',
    "👩‍👩‍👧‍👦 🇨🇳 é",
    "עברית العربية",
    "1. x",
    "{具体日期}",
]


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def seen(html: str) -> _Seen:
    parser = _Seen()
    parser.feed(html)
    return parser


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize(
    "text",
    ["{{ w }}", "a **{{ w }}** b", "- {{ w }}", "# {{ w }}", "> {{ w }} {{ w }}", "[{{ w }}](https://a.example)"],
)  # fmt: skip
def test_a_value_shows_as_exactly_that_text(text: str, value: str) -> None:
    pack = a_pack(text, subject="{{ w }}", channels={"sms": "{{ w }}"})
    content = a_content(fields={"w": value})
    said, calm = words(pack, content), words(pack, a_content(fields={"w": "calm"}))
    read, quiet = seen(said.html), seen(calm.html)
    assert value in "".join(read.text) and value in said.text
    assert (read.tags, read.attributes) == (quiet.tags, quiet.attributes), "nothing came in"
    assert said.subject == value and words(pack, content, channel="sms").text == value


def test_a_value_is_not_filled_in_twice_even_through_capture_and_assign() -> None:
    text = "{% capture c %}<{{ w }}>{% endcapture %}{% assign d = w | append: '!' %}{{ c }} {{ d }}"
    assert words(a_pack(text), a_content(fields={"w": "{{ order }}"})).text == "<{{ order }}> {{ order }}!"


def test_a_line_break_in_a_value_stays_within_its_line_of_a_subject_and_a_short_form() -> None:
    pack = a_pack("{{ w }}", subject="S {{ w }}", channels={"sms": "s {{ w }}", "console": "c"})
    content = a_content(fields={"w": "a\r\nBcc: x@y.example\u2028b"})
    said = words(pack, content)
    assert said.subject == "S a Bcc: x@y.example b"
    assert said.text == "a\nBcc: x@y.example\nb" and "a<br>Bcc" in said.html
    assert words(pack, content, channel="sms").text == "s a Bcc: x@y.example b"


def test_marks_that_act_instead_of_being_read_are_taken_out() -> None:
    value = "a\x00\x1b[31m\x7f\u202eb\u2066c\ufeff\u200b\ue0007\ue001\ud800d"
    said = words(a_pack("{{ w }}", subject="{{ w }}"), a_content(fields={"w": value}))
    assert said.text == said.subject == "a[31mbc7d"
    said.html.encode(), said.values["w"].encode()


def test_a_value_without_end_is_cut() -> None:
    pack = a_pack("{{ w }}", subject="S {{ w }}", channels={"sms": "s {{ w }} e"})
    content = a_content(fields={"w": "长" * 10_000})
    said = words(pack, content)
    assert len(said.text) == LONGEST_VALUE and said.text.endswith("…")
    assert len(said.subject) == 200 and len(words(pack, content, channel="sms").text) == 204
    assert len(said.html) < 10_000


def test_hostile_names_of_people_and_of_the_house_are_harmless_too() -> None:
    bad = "<script>alert(1)</script>"
    said = words(a_pack("{{ contact.name }}"), contact={"name": bad}, sender={"name": bad, "company": bad})
    assert "<script" not in said.html


# --- limits and errors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{% for i in (1..9999) %}x{% endfor %}", "loop iteration limit"),
        ("{% for i in (1..4999) %}" + "x" * 99 + "{% endfor %}", "output stream limit"),
        (
            "{% assign n = 9 %}{% for i in (1..999) %}{% assign n = n | times: n %}{% endfor %}",
            "times makes more of a value",
        ),
        ("{% if a %}" * 13 + "{% endif %}" * 13, "nesting limit"),
        ("{% include 'other' %}", "other"),
        ("{{ 'now' | date: '%Y' }}", "reads no clock"),
        ("{% if order > 1 %}x{% endif %}", "not supported"),
        ("{{ order | no_such }}", "no_such"),
        ("{{ order | date }}", "date"),
        ("{% if %}", ""),
    ],
)
def test_a_text_that_cannot_be_filled_in_says_what_where_and_the_fix(text: str, said: str) -> None:
    with pytest.raises(TextError) as error:
        words(a_pack(f"one\n{text}"))
    assert str(error.value).startswith("texts/zh/word.md:6: The text 'word' cannot be filled in: ")
    assert said in error.value.what
    assert "peakend preview" in error.value.fix and error.value.text("zh").startswith(
        "texts/zh/word.md:6: 文本"
    )


def test_no_text_can_read_a_clock() -> None:
    assert words(a_pack("[{{ now }}{{ today }}{{ 'today' }}]")).text == "[today]"


def test_a_text_that_is_not_there_is_an_error_with_the_file_to_write() -> None:
    with pytest.raises(TextError, match=r"texts/zh/other\.md: The pack has no text 'other'\. Write"):
        words(a_pack("x"), a_content(text="other"))
