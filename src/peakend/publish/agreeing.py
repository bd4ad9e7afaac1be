"""A second account's word: asked for by whoever wants to publish, given by somebody else, and bound like a
signature to one version and one backtest.

The same rules as for signed approvals (approval.py) decide; what a key proves there, the session of the
account proves here. Nothing here publishes.
"""

from __future__ import annotations

import msgspec

from peakend.model.draft import Agreement, AgreementState, Draft
from peakend.publish.approval import HOLDS, Bound, NotApproved, binds
from peakend.publish.preview import Preview
from peakend.store import Store


def ask(
    store: Store, draft: Draft, seen: Preview, *, id_: str, who: str, whom: str, word: str, now: int
) -> Agreement:
    """Ask another account, or with `whom` '' anybody who may, to agree with what was seen."""
    if whom == who:
        raise _own()
    one = Agreement(
        id=id_,
        draft=draft.id,
        pack=draft.pack,
        hash=seen.new,
        backtest=seen.backtest,
        reasons=msgspec.json.encode([one._asdict() for one in seen.reasons]).decode(),
        asked=who,
        whom=whom,
        word=word,
        at=now,
    )
    store.ask_agreement(one)
    return one


def answer(store: Store, id_: str, state: AgreementState, *, who: str, word: str, now: int) -> Agreement:
    """Approve, refuse, or take back what one has asked for.

    Raises NotApproved for one's own request, one that asks somebody else, and one that is answered already.
    """
    one = _existing(store, id_)
    if state == "withdrawn" and one.asked != who:
        raise _refused("Only who has asked can take a request back", "只有发起人可以撤回请求")
    if state == "approved" and who in _authors(store, one):
        raise _own()
    if state != "withdrawn" and one.whom not in ("", who):
        raise _refused(f"{one.whom} was asked, and nobody else", f"这项审批只发给了{one.whom}")
    if state == "refused" and not word.strip():
        raise _refused("A refusal says why", "退回时请写明原因")
    if not store.answer_agreement(id_, state, who, word, now):
        raise _refused("This request was answered already", "这项审批已有结果")
    return _existing(store, id_)


def verify_agreement(
    store: Store, id_: str, *, hash_: str, backtest: str, publisher: str, now: int
) -> Agreement:
    """The agreement of a second account with just this. Raises NotApproved where there is none."""
    one = _existing(store, id_)
    if one.state != "approved":
        raise _refused("Nobody has approved this request", "这项请求还没有获得批准")
    if one.answered in ("", publisher, *_authors(store, one)):
        raise _own()
    binds(Bound(one.hash, one.backtest, one.answered_at, one.answered_at + HOLDS), hash_, backtest, now)
    return one


def _authors(store: Store, one: Agreement) -> set[str]:
    """Who has asked, and whoever has changed anything in the draft."""
    return {one.asked, *(revision.who for revision in store.revisions(one.draft))}


def _existing(store: Store, id_: str) -> Agreement:
    found = store.agreement(id_)
    if found is None:
        raise _refused("There is no such request", "没有这项审批请求")
    return found


_AGAIN = ("Ask another account to agree with this version", "请另一个账号审批这个版本")


def _own() -> NotApproved:
    return NotApproved(
        "Nobody approves what they have written, asked for or publish themselves",
        fix=_AGAIN[0],
        what_zh="不能审批自己修改、自己提出或自己发布的版本",
        fix_zh=_AGAIN[1],
    )


def _refused(what: str, what_zh: str) -> NotApproved:
    return NotApproved(what, fix="See the list of requests", what_zh=what_zh, fix_zh="请查看审批列表")
