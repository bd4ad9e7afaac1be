"""/api/v1/keys: the keys of programs. The text of a key is in the answer to its making, and nowhere else."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path

from peakend.model.account import ApiKey, Scope
from peakend.web.answers import Json
from peakend.web.api.shapes import described
from peakend.web.callers import Caller, scoped
from peakend.web.house import Ours
from peakend.web.people import keys
from peakend.wire.keys import Key, Keys, Made

router = APIRouter(prefix="/api/v1/keys", tags=["keys"])
Admin = Annotated[Caller, scoped("admin", "admin")]


@router.get("", responses=described(Keys))
def list_keys(caller: Admin, house: Ours) -> Json:
    """All keys, also those that are revoked."""
    with house.store() as store:
        return Json(Keys(keys=[Key(**_told(one)) for one in store.api_keys()]))


@router.post("", status_code=201, responses=described(Made, status=201))
def make_key(
    caller: Admin,
    house: Ours,
    label: Annotated[str, Body(max_length=keys.LONGEST, description="Who uses it")],
    scopes: Annotated[list[Scope], Body(min_length=1, max_length=4, description="What it opens")],
) -> Json:
    """Make a key. Its text is in this answer and nowhere else."""
    with house.store() as store:
        made, text = keys.make(store, label, scopes, caller.name, house.clock())
    return Json(Made(**_told(made), text=text), 201)


@router.delete("/{id}", responses=described(Key))
def revoke_key(
    caller: Admin, house: Ours, id_: Annotated[str, Path(alias="id", max_length=80)]
) -> Json:  # fmt: skip
    """Let a key open nothing any more."""
    with house.store() as store:
        return Json(Key(**_told(keys.revoke(store, id_, caller.name, house.clock()))))


def _told(key: ApiKey) -> dict[str, Any]:
    return {name: getattr(key, name) for name in Key.__struct_fields__} | {"scopes": list(key.scopes)}
