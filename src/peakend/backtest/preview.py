"""One text as one customer got it in a history, or as that customer would get it now.

The history is folded as every backtest folds it, and what the text may speak of is what the fold gathered for
the send. Where no send of it happened, the profile, the facts and the newest event that fits stand in, and
the answer says so: nobody shall take an example for something that was sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from peakend.backtest.conclude import Concluded, conclude, unknown_customer
from peakend.deliver.compose import COLLEAGUE, compose
from peakend.design.words import hint
from peakend.errors import PackError
from peakend.fold import CustomerState, known
from peakend.fold.reach import newest
from peakend.model.delivery import Words
from peakend.model.outcome import Content, Verdict
from peakend.model.pack import Channels, Pack, Play, Step
from peakend.model.parts import CLASSES, as_list
from peakend.model.vocabulary import steps_of


class Previewed(NamedTuple):
    """The words, and where they come from.

    `instant` (microseconds UTC) is that of the send, or of the example; `sent` says which. `event` is the
    kind of the event that an example took its fields from ('' where the customer has none that fits).
    """

    words: Words
    sent: bool
    instant: int
    play: str
    channel: str
    items: int
    event: str = ""


def preview(
    pack: Pack,
    log: Sequence[Path],
    customer: str,
    text: str,
    *,
    sender: Mapping[str, str],
    channel: str = "",
    language: str = "",
    until: int | None = None,
) -> Previewed:
    """The last send of a text (or card) to a customer up to `until`, or an example of it, in words.

    `channel` is the first that it went through where none is given. Raises PackError for a text that the pack
    does not have, SourceError for a customer whom the log does not know.
    """
    steps = list(_steps(pack, text))
    _refuse_unknown(pack, text)
    found = conclude(pack, log, customer=customer, until=until, contents=True)
    if not found.events:
        raise unknown_customer(log, customer)
    last = next((one for one in reversed(found.contents) if text in (one.text, *one.attach)), None)
    if last is not None:
        contents = [one for one in found.contents if one.message == last.message and one.text == last.text]
        verdict = _verdict(found, last)
        through, contact = verdict.channels[:1], verdict.contact
    else:
        contents = [_example(pack, found, text, steps)]
        through, contact = _through(steps), ""
    chosen = channel or next(iter(through), "email")
    state = found.states[contents[0].customer]
    if last is not None and last.text != text:
        contents = [_as(one, text) for one in contents]
    words = compose(
        pack,
        contents,
        channel=chosen,
        contact=_reader(state, contact, chosen),
        sender=sender,
        language=language,
    )
    event = "" if last is not None or not contents[0].fields else contents[0].step
    return Previewed(
        words, last is not None, contents[0].instant, contents[0].play, chosen, len(contents), event
    )


def _steps(pack: Pack, text: str) -> Iterator[tuple[Play, Step, list[str]]]:
    """Every step that uses the text, with the kinds of event whose fields it knows."""
    for play in pack.plays.values():
        for _, step, exit_kinds in steps_of(play):
            if text in (step.says, *step.attach):
                yield play, step, [*as_list(play.on), *as_list(play.updates), *as_list(exit_kinds)]


def _refuse_unknown(pack: Pack, text: str) -> None:
    names = {name for _, name in (*pack.texts, *pack.cards)}
    if text not in names:
        english, chinese = hint(text, sorted(names))
        raise PackError(
            f"The pack has no text or card '{text}'",
            fix=english,
            what_zh=f"模板里没有文本或提示卡“{text}”",
            fix_zh=chinese,
        )


def _verdict(found: Concluded, content: Content) -> Verdict:
    """The send that a content was gathered for."""
    return next(
        one
        for one in found.outputs
        if isinstance(one, Verdict) and one.outcome == "send" and one.message == content.message
    )


def _example(
    pack: Pack, found: Concluded, text: str, steps: Sequence[tuple[Play, Step, list[str]]]
) -> Content:
    """What the text would speak of now: the newest event of the kinds that its plays start from."""
    kinds = {kind: play for play, _, kinds in reversed(steps) for kind in reversed(kinds)}
    newest = next((event for event in reversed(found.events) if event.kind in kinds), None)
    play = kinds[newest.kind] if newest else steps[0][0] if steps else None
    step = next((step for of, step, _ in steps if of is play), None)
    customer, state = next(iter(found.states.items()))
    if newest is not None:
        customer, state = newest.customer, found.states[newest.customer]
    profile, facts = known(found.program, state, found.until)
    return Content(
        customer,
        play.play if play else "",
        "",
        0,
        newest.kind if newest else "",
        0,
        "",
        found.until,
        found.until,
        found.until,
        step.action if step and text == step.says else "card" if _is_card(pack, text) else "say",
        text,
        (step.role or "") if step else "",
        CLASSES.index(play.class_) if play else 0,
        0.0,
        tuple(step.attach) if step and text == step.says else (),
        dict(newest.data) if newest else {},
        profile,
        facts,
    )


def _is_card(pack: Pack, text: str) -> bool:
    return any(name == text for _, name in pack.cards)


def _through(steps: Sequence[tuple[Play, Step, list[str]]]) -> tuple[str, ...]:
    for _, step, _ in steps:
        through = step.through.all if isinstance(step.through, Channels) else step.through
        if step.action in COLLEAGUE:
            return ("card",)
        if through:
            return tuple(through[:1])
    return ()


def _as(content: Content, text: str) -> Content:
    """The content as if the attached text were the letter."""
    return msgspec.structs.replace(content, text=text, attach=(), action="say")


def _reader(state: CustomerState, contact: str, channel: str) -> dict[str, str]:
    """The person who reads it: the one of the verdict, else the first with an address on the channel."""
    people = sorted(state.contacts.items())
    name = contact or next((name for name, one in people if channel in one.addresses), "")
    person = state.contacts.get(name)
    if person is None:
        return {}
    address = newest(person.addresses[channel])[0] if channel in person.addresses else ""
    role = next(iter(sorted(person.roles)), "")
    return {"contact": name, "name": person.name, "role": role, "channel": channel, "address": address}
