"""What every store does about other systems that are told what happens: a part of the contract."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace
from people_world import entry
from store_contract import HOUR, NINE, arrival, as_event, keep, own

from peakend.model.account import AuditQuery
from peakend.model.hook import Call, Hook
from peakend.model.outcome import Encountered, Verdict
from peakend.model.publication import Publication
from peakend.model.stored import Note
from peakend.store import Store

SECRET = "whsec_" + "A" * 43 + "="


def hook(id_: str = "wh_1", *kinds: Any, **changed: Any) -> Hook:
    fields: dict[str, Any] = {"url": "https://crm.example/x", "secrets": (SECRET,), "label": "客户系统"}
    fields |= {"kinds": kinds or ("verdict.sent",), "who": "li", "made": NINE}
    return Hook(id=id_, **(fields | changed))


def verdict(outcome: Any = "send", customer: str = "c-1") -> Verdict:
    return Verdict(
        customer, "p", "K1", 0, "s", 0, NINE, NINE, outcome, "", channels=("email",), message="m-1"
    )


def encounter(state: Any, *, settled: bool = False) -> Encountered:
    return Encountered("c-1", "repair", "K1", NINE, NINE + 1, NINE + 1, state, settled, False, None)


def told(store: Store, id_: str = "wh_1") -> list[str]:
    return [one.kind for one in store.calls(id_, 100)]


class HooksContract:
    """Tests of any store; a subclass gives the fixture `store`, an empty one."""

    def test_a_hook_is_kept_as_it_is_changed_and_dropped_and_each_is_in_the_record(
        self, store: Store
    ) -> None:
        one = hook("wh_1", "verdict.sent", "card.created")
        store.save_hook(one, entry("webhook.made", "wh_1"))
        store.save_hook(hook("wh_0", made=NINE + 1), entry("webhook.made", "wh_0"))
        assert store.hooks() == [one, hook("wh_0", made=NINE + 1)]
        rotated = replace(one, secrets=(SECRET.replace("A", "B"), SECRET))
        store.save_hook(rotated, entry("webhook.rotated", "wh_1"))
        assert store.hooks()[0] == rotated and SECRET not in repr(rotated)
        store.put_call(Call(hook="wh_1", kind="verdict.sent", at=NINE, customer="c-1", data="{}"))
        assert store.drop_hook("wh_1", entry("webhook.deleted", "wh_1"))
        assert not store.drop_hook("wh_1", entry("webhook.deleted", "wh_1"))
        assert store.calls("wh_1", 9) == [] and store.waiting_calls() == {}
        found = [one.what for one in store.recorded_changes(AuditQuery(what="webhook."))]
        assert found == ["webhook.deleted", "webhook.rotated", "webhook.made", "webhook.made"]

    def test_what_a_turn_concludes_waits_for_those_who_asked_for_it(self, store: Store) -> None:
        store.save_hook(hook("wh_1", "verdict.sent", "encounter.miserable"), entry())
        store.save_hook(hook("wh_2", "encounter.closed", "message.failed", made=NINE + 1), entry())
        store.save_hook(hook("wh_3", "verdict.sent", disabled=NINE), entry())
        failed = as_event(arrival("e-1", kind="message.failed", data='{"message":"m-1"}'), NINE, 0)
        outputs = [verdict(), verdict("hold"), encounter("satisfied"), encounter("miserable")]
        keep(store, own(store), events=[failed], outputs=[*outputs, encounter("miserable", settled=True)])
        assert told(store, "wh_1") == ["verdict.sent", "encounter.miserable"]
        assert told(store, "wh_2") == ["message.failed", "encounter.closed", "encounter.closed"]
        assert told(store, "wh_3") == [] and store.waiting_calls() == {"wh_1": 2, "wh_2": 3}
        first = store.calls("wh_1", 1)[0]
        assert (first.customer, first.at) == ("c-1", NINE)
        assert msgspec.json.decode(first.data)["step"] == "s"

    def test_a_turn_that_fails_tells_nothing(self, store: Store) -> None:
        store.save_hook(hook(), entry())
        try:
            with store.turn(own(store)) as turn:
                turn.keep([], [], [verdict()], [])
                raise KeyError
        except KeyError:
            pass
        assert store.waiting_calls() == {}

    def test_a_card_is_told_once_and_a_publication_is_told(self, store: Store) -> None:
        store.save_hook(hook("wh_1", "card.created", "pack.published"), entry())
        words: dict[str, Any] = {"subject": "s", "body": "b", "severity": "", "link": ""}
        span: dict[str, Any] = {"at": NINE, "until": NINE + HOUR}
        card = Note(
            send_key="k-1", kind="card", customer="c-1", who="desk", play="p", message="m", **words, **span
        )
        for one in (card, card, replace(card, send_key="k-2", kind="console")):
            store.put_note(one)
        store.publish(
            Publication(hash="h1", pack="cloud", who="li", seen=0, backtest="", approved="", files={}), NINE
        )
        assert told(store) == ["card.created", "pack.published"]

    def test_one_tells_at_a_time_and_what_was_told_waits_no_longer(self, store: Store) -> None:
        store.save_hook(hook(), entry())
        for at in range(3):
            store.put_call(Call(hook="wh_1", kind="verdict.sent", at=at, customer="c-1", data="{}"))
        assert store.lease_hook("wh_1", NINE, NINE + 5)
        assert not store.lease_hook("wh_1", NINE + 4, NINE + 9)
        assert not store.lease_hook("nobody", NINE, NINE + 9)
        first, *_ = store.calls("wh_1", 9)
        after = replace(store.hooks()[0], failing=NINE, after=NINE + 60, said="silent")
        assert store.settle_hook(after, NINE + 5, [first.number])
        assert [one.at for one in store.calls("wh_1", 9)] == [1, 2] and store.hooks() == [after]
        assert not store.lease_hook("wh_1", NINE + 59, NINE + 99)
        assert store.lease_hook("wh_1", NINE + 60, NINE + 99)
        gone = replace(after, disabled=NINE, after=NINE + 99)
        assert store.settle_hook(gone, NINE + 99, [], entry("webhook.disabled", "wh_1"))
        assert store.hooks() == [gone] and not store.lease_hook("wh_1", NINE + HOUR, NINE + HOUR + 1)
        assert store.waiting_calls() == {"wh_1": 2}

    def test_whoever_lost_the_lease_settles_nothing(self, store: Store) -> None:
        store.save_hook(hook(), entry())
        store.put_call(Call(hook="wh_1", kind="verdict.sent", at=1, customer="c-1", data="{}"))
        (one,) = store.calls("wh_1", 9)
        assert store.lease_hook("wh_1", NINE, NINE + 5)
        assert store.lease_hook("wh_1", NINE + 5, NINE + 10)
        assert not store.settle_hook(hook(), NINE + 5, [one.number], entry("webhook.disabled"))
        assert store.calls("wh_1", 9) == [one] and store.recorded_changes(AuditQuery(what="webhook.")) == []
        assert store.settle_hook(hook(), NINE + 10, [one.number]) and store.calls("wh_1", 9) == []

    def test_who_is_erased_is_told_nobody(self, store: Store) -> None:
        store.save_hook(hook(), entry())
        for customer in ("c-1", "c-2"):
            store.put_call(Call(hook="wh_1", kind="verdict.sent", at=NINE, customer=customer, data="{}"))
        assert len(store.export("c-1")["hook_call"]) == 1
        assert store.erase("c-1", NINE, "salt")["hook_call"] == 1
        assert [one.customer for one in store.calls("wh_1", 9)] == ["c-2"]
