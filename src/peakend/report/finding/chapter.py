"""The chapter on moments of truth, for the report of a backtest or as a page of its own."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup
from msgspec.structs import replace

from peakend.model.found import Found, Protection
from peakend.model.pack import Pack
from peakend.report.finding.account import Account, account
from peakend.report.finding.channels import ChannelsView, channels_view
from peakend.report.finding.headlines import delight_next, digits, effects_line, fix_first, headline, scores
from peakend.report.finding.memory import CurveView, ProfileView, curve_view, profile_view
from peakend.report.finding.rows import (
    EffectRow,
    MatrixView,
    effect_rows,
    matrix_view,
)
from peakend.report.finding.segments import SegmentsView, segments_view
from peakend.report.journey import quoted
from peakend.report.paper import asset, environment, page
from peakend.report.sentences import say
from peakend.tell.names import Names
from peakend.tell.said import Said, grouped, titled

CLAIM = "claim"
"""The protection that says what may be claimed; it stands apart from those that say what was at work."""


@dataclass(frozen=True)
class FindingView:
    """The whole chapter, ready for the template."""

    outcome: Said
    headline: Said
    fix: Said
    delight: Said
    effects_line: Said
    ruler: Markup
    rows: tuple[EffectRow, ...]
    never: Said | None
    matrix: MatrixView | None
    account: Account
    profile: ProfileView | None
    curves: tuple[CurveView, ...]
    channels: ChannelsView | None
    segments: SegmentsView | None
    guards: tuple[tuple[bool, Said], ...]
    claim: Said | None
    notes: tuple[Said, ...]


def finding_page(pack: Pack, found: Found, *, title: str = "", language: str = "zh") -> str:
    """Return what was found as one HTML page, in both languages, that works offline and opens in `language`.

    `title` is the name of the service where it is not the pack's own. The same arguments give the same page.
    """
    return page(
        "finding.html",
        asset("style.css") + asset("finding.css"),
        language=language,
        title=Said(title, title) if title else titled(pack.head.title, pack.head.pack),
        kind=say("find_kind"),
        view=_view(pack, found),
        figures=_figures(found),
        history=say("find_history", customers=found.customers, episodes=found.episodes, scores=scores(found)),
    )


def finding_section(pack: Pack, found: Found) -> Markup:
    """Return what was found as a chapter; the page needs `finding.css`.

    The map of the report shows what was felt at all encounters, so the curves before answers stay away.
    """
    view = _view(pack, replace(found, curves={}))
    return Markup(environment().get_template("parts/finding.html").render(view=view))


def moments_of(found: Found | None) -> frozenset[str]:
    """Return the touchpoints that are moments of truth."""
    return (
        frozenset(one.touchpoint for one in found.touchpoints if one.moment_of_truth)
        if found
        else frozenset()
    )


def _view(pack: Pack, found: Found) -> FindingView:
    names = Names(pack)
    ruler, rows = effect_rows(found, names)
    never = [one.touchpoint for one in found.touchpoints if not one.encounters]
    return FindingView(
        outcome=_outcome(pack, found, names),
        headline=headline(found, names),
        fix=fix_first(found, names),
        delight=delight_next(found, names),
        effects_line=effects_line(found, names),
        ruler=ruler,
        rows=rows,
        never=say("find_never_met", titles=quoted(never, names)) if never else None,
        matrix=matrix_view(found, names),
        account=account(found, names),
        profile=None if found.profile is None else profile_view(found.profile, digits(found)),
        curves=tuple(
            curve_view(curve, titled(title) if title else None, names)
            for title, curve in ((pack.journeys[name].title, curve) for name, curve in found.curves.items())
        ),
        segments=segments_view(found, names),
        channels=None if found.channels is None else channels_view(found.channels, pack, names),
        guards=tuple((one.available, _told(one)) for one in found.protections if one.name != CLAIM),
        claim=next((_told(one) for one in found.protections if one.name == CLAIM), None),
        notes=tuple(titled(note) for note in found.notes),
    )


def _outcome(pack: Pack, found: Found, names: Names) -> Said:
    known = pack.head.outcomes.get(found.outcome)
    return titled(known.title, found.outcome) if known and known.title else names.of(found.outcome)


def _told(protection: Protection) -> Said:
    return Said(protection.zh, protection.en)


def _figures(found: Found) -> tuple[tuple[Said, str | Said], ...]:
    return (
        (say("find_answers"), grouped(found.episodes)),
        (say("find_customers"), grouped(found.customers)),
        (say("find_score"), scores(found)),
        (say("find_compared"), say(f"find_{found.mode}")),
    )
