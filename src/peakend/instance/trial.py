"""A trial: a service that is made up, with a past of a year behind it and events that go on, in one folder.

Nothing of it leaves the machine: its channels are mute. A trial that is there is gone on with, so that what
somebody changed in it stays.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from threading import Event
from typing import Final, NamedTuple

import msgspec

from peakend.deliver.settings import channels_of
from peakend.instance.file import read_instance
from peakend.instance.lived import go_on, live_through, seen_in
from peakend.instance.working import post_of
from peakend.loop.inlet import Inlet
from peakend.model.account import Account, AuditEntry, Language, Role
from peakend.model.pack import Pack
from peakend.model.stored import NoteAct
from peakend.model.vocabulary import used_channels
from peakend.publish import pack_of, publish, published
from peakend.simulate import simulate
from peakend.store import Store, open_store
from peakend.tell.said import Said

DAY: Final = 86_400_000_000
CUSTOMERS: Final = 150
PAST: Final = 365
"""Days that lie behind a trial."""
_AHEAD, _SEED = 60, 2025
_DONE_AFTER: Final = 4 * DAY
"""Microseconds after which colleagues of the trial have done their cards: a weekend is no working time."""
_LEFT_FOR: Final = 7 * DAY
"""Microseconds for which the newest card of a role waits all the same, so that each role has work."""
_FILE = """# A trial: nothing leaves this machine. What each key means: docs/running.md
database: {database}
worker: trial
sender: {{name: {name}, phone: 010-5555-0100, company: {company}}}
channels:
{channels}
"""


class Person(NamedTuple):
    """Somebody of the trial: a login, what she may, and how she is shown."""

    name: str
    role: Role
    shown: Said


PEOPLE: Final = (
    Person("designer", "designer", Said("服务设计师", "service designer")),
    Person("manager", "manager", Said("服务经理", "service manager")),
    Person("frontline", "frontline", Said("一线同事", "frontline colleague")),
    Person("admin", "admin", Said("管理员", "admin")),
)


class Trial(msgspec.Struct):
    """Where a trial stands: its past was lived through `until`, and `sent` events have happened since."""

    until: int
    sent: int = 0


def database_of_trial(folder: Path) -> Path:
    """The file in which a trial lives."""
    return folder / "trial.db"


def config_of_trial(folder: Path) -> Path:
    """The file of the instance that a trial is."""
    return folder / "peakend.yaml"


def begin(folder: Path, pack: Pack, now: int, tell: Callable[[int, int], None], language: str) -> Path:
    """Make a trial in a folder, with its past up to `now`; returns the file of the instance."""
    log, database = _log(folder), database_of_trial(folder)
    start = date.fromtimestamp(now / 1_000_000) - timedelta(days=PAST)
    simulate(pack, log, customers=CUSTOMERS, days=PAST + _AHEAD, start=start, seed=_SEED)
    config = config_of_trial(folder)
    config.write_text(_written(pack, database, language), "utf-8")
    placed = read_instance(config)
    told = seen_in(log)
    unfinished = database.with_suffix(".new.db")
    _remove(unfinished)
    with closing(open_store(str(unfinished))) as store:
        publish(store, pack, who="trial", backtest="", approved="", now=told[0][0] - DAY)
        holds = published(store)
        kept = pack_of(store, holds.hash) if holds else pack
        ready = channels_of(placed.instance.channels, {}, sys.stdout)
        live_through(
            store, kept, told, now, post_of(kept, placed, ready), tell, lambda clock: do_cards(store, clock)
        )
        for one in PEOPLE:
            shown = one.shown.spoken(language)
            account = Account(
                name=one.name, shown=shown, role=one.role, language=_spoken(language), made=now, changed=now
            )
            store.add_account(account, AuditEntry(at=now, who="trial", what="account.added", about=one.name))
    _keep(folder, Trial(now))
    _remove(database)
    unfinished.replace(database)
    return config


def keep_going(folder: Path, store: Store, pack: Pack, clock: Callable[[], int], stopped: Event) -> None:
    """Let the events of a trial go on from where they were, until `stopped`."""
    trial = msgspec.json.decode(_place(folder).read_bytes(), type=Trial)
    told = [one for one in seen_in(_log(folder)) if one[0] > trial.until][trial.sent :]
    go_on(
        Inlet(store, pack),
        told,
        clock,
        stopped,
        lambda number: _keep(folder, Trial(trial.until, trial.sent + number)),
    )


def _spoken(language: str) -> Language:
    return "zh" if language == "zh" else "en"


def do_cards(store: Store, clock: int) -> None:
    """Colleagues do what has waited long enough for them, the newest of each role last."""
    waiting = sorted(store.notes(kind="card", states=("new", "fetched")), key=lambda one: one.at)
    newest = {one.who: one.send_key for one in waiting}
    for one in waiting:
        longest = _LEFT_FOR if newest[one.who] == one.send_key else _DONE_AFTER
        if one.at < clock - longest:
            store.act_on_note(NoteAct(send_key=one.send_key, at=clock, who=one.who, what="done"))


def _written(pack: Pack, database: Path, language: str) -> str:
    through = sorted({*used_channels(pack)} - {"card", "console"})
    return _FILE.format(
        database=database,
        name="服务经理" if language == "zh" else "Service desk",
        company="云上" if language == "zh" else "Cloud",
        channels="\n".join(f"  {name}: {{kind: mute}}" for name in through),
    )


def _log(folder: Path) -> Path:
    return folder / "trial.parquet"


def _place(folder: Path) -> Path:
    return folder / "trial.json"


def _keep(folder: Path, trial: Trial) -> None:
    """Write down where the trial stands, whole or not at all."""
    new = folder / "trial.json.new"
    new.write_bytes(msgspec.json.encode(trial))
    new.replace(_place(folder))


def _remove(database: Path) -> None:
    for end in ("", "-wal", "-shm"):
        Path(f"{database}{end}").unlink(missing_ok=True)
