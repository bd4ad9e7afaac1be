"""The ledger of a store, told: what was decided, what became of each message, what could not be used."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import at, event
from msgspec.structs import replace
from test_delivering import ORDER, WHO, Service, Told, hello
from test_loop import arrival

from peakend.errors import PackError, SourceError
from peakend.model.delivery import Receipt
from peakend.store import Store
from peakend.why import tell_live

EXIT = {"on": "order.paid", "as": "success", "then": []}


def lines(service: Service, play: str | None = None) -> list[str]:
    return [told.said.en for told in tell_live(service.pack, service.store, "c-1", play)]


def test_what_was_decided_and_what_became_of_it_stand_in_order(store: Store) -> None:
    channels = {"email": Told(Receipt("refused", "550 no such user")), "sms": Told(Receipt("unknown", "?"))}
    service = Service(store, hello(), channels=channels).hears(*WHO, ORDER)
    service.until("03-02 10:00").until("03-02 10:01")
    told = lines(service)
    assert told[-4:] == [
        "“hello” goes to contact ann by e-mail",
        "It ends (Went through all steps)",
        "“hello” failed by e-mail: 550 no such user",
        "“hello” was given to SMS, and nobody can say whether it arrived: please decide. ?",
    ]
    chinese = [one.said.zh for one in tell_live(service.pack, store, "c-1")]
    assert chinese[-2] == "「hello」经邮件发送失败：550 no such user"
    assert chinese[-1] == "「hello」已交给短信，是否送达无从得知，请人工判断：?"


def test_what_was_taken_back_says_why(store: Store) -> None:
    of = hello(gather={"within": "PT2H"}, exits=[EXIT])
    service = Service(store, of).hears(*WHO, ORDER, event("03-02 11:00", "order.paid", order="A"))
    service.until("03-02 12:00")
    assert "“hello” did not leave by e-mail. The matter was settled before it left" in lines(service)


def test_an_event_that_could_not_be_typed_is_told_with_its_reason(store: Store) -> None:
    service = Service(store, hello()).hears(*WHO)
    bad = arrival(event("03-02 09:00", "order.made", order="B", v=1), "c-1", 77)
    service.loop.ingest([replace(bad, data='{"order":"B","v":"many"}')], at("03-02 09:00"))
    (line,) = [one for one in lines(service) if "put aside" in one]
    assert "field 'v' of order.made" in line


def test_one_play_alone_and_nobody_at_all(store: Store) -> None:
    service = Service(store, hello()).hears(*WHO, ORDER).until("03-02 10:00")
    assert not any("contact" in one and "set" in one for one in lines(service, "hello"))
    with pytest.raises(PackError, match="no play 'helo'"):
        lines(service, "helo")
    with pytest.raises(SourceError, match="holds nothing of customer 'nobody'"):
        tell_live(service.pack, store, "nobody")


def test_a_pack_that_has_lost_a_play_still_tells_the_rest(store: Store, tmp_path: Path) -> None:
    service = Service(store, hello()).hears(*WHO, ORDER).until("03-02 10:00")
    bare = replace(service.pack, plays={})
    assert tell_live(bare, store, "c-1")
