"""A page of all parts, as no page of the product is: for looking at them and for what must hold of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from jinja2 import ChoiceLoader, FileSystemLoader
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from peakend.tell.said import Said
from peakend.web.assets import Assets
from peakend.web.headers import Headers
from peakend.web.looking import Flash, Looking
from peakend.web.pages import static
from peakend.web.screen import Screens
from peakend.when import HOUR, MINUTE, parse_instant, zone

NOW = parse_instant("2026-03-05T14:02:00+08:00")
HOSTILE = "<script>alert(1)</script>\"'"


def looking(language: str, **more: Any) -> Looking:
    """A designer of the cloud provider in Shanghai, on the fifth of March."""
    known = {
        "zone": zone("Asia/Shanghai"),
        "now": NOW,
        "path": "/plays",
        "role": "designer",
        "name": {"zh": "值班设计师", "en": "Designer on duty"}[language],
        "csrf": "token-of-the-form",
        "pack": Said("云服务", "Cloud services"),
        "counts": {"/inbox": 3, "/quarantine": 12},
    }
    return Looking(language=language, **{**known, **more})  # type: ignore[arg-type]


def values(language: str) -> dict[str, Any]:
    """What the sample shows, in the reader's language, so that the pictures read as a page."""

    def say(zh: Any, en: Any) -> Any:
        return zh if language == "zh" else en

    miserable, magical = say("消极", "Miserable"), say("神奇", "Magical")
    return {
        "say": say,
        "now": NOW,
        "hour": HOUR,
        "minute": MINUTE,
        "hostile": HOSTILE,
        "plays": [
            (say("续费提醒", "Renewal reminders"), "send", NOW - 12 * MINUTE, 1204, "", (410, 620, 174)),
            (say("P1 故障升级", "P1 escalation"), "hold", NOW - 2 * HOUR, 86,
             say("正逢免打扰时段", "Quiet hours"), (12, 40, 34)),
            (say("年度用量回顾", "Year in use"), "suppress", NOW - 26 * HOUR, 5210,
             say("属于空白对照组", "Held out for proof"), (2100, 2900, 210)),
            (HOSTILE, "send", NOW - 80 * HOUR, 7, "", (0, 0, 0)),
        ],
        "option": {
            "legend": {"data": [miserable, magical]},
            "xAxis": {"type": "category", "data": [say(f"{m}月", m) for m in range(1, 13)]},
            "yAxis": {"type": "value"},
            "series": [
                {"type": "bar", "name": miserable, "barMaxWidth": 14,
                 "itemStyle": {"color": "--down", "decal": "hatch"},
                 "data": [34, 29, 41, 22, 25, 19, 31, 27, 16, 14, 18, 12]},
                {"type": "bar", "name": magical, "itemStyle": {"color": "--up"}, "barMaxWidth": 14,
                 "data": [12, 15, 11, 19, 22, 24, 20, 26, 31, 29, 33, 38]},
            ],
        },
        "whiskers": {
            "xAxis": {"type": "category",
                      "data": say(["开通", "故障", "账单", "评审会"], ["Start", "Fault", "Bill", "Review"])},
            "yAxis": {"type": "value"},
            "tooltip": {"trigger": "item"},
            "series": [
                {"type": "custom", "renderItem": "whisker", "itemStyle": {"color": "--edge"},
                 "encode": {"x": 0, "y": [1, 2]},
                 "data": [[0, 0.1, 0.3], [1, -0.34, -0.28], [2, -0.25, -0.1], [3, 0.23, 0.41]]},
                {"type": "scatter", "symbolSize": 9, "itemStyle": {"color": "--accent"},
                 "data": [0.2, -0.31, -0.19, 0.32]},
            ],
        },
    }  # fmt: skip


def app(assets: Assets) -> FastAPI:
    """The sample and its static files, served as the product does; ?language=, ?theme=, ?bare= choose."""
    screens = Screens(assets)
    own = FileSystemLoader(Path(__file__).parent / "templates")
    screens._env.loader = ChoiceLoader([own, screens._env.loader])  # type: ignore[list-item]
    looks: list[dict[str, str]] = []
    headers: list[dict[str, str]] = []
    jobs: list[int] = []

    def sample(request: Request) -> Response:
        language = request.query_params.get("language", "zh")
        more: dict[str, Any] = {"theme": request.query_params.get("theme", "auto")}
        if "bare" in request.query_params:
            more |= {"role": None, "name": "", "counts": {}}
        else:
            said = (
                "已保存为草稿，还没有发布。" if language == "zh" else "Saved as a draft; not published yet."
            )
            wrong = "第 12 行：没有这个接触点。" if language == "zh" else "Line 12: no such touchpoint."
            more |= {"flashes": (Flash(said, "good"), Flash(wrong, "bad"))}
        return screens.page("sample.html", looking(language, **more), values(language))

    def job(request: Request) -> Response:
        jobs.append(1)
        state = "running" if len(jobs) < 3 else "done"
        return screens.page("sample_job.html", looking("en"), {"state": state, "share": len(jobs) / 3})

    async def look(request: Request) -> Response:
        looks.append({str(key): str(value) for key, value in (await request.form()).items()})
        return RedirectResponse("/", 303)

    async def refuse(request: Request) -> Response:
        headers.append(dict(request.headers))
        return Response(status_code=500)

    made = FastAPI(
        routes=[
            Route("/", sample),
            Route("/job", job),
            Route("/look", look, methods=["POST"]),
            Route("/refuse", refuse, methods=["POST"]),
        ]
    )
    made.include_router(static.router)
    made.add_middleware(Headers)
    made.state.screens = screens
    made.state.looks, made.state.refused = looks, headers
    return made
