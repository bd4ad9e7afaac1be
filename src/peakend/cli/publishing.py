"""`publish`, `approve`, `keygen`: a preview of who is affected, a second person where one is needed.

It prints what was counted and decides nothing: what needs an approval, and what is one, stands in `publish`.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from peakend.backtest.diff import CHANGES
from peakend.check import check
from peakend.cli.options import (
    By,
    Database,
    Language,
    Yes,
    agreed,
    console,
    content_of,
    notices,
    now,
    opened,
    show,
    who,
)
from peakend.cli.progress import progress
from peakend.cli.words import LANGUAGES, SAYS, say
from peakend.design.pack import find_pack
from peakend.errors import PeakendError
from peakend.model.pack import Pack
from peakend.model.publication import Signer
from peakend.publish import (
    NotApproved,
    Preview,
    new_key,
    preview,
    published,
    read_approval,
    read_key,
    sound,
    verify,
)
from peakend.publish import approve as sign
from peakend.publish import publish as publish_pack
from peakend.store import Store
from peakend.tell.names import Names
from peakend.tell.said import Said, listed, titled

Words = dict[str, int | str | Said]
_FEW = 8

PackName = Annotated[str, typer.Argument(help="A pack: its folder, or the name of one that comes along")]
KeyFile = Annotated[Path, typer.Option("--key", help="Your key, made by `peakend keygen`")]


def publish(
    pack: PackName,
    database: Database,
    approval: Annotated[
        Path | None, typer.Option("--approval", help="What a second person has signed, where one is needed")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", help="Your own key, where an approval is needed")
    ] = None,
    by: By = None,
    yes: Yes = False,
    workers: Annotated[int, typer.Option("--workers", min=1)] = 2,
    language: Language = "en",
) -> None:
    """Show whom a pack would affect, and let it hold from now on: whole, unchangeable, under its hash."""
    found = _checked(pack, language)
    with opened(database, made=True) as store:
        agreement = read_approval(content_of(approval), str(approval)) if approval else None
        seen = _preview(store, found, workers, language, agreement.until if agreement else None)
        if seen.old == seen.new:
            show(console, say("published_already", language, hash=seen.new[:12]))
            return
        print_preview(found, seen, language)
        name = who(by)
        if seen.reasons:
            if agreement is None or key is None:
                raise _needs_approval(pack, seen)
            own = read_key(content_of(key), str(key))
            verify(
                agreement,
                store.signers(),
                hash_=seen.new,
                backtest=seen.backtest,
                publisher=own.public,
                now=now(),
            )
            show(console, say("approved_by", language, who=agreement.who))
            name = own.name
        agreed("ask_publish", language, yes=yes, console=console)
        approved = msgspec.json.encode(agreement).decode() if agreement and seen.reasons else ""
        done = publish_pack(store, found, who=name, backtest=seen.backtest, approved=approved, now=now())
    show(console, say("published", language, pack=done.pack, hash=done.hash[:12], who=name), "bold green")


def approve(
    pack: PackName,
    key: KeyFile,
    database: Database,
    out: Annotated[Path, typer.Option("--out", help="Where the approval goes, for whoever publishes")],
    yes: Yes = False,
    workers: Annotated[int, typer.Option("--workers", min=1)] = 2,
    language: Language = "en",
) -> None:
    """See whom a pack would affect, and sign that this version may be published after this backtest."""
    own = read_key(content_of(key), str(key))
    found = _checked(pack, language)
    with opened(database) as store:
        if own.public not in {one.public for one in store.signers()}:
            raise _unknown_key(own.name)
        seen = _preview(store, found, workers, language, None)
    print_preview(found, seen, language)
    agreed("ask_approve", language, yes=yes, console=console)
    signed = sign(own, pack=found.head.pack, hash_=seen.new, backtest=seen.backtest, now=now())
    out.write_bytes(msgspec.json.format(msgspec.json.encode(signed), indent=2) + b"\n")
    show(console, say("approval_in", language, file=str(out), day=signed.expires[:10]))


def keygen(
    name: Annotated[str, typer.Argument(help="Whose key it is, for example li")],
    out: Annotated[Path, typer.Option("--out", help="Where the secret half goes; only you may read it")],
    database: Database,
    language: Language = "en",
) -> None:
    """Make a key: its secret half into a file of yours, its public half into the store."""
    if out.exists():
        raise PeakendError(
            "There is a file of this name already",
            place=str(out),
            fix="Write another --out: a key that is overwritten is lost",
            what_zh="已有同名文件",
            fix_zh="请另写 --out：密钥被覆盖就找不回来了",
        )
    made = new_key(name)
    with opened(database, made=True) as store:
        store.trust(Signer(name=name, public=made.public, since=now()))
    # Made for its owner alone from the first byte on.
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(msgspec.json.encode(made) + b"\n")
    show(console, say("key_made", language, name=name, file=str(out)))


def print_preview(pack: Pack, seen: Preview, language: str) -> None:
    """From which version to which, what changed by name, and who would get what more or less."""
    names = Names(pack)
    first = "first_version" if not seen.old else "next_version"
    show(console, say(first, language, pack=pack.head.pack, old=seen.old[:12], new=seen.new[:12]))
    for (what, how), number in Counter((one.what, one.how) for one in seen.changes).items():
        some = [Said(one.name, one.name) for one in seen.changes if (one.what, one.how) == (what, how)]
        more = f"{how}_more" if number > _FEW else f"{how}_"
        words: Words = {"what": SAYS[f"what_{what}"], "names": listed(some[:_FEW]), "n": number}
        show(console, say(more, language, **words))
    show(console, say("affected", language, n=seen.people, events=seen.events, id=seen.backtest))
    for one in seen.affected:
        figures: Words = {"change": titled(CHANGES[one.change]), "n": one.steps, "people": one.people}
        step = {"play": names.play(one.play), "step": names.of(one.step)}
        show(console, say("affects", language, **figures, **step))
    if running := sum(seen.open_runs.values()):
        show(console, say("open_runs", language, n=running))
    for play in seen.stopped:
        show(console, say("still_stopped", language, play=names.play(play)))
    for reason in seen.reasons:
        show(console, say(f"because_{reason.why}", language, about=reason.about), "yellow")


def _checked(pack: str, language: str) -> Pack:
    folder = Path(pack) if Path(pack).is_dir() else find_pack(pack)
    with progress(notices, language) as step:
        return sound(check(folder, step("stories")), pack)


def _preview(store: Store, pack: Pack, workers: int, language: str, until: int | None) -> Preview:
    with progress(notices, language) as step:
        before = published(store)
        return preview(store, pack, before, until=until, workers=workers, progress=step("diff"))


def _needs_approval(pack: str, seen: Preview) -> NotApproved:
    why = [
        Said(*(say(f"because_{one.why}", spoken, about=one.about) for spoken in LANGUAGES))
        for one in seen.reasons
    ]
    call = f"peakend approve {pack} --key FILE --out approval.json --database URL"
    then = f"peakend publish {pack} --approval approval.json --key FILE --database URL"
    return NotApproved(
        f"This version needs the approval of a second person. {'. '.join(one.en for one in why)}",
        fix=f"Somebody else calls: {call}; then you: {then}",
        what_zh=f"这个版本须由另一个人审批。{'；'.join(one.zh for one in why)}",
        fix_zh=f"请另一个人执行：{call}；然后您执行：{then}",
    )


def _unknown_key(name: str) -> NotApproved:
    return NotApproved(
        f"This store does not know the key of '{name}'",
        fix="Make keys known: peakend keygen NAME --out NAME.key --database URL",
        what_zh=f"这个库没有登记“{name}”的密钥",
        fix_zh="登记密钥：peakend keygen 名字 --out 名字.key --database URL",
    )
