"""/api/v1/webhooks: other systems that are told what happens. A secret is shown once."""

from __future__ import annotations

from base64 import b64encode
from secrets import token_bytes, token_hex
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Body, Path, Request
from msgspec.structs import replace

from peakend.errors import Missing, PeakendError
from peakend.model.account import AuditEntry
from peakend.model.hook import HAPPENINGS, Happening, Hook
from peakend.store import Store
from peakend.web.answers import Json
from peakend.web.api.shapes import described
from peakend.web.callers import Caller, scoped
from peakend.web.house import House, Ours
from peakend.web.telling import Teller
from peakend.wire.webhooks import Tested, Webhook, Webhooks, WithSecret

router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"])
Admin = Annotated[Caller, scoped("admin", "admin")]
Id = Annotated[str, Path(alias="id", max_length=40)]


@router.get("", responses=described(Webhooks))
def list_webhooks(caller: Admin, house: Ours) -> Json:
    """All systems that are told what happens."""
    with house.store() as store:
        waiting = store.waiting_calls()
        found = [_told(one, waiting.get(one.id, 0)) for one in store.hooks()]
    return Json(Webhooks(webhooks=found, kinds=list(HAPPENINGS)))


@router.post("", status_code=201, responses=described(WithSecret, status=201))
def make_webhook(
    caller: Admin,
    house: Ours,
    url: Annotated[str, Body(max_length=500, description="Where it is told, https unless its host is named")],
    kinds: Annotated[list[Happening], Body(min_length=1, max_length=20, description="Of what it is told")],
    label: Annotated[str, Body(max_length=80, description="What it is")] = "",
) -> Json:
    """Let a system be told from now on. The secret that signs is in this answer and nowhere else."""
    _check(house, url)
    now, secret = house.clock(), _secret()
    known = tuple(one for one in HAPPENINGS if one in kinds)
    hook = Hook(
        id=f"wh_{token_hex(6)}",
        url=url,
        kinds=known,
        secrets=(secret,),
        label=label,
        who=caller.name,
        made=now,
    )
    with house.store() as store:
        store.save_hook(hook, _entry(caller, now, "webhook.made", hook, f"{url}: {', '.join(known)}"))
    return Json(_with(hook, 0, secret), 201)


@router.post("/{id}/rotate", responses=described(WithSecret))
def rotate_webhook(caller: Admin, house: Ours, id_: Id) -> Json:
    """Sign with a new secret, and with the one before it too, until the next rotation."""
    secret, now = _secret(), house.clock()
    with house.store() as store:
        before = _known(store, id_)
        hook = replace(before, secrets=(secret, before.secrets[0]))
        store.save_hook(hook, _entry(caller, now, "webhook.rotated", hook))
        return Json(_with(hook, store.waiting_calls().get(id_, 0), secret))


@router.post("/{id}/enable", responses=described(Webhook))
def enable_webhook(caller: Admin, house: Ours, id_: Id) -> Json:
    """Tell a system again that did not answer for days; what waited is told first."""
    with house.store() as store:
        hook = replace(_known(store, id_), disabled=0, failing=0, after=0)
        store.save_hook(hook, _entry(caller, house.clock(), "webhook.enabled", hook))
        return Json(_told(hook, store.waiting_calls().get(id_, 0)))


@router.post("/{id}/test", responses=described(Tested))
def test_webhook(request: Request, caller: Admin, house: Ours, id_: Id) -> Json:
    """Tell a system a `hook.tested` now, and say what came back."""
    teller: Teller = request.app.state.teller
    with house.store() as store:
        hook = _known(store, id_)
    receipt = teller.test(hook)
    return Json(Tested(accepted=receipt.answer == "accepted", said=receipt.said))


@router.delete("/{id}", responses=described(Webhook))
def delete_webhook(caller: Admin, house: Ours, id_: Id) -> Json:
    """Tell a system nothing more, and forget what waited for it."""
    with house.store() as store:
        hook = _known(store, id_)
        store.drop_hook(id_, _entry(caller, house.clock(), "webhook.deleted", hook))
    return Json(_told(hook, 0))


def _known(store: Store, id_: str) -> Hook:
    found = next((one for one in store.hooks() if one.id == id_), None)
    if found is None:
        raise Missing(
            f"There is no webhook '{id_}'",
            fix="GET /api/v1/webhooks lists all of them",
            what_zh=f"没有编号为“{id_}”的事件推送",
            fix_zh="GET /api/v1/webhooks 可列出全部",
        )
    return found


def _check(house: House, url: str) -> None:
    """Refuse what could never be told; a name that leads into a private network is judged when it is used."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        parts, host = urlsplit(""), ""
    named = host in house.instance.webhooks.private_hosts
    plain = url.isascii() and url.isprintable() and " " not in url and parts.username is None
    if not (plain and host and (parts.scheme == "https" or (parts.scheme == "http" and named))):
        raise PeakendError(
            "The address must be https",
            place="body.url",
            fix="Write https://host/path; a host in the own network has to stand in peakend.yaml: "
            "webhooks: {private_hosts: [crm.internal]}",
            what_zh="地址必须是 https",
            fix_zh="请写成 https://主机/路径；内网主机须先写进 peakend.yaml："
            "webhooks: {private_hosts: [crm.internal]}",
        )


def _secret() -> str:
    return "whsec_" + b64encode(token_bytes(32)).decode()


def _entry(caller: Caller, now: int, what: str, hook: Hook, after: str = "") -> AuditEntry:
    return AuditEntry(at=now, who=caller.name, what=what, about=hook.id, after=after)


def _fields(hook: Hook, waits: int) -> dict[str, Any]:
    names = ("id", "url", "label", "who", "made", "failing", "disabled", "said")
    return {name: getattr(hook, name) for name in names} | {"kinds": list(hook.kinds), "waits": waits}


def _told(hook: Hook, waits: int) -> Webhook:
    return Webhook(**_fields(hook, waits))


def _with(hook: Hook, waits: int, secret: str) -> WithSecret:
    return WithSecret(**_fields(hook, waits), secret=secret)
