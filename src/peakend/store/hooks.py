"""What of that which is written has to be told to other systems: the same in the three stores.

Nothing here touches a database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from peakend.model.hook import HAPPENINGS, Call, Happened, Hook
from peakend.model.outcome import Encountered, Output, Verdict
from peakend.model.publication import Publication
from peakend.model.stored import Note, Recorded
from peakend.store.rows import Row, storable

FIELDS: Final = "id, url, kinds, secrets, label, who, made, failing, after, disabled, said"
CALL: Final = "number, hook, kind, at, customer, data"


def happened_in(events: Sequence[Recorded], outputs: Sequence[Output]) -> list[Happened]:
    """What a turn has to tell: sends, encounters that closed, messages that failed."""
    found = [
        Happened("message.failed", one.seen, one.customer, one.data)
        for one in events
        if one.kind == "message.failed"
    ]
    for one in outputs:
        if type(one) is Verdict and one.outcome == "send":
            told: dict[str, Any] = {
                "play": one.play,
                "key": one.key,
                "occurrence": one.occurrence,
                "step": one.step,
                "round": one.round,
                "message": one.message,
            }
            told |= {"channels": list(one.channels), "contact": one.contact}
            found.append(_happened("verdict.sent", one.instant, one.customer, told))
        elif type(one) is Encountered and not one.settled:
            told = {"touchpoint": one.touchpoint, "key": one.key, "state": one.state}
            told |= {"begun": one.begun, "ended": one.ended, "unfinished": one.unfinished}
            found.append(_happened("encounter.closed", one.instant, one.customer, told))
            if one.state == "miserable":
                found.append(_happened("encounter.miserable", one.instant, one.customer, told))
    return found


def card_made(note: Note) -> list[Happened]:
    """That a card was laid down; of other notes nothing is told."""
    if note.kind != "card":
        return []
    told = {"card": note.send_key, "role": note.who, "play": note.play, "until": note.until}
    return [_happened("card.created", note.at, note.customer, told)]


def pack_published(publication: Publication) -> list[Happened]:
    """That a version of the pack holds from now on."""
    told = {"pack": publication.pack, "hash": publication.hash, "who": publication.who}
    return [_happened("pack.published", publication.seen, "", told)]


def calls_for(hooks: Iterable[tuple[str, Sequence[str]]], happened: Sequence[Happened]) -> list[Call]:
    """Who is told what, for hooks by id with their kinds."""
    return [
        Call(hook=id_, kind=one.kind, at=one.at, customer=one.customer, data=one.data)
        for one in happened
        for id_, kinds in hooks
        if one.kind in kinds
    ]


def hook_row(hook: Hook) -> Row:
    """A row of the hooks."""
    texts = (storable(hook.id), storable(hook.url), " ".join(hook.kinds), " ".join(hook.secrets))
    about = (storable(hook.label), storable(hook.who), hook.made)
    return (*texts, *about, hook.failing, hook.after, hook.disabled, storable(hook.said))


def hook_from(row: Sequence[Any]) -> Hook:
    """A hook from its columns; a kind of another version of Peakend is passed over."""
    id_, url, kinds, secrets, label, who, made, failing, after, disabled, said = row
    known = tuple(one for one in HAPPENINGS if one in kinds.split())
    return Hook(
        id=id_, url=url, kinds=known, secrets=tuple(secrets.split()), label=label, who=who, made=made,
        failing=failing, after=after, disabled=disabled, said=said,
    )  # fmt: skip


def call_row(call: Call) -> Row:
    """A row of the calls, without its number."""
    return (call.hook, call.kind, call.at, storable(call.customer), storable(call.data))


def call_from(row: Sequence[Any]) -> Call:
    """A call from its columns."""
    number, hook, kind, at, customer, data = row
    return Call(number=number, hook=hook, kind=kind, at=at, customer=customer, data=data)


def _happened(kind: Any, at: int, customer: str, told: dict[str, Any]) -> Happened:
    return Happened(kind, at, customer, msgspec.json.encode(told).decode())
