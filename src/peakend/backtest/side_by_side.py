"""Work on the spans of a sorted log side by side: in this process where there is little to do, else in more.

What is done with a span is the caller's; how spans are dealt out is the same for all. The largest is begun
first: a customer who is a whale must not be what all wait for in the end.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, Final, TypeVar

from peakend.tables import Span

T = TypeVar("T")
R = TypeVar("R")

Job = tuple[int, str, str | None]
"""The number of a span, and its customers from the first up to, not with, the last."""
FEW: Final = 60_000
"""Rows up to which starting processes takes longer than it saves."""


def side_by_side(
    make: Callable[[T], Callable[[Job], R]], task: T, cuts: Sequence[Span], workers: int
) -> Iterator[tuple[int, R]]:
    """Give (number of the span, result) of every span, as they are dealt out.

    `make(task)` prepares a worker, once in each process; a class does. It, the task and the results must
    pickle.
    """
    jobs: list[Job] = [
        (number, cut.low, cut.high) for number, cut in sorted(enumerate(cuts), key=lambda one: -one[1].rows)
    ]
    numbers = [number for number, _, _ in jobs]
    if workers < 2 or len(jobs) < 2 or sum(cut.rows for cut in cuts) <= FEW:
        work = make(task)
        yield from zip(numbers, map(work, jobs), strict=True)
        return
    with ProcessPoolExecutor(
        workers, get_context("spawn"), initializer=_prepare, initargs=(make, task)
    ) as pool:
        with _nameless_main():
            results = pool.map(_work, jobs)
        yield from zip(numbers, results, strict=True)


@contextmanager
def _nameless_main() -> Iterator[None]:
    """Processes that start meanwhile do not run the script of the user once more, who need not guard it."""
    main = sys.modules["__main__"]
    hidden = {name: getattr(main, name) for name in ("__file__", "__spec__") if hasattr(main, name)}
    for name in hidden:
        setattr(main, name, None)
    try:
        yield
    finally:
        for name, value in hidden.items():
            setattr(main, name, value)


_worker: list[Callable[[Job], Any]] = []


def _prepare(make: Callable[[Any], Callable[[Job], Any]], task: Any) -> None:
    _worker[:] = [make(task)]


def _work(job: Job) -> Any:
    return _worker[0](job)
