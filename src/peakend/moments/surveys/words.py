"""What is said about a survey as a whole, and every way in which its question is refused, in both
languages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from peakend.errors import EvidenceError, PackError, PeakendError, Place, nearest
from peakend.model.finding import Remark
from peakend.model.pack import Pack
from peakend.model.survey import Survey
from peakend.model.surveyed import Wave
from peakend.tell.said import Said


def no_wave(name: str, known: Sequence[str]) -> EvidenceError:
    """A wave that no sheet is of, with those there are: no number is a better guess than another."""
    return EvidenceError(
        f"There is no wave '{name}' in this survey",
        fix=f"There are {', '.join(known)}",
        what_zh=f"这份问卷里没有“{name}”这一期",
        fix_zh=f"已有：{'、'.join(known)}",
    )


def off_its_scale(error: PeakendError, pack: Pack, survey: Survey) -> PeakendError:
    """A column that is off its scale, told at the place of the pack that says what is no answer."""
    column = error.place.file if error.place else ""
    return PeakendError(
        f"'{column}': {error.what}",
        place=pack.place("surveys", survey.survey, "not_applicable"),
        fix=error.fix,
        what_zh=f"“{column}”：{error.what_zh or error.what}",
        fix_zh=error.fix_zh or error.fix,
    )


def stranger(what: str, what_zh: str, name: str, known: Iterable[str]) -> EvidenceError:
    """An item or column that does not exist, with the nearest that does."""
    names = list(known)
    return EvidenceError(
        f"There is no {what} '{name}' in this survey",
        fix=nearest(name, names) or f"There are {', '.join(names) or 'none'}",
        what_zh=f"这份问卷里没有{what_zh}“{name}”",
        fix_zh=f"已有：{'、'.join(names) or '无'}",
    )


def no_survey(pack: Pack, name: str) -> PackError:
    """A survey that the pack does not have."""
    names = list(pack.surveys)
    return PackError(
        f"There is no survey '{name}' in this pack" if name else "This pack has no survey",
        place=pack.place("pack"),
        fix=nearest(name, names) or (f"There are {', '.join(names)}" if names else "Write surveys/NAME.yaml"),
        what_zh=f"模板里没有问卷“{name}”" if name else "模板里没有问卷",
        fix_zh=f"已有：{'、'.join(names)}" if names else "请写一份 surveys/名称.yaml",
    )


def no_overall(pack: Pack, survey: Survey, outcome: str | None, known: Sequence[str]) -> PackError:
    """An outcome that is not answered on the survey's sheets, or none that is."""
    place = pack.place("surveys", survey.survey)
    if outcome is None:
        return PackError(
            f"No outcome of the pack is a field of {survey.event}, where the sheets of '{survey.survey}' are",
            place=place,
            fix=f"For example outcomes: {{overall: {{event: {survey.event}, field: overall, scale: 1..10}}}}",
            what_zh=f"问卷“{survey.survey}”的答卷是 {survey.event}，模板里没有取自它的成效指标",
            fix_zh=f"例如 outcomes: {{overall: {{event: {survey.event}, field: overall, scale: 1..10}}}}",
        )
    return PackError(
        f"The outcome '{outcome}' is not on the sheets of the survey '{survey.survey}' ({survey.event})",
        place=place,
        fix=nearest(outcome, known) or f"On them are {', '.join(known) or 'none'}",
        what_zh=f"成效指标“{outcome}”不在问卷“{survey.survey}”的答卷（{survey.event}）上",
        fix_zh=f"答卷上有：{'、'.join(known) or '无'}",
    )


def no_scale(place: Place | None, outcome: str) -> PackError:
    """An overall score whose scale nobody has said."""
    return PackError(
        f"The outcome '{outcome}' has no scale, so nothing tells a rating from a code for no answer",
        place=place,
        fix="Write scale: nps, csat, ces, or the ends of the scale, for example scale: 1..10",
        what_zh=f"成效指标“{outcome}”没有写量表，分不清哪些是评分、哪些是“不适用”的代码",
        fix_zh="请写 scale: nps、csat、ces，或量表的两端，例如 scale: 1..10",
    )


def nothing_to_say(survey: Survey, outcome: str, field: str, sheets: int) -> EvidenceError:
    """Sheets with neither an overall score nor two rated items of a dimension."""
    return EvidenceError(
        f"None of {sheets:,} sheets of the survey '{survey.survey}' holds an answer to '{outcome}' "
        f"(field '{field}'), and no item with a dimension was rated by two",
        fix="Check the name of the field and the codes in not_applicable; it takes an overall score, or "
        "items with a dimension",
        what_zh=f"问卷“{survey.survey}”的 {sheets:,} 份答卷里，没有一份答了“{outcome}”（字段 {field}），"
        "带维度的题项也没有两位客户评过",
        fix_zh="请核对字段名和 not_applicable 里的代码；至少要有总分，或带维度的题项",
    )


def cannot_explain(error: EvidenceError, wave: str, waves: int) -> Remark:
    """Why no importance is shown; where there are several waves, that one alone counts."""
    zh = f"算不出哪些题项与总分关系大：{error.what_zh}。{error.fix_zh}。"
    en = f"Which items go with the overall score cannot be said: {error.what}. {error.fix}."
    if waves > 1:
        zh += f"这里只算 {wave} 这一期，共有 {waves} 期；把一期定得长一些（按季、按年），每期的答卷就多一些。"
        en += (
            f" Only {wave} counts here, one of {waves} waves: a longer wave (a quarter, a year) holds more "
            "sheets."
        )
    return Remark("no_importance", zh, en)


def not_rated(outcome: str) -> Remark:
    """That nobody was asked the overall score in the wave."""
    return Remark(
        "not_rated",
        f"这一期没有问“{outcome}”，所以看不出哪些题项与它有关。",
        f"'{outcome}' was not asked in this wave, so which items go with it cannot be said.",
    )


def explains_itself(outcome: str, field: str) -> EvidenceError:
    """An overall score that is one of the items it shall be compared with."""
    return EvidenceError(
        f"The overall score '{outcome}' is the item '{field}' too, and would explain itself",
        fix=f"Leave '{field}' out of the items, or choose another overall score",
        what_zh=f"总分“{outcome}”就是题项“{field}”，会变成自己解释自己",
        fix_zh=f"请把“{field}”从题项里去掉，或另选总分",
    )


def without_wave(number: int, field: str) -> Remark:
    """Sheets that name no wave."""
    return Remark(
        "no_wave",
        f"{number:,} 份答卷在“{field}”里没有值，分不出是哪一期，没有计入。",
        f"Sheets without a value in '{field}', which names the wave, left out: {number:,}.",
    )


def clustered(shown: Wave, name: Said) -> Remark:
    """What the intervals count; `name` is what the field of the clusters is called."""
    return Remark(
        "clustered",
        f"“{name.zh}”相同的答卷彼此相关，所以区间按组计算，而不是按答卷份数：“{shown.wave}”的 "
        f"{shown.respondents:,} 份答卷来自 {shown.clusters:,} 组。",
        f"Sheets with the same '{name.en}' go together, so the intervals count groups, not sheets: the "
        f"{shown.respondents:,} of {shown.wave} come from {shown.clusters:,}.",
    )


def many_changes(changes: int) -> Remark:
    """That of many changes some seem certain by chance."""
    return Remark(
        "many_changes",
        f"这里比了 {changes} 次变化，每次各有 95% 的把握；比得多了，偶尔会有一次只是碰巧。"
        "请先定好要看哪一次，再看结果。",
        f"There are {changes} changes here, each at 95 %: of many, one may look certain by chance. Decide "
        "beforehand which one matters.",
    )


def own_scale(items: Sequence[str]) -> Remark:
    """Items that are in no dimension because their scale is another."""
    return Remark(
        "own_scale",
        f"{'、'.join(items)} 用的是另一种量表，没有计入所属维度的得分。",
        f"Asked on a scale of their own, and so in no score of a dimension: {', '.join(items)}.",
    )
