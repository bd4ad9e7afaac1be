"""What the words of a send may speak of: gathered by the fold at the instant of the verdict, never before."""

from __future__ import annotations

from building import at, do, event, numbered, pack, play

from peakend.fold import compile_program, new_state, step
from peakend.model.outcome import Content, Verdict

RENEWAL = pack(
    play(
        "renewal",
        do("soon", before="day", by="P1D", at="10:00", attach=["advice"]),
        do("call", "card", before="day", by="P1D", at="10:05", role="seller"),
        key="order",
        updates="order.changed",
    ),
    facts={"orders": {"of": "order.made", "take": "count"}},
    customer={"tier": {"type": "text", "from": "customer.updated.tier", "else": "small"}},
)


def contents(*, gathered: bool) -> list[Content]:
    program = compile_program(RENEWAL, contacts_known=False, contents=gathered)
    log = [
        event("03-02 10:00", "order.made", order="A", v=1, day="2026-03-20"),
        event("03-03 10:00", "order.changed", order="A", w="new", day="2026-03-21"),
        event("03-25 10:00", "customer.updated", tier="key"),
    ]
    found: list[Content] = []
    _, outputs = step(program, new_state("c-1"), numbered(log), at("04-01 00:00"), contents=found)
    sends = [one for one in outputs if isinstance(one, Verdict) and one.outcome == "send"]
    assert len(sends) == 2
    return found


def test_a_send_comes_with_the_fields_attributes_and_facts_of_its_instant() -> None:
    said, card = contents(gathered=True)
    assert (said.text, said.attach, said.role, said.action) == ("soon", ("advice",), "", "say")
    assert said.fields == {"order": "A", "v": 1, "w": "new", "day": "2026-03-21"}
    assert said.profile == {"tier": "small"}, "what came later is not told"
    assert said.facts == {"orders": 1}, "a fact that no condition names is known all the same"
    assert said.instant == at("03-20 10:00")
    assert (card.text, card.role, card.action) == ("call", "seller", "card")


def test_a_program_that_was_not_compiled_for_it_gathers_nothing() -> None:
    assert contents(gathered=False) == []
