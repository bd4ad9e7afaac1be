"""The 22 statements of a SERVQUAL survey in our own words, as expectation and as experience, zh and en.

All are worded positively: a negative wording measures who reads carefully. The structure of five dimensions
is that of Parasuraman, Zeithaml and Berry (1988); whether a client's customers see five is counted each time.
"""

from __future__ import annotations

from peakend.model.gap import SurveyItem
from peakend.model.parts import Dimension

SCALE = (1.0, 7.0)

DIMENSIONS: dict[Dimension, tuple[str, str]] = {
    "tangibles": ("有形性", "Tangibles"),
    "reliability": ("可靠性", "Reliability"),
    "responsiveness": ("响应性", "Responsiveness"),
    "assurance": ("保证性", "Assurance"),
    "empathy": ("移情性", "Empathy"),
}
"""The five dimensions in their usual order: zh, en."""


def _item(name: str, dimension: Dimension, zh: str, en: str, wish_zh: str, wish_en: str) -> SurveyItem:
    return SurveyItem(
        name, dimension, zh, en, f"优秀的服务方应当{wish_zh}", f"An excellent provider {wish_en}"
    )


ITEMS: tuple[SurveyItem, ...] = (
    _item(
        "T1",
        "tangibles",
        "设施设备跟得上时代",
        "Equipment is up to date",
        "让设施设备跟得上时代",
        "keeps its equipment up to date",
    ),
    _item(
        "T2",
        "tangibles",
        "环境与界面看着舒服",
        "Places and screens are pleasant",
        "让环境与界面看着舒服",
        "has pleasant places and screens",
    ),
    _item("T3", "tangibles", "人员整洁得体", "Staff look neat", "让人员整洁得体", "has staff who look neat"),
    _item(
        "T4",
        "tangibles",
        "单据、页面与服务档次相称",
        "Documents and pages suit the service",
        "让单据、页面与服务档次相称",
        "has documents and pages that suit the service",
    ),
    _item(
        "R5",
        "reliability",
        "答应的时间就做到",
        "Keeps dates it gives",
        "在答应的时间做到",
        "keeps the dates it gives",
    ),
    _item(
        "R6",
        "reliability",
        "出问题时真心帮忙",
        "Takes my problem seriously",
        "在客户遇到问题时真心帮忙",
        "takes a customer's problem seriously",
    ),
    _item(
        "R7",
        "reliability",
        "第一次就做对",
        "Right first time",
        "第一次就做对",
        "gets it right the first time",
    ),
    _item(
        "R8",
        "reliability",
        "说何时好就何时好",
        "Delivered when said",
        "说何时好就何时好",
        "delivers when it said it would",
    ),
    _item(
        "R9",
        "reliability",
        "记录准确不出错",
        "Records are correct",
        "让记录准确不出错",
        "keeps correct records",
    ),
    _item(
        "S10",
        "responsiveness",
        "告知何时能办好",
        "Tells me when it will be done",
        "告知客户何时能办好",
        "tells customers when it will be done",
    ),
    _item("S11", "responsiveness", "响应快", "Answers fast", "响应快", "answers fast"),
    _item("S12", "responsiveness", "乐意相助", "Willing to help", "乐意相助", "is willing to help"),
    _item(
        "S13",
        "responsiveness",
        "再忙也会回应我",
        "Never too busy to reply",
        "再忙也会回应客户",
        "is never too busy to reply",
    ),
    _item(
        "A14",
        "assurance",
        "员工让我信得过",
        "Staff inspire trust",
        "有让人信得过的员工",
        "has staff who inspire trust",
    ),
    _item(
        "A15",
        "assurance",
        "把事交给他们放心",
        "I feel safe dealing with them",
        "让客户放心把事交给它",
        "makes customers feel safe dealing with it",
    ),
    _item("A16", "assurance", "一贯有礼", "Always courteous", "一贯有礼", "is always courteous"),
    _item(
        "A17", "assurance", "懂行，能答疑", "Know their job", "懂行，能答疑", "has staff who know their job"
    ),
    _item(
        "E18",
        "empathy",
        "把我当个人而非编号",
        "Treats me as a person",
        "把客户当个人而非编号",
        "treats each customer as a person",
    ),
    _item(
        "E19",
        "empathy",
        "员工给我专属关注",
        "Gives me personal attention",
        "让员工给客户专属关注",
        "gives each customer personal attention",
    ),
    _item(
        "E20",
        "empathy",
        "明白我的具体需要",
        "Understands my need",
        "明白每位客户的具体需要",
        "understands what each customer needs",
    ),
    _item(
        "E21",
        "empathy",
        "为我的利益着想",
        "Has my interest at heart",
        "为客户的利益着想",
        "has its customers' interest at heart",
    ),
    _item(
        "E22",
        "empathy",
        "服务时间方便我",
        "Hours suit me",
        "把服务时间定得方便客户",
        "keeps hours that suit its customers",
    ),
)
"""Experience is asked with `zh` and `en`, expectation with `expected_zh` and `expected_en`."""
