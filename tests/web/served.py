"""An application on a real port of this machine, in a thread or as `peakend serve`; it ends with the test."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import IO

import uvicorn
from fastapi import FastAPI


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address of an application that is served until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    settings = uvicorn.Config(app, http="httptools", loop="asyncio", log_config=None, access_log=False)
    server = uvicorn.Server(settings)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        end = time.monotonic() + 30
        while not server.started:
            assert thread.is_alive() and time.monotonic() < end, "the server did not begin"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@contextmanager
def process_serving(
    folder: Path, *words: str, database: str = "p.db", lines: list[str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`peakend serve` in a folder, and the address that it said; its words are read on, into `lines`."""
    said: list[str] = [] if lines is None else lines
    command = [sys.executable, "-P", "-m", "peakend", "serve", *words, "--database", database, "--port", "0"]
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ | {"XDG_STATE_HOME": str(folder / "state")},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert process.stderr
    # Its workers hold the pipe as well: the thread reads until the last of them is gone, and closes it.
    reading = Thread(target=_read, args=(process.stderr, said), daemon=True)
    reading.start()
    try:
        until(lambda: _address(said) is not None or not reading.is_alive())
        address = _address(said)
        assert address, f"it never said its address:\n{''.join(said)}"
        yield process, address
    finally:
        process.kill()
        process.wait()


def _read(words: IO[str], said: list[str]) -> None:
    with words:
        for line in words:
            said.append(line)


def _address(said: list[str]) -> str | None:
    found = re.search(r"http://127\.0\.0\.1:\d+", "".join(said))
    return found and found[0]


def until(holds: Callable[[], bool], patience: float = 90.0) -> None:
    """Wait until something holds; fail where it does not come about in so many seconds."""
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.1)
