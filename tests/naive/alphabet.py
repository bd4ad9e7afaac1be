"""The few words that random packs and logs are made of: few, so that they meet often."""

from __future__ import annotations

from datetime import date

KINDS = ("order.made", "order.paid", "order.sent", "order.lost", "talk.had", "talk.rated")
FIELDS = {"k1": "text", "k2": "number", "v": "number", "w": "text", "day": "date", "moment": "timestamp"}
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
DAYS = (date(2026, 3, 6), date(2026, 3, 27), date(2026, 10, 23), date(2026, 10, 30), date(2026, 6, 1))
ACTIONS = ("say", "ask", "give", "card", "task")
CLASSES = ("mandatory", "service", "service", "care", "care", "ask", "marketing")
CLOCKS = ("00:00", "02:00", "02:30", "08:00", "09:00", "10:00", "21:00", "23:00")
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CONDITIONS = (
    "v > 2",
    "w = 'x'",
    "v is null or v > 1",
    "not (w = 'x')",
    "v > 1 and w in ('x', 'y')",
    "w <> 'x'",
    "facts.f0 >= 2",
    "facts.f1 > 3",
    "facts.f1 <= 2",
    "facts.f0 < 3 and v >= 1",
    "customer.tier = 'gold'",
    "customer.tier is not null",
    "customer.size > 2",
    "open('first')",
    "not open('second')",
)
COUNTED = ("count('{}') >= 1", "count('{}') < 2")
MEASURED = (
    "breached('{}')",
    "not breached('{}')",
    "kept('{}')",
    "not kept('{}')",
    "exceeded('{}', 0.5)",
    "breached('{}') is null",
)
BUDGETS = ("gifts", "regrets")
AGAIN = ("once", "once_per_key", "after_exit", "every", "every", "every")
TAKES = ("sum", "avg", "min", "max", "last", "first", "most_common", "days_since")
QUIET = (
    {"from": "21:00", "to": "08:00"},
    {"from": "22:00", "to": "06:00"},
    {"from": "00:00", "to": "09:00"},
    {"from": "12:00", "to": "24:00"},
)
