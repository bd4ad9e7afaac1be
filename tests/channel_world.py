"""Letters, hostile texts and real servers on loopback for the tests of the channels."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import trustme

from peakend.deliver.channels import SECOND, OverHttp
from peakend.deliver.egress import Egress
from peakend.model.delivery import Attachment, Letter, Words

NOW = 1_772_323_200_000_000  # 2026-03-01T00:00:00Z
KEY = "3f" * 32
NAME, PHONE, CUSTOMER = "欧阳小满", "13800138000", "t-4711"
SUBJECT, TEXT = (
    "续约提醒：合同 C-9 三十天后到期",
    "您好，您的合同 C-9 将于 3 月 31 日到期。\n请与您的客户经理联系。",
)

HOSTILE = {
    "header injection": "hello\r\nBcc: everybody@example.com\r\n\r\nbody",
    "encoded word": "=?utf-8?q?x=0d=0aBcc:_everybody=40example.com?=",
    "html": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "mention": "<@all> <at id=all></at> <at user_id=\"all\">all</at> @all @所有人 <@zhangsan>",
    "markdown": "[click](https://evil.example/x) ![x](http://evil.example/y.png) **bold** `code`\n# Head",
    "bare link": "see https://evil.example/login or www.evil.example",
    "nul": "a\x00b\x1b[31mred\x07",
    "right to left": "invoice\u202efdp.exe \u2066x\u2069 \u200f",
    "half a character": "a\ud800b",
    "emoji": "👩‍👩‍👧 🇨🇳 ✅ ﷽",
    "long": "漫" * 10_000,
    "json": '"}],"admin":true,{"x":"',
    "template": "{{7*7}} {to} {values.name} ${PATH} %s",
    "dots": "first\r\n.\r\nMAIL FROM:<x@example.com>\r\n.",
    "line separators": "a\u2028b\u2029c\x85d",
}  # fmt: skip


def letter(**changed: Any) -> Letter:
    """A letter of the renewal play; every part can be changed, those of its words too."""
    words: dict[str, Any] = {
        "name": "renewal-30d",
        "language": "zh",
        "subject": SUBJECT,
        "text": TEXT,
        "html": "<p>您好</p>",
        "link": "https://portal.example.com/renew?c=9&t=1",
        "values": {"name": NAME, "days": "30"},
    }
    of_words = {name: changed.pop(name) for name in list(changed) if name in Words.__struct_fields__}
    parts: dict[str, Any] = {
        "send_key": KEY,
        "customer": CUSTOMER,
        "channel": "x",
        "to": PHONE,
        "to_name": NAME,
        "class_": "service",
        "data": {"play": "renewal-rounds", "contract_id": "C-9"},
    }
    return Letter(words=Words(**words | of_words), **parts | changed)


def hostile_letter(text: str, **changed: Any) -> Letter:
    """A letter in which everything that can come from outside is the text."""
    everywhere = {
        "to_name": text,
        "subject": text,
        "text": text,
        "values": {"name": text, "days": "30"},
        "data": {"note": text, "list": [text], text: 1},
        "attachments": (Attachment(text, "text/plain", b"x"),),
    }
    return letter(**everywhere | changed)


class Heard(NamedTuple):
    """A request as it came over the wire."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Reply(NamedTuple):
    status: int = 200
    body: Any = b""
    headers: dict[str, str] = {}


DROP = Reply(0)
"""Close the connection without a word."""
HANG = Reply(-1)
"""Say nothing until the test is over."""

Behaviour = Callable[[Heard], Reply]


class HttpServer:
    """A real HTTP server on loopback that does what a test tells it and remembers what it heard."""

    def __init__(self, behave: Behaviour) -> None:
        self.behave = behave
        self.heard: list[Heard] = []
        self.over = Event()
        world = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                split = urlsplit(self.path)
                query = {
                    name: values[0] for name, values in parse_qs(split.query, keep_blank_values=True).items()
                }
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", 0)))
                heard = Heard(self.command, split.path, query, headers, body)
                world.heard.append(heard)
                self._answer(world.behave(heard))

            do_GET = do_POST

            def _answer(self, reply: Reply) -> None:
                self.close_connection = True
                if reply == HANG:
                    world.over.wait(20)
                if reply in (HANG, DROP):
                    return
                body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
                self.send_response(reply.status)
                for name, value in {"Content-Length": str(len(body)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def speak_tls(self, context: ssl.SSLContext) -> None:
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://localhost:{self.port}"

    @contextmanager
    def running(self) -> Iterator[HttpServer]:
        thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self.over.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()


@contextmanager
def serving(behave: Behaviour | Reply) -> Iterator[HttpServer]:
    """A server that answers as told, or always the same."""
    fixed = behave
    with HttpServer(fixed if callable(fixed) else lambda _: fixed).running() as server:
        yield server


def to_loopback(seconds: float = 5, **how: Any) -> Egress:
    """A client that may talk to loopback."""
    return Egress(seconds=seconds, private_hosts=("127.0.0.1", "localhost"), **how)


def settings(kind: type[OverHttp], **values: Any) -> Any:
    """The settings of a channel that may talk to loopback."""
    return kind(private_hosts=("127.0.0.1", "localhost"), **values)


@cache
def authority() -> trustme.CA:
    """An authority for the certificates of the servers here."""
    return trustme.CA()


def server_tls(name: str = "localhost") -> ssl.SSLContext:
    """A server's side of TLS, with a certificate for `name`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert(name).configure_cert(context)
    return context


def authority_file(folder: Path) -> str:
    """A file with the authority's certificate, for `ca_file`."""
    path = folder / "authority.pem"
    authority().cert_pem.write_to_path(path)
    return str(path)


def closed_port() -> int:
    """A port of loopback on which nobody listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.server_close()
    return int(server.server_address[1])


def seconds(number: float) -> int:
    return int(number * SECOND)
