"""E-mail over SMTP: one conversation for a letter, on a connection that is kept while the server lets it.

What decides between `later` and `unknown` is the dot that ends a mail: before it is sent the server cannot
have taken anything, after it nobody knows until the server has answered. TLS is required unless the settings
say `plain`. The server is named by whoever runs Peakend, so it may stand in a private network.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Timer
from typing import Annotated, Any, Final, Literal

import msgspec

from peakend.deliver.bounces import bounce_of
from peakend.deliver.channels import SECOND, Settings
from peakend.deliver.mail import Sender, address_of, envelope_of, mail_of
from peakend.deliver.mailboxes import ImapMailbox, MaildirMailbox, messages
from peakend.deliver.said import say
from peakend.model.delivery import Answer, Bounce, Letter, Receipt

Security = Literal["starttls", "tls", "plain"]
_PORTS: Final[dict[Security, int]] = {"starttls": 587, "tls": 465, "plain": 25}
_MOST_LETTERS: Final = 100
"""Letters on one connection; many servers hang up at about as many."""
_ENHANCED: Final = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}")
_QUEUED: Final = re.compile(rb"(?:queued as|id=|queue id:?)\s*([A-Za-z0-9.-]{4,60})", re.IGNORECASE)


class From(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sender that readers see."""

    address: str
    name: str = ""


class SmtpSettings(Settings, frozen=True, kw_only=True, tag="smtp", rename={"from_": "from"}):
    """`envelope` is the address that bounces go to; with {key} in it every bounce names its letter."""

    host: str
    from_: From
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] | None = None
    security: Security = "starttls"
    user: str = ""
    password: str = ""
    reply_to: str = ""
    envelope: str = ""
    ca_file: str = ""
    bounces: MaildirMailbox | ImapMailbox | None = None


class _Said(Exception):
    """The conversation came to an end: what shall stand on the receipt."""

    def __init__(self, answer: Answer, word: str, code: object = "") -> None:
        super().__init__(word)
        self.receipt = Receipt(answer, say(word, code))


class Smtp:
    """Hands letters to a mail server, and reads what came back."""

    at_most_once: Final = False

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._seconds = settings.micros / SECOND
        self._tls = ssl.create_default_context(cafile=settings.ca_file or None)
        self._sender = Sender(settings.from_.name, settings.from_.address, settings.reply_to)
        self._lock = Lock()
        self._server: smtplib.SMTP | None = None
        self._letters = 0
        self._late = False

    def hand_over(self, letter: Letter, now: int) -> Receipt:
        to = address_of(letter.to)
        if not to:
            return Receipt("refused", say("address"))
        mail = mail_of(letter, to, self._sender, now)
        sender = envelope_of(self._settings.envelope, letter.send_key, self._sender.address)
        with self._lock:
            try:
                with self._bounded():
                    return self._taken(self._connected(), sender, to, mail)
            except _Said as end:
                return end.receipt

    def check(self, now: int) -> Receipt:
        """Log in and out again, and open the mailbox of the bounces."""
        with self._lock:
            self._hang_up()
            try:
                with self._bounded():
                    self._connected()
            except _Said as end:
                return end.receipt
            finally:
                self._hang_up()
        box = self._settings.bounces
        return Receipt("accepted", say("accepted")) if box is None else box.check(self._seconds)

    def close(self) -> None:
        with self._lock:
            self._hang_up()

    def bounces(self, now: int) -> Iterator[Bounce]:
        """Read the mailbox of the bounces; other mail in it is put aside as read. Raises ChannelError."""
        if self._settings.bounces is None:
            return
        for raw in messages(self._settings.bounces, self._seconds):
            if (bounce := bounce_of(raw, self._settings.envelope)) is not None:
                yield bounce

    def _connected(self) -> smtplib.SMTP:
        """A connection that answers: the kept one, or a new one where the server has hung up."""
        if self._server is not None and self._letters < _MOST_LETTERS:
            with suppress(smtplib.SMTPException, OSError):
                if self._server.rset()[0] == 250:
                    return self._server
        self._hang_up()
        settings = self._settings
        port = settings.port or _PORTS[settings.security]
        name = settings.from_.address.rpartition("@")[2]
        try:
            if settings.security == "tls":
                server: smtplib.SMTP = _OverTls(
                    self._open, settings.host, port, name, self._seconds, self._tls
                )
            else:
                server = _Plain(self._open, settings.host, port, name, self._seconds)
            self._greet(server)
        except (smtplib.SMTPException, OSError) as error:
            raise self._given_up(self._unreached(error)) from None
        return server

    def _open(self, server: smtplib.SMTP) -> None:
        self._server, self._letters = server, 0

    def _greet(self, server: smtplib.SMTP) -> None:
        settings = self._settings
        server.ehlo_or_helo_if_needed()
        if settings.security == "starttls":
            if not server.has_extn("starttls"):
                raise self._given_up(_Said("later", "no-starttls"))
            server.starttls(context=self._tls)
            server.ehlo()
        if settings.user:
            server.login(settings.user, settings.password)

    def _taken(self, server: smtplib.SMTP, sender: str, to: str, mail: bytes) -> Receipt:
        self._letters += 1
        try:
            for command, what in ((f"MAIL FROM:<{sender}>", "sender"), (f"RCPT TO:<{to}>", "recipient")):
                code, text = server.docmd(command)
                if code not in (250, 251):
                    raise self._refused(code, text, what)
            code, text = server.docmd("DATA")
            if code != 354:
                raise self._refused(code, text, "content")
            server.send(_dotted(mail))
        except (smtplib.SMTPException, OSError) as error:
            raise self._given_up(self._unreached(error)) from None
        return self._ended(server)

    def _ended(self, server: smtplib.SMTP) -> Receipt:
        try:
            server.send(b".\r\n")
            code, text = server.getreply()
        except (smtplib.SMTPException, OSError) as error:
            word = "silent" if self._overdue(error) else "dropped"
            raise self._given_up(_Said("unknown", word)) from None
        if code < 200:
            raise self._given_up(_Said("unknown", "unclear"))
        if code >= 300:
            raise self._refused(code, text, "content")
        queued = _QUEUED.search(text)
        return Receipt("accepted", say("accepted"), queued[1].decode() if queued else "")

    def _refused(self, code: int, text: bytes, what: str) -> _Said:
        """What a reply means: 4xx is for later, 5xx is final, but for what the settings can mend."""
        if code < 200:  # smtplib's -1: what came is no reply
            return self._given_up(_Said("later", "unreachable"))
        if code == 421:
            self._hang_up()
        enhanced = _ENHANCED.search(text)
        shown = f"{code} {enhanced[0].decode()}" if enhanced else code
        if 400 <= code < 500:
            return _Said("later", "busy", shown)
        if code in (530, 534, 535, 538):
            return _Said("later", "credentials", shown)
        if what == "sender":
            return _Said("later", "sender", shown)
        return _Said("refused", what, shown)

    def _given_up(self, end: _Said) -> _Said:
        self._hang_up()
        return end

    def _hang_up(self) -> None:
        if self._server is not None:
            with suppress(smtplib.SMTPException, OSError):
                if self._server.sock is not None:
                    self._server.sock.settimeout(1)
                self._server.quit()
            self._server.close()
            self._server = None

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """Cut the connection when the time for the whole is over: smtplib bounds only each wait by itself."""
        self._late = False
        timer = Timer(self._seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _cut(self) -> None:
        self._late = True
        server = self._server
        if server is not None and server.sock is not None:
            with suppress(OSError):
                server.sock.shutdown(socket.SHUT_RDWR)

    def _unreached(self, error: Exception) -> _Said:
        """Why there is no conversation, from what was raised before anything was handed over."""
        if isinstance(error, ssl.SSLCertVerificationError):
            return _Said("later", "certificate")
        if isinstance(error, smtplib.SMTPAuthenticationError):
            busy = 400 <= error.smtp_code < 500
            return _Said("later", "busy" if busy else "credentials", error.smtp_code)
        if isinstance(error, smtplib.SMTPNotSupportedError):
            return _Said("later", "no-login")
        if isinstance(error, smtplib.SMTPResponseException):
            return _Said("later", "busy", error.smtp_code)
        return _Said("later", "timeout" if self._overdue(error) else "unreachable")

    def _overdue(self, error: Exception) -> bool:
        """Whether time ran out: smtplib tells of it as of a connection that was closed."""
        return self._late or any(isinstance(one, TimeoutError) for one in (error, error.__context__))


class _Plain(smtplib.SMTP):
    """A connection that its owner knows before the first byte is awaited, so that it can be cut."""

    def __init__(
        self, opened: Callable[[smtplib.SMTP], None], host: str, port: int, name: str, seconds: float
    ) -> None:
        self._opened = opened
        super().__init__(host, port, name, timeout=seconds)

    def connect(self, *where: Any, **how: Any) -> tuple[int, bytes]:
        self._opened(self)
        return super().connect(*where, **how)


class _OverTls(smtplib.SMTP_SSL):
    """The same, with TLS from the first byte."""

    def __init__(
        self,
        opened: Callable[[smtplib.SMTP], None],
        host: str,
        port: int,
        name: str,
        seconds: float,
        tls: ssl.SSLContext,
    ) -> None:
        self._opened = opened
        super().__init__(host, port, name, timeout=seconds, context=tls)

    def connect(self, *where: Any, **how: Any) -> tuple[int, bytes]:
        self._opened(self)
        return super().connect(*where, **how)


def _dotted(mail: bytes) -> bytes:
    """The mail with its leading dots doubled (RFC 5321, 4.5.2), ending in a line break."""
    whole = re.sub(rb"\r\n|\r|\n", b"\r\n", mail)
    whole = re.sub(rb"(?m)^\.", b"..", whole)
    return whole if whole.endswith(b"\r\n") else whole + b"\r\n"
