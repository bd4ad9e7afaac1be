"""What was found about moments of truth, as pictures: a page, a chapter of the report, one picture alone.

Everything shown is a figure of the `Found` that was given; nothing is estimated here, and over each picture
stands one sentence that says no more than its intervals allow.
"""

from __future__ import annotations

from peakend.report.finding.alone import effects_svg
from peakend.report.finding.chapter import finding_page, finding_section

__all__ = ["effects_svg", "finding_page", "finding_section"]
