"""Mail that comes back, from a Maildir and over IMAP: what failed for good, what for now, what is noise."""

from __future__ import annotations

import mailbox
import os
import signal
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from imaplib import IMAP4
from pathlib import Path
from threading import Event

import pytest
from channel_world import KEY, NOW, TEXT
from hypothesis import given
from hypothesis import strategies as st

from peakend.deliver.bounces import bounce_of
from peakend.deliver.mail import envelope_of
from peakend.deliver.mailboxes import ImapMailbox, MaildirMailbox
from peakend.deliver.smtp import From, Smtp, SmtpSettings
from peakend.errors import ChannelError
from peakend.model.delivery import Bounce

PATTERN = "b+{key}@example.com"
OTHER = "a0" * 32


def report(
    status: str = "5.1.1",
    action: str = "failed",
    to: str = "",
    returned: str = f"Message-ID: <{KEY}@example.com>\r\nSubject: x\r\n",
    diagnostic: str = "smtp; 550 5.1.1 <xiaoman@example.org>: user unknown",
) -> bytes:
    """A report after RFC 3464, as Postfix writes it."""
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.org (Mail Delivery System)\r\n"
        f"To: {to or 'service@example.com'}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n'
        "--B\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you.\r\n"
        "--B\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example.org\r\nArrival-Date: Sun, 1 Mar 2026 00:00:00 +0000\r\n\r\n"
        f"Final-Recipient: rfc822; xiaoman@example.org\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: {diagnostic}\r\n\r\n"
        f"--B\r\nContent-Type: text/rfc822-headers\r\n\r\n{returned}\r\n--B--\r\n"
    ).encode()


def notice(subject: str, text: str, sender: str = "PostMaster@qq.com", to: str = "", **headers: str) -> bytes:
    """What servers write that know no reports."""
    mail = EmailMessage()
    mail["From"], mail["Subject"] = sender, subject
    mail["To"] = to or envelope_of(PATTERN, KEY, "")
    mail["Return-Path"] = "<>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


# --- what a message says ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "final"),
    [
        ("5.1.1", True),
        ("5.7.1", True),
        ("5.2.2", False),
        ("5.2.1", False),
        ("4.4.7", False),
        ("4.2.2", False),
    ],
)
def test_a_report_is_final_where_the_address_does_not_work(status: str, final: bool) -> None:
    diagnostic = f"smtp; 550 {status} no"
    assert bounce_of(report(status, diagnostic=diagnostic), PATTERN) == Bounce(
        KEY, final, f"bounced {status}"
    )


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_a_report_that_the_mail_may_still_arrive_is_no_bounce(action: str) -> None:
    assert bounce_of(report("4.4.1", action), PATTERN) is None


def test_the_address_that_it_came_back_to_tells_the_key_when_nothing_is_returned() -> None:
    to = envelope_of(PATTERN, KEY, "").upper()
    assert bounce_of(report(to=to, returned="Subject: x\r\n"), PATTERN) == Bounce(KEY, True, "bounced 5.1.1")
    assert bounce_of(report(returned="Subject: x\r\n"), PATTERN) is None


def test_the_returned_message_tells_the_key_when_the_address_does_not() -> None:
    assert bounce_of(report(), "") == Bounce(KEY, True, "bounced 5.1.1")


@pytest.mark.parametrize(
    ("subject", "text", "final", "said"),
    [
        ("系统退信/Systems bounce", "您的邮件被退回：550 Mailbox not found", True, "bounced 550"),
        ("来自 qq.com 的退信", "收件人地址不存在，请核实后再发。", True, "bounced"),
        ("退信：邮件无法投递", "对方邮箱已满，邮件被退回。host said: 552 5.2.2", False, "bounced 5.2.2"),
        ("系统退信", "由于对方服务器繁忙，投递失败：451 4.3.2", False, "bounced 4.3.2"),
        ("投递失败通知", "该邮箱空间不足", False, "bounced"),
        ("failure notice", "Sorry, no mailbox here by that name. 5.1.1", True, "bounced 5.1.1"),
        ("Delivery Status Notification (Failure)", "The user does not exist", True, "bounced"),
        ("Returned mail: see transcript", "552 over quota", False, "bounced 552"),
    ],
)
def test_notices_of_older_servers_are_read_by_their_words(
    subject: str, text: str, final: bool, said: str
) -> None:
    assert bounce_of(notice(subject, text), PATTERN) == Bounce(KEY, final, said)


def test_a_notice_in_a_chinese_encoding_is_read() -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "postmaster@163.com", envelope_of(PATTERN, KEY, "")
    mail["Subject"] = "=?gb2312?B?" + b64encode("系统退信".encode("gb2312")).decode() + "?="
    mail.set_content("用户不存在", charset="gb2312")
    assert bounce_of(mail.as_bytes(), PATTERN) == Bounce(KEY, True, "bounced")


@pytest.mark.parametrize(
    "raw",
    [
        notice(
            "自动回复：我在休假",
            "您好，我 5 月 1 日回来。",
            "ouyang@example.org",
            Auto_Submitted="auto-replied",
        ),
        notice("Out of office", "back on Monday", "ouyang@example.org", X_Autoreply="yes"),
        notice("Re: 续约提醒", "好的，550 元可以", "ouyang@example.org"),
        notice("退信", "这是客户写的，550 5.1.1", "ouyang@example.org"),
        notice("News from your provider", "buy now", "postmaster@example.net"),
        notice("系统退信", "550 user unknown", to="service@example.com"),
        b"",
        b"\x00\xff" * 1000,
        b"From: mailer-daemon@x\nSubject: Undelivered\nContent-Type: multipart/report; boundary=\n\n--\n--",
        b"Content-Type: message/delivery-status\n\n" + b"Action: failed\n\n" * 1000,
        b"Content-Type: multipart/mixed; boundary=x\n\n"
        + b"--x\nContent-Type: multipart/mixed; boundary=x\n\n" * 500,
    ],
)
def test_answers_advertisements_and_junk_are_no_bounces(raw: bytes) -> None:
    assert bounce_of(raw, PATTERN) is None


@given(st.binary(max_size=400))
def test_no_bytes_at_all_stop_the_reading(raw: bytes) -> None:
    assert bounce_of(raw, PATTERN) is None
    bounce_of(report().replace(b"5.1.1", raw), PATTERN)


def test_no_word_of_the_returned_mail_is_kept() -> None:
    bounce = bounce_of(report(diagnostic=f"smtp; 550 5.1.1 {TEXT} xiaoman@example.org"), PATTERN)
    assert bounce == Bounce(KEY, True, "bounced 5.1.1")


# --- where it lies ------------------------------------------------------------------------------------


def channel(box: MaildirMailbox | ImapMailbox) -> Smtp:
    return Smtp(
        SmtpSettings(
            host="localhost", from_=From(address="service@example.com"), envelope=PATTERN, bounces=box
        )
    )


@pytest.fixture
def maildir(tmp_path: Path) -> mailbox.Maildir:
    return mailbox.Maildir(tmp_path / "bounces", create=True)


def test_every_message_of_a_maildir_is_processed_once(maildir: mailbox.Maildir, tmp_path: Path) -> None:
    for raw in (
        report(),
        notice("Re: hello", "thanks", "ouyang@example.org"),
        report(to=envelope_of(PATTERN, OTHER, "")),
    ):
        maildir.add(raw)
    reader = channel(MaildirMailbox(path=str(tmp_path / "bounces")))
    assert {one.send_key for one in reader.bounces(NOW)} == {KEY, OTHER}
    assert list(reader.bounces(NOW)) == []
    assert list((tmp_path / "bounces" / "new").iterdir()) == []
    assert len(maildir) == 3
    maildir.add(report("4.4.7", diagnostic="x"))
    assert list(reader.bounces(NOW)) == [Bounce(KEY, False, "bounced 4.4.7")]


def test_a_bounce_whose_processing_breaks_off_is_seen_again(maildir: mailbox.Maildir, tmp_path: Path) -> None:
    maildir.add(report())
    reader = channel(MaildirMailbox(path=str(tmp_path / "bounces")))
    with closing(reader.bounces(NOW)) as bounces:  # type: ignore[type-var]
        assert next(bounces).send_key == KEY
    assert [one.send_key for one in reader.bounces(NOW)] == [KEY]
    assert list(reader.bounces(NOW)) == []


def test_a_maildir_that_is_not_there_is_said_in_both_languages(tmp_path: Path) -> None:
    with pytest.raises(ChannelError) as raised:
        list(channel(MaildirMailbox(path=str(tmp_path / "none"))).bounces(NOW))
    assert "no Maildir" in raised.value.text("en") and "Maildir 信箱" in raised.value.text("zh")


@pytest.fixture
def imap(tmp_path: Path) -> Iterator[int]:
    """The port of a real IMAP server (pymap) with a mailbox for the user `bounces`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    asked = [
        *("--host", "127.0.0.1", "--port", str(port), "--no-tls"),
        *("dict", "--demo-user", "bounces", "--demo-password", "p@ss word"),
    ]
    program = "import sys; from pymap.main import main; sys.argv[0] = 'pymap'; sys.exit(main())"
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", program, *asked], cwd=tmp_path,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(200):
            if server.poll() is not None:
                pytest.fail("the IMAP server ended")
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                Event().wait(0.05)
        yield port
    finally:
        os.kill(server.pid, signal.SIGTERM)
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def test_every_message_of_an_imap_folder_is_processed_once(imap: int) -> None:
    box = ImapMailbox(host="127.0.0.1", port=imap, security="plain", user="bounces", password="p@ss word")
    with IMAP4("127.0.0.1", imap) as server:
        server.login("bounces", "p@ss word")
        for raw in (
            report(),
            notice("Re: hello", "thanks", "ouyang@example.org"),
            report(to=envelope_of(PATTERN, OTHER, "")),
        ):
            server.append("INBOX", "", "", raw)
    reader = channel(box)
    assert box.check(5).answer == "accepted"
    with closing(reader.bounces(NOW)) as bounces:  # type: ignore[type-var]
        first = next(bounces)
    again = list(reader.bounces(NOW))
    assert first == again[0]
    assert {one.send_key for one in again} == {KEY, OTHER}
    assert list(reader.bounces(NOW)) == []


@pytest.mark.parametrize("changed", [{"password": "SECRET-wrong"}, {"folder": "no such"}, {"port": 1}])
def test_an_imap_mailbox_that_cannot_be_opened_is_said_without_its_password(
    imap: int, changed: dict[str, object]
) -> None:
    usual = {
        "host": "127.0.0.1",
        "port": imap,
        "security": "plain",
        "user": "bounces",
        "password": "p@ss word",
    }
    box = ImapMailbox(**usual | changed)  # type: ignore[arg-type]
    assert (box.check(5).answer, box.check(5).said) == ("later", "mailbox")
    with pytest.raises(ChannelError) as raised:
        list(channel(box).bounces(NOW))
    assert "SECRET" not in str(raised.value)
    assert "退信信箱" in raised.value.text("zh")
