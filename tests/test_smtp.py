"""E-mail against a real mail server on loopback: what a reader gets, what is known when something breaks."""

from __future__ import annotations

import asyncio
from email import message_from_bytes, policy
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import pytest
from channel_world import (
    HOSTILE,
    KEY,
    NAME,
    NOW,
    SUBJECT,
    TEXT,
    authority_file,
    closed_port,
    hostile_letter,
    letter,
    server_tls,
)
from hypothesis import given
from hypothesis import strategies as st
from mail_world import Post, Received, hang, hang_up, knows, posting, reciting, says

from peakend.deliver.mail import Sender, address_of, envelope_of, key_in, mail_of
from peakend.deliver.said import WORDS
from peakend.deliver.smtp import From, Smtp, SmtpSettings
from peakend.model.delivery import Attachment, Receipt

TO = "xiaoman@example.org"
PATTERN = "b+{key}@example.com"


def smtp(port: int, **changed: Any) -> Smtp:
    usual = {
        "host": "localhost",
        "port": port,
        "security": "plain",
        "from_": From(name="云服务台", address="service@example.com"),
        "envelope": PATTERN,
        "timeout": "PT5S",
    }
    return Smtp(SmtpSettings(**usual | changed))


def sent(post: Post, *letters: Any, **changed: Any) -> list[Receipt]:
    """What the channel says of some letters, on one connection where it can be kept."""
    with posting(post) as port:
        channel = smtp(port, **changed)
        receipts = [channel.hand_over(one, NOW) for one in letters or (letter(to=TO),)]
        channel.close()
    return receipts


# --- what a reader gets -------------------------------------------------------------------------------


def test_a_mail_carries_its_key_its_texts_and_its_way_out() -> None:
    post = Post()
    one = letter(
        to=TO,
        unsubscribe="https://peakend.example.com/u/abc",
        attachments=(Attachment("数据 保护.pdf", "application/pdf", b"%PDF-1\r\n.\r\n"),),
    )
    (receipt,) = sent(post, one, reply_to="help@example.com")
    assert receipt == Receipt("accepted", "accepted", "4F0001")
    (received,) = post.received
    assert received.to == [TO]
    mail = received.mail
    assert mail["From"] == "云服务台 <service@example.com>"
    assert mail["To"] == f"{NAME} <{TO}>"
    assert mail["Subject"] == SUBJECT
    assert mail["Reply-To"] == "help@example.com"
    assert mail["Date"] == "Sun, 01 Mar 2026 00:00:00 +0000"
    assert mail["Message-ID"] == f"<{KEY}@example.com>"
    assert mail["List-Unsubscribe"] == "<https://peakend.example.com/u/abc>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and plain.get_content().split() == TEXT.split()
    assert html is not None and html.get_content().rstrip() == "<p>您好</p>"
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("数据 保护.pdf", b"%PDF-1\r\n.\r\n")


def test_the_bytes_of_a_mail_are_those_of_the_letter_and_the_instant() -> None:
    post = Post()
    sent(post, letter(to=TO), letter(to=TO))
    first, second = post.received
    assert first.raw == second.raw
    assert first.raw.isascii()


def test_a_letter_without_html_is_plain_and_one_without_unsubscribing_has_no_header_of_it() -> None:
    post = Post()
    sent(post, letter(to=TO, html=""))
    mail = post.received[0].mail
    assert mail.get_content_type() == "text/plain"
    assert mail["List-Unsubscribe"] is None and mail["List-Unsubscribe-Post"] is None


@pytest.mark.parametrize(
    "unsubscribe", ["http://example.com/u", "javascript:1", "https://a.b/>,<mailto:x@y>", "x\r\nBcc: y"]
)
def test_an_address_of_unsubscribing_that_is_no_plain_https_is_left_out(unsubscribe: str) -> None:
    post = Post()
    sent(post, letter(to=TO, unsubscribe=unsubscribe))
    mail = post.received[0].mail
    assert mail["List-Unsubscribe"] is None and mail["Bcc"] is None


def test_the_sender_on_the_envelope_carries_the_key() -> None:
    post = Post()
    sent(post)
    (received,) = post.received
    assert received.sender != "service@example.com"
    assert len(received.sender.partition("@")[0]) <= 64
    assert key_in(received.sender.upper(), PATTERN) == KEY
    assert key_in("b+short@example.com", PATTERN) == key_in("someone@example.com", PATTERN) == ""


@given(st.binary(min_size=32, max_size=32))
def test_every_key_comes_back_from_its_envelope(key: bytes) -> None:
    address = envelope_of(PATTERN, key.hex(), "service@example.com")
    assert address_of(address) == address
    assert key_in(address.upper(), PATTERN) == key.hex()


def test_a_fixed_envelope_is_used_as_it_is() -> None:
    post = Post()
    sent(post, envelope="bounces@example.com")
    sent(post, envelope="")
    assert [one.sender for one in post.received] == ["bounces@example.com", "service@example.com"]


def test_a_domain_in_chinese_is_written_as_servers_take_it() -> None:
    post = Post()
    sent(post, letter(to="kefu@例子.公司"))
    assert post.received[0].to == ["kefu@xn--fsqu00a.xn--55qx5d"]


@pytest.mark.parametrize("to", [
    "", "x", "@x.com", "a@", "a b@c.com", "a@b@c.com", "a@b..com", "a@-b.com", "a,b@c.com",
    "<a@b.com>", "a@b.com\n", "a@b.com\r\nRCPT TO:<x@y.z>", "客服@例子.公司", "a" * 65 + "@b.com",
    "a@" + "b" * 64 + ".com", "\"a b\"@c.com",
])  # fmt: skip
def test_an_address_that_no_server_takes_is_refused_and_not_sent(to: str) -> None:
    if address_of(to):
        assert address_of(to) == to.strip()
        return
    assert smtp(closed_port()).hand_over(letter(to=to), NOW) == Receipt("refused", "address")


# --- hostile texts ------------------------------------------------------------------------------------

HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding",
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_no_text_of_a_customer_adds_a_header_a_part_or_a_reader(what: str) -> None:
    post = Post()
    (receipt,) = sent(post, hostile_letter(HOSTILE[what], to=TO))
    assert receipt.answer == "accepted"
    (received,) = post.received
    _is_as_it_should_be(received, HOSTILE[what])


@given(st.text(max_size=300))
def test_no_text_at_all_adds_a_header_or_a_part(text: str) -> None:
    raw = mail_of(hostile_letter(text, to=TO), TO, Sender("云服务台", "service@example.com"), NOW)
    _is_as_it_should_be(Received("", [TO], raw, 0), text)


def test_a_text_that_knows_the_key_cannot_end_its_part() -> None:
    post = Post()
    text = f"x\r\n--=_{KEY[:40]}_0\r\nContent-Type: text/html\r\n\r\n<b>evil</b>\r\n--=_{KEY[:40]}_1--"
    sent(post, letter(to=TO, text=text, html=text))
    mail = post.received[0].mail
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    plain = mail.get_body(("plain",))
    assert plain is not None and "--=_" in plain.get_content()


def test_a_line_with_one_dot_does_not_end_the_mail() -> None:
    post = Post()
    sent(post, letter(to=TO, text="one\n.\n..\ntwo\n.three", html=""))
    plain = post.received[0].mail.get_content()
    assert plain.split() == ["one", ".", "..", "two", ".three"]


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_address_is_refused_without_a_word_of_it(what: str) -> None:
    receipt = smtp(closed_port()).hand_over(letter(to=HOSTILE[what] + "@example.com"), NOW)
    assert receipt == Receipt("refused", "address")


def _is_as_it_should_be(received: Received, text: str) -> None:
    mail = message_from_bytes(received.raw, policy=policy.compat32)
    assert set(mail.keys()) == HEADERS - ({"Content-Transfer-Encoding"} if mail.is_multipart() else set())
    assert received.to == [TO]
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/plain",
    ]  # fmt: skip
    assert len(mail.get_all("From", [])) == len(mail.get_all("To", [])) == 1
    head = received.raw.partition(b"\r\n\r\n")[0]
    assert max(len(line) for line in head.split(b"\r\n")) <= 998
    assert not set(received.raw) & set(range(32)) - {10, 13, 9}
    assert b"\nbcc:" not in head.lower()


# --- what is known when something breaks --------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "receipt"),
    [
        (f"550 5.1.1 <{TO}>: Recipient address rejected: {NAME}", Receipt("refused", "recipient 550 5.1.1")),
        ("554 5.7.1 Relay access denied", Receipt("refused", "recipient 554 5.7.1")),
        ("450 4.2.0 Greylisted, see http://postgrey.example", Receipt("later", "busy 450 4.2.0")),
        ("452 too many", Receipt("later", "busy 452")),
        ("421 4.7.0 try later", Receipt("later", "busy 421 4.7.0")),
        ("530 5.7.0 Authentication required", Receipt("later", "credentials 530 5.7.0")),
    ],
)
def test_what_a_server_says_of_a_recipient_is_known(answer: str, receipt: Receipt) -> None:
    assert sent(Post(rcpt=says(answer))) == [receipt]


@pytest.mark.parametrize(
    ("answer", "receipt"),
    [
        ("554 5.6.0 message looks like spam", Receipt("refused", "content 554 5.6.0")),
        ("552 5.3.4 too large", Receipt("refused", "content 552 5.3.4")),
        ("451 4.3.0 local error", Receipt("later", "busy 451 4.3.0")),
    ],
)
def test_what_a_server_says_of_a_mail_is_known(answer: str, receipt: Receipt) -> None:
    assert sent(Post(data=says(answer))) == [receipt]


def test_a_refused_recipient_does_not_cost_the_next_one_its_mail() -> None:
    answers = iter(["550 5.1.1 unknown", "", "450 later", ""])

    async def rcpt(server: Any, envelope: Any) -> str:
        return next(answers)

    post = Post(rcpt=rcpt)
    receipts = sent(post, *[letter(to=TO)] * 4)
    assert [one.answer for one in receipts] == ["refused", "accepted", "later", "accepted"]
    assert len(post.connections) == 1


def test_a_connection_that_breaks_after_the_data_is_unknown() -> None:
    post = Post(data=hang_up)
    assert sent(post) == [Receipt("unknown", "dropped")]


def test_a_connection_that_breaks_before_the_data_is_for_later() -> None:
    assert sent(Post(rcpt=hang_up)) == [Receipt("later", "unreachable")]


def test_a_server_that_is_silent_after_the_data_is_unknown_in_time() -> None:
    begun = monotonic()
    assert sent(Post(data=hang), timeout="PT0.6S") == [Receipt("unknown", "silent")]
    assert monotonic() - begun < 4


def test_a_server_that_is_silent_before_the_data_is_for_later_in_time() -> None:
    begun = monotonic()
    assert sent(Post(rcpt=hang), timeout="PT0.6S") == [Receipt("later", "timeout")]
    assert monotonic() - begun < 4


def test_a_server_that_drips_its_greeting_is_given_up_in_time() -> None:
    with reciting(b"220 " + b"x" * 500, pause=0.05) as port:
        begun = monotonic()
        assert smtp(port, timeout="PT0.6S").hand_over(letter(to=TO), NOW) == Receipt("later", "timeout")
        assert monotonic() - begun < 3


def test_a_server_that_is_not_there_is_for_later() -> None:
    assert smtp(closed_port()).hand_over(letter(to=TO), NOW) == Receipt("later", "unreachable")
    assert smtp(closed_port(), host="no-such-host.invalid").hand_over(letter(to=TO), NOW).answer == "later"


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        ([b"554 go away\r\n"], "later"),
        ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], "later"),
        ([b"\xff\xfe\r\n" * 3], "later"),
        (
            [b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b"what?\r\n"],
            "unknown",
        ),
        ([b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"what?\r\n"], "later"),
        ([b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b""], "unknown"),
        ([b"220 hi\r\n", b"250 hi\r\n", b"550 5.1.8 sender rejected\r\n"], "later"),
    ],
)
def test_a_server_that_talks_nonsense_is_believed_nothing(lines: list[bytes], answer: str) -> None:
    with reciting(*lines) as port:
        channel = smtp(port, timeout="PT2S")
        receipt = channel.hand_over(letter(to=TO), NOW)
        channel.close()
        assert receipt.answer == answer
        assert receipt.said.partition(" ")[0] in WORDS


# --- the connection -----------------------------------------------------------------------------------


def test_a_connection_is_kept_for_several_letters_and_opened_anew_when_the_server_hung_up() -> None:
    post = Post()
    with posting(post) as port:
        channel = smtp(port)
        assert [channel.hand_over(letter(to=TO), NOW).answer for _ in range(3)] == ["accepted"] * 3
        assert len({one.connection for one in post.received}) == 1
    with posting(
        post,
    ) as other:
        assert other != port
        assert channel.hand_over(letter(to=TO), NOW) == Receipt("later", "unreachable")
    channel.close()


def test_a_server_that_ends_idle_connections_costs_no_letter() -> None:
    breaks = iter([False, True, False])

    async def data(server: Any, envelope: Any) -> str:
        if next(breaks):
            asyncio.get_running_loop().call_later(0.05, server.transport.abort)
        return ""

    post = Post(data=data)
    with posting(post) as port:
        channel = smtp(port)
        receipts = []
        for _ in range(3):
            receipts.append(channel.hand_over(letter(to=TO), NOW).answer)
            _wait_for_a_moment()
        channel.close()
    assert receipts == ["accepted"] * 3
    assert len(post.connections) == 2


def test_starttls_is_required_unless_the_settings_say_otherwise(tmp_path: Path) -> None:
    assert SmtpSettings(host="h", from_=From(address="a@b.c")).security == "starttls"
    assert sent(Post(), security="starttls") == [Receipt("later", "no-starttls")]
    post = Post()
    with posting(post, tls_context=server_tls(), require_starttls=True) as port:
        channel = smtp(port, security="starttls", ca_file=authority_file(tmp_path))
        assert channel.hand_over(letter(to=TO), NOW).answer == "accepted"
        channel.close()


def test_tls_from_the_first_byte(tmp_path: Path) -> None:
    post = Post()
    with posting(post, ssl_context=server_tls(), server_hostname="localhost") as port:
        channel = smtp(port, security="tls", ca_file=authority_file(tmp_path))
        assert channel.hand_over(letter(to=TO), NOW).answer == "accepted"
        assert channel.check(NOW).answer == "accepted"
        channel.close()


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(("name", "trusted"), [("mail.example.net", True), ("localhost", False)])
def test_a_certificate_that_does_not_fit_stops_everything(
    tmp_path: Path, security: str, name: str, trusted: bool
) -> None:
    post = Post()
    how = {"tls_context": server_tls(name), "require_starttls": True} if security == "starttls" else {
        "ssl_context": server_tls(name), "server_hostname": "localhost"
    }  # fmt: skip
    with posting(post, **how) as port:
        channel = smtp(port, security=security, ca_file=authority_file(tmp_path) if trusted else "")
        assert channel.hand_over(letter(to=TO), NOW) == Receipt("later", "certificate")
        assert channel.check(NOW) == Receipt("later", "certificate")
    assert post.received == []


@pytest.mark.parametrize(
    ("password", "receipt"),
    [("right", Receipt("accepted", "accepted")), ("wrong", Receipt("later", "credentials 535"))],
)
def test_a_wrong_password_waits_for_a_person(tmp_path: Path, password: str, receipt: Receipt) -> None:
    how = {"tls_context": server_tls(), "require_starttls": True, "authenticator": knows("u", "right")}
    with posting(Post(), **how, auth_required=True) as port:
        secured = {"security": "starttls", "ca_file": authority_file(tmp_path)}
        channel = smtp(port, user="u", password=password, **secured)
        assert channel.hand_over(letter(to=TO), NOW)[:2] == receipt[:2]
        assert channel.check(NOW) == receipt
        channel.close()


def test_a_server_without_a_login_is_said() -> None:
    assert sent(Post(), user="u", password="p") == [Receipt("later", "no-login")]


def _wait_for_a_moment() -> None:
    Event().wait(0.2)
