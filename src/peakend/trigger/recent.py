"""What is kept in mind for a while, because something from before it may still arrive.

Looked up by key, and swept when it has doubled, so that a customer with very many events stays linear.
"""

from __future__ import annotations

from peakend.trigger.state import Early, Recent


def remember(recent: Recent, key: str | None, early: Early, oldest: int) -> None:
    """Keep an event in mind under its key (None: it may mean any); what was seen before `oldest` may go."""
    kept = recent.loose if key is None else recent.by_key.setdefault(key, [])
    kept.append(early)
    recent.number += 1
    if recent.number >= recent.sweep:
        sweep(recent, oldest)


def recall(recent: Recent, key: str, oldest: int) -> list[Early]:
    """What may mean a key and was seen at `oldest` or later, the earliest (at, seq) first."""
    if not recent.number:
        return []
    known = [e for found in (recent.by_key.get(key, ()), recent.loose) for e in found if e.seen >= oldest]
    return sorted(known, key=lambda e: e.order)


def unite(recent: Recent, other: Recent, oldest: int) -> None:
    """Keep in mind, too, what another name of the customer does; what was seen before `oldest` may go."""
    for key, known in other.by_key.items():
        recent.by_key[key] = [*recent.by_key.get(key, ()), *known]
    recent.loose += other.loose
    recent.number += other.number
    sweep(recent, oldest)


def sweep(recent: Recent, oldest: int) -> None:
    """Forget what was seen before `oldest`."""
    if not recent.number:
        return
    recent.loose = [e for e in recent.loose if e.seen >= oldest]
    left = {key: [e for e in known if e.seen >= oldest] for key, known in recent.by_key.items()}
    recent.by_key = {key: known for key, known in left.items() if known}
    recent.number = len(recent.loose) + sum(map(len, recent.by_key.values()))
    recent.sweep = 2 * recent.number + 8
