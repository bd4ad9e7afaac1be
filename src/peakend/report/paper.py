"""What every page is printed on: templates that escape, one style sheet, one script, and a policy for both.

Every string of a customer or an author is escaped by the template; styles and the one script are allowed by
their hash and by nothing else, so nothing that slips into a page can run, load or send anything.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from peakend.report.sentences import say
from peakend.tell.said import Said, grouped

HOME = Path(__file__).parent


def page(template: str, style: str, *, language: str = "zh", **values: object) -> str:
    """Return a whole page: the template with its values, its style sheet, the script and their policy.

    It opens in `language`; the other is one click away.
    """
    script = asset("script.js")
    return (
        environment()
        .get_template(template)
        .render(
            style=Markup(style),
            script=Markup(script),
            policy=_policy(style, script),
            language=language,
            **values,
        )
    )


@cache
def environment() -> Environment:
    """Return the templates: escaping, and showing each text in both languages."""
    found = Environment(
        loader=FileSystemLoader(HOME),
        autoescape=True,
        finalize=_dressed,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(say=say)
    found.filters.update(grouped=grouped, anchor=_anchor)
    return found


@cache
def asset(name: str) -> str:
    """Return a style sheet or script that lies beside this file."""
    return (HOME / name).read_text("utf-8")


def _dressed(value: object) -> object:
    """Return a text in both languages as a pair of spans, of which the style sheet shows one."""
    if not isinstance(value, Said):
        return value
    if value.zh == value.en:
        return escape(value.zh)
    return Markup('<span lang="zh">{}</span><span lang="en">{}</span>').format(value.zh, value.en)


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _anchor(name: str) -> str:
    """Return a name as it may stand in an id and in a link to it."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f"x{name.encode().hex()}"
