"""A provider of OpenID Connect and a WeCom, as real servers on loopback, for signing in."""

from __future__ import annotations

import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

SECRET = "a secret of the client"


class Provider:
    """What the provider knows and how it behaves; a test changes `claims`, `header`, `key` and `document`."""

    def __init__(self, now: int) -> None:
        self.url = ""
        self.now = now // 1_000_000
        self.key = self.signs = RSAKey.generate_key(2048, {"kid": "k1"})
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "k1"}
        self.document: dict[str, Any] = {}
        self.members = {"scanned": "LiLei"}
        self.begun: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []

    def begin(self, address: str) -> str:
        """What the browser does there: sign in, and come back with a code."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.begun)}"
        self.begun[code] = asked
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def answer(self, method: str, path: str, query: dict[str, str], body: str, basic: str) -> Any:
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token", "jwks_uri": f"{self.url}/keys",
            } | self.document  # fmt: skip
        if path == "/keys":
            return {"keys": [self.key.as_dict(private=False), {"kty": "new", "x": "1"}]}
        if path == "/token":
            return self._token({name: values[0] for name, values in parse_qs(body).items()}, basic)
        if path == "/cgi-bin/gettoken":
            return (
                {"errcode": 0, "access_token": "tok"}
                if query.get("corpsecret") == SECRET
                else {"errcode": 40001}
            )
        if path == "/cgi-bin/auth/getuserinfo":
            member = self.members.get(query.get("code", ""))
            right = member and query.get("access_token") == "tok"
            return {"errcode": 0, "userid": member} if right else {"errcode": 40029}
        return None

    def _token(self, form: dict[str, str], basic: str) -> Any:
        begun = self.begun.pop(form.get("code", ""), None)
        challenge = (
            urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        )
        if (
            begun is None
            or begun["code_challenge"] != challenge
            or begun["redirect_uri"] != form["redirect_uri"]
        ):
            return None
        if b64decode(basic).decode() != "peakend:a%20secret%20of%20the%20client":
            return None
        claims = {
            "iss": self.url, "aud": "peakend", "sub": "s-1", "iat": self.now, "exp": self.now + 60,
            "nonce": begun["nonce"], "preferred_username": "Li.Lei", "name": "李雷",
        } | self.claims  # fmt: skip
        given = {name: value for name, value in claims.items() if value is not None}
        return {"id_token": jwt.encode(self.header, given, self.signs, algorithms=["RS256", "HS256", "none"])}


@contextmanager
def provider(now: int) -> Iterator[Provider]:
    """A provider that listens until the block ends."""
    one = Provider(now)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._do()

        def do_POST(self) -> None:
            self._do()

        def _do(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            basic = self.headers.get("Authorization", "").removeprefix("Basic ")
            found = one.answer(self.command, parts.path, query, body, basic)
            said = json.dumps(found if found is not None else {"error": "invalid_grant"}).encode()
            self.send_response(200 if found is not None else 400)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    one.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
