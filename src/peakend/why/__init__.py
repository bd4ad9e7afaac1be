"""Why, and why not: the story of one customer, from a log as it would have been, from a store as it was."""

from peakend.why.lines import find_play
from peakend.why.live import tell_live
from peakend.why.past import tell

__all__ = ["find_play", "tell", "tell_live"]
