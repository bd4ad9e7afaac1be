"""What check finds in texts before a customer does: wrong arguments, items, links, and what a play needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from packs import Change, changed, checked, line_of, serious

TEXT, RENEWAL = "texts/en/renewal-first.md", "plays/renewal.yaml"


def told(tmp_path: Path, piece: str, **more: Change) -> list[tuple[str, str]]:
    """The codes and the words of what is said about a piece in the first text."""
    folder = changed(tmp_path, {TEXT: ("{{ sender.name }}", piece), **more})
    _, problems = checked(folder)
    found = serious(problems)
    assert all(one.place.line == line_of(folder, TEXT, piece) for one in found), [str(one) for one in found]
    assert all(one.what_zh and one.fix_zh for one in found)
    return [(one.code, f"{one.what}. {one.fix}") for one in found]


@pytest.mark.parametrize(
    ("piece", "code", "said"),
    [
        ("{{ contract_id | date }}", "filter_arguments", "Write | date: FORM"),
        ("{{ expires_on | in_days: 3 }}", "filter_arguments", "Write | in_days"),
        ("{{ contract_id | truncate: 3, 'x', 4 }}", "filter_arguments", "truncate"),
        ("{{ contract_id | default: 'x', nothing: true }}", "filter_arguments", "default"),
        ("{{ contract_id | date: '%d' }}", "not_a_date", "'contract_id' is not a date"),
        ("{{ customer.tier | in_days }}", "not_a_date", "'customer.tier' is not a date"),
        ("{% for i in (1..9999) %}x{% endfor %}", "not_filled", "loop iteration limit"),
        ("{% if contract_id > 1 %}x{% endif %}", "not_filled", "not supported"),
        ("{{ 'now' | date: '%Y' }}", "not_filled", "reads no clock"),
        ("{% for item in items %}{{ item.contract }}{% endfor %}", "unknown_variable", "contract_id"),
        ("{{ items[0].expires }}{{ items.size }}", "unknown_variable", "expires_on"),
        ("{{ facts.incidents }}", "unknown_variable", "facts.incidents_90d"),
        ("{{ encounter.stat }}", "unknown_variable", "encounter.state"),
        ("{{ contact.nam }}", "unknown_variable", "contact.name"),
        ("{{ now | date: '%Y' }}", "unknown_variable", "now"),
        ("{% cycle 'a', 'b' %}", "unknown_tag", "cycle"),
    ],
)
def test_what_would_fail_at_night_is_told_at_its_line(
    tmp_path: Path, piece: str, code: str, said: str
) -> None:
    ((found, words),) = told(tmp_path, piece)
    assert found == code
    assert said in words


@pytest.mark.parametrize(
    "piece",
    [
        "{{ contract_id | truncate: 9, '…' | upcase }}",
        "{{ expires_on | in_days }} {{ sent | date: '%H:%M' }} {{ due | in_days }}",
        "{% for item in items %}{{ item.contract_id | default: item.plan }}{{ forloop.index }}{% endfor %}",
        "{{ items.first.contract_id }} {{ items.size }}",
        "{% if facts.incidents_90d > 0 %}{{ facts.incidents_90d | round: 1 }}{% endif %}",
        "{{ encounter.title }} {{ sender.anything }} {{ contact.role }}",
        "{{ contract_id | default: 'none', allow_false: true }}",
    ],
)
def test_what_can_be_filled_in_is_left_in_peace(tmp_path: Path, piece: str) -> None:
    assert told(tmp_path, piece) == []


@pytest.mark.parametrize(
    ("link", "codes"),
    [
        ("/contracts/{{ contract_id }}", []),
        ("https://a.example/{{ contract_id }}", []),
        ("{{ sender.console }}/contracts", []),
        ("http://a.example", ["bad_link"]),
        ("javascript:alert(1)", ["bad_link"]),
        ("/contracts/{{ contract }}", ["unknown_variable"]),
    ],
)
def test_a_link_leads_to_https_or_a_path_and_its_names_are_known(
    tmp_path: Path, link: str, codes: list[str]
) -> None:
    folder = changed(tmp_path, {TEXT: ("---\nsubject", f"---\nlink: '{link}'\nsubject")})
    _, problems = checked(folder)
    assert [found.code for found in serious(problems)] == codes


def test_a_severity_that_nobody_knows_is_told(tmp_path: Path) -> None:
    right, wrong = (("---\nsubject", f"---\nseverity: {word}\nsubject") for word in ("warning", "alarm"))
    pack, problems = checked(changed(tmp_path / "a", {TEXT: right}))
    assert pack is not None and serious(problems) == []
    assert pack.texts["en", "renewal-first"].severity == "warning"
    _, problems = checked(changed(tmp_path / "b", {TEXT: wrong}))
    (found,) = serious(problems)
    assert "alarm" in found.what and found.place.line == 2


def test_a_variant_and_an_attachment_are_held_against_the_fields_of_their_play(tmp_path: Path) -> None:
    _, problems = checked(changed(tmp_path / "a", {TEXT: ("{{ expires_on }}", "{{ expires }}")}))
    assert [found.code for found in serious(problems)] == ["unknown_variable"]
    folder = changed(
        tmp_path / "b",
        {RENEWAL: ("say: renewal-first", "say: renewal-first\n    attach: [thanks]"),
         "texts/en/thanks.md": ("Thank you for", "{{ contract }} Thank you for")},
    )  # fmt: skip
    _, problems = checked(folder)
    assert [found.code for found in serious(problems)] == ["unknown_variable"]


def test_a_play_that_gathers_needs_texts_that_list_what_was_gathered(tmp_path: Path) -> None:
    folder = changed(tmp_path, {RENEWAL: ("to: {role", "gather: {within: PT2H}\nto: {role")})
    _, problems = checked(folder)
    found = [one for one in serious(problems) if one.place.file.endswith(TEXT)]
    assert {one.code for one in found} == {"alone_among_many"}
    assert len(found) == 3, "its subject, its short form and its body"


def test_a_long_text_by_sms_needs_a_short_form(tmp_path: Path) -> None:
    long: Change = ("Thank you for", "Thank you " * 40 + "for")
    play = (tmp_path, {"texts/en/thanks.md": long, RENEWAL: ("say: thanks", "say: thanks, through: [sms]")})
    _, problems = checked(changed(*play))
    assert "no_short_form" in [found.code for found in serious(problems)]
