"""What starts, holds and ends a run: conditions, facts, encounters and plays, each a pure function."""
