"""What the group robots have in common: a letter as Markdown in which no customer's text can act.

A robot has one address, that of its group, and no memory of what it was told before: a second hand-over is a
second message.
"""

from __future__ import annotations

from typing import Final

from peakend.deliver.channels import is_chinese
from peakend.deliver.harmless import inert, link_of
from peakend.model.delivery import Letter, Severity, Words

OPEN: Final = ("查看详情", "Open")
TESTED: Final = (
    "连接测试：Peakend 可以向这个群发送消息。",
    "Connection test: Peakend can post to this group.",
)


def open_word(language: str) -> str:
    """What stands on the link."""
    return OPEN[0] if is_chinese(language) else OPEN[1]


def body_of(words: Words) -> str:
    """The text, inert but for the letter's own link."""
    return inert(words.text, words.link)


def link_line(words: Words) -> str:
    """The letter's link as Markdown, '' where it has none."""
    link = link_of(words.link)
    return f"[{open_word(words.language)}]({link})" if link else ""


def test_letter(now: int) -> Letter:
    """What `check` posts: the words are the same in every group, and are no customer's."""
    severity: Severity = "info"
    words = Words(name="check", language="zh", subject="Peakend", text="\n".join(TESTED), severity=severity)
    return Letter(
        send_key=f"check-{now}", customer="", channel="", to="", to_name="", words=words, class_="service"
    )
