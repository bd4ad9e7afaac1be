"""What the lint says of the surveys in surveys/."""

from __future__ import annotations

from peakend.design.words.sentence import Sentence

SURVEYS: dict[str, Sentence] = {
    "survey_items": Sentence(
        "error",
        "The survey asks nothing",
        "这份问卷没有题目",
        "List its items: T1: {{says: {{zh: …, en: …}}}}",
        "请写上题目：T1: {{says: {{zh: …, en: …}}}}",
    ),
    "survey_scale": Sentence(
        "error",
        "The scale goes from {low} to {high}",
        "量表从 {low} 到 {high}",
        "Write the lowest answer first, for example [1, 5]",
        "请先写最低分，例如 [1, 5]",
    ),
    "survey_code": Sentence(
        "error",
        "{word} means 'not applicable' and is also an answer on the scale from {low} to {high}",
        "{word} 既表示“不适用”，又是 {low} 到 {high} 量表上的一个答案",
        "Take the code out; an item on a scale of its own gets its own not_applicable, [] for none",
        "请删去这个代码；量表不同的题目请另写 not_applicable，没有就写 []",
    ),
    "survey_expects": Sentence(
        "error",
        "'{word}' has answers about the expectation, but not what was asked",
        "“{word}”有期望分，却没有写期望是怎么问的",
        "Add expects: {{zh: …, en: …}}",
        "请补上 expects: {{zh: …, en: …}}",
    ),
    "survey_twice": Sentence(
        "error",
        "The field '{word}' holds the answers of two questions",
        "字段“{word}”被两道题同时使用",
        "Give each question a field of its own",
        "请让每道题各用一个字段",
    ),
    "survey_points": Sentence(
        "error",
        "The points add up to {word}",
        "各维度的分数合计为 {word}",
        "Give 100 points in all, none below zero",
        "合计应为 100 分，且不能为负",
    ),
    "survey_believed": Sentence(
        "error",
        "{word} lies outside the scale from {low} to {high}",
        "{word} 不在 {low} 到 {high} 的量表之内",
        "Write what management believes on the survey's own scale",
        "请按问卷自己的量表填写管理层的估计",
    ),
}
