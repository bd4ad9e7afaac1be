"""The fields of a play's form: times, channels, switches and words. Everything else is changed as YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple, get_args

from peakend.design.editing import Change
from peakend.model.pack import Pack, Play
from peakend.model.parts import ClassName
from peakend.model.vocabulary import steps_of, used_channels
from peakend.tell.catalogue import CHANNELS, CLASSES
from peakend.tell.flow import Flow, Node, flow
from peakend.tell.names import Names
from peakend.tell.said import Said

Kind = Literal["span", "time", "choice", "ticks", "line", "words"]
UNITS: Final = {"D": "days", "H": "hours", "M": "minutes"}
_SPAN: Final = re.compile(r"P(?:(?P<D>\d+)D|T(?P<H>\d+)H|T(?P<M>\d+)M)")
_AT_ONCE: Final = "PT0S"
_LETTERS: Final = ("zh", "en")


class Field(NamedTuple):
    """One value that a form shows: in which file and at which path, and what it holds now.

    `word` names its label; `options` are the choices with their names. A span has a number and a unit.
    """

    name: str
    kind: Kind
    word: str
    file: str
    path: tuple[str | int, ...]
    value: Any
    options: tuple[tuple[str, Said], ...] = ()


class Section(NamedTuple):
    """Fields that belong together: the play itself, or one of its steps with its words."""

    title: Said
    fields: list[Field]
    words: dict[str, list[Field]]


def sections(pack: Pack, play: Play) -> list[Section]:
    """The form of a play: what it is as a whole, then step by step."""
    names, told = Names(pack), flow(pack, play)
    found = [Section(told.title, list(_whole(play, told.file, names)), {})]
    for path, step, _ in steps_of(play):
        if path == ("if_unreached",):
            continue
        act = next((one for one in told.nodes if one.path == path and one.what == "act"), None)
        heading = _heading(told, path, names.of(step.say or step.card or ""))
        raw = _Raw(step)
        fields = [*_when(raw, told.file, path), *_ways(pack, raw, told.file, path, names)]
        found.append(Section(heading, fields, _words(pack, act)))
    return found


def changes(found: list[Section], form: Mapping[str, list[str]]) -> dict[str, list[Change]]:
    """What a filled form changes, by file: only what differs from what the fields hold."""
    made: dict[str, list[Change]] = {}
    for one in (field for section in found for field in _all(section)):
        value = _filled(one, form)
        if value != one.value and not (one.kind == "words" and _same_text(value, one.value)):
            made.setdefault(one.file, []).append(Change(list(one.path), value))
    return made


def split(span: str | None) -> tuple[str, str] | None:
    """A duration as a number and a unit; None where it is not just that."""
    if span == _AT_ONCE:
        return "0", "M"
    match = _SPAN.fullmatch(span or "")
    if match is None:
        return None
    return next((number, unit) for unit, number in match.groupdict().items() if number is not None)


def joined(number: str, unit: str) -> str:
    """A number and a unit as a duration; what is no number stays as it was typed, for lint to name it."""
    text = number.strip()
    if unit not in UNITS or not text.isdecimal():
        return text
    return f"P{text}D" if unit == "D" else f"PT{text}{unit}"


class _Raw:
    """A step as it is written: what nobody wrote is None."""

    def __init__(self, step: Any) -> None:
        self.due = {name: getattr(step.due, name, None) for name in ("after", "by", "at")}
        through = step.through
        self.all = through is not None and not isinstance(through, list)
        self.through: list[str] = [] if through is None else list(through.all if self.all else through)


def _whole(play: Play, file: str, names: Names) -> Iterator[Field]:
    classes = tuple((one, names.of(one, CLASSES)) for one in get_args(ClassName))
    yield Field("class", "choice", "class", file, ("class",), play.class_, classes)
    if play.gather is not None:
        yield Field("gather", "span", "gather", file, ("gather", "within"), play.gather.within)
    if play.cool_down is not None:
        yield Field("cool_down", "span", "cool_down", file, ("cool_down",), play.cool_down)


def _when(raw: _Raw, file: str, path: tuple[str | int, ...]) -> Iterator[Field]:
    base = ".".join(str(part) for part in path)
    for name in ("after", "by"):
        if raw.due[name] is not None:
            yield Field(f"{base}.{name}", "span", f"due_{name}", file, (*path, "due", name), raw.due[name])
    if raw.due["at"] is not None:
        yield Field(f"{base}.at", "time", "due_at", file, (*path, "due", "at"), raw.due["at"])


def _ways(pack: Pack, raw: _Raw, file: str, path: tuple[str | int, ...], names: Names) -> Iterator[Field]:
    if not raw.through:
        return
    base = ".".join(str(part) for part in path)
    known = list(dict.fromkeys([*raw.through, *sorted(used_channels(pack))]))
    options = tuple((one, names.of(one, CHANNELS)) for one in known)
    where = (*path, "through", "all") if raw.all else (*path, "through")
    word = "through_all" if raw.all else "through"
    yield Field(f"{base}.through", "ticks", word, file, where, raw.through, options)


def _words(pack: Pack, act: Node | None) -> dict[str, list[Field]]:
    if act is None or not act.text:
        return {}
    of = pack.cards if act.group == "cards" else pack.texts
    found: dict[str, list[Field]] = {}
    for language in _LETTERS:
        text = of.get((language, act.text))
        if text is None:
            continue
        file = f"{act.group}/{language}/{act.text}.md"
        fields = []
        if text.subject:
            fields.append(Field(f"{file}.subject", "line", "subject", file, ("subject",), text.subject))
        fields.append(Field(f"{file}.body", "words", "body", file, ("body",), text.body))
        found[language] = fields
    return found


def _heading(told: Flow, path: tuple[str | int, ...], what: Said) -> Said:
    wait = next((one for one in told.nodes if one.path == (*path, "due")), None)
    if wait is None or not what.en:
        return wait.said if wait else told.title
    return Said(f"{wait.said.zh}：{what.zh}", f"{wait.said.en}: {what.en}")


def _all(section: Section) -> Iterator[Field]:
    yield from section.fields
    for fields in section.words.values():
        yield from fields


def _filled(one: Field, form: Mapping[str, list[str]]) -> Any:
    given = form.get(one.name)
    if one.kind == "ticks":
        chosen = [name for name, _ in one.options if name in (given or [])]
        return chosen or one.value  # a step without any way is no step: lint would say so, and a form cannot
    if given is None:
        return one.value
    text = given[0]
    if one.kind == "span":
        unit = (form.get(f"{one.name}.unit") or [""])[0]
        return one.value if split(one.value) == (text.strip(), unit) else joined(text, unit)
    if one.kind == "words":
        return text.replace("\r\n", "\n")
    return text.strip()


def _same_text(one: Any, other: Any) -> bool:
    return str(one).strip() == str(other).strip()
