"""What becomes of a note by what somebody does with it: the same in the three stores.

Nothing here touches a database.
"""

from __future__ import annotations

from msgspec.structs import replace

from peakend.model.stored import Note, NoteAct

_ONLY_FROM = {
    "fetched": ("new", "handed", "snoozed"),
    "acknowledged": ("new", "fetched", "snoozed", "handed"),
}


def acted(note: Note, act: NoteAct) -> Note | None:
    """A note after an act; None where the act is none, because somebody else was first."""
    if act.what == "noted":
        return note
    if note.state == "done" or note.state not in _ONLY_FROM.get(act.what, (note.state,)):
        return None
    after = replace(note, state=act.what, changed=act.at, changed_by=act.who)
    if act.what == "snoozed":
        return replace(after, snoozed=act.until)
    if act.what == "handed":
        return replace(after, who=act.role or note.who, assignee=act.assignee)
    return replace(after, result=act.text) if act.what == "done" else after
