"""What a customer may choose herself: quiet, channels, topics, news of offers, and the language.

Only what the service really does is offered: channels on which she has an address, topics of plays whose
messages may be refused. Mandatory and service messages are not among them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import msgspec

from peakend.fold import CustomerState
from peakend.model.pack import Pack
from peakend.model.vocabulary import used_channels
from peakend.trigger.profile import wishes
from peakend.trigger.state import NEVER

REFUSABLE: Final = frozenset({"care", "ask", "marketing"})
LANGUAGES: Final = ("zh", "en")
QUIET: Final = "do_not_disturb"
Told = tuple[str, dict[str, Any]]
"""The kind and the data of an input."""


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What is chosen now. `channels` and `topics` say of each that is offered whether it is wanted.

    `quiet_until` is None where quiet has no end; `offers` and `language` are None where they are not offered.
    """

    quiet: bool
    quiet_until: int | None
    channels: dict[str, bool]
    topics: dict[str, bool]
    offers: bool | None
    language: str | None


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody has just chosen; what is not offered is ignored."""

    quiet: bool
    channels: frozenset[str]
    topics: frozenset[str]
    offers: bool = False
    language: str = ""


def choices_of(pack: Pack, state: CustomerState, now: int) -> Choices:
    """What a customer has chosen, of what there is to choose."""
    quiet = state.preferences.get(QUIET)
    refusable = [play for play in pack.plays.values() if play.class_ in REFUSABLE]
    reached = {channel for one in state.contacts.values() for channel in one.addresses}
    offers = state.consents.get("marketing")
    attribute = _language_attribute(pack)
    language = state.profile[attribute][2] if attribute in state.profile else None
    if attribute and language is None:
        language = pack.head.customer[attribute].else_
    return Choices(
        quiet=wishes(state, QUIET, now),
        quiet_until=quiet.until if quiet is not None and quiet.until != NEVER else None,
        channels={name: not wishes(state, name, now) for name in used_channels(pack) if name in reached},
        topics={
            name: not wishes(state, name, now)
            for name in dict.fromkeys(play.touchpoint for play in refusable)
        },
        offers=(offers is not None and offers.given)
        if any(play.class_ == "marketing" for play in refusable) or offers is not None
        else None,
        language=str(language) if attribute else None,
    )


def told(pack: Pack, before: Choices, chosen: Chosen, until: str | None, source: str) -> list[Told]:
    """The inputs by which what was chosen differs from what held; none where nothing does.

    `until` ends the quiet, as ISO 8601; None is for good.
    """
    found: list[Told] = []
    if chosen.quiet and (not before.quiet or before.quiet_until is not None or until is not None):
        found.append(("preference.set", {"what": QUIET} | ({"until": until} if until is not None else {})))
    if not chosen.quiet and before.quiet:
        found.append(("preference.cleared", {"what": QUIET}))
    for held, wanted in ((before.channels, chosen.channels), (before.topics, chosen.topics)):
        found += _switched(held, wanted)
    if before.offers is not None and chosen.offers != before.offers:
        kind = "consent.given" if chosen.offers else "consent.withdrawn"
        found.append((kind, {"what": "marketing", "source": source}))
    field = _language_field(pack)
    if field and chosen.language in LANGUAGES and chosen.language != before.language:
        found.append(("customer.updated", {field: chosen.language}))
    return found


def _switched(held: dict[str, bool], wanted: Collection[str]) -> list[Told]:
    return [
        ("preference.cleared" if name in wanted else "preference.set", {"what": name})
        for name, is_wanted in held.items()
        if (name in wanted) != is_wanted
    ]


def _language_attribute(pack: Pack) -> str:
    return "language" if _language_field(pack) else ""


def _language_field(pack: Pack) -> str:
    """The field of customer.updated that sets the language, where the pack has one."""
    attribute = pack.head.customer.get("language")
    kind, _, field = attribute.from_.rpartition(".") if attribute else ("", "", "")
    return field if kind == "customer.updated" else ""
