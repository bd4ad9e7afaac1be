"""The lint: what a pack means wrongly is told at its line, with the wrong word and the nearest right one."""

from __future__ import annotations

from pathlib import Path

import pytest
from packs import MINIMAL, Change, changed, checked, line_of, serious
from ruamel.yaml import YAML

from peakend.errors import Place
from peakend.model.problem import Problem

ESCALATE, RENEWAL = "plays/escalate.yaml", "plays/renewal.yaml"
JOURNEY, HEAD, FACTS, STORY = "journeys/main.yaml", "pack.yaml", "facts.yaml", "stories/renewed.yaml"
TEXT, CARD = "texts/en/renewal-first.md", "cards/en/escalate.md"

WRONG = [
    pytest.param(group["file"], change, id=f"{group['file']}-{change['code']}-{number}")
    for group in YAML(typ="safe", pure=True).load((MINIMAL.parent / "wrong.yaml").read_text(encoding="utf-8"))
    for number, change in enumerate(group["changes"])
]


@pytest.mark.parametrize(("file", "change"), WRONG)
def test_what_is_meant_wrongly_is_told_at_its_line(tmp_path: Path, file: str, change: dict[str, str]) -> None:
    folder = changed(tmp_path, {file: (change["old"], change["new"])})
    _, problems = checked(folder)
    found = [problem for problem in problems if problem.code == change["code"]]
    assert found, [str(problem) for problem in serious(problems)]
    place = Place(str(folder / file), line_of(folder, file, change.get("line", change["new"])))
    told = next((problem for problem in found if problem.place == place), None)
    assert told, [str(problem) for problem in found]
    assert change["what"] in told.what
    assert change.get("fix", "") in told.fix
    assert told.what_zh


def codes(problems: list[Problem]) -> list[str]:
    return [found.code for found in serious(problems)]


def test_the_refused_holdout_is_told_in_the_words_of_the_service_manager(tmp_path: Path) -> None:
    _, problems = checked(changed(tmp_path, {RENEWAL: ("to: {role", "holdout: 10%\nto: {role")}))
    assert [found.what_zh for found in serious(problems)] == ["服务类不得设对照组;可将 extra 步骤设为对照"]


def test_urgent_service_to_people_on_call_is_allowed(tmp_path: Path) -> None:
    _, problems = checked(
        changed(tmp_path, {RENEWAL: ("to: {role: owner}", "to: {role: on_call}\nurgent: true")})
    )
    assert codes(problems) == []


def test_a_play_that_counts_or_says_how_often_needs_no_key(tmp_path: Path) -> None:
    for number, instead in enumerate(("count: {at_least: 3, within: P30D}", "again: once")):
        _, problems = checked(changed(tmp_path / str(number), {ESCALATE: ("key: incident_id", instead)}))
        assert codes(problems) == []


def test_only_an_exit_that_ends_more_than_its_own_case_is_noted(tmp_path: Path) -> None:
    folder = changed(tmp_path, {HEAD: ("contract.renewed: {contract_id: text}", "contract.renewed: {}")})
    _, problems = checked(folder)
    (note,) = [found for found in problems if found.severity == "note" and found.code != "calendar_knows"]
    assert (note.code, note.place.file) == ("exit_matches_all", str(folder / RENEWAL))
    assert "every run of the customer" in note.what


def test_the_name_of_a_kind_is_noted_only_where_it_tells_of_no_event(tmp_path: Path) -> None:
    kinds = "incident.waiting: {}\n  milestone.at_risk: {}\n  survey.answered: {"
    _, problems = checked(changed(tmp_path, {HEAD: ("survey.answered: {", kinds)}))
    (note,) = [found for found in problems if found.severity == "note" and found.code != "calendar_knows"]
    assert note.what_zh == "客户动态的名称要写成已发生的事，例如 milestone.changed（现为 milestone.at_risk）"
    assert note.fix_zh == ""


def test_a_condition_is_wrong_in_one_language_at_a_time(tmp_path: Path) -> None:
    _, problems = checked(changed(tmp_path, {RENEWAL: ("plan <> 'trial'", "plann <> 'trial'")}))
    (found,) = serious(problems)
    assert (found.what, found.fix) == ("'plann' is not declared here", "Did you mean 'plan'?")
    assert (found.what_zh, found.fix_zh) == ("条件里的 plann 没有声明", "是不是 plan？")


@pytest.mark.parametrize(
    ("written", "fix", "fix_zh"),
    [
        ("plan = trial", "Text goes in single quotes: 'trial'", "文字要加半角单引号：'trial'"),
        ("plan in (trial, 'x')", "Text goes in single quotes: 'trial'", "文字要加半角单引号：'trial'"),
        ("plan = “trial”", "Type the half-width sign ' in its place", "请改成半角的 '"),
        ("plan = ‘trial’", "Type the half-width sign ' in its place", "请改成半角的 '"),
    ],
)
def test_a_text_without_plain_quotes_is_told_how_to_be_written(
    tmp_path: Path, written: str, fix: str, fix_zh: str
) -> None:
    _, problems = checked(changed(tmp_path, {RENEWAL: ("plan <> 'trial'", written)}))
    assert [(found.fix, found.fix_zh) for found in serious(problems)] == [(fix, fix_zh)]


def test_a_renamed_play_is_told_once_and_not_at_every_mention(tmp_path: Path) -> None:
    play = (MINIMAL / RENEWAL).read_text(encoding="utf-8")
    _, problems = checked(changed(tmp_path / "file", {RENEWAL: None, "plays/renewals.yaml": play}))
    assert codes(problems) == ["other_name"]
    _, problems = checked(changed(tmp_path / "suffix", {RENEWAL: None, "plays/renewal.yml": play}))
    assert codes(problems) == ["yml_suffix"]


@pytest.mark.parametrize("name", ["pack", "facts", "phrases", "journeys/main", "stories/renewed"])
def test_a_file_ending_in_yml_is_told_once_and_read_all_the_same(tmp_path: Path, name: str) -> None:
    text = (MINIMAL / f"{name}.yaml").read_text(encoding="utf-8")
    _, problems = checked(changed(tmp_path, {f"{name}.yaml": None, f"{name}.yml": text}))
    assert codes(problems) == ["yml_suffix"]


def test_a_play_that_is_not_there_is_told_where_it_is_first_named(tmp_path: Path) -> None:
    story = (MINIMAL / STORY).read_text(encoding="utf-8").replace("story: renewed", "story: again")
    changes: dict[str, Change] = {RENEWAL: None, "stories/again.yaml": story}
    _, problems = checked(changed(tmp_path, changes))
    (found,) = serious(problems)
    assert (found.code, Path(found.place.file).name) == ("unknown_play", "again.yaml")
    assert "more place" in found.fix and "处提到它" in found.fix_zh


def test_a_misspelt_text_is_not_held_against_the_stories(tmp_path: Path) -> None:
    folder = changed(tmp_path, {RENEWAL: ("say: renewal-", "say: renewl-")})
    _, problems = checked(folder)
    assert [(found.code, found.place.file) for found in serious(problems)] == [
        ("unknown_text", str(folder / RENEWAL))
    ]


def test_what_can_be_found_is_found_although_other_keys_are_wrong(tmp_path: Path) -> None:
    text = (MINIMAL / RENEWAL).read_text(encoding="utf-8")
    text = text.replace("touchpoint: renewal", "touchpoint: renewals").replace("by: P30D", "by: 30 days")
    _, problems = checked(changed(tmp_path, {RENEWAL: text.replace("class: service", "class: servcie")}))
    assert codes(problems) == ["not_one_of", "not_duration", "unknown_touchpoint"]


def test_a_repetition_that_nothing_ends_is_refused(tmp_path: Path) -> None:
    changes: dict[str, Change] = {
        ESCALATE: (
            "unless: incident.resolved\nsteps:\n  - due:",
            "steps:\n  - repeat: {every: PT1H}\n    due:",
        )
    }
    _, problems = checked(changed(tmp_path, changes))
    assert "endless_repeat" in codes(problems)


def test_a_text_missing_in_one_language_is_told_beside_the_one_that_exists(tmp_path: Path) -> None:
    folder = changed(tmp_path, {"texts/zh/year.md": None, "cards/en/escalate.md": None})
    _, problems = checked(folder)
    assert codes(problems) == ["card_untranslated", "text_untranslated"]
    card, text = serious(problems)
    assert (card.place.file, card.fix) == (str(folder / "cards/zh/escalate.md"), "Write cards/en/escalate.md")
    assert (text.place.file, text.fix) == (str(folder / "texts/en/year.md"), "Write texts/zh/year.md")


def test_texts_and_cards_that_nobody_uses_are_told_as_a_warning(tmp_path: Path) -> None:
    card = (MINIMAL / CARD).read_text(encoding="utf-8")
    zh = (MINIMAL / "cards/zh/escalate.md").read_text(encoding="utf-8")
    changes: dict[str, Change] = {
        "texts/zh/spare.md": "备用",
        "texts/en/spare.md": "Spare {{ whatever }}",
        "cards/en/spare.md": card,
        "cards/zh/spare.md": zh,
    }
    _, problems = checked(changed(tmp_path, changes))
    assert [(found.code, found.severity) for found in serious(problems)] == [
        ("unused_card", "warning"),
        ("unused_text", "warning"),
    ]


def test_a_text_in_a_language_that_the_pack_does_not_speak_is_told(tmp_path: Path) -> None:
    _, problems = checked(changed(tmp_path, {"texts/eng/thanks.md": "Thanks"}))
    assert codes(problems) == ["unknown_language"]


def test_a_text_after_an_exit_may_name_the_fields_of_the_exit_and_no_other_may(tmp_path: Path) -> None:
    head: Change = (
        "contract.renewed: {contract_id: text}",
        "contract.renewed: {contract_id: text, until_on: date}",
    )
    after: Change = ("Thank you for", "{{ until_on }} Thank you for")
    before: Change = ("{{ sender.name }}", "{{ until_on }}")
    _, problems = checked(changed(tmp_path / "after", {HEAD: head, "texts/en/thanks.md": after}))
    assert codes(problems) == []
    _, problems = checked(changed(tmp_path / "before", {HEAD: head, TEXT: before}))
    assert codes(problems) == ["unknown_variable"]


def test_words_inside_a_loop_and_given_by_assign_are_known(tmp_path: Path) -> None:
    loop = "{% assign n = items.size %}{% for item in items %}{{ item.contract_id }} {{ n }}{% endfor %}"
    _, problems = checked(changed(tmp_path, {TEXT: ("{{ sender.name }}", loop)}))
    assert codes(problems) == []


def test_a_derived_event_carries_its_own_fields_and_those_of_the_begin(tmp_path: Path) -> None:
    where = "priority = 'P1' and state = 'miserable' and breached('restore')"
    play = (MINIMAL / ESCALATE).read_text(encoding="utf-8")
    play = play.replace("on: incident.opened", "on: encounter.closed").replace("priority = 'P1'", where)
    _, problems = checked(changed(tmp_path, {ESCALATE: play}))
    assert codes(problems) == []


def test_a_derived_event_without_the_key_of_its_touchpoint_is_told(tmp_path: Path) -> None:
    play = (MINIMAL / ESCALATE).read_text(encoding="utf-8")
    play = play.replace("on: incident.opened", "on: standard.breached").replace("key: incident_id\n", "")
    _, problems = checked(changed(tmp_path, {ESCALATE: play}))
    assert "key_left_out" in codes(problems)


def test_kinds_that_give_one_field_two_types_cannot_share_a_play(tmp_path: Path) -> None:
    changes: dict[str, Change] = {
        HEAD: (
            "contract.renewed: {contract_id: text}",
            "contract.renewed: {contract_id: text, plan: number}",
        ),
        RENEWAL: ("on: contract.signed", "on: [contract.signed, contract.renewed]"),
    }
    _, problems = checked(changed(tmp_path, changes))
    differ = next(found for found in problems if found.code == "types_differ")
    assert "'plan' is text in contract.signed and number in contract.renewed" in differ.what


def test_a_play_without_steps_and_a_text_without_words_are_told(tmp_path: Path) -> None:
    play = (MINIMAL / ESCALATE).read_text(encoding="utf-8").split("steps:")[0]
    changes: dict[str, Change] = {
        ESCALATE: f"{play}steps: []\n",
        "texts/zh/thanks.md": "---\nsubject: x\n---\n\n",
    }
    _, problems = checked(changed(tmp_path, changes))
    assert {"no_steps", "empty_text"} <= set(codes(problems))


def test_cards_in_a_language_without_headings_cannot_be_checked(tmp_path: Path) -> None:
    _, problems = checked(changed(tmp_path, {HEAD: ("customer:", "languages: [zh, en, fr]\ncustomer:")}))
    assert "no_headings" in codes(problems)


def test_two_journeys_cannot_own_one_touchpoint(tmp_path: Path) -> None:
    other = (MINIMAL / JOURNEY).read_text(encoding="utf-8").replace("journey: main", "journey: second")
    _, problems = checked(changed(tmp_path, {"journeys/second.yaml": other}))
    assert set(codes(problems)) == {"duplicate_touchpoint"}


def test_a_built_in_field_keeps_its_type(tmp_path: Path) -> None:
    _, problems = checked(changed(tmp_path, {HEAD: ("events:", "events:\n  contact.set: {consent: text}")}))
    assert codes(problems) == ["built_in_type"]


def test_a_state_word_as_kind_is_only_a_note(tmp_path: Path) -> None:
    _, problems = checked(changed(tmp_path, {HEAD: ("events:", "events:\n  milestone.at_risk: {}")}))
    assert [found.severity for found in problems if found.code == "kind_tense"] == ["note"]


def test_a_story_that_expects_nothing_is_told(tmp_path: Path) -> None:
    story = (MINIMAL / STORY).read_text(encoding="utf-8").split("then:")[0]
    _, problems = checked(changed(tmp_path, {STORY: story}))
    assert codes(problems) == ["checks_nothing"]


def test_a_name_that_could_not_be_read_is_not_also_called_unknown(tmp_path: Path) -> None:
    changes: dict[str, Change] = {
        JOURNEY: ("    stage: use\n    owner", "    owner"),
        RENEWAL: ("on: contract.signed", "on: {}"),
        HEAD: ("goodwill: {per: month", "goodwill: {per: week"),
        "texts/en/year.md": "---\nnever closed",
    }
    _, problems = checked(changed(tmp_path, changes))
    errors = [found.code for found in problems if found.severity == "error"]
    assert sorted(errors) == ["missing_key", "not_one_of", "open_head", "wrong_shape"]


def test_the_lint_tells_each_problem_once_and_in_the_order_of_files_and_lines(tmp_path: Path) -> None:
    changes: dict[str, Change] = {
        HEAD: ("contract.signed: {contract_id", "contract.siged: {contract_id"),
        RENEWAL: ("touchpoint: renewal", "touchpoint: renewl"),
    }
    _, problems = checked(changed(tmp_path, changes))
    assert len(problems) == len(set(problems))
    places = [found.place for found in problems]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "line",
    [
        "contract {{ contract_id }} ends in 30 days, on",  # as the step says
        "I call you tomorrow.\n\ncontract {{ contract_id }} ends on",  # a promise, not a distance to the date
        "contract {{ contract_id }} ends {{ expires_on | in_days }}, on",
    ],
)
def test_a_letter_that_names_the_distance_of_its_step_or_counts_it_is_in_order(
    tmp_path: Path, line: str
) -> None:
    _, problems = checked(changed(tmp_path, {TEXT: ("contract {{ contract_id }} ends on", line)}))
    assert codes(problems) == []


def test_a_distance_of_another_step_is_told_in_either_language(tmp_path: Path) -> None:
    folder = changed(tmp_path, {RENEWAL: ("by: P30D", "by: P45D"), TEXT: ("ends on", "ends in 30 days, on")})
    _, problems = checked(folder)
    (told,) = serious(problems)
    assert told.text("zh").endswith(
        "文本里写着“in 30 days”，而剧本“renewal”的这一步在 expires_on 之前 45 天到期。"
        "请让文本自己算：{{ expires_on | in_days }}"
    )
