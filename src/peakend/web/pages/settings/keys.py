"""Keys of programs: made with a label and scopes, shown once, revoked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from peakend.errors import PeakendError
from peakend.model.account import SCOPES
from peakend.web.callers import Caller
from peakend.web.house import House, Ours
from peakend.web.pages.settings.frame import Admin, Manager, back, done_in, show
from peakend.web.people import keys
from peakend.when import format_instant

router = APIRouter(include_in_schema=False)
AT: Final = "/settings/keys"


@router.get(AT)
def list_(request: Request, caller: Manager, house: Ours, done: str = "", of: str = "") -> Response:
    """The keys that work; with of=all also those that work no more."""
    return _list(request, caller, house, said=done_in(request, caller, done, ("revoked",)), all_=of == "all")


@router.post(AT)
def make(
    request: Request,
    caller: Admin,
    house: Ours,
    label: Annotated[str, Form(max_length=200)] = "",
    scope: Annotated[list[str], Form(max_length=10)] = [],  # noqa: B006
) -> Response:
    """A new key; the page that answers shows it, and no other page ever does."""
    with house.store() as store:
        try:
            made, text = keys.make(store, label, scope, caller.name, house.clock())
        except PeakendError as error:
            typed = {"label": label, "scopes": scope}
            return _list(request, caller, house, wrong=error.text(caller.language), typed=typed)
    base = (house.instance.serve.url or str(request.base_url)).rstrip("/")
    return show(
        request,
        caller,
        "keys_made",
        {"key": made, "text": text, "base": base, "at": format_instant(house.clock())},
        status=201,
    )


@router.post(AT + "/{id}/revoke")
def revoke(request: Request, caller: Admin, house: Ours, id: str) -> Response:
    """Let a key open nothing any more."""
    with house.store() as store:
        keys.revoke(store, id, caller.name, house.clock())
    return back(AT, "revoked")


def _list(
    request: Request,
    caller: Caller,
    house: House,
    *,
    said: str = "",
    wrong: str = "",
    all_: bool = False,
    typed: Mapping[str, object] | None = None,
) -> Response:
    with house.store() as store:
        found = [(key, keys.is_orphaned(store, key)) for key in store.api_keys()]
    works = [(key, orphaned) for key, orphaned in found if not key.revoked]
    values = {
        "keys": list(reversed(found if all_ else works)),
        "all": all_,
        "gone": len(found) - len(works),
        "scopes": SCOPES,
        "typed": typed or {"label": "", "scopes": ["events:write"]},
        "wrong": wrong,
    }
    return show(request, caller, "keys", values, said=said, status=422 if wrong else 200)
