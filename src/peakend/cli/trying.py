"""The second half of a demo: the application over a service that is made up, and events that go on."""

from __future__ import annotations

import os
import webbrowser
from contextlib import closing
from pathlib import Path
from secrets import token_urlsafe
from threading import Event, Thread

from peakend.cli.options import notices, now, show
from peakend.cli.progress import progress
from peakend.cli.words import say
from peakend.errors import PeakendError
from peakend.instance import trial
from peakend.instance.working import Order, pack_to_run
from peakend.model.pack import Pack
from peakend.store import open_store
from peakend.web.serving import Serving, serve


def try_out(folder: Path, pack: Pack, language: str, *, fresh: bool, port: int) -> None:
    """Serve a trial until Ctrl+C; it is made where there is none, or where it shall be a fresh one."""
    database = trial.database_of_trial(folder)
    if fresh or not database.is_file():
        with progress(notices, language) as step:
            trial.begin(folder, pack, now(), step("live_through"), language)
    else:
        show(notices, say("trial_again", language, folder=str(folder)))
    url, token, stopped = str(database), token_urlsafe(16), Event()
    events = Thread(target=_go_on, args=(folder, url, stopped), daemon=True)

    def begun(address: str) -> None:
        way = f"{address}trial/{token}"
        show(notices, say("trial", language, address=way, command="peakend demo"))
        events.start()
        if not os.environ.get("PEAKEND_NO_BROWSER"):
            webbrowser.open(way)

    asked = Serving(
        orders=[Order(url=url, worker="trial")],
        config=trial.config_of_trial(folder),
        url=url,
        named="",
        host="127.0.0.1",
        port=port,
        trial=token,
        quiet=True,
    )
    try:
        serve(asked, begun)
    finally:
        stopped.set()
    show(notices, say("stopped_work", language))


def _go_on(folder: Path, url: str, stopped: Event) -> None:
    """Events happen while the trial is served; where the database is away for a while they wait."""
    while not stopped.wait(1):
        try:
            with closing(open_store(url)) as store:
                trial.keep_going(folder, store, pack_to_run(store, ""), now, stopped)
            return
        except PeakendError as error:
            notices.print(error.text("en"), highlight=False, soft_wrap=True, markup=False)
