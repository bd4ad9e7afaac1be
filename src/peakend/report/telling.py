"""Which runs are worth telling: out of the outputs of some customers, one run for each play.

A run tells most when something was decided both ways in it, or when a customer was quicker than a step. The
choice depends on the outputs alone, so the same backtest tells the same stories.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from peakend.model.outcome import Ended, Entered, Exposed, Output, Regretted, Verdict
from peakend.report.story import Example
from peakend.when import DAY

OfARun = Entered | Ended | Verdict | Regretted | Exposed
LONGEST = 14
"""Lines above which a story tires its reader."""


def telling(samples: Iterable[Sequence[Output]]) -> list[Example]:
    """Return for each play the run that tells most, from the outputs of some customers in their order."""
    best: dict[str, tuple[tuple[int, int, str, str], Example]] = {}
    for outputs in samples:
        for (play, key), run in _runs(outputs).items():
            example = Example(customer=run[0].customer, play=play, key=key, outputs=tuple(run))
            rank = (-_worth(run), len(run), example.customer, key)
            if 1 < len(run) <= LONGEST and (play not in best or rank < best[play][0]):
                best[play] = rank, example
    return [example for _, example in best.values()]


def _runs(outputs: Sequence[Output]) -> dict[tuple[str, str], list[OfARun]]:
    """Return the first run of every lane: what was decided in it, in order."""
    runs: dict[tuple[str, str], list[OfARun]] = {}
    for output in outputs:
        if isinstance(output, OfARun) and output.occurrence == 0:
            runs.setdefault((output.play, output.key), []).append(output)
    return runs


def _worth(run: Sequence[OfARun]) -> int:
    """Return how much a run tells: a near miss most, then a refusal among sends, then a hold."""
    said = {output.outcome for output in run if isinstance(output, Verdict)}
    near = any(
        0 <= due - output.seen < DAY
        for output in run
        if isinstance(output, Ended)
        for _, due in output.pending
    )
    return 4 * near + 2 * ({"send", "suppress"} <= said) + ("send" in said) + ("hold" in said)
