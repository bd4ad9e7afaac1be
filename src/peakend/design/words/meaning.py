"""What the lint says: the meaning of a pack that reads well."""

from __future__ import annotations

from peakend.design.words.contents import CONTENTS
from peakend.design.words.nouns import NOUNS
from peakend.design.words.playing import PLAYING
from peakend.design.words.sentence import Sentence
from peakend.design.words.sources import SOURCES
from peakend.design.words.surveys import SURVEYS

_UNKNOWN: dict[str, Sentence] = {
    f"unknown_{noun}": Sentence(
        "error",
        f"'{{word}}' is not {english}",
        f"“{{word}}”不是{' ' if chinese[0].isascii() else ''}{chinese}",
        "{hint}",
        "{hint}",
    )
    for noun, (english, chinese) in NOUNS.items()
}

_HEAD: dict[str, Sentence] = {
    "condition": Sentence("error", "{what}", "{what}", "{fix}", "{fix}"),
    "months": Sentence(
        "error",
        "'{word}' has months or years, which differ in length, but {key} is elapsed time",
        "“{word}”含有月或年，长短不一，而 {key} 按实际流逝的时间计",
        "Write days or hours, for example P30D or PT720H",
        "请写天或小时，例如 P30D 或 PT720H",
    ),
    "zero_span": Sentence(
        "error",
        "{key} is no time at all: nothing can fall into it",
        "{key} 的时长为零，什么都落不进去",
        "Write how long, for example PT30M or P30D",
        "请写明多久，例如 PT30M 或 P30D",
    ),
    "bad_time": Sentence(
        "error",
        "'{word}' is not a time",
        "“{word}”不是有效的时间",
        "Write local date and time, for example 2026-03-24 10:00",
        "请写当地日期和时间，例如 2026-03-24 10:00",
    ),
    "kind_form": Sentence(
        "error",
        "The kind '{word}' is not written noun.past_participle",
        "客户动态“{word}”没有写成“名词.过去分词”",
        "Lower case with a full stop, for example incident.opened",
        "请用小写字母加句点，例如 incident.opened",
    ),
    "kind_tense": Sentence(
        "note",
        "The kind '{word}' does not say that something has happened",
        "客户动态的名称要写成已发生的事，例如 {hint}（现为 {word}）",
        "End it with a past participle, for example {hint}",
    ),
    "reserved_kind": Sentence(
        "error",
        "'{word}' is derived or recorded by Peakend itself; no source may send it",
        "“{word}”由系统自行得出或记录，任何来源都不能写入",
        "Delete it here; plays may start from what is derived all the same",
        "请在此删去；系统得出的动态，剧本仍可由它触发",
    ),
    "built_in_type": Sentence(
        "error",
        "'{field}' of {word} is {wanted}, as Peakend itself reads it, not {got}",
        "{word} 的“{field}”由系统读取，类型为 {wanted}，不是 {got}",
        "Write {field}: {wanted}, or leave it out",
        "请写 {field}: {wanted}，或删去它",
    ),
    "types_differ": Sentence(
        "error",
        "'{field}' is {first} in {one} and {second} in {other}, and one condition cannot read both",
        "“{field}”在 {one} 中是 {first}，在 {other} 中是 {second}，同一条件无法兼顾",
        "Give it one type in pack.yaml, or make two plays",
        "请在 pack.yaml 里统一类型，或拆成两个剧本",
    ),
    "field_path": Sentence(
        "error",
        "'{word}' does not name a field of an event",
        "“{word}”没有指到某类客户动态的字段",
        "Write KIND.FIELD, for example survey.answered.score",
        "请写成 动态.字段，例如 survey.answered.score",
    ),
    "field_type": Sentence(
        "error",
        "'{word}' is {got}, but {wanted} is needed here",
        "“{word}”的类型是 {got}，这里需要 {wanted}",
        "{hint}",
        "{hint}",
    ),
    "outcome_scale": Sentence(
        "error",
        "'{word}' is no scale",
        "“{word}”不是量表",
        "Write nps, csat or ces, or the lowest and the highest answer, for example 1..10",
        "请写 nps、csat 或 ces，或写最低分与最高分，例如 1..10",
    ),
    "against_field": Sentence(
        "error",
        "The outcome is the answer in '{word}' and also what speaks against it",
        "这个成效指标既取“{word}”的答案，又写了 against",
        "Keep field for a score, or against for what happened or did not",
        "打分用 field，发生与否用 against，请只留一个",
    ),
    "against_itself": Sentence(
        "error",
        "'{word}' stands both for the outcome and against it",
        "“{word}”既算发生，又算没有发生",
        "Take it out of against",
        "请从 against 里删去它",
    ),
    "fact_field": Sentence(
        "error",
        "'{word}' takes the {take} of a field, and none is named",
        "“{word}”要对某个字段取 {take}，却没有写是哪个字段",
        "Add field: NAME, for example one of {hint}",
        "请补上 field，例如 {hint}",
    ),
    "quiet_same": Sentence(
        "error",
        "The quiet hours begin and end at {word}",
        "免打扰时段的起止同为 {word}",
        'Write for example {{from: "21:00", to: "08:00"}}, or delete quiet_hours',
        '请写成 {{from: "21:00", to: "08:00"}} 这样，或删去 quiet_hours',
    ),
    "too_small": Sentence(
        "error",
        "{key} is {word}, so nothing can ever happen",
        "{key} 为 {word}，等于什么都不会发生",
        "Write a number from {least}",
        "请写 {least} 或更大的数",
    ),
    "share_range": Sentence(
        "error",
        "A holdout of {word} leaves one of the two groups empty",
        "对照比例 {word} 会让其中一组没有人",
        "Write more than 0% and less than 100%, for example 10%",
        "请写大于 0%、小于 100% 的比例，例如 10%",
    ),
    "calendar_hours": Sentence(
        "error",
        "'{word}' is not a span of hours",
        "“{word}”不是一段服务时间",
        'Write for example "09:00-18:00"; cut at midnight',
        '请写成 "09:00-18:00" 这样；跨午夜要在零点断开',
    ),
    "calendar_twice": Sentence(
        "error",
        "{word} is listed both as off and as working",
        "{word} 既列为休息又列为上班",
        "Keep it in one of the two lists",
        "请只保留一处",
    ),
    "calendar_year": Sentence(
        "error",
        "{word} is listed, but {year} is not among the years of the calendar",
        "列了 {word}，但日历的 years 里没有 {year}",
        "Add {year} to years once all its days are listed",
        "该年日期列全后，请把 {year} 写进 years",
    ),
    "calendar_knows": Sentence(
        "note",
        "The calendar '{word}' knows the days off of {years}; in any other year only its week counts",
        "日历“{word}”有 {years} 年的节假日；其余年份只按每周时间计算",
        "For more years, list their days under off and working, and the years under years",
        "要用到别的年份，请在 off、working 补上日期，并写进 years",
    ),
    "calendar_knows_none": Sentence(
        "note",
        "The calendar '{word}' knows no days off: public holidays count as any other day",
        "日历“{word}”没有节假日数据：节假日按平日计算",
        "Where they shall count, add holidays: one of {known}",
        "需要区分的话，请补上 holidays，可用：{known}",
    ),
    "calendar_asked": Sentence(
        "warning",
        "The stories ask the calendar '{word}' for days of {years}, which it does not know: only its week "
        "counted there",
        "情景用例用到了日历“{word}”里 {years} 年的日期，而它没有该年的节假日：只按每周时间计算",
        "List the days of that year under off and working and the year under years, or move the story",
        "请在 off、working 补上该年日期并写进 years，或改动用例的日期",
    ),
    "no_headings": Sentence(
        "error",
        "Cards have no headings in the language '{word}' yet",
        "服务提示卡还没有“{word}”这种语言的标题",
        "{hint}",
        "{hint}",
    ),
    "title_language": Sentence(
        "warning",
        "There is no '{word}' here, although the pack speaks it",
        "这里缺少“{word}”语言的内容",
        "Add {word}: …",
        "请补上 {word}: …",
    ),
    "duplicate_stage": Sentence(
        "error",
        "The stage '{word}' is declared twice",
        "阶段“{word}”重复声明",
        "Keep one of the two",
        "请保留其中一处",
    ),
    "duplicate_touchpoint": Sentence(
        "error",
        "The touchpoint '{word}' also stands in the journey '{other}'",
        "接触点“{word}”在旅程“{other}”里已有",
        "A touchpoint belongs to one journey: rename one of the two",
        "一个接触点只属于一条旅程，请改名其中一个",
    ),
    "unreachable": Sentence(
        "error",
        "Nobody ever reaches the touchpoint '{word}': it has no encounter, no play, no survey item",
        "接触点“{word}”无人能到：没有 encounter、剧本，也没有问卷题目",
        "Add encounter: {{begins: KIND, ends: KIND}}; before customers are known, say family: ZMOT",
        "请补上 encounter: {{begins: 动态, ends: 动态}}；若发生在认识客户之前，请写 family: ZMOT",
    ),
    "no_encounter": Sentence(
        "error",
        "'{word}' has {key} but no encounter, so nothing can ever be judged",
        "“{word}”写了 {key} 却没有 encounter，永远无法评判",
        "Add encounter: {{begins: KIND, ends: KIND}}",
        "请补上 encounter: {{begins: 动态, ends: 动态}}",
    ),
    "key_not_declared": Sentence(
        "error",
        "The key '{word}' is not a field of {kind}",
        "键“{word}”不是 {kind} 的字段",
        "{hint}",
        "{hint}",
    ),
    "encounter_key_left_out": Sentence(
        "error",
        "The encounter has no key although {kind} carries '{word}': two at a time become one",
        "接触规则没有写 key，而 {kind} 带有“{word}”：同时发生的两件会混成一件",
        "Add key: {word}",
        "请补上 key: {word}",
    ),
    "standard_key": Sentence(
        "warning",
        "{kind} does not carry the key '{word}', so it counts for every open encounter of the customer",
        "{kind} 不带键“{word}”，会算到该客户所有进行中的接触上",
        "Declare {word} for {kind} in pack.yaml",
        "请在 pack.yaml 为 {kind} 声明 {word}",
    ),
    "ends_and_reopens": Sentence(
        "error",
        "{word} both ends and reopens the encounter",
        "{word} 既结束接触，又重新打开接触",
        "Keep it in ends or in reopens; where one kind means both, make two kinds of it in the mapping",
        "请只留在 ends 或 reopens 之一；若一种动态两用，请在映射里分成两种",
    ),
    "updates_nothing": Sentence(
        "warning",
        "{word} has no field of {kind} but the key, so it changes nothing",
        "{word} 除业务键外没有 {kind} 的字段，不会改变任何内容",
        "Declare the field that it changes, for example priority, or take it out of updates",
        "请为它声明会变的字段（例如 priority），或从 updates 里去掉",
    ),
    "no_dimension": Sentence(
        "error",
        "The standard '{word}' has no SERVQUAL dimension",
        "服务标准“{word}”没有写明服务质量维度",
        "Add dimension: one of tangibles, reliability, responsiveness, assurance, empathy",
        "请补上 dimension：tangibles 有形性、reliability 可靠性、responsiveness 响应性、"
        "assurance 保证性、empathy 移情性",
    ),
    "within_or_by": Sentence(
        "error",
        "The standard '{word}' has exactly one of within and by; here {given}",
        "服务标准“{word}”只能写 within 或 by 之一；这里{given}",
        "Write within: PT4H for a length of time, or by: FIELD for a date that the event '{kind}' carries",
        "时限写 within: PT4H；约定日期写 by: 字段名，字段取自动态“{kind}”",
    ),
    "by_stands": Sentence(
        "error",
        "The standard '{word}' goes by an agreed date, which stands whoever waits; it cannot have {key}",
        "服务标准“{word}”按约定日期算，不因谁在等而顺延，不能再写 {key}",
        "Delete {key}, or replace by with within: PT4H",
        "请删掉 {key}，或把 by 改成 within: PT4H",
    ),
    "pause_alone": Sentence(
        "error",
        "The standard '{word}' has {has} without {lacks}",
        "服务标准“{word}”只有 {has}，没有 {lacks}",
        "Name the event of {lacks} too, or the clock never goes on",
        "请写明 {lacks} 的动态，否则计时回不来",
    ),
    "ends_before": Sentence(
        "error",
        "The standard '{word}' ends before it begins",
        "服务标准“{word}”的结束早于开始",
        "since must lie before until",
        "since 应早于 until",
    ),
}

MEANING: dict[str, Sentence] = {**_UNKNOWN, **_HEAD, **PLAYING, **CONTENTS, **SOURCES, **SURVEYS}
