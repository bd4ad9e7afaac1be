"""How often the standards that a survey asks about were kept: the log's own side of the delivery gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from peakend.model.pack import Pack
from peakend.model.survey import Survey
from peakend.moments.history import Progress, walk_history
from peakend.tables import connect
from peakend.tables.frames import analyst, fetch, parquet

Kept = Mapping[tuple[str, str], tuple[int, int]]
"""(touchpoint, standard) -> encounters that kept it, of those of which it is known."""


def kept_in_log(
    pack: Pack, survey: Survey, outcome: str, log: Sequence[Path], scratch: Path, progress: Progress | None
) -> Kept:
    """What the settled encounters of a log kept; nothing where the survey asks about no standard."""
    asked = {(one.touchpoint, one.standard) for one in survey.promises}
    if not any(pack.touchpoints[name].encounter for name, _ in asked):
        return {}
    scratch.mkdir()
    tables = walk_history(
        pack, log, scratch, outcome=outcome, window="P1D", segments=(), progress=progress
    )  # fmt: skip
    lived = parquet(analyst(connect(scratch)), tables.lived)
    sums = lived.group_by(["touchpoint", "standard"]).aggregate(
        kept=lived.kept.sum(), known=lived.known.sum()
    )
    return {
        (row["touchpoint"], row["standard"]): (row["kept"], row["known"])
        for row in fetch(sums).to_pylist()
        if (row["touchpoint"], row["standard"]) in asked and row["known"]
    }
