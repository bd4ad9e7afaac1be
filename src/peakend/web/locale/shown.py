"""The words of times, amounts and shares as screens show them."""

from __future__ import annotations

from peakend.tell.said import Said

WORDS: dict[str, Said] = {
    "just_now": Said("刚刚", "just now"),
    "ago": Said("{span}前", "{span} ago"),
    "ahead": Said("{span}后", "in {span}"),
    "clock": Said("{day} {clock}", "{day}, {clock}"),
    "day": Said("{month}月{day}日", "{day} {month}"),
    "day_of_year": Said("{year}年{month}月{day}日", "{day} {month} {year}"),
    "CNY": Said("{amount} 元", "CNY {amount}"),
    "other_money": Said("{currency} {amount}", "{currency} {amount}"),
}
