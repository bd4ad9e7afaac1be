"""Ibis over the one DuckDB: tables for expressions, and what executes them.

Expressions are built elsewhere, over table arguments; only here do they meet an engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa


def analyst(connection: duckdb.DuckDBPyConnection) -> Any:
    """An Ibis backend over a connection, with its limits on memory and threads."""
    return ibis.duckdb.from_connection(connection)


def parquet(backend: Any, paths: Sequence[Path]) -> ir.Table:
    """Parquet files of one schema as one table."""
    return backend.read_parquet([str(path) for path in paths])


def fetch(expression: ir.Table) -> pa.Table:
    """Run an expression and bring its rows; only for what is small."""
    return expression.to_pyarrow()
