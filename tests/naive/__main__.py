"""Replay one seed: `python -m tests.naive SEED` prints the pack, the log, both results and how they differ.

A case that differs is shown as small as it can be made; with `--whole` as it was drawn.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from random_packs import Case, make_case
from ruamel.yaml import YAML

from naive.compare import Row, differences, naive_outputs, rows, shrink
from peakend.when import Zone, format_instant, zone

# Whole numbers between these are instants, not amounts.
FIRST, LAST = 1_700_000_000_000_000, 2_500_000_000_000_000


def main(seed: int, whole: bool) -> None:
    """Print one case and what both sides make of it."""
    case = make_case(seed)
    if not whole and any(differences(case)):
        case = shrink(case)
    here = zone(case.pack.head.zone)
    _print_case(case, here)
    naive, folded = differences(case)
    for side, found in (
        ("both ", [row for row in rows(naive_outputs(case)) if row not in naive]),
        ("naive", naive),
        ("fold ", folded),
    ):
        for row in found:
            print(f"  {side}", _told(row, here))


def _print_case(case: Case, here: Zone) -> None:
    YAML().dump(case.drawn, sys.stdout)
    print()
    for event in case.events:
        late = f" seen {_shown(event.seen, here)}" if event.seen != event.at else ""
        data = _shown(event.data, here)
        print(f"{event.seq:3} {_shown(event.at, here)}{late} {event.kind} {event.source} {data}")
    print(f"until {_shown(case.until, here)}\n")


def _told(row: Row, here: Zone) -> str:
    name, *pairs = row
    return f"{name} " + " ".join(f"{key}={_shown(value, here)}" for key, value in pairs if key != "customer")


def _shown(value: Any, here: Zone) -> str:
    if isinstance(value, int) and FIRST < value < LAST:
        return format_instant(value, here)
    if isinstance(value, tuple):
        return "(" + ", ".join(_shown(part, here) for part in value) + ")"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_shown(part, here)}" for name, part in value.items()) + "}"
    return str(value)


if __name__ == "__main__":
    main(int(sys.argv[1]), "--whole" in sys.argv)
