"""The words of the public pages, on which customers choose what they hear: said to them, not about them."""

from __future__ import annotations

from peakend.tell.said import Said

WORDS: dict[str, Said] = {
    "title": Said("消息偏好", "Your messages"),
    "leave_title": Said("不再接收这类消息？", "Stop these messages?"),
    "leave_care": Said(
        "确认后，我们不再给您发送关怀、征询和营销消息。与您的服务直接相关的通知仍会照常送达。",
        "Once you confirm, we send you no more greetings, questions or offers. Notices that your service "
        "depends on still reach you.",
    ),
    "leave_ask": Said(
        "确认后，我们不再给您发送征询、关怀和营销消息。与您的服务直接相关的通知仍会照常送达。",
        "Once you confirm, we send you no more questions, greetings or offers. Notices that your service "
        "depends on still reach you.",
    ),
    "leave_marketing": Said(
        "确认后，我们不再给您发送营销消息。其他消息不受影响。",
        "Once you confirm, we send you no more offers. Other messages are not affected.",
    ),
    "leave_do": Said("不再接收", "Stop them"),
    "left_title": Said("已经停止", "They are stopped"),
    "left_says": Said("您的要求已经登记，马上生效。", "Your wish is noted and counts from now on."),
    "left_back": Said("点错了？恢复接收", "A mistake? Receive them again"),
    "back_title": Said("已经恢复", "They are back"),
    "back_says": Said("我们会像以前一样给您发送消息。", "We write to you as before."),
    "all": Said("选择要接收的消息", "Choose what you want to receive"),
    "says": Said(
        "请选择您愿意接收的消息。与您的服务直接相关的通知（例如故障、到期）总会送达。",
        "Choose what you want to hear from us. Notices that your service depends on, such as failures and "
        "expiry dates, always reach you.",
    ),
    "quiet": Said("免打扰", "Do not disturb"),
    "quiet_help": Said(
        "打开后，不再收到关怀、征询和营销消息。", "When on: no greetings, questions or offers."
    ),
    "quiet_for": Said("多久", "For how long"),
    "for_good": Said("直到我改变主意", "Until I change my mind"),
    "for_days": Said("{n} 天", "{n} days"),
    "quiet_now": Said("目前到 {until} 为止。", "At the moment until {until}."),
    "hours": Said(
        "{begin} 到 {end} 之间我们本来就不打扰您，紧急通知除外。",
        "Between {begin} and {end} we never disturb you, except when it is urgent.",
    ),
    "channels": Said("通过哪些方式", "By which ways"),
    "topics": Said("关于哪些事", "About what"),
    "topics_help": Said(
        "只影响关怀、征询和营销消息。", "This concerns greetings, questions and offers only."
    ),
    "offers": Said("营销消息", "Offers"),
    "offers_tick": Said("愿意了解优惠和新产品", "I would like to hear about offers and new products"),
    "language": Said("语言", "Language"),
    "save": Said("保存", "Save"),
    "saved_title": Said("已保存", "Saved"),
    "saved_says": Said("您的选择已经登记，马上生效。", "Your choices are noted and count from now on."),
    "nothing_new": Said("没有变化，一切照旧。", "Nothing has changed; all stays as it was."),
    "again": Said("再看一遍我的选择", "Look at my choices again"),
    "bad_title": Said("这个链接不能用", "This link does not work"),
    "bad_says": Said(
        "链接可能没有复制完整。请从最近一封来信里重新打开，或直接回复来信告诉我们。",
        "Perhaps it was not copied whole. Open it again from our latest letter, or reply to that letter.",
    ),
    "gone_title": Said("没有需要更改的", "There is nothing to change"),
    "gone_says": Said(
        "我们没有您的资料，也不会给您发送消息。", "We hold no data of yours and send you nothing."
    ),
    "later_title": Said("请稍后再试", "Please try again later"),
    "later_says": Said(
        "刚才的请求太多，您的要求还没有登记。请过几分钟再打开这个链接。",
        "There were too many requests, so your wish is not noted yet. Open this link again in a few minutes.",
    ),
}
