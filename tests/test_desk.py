"""The desk: what a colleague does with a card, what plays hear of it, and the moments that she spots."""

from __future__ import annotations

from typing import Any

import pytest
from building import at, do, event, pack, play
from test_delivering import Service

from peakend.errors import PeakendError
from peakend.loop.desk import LONGEST, Desk
from peakend.model.looked import AskedRuns
from peakend.model.pack import Pack
from peakend.store import Store

ORDERS = [event("03-02 10:00", "order.made", order=order) for order in ("A", "B")]


def calls(declared: dict[str, Any] | None = None, **words: Any) -> Pack:
    """A card after every order, and a play that ends when its card is done."""
    of = play(
        "calls",
        do("call", "card", role="desk"),
        key="order",
        exits=[{"on": "card.done", "where": "play = 'calls'", "as": "handled"}],
    )
    spotted = play("thanks", do("note", "card", role="desk"), on="opportunity.spotted", **words)
    made = pack(of, spotted)
    if declared:
        made.head.events["card.done"] = declared
    return made


def served(store: Store, of: Pack) -> tuple[Service, Desk]:
    service = Service(store, of).hears(*ORDERS).until("03-02 10:01")
    return service, Desk(store, of)


def card_of(store: Store, order: str) -> str:
    (found,) = [one.send_key for one in store.notes() if f"|{order}|" in one.message]
    return found


def ends(store: Store) -> dict[str, str | None]:
    return {one.key: one.how for one in store.list_runs(AskedRuns(play="calls")).rows}


def test_a_card_that_is_done_ends_the_run_that_gave_it(store: Store) -> None:
    service, desk = served(store, calls({"order": "text"}))
    desk.finish(card_of(store, "A"), "u-7", at("03-02 10:30"), result="已回电")
    service.until("03-02 10:31")
    assert ends(store) == {"A": "handled", "B": None}
    (told,) = [one for one in store.events_of("c-1") if one.kind == "card.done"]
    assert told.source == "peakend"
    for said in (
        '"by":"u-7"',
        '"key":"A"',
        '"order":"A"',
        '"play":"calls"',
        '"result":"已回电"',
        '"role":"desk"',
    ):
        assert said in told.data


def test_without_the_key_the_exit_means_every_run_of_the_customer(store: Store) -> None:
    service, desk = served(store, calls())
    desk.finish(card_of(store, "A"), "u-7", at("03-02 10:30"))
    service.until("03-02 10:31")
    assert ends(store) == {"A": "handled", "B": "handled"}


def test_the_second_of_two_who_finish_a_card_is_told_who_was_first(store: Store) -> None:
    _, desk = served(store, calls())
    card = card_of(store, "A")
    desk.finish(card, "u-7", at("03-02 10:30"))
    for act in (
        lambda: desk.finish(card, "u-8", at("03-02 10:31")),
        lambda: desk.snooze(card, "u-8", at("03-02 10:31"), at("03-02 11:00")),
        lambda: desk.hand_over(card, "u-8", at("03-02 10:31"), role="boss"),
    ):
        with pytest.raises(PeakendError, match="u-7") as caught:
            act()
        assert "u-7" in caught.value.what_zh
    desk.remark(card, "u-8", at("03-02 10:32"), "she called back")
    assert [(one.what, one.who) for one in store.note_acts(card)] == [("done", "u-7"), ("noted", "u-8")]
    assert store.waiting() == 1


def test_a_card_is_fetched_put_off_and_handed_over(store: Store) -> None:
    _, desk = served(store, calls())
    card = card_of(store, "B")
    assert desk.fetch(card, "u-7", at("03-02 10:30"))
    assert not desk.fetch(card, "u-7", at("03-02 10:31"))
    desk.snooze(card, "u-7", at("03-02 10:32"), at("03-02 12:00"), "在开会")
    desk.hand_over(card, "u-7", at("03-02 10:33"), assignee="u-9")
    note = store.note(card)
    assert note is not None
    assert (note.state, note.who, note.assignee) == ("handed", "desk", "u-9")


def test_what_makes_no_sense_is_refused_with_the_fix(store: Store) -> None:
    _, desk = served(store, calls())
    card, now = card_of(store, "A"), at("03-02 10:30")
    for act in (
        lambda: desk.finish("nothing", "u-7", now),
        lambda: desk.finish(card, "u-7", now, result="x" * (LONGEST + 1)),
        lambda: desk.snooze(card, "u-7", now, now),
        lambda: desk.hand_over(card, "u-7", now),
        lambda: desk.remark(card, "u-7", now, "  "),
        lambda: desk.spot("c-1", "nowhere", "x", "u-7", now, "1"),
        lambda: desk.spot("c-9", "shop", "x", "u-7", now, "1"),
        lambda: desk.spot("c-1", "shop", " ", "u-7", now, "1"),
    ):
        with pytest.raises(PeakendError) as caught:
            act()
        assert caught.value.fix and caught.value.fix_zh
    assert store.note_acts(card) == []
    assert store.waiting() == 0


def test_a_play_starts_from_a_moment_that_a_colleague_has_spotted(store: Store) -> None:
    service, desk = served(store, calls(where="touchpoint = 'shop'"))
    for _ in range(2):
        desk.spot("c-1", "shop", "孩子今天生日", "u-7", at("03-02 11:00"), "o-1")
    service.until("03-02 11:01").until("03-02 11:02")
    assert [one.play for one in store.notes(kind="card")] == ["calls", "calls", "thanks"]
    assert service.learnt().count("opportunity.spotted") == 1
