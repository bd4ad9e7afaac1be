"""Publishing: whole and unchangeable, with a preview of who is affected, and a second person where needed.

Every way to cheat an approval has its test: each is refused, and nothing is published.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner, Result

from peakend.cli import app
from peakend.cli.words_running import RUNNING
from peakend.design.pack import find_pack, load_pack
from peakend.design.pack_kept import kept_pack
from peakend.errors import PackError, PeakendError, Place
from peakend.loop import Loop
from peakend.model.pack import Pack, Text
from peakend.model.publication import Publication, Signer
from peakend.model.stored import Arrival
from peakend.publish import (
    NotApproved,
    Preview,
    approve,
    new_key,
    pack_of,
    preview,
    publish,
    published,
    read_approval,
    read_key,
    verify,
)
from peakend.publish.versions import changed, touched
from peakend.store import MemoryStore, Store, open_store
from peakend.when import DAY, parse_instant

MINIMAL = Path(__file__).parent / "packs" / "minimal"
NOW = parse_instant("2026-03-02T00:00:00Z")


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the minimal pack in a folder of one's own."""
    shutil.copytree(MINIMAL, tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("PEAKEND_COMMAND", raising=False)
    return tmp_path / "mine"


def edit(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")


def at(text: str) -> int:
    return parse_instant(f"2026-{text.replace(' ', 'T')}:00+08:00")


def told(customer: str, n: int, kind: str, when: str, **data: Any) -> Arrival:
    text = msgspec.json.encode(data, order="sorted").decode()
    return Arrival("crm", f"{customer}/{n}", customer, kind, at(when), "", text)


def served(store: Store, folder: Path, customers: int = 3) -> Store:
    """A service with customers whose contracts end on the last of March, in the middle of March."""
    loop = Loop(store, load_pack(folder), contacts_known=False)
    signed = {"plan": "pro", "expires_on": "2026-03-31"}
    for number in range(customers):
        who = f"c-{number}"
        loop.own(at("01-05 09:00"))
        loop.ingest(
            [
                told(who, 1, "customer.updated", "01-05 09:00", tier="key"),
                told(who, 2, "contract.signed", "01-05 09:01", **signed, contract_id=f"K{number}"),
            ],
            at("01-05 09:01"),
        )  # fmt: skip
    loop.own(at("03-15 09:00"))
    loop.ingest(
        [told("c-0", 9, "incident.opened", "03-15 09:00", incident_id="I1", priority="P3")], at("03-15 09:00")
    )
    return store


def seen(store: Store, folder: Path, **how: Any) -> Preview:
    return preview(store, load_pack(folder), published(store), **how)


def put(store: Store, folder: Path, now: int = NOW) -> Publication:
    return publish(store, load_pack(folder), who="li", backtest="b", approved="", now=now)


# --- what is kept -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cloud", "minimal"])
def test_a_pack_comes_back_from_the_store_without_its_folder(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    shutil.copytree(MINIMAL if name == "minimal" else find_pack(name), folder)
    before, url = load_pack(folder), str(tmp_path / "peakend.db")
    with closing(open_store(url)) as store:
        put(store, folder)
    shutil.rmtree(folder)
    with closing(open_store(url)) as store:
        again = pack_of(store, before.hash)
    assert again.hash == before.hash
    assert again == relocated(before, f"{name}@{before.hash[:12]}")
    assert str(again.place("plays", next(iter(again.plays)))).startswith(f"{name}@{before.hash[:12]}/plays/")


def relocated(pack: Pack, root: str) -> Pack:
    """The same pack as if it lay elsewhere."""

    def there(place: Place) -> Place:
        return place._replace(file=root + place.file.removeprefix(pack.root))

    def texts(of: dict[tuple[str, str], Text]) -> dict[tuple[str, str], Text]:
        return {name: msgspec.structs.replace(one, place=there(one.place)) for name, one in of.items()}

    changed: dict[str, Any] = {
        "root": root,
        "texts": texts(pack.texts),
        "cards": texts(pack.cards),
        "places": {path: there(place) for path, place in pack.places.items()},
    }
    return msgspec.structs.replace(pack, **changed)


def test_old_versions_stay_for_the_runs_that_began_in_them(mine: Path) -> None:
    store, first = MemoryStore(), load_pack(mine).hash
    put(store, mine)
    edit(mine, "plays/renewal.yaml", "P30D", "P20D")
    second = put(store, mine).hash
    assert pack_of(store, first).plays["renewal"].steps[0].due.by == "P30D"
    assert pack_of(store, second).plays["renewal"].steps[0].due.by == "P20D"
    with pytest.raises(PeakendError, match="No version abc"):
        pack_of(store, "abc")


def test_files_that_are_not_those_that_were_published_are_refused(mine: Path) -> None:
    kept = put(MemoryStore(), mine)
    other = {**kept.files, "plays/renewal.yaml": b"play: renewal\n"}
    outside = {**kept.files, "../evil.yaml": b""}
    for files in (other, outside):
        with pytest.raises(PackError, match="not those that were published"):
            kept_pack(files, kept.hash, kept.pack)


def test_a_folder_that_changed_after_it_was_checked_is_not_published(mine: Path) -> None:
    store, pack = MemoryStore(), load_pack(mine)
    edit(mine, "plays/renewal.yaml", "P30D", "P20D")
    with pytest.raises(PeakendError, match="have changed since they were checked"):
        publish(store, pack, who="li", backtest="", approved="", now=NOW)
    assert store.publications() == []


def test_a_publication_is_an_input_of_the_log(mine: Path) -> None:
    store = served(MemoryStore(shards=4), mine)
    made = put(store, mine)
    (event,) = store.announced()
    assert (event.kind, event.customer) == ("pack.published", "")
    assert json.loads(event.data) == {"hash": made.hash} and event.seen == made.seen > at("03-15 09:00")


# --- the preview --------------------------------------------------------------------------------------


def test_the_preview_names_what_changed_and_who_would_get_something_else(mine: Path) -> None:
    store = served(MemoryStore(), mine)
    put(store, mine)
    edit(mine, "plays/renewal.yaml", "P30D", "P20D")
    edit(mine, "texts/en/thanks.md", "Thank you for", "Many thanks for")
    found = seen(store, mine)
    assert [(one.what, one.name, one.how) for one in found.changes] == [
        ("play", "renewal", "changed"), ("text", "en/thanks", "changed"),
    ]  # fmt: skip
    (moved,) = found.affected
    assert (moved.play, moved.step, moved.change, moved.people) == ("renewal", "renewal-first", "moved", 3)
    assert moved.examples == ["c-0", "c-1", "c-2"]
    assert (found.people, found.events) == (3, 8)
    assert found.open_runs == {"renewal": 3}
    assert found.reasons == []


def test_a_few_who_are_affected_are_named_alike_in_any_run_and_the_id_is_made_of_the_counts(
    mine: Path,
) -> None:
    store = served(MemoryStore(), mine, customers=12)
    put(store, mine)
    edit(mine, "plays/renewal.yaml", "P30D", "P20D")
    one, two = seen(store, mine, workers=1), seen(store, mine, workers=2)
    (moved,) = one.affected
    assert (moved.people, moved.examples) == (12, ["c-0", "c-1", "c-10", "c-11", "c-2"])
    assert (one.affected, one.backtest) == (two.affected, two.backtest)
    counted = {"play": "renewal", "step": "renewal-first", "change": "moved", "steps": 12, "people": 12}
    content = msgspec.json.encode((one.old, one.new, one.events, one.until, [counted], 12))
    assert one.backtest.endswith(f"/{hashlib.sha256(content).hexdigest()[:16]}")


def test_what_changed_longer_than_ninety_days_ago_affects_nobody_now(mine: Path) -> None:
    store = served(MemoryStore(), mine)
    put(store, mine)
    loop = Loop(store, load_pack(mine), contacts_known=False)
    late = at("03-15 09:00") + 120 * DAY
    loop.own(late)
    loop.ingest([Arrival("crm", "x", "c-9", "contract.renewed", late, "", '{"contract_id":"K9"}')], late)
    edit(mine, "plays/renewal.yaml", "P30D", "P20D")
    found = seen(store, mine)
    assert found.affected == [] and found.people == 0


def test_the_first_publication_is_held_against_a_service_in_which_nothing_is_done(mine: Path) -> None:
    found = seen(served(MemoryStore(), mine), mine)
    assert found.old == "" and {one.how for one in found.changes} == {"added"}
    assert [one.change for one in found.affected] == ["new"]
    assert seen(MemoryStore(), mine).people == 0


def test_the_same_backtest_has_the_same_id_though_more_has_arrived_since(mine: Path) -> None:
    store = served(MemoryStore(), mine)
    first = seen(store, mine)
    store.announce("play.paused", {}, at("03-16 09:00"))
    assert seen(store, mine, until=first.until).backtest == first.backtest
    assert seen(store, mine).backtest != first.backtest


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        ("plays/renewal.yaml", "class: service", "class: mandatory", "mandatory"),
        ("plays/escalate.yaml", "class: service", "class: service\nurgent: true", "urgent"),
        ("plays/renewal.yaml", "say: renewal-first", "give: renewal-first\n    amount: 5", "money"),
        ("pack.yaml", "at_most: 500", "at_most: 900", "money"),
        ("pack.yaml", "holdout: 2%", "holdout: 2%\n  approve_above: 9", "rule"),
    ],
)
def test_what_gives_money_must_arrive_or_rings_at_night_needs_a_second_person(
    mine: Path, file: str, old: str, new: str, why: str
) -> None:
    store = MemoryStore()
    put(store, mine)
    edit(mine, file, old, new)
    assert [one.why for one in seen(store, mine).reasons] == [why]


def test_many_people_need_a_second_person_by_the_rule_that_holds_now(mine: Path) -> None:
    edit(mine, "pack.yaml", "holdout: 2%", "holdout: 2%\n  approve_above: 2")
    store = served(MemoryStore(), mine)
    put(store, mine)
    edit(mine, "plays/renewal.yaml", "P30D", "P20D")
    assert [one.why for one in seen(store, mine).reasons] == ["people"]
    edit(mine, "pack.yaml", "approve_above: 2", "approve_above: 2000")
    assert [one.why for one in seen(store, mine).reasons] == ["people", "rule"]


def test_a_text_of_a_mandatory_play_touches_the_play(mine: Path) -> None:
    old = load_pack(mine)
    edit(mine, "texts/zh/thanks.md", "谢谢您继续", "感谢您继续")
    new = load_pack(mine)
    assert [one.name for one in changed(old, new)] == ["zh/thanks"]
    assert [one.play for one in touched(old, new)] == ["renewal"]


# --- approvals: every way to cheat --------------------------------------------------------------------

LI, WANG, STRANGER = new_key("li"), new_key("wang"), new_key("zhao")
KNOWN = [Signer(name=key.name, public=key.public, since=NOW) for key in (LI, WANG)]
WANTED = {"hash_": "h1", "backtest": "2026-03-01T00:00:00Z/b1", "publisher": LI.public, "now": NOW}
SIGNED = approve(WANG, pack="p", hash_="h1", backtest="2026-03-01T00:00:00Z/b1", now=NOW)


def test_a_second_person_may_agree_for_a_week() -> None:
    verify(SIGNED, KNOWN, **WANTED)
    verify(SIGNED, KNOWN, **(WANTED | {"now": NOW + 7 * DAY}))
    verify(read_approval(msgspec.json.encode(SIGNED), "a.json"), KNOWN, **WANTED)
    assert SIGNED.until == parse_instant("2026-03-01T00:00:00Z")


def by(key: Any, **changes: Any) -> Any:
    fields = {"pack": "p", "hash_": "h1", "backtest": "2026-03-01T00:00:00Z/b1", "now": NOW}
    return approve(key, **(fields | changes))


@pytest.mark.parametrize(
    ("cheat", "wanted", "said"),
    [
        (by(WANG, hash_="h2"), {}, "is for version h2"),
        (by(WANG, backtest="2026-03-01T00:00:00Z/b2"), {}, "rests on backtest"),
        (by(LI), {}, "publish themselves"),
        (by(STRANGER), {}, "a key that this store knows"),
        (msgspec.structs.replace(by(STRANGER), who="wang"), {}, "a key that this store knows"),
        (by(WANG), {"publisher": STRANGER.public}, "a key that this store knows"),
        (msgspec.structs.replace(by(STRANGER), key=WANG.public, who="wang"), {}, "changed after it was"),
        (msgspec.structs.replace(by(WANG, hash_="h2"), hash="h1"), {}, "changed after it was signed"),
        (msgspec.structs.replace(SIGNED, expires="2027-01-01T00:00:00Z"), {}, "changed after it was signed"),
        (msgspec.structs.replace(SIGNED, signature="no hex"), {}, "changed after it was signed"),
        (msgspec.structs.replace(SIGNED, signature=""), {}, "changed after it was signed"),
        (SIGNED, {"now": NOW + 7 * DAY + 1}, "holds from"),
        (by(WANG, now=NOW + DAY), {}, "holds from"),
    ],
)  # fmt: skip
def test_a_cheat_is_refused(cheat: Any, wanted: dict[str, Any], said: str) -> None:
    with pytest.raises(NotApproved, match=said) as caught:
        verify(cheat, KNOWN, **(WANTED | wanted))
    assert caught.value.fix and caught.value.what_zh and caught.value.fix_zh


def test_files_that_are_no_key_and_no_approval_are_told() -> None:
    with pytest.raises(NotApproved, match=r"a\.json: This is no approval"):
        read_approval(b"{}", "a.json")
    with pytest.raises(NotApproved, match=r"k\.key: This is no key"):
        read_key(b'{"name": "li", "private": "00"}', "k.key")


# --- the commands -------------------------------------------------------------------------------------


def call(*words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--database", "peakend.db"])


def said(*words: str) -> str:
    done = call(*words)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


def refused(*words: str) -> PeakendError:
    done = call(*words)
    assert isinstance(done.exception, PeakendError), (done.output, done.exception)
    return done.exception


@pytest.fixture
def running(mine: Path) -> Path:
    with closing(open_store("peakend.db")) as store:
        served(store, mine)
    return mine


def test_a_pack_with_an_error_is_never_published(mine: Path) -> None:
    edit(mine, "plays/renewal.yaml", "plan <> 'trial'", "plam <> 'trial'")
    error = refused("publish", "mine", "--yes")
    assert "A pack with an error is not published" in error.what and "plam" in error.what
    assert "plays/renewal.yaml" in str(error.place) and "peakend check mine" in error.fix
    assert "模板有错误" in error.what_zh
    assert not Path("peakend.db").exists()


def test_a_pack_whose_story_fails_is_never_published(mine: Path) -> None:
    edit(mine, "stories/renewed.yaml", "verdict: send", "verdict: suppress")
    assert "A pack with an error is not published" in refused("publish", "mine", "--yes").what


def test_nothing_is_published_before_somebody_says_yes(running: Path) -> None:
    done = call("publish", "mine")
    assert done.exit_code == 1 and "Add --yes" in done.stdout
    assert "nothing yet" in said("status")
    printed = said("publish", "mine", "--yes", "--by", "li")
    assert "First publication of minimal" in printed and "3 people would have got something else" in printed
    assert "已经在线上" in said("publish", "mine", "--language", "zh")
    assert "by li" in said("status")


def test_two_people_publish_what_one_may_not(running: Path, tmp_path: Path) -> None:
    said("publish", "mine", "--yes")
    edit(running, "plays/renewal.yaml", "class: service", "class: mandatory")
    error = refused("publish", "mine", "--yes")
    assert "needs the approval of a second person" in error.what and "It is mandatory: renewal" in error.what
    for name in ("li", "wang"):
        said("keygen", name, "--out", f"{name}.key")
    assert (tmp_path / "li.key").stat().st_mode & 0o077 == 0
    assert "known already" in refused("keygen", "li", "--out", "other.key").what
    assert "already" in refused("keygen", "zhao", "--out", "li.key").what
    said("approve", "mine", "--key", "li.key", "--out", "own.json", "--yes")
    with_own = ("publish", "mine", "--yes", "--key", "li.key", "--approval", "own.json")
    assert "publish themselves" in refused(*with_own).what
    said("approve", "mine", "--key", "wang.key", "--out", "approval.json", "--yes")
    with_other = ("publish", "mine", "--yes", "--key", "li.key", "--approval", "approval.json")
    edit(running, "texts/en/thanks.md", "Thank you for", "Many thanks for")
    assert "is for version" in refused(*with_other).what
    edit(running, "texts/en/thanks.md", "Many thanks for", "Thank you for")
    with closing(open_store("peakend.db")) as store:
        store.announce("play.paused", {"play": "renewal"}, at("03-20 09:00"))
    printed = said(*with_other)
    assert "Approved by wang" in printed and "by li" in printed
    with closing(open_store("peakend.db")) as store:
        last = store.publications()[-1]
    assert (
        json.loads(last.approved)["who"] == "wang" and last.backtest == json.loads(last.approved)["backtest"]
    )


def test_pauses_and_stops_are_said_shown_and_ended(running: Path) -> None:
    said("publish", "mine", "--yes", "--by", "li")
    assert "No entries: renewal" in said("pause", "entries", "--play", "renewal")
    assert "Paused already" in said("pause", "entries", "--play", "renewal")
    assert "已暂停发送：短信" in said("pause", "sends", "--channel", "sms", "--language", "zh")
    said("stop", "escalate", "--by", "wang")
    shown = said("status")
    for line in (
        "no entries +renewal",
        "no sends +SMS",
        "stopped +escalate, since .*, by wang",
        "open runs +3",
    ):
        assert re.search(line, shown), (line, shown)
    assert "Entries again: renewal" in said("resume", "entries", "--play", "renewal")
    assert "No pause of entries" in refused("resume", "entries", "--play", "renewal").what
    assert "No pause of sends" in refused("resume", "sends", "--play", "escalate").what
    edit(running, "plays/escalate.yaml", "About to break", "Soon to break")
    assert "begins again only if this version has changed" in said("publish", "mine", "--yes")
    assert "stopped" not in said("status")


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("pause", "entries", "--play", "renewel"), "no play 'renewel'"),
        (("stop", "renewel"), "no play 'renewel'"),
        (("pause", "sends", "--channel", "smoke"), "no channel 'smoke'"),
        (("pause", "entries", "--channel", "sms"), "--channel goes with sends"),
    ],
)
def test_what_there_is_not_cannot_be_paused(running: Path, words: tuple[str, ...], what: str) -> None:
    said("publish", "mine", "--yes")
    error = refused(*words)
    assert what in error.what and error.fix and error.what_zh and error.fix_zh


def test_a_store_that_is_not_there_is_not_made_by_looking(mine: Path) -> None:
    for words in (("status",), ("pause", "entries"), ("quarantine", "list"), ("backup", "--out", "b.zip")):
        assert refused(*words).what == "There is no store"
    assert not Path("peakend.db").exists()


def test_every_sentence_of_the_commands_fills_the_same_places_in_both_languages() -> None:
    def places(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)", text))

    assert [key for key, one in RUNNING.items() if places(one.zh) != places(one.en)] == []
