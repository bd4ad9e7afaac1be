"""What a colleague does with a card, and the moments that she spots: kept with who and when.

What the fold must know becomes an input of the log in the same step: `card.done`, so that a play may end when
its card is done, and `opportunity.spotted`, from which plays may start. All else is history of the card.
"""

from __future__ import annotations

from typing import Any, Final

from peakend.errors import Missing, PeakendError
from peakend.listen.cells import json_object
from peakend.loop.deliveries import contents_of
from peakend.model.outcome import Content
from peakend.model.pack import Pack
from peakend.model.parts import as_list
from peakend.model.stored import OURS, Arrival, Note, NoteAct
from peakend.store.base import Store

DONE: Final = "card.done"
SPOTTED: Final = "opportunity.spotted"
LONGEST: Final = 2_000
"""Characters of what a colleague writes in one go."""


class Desk:
    """The cards of one store, under the pack that runs. `by` is who acts; instants are handed in."""

    def __init__(self, store: Store, pack: Pack) -> None:
        self._store, self._pack = store, pack

    def fetch(self, card: str, by: str, now: int) -> bool:
        """A card was shown to its reader for the first time; False where it was before."""
        return self._store.act_on_note(NoteAct(send_key=card, at=now, who=by, what="fetched"))

    def finish(self, card: str, by: str, now: int, *, result: str = "") -> None:
        """A card is done. Raises PeakendError where it is done already, or unknown."""
        note = self._meant(card)
        act = NoteAct(send_key=card, at=now, who=by, what="done", text=written(result))
        if not self._store.act_on_note(act, [self._told(note, act)]):
            raise _done_before(self._meant(card))

    def snooze(self, card: str, by: str, now: int, until: int, text: str = "") -> None:
        """A card comes back at an instant. Raises PeakendError where that is past, or the card is done."""
        if until <= now:
            raise PeakendError(
                "a card can be put off to a later time only",
                fix="Choose a time that is still to come",
                what_zh="服务提示卡只能推迟到以后的时间",
                fix_zh="请选择一个尚未到来的时间",
            )
        self._act(NoteAct(send_key=card, at=now, who=by, what="snoozed", until=until, text=written(text)))

    def hand_over(
        self, card: str, by: str, now: int, *, role: str = "", assignee: str = "", text: str = ""
    ) -> None:
        """A card goes to another role, to a person, or both. Raises PeakendError where neither is named."""
        if not role and not assignee:
            raise PeakendError(
                "nobody is named to hand the card to",
                fix="Name a role or a colleague",
                what_zh="没有指定要转交给谁",
                fix_zh="请选择角色或同事",
            )
        self._act(
            NoteAct(
                send_key=card,
                at=now,
                who=by,
                what="handed",
                role=role,
                assignee=assignee,
                text=written(text),
            )
        )

    def remark(self, card: str, by: str, now: int, text: str) -> None:
        """Something to be read beside a card, which may be done already."""
        self._act(NoteAct(send_key=card, at=now, who=by, what="noted", text=written(text, some=True)))

    def spot(self, customer: str, touchpoint: str, text: str, by: str, now: int, id_: str) -> Arrival:
        """Log a moment that a colleague has noticed with a customer; `id_` names it for ever.

        Raises PeakendError where the pack has no such touchpoint, or nothing is known of the customer.
        """
        if touchpoint and touchpoint not in self._pack.touchpoints:
            raise PeakendError(
                f"the pack has no touchpoint '{touchpoint}'",
                fix=f"One of {', '.join(sorted(self._pack.touchpoints)[:8])}",
                what_zh=f"模板中没有接触点“{touchpoint}”",
                fix_zh=f"可选：{'、'.join(sorted(self._pack.touchpoints)[:8])}",
            )
        name = self._store.names_of(customer)[0]
        if not self._store.events_after(name, -1, -1, 1):
            raise PeakendError(
                f"nothing is known of a customer '{customer}'",
                fix="Look the id up among the customers",
                what_zh=f"没有客户“{customer}”的任何动态",
                fix_zh="请在客户列表中核对编号",
            )
        data = {"touchpoint": touchpoint, "text": written(text, some=True), "by": by}
        found = Arrival(OURS, f"{SPOTTED}|{id_}", name, SPOTTED, now, "", json_object(data))
        self._store.append([found])
        return found

    def _act(self, act: NoteAct) -> None:
        note = self._meant(act.send_key)
        if not self._store.act_on_note(act):
            raise _done_before(self._store.note(act.send_key) or note)

    def _meant(self, card: str) -> Note:
        note = self._store.note(card)
        if note is None or note.kind != "card":
            raise Missing(
                f"there is no card {card}",
                fix="Look at the inbox again",
                what_zh=f"没有编号为 {card} 的服务提示卡",
                fix_zh="请刷新“我的待办”",
            )
        return note

    def _told(self, note: Note, act: NoteAct) -> Arrival:
        """That a card is done, with the key of its play where the pack declares that for this kind."""
        content = self._content(note)
        data: dict[str, Any] = {
            "card": note.send_key,
            "play": note.play,
            "key": content.key if content else "",
            "step": content.step if content else "",
            "role": note.who,
            "result": act.text,
            "by": act.who,
        }
        play, declared = self._pack.plays.get(note.play), self._pack.head.events.get(DONE, {})
        for field in as_list(play.key) if play else ():
            if content and declared.get(field) in ("text", "number", "date", "boolean"):
                data.setdefault(field, content.fields.get(field))
        return Arrival(OURS, f"{DONE}|{note.send_key}", note.customer, DONE, act.at, "", json_object(data))

    def _content(self, note: Note) -> Content | None:
        return next((one for one in contents_of(self._store, note.message) if one.play == note.play), None)


def written(text: str, *, some: bool = False) -> str:
    """What a colleague wrote. Raises PeakendError where it is too long, or must not be empty and is."""
    text = text.strip()
    if len(text) > LONGEST:
        raise PeakendError(
            f"the text has {len(text)} characters",
            fix=f"Write at most {LONGEST}",
            what_zh=f"共 {len(text)} 个字",
            fix_zh=f"最多 {LONGEST} 字",
        )
    if some and not text:
        raise PeakendError(
            "nothing is written",
            fix="Say in a sentence what you noticed",
            what_zh="内容为空",
            fix_zh="请用一句话写明情况",
        )
    return text


def _done_before(note: Note) -> PeakendError:
    who = note.changed_by or "?"
    return PeakendError(
        f"the card was done already, by {who}",
        fix="Look at the inbox again; a remark can still be added",
        what_zh=f"这张卡已由 {who} 完成",
        fix_zh="请刷新“我的待办”；仍可补充备注",
    )
