"""Stories, schemas and new workspaces: examples that judge, and a pack that editors understand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from packs import MINIMAL, changed, checked, serious

from peakend.design.pack import FOLDERS, SINGLE, bundled_packs, find_pack, load_pack
from peakend.design.schema import pack_schema
from peakend.design.start import start, write_schemas
from peakend.design.stories import CUSTOMER, events_of, judge
from peakend.errors import PackError, Place
from peakend.model.outcome import Encountered, Output, StandardResult, Verdict
from peakend.model.pack import Pack
from peakend.model.story import Story

PACK = load_pack(MINIMAL)


def at(text: str) -> int:
    """An instant of a clock that reads 8 hours more than UTC, as in Shanghai."""
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return int(moment.timestamp() - 8 * 3600) * 1_000_000


def story(**parts: Any) -> Story:
    return msgspec.convert({"story": "told", "given": [], "until": "2026-04-01", **parts}, Story)


def verdict(step: str, instant: str, outcome: str = "send", **more: Any) -> Verdict:
    told = {
        "customer": "C1",
        "play": "renewal",
        "key": "K1",
        "reason": "" if outcome == "send" else "cap",
        **more,
    }
    told = {"occurrence": 0, "step": step, "round": 0, "due": None, "outcome": outcome, **told}
    return Verdict(instant=at(instant), **told)


def judged(told: Story, *outputs: Output) -> list[str]:
    return [f"{found.code}: {found.what}. {found.fix}" for found in judge(told, outputs, PACK)]


def test_events_come_in_the_order_in_which_they_were_seen_and_ties_in_that_of_the_story() -> None:
    given = [
        {"at": "2026-03-02 10:00", "kind": "a.b", "customer": "C2"},
        {"at": "2026-03-01 10:00", "seen": "2026-03-02 10:00", "kind": "c.d"},
        {"at": "2026-03-01", "kind": "e.f", "subject": "east"},
    ]
    events = events_of(story(given=given), PACK)
    assert [(event.kind, event.seq) for event in events] == [("e.f", 0), ("a.b", 1), ("c.d", 2)]
    assert [event.customer for event in events] == ["", "C2", CUSTOMER]
    assert [event.at for event in events] == [
        at("2026-03-01"),
        at("2026-03-02 10:00"),
        at("2026-03-01 10:00"),
    ]
    assert len({event.id for event in events}) == 3


def test_one_entry_makes_many_events_with_numbers_put_in() -> None:
    given = {
        "at": "2026-03-01 10:00",
        "kind": "contract.signed",
        "customer": "T{i}",
        "id": "e-{i:03}-{j}",
        "data": {"contract_id": "K{i:03}", "plan": "{plan}", "amount": 7, "list": ["{j}"]},
        "for_each": {"i": "9..11", "j": "1..2"},
    }
    events = events_of(story(given=[given]), PACK)
    assert [event.customer for event in events] == ["T9", "T9", "T10", "T10", "T11", "T11"]
    assert events[0].data == {"contract_id": "K009", "plan": "{plan}", "amount": 7, "list": ["1"]}
    assert [event.id for event in events][-1] == "e-011-2"


def test_a_story_has_its_own_clock_where_it_names_one() -> None:
    given = [{"at": "2026-03-01 10:00", "kind": "a.b"}]
    (there,) = events_of(story(given=given, zone="Europe/Berlin"), PACK)
    assert there.at - at("2026-03-01 10:00") == 7 * 3600 * 1_000_000


def test_an_unreadable_time_or_range_in_a_story_is_told_at_its_line() -> None:
    for wrong in ({"at": "yesterday"}, {"at": "2026-01-01", "for_each": {"i": "1-3"}}):
        with pytest.raises(PackError):
            events_of(story(given=[{"kind": "a.b", **wrong}]), PACK)


def test_a_story_holds_when_each_expectation_has_a_verdict_of_its_own() -> None:
    told = story(
        then=[
            {"says": "a", "at": "2026-03-01 10:00", "verdict": "send"},
            {"says": "a"},
            {"play": "renewal", "key": "K1", "verdict": "suppress", "reason": "cap"},
        ]
    )
    came = [
        verdict("a", "2026-03-01 10:00"),
        verdict("a", "2026-03-02 10:00"),
        verdict("b", "2026-03-03", "suppress"),
    ]
    assert judged(told, *came) == []


def test_two_expectations_cannot_live_on_one_verdict() -> None:
    told = story(then=[{"says": "a"}, {"says": "a", "customer": "C1"}])
    (failure,) = judged(told, verdict("a", "2026-03-01 10:00"))
    assert failure.startswith("story_taken")
    assert "once more than it came" in failure


def test_the_general_expectation_leaves_the_only_fitting_verdict_to_the_special_one() -> None:
    told = story(then=[{"says": "a"}, {"says": "a", "key": "K1"}])
    assert judged(told, verdict("a", "2026-03-01"), verdict("a", "2026-03-02", key="K2")) == []


def test_a_missing_verdict_is_told_with_what_came_instead() -> None:
    told = story(then=[{"at": "2026-03-24 10:00", "says": "renewal-second", "verdict": "send"}])
    came = [
        verdict("thanks", "2026-03-20"),
        verdict("renewal-second", "2026-03-24 10:00", "suppress", reason="cancelled"),
    ]
    (failure,) = judged(told, *came)
    assert "expected {at: 2026-03-24 10:00, says: renewal-second, verdict: send}" in failure
    assert "Closest: 2026-03-24 10:00 suppress(cancelled) renewal/renewal-second [C1, K1]" in failure


def test_what_came_at_another_time_is_told_with_both_times() -> None:
    told = story(then=[{"at": "2026-03-01 10:00", "says": "a", "verdict": "send"}])
    (failure,) = judged(told, verdict("a", "2026-02-14 10:00"))
    assert "expected a at 2026-03-01 10:00, came 2026-02-14 10:00 (customer C1, K1)" in failure


def test_what_came_in_the_same_way_twice_is_told_once() -> None:
    told = story(then=[{"says": "b"}])
    (failure,) = judged(told, verdict("a", "2026-03-01"), verdict("a", "2026-03-01"))
    assert failure.count("renewal/a") == 1


@pytest.mark.parametrize(
    ("written", "instant", "fits"),
    [
        ("2026-03-24", "2026-03-24 23:59:59", True),
        ("2026-03-24", "2026-03-25 00:00:00", False),
        ("2026-03-24 10:00", "2026-03-24 10:00:59", True),
        ("2026-03-24 10:00", "2026-03-24 10:01:00", False),
        ("2026-03-24 10:00:00", "2026-03-24 10:00:01", False),
        ("2026-03-24T02:00+00:00", "2026-03-24 10:00:30", True),
    ],
)
def test_a_time_is_compared_as_precisely_as_it_is_written(written: str, instant: str, fits: bool) -> None:
    assert (judged(story(then=[{"at": written}]), verdict("a", instant)) == []) is fits


def test_a_count_is_exact_and_messages_are_counted_once() -> None:
    came = [verdict("a", "2026-03-01", key=f"K{n}", message="m1") for n in range(300)]
    assert judged(story(then=[{"says": "a", "count": 300, "messages": 1}]), *came) == []
    told = judged(story(then=[{"says": "a", "count": 299, "messages": 2}]), *came)
    assert [failure.split(":")[0] for failure in told] == ["story_count", "story_messages"]
    assert "expected 299 of" in told[0] and "300 came" in told[0]


def test_what_came_at_another_time_is_told_with_the_time_that_would_be_right() -> None:
    came = [verdict("a", "2026-02-01 10:00"), verdict("a", "2026-03-05 10:00")]
    for more in ({}, {"count": 1}, {"count": 1, "messages": 1}):
        wanted = story(then=[{"says": "a", "at": "2026-03-01 10:00", **more}])
        (late,) = judge(wanted, came, PACK)
        assert (late.code, late.path[-1], late.instead) == ("story_time", "at", "2026-03-05 10:00")
    (of_the_day,) = judge(story(then=[{"says": "a", "at": "2026-03-01"}]), came, PACK)
    assert of_the_day.instead == "2026-03-05"
    assert judged(story(then=[{"says": "a", "at": "2026-03-01 10:00", "count": 0}]), *came) == []


def test_what_must_not_come_may_be_suppressed_but_not_sent() -> None:
    told = story(never=[{"says": "thanks"}, {"says": "b", "verdict": "hold"}])
    assert judged(told, verdict("thanks", "2026-03-01", "suppress")) == []
    (sent,) = judged(told, verdict("thanks", "2026-03-01 09:00"))
    assert sent.startswith("story_sent") and "2026-03-01 09:00 send renewal/thanks" in sent
    (held,) = judged(told, verdict("b", "2026-03-01", "hold", until=at("2026-03-02 08:00")))
    assert "until 2026-03-02 08:00" in held


def test_channel_contact_and_end_of_a_hold_are_compared_where_named() -> None:
    came = verdict(
        "a", "2026-03-01", "hold", channels=("sms", "email"), contact="Li", until=at("2026-03-02 08:00")
    )
    wanted = {"channel": "email", "contact": "Li", "until": "2026-03-02 08:00", "customer": "C1"}
    assert judged(story(then=[wanted]), came) == []
    for other in ({"channel": "wecom"}, {"contact": "Wang"}, {"until": "2026-03-02 09:00"}):
        assert len(judged(story(then=[{**wanted, **other}]), came)) == 1


def encounter(state: str, settled: bool, key: str = "I1") -> Encountered:
    results = (StandardResult("restore", "kept" if state == "neutral" else "breached", 1, 2),)
    times = {"begun": 0, "ended": 1, "instant": 2, "unfinished": False, "rating": None}
    return Encountered("C1", "incident", key, state=state, settled=settled, standards=results, **times)


def test_a_state_is_the_last_one_of_the_encounter() -> None:
    came = [encounter("miserable", False), encounter("neutral", True), encounter("magical", True, "I2")]
    held = [
        {"touchpoint": "incident", "state": "neutral", "key": "I1"},
        {"touchpoint": "incident", "state": "neutral", "standards": {"restore": "kept"}, "customer": "C1"},
        {"touchpoint": "incident", "state": "miserable", "key": "I1", "settled": False},
    ]
    assert judged(story(states=held), *came) == []
    (failure,) = judged(story(states=[{"touchpoint": "incident", "state": "miserable", "key": "I1"}]), *came)
    assert "incident neutral, settled [C1, I1] restore kept" in failure


def test_a_failure_names_the_line_of_the_expectation() -> None:
    told = PACK.stories["renewed"]
    problems = judge(told, [], PACK)
    assert [(found.code, found.place) for found in problems] == [
        ("story_lacks", Place(str(MINIMAL / "stories/renewed.yaml"), 9))
    ]
    assert "预期" in problems[0].what_zh


def test_every_key_of_every_part_is_explained_in_both_languages() -> None:
    schemas = pack_schema()
    assert list(schemas) == [*SINGLE, *FOLDERS, "texts"]
    for schema in schemas.values():
        for part in schema["$defs"].values():
            assert part["additionalProperties"] is False
            for key, inner in part["properties"].items():
                english, _, chinese = inner["description"].partition(" · ")
                assert english and chinese, key


def test_every_reference_of_a_schema_leads_somewhere() -> None:
    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if "$ref" in node else []
            return own + [found for value in node.values() for found in references(value)]
        return [found for value in node for found in references(value)] if isinstance(node, list) else []

    for schema in pack_schema().values():
        named = references(schema)
        assert named and all(found.removeprefix("#/$defs/") in schema["$defs"] for found in named)


def test_a_schema_knows_the_keys_words_and_shapes_of_the_model() -> None:
    parts = pack_schema()["plays"]["$defs"]
    assert parts["Play"]["required"] == ["play", "touchpoint", "class", "on", "steps"]
    assert "service" in parts["Play"]["properties"]["class"]["enum"]
    assert parts["Due"]["properties"]["after"]["anyOf"][0]["pattern"].startswith("^P")


def test_codes_of_an_export_need_no_quotes_in_an_editor() -> None:
    properties = pack_schema()["sources"]["$defs"]["SourceFile"]["properties"]
    assert properties["missing"]["items"] == {"type": ["string", "number", "boolean"]}
    assert properties["delimiter"]["anyOf"][0] == {"type": "string"}


def test_schemas_are_written_as_files(tmp_path: Path) -> None:
    written = write_schemas(tmp_path / "deep" / "schema")
    assert [path.name for path in written][:2] == ["pack.json", "facts.json"]
    assert msgspec.json.decode(written[0].read_bytes())["$schema"].endswith("2020-12/schema")


_MAPPING = """
file: tickets.csv
missing: [0, -]
customer: caller
events:
  - kind: incident.opened
    at: opened
    when: {state: [New, 1, true], level: {not: 0}}
    fields: {incident_id: number}
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return changed(tmp_path, {})


def workspace_is_whole(folder: Path) -> Pack:
    pack, problems = checked(folder)
    assert serious(problems) == []
    assert pack is not None
    return pack


def test_a_workspace_is_a_copy_that_checks_and_completes(tmp_path: Path, source: Path) -> None:
    (source / "sources").mkdir()
    (source / "sources/tickets.yaml").write_text(_MAPPING, encoding="utf-8")
    folder = start(tmp_path / "mine", str(source))
    pack = workspace_is_whole(folder)
    assert list(pack.sources) == ["tickets"]
    assert list(pack.plays) == list(PACK.plays)
    head = (folder / "plays/renewal.yaml").read_text(encoding="utf-8").splitlines()[0]
    schema = head.split("$schema=")[1]
    assert (folder / "plays" / schema).is_file()
    mapping = (folder / "sources/tickets.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert (folder / "sources" / mapping.split("$schema=")[1]).is_file()
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert "peakend check ." in readme and "三条命令" in readme
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "small"]


def test_an_empty_folder_becomes_a_workspace_and_stays_the_same_folder(tmp_path: Path, source: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    before = folder.stat().st_ino
    workspace_is_whole(start(folder, str(source)))
    assert folder.stat().st_ino == before
    assert not [path for path in folder.iterdir() if "unfinished" in path.name]


def test_a_folder_with_anything_in_it_is_never_touched(tmp_path: Path, source: Path) -> None:
    folder = tmp_path / "full"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(PackError, match="not empty"):
        start(folder, str(source))
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]
    with pytest.raises(PackError, match="is a file"):
        start(folder / "notes.txt", str(source))


def test_an_unknown_pack_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="clowd"):
        start(tmp_path / "mine", "clowd")
    assert list(tmp_path.iterdir()) == []


def test_what_an_interrupted_start_left_behind_is_replaced(tmp_path: Path, source: Path) -> None:
    left = tmp_path / ".mine.unfinished"
    left.mkdir()
    (left / "half.yaml").write_text("x", encoding="utf-8")
    folder = start(tmp_path / "mine", str(source))
    workspace_is_whole(folder)
    assert not left.exists() and not (folder / "half.yaml").exists()


@pytest.mark.parametrize("name", bundled_packs())
def test_every_bundled_pack_is_sound_and_its_stories_can_be_spelt_out(name: str) -> None:
    pack, problems = checked(find_pack(name))
    assert pack is not None
    assert [str(found) for found in problems if found.severity == "error"] == []
    assert all(events_of(told, pack) for told in pack.stories.values())
