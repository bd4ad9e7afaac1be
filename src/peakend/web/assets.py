"""Style sheets, scripts and icons of the pages: what was fetched at build time, and our own.

Each has an address with a sum of its contents, so that a browser keeps it for good and never shows an old
one. Only the files that were read at the start are served: no name of a request touches the disk.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

from markupsafe import Markup, escape

from peakend.errors import PeakendError
from peakend.report.paper import asset as report_asset

JAVASCRIPT, CSS = "text/javascript; charset=utf-8", "text/css; charset=utf-8"
TYPES = {
    ".js": JAVASCRIPT,
    ".css": CSS,
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
FETCHED = ("tabler.css", "htmx.js", "htmx-sse.js", "echarts.js", "licences.txt")
OWN = ("charts.js", "favicon.svg", "peakend-notes.js")
JOINED = {"peakend.css": ("style", ".css"), "peakend.js": ("script", ".js")}
PREFIX = "/static/"
FOR_GOOD = "public, max-age=31536000, immutable"


class Asset(NamedTuple):
    """One file as it is served, plain and compressed."""

    body: bytes
    zipped: bytes
    media_type: str
    tag: str

    def answer(self, accept_encoding: str, if_none_match: str) -> tuple[int, bytes, dict[str, str]]:
        """Return status, body and headers for a browser that takes these encodings and has that tag."""
        headers = {
            "Cache-Control": FOR_GOOD,
            "Content-Type": self.media_type,
            "ETag": f'"{self.tag}"',
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
        }
        if self.tag in if_none_match:
            return 304, b"", headers
        if "gzip" in accept_encoding and len(self.zipped) < len(self.body):
            return 200, self.zipped, headers | {"Content-Encoding": "gzip"}
        return 200, self.body, headers


class Assets:
    """All that pages load, read once. Raises PeakendError where nothing was fetched at build time."""

    def __init__(self) -> None:
        built, own = files("peakend.web") / "static", files("peakend.web") / "static_src"
        if not (built / "stamp").is_file():
            raise PeakendError(
                "What the pages stand on is missing: it is fetched when Peakend is installed",
                fix="Install Peakend again where npm's registry can be reached; in a checkout call ./run",
                what_zh="缺少网页用到的前端文件，它们在安装时下载",
                fix_zh="在能访问 npm 镜像的网络下重新安装；源码目录里再运行一次 ./run 即可",
            )
        self._drawn: dict[str, str] = json.loads((built / "icons.json").read_text("utf-8"))
        self._files = {name: _asset(name, (built / name).read_bytes(), built) for name in FETCHED}
        self._files |= {name: _asset(name, (own / name).read_bytes()) for name in OWN}
        self._files["told.css"] = _asset("told.css", _told())
        self._files |= {
            name: _asset(name, _joined(own / folder, ending)) for name, (folder, ending) in JOINED.items()
        }

    def address(self, name: str) -> str:
        """Return where a page finds a file; KeyError for a name that is not served."""
        return f"{PREFIX}{name}?v={self._files[name].tag}"

    def get(self, name: str) -> Asset | None:
        """Return a file by its name, None where there is none."""
        return self._files.get(name)

    def icon(self, name: str, label: str = "") -> Markup:
        """Return an icon of Tabler's outline set; without a label it is only decoration.

        KeyError for a name that the set does not have.
        """
        said = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
        return Markup(f'<svg class="icon" viewBox="0 0 24 24" {said}>{self._drawn[name]}</svg>')

    def weight(self, *names: str) -> int:
        """Return how many bytes a browser fetches for these files, compressed."""
        return sum(min(len(self._files[name].zipped), len(self._files[name].body)) for name in names)


def _asset(name: str, body: bytes, folder: Traversable | None = None) -> Asset:
    zipped = folder / f"{name}.gz" if folder is not None else None
    packed = (
        zipped.read_bytes() if zipped is not None and zipped.is_file() else gzip.compress(body, 9, mtime=0)
    )
    ending = name[name.rindex(".") :]
    return Asset(body, packed, TYPES[ending], hashlib.sha256(body).hexdigest()[:12])


def _told() -> bytes:
    """The report's style for its pictures inside a page, and for nothing around them."""
    return "\n".join((".told {", *map(report_asset, ("style.css", "finding.css")), "}")).encode()


def _joined(folder: Traversable, ending: str) -> bytes:
    """Our own files of one kind as one, by their names; each script keeps its names to itself."""
    parts = [
        part.read_text("utf-8")
        for part in sorted(folder.iterdir(), key=lambda part: part.name)
        if part.name.endswith(ending)
    ]
    return "\n".join(f"{{\n{part}}}" if ending == ".js" else part for part in parts).encode()
