"""What peakend.yaml says about signing in by others: the organisation's provider, and WeCom."""

from __future__ import annotations

import msgspec

from peakend.model.account import Role


class OidcSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A provider of OpenID Connect, by its `issuer`; `title` is what people call it.

    `roles` maps the groups in `claim` to roles, and decides at every sign-in. `role` is for whoever has no
    account yet where no groups are mapped; without either, somebody unknown gets nothing. `private_hosts`
    and `ca_file` as for channels.
    """

    issuer: str
    client_id: str
    client_secret: str
    title: str = "SSO"
    scope: str = "openid profile email"
    claim: str = "groups"
    roles: dict[str, Role] = {}
    role: Role | None = None
    private_hosts: tuple[str, ...] = ()
    ca_file: str = ""


class WecomSignInSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A firm's WeCom, as its console shows it. `role` is for members without an account; without it they get
    nothing."""

    corp_id: str
    agent_id: int
    secret: str
    role: Role | None = None
    url: str = "https://qyapi.weixin.qq.com"
    login: str = "https://login.work.weixin.qq.com"
    private_hosts: tuple[str, ...] = ()
    ca_file: str = ""


class SignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ways in beside a password."""

    oidc: OidcSettings | None = None
    wecom: WecomSignInSettings | None = None
