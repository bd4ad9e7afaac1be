"""What is offered where the cursor stands, in plays that are only half written."""

from __future__ import annotations

import pytest

from peakend.design.completion import complete
from peakend.design.offers import Offers
from peakend.design.pack import BUNDLED, load_pack
from peakend.model.pack import Pack


@pytest.fixture(scope="module")
def cloud() -> Pack:
    return load_pack(BUNDLED / "cloud")


HEAD = "play: p\ntouchpoint: incident\nclass: service\non: contract.signed\n"


def offered(pack: Pack, text: str, file: str = "plays/p.yaml") -> Offers:
    """What is offered at the | of a text."""
    before, _, after = text.partition("|")
    line = before.count("\n")
    return complete(pack, file, before + after, line, len(before) - before.rfind("\n") - 1)


@pytest.mark.parametrize(
    ("text", "what", "some", "none"),
    [
        (f"{HEAD}|", "key", {"steps", "where", "gather", "cool_down"}, {"play", "class", "say"}),
        (f"{HEAD}ga|", "key", {"gather"}, {"steps"}),
        ("play: p\nclass: |", "value", {"service", "care", "mandatory"}, set()),
        ("play: p\nclass: ca|\ntouchpoint: x\n", "value", {"care"}, {"service"}),
        ("play: p\nagain: |", "value", {"once", "after_exit"}, set()),
        ("play: p\nurgent: |", "value", {"true", "false"}, set()),
        ("play: p\non: [contract.signed, inc|", "kind", {"incident.opened"}, {"contract.signed"}),
        ("play: p\non:\n  - contract.|\n", "kind", {"contract.renewed"}, {"incident.opened"}),
        (f"{HEAD}steps:\n  - {{due: {{|", "key", {"after", "before", "by", "at"}, {"say"}),
        (f"{HEAD}steps:\n  - {{due: {{before: |", "field", {"expires_on"}, {"plan"}),
        (f"{HEAD}steps:\n  - {{due: {{before_breach_of: |}}", "name", {"restore"}, set()),
        (
            f"{HEAD}steps:\n  - {{due: {{after: PT0S}}, say: ren|}}\n",
            "text",
            {"renewal-first"},
            {"farewell-export"},
        ),
        (
            f"{HEAD}steps:\n  - due: {{after: PT0S}}\n    card: |\n",
            "card",
            {"call-customer"},
            {"renewal-first"},
        ),
        (
            f"{HEAD}steps:\n  - {{due: {{after: PT0S}}, say: x, through: [wecom, |",
            "channel",
            {"email", "sms"},
            set(),
        ),
        (f"{HEAD}to: {{role: |", "role", {"purchasing", "owner"}, set()),
        (f'{HEAD}where: "pl|', "field", {"plan"}, {"customer.status"}),
        (f"{HEAD}where: \"plan = 'a' and customer.|\"", "field", {"customer.zone"}, {"plan"}),
        ("play: p\ntouchpoint: |", "name", {"renewal", "incident"}, set()),
    ],
)
def test_what_fits_is_offered(cloud: Pack, text: str, what: str, some: set[str], none: set[str]) -> None:
    found = {one.word for one in offered(cloud, text).offers if one.what == what}
    assert some <= found and not none & found, found


def test_an_offer_says_what_it_means_in_both_languages(cloud: Pack) -> None:
    (gather,) = offered(cloud, f"{HEAD}gath|").offers
    assert gather.zh and gather.en
    named = {one.word: one for one in offered(cloud, "play: p\ntouchpoint: |").offers}
    assert (named["renewal"].zh, named["renewal"].en) != ("", "")


def test_the_word_at_the_cursor_is_replaced_whole(cloud: Pack) -> None:
    found = offered(cloud, "play: p\nclass: ser|vice # x\n")
    assert (found.begins, found.ends) == (7, 14) and found.offers[0].word == "service"


def test_the_head_of_a_text_has_its_keys_and_its_body_none(cloud: Pack) -> None:
    head = {one.word for one in offered(cloud, "---\nsubject: x\n|\n---\nbody", "texts/zh/a.md").offers}
    assert {"channels", "severity", "link"} <= head
    assert offered(cloud, "---\nsubject: x\n---\nbo|dy", "texts/zh/a.md").offers == []


@pytest.mark.parametrize(
    ("file", "text", "line", "column"),
    [
        ("plays/p.yaml", "play: p", 9, 0),
        ("plays/p.yaml", "play: p", 0, 99),
        ("plays/p.yaml", "play: p", -1, 0),
        ("plays/p.yaml", "\tplay: [[[\n{{{:", 1, 2),
        ("plays/p.yaml", "\x00\x01", 0, 1),
        ("nowhere/p.yaml", "a: ", 0, 3),
        ("", "", 0, 0),
    ],
)
def test_nonsense_is_answered_with_nothing(cloud: Pack, file: str, text: str, line: int, column: int) -> None:
    assert complete(cloud, file, text, line, column).offers == []
