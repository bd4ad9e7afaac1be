"""What all short messages have in common: one telephone number, and a template with its values.

Chinese providers send no free text: a text of a pack is given the template that the provider has approved,
and the fields of the event that fill it. A number is one number; two in one text would be two messages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from peakend.deliver.channels import OverHttp
from peakend.deliver.harmless import one_line
from peakend.deliver.said import say
from peakend.model.delivery import Letter, Receipt

_NUMBER: Final = re.compile(r"\+?[0-9]{5,15}")
_SPACES: Final = re.compile(r"[ ()\u00a0-]")
_LONGEST: Final = 500


class Template(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A template of the provider: its `id`, and the fields whose values fill it, in the provider's order."""

    id: str
    values: tuple[str, ...] = ()


class OverSms(OverHttp, frozen=True, kw_only=True):
    """What may be set for every channel of short messages.

    `templates` are by the name of the text, or by name and language (`renewal-7d.en`); `country` is put
    before numbers that are written without one.
    """

    templates: dict[str, Template]
    country: str = "86"


class Filled(NamedTuple):
    """What a provider is told: a number in the form +8613800001234, and the template with its values."""

    number: str
    template: str
    values: dict[str, str]


def filled(letter: Letter, templates: Mapping[str, Template], country: str) -> Filled | Receipt:
    """The letter as a provider takes it, or what is missing for that."""
    number = number_of(letter.to, country)
    if not number:
        return Receipt("refused", say("address"))
    words = letter.words
    template = templates.get(f"{words.name}.{words.language}") or templates.get(words.name)
    if template is None:
        return Receipt("later", say("template"))
    values = {field: one_line(words.values.get(field, ""))[:_LONGEST] for field in template.values}
    if not all(values.values()):
        return Receipt("later", say("template"))
    return Filled(number, template.id, values)


def number_of(text: str, country: str) -> str:
    """The one telephone number in a text, with + and its country, or ''."""
    number = _SPACES.sub("", text)
    if not _NUMBER.fullmatch(number):
        return ""
    if number.startswith("+"):
        return number
    return f"+{number[2:]}" if number.startswith("00") else f"+{country}{number}"
