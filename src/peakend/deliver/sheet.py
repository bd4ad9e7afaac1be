"""The sheet on which a letter or a card is written: its head, its frame, its foot, by day and by night.

Styles stand on the elements, because mail programs throw a style sheet away; the few rules in the head only
turn the colours where a program reads them. Nothing is fetched from anywhere: no picture, no font, no script.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from peakend.model.delivery import Severity

INK = {"info": "#1f6f5c", "success": "#2e7d4f", "warning": "#b26a00", "danger": "#b3362b"}
"""The colour of the line above a letter: how much it matters."""


class Sheet(NamedTuple):
    """One page: who writes (`head`), a word at its right (`aside`), the heading, the body as HTML, and below
    it a way to act, what goes along, and the way out of such letters ('' for none)."""

    language: str
    head: str
    aside: str
    heading: str
    body: str
    severity: Severity = "info"
    link: str = ""
    enclosed: Sequence[str] = ()
    unsubscribe: str = ""


def page(sheet: Sheet) -> str:
    """The sheet as one HTML document."""
    chinese = sheet.language == "zh"
    heading = _HEADING.format(text=sheet.heading) if sheet.heading else Markup("")
    below = Markup("").join(_below(sheet, chinese))
    return str(
        _PAGE.format(
            language="zh-CN" if chinese else sheet.language,
            title=sheet.heading or sheet.head,
            rules=Markup(_AT_NIGHT),
            font=Markup(_FONT_ZH if chinese else _FONT),
            line="1.8" if chinese else "1.65",
            ink=INK[sheet.severity],
            head=sheet.head,
            aside=sheet.aside,
            heading=heading,
            body=Markup(sheet.body),
            below=below,
        )
    )


def _below(sheet: Sheet, chinese: bool) -> list[Markup]:
    parts = []
    if sheet.link.startswith("https://"):
        label = "前往办理" if chinese else "Open the page"
        parts.append(_BUTTON.format(link=sheet.link, label=label, ink=INK[sheet.severity]))
    if sheet.enclosed:
        label, between = ("随信附上：", "、") if chinese else ("Enclosed: ", ", ")
        parts.append(_NOTE.format(text=label + between.join(sheet.enclosed)))
    if sheet.unsubscribe:
        label = "不想再收到这类来信" if chinese else "Stop letters of this kind"
        link = Markup('<a class="pe-quiet" style="color:#6f736d" href="{}">{}</a>')
        parts.append(_NOTE.format(text=link.format(sheet.unsubscribe, label)))
    return parts


def name_of(heading: str) -> str:
    """A heading as the name of a file: readable, in its own script, and nothing that a disk minds."""
    kept = "".join(one if one.isalnum() or one in "-_.（）()" else " " for one in str(heading))
    return " ".join(kept.split())[:60].strip(". ") or "letter"


_FONT = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,'Noto Sans',sans-serif"
# Chinese fonts first: in a Latin font, Chinese quotation marks are too narrow and stand in the wrong place.
_FONT_ZH = (
    "'PingFang SC','Hiragino Sans GB','Microsoft YaHei','Source Han Sans SC','Noto Sans CJK SC',sans-serif"
)
_AT_NIGHT = (
    "@media (prefers-color-scheme:dark){"
    ".pe-desk{background:#141614!important}.pe-sheet{background:#1e211f!important;color:#e4e6e1!important}"
    ".pe-quiet{color:#9aa09a!important}.pe-line{border-color:#353a36!important}"
    ".pe-link{color:#7cc7b2!important}.pe-code{background:#2a2e2b!important}}"
    "@media (max-width:480px){.pe-desk>table>tbody>tr>td{padding:0!important}"
    ".pe-pad{padding-left:22px!important;padding-right:22px!important}}"
)
_HEADING = Markup(
    '<h1 style="margin:0 0 22px;font-size:21px;line-height:1.45;font-weight:600;letter-spacing:0">{text}</h1>'
)
_BUTTON = Markup(
    '<p style="margin:8px 0 24px"><a href="{link}" style="display:inline-block;padding:10px 22px;'
    "border-radius:6px;background:{ink};color:#ffffff;font-weight:600;font-size:15px;"
    'text-decoration:none">{label}</a></p>'
)
_NOTE = Markup(
    '<p class="pe-quiet pe-line" style="margin:22px 0 0;padding-top:14px;border-top:1px solid #e2e4df;'
    'font-size:14px;line-height:1.6;color:#6f736d">{text}</p>'
)
_PAGE = Markup(
    """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no">
<title>{title}</title>
<style>{rules}</style>
</head>
<body class="pe-desk" style="margin:0;padding:0;background:#eff0ed;-webkit-text-size-adjust:100%">
<div class="pe-desk" style="background:#eff0ed">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
<tbody><tr><td align="center" style="padding:28px 12px">
<table role="presentation" class="pe-sheet" width="100%" cellpadding="0" cellspacing="0" border="0" \
style="max-width:600px;background:#ffffff;color:#23271f;border-top:3px solid {ink};\
font-family:{font};font-size:16px;line-height:{line};text-align:left;word-break:break-word;\
overflow-wrap:anywhere">
<tbody><tr><td class="pe-pad" style="padding:20px 44px 0">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tbody><tr>
<td class="pe-line" style="padding-bottom:14px;border-bottom:1px solid #e2e4df;font-size:14px;\
line-height:1.5;font-weight:600">{head}</td>
<td class="pe-line pe-quiet" align="right" style="padding-bottom:14px;border-bottom:1px solid #e2e4df;\
font-size:13px;line-height:1.5;color:#6f736d;white-space:nowrap">{aside}</td>
</tr></tbody></table>
</td></tr>
<tr><td class="pe-pad" style="padding:30px 44px 38px">
{heading}{body}{below}
</td></tr></tbody></table>
</td></tr></tbody></table>
</div>
</body>
</html>
"""
)
