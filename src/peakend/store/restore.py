"""A backup put back, into either kind of database: everything as it was, and every message held for review.

A restored store has been overtaken by the world: what it would send now may have been sent long ago. So
nothing that was on its way leaves by itself, and nobody who owned a shard then can write. An interrupted
restore leaves tables without rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

from peakend.store.backup import Kept, Manifest, Progress, check, opened, pieces
from peakend.store.base import StoreError
from peakend.store.migrate import check_known, migrate
from peakend.store.rows import Row, shard_of
from peakend.store.schema import VERSIONS, tables
from peakend.store.whole import Whole, connector, dialect_of, written_whole

ON_THE_WAY = "'planned', 'claimed', 'handed'"
_BEGUN = ("shard", "draw_order")
"""Tables that are not empty in a store that nobody has used yet."""
_OPENS = ("session", "token")
"""What was ended since the backup must not open anything again: everybody signs in anew."""
_COUNTED = {
    name
    for name, one in tables.tables.items()
    if "number" in one.columns and one.columns["number"].autoincrement is True
}


class Restored(NamedTuple):
    """What was put back: rows by table, and how many messages wait for a person now."""

    tables: dict[str, int]
    review: int


def restore(
    file: Path, url: str, now: int, *, force: bool = False, progress: Progress | None = None
) -> Restored:
    """Put a backup back into a database that is empty, or with `force` into one whose store it replaces.

    The backup is read through before anything is touched. An older version is brought to the newest. Raises
    StoreError for a backup that is not whole, a newer version, and a store that is not empty.
    """
    with opened(file) as (archive, manifest):
        check_known(manifest.version)
        check(file, archive, manifest, progress)
        _make_room(url, force)
        migrate(dialect_of(url), connector(url), manifest.version)
        with written_whole(url) as target:
            _fill(target, archive, manifest, progress)
            _let_rest(target, manifest, now)
            review = target.run(
                f"UPDATE message SET state = 'review', changed = {now:d} WHERE state IN ({ON_THE_WAY})"
            )
    migrate(dialect_of(url), connector(url))
    return Restored({name: one.rows for name, one in manifest.tables.items()}, review)


def _let_rest(target: Whole, manifest: Manifest, now: int) -> None:
    """What would act by itself waits for a person, who begins jobs again and switches webhooks on."""
    if "job" in manifest.tables:
        target.run(
            f"UPDATE job SET state = 'interrupted', token = '', ended = {now:d} "
            "WHERE state IN ('waiting', 'running')"
        )
    if "hook" in manifest.tables:
        target.run(f"UPDATE hook SET disabled = {now:d} WHERE disabled = 0")


def _make_room(url: str, force: bool) -> None:
    """Drop the tables of a store that is empty or may be replaced."""
    with closing(connector(url)()):
        pass  # the words of a server that cannot be reached, before anything else
    with written_whole(url) as target:
        there = target.there()
        if VERSIONS not in there:
            return
        full = [
            name
            for name in there
            if name not in (VERSIONS, *_BEGUN) and target.ask(f'SELECT 1 FROM "{name}" LIMIT 1')
        ]
        if full and not force:
            raise StoreError(
                f"the store is not empty: it holds {', '.join(full)}",
                fix="Restore into a new database; or, to lose what this one holds, add --force",
                what_zh=f"库不是空的，已有数据：{'、'.join(full)}",
                fix_zh="请恢复到新的库；若确定丢弃现有数据，请加 --force",
            )
        for name in reversed(there):
            target.run(f'DROP TABLE "{name}"')
        if target.dialect == "postgresql":
            target.run("DROP SEQUENCE IF EXISTS inbox_number")


def _fill(target: Whole, archive: ZipFile, manifest: Manifest, progress: Progress | None) -> None:
    done = manifest.rows
    for name, kept in manifest.tables.items():
        if name == "shard":
            _fill_shards(target, [row for piece in pieces(archive, name) for row in piece], manifest)
            continue

        def told(name: str = name, kept: Kept = kept) -> Iterator[Row]:
            nonlocal done
            for piece in pieces(archive, name):
                yield from _placed(piece, name, kept.columns, target, manifest)
                done += len(piece)
                if progress:
                    progress(done, 2 * manifest.rows)

        if name in _BEGUN:
            target.run(f'DELETE FROM "{name}"')
        target.fill(name, kept.columns, told())
        if name in _OPENS:
            target.run(f'DELETE FROM "{name}"')
    if target.dialect == "postgresql":
        _count_on(target, [name for name in manifest.tables if name in _COUNTED])


def _placed(piece: list[Row], name: str, columns: list[str], target: Whole, manifest: Manifest) -> list[Row]:
    """Rows with the shard that their customer has in this kind of database."""
    which, whose = ("waits", "whom") if name == "alias" else ("shard", "customer")
    if target.shards == manifest.shards or which not in columns or whose not in columns:
        return piece
    place, who = columns.index(which), columns.index(whose)
    return [
        row if row[place] is None else (*row[:place], shard_of(row[who], target.shards), *row[place + 1 :])
        for row in piece
    ]


def _fill_shards(target: Whole, rows: list[Row], manifest: Manifest) -> None:
    """How far the shards have come, owned by nobody; where their number differs, all as far as the last."""
    columns = manifest.tables["shard"].columns
    shards = [dict(zip(columns, row, strict=True)) for row in rows]
    if target.shards != manifest.shards:
        furthest: dict[str, Any] = {
            name: max(one[name] for one in shards)
            for name in ("last_seen", "ticked_to", "next_seq", "next_place")
        }
        shards = [{**shards[0], **furthest, "number": number} for number in range(target.shards)]
    for one in shards:
        one |= {"owner": None, "lease": 0, "epoch": one["epoch"] + 1}
    target.run("DELETE FROM shard")
    target.fill("shard", columns, [tuple(one[name] for name in columns) for one in shards])


def _count_on(target: Whole, counted: Sequence[str]) -> None:
    """Numbers that a server gives go on after those that are there."""
    for name in counted:
        target.ask(
            f"SELECT setval(pg_get_serial_sequence('{name}', 'number'), "
            f"greatest((SELECT max(number) FROM {name}), 1), EXISTS (SELECT 1 FROM {name}))"
        )
    target.ask("SELECT setval('inbox_number', (SELECT coalesce(max(number), 0) / 1000000 + 1 FROM inbox))")
