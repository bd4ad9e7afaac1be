"""The second person: a key pair for each, and a signature that holds for one version and one backtest.

It holds for a week, never counts from whoever publishes, and only from a key that the store knows. Method:
Ed25519 (RFC 8032) over the approval as JSON with its keys in order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from peakend.errors import PeakendError, TimeError
from peakend.model.publication import Signer
from peakend.when import DAY, MINUTE, format_instant, parse_instant

HOLDS: Final = 7 * DAY
_CLOCKS_DIFFER: Final = 5 * MINUTE


class NotApproved(PeakendError):
    """What would be published has not been approved by a second person."""


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key as its owner keeps it: a name, and the secret half as hexadecimal."""

    name: str
    private: str

    @property
    def public(self) -> str:
        """The half that others may know."""
        return _private(self).public_key().public_bytes_raw().hex()


class Approval(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That somebody agrees with one version and one backtest, until an instant (ISO 8601)."""

    pack: str
    hash: str
    backtest: str
    who: str
    key: str
    at: str
    expires: str
    signature: str = ""

    @property
    def until(self) -> int:
        """Up to when the backtest looked. Raises NotApproved where that cannot be read."""
        try:
            return parse_instant(self.backtest.partition("/")[0])
        except TimeError:
            raise _refused("edited") from None


def new_key(name: str) -> Key:
    """A key that nobody has yet."""
    return Key(name=name, private=Ed25519PrivateKey.generate().private_bytes_raw().hex())


def read_key(content: bytes, place: str) -> Key:
    """A key from its file. Raises NotApproved where it is none."""
    try:
        found = msgspec.json.decode(content, type=Key)
        _private(found)
    except (msgspec.MsgspecError, ValueError):
        raise NotApproved(
            "This is no key",
            place=place,
            fix="Make one: peakend keygen NAME --out NAME.key --database URL",
            what_zh="这不是密钥文件",
            fix_zh="请生成一把：peakend keygen 名字 --out 名字.key --database URL",
        ) from None
    return found


def approve(key: Key, *, pack: str, hash_: str, backtest: str, now: int) -> Approval:
    """Sign that the owner of a key agrees."""
    unsigned = Approval(
        pack=pack,
        hash=hash_,
        backtest=backtest,
        who=key.name,
        key=key.public,
        at=format_instant(now),
        expires=format_instant(now + HOLDS),
    )
    signature = _private(key).sign(_signed(unsigned)).hex()
    return msgspec.structs.replace(unsigned, signature=signature)


def read_approval(content: bytes, place: str) -> Approval:
    """An approval from its file. Raises NotApproved where it is none."""
    try:
        return msgspec.json.decode(content, type=Approval)
    except msgspec.MsgspecError:
        raise NotApproved(
            "This is no approval",
            place=place,
            fix="Make one: peakend approve PACK --key FILE --out approval.json --database URL",
            what_zh="这不是审批文件",
            fix_zh="请生成：peakend approve 模板 --key 密钥 --out approval.json --database URL",
        ) from None


def verify(
    approval: Approval,
    signers: Iterable[Signer],
    *,
    hash_: str,
    backtest: str,
    publisher: str,
    now: int,
) -> None:
    """Check that a second person has agreed to just this. `publisher` is the public key of who publishes.

    Raises NotApproved for another version or backtest, the publisher's own key, a key that is not known, a
    file that was edited, and an approval whose time is over or has not come.
    """
    known = {one.public: one.name for one in signers}
    if approval.key == publisher:
        raise _refused("own")
    if publisher not in known or known.get(approval.key) != approval.who:
        raise _refused("unknown")
    try:
        signature, unsigned = (
            bytes.fromhex(approval.signature),
            msgspec.structs.replace(approval, signature=""),
        )
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(approval.key)).verify(signature, _signed(unsigned))
    except (InvalidSignature, ValueError):
        raise _refused("edited") from None
    binds(
        Bound(approval.hash, approval.backtest, parse_instant(approval.at), parse_instant(approval.expires)),
        hash_,
        backtest,
        now,
    )


class Bound(NamedTuple):
    """What a second person has agreed with, whoever proves it: a version, a backtest, from when to when."""

    hash: str
    backtest: str
    begins: int
    ends: int


def binds(bound: Bound, hash_: str, backtest: str, now: int) -> None:
    """Check that an agreement is about just this, and holds now. Raises NotApproved."""
    if bound.hash != hash_:
        raise _refused("version", it=bound.hash[:12], wanted=hash_[:12])
    if bound.backtest != backtest:
        raise _refused("backtest", it=bound.backtest, wanted=backtest)
    if not bound.begins - _CLOCKS_DIFFER <= now <= bound.ends:
        raise _refused("time", it=format_instant(bound.begins), wanted=format_instant(bound.ends))


def _private(key: Key) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key.private))


def _signed(approval: Approval) -> bytes:
    return b"peakend approval 1\n" + msgspec.json.encode(approval, order="sorted")


def _refused(why: str, **words: Any) -> NotApproved:
    what, fix, what_zh, fix_zh = (text.format(**words) for text in _REFUSALS[why])
    return NotApproved(what, fix=fix, what_zh=what_zh, fix_zh=fix_zh)


_AGAIN = "Let somebody else approve this version: peakend approve PACK --key FILE --out approval.json"
_AGAIN_ZH = "请由另一个人审批这个版本：peakend approve 模板 --key 密钥 --out approval.json"
_REFUSALS = {
    "own": (
        "Nobody approves what they publish themselves: both keys are the same",
        _AGAIN,
        "不能审批自己发布的内容：两把密钥相同",
        _AGAIN_ZH,
    ),
    "unknown": (
        "The approval and the publication each need a key that this store knows under its name",
        "Make keys known: peakend keygen NAME --out NAME.key --database URL",
        "审批与发布都须使用在此库登记过的密钥，且名字一致",
        "登记密钥：peakend keygen 名字 --out 名字.key --database URL",
    ),
    "edited": (
        "The approval does not carry the signature of its key: it was changed after it was signed",
        _AGAIN,
        "审批文件与签名不符：签名之后被改动过",
        _AGAIN_ZH,
    ),
    "version": (
        "The approval is for version {it}, and this is {wanted}",
        _AGAIN,
        "审批的是版本 {it}，而要发布的是 {wanted}",
        _AGAIN_ZH,
    ),
    "backtest": (
        "The approval rests on backtest {it}, which now gives {wanted}: the published version or the "
        "inputs are others than those that were approved",
        _AGAIN,
        "审批依据的推演是 {it}，现在得到的是 {wanted}：线上版本或数据与审批时不同",
        _AGAIN_ZH,
    ),
    "time": (
        "The approval holds from {it} to {wanted}",
        _AGAIN,
        "审批的有效期是 {it} 至 {wanted}",
        _AGAIN_ZH,
    ),
}
