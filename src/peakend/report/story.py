"""One customer's way through one play, as the teller tells it, dressed for the page."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from peakend.model.outcome import Output
from peakend.report.sentences import say
from peakend.tell.said import Said
from peakend.tell.teller import Teller


class Example(msgspec.Struct, kw_only=True, frozen=True):
    """A run worth telling: one customer in one play, with the outputs of the fold in their order."""

    customer: str
    play: str
    key: str = ""
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True)
class StoryView:
    """A story, ready for the template: each line as date, time, weight and sentence."""

    who: Said
    lines: tuple[tuple[str, str, str, Said], ...]


def story_view(example: Example, teller: Teller) -> StoryView:
    """Return one example as dated lines in the pack's zone."""
    lines = []
    for told in (told for output in example.outputs for told in teller.output(output)):
        date, _, time = teller.moment(told.instant).partition(" ")
        lines.append((date, time, told.weight, told.said))
    key = "example_key" if example.key else "example_who"
    return StoryView(say(key, customer=example.customer, key=example.key), tuple(lines))
