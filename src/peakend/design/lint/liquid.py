"""Whether a text can be filled in: its Liquid reads, and names only what will be known when it is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from liquid.exceptions import LiquidError

from peakend.design.lint.filling import ENCOUNTER, check_filling
from peakend.design.words import problem, unknown
from peakend.errors import Place
from peakend.model.event import FieldType
from peakend.model.liquid import LIQUID, parsed
from peakend.model.pack import Pack
from peakend.model.problem import Path, Problem
from peakend.model.vocabulary import fact_type

WHOLE = frozenset({"items", "due", "sent", "language", "sender"})
"""Words that every text knows besides the event's fields; what stands below `sender` the house decides."""

CONTACT = ("name", "role", "channel", "address", "contact")
OTHER_FILES = frozenset({"include", "render", "extends", "block"})


def check_liquid(
    pack: Pack, text: str, place: Place, path: Path, fields: dict[str, FieldType], *, used: bool
) -> Iterator[Problem]:
    """Problems of one piece of text; names of fields are judged only where a play uses it."""
    try:
        template = parsed(text)
        names = template.analyze(include_partials=False)
    except LiquidError as error:
        yield _unreadable(error, text, place, path)
        return
    for tag, spans in names.tags.items():
        if tag in OTHER_FILES:
            yield problem("no_includes", _line(text, place, spans[0].index), path, word=tag)
    for name, spans in names.filters.items():
        if name not in LIQUID.filters:
            spot = _line(text, place, spans[0].index)
            yield problem("unknown_filter", spot, path, word=name, known=sorted(LIQUID.filters))
    known = _known(pack, fields)
    stumbled = False
    for variables in names.globals.values():
        for variable in variables:
            word = _written(list(variable.segments))
            if _is_known(pack, word, fields, used):
                continue
            stumbled = True
            yield unknown("variable", word, known, _line(text, place, variable.span.index), path)
    if not stumbled and not OTHER_FILES & set(names.tags):
        yield from check_filling(text, place, path, fields if used else {}, _types(pack))


def _written(segments: list[object]) -> str:
    """The variable as far as it is written out: customer.name of customer.name[x]."""
    words = []
    for segment in segments:
        if not isinstance(segment, str):
            break
        words.append(segment)
    return ".".join(words)


def _is_known(pack: Pack, word: str, fields: dict[str, FieldType], used: bool) -> bool:
    owner, _, rest = word.partition(".")
    if owner == "customer":
        return not rest or rest in pack.head.customer
    if owner == "facts":
        return rest in pack.facts or ("facts", rest) in pack.places
    if owner == "contact":
        return not rest or rest in CONTACT
    if owner == "encounter":
        return not rest or rest in ENCOUNTER
    return owner in WHOLE or (word in fields) or not used


def _types(pack: Pack) -> dict[str, FieldType]:
    """The type of everything that a text may name besides the fields of its event."""
    types: dict[str, FieldType] = {f"encounter.{name}": kind_of for name, kind_of in ENCOUNTER.items()}
    types |= {f"customer.{name}": attribute.type for name, attribute in pack.head.customer.items()}
    types |= {f"facts.{name}": fact_type(pack, fact) for name, fact in pack.facts.items()}
    return types | {f"contact.{name}": "text" for name in CONTACT}


def _known(pack: Pack, fields: dict[str, FieldType]) -> list[str]:
    own = [*fields, *(f"customer.{name}" for name in pack.head.customer)]
    own += [*(f"facts.{name}" for name in pack.facts), *(f"contact.{name}" for name in CONTACT)]
    own += [f"encounter.{name}" for name in ENCOUNTER]
    return [*own, "sender.name", "sender.phone", *sorted(WHOLE)]


def _unreadable(error: LiquidError, text: str, place: Place, path: Path) -> Problem:
    what = str(error.args[0]) if error.args else ""
    token = error.token
    start = token.start_index if token is not None and token.start_index > 0 else 0
    if opened := re.search(r"expected tag end(\w+)", what):
        tags = list(re.finditer(rf"{{%-?\s*{opened[1]}\b", text))
        start = tags[-1].start() if tags else start
        return problem("liquid_open", _line(text, place, start), path, word=opened[1])
    if stray := re.search(r"unexpected tag '(\w+)'", what):
        known = sorted(set(LIQUID.tags) - OTHER_FILES)
        return problem("unknown_tag", _line(text, place, start), path, word=stray[1], known=known)
    if unclosed := _UNCLOSED.search(text):
        start = unclosed.start()
    word = text[start:].strip().split("\n")[0][:40]
    return problem("liquid", _line(text, place, start), path, word=word)


_UNCLOSED = re.compile(r"\{[{%](?=(?:(?![}%]\}).)*?(?:\{[{%]|\Z))", re.DOTALL)
"""A beginning that meets the next one, or the end of the text, before it is closed."""


def _line(text: str, place: Place, index: int) -> Place:
    return place._replace(line=place.line + text.count("\n", 0, max(index, 0)))
