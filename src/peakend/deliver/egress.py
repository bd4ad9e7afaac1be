"""The one client for outgoing HTTP: nobody else opens a socket for it.

Addresses of webhooks come from outside, and so does what a name resolves to. A name is looked up once, the
connection goes to the very address that was judged, the certificate is checked for the name; private networks
are refused unless the settings name the host; nothing is redirected, no proxy of the environment is used,
and neither time nor answer is without bounds. The clock read here only bounds waiting.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import httpcore2

LARGEST: Final = 1_000_000
"""Bytes of an answer that are read at most; the providers answer with some hundred."""
_CHUNK: Final = 65_536
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")

Resolve = Callable[[str, int], Sequence[str]]


class Answer(NamedTuple):
    """What came back: the names of headers in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NoAnswer(Exception):
    """No whole answer came. `word` is one of said.WORDS; `sent` tells whether the server may have acted."""

    def __init__(self, word: str, *, sent: bool) -> None:
        super().__init__(word)
        self.word = word
        self.sent = sent


class Egress:
    """Sends requests under one channel's bounds."""

    def __init__(
        self,
        *,
        seconds: float,
        private_hosts: Collection[str] = (),
        ca_file: str = "",
        largest: int = LARGEST,
        resolve: Resolve | None = None,
        backend: httpcore2.NetworkBackend | None = None,
    ) -> None:
        self._seconds = seconds
        self._private = frozenset(host.lower() for host in private_hosts)
        self._tls = _trusting(ca_file)
        self._largest = largest
        self._resolve = resolve or _addresses
        self._backend = backend or httpcore2.SyncBackend()

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Send one request and return its answer, whatever its status. Raises NoAnswer."""
        origin = self._origin(url)
        watch = _Watch(monotonic() + self._seconds)
        guard = _Guard(self._backend, self._resolve, origin.host.decode() in self._private, watch)
        connection = httpcore2.HTTPConnection(
            origin, ssl_context=self._tls, network_backend=guard, keepalive_expiry=0
        )
        request = httpcore2.Request(method, url, headers=_lines(origin, headers, body), content=body)
        try:
            return self._answer(connection.handle_request(request))
        except _Forbidden:
            raise NoAnswer("forbidden-host", sent=False) from None
        except (httpcore2.TimeoutException, TimeoutError):
            raise NoAnswer("silent" if watch.sent else "timeout", sent=watch.sent) from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
            raise NoAnswer(_word(error, watch.sent), sent=watch.sent) from None
        finally:
            connection.close()

    def _origin(self, url: str) -> httpcore2.Origin:
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").encode("idna").decode().lower()
            port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
        except ValueError:  # UnicodeError of a name that is none is one too
            raise NoAnswer("forbidden-url", sent=False) from None
        allowed = parts.scheme == "https" or (parts.scheme == "http" and host in self._private)
        if not (allowed and host and port and url.isascii() and url.isprintable() and " " not in url):
            raise NoAnswer("forbidden-url", sent=False)
        if parts.username is not None:
            raise NoAnswer("forbidden-url", sent=False)
        return httpcore2.Origin(parts.scheme.encode(), host.encode(), port)

    def _answer(self, response: httpcore2.Response) -> Answer:
        body = bytearray()
        for chunk in response.iter_stream():
            body += chunk
            if len(body) > self._largest:
                raise NoAnswer("unclear", sent=True)
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
        }
        return Answer(response.status, headers, bytes(body))


class _Watch:
    """How much time is left for the whole request, and whether any of it has left."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self.sent = False

    def left(self) -> float:
        left = self._deadline - monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout
        return left


class _Guard(httpcore2.NetworkBackend):
    """Connects to what was looked up and judged, and to nothing else."""

    def __init__(
        self, backend: httpcore2.NetworkBackend, resolve: Resolve, private: bool, watch: _Watch
    ) -> None:
        self._backend = backend
        self._resolve = resolve
        self._private = private
        self._watch = watch

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        addresses = _looked_up(self._resolve, host, port, self._watch.left())
        if not self._private and not all(map(_is_public, addresses)):
            raise _Forbidden
        failure: Exception = httpcore2.ConnectError("no address")
        for address in addresses:
            try:
                stream = self._backend.connect_tcp(
                    address, port, timeout=self._watch.left(), socket_options=()
                )
                return _Bounded(stream, self._watch)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure


class _Bounded(httpcore2.NetworkStream):
    """A connection on which every wait is as long as what is left of the whole."""

    def __init__(self, stream: httpcore2.NetworkStream, watch: _Watch) -> None:
        self._stream = stream
        self._watch = watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._watch.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _CHUNK):
            left = self._watch.left()
            self._watch.sent = True
            self._stream.write(buffer[start : start + _CHUNK], left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Bounded(self._stream.start_tls(ssl_context, server_hostname, self._watch.left()), self._watch)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Forbidden(Exception):
    pass


def _lines(
    origin: httpcore2.Origin, headers: Mapping[str, str], body: bytes
) -> list[tuple[bytes | str, bytes | str]]:
    """The headers of a request: those of the caller, which wins, and what every request needs."""
    host = origin.host.decode()
    usual = {b"https": 443, b"http": 80}[origin.scheme]
    shown = f"[{host}]" if ":" in host else host
    lines = {
        "Host": shown if origin.port == usual else f"{shown}:{origin.port}",
        "User-Agent": "Peakend",
        "Accept-Encoding": "identity",
        "Connection": "close",
        "Content-Length": str(len(body)),
        **headers,
    }
    return [(name, value) for name, value in lines.items()]


@cache
def _trusting(ca_file: str) -> ssl.SSLContext:
    """What certificates are checked against; to read a system's authorities takes as long as a request."""
    return ssl.create_default_context(cafile=ca_file or None)


def _word(error: Exception, sent: bool) -> str:
    if sent:
        return "dropped"
    causes = (error, error.__cause__, error.__context__)
    return "certificate" if any(isinstance(one, ssl.SSLError) for one in causes) else "unreachable"


def _addresses(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _looked_up(resolve: Resolve, host: str, port: int, seconds: float) -> Sequence[str]:
    """The addresses of a name, in a thread of its own: the system's look-up knows no bound on time."""
    answers: SimpleQueue[Sequence[str] | Exception] = SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(resolve(host, port))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    Thread(target=look_up, daemon=True).start()
    try:
        found = answers.get(timeout=seconds)
    except Empty:
        raise httpcore2.ConnectTimeout from None
    if isinstance(found, Exception) or not found:
        raise httpcore2.ConnectError("the name has no address")
    return found


def _is_public(address: str) -> bool:
    try:
        one = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(one, ipaddress.IPv6Address):
        if one in _NAT64:
            return _is_public(str(ipaddress.IPv4Address(int(one) & 0xFFFFFFFF)))
        if inner := one.ipv4_mapped or one.sixtofour:
            return _is_public(str(inner))
        if one.teredo or one.is_site_local:
            return False
    return one.is_global and not (one.is_multicast or one.is_reserved or one.is_unspecified)
