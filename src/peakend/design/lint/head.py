"""pack.yaml and facts.yaml: kinds and their fields, the profile, outcomes, calendars and the policy."""

from __future__ import annotations

import re
from collections.abc import Iterator

from peakend.design.lint.finding import Known, elapsed, found, share, stranger, unknown_kinds
from peakend.design.words import hint
from peakend.errors import TimeError
from peakend.model.event import BUILT_IN, DERIVED, OF_THE_LOOP, FieldType
from peakend.model.pack import Calendar, Pack
from peakend.model.parts import CARD_HEADINGS, as_list
from peakend.model.problem import Problem
from peakend.model.scale import RANGE, ends_of
from peakend.model.vocabulary import fields_of
from peakend.when import parse_time_of_day, zone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def check_head(pack: Pack, known: Known) -> Iterator[Problem]:
    """Everything that pack.yaml says."""
    yield from check_zone(pack, pack.head.zone, "pack", "zone")
    for index, language in enumerate(pack.head.languages):
        if language not in CARD_HEADINGS:
            yield found(pack, "no_headings", "pack", "languages", index, word=language, known=CARD_HEADINGS)
    yield from _events(pack)
    yield from _profile(pack, known)
    yield from _outcomes(pack, known)
    for name, calendar in pack.head.calendars.items():
        yield from _calendar(pack, name, calendar)
    yield from _policy(pack, known)
    for source, span in pack.head.grace.items():
        yield from elapsed(pack, span, "pack", "grace", source)


def check_facts(pack: Pack, known: Known) -> Iterator[Problem]:
    """Everything that facts.yaml says, but for the conditions."""
    for name, fact in pack.facts.items():
        yield from unknown_kinds(pack, known, fact.of, "facts", name, "of")
        yield from elapsed(pack, fact.within, "facts", name, "within", positive=True)
        if fact.field is None:
            if fact.take not in ("count", "days_since"):
                some = ", ".join(list(fields_of(pack, fact.of))[:6])
                yield found(pack, "fact_field", "facts", name, word=name, take=fact.take, hint=some)
            continue
        wanted: tuple[FieldType, ...] = ("number",) if fact.take in ("sum", "avg") else ()
        for kind in as_list(fact.of):
            yield from check_field(pack, known, kind, fact.field, wanted, "facts", name, "field")


def check_zone(pack: Pack, name: str, *path: str | int) -> Iterator[Problem]:
    """A problem where `name` is no time zone."""
    try:
        zone(name)
    except TimeError as error:
        yield found(pack, "unknown_zone", *path, word=name, hint=(error.fix, _zone_fix(error.fix)))


def check_field(
    pack: Pack, known: Known, kind: str, field: str, wanted: tuple[FieldType, ...], *path: str | int
) -> Iterator[Problem]:
    """Problems where `kind` does not declare `field`, or not as one of the `wanted` types."""
    if kind not in known.kinds or kind == "customer.updated":
        return
    fields = fields_of(pack, kind)
    if field not in fields:
        if ("pack", "events", kind, field) not in pack.places:
            yield stranger(pack, "field", field, fields, *path)
    elif wanted and fields[field] not in wanted:
        right = [name for name, kind_of in fields.items() if kind_of in wanted]
        fix = hint(field, right) if right else ("Declare it so in pack.yaml", "请在 pack.yaml 里改声明")
        yield found(
            pack, "field_type", *path, word=field, got=fields[field], wanted=" / ".join(wanted), hint=fix
        )


def check_field_path(
    pack: Pack, known: Known, text: str, wanted: tuple[FieldType, ...], *path: str | int
) -> Iterator[Problem]:
    """Problems with a field written as KIND.FIELD."""
    kind, _, field = text.rpartition(".")
    if not kind or not field:
        yield found(pack, "field_path", *path, word=text)
    elif kind not in known.kinds:
        yield stranger(pack, "kind", kind, known.kinds, *path)
    else:
        yield from check_field(pack, known, kind, field, wanted, *path)


def _zone_fix(english: str) -> str:
    if named := re.search(r"[A-Z]\w+/\w+", english):
        return f"请写 {named[0]} 这样的时区名"
    return "请写 Asia/Shanghai 这样的时区名"


def _events(pack: Pack) -> Iterator[Problem]:
    for kind, fields in pack.head.events.items():
        path = ("pack", "events", kind)
        if kind in DERIVED or kind in OF_THE_LOOP:
            yield found(pack, "reserved_kind", *path, word=kind)
        elif not re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+", kind):
            yield found(pack, "kind_form", *path, word=kind)
        elif not _PARTICIPLE.search(kind):
            yield found(pack, "kind_tense", *path, word=kind, hint=f"{kind.split('.')[0]}.changed")
        for field, kind_of in fields.items():
            wanted = BUILT_IN.get(kind, {}).get(field, kind_of)
            if wanted != kind_of:
                yield found(
                    pack, "built_in_type", *path, field, word=kind, field=field, wanted=wanted, got=kind_of
                )


_PARTICIPLE = re.compile(r"(ed|en|wn|un|nt|pt|ld|ft|st|ht|et|ut|it|ot|id|ad|lt|de|ne|ing)$")


def _profile(pack: Pack, known: Known) -> Iterator[Problem]:
    for name, attribute in pack.head.customer.items():
        path = ("pack", "customer", name)
        wanted: tuple[FieldType, ...] = (attribute.type,)
        if attribute.type == "zone":
            wanted = ("zone", "text")
            if isinstance(attribute.else_, str):
                yield from check_zone(pack, attribute.else_, *path, "else")
        yield from check_field_path(pack, known, attribute.from_, wanted, *path, "from")
    for name, subject in pack.head.subjects.items():
        if not re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+", subject.relation):
            yield found(pack, "kind_form", "pack", "subjects", name, "relation", word=subject.relation)


def _outcomes(pack: Pack, known: Known) -> Iterator[Problem]:
    for name, outcome in pack.head.outcomes.items():
        path = ("pack", "outcomes", name)
        yield from unknown_kinds(pack, known, outcome.event, *path, "event")
        if outcome.field is not None:
            wanted: tuple[FieldType, ...] = ("number",) if outcome.scale else ()
            yield from check_field(pack, known, outcome.event, outcome.field, wanted, *path, "field")
        if outcome.scale is not None and ends_of(outcome.scale) is None:
            yield found(pack, "outcome_scale", *path, "scale", word=outcome.scale, known=RANGE)
        yield from unknown_kinds(pack, known, outcome.against, *path, "against")
        if outcome.against is not None and outcome.field is not None:
            yield found(pack, "against_field", *path, "against", word=outcome.field)
        if outcome.event in as_list(outcome.against):
            yield found(pack, "against_itself", *path, "against", word=outcome.event)
        for index, point in enumerate(outcome.explained_by):
            if point not in known.touchpoints:
                yield stranger(pack, "touchpoint", point, known.touchpoints, *path, "explained_by", index)


def _calendar(pack: Pack, name: str, calendar: Calendar) -> Iterator[Problem]:
    path = ("pack", "calendars", name)
    if calendar.zone is not None:
        yield from check_zone(pack, calendar.zone, *path, "zone")
    for days, windows in calendar.week.items():
        first, dash, last = days.partition("-")
        in_order = first in WEEKDAYS and (not dash or last in WEEKDAYS[WEEKDAYS.index(first) :])
        if not in_order:
            yield stranger(pack, "weekdays", days, (*WEEKDAYS, "mon-fri"), *path, "week", days)
        for index, window in enumerate(windows):
            if not _is_window(window):
                yield found(pack, "calendar_hours", *path, "week", days, index, word=window)
    for index, day in enumerate(calendar.working):
        if day in calendar.off:
            yield found(pack, "calendar_twice", *path, "working", index, word=day)
    for key, days_listed in (("off", calendar.off), ("working", calendar.working)):
        for index, day in enumerate(days_listed):
            if day.year not in calendar.years:
                yield found(pack, "calendar_year", *path, key, index, word=day, year=day.year)


def _is_window(text: str) -> bool:
    start, dash, end = text.partition("-")
    try:
        return bool(dash) and parse_time_of_day(start) < parse_time_of_day(end, end=True)
    except TimeError:
        return False


def _policy(pack: Pack, known: Known) -> Iterator[Problem]:
    policy, path = pack.head.policy, ("pack", "policy")
    yield from elapsed(pack, policy.max_age, *path, "max_age")
    yield from share(pack, policy.holdout, *path, "holdout")
    quiet = policy.quiet_hours
    if quiet is not None:
        if quiet.from_ == quiet.to:
            yield found(pack, "quiet_same", *path, "quiet_hours", word=quiet.to)
        if isinstance(quiet.holidays, str) and quiet.holidays not in known.calendars:
            yield stranger(
                pack, "calendar", quiet.holidays, known.calendars, *path, "quiet_hours", "holidays"
            )
        if quiet.holidays is True and not known.calendars:
            yield stranger(pack, "calendar", "true", (), *path, "quiet_hours", "holidays")
    for index, cap in enumerate(policy.caps):
        if cap.at_most < 1:
            yield found(
                pack, "too_small", *path, "caps", index, "at_most", key="at_most", word=cap.at_most, least=1
            )
        if cap.within != "day":
            yield from elapsed(pack, cap.within, *path, "caps", index, "within", positive=True)
    for name, budget in policy.budgets.items():
        if budget.at_most <= 0:
            yield found(
                pack,
                "too_small",
                *path,
                "budgets",
                name,
                "at_most",
                key="at_most",
                word=budget.at_most,
                least=1,
            )
