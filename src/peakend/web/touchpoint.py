"""One touchpoint from near: its standards month by month, its latest encounters with the facts why, what
customers wrote about it, and what its plays did. One answer for the page and for the API.

Rows are asked a page at a time; sums come from the newest reckoning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from peakend.model.looked import MOST, AskedEncounters, AskedEvents
from peakend.model.mapped import Did, Mapped
from peakend.model.outcome import Encountered, State
from peakend.model.pack import Pack, Touchpoint
from peakend.model.stored import Recorded
from peakend.store import Store
from peakend.tell.said import Said
from peakend.tell.teller import Teller
from peakend.web.journeys import measured, share_of
from peakend.when import DAY, parse_duration
from peakend.wire.journeys import (
    Encounters,
    EncounterTold,
    MonthTold,
    PlayTold,
    Titles,
    TouchpointTold,
    TouchpointWhole,
    VoiceTold,
)

ROWS: Final = 20
"""Encounters on one page."""
VOICES: Final = 8
"""Texts of customers on one page."""
_LOOK_BACK: Final = 365 * DAY
_WORDS: Final = re.compile(r"\s|[\u3040-\u9fff]|.{24}")
"""A text that somebody wrote, rather than a code."""


def touchpoint(
    told: TouchpointTold,
    pack: Pack,
    mapped: Mapped | None,
    store: Store,
    now: int,
    *,
    state: State | None = None,
    after: str = "",
) -> TouchpointWhole:
    """All there is to say about one touchpoint; encounters of one state only, and from a place on.

    Raises StoreError for a place that is none.
    """
    point = pack.touchpoints[told.id]
    known = measured(mapped, told.id)
    return TouchpointWhole(
        touchpoint=told,
        as_of=mapped.at if mapped else None,
        expectation=dict(point.expectation),
        hidden_expectation=dict(point.hidden_expectation),
        blueprint={line: _titles(text) for line, text in point.blueprint.items()},
        months={
            name: [MonthTold(month=month, kept=share_of(kept)) for month, kept in months.items()]
            for name, months in known.months.items()
        },
        encounters=_encounters(told.id, pack, store, now, state, after),
        voices=list(_voices(point, pack, store, now)),
        plays=[_play(name, pack, mapped) for name in told.plays],
    )


def _encounters(name: str, pack: Pack, store: Store, now: int, state: State | None, after: str) -> Encounters:
    teller, rows, following = Teller(pack), list[Encountered](), after
    asked = AskedEncounters(touchpoint=name, state=state or "")
    rule = pack.touchpoints[name].encounter
    settles = parse_duration(rule.settles).elapsed() if rule else 0
    seen: set[tuple[str, str, int]] = set()
    while len(rows) < ROWS:
        page = store.list_encounters(asked, following, ROWS)
        for one in page.rows:
            # What closed settles later and stands in the list once more: then only the last one counts.
            if (one.settled or one.instant + settles > now) and (
                one.customer,
                one.key,
                one.begun,
            ) not in seen:
                seen.add((one.customer, one.key, one.begun))
                rows.append(one)
        following = page.after
        if not following:
            break
    return Encounters(rows=[_encounter(one, teller) for one in rows], next=following)


def _encounter(met: Encountered, teller: Teller) -> EncounterTold:
    because = teller.because(met)
    return EncounterTold(
        customer=met.customer,
        key=met.key,
        begun=met.begun,
        ended=met.ended,
        state=met.state,
        settled=met.settled,
        rating=met.rating,
        because=_both(because),
    )


def _voices(point: Touchpoint, pack: Pack, store: Store, now: int) -> Iterator[VoiceTold]:
    """Texts that came with answers to this touchpoint, the newest first; each once."""
    if not point.rating or point.encounter is None:
        return
    kind, _, score = point.rating.rpartition(".")
    keys = {one.encounter.key for one in pack.touchpoints.values() if one.encounter} - {None}
    own = point.encounter.key
    fields = [name for name, type_ in pack.head.events.get(kind, {}).items() if type_ == "text"]
    fields = [name for name in fields if name not in keys]
    found = 0
    for event in store.list_events(AskedEvents(kind=kind, since=now - _LOOK_BACK), "", MOST).rows:
        data = _data(event)
        if own and not data.get(own):
            continue
        for name in fields:
            text = data.get(name)
            if isinstance(text, str) and _WORDS.search(text):
                rating = data.get(score)
                known = float(rating) if isinstance(rating, int | float) else None
                yield VoiceTold(customer=event.customer, at=event.at, text=text, rating=known)
                found += 1
        if found >= VOICES:
            return


def _data(event: Recorded) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.json.decode(event.data)
    return data


def _play(name: str, pack: Pack, mapped: Mapped | None) -> PlayTold:
    did = mapped.plays.get(name, Did()) if mapped else Did()
    play = pack.plays[name]
    return PlayTold(
        id=name,
        title=dict(play.title),
        class_=play.class_,
        send=did.send,
        suppress=did.suppress,
        exposed=did.exposed,
    )


def _titles(text: Titles | str) -> Titles:
    return {"zh": text, "en": text} if isinstance(text, str) else dict(text)


def _both(said: Said) -> Titles:
    return {"zh": said.zh, "en": said.en}
