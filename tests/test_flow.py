"""A play as a reader follows it, in both languages, each node with its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from peakend.design.pack import BUNDLED, load_pack
from peakend.model.pack import Pack
from peakend.tell.flow import FLOW, Flow, flow

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.fixture(scope="module")
def cloud() -> Pack:
    return load_pack(BUNDLED / "cloud")


def told(found: Flow, language: str) -> list[str]:
    return [
        f"{node.what}: {'; '.join(said.spoken(language) for said in (node.said, *node.more))}"
        for node in found.nodes
    ]


def test_a_play_reads_from_its_start_to_its_goal(cloud: Pack) -> None:
    found = flow(cloud, cloud.plays["renewal-rounds"])
    kinds = [node.what for node in found.nodes]
    assert kinds[0] == "start" and kinds[-1] == "goal" and kinds.count("exit") == 2
    assert kinds.count("act") == 7 + 2 + 1
    zh, en = told(found, "zh"), told(found, "en")
    assert any("2 小时内到点的几件事合并成一条消息" in line for line in zh)
    assert any("30 days before" in line for line in en) and any("10% are held out" in line for line in en)
    assert any(line.startswith("goal: Meant for: ") and "within 30 days" in line for line in en)
    assert any("空白对照" in line for line in zh)


def test_every_node_leads_to_its_line(cloud: Pack) -> None:
    for play in cloud.plays.values():
        lines = (BUNDLED / "cloud" / "plays" / f"{play.play}.yaml").read_text("utf-8").split("\n")
        for node in flow(cloud, play).nodes:
            assert 1 <= node.line <= len(lines)
            if node.text:
                assert node.text in lines[node.line - 1], (play.play, node)
                assert any(name == node.text for _, name in getattr(cloud, node.group))


def test_steps_of_an_exit_stand_under_it(cloud: Pack) -> None:
    nodes = flow(cloud, cloud.plays["renewal-rounds"]).nodes
    renewed = next(n for n, node in enumerate(nodes) if node.what == "exit")
    assert nodes[renewed].path == ("exits", 0)
    below = [node for node in nodes[renewed + 1 :] if node.under == ("exits", 0)]
    assert [node.text for node in below if node.what == "act"] == ["renewal-thanks"]


def test_what_is_asked_depends_on_the_class(cloud: Pack) -> None:
    nodes = flow(cloud, cloud.plays["renewal-rounds"]).nodes
    asked = {
        node.path: [one.en for one in node.more] + [node.said.en] for node in nodes if node.what == "ask"
    }
    service, care = asked["steps", 0], asked["steps", 3]
    assert any("quiet hours" in line for line in service) and not any("Not while" in line for line in service)
    assert any(line.startswith("Not while") for line in care) and any("its class" in line for line in care)


@pytest.mark.parametrize(
    "folder",
    [BUNDLED / "cloud", *sorted(p.parent for p in EXAMPLES.glob("*/pack.yaml"))],
    ids=lambda p: p.name,
)
def test_every_play_of_every_pack_is_told_in_both_languages(folder: Path) -> None:
    pack = load_pack(folder)
    for play in pack.plays.values():
        found = flow(pack, play)
        for zh, en in zip(told(found, "zh"), told(found, "en"), strict=True):
            assert not re.search(r"[{}]", zh + en) and zh.strip() and en.strip()


def test_no_sentence_lacks_a_language() -> None:
    for said in FLOW.values():
        assert said.zh and said.en
        assert set(re.findall(r"{\w+}", said.zh)) == set(re.findall(r"{\w+}", said.en))
