"""A play as a reader follows it: when this happens, wait, ask these, say that; the ways out; what it is for.

Every node has its words in both languages and the place in the file that says so, so that a page can draw it
and lead to the line. It tells what stands there: whether it makes sense is lint, what it would do a backtest.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from peakend.model.pack import Pack, Play, Policy, Step, Text
from peakend.model.parts import as_list
from peakend.model.vocabulary import steps_of
from peakend.tell.catalogue import CLASSES, HOW_ENDED
from peakend.tell.names import Names
from peakend.tell.said import Said, fill, listed, titled
from peakend.tell.spans import duration
from peakend.tell.spoken import audience, due

What = Literal["start", "wait", "ask", "act", "exit", "unreached", "goal"]
Path = tuple[str | int, ...]

FLOW: Final[dict[str, Said]] = {
    "start": Said("发生{kinds}时", "When this happens: {kinds}"),
    "where": Said("条件：{where}", "If {where}"),
    "count": Said("{span}内达到 {n} 次", "{n} times within {span}"),
    "key": Said("按{key}分别执行", "Once for each {key}"),
    "again_once": Said("每位客户只执行一次", "Once for a customer, ever"),
    "again_once_per_key": Said("同一编号只执行一次", "Once for a key, ever"),
    "again_after_exit": Said("上一次结束后可以再次开始", "Again once the last run has ended"),
    "again_every": Said("每次发生都开始", "Every time"),
    "cool_down": Said("两次之间至少隔 {span}", "At least {span} apart"),
    "gather": Said("{span}内到点的几件事合并成一条消息", "What comes due within {span} is one message"),
    "holdout": Said("{share} 的客户作空白对照，特意不发", "{share} are held out on purpose, for proof"),
    "updates": Said("发生{kinds}时更新内容与时间", "{kinds} bring new fields and times"),
    "while": Said("发送前须仍然成立：{where}", "Still true when it leaves: {where}"),
    "moment": Said("没有未了的故障或投诉：{where}", "Not while {where}"),
    "quiet": Said("不在免打扰时段（{from_}–{to}）", "Not in the quiet hours ({from_}–{to})"),
    "urgent": Said("紧急：免打扰时段也发", "Urgent: in the quiet hours too"),
    "cap_day": Said("同类消息每天不超过 {n} 条", "At most {n} of its class a day"),
    "cap_span": Said("同类消息 {span}内不超过 {n} 条", "At most {n} of its class within {span}"),
    "total_day": Said("各类消息每天合计不超过 {n} 条", "At most {n} of all classes a day"),
    "total_span": Said("各类消息 {span}内合计不超过 {n} 条", "At most {n} of all classes within {span}"),
    "budget": Said("预算「{budget}」还有余额", "The budget “{budget}” has room"),
    "expires": Said("过了 {span}就不再发", "Not when more than {span} late"),
    "say": Said("发送「{text}」", "Say “{text}”"),
    "card": Said("派发提示卡「{text}」", "Hand out the card “{text}”"),
    "task": Said("派发任务「{text}」", "Hand out the task “{text}”"),
    "give": Said("送出「{text}」", "Give “{text}”"),
    "ask": Said("征询「{text}」", "Ask “{text}”"),
    "amount": Said("金额 {amount}", "Amount: {amount}"),
    "attach": Said("附带{texts}", "With {texts}"),
    "exit": Said("一旦{kinds}，以「{how}」结束", "On {kinds} it ends as “{how}”"),
    "then": Said("结束后：{due}", "After that: {due}"),
    "unreached": Said("没有送达任何人时", "When nobody was reached"),
    "goal": Said("目标：{span}内{kind}", "Meant for: {kind} within {span}"),
    "class": Said("类别：{class_}", "Class: {class_}"),
}
"""What a node of a flow says; `{where}` is a condition as its author wrote it."""


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """One node: what it is, its headline, what else it says, and where it stands in the pack.

    `path` is the node of the play's file, `line` its line; `text` is the text or card that it uses, `group`
    the folder of that; `under` is the path of the exit that it follows, () in the play itself.
    """

    what: What
    said: Said
    more: list[Said] = []
    path: Path = ()
    line: int = 0
    text: str = ""
    group: str = ""
    channels: list[str] = []
    under: Path = ()


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """A play in words: what it is called and for, its class and moment, its nodes in the order of reading."""

    play: str
    file: str
    title: Said
    why: Said
    class_: Said
    touchpoint: Said
    nodes: list[Node]


def flow(pack: Pack, play: Play) -> Flow:
    """A play of a pack, as it stands there."""
    teller = _Teller(pack, play)
    return Flow(
        play=play.play,
        file=f"plays/{play.play}.yaml",
        title=titled(play.title, play.play),
        why=titled(play.why),
        class_=teller.names.of(play.class_, CLASSES),
        touchpoint=teller.names.touchpoint(play.touchpoint),
        nodes=teller.nodes(),
    )


class _Teller:
    def __init__(self, pack: Pack, play: Play) -> None:
        self.names = Names(pack)
        self._pack, self._play = pack, play

    def nodes(self) -> list[Node]:
        """All of them."""
        play, found = self._play, [self._start()]
        ways: dict[Path, list[Node]] = {}
        for path, step, exit_kinds in steps_of(play):
            under: Path = path[:2] if exit_kinds is not None else ()
            if path == ("if_unreached",):
                continue
            ways.setdefault(under, []).extend(self._step(path, step, under))
        found += ways.pop((), [])
        for number, way in enumerate(play.all_exits):
            own = number < len(play.exits)
            path = ("exits", number) if own else ("unless",)
            words = {"kinds": self.names.all(as_list(way.on)), "how": self.names.of(way.as_, HOW_ENDED)}
            found.append(self._node("exit", fill(FLOW["exit"], **words), path, more=self._where(way.where)))
            found += ways.get(path, [])
        if play.if_unreached is not None:
            found.append(self._node("unreached", FLOW["unreached"], ("if_unreached",)))
            found.append(self._act(("if_unreached",), play.if_unreached.step, ("if_unreached",)))
        if play.goal:
            words = {"kind": self.names.of(play.goal.event), "span": duration(play.goal.within)}
            found.append(
                self._node("goal", fill(FLOW["goal"], **words), ("goal",), more=self._where(play.goal.where))
            )
        return found

    def _start(self) -> Node:
        play, more = self._play, self._where(self._play.where)
        if play.count:
            more.append(fill(FLOW["count"], span=duration(play.count.within), n=play.count.at_least))
        if play.key:
            more.append(fill(FLOW["key"], key=listed([self.names.field(one) for one in as_list(play.key)])))
        more.append(FLOW[f"again_{play.again or ('once_per_key' if play.key else 'after_exit')}"])
        if play.cool_down:
            more.append(fill(FLOW["cool_down"], span=duration(play.cool_down)))
        if play.updates:
            more.append(fill(FLOW["updates"], kinds=self.names.all(as_list(play.updates))))
        if play.gather:
            more.append(fill(FLOW["gather"], span=duration(play.gather.within)))
        if play.holdout:
            more.append(fill(FLOW["holdout"], share=play.holdout))
        kinds = self.names.all(as_list(play.on))
        return self._node("start", fill(FLOW["start"], kinds=kinds), ("on",), more=more)

    def _step(self, path: Path, step: Step, under: Path) -> list[Node]:
        when = due(step, self._play.touchpoint, self.names)
        said = fill(FLOW["then"], due=when) if under else when
        nodes = [self._node("wait", said, (*path, "due"), under=under)]
        if asked := self._asked(step):
            nodes.append(self._node("ask", asked[0], path, more=asked[1:], under=under))
        return [*nodes, self._act(path, step, under)]

    def _asked(self, step: Step) -> list[Said]:
        """What is asked when the step is due, as far as the pack says so; the gates of DESIGN ask more."""
        play, policy = self._play, self._pack.head.policy
        class_ = step.class_ or play.class_
        asked = [fill(FLOW["while"], where=play.while_)] if play.while_ else []
        asked += self._where(step.where)
        colleague = step.action in ("card", "task")
        if policy.moment and class_ in ("care", "ask", "marketing"):
            asked.append(fill(FLOW["moment"], where=policy.moment))
        if step.holdout:
            asked.append(fill(FLOW["holdout"], share=step.holdout))
        if not colleague:
            asked += self._limits(policy, class_)
        if step.budget:
            asked.append(fill(FLOW["budget"], budget=self.names.of(step.budget)))
        if step.expires:
            asked.append(fill(FLOW["expires"], span=duration(step.expires)))
        return asked

    def _limits(self, policy: Policy, class_: str) -> list[Said]:
        asked = []
        if self._play.urgent:
            asked.append(FLOW["urgent"])
        elif policy.quiet_hours:
            hours = policy.quiet_hours
            asked.append(fill(FLOW["quiet"], from_=hours.from_, to=hours.to))
        for cap in policy.caps:
            total = cap.class_ == "total"
            barred = class_ in ("care", "ask", "marketing") if total else cap.class_ == class_
            if barred and class_ != "mandatory":
                which = f"{'total' if total else 'cap'}_{'day' if cap.within == 'day' else 'span'}"
                span = Said("", "") if cap.within == "day" else duration(cap.within)
                asked.append(fill(FLOW[which], n=cap.at_most, span=span))
        return asked

    def _act(self, path: Path, step: Step, under: Path) -> Node:
        more = [audience(step, self._play, self.names)]
        if step.class_ and step.class_ != self._play.class_:
            more.append(fill(FLOW["class"], class_=self.names.of(step.class_, CLASSES)))
        if step.amount is not None:
            more.append(fill(FLOW["amount"], amount=str(step.amount)))
        if step.attach:
            more.append(
                fill(FLOW["attach"], texts=listed([self._letter(one, "texts") for one in step.attach]))
            )
        group = "cards" if step.action in ("card", "task") else "texts"
        said = fill(FLOW[step.action or "say"], text=self._letter(step.says, group))
        through = step.through if isinstance(step.through, list) else step.through.all if step.through else []
        return self._node(
            "act", said, path, more=more, under=under, text=step.says, group=group, channels=list(through)
        )

    def _letter(self, name: str, group: str) -> Said:
        """What a text is called: its subject, or the name of its file where the subject has fields in it."""
        of: dict[tuple[str, str], Text] = getattr(self._pack, group)
        subjects = {
            spoken: text.subject
            for spoken in ("zh", "en")
            if (text := of.get((spoken, name))) and text.subject and "{" not in text.subject
        }
        return self.names.of(name) if not subjects else titled(subjects, name)

    def _where(self, where: str | None) -> list[Said]:
        return [fill(FLOW["where"], where=where)] if where else []

    def _node(
        self,
        what: What,
        said: Said,
        path: Path,
        *,
        more: list[Said] | None = None,
        under: Path = (),
        text: str = "",
        group: str = "",
        channels: list[str] | None = None,
    ) -> Node:
        place = self._pack.place("plays", self._play.play, *path)
        return Node(
            what=what,
            said=said,
            more=more or [],
            path=path,
            line=place.line or 1,
            text=text,
            group=group,
            channels=channels or [],
            under=under,
        )
