"""What the documents say is held against the product, so that they cannot rot.

The pack of docs/packs.md is put together and checked; its tables of keys are generated from the typed model:
`.venv/bin/python tests/test_docs.py` writes them anew after a change.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer
from api_page import with_reference
from doc_pages import CHECKOUT, DOCS, Block, fenced, named_blocks
from msgspec import inspect
from typer.testing import CliRunner

from peakend.backtest.spans import verdict_line
from peakend.check import Checked, Played, check
from peakend.cli import app
from peakend.cli.printing import backtest_json, check_json
from peakend.deliver.settings import channels_of
from peakend.design.explanations import KEYS
from peakend.design.pack import FOLDERS, SINGLE, FrontMatter, find_pack, load_pack
from peakend.design.words import PARTS
from peakend.errors import Place
from peakend.instance.file import read_instance
from peakend.listen.sources import native_jobs, take_in
from peakend.model.channel import ByChannel, ChannelAnswer, ChannelCount, ChannelShare, TouchpointChannels
from peakend.model.event import BUILT_IN, DERIVED, OF_THE_LOOP
from peakend.model.finding import Estimate, Remark
from peakend.model.found import Driver, Effect, Found, LedgerLine, Protection
from peakend.model.gap import DimensionGap, GapResult, ItemGap, Reliability, ServiceGap
from peakend.model.importance import ImportanceResult, ItemImportance
from peakend.model.log import LOG_SCHEMA
from peakend.model.outcome import Verdict
from peakend.model.parts import CARD_HEADINGS
from peakend.model.problem import Problem
from peakend.model.result import BacktestResult, PlayResult, StandardCount, TouchpointResult
from peakend.model.scale import Change, Score
from peakend.model.surveyed import ItemAsked, LeftOut, Surveyed, Wave
from peakend.model.vocabulary import steps_of
from peakend.tell.catalogue import NOT_STARTED, WHY_NOT

READMES = (CHECKOUT / "README.md", CHECKOUT / "README.zh.md")
PAGES = sorted([*CHECKOUT.glob("*.md"), *DOCS.rglob("*.md")])

_TABLES = re.compile(r"(<!-- keys: ([\w ]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


# --- the pack -----------------------------------------------------------------------------------------


def test_the_pack_of_the_page_is_sound_and_its_story_holds(tmp_path: Path) -> None:
    found = check(_written_out(tmp_path))
    assert not [str(problem) for problem in found.problems if problem.severity != "note"]
    assert [(played.story, played.problems) for played in found.stories] == [("mended-in-time", [])]


def test_the_page_shows_every_key_as_the_model_has_it() -> None:
    page = (DOCS / "packs.md").read_text("utf-8")
    assert _with_tables(page) == page, "run .venv/bin/python tests/test_docs.py"
    shown = {name for match in _TABLES.finditer(page) for name in match[2].split()}
    assert shown == set(_parts_of_a_pack())


def test_the_page_uses_every_key_in_its_example() -> None:
    example = "\n".join(
        text for name, text in named_blocks(DOCS / "packs.md") if name.endswith((".yaml", ".md"))
    )
    keys = _keys(_parts_of_a_pack().values())
    assert sorted(key for key in keys if not _names(key, example)) == []


def test_the_mapping_of_the_page_can_be_read(tmp_path: Path) -> None:
    source = load_pack(_written_out(tmp_path)).sources["tickets"]
    assert [event.kind for event in source.events] == ["repair.reported"]


def test_the_page_of_the_api_shows_every_operation_as_it_is() -> None:
    page = (DOCS / "api.md").read_text("utf-8")
    assert with_reference(page) == page, "run .venv/bin/python tests/test_docs.py"


# --- the log and the results --------------------------------------------------------------------------


def test_the_page_of_the_log_names_every_column_and_kind() -> None:
    page = (DOCS / "log.md").read_text("utf-8")
    kinds = BUILT_IN | OF_THE_LOOP
    names = [*LOG_SCHEMA.names, *DERIVED, *kinds, *(f for fields in kinds.values() for f in fields)]
    assert [name for name in names if f"`{name}`" not in page] == []


def test_the_events_on_the_page_of_the_log_are_taken_in(tmp_path: Path) -> None:
    ((name, text),) = [block for block in named_blocks(DOCS / "log.md") if block[0].endswith(".jsonl")]
    (tmp_path / name).write_text(text, "utf-8")
    jobs = native_jobs([tmp_path / name])
    intake = take_in(jobs, tmp_path / "log.parquet", tmp_path / "quarantine.jsonl")
    assert (intake.events, intake.quarantined) == (len(text.splitlines()), 0)


@pytest.mark.parametrize("reason", [*WHY_NOT, *NOT_STARTED])
def test_every_reason_is_explained(reason: str) -> None:
    pages = [(DOCS / name).read_text("utf-8") for name in ("semantics.md", "json.md")]
    assert any(re.search(rf"\b{reason}\b", page) for page in pages)


def test_the_page_of_the_results_names_every_field() -> None:
    page = (DOCS / "json.md").read_text("utf-8")
    assert (
        sorted(field for field in _keys(_parts_in(BacktestResult)) if not re.search(rf"\b{field}\b", page))
        == []
    )


def test_the_page_shows_every_key_of_what_find_prints() -> None:
    shown = json.loads(dict(named_blocks(DOCS / "json.md"))["find.json"])
    assert set(shown) == set(Found.__struct_fields__)
    (driver,) = shown["touchpoints"]
    assert set(driver) == set(Driver.__struct_fields__)
    assert set(driver["penalty"]) == set(driver["reward"]) == set(Effect.__struct_fields__)
    assert {*shown["ledger"][0]} == set(LedgerLine.__struct_fields__)
    assert {*shown["protections"][0]} == set(Protection.__struct_fields__)


def test_the_page_shows_every_key_of_what_find_prints_of_a_survey() -> None:
    blocks = dict(named_blocks(DOCS / "json.md"))
    shown, other = json.loads(blocks["survey.json"]), json.loads(blocks["gaps.json"])
    assert set(shown) == set(Surveyed.__struct_fields__)
    wave, importance = shown["waves"][0], shown["importance"]
    (dimension,) = other["gaps"]["dimensions"]
    for part, struct in (
        (wave, Wave), (wave["score"], Score), (wave["change"], Change), (wave["items"][0], ItemAsked),
        (importance, ImportanceResult), (importance["items"][0], ItemImportance),
        (importance["r2"], Estimate),
        (shown["left_out"][0], LeftOut), (shown["badge"], Remark), (other["gaps"], GapResult),
        (dimension, DimensionGap), (dimension["reliability"], Reliability),
        (other["gaps"]["items"][0], ItemGap),
        (other["five_gaps"][0], ServiceGap),
    ):  # fmt: skip
        assert set(part) == set(struct.__struct_fields__), struct


def test_the_page_shows_every_key_of_the_channels() -> None:
    shown = json.loads(dict(named_blocks(DOCS / "json.md"))["channels.json"])
    assert msgspec.convert(shown, ChannelAnswer, strict=True).comparisons == 57
    assert set(shown) == set(ChannelAnswer.__struct_fields__)
    (point,) = shown["touchpoints"]
    (measure,) = point["measures"]
    assert set(point) == set(TouchpointChannels.__struct_fields__)
    assert {*point["traffic"][0]} == set(ChannelCount.__struct_fields__)
    assert set(measure) == set(ByChannel.__struct_fields__)
    assert {*measure["channels"][0]} == set(ChannelShare.__struct_fields__)


def test_the_json_on_the_page_of_the_results_has_the_shape_that_is_printed() -> None:
    blocks = dict(named_blocks(DOCS / "json.md"))
    play = PlayResult(touchpoint="renewal", class_="service")
    point = TouchpointResult(standards={"first-word": StandardCount()})
    printed = backtest_json(
        BacktestResult(
            **dict.fromkeys(("pack", "hash"), ""),
            **dict.fromkeys(("events", "relevant", "customers", "quarantined"), 0),
            **dict.fromkeys(("first", "last"), None),
            plays={"renewal-rounds": play},
            touchpoints={"renewal": point},
        )
    )
    free = frozenset(
        {"exits", "suppress", "not_entered", "regretted", "money", "by_day", "conflicts", "notes"}
    )
    assert _shape(json.loads(blocks["backtest.json"]), free) == _shape(printed, free)
    problem = Problem(Place("pack.yaml", 1), "", "", "error", "", "", "")
    checked = check_json(Checked(None, [problem], [Played("01-renewed-in-the-middle", [])]))
    assert _shape(json.loads(blocks["check.json"])) == _shape(checked)


def test_the_line_of_the_list_on_the_page_is_one_that_is_written() -> None:
    (line,) = dict(named_blocks(DOCS / "json.md"))["verdicts.jsonl"].splitlines()
    hour = 3_600_000_000
    verdict = Verdict("t-1", "p", "K1", 0, "s", 0, hour, hour, "send", "")
    assert list(json.loads(line)) == list(json.loads(verdict_line(verdict)))


# --- the command line ---------------------------------------------------------------------------------


def test_every_command_is_documented() -> None:
    pages = "\n".join(path.read_text("utf-8") for path in PAGES)
    assert [name for name in _commands() if f"./run {name}" not in pages] == []


def test_every_command_on_a_page_exists_with_its_options() -> None:
    commands = _commands()
    for page in PAGES:
        for line in _run_lines(page):
            words = shlex.split(line)
            if words[1].isupper() or words[1] == "test":
                continue
            assert words[1] in commands, f"{page.name}: {line}"
            if words[2:]:
                commands[words[1]].make_context(words[1], words[2:])


def test_the_checks_on_the_pages_pass() -> None:
    targets = {shlex.split(line)[2] for page in PAGES for line in _run_lines(page) if " check " in line}
    for target in sorted(targets & {"cloud", *(str(p) for p in Path("examples").glob("*"))}):
        done = CliRunner().invoke(app, ["check", str(find_pack(target))])
        assert done.exit_code == 0, done.output


def test_both_readmes_give_the_same_commands() -> None:
    english, chinese = (list(_run_lines(page)) for page in READMES)
    assert english == chinese
    assert english[0] == "./run demo"
    assert "./run test" in english


# --- the file of an instance ---------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_every_peakend_yaml_on_a_page_is_read_as_it_stands(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, text in enumerate(text for name, text in named_blocks(page) if name == "peakend.yaml"):
        for name in re.findall(r"\$\{(\w+)\}", text):
            monkeypatch.setenv(name, "x")
        file = tmp_path / f"{number}.yaml"
        file.write_text(text, "utf-8")
        placed = read_instance(file)
        for ready in channels_of(placed.instance.channels, os.environ, sys.stdout, placed.place).values():
            ready.channel.close()
        assert {one.channel for one in placed.instance.colleagues.values()} <= {*placed.instance.channels}


def test_the_how_tos_say_the_same_in_both_languages() -> None:
    english = [page for page in (DOCS / "how-to").glob("*.md") if not page.name.endswith(".zh.md")]
    assert {page.name for page in english} == {
        "backup.md", "event-sdks.md", "postgresql-behind-a-proxy.md", "smtp.md", "wecom.md"
    }  # fmt: skip
    for page in english:
        other = page.with_name(f"{page.stem}.zh.md")
        ours, theirs = (
            [_keys_in(one) for one in fenced(one) if one.language != "text"] for one in (page, other)
        )
        assert ours == theirs, page.name
        assert [*_run_lines(page)] == [_in_english(line) for line in _run_lines(other)], page.name


# --- the pages among themselves -----------------------------------------------------------------------


def test_every_link_leads_somewhere() -> None:
    for page in PAGES:
        for target in _LINK.findall(_FENCED.sub("", page.read_text("utf-8"))):
            if "://" in target or target.startswith("#"):
                continue
            file, _, heading = target.partition("#")
            there = (page.parent / file).resolve()
            assert there.exists(), f"{page.name}: {target}"
            assert not heading or heading in _headings(there), f"{page.name}: {target}"


def test_the_architecture_shows_every_room_and_no_other() -> None:
    page = (CHECKOUT / "ARCHITECTURE.md").read_text("utf-8")
    house = CHECKOUT / "src" / "peakend"
    rooms = {f"{path.name}/" for path in house.iterdir() if (path / "__init__.py").is_file()}
    rooms |= {path.name for path in house.glob("[a-z]*.py")}
    block = page[page.index("    floor ") : page.index("\n\n", page.index("    floor "))]
    shown = set(re.findall(r"^ {4}(?:floor \d+| {7}) +([a-z_]+(?:/|\.py)) ", block, re.MULTILINE))
    assert shown == rooms | {"packs/", "calendars/"}


def test_every_file_that_a_page_names_exists() -> None:
    for page in PAGES:
        named = set(re.findall(r"`((?:[\w-]+/)*[\w-]+(?:/|\.py|\.md))`", page.read_text("utf-8")))
        ours = {name for name in named if name.startswith(("src/", "docs/", "tests/", "examples/"))}
        if page.name == "ARCHITECTURE.md":
            ours |= {f"src/peakend/{name}" for name in named - ours - {"loop.py"}}
        assert sorted(name for name in ours if not (CHECKOUT / name).exists()) == [], page.name


def test_decisions_are_numbered_and_have_their_four_parts() -> None:
    pages = sorted((DOCS / "adr").glob("*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(len(pages))]
    for page in pages:
        text = page.read_text("utf-8")
        assert text.startswith(f"# {page.name[:4]}. "), page.name
        assert re.search(r"^Status: (proposed|accepted|superseded by \d{4})$", text, re.MULTILINE), page.name
        assert re.findall(r"^## (\w+)", text, re.MULTILINE) == [
            "Context",
            "Decision",
            "Alternatives",
            "Consequences",
        ], page.name
        assert len(text.splitlines()) <= 60, page.name


# --- reading the pages --------------------------------------------------------------------------------


def _written_out(folder: Path) -> Path:
    """The pack of docs/packs.md in a folder, with a stand-in for each text and card that it leaves out."""
    for name, text in named_blocks(DOCS / "packs.md"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    pack = load_pack(folder)
    for play in pack.plays.values():
        cards: set[str] = set()
        texts: set[str] = set()
        for _, step, _ in steps_of(play):
            (cards if step.action in ("card", "task") else texts).add(step.says)
            texts.update(step.attach)
        for language, headings in CARD_HEADINGS.items():
            card = "\n".join(f"## {heading}\n{heading}" for heading in headings)
            for group, names, body in (("texts", texts, "{{ due }}"), ("cards", cards, card)):
                for name in names:
                    path = folder / group / language / f"{name}.md"
                    if not path.exists():
                        path.write_text(f"{body}\n", "utf-8")
    return folder


def _run_lines(page: Path) -> Iterator[str]:
    """Every call of ./run in a block of code or between backticks."""
    for line in page.read_text("utf-8").splitlines():
        if re.match(r"( {4}| {7})?\./run ", line):
            yield re.split(r"\s+#|\s{3,}(?=[^\s-])", line.strip())[0].strip()
        yield from re.findall(r"`(\./run [^`]+)`", line)


def _in_english(line: str) -> str:
    return line.replace(" --language zh", "")


def _keys_in(block: Block) -> tuple[str, str, list[str]]:
    """What a block has in both languages: what it is, and the names of its settings."""
    return block.language, block.name, re.findall(r"\b[a-z_]+(?=:)", block.text)


def _shape(value: Any, free: frozenset[str] = frozenset()) -> Any:
    """The keys of a JSON value on every level; below a free key they are names of the author's."""
    if isinstance(value, dict):
        return {key: None if key in free else _shape(inner, free) for key, inner in value.items()}
    return [_shape(value[0], free)] if isinstance(value, list) and value else None


def _commands() -> dict[str, Any]:
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def _headings(page: Path) -> set[str]:
    """The anchors of a page's headings."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def _names(key: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", text) is not None


def _keys(parts: Iterable[type[msgspec.Struct]]) -> set[str]:
    return {field.encode_name for part in parts for field in msgspec.structs.fields(part)}


def _parts_of_a_pack() -> dict[str, type[msgspec.Struct]]:
    files = [*SINGLE.values(), *FOLDERS.values(), FrontMatter]
    return {part.__name__: part for file in files for part in _parts_in(file)}


def _parts_in(root: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    """A typed file and every part that can stand in it."""
    waiting, seen = [inspect.type_info(root)], set()
    while waiting:
        shape: Any = waiting.pop()
        if isinstance(shape, inspect.StructType):
            if shape.cls in seen:
                continue
            seen.add(shape.cls)
            yield shape.cls
            waiting += [field.type for field in shape.fields]
        elif isinstance(shape, inspect.UnionType):
            waiting += shape.types
        else:
            inner = ("type", "item_type", "value_type")
            waiting += [getattr(shape, name) for name in inner if hasattr(shape, name)]


# --- the tables of keys -------------------------------------------------------------------------------


def _with_tables(page: str) -> str:
    def fill(match: re.Match[str]) -> str:
        tables = "\n".join(_table(_parts_of_a_pack()[name]) for name in match[2].split())
        return f"{match[1]}<details><summary>Every key · 全部键</summary>\n\n{tables}\n</details>\n{match[4]}"

    return _TABLES.sub(fill, page)


def _table(part: type[msgspec.Struct]) -> str:
    english, chinese = PARTS[part.__name__]
    rows = [f"| {english} · {chinese} | value | meaning | 含义 |", "|---|---|---|---|"]
    shape = inspect.type_info(part)
    assert isinstance(shape, inspect.StructType)
    for field in shape.fields:
        meaning = KEYS.get(f"{part.__name__}.{field.encode_name}") or KEYS[field.encode_name]
        key = f"**`{field.encode_name}`**" if field.required else f"`{field.encode_name}`"
        plain = _plain(field.default)
        default = f", else `{plain}`" if plain else ""
        row = f"| {key} | {_value(field.type)}{default} | {meaning[0]} | {meaning[1]} |"
        rows.append(row)
    return "\n".join(rows) + "\n"


def _plain(value: object) -> str:
    """A default as an author would write it; '' where there is none to show."""
    if isinstance(value, bool):
        return str(value).lower()
    return (
        ", ".join(value) if isinstance(value, tuple) else str(value) if isinstance(value, str | int) else ""
    )


def _value(shape: inspect.Type) -> str:
    """What may stand behind a key, in a few words."""
    if isinstance(shape, inspect.Metadata):
        return _value(shape.type)
    if isinstance(shape, inspect.UnionType):
        kinds = [_value(member) for member in shape.types if not isinstance(member, inspect.NoneType)]
        return " or ".join(dict.fromkeys(kinds))
    if isinstance(shape, inspect.LiteralType):
        return " ".join(f"`{value}`" for value in shape.values)
    if isinstance(shape, inspect.ListType | inspect.VarTupleType | inspect.TupleType):
        pair = isinstance(shape, inspect.TupleType)
        return f"two {_value(shape.item_types[0])}s" if pair else f"list of {_value(shape.item_type)}"
    if isinstance(shape, inspect.DictType):
        return f"NAME: {_value(shape.value_type)}"
    if isinstance(shape, inspect.StructType):
        called = PARTS[shape.cls.__name__][0]
        keys = ", ".join(field.encode_name for field in shape.fields)
        return f"`{{{keys}}}`" if called.startswith("'") else called
    if isinstance(shape, inspect.StrType) and shape.pattern:
        return next(word for start, word in _FORMS.items() if shape.pattern.startswith(start))
    return _SIMPLE[type(shape)]


_FORMS = {"^P": "duration", "^day": "`day` or duration", "^([01]": "time", r"^\d": "share"}
_SIMPLE = {
    inspect.StrType: "text",
    inspect.BoolType: "true or false",
    inspect.IntType: "whole number",
    inspect.FloatType: "number",
    inspect.DateType: "date",
    inspect.AnyType: "anything",
}


if __name__ == "__main__":
    for written, anew in ((DOCS / "packs.md", _with_tables), (DOCS / "api.md", with_reference)):
        written.write_text(anew(written.read_text("utf-8")), "utf-8")
