"""What every store answers about states: closed lanes, large states, packs that a shard adopted."""

from __future__ import annotations

from store_contract import NINE, arrival, as_event, keep, own

from peakend.model.outcome import Entered
from peakend.model.stored import ADOPTED, OURS, Adoption, Recorded, Snapshot, StateRow
from peakend.store import Store


def entered(key: str, occurrence: int, at: int, play: str = "renewal") -> Entered:
    return Entered("c-1", play, key, occurrence, at, at, "contract.signed")


class StatesContract:
    """Tests of any store; a subclass gives the fixture `store`, an empty one."""

    def test_lanes_tell_how_many_runs_they_had_and_their_last_entry(self, store: Store) -> None:
        shard, lane, long = own(store), ("c-1", "renewal", "O1"), ("c-1", "renewal", "长" * 3000)
        runs = [entered("O1", 0, NINE + 5), entered("O1", 1, NINE), entered(long[2], 0, NINE)]
        keep(store, shard, outputs=runs)
        wanted = [lane, long, ("c-1", "renewal", "O2"), ("c-2", "renewal", "O1"), ("c-1", "other", "O1")]
        assert store.lanes(wanted) == {lane: (2, NINE + 5), long: (1, NINE)}
        assert store.lanes([]) == {}

    def test_lanes_can_be_asked_as_they_were_before_a_place(self, store: Store) -> None:
        shard, lane = own(store), ("c-1", "renewal", "O1")
        with store.turn(shard) as turn:
            before = turn.place
            turn.keep((), (), [entered("O1", 0, NINE)], ())
            between = turn.place
            turn.keep((), (), [entered("O1", 1, NINE + 1)], ())
            assert turn.lanes([lane]) == {lane: (2, NINE + 1)}
        with store.turn(shard) as turn:
            assert turn.place == between + 1
            assert turn.lanes([lane], before) == {}
            assert turn.lanes([lane], between) == {lane: (1, NINE)}
        assert store.lanes([lane], between) == {lane: (1, NINE)}

    def test_a_snapshot_takes_the_place_of_an_older_one_when_its_turn_ends(self, store: Store) -> None:
        shard, first, second = own(store), Snapshot("c-1", 1, 2, 3, b"a"), Snapshot("c-1", 4, 5, 6, b"\0b")
        with store.turn(shard) as turn:
            turn.keep_snapshots([first])
            assert turn.snapshots(["c-1", "c-2"]) == {"c-1": first}
        with store.turn(shard) as turn:
            turn.keep_snapshots([second])
        assert store.snapshots(["c-1", "nobody"]) == {"c-1": second}

    def test_the_events_after_a_snapshot_come_in_pieces(self, store: Store) -> None:
        told = [as_event(arrival(f"e-{n}"), NINE + n // 2, n) for n in range(6)]
        keep(store, own(store), events=told)
        assert store.events_after("c-1", NINE, 1, 3) == told[2:5]
        with store.turn(own(store)) as turn:
            assert turn.events_after("c-1", NINE + 1, 2, 9) == told[3:]
            assert turn.events_after("c-1", -1, -1, 1) == told[:1]
        assert store.events_after("c-2", 0, 0, 9) == []

    def test_a_state_keeps_since_when_it_follows_its_program(self, store: Store) -> None:
        row = StateRow("c-1", 5, "v2", b"", NINE)
        keep(store, own(store), states=[StateRow("c-1", 5, "v1", b"x"), row])
        assert store.states(["c-1"]) == {"c-1": row}

    def test_a_shard_tells_which_packs_it_adopted(self, store: Store) -> None:
        shards = store.claim_shards("w-1", NINE, 1000, store.shards)
        for shard in shards[:2]:
            for seq, hash_ in enumerate(("v1", "v2")):
                id_ = f"{ADOPTED}/{shard.number}/{NINE + seq}"
                data = f'{{"hash":"{hash_}"}}'
                one = Recorded("", ADOPTED, NINE + seq, NINE + seq, seq, data, OURS, id_, "")
                with store.turn(shard) as turn:
                    turn.keep([one], (), (), ())
        for shard in shards[:2]:
            with store.turn(shard) as turn:
                assert turn.adoptions() == [Adoption(NINE, "v1"), Adoption(NINE + 1, "v2")]
        for shard in shards[2:3]:
            with store.turn(shard) as turn:
                assert turn.adoptions() == []
