"""What the concepts of a service are called on the screens. A pack renames them under `words:`.

The Chinese is what a service manager says. The English of a plural is a word of
its own, since a pack's word may form it in another way.
"""

from __future__ import annotations

from peakend.tell.said import Said

TERMS: dict[str, Said] = {
    "customer": Said("客户", "customer"),
    "customers": Said("客户", "customers"),
    "moment_of_truth": Said("关键时刻", "moment of truth"),
    "moments_of_truth": Said("关键时刻", "moments of truth"),
    "touchpoint": Said("接触点", "touchpoint"),
    "touchpoints": Said("接触点", "touchpoints"),
    "standard": Said("服务标准", "standard"),
    "standards": Said("服务标准", "standards"),
    "play": Said("服务剧本", "play"),
    "plays": Said("服务剧本", "plays"),
    "card": Said("服务提示卡", "card"),
    "cards": Said("服务提示卡", "cards"),
    "case": Said("补救单", "case"),
    "cases": Said("补救单", "cases"),
    "opportunity": Said("服务契机", "opportunity"),
    "opportunities": Said("服务契机", "opportunities"),
}
