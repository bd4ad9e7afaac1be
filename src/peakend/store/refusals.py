"""What every store says when it refuses, in the same words."""

from __future__ import annotations

from collections.abc import Iterable

from peakend.errors import Missing
from peakend.model.stored import Shard
from peakend.store.base import Fenced, StoreError


def fenced(shard: Shard) -> Fenced:
    return Fenced(
        f"shard {shard.number} has another owner since epoch {shard.epoch}",
        fix="Claim shards again, and fold only what you own then",
        what_zh=f"分片 {shard.number} 在第 {shard.epoch} 期之后已由其他进程接管",
        fix_zh="请重新认领分片，只处理认领到的分片",
    )


def not_now() -> StoreError:
    return StoreError(
        "the store was asked for something while a turn is open",
        fix="Ask the turn, or ask the store after the turn's block",
        what_zh="有一个事务尚未结束，此时不能向数据存储请求其他操作",
        fix_zh="请通过该事务操作，或等它结束后再操作",
    )


def over() -> StoreError:
    return StoreError(
        "the turn is over",
        fix="Write within its block, or open another turn",
        what_zh="该事务已经结束",
        fix_zh="请在事务之内写入，或开启新的事务",
    )


def closed() -> StoreError:
    return StoreError(
        "the store is closed",
        fix="Open it again",
        what_zh="数据存储已经关闭",
        fix_zh="请重新打开",
    )


def spoilt() -> StoreError:
    return StoreError(
        "a statement of this transaction failed, so nothing of it is written",
        fix="Let the first error end the block instead of going on after it",
        what_zh="该事务中有语句失败，整个事务未写入",
        fix_zh="请让第一个错误结束事务，不要在出错后继续",
    )


def unstorable(texts: Iterable[str]) -> StoreError:
    named = next((text for text in texts if "\0" in text), "").replace("\0", "\u2400")[:80]
    return StoreError(
        f"the text {named!r} holds U+0000, which no database can store",
        fix="Escape or remove the character where the text comes from",
        what_zh=f"文本 {named!r} 含有数据库无法保存的字符 U+0000",
        fix_zh="请在文本的来源处转义或删除该字符",
    )


class NothingThere(StoreError, Missing):
    """A row that was asked for by its number is not there."""


def nothing_there(number: int) -> StoreError:
    return NothingThere(
        f"no row {number} was put aside",
        fix="List what was put aside, and use a number from it",
        what_zh=f"待修正数据中没有第 {number} 条",
        fix_zh="请先列出待修正数据，使用其中的编号",
    )


def no_order() -> StoreError:
    return StoreError(
        "the row of draw_order is gone, which keeps two workers from spending the same money",
        fix="Put it back: INSERT INTO draw_order VALUES (0)",
        what_zh="draw_order 表中的那一行不见了，没有它，两个进程可能重复支取同一笔预算",
        fix_zh="请补回：INSERT INTO draw_order VALUES (0)",
    )


def known_event(source: str, id_: str) -> StoreError:
    return StoreError(
        f"the event {source} {id_} is kept already",
        fix="Keep what was taken from the inbox, once",
        what_zh=f"动态 {source} {id_} 已经保存",
        fix_zh="只保存从收件箱取出的动态，且只保存一次",
    )


def too_wide() -> StoreError:
    return StoreError(
        "runs are listed of a customer or of a play, and neither is named",
        fix="Name one of them",
        what_zh="查询执行记录需要指定客户或服务剧本",
        fix_zh="请至少指定其中一项",
    )
