"""What every store does about jobs, drafts and agreements: a part of the contract."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from msgspec.structs import replace
from store_contract import HOSTILE, HOUR, NINE, arrival, as_event, keep, own

from peakend.model.draft import Agreement, Draft
from peakend.model.job import Job
from peakend.store import Store

FILES = {"pack.yaml": b"pack: p\n", "plays/renewal.yaml": b"play: renewal\n", "texts/zh/a.md": b"\xff\x00"}


def job(id_: str = "j-1", **changed: Any) -> Job:
    fields = {"kind": "backtest", "params": "{}", "who": "li", "state": "waiting", "created": NINE}
    return Job(id=id_, **(fields | changed))


def draft(id_: str = "d-1", **changed: Any) -> Draft:
    fields = {"pack": "p", "based_on": "h1", "origin": "published", "who": "li", "created": NINE}
    return Draft(id=id_, **(fields | {"changed": NINE, "changed_by": "li"} | changed))


def agreement(id_: str = "a-1", **changed: Any) -> Agreement:
    fields = {
        "draft": "d-1", "pack": "p", "hash": "h2", "backtest": "b-1", "reasons": "[]", "asked": "li",
        "whom": "", "word": "请看一下", "at": NINE,
    }  # fmt: skip
    return Agreement(id=id_, **(fields | changed))


class WorkContract:
    """Tests of any store; a subclass gives the fixture `store`, an empty one."""

    def test_the_log_is_shown_from_place_to_place(self, store: Store) -> None:
        assert set(store.places().values()) == {0} and store.recorded_below(store.places()) == 0
        shards = {}
        for number, customer in enumerate(("c-1", "c-2", "c-3", "c-1")):
            shard = own(store, customer)
            shards[customer] = shard.number
            one = as_event(arrival(f"e-{number}", customer), NINE + number, number)
            keep(store, shard, events=[one])
            if number == 1:
                half = store.places()
        whole = store.places()
        first = [id_ for batch in store.recorded(until=half) for id_ in batch.column("id").to_pylist()]
        then = [id_ for batch in store.recorded(half, whole) for id_ in batch.column("id").to_pylist()]
        assert (first, then) == (["e-0", "e-1"], ["e-2", "e-3"])
        assert (store.recorded_below(half), store.recorded_below(whole)) == (2, 4)
        assert list(store.recorded(whole)) == [] and list(store.recorded(whole, whole)) == []
        assert sum(batch.num_rows for batch in store.recorded(until={})) == 0
        store.erase("c-1", NINE, "salt")
        assert store.recorded_below(whole) == 2

    def test_a_job_waits_is_worked_on_and_ends(self, store: Store) -> None:
        store.put_job(job("j-2", created=NINE + 1))
        store.put_job(job())
        assert [one.id for one in store.jobs()] == ["j-2", "j-1"]
        claimed = store.claim_job("w-1", NINE + 2, HOUR, 2)
        assert claimed == job(
            state="running", token="w-1", started=NINE + 2, heartbeat=NINE + 2, attempts=1
        ) and claimed == store.job("j-1")
        assert store.beat("j-1", "w-1", NINE + 3, 7, 9)
        found = store.job("j-1")
        assert found and (found.heartbeat, found.done, found.total) == (NINE + 3, 7, 9)
        assert store.end_job("j-1", "w-1", NINE + 4, "done", result='{"a":"\0"}')
        assert store.job("j-1") == replace(found, state="done", token="", ended=NINE + 4, result='{"a":"␀"}')
        assert not store.beat("j-1", "w-1", NINE + 5, 8, 9)
        assert not store.end_job("j-1", "w-1", NINE + 5, "failed")
        second = store.claim_job("w-1", NINE + 5, HOUR, 2)
        assert second and second.id == "j-2"
        assert store.claim_job("w-2", NINE + 5, HOUR, 2) is None

    def test_jobs_are_asked_by_kind_and_by_whose_they_are(self, store: Store) -> None:
        store.put_job(job())
        store.put_job(job("j-2", kind="preview", created=NINE + 1))
        store.put_job(job("j-3", who="wang", created=NINE + 2))
        assert [one.id for one in store.jobs(kind="backtest")] == ["j-3", "j-1"]
        assert [one.id for one in store.jobs(who="li")] == ["j-2", "j-1"]
        assert [one.id for one in store.jobs(limit=1)] == ["j-3"]
        assert store.job("j-9") is None

    def test_a_job_whose_worker_is_gone_is_begun_again_and_says_so(self, store: Store) -> None:
        store.put_job(job())
        store.claim_job("w-1", NINE, HOUR, 2)
        store.beat("j-1", "w-1", NINE + 5, 1, 2)
        assert store.claim_job("w-2", NINE + HOUR, HOUR, 2) is None
        again = store.claim_job("w-2", NINE + HOUR + 5, HOUR, 2)
        assert again and (again.note, again.token, again.attempts, again.done) == ("again", "w-2", 2, 0)
        assert not store.end_job("j-1", "w-1", NINE + HOUR + 6, "done")
        assert store.claim_job("w-3", NINE + 3 * HOUR, HOUR, 2) is None
        found = store.job("j-1")
        assert found and (found.state, found.note, found.ended) == ("interrupted", "gave_up", NINE + 3 * HOUR)
        assert not store.beat("j-1", "w-2", NINE + 3 * HOUR, 1, 2)

    def test_what_is_noted_stays_unless_the_end_says_more(self, store: Store) -> None:
        for id_ in ("j-1", "j-2"):
            store.put_job(job(id_, attempts=1))
            store.claim_job("w-1", NINE, HOUR, 2)
        assert store.end_job("j-1", "w-1", NINE, "done")
        assert store.end_job("j-2", "w-1", NINE, "failed", note="too_long")
        assert [one.note for one in store.jobs()] == ["too_long", "again"]

    def test_a_cancelled_job_is_its_worker_s_no_more(self, store: Store) -> None:
        store.put_job(job())
        store.put_job(job("j-2", created=NINE + 1))
        store.claim_job("w-1", NINE, HOUR, 2)
        assert store.cancel_job("j-1", NINE + 1) and store.cancel_job("j-2", NINE + 1)
        assert not store.cancel_job("j-1", NINE + 2) and not store.cancel_job("j-9", NINE + 2)
        assert not store.beat("j-1", "w-1", NINE + 2, 1, 2)
        assert store.claim_job("w-1", NINE + 9 * HOUR, HOUR, 2) is None
        assert {one.state for one in store.jobs()} == {"cancelled"}

    def test_old_jobs_are_forgotten_once_they_are_over(self, store: Store) -> None:
        for number in range(3):
            store.put_job(job(f"j-{number}", created=NINE + number))
        store.claim_job("w-1", NINE, HOUR, 2)
        store.end_job("j-0", "w-1", NINE + 5, "done")
        store.cancel_job("j-1", NINE + 6)
        assert store.forget_jobs(NINE + 6) == 1
        assert [one.id for one in store.jobs()] == ["j-2", "j-1"]

    def test_threads_never_work_on_the_same_job(self, store: Store) -> None:
        for number in range(20):
            store.put_job(job(f"j-{number:02}"))
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda n: store.claim_job(f"w-{n}", NINE, HOUR, 2), range(24)))
        assert sorted(one.id for one in found if one) == [f"j-{number:02}" for number in range(20)]

    def test_a_job_that_names_somebody_is_erased_with_them(self, store: Store) -> None:
        for id_, result in (("j-1", '{"people":["c-1"]}'), ("j-2", '{"people":["c-11"]}')):
            store.put_job(job(id_, state="done", result=result))
        assert store.erase("c-1", NINE, "salt")["job"] == 1
        assert [one.id for one in store.jobs()] == ["j-2"]

    def test_a_draft_keeps_every_step_of_its_way(self, store: Store) -> None:
        store.begin_draft(draft(), FILES)
        assert (store.draft("d-1"), store.draft_files("d-1")) == (draft(), FILES)
        changes: dict[str, bytes | None] = {
            "plays/renewal.yaml": b"play: renewal\n# x\n",
            "texts/zh/a.md": None,
            "facts.yaml": b"facts: {}\n",
            "pack.yaml": FILES["pack.yaml"],
        }
        after = store.save_draft("d-1", 0, changes, "wang", NINE + 1)
        assert after == replace(draft(), revision=1, changed=NINE + 1, changed_by="wang")
        now = {k: v for k, v in changes.items() if v is not None}
        assert store.draft_files("d-1") == now == store.draft_files("d-1", 1)
        assert store.draft_files("d-1", 0) == FILES
        back = store.save_draft("d-1", 1, {**dict.fromkeys(now), **FILES}, "li", NINE + 2, 0)
        assert back and back.revision == 2 and store.draft_files("d-1") == FILES
        first, second, third = store.revisions("d-1")
        assert (first.number, first.who, first.files, first.back_to) == (0, "li", tuple(sorted(FILES)), -1)
        changed = ("facts.yaml", "plays/renewal.yaml", "texts/zh/a.md")
        assert (second.number, second.who, second.at, second.files) == (1, "wang", NINE + 1, changed)
        assert (third.number, third.back_to, third.files) == (2, 0, changed)

    def test_a_save_on_an_old_revision_writes_nothing(self, store: Store) -> None:
        store.begin_draft(draft(), FILES)
        store.save_draft("d-1", 0, {"pack.yaml": b"a"}, "li", NINE + 1)
        assert store.save_draft("d-1", 0, {"pack.yaml": b"b"}, "wang", NINE + 2) is None
        assert store.save_draft("d-9", 0, {"pack.yaml": b"b"}, "wang", NINE + 2) is None
        assert store.draft_files("d-1")["pack.yaml"] == b"a" and len(store.revisions("d-1")) == 2

    def test_a_save_that_changes_nothing_is_no_revision(self, store: Store) -> None:
        store.begin_draft(draft(), FILES)
        saved = store.save_draft("d-1", 0, {**FILES, "gone.yaml": None}, "wang", NINE + 1)
        assert saved == draft() == store.draft("d-1") and len(store.revisions("d-1")) == 1

    def test_of_many_who_save_at_once_one_wins(self, store: Store) -> None:
        store.begin_draft(draft(), FILES)
        with ThreadPoolExecutor(4) as pool:
            saves = [
                pool.submit(store.save_draft, "d-1", 0, {"pack.yaml": b"%d" % n}, f"u-{n}", NINE)
                for n in range(8)
            ]
            (won,) = [found for one in saves if (found := one.result(30))]
        assert store.draft_files("d-1")["pack.yaml"].decode() == won.changed_by.removeprefix("u-")

    def test_a_draft_that_is_over_changes_no_more(self, store: Store) -> None:
        store.begin_draft(draft(), FILES)
        store.begin_draft(draft("d-2", changed=NINE + 1, copy_of="d-1", copied=3), FILES)
        assert not store.close_draft("d-1", 1, "published", "li", NINE + 2)
        assert store.close_draft("d-1", 0, "published", "wang", NINE + 2)
        assert not store.close_draft("d-1", 0, "dropped", "li", NINE + 3)
        assert store.save_draft("d-1", 0, {"pack.yaml": b"b"}, "li", NINE + 3) is None
        assert [one.id for one in store.drafts()] == ["d-1", "d-2"]
        assert [one.id for one in store.drafts(["open"])] == ["d-2"]
        found = store.draft("d-2")
        assert found and (found.copy_of, found.copied) == ("d-1", 3)

    def test_texts_of_a_draft_may_hold_anything(self, store: Store) -> None:
        store.begin_draft(draft(), FILES)
        for number, text in enumerate(HOSTILE):
            saved = store.save_draft("d-1", number, {f"texts/{text}.md": text.encode()}, text, NINE)
            assert saved and saved.changed_by == text
        assert store.draft_files("d-1") == FILES | {f"texts/{t}.md": t.encode() for t in HOSTILE}

    def test_an_agreement_is_answered_once(self, store: Store) -> None:
        store.ask_agreement(agreement())
        store.ask_agreement(agreement("a-2", hash="h3", at=NINE + 1))
        assert store.agreement("a-1") == agreement()
        assert [one.id for one in store.agreements()] == ["a-2", "a-1"]
        assert store.answer_agreement("a-1", "approved", "wang", "好\0", NINE + 2)
        assert not store.answer_agreement("a-1", "refused", "zhao", "", NINE + 3)
        assert not store.answer_agreement("a-9", "refused", "zhao", "", NINE + 3)
        answered = agreement(state="approved", answered="wang", answer="好␀", answered_at=NINE + 2)
        assert store.agreements(["approved", "refused"]) == [answered]
        assert [one.id for one in store.agreements(hash_="h3")] == ["a-2"]
