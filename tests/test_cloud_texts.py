"""Every send of a simulated year of the cloud pack in words: whole, and in both languages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from peakend.backtest.conclude import Concluded, conclude
from peakend.cli import app
from peakend.deliver.compose import COLLEAGUE, compose, language_of
from peakend.design.pack import find_pack, load_pack
from peakend.model.delivery import Words
from peakend.model.outcome import Content, Verdict
from peakend.model.pack import Pack
from peakend.model.vocabulary import steps_of
from peakend.simulate import simulate

SENDER = {"name": "林悦", "phone": "010-5555-0100"}


@pytest.fixture(scope="module")
def cloud() -> Pack:
    return load_pack(find_pack("cloud"))


@pytest.fixture(scope="module")
def log(cloud: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cloud") / "log.parquet"
    simulate(cloud, path, customers=150, days=365, start=date(2025, 1, 1), seed=2025)
    return path


@pytest.fixture(scope="module")
def year(cloud: Pack, log: Path) -> Concluded:
    return conclude(cloud, [log], contents=True)


@pytest.fixture(scope="module")
def messages(year: Concluded) -> dict[str, list[Content]]:
    """What leaves together, by its message."""
    found: dict[str, list[Content]] = {}
    for content in year.contents:
        found.setdefault(content.message, []).append(content)
    return found


def written(pack: Pack, contents: list[Content], language: str, channel: str = "email") -> Words:
    return compose(
        pack, contents, channel=channel, contact={"name": "王敏"}, sender=SENDER, language=language
    )


def test_every_send_of_a_year_is_filled_in_whole_in_both_languages(
    cloud: Pack, messages: Mapping[str, list[Content]]
) -> None:
    gaps: Counter[tuple[str, str]] = Counter()
    for contents in messages.values():
        group = cloud.cards if contents[0].action in COLLEAGUE else cloud.texts
        for language in cloud.head.languages:
            short = group[language, contents[0].text].channels
            for channel in ("email", *short):
                words = written(cloud, contents, language, channel)
                gaps.update((words.name, name) for name in words.unknown)
                pages = [words.html, *(file.data.decode() for file in words.attachments)]
                bodies = [page.partition("<body")[2] for page in pages]
                said = "".join([words.subject, words.text, *bodies])
                left = re.search(r"\{\{|\{%|%\}|\}\}|\*\*|[\ue000\ue001]|None|Undefined", said)
                assert not left, (words.name, language, channel, left)
                assert words.text.strip() and (words.html or channel in short)
    assert not gaps, "a text names what its events do not bring"
    assert len(messages) > 2_000


def test_the_year_uses_nearly_every_text_that_a_play_names(cloud: Pack, year: Concluded) -> None:
    """But for the cards of those who were not reached: in the simulated year everybody is."""
    named = {step.says for play in cloud.plays.values() for _, step, _ in steps_of(play)}
    named -= {play.if_unreached.card for play in cloud.plays.values() if play.if_unreached}
    seen = {content.text for content in year.contents}
    assert len(named - seen) <= 4, sorted(named - seen)


def test_a_gathered_reminder_lists_every_contract(cloud: Pack, messages: Mapping[str, list[Content]]) -> None:
    several = [
        contents
        for contents in messages.values()
        if len(contents) > 1 and contents[0].text in ("renewal-first", "renewal-second", "renewal-last")
    ]
    assert several
    for contents in several:
        for language in cloud.head.languages:
            said = written(cloud, contents, language).text
            assert all(content.fields["contract_id"] in said for content in contents)


def test_the_usage_report_shows_the_customers_own_figures(
    cloud: Pack, messages: Mapping[str, list[Content]]
) -> None:
    reports = [contents[0] for contents in messages.values() if contents[0].text == "usage-year"]
    assert len(reports) > 10
    for content in reports:
        facts = content.facts
        english = written(cloud, [content], "en").text
        chinese = written(cloud, [content], "zh").text
        assert f"something ran on {round(facts['days_used'])} days" in english
        assert f"使用：{round(facts['days_used'])} 天有业务在跑" in chinese
        if facts["incidents_year"]:
            assert (
                f"Incidents: {facts['incidents_year']}, of which {facts['serious_year']} serious" in english
            )
        assert f"Tickets closed: {facts['resolved_year']}." in english
    assert len({written(cloud, [one], "en").text for one in reports}) > 10


def test_what_goes_along_with_the_last_reminder_is_in_the_customers_language(
    cloud: Pack, messages: Mapping[str, list[Content]]
) -> None:
    contents = next(one for one in messages.values() if one[0].text == "renewal-last")
    names = {
        language: [file.name for file in written(cloud, contents, language).attachments]
        for language in ("zh", "en")
    }
    assert names == {
        "zh": ["数据保护建议.html", "快速恢复指引.html"],
        "en": ["Protecting your data.html", "Quick recovery.html"],
    }
    assert language_of(cloud, {**contents[0].profile, "language": "en"}) == "en"


# --- preview --------------------------------------------------------------------------------------------


def run(log: Path, text: str, customer: str, *more: str) -> str:
    made = CliRunner().invoke(
        app, ["preview", "cloud", text, "--events", str(log), "--customer", customer, *more]
    )
    assert made.exit_code == 0, made.output
    return made.output


def test_a_preview_shows_what_the_customer_got(
    log: Path, cloud: Pack, messages: Mapping[str, list[Content]], tmp_path: Path
) -> None:
    contents = next(one for one in messages.values() if len(one) > 1 and one[0].text.startswith("renewal-"))
    first, page = contents[0], tmp_path / "letter.html"
    at = datetime.fromtimestamp(first.instant / 1e6, ZoneInfo("Asia/Shanghai")) + timedelta(hours=3)
    asked = ("--at", f"{at:%Y-%m-%d %H:%M}", "--channel", "email", "--html", str(page), "--language", "zh")
    shown = run(log, first.text, first.customer, *asked)
    assert f"发出，{len(contents)} 件合成一条" in shown
    assert all(content.fields["contract_id"] in page.read_text("utf-8") for content in contents)


def test_a_page_asked_for_without_a_channel_is_that_of_the_mail(
    log: Path, cloud: Pack, year: Concluded, tmp_path: Path
) -> None:
    through = {
        one.message: one.channels[0] for one in year.outputs if isinstance(one, Verdict) and one.channels
    }
    newest = {(one.customer, one.text): one for one in year.contents if ("en", one.text) in cloud.texts}
    short = next(
        one for one in newest.values() if through[one.message] in cloud.texts["en", one.text].channels
    )
    page, mail = tmp_path / "page.html", tmp_path / "mail.html"
    assert "The short form" not in run(log, short.text, short.customer, "--html", str(page))
    run(log, short.text, short.customer, "--channel", "email", "--html", str(mail))
    assert page.read_bytes() == mail.read_bytes()


def test_a_preview_of_what_was_never_sent_says_so_and_names_the_event(
    log: Path, messages: Mapping[str, list[Content]]
) -> None:
    got = {one[0].customer for one in messages.values() if one[0].text == "release-reminder"}
    others = (one[0].customer for one in messages.values() if one[0].text == "renewal-first")
    shown = run(log, "release-reminder", next(one for one in others if one not in got), "--channel", "email")
    assert "An example, never sent" in shown and "newest contract." in shown
    assert "{{" not in shown and "(name), (phone)" in shown


def test_a_preview_of_a_text_that_is_not_there_names_the_nearest(log: Path) -> None:
    made = CliRunner().invoke(
        app, ["preview", "cloud", "renewal-lats", "--events", str(log), "--customer", "c000001"]
    )
    assert made.exit_code != 0
    assert "renewal-last" in str(made.exception)
