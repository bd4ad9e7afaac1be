"""What the reader says: files, YAML, and the shape of each node."""

from __future__ import annotations

from peakend.design.words.sentence import Sentence

READING: dict[str, Sentence] = {
    "no_pack": Sentence(
        "error",
        "'{word}' is not a pack: there is no pack.yaml in it",
        "“{word}”不是行业模板：里面没有 pack.yaml",
        "Name a folder with a pack.yaml, or make one: peakend init DIR --pack {bundled}",
        "请指向含有 pack.yaml 的文件夹，或新建一个：peakend init 文件夹 --pack {bundled}",
    ),
    "unreadable": Sentence(
        "error",
        "The file cannot be read: {why}",
        "文件无法读取：{why}",
        "Check that it exists and that you may read it",
        "请检查文件是否存在、是否有读取权限",
    ),
    "not_utf8": Sentence(
        "error",
        "The file is not in UTF-8: byte {word} cannot be read",
        "文件不是 UTF-8 编码：字节 {word} 无法识别",
        "Save it again with the encoding UTF-8 (Chinese editors often write GBK)",
        "请用 UTF-8 编码重新保存（中文编辑器常存成 GBK）",
    ),
    "bom": Sentence(
        "error",
        "The file begins with a byte order mark, which Excel and Notepad add",
        "文件开头有字节序标记（BOM）,Excel 和记事本会加上它",
        "Save it as UTF-8 without BOM",
        "请另存为“UTF-8 无 BOM”",
    ),
    "tab": Sentence(
        "error",
        "A tab stands where YAML wants spaces",
        "缩进处用了制表符，YAML 只认空格",
        "Indent with two spaces a level",
        "每级缩进请用两个空格",
    ),
    "second_colon": Sentence(
        "error",
        "A second colon in one entry, or a line indented too far",
        "一行里出现了第二个冒号，或缩进过深",
        'Put a text that holds ": " in quotes, and line the keys up',
        "含有“: ”的文字请加引号，并把同级的键对齐",
    ),
    "wide_colon": Sentence(
        "error",
        "A full-width colon ： stands where YAML wants : and a blank",
        "这里用了全角冒号“：”，YAML 只认半角冒号加空格",
        "Write key: value with the half-width colon",
        "请改成半角，写成 key: value",
    ),
    "wide_quote": Sentence(
        "error",
        "A full-width quote {word} stands in '{text}'",
        "“{text}”里用了全角引号 {word}",
        "Type the half-width \" or ' in its place",
        "请改成半角引号 \" 或 '",
    ),
    "open_quote": Sentence(
        "error",
        "A quote is opened here and never closed",
        "这里的引号没有收尾",
        'Close it; a double quote inside double quotes is written \\"',
        '请补上收尾的引号；双引号里的双引号写成 \\"',
    ),
    "open_bracket": Sentence(
        "error",
        "A bracket is opened here and never closed, or a comma is missing",
        "这里的括号没有收尾，或漏了逗号",
        "Close it: [a, b] or {{key: value}}",
        "请补全：[a, b] 或 {{键: 值}}",
    ),
    "bad_start": Sentence(
        "error",
        "A text must not begin with '{word}'",
        "文字不能以“{word}”开头",
        "Put the text in quotes",
        "请给这段文字加引号",
    ),
    "bad_indent": Sentence(
        "error",
        "This line does not fit the lines above it",
        "这一行与上文的层级对不上",
        "Line it up: entries of one list, and keys of one mapping, begin in the same column",
        "请对齐：同一列表的条目、同一层的键要从同一列开始",
    ),
    "bad_alias": Sentence(
        "error",
        "'*{word}' refers to an anchor that is not there",
        "“*{word}”引用的锚点不存在",
        "Put the text in quotes, or write &{word} at the node that is meant",
        "请加引号，或在被引用处写上 &{word}",
    ),
    "two_documents": Sentence(
        "error",
        "A second document begins here; a pack file holds one",
        "这里开始了第二份文档，而一个文件只能有一份",
        "Delete the line ---, or move the rest into a file of its own",
        "请删去 --- 这一行，或把后面的内容移到另一个文件",
    ),
    "control_character": Sentence(
        "error",
        "The file holds a character that nobody can see: {word}",
        "文件里有看不见的控制字符：{word}",
        "Delete it",
        "请删除它",
    ),
    "bad_yaml": Sentence(
        "error",
        "This is not YAML",
        "这里不符合 YAML 语法",
        "Look at this line and the one above: quotes, colons and indentation",
        "请查看这一行和上一行的引号、冒号与缩进",
    ),
    "too_deep": Sentence(
        "error",
        "The file is nested too deeply, or a node contains itself",
        "文件嵌套过深，或某个节点引用了自己",
        "Write the nodes out without anchors",
        "请不用锚点，直接写出内容",
    ),
    "empty_file": Sentence(
        "error",
        "The file is empty",
        "文件是空的",
        "Write {of}, or delete the file",
        "请写入{of}的内容，或删除此文件",
    ),
    "duplicate_key": Sentence(
        "error",
        "'{word}' stands here twice; the first is on line {first}",
        "“{word}”重复出现，前一处在第 {first} 行",
        "Keep one of the two",
        "请保留其中一处",
    ),
    "unknown_key": Sentence(
        "error", "'{word}' is not a key of {of}", "{of}没有“{word}”这个键", "{hint}", "{hint}"
    ),
    "cut_by_comma": Sentence(
        "error",
        "A comma inside {{ }} cuts the text: '{word}' is read as a key",
        "花括号里的逗号把文字截断了，“{word}”被当成了键",
        "Put the whole text in quotes",
        "请给整段文字加上引号",
    ),
    "not_a_key": Sentence(
        "error",
        "A key must be one word or text",
        "键必须是一个词或一段文字",
        "Put it in quotes if it begins with a bracket",
        "如以括号开头，请加引号",
    ),
    "missing_key": Sentence(
        "error", "{of} lacks {word}", "{of}缺少 {word}", "Add it: {example}", "请补上：{example}"
    ),
    "empty_value": Sentence(
        "error",
        "'{word}' is empty",
        "“{word}”没有内容",
        "Give it a value, or delete the key",
        "请填写内容，或删去这个键",
    ),
    "wrong_shape": Sentence(
        "error",
        "'{word}' is {got}, but {wanted} is needed",
        "“{word}”是{got}，这里需要{wanted}",
        "For example: {example}",
        "例如：{example}",
    ),
    "not_one_of": Sentence(
        "error", "'{word}' is none of {all}", "“{word}”不在可选值之内：{all}", "{hint}", "{hint}"
    ),
    "not_whole": Sentence(
        "error", "'{word}' is not a whole number", "“{word}”不是整数", "Write 3", "请写成 3 这样的整数"
    ),
    "not_number": Sentence(
        "error", "'{word}' is not a number", "“{word}”不是数字", "Write 3 or 0.5", "请写成 3 或 0.5"
    ),
    "not_boolean": Sentence(
        "error",
        "'{word}' is neither true nor false",
        "“{word}”不是 true 或 false",
        "Write true or false",
        "请写 true 或 false",
    ),
    "not_date": Sentence(
        "error",
        "'{word}' is not a date",
        "“{word}”不是日期",
        "Write year, month and day, for example 2026-03-31",
        "请写年-月-日，例如 2026-03-31",
    ),
    "not_duration": Sentence("error", "'{word}' is not a duration", "“{word}”不是时长", "{hint}", "{hint}"),
    "not_time_of_day": Sentence(
        "error",
        "'{word}' is not a time of day",
        "“{word}”不是一天里的时刻",
        'Write hours and minutes with two digits each, in quotes: "{hint}"',
        '时和分各两位，并加引号："{hint}"',
    ),
    "unquoted_time": Sentence(
        "warning",
        "The time of day {word} has no quotes; many tools read it as a number",
        "时刻 {word} 没有加引号，不少工具会把它读成数字",
        'Write "{word}"',
        '请写成 "{word}"',
    ),
    "not_share": Sentence(
        "error", "'{word}' is not a share", "“{word}”不是比例", "Write {hint}", "请写成 {hint}"
    ),
    "not_in_form": Sentence(
        "error",
        "'{word}' is not written as {wanted}",
        "“{word}”的写法不对",
        "It must match {wanted}",
        "应符合 {wanted}",
    ),
    "yaml_tag": Sentence(
        "error",
        "A pack file has no YAML tags such as '{word}'",
        "模板文件里不用“{word}”这类 YAML 标签",
        "Write the value alone",
        "请直接写出内容",
    ),
    "other_name": Sentence(
        "error",
        "The file is {file}, but inside it says '{key}: {word}'",
        "文件名是 {file}，里面却写着“{key}: {word}”",
        "Write {key}: {stem}, or rename the file to {word}.yaml",
        "请改成 {key}: {stem}，或把文件改名为 {word}.yaml",
    ),
    "bad_name": Sentence(
        "error",
        "The name '{word}' holds a blank or a bar",
        "名称“{word}”含有空格或竖线",
        "Write it with hyphens, for example renewal-rounds",
        "请用连字符，例如 renewal-rounds",
    ),
    "yml_suffix": Sentence(
        "error",
        "Files ending in .yml are not read",
        "以 .yml 结尾的文件不会被读取",
        "Rename it to {word}.yaml",
        "请改名为 {word}.yaml",
    ),
    "unknown_file": Sentence(
        "warning",
        "'{word}' is not part of a pack and is not read",
        "“{word}”不属于行业模板，不会被读取",
        "{hint}",
        "{hint}",
    ),
    "open_head": Sentence(
        "error",
        "The head of the text begins with --- and never ends",
        "文本抬头以 --- 开始，却没有结束",
        "Close it with a line ---",
        "请用单独一行 --- 收尾",
    ),
}
