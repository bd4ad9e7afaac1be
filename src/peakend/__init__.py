"""What a notebook needs, under one name: `import peakend as pe`, then `pe.find(pack, log)`, and for a
survey `pe.find_survey(pack, log)` or `pe.explain_survey(table, …)`.

Nothing is loaded before it is asked for, and nothing inside the house imports from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from peakend.moments import find as find
    from peakend.moments.surveys import explain_survey as explain_survey
    from peakend.moments.surveys import find_survey as find_survey

__all__ = ["explain_survey", "find", "find_survey"]


def __getattr__(name: str) -> Any:
    if name == "find":
        from peakend.moments import find  # noqa: PLC0415  whoever imports a room must not load them all

        return find
    if name == "explain_survey":
        from peakend.moments.surveys import explain_survey  # noqa: PLC0415  as above

        return explain_survey
    if name == "find_survey":
        from peakend.moments.surveys import find_survey  # noqa: PLC0415  as above

        return find_survey
    raise AttributeError(f"peakend has no '{name}'; there are {', '.join(__all__)}")
