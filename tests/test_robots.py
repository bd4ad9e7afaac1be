"""Robots in groups of WeCom, DingTalk and Feishu, and WeCom applications, against real servers."""

from __future__ import annotations

import hmac
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest
from channel_contract import ChannelContract, texts_in
from channel_world import NOW, SUBJECT, Heard, Reply, letter, serving, settings, to_loopback

from peakend.deliver.channels import SECOND, Channel
from peakend.deliver.dingtalk_robot import DingtalkRobot, DingtalkRobotSettings
from peakend.deliver.egress import Egress
from peakend.deliver.feishu_robot import FeishuRobot, FeishuRobotSettings
from peakend.deliver.wecom_app import WecomApp, WecomAppSettings
from peakend.deliver.wecom_robot import WecomRobot, WecomRobotSettings
from peakend.model.delivery import Receipt

LINK = "https://portal.example.com/renew?c=9&t=1"
# What a client of a provider would act on, in a text that is read as Markdown.
ACTS = ("<@", "<at", "@all", "@所有人", "](http", "://evil", "<script", "<font c", "evil.example")


class RobotContract(ChannelContract):
    code = "errcode"

    def harmless(self, heard: Heard) -> None:
        message = heard.json
        for text in texts_in(message):
            rest = text.replace(LINK, "")
            assert [act for act in ACTS if act in rest.replace('<font color="info">', "")] == []
            assert not set(rest) & {"\x00", "\x1b", "\u202e", "\u2066", "\ud800", "\u2028"}
        assert len(heard.body) < 30_000

    def test_a_check_posts_a_short_test_message(self) -> None:
        with serving(self.yes) as server:
            assert self.at(server.url).check(NOW) == Receipt("accepted", "accepted")
            assert any("Peakend" in text for text in texts_in(server.heard[0].json))

    def test_a_code_that_nobody_knows_is_shown_to_a_person_and_tried_again(self) -> None:
        assert self.handed(Reply(200, {self.code: 77})) == Receipt("later", "refused-settings 77")


class TestWecomRobot(RobotContract):
    def at(self, url: str, egress: Egress | None = None) -> Channel:
        return WecomRobot(settings(WecomRobotSettings, url=f"{url}/send?key=k-1"), egress or to_loopback())

    def test_the_message_is_markdown_with_title_text_and_link(self) -> None:
        with serving(self.yes) as server:
            self.at(server.url).hand_over(letter(severity="warning"), NOW)
            (heard,) = server.heard
            assert heard.query == {"key": "k-1"}
            assert heard.json == {
                "msgtype": "markdown",
                "markdown": {
                    "content": f'<font color="warning">**{SUBJECT}**</font>\n'
                    "您好，您的合同 C-9 将于 3 月 31 日到期。\n"
                    f"请与您的客户经理联系。\n[查看详情]({LINK})"
                },
            }

    def test_a_long_message_is_cut_to_what_the_provider_takes_and_keeps_its_link(self) -> None:
        with serving(self.yes) as server:
            self.at(server.url).hand_over(letter(text="漫" * 10_000), NOW)
            content = server.heard[0].json["markdown"]["content"]
            assert 4000 < len(content.encode()) <= 4096
            assert content.endswith(f"…\n[查看详情]({LINK})")

    @pytest.mark.parametrize(
        ("code", "receipt"),
        [
            (93000, Receipt("later", "credentials 93000")),
            (45009, Receipt("later", "throttled 45009", wait=60 * SECOND)),
            (-1, Receipt("later", "busy -1")),
            (45002, Receipt("refused", "content 45002")),
        ],
    )
    def test_the_codes_of_the_provider_are_known(self, code: int, receipt: Receipt) -> None:
        assert self.handed(Reply(200, {"errcode": code, "errmsg": "x"})) == receipt


class TestDingtalkRobot(RobotContract):
    def at(self, url: str, egress: Egress | None = None) -> Channel:
        configured = settings(
            DingtalkRobotSettings, url=f"{url}/robot/send?access_token=t-1", secret="SECabc"
        )
        return DingtalkRobot(configured, egress or to_loopback())

    def test_the_message_mentions_nobody_and_is_signed_as_the_provider_says(self) -> None:
        with serving(self.yes) as server:
            self.at(server.url).hand_over(letter(text="您好\n第二行", language="en"), NOW)
            (heard,) = server.heard
            stamp = str(NOW // 1000)
            mac = hmac.new(b"SECabc", f"{stamp}\nSECabc".encode(), sha256).digest()
            assert heard.query == {"access_token": "t-1", "timestamp": stamp, "sign": b64encode(mac).decode()}
            assert heard.json["at"] == {"isAtAll": False}
            assert heard.json["markdown"] == {
                "title": SUBJECT,
                "text": f"#### {SUBJECT}\n\n您好  \n第二行\n\n[Open]({LINK})",
            }

    @pytest.mark.parametrize(
        ("code", "receipt"),
        [
            (300001, Receipt("later", "credentials 300001")),
            (310000, Receipt("later", "refused-settings 310000")),
            (130101, Receipt("later", "throttled 130101", wait=600 * SECOND)),
            (400013, Receipt("refused", "recipient 400013")),
            (430101, Receipt("refused", "content 430101")),
        ],
    )
    def test_the_codes_of_the_provider_are_known(self, code: int, receipt: Receipt) -> None:
        assert self.handed(Reply(200, {"errcode": code, "errmsg": "x"})) == receipt


class TestFeishuRobot(RobotContract):
    yes = Reply(200, {"code": 0, "msg": "success", "data": {}})
    code = "code"

    def at(self, url: str, egress: Egress | None = None) -> Channel:
        configured = settings(FeishuRobotSettings, url=f"{url}/open-apis/bot/v2/hook/h-1", secret="s-1")
        return FeishuRobot(configured, egress or to_loopback())

    def test_the_message_is_a_card_of_plain_texts_and_is_signed_as_the_provider_says(self) -> None:
        with serving(self.yes) as server:
            self.at(server.url).hand_over(letter(severity="danger"), NOW)
            message = server.heard[0].json
            stamp = str(NOW // SECOND)
            mac = hmac.new(f"{stamp}\ns-1".encode(), b"", sha256).digest()
            assert (message["timestamp"], message["sign"]) == (stamp, b64encode(mac).decode())
            card = message["card"]
            assert card["header"] == {
                "title": {"tag": "plain_text", "content": SUBJECT},
                "template": "red",
            }
            assert card["elements"][0]["text"]["tag"] == "plain_text"
            assert card["elements"][1]["actions"][0]["url"] == LINK

    def test_the_older_form_of_an_answer_is_understood(self) -> None:
        assert self.handed(Reply(200, {"StatusCode": 0, "StatusMessage": "success"})).answer == "accepted"

    @pytest.mark.parametrize(
        ("status", "code", "receipt"),
        [
            (200, 19001, Receipt("later", "credentials 19001")),
            (200, 19021, Receipt("later", "credentials 19021")),
            (400, 19024, Receipt("later", "refused-settings 19024")),
            (200, 11232, Receipt("later", "throttled 11232", wait=60 * SECOND)),
            (400, 9499, Receipt("refused", "content 9499")),
        ],
    )
    def test_the_codes_of_the_provider_are_known(self, status: int, code: int, receipt: Receipt) -> None:
        assert self.handed(Reply(status, {"code": code, "msg": "x"})) == receipt


class TestWecomApp(ChannelContract):
    yes = Reply(200, {"errcode": 0, "errmsg": "ok", "invaliduser": "", "msgid": "m-1"})
    to = "zhangsan"

    def at(self, url: str, egress: Egress | None = None) -> Channel:
        configured = settings(WecomAppSettings, url=url, corp_id="ww1", agent_id=1000002, secret="s&1")
        return WecomApp(configured, egress or to_loopback())

    def before(self, heard: Heard) -> Reply | None:
        if heard.path != "/cgi-bin/gettoken":
            return None
        assert heard.query == {"corpid": "ww1", "corpsecret": "s&1"}
        return Reply(200, {"errcode": 0, "access_token": "token-1", "expires_in": 7200})

    def told(self, heard: list[Heard]) -> list[Heard]:
        return [one for one in heard if one.path == "/cgi-bin/message/send"]

    def harmless(self, heard: Heard) -> None:
        message = heard.json
        assert message["touser"] == self.to
        for text in texts_in(message):
            assert "<" not in text
            assert [act for act in ACTS if act in text.replace(LINK, "")] == []

    def test_the_message_is_a_card_with_its_link(self) -> None:
        with serving(lambda heard: self.before(heard) or self.yes) as server:
            receipt = self.at(server.url).hand_over(letter(to="zhangsan"), NOW)
            assert receipt == Receipt("accepted", "accepted", "m-1")
            (heard,) = self.told(server.heard)
            assert heard.query == {"access_token": "token-1"}
            assert heard.json["agentid"] == 1000002
            assert heard.json["textcard"] == {
                "title": SUBJECT,
                "description": "您好，您的合同 C-9 将于 3 月 31 日到期。\n请与您的客户经理联系。",
                "url": LINK,
                "btntxt": "查看详情",
            }

    def test_a_letter_without_a_link_is_a_text(self) -> None:
        with serving(lambda heard: self.before(heard) or self.yes) as server:
            self.at(server.url).hand_over(letter(to="zhangsan", link=""), NOW)
            (heard,) = self.told(server.heard)
            assert heard.json["msgtype"] == "text"
            assert heard.json["text"]["content"].startswith(SUBJECT)

    @pytest.mark.parametrize("to", ["@all", "@ALL", "a|b", "", "a b", "zhang<san>", "x" * 65, "a\n"])
    def test_an_id_that_could_mean_more_than_one_member_is_refused(self, to: str) -> None:
        with serving(self.yes) as server:
            assert self.at(server.url).hand_over(letter(to=to), NOW) == Receipt("refused", "address")
            assert server.heard == []

    def test_a_token_is_kept_until_it_runs_out(self) -> None:
        with serving(lambda heard: self.before(heard) or self.yes) as server:
            channel = self.at(server.url)
            for minute in (0, 60, 118, 121):
                channel.hand_over(letter(to="zhangsan"), NOW + minute * 60 * SECOND)
            fetched = [number for number, one in enumerate(server.heard) if one.path == "/cgi-bin/gettoken"]
            assert fetched == [0, 4]

    @pytest.mark.parametrize("code", [40014, 42001])
    def test_a_token_that_is_no_longer_taken_is_fetched_once_more(self, code: int) -> None:
        tokens = iter(["old", "new"])

        def provider(heard: Heard) -> Reply:
            if heard.path == "/cgi-bin/gettoken":
                return Reply(200, {"errcode": 0, "access_token": next(tokens), "expires_in": 7200})
            return self.yes if heard.query["access_token"] == "new" else Reply(200, {"errcode": code})

        with serving(provider) as server:
            assert self.at(server.url).hand_over(letter(to="zhangsan"), NOW).answer == "accepted"
            assert len(server.heard) == 4

    def test_a_token_that_is_never_taken_is_not_fetched_for_ever(self) -> None:
        with serving(lambda heard: self.before(heard) or Reply(200, {"errcode": 40014})) as server:
            receipt = self.at(server.url).hand_over(letter(to="zhangsan"), NOW)
            assert receipt == Receipt("later", "credentials 40014")
            assert len(server.heard) == 4

    @pytest.mark.parametrize(
        "answer",
        [
            {"errcode": 0, "invaliduser": "zhangsan"},
            {"errcode": 0, "unlicenseduser": "zhangsan"},
            {"errcode": 81013},
        ],
    )
    def test_a_member_whom_the_provider_does_not_know_is_refused(self, answer: Any) -> None:
        assert self.handed(Reply(200, answer)).answer == "refused"

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            (Reply(200, {"errcode": 40001, "errmsg": "invalid credential"}), "credentials 40001"),
            (Reply(200, {"errcode": 60020}), "refused-settings 60020"),
            (Reply(500, b""), "busy 500"),
            (Reply(200, b"<html>"), "unclear 200"),
            (Reply(0), "dropped"),
        ],
    )
    def test_without_a_token_nothing_was_sent_and_the_letter_may_try_again(
        self, answer: Reply, said: str
    ) -> None:
        with serving(answer) as server:
            channel = self.at(server.url)
            assert channel.hand_over(letter(to="zhangsan"), NOW) == Receipt("later", said)
            assert channel.check(NOW) == Receipt("later", said)

    def test_a_check_asks_for_a_token_and_sends_nothing(self) -> None:
        with serving(lambda heard: self.before(heard) or self.yes) as server:
            assert self.at(server.url).check(NOW) == Receipt("accepted", "accepted")
            assert self.told(server.heard) == []
