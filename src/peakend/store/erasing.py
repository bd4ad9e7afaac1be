"""Export and erase of one person: every row under any of its names, read, or deleted for good.

Whatever table has a column `customer` is hers by that; nothing has to be listed here when a table is added.
What remains are hashes, so that nothing is sent twice and nothing goes to an address of an erased person, and
the sums that were drawn on budgets, of nobody: the money is spent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

import msgspec

from peakend.store import schema
from peakend.store.rows import digest, shard_of
from peakend.store.schema import insert
from peakend.store.schema_looking import OF_CUSTOMERS
from peakend.store.session import Session

ADDRESS, SEND_KEY, SALT = "address", "send_key", "salt"
_ERASED = insert(schema.erased, tail="ON CONFLICT (what, hash) DO NOTHING")
_HIDDEN = frozenset({"body", "lane"})
_SHOWN = frozenset({"quarantine", "note", "content"})


def hashed(salt: str, text: str) -> str:
    """What is kept of a text: nobody reads it back, and the same text is known again."""
    return sha256(f"{salt}\0{text}".encode()).hexdigest()


def addresses_in(events: Iterable[tuple[str, str]]) -> set[str]:
    """All addresses that (kind, data) of events have set."""
    found: set[str] = set()
    for kind, data in events:
        if kind == "contact.set":
            address = msgspec.json.decode(data or "{}").get("address")
            found |= {str(address)} if address else set()
    return found


def names_of(db: Session, customer: str) -> list[str]:
    """All names of a person, the one that stays first."""
    rows = db.rows("SELECT whom FROM alias WHERE customer = ?", (customer,))
    final = str(rows[0][0]) if rows else customer
    rows = db.rows("SELECT customer FROM alias WHERE whom = ? ORDER BY since, customer", (final,))
    return [final, *(name for (name,) in rows)]


def export(db: Session, customer: str) -> dict[str, list[dict[str, Any]]]:
    """Every row about a person by table, with the columns that people read."""
    names = names_of(db, customer)
    found = {name: _rows_of(db, name, names) for name in OF_CUSTOMERS}
    found["alias"] = _rows(db, "alias", f"whom {db.among}", names)
    places = {(one["source"], one["id"]) for one in [*found["event"], *found["inbox"]]}
    found["quarantine"] = _aside(db, places, names)
    return found


def erase(db: Session, customer: str, now: int, salt: str) -> dict[str, int]:
    """Delete every row about a person within a transaction; how many by table."""
    names = names_of(db, customer)
    listed = (db.texts(names),)
    db.lock_shards(names)
    kept = salt_of(db) or salt
    told = db.rows(
        f"""SELECT kind, data FROM event WHERE customer {db.among}
            UNION ALL SELECT kind, data FROM inbox WHERE customer {db.among}""",
        listed * 2,
    )
    addresses = addresses_in(told)
    keys = [key for (key,) in db.rows(f"SELECT send_key FROM message WHERE customer {db.among}", listed)]
    places = {
        (source, id_)
        for (source, id_) in db.rows(
            f"""SELECT source, id FROM event WHERE customer {db.among}
                UNION ALL SELECT source, id FROM inbox WHERE customer {db.among}""",
            listed * 2,
        )
    }
    aside = [(one["number"],) for one in _aside(db, places, [*names, *addresses])]
    for name in names:
        # A fan-out that has just reached her goes on behind whoever it reached before.
        db.run(
            """UPDATE fan_out SET after = coalesce((SELECT max(customer) FROM relation
               WHERE relation.subject = fan_out.subject AND relation.customer < fan_out.after), '')
               WHERE after = ?""",
            (name,),
        )
    if db.rows(f"SELECT 1 FROM snapshot WHERE customer {db.among} LIMIT 1", listed):
        # Whoever holds her large state must forget it, too.
        for number in sorted({shard_of(name, db.shards) for name in names}):
            db.run("UPDATE shard SET owner = NULL, lease = 0, epoch = epoch + 1 WHERE number = ?", (number,))
    spent = db.run(
        f"UPDATE draw SET customer = '', message = '', digest = ? WHERE customer {db.among}",
        (digest(""), *listed),
    )
    gone = {
        name: db.run(f"DELETE FROM {_quoted(name)} WHERE customer {db.among}", listed)
        for name in OF_CUSTOMERS
    }
    gone["draw"] = spent
    gone["alias"] = db.run(f"DELETE FROM alias WHERE whom {db.among}", listed)
    gone["quarantine"] = sum(db.run("DELETE FROM quarantine WHERE number = ?", one) for one in aside)
    told = db.rows("SELECT id, result FROM job WHERE result <> ''")
    named = [(id_,) for id_, result in told if mentions(result, [*names, *addresses])]
    gone["job"] = sum(db.run("DELETE FROM job WHERE id = ?", one) for one in named)
    rows = [(ADDRESS, hashed(kept, one), now) for one in addresses]
    rows += [(SEND_KEY, hashed(kept, one), now) for one in keys]
    if rows:
        db.write(_ERASED, [(SALT, kept, now), *rows])
    return {name: number for name, number in gone.items() if number}


def salt_of(db: Session) -> str | None:
    """The salt of all hashes of this store, once somebody was erased."""
    rows = db.rows("SELECT hash FROM erased WHERE what = 'salt'")
    return str(rows[0][0]) if rows else None


def known_hashes(db: Session, what: str, texts: Sequence[str]) -> set[str]:
    """Those of some texts that belonged to somebody who was erased."""
    salt = salt_of(db) if texts else None
    if salt is None:
        return set()
    hashes = {hashed(salt, text): text for text in texts}
    rows = db.rows(f"SELECT hash FROM erased WHERE what = ? AND hash {db.among}", (what, db.texts([*hashes])))
    return {hashes[found] for (found,) in rows}


def mentions(body: str, words: Iterable[str]) -> bool:
    """Whether a row that was put aside holds one of these words as a whole value."""
    return any(word and msgspec.json.encode(word).decode() in body for word in words)


def _aside(db: Session, places: set[tuple[str, str]], words: Sequence[str]) -> list[dict[str, Any]]:
    """What was put aside of a person's events, or names her."""
    rows = _rows(db, "quarantine", "1 = 1", None)
    return [one for one in rows if (one["source"], one["place"]) in places or mentions(one["body"], words)]


def _rows_of(db: Session, table: str, names: Sequence[str]) -> list[dict[str, Any]]:
    return _rows(db, table, f"customer {db.among}", names)


def _rows(db: Session, table: str, where: str, names: Sequence[str] | None) -> list[dict[str, Any]]:
    columns = [
        column.name
        for column in schema.tables.tables[table].c
        if column.name not in _HIDDEN or table in _SHOWN
    ]
    listed = ", ".join(_quoted(name) for name in columns)
    parameters = (db.texts(names),) if names is not None else ()
    rows = db.rows(f"SELECT {listed} FROM {_quoted(table)} WHERE {where} ORDER BY 1, 2", parameters)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _quoted(name: str) -> str:
    return f'"{name}"'
