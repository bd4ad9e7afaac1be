"""What the lint says of texts, cards, phrases and stories, and what judging a story says."""

from __future__ import annotations

from peakend.design.words.sentence import Sentence

CONTENTS: dict[str, Sentence] = {
    "text_untranslated": Sentence(
        "error",
        "The text '{word}' is missing in '{language}'",
        "文本“{word}”缺少 {language} 版本",
        "Write {file}",
        "请写 {file}",
    ),
    "card_untranslated": Sentence(
        "error",
        "The card '{word}' is missing in '{language}'",
        "提示卡“{word}”缺少 {language} 版本",
        "Write {file}",
        "请写 {file}",
    ),
    "unused_text": Sentence(
        "warning",
        "No play uses the text '{word}'",
        "没有剧本用到文本“{word}”",
        "Use it in a step (say: {word}), or delete it in every language",
        "请在步骤里使用（say: {word}），或连同各语言版本一并删除",
    ),
    "unused_card": Sentence(
        "warning",
        "No play uses the card '{word}'",
        "没有剧本用到提示卡“{word}”",
        "Use it in a step (card: {word}), or delete it in every language",
        "请在步骤里使用（card: {word}），或连同各语言版本一并删除",
    ),
    "empty_text": Sentence(
        "error", "The text '{word}' says nothing", "文本“{word}”没有正文", "Write it", "请写上正文"
    ),
    "heading_missing": Sentence(
        "error",
        "The card lacks the heading '{word}'",
        "提示卡缺少标题“{word}”",
        "{hint}",
        "{hint}",
    ),
    "heading_empty": Sentence(
        "error",
        "Nothing stands under '{word}'",
        "“{word}”下面没有内容",
        "Write what a colleague shall know here",
        "请写清同事该知道什么",
    ),
    "never_say": Sentence(
        "error",
        "'{word}' is on the list of phrases never to say",
        "“{word}”在禁语之列",
        "Say instead: {instead}",
        "可以改说：{instead}",
    ),
    "discount_word": Sentence(
        "error",
        "'{word}' is a price or discount word, but the play '{play}' sends this text as {class_}",
        "“{word}”属于价格优惠用语，而剧本“{play}”把这份文本作为{class_}发送",
        "Take it out, or send it in a step of class marketing",
        "请删去，或放到营销类（marketing）的步骤里",
    ),
    "liquid": Sentence(
        "error",
        "The text cannot be filled in near '{word}'",
        "“{word}”附近的写法无法填充",
        "Write {{{{ name }}}} or {{% if name %}} … {{% endif %}}",
        "请写成 {{{{ name }}}} 或 {{% if name %}} … {{% endif %}}",
    ),
    "liquid_open": Sentence(
        "error",
        "The tag '{word}' is opened and never closed",
        "标签“{word}”没有收尾",
        "Close it with {{% end{word} %}}",
        "请用 {{% end{word} %}} 收尾",
    ),
    "unknown_tag": Sentence(
        "error", "'{word}' is not a tag that texts have", "“{word}”不是文本可用的标签", "{hint}", "{hint}"
    ),
    "unknown_filter": Sentence(
        "error",
        "'{word}' is not a filter that texts have",
        "“{word}”不是文本可用的过滤器",
        "{hint}",
        "{hint}",
    ),
    "no_includes": Sentence(
        "error",
        "A text cannot take in another file with '{word}'",
        "文本不能用“{word}”引入别的文件",
        "Write the passage into the text",
        "请把内容直接写进来",
    ),
    "no_subject": Sentence(
        "warning",
        "The text goes out by e-mail (play '{play}') and has no subject",
        "这份文本会发邮件（剧本“{play}”），却没有主题",
        "Add subject: to the head between the --- lines",
        "请在 --- 之间的抬头里补上 subject",
    ),
    "other_distance": Sentence(
        "warning",
        "The text says '{word}', but the step of the play '{play}' is due {days} days before {field}",
        "文本里写着“{word}”，而剧本“{play}”的这一步在 {field} 之前 {days} 天到期",
        "Let the text count by itself: {{{{ {field} | in_days }}}}",
        "请让文本自己算：{{{{ {field} | in_days }}}}",
    ),
    "checks_nothing": Sentence(
        "warning",
        "The story expects nothing, so it can never fail",
        "这个用例没有任何预期，永远不会失败",
        "Add then:, never: or states:",
        "请补上 then、never 或 states",
    ),
    "after_until": Sentence(
        "warning",
        "The story ends at {until}, before this event",
        "用例在 {until} 就结束了，早于这条客户动态",
        "Move until: behind it",
        "请把 until 移到它之后",
    ),
    "for_each": Sentence(
        "error",
        "'{word}' is not a range of numbers",
        "“{word}”不是数字区间",
        'Write for example for_each: {{i: "1..300"}}',
        '请写成 for_each: {{i: "1..300"}} 这样',
    ),
    "story_lacks": Sentence(
        "error",
        "The story '{story}' expected {wanted}, and it did not come",
        "用例“{story}”预期 {wanted}，但没有出现",
        "Closest: {closest}",
        "最接近的是：{closest}",
    ),
    "story_time": Sentence(
        "error",
        "The story '{story}' expected {what} at {at}, came {came} ({whom})",
        "用例“{story}”预期 {what} 在 {at}，实际在 {came}（{whom}）",
        "Mend the due of the step, or the time in the story",
        "请改步骤的 due，或改用例里的时间",
    ),
    "story_taken": Sentence(
        "error",
        "The story '{story}' expected {wanted} once more than it came",
        "用例“{story}”预期的 {wanted} 少了一次",
        "Came: {closest}",
        "实际出现：{closest}",
    ),
    "story_count": Sentence(
        "error",
        "The story '{story}' expected {count} of {wanted}, and {got} came",
        "用例“{story}”预期 {wanted} 有 {count} 次，实际 {got} 次",
        "Closest: {closest}",
        "最接近的是：{closest}",
    ),
    "story_messages": Sentence(
        "error",
        "The story '{story}' expected {count} messages of {wanted}, and there are {got}",
        "用例“{story}”预期 {wanted} 合成 {count} 条消息，实际 {got} 条",
        "Look at gather: in the play",
        "请查看剧本的 gather",
    ),
    "story_never": Sentence(
        "error",
        "The story '{story}' says never {wanted}, and it came",
        "用例“{story}”写明绝不应有 {wanted}，却出现了",
        "Came: {closest}",
        "实际出现：{closest}",
    ),
    "story_sent": Sentence(
        "error",
        "The story '{story}' says never {what}, and it went out at {came}",
        "用例“{story}”规定不能发 {what}，实际在 {came} 发了",
        "Came: {closest}",
        "实际出现：{closest}",
    ),
    "story_state": Sentence(
        "error",
        "The story '{story}' expected {wanted}, and it is otherwise",
        "用例“{story}”预期 {wanted}，实际不同",
        "Came: {closest}",
        "实际：{closest}",
    ),
}
