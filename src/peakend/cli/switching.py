"""`pause`, `resume`, `stop`, `status`: what is let in, what is handed over, and how things stand.

A pause of entries is an input and goes into the log; a pause of sends is the store's and holds deliveries.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from peakend.cli.options import By, Database, Language, console, now, opened, show, who
from peakend.cli.words import SAYS, say
from peakend.design.words import hint
from peakend.errors import PeakendError
from peakend.publish import pausing, published
from peakend.store import Store
from peakend.tell.catalogue import CHANNELS
from peakend.tell.said import Said
from peakend.when import format_instant


class What(StrEnum):
    """What is paused."""

    entries = "entries"
    sends = "sends"


Which = Annotated[What, typer.Argument(help="entries: nobody is let in; sends: nothing is handed over")]
PlayName = Annotated[str | None, typer.Option("--play", help="This play alone; else all")]
Channel = Annotated[str | None, typer.Option("--channel", help="Sends on this channel alone")]


def pause(
    what: Which,
    database: Database,
    play: PlayName = None,
    channel: Channel = None,
    by: By = None,
    language: Language = "en",
) -> None:
    """Let nobody new into plays, or hand nothing over, until `resume`; nothing that runs is dropped."""
    with opened(database) as store:
        name, way = _meant(store, what, play, channel)
        done = pausing.pause(store, what.value, name, way, who=who(by), now=now())
    _say(f"paused_{what}" if done else "paused_already", name, way, language)


def resume(
    what: Which,
    database: Database,
    play: PlayName = None,
    channel: Channel = None,
    language: Language = "en",
) -> None:
    """End a pause that was said in the same words."""
    with opened(database) as store:
        name, way = _meant(store, what, play, channel)
        if not pausing.resume(store, what.value, name, way, now=now()):
            raise _not_paused(what, database)
    _say(f"resumed_{what}", name, way, language)


def stop(
    play: Annotated[str, typer.Argument(help="The play to stop")],
    database: Database,
    by: By = None,
    language: Language = "en",
) -> None:
    """End entries and sends of a play for good, until its file is changed and published anew."""
    with opened(database) as store:
        name, _ = _meant(store, What.entries, play, None)
        done = pausing.stop(store, name, who=who(by), now=now())
    _say("stopped" if done else "stopped_already", name, "", language)


def status(database: Database, language: Language = "en") -> None:
    """What is published, paused, waiting, under review and unknown."""
    with opened(database) as store:
        rows = _standing(store, language)
    table = Table(show_header=False, box=None, pad_edge=False)
    for what, how in rows:
        table.add_row(say(what, language), how)
    console.print(table, highlight=False)


def _standing(store: Store, language: str) -> list[tuple[str, str]]:
    holds, counts, runs = published(store), store.message_counts(), store.open_runs()
    rows = [("is_published", say("nothing", language))]
    if holds:
        words = {"pack": holds.pack, "hash": holds.hash[:12], "who": holds.who}
        rows = [("is_published", say("version", language, when=format_instant(holds.seen), **words))]
    for play, since in pausing.entry_pauses(store):
        rows.append(("no_entries", say("since", language, what=_whose(play, ""), when=format_instant(since))))
    for one in store.switches():
        what = "is_stopped" if one.stopped else "no_sends"
        whose, when = _whose(one.play, one.channel), format_instant(one.since)
        rows.append((what, say("since_by", language, what=whose, when=when, who=one.who)))
    rows.append(("is_running", say("figure", language, n=sum(runs.values()))))
    rows.append(("is_arrived", say("figure", language, n=store.waiting())))
    for state in ("planned", "review", "unknown", "failed"):
        rows.append((f"is_{state}", say("figure", language, n=counts.get(state, 0))))
    rows.append(("is_aside", say("figure", language, n=len(store.put_aside_rows()))))
    for signer in store.signers():
        rows.append(
            (
                "may_sign",
                say(
                    "since", language, what=Said(signer.name, signer.name), when=format_instant(signer.since)
                ),
            )
        )
    return rows


def _meant(store: Store, what: What, play: str | None, channel: str | None) -> tuple[str, str]:
    """The play and the channel, '' for all. Raises PeakendError for what there is not."""
    if channel and (play or what is What.entries):
        raise PeakendError(
            "--channel goes with sends, and without --play",
            fix="Write for example: peakend pause sends --channel sms --database URL",
            what_zh="--channel 只用于 sends，且不能与 --play 同用",
            fix_zh="例如：peakend pause sends --channel sms --database URL",
        )
    holds = published(store)
    plays = [name[6:-5] for name in holds.files if name.startswith("plays/")] if holds else []
    if play and holds and play not in plays:
        english, chinese = hint(play, plays)
        raise PeakendError(
            f"The published version has no play '{play}'",
            fix=english,
            what_zh=f"已发布的版本里没有剧本“{play}”",
            fix_zh=chinese,
        )
    if channel and channel not in CHANNELS:
        english, chinese = hint(channel, CHANNELS)
        raise PeakendError(
            f"There is no channel '{channel}'",
            fix=english,
            what_zh=f"没有渠道“{channel}”",
            fix_zh=chinese,
        )
    return play or "", channel or ""


def _not_paused(what: What, database: str) -> PeakendError:
    return PeakendError(
        f"No pause of {what} was said in these words",
        fix=f"See what is paused: peakend status --database {database}; a stopped play begins again "
        "when its changed file is published",
        what_zh="没有以同样范围设置的暂停" + ("进入" if what is What.entries else "发送"),
        fix_zh=f"查看当前暂停：peakend status --database {database}；已停用的剧本，修改后重新发布即恢复",
    )


def _say(tale: str, play: str, channel: str, language: str) -> None:
    show(console, say(tale, language, what=_whose(play, channel)))


def _whose(play: str, channel: str) -> Said:
    if play:
        return Said(play, play)
    return CHANNELS[channel] if channel else SAYS["everything"]
