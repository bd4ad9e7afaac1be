"""What alembic runs for every command: it is handed a connection, and begins and ends nothing itself."""

from __future__ import annotations

from alembic import context

from peakend.store.schema import VERSIONS

context.configure(connection=context.config.attributes["connection"], version_table=VERSIONS)
context.run_migrations()
