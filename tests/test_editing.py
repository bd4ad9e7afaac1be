"""Small changes of pack files: the node is written anew, and not one character beside it."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from peakend.design.editing import Change, changed_text
from peakend.design.pack import BUNDLED
from peakend.errors import PackError

CLOUD = BUNDLED / "cloud"
ROUNDS = (CLOUD / "plays" / "renewal-rounds.yaml").read_text("utf-8")
BLOCK = """\
# why this play is
play: p        # its name
title:
  zh: 标题     # Chinese
  en: Title
on:
  - a.b
  - c.d   # the second

# steps follow
steps:
  - due:
      after: PT0S
    say: hello    # words
  - {due: {after: P1D, at: "10:00"}, say: x}
where: >
  plan <> 'trial'
  and level > 3

holdout:
# the end
"""


def changed(text: str, path: list[str | int], value: Any = None, file: str = "plays/p.yaml") -> str:
    return changed_text(file, text, Change(path, value))


def lines_changed(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.split("\n"), after.split("\n")) if line[0] in "+-"]


def load(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (["title", "en"], "Renewal, step by step", "title: {zh: 续费多轮提醒, en: "),
        (["class"], "care", "class: care"),
        (["steps", 0, "due", "by"], "P45D", "by: P45D, at:"),
        (["steps", 0, "due", "at"], "09:30", 'at: "09:30"}'),
        (["steps", 1, "through"], ["sms", "email"], "through: [sms, email]}"),
        (["steps", 1, "through"], {"all": ["sms"]}, "through: {all: [sms]}}"),
        (["steps", 3, "holdout"], "20%", "holdout: 20%,"),
        (["steps", 0, "expires"], "PT6H", "through: [wecom, email], expires: PT6H}"),
        (["cool_down"], "PT48H", "cool_down: PT48H"),
        (["gather", "within"], "PT4H", "gather: {within: PT4H}"),
        (["capped", "defer"], "PT48H", "capped: {defer: PT48H}"),
        (["where"], "plan <> 'trial' and level = \"gold: 1\"", "where: "),
        (["urgent"], True, "urgent: true"),
        (["priority"], 5, "priority: 5"),
        (["steps", 7], {"due": {"after": "PT0S"}, "say": "x"}, "  - {due: {after: PT0S}, say: x}"),
    ],
)
def test_one_node_is_written_anew_and_its_line_alone(path: list[str | int], value: Any, line: str) -> None:
    after = changed(ROUNDS, path, value)
    moved = lines_changed(ROUNDS, after)
    assert len(moved) <= 2 and line in moved[-1], moved
    there = load(after)
    for step in path:
        there = there[step]
    assert there == value


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        (["gather"], "gather: {within: PT2H}"),
        (["goal"], "goal:"),
        (["steps", 2], "renewal-last"),
        (["steps", 6], "call-before-release"),
        (["to", "else"], ", else: owner"),
        (["steps", 0, "due", "at"], 'at: "10:00"'),
        (["on", 0], "contract.signed"),
    ],
)
def test_what_is_taken_away_leaves_all_else(path: list[str | int], gone: str) -> None:
    after = changed(ROUNDS, path)
    moved = lines_changed(ROUNDS, after)
    assert gone in moved[0] and (len(moved) == 1 or gone not in moved[1]) and len(moved) <= 2
    wanted = load(ROUNDS)
    owner = wanted
    for step in path[:-1]:
        owner = owner[step]
    del owner[path[-1]]
    assert load(after) == wanted


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (["title", "zh"], "新标题", "  zh: 新标题     # Chinese"),
        (["title", "fr"], "Titre", "  en: Title\n  fr: Titre\non:"),
        (["on", 1], "e.f", "  - e.f   # the second"),
        (["on", 2], "e.f", "  - c.d   # the second\n  - e.f\n\n# steps"),
        (["steps", 0, "say"], "bye", "    say: bye    # words"),
        (["steps", 0, "role"], "owner", "    say: hello    # words\n    role: owner\n  - {"),
        (["steps", 0, "due"], {"after": "PT1H"}, "  - due: {after: PT1H}\n    say: hello"),
        (["where"], "plan = 'a'", "where: plan = 'a'\n\nholdout:"),
        (["holdout"], "5%", "holdout: 5%\n# the end"),
        (["title"], {"zh": "一", "en": "One"}, "title: {zh: 一, en: One}\non:"),
        (["steps", 0, "due"], None, "steps:\n  - say: hello    # words"),
        (["on", 0], None, "on:\n  - c.d   # the second"),
        (["title", "zh"], None, "title:\n  en: Title"),
        (["while"], "open('x')", "holdout:\nwhile: open('x')\n# the end"),
    ],
)
def test_blocks_and_comments_stay_where_they_are(path: list[str | int], value: Any, expected: str) -> None:
    after = changed(BLOCK, path, value)
    assert expected in after
    assert "# why this play is" in after and "# its name" in after and after.endswith("# the end\n")


def test_the_same_value_changes_nothing() -> None:
    assert changed(ROUNDS, ["class"], "service") == ROUNDS


@pytest.mark.parametrize("path", [[], ["steps", 9, "say"], ["steps", "x"], ["play", "x"], ["on", -1]])
def test_a_place_that_is_not_there_is_refused(path: list[str | int]) -> None:
    with pytest.raises(PackError) as caught:
        changed(ROUNDS, path, "x")
    assert "no place" in caught.value.what and caught.value.what_zh


def test_a_file_that_does_not_read_is_refused_with_its_line() -> None:
    with pytest.raises(PackError) as caught:
        changed("play: p\ntitle: {zh: x\nclass: care\n", ["class"], "ask")
    assert caught.value.place and str(caught.value.place).startswith("plays/p.yaml:")


def test_a_text_is_changed_in_its_head_and_below_it() -> None:
    file = "texts/zh/incident-first-word.md"
    text = (CLOUD / file).read_text("utf-8")
    after = changed(text, ["channels", "sms"], "很短：{{ title }}", file)
    assert "  sms: '" not in after and "{{ title }}" in after.split("---")[1]
    assert after.split("---\n")[2] == text.split("---\n")[2]
    new = changed(text, ["body"], "您好：\n\n一句话。\n", file)
    assert new.split("---\n")[1] == text.split("---\n")[1] and new.endswith("---\n您好：\n\n一句话。\n")
    assert changed("只有正文\n", ["subject"], "标题", file) == "---\nsubject: 标题\n---\n只有正文\n"
    assert changed("---\nsubject: a\n---\nb\n", ["subject"], None, file) == "b\n"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_change_of_any_play_does_what_was_asked_and_no_more(data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(sorted((CLOUD / "plays").glob("*.yaml"))))
    text = BLOCK if data.draw(st.booleans()) else Path(file).read_text("utf-8")
    wanted = load(text)
    path: list[str | int] = []
    owner, node = None, wanted
    while isinstance(node, dict | list) and (not path or data.draw(st.booleans())):
        steps = sorted(node) if isinstance(node, dict) else list(range(len(node)))
        if not steps:
            break
        path.append(data.draw(st.sampled_from(steps)))
        owner, node = node, node[path[-1]]
    values = st.text(max_size=12) | st.integers() | st.booleans() | st.lists(st.text(max_size=3), max_size=2)
    value = data.draw(
        st.none() | values | st.dictionaries(st.text(min_size=1, max_size=4), st.text(), max_size=2)
    )
    if value is None:
        del owner[path[-1]]
    else:
        owner[path[-1]] = value
    try:
        after = changed(text, path, value)
    except PackError:
        assert any(not one.isprintable() for one in str(value)) or value == {}
        return
    assert load(after) == (wanted or None)
    comments = [line for line in text.split("\n") if line.startswith("#")]
    assert [line for line in after.split("\n") if line.startswith("#")] == comments
