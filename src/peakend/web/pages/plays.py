"""Plays 服务剧本: what runs and what it did lately, one as a flow, switches, drafts, who agrees."""

from __future__ import annotations

from typing import Annotated, Final, NamedTuple

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from peakend.model.draft import Draft
from peakend.model.pack import Pack
from peakend.publish import pausing, published
from peakend.store import Store
from peakend.tell.catalogue import CLASSES, WHY_NOT
from peakend.tell.flow import flow
from peakend.tell.names import Names
from peakend.tell.said import Said
from peakend.web.callers import Caller, needs
from peakend.web.drafting.contents import Contents, began_from, contents
from peakend.web.drafting.doing import Verb, answered, begun, switched
from peakend.web.house import Ours
from peakend.web.people.refused import no_page
from peakend.web.reader import page
from peakend.when import DAY

router = APIRouter(include_in_schema=False)

Viewer = Annotated[Caller, needs("viewer")]
Designer = Annotated[Caller, needs("designer")]
Manager = Annotated[Caller, needs("manager")]
LATELY = 30
"""Days that "lately" means in the list."""
MOST_NAMED: Final = 6
"""Plays of one draft that are named in the list."""


class Row(NamedTuple):
    """A play in the list: what it is, whether it runs, and what it decided in the last 30 days."""

    play: str
    title: Said
    class_: Said
    open_runs: int
    paused: int
    held: int
    stopped: bool
    sent: int
    on_hold: int
    suppressed: int


@router.get("/plays")
def plays(request: Request, caller: Viewer, house: Ours) -> Response:
    """All plays by touchpoint, the drafts that are open, and what waits for somebody's word."""
    pack, now = house.pack(), house.clock()
    with house.store() as store:
        groups = _groups(store, pack, now) if pack else []
        drafts = _drafts(store) if caller.may("designer") else []
        asked = [one for one in store.agreements() if one.state == "open"]
    values = {"groups": groups, "drafts": drafts, "asked": asked, "days": LATELY, "me": caller.name}
    values["most"] = MOST_NAMED
    return page(request, caller, "plays/list.html", values)


def _drafts(store: Store) -> list[tuple[Draft, Contents]]:
    """The drafts that are open, and what each of them changes."""
    found, before = [], dict[str, dict[str, bytes]]()
    for one in store.drafts():
        if one.state == "open":
            if one.based_on not in before:
                before[one.based_on] = began_from(store, one)
            found.append((one, contents(one, before[one.based_on], store.draft_files(one.id))))
    return found


@router.get("/plays/{name}")
def play(request: Request, caller: Viewer, house: Ours, name: str) -> Response:
    """One play as a flow, who let it hold, what it did lately and why not, its switches, and its YAML."""
    pack, now = house.pack(), house.clock()
    if pack is None or name not in pack.plays:
        raise no_page()
    told = flow(pack, pack.plays[name])
    with house.store() as store:
        (row,) = [one for _, rows in _groups(store, pack, now) for one in rows if one.play == name]
        counts = [one for one in store.verdict_counts(now - LATELY * DAY, now + 1, name)]
        holds = published(store)
    text = holds.files.get(told.file, b"").decode("utf-8", "replace") if holds else ""
    suppressed = sorted((one for one in counts if one.outcome == "suppress"), key=lambda one: -one.number)
    values = {"row": row, "flow": told, "suppressed": suppressed, "text": text, "days": LATELY}
    values |= {"why_not": WHY_NOT, "holds": holds}
    return page(request, caller, "plays/one.html", values)


@router.post("/plays/{name}/edit")
def edit(caller: Designer, house: Ours, name: str) -> Response:
    """Go on with one's own open draft of what holds now, else begin one."""
    with house.store() as store:
        holds = store.published_hash()
        own = [
            one
            for one in store.drafts()
            if one.state == "open" and one.who == caller.name and one.based_on == holds and not one.copy_of
        ]
        draft = own[0] if own else begun(store, house, caller, "")
    return RedirectResponse(f"/drafts/{draft.id}/plays/{name}", 303)


@router.post("/plays/{name}/switch")
def switch(caller: Manager, house: Ours, name: str, what: Annotated[str, Form()] = "") -> Response:
    """Pause or resume entries or sends of a play, or stop it; nothing that runs is dropped."""
    pack = house.pack()
    if pack is None or name not in pack.plays:
        raise no_page()
    if what not in _SWITCHES:
        raise no_page()
    switched(house, caller, *_SWITCHES[what], name)
    return RedirectResponse(f"/plays/{name}", 303)


@router.post("/agreements/{id_}")
def agree(
    caller: Manager,
    house: Ours,
    id_: str,
    state: Annotated[str, Form()] = "",
    word: Annotated[str, Form()] = "",
) -> Response:
    """Approve a version that somebody else has asked for, or refuse it."""
    answered(house, caller, id_, "approved" if state == "approved" else "refused", word[:500])
    return RedirectResponse("/plays", 303)


_SWITCHES: Final[dict[str, tuple[Verb, pausing.What]]] = {
    "stop": ("stop", "sends"),
    "pause_entries": ("pause", "entries"),
    "pause_sends": ("pause", "sends"),
    "resume_entries": ("resume", "entries"),
    "resume_sends": ("resume", "sends"),
}


def _groups(store: Store, pack: Pack, now: int) -> list[tuple[Said, list[Row]]]:
    names = Names(pack)
    entries, runs = dict(pausing.entry_pauses(store)), store.open_runs()
    held = {one.play: one for one in store.switches() if not one.channel}
    did: dict[tuple[str, str], int] = {}
    for one in store.verdict_counts(now - LATELY * DAY, now + 1):
        did[one.play, one.outcome] = did.get((one.play, one.outcome), 0) + one.number
    groups: dict[str, list[Row]] = {}
    for name, play in pack.plays.items():
        row = Row(
            play=name,
            title=names.play(name),
            class_=names.of(play.class_, CLASSES),
            open_runs=runs.get(name, 0),
            paused=entries.get(name, 0),
            held=held[name].since if name in held else 0,
            stopped=name in held and held[name].stopped,
            sent=did.get((name, "send"), 0),
            on_hold=did.get((name, "hold"), 0),
            suppressed=did.get((name, "suppress"), 0),
        )
        groups.setdefault(play.touchpoint, []).append(row)
    return [(names.touchpoint(point), rows) for point, rows in groups.items()]
