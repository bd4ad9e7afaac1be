"""From a mail that came back to what it says of one delivery, or None where it says nothing.

Reports after RFC 3464 are read by their fields; those of older servers by their sender, subject and words, in
English and Chinese. Whoever answers automatically, and whoever writes to the mailbox for another reason, is
no bounce. A message is junk from outside until it is shown to name a key of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from typing import Final

from peakend.deliver.mail import KEY, key_in
from peakend.deliver.said import say
from peakend.model.delivery import Bounce

_OUR_ID: Final = re.compile(r"<([0-9a-f]{64})@[A-Za-z0-9.-]+>", re.IGNORECASE)
_STATUS: Final = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_REPLY: Final = re.compile(r"\b([45])[0-9]{2}\b(?=[ -])")
_POSTMASTER: Final = re.compile(r"mailer-daemon|postmaster|mail delivery|邮件系统|退信", re.IGNORECASE)
_SUBJECT: Final = re.compile(
    r"undeliver|delivery (status|failure|failed)|failure notice|returned mail|mail delivery|"
    r"退信|无法投递|投递失败|无法送达|未送达|发送失败|退回",
    re.IGNORECASE,
)
_NO_SUCH: Final = re.compile(
    r"user unknown|unknown user|no such (user|recipient)|mailbox (not found|unavailable)|does not exist|"
    r"invalid recipient|(收件人|用户|帐号|账号|邮箱|地址)(地址)?(不存在|无效|已被?(注销|停用|冻结))|"
    r"查无此(人|用户)",
    re.IGNORECASE,
)
_FULL: Final = re.compile(
    r"mailbox (is )?full|over ?quota|quota exceeded|已满|超出?容量|空间不足", re.IGNORECASE
)
_TEMPORARY: Final = frozenset({"5.2.1", "5.2.2", "5.3.1", "5.3.4", "5.7.0"})
"""Statuses that many servers give as final, though the address works again one day, or for another mail."""


def bounce_of(raw: bytes, envelope: str = "") -> Bounce | None:
    """What a message says of one of our deliveries. `envelope` is the pattern of the senders' addresses."""
    try:
        message = message_from_bytes(raw)
        return _read(message, envelope)
    except (MessageError, ValueError, LookupError, AttributeError, TypeError, RecursionError):
        return None  # not even a mail: the parser of the library stumbles in many ways


def _read(message: Message, envelope: str) -> Bounce | None:
    report = _report(message)
    if report is None and (_is_answer(message) or not _is_notice(message)):
        return None
    key = _key(message, envelope)
    if not key:
        return None
    return _of_report(key, report) if report is not None else _of_words(key, message)


def _report(message: Message) -> list[Message] | None:
    """The blocks of fields of a delivery status, or None where the message is no report."""
    for part in message.walk():
        if part.get_content_type() in {"message/delivery-status", "message/global-delivery-status"}:
            payload = part.get_payload()
            if isinstance(payload, list):
                return [block for block in payload if isinstance(block, Message)]
            text = part.get_payload(decode=True)
            return [message_from_bytes(block) for block in re.split(rb"\r?\n\r?\n", _bytes(text))]
    return None


def _of_report(key: str, blocks: list[Message]) -> Bounce | None:
    for block in blocks:
        if _field(block, "Action").strip().lower() == "failed":
            found = _STATUS.search(_field(block, "Status")) or _STATUS.search(
                _field(block, "Diagnostic-Code")
            )
            status = found[0] if found else ""
            return Bounce(key, _is_final(status, _field(block, "Diagnostic-Code")), say("bounced", status))
    return None  # delayed, relayed, delivered: it may still arrive, or has


def _of_words(key: str, message: Message) -> Bounce:
    text = "\n".join(_texts(message))
    found = _STATUS.search(text)
    status = found[0] if found else ""
    if not status and (reply := _REPLY.search(text)):
        status = reply[0]
    return Bounce(key, _is_final(status, text), say("bounced", status))


def _is_final(status: str, text: str) -> bool:
    if _FULL.search(text) or status in _TEMPORARY:
        return False
    return status.startswith("5") or (not status and bool(_NO_SUCH.search(text)))


def _is_answer(message: Message) -> bool:
    """Whether a machine or a person answers: an absence, a receipt of reading, a reply."""
    submitted = _field(message, "Auto-Submitted").lower()
    marks = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress")
    return (submitted.startswith("auto-replied") and not _POSTMASTER.search(_field(message, "From"))) or (
        any(message.get(mark) for mark in marks) and not _POSTMASTER.search(_field(message, "From"))
    )


def _is_notice(message: Message) -> bool:
    sender, subject = _field(message, "From"), _field(message, "Subject")
    empty = _field(message, "Return-Path").strip() in {"<>", ""}
    return bool(_POSTMASTER.search(sender) and _SUBJECT.search(subject) and empty)


def _key(message: Message, envelope: str) -> str:
    """The send key: from the address that it came back to, else from the Message-ID of what is returned."""
    for name in ("Delivered-To", "X-Original-To", "Envelope-To", "To"):
        for address in re.findall(r"[^\s<>,;\"]+@[^\s<>,;\"]+", _field(message, name)):
            if key := key_in(address, envelope):
                return key
    for text in _texts(message):
        if (found := _OUR_ID.search(text)) and KEY.fullmatch(found[1].lower()):
            return found[1].lower()
    return ""


def _texts(message: Message) -> Iterator[str]:
    """Every text within: the words of the notice, and the headers of what is returned."""
    for part in message.walk():
        if part is not message and part.get("Message-ID"):
            yield f"Message-ID: {_field(part, 'Message-ID')}"
        if part.get_content_maintype() == "text":
            yield _bytes(part.get_payload(decode=True)).decode(_charset(part), "replace")


def _charset(part: Message) -> str:
    name = part.get_content_charset("utf-8")
    try:
        b"".decode(name)
    except LookupError:
        return "utf-8"
    return "gb18030" if name in {"gb2312", "gbk"} else name


def _field(message: Message, name: str) -> str:
    raw = str(message.get(name, ""))
    try:
        return str(make_header(decode_header(raw)))
    except (MessageError, ValueError, LookupError):
        return raw


def _bytes(payload: object) -> bytes:
    return payload if isinstance(payload, bytes) else b""
