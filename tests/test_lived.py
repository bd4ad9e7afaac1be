"""A log lived through gives a store the past that a worker would have given it."""

from __future__ import annotations

import io
from contextlib import closing
from datetime import date
from pathlib import Path

from naive.compare import rows
from test_loop import recorded

from peakend.backtest.conclude import conclude
from peakend.deliver.settings import channels_of
from peakend.design.pack import find_pack, load_pack
from peakend.instance.file import Instance, Placed
from peakend.instance.lived import live_through, seen_in
from peakend.instance.working import post_of
from peakend.simulate import simulate
from peakend.store import open_store

SENDER = {"name": "林悦", "phone": "010-5555-0100", "company": "云上"}
DAY = 86_400_000_000


def test_a_month_lived_through_is_what_its_backtest_says_and_nothing_that_was_due_waits(
    tmp_path: Path,
) -> None:
    pack = load_pack(find_pack("cloud"))
    simulate(pack, tmp_path / "log.parquet", customers=40, days=40, start=date(2026, 3, 1), seed=3)
    told = seen_in(tmp_path / "log.parquet")
    until = told[-1][0] - 10 * DAY
    placed = Placed(Instance(sender=SENDER), None, None)
    ready = channels_of({name: {"kind": "mute"} for name in ("email", "wecom", "sms")}, {}, io.StringIO())
    said: list[tuple[int, int]] = []
    with closing(open_store(str(tmp_path / "lived.db"))) as store:
        taken = live_through(
            store,
            pack,
            told,
            until,
            post_of(pack, placed, ready),
            lambda done, all_: said.append((done, all_)),
        )
        assert taken == sum(seen <= until for seen, _ in told) > 1000
        assert said[-1][0] <= said[-1][1] == until - told[0][0]
        waiting = store.messages(states=["planned", "claimed", "handed", "review"])
        assert not [one for one in waiting if one.since <= until]
        accepted = store.messages(states=["accepted"])
        assert accepted
        assert {one.receipt for one in accepted if one.planned.channel == "email"} == {"muted"}
        assert store.owners(until) == set()
        log = recorded(store, tmp_path / "recorded.parquet")
        customers = sorted({one.customer for _, one in told if one.customer})
        outputs = [one for who in customers for one in store.story(who)]
    past = conclude(pack, [log], until=until)
    assert rows(outputs) == rows(past.outputs)
