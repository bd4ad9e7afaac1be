"""Plays that are published: as a flow, as they were written, paused, resumed, stopped; and the versions."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from peakend.errors import PeakendError
from peakend.publish import pausing, published
from peakend.tell.flow import flow
from peakend.tell.names import Names
from peakend.web.answers import Json
from peakend.web.api.drafts import no_play
from peakend.web.api.forms import Body, read, takes
from peakend.web.api.shapes import described
from peakend.web.callers import Caller, needs, scoped
from peakend.web.drafting.doing import switched
from peakend.web.house import Ours
from peakend.wire.plays import Plays, PlayView, Version, VersionList, Written

router = APIRouter(prefix="/api/v1", tags=["plays"])

Reader = Annotated[Caller, scoped("read", "viewer")]
Manager = Annotated[Caller, needs("manager")]


class Pause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is paused or resumed: entries or sends, of a play ('' for all), or sends on a channel."""

    what: Literal["entries", "sends"]
    play: str = ""
    channel: str = ""


class Stop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The play that is stopped, until its file changes and is published."""

    play: str


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """Whether anything has changed; False where it was so already."""

    changed: bool


@router.get("/plays", responses=described(Plays))
def plays(house: Ours, caller: Reader) -> Response:
    """The published plays, and what is switched off."""
    pack = house.pack()
    with house.store() as store:
        entries, switches, runs = dict(pausing.entry_pauses(store)), store.switches(), store.open_runs()
    held = {one.play: one for one in switches if not one.channel}
    names = Names(pack) if pack else None
    found = [
        PlayView(
            play=name,
            title=names.play(name),
            class_=play.class_,
            touchpoint=names.touchpoint(play.touchpoint),
            open_runs=runs.get(name, 0),
            entries_paused=entries.get(name, 0),
            sends_held=held[name].since if name in held else 0,
            stopped=name in held and held[name].stopped,
        )
        for name, play in (pack.plays.items() if pack else ())
        if names
    ]
    return Json(
        Plays(
            hash=pack.hash if pack else "",
            entries_paused=entries.get("", 0),
            sends_held=held[""].since if "" in held else 0,
            plays=found,
        )
    )


@router.get("/plays/{play}", responses=described(Written))
def play_of(play: str, house: Ours, caller: Reader) -> Response:
    """One published play, as a reader follows it and as it was written."""
    pack = house.pack()
    if pack is None or play not in pack.plays:
        raise no_play(play)
    told, text = flow(pack, pack.plays[play]), b""
    with house.store() as store:
        holds = published(store)
    if holds is not None:
        text = holds.files.get(told.file, b"")
    return Json(Written(flow=told, file=told.file, text=text.decode("utf-8", "replace")))


@router.get("/versions", responses=described(VersionList))
def versions(house: Ours, caller: Reader) -> Response:
    """All publications, the newest first."""
    with house.store() as store:
        found = store.publications()
    told = [
        Version(
            hash=one.hash,
            pack=one.pack,
            who=one.who,
            seen=one.seen,
            backtest=one.backtest,
            approved=bool(one.approved),
        )
        for one in reversed(found)
    ]
    return Json(VersionList(versions=told))


@router.post("/plays/pause", openapi_extra=takes(Pause), responses=described(Done))
def pause(house: Ours, caller: Manager, body: Body) -> Response:
    """Let nobody new in, or hand nothing over; nothing that runs is dropped."""
    asked = _meant(house, read(body, Pause))
    return Json(Done(changed=switched(house, caller, "pause", asked.what, asked.play, asked.channel)))


@router.post("/plays/resume", openapi_extra=takes(Pause), responses=described(Done))
def resume(house: Ours, caller: Manager, body: Body) -> Response:
    """End a pause that was said in the same words."""
    asked = _meant(house, read(body, Pause))
    return Json(Done(changed=switched(house, caller, "resume", asked.what, asked.play, asked.channel)))


@router.post("/plays/stop", openapi_extra=takes(Stop), responses=described(Done))
def stop(house: Ours, caller: Manager, body: Body) -> Response:
    """End entries and sends of a play for good, until its file is changed and published anew."""
    play = read(body, Stop).play
    pack = house.pack()
    if pack is None or play not in pack.plays:
        raise no_play(play)
    return Json(Done(changed=switched(house, caller, "stop", "sends", play)))


def _meant(house: Ours, asked: Pause) -> Pause:
    """What was asked, where there is such a play."""
    pack = house.pack()
    if asked.play and (pack is None or asked.play not in pack.plays):
        raise no_play(asked.play)
    if asked.channel and (asked.play or asked.what == "entries"):
        raise PeakendError(
            "A channel goes with sends, and without a play",
            fix="Leave the play out, or the channel",
            what_zh="渠道只用于暂停发送，且不能与剧本同时指定",
            fix_zh="请去掉剧本或渠道",
        )
    return asked
