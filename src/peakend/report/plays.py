"""The plays as views: what each says and does, and what would have become of it in this log.

Sorted by the rank of their class, then by entries. All figures are the result's own; reasons come with their
plain sentence. A play that never began says why, as far as the log tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from peakend.model.event import DERIVED
from peakend.model.pack import Pack, Play, Step, Text
from peakend.model.parts import CLASSES as RANKS
from peakend.model.parts import as_list
from peakend.model.result import BacktestResult, PlayResult, StepResult
from peakend.report.chart.bars import columns, parts
from peakend.report.clock import hour_labels, month_labels, quiet_hours, weekday_labels
from peakend.report.figures import money, share
from peakend.report.letters import Letter, letter
from peakend.report.sentences import say
from peakend.report.words import ACTIONS, BUDGETS, PERIODS
from peakend.tell.catalogue import ARMS, CLASSES, HOW_ENDED, NOT_STARTED, ROLES, WHY_NOT
from peakend.tell.names import Names
from peakend.tell.said import Said, fill, listed, titled
from peakend.tell.spans import duration
from peakend.tell.spoken import audience, due

NO_KINDS = Said("", "")


@dataclass(frozen=True)
class Row:
    """One reason, exit or the like: what it says, how often, and its share of the whole."""

    said: Said
    n: int
    percent: str
    bar: Markup
    kinds: Said


@dataclass(frozen=True)
class StepView:
    """One step: what it does, when, to whom, its words in both languages, and its verdicts."""

    name: str
    action: str
    sign: Said
    when: Said
    who: Said
    asides: tuple[Said, ...]
    condition: str
    zh: Letter | None
    en: Letter | None
    attached: tuple[tuple[str, Letter | None, Letter | None], ...]
    result: Said | None
    bar: Markup


@dataclass(frozen=True)
class Branch:
    """The steps that follow one exit."""

    how: Said
    kinds: Said
    where: str
    steps: tuple[StepView, ...]


@dataclass(frozen=True)
class PlayView:
    """One play, ready for the template."""

    id: str
    title: Said
    why: Said
    rank: str
    rank_said: Said
    touchpoint: str
    touchpoint_said: Said
    kinds: Said
    where: str
    guard: str
    starts: tuple[Said, ...]
    steps: tuple[StepView, ...]
    branches: tuple[Branch, ...]
    unreached: Said | None
    headline: Said
    hint: Said | None
    result: PlayResult
    suppressed: int
    suppressed_share: str
    flow: Markup
    top_reason: Said | None
    reasons: tuple[Row, ...]
    passed: tuple[Row, ...]
    passed_n: int
    exits: tuple[Row, ...]
    facts: tuple[Said, ...]
    months: Markup
    months_note: Said | None
    weekdays: Markup
    hours: Markup
    money: tuple[Said, ...]
    exposed: tuple[Said, ...]


def play_views(pack: Pack, result: BacktestResult, names: Names) -> list[PlayView]:
    """Return all plays of the pack, the highest class first, within a class the most entered first."""

    def place(name: str) -> tuple[int, int, str]:
        return RANKS.index(pack.plays[name].class_), -_found(result, name).entries, name

    return [_view(pack.plays[name], pack, result, names) for name in sorted(pack.plays, key=place)]


def _found(result: BacktestResult, name: str) -> PlayResult:
    return result.plays.get(name, PlayResult(touchpoint="", class_=""))


def _view(play: Play, pack: Pack, result: BacktestResult, names: Names) -> PlayView:
    found = _found(result, play.play)
    suppressed = sum(found.suppress.values())
    reasons = _rows(found.suppress, WHY_NOT, suppressed, names)
    quiet = quiet_hours(pack)
    steps, branches = _steps(play, found, pack, names)
    month, most = max(found.by_month.items(), key=lambda one: one[1], default=("", 0))
    return PlayView(
        id=play.play,
        title=names.play(play.play),
        why=titled(play.why),
        rank=play.class_,
        rank_said=names.of(play.class_, CLASSES),
        touchpoint=play.touchpoint,
        touchpoint_said=names.touchpoint(play.touchpoint),
        kinds=names.all(as_list(play.on)),
        where=play.where or "",
        guard=play.while_ or "",
        starts=_starts(play, names),
        steps=steps,
        branches=branches,
        unreached=_unreached(play, found, names),
        headline=_headline(found, suppressed),
        hint=_hint(play, found, result, names),
        result=found,
        suppressed=suppressed,
        suppressed_share=share(suppressed, found.firings),
        flow=parts([("sent", found.send), ("held", found.hold), ("stopped", suppressed)], height=16),
        top_reason=reasons[0].said if reasons else None,
        reasons=reasons,
        passed=_rows(found.passed, NOT_STARTED, sum(found.passed.values()), names),
        passed_n=sum(found.passed.values()),
        exits=_exits(play, found, names),
        facts=_facts(found, names),
        months=columns(
            [[("sent", n)] for _, n in sorted(found.by_month.items())], month_labels(found.by_month)
        ),
        months_note=say("most_in", n=most, month=month) if most else None,
        weekdays=columns([[("sent", n)] for n in found.by_weekday], weekday_labels(), height=40),
        hours=columns([[("sent", n)] for n in found.by_hour], hour_labels(), height=40, shaded=quiet),
        money=_money(found, pack, names),
        exposed=tuple(
            say("exposed_line", arm=names.of(arm, ARMS), n=n) for arm, n in sorted(found.exposed.items())
        ),
    )


def _rows(counts: Mapping[str, int], table: Mapping[str, Said], whole: int, names: Names) -> tuple[Row, ...]:
    """Return the counts, the greatest first, each with its sentence and its share of `whole`."""
    return tuple(
        Row(names.of(code, table), n, share(n, whole), _of_whole("stopped", n, whole), NO_KINDS)
        for code, n in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        if n
    )


def _of_whole(name: str, n: int, whole: int) -> Markup:
    return parts([(name, n), ("rest", max(whole - n, 0))], 8)


def _headline(found: PlayResult, suppressed: int) -> Said:
    if not found.entries and not found.firings:
        return say("play_never")
    if not found.firings:
        return say("play_line_idle", entries=found.entries)
    return say(
        "play_line_hold" if found.hold else "play_line",
        entries=found.entries,
        firings=found.firings,
        send=found.send,
        suppress=suppressed,
        hold=found.hold,
        people=found.people,
    )


def _hint(play: Play, found: PlayResult, result: BacktestResult, names: Names) -> Said | None:
    """Return why the play never began; None where it did, or where the kinds of the log are not known."""
    if found.entries or not result.kinds:
        return None
    kinds = [kind for kind in as_list(play.on) if kind in result.kinds]
    came = sum(result.kinds[kind] for kind in kinds)
    if came:
        return say("never_where", kinds=names.all(kinds), n=came)
    if any(kind in DERIVED for kind in as_list(play.on)):
        return None
    return say("never_kind", kinds=names.all(as_list(play.on)))


def _starts(play: Play, names: Names) -> tuple[Said, ...]:
    said = []
    if play.count:
        said.append(say("counted", span=duration(play.count.within), n=play.count.at_least))
    if play.key:
        keys = [names.field(key) for key in as_list(play.key)]
        said.append(say("per_key", key=listed(keys)))
    if play.gather:
        said.append(say("gathered", span=duration(play.gather.within)))
    if play.urgent:
        said.append(say("urgent"))
    return tuple(said)


def _steps(
    play: Play, found: PlayResult, pack: Pack, names: Names
) -> tuple[tuple[StepView, ...], tuple[Branch, ...]]:
    """Return the play's steps and those of its exits; results are found by the names that the fold gives."""
    numbers: dict[str, int] = {}

    def views(steps: Iterable[Step]) -> tuple[StepView, ...]:
        shown = []
        for step in steps:
            number = numbers[step.says] = numbers.get(step.says, 0) + 1
            name = step.says if number == 1 else f"{step.says}.{number}"
            shown.append(_step(step, play, found.steps.get(name), pack, names))
        return tuple(shown)

    own = views(play.steps)
    branches = tuple(
        Branch(
            names.of(exit_.as_, HOW_ENDED), names.all(as_list(exit_.on)), exit_.where or "", views(exit_.then)
        )
        for exit_ in play.all_exits
    )
    return own, branches


def _step(step: Step, play: Play, found: StepResult | None, pack: Pack, names: Names) -> StepView:
    suppressed = sum(found.suppress.values()) if found else 0
    zh, en = _letters(step.says, step.action, pack, names)
    return StepView(
        name=step.says,
        action=step.action,
        sign=ACTIONS.get(step.action, Said("", "")),
        when=due(step, play.touchpoint, names),
        who=audience(step, play, names),
        asides=_asides(step, play, pack, names),
        condition=step.where or "",
        zh=zh,
        en=en,
        attached=tuple((name, *_letters(name, "say", pack, names)) for name in step.attach),
        result=_step_result(found, suppressed) if found else None,
        bar=parts([("sent", found.send), ("held", found.hold), ("stopped", suppressed)], 6)
        if found and (found.send or found.hold or suppressed)
        else Markup(""),
    )


def _step_result(found: StepResult, suppressed: int) -> Said:
    key = "step_result_hold" if found.hold else "step_result"
    return say(key, send=found.send, suppress=suppressed, hold=found.hold)


def _letters(name: str, action: str, pack: Pack, names: Names) -> tuple[Letter | None, Letter | None]:
    shelf = pack.cards if action in ("card", "task") else pack.texts
    zh, en = _text(shelf, name, "zh"), _text(shelf, name, "en")
    return letter(zh, names) if zh else None, letter(en, names) if en else None


def _text(shelf: Mapping[tuple[str, str], Text], name: str, language: str) -> Text | None:
    return shelf.get((language, name))


def _asides(step: Step, play: Play, pack: Pack, names: Names) -> tuple[Said, ...]:
    said = []
    if step.class_ and step.class_ != play.class_:
        said.append(names.of(step.class_, CLASSES))
    if step.extra:
        said.append(say("extra"))
    if step.holdout or (play.holdout and not step.extra):
        said.append(say("step_holdout", share=step.holdout or play.holdout or ""))
    if step.amount is not None and step.budget:
        budget = pack.head.policy.budgets.get(step.budget)
        amount = money(step.amount) if isinstance(step.amount, int | float) else names.field(step.amount)
        currency = budget.currency if budget else ""
        sum_ = fill(Said("{amount} {currency}", "{amount} {currency}"), amount=amount, currency=currency)
        said.append(say("costs", amount=sum_, budget=names.of(step.budget, BUDGETS)))
    return tuple(said)


def _unreached(play: Play, found: PlayResult, names: Names) -> Said | None:
    if play.if_unreached is None:
        return None
    own = {step.says for step in play.steps} | {then.says for way in play.exits for then in way.then}
    card = found.steps.get(play.if_unreached.card) if play.if_unreached.card not in own else None
    key = "if_unreached_given" if card and card.send else "if_unreached"
    role = names.of(play.if_unreached.role or "", ROLES)
    return say(key, role=role, n=card.send if card else 0)


def _exits(play: Play, found: PlayResult, names: Names) -> tuple[Row, ...]:
    ended = sum(found.exits.values())
    whole = max(found.entries, ended)
    rows = []
    for how, n in sorted(found.exits.items(), key=lambda one: (-one[1], one[0])):
        kinds = [kind for exit_ in play.all_exits if exit_.as_ == how for kind in as_list(exit_.on)]
        bar = _of_whole("ended", n, whole)
        rows.append(Row(names.of(how, HOW_ENDED), n, share(n, whole), bar, names.all(kinds)))
    if found.entries > ended:
        n = found.entries - ended
        bar = _of_whole("open", n, whole)
        rows.append(Row(say("still_running"), n, share(n, whole), bar, NO_KINDS))
    return tuple(rows)


def _facts(found: PlayResult, names: Names) -> tuple[Said, ...]:
    said = []
    if found.spared:
        said.append(say("spared", n=found.spared))
    if found.near_misses:
        said.append(say("near_misses", n=found.near_misses))
    if found.deferred:
        said.append(say("deferred", n=found.deferred))
    if found.hold:
        said.append(say("holding", n=found.hold))
    said += [say("regretted", n=n, source=source or "–") for source, n in sorted(found.regretted.items())]
    return tuple(said)


def _money(found: PlayResult, pack: Pack, names: Names) -> tuple[Said, ...]:
    said = []
    for name, amount in sorted(found.money.items()):
        budget = pack.head.policy.budgets.get(name)
        currency = f" {budget.currency}" if budget and budget.currency else ""
        line = say("money_line", budget=names.of(name, BUDGETS), amount=f"{money(amount)}{currency}")
        said.append(line)
        if budget:
            limit = f"{money(budget.at_most)}{currency}"
            said.append(say("money_limit", amount=limit, period=PERIODS[budget.per]))
    return tuple(said)
