"""What the lint says of the mappings in sources/."""

from __future__ import annotations

from peakend.design.words.sentence import Sentence

SOURCES: dict[str, Sentence] = {
    "no_events": Sentence(
        "error",
        "The mapping makes no events",
        "这份映射没有产生任何客户动态",
        "List at least one: - {{kind: incident.opened, at: opened_at}}",
        "请至少写一条：- {{kind: incident.opened, at: opened_at}}",
    ),
    "no_customer": Sentence(
        "error",
        "The customer is an empty list",
        "customer 是空列表",
        "Name the column that holds the customer, or write customer: none for public measures",
        "请写明存放客户的列；若是公开数据，请写 customer: none",
    ),
    "at_or_on": Sentence(
        "error",
        "{word} has exactly one of at and on; here {given}",
        "{word} 只能写 at 或 on 之一；这里{given}",
        "Write at: COLUMN, or on: 2017-06-01 where all rows are of one day",
        "请写 at: 列名；若全部行同属一天，请写 on: 2017-06-01",
    ),
    "on_zone": Sentence(
        "error",
        "{word} begins at another hour in every zone, and the mapping names none",
        "{word} 从几点算起因时区而异，而映射没有写时区",
        "Add zone: Asia/Shanghai at the head of the mapping",
        "请在映射开头补上 zone: Asia/Shanghai",
    ),
    "once_field": Sentence(
        "error",
        "'once' goes by '{word}', which is no field of {kind} here",
        "once 依据的“{word}”不在 {kind} 的 fields 里",
        "{hint}",
        "{hint}",
    ),
    "source_type": Sentence(
        "error",
        "'{word}' is written as {got}, but pack.yaml declares it as {wanted} for {kind}",
        "“{word}”按 {got} 写入，而 pack.yaml 为 {kind} 声明的类型是 {wanted}",
        "Write type: {wanted}",
        "请写 type: {wanted}",
    ),
    "source_date": Sentence(
        "error",
        "'{word}' of {kind} is a {wanted} in pack.yaml, but its column is copied as it stands",
        "{kind} 的“{word}”在 pack.yaml 里是 {wanted}，而这里照抄了原文",
        "Write {word}: {{column: {column}, type: {wanted}}}, and the patterns under dates: are applied",
        "请写 {word}: {{column: {column}, type: {wanted}}}，就会按 dates 的格式读取",
    ),
    "source_key": Sentence(
        "error",
        "{kind} comes without '{word}', by which {user} tells one case from the next",
        "{kind} 没有带上“{word}”，而{user}靠它区分每一件",
        "Add it under fields: {word}: COLUMN",
        "请在 fields 里补上 {word}: 列名",
    ),
    "source_key_later": Sentence(
        "warning",
        "{kind} comes without '{word}', so {user} cannot tell which case it belongs to",
        "{kind} 没有带上“{word}”，{user}认不出它属于哪一件",
        "Add it under fields: {word}: COLUMN",
        "请在 fields 里补上 {word}: 列名",
    ),
    "delimiter": Sentence(
        "error",
        "The delimiter '{word}' is not one character",
        "分隔符“{word}”不是单个字符",
        'Write for example delimiter: ";" or "\\t"',
        '请写成 delimiter: ";" 或 "\\t" 这样',
    ),
    "unknown_encoding": Sentence(
        "error",
        "The encoding '{word}' does not exist",
        "没有“{word}”这种编码",
        "Write for example utf-8-sig (Excel), gb18030 (Chinese Windows) or cp1252",
        "请写 utf-8-sig（Excel）、gb18030（中文 Windows）或 cp1252",
    ),
    "date_pattern": Sentence(
        "error",
        "The date pattern '{word}' does not say day, month and year",
        "日期格式“{word}”没有写全年、月、日",
        'Write for example dates: "%d/%m/%Y %H:%M", or iso',
        '请写成 dates: "%Y-%m-%d %H:%M" 这样，或写 iso',
    ),
}
