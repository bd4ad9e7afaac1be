"""Signing in at the organisation's own provider: OpenID Connect, code flow with PKCE, state and nonce.

Every document is fetched by the one client for outgoing HTTP, which judges the address (ADR 0021). Verifier
and nonce are derived from the state, which the browser holds; nothing of it is kept here.
"""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from hashlib import sha256
from threading import Lock
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from peakend.deliver.egress import Egress
from peakend.deliver.posting import ask_object
from peakend.instance.people import OidcSettings
from peakend.model.delivery import Receipt
from peakend.web.people.tokens import derived, same
from peakend.web.people.vouched import NotVouched, Vouched

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "Ed25519", "EdDSA")
"""Signatures with a key that only the provider has: never `none`, never a shared secret."""
_HOUR: Final = 3600 * 1_000_000
_LEEWAY: Final = 120
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


class Oidc:
    """One provider; what it says about itself is kept for an hour."""

    def __init__(self, settings: OidcSettings, egress: Egress | None = None) -> None:
        self._settings = settings
        self._egress = egress or Egress(
            seconds=10, private_hosts=settings.private_hosts, ca_file=settings.ca_file
        )
        self._lock = Lock()
        self._kept: dict[str, tuple[int, dict[str, Any]]] = {}

    def address(self, state: str, back: str, now: int) -> str:
        """Where the browser goes to sign in. Raises NotVouched."""
        verifier = derived(state, "pkce")
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": back,
            "scope": self._settings.scope,
            "state": state,
            "nonce": derived(state, "nonce"),
            "code_challenge": urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        there = self._endpoint("authorization_endpoint", now)
        return f"{there}{'&' if '?' in there else '?'}{urlencode(asked)}"

    def vouched(self, code: str, state: str, back: str, now: int) -> Vouched:
        """Who came back with a code. Raises NotVouched."""
        found = self._asked(
            self._endpoint("token_endpoint", now),
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": back,
                "code_verifier": derived(state, "pkce"),
            },
            now,
        )
        token = found.get("id_token")
        if not isinstance(token, str) or len(token) > 50_000:
            raise NotVouched("unclear", "the provider gave no identity")
        return self._who(self._claims(token, derived(state, "nonce"), now))

    def _claims(self, token: str, nonce: str, now: int) -> dict[str, Any]:
        rules = jwt.JWTClaimsRegistry(
            now // 1_000_000,
            _LEEWAY,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            found = self._verified(token, now)
            rules.validate(found)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise NotVouched("unclear", f"its identity does not hold: {type(error).__name__}") from None
        audience, party = found["aud"], found.get("azp")
        if (isinstance(audience, list) and len(audience) > 1 and party is None) or (
            party not in (None, self._settings.client_id)
        ):
            raise NotVouched("unclear", "its identity is meant for somebody else")
        if not same(str(found.get("nonce", "")), nonce):
            raise NotVouched("unclear", "its identity was asked for by somebody else")
        return found

    def _verified(self, token: str, now: int) -> dict[str, Any]:
        """The claims of a token; keys may have changed since they were fetched, so once more with new."""
        where = self._endpoint("jwks_uri", now)
        try:
            return jwt.decode(token, _keys(self._fetched(where, now)), algorithms=ALGORITHMS).claims
        except (JoseError, ValueError):
            with self._lock:
                self._kept.pop(where, None)
            return jwt.decode(token, _keys(self._fetched(where, now)), algorithms=ALGORITHMS).claims

    def _who(self, claims: dict[str, Any]) -> Vouched:
        email = claims.get("email") if claims.get("email_verified") is True else ""
        groups = claims.get(self._settings.claim)
        listed = groups if isinstance(groups, list) else [groups] if isinstance(groups, str) else []
        return Vouched(
            oidc=f"{self._settings.issuer} {claims['sub']}",
            login=str(claims.get("preferred_username") or email or ""),
            shown=str(claims.get("name") or ""),
            email=str(email or ""),
            groups=frozenset(one for one in listed if isinstance(one, str)),
        )

    def _endpoint(self, name: str, now: int) -> str:
        issuer = self._settings.issuer
        document = self._fetched(f"{issuer.rstrip('/')}/.well-known/openid-configuration", now)
        if document.get("issuer") != issuer:
            raise NotVouched("unclear", "the provider calls itself otherwise")
        found = document.get(name)
        if not isinstance(found, str) or not self._may_go(found):
            raise NotVouched("unclear", f"the provider's {name} is no address that is allowed")
        return found

    def _may_go(self, address: str) -> bool:
        try:
            parts = urlsplit(address)
        except ValueError:
            return False
        plain = parts.scheme == "http" and parts.hostname in self._settings.private_hosts
        return (parts.scheme == "https" or plain) and bool(parts.hostname) and address.isprintable()

    def _fetched(self, url: str, now: int) -> dict[str, Any]:
        with self._lock:
            since, found = self._kept.get(url, (0, {}))
            if found and since <= now < since + _HOUR:
                return found
        answer = ask_object(
            self._egress, url, b"", {"Accept": "application/json"}, now, at_most_once=False, method="GET"
        )
        if isinstance(answer, Receipt):
            raise NotVouched("silent", f"{urlsplit(url).hostname}: {answer.said}")
        with self._lock:
            self._kept[url] = now, answer
        return answer

    def _asked(self, url: str, form: dict[str, str], now: int) -> dict[str, Any]:
        name, secret = quote(self._settings.client_id, safe=""), quote(self._settings.client_secret, safe="")
        headers = {**_FORM, "Authorization": f"Basic {b64encode(f'{name}:{secret}'.encode()).decode()}"}
        answer = ask_object(self._egress, url, urlencode(form).encode(), headers, now, at_most_once=True)
        if isinstance(answer, Receipt):
            raise NotVouched("refused", f"{urlsplit(url).hostname}: {answer.said}")
        return answer


def _keys(document: dict[str, Any]) -> KeySet:
    """The provider's keys that we understand; a set may hold others."""
    listed = document.get("keys")
    usable = [
        one
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict) and one.get("kty") in ("RSA", "EC", "OKP") and one.get("use", "sig") == "sig"
    ]
    return KeySet.import_key_set({"keys": usable})
