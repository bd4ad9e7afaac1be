"""What all nouns of the client share: a question in one line, and lists that turn their own pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Protocol, TypeVar

from peakend.client.asking import ApiError, Asking, of_ours, within
from peakend.model.job import OVER, JobState

PAGE: Final = 100
"""Rows that are fetched at once."""
EVERY: Final = 0.5
PATIENCE: Final = 3600.0
"""Seconds between two looks at something that is not over, and for which it is looked at."""


class Paged(Protocol):
    """A page of a list; `after` asks for the next, '' where there is none."""

    @property
    def after(self) -> str: ...


class Ending(Protocol):
    """What takes its time and is over some day."""

    @property
    def state(self) -> JobState: ...


T = TypeVar("T")
Page = TypeVar("Page", bound=Paged)
Work = TypeVar("Work", bound=Ending)


class Noun:
    """The operations of one noun."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def _get(self, type_: type[T], *path: str, **query: Any) -> T:
        return self._asking.ask("GET", within(*path), type_, query=query)

    def _post(self, type_: type[T], *path: str, body: Any = None, again: bool = False) -> T:
        """Change something; it is sent `again` after a broken connection only where twice is as once."""
        return self._asking.ask("POST", within(*path), type_, body=body, repeatable=again)

    def _rows(
        self, page: type[Page], rows: Callable[[Page], Sequence[T]], *path: str, **query: Any
    ) -> Iterator[T]:
        after = ""
        while True:
            found = self._get(page, *path, **query, after=after)
            yield from rows(found)
            after = found.after
            if not after:
                return

    def _over(
        self, look: Callable[[], Work], tell: Callable[[Work], object] | None, every: float, patience: float
    ) -> Work:
        waited = 0.0
        while True:
            found = look()
            if tell:
                tell(found)
            if found.state in OVER:
                return found
            if waited >= patience:
                raise _not_over(patience)
            self._asking.rest(every)
            waited += max(every, 0.001)


def _not_over(seconds: float) -> ApiError:
    return of_ours(
        "not_over",
        (f"It is not over after {seconds:g} seconds", "It goes on: look again later, or cancel it"),
        (f"等待 {seconds:g} 秒后仍未结束", "任务仍在进行：请稍后再看，或取消它"),
    )
