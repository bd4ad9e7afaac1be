"""Two lists of verdicts joined in DuckDB: what changed between them, step by step and person by person.

The lists are files that a backtest has written, so memory stays bounded however many verdicts there are.
Nothing here estimates anything or names a pack.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import duckdb

from peakend.tables.sql import quoted


class ChangedStep(NamedTuple):
    """One kind of change of one step; `reasons` count why the pack that does not send it does not.

    `later_seconds` is the median of what moved. The reason '' is a step of which that pack decided nothing.
    """

    play: str
    step: str
    change: str
    steps: int
    people: int
    example: str
    later_seconds: float | None
    reasons: dict[str, int]


def compare_listings(
    connection: duckdb.DuckDBPyConnection, old: Path, new: Path, among: str = ""
) -> tuple[list[tuple[str, str, int, int, list[str]]], int]:
    """(play, change, steps, people, examples) of two lists of verdicts, and the people with any change.

    `among` is SQL for the names of customers to whom the comparison is confined ('': all).
    What changed stands in a table of the connection from then on, for `changed_steps` and `list_changes`.
    """
    key = '"customer", "play", "key", "occurrence", "step", "round"'
    finals = {
        name: f"""SELECT {key}, "instant", "outcome", "reason"
                  FROM read_json({quoted(str(path))}, format = 'newline_delimited', columns = {_VERDICT})
                  WHERE "outcome" <> 'hold' {f'AND "customer" IN ({among})' if among else ""}"""
        for name, path in (("old", old), ("new", new))
    }
    sides = ", ".join(
        f'{side[0]}."{name}" AS "{side}_{name}"'
        for name in ("instant", "outcome", "reason")
        for side in ("old", "new")
    )
    connection.execute(
        f"""CREATE OR REPLACE TABLE "changed" AS FROM (
            SELECT {key}, {sides},
              CASE WHEN n."outcome" = 'send' AND o."outcome" IS DISTINCT FROM 'send' THEN 'new'
                   WHEN o."outcome" = 'send' AND n."outcome" IS DISTINCT FROM 'send' THEN 'gone'
                   WHEN o."outcome" = 'send' AND o."instant" <> n."instant" THEN 'moved'
                   WHEN o."outcome" = 'suppress' AND n."outcome" = 'suppress' AND o."reason" <> n."reason"
                   THEN 'reason' END AS "change"
            FROM ({finals["old"]}) o FULL JOIN ({finals["new"]}) n USING ({key}))
            WHERE "change" IS NOT NULL"""
    )
    rows = connection.execute(
        """SELECT "play", "change", count(*), count(DISTINCT "customer"), min(DISTINCT "customer", 5)
           FROM "changed" GROUP BY 1, 2 ORDER BY 1, 2"""
    ).fetchall()
    people = connection.execute('SELECT count(DISTINCT "customer") FROM "changed"').fetchall()[0][0]
    return rows, people


def changed_steps(
    connection: duckdb.DuckDBPyConnection,
) -> list[ChangedStep]:
    """What was compared, each step by itself."""
    rows = connection.execute(
        """SELECT "play", "step", "change", count(*), count(DISTINCT "customer"), min("customer"),
                  median(epoch_us("new_instant"::TIMESTAMPTZ) - epoch_us("old_instant"::TIMESTAMPTZ))
                    FILTER ("change" = 'moved') / 1e6,
                  map_from_entries(list(DISTINCT "counted"))
           FROM (SELECT *, {'key': "why", 'value': "number"} AS "counted" FROM (
             SELECT *, count(*) OVER (PARTITION BY "play", "step", "change", "why") AS "number"
             FROM (SELECT *, coalesce(CASE "change" WHEN 'new' THEN "old_reason" ELSE "new_reason" END, '')
                     AS "why" FROM "changed")))
           GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
    ).fetchall()
    return [ChangedStep(*row) for row in rows]


def list_changes(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    """Write what was compared person by person as JSON lines, in the order of customers."""
    connection.execute(
        f"""COPY (SELECT "customer", "play", "key", "occurrence", "step", "round", "change",
                         "old_instant", "new_instant", "old_outcome", "new_outcome",
                         "old_reason", "new_reason"
                  FROM "changed" ORDER BY ALL) TO {quoted(str(out))} (FORMAT json)"""
    )


_VERDICT = (
    "{customer: 'VARCHAR', play: 'VARCHAR', key: 'VARCHAR', occurrence: 'BIGINT', step: 'VARCHAR', "
    "round: 'BIGINT', due: 'VARCHAR', instant: 'VARCHAR', outcome: 'VARCHAR', reason: 'VARCHAR'}"
)
