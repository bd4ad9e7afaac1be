"""From a letter to the bytes of a mail, and from a send key to the sender that a bounce comes back to.

Nothing is drawn by chance and no clock is read: the same letter at the same `now` is the same mail. Every
header is built from one clean line, so that no customer can end it and write one of their own.
"""

from __future__ import annotations

import re
from base64 import b32decode, b32encode
from collections.abc import Iterator
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final, NamedTuple

from peakend.deliver.channels import SECOND
from peakend.deliver.harmless import one_line, plain, within
from peakend.model.delivery import Attachment, Letter

KEY: Final = re.compile(r"[0-9a-f]{64}")
PLACE: Final = "{key}"
LONGEST_LOCAL: Final = 64
"""Octets that the part of an address before its @ may have (RFC 5321)."""
LENGTH_OF_KEY: Final = 52
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_TYPE: Final = re.compile(r"[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+")


class Sender(NamedTuple):
    """Whom a mail is from: a name ('' for none), an address, and where answers go ('' for the address)."""

    name: str
    address: str
    reply_to: str = ""


def address_of(text: str) -> str:
    """The one address in a text, its domain in ASCII, or '' where it is none that any server takes."""
    local, at, domain = text.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        return ""
    labels = domain.split(".")
    fits = bool(at) and len(local) <= LONGEST_LOCAL and len(domain) <= 253
    fits = fits and bool(_LOCAL.fullmatch(local)) and all(_LABEL.fullmatch(label) for label in labels)
    return f"{local}@{domain}" if fits else ""


def mail_of(letter: Letter, to: str, sender: Sender, now: int) -> bytes:
    """The mail as it goes over the wire. `to` is an address that `address_of` has approved."""
    words = letter.words
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _address(sender.name, sender.address)
    mail["To"] = _address(letter.to_name, to)
    mail["Subject"] = within(_phrase(words.subject), 400)
    mail["Date"] = format_datetime(datetime.fromtimestamp(now // SECOND, UTC))
    mail["Message-ID"] = message_id(letter.send_key, sender.address)
    if sender.reply_to:
        mail["Reply-To"] = sender.reply_to
    mail["Auto-Submitted"] = "auto-generated"
    unsubscribe = one_line(letter.unsubscribe).replace(" ", "")
    if unsubscribe.startswith("https://") and not set(unsubscribe) & set("<>,"):
        mail["List-Unsubscribe"] = f"<{unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    _fill(mail, plain(words.text), words.html, words.attachments)
    for number, part in enumerate(_containers(mail)):
        part.set_boundary(f"=_{letter.send_key[:40]}_{number}")
    return mail.as_bytes()


def message_id(send_key: str, address: str) -> str:
    """The Message-ID: the send key at the sender's domain."""
    return f"<{re.sub(r'[^A-Za-z0-9.-]', '-', send_key)}@{address.rpartition('@')[2]}>"


def envelope_of(pattern: str, send_key: str, address: str) -> str:
    """The sender on the envelope: the pattern with the key in it, or the plain address.

    A local part holds 64 octets and servers may change its case, so the key travels in base 32.
    """
    if not pattern or (PLACE in pattern and not KEY.fullmatch(send_key)):
        return address
    short = b32encode(bytes.fromhex(send_key)).decode().rstrip("=").lower() if PLACE in pattern else ""
    return pattern.replace(PLACE, short)


def key_in(address: str, pattern: str) -> str:
    """The send key in an address that `envelope_of` made, or ''."""
    before, _, after = pattern.lower().partition(PLACE)
    text = address.strip().strip("<>").lower()
    if PLACE not in pattern or not (text.startswith(before) and text.endswith(after)):
        return ""
    short = text[len(before) : len(text) - len(after)]
    if not re.fullmatch(rf"[a-z2-7]{{{LENGTH_OF_KEY}}}", short):
        return ""
    return b32decode(short.upper() + "====").hex()


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(within(_phrase(name), 120), local, domain)


def _phrase(text: str) -> str:
    """One line without encoded words: the library would decode a customer's, line breaks and all."""
    return one_line(text).replace("=?", "= ?")


def _fill(mail: EmailMessage, text: str, html: str, attachments: tuple[Attachment, ...]) -> None:
    mail.set_content(text, cte=_encoding(text))
    if html:
        clean = plain(html)
        mail.add_alternative(clean, subtype="html", cte=_encoding(clean))
    for one in attachments:
        media = one.media_type if _TYPE.fullmatch(one.media_type) else "application/octet-stream"
        main, _, sub = media.partition("/")
        if main in {"multipart", "message"}:
            main, sub = "application", "octet-stream"
        mail.add_attachment(
            one.data, maintype=main, subtype=sub, filename=within(_phrase(one.name), 200), cte="base64"
        )


def _encoding(text: str) -> str:
    """Neither encoding can hold '=_', with which every boundary begins."""
    return "quoted-printable" if text.isascii() else "base64"


def _containers(mail: EmailMessage) -> Iterator[EmailMessage]:
    for part in mail.walk():
        if part.is_multipart() and isinstance(part, EmailMessage):
            yield part
