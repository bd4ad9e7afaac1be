"""People: who may do what. An admin adds, gives a role, disables, and hands over a link for a password."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from peakend.model.account import ROLES, Account
from peakend.store import Overtaken, StoreError
from peakend.web.callers import Caller
from peakend.web.house import House, Ours
from peakend.web.pages.settings.frame import Admin, Manager, back, done_in, show
from peakend.web.people import administering, links, staff
from peakend.web.people.links import Unfit
from peakend.web.reader import looking_of

router = APIRouter(include_in_schema=False)
AT: Final = "/settings/people"
DONE: Final = ("role", "disabled", "enabled")
_STATES: Final = {"active": False, "disabled": True}
Text = Annotated[str, Form(max_length=200)]


@router.get("/settings")
def settings(caller: Manager) -> Response:
    """The first of the settings."""
    return RedirectResponse(AT, 303)


@router.get(AT)
def list_(
    request: Request,
    caller: Manager,
    house: Ours,
    q: Annotated[str, Query(max_length=200)] = "",
    role: str = "",
    state: str = "",
) -> Response:
    """Everybody, or those who are looked for."""
    return _list(request, caller, house, q=q, role=role, state=state)


@router.post(AT)
def add(
    request: Request,
    caller: Admin,
    house: Ours,
    name: Text = "",
    shown: Text = "",
    role: Text = "viewer",
    language: Text = "zh",
) -> Response:
    """A new account; the page that answers shows the link for its password, and no other page ever does."""
    typed = {"name": name, "shown": shown, "role": role, "language": language}
    with house.store() as store:
        try:
            made = administering.add(
                store, name, shown, role, "en" if language == "en" else "zh", caller.name, house.clock()
            )
        except Unfit as error:
            wrong = {error.field: error.text(caller.language)}
            return _list(request, caller, house, typed=typed, wrong=wrong)
        except StoreError as error:
            return _list(request, caller, house, typed=typed, wrong={"name": error.text(caller.language)})
        path = links.reset_path(store, made, caller.name, house.clock())
    return _link(request, caller, house, made, path, status=201)


@router.get(AT + "/{name}")
def one(request: Request, caller: Manager, house: Ours, name: str, done: str = "") -> Response:
    """One account, and what may be done with it."""
    return _one(request, caller, house, name, said=done_in(request, caller, done, DONE))


@router.post(AT + "/{name}/role")
def give_role(
    request: Request, caller: Admin, house: Ours, name: str, role: Text = "", version: Text = ""
) -> Response:
    """Another role, if nobody else has changed the account meanwhile."""
    return _changed(request, caller, house, name, "role", version, role=role)


@router.post(AT + "/{name}/disable")
def disable(request: Request, caller: Admin, house: Ours, name: str, version: Text = "") -> Response:
    """Let an account, its sessions and its keys open nothing any more; never one's own."""
    if name == caller.name:
        t = looking_of(request, caller).words
        return _one(request, caller, house, name, wrong=t("settings.not_yourself"), status=422)
    return _changed(request, caller, house, name, "disabled", version)


@router.post(AT + "/{name}/enable")
def enable(request: Request, caller: Admin, house: Ours, name: str, version: Text = "") -> Response:
    """Let a disabled account open again."""
    return _changed(request, caller, house, name, "enabled", version)


@router.post(AT + "/{name}/reset")
def reset(request: Request, caller: Admin, house: Ours, name: str) -> Response:
    """A new link for a password, shown this once; the one before works no more."""
    with house.store() as store:
        account = administering.known(store, name)
        if account.disabled:
            t = looking_of(request, caller).words
            return _one(request, caller, house, name, wrong=t("settings.reset_disabled"), status=422)
        path = links.reset_path(store, account, caller.name, house.clock())
    return _link(request, caller, house, account, path)


def _changed(
    request: Request, caller: Caller, house: House, name: str, what: str, version: str, role: str = ""
) -> Response:
    """Change what was looked at, or say that it is no longer what was looked at."""
    t = looking_of(request, caller).words
    seen = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    if not seen:
        return _one(request, caller, house, name, wrong=t("settings.overtaken"), status=409)
    now = house.clock()
    with house.store() as store:
        try:
            if what == "role":
                administering.give_role(store, name, role, caller.name, now, version=seen)
            else:
                off = what == "disabled"
                administering.disable(store, name, caller.name, now, disabled=off, version=seen)
        except Overtaken:
            return _one(request, caller, house, name, wrong=t("settings.overtaken"), status=409)
        except (Unfit, StoreError) as error:
            return _one(request, caller, house, name, wrong=error.text(caller.language), status=422)
    return back(f"{AT}/{quote(name, safe='')}", what)


def _list(
    request: Request,
    caller: Caller,
    house: House,
    *,
    q: str = "",
    role: str = "",
    state: str = "",
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    role, state = role if role in ROLES else "", state if state in _STATES else ""
    with house.store() as store:
        found = staff.people(store, q, role, disabled=_STATES.get(state))
    values = {
        "people": found,
        "roles": ROLES,
        "asked": {"q": q, "role": role, "state": state, "narrowed": bool(q or role or state)},
        "typed": typed or {"name": "", "shown": "", "role": "viewer", "language": caller.language},
        "wrong": wrong or {},
    }
    return show(request, caller, "people", values, status=422 if wrong else 200)


def _one(
    request: Request,
    caller: Caller,
    house: House,
    name: str,
    *,
    said: str = "",
    wrong: str = "",
    status: int = 200,
) -> Response:
    with house.store() as store:
        found = staff.person(store, administering.known(store, name))
        made = [key for key in store.api_keys() if key.who == found.name and not key.revoked]
    values = {"person": found, "roles": ROLES, "keys": made, "own": found.name == caller.name}
    return show(request, caller, "people_one", values, said=said, wrong=wrong, status=status)


def _link(
    request: Request, caller: Caller, house: House, account: Account, path: str, *, status: int = 200
) -> Response:
    base = (house.instance.serve.url or str(request.base_url)).rstrip("/")
    values = {"account": account, "link": f"{base}{path}", "added": status == 201}
    return show(request, caller, "people_link", values, status=status)
