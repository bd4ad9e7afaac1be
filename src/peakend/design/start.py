"""`peakend init`: a workspace from a bundled pack, ready to be changed.

The workspace appears whole or not at all, and nothing that is already there is ever overwritten.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from peakend.design.pack import FOLDERS, SINGLE, find_pack
from peakend.design.schema import pack_schema
from peakend.errors import PackError

SCHEMAS = ".peakend/schema"


def start(folder: Path, pack: str) -> Path:
    """Make `folder` a workspace with a copy of `pack` (a bundled name or a path) and return it.

    It gets JSON Schemas, which editors use to complete the files, and a README with the next commands.
    Raises PackError where the folder holds anything already.
    """
    source = find_pack(pack)
    if folder.exists() and not folder.is_dir():
        raise PackError(f"'{folder}' is a file", fix=_NEW, what_zh=f"“{folder}”是文件", fix_zh=_NEW_ZH)
    target = folder.resolve()
    made = (target if target.exists() else target.parent) / f".{target.name}.unfinished"
    if target.exists() and any(path != made for path in target.iterdir()):
        raise PackError(
            f"The folder '{folder}' is not empty, and nothing in it shall be lost",
            fix=_NEW,
            what_zh=f"文件夹“{folder}”不是空的，里面的东西不能丢",
            fix_zh=_NEW_ZH,
        )
    try:
        _make(source, made)
        _put(made, target)
    except OSError as error:
        shutil.rmtree(made, ignore_errors=True)
        raise PackError(
            f"The workspace '{folder}' cannot be made: {error.strerror or error}",
            fix="Choose a folder in which you may write",
            what_zh=f"工作区“{folder}”建不了：{error.strerror or error}",
            fix_zh="请换一个有写入权限的文件夹",
        ) from error
    return target


def write_schemas(folder: Path) -> list[Path]:
    """Write each schema as NAME.json into `folder`, which is made if needed."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, schema in pack_schema().items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(schema, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        written.append(path)
    return written


def _make(source: Path, made: Path) -> None:
    made.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(made, ignore_errors=True)
    shutil.copytree(source, made, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    write_schemas(made / SCHEMAS)
    _tell_editors(made)
    zh, en, steps_zh, steps_en = _next_steps(made)
    readme = _README.format(
        pack=source.name, zh=zh, en=en, steps_zh="\n".join(steps_zh), steps_en="\n".join(steps_en)
    )
    (made / "README.md").write_text(readme, encoding="utf-8")


def _next_steps(made: Path) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    """What can be changed and which commands come next, in zh and en each."""
    if (made / "surveys").is_dir() and not (made / "journeys").is_dir():
        return _SURVEY
    return _SIMULATED if (made / "simulation.yaml").is_file() else _FROM_DATA


def _put(made: Path, target: Path) -> None:
    """Move what was made to its place; an empty folder is kept, because a shell may stand in it."""
    if not target.exists():
        made.rename(target)
        return
    for path in sorted(made.iterdir()):
        path.rename(target / path.name)
    made.rmdir()


def _tell_editors(folder: Path) -> None:
    """Put the line that editors read for completion at the head of each YAML file."""
    for name in SINGLE:
        _head(folder / f"{name}.yaml", f"{SCHEMAS}/{name}.json")
    for name in FOLDERS:
        for path in sorted((folder / name).glob("*.yaml")):
            _head(path, f"../{SCHEMAS}/{name}.json")


def _head(path: Path, schema: str) -> None:
    if path.is_file():
        text = path.read_text(encoding="utf-8")
        path.write_text(f"# yaml-language-server: $schema={schema}\n{text}", encoding="utf-8")


_NEW = "Name a new folder: peakend init my-service --pack cloud"
_NEW_ZH = "请另起一个文件夹名：peakend init my-service --pack cloud"
_CHECK_ZH = "peakend check .                            # 逐行检查模板，并把 stories/ 里的情景用例走一遍"
_CHECK_EN = (
    "peakend check .                            # checks every line, and plays the stories in stories/"
)
_BACKTEST_ZH = "peakend backtest . --events 动态文件       # 用您自己的历史数据推演"
_BACKTEST_EN = (
    "peakend backtest . --events FILE           # what the plays would have done in your own history"
)
_PARTS = (
    "改阶段、接触点、服务标准、服务剧本、文本和提示卡",
    "stages, touchpoints, standards,\nplays, texts and cards",
)
_SIMULATED = (
    *_PARTS,
    (
        _CHECK_ZH,
        "peakend demo --pack .                      # 模拟一年客户动态，推演全部剧本，打开报告",
        _BACKTEST_ZH,
    ),
    (
        _CHECK_EN,
        "peakend demo --pack .                      # simulates a year, backtests plays, opens the report",
        _BACKTEST_EN,
    ),
)
_FROM_DATA = (
    *_PARTS,
    (
        _CHECK_ZH,
        "peakend demo --pack . --events 动态文件    # 用您自己的文件出报告（本模板不带模拟数据）",
        _BACKTEST_ZH,
    ),
    (
        _CHECK_EN,
        "peakend demo --pack . --events FILE        # the report of your own file (this pack simulates none)",
        _BACKTEST_EN,
    ),
)
_SURVEY = (
    "改题目、量表、“不适用”的代码和导入映射",
    "items, scales, codes for no answer\nand mappings",
    (
        "peakend check .                            # 逐行检查问卷和 sources/ 里的导入映射",
        "peakend find . --events 答卷文件           # 总分、各题和各维度得分，哪些题项与总分关系更大",
        "peakend find . --events 答卷文件 --html find.html    # 同样的结果，做成一页图",
    ),
    (
        "peakend check .                            # checks every line of the survey and of sources/",
        "peakend find . --events FILE               # the score, items, dimensions, what goes with it",
        "peakend find . --events FILE --html find.html        # the same as a page of pictures",
    ),
)
_README = """\
# 我的服务 · My service

本文件夹由行业模板 `{pack}` 生成，从此归您：{zh}，都在这里改。

接下来三条命令：

```sh
{steps_zh}
```

若您是通过源码目录里的 `./run` 使用，请在那里把 `peakend` 换成 `./run`，把 `.` 换成本文件夹的路径，
例如 `./run check my-service`。

支持 YAML 的编辑器会按 `.peakend/schema` 提示每个键。改完任何文件，先运行 `peakend check .`。

---

This folder was made from the pack `{pack}` and is yours from now on: change {en} right here.

The next three commands:

```sh
{steps_en}
```

If you call Peakend through `./run` of a checkout, write `./run` there for `peakend`, and the path of this
folder for the full stop: `./run check my-service`.

Editors that know YAML complete every key from `.peakend/schema`. After a change run `peakend check .` first.
"""
