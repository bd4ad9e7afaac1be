"""What the pages of the settings share: the tabs, and the way back from a change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from peakend.web.callers import Caller, needs
from peakend.web.looking import Flash
from peakend.web.reader import looking_of, page

Manager = Annotated[Caller, needs("manager")]
Admin = Annotated[Caller, needs("admin")]
TABS: Final = (
    ("/settings/people", "settings.people"),
    ("/settings/keys", "settings.keys"),
    ("/settings/channels", "settings.channels"),
    ("/settings/rules", "settings.rules"),
    ("/settings/record", "settings.record"),
    ("/settings/installation", "settings.installation"),
)


def show(
    request: Request,
    caller: Caller,
    name: str,
    values: Mapping[str, Any],
    *,
    status: int = 200,
    said: str = "",
    wrong: str = "",
) -> Response:
    """The page `name` of the settings; `said` is good news, `wrong` what was not done."""
    t = looking_of(request, caller).words
    common = {
        "tabs_": [(address, t(words), None) for address, words in TABS],
        "here": f"/settings/{name.partition('_')[0]}",
        "admin": caller.may("admin"),
    }
    flashes = tuple(Flash(text, tone) for text, tone in ((said, "good"), (wrong, "bad")) if text)
    return page(
        request, caller, f"settings/{name}.html", common | dict(values), status=status, flashes=flashes
    )


def back(address: str, done: str) -> Response:
    """To a page, which says what was done."""
    return RedirectResponse(f"{address}?done={done}", 303)


def done_in(request: Request, caller: Caller, done: str, known: tuple[str, ...]) -> str:
    """What a page says was done just now; '' for what nobody does."""
    return looking_of(request, caller).words(f"settings.done_{done}") if done in known else ""
