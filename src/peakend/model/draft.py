"""A draft of a pack: files that somebody is changing, every step of the way kept; and whether another agreed.

Instants are microseconds since 1970-01-01T00:00Z.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

DraftState = Literal["open", "published", "dropped"]
AgreementState = Literal["open", "approved", "refused", "withdrawn"]

Changes = Mapping[str, bytes | None]
"""Files by name with their new content; None where a file is taken away."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A pack that is being changed. `based_on` is the hash of the publication that it began from ('' where
    there was none), `origin` says where its files came from: `published`, or the name of a pack or folder.

    `revision` counts its changes. `copy_of` and `copied` are the draft and the revision that it forked from
    when two people changed the same thing at once; '' and 0 otherwise.
    """

    id: str
    pack: str
    based_on: str
    origin: str
    who: str
    created: int
    state: DraftState = "open"
    revision: int = 0
    changed: int = 0
    changed_by: str = ""
    copy_of: str = ""
    copied: int = 0


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a draft: which files, by whom, when. `back_to` is the revision that it brought back, -1
    where it brought none back."""

    draft: str
    number: int
    who: str
    at: int
    files: tuple[str, ...]
    back_to: int = -1


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """That an account was asked to agree with one version and one backtest, and what it said.

    `asked` and `answered` are accounts, `whom` the one that was asked ('' for anybody who may). `reasons` are
    JSON. It binds to `hash` and `backtest`, like an approval that was signed with a key.
    """

    id: str
    draft: str
    pack: str
    hash: str
    backtest: str
    reasons: str
    asked: str
    whom: str
    word: str
    at: int
    state: AgreementState = "open"
    answered: str = ""
    answer: str = ""
    answered_at: int = 0
