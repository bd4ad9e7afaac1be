"""The pages of plays: the list, a play as a flow, a draft by form and as YAML, two tabs, switches."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from people_world import NINE, TimedHouse, client, everybody, form_of, signed_in, whole_app

from peakend.design.pack import find_pack, load_pack
from peakend.publish import publish, published
from peakend.publish.drafts import begin, save
from peakend.when import parse_instant

HTML = {"Accept": "text/html", "Accept-Language": "en"}
PLAY = "renewal-rounds"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FastAPI, TimedHouse]]:
    app, house = whole_app(tmp_path_factory.mktemp("plays") / "peakend.db")
    with house.store() as store:
        everybody(store)
        publish(store, load_pack(find_pack("cloud")), who="x", backtest="b", approved="", now=NINE)
    house.instant = NINE + 60_000_000
    yield app, house
    house.close()


def browser(world: tuple[FastAPI, TimedHouse], who: str) -> httpx.Client:
    app, house = world
    found = client(app)
    with house.store() as store:
        found.headers.update(HTML | signed_in(store, who, house.instant))
    return found


def begun(designer: httpx.Client) -> str:
    answer = designer.post(f"/plays/{PLAY}/edit")
    assert answer.status_code == 303
    return answer.headers["location"]


def values(page: httpx.Response) -> dict[str, str]:
    """What the fields of the form hold."""
    inputs = re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', page.text)
    areas = re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n(.*?)</textarea>', page.text, re.DOTALL)
    return dict([*inputs, *areas])


def test_the_list_shows_every_play_and_one_play_is_told_as_a_flow(world: tuple[FastAPI, TimedHouse]) -> None:
    with browser(world, "viewer") as viewer:
        shown = viewer.get("/plays")
        pack = world[1].pack()
        assert pack and shown.status_code == 200
        assert all(f'href="/plays/{name}"' in shown.text for name in pack.plays)
        one = viewer.get(f"/plays/{PLAY}")
        assert one.status_code == 200 and 'class="flow"' in one.text
        assert "/edit" not in one.text
        with world[1].store() as store:
            holds = published(store)
        assert holds and holds.who == "x"
        said = re.search(r"Published by x · <time datetime=\"([^\"]+)\".*version ([0-9a-f]{12})<", one.text)
        assert said and parse_instant(said[1]) == holds.seen // 1_000_000 * 1_000_000
        assert holds.hash.startswith(said[2])
        assert viewer.post(f"/plays/{PLAY}/edit").status_code == 403
        assert viewer.get("/plays/nonsense").status_code == 404


def test_a_form_changes_one_number_of_the_file_and_nothing_else(world: tuple[FastAPI, TimedHouse]) -> None:
    with browser(world, "designer") as designer:
        way = begun(designer)
        page = designer.get(way)
        assert page.status_code == 200
        id_ = way.split("/")[2]
        with world[1].store() as store:
            before = store.draft_files(id_)[f"plays/{PLAY}.yaml"].decode()
        saved = designer.post(way, data={"revision": "0", "steps.0.by": "45", "steps.0.by.unit": "D"})
        assert saved.status_code == 303, saved.text
        with world[1].store() as store:
            after = store.draft_files(id_)[f"plays/{PLAY}.yaml"].decode()
        changed = [
            (old, new) for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new
        ]
        assert len(changed) == 1 and changed[0][0].replace("P30D", "P45D") == changed[0][1]
        assert 'value="45"' in designer.get(way).text
        assert "P45D" in designer.get(f"/drafts/{id_}").text
        assert (
            designer.post(f"/drafts/{id_}/back", data={"revision": "1", "to": "0", "play": PLAY}).status_code
            == 303
        )
        assert 'value="30"' in designer.get(way).text


def inside(page: str, id_: str) -> str:
    """What the list says is in a draft, without its marks."""
    found = re.search(rf'<a href="/drafts/{id_}">.*?</p>(.*?)</div></li>', page, re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def test_the_list_of_drafts_says_which_plays_each_of_them_changes(world: tuple[FastAPI, TimedHouse]) -> None:
    _, house = world
    with house.store() as store:
        id_ = begin(store, "d-inside", source="", who="admin", now=NINE).id
        files = store.draft_files(id_)

    def change(**changed: bytes | None) -> str:
        with house.store() as store:
            at = store.draft(id_)
            assert at
            save(store, id_, at.revision, changed, who="admin", now=NINE, copy="")
        with browser(world, "designer") as designer:
            return inside(designer.get("/plays").text, id_)

    assert change() == "Nothing has changed yet."
    story = next(name for name in files if name.startswith("stories/"))
    assert change(**{story: files[story] + b"# x"}) == "no play, but 1 file"
    text = f"plays/{PLAY}.yaml"
    pack = house.pack()
    assert pack
    title = pack.plays[PLAY].title["en"]  # type: ignore[index]
    assert change(**{text: files[text].replace(b"P30D", b"P20D")}) == f"{title} and 1 file"
    gone = pack.plays["p1-escalate"].title["en"]  # type: ignore[index]
    assert change(**{"plays/p1-escalate.yaml": None}) == f"{gone} removed {title} and 1 file"
    back = {story: files[story], "plays/p1-escalate.yaml": files["plays/p1-escalate.yaml"]}
    words = change(**back, **{text: files[text], "texts/en/renewal-thanks.md": b"Thank you"})
    assert words == title
    whole = change(**{name: content + b"#" for name, content in files.items() if name.startswith("plays/")})
    assert re.search(r"and \d+ more$", whole)
    with browser(world, "viewer") as viewer:
        assert f"/drafts/{id_}" not in viewer.get("/plays").text


def test_what_lint_says_stands_beside_the_yaml_before_and_after_it_is_saved(
    world: tuple[FastAPI, TimedHouse],
) -> None:
    with browser(world, "designer") as designer:
        way = begun(designer)
        id_, page = way.split("/")[2], designer.get(way)
        text = (
            values(page)["text"]
            .replace("&#39;", "'")
            .replace("&#34;", '"')
            .replace("&lt;", "<")
            .replace("&gt;", ">")
        )
        wrong = text.replace("class: service", "class: servise", 1)
        said = designer.post(f"/drafts/{id_}/lint/plays/{PLAY}.yaml", data={"text": wrong})
        assert said.status_code == 200 and f"plays/{PLAY}.yaml:" in said.text and "servise" in said.text
        revision = re.search(r'name="revision" value="(\d+)"', page.text)
        assert revision
        file, form = f"/drafts/{id_}/files/plays/{PLAY}.yaml", {"revision": revision[1], "play": PLAY}
        saved = designer.post(file, data=form | {"text": wrong})
        assert (saved.status_code, saved.headers["location"]) == (303, f"{way}?saved=1")
        again = designer.get(way)
        assert "servise" in again.text and "disabled" in again.text
        assert designer.post(file, data={"revision": "999", "text": text}).status_code in {400, 409}


@pytest.mark.parametrize(
    "name", ["%2Fetc%2Fpasswd", "..%2F..%2Fx.yaml", "plays%2F..%5Cx.yaml", "elsewhere/x.yaml"]
)
def test_a_file_that_no_pack_has_is_refused_in_the_editor(
    world: tuple[FastAPI, TimedHouse], name: str
) -> None:
    with browser(world, "designer") as designer:
        id_ = begun(designer).split("/")[2]
        for way in ("lint", "files"):
            told = designer.post(f"/drafts/{id_}/{way}/{name}", data={"revision": "0", "text": "a: 1"})
            assert told.status_code in (400, 404), (way, told.status_code)
        assert designer.get(f"/drafts/{id_}/files/{name}").status_code == 404


def test_two_tabs_lose_nothing(world: tuple[FastAPI, TimedHouse]) -> None:
    with browser(world, "manager") as manager:
        way = begun(manager)
        first = {"revision": "0", "steps.0.by": "40", "steps.0.by.unit": "D"}
        second = {"revision": "0", "steps.0.by": "50", "steps.0.by.unit": "D"}
        assert manager.post(way, data=first).status_code == 303
        told = manager.post(way, data=second)
        assert told.status_code == 409
        assert "P40D" in told.text and "P50D" in told.text
        copy = re.findall(r'href="(/drafts/[0-9a-f]+/plays/[a-z-]+)"', told.text)[1]
        assert 'value="50"' in manager.get(copy).text and 'value="40"' in manager.get(way).text


def test_only_designers_and_those_above_them_publish(world: tuple[FastAPI, TimedHouse]) -> None:
    with browser(world, "designer") as designer:
        way = begun(designer)
        assert designer.post(f"{way}/jobs/publish", data={"revision": "0"}).status_code == 422
        assert designer.get(f"{way}/jobs/none").status_code == 404
    for role in ("viewer", "frontline"):
        with browser(world, role) as other:
            assert other.post(f"{way}/publish", data={"revision": "0"}).status_code == 403


def test_a_manager_pauses_resumes_and_stops_and_a_designer_does_not(
    world: tuple[FastAPI, TimedHouse],
) -> None:
    with browser(world, "designer") as designer:
        assert designer.post(f"/plays/{PLAY}/switch", data={"what": "pause_sends"}).status_code == 403
    with browser(world, "manager") as manager:
        assert manager.post("/plays/p1-escalate/switch", data={"what": "pause_sends"}).status_code == 303
        assert "paused" in manager.get("/plays/p1-escalate").text
        manager.post("/plays/p1-escalate/switch", data={"what": "resume_sends"})
        assert "resume_sends" not in manager.get("/plays/p1-escalate").text
        assert manager.post("/plays/p1-escalate/switch", data={"what": "fly"}).status_code == 404


@pytest.mark.parametrize(
    "form", [{}, {"revision": "x"}, {"revision": "9" * 30}, {"revision": "0", "steps.0.by": "soon"}]
)
def test_nonsense_is_told_or_named_by_lint(world: tuple[FastAPI, TimedHouse], form: dict[str, str]) -> None:
    with browser(world, "admin") as admin:
        way = begun(admin)
        assert admin.post(way, data=form).status_code in {303, 400, 409, 422}
        assert admin.get("/drafts/none").status_code == 404
        assert form_of(admin.get(way))
