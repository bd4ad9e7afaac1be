"""What an admin sets up for other programs: keys, and systems that are told what happens."""

from __future__ import annotations

from collections.abc import Sequence

from peakend.client.asking import within
from peakend.client.noun import Noun
from peakend.model.account import Scope
from peakend.model.hook import Happening
from peakend.wire.keys import Key, Keys, Made
from peakend.wire.webhooks import Tested, Webhook, Webhooks, WithSecret


class KeysAsked(Noun):
    """Keys of programs."""

    def all(self) -> list[Key]:
        """All keys, also those that are revoked."""
        return self._get(Keys, "keys").keys

    def make(self, label: str, scopes: Sequence[Scope]) -> Made:
        """A new key with its text, which is told this once."""
        return self._post(Made, "keys", body={"label": label, "scopes": list(scopes)})

    def revoke(self, key: str) -> Key:
        """Let a key open nothing any more, by its id. Raises ApiError, 404."""
        return self._asking.ask("DELETE", within("keys", key), Key)


class WebhooksAsked(Noun):
    """Systems that are told what happens. Of one that is not there every method raises ApiError, 404."""

    def all(self) -> list[Webhook]:
        """All of them, and how much waits to be told."""
        return self._get(Webhooks, "webhooks").webhooks

    def make(self, url: str, kinds: Sequence[Happening], label: str = "") -> WithSecret:
        """Let a system be told of some kinds from now on; the secret that signs is told this once."""
        return self._post(WithSecret, "webhooks", body={"url": url, "kinds": list(kinds), "label": label})

    def rotate(self, webhook: str) -> WithSecret:
        """Sign with a new secret, and with the one before it too, until the next rotation."""
        return self._post(WithSecret, "webhooks", webhook, "rotate")

    def enable(self, webhook: str) -> Webhook:
        """Tell a system again that did not answer for days; what waited is told first."""
        return self._post(Webhook, "webhooks", webhook, "enable", again=True)

    def test(self, webhook: str) -> Tested:
        """Tell a system a `hook.tested` now: whether it took it, and what it said."""
        return self._post(Tested, "webhooks", webhook, "test")

    def delete(self, webhook: str) -> Webhook:
        """Tell a system nothing more, and forget what waited for it."""
        return self._asking.ask("DELETE", within("webhooks", webhook), Webhook, repeatable=False)
