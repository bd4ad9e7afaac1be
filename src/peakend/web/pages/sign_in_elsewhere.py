"""Signing in by somebody else's word: there, and back.

The state is a token that works once and that this browser holds in a cookie: a way back that began in another
browser signs nobody in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from peakend.model.account import Account, Role, Token, token_hash
from peakend.store import Store, StoreError
from peakend.web.callers import Caller, anyone, origin_of
from peakend.web.entering import ask_to_sign_in, enter, tries_of
from peakend.web.house import House, Ours
from peakend.web.people.cookies import cookie, give, take_back
from peakend.web.people.inside import inside
from peakend.web.people.oidc import Oidc
from peakend.web.people.refused import too_often
from peakend.web.people.tokens import new_token, same
from peakend.web.people.tries import BY_ADDRESS, SECOND, Bound
from peakend.web.people.vouched import NotVouched, Vouched, account_of
from peakend.web.people.wecom import Wecom

router = APIRouter(include_in_schema=False)
Anyone = Annotated[Caller, anyone]
Way = Literal["oidc", "wecom"]
_QUARTER = 15 * 60
_WHY = {
    "silent": "people.why_silent",
    "refused": "people.why_refused",
    "unclear": "people.why_unclear",
    "over": "people.why_over",
}


@router.get("/sign-in/oidc")
def to_provider(request: Request, caller: Anyone, house: Ours, next: str = "/") -> Response:
    """To the organisation's provider."""
    oidc = oidc_of(request, house)
    if oidc is None:
        return ask_to_sign_in(request, caller, next)
    return _there(
        request,
        caller,
        house,
        "oidc",
        next,
        lambda state, now: oidc.address(state, _back(request, house, "oidc"), now),
    )


@router.get("/sign-in/wecom")
def to_wecom(request: Request, caller: Anyone, house: Ours, next: str = "/") -> Response:
    """To the code that a member scans."""
    settings = house.instance.sign_in.wecom
    if settings is None:
        return ask_to_sign_in(request, caller, next)
    return _there(
        request,
        caller,
        house,
        "wecom",
        next,
        lambda state, now: Wecom(settings).address(state, _back(request, house, "wecom")),
    )


@router.get("/sign-in/oidc/back")
def from_provider(request: Request, caller: Anyone, house: Ours, code: str = "", state: str = "") -> Response:
    """Back from the provider, with a code or without."""
    oidc, settings = oidc_of(request, house), house.instance.sign_in.oidc
    if oidc is None or settings is None:
        return ask_to_sign_in(request, caller, "/")
    back = _back(request, house, "oidc")
    return _back_again(
        request, caller, house, "oidc", state,
        lambda now: oidc.vouched(code, state, back, now), settings.roles, settings.role,
    )  # fmt: skip


@router.get("/sign-in/wecom/back")
def from_wecom(request: Request, caller: Anyone, house: Ours, code: str = "", state: str = "") -> Response:
    """Back from WeCom."""
    settings = house.instance.sign_in.wecom
    if settings is None:
        return ask_to_sign_in(request, caller, "/")
    return _back_again(
        request,
        caller,
        house,
        "wecom",
        state,
        lambda now: Wecom(settings).vouched(code, now),
        {},
        settings.role,
    )


def oidc_of(request: Request, house: House) -> Oidc | None:
    """The provider of this application, which remembers what it was told; None where there is none."""
    settings = house.instance.sign_in.oidc
    if settings is None:
        return None
    if getattr(request.app.state, "oidc", None) is None:
        request.app.state.oidc = Oidc(settings)
    found: Oidc = request.app.state.oidc
    return found


def _there(
    request: Request, caller: Caller, house: House, way: Way, after: str, address: Callable[[str, int], str]
) -> Response:
    now, state = house.clock(), new_token()
    if wait := tries_of(request).attempt([Bound(f"away {origin_of(request).address}", BY_ADDRESS)], now):
        raise too_often(-(-wait // SECOND))
    try:
        answer = RedirectResponse(address(state, now), 303)
    except NotVouched as error:
        return _failed(request, caller, error)
    with house.store() as store:
        until = now + _QUARTER * SECOND
        store.put_token(
            Token(hash=token_hash(state), purpose=way, about=inside(after), made=now, until=until)
        )
    give(request, answer, "state", state, _QUARTER)
    return answer


def _back_again(
    request: Request,
    caller: Caller,
    house: House,
    way: Way,
    state: str,
    vouched: Callable[[int], Vouched],
    roles: dict[str, Role],
    otherwise: Role | None,
) -> Response:
    now, held = house.clock(), cookie(request, "state")
    begun = None
    if held and same(state, held):
        with house.store() as store:
            begun = store.take_token(token_hash(state), way, now)
    if begun is None:
        return _failed(request, caller, NotVouched("over", "the way back is not the one that was begun here"))
    try:
        who = vouched(now)
        with house.store() as store:
            account = _account(store, who, roles, otherwise, now)
            if account is None:
                return ask_to_sign_in(request, caller, begun.about, failed="people.nobodys", status=403)
            answer = enter(request, caller, store, account, way, begun.about)
    except NotVouched as error:
        return _failed(request, caller, error)
    take_back(request, answer, "state")
    return answer


def _account(
    store: Store, who: Vouched, roles: dict[str, Role], otherwise: Role | None, now: int
) -> Account | None:
    """The account, unless the groups would take the last admin away, or somebody changes it right now."""
    try:
        return account_of(store, who, roles, otherwise, now)
    except StoreError as error:
        raise NotVouched("refused", error.what) from None


def _back(request: Request, house: House, way: Way) -> str:
    """The address that a provider sends the browser back to."""
    base = house.instance.serve.url or f"{request.url.scheme}://{request.headers.get('host', '')}"
    return f"{base.rstrip('/')}/sign-in/{way}/back"


def _failed(request: Request, caller: Caller, error: NotVouched) -> Response:
    return ask_to_sign_in(request, caller, "/", failed=_WHY[error.why], status=403)
