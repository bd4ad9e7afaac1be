"""Brings the tables of a database to the newest version, whatever they hold, in one transaction.

Alembic runs from here and needs no file of settings. Two processes that open a store at once take turns; a
database whose tables belong to somebody else, or to a newer Peakend, is left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from peakend.store.base import StoreError
from peakend.store.schema import VERSION, VERSIONS, tables

_ENGINE: dict[str, tuple[str, dict[str, Any]]] = {
    "sqlite": ("sqlite://", {}),
    "postgresql": ("postgresql+psycopg://", {"use_native_hstore": False}),
}
_LOCK = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(7325946201)"}


def migrate(dialect: Literal["sqlite", "postgresql"], connect: Callable[[], Any], to: str = VERSION) -> None:
    """Bring a database to a version. `connect` gives a connection of its driver, which is closed again."""
    raw = connect()
    try:
        if dialect == "postgresql":
            raw.autocommit = False
        url, options = _ENGINE[dialect]
        engine = create_engine(url, creator=lambda: raw, poolclass=StaticPool, **options)
        with engine.connect() as connection:
            connection.exec_driver_sql(_LOCK[dialect])
            _upgrade(connection, to)
            connection.commit()
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error).partition("\n")[0]
        raise StoreError(
            f"the tables cannot be brought to version {to}: {said}",
            fix="The database is as it was: mend what the message names, then open the store again",
            what_zh=f"数据表无法升级到版本 {to}：{said}",
            fix_zh="数据库保持原状：请先解决上述问题，再重新打开",
        ) from error
    finally:
        raw.close()


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings, as values."""
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    found.attributes["connection"] = connection
    return found


def _upgrade(connection: Connection, to: str) -> None:
    there = set(inspect(connection).get_table_names())
    if VERSIONS not in there:
        _check_ours(connection, there)
    else:
        (version,) = connection.exec_driver_sql(f"SELECT version_num FROM {VERSIONS}").scalars().all()
        check_known(version)
    command.upgrade(config(connection), to)


def _check_ours(connection: Connection, there: set[str]) -> None:
    foreign = there if connection.dialect.name == "sqlite" else there & tables.tables.keys()
    if foreign:
        names = ", ".join(sorted(foreign)[:5])
        raise StoreError(
            f"the database holds tables that are not Peakend's: {names}",
            fix="Give Peakend a file, or a database, of its own",
            what_zh=f"数据库中已有不属于 Peakend 的表：{names}",
            fix_zh="请为 Peakend 单独准备一个文件或数据库",
        )


def check_known(version: str) -> None:
    """Refuse tables of a newer Peakend."""
    try:
        ScriptDirectory.from_config(config()).get_revision(version)
    except (CommandError, ResolutionError):
        raise StoreError(
            f"the store has version {version} of the tables, and this Peakend knows {VERSION}",
            fix="Install the newest Peakend, or open another store",
            what_zh=f"数据表的版本是 {version}，而当前的 Peakend 只支持到 {VERSION}",
            fix_zh="请安装最新版的 Peakend，或打开另一个数据存储",
        ) from None
