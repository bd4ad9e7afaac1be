"""Nouns into rows of the tables and back, for both databases and the store in memory alike.

What the stores must not differ in stands here: shards, fates, what counts as the same arrival, what no
database can hold. Nothing here touches one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import md5
from typing import Any, NamedTuple, TypeVar

import msgspec
import pyarrow as pa
from msgspec.structs import asdict, astuple, replace

from peakend.model.log import LOG_SCHEMA
from peakend.model.looked import Clock
from peakend.model.outcome import (
    Breached,
    Encountered,
    Ended,
    Entered,
    Exposed,
    Merged,
    Output,
    Passed,
    Regretted,
    Verdict,
)
from peakend.model.stored import Arrival, Fate, Message, Note, Planned, Recorded, Shard, Unusable
from peakend.store.base import StoreError

Row = tuple[Any, ...]
Key = tuple[str, str]
"""(source, id): what names an arrival for ever."""

LONGEST_KIND = 512
"""Characters of a kind: more do not fit into an index of PostgreSQL beside an instant."""
ARRIVAL = "source, id, customer, kind, happened_at, subject, data"
RECORDED = "customer, kind, happened_at, seen_at, seq, data, source, id, subject"
UNUSABLE = "number, source, place, reason_zh, reason_en, body, at, mended, kind"
_PLANNED = Planned.__struct_fields__
_FATE = ("state", "attempts", "token", "lease", "receipt", "changed")
MESSAGE = ", ".join((*_PLANNED, *_FATE))
NOTE = ", ".join(Note.__struct_fields__)

_encode = msgspec.msgpack.Encoder().encode
decode_output = msgspec.msgpack.Decoder(Output).decode
_NUL_ESCAPED = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_KIND_IN = re.compile(r'"kind"\s*:\s*"([^"\\\\]{1,200})"')
_OF_THIS_ROW = re.compile(r"'[^']*'|\"[^\"]*\"|[\d][\d.,:TZ+-]*")
S = TypeVar("S", bound=msgspec.Struct)
_CUT, _LOOKED = 200, 20_000
_HALF_PAIR = re.compile("[\ud800-\udfff]")


def shard_of(customer: str, shards: int) -> int:
    """The shard of a customer; it never changes, or two owners would fold one customer."""
    if shards == 1:
        return 0
    return int(digest(customer)[:8], 16) % shards


def check_arrivals(arrivals: Sequence[Arrival], shards: int, shard: int | None = None) -> None:
    """Refuse what no database can hold, and, if a shard is given, what belongs to another one."""
    for one in arrivals:
        texts = f"{one.source}\n{one.id}\n{one.customer}\n{one.kind}\n{one.subject}\n{one.data}"
        if "\0" in texts or ("\\u0000" in one.data and _NUL_ESCAPED.search(one.data)):
            raise _unstorable(one, "U+0000")
        if not texts.isascii() and _HALF_PAIR.search(texts):
            raise _unstorable(one, "half a surrogate pair")
        if len(one.kind) > LONGEST_KIND:
            raise _too_long(one)
        if shard is not None and shard_of(one.customer, shards) != shard:
            raise StoreError(
                f"the event {one.source} {one.id} belongs to a customer of another shard than {shard}",
                fix="Append it to the store, which finds its shard",
                what_zh=f"动态 {one.source} {one.id} 的客户不属于分片 {shard}",
                fix_zh="请交给数据存储本身追加，它会找到对应的分片",
            )


def first_of_each(arrivals: Sequence[Arrival]) -> dict[Key, Arrival]:
    """The arrivals by their keys; where a batch says a thing twice, the first counts."""
    firsts: dict[Key, Arrival] = {}
    for one in arrivals:
        firsts.setdefault((one.source, one.id), one)
    return firsts


def fates(arrivals: Sequence[Arrival], known: Mapping[Key, Arrival]) -> list[Fate]:
    """What became of each arrival, given what was known of them before."""
    seen = dict(known)
    found: list[Fate] = []
    for one in arrivals:
        before = seen.get((one.source, one.id))
        if before is None:
            seen[one.source, one.id] = one
            found.append("taken")
        else:
            found.append("known" if before == one else "other_body")
    return found


class Split(NamedTuple):
    """Outputs as rows of their tables, at most one row for each half of a run: the last."""

    entered: list[Row]
    ended: list[Row]
    verdicts: list[Row]
    encounters: list[Row]
    others: list[Row]


def split(outputs: Sequence[Output], place: int, pack: str = "") -> Split:
    """Sort outputs of a pack into their tables; the first gets `place`, each other the next."""
    entered: dict[Row, Row] = {}
    ended: dict[Row, Row] = {}
    parts = Split([], [], [], [], [])
    for number, one in enumerate(outputs, place):
        match one:
            case Verdict():
                parts.verdicts.append((*_verdict(one, number), pack))
                continue
            case Encountered():
                parts.encounters.append(_encounter(one, number))
                continue
            case Entered():
                run = one.customer, one.play, digest(one.key), one.occurrence
                entered[run] = (*run, one.key, one.kind, one.at, one.seen, number, pack)
            case Ended():
                run = one.customer, one.play, digest(one.key), one.occurrence
                ended[run] = (*run, one.key, one.how, one.kind, one.at, one.seen)
        parts.others.append(_other(one, number))
    return parts._replace(entered=[*entered.values()], ended=[*ended.values()])


def play_of(output: Output) -> str | None:
    """The play that an output names, if any."""
    return None if isinstance(output, Breached | Encountered | Merged) else output.play


def body(output: Output) -> bytes:
    """An output whole; `decode_output` gives it back."""
    return _encode(output)


def arrival_rows(
    arrivals: Iterable[Arrival], shards: int, numbers: Iterable[int], whose: Iterable[str] | None = None
) -> list[Row]:
    """Rows of the inbox, in the shards of their customers or of those whom `whose` names beside each."""
    found = list(arrivals)
    names = [one.customer for one in found] if whose is None else whose
    return [
        (shard_of(name, shards), number, *_arrival(one))
        for one, name, number in zip(found, names, numbers, strict=False)
    ]


def arrival_from(row: Row) -> Arrival:
    """An arrival from the columns ARRIVAL."""
    return Arrival(*row)


def event_row(one: Recorded, shard: int) -> Row:
    """A row of the events."""
    customer, kind, at, seen, seq, data, source, id_, subject = one
    return source, id_, customer, kind, at, seen, seq, subject, data, shard


def arrival_of(one: Recorded) -> Arrival:
    """The arrival that an event was."""
    return Arrival(one.source, one.id, one.customer, one.kind, one.at, one.subject, one.data)


def moved(shard: Shard, events: Sequence[Recorded], ticked_to: int | None) -> Shard:
    """A shard after some events and a tick: nothing in it ever falls."""
    return shard._replace(
        last_seen=max(shard.last_seen, *(one.seen for one in events), 0),
        next_seq=max(shard.next_seq, *(one.seq + 1 for one in events), 0),
        ticked_to=max(shard.ticked_to, ticked_to or 0),
    )


def untouched(planned: Planned) -> Message:
    """A delivery as the fold planned it, of which nothing has become yet."""
    return Message(planned=planned, state="planned", attempts=0, token=0, lease=0, receipt="", changed=0)


def planned_row(one: Planned) -> Row:
    """A row of the messages, without its number: a delivery that nobody has claimed yet."""
    return (*astuple(one), "planned", 0, 0, 0, "", 0)


def message_from(row: Row) -> Message:
    """A message from the columns MESSAGE."""
    fields = dict(zip(_PLANNED, row, strict=False))
    fields["at_most_once"] = bool(fields["at_most_once"])
    return Message(planned=Planned(**fields), **dict(zip(_FATE, row[len(_PLANNED) :], strict=True)))


def note_row(one: Note) -> Row:
    """A row of the notes, without its number."""
    return astuple(as_stored(one))


def note_from(row: Row) -> Note:
    """A note from the columns NOTE."""
    return Note(**dict(zip(Note.__struct_fields__, row, strict=True)))


def unusable_row(one: Unusable) -> Row:
    """A row of the quarantine, without its number."""
    one = aside_as_kept(one)
    return *astuple(one)[1:], cause_of(one.reason_en)


def as_stored(one: S) -> S:
    """The same without what no database can hold."""
    texts = {name: storable(value) for name, value in asdict(one).items() if isinstance(value, str)}
    return replace(one, **texts)


def aside_as_kept(one: Unusable) -> Unusable:
    """A row that is put aside, without what no database can hold, and with the kind that its body names."""
    kept = as_stored(one)
    return replace(kept, kind=storable(kept.kind or kind_in(kept.body))[:_CUT])


def kind_in(body: str) -> str:
    """The kind that a body in the native form names, '' where it is none."""
    found = _KIND_IN.search(body, 0, _LOOKED)
    return found[1] if found else ""


def cause_of(reason_en: str) -> str:
    """What many reasons share: the words without what they quote, and without numbers."""
    return _OF_THIS_ROW.sub("…", storable(reason_en).partition("\n")[0])[:_CUT]


def unusable_from(row: Row) -> Unusable:
    """A row that was put aside, from the columns UNUSABLE."""
    number, source, place, zh, en, text, at, mended, kind = row
    return Unusable(
        number=number,
        source=source,
        place=place,
        reason_zh=zh,
        reason_en=en,
        body=text,
        at=at,
        mended=bool(mended),
        kind=kind,
    )


def clock_row(one: Clock) -> Row:
    """A row of the clocks."""
    return one.customer, one.touchpoint, digest(one.key), one.begun, one.standard, one.key, one.deadline


def storable(text: str) -> str:
    """A text without what no database can hold: U+0000 is shown as its picture, half a pair as unknown."""
    return _HALF_PAIR.sub("\ufffd", text.replace("\0", "\u2400"))


def digest(text: str) -> str:
    """A short name of a text, where the text itself may be too long for an index."""
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def log_batch(events: Sequence[Recorded]) -> pa.RecordBatch:
    """Events as a batch of the native log."""
    customer, kind, at, seen, seq, data, source, id_, subject = zip(*events, strict=True)
    columns = {
        "id": id_,
        "customer": [name or None for name in customer],
        "kind": kind,
        "happened_at": at,
        "seen_at": seen,
        "source": source,
        "subject": [name or None for name in subject],
        "data": data,
        "seq": seq,
    }
    arrays = [pa.array(columns[field.name], field.type) for field in LOG_SCHEMA]
    return pa.record_batch(arrays, schema=LOG_SCHEMA)


def _arrival(one: Arrival) -> Row:
    return one.source, one.id, one.customer, one.kind, one.at, one.subject, one.data


def _verdict(one: Verdict, place: int) -> Row:
    return (
        *(one.customer, place, one.play, one.key, one.occurrence, one.step, one.round, one.due, one.instant),
        *(one.outcome, one.reason, one.until, _listed(one.channels), one.contact, one.message),
        *(float(one.amount), _listed(one.failed), one.holds, _encode(one)),
    )


def _encounter(one: Encountered, place: int) -> Row:
    standards = ", ".join(f"{each.standard} {each.result}" for each in one.standards)
    rating = None if one.rating is None else float(one.rating)
    return (
        *(one.customer, place, one.touchpoint, one.key, one.begun, one.ended, one.instant, one.state),
        *(one.settled, one.unfinished, rating, standards, one.channel, _encode(one)),
    )


def _other(one: Entered | Passed | Ended | Regretted | Exposed | Breached | Merged, place: int) -> Row:
    match one:
        case Entered():
            kind, play, instant, what = "entered", one.play, one.seen, one.kind
        case Passed():
            kind, play, instant, what = "passed", one.play, one.seen, one.reason
        case Ended():
            kind, play, instant, what = "ended", one.play, one.seen, one.how
        case Regretted():
            kind, play, instant, what = "regretted", one.play, one.seen, one.step
        case Exposed():
            kind, play, instant, what = "exposed", one.play, one.instant, one.arm
        case Breached():
            kind, play, instant, what = "breached", "", one.instant, f"{one.touchpoint}.{one.standard}"
        case Merged():
            return one.customer, place, "merged", "", "", one.instant, one.former, _encode(one)
    return one.customer, place, kind, play, one.key, instant, what, _encode(one)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)


def _unstorable(one: Arrival, what: str) -> StoreError:
    named = storable(f"{one.source} {one.id}")
    return StoreError(
        f"the event {named} holds {what}, which no database can store as text",
        fix="Escape or remove the character at the door, or put the event aside",
        what_zh=f"动态 {named} 含有数据库无法以文本保存的字符（{what}）",
        fix_zh="请在入口处转义或删除该字符，或将这条动态列为待修正数据",
    )


def _too_long(one: Arrival) -> StoreError:
    named = storable(f"{one.source} {one.id}")
    return StoreError(
        f"the event {named} has a kind of {len(one.kind)} characters",
        fix=f"Name what happened in at most {LONGEST_KIND} characters, for example incident.opened",
        what_zh=f"动态 {named} 的名称有 {len(one.kind)} 个字符",
        fix_zh=f"名称最多 {LONGEST_KIND} 个字符，例如 incident.opened",
    )


def parts(into: Mapping[str, str], customers: Iterable[str]) -> dict[str, list[str]]:
    """By customer the names that became part of hers, her own first; `into` says what each was joined to."""
    found: dict[str, list[str]] = {}
    for customer in customers:
        names = [customer]
        for name in names:
            names += sorted(former for former, whom in into.items() if whom == name)
        found[customer] = names
    return found
