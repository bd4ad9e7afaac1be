"""The sums of the journey map: those of a backtest over the same inputs, and what plays did in truth."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace

from peakend.backtest import backtest
from peakend.moments.mapped import mapped
from peakend.store import open_store
from tests.web.world import World


def test_a_map_of_what_was_lived_is_that_of_a_backtest_of_its_inputs(world: World, tmp_path: Path) -> None:
    said: list[tuple[int, int]] = []
    with closing(open_store(str(world.database))) as store:
        found = mapped(store, world.pack, world.now, lambda done, all_: said.append((done, all_)))
        table = pa.Table.from_batches(store.recorded())
    pq.write_table(table, tmp_path / "log.parquet")
    past = backtest(world.pack, [tmp_path / "log.parquet"], workers=1)
    assert found.hash == world.pack.hash and found.at == world.now
    assert found.encounters == sum(one.encounters for one in past.touchpoints.values()) > 100
    assert said[-1] == (found.encounters, found.encounters)
    for name, measured in found.touchpoints.items():
        theirs, ours = past.touchpoints[name], measured.result
        assert ours.begun == ours.encounters  # those that are still open are no part of a map
        assert replace(ours, begun=0) == replace(theirs, begun=0)
        for standard, sums in theirs.standards.items():
            kept, months = measured.standards[standard], measured.months[standard].values()
            assert (kept.kept, kept.breached) == (sums.kept, sums.breached)
            assert (sum(one.kept for one in months), sum(one.breached for one in months)) == (
                sums.kept,
                sums.breached,
            )
            if kept.share is not None and kept.low is not None and kept.high is not None:
                assert 0 <= kept.low <= kept.share <= kept.high <= 1
            else:
                assert kept.kept + kept.breached == 0
    assert sum(one.send for one in found.plays.values()) > 50
    assert {name: one.send for name, one in found.plays.items()} == {
        name: one.send for name, one in past.plays.items()
    }


def test_a_wilson_interval_is_that_of_the_books(world: World) -> None:
    with closing(open_store(str(world.database))) as store:
        found = mapped(store, world.pack, world.now, lambda done, all_: None)
    shares = [one for point in found.touchpoints.values() for one in point.standards.values() if one.share]
    assert shares
    for one in shares:
        n, share = one.kept + one.breached, one.kept / (one.kept + one.breached)
        z = 1.959963984540054
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        reach = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
        assert one.low == pytest.approx(middle - reach) and one.high == pytest.approx(middle + reach)
