"""The one client for outgoing HTTP under attack: changing names, redirects, private addresses, slowness.

Nothing leaves loopback: where an address must count as public, a backend stands in for the network that
remembers where it was sent and connects to a real server here.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

import httpcore2
import pytest
from channel_world import (
    DROP,
    HANG,
    HttpServer,
    Reply,
    authority_file,
    closed_port,
    server_tls,
    serving,
    to_loopback,
)

from peakend.deliver.egress import Egress, NoAnswer

PUBLIC = "93.184.215.14"


class Wire(httpcore2.SyncBackend):
    """Takes every connection to one server on loopback, and remembers the address that was asked for."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked: list[str] = []

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        self.asked.append(host)
        return super().connect_tcp("127.0.0.1", self.port, timeout, local_address, socket_options)


def refusal(egress: Egress, url: str) -> NoAnswer:
    with pytest.raises(NoAnswer) as raised:
        egress.send("POST", url, {}, b"{}")
    return raised.value


# --- where a request may go ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    "127.0.0.1 127.8.8.8 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 "
    "255.255.255.255 192.0.2.1 198.18.0.1 240.0.0.1 ::1 :: fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 "
    "ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1 64:ff9b::a00:1 "
    "2002:7f00:1:: 2002:a00:1:: 2001:0:1234::1 fec0::1 2001:db8::1 not-an-address".split(),
)
def test_an_address_that_is_not_public_is_refused_before_a_packet_leaves(address: str) -> None:
    wire = Wire(1)
    egress = Egress(seconds=2, resolve=lambda host, port: [address], backend=wire)
    error = refusal(egress, "https://hooks.example.com/x")
    assert (error.word, error.sent, wire.asked) == ("forbidden-host", False, [])


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "[::ffff:7f00:1]"]
)
def test_loopback_is_refused_however_it_is_written(host: str) -> None:
    with serving(Reply(200)) as server:
        error = refusal(Egress(seconds=2), f"https://{host}:{server.port}/")
        assert (error.word, error.sent, server.heard) == ("forbidden-host", False, [])


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    wire = Wire(1)
    egress = Egress(seconds=2, resolve=lambda host, port: [PUBLIC, "10.0.0.1"], backend=wire)
    assert refusal(egress, "https://hooks.example.com/").word == "forbidden-host"
    assert wire.asked == []


def test_a_name_that_changes_after_it_was_judged_leads_nowhere_else(tmp_path: Path) -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    server = HttpServer(lambda _: Reply(200, b"ok"))
    server.speak_tls(server_tls("hooks.example.com"))
    with server.running():
        wire = Wire(server.port)
        egress = Egress(seconds=5, resolve=rebinding, backend=wire, ca_file=authority_file(tmp_path))
        assert egress.send("POST", "https://hooks.example.com/x", {}).body == b"ok"
        assert (asked, wire.asked) == (["hooks.example.com"], [PUBLIC])
        assert server.heard[0].headers["host"] == "hooks.example.com"
        assert refusal(egress, "https://hooks.example.com/x").word == "forbidden-host"
        assert (wire.asked, len(server.heard)) == ([PUBLIC], 1)


def test_the_certificate_is_checked_for_the_name_and_not_for_the_address(tmp_path: Path) -> None:
    server = HttpServer(lambda _: Reply(200))
    server.speak_tls(server_tls("somebody-else.example.com"))
    with server.running():
        wire = Wire(server.port)
        egress = Egress(
            seconds=5, resolve=lambda *_: [PUBLIC], backend=wire, ca_file=authority_file(tmp_path)
        )
        error = refusal(egress, "https://hooks.example.com/x")
        assert (error.word, error.sent, server.heard) == ("certificate", False, [])


def test_a_certificate_of_an_unknown_authority_is_refused() -> None:
    server = HttpServer(lambda _: Reply(200))
    server.speak_tls(server_tls())
    with server.running():
        assert refusal(to_loopback(), f"{server.url}/").word == "certificate"


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "https://user:secret@hooks.example.com/",
        "https:///x",
        "https://hooks.example.com:99999/",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/\r\nX: 1",
        "https://hooks.example.com/\x00",
        "https://[::1/",
        "//hooks.example.com",
        "",
    ],
)
def test_an_address_that_is_not_plain_https_is_refused(url: str) -> None:
    error = refusal(Egress(seconds=2, resolve=lambda *_: [PUBLIC], backend=Wire(1)), url)
    assert (error.word, error.sent) == ("forbidden-url", False)


def test_http_without_tls_needs_the_host_to_be_named() -> None:
    with serving(Reply(200, b"ok")) as server:
        assert refusal(Egress(seconds=2), f"{server.url}/").word == "forbidden-url"
        assert to_loopback().send("POST", f"{server.url}/", {}).status == 200


def test_a_redirect_to_loopback_is_not_followed() -> None:
    with serving(Reply(200)) as inner, serving(Reply(302, b"", {"Location": inner.url})) as outer:
        assert to_loopback().send("POST", f"{outer.url}/", {}).status == 302
        assert inner.heard == []


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Reply(200)) as proxy, serving(Reply(200, b"straight")) as server:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert to_loopback().send("POST", f"{server.url}/", {}).body == b"straight"
        assert proxy.heard == []


# --- how much and how long ----------------------------------------------------------------------------


def test_a_huge_answer_is_cut_off() -> None:
    with serving(Reply(200, b"x" * 3_000_000)) as server:
        error = refusal(to_loopback(), f"{server.url}/")
        assert (error.word, error.sent) == ("unclear", True)


def test_a_compressed_answer_is_not_unpacked() -> None:
    with serving(Reply(200, b"\x1f\x8b" + b"0" * 100, {"Content-Encoding": "gzip"})) as server:
        assert len(to_loopback().send("POST", f"{server.url}/", {}).body) == 102
        assert server.heard[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"])
def test_an_answer_that_drips_is_cut_off_when_the_time_is_over(head: bytes) -> None:
    drops = b"HTTP/1.1 200 OK\r\nX: " if not head else b"x"
    with _dripping(head, drops) as port:
        begun = monotonic()
        error = refusal(to_loopback(0.6), f"http://127.0.0.1:{port}/")
        assert (error.word, error.sent) == ("silent", True)
        assert monotonic() - begun < 2


def test_a_server_that_never_answers_is_given_up_in_time() -> None:
    with serving(HANG) as server:
        begun = monotonic()
        error = refusal(to_loopback(0.5), f"{server.url}/")
        assert (error.word, error.sent) == ("silent", True)
        assert monotonic() - begun < 2


def test_a_name_that_is_never_answered_is_given_up_in_time() -> None:
    over = Event()

    def never(host: str, port: int) -> list[str]:
        over.wait(20)
        return []

    begun = monotonic()
    error = refusal(Egress(seconds=0.5, resolve=never), "https://hooks.example.com/")
    over.set()
    assert (error.word, error.sent) == ("timeout", False)
    assert monotonic() - begun < 2


def test_headers_without_end_are_cut_off() -> None:
    with serving(Reply(200, b"", {f"X-{n}": "y" * 1000 for n in range(200)})) as server:
        assert refusal(to_loopback(), f"{server.url}/").sent


# --- what is known when it fails ----------------------------------------------------------------------


def test_a_refused_connection_is_known_not_to_have_sent_anything() -> None:
    error = refusal(to_loopback(), f"http://127.0.0.1:{closed_port()}/")
    assert (error.word, error.sent) == ("unreachable", False)


def test_a_name_that_does_not_exist_is_unreachable() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror("unknown")

    error = refusal(Egress(seconds=2, resolve=unknown), "https://hooks.example.com/")
    assert (error.word, error.sent) == ("unreachable", False)


def test_a_connection_that_breaks_after_the_request_is_a_doubt() -> None:
    with serving(DROP) as server:
        error = refusal(to_loopback(), f"{server.url}/")
        assert (error.word, error.sent) == ("dropped", True)


def test_the_second_address_is_tried_when_the_first_does_not_answer() -> None:
    with serving(Reply(200, b"ok")) as server:
        egress = to_loopback(resolve=lambda *_: ["127.0.0.2", "127.0.0.1"])
        assert egress.send("POST", f"http://localhost:{server.port}/", {}).body == b"ok"


def test_an_error_tells_nothing_of_the_request() -> None:
    error = refusal(to_loopback(), f"http://127.0.0.1:{closed_port()}/?key=SECRET")
    assert "SECRET" not in f"{error!r}{error.args}{error.__cause__!r}"


@contextmanager
def _dripping(head: bytes, drops: bytes) -> Iterator[int]:
    """A server that says the head at once and then one byte after the other, for as long as it is let."""
    over = Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener:
            connection, _ = listener.accept()
            with connection:
                try:
                    connection.recv(65_536)
                    connection.sendall(head)
                    at = 0
                    while not over.wait(0.05):
                        connection.sendall(drops[at % len(drops) : at % len(drops) + 1])
                        at += 1
                except OSError:
                    pass

    thread = Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        thread.join()
