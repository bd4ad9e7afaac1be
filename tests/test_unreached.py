"""Nobody was reached: when a run gives a colleague its card, how often, and when it no longer does."""

from __future__ import annotations

from typing import Any

import pytest
from building import Told, do, event, pack, play, told

from peakend.model.event import Event
from peakend.model.pack import Pack

CALL = {"card": "call", "role": "desk"}


def asked(*steps: dict[str, Any], policy: dict[str, Any] | None = None, **words: Any) -> Pack:
    of = play("play", *(steps or (do("hello", through=["sms"]),)), key="order", if_unreached=CALL, **words)
    return pack(of, **(policy or {}))


def contact(when: str = "03-01 10:00", channel: str = "sms", **data: Any) -> Event:
    given = {"contact": "ann", "role": "owner", "address": "x", "consent": True, **data}
    return event(when, "contact.set", channel=channel, **given)


def made(when: str = "03-02 10:00", order: str = "O1", **data: Any) -> Event:
    return event(when, "order.made", order=order, **data)


def paid(when: str) -> Event:
    return event(when, "order.paid", order="O1")


def failed(when: str, step: str = "hello", order: str = "O1", **own: Any) -> Event:
    return event(when, "message.failed", message=f"c-1|play|{order}|0|{step}|0", **own)


def cards(found: Told) -> list[str]:
    return [line for line in found.verdicts if " call" in line]


def test_a_step_without_an_address_gives_the_card_at_once() -> None:
    found = told(asked(), contact(channel="email"), made())
    assert found.verdicts == ["03-02 10:00 suppress hello [O1]: reachable", "03-02 10:00 send call [O1]"]
    assert found.runs == ["03-02 10:00 enter play [O1]", "03-02 10:00 completed play [O1]"]


def test_each_step_that_reaches_nobody_gives_a_card_of_its_own() -> None:
    steps = do("hello", through=["sms"]), do("again", after="PT1H", through=["sms"])
    found = told(asked(*steps), contact(channel="email"), made())
    assert cards(found) == ["03-02 10:00 send call [O1]", "03-02 11:00 send call/1 [O1]"]


def test_who_has_not_agreed_or_wants_no_messages_was_not_missed() -> None:
    refused = event("03-01 11:00", "preference.set", what="sms")
    for unwanted in ((contact(consent=False),), (contact(), refused)):
        assert cards(told(asked(), *unwanted, made())) == []


def test_a_message_that_failed_gives_the_card_when_that_is_known() -> None:
    found = told(asked(exits=[{"on": "order.paid"}]), contact(), made(), failed("03-02 10:20"))
    assert found.verdicts == ["03-02 10:00 send hello [O1]", "03-02 10:20 send call [O1]"]


def test_a_failure_that_is_reported_twice_gives_one_card() -> None:
    log = contact(), made(), failed("03-02 10:20"), failed("03-02 10:30"), failed("03-05 10:00")
    assert cards(told(asked(), *log)) == ["03-02 10:20 send call [O1]"]


def test_a_failure_before_its_send_or_of_another_message_gives_none() -> None:
    later = do("hello", after="PT2H", through=["sms"])
    log = contact(), made(), failed("03-02 10:20"), failed("03-02 13:00", step="other")
    assert cards(told(asked(later), *log)) == []


@pytest.mark.parametrize("exits", [[], [{"on": "order.paid"}]], ids=["no exits", "exits"])
def test_a_run_remembers_its_messages_for_its_stay_to_the_microsecond(exits: list[Any]) -> None:
    of = asked(stays="PT5H", exits=exits)
    assert cards(told(of, contact(), made(), failed("03-02 15:00"))) == ["03-02 15:00 send call [O1]"]
    assert cards(told(of, contact(), made(), failed("03-02 15:00:00.000001"))) == []


def test_a_card_that_was_given_begins_the_stay_anew() -> None:
    steps = do("hello", through=["sms"]), do("again", through=["sms"])
    log = contact(), made(), failed("03-02 14:00"), failed("03-02 18:30", step="again")
    found = told(asked(*steps, stays="PT5H"), *log)
    assert cards(found) == ["03-02 14:00 send call [O1]", "03-02 18:30 send call/1 [O1]"]
    assert found.runs == ["03-02 10:00 enter play [O1]", "03-02 10:00 completed play [O1]"]


def test_after_an_exit_nobody_calls() -> None:
    of = asked(exits=[{"on": "order.paid", "then": [do("thanks", through=["sms"])]}])
    log = contact(), made(), paid("03-02 12:00"), failed("03-02 13:00"), failed("03-02 13:00", step="thanks")
    assert cards(told(of, *log)) == []


def test_an_exit_in_the_very_instant_of_the_failure_spares_the_card() -> None:
    of = asked(exits=[{"on": "order.paid"}])
    found = told(of, contact(), made(), failed("03-02 12:00"), paid("03-02 12:00"))
    assert cards(found) == []
    assert found.runs[-1] == "03-02 12:00 stopped play [O1]"


def test_a_message_that_several_runs_shared_gives_each_of_them_its_card() -> None:
    of = asked(gather={"within": "PT2H"})
    log = contact(), made(), made("03-02 10:30", "O2"), failed("03-02 13:00")
    assert cards(told(of, *log)) == ["03-02 13:00 send call [O1]", "03-02 13:00 send call [O2]"]


def test_the_card_passes_the_gates_of_its_play() -> None:
    guarded = asked(while_="v > 1")
    log = contact(channel="email"), made(v=2)
    assert cards(told(guarded, *log)) == ["03-02 10:00 send call [O1]"]
    calm = asked(class_="care", policy={"quiet_hours": {"from": "09:00", "to": "12:00"}})
    assert cards(told(calm, contact(), made("03-02 08:00"), failed("03-02 10:00"))) == [
        "03-02 10:00 send call [O1]"
    ]
    disturbed = event("03-02 09:00", "preference.set", what="do_not_disturb")
    assert cards(told(calm, contact(), made("03-02 08:00"), disturbed, failed("03-02 10:00"))) == [
        "03-02 10:00 suppress call [O1]: preference"
    ]


def test_a_moved_date_or_zone_does_not_move_the_card() -> None:
    steps = (
        do("hello", through=["sms"]),
        do("later", before="day", by="P1D", at="10:00", through=["sms"]),
    )
    of = asked(*steps, updates="order.changed")
    changed = event("03-02 10:20", "order.changed", order="O1", day="2026-03-20")
    found = told(of, contact(), made(day="2026-03-10"), failed("03-02 10:20"), changed)
    assert cards(found) == ["03-02 10:20 send call [O1]"]
    assert "03-19 10:00 send later [O1]" in found.verdicts


def test_the_same_card_as_a_step_and_as_the_last_resort_are_told_apart() -> None:
    steps = do("hello", through=["sms"]), do("call", "card", after="PT1H", role="desk")
    assert cards(told(asked(*steps), contact(channel="email"), made())) == [
        "03-02 10:00 send call.2 [O1]",
        "03-02 11:00 send call [O1]",
    ]


def test_where_no_contact_is_known_only_a_failure_gives_the_card() -> None:
    assert cards(told(asked(), made())) == []
    assert cards(told(asked(), made(), failed("03-02 11:00"))) == ["03-02 11:00 send call [O1]"]
