"""What pages show but cannot reckon while somebody waits: the sums of the map, and the answers of find.

Each is a job whose result is kept in the store, so that a page shows it at once and says as of when. The
figures of the map are refreshed as they are looked at; an answer of find stands until somebody asks anew.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from peakend.design.pack import find_pack, load_pack
from peakend.errors import EvidenceError, PeakendError
from peakend.model.found import Found
from peakend.model.job import OVER, Job
from peakend.model.mapped import Mapped
from peakend.model.pack import Pack
from peakend.publish import pack_of
from peakend.publish.segments import segments
from peakend.store import Store
from peakend.web.house import House
from peakend.web.jobs import Task, Work

MAP: Final = "map"
FIND: Final = "find"
WINDOWS: Final = ("P30D", "P90D", "P180D", "P365D")
"""How far back an answer may look."""
FRESH: Final = 86_400_000_000
"""Microseconds for which the figures of the map count as new."""
_AGAIN: Final = 600_000_000
"""Microseconds after which what failed is tried again by itself."""
_NEWEST: Final = 20


class OfPack(msgspec.Struct, frozen=True, kw_only=True):
    """Which pack is meant where none is published."""

    named: str = ""


class AskedFind(OfPack, frozen=True, kw_only=True):
    """What to explain, by which attribute to compare ('' lets find choose), and how far back to look."""

    outcome: str
    segment: str = ""
    window: str = "P90D"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of find, the pack that it was asked of, and how many events could not be used."""

    hash: str
    refused: int
    found: Found


class Reckoned(NamedTuple):
    """The newest figures of the map (None: there are none yet), and the job that is on its way or that
    failed after them."""

    mapped: Mapped | None
    job: Job | None


class Answered(NamedTuple):
    """A question to find, and its answer once there is one."""

    job: Job
    asked: AskedFind
    answer: Answer | None


def maps(task: Task) -> Mapped:
    """Add up what the store knows of all touchpoints."""
    from peakend.moments.mapped import mapped  # noqa: PLC0415  only a job waits for it to load

    return mapped(task.store, _pack(task), task.now, task.tell)


def finds(task: Task) -> Answer:
    """Ask find over all that was recorded."""
    from peakend.moments import find  # noqa: PLC0415  only a job waits for it to load

    asked = msgspec.convert(task.params, AskedFind)
    pack = _pack(task)
    log = segments(task.store, task.folder)
    if not log:
        raise EvidenceError(
            "Nothing was recorded yet, so there is nothing to find in",
            fix="Send events, or load a history: peakend ingest",
            what_zh="还没有记录任何客户动态，无从分析",
            fix_zh="请先接入动态，或导入历史数据：peakend ingest",
        )
    found = find(
        pack, log, asked.outcome, segment=asked.segment or None, window=asked.window, progress=task.tell
    )
    return Answer(hash=pack.hash, refused=found.refused, found=found.found)


KINDS: Final[dict[str, Work]] = {MAP: maps, FIND: finds}


def reckoned(store: Store) -> Reckoned:
    """The newest figures of the map."""
    newer: Job | None = None
    for job in store.jobs(kind=MAP, limit=_NEWEST):
        if job.state == "done":
            return Reckoned(msgspec.json.decode(job.result, type=Mapped), newer)
        newer = newer or job
    return Reckoned(None, newer)


def refresh(house: House, who: str, *, only_stale: bool = False) -> Job | None:
    """Let the figures be reckoned anew, unless they are being already; the job that is on its way.

    `only_stale` asks for it only where they are old, or were reckoned by another version of the pack.
    """
    now, pack = house.clock(), house.pack()
    with house.store() as store:
        known = reckoned(store)
    if known.job is not None and known.job.state not in OVER:
        return known.job
    if pack is None:
        return None
    if only_stale:
        if not house.has_jobs:
            return None
        fresh = known.mapped is not None and known.mapped.hash == pack.hash
        if fresh and known.mapped is not None and now - known.mapped.at < FRESH:
            return None
        if known.job is not None and now - known.job.created < _AGAIN:
            return None
    return house.jobs.submit(MAP, OfPack(named=house.named), who)


def ask(house: House, outcome: str, segment: str, window: str, who: str) -> Job:
    """Let find answer. Raises PeakendError for what the pack does not have, and where there is none."""
    pack = house.pack()
    if pack is None:
        raise _no_pack()
    if outcome not in pack.head.outcomes or window not in WINDOWS:
        raise _unknown(", ".join([*pack.head.outcomes, *WINDOWS]))
    if segment and segment not in pack.head.customer:
        raise _unknown(", ".join(pack.head.customer))
    params = AskedFind(named=house.named, outcome=outcome, segment=segment, window=window)
    return house.jobs.submit(FIND, params, who)


def questions(store: Store) -> list[Answered]:
    """The newest questions to find, the newest first, without their answers."""
    return [_answered(job, whole=False) for job in store.jobs(kind=FIND, limit=_NEWEST)]


def answer_of(store: Store, id_: str) -> Answered | None:
    """One question to find."""
    job = store.job(id_)
    return _answered(job) if job is not None and job.kind == FIND else None


def newest_answer(store: Store) -> tuple[Answer, int] | None:
    """The newest answer of find and its instant."""
    job = next((one for one in store.jobs(kind=FIND, limit=_NEWEST) if one.state == "done"), None)
    return (msgspec.json.decode(job.result, type=Answer), job.ended) if job else None


def _answered(job: Job, *, whole: bool = True) -> Answered:
    asked = msgspec.json.decode(job.params, type=AskedFind)
    known = whole and job.state == "done"
    answer = msgspec.json.decode(job.result, type=Answer) if known else None
    return Answered(job, asked, answer)


def _pack(task: Task) -> Pack:
    hash_ = task.store.published_hash()
    if hash_:
        return pack_of(task.store, hash_)
    return load_pack(find_pack(msgspec.convert(task.params, OfPack, strict=False).named))


def _unknown(known: str) -> PeakendError:
    return PeakendError(
        "The pack does not have what was asked for",
        fix=f"Choose one of: {known}",
        what_zh="模板里没有所选的内容",
        fix_zh=f"请从这些里选：{known}",
    )


def _no_pack() -> PeakendError:
    return PeakendError(
        "No pack is published, so there is no outcome to explain",
        fix="Publish one: peakend publish PACK",
        what_zh="还没有发布行业模板，没有可分析的成效指标",
        fix_zh="请先发布：peakend publish 模板",
    )
