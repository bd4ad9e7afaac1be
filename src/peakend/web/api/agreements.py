"""A second account's word on a version: asked for, given, refused, taken back."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from peakend.errors import PeakendError
from peakend.model.draft import Agreement
from peakend.web.answers import Json
from peakend.web.api.drafts import Reader
from peakend.web.api.forms import Body, read, takes
from peakend.web.api.shapes import described
from peakend.web.callers import Caller, needs
from peakend.web.drafting.doing import answered, asked_for
from peakend.web.house import Ours
from peakend.wire.drafts import AgreementList

router = APIRouter(prefix="/api/v1", tags=["agreements"])


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The job that showed whom the draft would affect, which account is asked ('' for any), and a word."""

    job: str
    whom: str = ""
    word: str = ""


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a second account says, and why."""

    state: Literal["approved", "refused", "withdrawn"]
    word: str = ""


@router.post(
    "/drafts/{id_}/agreements",
    openapi_extra=takes(Ask),
    responses=described(Agreement),
)
def ask_for(id_: str, house: Ours, caller: Annotated[Caller, needs("designer")], body: Body) -> Response:
    """Ask a second account to agree with what a preview has shown."""
    asked = read(body, Ask)
    return Json(asked_for(house, caller, id_, asked.job, asked.whom, asked.word))


@router.get("/agreements", responses=described(AgreementList))
def agreements(house: Ours, caller: Reader) -> Response:
    """All that was asked, the newest first."""
    with house.store() as store:
        return Json(AgreementList(agreements=store.agreements()))


@router.post(
    "/agreements/{id_}/answer",
    openapi_extra=takes(Answer),
    responses=described(Agreement),
)
def answer_to(id_: str, house: Ours, caller: Annotated[Caller, needs("designer")], body: Body) -> Response:
    """Approve or refuse, as a manager; or take back what one has asked for."""
    asked = read(body, Answer)
    if asked.state != "withdrawn" and not caller.may("manager"):
        raise PeakendError(
            "A manager agrees with a version or refuses it",
            fix="Ask a manager",
            what_zh="只有经理及以上可以审批",
            fix_zh="请找经理审批",
        )
    return Json(answered(house, caller, id_, asked.state, asked.word))
