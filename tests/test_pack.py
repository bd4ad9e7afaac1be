"""Reading packs: every problem at its line, in words of the author, and nothing lost that reads well."""

from __future__ import annotations

from pathlib import Path

import pytest
from packs import MINIMAL, Change, changed, checked, line_of, serious

from peakend.design.pack import bundled_packs, find_pack, load_pack, read_pack
from peakend.design.words import CATALOGUE
from peakend.errors import PackError, Place
from peakend.model.pack import Channels
from peakend.model.problem import Problem


def problems_of(tmp_path: Path, changes: dict[str, Change]) -> tuple[Path, list[Problem]]:
    folder = changed(tmp_path, changes)
    return folder, read_pack(folder)[1]


def test_a_sound_pack_is_read_whole_and_without_a_word() -> None:
    pack, problems = checked(MINIMAL)
    assert pack is not None
    assert serious(problems) == []
    assert list(pack.plays) == ["escalate", "renewal"]
    assert pack.plays["renewal"].steps[1].class_ == "care"
    assert pack.texts["en", "renewal-first"].subject == "Contract {{ contract_id }} ends"
    assert pack.texts["en", "renewal-first"].channels == {"sms": "Ends {{ expires_on }}"}
    assert pack.stories["renewed"].given[1].data["expires_on"] == "2026-03-31"
    assert pack.stories["renewed"].until == "2026-04-10"


def test_a_survey_is_read_with_its_scales_codes_and_promises() -> None:
    survey = load_pack(MINIMAL).surveys["yearly"]
    assert (survey.scale, survey.not_applicable, survey.wave) == ((1, 5), [0, 6], "quarter")
    assert list(survey.items) == ["polite", "fast", "again"]
    assert survey.items["polite"].expected_in == "polite_expected"
    assert (survey.items["again"].scale, survey.items["again"].not_applicable) == ((0, 10), [99])
    assert survey.points == {"responsiveness": 60, "assurance": 40}
    assert survey.promises[0].promised == "PT8H"


def test_a_survey_that_asks_nothing_is_told(tmp_path: Path) -> None:
    text = (MINIMAL / "surveys/yearly.yaml").read_text("utf-8")
    head, tail = text.split("items:")[0], text[text.index("points:") :]
    _, problems = checked(changed(tmp_path, {"surveys/yearly.yaml": f"{head}items: {{}}\n{tail}"}))
    assert [found.code for found in serious(problems)] == ["survey_items"]


def test_another_survey_in_the_folder_changes_the_hash_of_the_pack(tmp_path: Path) -> None:
    folder = changed(tmp_path, {"surveys/yearly.yaml": ("They are fast", "They are quick")})
    assert load_pack(folder).hash != load_pack(MINIMAL).hash


@pytest.mark.parametrize(
    ("path", "file", "needle"),
    [
        (("pack", "policy", "caps", 1, "at_most"), "pack.yaml", "class: total"),
        (("journeys", "main", "touchpoints", "incident", "miserable"), "journeys/main.yaml", "miserable:"),
        (("facts", "mean_score", "where"), "facts.yaml", "mean_score"),
        (("plays", "renewal", "steps", 1, "holdout"), "plays/renewal.yaml", "holdout: 10%"),
        (("plays", "renewal", "exits", 0, "then", 0), "plays/renewal.yaml", "then:"),
        (("phrases", "phrases", 0, "instead"), "phrases.yaml", "instead:"),
        (("surveys", "yearly", "items", "polite", "expected_in"), "surveys/yearly.yaml", "expected_in:"),
        (("stories", "renewed", "then", 0), "stories/renewed.yaml", "2026-03-01 10:00"),
        (("texts", "en", "renewal-first", "channels", "sms"), "texts/en/renewal-first.md", "sms:"),
    ],
)
def test_every_node_knows_its_line(path: tuple[str | int, ...], file: str, needle: str) -> None:
    pack = load_pack(MINIMAL)
    assert pack.place(*path) == Place(str(MINIMAL / file), line_of(MINIMAL, file, needle))


def test_the_place_of_a_text_is_the_line_on_which_its_words_begin() -> None:
    pack = load_pack(MINIMAL)
    assert pack.texts["en", "renewal-first"].place.line == 6
    assert pack.texts["zh", "year"].place.line == 1


def test_a_node_that_does_not_exist_has_the_place_of_the_nearest_one_above() -> None:
    pack = load_pack(MINIMAL)
    assert pack.place("plays", "renewal", "steps", 0, "where") == pack.place("plays", "renewal", "steps", 0)


MISFITS = [
    # file, old, new, code, needle of the line, what the message holds, what the fix holds
    (
        "plays/renewal.yaml",
        "touchpoint:",
        "touchpiont:",
        "unknown_key",
        "touchpiont",
        "touchpiont",
        "'touchpoint'",
    ),
    (
        "plays/renewal.yaml",
        "class: service",
        "class: servcie",
        "not_one_of",
        "servcie",
        "servcie",
        "'service'",
    ),
    ("plays/renewal.yaml", "by: P30D", "by: 30 days", "not_duration", "30 days", "'30 days'", "Write P30D"),
    ("plays/renewal.yaml", "by: P30D", "by: 30", "not_duration", "by: 30,", "'30'", "P30D, PT48H or P1M"),
    ("plays/renewal.yaml", "by: P30D", "by: 1个月", "not_duration", "1个月", "1个月", "Write P1M"),
    ("plays/renewal.yaml", 'at: "10:00"', 'at: "9:00"', "not_time_of_day", "9:00", "'9:00'", '"09:00"'),
    ("plays/renewal.yaml", 'at: "10:00"', "at: 600", "not_time_of_day", "600", "'600'", '"06:00"'),
    (
        "plays/renewal.yaml",
        'at: "10:00"',
        "at: 10:00",
        "unquoted_time",
        "at: 10:00",
        "10:00",
        'Write "10:00"',
    ),
    ("plays/renewal.yaml", 'at: "10:00"', "at: “10:00”", "wide_quote", "“10", "“", "half-width"),
    ("plays/renewal.yaml", "holdout: 10%", "holdout: 0.1", "not_share", "0.1", "'0.1'", "Write 10%"),
    ("plays/renewal.yaml", "extra: true", "extra: yes", "not_boolean", "extra", "'yes'", "true or false"),
    (
        "plays/renewal.yaml",
        "key: contract_id",
        "key: {a: b}",
        "wrong_shape",
        "key: {",
        "mapping",
        "For example",
    ),
    ("plays/renewal.yaml", "key: contract_id", "key:", "empty_value", "key:", "'key'", "delete the key"),
    (
        "plays/renewal.yaml",
        "play: renewal",
        "play: renewals",
        "other_name",
        "renewals",
        "renewal.yaml",
        "play: renewal",
    ),
    ("plays/renewal.yaml", "class: service\n", "", "missing_key", "play: renewal", "'class'", "class: …"),
    (
        "plays/renewal.yaml",
        "class: service",
        "class: service\nclass: care",
        "duplicate_key",
        "care",
        "line 4",
        "one",
    ),
    ("pack.yaml", "at_most: 2", "at_most: two", "not_whole", "two", "'two'", "Write 3"),
    ("pack.yaml", "at_most: 500", "at_most: much", "not_number", "much", "'much'", "0.5"),
    ("pack.yaml", "within: PT168H", "within: P1M", "months", "P1M", "'P1M'", "P30D"),
    ("pack.yaml", "within: PT168H", "within: week", "not_duration", "within: week", "'week'", "PT48H"),
    (
        "pack.yaml",
        "off: [2026-01-01]",
        "off: [2026-13-01]",
        "not_date",
        "2026-13-01",
        "2026-13-01",
        "2026-03-31",
    ),
    ("pack.yaml", "plan: text", "plan: txt", "not_one_of", "txt", "'txt'", "'text'"),
    ("pack.yaml", "roles: [owner, on_call]", "roles: owner", "wrong_shape", "roles:", "'roles'", "[text]"),
    ("facts.yaml", "take: avg", "take: !!python/x avg", "yaml_tag", "!!python", "python/x", "alone"),
    ("texts/en/thanks.md", "subject:", "subjct:", "unknown_key", "subjct", "subjct", "'subject'"),
]


@pytest.mark.parametrize(("file", "old", "new", "code", "needle", "what", "fix"), MISFITS)
def test_a_misfit_is_told_with_its_line_the_wrong_word_and_the_right_one(
    tmp_path: Path, file: str, old: str, new: str, code: str, needle: str, what: str, fix: str
) -> None:
    folder, problems = problems_of(tmp_path, {file: (old, new)})
    found = next(problem for problem in problems if problem.code == code)
    assert found.place == Place(str(folder / file), line_of(folder, file, needle))
    assert what in found.what
    assert fix in found.fix
    assert found.what_zh


SYNTAX = [
    ("touchpoint: renewal\n", "touchpoint：renewal\n", "wide_colon", "touchpoint："),
    ("title: {zh: 续约提醒", "title： {zh: 续约提醒", "wide_colon", "title："),
    ("title: {zh: 续约提醒", "title: {zh：续约提醒", "wide_colon", "title:"),
    ("touchpoint: renewal\n", "\ttouchpoint: renewal\n", "tab", "\ttouch"),
    ("key: contract_id", "key: contract: id", "second_colon", "contract: id"),
    ('_90d < 5"', "_90d < 5", "open_quote", 'where: "facts'),
    ("on: contract.signed", "on: [contract.signed", "open_bracket", "on: ["),
    ("key: contract_id", "key: @contract", "bad_start", "@contract"),
    ("key: contract_id", "key: *contract", "bad_alias", "*contract"),
    ("steps:\n", "steps:\n- due: x\n", "bad_indent", "  - due: {before: expires_on, by: P30D"),
    ("class: service\n", "---\nclass: service\n", "two_documents", "---"),
    ("key: contract_id", "key: &x [*x]", "too_deep", "play:"),
    ("title: {zh: 续约提醒", "title: {en: Well, so be it, zh: 续约提醒", "cut_by_comma", "so be it"),
    ("on: contract.signed", "? [a]\n: b\non: contract.signed", "not_a_key", "? [a]"),
]


@pytest.mark.parametrize(("old", "new", "code", "needle"), SYNTAX)
def test_yaml_that_does_not_read_is_explained_at_its_line(
    tmp_path: Path, old: str, new: str, code: str, needle: str
) -> None:
    folder, problems = problems_of(tmp_path, {"plays/renewal.yaml": (old, new)})
    assert [found.code for found in problems][:1] == [code]
    assert problems[0].place.line == line_of(folder, "plays/renewal.yaml", needle)
    assert "yaml" not in problems[0].what.replace("YAML", "")


def test_a_byte_order_mark_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + (MINIMAL / "facts.yaml").read_bytes()
    folder = changed(tmp_path, {"facts.yaml": content})
    pack, problems = read_pack(folder)
    assert [(found.code, found.place) for found in problems] == [
        ("bom", Place(str(folder / "facts.yaml"), 1))
    ]
    assert pack is not None and list(pack.facts) == ["incidents_90d", "mean_score"]


def test_text_in_another_encoding_is_told_with_the_line_of_the_first_foreign_byte(tmp_path: Path) -> None:
    _, problems = problems_of(tmp_path, {"texts/zh/thanks.md": "Dear\n您好".encode("gbk")})
    assert [(found.code, found.place.line) for found in problems] == [("not_utf8", 2)]
    assert "GBK" in problems[0].fix


def test_an_empty_file_and_a_list_in_place_of_a_play_are_told(tmp_path: Path) -> None:
    _, problems = problems_of(tmp_path, {"plays/empty.yaml": "# nothing\n", "plays/list.yaml": "- a\n"})
    assert [found.code for found in problems] == ["empty_file", "wrong_shape"]


def test_a_control_character_is_told_at_its_line(tmp_path: Path) -> None:
    _, problems = problems_of(tmp_path, {"facts.yaml": "facts:\n  a: \x07\n"})
    assert [(found.code, found.place.line) for found in problems] == [("control_character", 2)]
    assert "U+0007" in problems[0].what


@pytest.mark.parametrize(
    "content",
    [
        "a: " + "[" * 2000,
        "a: &a [x]\n"
        + "".join(
            f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}]\n"
            for a, b in zip("abcdefgh", "bcdefghi", strict=True)
        ),
    ],
)
def test_a_file_that_would_exhaust_the_reader_is_refused(tmp_path: Path, content: str) -> None:
    _, problems = problems_of(tmp_path, {"facts.yaml": content})
    assert [found.code for found in problems] == ["too_deep"]


def test_windows_line_ends_change_neither_lines_nor_texts(tmp_path: Path) -> None:
    content = (MINIMAL / "texts/en/renewal-first.md").read_bytes().replace(b"\n", b"\r\n")
    pack = load_pack(changed(tmp_path, {"texts/en/renewal-first.md": content}))
    assert pack.texts["en", "renewal-first"].body == load_pack(MINIMAL).texts["en", "renewal-first"].body
    assert pack.texts["en", "renewal-first"].place.line == 6


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    changes: dict[str, Change] = {
        "plays/renewal.yaml": ("by: P30D", "by: 30 days"),
        "journeys/main.yaml": ("dimension: responsiveness", "dimension: speed"),
        "facts.yaml": ("take: avg", "take: mean"),
        "pack.yaml": ("at_most: 2", "at_most: two"),
    }
    _, problems = problems_of(tmp_path, changes)
    assert {Path(found.place.file).name for found in problems} == {
        "renewal.yaml",
        "main.yaml",
        "facts.yaml",
        "pack.yaml",
    }
    assert all(found.severity == "error" for found in problems)


def test_one_problem_in_a_play_leaves_the_rest_of_it_readable(tmp_path: Path) -> None:
    pack, _ = read_pack(changed(tmp_path, {"plays/renewal.yaml": ("by: P30D", "by: 30 days")}))
    assert pack is not None
    assert [step.says for step in pack.plays["renewal"].steps] == ["renewal-first", "year"]


def test_a_misspelt_required_key_is_told_once(tmp_path: Path) -> None:
    _, problems = problems_of(tmp_path, {"plays/renewal.yaml": ("touchpoint:", "touchpiont:")})
    assert [found.code for found in problems] == ["unknown_key"]


def test_what_only_follows_from_a_misfit_is_not_told_again(tmp_path: Path) -> None:
    changes: dict[str, Change] = {
        "plays/renewal.yaml": ("class: service\n", ""),
        "pack.yaml": ("at_most: 2", "at_most: x"),
    }
    _, problems = checked(changed(tmp_path, changes))
    codes = {found.code for found in problems if found.severity == "error"}
    assert codes == {"missing_key", "not_whole"}


def test_an_unreadable_due_is_not_also_called_missing(tmp_path: Path) -> None:
    changes: dict[str, Change] = {"plays/renewal.yaml": ("{after: PT0S}", "{after: at once}")}
    _, problems = checked(changed(tmp_path, changes))
    assert [found.code for found in serious(problems)] == ["not_duration"]


def test_numbers_dates_and_truths_are_texts_where_a_text_is_asked(tmp_path: Path) -> None:
    changes: dict[str, Change] = {
        "pack.yaml": ("pack: minimal", "pack: minimal\nversion: 2"),
        "plays/renewal.yaml": ("key: contract_id", "key: contract_id\nsalt: 1"),
    }
    pack = load_pack(changed(tmp_path, changes))
    assert (pack.head.version, pack.plays["renewal"].salt) == ("2", "1")


def test_a_union_takes_whichever_form_was_written(tmp_path: Path) -> None:
    changes: dict[str, Change] = {
        "plays/renewal.yaml": (
            "through: [email]}]",
            "through: {all: [email, sms]}, amount: 100, budget: goodwill}]",
        ),
        "plays/escalate.yaml": ("unless: incident.resolved", "unless: {on: [incident.resolved]}"),
    }
    pack = load_pack(changed(tmp_path, changes))
    step = pack.plays["renewal"].exits[0].then[0]
    assert step.through == Channels(all=["email", "sms"])
    assert step.amount == 100
    assert [way_out.on for way_out in pack.plays["escalate"].all_exits] == [["incident.resolved"]]


def test_a_misspelt_folder_and_a_yml_file_are_told(tmp_path: Path) -> None:
    play = (MINIMAL / "plays/renewal.yaml").read_text(encoding="utf-8").replace("play: renewal", "play: x")
    _, problems = problems_of(tmp_path, {"playes/x.yaml": "", "plays/x.yml": play, ".git/x": ""})
    assert [(found.code, found.severity) for found in problems] == [
        ("unknown_file", "warning"),
        ("yml_suffix", "error"),
    ]
    assert "'plays'" in problems[0].fix


def test_a_name_with_a_blank_is_told(tmp_path: Path) -> None:
    _, problems = problems_of(tmp_path, {"texts/en/thank you.md": "Thanks"})
    assert [found.code for found in problems] == ["bad_name"]


def test_a_text_whose_head_never_ends_is_told(tmp_path: Path) -> None:
    _, problems = problems_of(tmp_path, {"texts/en/thanks.md": "---\nsubject: x\nThank you\n"})
    assert [(found.code, found.place.line) for found in problems] == [("open_head", 1)]


def test_a_problem_in_the_head_of_a_text_has_the_line_in_the_file(tmp_path: Path) -> None:
    _, problems = problems_of(
        tmp_path, {"texts/en/thanks.md": "---\nsubject: x\nchannels: [a]\n---\nThanks\n"}
    )
    assert [(found.code, found.place.line) for found in problems] == [("wrong_shape", 3)]


def test_the_hash_follows_the_content_and_nothing_else(tmp_path: Path) -> None:
    sound = load_pack(MINIMAL).hash
    assert len(sound) == 64
    assert load_pack(changed(tmp_path / "same", {".peakend/x": "1", "README.md": "x"})).hash == sound
    assert (
        load_pack(changed(tmp_path / "other", {"texts/en/thanks.md": ("Thank you for", "Thanks for")})).hash
        != sound
    )


def test_a_pack_that_must_be_sound_raises_its_first_problem(tmp_path: Path) -> None:
    folder = changed(
        tmp_path, {"facts.yaml": ("take: avg", "take: mean"), "pack.yaml": ("at_most: 2", "at_most: x")}
    )
    with pytest.raises(PackError) as raised:
        load_pack(folder)
    assert raised.value.place == Place(str(folder / "facts.yaml"), 3)
    assert "'mean'" in raised.value.what
    assert "1 more" in raised.value.fix


def test_a_folder_without_a_pack_is_told(tmp_path: Path) -> None:
    pack, problems = read_pack(tmp_path / "nothing")
    assert pack is None
    assert [found.code for found in problems] == ["no_pack"]


def test_a_pack_is_found_by_folder_or_by_name() -> None:
    assert find_pack(MINIMAL) == MINIMAL
    for name in bundled_packs():
        assert (find_pack(name) / "pack.yaml").is_file()
    with pytest.raises(PackError, match="cloudd"):
        find_pack("cloudd")


def test_every_sentence_exists_in_both_languages_without_a_final_stop() -> None:
    for code, sentence in CATALOGUE.items():
        assert sentence.what and sentence.what_zh, code
        assert not sentence.what.endswith(".") and not sentence.what_zh.endswith("。"), code
        assert "!" not in sentence.what_zh and "！" not in sentence.what_zh, code


def test_a_problem_prints_itself_in_either_language(tmp_path: Path) -> None:
    folder, problems = problems_of(tmp_path, {"plays/renewal.yaml": ("by: P30D", "by: 30 days")})
    file = folder / "plays" / "renewal.yaml"
    assert str(problems[0]) == f"{file}:14: error: '30 days' is not a duration. Write P30D"
    assert problems[0].text("zh") == f"{file}:14: 错误：“30 days”不是时长。请写成 P30D"
