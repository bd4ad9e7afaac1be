"""The words of Today: what happens now, what is at risk, what waits, and what was not sent."""

from __future__ import annotations

from peakend.tell.said import Said

WORDS: dict[str, Said] = {
    "title": Said("今日", "Today"),
    "says": Said(
        "正在发生什么，哪里要出问题，谁该做什么。", "What is happening, what is at risk, and who has to act."
    ),
    "moments": Said("正在发生的{moments_of_truth}", "{Moments_of_truth} happening now"),
    "moments_none": Said(
        "此刻没有正在计时的{moment_of_truth}。", "No {moment_of_truth} is running right now."
    ),
    "risk": Said("快到时限", "At risk"),
    "risk_says": Said("四小时内到时限的{standards}", "{Standards} due within four hours"),
    "risk_none": Said("四小时内没有要到时限的{standards}。", "No {standards} are due within four hours."),
    "deadline": Said("时限 {when}", "due {when}"),
    "more": Said("还有 {n} 个", "{n} more"),
    "cards": Said("待处理的{cards}", "{Cards} waiting"),
    "cards_none": Said("没有待处理的{card}。", "No {card} is waiting."),
    "role": Said("角色", "Role"),
    "number": Said("数量", "Number"),
    "oldest": Said("最早的一张", "The oldest"),
    "late": Said("已超时", "Overdue"),
    "to_inbox": Said("去处理", "Open the inbox"),
    "week": Said("近七天体验如何", "How the last seven days went"),
    "week_n": Said("共 {n} 次接触结束", "{n} encounters ended"),
    "week_none": Said("近七天没有结束的接触。", "No encounter ended in the last seven days."),
    "none_best": Said("近七天没有。", "None in seven days."),
    "rated": Said("评分 {rating}", "rated {rating}"),
    "stopped": Said("今天未发出的，及原因", "What was not sent today, and why"),
    "stopped_none": Said("今天没有被拦截的步骤。", "Nothing was suppressed today."),
    "stopped_number": Said("共拦截 {n} 次", "{n} suppressed"),
    "reason": Said("原因", "Reason"),
    "most_of": Said("主要是", "Mostly of"),
    "example": Said("例如", "For example"),
    "sent": Said("今天发出的", "Sent today"),
    "sent_none": Said("今天还没有发出消息。", "No message has left today."),
    "channel": Said("渠道", "Channel"),
    "arrived": Said("已发出", "Sent"),
    "under_way": Said("在途", "Under way"),
    "failed": Said("失败", "Failed"),
    "review": Said("{n} 条消息待人工复核", "{n} messages are under review"),
    "unknown": Said(
        "{n} 条消息不知是否送达，等您判断", "{n} messages are in doubt and wait for your decision"
    ),
    "live": Said("刚刚发生", "Just in"),
    "live_none": Said("还没有收到{customer}动态。", "No {customer} event has come in yet."),
    "live_on": Said("实时更新", "Live"),
    "live_off": Said("已暂停更新，正在重连", "Paused; connecting again"),
    "many": Said("{n} 位{customers}", "{n} {customers}"),
    "everybody": Said("全体{customers}", "All {customers}"),
    "start": Said("三步开始", "Three steps to begin"),
    "start_says": Said(
        "做完这三步，这里就会显示正在发生的{moments_of_truth}。",
        "After these, {moments_of_truth} appear here as they happen.",
    ),
    "step_events": Said("接入{customer}动态", "Connect your {customer} events"),
    "step_events_says": Said(
        "把工单、合同、访问等系统的数据发过来，几分钟就能接好。",
        "Send what happens in tickets, contracts or visits. It takes a few minutes.",
    ),
    "step_events_do": Said("查看接入方法和密钥", "How to connect, and keys"),
    "step_pack": Said("发布一个行业模板", "Publish a pack"),
    "step_pack_says": Said(
        "模板里有旅程、服务标准和服务剧本，先从现成的开始，再改成您自己的。",
        "It holds journeys, standards and plays. Begin with one that is there, and make it yours.",
    ),
    "step_pack_do": Said("去看服务剧本", "Look at the plays"),
    "step_people": Said("邀请同事", "Invite colleagues"),
    "step_people_says": Said(
        "一线同事在手机上处理{cards}，经理看今日。",
        "Frontline colleagues do {cards} on the phone; managers watch Today.",
    ),
    "step_people_do": Said("添加同事", "Add people"),
    "step_done": Said("已完成", "Done"),
}
