"""`check` plays the stories of a pack live and as a backtest; both must agree with what the story says."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from building import at, case, clock, do, event, line, numbered, pack, play, write_log

from peakend.backtest.conclude import conclude
from peakend.check import Checked, check, live_outputs
from peakend.design.pack import find_pack
from peakend.errors import Unusable
from peakend.fold import compile_program
from peakend.model.event import Event
from peakend.model.outcome import Verdict
from peakend.when import DAY, HOUR, MINUTE

MINIMAL = Path(__file__).parent / "packs" / "minimal"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound little pack to spoil."""
    return Path(shutil.copytree(MINIMAL, tmp_path / "minimal"))


def changed(folder: Path, file: str, old: str, new: str) -> int:
    """Change a file of a pack; the line on which the change stands."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def told(checked: Checked) -> list[str]:
    return [str(problem) for played in checked.stories for problem in played.problems]


@pytest.fixture(scope="module")
def cloud() -> Checked:
    return check(find_pack("cloud"))


def test_the_cloud_pack_is_sound(cloud: Checked) -> None:
    assert [str(problem) for problem in cloud.problems if problem.severity == "error"] == []
    assert told(cloud) == []
    assert cloud.sound


def test_all_stories_of_the_cloud_pack_are_played(cloud: Checked) -> None:
    assert cloud.pack is not None
    assert len(cloud.stories) == len(cloud.pack.stories) >= 10


def test_a_sound_pack_is_sound_and_its_stories_are_counted(folder: Path) -> None:
    seen: list[tuple[int, int]] = []
    checked = check(folder, lambda done, total: seen.append((done, total)))
    assert checked.sound, [*map(str, checked.problems), *told(checked)]
    assert [played.story for played in checked.stories] == ["renewed"]
    assert seen == [(1, 1)]


def test_a_story_that_expects_another_verdict_makes_the_pack_unsound_and_names_its_line(folder: Path) -> None:
    file = "stories/renewed.yaml"
    number = changed(folder, file, "verdict: send}", "verdict: suppress}")
    checked = check(folder)
    assert not checked.sound
    (problem,) = told(checked)
    assert problem.startswith(f"{folder / file}:{number}: ")
    assert "2026-03-01 10:00 send renewal/renewal-first" in problem


def test_a_story_whose_never_came_true_makes_the_pack_unsound_and_names_its_line(folder: Path) -> None:
    file = "stories/renewed.yaml"
    number = changed(folder, file, "{says: year}", "{says: renewal-first}")
    checked = check(folder)
    assert not checked.sound
    (problem,) = told(checked)
    assert problem.startswith(f"{folder / file}:{number}: ")


def test_an_event_of_a_story_that_cannot_be_typed_is_told_with_its_field(folder: Path) -> None:
    file = "stories/renewed.yaml"
    changed(folder, file, "expires_on: 2026-03-31}", "expires_on: 2026-03-31, amount: much}")
    checked = check(folder)
    assert not checked.sound
    problems = [*map(str, checked.problems), *told(checked)]
    assert any(str(folder / file) in problem and "amount" in problem for problem in problems)


def test_stories_are_not_played_while_the_pack_cannot_be_used(folder: Path) -> None:
    number = changed(folder, "plays/renewal.yaml", "touchpoint: renewal", "touchpoint: renewel")
    checked = check(folder)
    assert (checked.sound, checked.stories) == (False, [])
    errors = [str(problem) for problem in checked.problems if problem.severity == "error"]
    assert any(error.startswith(f"{folder / 'plays/renewal.yaml'}:{number}: ") for error in errors)


def test_a_folder_without_a_pack_is_not_sound(tmp_path: Path) -> None:
    checked = check(tmp_path)
    assert (checked.pack, checked.sound, len(checked.problems)) == (None, False, 1)


def test_live_and_backtest_conclude_the_same_of_a_crowded_log(tmp_path: Path) -> None:
    """Late news, held messages, a shared budget, a region, moving dates: event by event or from a file."""
    restore = {"from": "case.opened", "to": "case.solved", "within": "PT20H", "pauses": "case.paused"}
    of = pack(
        play("a", do("one", before="day", by="P2D"), do("two", before="day"), key="order",
             updates="order.changed", exits=[{"on": "order.paid", "then": [do("thanks")]}]),
        play("b", do("gift", "give", after="PT3H", amount="v", budget="goodwill"), class_="care",
             again="every", capped={"defer": "P3D"}, holdout="30%"),
        play("c", do("sorry"), on="shop.closed", again="every", gather={"within": "PT5H"}),
        play("d", do("call", "card"), on="standard.breached", key="case"),
        play("e", do("third"), count={"at_least": 3, "within": "P4D"}, again="every"),
        points={"case": case(standards={"restore": restore}, miserable="breached('restore')")},
        caps=[{"class": "total", "at_most": 1, "within": "day"}],
        quiet_hours={"from": "20:00", "to": "09:00"},
        budgets={"goodwill": {"per": "month", "at_most": 4}},
        moment="open('case') and facts.cases > 2",
        facts={"cases": {"of": "case.opened", "take": "count", "within": "P9D"}},
        grace={"desk": "PT6H"},
    )  # fmt: skip
    log = [*_crowd(), event("04-20 10:00", "talk.rated", customer="zoe", score=1)]
    told = numbered(log)
    until = told[-1].seen
    live = live_outputs(compile_program(of, contacts_known=False), of, told, until)
    past = conclude(of, [write_log(tmp_path / "log.parquet", told)]).outputs
    assert sorted(map(line, live)) == sorted(map(line, past))
    assert {output.reason for output in live if isinstance(output, Verdict)} >= {
        "quiet",
        "cap",
        "budget",
        "moment",
    }


def _crowd() -> Iterator[Event]:
    """Five customers, forty days, one event every few hours; some arrive later than they happened."""
    kinds = (
        "order.made", "case.opened", "order.changed", "order.made", "shop.closed", "case.paused",
        "order.paid", "case.solved", "order.made", "relation.set", "order.changed",
    )  # fmt: skip
    start = at("03-02 00:00")
    for n in range(260):
        kind, customer = kinds[n * n % 11], f"c-{n * 7 % 5}"
        when, delay = start + n * 3 * HOUR + (n % 4) * MINUTE, (0, 0, 30, 0, 90 * (n % 5))[n % 5] * HOUR // 10
        data: dict[str, Any] = {
            "order.made": {"order": str(n % 9), "day": clock(when + 5 * DAY)[:5], "v": n % 13},
            "order.changed": {"order": str(n % 9), "day": clock(when + 3 * DAY)[:5]},
            "order.paid": {"order": str(n % 9)},
            "relation.set": {"subject": "north"},
        }.get(kind, {"case": str(n % 4)})
        if "day" in data:
            data["day"] = f"2026-{data['day']}"
        whom = {"about": "north"} if kind == "shop.closed" else {"customer": customer}
        yield event(
            clock(when), kind, seen=clock(when + delay), source="desk" if n % 3 else "", **whom, **data
        )


def test_live_an_event_of_a_subject_reaches_everybody_related() -> None:
    of = pack(play("play", do("sorry", after="PT1H"), on="shop.closed"))
    log = [
        event("03-02 10:00", "relation.set", customer="b", **{"subject": "north"}),
        event("03-02 10:00", "relation.set", customer="a", **{"subject": "north"}),
        event("03-02 10:00", "relation.set", customer="c", **{"subject": "south"}),
        event("03-02 11:00", "shop.closed", about="north"),
    ]
    program = compile_program(of, contacts_known=False)
    outputs = live_outputs(program, of, numbered(log), numbered(log)[-1].seen + 10**11)
    assert [output.customer for output in outputs if isinstance(output, Verdict)] == ["a", "b"]


def test_live_an_event_that_cannot_be_typed_is_refused_with_its_id() -> None:
    of = pack(play("play", do("hello")), points={"case": case()})
    bad = numbered([event("03-02 10:00", "order.made", id="bad-1", v="much")])
    with pytest.raises(Unusable, match=r"event bad-1: field 'v' of order\.made is 'much', not a number"):
        live_outputs(compile_program(of), of, bad, 0)
