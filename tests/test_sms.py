"""Short messages through Alibaba Cloud, Tencent Cloud and any provider that takes JSON, against real servers.

The servers here verify signatures with code of their own, and the providers' published examples are tests.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import quote

import pytest
from channel_contract import ChannelContract
from channel_world import HOSTILE, KEY, NAME, NOW, PHONE, Heard, Reply, letter, serving, settings, to_loopback

from peakend.deliver import sms_aliyun, sms_tencent
from peakend.deliver.channels import SECOND, Channel
from peakend.deliver.egress import Egress
from peakend.deliver.json_post import JsonPost, JsonPostSettings, Reading
from peakend.deliver.sms import Template, number_of
from peakend.deliver.sms_aliyun import AliyunSms, AliyunSmsSettings
from peakend.deliver.sms_tencent import TencentSms, TencentSmsSettings
from peakend.model.delivery import Receipt

TEMPLATES = {"renewal-30d": Template(id="SMS_1", values=("name", "days")), "plain": Template(id="SMS_2")}


class SmsContract(ChannelContract):
    @pytest.mark.parametrize(
        "to", ["", "138", "13800138000,13900139000", "+86 138a", "1" * 20, "１３８００１３８０００"]
    )
    def test_what_is_not_one_number_is_refused_and_not_sent(self, to: str) -> None:
        with serving(self.yes) as server:
            assert self.at(server.url).hand_over(letter(to=to), NOW) == Receipt("refused", "address")
            assert server.heard == []

    @pytest.mark.parametrize("changed", [{"name": "no-such-text"}, {"values": {"name": NAME}}])
    def test_a_text_without_a_template_or_a_value_waits_for_a_person(self, changed: dict[str, Any]) -> None:
        with serving(self.yes) as server:
            assert self.at(server.url).hand_over(letter(**changed), NOW) == Receipt("later", "template")
            assert server.heard == []

    def test_a_check_sends_no_message(self) -> None:
        with serving(self.yes) as server:
            self.at(server.url).check(NOW)
            assert b"SendSms" not in b"".join(str(one.headers).encode() for one in server.heard)


class TestAliyunSms(SmsContract):
    yes = Reply(200, {"Code": "OK", "Message": "OK", "BizId": "900619746936498440^0", "RequestId": "r"})

    def at(self, url: str, egress: Egress | None = None) -> Channel:
        configured = settings(
            AliyunSmsSettings, url=url, access_key_id="id-1", access_key_secret="secret-1",
            sign_name="云服务台",
            templates=TEMPLATES,
        )  # fmt: skip
        return AliyunSms(configured, egress or to_loopback())

    def harmless(self, heard: Heard) -> None:
        assert _verified_by_acs3(heard, "secret-1")
        assert heard.query["PhoneNumbers"] == PHONE
        values = json.loads(heard.query["TemplateParam"])
        assert set(values) == {"name", "days"}
        assert "\n" not in values["name"] and "\x00" not in values["name"]

    def test_the_signature_is_that_of_the_published_example(self) -> None:
        request = sms_aliyun.Signed(
            host="ecs.cn-shanghai.aliyuncs.com",
            action="RunInstances",
            version="2014-05-26",
            query={
                "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
                "RegionId": "cn-shanghai",
            },
            now=1_698_315_752 * SECOND,  # 2023-10-26T10:22:32Z
            nonce="3156853299f313e23d1673dc12e1703d",
        )
        headers = sms_aliyun.signed(request, "YourAccessKeyId", "YourAccessKeySecret")
        assert headers["Authorization"] == (
            "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;"
            "x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
            "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
        )

    def test_the_message_is_the_template_with_its_values(self) -> None:
        with serving(self.yes) as server:
            receipt = self.at(server.url).hand_over(letter(), NOW)
            assert receipt == Receipt("accepted", "accepted", "900619746936498440^0")
            (heard,) = server.heard
            assert _verified_by_acs3(heard, "secret-1")
            assert not _verified_by_acs3(heard, "another")
            assert heard.headers["x-acs-date"] == "2026-03-01T00:00:00Z"
            assert heard.query == {
                "PhoneNumbers": PHONE,
                "SignName": "云服务台",
                "TemplateCode": "SMS_1",
                "OutId": KEY,
                "TemplateParam": f'{{"name":"{NAME}","days":"30"}}',
            }

    def test_a_second_attempt_has_another_nonce_and_a_repeated_one_the_same(self) -> None:
        with serving(self.yes) as server:
            for attempt in (1, 2, 2):
                self.at(server.url).hand_over(letter(attempt=attempt), NOW)
            first, second, third = [one.headers["x-acs-signature-nonce"] for one in server.heard]
            assert first != second == third

    def test_a_foreign_number_keeps_its_country(self) -> None:
        with serving(self.yes) as server:
            self.at(server.url).hand_over(letter(to="+852 9123 4567", name="plain"), NOW)
            assert server.heard[0].query["PhoneNumbers"] == "85291234567"
            assert "TemplateParam" not in server.heard[0].query

    @pytest.mark.parametrize(
        ("status", "code", "receipt"),
        [
            (404, "InvalidAccessKeyId.NotFound", Receipt("later", "credentials InvalidAccessKeyId.NotFound")),
            (400, "SignatureDoesNotMatch", Receipt("later", "credentials SignatureDoesNotMatch")),
            (200, "isv.MOBILE_NUMBER_ILLEGAL", Receipt("refused", "recipient isv.MOBILE_NUMBER_ILLEGAL")),
            (200, "isv.BUSINESS_LIMIT_CONTROL",
             Receipt("later", "throttled isv.BUSINESS_LIMIT_CONTROL", "", 60 * SECOND)),
            (200, "isv.AMOUNT_NOT_ENOUGH", Receipt("later", "balance isv.AMOUNT_NOT_ENOUGH")),
            (200, "isv.PARAM_NOT_SUPPORT_URL", Receipt("refused", "content isv.PARAM_NOT_SUPPORT_URL")),
            (200, "isp.SYSTEM_ERROR", Receipt("unknown", "failed-there isp.SYSTEM_ERROR")),
            (500, "Something.New", Receipt("unknown", "failed-there 500")),
            (200, "Something.New", Receipt("later", "refused-settings Something.New")),
        ],
    )  # fmt: skip
    def test_the_codes_of_the_provider_are_known(self, status: int, code: str, receipt: Receipt) -> None:
        assert self.handed(Reply(status, {"Code": code, "Message": "x"})) == receipt


class TestTencentSms(SmsContract):
    yes = Reply(
        200,
        {
            "Response": {
                "SendStatusSet": [{"Code": "Ok", "SerialNo": "5000:1", "Message": "x"}],
                "RequestId": "r",
            }
        },
    )

    def at(self, url: str, egress: Egress | None = None) -> Channel:
        configured = settings(
            TencentSmsSettings, url=url, secret_id="id-1", secret_key="secret-1", app_id="1400006666",
            sign_name="云服务台", templates=TEMPLATES,
        )  # fmt: skip
        return TencentSms(configured, egress or to_loopback())

    def harmless(self, heard: Heard) -> None:
        assert _verified_by_tc3(heard, "secret-1")
        assert heard.json["PhoneNumberSet"] == [f"+86{PHONE}"]
        assert len(heard.json["TemplateParamSet"]) == 2

    def test_the_signature_is_that_of_the_published_example(self) -> None:
        body = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
        keys = ("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE")
        found = sms_tencent.signed("cvm.tencentcloudapi.com", "cvm", body, 1_551_113_065 * SECOND, keys)
        assert found == (
            "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, "
            "SignedHeaders=content-type;host, "
            "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
        )

    def test_the_message_is_the_template_with_its_values_in_order(self) -> None:
        with serving(self.yes) as server:
            receipt = self.at(server.url).hand_over(letter(), NOW)
            assert receipt == Receipt("accepted", "accepted", "5000:1")
            (heard,) = server.heard
            assert _verified_by_tc3(heard, "secret-1")
            assert not _verified_by_tc3(heard, "another")
            assert (heard.headers["x-tc-action"], heard.headers["x-tc-version"]) == ("SendSms", "2021-01-11")
            assert heard.json == {
                "PhoneNumberSet": [f"+86{PHONE}"],
                "SmsSdkAppId": "1400006666",
                "SignName": "云服务台",
                "TemplateId": "SMS_1",
                "TemplateParamSet": [NAME, "30"],
                "SessionContext": KEY,
            }

    @pytest.mark.parametrize(
        ("code", "receipt"),
        [
            ("InvalidParameterValue.IncorrectPhoneNumber", "refused recipient"),
            ("LimitExceeded.PhoneNumberThirtySecondLimit", "later throttled"),
            ("FailedOperation.InsufficientBalanceInSmsPackage", "later balance"),
            ("FailedOperation.ContainSensitiveWord", "refused content"),
            ("InternalError.Timeout", "unknown failed-there"),
        ],
    )
    def test_the_codes_of_a_number_are_known(self, code: str, receipt: str) -> None:
        found = self.handed(Reply(200, {"Response": {"SendStatusSet": [{"Code": code, "SerialNo": ""}]}}))
        assert f"{found.answer} {found.said.partition(' ')[0]}" == receipt

    @pytest.mark.parametrize("code", ["AuthFailure.SignatureFailure", "AuthFailure.SecretIdNotFound"])
    def test_wrong_keys_wait_for_a_person(self, code: str) -> None:
        reply = Reply(200, {"Response": {"Error": {"Code": code, "Message": "x"}, "RequestId": "r"}})
        assert self.handed(reply) == Receipt("later", f"credentials {code}")

    @pytest.mark.parametrize(
        "response", [{}, {"SendStatusSet": []}, {"SendStatusSet": [1]}, {"SendStatusSet": [{}] * 2}]
    )
    def test_an_answer_without_one_status_is_a_doubt(self, response: Any) -> None:
        assert self.handed(Reply(200, {"Response": response})) == Receipt("unknown", "unclear")


class TestJsonPost(ChannelContract):
    yes = Reply(200, {"code": 0, "data": {"id": "j-1"}})

    def at(self, url: str, egress: Egress | None = None) -> Channel:
        return JsonPost(
            settings(
                JsonPostSettings,
                url=f"{url}/send",
                headers={"X-Key": "k-1"},
                body={
                    "mobile": "{to}", "content": "【云服务台】{text}", "who": ["{values.name}", 7],
                    "id": "{send_key}",
                },
                answer=Reading(
                    code="code", accepted=("0",), refused=("11",), throttled=("22",), credentials=("33",),
                    reference="data.id",
                ),
            ),
            egress or to_loopback(),
        )  # fmt: skip

    def harmless(self, heard: Heard) -> None:
        assert set(heard.json) == {"mobile", "content", "who", "id"}
        assert heard.json["mobile"] == PHONE
        assert heard.json["who"][1] == 7

    def test_a_check_finds_a_wrong_key(self) -> None:
        with serving(self.yes) as server:
            assert self.at(server.url).check(NOW) == Receipt("accepted", "unchecked")
            assert server.heard == []

    def test_the_request_is_filled_in_one_pass(self) -> None:
        with serving(self.yes) as server:
            text = HOSTILE["template"]
            receipt = self.at(server.url).hand_over(letter(text=text), NOW)
            assert receipt == Receipt("accepted", "accepted", "j-1")
            (heard,) = server.heard
            assert heard.headers["x-key"] == "k-1"
            assert heard.json == {
                "mobile": PHONE,
                "content": f"【云服务台】{text}",
                "who": [NAME, 7],
                "id": KEY,
            }

    @pytest.mark.parametrize(
        ("code", "receipt"),
        [
            (11, Receipt("refused", "recipient 11")),
            ("22", Receipt("later", "throttled 22")),
            (33, Receipt("later", "credentials 33")),
            (44, Receipt("later", "refused-settings 44")),
            (None, Receipt("unknown", "unclear")),
        ],
    )
    def test_the_codes_that_the_settings_name_are_known(self, code: Any, receipt: Receipt) -> None:
        assert self.handed(Reply(200, {"code": code})) == receipt


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("138 0013 8000", "+8613800138000"),
        ("138-0013-8000", "+8613800138000"),
        ("+86 13800138000", "+8613800138000"),
        ("0085291234567", "+85291234567"),
        ("+44 (20) 7946 0958", "+442079460958"),
        ("13800138000;13900139000", ""),
        ("++86138", ""),
    ],
)
def test_a_number_is_read_as_people_write_it(written: str, number: str) -> None:
    assert number_of(written, "86") == number


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _verified_by_acs3(heard: Heard, secret: str) -> bool:
    """Alibaba Cloud's side, from the request alone: what is signed is what its header names."""
    scheme, _, rest = heard.headers["authorization"].partition(" ")
    parts = dict(part.split("=", 1) for part in rest.split(","))
    names = parts["SignedHeaders"].split(";")
    query = "&".join(
        sorted(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in heard.query.items())
    )
    canonical = "\n".join([
        heard.method, heard.path, query, *[f"{name}:{heard.headers[name].strip()}" for name in names], "",
        ";".join(names), _hash(heard.body),
    ])  # fmt: skip
    text = f"{scheme}\n{_hash(canonical.encode())}".encode()
    return (
        names == sorted(names)
        and heard.headers["x-acs-content-sha256"] == _hash(heard.body)
        and hmac.compare_digest(
            parts["Signature"], hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
        )
    )


def _verified_by_tc3(heard: Heard, secret: str) -> bool:
    """Tencent Cloud's side, from the request alone."""
    scheme, _, rest = heard.headers["authorization"].partition(" ")
    parts = dict(part.split("=", 1) for part in rest.split(", "))
    _, day, service, end = parts["Credential"].split("/")
    names = parts["SignedHeaders"].split(";")
    canonical = "\n".join([
        heard.method, heard.path, "", *[f"{name}:{heard.headers[name]}" for name in names], "",
        ";".join(names), _hash(heard.body),
    ])  # fmt: skip
    text = "\n".join(
        [scheme, heard.headers["x-tc-timestamp"], f"{day}/{service}/{end}", _hash(canonical.encode())]
    )
    key = ("TC3" + secret).encode()
    for part in (day, service, end):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(parts["Signature"], hmac.new(key, text.encode(), hashlib.sha256).hexdigest())
