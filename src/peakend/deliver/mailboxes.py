"""Where bounces come back to: a Maildir on this machine, or a mailbox over IMAP.

A message is marked as read only when the next one is asked for, so that a process that dies while it works on
one finds it again. A mailbox of bounces is for bounces: what else lies in it is marked as read too.
"""

from __future__ import annotations

import imaplib
import mailbox
import re
import ssl
from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated, Final, Literal

import msgspec

from peakend.deliver.said import say
from peakend.errors import ChannelError
from peakend.model.delivery import Receipt

LARGEST: Final = 1_000_000
"""Bytes of a message that are read: what a report says stands at its beginning."""
_NUMBER: Final = re.compile(rb"\d+")


class MaildirMailbox(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="maildir"
):
    """A Maildir, as Postfix and Dovecot deliver into it."""

    path: str

    def check(self, seconds: float) -> Receipt:
        try:
            self.opened()
        except ChannelError:
            return Receipt("later", say("mailbox"))
        return Receipt("accepted", say("accepted"))

    def opened(self) -> mailbox.Maildir:
        """The Maildir. Raises ChannelError where there is none."""
        try:
            box = mailbox.Maildir(self.path, create=False)
            box.keys()
        except (OSError, mailbox.Error):
            raise ChannelError(
                f"'{self.path}' is no Maildir that can be read",
                fix="Set `bounces.path` to a folder with `new`, `cur` and `tmp` in it",
                what_zh=f"“{self.path}”不是可读的 Maildir 信箱",
                fix_zh="请把 bounces.path 指向含有 new、cur、tmp 的文件夹",
            ) from None
        return box


class ImapMailbox(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="imap"
):
    """A folder of a mailbox on a server."""

    host: str
    user: str
    password: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] | None = None
    security: Literal["tls", "starttls", "plain"] = "tls"
    folder: str = "INBOX"
    ca_file: str = ""

    def __repr__(self) -> str:
        return "ImapMailbox(...)"  # a password belongs into no traceback

    def check(self, seconds: float) -> Receipt:
        try:
            self.opened(seconds).logout()
        except (ChannelError, imaplib.IMAP4.error, OSError):
            return Receipt("later", say("mailbox"))
        return Receipt("accepted", say("accepted"))

    def opened(self, seconds: float) -> imaplib.IMAP4:
        """A connection with the folder selected. Raises ChannelError."""
        try:
            server = self._connected(seconds)
        except (imaplib.IMAP4.error, OSError) as error:
            raise self._closed(error) from None
        try:
            if self.security == "starttls":
                server.starttls(ssl.create_default_context(cafile=self.ca_file or None))
            server.login(self.user, self.password)
            if server.select(_quoted(self.folder))[0] != "OK":
                raise imaplib.IMAP4.error("no such folder")
        except (imaplib.IMAP4.error, OSError) as error:
            server.shutdown()
            raise self._closed(error) from None
        return server

    def _connected(self, seconds: float) -> imaplib.IMAP4:
        if self.security == "tls":
            tls = ssl.create_default_context(cafile=self.ca_file or None)
            return imaplib.IMAP4_SSL(self.host, self.port or 993, ssl_context=tls, timeout=seconds)
        return imaplib.IMAP4(self.host, self.port or 143, timeout=seconds)

    def _closed(self, error: Exception) -> ChannelError:
        why = type(error).__name__
        return ChannelError(
            f"The mailbox for bounces on {self.host} cannot be opened ({why})",
            fix="Check `host`, `user`, `password`, `security` and `folder` under `bounces`",
            what_zh=f"{self.host} 上的退信信箱打不开（{why}）",
            fix_zh="请核对 bounces 下的 host、user、password、security 与 folder",
        )


def messages(box: MaildirMailbox | ImapMailbox, seconds: float) -> Iterator[bytes]:
    """The unread messages, each marked as read once the next is asked for. Raises ChannelError."""
    return _of_maildir(box.opened()) if isinstance(box, MaildirMailbox) else _of_imap(box, seconds)


def _of_maildir(box: mailbox.Maildir) -> Iterator[bytes]:
    for key in sorted(box.keys()):
        try:
            message = box.get_message(key)
            if message.get_subdir() != "new":
                continue
            raw = box.get_bytes(key)[:LARGEST]
        except (KeyError, OSError):
            continue  # somebody else took it away meanwhile
        yield raw
        message.set_subdir("cur")
        message.add_flag("S")
        box[key] = message


def _of_imap(box: ImapMailbox, seconds: float) -> Iterator[bytes]:
    server = box.opened(seconds)
    try:
        _, found = server.uid("SEARCH", "UNSEEN")
        for uid in _NUMBER.findall(b" ".join(one for one in found if isinstance(one, bytes))):
            _, parts = server.uid("FETCH", uid.decode(), f"(BODY.PEEK[]<0.{LARGEST}>)")
            raw = next((part[1] for part in parts if isinstance(part, tuple)), None)
            if raw is None:
                continue
            yield raw
            server.uid("STORE", uid.decode(), "+FLAGS.SILENT", r"(\Seen)")
    except (imaplib.IMAP4.error, OSError) as error:
        raise box._closed(error) from None
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            server.logout()
        with suppress(OSError):  # it is closed already where the server said good-bye
            server.shutdown()


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
