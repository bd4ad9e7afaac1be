"""Journeys: stages, touchpoints that somebody reaches, encounters with their keys, and standards."""

from __future__ import annotations

from collections.abc import Iterator

from peakend.design.lint.finding import Known, elapsed, found, mixed_types, stranger, unknown_kinds
from peakend.design.lint.head import check_field, check_field_path
from peakend.model.pack import EncounterRule, Pack, Standard, Touchpoint
from peakend.model.parts import as_list
from peakend.model.problem import Path, Problem
from peakend.model.vocabulary import fields_of

ITIL = ("explore", "engage", "offer", "agree", "onboard", "co-create", "realize", "offboard")
LAYERS = ("customer", "frontstage", "backstage", "support", "evidence")


def check_journeys(pack: Pack, known: Known) -> Iterator[Problem]:
    """Everything that journeys/*.yaml say, but for the conditions."""
    seen: dict[str, str] = {}
    for name, journey in pack.journeys.items():
        stages: set[str] = set()
        for index, stage in enumerate(journey.stages):
            if stage.id in stages:
                yield found(pack, "duplicate_stage", "journeys", name, "stages", index, word=stage.id)
            stages.add(stage.id)
            if stage.itil is not None and stage.itil not in ITIL:
                yield stranger(pack, "itil", stage.itil, ITIL, "journeys", name, "stages", index, "itil")
        for touchpoint, point in journey.touchpoints.items():
            path = ("journeys", name, "touchpoints", touchpoint)
            if touchpoint in seen:
                yield found(pack, "duplicate_touchpoint", *path, word=touchpoint, other=seen[touchpoint])
            seen[touchpoint] = name
            if point.stage not in stages:
                yield stranger(pack, "stage", point.stage, stages, *path, "stage")
            yield from _touchpoint(pack, known, touchpoint, point, path)


def business_keys(pack: Pack) -> set[str]:
    """The fields by which encounters and plays of this pack tell one case from the next."""
    keys = {name for play in pack.plays.values() for name in as_list(play.key)}
    points = pack.touchpoints.values()
    return keys | {point.encounter.key for point in points if point.encounter and point.encounter.key}


def key_left_out(pack: Pack, kinds: list[str]) -> str:
    """The business key that all of `kinds` carry, or ''.

    Where they carry several, it is the one named after the kind (contract.signed: contract_id); a kind that
    only points at other cases, as a survey does, has none.
    """
    if not kinds:
        return ""
    fields = [fields_of(pack, kind) for kind in kinds]
    carried = sorted(key for key in business_keys(pack) if all(key in declared for declared in fields))
    own = [key for key in carried if key.startswith(kinds[0].split(".")[0])]
    if own:
        return own[0]
    return carried[0] if len(carried) == 1 else ""


def _touchpoint(pack: Pack, known: Known, name: str, point: Touchpoint, path: Path) -> Iterator[Problem]:
    for layer in point.blueprint:
        if layer not in LAYERS:
            yield stranger(pack, "layer", layer, LAYERS, *path, "blueprint", layer)
    if point.rating is not None:
        yield from check_field_path(pack, known, point.rating, ("number",), *path, "rating")
    if point.encounter is not None:
        yield from _encounter(pack, known, point.encounter, (*path, "encounter"))
        yield from _later(pack, known, point, point.encounter, (*path, "encounter"))
    elif (*path, "encounter") not in pack.places:
        yield from _without_encounter(pack, known, name, point, path)
    key = point.encounter.key if point.encounter else None
    for title, standard in point.standards.items():
        yield from _standard(pack, known, title, standard, key, (*path, "standards", title))


def _without_encounter(
    pack: Pack, known: Known, name: str, point: Touchpoint, path: Path
) -> Iterator[Problem]:
    judged = [key for key in ("standards", "miserable", "magical", "rating") if getattr(point, key)]
    if judged:
        yield found(pack, "no_encounter", *path, word=name, key=judged[0])
    elif point.family == "ZMOT" or not known.complete:
        return
    elif all(play.touchpoint != name for play in pack.plays.values()) and name not in _asked_about(pack):
        yield found(pack, "unreachable", *path, word=name)


def _asked_about(pack: Pack) -> set[str | None]:
    """The touchpoints that customers rate in a survey."""
    return {item.touchpoint for survey in pack.surveys.values() for item in survey.items.values()}


def _encounter(pack: Pack, known: Known, encounter: EncounterRule, path: Path) -> Iterator[Problem]:
    yield from unknown_kinds(pack, known, encounter.begins, *path, "begins")
    yield from unknown_kinds(pack, known, encounter.ends, *path, "ends")
    yield from elapsed(pack, encounter.lasts_at_most, *path, "lasts_at_most", positive=True)
    yield from elapsed(pack, encounter.settles, *path, "settles")
    begins = [kind for kind in as_list(encounter.begins) if kind in known.kinds]
    ends = [kind for kind in as_list(encounter.ends) if kind in known.kinds]
    if encounter.key is None:
        if left_out := key_left_out(pack, begins):
            yield found(pack, "encounter_key_left_out", *path, word=left_out, kind=begins[0])
        return
    for kind in begins:
        fields = fields_of(pack, kind)
        if encounter.key not in fields:
            yield found(
                pack, "key_not_declared", *path, "key", word=encounter.key, kind=kind, known=sorted(fields)
            )
    for kind in ends:
        if kind not in begins and encounter.key not in fields_of(pack, kind):
            yield found(pack, "standard_key", *path, "ends", word=encounter.key, kind=kind)


def _later(
    pack: Pack, known: Known, point: Touchpoint, encounter: EncounterRule, path: Path
) -> Iterator[Problem]:
    """What reopens an encounter, and what changes its fields."""
    reopens, updates = as_list(encounter.reopens), as_list(encounter.updates)
    for word, kinds in (("reopens", reopens), ("updates", updates)):
        yield from unknown_kinds(pack, known, getattr(encounter, word), *path, word)
        for kind in kinds:
            if encounter.key and kind in known.kinds and encounter.key not in fields_of(pack, kind):
                yield found(pack, "standard_key", *path, word, word=encounter.key, kind=kind)
    for kind in reopens:
        if kind in as_list(encounter.ends):
            yield found(pack, "ends_and_reopens", *path, "reopens", word=kind)
    begins = as_list(encounter.begins)
    asked = dict.fromkeys([*begins, *(standard.from_ for standard in point.standards.values())])
    yield from mixed_types(pack, updates, asked, *path, "updates")
    changed = set(fields_of(pack, list(asked))) - {encounter.key}
    for kind in updates:
        if kind in known.kinds and changed.isdisjoint(fields_of(pack, kind)):
            yield found(pack, "updates_nothing", *path, "updates", word=kind, kind=", ".join(begins))


def _standard(
    pack: Pack, known: Known, name: str, standard: Standard, key: str | None, path: Path
) -> Iterator[Problem]:
    kinds = {
        "from": as_list(standard.from_),
        "to": as_list(standard.to),
        "pauses": as_list(standard.pauses),
        "resumes": as_list(standard.resumes),
    }
    for word, named in kinds.items():
        written = getattr(standard, "from_" if word == "from" else word)
        yield from unknown_kinds(pack, known, written, *path, word)
        for kind in named:
            if key and kind in known.kinds and key not in fields_of(pack, kind):
                yield found(pack, "standard_key", *path, word, word=key, kind=kind)
    yield from _deadline(pack, known, name, standard, path)
    if standard.dimension is None and (*path, "dimension") not in pack.places:
        yield found(pack, "no_dimension", *path, word=name)
    if standard.calendar != "always" and standard.calendar not in known.calendars:
        yield stranger(pack, "calendar", standard.calendar, {"always", *known.calendars}, *path, "calendar")
    for has, lacks in (("pauses", "resumes"), ("resumes", "pauses")):
        if kinds[has] and not kinds[lacks]:
            yield found(pack, "pause_alone", *path, has, word=name, has=has, lacks=lacks)
    if standard.since and standard.until and standard.since >= standard.until:
        yield found(pack, "ends_before", *path, "until", word=name)


def _deadline(pack: Pack, known: Known, name: str, standard: Standard, path: Path) -> Iterator[Problem]:
    """A length of time or an agreed date, never both; a date stands, so nothing may stop its clock."""
    given = [key for key in ("within", "by") if getattr(standard, key) is not None]
    if len(given) != 1:
        words = ("are both", "两个都写了") if given else ("is neither", "一个也没有")
        place = (*path, *given[1:])
        yield found(pack, "within_or_by", *place, word=name, kind=standard.from_, given=words)
    yield from elapsed(pack, standard.within, *path, "within", positive=True)
    if standard.by is None:
        return
    yield from check_field(pack, known, standard.from_, standard.by, ("date", "timestamp"), *path, "by")
    stops = [key for key in ("pauses", "resumes") if getattr(standard, key) is not None]
    for key in stops if standard.calendar == "always" else ["calendar", *stops]:
        yield found(pack, "by_stands", *path, key, word=name, key=key)
