"""The words of a send: a text of the pack filled in for one customer, one language and one channel.

What a text may speak of was gathered by the fold at the instant of the verdict; nothing here looks anything
up, reads a clock, or knows a channel's wire. The same contents give the same words a year later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from liquid.exceptions import LiquidError
from markdown_it.token import Token

from peakend.deliver.markdown import as_html, as_plain, closed_up, linked, tokens_of
from peakend.deliver.sheet import Sheet, name_of, page
from peakend.deliver.told import Told, told
from peakend.errors import Place, TextError
from peakend.model.delivery import Attachment, Words
from peakend.model.liquid import Filled, fill, unsealed
from peakend.model.outcome import Content
from peakend.model.pack import Pack, Text

LONGEST_SUBJECT = 200
"""Characters of a subject, a title, or a value in a short variant; what is longer is cut, with a mark."""
COLLEAGUE = frozenset({"card", "task"})
CARD = {"zh": "服务提示卡", "en": "Service card"}


def compose(
    pack: Pack,
    contents: Sequence[Content],
    *,
    channel: str,
    contact: Mapping[str, str],
    sender: Mapping[str, str],
    role: str = "",
    language: str = "",
    unsubscribe: str = "",
) -> Words:
    """Fill in the text or card of one message.

    `contents` are the sends that leave in it, one or several of the same step, the first giving the fields
    that the text names and each giving one of `items`. `contact` says who reads it: name, role, channel,
    address, contact. `sender` is the house: name, phone, company, console, and whatever else the texts name.
    `role` is what the reader of a card is called, where that is not the role's own name.
    `language` is the customer's own where none is given; for a card give the colleague's. `unsubscribe` is
    the address that is shown below a letter.
    Where the text has a variant for `channel` the words are short: no HTML and nothing attached.
    Raises TextError (what, file and line, fix) for a text that cannot be filled in.
    """
    first = contents[0]
    text = text_of(pack, first, language or language_of(pack, first.profile))
    known = told(pack, contents, text.language, contact=contact, sender=sender)
    known = known._replace(role=role or known.role)
    desk = _Desk(pack, text, known)
    subject = _one_line(desk.filled(text.subject, "subject"))
    link = linked(desk.filled(text.link, "link"))
    if text.link and not link:
        desk.unknown["link"] = None
    plain, html = desk.variant(channel), ""
    enclosed: list[Attachment] = []
    if not plain:
        enclosed = _enclosed(pack, contents, text, known, desk)
        plain, html = _letter(desk, subject, link, [file.name for file in enclosed], unsubscribe)
    return Words(
        name=text.name,
        language=text.language,
        subject=subject,
        text=plain,
        html=html,
        severity=text.severity,
        link=link,
        attachments=tuple(enclosed),
        values=known.fields_as_text,
        unknown=tuple(desk.unknown),
    )


def language_of(pack: Pack, profile: Mapping[str, object]) -> str:
    """The customer's attribute `language` where the pack has it, else the pack's first language."""
    wanted = profile.get("language")
    return wanted if isinstance(wanted, str) and wanted in pack.head.languages else pack.head.languages[0]


def text_of(pack: Pack, content: Content, language: str) -> Text:
    """The text or card that a content names, in the language or the pack's next. Raises TextError."""
    group = pack.cards if content.action in COLLEAGUE else pack.texts
    return _written(group, pack, content.text, language, "cards" if group is pack.cards else "texts")


def _written(
    group: Mapping[tuple[str, str], Text], pack: Pack, name: str, language: str, folder: str
) -> Text:
    for spoken in (language, *pack.head.languages):
        if (spoken, name) in group:
            return group[spoken, name]
    file = f"{folder}/{language}/{name}.md"
    raise TextError(
        f"The pack has no text '{name}'",
        place=Place(f"{pack.root}/{file}"),
        fix=f"Write {file}",
        what_zh=f"模板里没有文本“{name}”",
        fix_zh=f"请写 {file}",
    )


@dataclass
class _Desk:
    """Where one text is filled in: it remembers the names that left a gap."""

    pack: Pack
    text: Text
    known: Told
    unknown: dict[str, None] = field(default_factory=dict)

    def filled(self, piece: str, *where: str) -> Filled:
        """One piece of the text. Raises TextError with its file and line."""
        try:
            found = fill(piece, self.known.names)
        except LiquidError as error:
            raise _failed(self.pack, self.text, where, piece, error) from error
        self.unknown.update(dict.fromkeys(found.unknown))
        return closed_up(found) if self.text.language == "zh" else found

    def variant(self, channel: str) -> str:
        """The short form for a channel, '' where the text has none; each value stands on one line."""
        piece = self.text.channels.get(channel, "")
        if not piece:
            return ""
        found = self.filled(piece, "channels", channel)
        return unsealed(found.text, [_cut(value) for value in found.values]).strip()


def _letter(
    desk: _Desk, subject: str, link: str, enclosed: Sequence[str], unsubscribe: str
) -> tuple[str, str]:
    """The long form, plain and as HTML."""
    text = desk.text
    found = desk.filled(text.body)
    tokens = tokens_of(found, text.language)
    plain = as_plain(tokens, found.values)
    if link.startswith("https://"):
        plain += f"\n\n{link}"
    if unsubscribe:
        label = "不想再收到这类来信：" if text.language == "zh" else "Stop letters of this kind: "
        plain += f"\n\n{label}{unsubscribe}"
    card = (text.language, text.name) in desk.pack.cards and desk.pack.cards[text.language, text.name] is text
    head, aside = _head(desk, card)
    html = page(
        Sheet(
            language=text.language,
            head=head,
            aside=aside,
            heading=subject,
            body=as_html(tokens, found.values, blanks=card),
            severity=text.severity,
            link=link,
            enclosed=[name.removesuffix(".html") for name in enclosed],
            unsubscribe=unsubscribe,
        )
    )
    return plain, html


def _head(desk: _Desk, card: bool) -> tuple[str, str]:
    language, known = desk.text.language, desk.known
    if card:
        role = desk.pack.head.words.get(known.role, {}).get(language, known.role)
        label = CARD.get(language, CARD["en"])
        return (f"{label} · {role}" if role else label), f"{known.sent:%Y-%m-%d %H:%M}"
    company = known.sender.get("company") or desk.pack.head.title.get(language) or desk.pack.head.pack
    return company, _day(known.sent, language)


def _day(sent: datetime, language: str) -> str:
    if language == "zh":
        return f"{sent.year}年{sent.month}月{sent.day}日"
    return f"{sent.day} {sent:%B %Y}"


def _enclosed(
    pack: Pack, contents: Sequence[Content], text: Text, known: Told, desk: _Desk
) -> list[Attachment]:
    """The texts that go along, each as a page of its own."""
    files: dict[str, Attachment] = {}
    for name in dict.fromkeys(name for content in contents for name in content.attach):
        enclosed = _written(pack.texts, pack, name, text.language, "texts")
        inner = _Desk(pack, enclosed, known, desk.unknown)
        heading = _one_line(inner.filled(enclosed.subject, "subject"))
        found = inner.filled(enclosed.body)
        tokens = tokens_of(found, enclosed.language)
        if tokens and tokens[0].type == "heading_open" and _said(tokens[1], found) == heading:
            tokens = tokens[3:]  # the sheet's own heading says it
        head, aside = _head(inner, False)
        sheet = Sheet(enclosed.language, head, aside, heading, as_html(tokens, found.values))
        file = f"{name_of(heading or name)}.html"
        files[file] = Attachment(file, "text/html; charset=utf-8", page(sheet).encode())
    return list(files.values())


def _said(token: Token, found: Filled) -> str:
    return unsealed(token.content, found.values).strip()


def _one_line(found: Filled) -> str:
    """A subject: one line of bounded length, whatever a value holds."""
    return _cut(unsealed(found.text, found.values))


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1] + "…"


def _failed(pack: Pack, text: Text, where: Sequence[str], piece: str, error: LiquidError) -> TextError:
    group = "cards" if pack.cards.get((text.language, text.name)) is text else "texts"
    place = pack.place(group, text.language, text.name, *where) if where else text.place
    start = error.token.start_index if error.token is not None else 0
    place = place._replace(line=place.line + piece.count("\n", 0, max(start, 0)))
    reason = str(error.args[0]) if error.args else type(error).__name__
    call = f"peakend preview {pack.head.pack} {text.name} --events"
    return TextError(
        f"The text '{text.name}' cannot be filled in: {reason:.200}",
        place=place,
        fix=f"Mend it, then look at it: {call} LOG --customer ID",
        what_zh=f"文本“{text.name}”无法填充：{reason:.200}",
        fix_zh=f"请改好后预览：{call} 日志 --customer 客户编号",
    )
