"""Where somebody goes after signing in: a place of ours, never another house."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

HOME: Final = "/"
_LONGEST: Final = 500


def inside(path: str) -> str:
    """A path that was handed in, if it leads to a page of ours; else the first page.

    Browsers read `//host`, `/\\host` and `/<TAB>/host` as addresses of another house.
    """
    if not path.startswith("/") or len(path) > _LONGEST or not path.isprintable() or " " in path:
        return HOME
    if "\\" in path or path.startswith("//"):
        return HOME
    try:
        parts = urlsplit(path)
    except ValueError:
        return HOME
    if parts.scheme or parts.netloc or parts.path.startswith("//"):
        return HOME
    return HOME if parts.path in ("/sign-in", "/sign-out") else path
