"""The pieces of every picture: a frame, a length in percent, a word in both languages."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from peakend.tell.said import Said


def frame(name: str, height: int, drawn: Iterable[str]) -> Markup:
    """Return the picture as wide as its column; text is at its own size, so all lengths are percentages."""
    return Markup(
        f'<svg class="{name}" width="100%" height="{height}" aria-hidden="true">{"".join(drawn)}</svg>'
    )


def percent(value: float) -> str:
    """Return a length as a share of the width."""
    return f"{value:.3f}".rstrip("0").rstrip(".") + "%"


def written(said: Said, attributes: str) -> str:
    """Return a text in both languages, of which the style sheet shows one; once where they are the same."""
    if said.zh == said.en:
        return str(Markup("<text {}>{}</text>").format(Markup(attributes), said.zh))
    pair = Markup('<text lang="zh" {0}>{1}</text><text lang="en" {0}>{2}</text>')
    return str(pair.format(Markup(attributes), said.zh, said.en))
