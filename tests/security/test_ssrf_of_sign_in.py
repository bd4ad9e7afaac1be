"""The attack: a provider, or whoever stands in for it, names addresses of our own network for us to fetch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from people_world import NINE
from sso_world import SECRET, Provider, provider

from peakend.deliver.egress import Egress
from peakend.instance.people import OidcSettings, WecomSignInSettings
from peakend.web.people.oidc import Oidc
from peakend.web.people.vouched import NotVouched
from peakend.web.people.wecom import Wecom

BACK = "https://peakend.example/sign-in/oidc/back"


@pytest.fixture
def at() -> Iterator[Provider]:
    with provider(NINE) as found:
        yield found


def oidc(at: Provider, *private: str) -> Oidc:
    return Oidc(OidcSettings(issuer=at.url, client_id="peakend", client_secret=SECRET, private_hosts=private))


def test_an_issuer_on_a_private_address_that_nobody_named_is_not_asked(at: Provider) -> None:
    with pytest.raises(NotVouched) as caught:
        oidc(at).address("state", BACK, NINE)
    assert caught.value.why == "silent" and at.asked == []
    named = WecomSignInSettings(corp_id="w", agent_id=1, secret=SECRET, url=at.url)
    with pytest.raises(NotVouched):
        Wecom(named).vouched("scanned", NINE)
    assert at.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data", "https://169.254.169.254/x", "file:///etc/passwd", "ftp://127.0.0.1/x",
        "http://localhost/x", "https://[::1]/x", "gopher://127.0.0.1/x", "//127.0.0.1/x", "", 7, None,
        "https://user:pass@10.0.0.1/x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["token_endpoint", "jwks_uri"])
def test_an_address_in_its_document_is_judged_like_any_other(
    at: Provider, name: str, address: object
) -> None:
    one = oidc(at, "127.0.0.1")
    code = at.begin(one.address("state", BACK, NINE)).partition("code=")[2].partition("&")[0]
    at.document = {name: address}
    fresh = oidc(at, "127.0.0.1")
    with pytest.raises(NotVouched):
        fresh.vouched(code, "state", BACK, NINE)


def test_a_name_that_means_a_private_address_is_refused_when_it_is_asked(at: Provider) -> None:
    egress = Egress(seconds=5, resolve=lambda host, port: ["10.0.0.7"])
    one = Oidc(OidcSettings(issuer="https://sso.example", client_id="p", client_secret="s"), egress)
    with pytest.raises(NotVouched) as caught:
        one.address("state", BACK, NINE)
    assert caught.value.why == "silent"
