"""`people`: who works with Peakend, for whoever has the machine: the way back in when nobody can sign in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from peakend.cli.options import By, Database, Language, console, now, opened, show, who
from peakend.cli.words import say
from peakend.errors import PeakendError
from peakend.instance.file import read_instance
from peakend.model.account import Account
from peakend.when import format_instant

app = typer.Typer(help="Who works with Peakend, and the way back in.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="LOGIN", help="What somebody signs in with")]
Role = Annotated[str, typer.Argument(help="viewer, frontline, designer, manager or admin")]
Config = Annotated[Path | None, typer.Option("--config", help="The instance's file; else peakend.yaml here")]


@app.command("list")
def list_people(database: Database, language: Language = "en") -> None:
    """Every account, with its role and how it is opened."""
    with opened(database) as store:
        found = store.accounts()
    if not found:
        show(console, say("no_people", language))
    for one in found:
        ways = [
            name
            for name, there in (("password", one.password), ("oidc", one.oidc), ("wecom", one.wecom))
            if there
        ]
        show(
            console,
            say(
                "person_disabled" if one.disabled else "person",
                language,
                name=one.name,
                shown=one.shown,
                role=one.role,
                ways=", ".join(ways) or "–",
                since=format_instant(one.made),
            ),
        )


@app.command()
def add(
    name: Name,
    role: Role,
    database: Database,
    shown: Annotated[str, typer.Option("--name", help="As colleagues see it; else the login")] = "",
    config: Config = None,
    by: By = None,
    language: Language = "en",
) -> None:
    """A new account, and the link by which its owner sets a password."""
    from peakend.web.people import administering  # noqa: PLC0415  no other command waits for it

    with opened(database) as store:
        made = administering.add(store, name, shown, role, "zh" if language == "zh" else "en", who(by), now())
    _say("person_added", made, language)
    reset(name, database, config, by, language)


@app.command("role")
def give_role(name: Name, role: Role, database: Database, by: By = None, language: Language = "en") -> None:
    """Give an account another role."""
    from peakend.web.people import administering  # noqa: PLC0415

    with opened(database) as store:
        _say("person_has_role", administering.give_role(store, name, role, who(by), now()), language)


@app.command()
def disable(name: Name, database: Database, by: By = None, language: Language = "en") -> None:
    """Let an account open nothing any more; its sessions end at once."""
    from peakend.web.people import administering  # noqa: PLC0415

    with opened(database) as store:
        _say("person_is_disabled", administering.disable(store, name, who(by), now()), language)


@app.command()
def enable(name: Name, database: Database, by: By = None, language: Language = "en") -> None:
    """Let a disabled account open again."""
    from peakend.web.people import administering  # noqa: PLC0415

    with opened(database) as store:
        found = administering.disable(store, name, who(by), now(), disabled=False)
        _say("person_is_enabled", found, language)


@app.command()
def identity(
    name: Name,
    database: Database,
    oidc: Annotated[str, typer.Option("--oidc", help="'ISSUER SUBJECT', as the provider calls her")] = "",
    wecom: Annotated[str, typer.Option("--wecom", help="Her userid in WeCom")] = "",
    by: By = None,
    language: Language = "en",
) -> None:
    """Tie an account to an identity at the organisation's provider or in WeCom; with neither, untie WeCom."""
    from peakend.web.people import administering  # noqa: PLC0415

    with opened(database) as store:
        found = administering.tie(store, name, who(by), now(), oidc=oidc, wecom=wecom)
        _say("person_tied", found, language)


@app.command()
def reset(
    name: Name, database: Database, config: Config = None, by: By = None, language: Language = "en"
) -> None:
    """A link that works once, for a day, to set a new password."""
    from peakend.web.people import administering, links  # noqa: PLC0415

    served = read_instance(config).instance.serve
    base = served.url.rstrip("/") or f"http://{served.host}:{served.port}"
    with opened(database) as store:
        account = administering.known(store, name)
        if account.disabled:
            raise PeakendError(
                f"The account '{account.name}' is disabled",
                fix=f"Enable it first: peakend people enable {account.name} --database …",
                what_zh=f"账号“{account.name}”已停用",
                fix_zh=f"请先启用：peakend people enable {account.name} --database …",
            )
        path = links.reset_path(store, account, who(by), now())
    show(console, say("person_link", language, address=f"{base}{path}"))


def _say(key: str, account: Account, language: str) -> None:
    show(console, say(key, language, name=account.name, role=account.role))
