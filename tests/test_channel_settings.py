"""Settings of channels: what is read, what is said of what is wrong, in both languages, no secret told."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from peakend.deliver.channels import MINUTE, SECOND, Rate
from peakend.deliver.printer import Printer
from peakend.deliver.said import WORDS, say, told
from peakend.deliver.settings import KINDS, channels_of
from peakend.errors import ChannelError, Place

PAGE = Path(__file__).resolve().parent.parent / "docs" / "channels.md"
MAIL = {"kind": "smtp", "host": "h", "from": {"address": "a@b.c"}}
SMS = {"kind": "aliyun-sms", "access_key_id": "a", "access_key_secret": "b", "sign_name": "c"}
ROBOT = {"kind": "wecom-robot", "url": "https://x.example/?key=${KEY}"}
ENVIRONMENT = {"KEY": "SECRET-1", "PORT": "2525", "KEYS": "x"}


def read(**channels: Any) -> Any:
    return channels_of(channels, ENVIRONMENT, sys.stdout)


def test_the_configuration_of_the_page_is_read_whole() -> None:
    found = re.search(r"```yaml channels.yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    names = re.findall(r"\$\{(\w+)\}", found[1])
    environment = dict.fromkeys(names, "x") | {"HOOK_SECRET": "whsec_" + "A" * 43 + "="}
    ready = channels_of(YAML().load(found[1])["channels"], environment, sys.stdout)
    assert len(ready) == 11
    assert ready["email"].rates == (Rate(100, MINUTE),)
    assert ready["team-feishu"].rates == (Rate(5, SECOND), Rate(100, MINUTE))
    assert ready["email"].timeout == 30 * SECOND
    assert {name for name, one in ready.items() if one.channel.at_most_once} == {
        "team-wecom", "team-dingtalk", "team-feishu", "wecom", "sms", "sms-abroad", "other-sms"
    }  # fmt: skip
    for one in ready.values():
        one.channel.close()


def test_the_page_names_every_key_and_kind() -> None:
    page = PAGE.read_text("utf-8")
    keys = {key for shape in KINDS.values() for key in shape.__struct_encode_fields__}
    assert [key for key in sorted({*keys, *KINDS}) if not re.search(rf"\b{key}\b", page)] == []


def test_a_channel_that_prints_prints_to_the_stream_that_was_handed_in(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert isinstance(read(screen={"kind": "print"})["screen"].channel, Printer)
    assert capsys.readouterr().out == ""


def test_the_environment_is_put_into_any_text_and_numbers_may_come_from_it() -> None:
    ready = read(email=MAIL | {"port": "${PORT}", "password": "${KEY}", "user": "u", "timeout": "PT5S"})
    assert ready["email"].timeout == 5 * SECOND


@pytest.mark.parametrize(
    ("channel", "english", "chinese"),
    [
        ({"kind": "smpt"},
         "`channels.x.kind` 'smpt' is no kind of channel. Did you mean 'smtp'?", "没有“smpt”这种渠道"),
        ({}, "`channels.x` does not say what kind of channel it is", "没有写明渠道种类"),
        ("smtp", "`channels.x` does not say what kind", "没有写明渠道种类"),
        (MAIL | {"hots": 1}, "`channels.x.hots` is not known here. Did you mean 'host'?", "这里没有这个键"),
        (MAIL | {"from": {"adress": "a"}},
         "`channels.x.from.adress` is not known here. Did you mean 'address'?", "这里没有"),
        ({"kind": "smtp", "host": "h"}, "`channels.x` lacks `from`", "缺少 from"),
        (MAIL | {"from": {}}, "`channels.x.from` lacks `address`", "缺少 address"),
        (MAIL | {"port": "abc"}, "`channels.x.port` must be a whole number", "应为整数"),
        (MAIL | {"port": 99999}, "`channels.x.port` must be at most 65535", "应不大于 65535"),
        (MAIL | {"password": 1234},
         "`channels.x.password` must be a text (numbers in quotes)", "应为文本（数字请加引号）"),
        (MAIL | {"security": "ssl"}, "`channels.x.security` cannot be 'ssl'", "可选：plain、starttls、tls"),
        (MAIL | {"timeout": "30"},
         "`channels.x.timeout` is no duration. Write for example PT30S", "不是时长"),
        (MAIL | {"timeout": "P1M"}, "`channels.x.timeout` is no duration", "不是时长"),
        (MAIL | {"from": {"address": "A <a@b.c>"}},
         "`channels.x.from.address` is no mail address", "不是邮件地址"),
        (MAIL | {"envelope": "bounces-of-us+{key}@b.c"}, "at most 12 characters", "最多 12 个字符"),
        (MAIL | {"envelope": "a@b.c\r\nX: 1"}, "`channels.x.envelope` is no address", "不能用作退信地址"),
        (MAIL | {"bounces": {"kind": "imap", "hos": 1}},
         "`channels.x.bounces.hos` is not known here", "这里没有这个键"),
        (MAIL | {"ca_file": "/no/such"}, "`channels.x.ca_file` cannot be read", "不是可读的证书文件"),
        (SMS | {"templates": {"t": {"id": 1}}}, "`channels.x.templates.id` must be a text", "应为文本"),
        (SMS | {"templates": {"t": {"id": "1", "value": []}}},
         "templates.t.value` is not known here. Did you mean 'values'?", "键"),
        (ROBOT | {"url": "http://10.0.0.1/"},
         "`channels.x.url` is no address that a message may go to", "须以 https:// 开头"),
        (ROBOT | {"url": "https://x/?key=${KEYX}"},
         "asks for ${KEYX}, which the environment does not have", "环境变量 KEYX"),
        (ROBOT | {"per_minute": 0}, "`channels.x.per_minute` must be more than 0", "应大于 0"),
        ({"kind": "webhook", "secrets": ["whsec_SECRET"]},
         "`channels.x.secrets` must be one or more secrets", "密钥"),
        ({"kind": "webhook", "secrets": []}, "`channels.x.secrets` must be one or more secrets", "密钥"),
        ({"kind": "json", "url": "https://x", "body": {"a": ["{tex}"]}},
         "has places that nothing fills: {tex}", "占位：{tex}"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place_and_its_fix(channel: Any, english: str, chinese: str) -> None:
    with pytest.raises(ChannelError) as raised:
        read(x=channel)
    error = raised.value
    assert english in error.text("en")
    assert chinese in error.text("zh")
    assert error.fix and error.fix_zh
    assert "SECRET" not in f"{error}{error.text('zh')}"


def test_the_place_in_the_file_is_named_where_it_is_known() -> None:
    with pytest.raises(ChannelError) as raised:
        channels_of(
            {"email": MAIL | {"port": "x"}}, {}, sys.stdout, lambda path: Place("peakend.yaml", len(path))
        )
    assert str(raised.value).startswith("peakend.yaml:2: `channels.email.port`")


def test_no_settings_show_their_secrets() -> None:
    for channel in read(a=MAIL | {"password": "${KEY}"}, b=ROBOT).values():
        assert "SECRET" not in repr(channel) + repr(vars(channel.channel).get("_settings"))


@pytest.mark.parametrize("word", WORDS)
def test_every_word_of_a_receipt_is_said_in_both_languages(word: str) -> None:
    said = say(word, "4.5.0")
    assert told(said, "zh").endswith("（4.5.0）") and re.search("[一-鿿]", told(said, "zh"))
    assert told(said, "en").endswith(" (4.5.0)") and told(say(word), "en") == WORDS[word][1]


def test_a_code_is_cut_down_to_what_codes_are_made_of() -> None:
    assert say("busy", "450 <b>欧阳</b>\r\n" + "x" * 100) == "busy 450 bb" + "x" * 54
