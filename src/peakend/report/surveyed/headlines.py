"""One plain sentence for each picture of a survey; none says more than its interval allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from peakend.model.finding import Estimate, Remark
from peakend.model.gap import GapResult
from peakend.model.importance import ImportanceResult, ItemImportance
from peakend.model.parts import Dimension
from peakend.model.scale import Direction
from peakend.model.surveyed import Surveyed, Wave
from peakend.report.figures import points, signed
from peakend.report.scores import scored, value
from peakend.report.sentences import say
from peakend.report.surveyed.called import (
    Called,
    at_wave,
    bounds,
    change_of,
    dimension,
    interval,
    mean,
    percent,
    remark,
    wave,
)
from peakend.tell.said import Said, listed, together

MOST_NAMED = 5
"""Items above which those that may come first are counted rather than named."""


def score_line(found: Surveyed) -> Said:
    """The score of the wave that is explained, and its change from the wave before."""
    shown = found.explained
    score = shown.score
    if score is None:
        asked = [one for one in found.waves if one.score]
        return score_line_of(asked[-1], _before(found, asked[-1])) if asked else say("survey_score_none")
    return score_line_of(shown, _before(found, shown))


def score_line_of(shown: Wave, before: str) -> Said:
    """The score of one wave, and its change from the wave `before`."""
    score = shown.score
    if score is None or score.estimate is None or score.low is None or score.high is None:
        return say("survey_score_open", wave=wave(shown.wave), n=score.n if score else 0)
    told = say(
        "survey_score_is",
        wave=wave(shown.wave),
        score=scored(score),
        low=value(score.unit, score.low),
        high=value(score.unit, score.high),
        n=score.n,
    )
    return together([told, change_line(shown, before)]) if shown.change else told


def change_line(shown: Wave, before: str) -> Said:
    """What the change may be called; where plain and weighted disagree, both and no verdict."""
    change, at = shown.change, wave(before)
    if change is None or change.estimate is None or change.low is None or change.high is None:
        return say("survey_no_change", before=at)
    low, high = bounds(change.unit, change.low, change.high)
    weighted = shown.weighted_change
    if weighted and weighted.low is not None and weighted.high is not None and disputed(shown):
        ends = bounds(weighted.unit, weighted.low, weighted.high)
        both = {
            "by": change_of(change.unit, change.estimate),
            "weighted": change_of(weighted.unit, weighted.estimate or 0.0),
        }
        return say(
            "survey_disputed",
            before=at,
            **both,
            low=low,
            high=high,
            weighted_low=ends[0],
            weighted_high=ends[1],
        )
    key = {"up": "survey_rose", "down": "survey_fell"}.get(change.direction, "survey_same")
    by = change_of(change.unit, change.estimate, plus=key == "survey_same")
    return say(key, before=at, by=by, low=low, high=high)


def direction(shown: Wave) -> Direction:
    """Where the score of a wave surely moved: open too where the weights do not say the same."""
    return "open" if shown.change is None or disputed(shown) else shown.change.direction


def disputed(shown: Wave) -> bool:
    """Whether the change under the weights does not say the same."""
    change, weighted = shown.change, shown.weighted_change
    if change is None or weighted is None or weighted.estimate is None:
        return False
    return weighted.direction != change.direction


def importance_line(found: Surveyed, called: Called) -> Said:
    """Which items go with the overall score most, as far as they can be told apart."""
    result, at = found.importance, at_wave(found.wave)
    if result is None:
        return say("survey_unknown", wave=at)
    if any(item.share is None for item in result.items):
        return say("survey_nothing")
    explains = say("survey_explains", r2=percent(result.r2.estimate), rows=result.rows)
    return together([_first(result, at, called), explains])


def below(result: ImportanceResult) -> list[ItemImportance]:
    """The items that surely weigh less than some other."""
    return [item for item in result.items if item.rank[0] > 1]


def items_line(found: Surveyed, called: Called) -> Said:
    """Which item is rated lowest, or which of them may be."""
    at = at_wave(found.wave)
    known = {one.item: one.mean for one in found.explained.items if one.mean is not None}
    if len(known) < 2:
        return say("survey_items_none", wave=at)
    order = sorted(known, key=lambda name: known[name].estimate)
    level = lowest(known)
    if len(level) == len(known):
        return say("survey_items_level", wave=at, n=len(level))
    if len(level) > 1:
        return say("survey_items_tied", wave=at, titles=called.quoted(level))
    low, high = order[0], order[-1]
    return say(
        "survey_items_line",
        wave=at,
        low=called.quoted([low]),
        low_mean=mean(known[low]),
        high=called.quoted([high]),
        high_mean=mean(known[high]),
    )


def lowest(known: Mapping[str, Estimate]) -> list[str]:
    """The names whose interval reaches down to that of the lowest, the lowest first."""
    order = sorted(known, key=lambda name: known[name].estimate)
    return [name for name in order if known[name].low <= known[order[0]].high]


def gaps_line(gaps: GapResult) -> Said:
    """Which dimension falls shortest of what is expected, or is rated lowest where nothing was expected."""
    alone = [one for one in gaps.dimensions if one.alone]
    # What could not be judged carries no stronger claim than what was judged and failed.
    apart = gaps.factors is not None and gaps.factors >= len(gaps.dimensions)
    if len(alone) < 2 or not apart:
        return _whole(gaps)
    if any(one.gap for one in alone):
        short = {one.dimension: one.gap for one in alone if one.gap and one.gap.high < 0}
        return _lowest_dimension(short, "survey_gap", "gap")
    rated = {one.dimension: one.perception for one in alone if one.perception}
    return _lowest_dimension(rated, "survey_perf", "mean")


def dimension_notes(gaps: GapResult) -> list[Said]:
    """What must be said of single dimensions; what is the same of several stands once, with their names."""
    about: dict[Remark, tuple[str, ...]] = {}
    noisy: list[Said] = []
    for one in gaps.dimensions:
        name, difference = dimension(one.dimension), one.reliability.difference
        for note in one.remarks:
            if note.code != "gap_unreliable":
                about[note] = (*about.get(note, ()), one.dimension)
            elif difference is not None:
                noisy.append(Said(f"{name.zh} {difference:.2f}", f"{name.en} {difference:.2f}"))
    same: dict[tuple[str, ...], list[Said]] = {}
    for note, names in about.items():
        same.setdefault(names, []).append(remark(note))
    told = [_of_dimensions(names, said) for names, said in same.items()]
    return [*told, say("survey_gap_unreliable", titles=listed(noisy))] if noisy else told


def _of_dimensions(names: Sequence[str], notes: Sequence[Said]) -> Said:
    about, said = listed([dimension(name) for name in names]), together(notes)
    return Said(f"{about.zh}：{said.zh}", f"{about.en}: {said.en}")


def _whole(gaps: GapResult) -> Said:
    """All dimensions together, where they cannot be told apart."""
    found, key = (gaps.gap, "survey_gap_whole") if gaps.gap else (gaps.perception, "survey_perf_whole")
    if found is None:
        return say("survey_perf_none")
    shown = signed if gaps.gap else points
    figures = [shown(number, 2) for number in (found.estimate, found.low, found.high)]
    return say(key, n=found.n, **dict(zip(("value", "low", "high"), figures, strict=True)))


def weights_line(shown: Wave) -> Said | None:
    """What weighting did in a wave; None where there are no weights."""
    plain, weighted = shown.score, shown.weighted
    if plain is None or weighted is None or plain.estimate is None or weighted.estimate is None:
        return None
    return say(
        "survey_weights_line",
        wave=at_wave(shown.wave),
        weighted=value(weighted.unit, weighted.estimate),
        plain=value(plain.unit, plain.estimate),
        n=weighted.n,
        effective=round(weighted.effective_n),
    )


def ties(item: ItemImportance, all_items: int, called: Called) -> Said:
    """With which others an item is tied."""
    if not item.ties:
        return say("survey_apart")
    if len(item.ties) == all_items - 1:
        return say("survey_tied_all")
    if len(item.ties) > 3:
        return say("survey_tied_n", n=len(item.ties))
    return say("survey_tied", titles=called.quoted(item.ties))


def place(item: ItemImportance) -> Said:
    """The place of an item, as surely as it is known."""
    low, high = item.rank
    return say("survey_place_at" if low == high else "survey_place_between", low=low, high=high)


def explained(found: Surveyed, name: str, called: Called) -> list[Said]:
    """One item in words."""
    title = called.item(name)
    asked = next(one for one in found.explained.items if one.item == name)
    figure = f"{mean(asked.mean)} [{interval(asked.mean)}]" if asked.mean else "–"
    told = [say("survey_explained", title=title, wave=at_wave(found.wave), n=asked.n, mean=figure)]
    items = found.importance.items if found.importance else ()
    for one in items:
        if one.item == name and one.share is not None:
            shares = [percent(part) for part in (one.share.estimate, one.share.low, one.share.high)]
            told.append(
                say(
                    "survey_explained_share",
                    **dict(zip(("share", "low", "high"), shares, strict=True)),
                    place=place(one),
                    ties=ties(one, len(items), called),
                )
            )
    told += [Said(one.remark.zh, one.remark.en) for one in found.left_out if one.item == name]
    return told


def _before(found: Surveyed, shown: Wave) -> str:
    """The wave with a score before another."""
    names = [one.wave for one in found.waves if one.score or one.wave == shown.wave]
    return names[max(names.index(shown.wave) - 1, 0)]


def _first(result: ImportanceResult, at: Said, called: Called) -> Said:
    lead = [item for item in result.items if item.rank[0] == 1]
    top = lead[0]
    if len(lead) == 1 and top.share is not None:
        return say(
            "survey_first",
            wave=at,
            n=len(result.items),
            title=called.quoted([top.item]),
            share=percent(top.share.estimate),
            low=percent(top.share.low),
            high=percent(top.share.high),
        )
    if len(lead) == len(result.items):
        return say("survey_all_tied", wave=at, n=len(lead))
    if len(lead) > MOST_NAMED:
        behind = called.quoted(item.item for item in below(result))
        return say("survey_many_first", wave=at, n=len(lead), all=len(result.items), titles=behind)
    titles = called.quoted(item.item for item in lead)
    return say("survey_some_first", wave=at, n=len(result.items), titles=titles)


def _lowest_dimension(named: Mapping[Dimension, Estimate], key: str, word: str) -> Said:
    known: dict[str, Estimate] = {str(name): one for name, one in named.items()}
    if not known:
        return say(f"{key}_none")
    level: Sequence[str] = lowest(known)
    if len(level) > 1:
        return say(f"{key}_tied", titles=listed([dimension(name) for name in level]))
    one = known[level[0]]
    shown = signed if word == "gap" else points
    figures = {word: shown(one.estimate, 2), "low": shown(one.low, 2), "high": shown(one.high, 2)}
    return say(f"{key}_line", title=dimension(level[0]), n=one.n, **figures)
