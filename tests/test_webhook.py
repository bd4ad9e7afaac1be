"""Signed webhooks, verified by the published library of Standard Webhooks, and letters on a screen."""

from __future__ import annotations

import io
import json
from base64 import b64encode
from datetime import UTC, datetime
from time import time
from typing import Any

import pytest
from channel_contract import ChannelContract
from channel_world import (
    HOSTILE,
    KEY,
    NOW,
    SUBJECT,
    TEXT,
    Heard,
    Reply,
    hostile_letter,
    letter,
    serving,
    settings,
)
from channel_world import to_loopback as loopback
from standardwebhooks.webhooks import Webhook as Receiver
from standardwebhooks.webhooks import WebhookVerificationError

from peakend.deliver.channels import SECOND, Channel
from peakend.deliver.egress import Egress
from peakend.deliver.printer import Printer
from peakend.deliver.settings import channels_of
from peakend.deliver.webhook import Webhook, WebhookSettings
from peakend.model.delivery import Receipt

NEW, OLD = ("whsec_" + b64encode(bytes([n]) * 32).decode() for n in (1, 2))


class TestWebhook(ChannelContract):
    yes = Reply(204)
    at_most_once = False
    reads_json = False

    def at(self, url: str, egress: Egress | None = None) -> Channel:
        return Webhook(settings(WebhookSettings, url=f"{url}/hook", secrets=(NEW, OLD)), egress or loopback())

    def harmless(self, heard: Heard) -> None:
        assert json.loads(heard.body)["type"] == "message"
        assert _signed(heard, NEW) and _signed(heard, OLD)

    def test_the_receiver_can_verify_it_with_the_new_secret_and_the_old_one(self) -> None:
        with serving(self.yes) as server:
            now = round(time() * SECOND)
            self.at(server.url).hand_over(letter(severity="warning"), now)
            (heard,) = server.heard
            assert heard.headers["webhook-id"] == KEY
            assert heard.headers["webhook-timestamp"] == str(now // SECOND)
            told = _verified(heard, NEW)
            assert told == _verified(heard, OLD)
            assert told["type"] == "message"
            assert datetime.fromisoformat(told["timestamp"]).timestamp() == now // SECOND
            data = told["data"]
            assert (data["send_key"], data["customer"], data["contract_id"]) == (KEY, "t-4711", "C-9")
            assert (data["subject"], data["text"], data["severity"]) == (SUBJECT, TEXT, "warning")

    def test_nobody_else_can_have_signed_it(self) -> None:
        with serving(self.yes) as server:
            self.at(server.url).hand_over(letter(), round(time() * SECOND))
            (heard,) = server.heard
            with pytest.raises(WebhookVerificationError):
                _verified(heard, "whsec_" + b64encode(b"x" * 32).decode())
            with pytest.raises(WebhookVerificationError):
                _verified(heard._replace(body=heard.body + b" "), NEW)

    def test_the_data_of_an_event_cannot_pose_as_the_letter(self) -> None:
        with serving(self.yes) as server:
            self.at(server.url).hand_over(letter(data={"customer": "somebody-else", "send_key": "x"}), NOW)
            assert server.heard[0].json["data"]["customer"] == "t-4711"

    @pytest.mark.parametrize(("status", "receipt"), [
        (404, Receipt("refused", "recipient 404")),
        (410, Receipt("refused", "gone 410")),
        (422, Receipt("refused", "content 422")),
        (500, Receipt("later", "busy 500")),
    ])  # fmt: skip
    def test_the_statuses_of_a_receiver_are_understood(self, status: int, receipt: Receipt) -> None:
        assert self.handed(Reply(status)) == receipt

    @pytest.mark.parametrize(
        "to",
        [
            "http://127.0.0.1:1/",
            "https://10.0.0.1/",
            "https://localhost/",
            "http://hooks.example.com/",
            "javascript:1",
            "",
        ],
    )
    def test_an_address_of_a_customer_can_lead_into_no_private_network(self, to: str) -> None:
        channel = Webhook(WebhookSettings(secrets=(NEW,)))
        assert channel.hand_over(letter(to=to), NOW).answer == "refused"

    def test_without_an_address_of_its_own_it_posts_to_the_letters(self) -> None:
        with serving(self.yes) as server:
            channel = Webhook(settings(WebhookSettings, secrets=(NEW,)), loopback())
            assert channel.hand_over(letter(to=f"{server.url}/theirs"), NOW).answer == "accepted"
            assert server.heard[0].path == "/theirs"
            assert channel.check(NOW) == Receipt("accepted", "unchecked")

    def test_a_check_is_signed_and_is_no_message(self) -> None:
        with serving(self.yes) as server:
            assert self.at(server.url).check(NOW).answer == "accepted"
            assert _signed(server.heard[0], OLD)
            assert server.heard[0].json["type"] == "channel.checked"

    def test_data_that_cannot_be_written_down_is_refused_and_raises_nothing(self) -> None:
        deep: list[Any] = []
        for _ in range(100_000):
            deep = [deep]
        assert self.handed(self.yes, letter(data={"deep": deep})) == Receipt("refused", "content")


def test_a_mute_channel_takes_a_letter_and_says_that_it_was_a_trial() -> None:
    mute = channels_of({"email": {"kind": "mute"}}, {}, io.StringIO())["email"].channel
    assert mute.hand_over(letter(), NOW) == mute.check(NOW) == Receipt("accepted", "muted")
    assert not mute.at_most_once


class TestPrinter:
    def test_a_letter_is_printed_with_whom_it_is_for(self) -> None:
        stream = io.StringIO()
        printer = Printer(stream)
        assert printer.hand_over(letter(channel="sms"), NOW) == Receipt("accepted", "accepted")
        assert stream.getvalue() == (
            "── 2026-03-01 00:00:00Z · sms · 欧阳小满 13800138000 · renewal-30d\n"
            f"   {SUBJECT}\n"
            "   您好，您的合同 C-9 将于 3 月 31 日到期。\n"
            "   请与您的客户经理联系。\n"
            "   https://portal.example.com/renew?c=9&t=1\n\n"
        )
        assert not printer.at_most_once

    @pytest.mark.parametrize("what", HOSTILE)
    def test_no_text_steers_the_terminal(self, what: str) -> None:
        stream = io.TextIOWrapper(io.BytesIO(), "ascii")
        assert Printer(stream).hand_over(hostile_letter(HOSTILE[what]), NOW).answer == "accepted"
        stream.seek(0)
        assert not set(stream.read()) & set("\x00\x07\x1b\r")

    def test_a_closed_screen_is_for_later(self) -> None:
        stream = io.StringIO()
        stream.close()
        assert Printer(stream).hand_over(letter(), NOW) == Receipt("later", "stream")
        assert Printer(stream).check(NOW).answer == "later"


def _verified(heard: Heard, secret: str) -> Any:
    """What a receiver reads with the published library, which takes no message older than five minutes."""
    return Receiver(secret).verify(heard.body, heard.headers)


def _signed(heard: Heard, secret: str) -> bool:
    """Whether the signature is among those of the library, whenever it was made."""
    when = datetime.fromtimestamp(int(heard.headers["webhook-timestamp"]), UTC)
    signature = Receiver(secret).sign(heard.headers["webhook-id"], when, heard.body.decode())
    return signature in heard.headers["webhook-signature"].split(" ")
