"""The address in a letter: GET shows, POST acts (RFC 8058), and a link leads to all choices.

Whoever holds the signed token may change that customer's choices and learns nothing else. No cookie is set,
no script is needed, and no other site learns the address.
"""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from peakend.fold import CustomerState
from peakend.loop.inlet import Later
from peakend.loop.unsubscribing import LEAVES, Unsubscribing
from peakend.model.pack import Pack
from peakend.tell.catalogue import CHANNELS
from peakend.tell.names import Names
from peakend.tell.said import titled
from peakend.web.callers import Caller, anyone, language_of, origin_of
from peakend.web.entering import tries_of
from peakend.web.house import House, Ours
from peakend.web.looking import Looking
from peakend.web.people.tries import Bound
from peakend.web.person.changing import tell
from peakend.web.person.choices import LANGUAGES, Choices, Chosen, choices_of, told
from peakend.web.person.profile import names_known, state_of
from peakend.web.screen import screens_of
from peakend.when import DAY, format_instant
from peakend.when import zone as zone_of
from peakend.why.held import Unknown

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, anyone]
SOURCE: Final = "unsubscribe"
WRONG: Final = 30
"""Tokens that are none, from one address within a quarter of an hour."""
RIGHT: Final = 2_000
"""Tokens of ours from one address: a mail provider sends those of all its readers."""


class Letter:
    """One request with a token: whose it is, and how to answer her."""

    def __init__(self, request: Request, house: House, token: str, lang: str) -> None:
        self.request, self.house, self.token = request, house, token
        self.now, self.pack = house.clock(), house.pack()
        self.customer = self.class_ = ""
        self.state: CustomerState | None = None
        self.language = lang if lang in LANGUAGES else ""
        self.at = f"/u/{token}"

    def refused(self) -> Response | None:
        """The answer to a token that is none, to somebody who is not known, to too many requests; or None."""
        leaving = self.house.instance.unsubscribe
        found = Unsubscribing(leaving.url, leaving.secret).whose(self.token) if leaving else None
        where = origin_of(self.request).address
        bound = Bound(f"letter {where}", RIGHT) if found else Bound(f"no letter {where}", WRONG)
        wait = tries_of(self.request).attempt([bound], self.now)
        if wait:
            return self.said("later", 429, {"retry-after": str(-(-wait // 1_000_000))})
        programs = self.house.programs()
        if found is None or self.pack is None or programs is None:
            return self.said("bad", 404)
        with self.house.store() as store:
            try:
                names, _ = names_known(store, found[0])
            except Unknown:
                return self.said("gone", 200)
            self.customer, self.class_ = names[0], found[1]
            self.state = state_of(store, programs, names)
        return None

    def looking(self) -> Looking:
        """How she reads: in the language that she asks for now, else in her own, else her browser's."""
        own = self.state.profile.get("language") if self.state else None
        known = str(own[2]) if own and own[2] in LANGUAGES else language_of(self.request)
        return Looking(
            language=self.language or known,
            zone=zone_of(self.pack.head.zone if self.pack else "Asia/Shanghai"),
            now=self.now,
            path=self.request.url.path,
        )

    def page(
        self, template: str, values: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        """A page for her, that tells no other site where it is."""
        looking = self.looking()
        company = self.house.instance.sender.get("company", "")
        title = titled(self.pack.head.title).spoken(looking.language) if self.pack else ""
        values = {"house": company or title, "at": self.at} | values
        answer = screens_of(self.request).page(template, looking, values, status=status)
        answer.headers["referrer-policy"] = "no-referrer"
        answer.headers.update(headers or {})
        return answer

    def said(
        self, what: str, status: int = 200, headers: dict[str, str] | None = None, *, says: str = ""
    ) -> Response:
        """A page with one thing to say."""
        t = self.looking().words
        known = bool(self.customer)
        values = {
            "title": t(f"choices.{what}_title"),
            "says": t(f"choices.{says or what + '_says'}"),
            "undo": what == "left",
            "more": t("choices.again" if what == "saved" else "choices.all"),
        }
        return self.page("choices/said.html", values | ({} if known else {"at": ""}), status, headers)


@router.get("/u/{token}")
def look(request: Request, caller: Reader, house: Ours, token: str, lang: str = "") -> Response:
    """What the letter offers to stop. Nothing is changed by looking: mail programs follow links."""
    letter = Letter(request, house, token, lang)
    refused = letter.refused()
    if refused:
        return refused
    if letter.class_ not in LEAVES:
        return _all(letter)
    return letter.page("choices/leave.html", {"class_": letter.class_})


@router.post("/u/{token}")
def leave(
    request: Request,
    caller: Reader,
    house: Ours,
    token: str,
    one_click: Annotated[str, Form(alias="List-Unsubscribe", max_length=40)] = "",
    again: Annotated[str, Form(max_length=10)] = "",
    lang: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Stop what the letter is one of, or take that back; what asks for neither changes nothing."""
    letter = Letter(request, house, token, lang)
    refused = letter.refused()
    if refused:
        return refused
    kind, what = LEAVES.get(letter.class_, ("", ""))
    if not kind or not (again or one_click == "One-Click"):
        return look(request, caller, house, token, lang)
    if again:
        back = "consent.given" if kind.startswith("consent") else "preference.cleared"
        return _told(letter, [(back, {"what": what} | _source(back))], "back")
    return _told(letter, [(kind, {"what": what} | _source(kind))], "left")


@router.get("/u/{token}/choices")
def choices(
    request: Request, caller: Reader, house: Ours, token: str, lang: Annotated[str, Query(max_length=10)] = ""
) -> Response:
    """All that she may choose, as it is chosen now."""
    letter = Letter(request, house, token, lang)
    return letter.refused() or _all(letter)


class ChoicesForm(BaseModel):
    """What the form of all choices sends: a tick that is off sends nothing."""

    quiet: Annotated[str, Field(max_length=10)] = ""
    days: Literal["", "7", "30", "90"] = ""
    channel: Annotated[list[str], Field(max_length=100)] = []
    topic: Annotated[list[str], Field(max_length=500)] = []
    offers: Annotated[str, Field(max_length=10)] = ""
    language: Annotated[str, Field(max_length=10)] = ""
    lang: Annotated[str, Field(max_length=10)] = ""


@router.post("/u/{token}/choices")
def choose(
    request: Request, caller: Reader, house: Ours, token: str, form: Annotated[ChoicesForm, Form()]
) -> Response:
    """Note what she has chosen, as far as it differs from what held."""
    letter = Letter(request, house, token, form.language or form.lang)
    refused = letter.refused()
    if refused:
        return refused
    pack, before = _held(letter)
    chosen = Chosen(
        quiet=bool(form.quiet),
        channels=frozenset(form.channel),
        topics=frozenset(form.topic),
        offers=bool(form.offers),
        language=form.language,
    )
    end = format_instant(letter.now + int(form.days) * DAY) if form.days else None
    found = told(pack, before, chosen, end, SOURCE)
    if not found:
        return letter.said("saved", says="nothing_new")
    return _told(letter, found, "saved")


def _told(letter: Letter, found: list[tuple[str, dict[str, Any]]], what: str) -> Response:
    """Hand everything to the door, and say so once it is durable."""
    pack, _ = _held(letter)
    id_ = secrets.token_hex(16)
    try:
        with letter.house.store() as store:
            for kind, data in found:
                number = f"{id_}|{data.get('what', '')}"
                tell(store, pack, letter.customer, kind, data, letter.now, source=SOURCE, id_=number)
    except Later as error:
        return letter.said("later", 429, {"retry-after": str(error.seconds)})
    return letter.said(what)


def _all(letter: Letter) -> Response:
    pack, held = _held(letter)
    looking, names = letter.looking(), Names(pack)
    quiet = pack.head.policy.quiet_hours
    hours = (
        looking.words("choices.hours", begin=str(quiet.from_), end=str(quiet.to))
        if quiet and quiet.from_ and quiet.to
        else ""
    )
    values = {
        "choices": held,
        "until": f"{looking.zone.local(held.quiet_until):%Y-%m-%d}"
        if held.quiet and held.quiet_until
        else "",
        "hours": hours,
        "channel_of": lambda name: names.of(name, CHANNELS).spoken(looking.language),
        "topic_of": lambda name: names.touchpoint(name).spoken(looking.language),
    }
    return letter.page("choices/choices.html", values)


def _held(letter: Letter) -> tuple[Pack, Choices]:
    assert letter.pack is not None and letter.state is not None
    return letter.pack, choices_of(letter.pack, letter.state, letter.now)


def _source(kind: str) -> dict[str, str]:
    return {"source": SOURCE} if kind.startswith("consent") else {}
