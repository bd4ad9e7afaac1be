"""A request that is not answered: why, what to do, and in which form whoever asked can read it."""

from __future__ import annotations

from collections.abc import Mapping

from peakend.errors import PeakendError
from peakend.model.account import Role


class Refused(PeakendError):
    """Not signed in (401), not allowed (403), not from our own form (403), or too often (429).

    `word` names the reason for programs. `to_sign_in` says that somebody who signs in would be answered.
    """

    def __init__(
        self,
        status: int,
        word: str,
        en: tuple[str, str],
        zh: tuple[str, str],
        *,
        headers: Mapping[str, str] = {},
        to_sign_in: bool = False,
    ) -> None:
        super().__init__(en[0], fix=en[1], what_zh=zh[0], fix_zh=zh[1])
        self.status, self.word, self.headers, self.to_sign_in = status, word, dict(headers), to_sign_in


def nobody() -> Refused:
    return Refused(
        401,
        "not_signed_in",
        ("You are not signed in", "Sign in, or send an API key: Authorization: Bearer pk_…"),
        ("您还没有登录", "请先登录；程序请带上 API 密钥：Authorization: Bearer pk_…"),
        headers={"WWW-Authenticate": 'Bearer realm="Peakend"'},
        to_sign_in=True,
    )


def no_page() -> Refused:
    return Refused(
        404,
        "no_page",
        ("There is no such page", "Check the address, or begin at the first page"),
        ("没有这个页面", "请检查网址，或从首页进入"),
    )


def bad_key() -> Refused:
    return Refused(
        401,
        "bad_key",
        (
            "This API key opens nothing",
            "Look under Settings, Keys, whether it was revoked, and send the whole key",
        ),
        ("这个 API 密钥无效", "请到“设置 · 密钥”查看它是否已作废，并确认密钥完整"),
        headers={"WWW-Authenticate": 'Bearer realm="Peakend", error="invalid_token"'},
    )


def key_lacks(scope: str) -> Refused:
    return Refused(
        403,
        "key_lacks_scope",
        (f"This API key lacks the scope {scope}", f"Make a key with the scope {scope} under Settings, Keys"),
        (f"这个 API 密钥没有 {scope} 权限", f"请到“设置 · 密钥”新建一个带 {scope} 权限的密钥"),
    )


def no_keys() -> Refused:
    return Refused(
        403,
        "people_only",
        ("This page is for people who are signed in, not for API keys", "Use the API under /api/v1"),
        ("这个页面只供登录的同事使用，API 密钥不能访问", "程序请使用 /api/v1 下的接口"),
    )


_ROLES = {
    "viewer": "查看者",
    "frontline": "一线同事",
    "designer": "服务设计师",
    "manager": "服务经理",
    "admin": "管理员",
}


def too_little(role: Role) -> Refused:
    return Refused(
        403,
        "role_too_small",
        (f"Your role may not do this: it needs {role}", "Ask an admin"),
        (f"您的角色没有这个权限，需要“{_ROLES[role]}”", "请联系管理员"),
    )


def not_our_form() -> Refused:
    return Refused(
        403,
        "not_our_form",
        (
            "This did not come from a page of ours, or the page is too old",
            "Load the page again, then send it once more",
        ),
        ("请求不是从本系统的页面发出的，或页面已过期", "请刷新页面后重新提交"),
    )


def too_fast(seconds: int) -> Refused:
    return Refused(
        429,
        "too_fast",
        ("The API is asked more often than it may be", f"Ask the same again in {seconds} s"),
        ("接口调用过于频繁", f"请 {seconds} 秒后原样重试"),
        headers={"Retry-After": str(seconds)},
    )


def too_often(seconds: int) -> Refused:
    minutes = -(-seconds // 60)
    return Refused(
        429,
        "too_often",
        ("Too many attempts", f"Try again in {minutes} min"),
        ("尝试次数过多", f"请 {minutes} 分钟后再试"),
        headers={"Retry-After": str(seconds)},
    )
