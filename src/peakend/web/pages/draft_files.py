"""Any file of a draft: what lint says while it is written, and the words that fit at the cursor."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from peakend.design.completion import complete
from peakend.design.pack import read_files
from peakend.publish.drafts import linted
from peakend.web.callers import Caller, needs
from peakend.web.drafting.doing import draft_files, kept, laid_over
from peakend.web.house import Ours
from peakend.web.pages import drafts
from peakend.web.people.refused import no_page
from peakend.web.reader import page

router = APIRouter(prefix="/drafts/{id_}", include_in_schema=False)

Designer = Annotated[Caller, needs("designer")]
Text = Annotated[str, Form()]


@router.get("/files/{file:path}")
def editor(
    request: Request, caller: Designer, house: Ours, id_: str, file: str, line: int = 0, saved: int = 0
) -> Response:
    """One file and its problems."""
    draft, files = draft_files(house, id_)
    if file not in files:
        raise no_page()
    values: dict[str, Any] = {
        "draft": draft,
        "file": file,
        "play": "",
        "text": files[file].decode("utf-8", "replace"),
        "line": line,
        "saved": bool(saved),
        "problems": drafts.problems(linted(files, draft.pack), draft, file),
    }
    return page(request, caller, "plays/file.html", values)


@router.post("/files/{file:path}")
def save_file(
    request: Request,
    caller: Designer,
    house: Ours,
    id_: str,
    file: str,
    revision: Annotated[int, Form()],
    text: Text = "",
    play: Text = "",
) -> Response:
    """Save a file as it was typed, errors and all: lint names them. `play` is the page it was changed on."""
    done = kept(house, caller, id_, revision, {file: _content(text)})
    return drafts.saved(request, caller, house, done, f"plays/{play}" if play else f"files/{file}")


@router.post("/lint/{file:path}")
def lint(request: Request, caller: Designer, house: Ours, id_: str, file: str, text: Text = "") -> Response:
    """What lint says of a file as it stands in the editor, not saved yet."""
    draft, found = laid_over(house, id_, {file: _content(text)})
    return page(
        request,
        caller,
        "plays/problems.html",
        {"draft": draft, "problems": drafts.problems(found, draft, file)},
    )


@router.post("/complete/{file:path}")
def words(
    request: Request,
    caller: Designer,
    house: Ours,
    id_: str,
    file: str,
    line: Annotated[int, Form()],
    column: Annotated[int, Form()],
    text: Text = "",
) -> Response:
    """The words that fit where the cursor stands."""
    draft, files = draft_files(house, id_)
    pack, _ = read_files(files, draft.pack)
    found = complete(pack, file, text, line, column) if pack else None
    return page(request, caller, "plays/offers.html", {"found": found, "most": 24})


def _content(text: str) -> bytes:
    return text.replace("\r\n", "\n").encode("utf-8", "surrogatepass")
