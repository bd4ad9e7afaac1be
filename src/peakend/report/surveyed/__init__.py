"""What a survey says, as pictures: a page, and the importance of its items alone.

Everything shown is a figure of the `Surveyed` that was given; nothing is estimated here.
"""

from __future__ import annotations

from peakend.report.surveyed.alone import importance_svg
from peakend.report.surveyed.page import survey_page

__all__ = ["importance_svg", "survey_page"]
