"""Texts, cards and phrases: complete in every language, fillable, and in the tone that was agreed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from peakend.design.lint.finding import Known, found, stranger
from peakend.design.lint.liquid import check_liquid
from peakend.design.lint.plays import CLASS_NAMES
from peakend.design.lint.steps import TO_COLLEAGUE
from peakend.design.words import hint
from peakend.errors import Place
from peakend.model.event import FieldType
from peakend.model.pack import Channels, Pack, Step, Text
from peakend.model.parts import CARD_HEADINGS, ClassName
from peakend.model.problem import Path, Problem
from peakend.model.vocabulary import step_fields, steps_of

LONGEST_SMS = 300
"""Characters of a text, Liquid included, that still make a handful of short messages."""


class Use(NamedTuple):
    """One use of a text or card by a play: the fields that it can name there, and how it is sent.

    `gathered` says that several may leave as one, `attached` that it goes along with another.
    """

    play: str
    class_: ClassName
    fields: dict[str, FieldType]
    channels: tuple[str, ...]
    gathered: bool = False
    attached: bool = False


Uses = dict[str, list[Use]]


def check_texts(pack: Pack, known: Known) -> Iterator[Problem]:
    """Everything about texts/ and cards/."""
    text_uses, card_uses = _uses(pack)
    yield from _languages(pack)
    yield from _translated(pack, known, "texts", text_uses)
    yield from _translated(pack, known, "cards", card_uses)
    for (language, name), text in pack.texts.items():
        if language not in pack.head.languages:
            continue
        yield from _read_aloud(pack, "texts", text, text_uses.get(name, []))
        yield from _discounts(pack, text, text_uses.get(name, []))
        yield from _sending(pack, text, text_uses.get(name, []))
    for (language, name), card in pack.cards.items():
        if language not in pack.head.languages:
            continue
        yield from _read_aloud(pack, "cards", card, card_uses.get(name, []))
        yield from _headings(pack, card)


def _sending(pack: Pack, text: Text, uses: list[Use]) -> Iterator[Problem]:
    """What a text lacks for the way in which it leaves: a subject, a short form, a list, a usable link."""
    path: Path = ("texts", text.language, text.name)
    by_mail = next((use for use in uses if "email" in use.channels), None)
    if by_mail and not text.subject:
        yield found(pack, "no_subject", *path, play=by_mail.play)
    attached = next((use for use in uses if use.attached), None)
    if attached and not (by_mail or text.subject):
        yield found(pack, "nameless_file", *path, play=attached.play, word=text.name)
    by_sms = next((use for use in uses if "sms" in use.channels), None)
    if by_sms and "sms" not in text.channels and len(text.body) > LONGEST_SMS:
        yield found(pack, "no_short_form", *path, play=by_sms.play, n=len(text.body))
    if text.link and not text.link.startswith(("https://", "/", "{{", "{%")):
        yield found(pack, "bad_link", *path, "link", word=text.link)
    gathered = next((use for use in uses if use.gathered and not use.attached), None)
    if gathered:
        yield from _unlisted(pack, text, gathered)


def _unlisted(pack: Pack, text: Text, use: Use) -> Iterator[Problem]:
    """Pieces that speak of one alone where several may leave as one message."""
    path: Path = ("texts", text.language, text.name)
    for piece, place, inner in _pieces(pack, text, path):
        if inner[-1] != "link" and "items" not in piece:
            alone = next((name for name in use.fields if re.search(rf"{{{{-?\s*{name}\b", piece)), None)
            if alone:
                yield _at(found(pack, "alone_among_many", *inner, play=use.play, word=alone), place)


def _uses(pack: Pack) -> tuple[Uses, Uses]:
    texts: Uses = {}
    cards: Uses = {}
    for play in pack.plays.values():
        for _, step, exit_kinds in steps_of(play):
            class_, fields = step.class_ or play.class_, step_fields(pack, play, exit_kinds)
            use = Use(play.play, class_, fields, _channels(step), gathered=play.gather is not None)
            if step.action:
                (cards if step.action in TO_COLLEAGUE else texts).setdefault(step.says, []).append(use)
            for name in step.attach:
                texts.setdefault(name, []).append(use._replace(channels=(), attached=True))
    return texts, cards


def _channels(step: Step) -> tuple[str, ...]:
    through = step.through.all if isinstance(step.through, Channels) else step.through
    return tuple(through or ())


def _languages(pack: Pack) -> Iterator[Problem]:
    told: set[tuple[str, str]] = set()
    for group, written in (("texts", pack.texts), ("cards", pack.cards)):
        for language, name in written:
            if language not in pack.head.languages and (group, language) not in told:
                told.add((group, language))
                yield stranger(pack, "language", language, pack.head.languages, group, language, name)


def _translated(pack: Pack, known: Known, group: str, uses: Uses) -> Iterator[Problem]:
    """Problems where a text exists in one language only, or nobody uses it."""
    noun = group.removesuffix("s")
    written: dict[str, list[str]] = {}
    for path in pack.places:
        if len(path) == 3 and path[0] == group:
            written.setdefault(str(path[2]), []).append(str(path[1]))
    for name, languages in sorted(written.items()):
        here: Path = (group, languages[0], name)
        for language in pack.head.languages:
            if language not in languages:
                file = f"{group}/{language}/{name}.md"
                yield found(pack, f"{noun}_untranslated", *here, word=name, language=language, file=file)
        if name not in uses and known.complete:
            yield found(pack, f"unused_{noun}", *here, word=name)


def _read_aloud(pack: Pack, group: str, text: Text, uses: list[Use]) -> Iterator[Problem]:
    """What holds for texts and cards alike: something is said, fillable, and not in forbidden words."""
    path: Path = (group, text.language, text.name)
    if not text.body.strip():
        yield found(pack, "empty_text", *path, word=text.name)
    for piece, place, inner in _pieces(pack, text, path):
        yield from check_liquid(pack, piece, place, inner, _fields(uses), used=bool(uses))
        for phrase in pack.phrases.phrases:
            words = phrase.never.get(text.language, "")
            for line in _lines_with(piece, words):
                instead = phrase.instead.get(text.language) or next(iter(phrase.instead.values()), "…")
                spot = place._replace(line=place.line + line)
                yield _at(found(pack, "never_say", *inner, word=words, instead=instead), spot)


def _discounts(pack: Pack, text: Text, uses: list[Use]) -> Iterator[Problem]:
    other = next((use for use in uses if use.class_ != "marketing"), None)
    if other is None:
        return
    path: Path = ("texts", text.language, text.name)
    for piece, place, inner in _pieces(pack, text, path):
        for word in pack.phrases.discount_words.get(text.language, []):
            for line in _lines_with(piece, word):
                spot = place._replace(line=place.line + line)
                values = {"word": word, "play": other.play, "class_": CLASS_NAMES[other.class_]}
                yield _at(found(pack, "discount_word", *inner, **values), spot)


def _pieces(pack: Pack, text: Text, path: Path) -> Iterator[tuple[str, Place, Path]]:
    """The parts of a text that reach somebody, each with its place."""
    for key, piece in (("subject", text.subject), ("link", text.link)):
        if piece:
            yield piece, pack.place(*path, key), (*path, key)
    for channel, variant in text.channels.items():
        yield variant, pack.place(*path, "channels", channel), (*path, "channels", channel)
    yield text.body, text.place, path


def _fields(uses: list[Use]) -> dict[str, FieldType]:
    """The fields that the text can know in at least one play; elsewhere they stay empty."""
    return {name: kind_of for use in uses for name, kind_of in use.fields.items()}


def _headings(pack: Pack, card: Text) -> Iterator[Problem]:
    path: Path = ("cards", card.language, card.name)
    wanted = CARD_HEADINGS.get(card.language, ())
    lines = card.body.split("\n")
    at = {match[1]: n for n, line in enumerate(lines) if (match := _HEADING.match(line))}
    strangers = [heading for heading in at if heading not in wanted]
    for heading in wanted:
        if heading not in at:
            close, _ = hint(heading, strangers)
            wrong = close.split("'")[1] if close.startswith("Did you mean") else ""
            spot = card.place._replace(line=card.place.line + at.get(wrong, 0))
            fix = (f"Write ## {heading}", f"请写 ## {heading}")
            if wrong:
                fix = (f"Write ## {heading} in place of '{wrong}'", f"请把“{wrong}”改为 ## {heading}")
            yield _at(found(pack, "heading_missing", *path, word=heading, hint=fix), spot)
            continue
        below = next((n for n in sorted(at.values()) if n > at[heading]), len(lines))
        if not "".join(lines[at[heading] + 1 : below]).strip():
            spot = card.place._replace(line=card.place.line + at[heading])
            yield _at(found(pack, "heading_empty", *path, word=heading), spot)


_HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*\s*$")


def _lines_with(piece: str, words: str) -> Iterator[int]:
    if not words:
        return
    pattern = re.escape(words)
    if words[0].isascii() and words[0].isalnum():
        pattern = rf"(?<![A-Za-z0-9]){pattern}"
    if words[-1].isascii() and words[-1].isalnum():
        pattern = rf"{pattern}(?![A-Za-z0-9])"
    if re.search(pattern, piece, re.IGNORECASE):
        for number, line in enumerate(piece.split("\n")):
            if re.search(pattern, line, re.IGNORECASE):
                yield number


def _at(found_there: Problem, place: Place) -> Problem:
    """The same problem at the very line."""
    return replace(found_there, place=place)
