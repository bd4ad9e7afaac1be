"""What every channel over HTTP must do, whoever the provider is; a test class for a channel is a subclass.

`at` makes the channel for a server here, `yes` is what the provider says when it took a message.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import Any

import pytest
from channel_world import (
    DROP,
    HANG,
    HOSTILE,
    NAME,
    NOW,
    PHONE,
    SUBJECT,
    TEXT,
    Heard,
    Reply,
    closed_port,
    hostile_letter,
    letter,
    serving,
)

from peakend.deliver.channels import SECOND, Channel
from peakend.deliver.egress import Egress
from peakend.deliver.said import WORDS
from peakend.model.delivery import Letter, Receipt


class ChannelContract(ABC):
    yes: Reply = Reply(200, {"errcode": 0, "errmsg": "ok"})
    to = PHONE
    at_most_once = True
    reads_json = True

    @abstractmethod
    def at(self, url: str, egress: Egress | None = None) -> Channel:
        """The channel, which finds its provider at `url`."""

    def told(self, heard: list[Heard]) -> list[Heard]:
        """The requests that carry a message."""
        return heard

    def before(self, heard: Heard) -> Reply | None:
        """What the provider answers to requests that only prepare one."""
        return None

    def handed(self, reply: Reply, one: Letter | None = None, egress: Egress | None = None) -> Receipt:
        """What the channel says when the provider answers so."""
        with serving(lambda heard: self.before(heard) or reply) as server:
            return self.at(server.url, egress).hand_over(one or letter(to=self.to), NOW)

    def test_a_letter_is_taken(self) -> None:
        with serving(lambda heard: self.before(heard) or self.yes) as server:
            channel = self.at(server.url)
            assert channel.hand_over(letter(to=self.to), NOW).answer == "accepted"
            assert len(self.told(server.heard)) == 1
            assert channel.at_most_once is self.at_most_once
            channel.close()

    def test_the_same_letter_at_the_same_instant_is_the_same_request(self) -> None:
        with serving(lambda heard: self.before(heard) or self.yes) as server:
            for _ in range(2):
                self.at(server.url).hand_over(letter(to=self.to), NOW)
            first, second = self.told(server.heard)
            assert first == second

    def test_a_refused_connection_is_for_later(self) -> None:
        receipt = self.at(f"http://127.0.0.1:{closed_port()}").hand_over(letter(to=self.to), NOW)
        assert receipt == Receipt("later", "unreachable")

    def test_a_connection_that_breaks_after_the_request_is_unknown(self) -> None:
        assert self.handed(DROP) == Receipt("unknown", "dropped")

    def test_a_provider_that_is_silent_is_unknown(self) -> None:
        egress = Egress(seconds=0.4, private_hosts=("127.0.0.1",))
        assert self.handed(HANG, egress=egress) == Receipt("unknown", "silent")

    def test_too_many_requests_wait_for_as_long_as_the_provider_asks(self) -> None:
        receipt = self.handed(Reply(429, b"", {"Retry-After": "17"}))
        assert (receipt.answer, receipt.said, receipt.wait) == ("later", "throttled 429", 17 * SECOND)

    def test_a_date_to_wait_until_is_understood(self) -> None:
        receipt = self.handed(Reply(503, b"", {"Retry-After": "Sun, 01 Mar 2026 00:02:00 GMT"}))
        assert (receipt.answer, receipt.wait) == ("later", 120 * SECOND)

    @pytest.mark.parametrize("text", ["soon", "-5", "9" * 40, "Sun, 01 Mar 1999 00:00:00 GMT", "½"])
    def test_a_wish_to_wait_that_makes_no_sense_is_bounded(self, text: str) -> None:
        assert (
            0
            <= self.handed(Reply(429, b"", {"Retry-After": text.encode().decode("latin-1")})).wait
            <= 86_400 * SECOND
        )

    def test_a_broken_provider_is_a_doubt_only_where_a_second_message_would_arrive(self) -> None:
        answer = "unknown" if self.at_most_once else "later"
        assert self.handed(Reply(502, b"bad gateway")).answer == answer
        assert self.handed(Reply(503, b"")).answer == "later"

    def test_a_redirect_is_not_followed(self) -> None:
        receipt = self.handed(Reply(307, b"", {"Location": "https://evil.example/"}))
        assert receipt == Receipt("later", "redirected 307")

    def test_wrong_credentials_wait_for_a_person(self) -> None:
        assert self.handed(Reply(401, b"")) == Receipt("later", "credentials 401")

    @pytest.mark.parametrize("body", [b"", b"<html>busy</html>", b"[1]", b"[" * 100_000, b"\xff\xfe", b"{}"])
    def test_an_answer_that_cannot_be_understood_is_no_acceptance(self, body: bytes) -> None:
        if not self.reads_json:
            pytest.skip("reads the status alone")
        assert self.handed(Reply(200, body)).answer in {"unknown", "later"}
        if body != b"{}":
            assert self.handed(Reply(200, body)) == Receipt("unknown", "unclear 200")

    @pytest.mark.parametrize("what", HOSTILE)
    def test_a_hostile_text_ends_neither_the_request_nor_the_hand_over(self, what: str) -> None:
        text = HOSTILE[what]
        with serving(lambda heard: self.before(heard) or self.yes) as server:
            receipt = self.at(server.url).hand_over(hostile_letter(text, to=self.to), NOW)
            assert receipt.answer in {"accepted", "refused"}
            for heard in self.told(server.heard):
                assert "bcc" not in heard.headers
                self.harmless(heard)
            _says_nothing(receipt, text)

    @pytest.mark.parametrize("what", HOSTILE)
    def test_a_hostile_address_reaches_nobody_else(self, what: str) -> None:
        receipt = self.handed(self.yes, letter(to=HOSTILE[what]))
        assert receipt.answer in {"accepted", "refused"}
        _says_nothing(receipt, HOSTILE[what])

    def test_what_a_provider_quotes_of_a_letter_is_not_kept(self) -> None:
        echo = {"errmsg": f"{NAME} {PHONE} {TEXT}", "message": TEXT, "Message": SUBJECT, "msg": TEXT}
        for reply in (Reply(400, echo), Reply(200, echo | {"errcode": 12345, "code": 12345, "Code": TEXT})):
            receipt = self.handed(reply)
            for text in (NAME, PHONE, SUBJECT, TEXT, "合同"):
                assert text not in str(receipt)

    def test_a_check_finds_a_wrong_key(self) -> None:
        with serving(Reply(401, b"")) as server:
            receipt = self.at(server.url).check(NOW)
            assert receipt == Receipt("later", "credentials 401")

    def harmless(self, heard: Heard) -> None:
        """Assert that nothing in a request acts: by default, that it is JSON as it was meant."""
        json.loads(heard.body)


def _says_nothing(receipt: Receipt, text: str) -> None:
    word, _, code = receipt.said.partition(" ")
    assert word in WORDS
    assert len(code) <= 60
    for line in text.split():
        if len(line) > 8:
            assert line not in f"{receipt!r}"


def texts_in(value: Any) -> list[str]:
    """Every text within a JSON value."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in texts_in(one)]
