"""One problem of a pack: what is wrong, where, and the fix, in English and in Chinese.

Reading and linting never stop at the first problem, so problems are values rather than exceptions.
A problem names a file and a line that the author wrote; it must never show the words of a library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from peakend.errors import Place

Severity = Literal["error", "warning", "note"]
Path = tuple[str | int, ...]

_SEVERITY_ZH: dict[Severity, str] = {"error": "错误", "warning": "提醒", "note": "说明"}


@dataclass(frozen=True)
class Problem:
    """What is wrong at a place of a pack; `path` is its node, such as ('plays', 'renewal', 'steps', 0).

    An `error` means that the pack cannot be used; a `warning` that it probably does not do what was meant;
    a `note` tells how something will be understood. `what` and `fix` carry no final full stop. Where another
    value of one node mends it, that is `instead`, and `path` is the node.
    """

    place: Place
    what: str
    fix: str
    severity: Severity
    code: str
    what_zh: str
    fix_zh: str
    path: Path = ()
    instead: str = ""

    def text(self, language: str = "en") -> str:
        """The problem as one line for a terminal, in 'en' or 'zh'."""
        if language == "zh":
            fix = f"。{self.fix_zh}" if self.fix_zh else ""
            return f"{self.place}: {_SEVERITY_ZH[self.severity]}：{self.what_zh}{fix}"
        fix = f". {self.fix}" if self.fix else ""
        return f"{self.place}: {self.severity}: {self.what}{fix}"

    def __str__(self) -> str:
        return self.text()
