"""What the report cannot show, said on the report itself: a reader must not have to guess what is missing."""

from __future__ import annotations

from peakend.model.result import BacktestResult
from peakend.report.sentences import say
from peakend.tell.said import Said, titled


def limits(result: BacktestResult) -> list[Said]:
    """Return the caveats that hold for this result, those of its own log first."""
    said = [titled(note) for note in result.notes]
    if result.quarantined:
        said.append(say("limit_quarantine", n=result.quarantined))
    said += [say("limit_effect"), say("limit_steps"), say("limit_overlap")]
    return said
