"""From `channels:` of an instance's configuration file to channels by name.

Keys and passwords come from the environment as ${NAME} and are never quoted in an error. What is wrong is
said before the first letter leaves: a key that is not known, a name that the environment lacks, an address
that no server would take.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TextIO
from urllib.parse import urlsplit

import msgspec
from msgspec import inspect

from peakend.deliver.channels import Channel, OverHttp, Rate, Settings
from peakend.deliver.dingtalk_robot import DingtalkRobot, DingtalkRobotSettings
from peakend.deliver.feishu_robot import FeishuRobot, FeishuRobotSettings
from peakend.deliver.json_post import JsonPost, JsonPostSettings, unknown_places
from peakend.deliver.mail import LENGTH_OF_KEY, LONGEST_LOCAL, PLACE, address_of
from peakend.deliver.mute import Mute, MuteSettings
from peakend.deliver.printer import Printer, PrinterSettings
from peakend.deliver.sms_aliyun import AliyunSms, AliyunSmsSettings
from peakend.deliver.sms_tencent import TencentSms, TencentSmsSettings
from peakend.deliver.smtp import Smtp, SmtpSettings
from peakend.deliver.webhook import Webhook, WebhookSettings, key_of
from peakend.deliver.wecom_app import WecomApp, WecomAppSettings
from peakend.deliver.wecom_robot import WecomRobot, WecomRobotSettings
from peakend.errors import ChannelError, Place, TimeError, nearest

Where = Callable[[tuple[str, ...]], Place | None]
"""The place in the file of a path such as ('email', 'port')."""


class Ready(NamedTuple):
    """A channel, how fast it may be given letters, and how long one hand-over may take, in microseconds."""

    channel: Channel
    rates: tuple[Rate, ...]
    timeout: int


_OVER_HTTP: Final[dict[type[OverHttp], Callable[[Any], Channel]]] = {
    WecomRobotSettings: WecomRobot,
    WecomAppSettings: WecomApp,
    DingtalkRobotSettings: DingtalkRobot,
    FeishuRobotSettings: FeishuRobot,
    AliyunSmsSettings: AliyunSms,
    TencentSmsSettings: TencentSms,
    WebhookSettings: Webhook,
    JsonPostSettings: JsonPost,
}
_SHAPES: Final[tuple[type[Settings], ...]] = (SmtpSettings, *_OVER_HTTP, PrinterSettings, MuteSettings)
KINDS: Final = {str(shape.__struct_config__.tag): shape for shape in _SHAPES}
_NAME: Final = re.compile(r"\$\{([^{}]*)\}")
_FAULT: Final = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<path>.*)`)?", re.DOTALL)


def channels_of(
    configured: object,
    environment: Mapping[str, str],
    stream: TextIO,
    where: Where = lambda path: None,
) -> dict[str, Ready]:
    """The channels of a configuration, by name. `stream` is what a channel of the kind `print` prints to.

    Raises ChannelError for the first thing that is wrong. No connection is opened.
    """
    if not isinstance(configured, Mapping):
        raise _error(
            (), where, "must be a list of channels by name", "Write `email: {kind: smtp, …}` below it",
            "应按名称列出渠道", "请在下面写 email: {kind: smtp, …}",
        )  # fmt: skip
    return {str(name): _ready(str(name), raw, environment, stream, where) for name, raw in configured.items()}


def _ready(name: str, raw: object, environment: Mapping[str, str], stream: TextIO, where: Where) -> Ready:
    settings = _read(name, raw, environment, where)
    _judge(name, settings, where)
    try:
        if isinstance(settings, SmtpSettings):
            channel: Channel = Smtp(settings)
        elif isinstance(settings, OverHttp):
            channel = _OVER_HTTP[type(settings)](settings)
        else:
            channel = Mute() if isinstance(settings, MuteSettings) else Printer(stream)
    except OSError:  # the one file that they read
        raise _error(
            (name, "ca_file"), where, "cannot be read as a file of certificates", "Name a PEM file",
            "不是可读的证书文件", "请填写 PEM 格式的证书文件",
        ) from None  # fmt: skip
    return Ready(channel, settings.rates, settings.micros)


def _read(name: str, raw: object, environment: Mapping[str, str], where: Where) -> Settings:
    kinds = ", ".join(KINDS)
    kind = raw.get("kind") if isinstance(raw, Mapping) else None
    if not isinstance(raw, Mapping) or kind is None:
        raise _error(
            (name,), where, "does not say what kind of channel it is", f"Write `kind:`, one of {kinds}",
            "没有写明渠道种类", f"请写 kind，可选：{kinds}",
        )  # fmt: skip
    shape = KINDS.get(str(kind))
    if shape is None:
        raise _error(
            (name, "kind"), where, f"'{kind}' is no kind of channel",
            f"{nearest(str(kind), KINDS)} One of {kinds}".strip(),
            f"没有“{kind}”这种渠道", f"可选：{kinds}",
        )  # fmt: skip
    _refuse_strangers(raw, inspect.type_info(shape), (name,), where)
    value = _with_environment(raw, environment, (name,), where)
    try:
        return msgspec.convert(value, shape, strict=False)
    except msgspec.ValidationError as error:
        raise _misfit(name, str(error), where) from None


def _refuse_strangers(raw: object, shape: inspect.Type, path: tuple[str, ...], where: Where) -> None:
    """Raise for a key that nobody reads or a word that is no choice, with the nearest one that is."""
    if isinstance(shape, inspect.LiteralType) and raw not in shape.values:
        words = [str(one) for one in shape.values]
        raise _error(
            path, where, f"cannot be '{raw}'", 
            f"{nearest(str(raw), words)} One of {', '.join(words)}".strip(),
            f"不能是“{raw}”", f"可选：{'、'.join(words)}",
        )  # fmt: skip
    if not isinstance(raw, Mapping):
        return
    if isinstance(shape, inspect.DictType):
        for key, inner in raw.items():
            _refuse_strangers(inner, shape.value_type, (*path, str(key)), where)
        return
    struct = _struct_of(raw, shape)
    if struct is None:
        return
    known = {field.encode_name: field.type for field in struct.fields}
    names = [*known, "kind"] if struct.tag is not None else list(known)
    for key, inner in raw.items():
        if key not in names:
            raise _error(
                (*path, str(key)), where, "is not known here",
                f"{nearest(str(key), names)} Known: {', '.join(sorted(names))}".strip(),
                "这里没有这个键", f"可用的键：{'、'.join(sorted(names))}",
            )  # fmt: skip
        if key in known:
            _refuse_strangers(inner, known[key], (*path, str(key)), where)


def _struct_of(raw: Mapping[Any, Any], shape: inspect.Type) -> inspect.StructType | None:
    shapes = shape.types if isinstance(shape, inspect.UnionType) else (shape,)
    structs = [one for one in shapes if isinstance(one, inspect.StructType)]
    if len(structs) > 1:
        structs = [one for one in structs if one.tag == raw.get("kind")]
    return structs[0] if structs else None


def _with_environment(
    raw: object, environment: Mapping[str, str], path: tuple[str, ...], where: Where
) -> Any:
    """The value with every ${NAME} replaced, as plain dicts, lists and scalars."""
    if isinstance(raw, Mapping):
        return {
            str(key): _with_environment(one, environment, (*path, str(key)), where)
            for key, one in raw.items()
        }
    if isinstance(raw, list | tuple):
        return [_with_environment(one, environment, path, where) for one in raw]
    if not isinstance(raw, str):
        return raw
    for found in _NAME.finditer(raw):
        if found[1] not in environment:
            raise _error(
                path, where, f"asks for ${{{found[1]}}}, which the environment does not have",
                f"Set {found[1]} before Peakend starts. {nearest(found[1], environment)}".strip(),
                f"要用环境变量 {found[1]}，但没有设置", f"请在启动 Peakend 之前设置 {found[1]}",
            )  # fmt: skip
    return _NAME.sub(lambda found: environment[found[1]], str(raw))


_TYPES: Final = {
    "str": ("文本（数字请加引号）", "a text (numbers in quotes)"),
    "int": ("整数", "a whole number"),
    "float": ("数字", "a number"),
    "bool": ("true 或 false", "true or false"),
    "array": ("列表", "a list"),
    "object": ("一组键值", "a group of keys"),
    "null": ("空值", "nothing"),
}


def _misfit(name: str, text: str, where: Where) -> ChannelError:
    """What msgspec found, at its place and in both languages; a value itself is not quoted."""
    fault = _FAULT.fullmatch(text)
    what, inner = (fault["what"], fault["path"] or "") if fault else (text, "")
    path = (name, *(part for part in re.split(r"[.\[\]]+", inner) if part and part != "..."))
    if lacking := re.search(r"missing required field `(\w+)`", what):
        return _error(
            path, where, f"lacks `{lacking[1]}`", f"Add `{lacking[1]}:`",
            f"缺少 {lacking[1]}", f"请补上 {lacking[1]}",
        )  # fmt: skip
    if other := re.match(r"Expected `([\w| ]+)`, got `(\w+)`", what):
        wanted = [one for one in other[1].split(" | ") if one != "null"]
        chinese, english = zip(*(_TYPES.get(one, (one, one)) for one in wanted), strict=True)
        return _error(
            path, where, f"must be {' or '.join(english)}",
            f"It is {_TYPES.get(other[2], ('', other[2]))[1]} now",
            f"应为{'或'.join(chinese)}", f"现在写的是{_TYPES.get(other[2], (other[2],))[0]}",
        )  # fmt: skip
    if bound := re.match(r"Expected `(?:int|float)` ([<>]=?) ([\d.]+)", what):
        than = {"<=": ("不大于", "at most"), ">=": ("不小于", "at least"), ">": ("大于", "more than")}[
            bound[1]
        ]
        return _error(
            path, where, f"must be {than[1]} {bound[2]}", "Write another number",
            f"应{than[0]} {bound[2]}", "请改写数值",
        )  # fmt: skip
    return _error(
        path, where, "has a value that cannot be", "See docs/channels.md for what it may be",
        "这个值不可用", "可用的值见 docs/channels.md",
    )  # fmt: skip


def _judge(name: str, settings: Settings, where: Where) -> None:
    """Raise for what has the right type and still cannot work."""
    for key, faults in (("timeout", _of_time(settings)), *_of_kind(settings)):
        if faults is not None:
            raise _error((name, *key.split(".")), where, *faults)


_Fault = tuple[str, str, str, str]


def _of_time(settings: Settings) -> _Fault | None:
    try:
        if settings.micros > 0:
            return None
    except TimeError:
        pass
    return ("is no duration", "Write for example PT30S", "不是时长", "请写成例如 PT30S")


def _of_kind(settings: Settings) -> Iterator[tuple[str, _Fault | None]]:
    if isinstance(settings, SmtpSettings):
        for key, address in (("from.address", settings.from_.address), ("reply_to", settings.reply_to)):
            yield key, _of_address(address) if address or key == "from.address" else None
        yield "envelope", _of_envelope(settings.envelope)
    if isinstance(settings, WebhookSettings):
        yield "secrets", _of_secrets(settings.secrets)
    if isinstance(settings, JsonPostSettings):
        yield "body", _of_places(unknown_places(settings.body))
    url = getattr(settings, "url", "")
    if isinstance(settings, OverHttp) and (url or not isinstance(settings, WebhookSettings)):
        yield "url", _of_url(str(url), settings.private_hosts)


def _of_address(address: str) -> _Fault | None:
    if address_of(address) == address:
        return None
    return (
        "is no mail address", "Write one address without a name, for example service@example.com",
        "不是邮件地址", "请只写地址，不写姓名，例如 service@example.com",
    )  # fmt: skip


def _of_envelope(pattern: str) -> _Fault | None:
    if not pattern:
        return None
    filled = pattern.replace(PLACE, "x" * LENGTH_OF_KEY)
    if address_of(filled) == filled and pattern.count(PLACE) <= 1:
        return None
    room = LONGEST_LOCAL - LENGTH_OF_KEY
    return (
        "is no address that bounces can come back to",
        f"Write {PLACE} once, with at most {room} characters beside it before the @: b+{PLACE}@example.com",
        "不能用作退信地址", f"{PLACE} 写一次，@ 之前的其余部分最多 {room} 个字符，例如 b+{PLACE}@example.com",
    )  # fmt: skip


def _of_secrets(secrets: tuple[str, ...]) -> _Fault | None:
    try:
        if secrets and all(key_of(secret) for secret in secrets):
            return None
    except ValueError:
        pass
    return (
        "must be one or more secrets of Standard Webhooks",
        "Write whsec_ and 24 to 64 bytes in base64, for example from `openssl rand -base64 32`",
        "应为一个或多个 Standard Webhooks 密钥",
        "请写 whsec_ 加 24 到 64 字节的 base64，可用 openssl rand -base64 32 生成",
    )  # fmt: skip


def _of_places(unknown: list[str]) -> _Fault | None:
    if not unknown:
        return None
    places = ", ".join(unknown)
    return (
        f"has places that nothing fills: {places}", "See docs/channels.md for the places that there are",
        f"有无法填入的占位：{places}", "可用的占位见 docs/channels.md",
    )  # fmt: skip


def _of_url(url: str, private_hosts: tuple[str, ...]) -> _Fault | None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if host and (parts.scheme == "https" or (parts.scheme == "http" and host in private_hosts)):
        return None
    return (
        "is no address that a message may go to",
        "It must begin with https://; http:// only where `private_hosts` names the host",
        "不能用作接收地址", "须以 https:// 开头；只有写入 private_hosts 的主机才可用 http://",
    )  # fmt: skip


def _error(
    path: tuple[str, ...], where: Where, what: str, fix: str, what_zh: str, fix_zh: str
) -> ChannelError:
    name = ".".join(("channels", *path))
    return ChannelError(
        f"`{name}` {what}", place=where(path), fix=fix, what_zh=f"{name}：{what_zh}", fix_zh=fix_zh
    )
