"""`messages` and `cards`: what is on its way, what only a person can decide, what colleagues have to do."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, cast, get_args

import typer

from peakend.cli.options import By, Database, Language, Yes, agreed, console, now, opened, show, who
from peakend.cli.words import SAYS, say
from peakend.errors import PeakendError
from peakend.instance.working import pack_to_run
from peakend.loop.delivering import Courier, Post
from peakend.loop.desk import Desk
from peakend.loop.programs import Programs
from peakend.model.delivery import Words
from peakend.model.stored import Delivery, Message, NoteAct
from peakend.publish import packs_of
from peakend.store import Store
from peakend.tell.catalogue import CHANNELS
from peakend.tell.names import Names
from peakend.tell.said import Said
from peakend.when import format_instant

app = typer.Typer(help="What is on its way to customers, and what waits for a person.", no_args_is_help=True)
cards = typer.Typer(help="What colleagues have to do: cards and tasks.", no_args_is_help=True)
_FEW, _KEY = 20, 12


class Decision(StrEnum):
    """What a person knows or wants about one message."""

    again = "again"
    accepted = "accepted"
    delivered = "delivered"
    failed = "failed"
    withdrawn = "withdrawn"


Key = Annotated[str, typer.Argument(help="The key that `list` shows, or its beginning")]
State = Annotated[list[str] | None, typer.Option("--state", help="planned, review, unknown, …; repeatable")]
Reading = Annotated[str | None, typer.Option("--customer", help="Of this customer alone")]
PackName = Annotated[str, typer.Option("--pack", help="Where nothing is published: the pack that runs")]


@app.command("list")
def list_messages(
    database: Database,
    state: State = None,
    customer: Reading = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them")] = False,
    pack: PackName = "",
    language: Language = "en",
) -> None:
    """What is on its way, by default what waits for a person: under review, and in doubt."""
    wanted = [_state(one) for one in state or ("review", "unknown")]
    with opened(database) as store:
        found = store.messages(customer, wanted)
        names = Names(pack_to_run(store, pack))
    if not found:
        show(console, say("no_messages", language))
    for one in found if everything else found[:_FEW]:
        planned = one.planned
        words: dict[str, str | Said] = {
            "name": planned.send_key[:_KEY],
            "when": format_instant(one.changed or planned.since),
            "customer": planned.customer,
            "play": names.play(planned.play),
            "step": names.of(planned.step),
            "channel": names.of(planned.channel, CHANNELS),
            "state": _said(one.state),
            "receipt": one.receipt,
        }
        show(console, say("message_row", language, **words))
    if len(found) > _FEW and not everything:
        show(console, say("messages_more", language, n=len(found) - _FEW), "dim")


@app.command()
def decide(
    key: Key,
    what: Annotated[
        Decision, typer.Argument(help="again hands it over once more; the others say what became of it")
    ],
    database: Database,
    by: By = None,
    pack: PackName = "",
    language: Language = "en",
) -> None:
    """Decide about one message that is under review, in doubt, or has ended."""
    with opened(database) as store:
        one = _meant(store, key)
        state: Delivery = "planned" if what is Decision.again else cast(Delivery, what.value)
        courier = Courier(
            store,
            Programs(pack_to_run(store, pack), packs_of(store), True),
            Post(
                channels={}, compose=lambda contents, reader: Words(name="", language="", subject="", text="")
            ),
            worker=who(by),
            clock=now,
        )
        done = courier.decided(one.planned.send_key, state, f"{what.value}: {who(by)}")
    if not done:
        raise PeakendError(
            f"The message {key} is being handed over, or has failed already",
            fix="Look at it again in a minute: peakend messages list --state handed --database URL",
            what_zh=f"消息 {key} 正在发出，或已经失败",
            fix_zh="请稍后再看：peakend messages list --state handed --database URL",
        )
    show(console, say("decided", language, state=_said(state), name=one.planned.send_key[:_KEY]))


@app.command()
def release(database: Database, by: By = None, yes: Yes = False, language: Language = "en") -> None:
    """Let everything go that is under review, after a person has looked at it."""
    with opened(database) as store:
        found = store.messages(states=["review"])
        if not found:
            show(console, say("no_messages", language))
            return
        show(console, say("release_many", language, n=len(found)))
        agreed("release_question", language, yes=yes, console=console)
        done = sum(
            store.decide(one.planned.send_key, "planned", now(), f"released: {who(by)}") for one in found
        )
    show(console, say("released", language, n=done))


@cards.command("list")
def list_cards(
    database: Database,
    role: Annotated[str, typer.Option("--role", help="For this role alone")] = "",
    language: Language = "en",
) -> None:
    """The cards that wait, whole."""
    with opened(database) as store:
        found = store.notes(kind="card", who=role, states=["new", "fetched", "handed"])
        for one in found:
            store.act_on_note(NoteAct(send_key=one.send_key, at=now(), who=role, what="fetched"))
    if not found:
        show(console, say("no_notes", language))
    for one in found:
        head = f"{one.send_key[:_KEY]}  {format_instant(one.at)}  {one.who}  {one.customer}  {one.subject}"
        show(console, head, "bold")
        show(console, one.body + "\n")


@cards.command()
def done(
    key: Key,
    database: Database,
    by: By = None,
    result: Annotated[str, typer.Option("--result", help="What came of it, in a sentence")] = "",
    pack: PackName = "",
    language: Language = "en",
) -> None:
    """A card is done."""
    with opened(database) as store:
        keys = [one.send_key for one in store.notes(kind="card") if one.send_key.startswith(key)]
        if len(keys) != 1:
            raise _nothing(key)
        Desk(store, pack_to_run(store, pack)).finish(keys[0], who(by), now(), result=result)
    show(console, say("note_done", language, name=keys[0][:_KEY]))


def _meant(store: Store, key: str) -> Message:
    found = store.deliveries_like(key)
    if not found:
        raise _nothing(key)
    if len(found) > 1:
        raise PeakendError(
            f"{len(found)} messages have keys that begin with {key}",
            fix="Write more of it: peakend messages list --database URL",
            what_zh=f"有 {len(found)} 条消息的编号以 {key} 开头",
            fix_zh="请多写几位：peakend messages list --database URL",
        )
    return found[0]


def _state(word: str) -> Delivery:
    if word in get_args(Delivery):
        return cast(Delivery, word)
    known = ", ".join(get_args(Delivery))
    raise PeakendError(
        f"There is no state '{word}'",
        fix=f"One of {known}",
        what_zh=f"没有“{word}”这种状态",
        fix_zh=f"可选：{known}",
    )


def _said(state: str) -> Said:
    return SAYS[f"state_{state}"]


def _nothing(key: str) -> PeakendError:
    return PeakendError(
        f"Nothing here has the key {key}",
        fix="See the keys: peakend messages list --database URL, peakend cards list --database URL",
        what_zh=f"没有编号为 {key} 的记录",
        fix_zh="查看编号：peakend messages list --database URL，peakend cards list --database URL",
    )
