"""The file of one instance, peakend.yaml: which pack on which database, who signs, and by which channels.

What is secret stands there as ${NAME} and comes from the environment. Nothing is opened or connected here.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from ruamel.yaml import YAML

from peakend.design.nodes import MappingNode, Node, compose, line_of
from peakend.errors import PeakendError, Place, nearest
from peakend.instance.people import SignIn
from peakend.model.problem import Problem

USUAL: Final = Path("peakend.yaml")


class Colleague(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a role is told of its cards: a channel, and an address on it where the channel needs one."""

    channel: str
    address: str = ""


class Leaving(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where letters say that one may ask for no more of them, and the secret that signs it."""

    url: str
    secret: str


class InApp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may show in-app messages: the secret that signs for one customer, and the origins of the pages that
    do, as https://console.example.com."""

    secret: str
    origins: list[str] = []


class Incoming(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many events may come in over HTTP: each key `a_second`, and `burst` at once on top (0: no bound).

    Beyond `most_waiting` events that wait for a worker the answer is "later".
    """

    a_second: float = 20_000
    burst: float = 100_000
    most_waiting: int = 100_000


class Asking(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often each key and each session may ask the API: `a_second`, and `burst` at once (0: no bound)."""

    a_second: float = 50
    burst: float = 500


class Telling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Other systems that are told what happens: private hosts that may be named, and who vouches for them."""

    private_hosts: tuple[str, ...] = ()
    ca_file: str = ""


class Served(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How `serve` is reached: where it listens, and `url`, by which people and machines come to it.

    `proxies` are the addresses whose word on the caller's address is believed, '*' for any.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    url: str = ""
    workers: int = 1
    log: Literal["text", "json"] = "text"
    proxies: str = "127.0.0.1"
    events: Incoming = Incoming()
    api: Asking = Asking()


class Instance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file may say; a command's own options go before it."""

    pack: str = ""
    database: str = ""
    worker: str = ""
    contacts: bool = True
    sender: dict[str, str] = {}
    channels: dict[str, Any] = {}
    colleagues: dict[str, Colleague] = {}
    unsubscribe: Leaving | None = None
    in_app: InApp | None = None
    sign_in: SignIn = SignIn()
    serve: Served = Served()
    webhooks: Telling = Telling()


class Placed:
    """An instance, and where in its file each key stands."""

    def __init__(self, instance: Instance, file: Path | None, root: Node | None) -> None:
        self.instance, self._file, self._root = instance, file, root

    def place(self, path: tuple[str, ...]) -> Place | None:
        """The place of the deepest key of a path that the file has."""
        if self._file is None or self._root is None:
            return None
        node, line = self._root, 1
        for word in path:
            found = _child(node, word)
            if found is None:
                break
            line, node = found
        return Place(str(self._file), line)


def read_instance(file: Path | None) -> Placed:
    """The instance of a file; without one that of peakend.yaml here, if it is there, else an empty one.

    Raises PeakendError with file and line.
    """
    if file is None and not USUAL.is_file():
        return Placed(Instance(), None, None)
    path = file or USUAL
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from None
    problems: list[Problem] = []
    root = compose(text, str(path), problems)
    if problems:
        first = problems[0]
        raise PeakendError(
            first.what, place=first.place, fix=first.fix, what_zh=first.what_zh, fix_zh=first.fix_zh
        )
    placed = Placed(Instance(), path, root)
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 2)
    raw = yaml.load(text) or {}
    if isinstance(raw, dict) and (strange := [str(key) for key in raw if key not in _KEYS]):
        raise _strange(placed.place((strange[0],)), strange[0])
    try:
        read = msgspec.convert(_filled(raw, placed), Instance, strict=False)
    except msgspec.ValidationError as error:
        raise _misfit(placed, str(error)) from None
    return Placed(read, path, root)


_KEYS: Final = Instance.__struct_fields__
_NAME: Final = re.compile(r"\$\{([^{}]*)\}")


def _filled(raw: Any, placed: Placed) -> Any:
    """The file's values with ${NAME} replaced, but for the channels, which see to it themselves."""
    if not isinstance(raw, dict):
        return raw
    return {
        key: one if key == "channels" else _from_environment(one, (key,), placed) for key, one in raw.items()
    }


def _from_environment(raw: Any, path: tuple[str, ...], placed: Placed) -> Any:
    if isinstance(raw, dict):
        return {key: _from_environment(one, (*path, str(key)), placed) for key, one in raw.items()}
    if not isinstance(raw, str):
        return raw
    for found in _NAME.finditer(raw):
        if found[1] not in os.environ:
            name = ".".join(path)
            raise PeakendError(
                f"`{name}` asks for ${{{found[1]}}}, which the environment does not have",
                place=placed.place(path),
                fix=f"Set {found[1]} before Peakend starts",
                what_zh=f"{name} 要用环境变量 {found[1]}，但没有设置",
                fix_zh=f"请在启动 Peakend 之前设置 {found[1]}",
            )
    return _NAME.sub(lambda found: os.environ[found[1]], raw)


def _child(node: Node, word: str) -> tuple[int, Node] | None:
    if not isinstance(node, MappingNode):
        return None
    return next(((line_of(key), value) for key, value in node.value if key.value == word), None)


def _unreadable(path: Path, error: OSError | UnicodeDecodeError) -> PeakendError:
    why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
    return PeakendError(
        f"The instance's file cannot be read: {why}",
        place=str(path),
        fix="Name a file that is there: --config peakend.yaml",
        what_zh=f"实例配置文件无法读取：{why}",
        fix_zh="请指定存在的文件：--config peakend.yaml",
    )


def _strange(place: Place | None, key: str) -> PeakendError:
    known = ", ".join(_KEYS)
    return PeakendError(
        f"`{key}` is not known here",
        place=place,
        fix=f"{nearest(key, _KEYS)} Known: {known}".strip(),
        what_zh=f"这里没有 {key} 这个键",
        fix_zh=f"可用的键：{'、'.join(_KEYS)}",
    )


def _misfit(placed: Placed, said: str) -> PeakendError:
    what, _, inner = said.partition(" - at `$")
    path = tuple(part for part in re.split(r"[.\[\]`]+", inner) if part and part != "...")
    name = ".".join(path) or "peakend.yaml"
    return PeakendError(
        f"`{name}`: {what}",
        place=placed.place(path),
        fix="See docs/running.md for what it may be",
        what_zh=f"{name} 的写法不对：{what}",
        fix_zh="可用的写法见 docs/running.md",
    )
