"""`peakend preview`: one text as one customer got it, or as an example that says that it is one."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from peakend.backtest.preview import Previewed, preview
from peakend.cli.options import Events, Language, PackName, console, notices
from peakend.cli.progress import progress
from peakend.cli.words import say
from peakend.design.pack import find_pack, load_pack
from peakend.errors import PeakendError
from peakend.listen.history import open_history
from peakend.model.pack import Pack
from peakend.when import parse_instant, zone


def preview_text(
    pack: PackName,
    text: Annotated[str, typer.Argument(help="A text or card of the pack, by its name")],
    events: Events,
    customer: Annotated[str, typer.Option("--customer", help="Whom it goes to")],
    channel: Annotated[
        str, typer.Option("--channel", help="email, sms, …; else that of the send, or email with --html")
    ] = "",
    at: Annotated[str, typer.Option("--at", help="The last send up to this time, YYYY-MM-DD HH:MM")] = "",
    sender: Annotated[
        list[str] | None, typer.Option("--sender", help="NAME=VALUE below sender in the texts; repeatable")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write the page to this file")] = None,
    language: Language = "en",
) -> None:
    """A text as one customer got it, in the words and the language of a letter."""
    found = load_pack(find_pack(pack))
    until = parse_instant(at, zone(found.head.zone)) if at else None
    with progress(notices, language) as step, TemporaryDirectory(prefix="peakend-") as folder:
        aside = Path(folder) / "quarantine.jsonl"
        history = open_history(found, events, Path(folder) / "log.parquet", aside, step("read"))
        shown = preview(
            found,
            history.log,
            customer,
            text,
            sender=_sender(sender or [], language),
            channel=channel or ("email" if html else ""),
            language=language,
            until=until,
        )
    _print(found, shown, language)
    if html:
        key = "preview_page" if shown.words.html else "preview_no_page"
        if shown.words.html:
            html.write_text(shown.words.html, encoding="utf-8")
        _say(key, language, file=str(html), channel=shown.channel)


def _sender(given: list[str], language: str) -> dict[str, str]:
    """What was given, over a name and a number that everybody sees are placeholders."""
    name, phone = ("（姓名）", "（电话）") if language == "zh" else ("(name)", "(phone)")
    sender = {"name": name, "phone": phone}
    for one in given:
        word, is_, value = one.partition("=")
        if not is_:
            raise PeakendError(
                f"'{one}' says no value",
                fix="Write --sender name=VALUE",
                what_zh=f"“{one}”没有写值",
                fix_zh="请写 --sender name=内容",
            )
        sender[word.strip()] = value
    return sender


def _print(pack: Pack, shown: Previewed, language: str) -> None:
    words = shown.words
    at = f"{zone(pack.head.zone).local(shown.instant):%Y-%m-%d %H:%M}"
    if shown.sent:
        key = "preview_sent_many" if shown.items > 1 else "preview_sent"
        _say(key, language, play=shown.play, at=at, channel=shown.channel, n=shown.items)
    else:
        key = "preview_example" if shown.event else "preview_empty"
        _say(key, language, at=at, event=shown.event, channel=shown.channel)
    if words.unknown:
        _say("preview_unknown", language, names=", ".join(words.unknown))
    console.print()
    if words.subject:
        _say("preview_subject", language, text=words.subject)
    if words.link:
        _say("preview_link", language, text=words.link)
    if words.attachments:
        _say("preview_files", language, files=", ".join(file.name for file in words.attachments))
    console.print(f"\n{words.text}\n", markup=False, highlight=False, soft_wrap=True, emoji=False)


def _say(key: str, language: str, **values: str | int) -> None:
    said = say(key, language, **values)
    console.print(said, markup=False, highlight=False, soft_wrap=True, emoji=False)
