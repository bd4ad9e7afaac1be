"""The house rules, checked on the source itself, so that they hold without anybody remembering them.

Every rule is a function from a source tree to a list of complaints. It is run on the real tree, where the
list must be empty, and on a small bad example, where it must not be: a rule that cannot fail is no rule.
"""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).resolve().parent.parent
HOUSE = CHECKOUT / "src" / "peakend"

# A room may import from the floors below its own, and from itself.
FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"__init__"}),
    frozenset({"errors"}),
    frozenset({"when"}),
    frozenset({"model"}),
    frozenset(
        "identify design trigger govern deliver listen improve store tables tell empower recover".split()
    ),
    frozenset({"fold", "wire"}),
    frozenset({"loop", "backtest", "simulate", "client"}),
    frozenset({"check", "report", "why"}),
    frozenset({"moments", "publish"}),
    frozenset({"instance"}),
    frozenset({"web"}),
    frozenset({"bench"}),
    frozenset({"cli"}),
    frozenset({"__main__"}),
)
FACE = "__init__"  # `import peakend as pe`: shows what others made, when it is asked for
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

# The outside world begins here: nobody hands these rooms the time.
KNOW_THE_TIME = frozenset({"loop", "web", "bench", "cli", "__main__"})
OUTSIDE = frozenset("time random secrets socket ssl urllib http requests httpx asyncio uuid smtplib".split())
HARMLESS = frozenset({"urllib.parse"})  # takes addresses apart and opens nothing
DRAWS = frozenset({"simulate", "moments"})
DRAWS_FROM_A_SEED = frozenset({"Random", "default_rng", "SeedSequence", "Generator", "PCG64"})

# Where a message leaves the house, and where bounces come in: nobody else opens a connection.
REACH_OUT = ("deliver/egress.py", "deliver/smtp.py", "deliver/mailboxes.py")
BOUNDS_WAITING = frozenset({"time.monotonic"})  # how long a server may take, never what time it is
CLIENTS = frozenset(
    "socket socketserver ssl http.client http.server urllib.request requests httpx httpx2 httpcore httpcore2 "
    "urllib3 aiohttp niquests pycurl websockets smtplib imaplib poplib ftplib telnetlib nntplib xmlrpc "
    "paramiko apprise asyncio".split()
)
LISTENS = ("web/listening.py",)  # opens the port that people and machines come to
TALK_TO_A_DATABASE = ("store/*",)  # its driver opens the connection

TOUCH_THE_DISK = (
    "when/zones*",  # the zone rules of the pinned tzdata, which are the same on every machine
    "when/published*",  # the public holidays that come along
    *("tables*", "store*", "listen/sources*", "listen/readers*", "listen/history*"),
    *("design/pack*", "design/nodes*", "design/start*"),
    *("backtest*", "simulate*", "loop*", "report*", "check*", "web*", "moments*"),
    *("publish*", "instance*"),
    *("bench*", "cli*", "__main__*"),
    "deliver/mailboxes.py",  # the Maildir that bounces come back to
)
BUILDS_EXPRESSIONS = (
    "identify/grams*",
    "identify/emotion*",
    "identify/peaks*",
    "identify/channel_sums*",
)  # names tables it is given in ibis, and runs nothing
DISK = frozenset(
    "os shutil tempfile subprocess gzip mailbox sqlite3 duckdb ibis pyspark psycopg sqlalchemy "
    "importlib.resources pyarrow.csv pyarrow.dataset pyarrow.fs pyarrow.json pyarrow.orc "
    "pyarrow.parquet".split()
)
DISK_CALLS = frozenset(
    "read_text read_bytes write_text write_bytes iterdir glob rglob mkdir unlink touch is_file is_dir "
    "to_pyarrow to_pyarrow_batches read_parquet".split()
)

LONGEST_FILE = 400
DRAWERS = frozenset("util utils helper helpers common manager managers misc".split())
ADDRESSES = re.compile(
    r"(?<![\w.])/(?:work|root|home|Users)/\w"
    r"|pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|yarnpkg\.com|deb\.debian\.org|anaconda\.org|crates\.io"
)

Rule = Callable[[Path], list[str]]
Found = Iterator[tuple[int, str]]


def imports_that_do_not_run_down(house: Path) -> list[str]:
    """Imports of the same floor or a higher one, relative ones, and rooms that stand on no floor.

    Imports inside functions and under TYPE_CHECKING count: a hidden circle is a circle.
    """
    complaints = []
    for path, tree in _sources(house):
        room = _room(house, path)
        if room == FACE:
            continue
        if room not in FLOOR_OF:
            complaints.append(
                f"{_name(house, path)}: the room '{room}' stands on no floor. Move the file into one of "
                f"{', '.join(sorted(FLOOR_OF))}, or give the room a floor in FLOORS (tests/test_house.py) "
                "and in ARCHITECTURE.md"
            )
            continue
        complaints += [f"{_name(house, path)}:{line}: {what}" for line, what in _imports_upwards(room, tree)]
    return complaints


def reads_of_the_clock_chance_or_network(house: Path) -> list[str]:
    """Whatever would make the same log give another result tomorrow or on another machine."""
    complaints = []
    for path, tree in _sources(house):
        room = _room(house, path)
        if room in KNOW_THE_TIME:
            continue
        refused = OUTSIDE - {"random"} if room in DRAWS else OUTSIDE
        allowed = HARMLESS
        if _is_among(house, path, REACH_OUT):
            refused, allowed = refused - CLIENTS, HARMLESS | BOUNDS_WAITING
        found = [
            (line, f"imports {name}")
            for line, name in _imported(tree)
            if _is_of(name, refused) and not _is_of(name, allowed)
        ]
        found += [*_readings_of_now(tree), *_draws(tree, seeded_allowed=room in DRAWS)]
        complaints += [
            f"{_name(house, path)}:{line}: {what}. Below loop.py time, chance and facts are arguments"
            for line, what in found
        ]
    return complaints


def connections_opened_elsewhere(house: Path) -> list[str]:
    """Clients and sockets outside the files through which messages leave, on the highest floors too."""
    return [
        f"{_name(house, path)}:{line}: imports {name}. Only {', '.join(REACH_OUT)} reach out; "
        "HTTP goes through peakend.deliver.egress"
        for path, tree in _sources(house)
        if not _is_among(house, path, (*REACH_OUT, *LISTENS, *TALK_TO_A_DATABASE))
        for line, name in _imported(tree)
        if _is_of(name, CLIENTS)
    ]


def disk_touched_outside_its_rooms(house: Path) -> list[str]:
    """Files, databases, processes and the terminal in a room that should take values and return values."""
    complaints = []
    for path, tree in _sources(house):
        if _is_among(house, path, TOUCH_THE_DISK):
            continue
        expressions = _is_among(house, path, BUILDS_EXPRESSIONS)
        refused = DISK - {"ibis"} if expressions else DISK
        found = [(line, f"imports {name}") for line, name in _imported(tree) if _is_of(name, refused)]
        complaints += [
            f"{_name(house, path)}:{line}: {what}. Only {', '.join(TOUCH_THE_DISK)} do input and output"
            for line, what in [*found, *_calls_to_the_disk(tree)]
        ]
    return complaints


def files_without_an_opening(house: Path) -> list[str]:
    """Files that do not say why they exist. An empty __init__.py has nothing to say."""
    return [
        f"{_name(house, path)}:1: no docstring. Say why the file exists and what it must never do"
        for path, tree in _sources(house)
        if tree.body and not ast.get_docstring(tree)
    ]


def files_too_long(house: Path) -> list[str]:
    """Files past the length at which a room becomes a folder of the same name."""
    lengths = [(path, path.read_text("utf-8").count("\n")) for path in sorted(house.rglob("*.py"))]
    return [
        f"{_name(house, path)}: {lines} lines, at most {LONGEST_FILE}. Split it by what it is about"
        for path, lines in lengths
        if lines > LONGEST_FILE
    ]


def drawers(house: Path) -> list[str]:
    """Files named after nothing, into which everything goes."""
    return [
        f"{_name(house, path)}: '{path.stem}' says nothing. Name it after what it is about"
        for path in sorted(house.rglob("*"))
        if path.suffix in {"", ".py"} and DRAWERS & set(path.stem.lower().split("_"))
    ]


def addresses_in(files: list[Path]) -> list[str]:
    """Paths of somebody's machine and hosts of package registries: they are wrong everywhere else."""
    complaints = []
    for path in files:
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if found := ADDRESSES.search(line):
                complaints.append(
                    f"{path}:{number}: {found.group()!r}. Use a relative path, or the package's name"
                )
    return complaints


def _sources(house: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(house.rglob("*.py")):
        yield path, ast.parse(path.read_text("utf-8"), filename=str(path))


def _name(house: Path, path: Path) -> str:
    return path.relative_to(house.parent.parent).as_posix()


def _room(house: Path, path: Path) -> str:
    return path.relative_to(house).parts[0].removesuffix(".py")


def _is_among(house: Path, path: Path, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(path.relative_to(house).as_posix(), pattern) for pattern in patterns)


def _is_of(name: str, modules: frozenset[str]) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def _imported(tree: ast.Module) -> list[tuple[int, str]]:
    """Everything imported, by its full dotted name: `from a import b` is a.b."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            found += [(node.lineno, f"{start}.{alias.name}") for alias in node.names]
    return found


def _imports_upwards(room: str, tree: ast.Module) -> Found:
    for line, name in _imported(tree):
        first, *rest = name.split(".")
        if not first:
            yield line, "relative import. Write 'from peakend.ROOM import NAME'"
        elif name in {"importlib", "importlib.import_module"}:
            yield line, "an import by name cannot be checked. Write the import down"
        if first != "peakend" or not rest:
            continue
        target = "__init__" if rest[0].startswith("__") and rest[0] not in FLOOR_OF else rest[0]
        if target not in FLOOR_OF:
            yield line, f"imports '{target}', a room that stands on no floor"
        elif target != room and FLOOR_OF[target] >= FLOOR_OF[room]:
            yield (
                line,
                f"'{room}' (floor {FLOOR_OF[room]}) imports '{target}' (floor {FLOOR_OF[target]}). "
                "Take the value as an argument, or move what both need down",
            )


def _readings_of_now(tree: ast.Module) -> Found:
    classes = {"datetime", "date"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "datetime":
            classes |= {alias.asname for alias in node.names if alias.asname}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        if node.attr in {"now", "utcnow", "today"} and _last_word(node.value) in classes:
            yield node.lineno, f"reads the clock (.{node.attr})"


def _draws(tree: ast.Module, *, seeded_allowed: bool) -> Found:
    drawn = [
        (node.lineno, node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and _last_word(node.value) == "random"
    ]
    drawn += [
        (line, name.rpartition(".")[2])
        for line, name in _imported(tree)
        if _is_of(name, frozenset({"random", "numpy.random"})) and name != "random"
    ]
    for line, name in drawn:
        if not seeded_allowed or name not in DRAWS_FROM_A_SEED:
            yield line, f"draws by chance ({name})"
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if _last_word(node.func) in DRAWS_FROM_A_SEED and not node.args and not node.keywords:
            yield node.lineno, "draws without a seed"
        elif isinstance(node.func, ast.Name) and node.func.id == "hash":
            yield node.lineno, "hash() of a text differs from process to process (hashlib does not)"


def _calls_to_the_disk(tree: ast.Module) -> Found:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in {"open", "print", "input"}:
            yield node.lineno, f"calls {node.func.id}()"
        elif isinstance(node.func, ast.Attribute) and (
            node.func.attr in DISK_CALLS
            or (node.func.attr == "open" and _last_word(node.func.value) == "Path")
        ):
            yield node.lineno, f"calls .{node.func.attr}()"


def _last_word(node: ast.expr) -> str:
    """The name that an expression ends in: 'datetime' for `dt.datetime`, 'Path' for `Path(x)`."""
    if isinstance(node, ast.Call):
        return _last_word(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


RULES: tuple[Rule, ...] = (
    imports_that_do_not_run_down,
    reads_of_the_clock_chance_or_network,
    connections_opened_elsewhere,
    disk_touched_outside_its_rooms,
    files_without_an_opening,
    files_too_long,
    drawers,
)

# What each rule must find: the rule, where the file would lie, what it would say, a word of the complaint.
BAD: tuple[tuple[Rule, str, str, str], ...] = (
    (
        imports_that_do_not_run_down,
        "when.py",
        "from peakend.fold import step",
        "'when' (floor 2) imports 'fold'",
    ),
    (imports_that_do_not_run_down, "when.py", "import peakend.model.pack", "imports 'model'"),
    (imports_that_do_not_run_down, "errors.py", "from peakend import when", "imports 'when'"),
    (imports_that_do_not_run_down, "govern.py", "from peakend.trigger.where import x", "imports 'trigger'"),
    (imports_that_do_not_run_down, "backtest.py", "from peakend import simulate", "imports 'simulate'"),
    (imports_that_do_not_run_down, "fold.py", "def f():\n    from peakend.loop import x", ":2: 'fold'"),
    (imports_that_do_not_run_down, "fold.py", "if TYPE_CHECKING:\n    import peakend.cli", "imports 'cli'"),
    (imports_that_do_not_run_down, "trigger/plays.py", "from .where import x", "relative import"),
    (imports_that_do_not_run_down, "trigger/plays.py", "from . import where", "relative import"),
    (imports_that_do_not_run_down, "fold.py", "from importlib import import_module", "cannot be checked"),
    (imports_that_do_not_run_down, "attic.py", "x = 1", "the room 'attic' stands on no floor. Move"),
    (imports_that_do_not_run_down, "cli.py", "from peakend.attic import x", "'attic', a room"),
    (reads_of_the_clock_chance_or_network, "fold.py", "import time", "imports time"),
    (reads_of_the_clock_chance_or_network, "report.py", "from time import perf_counter", "perf_counter"),
    (reads_of_the_clock_chance_or_network, "trigger/plays.py", "import urllib.request", "imports urllib"),
    (
        reads_of_the_clock_chance_or_network,
        "govern.py",
        "from datetime import datetime\ndatetime.now()",
        ":2:",
    ),
    (reads_of_the_clock_chance_or_network, "fold.py", "import datetime\ndatetime.datetime.utcnow", "utcnow"),
    (reads_of_the_clock_chance_or_network, "fold.py", "from datetime import date as D\nD.today()", "today"),
    (reads_of_the_clock_chance_or_network, "backtest.py", "import random", "imports random"),
    (reads_of_the_clock_chance_or_network, "backtest.py", "np.random.default_rng(7)", "draws by chance"),
    (reads_of_the_clock_chance_or_network, "simulate.py", "np.random.default_rng()", "without a seed"),
    (reads_of_the_clock_chance_or_network, "simulate.py", "from random import randint", "randint"),
    (reads_of_the_clock_chance_or_network, "simulate.py", "import random\nrandom.random()", "by chance"),
    (reads_of_the_clock_chance_or_network, "fold.py", "arm = hash('customer-42')", "hashlib"),
    (reads_of_the_clock_chance_or_network, "deliver/egress.py", "from time import time", "imports time.time"),
    (reads_of_the_clock_chance_or_network, "deliver/smtp.py", "import random", "imports random"),
    (reads_of_the_clock_chance_or_network, "deliver/webhook.py", "import socket", "imports socket"),
    (reads_of_the_clock_chance_or_network, "fold.py", "import urllib", "imports urllib"),
    (connections_opened_elsewhere, "loop/sending.py", "import smtplib", "imports smtplib"),
    (connections_opened_elsewhere, "cli.py", "from urllib import request", "imports urllib.request"),
    (connections_opened_elsewhere, "web.py", "def f():\n    import httpcore2", ":2: imports httpcore2"),
    (
        connections_opened_elsewhere,
        "deliver/webhook.py",
        "from socket import socket",
        "imports socket.socket",
    ),
    (disk_touched_outside_its_rooms, "deliver/smtp.py", "import mailbox", "imports mailbox"),
    (disk_touched_outside_its_rooms, "fold.py", "import duckdb", "imports duckdb"),
    (disk_touched_outside_its_rooms, "design/lint.py", "open('pack.yaml')", "calls open()"),
    (disk_touched_outside_its_rooms, "design/lint.py", "Path('x').read_text()", "read_text"),
    (disk_touched_outside_its_rooms, "design/lint.py", "Path('x').open()", ".open()"),
    (
        disk_touched_outside_its_rooms,
        "model/pack.py",
        "from importlib import resources",
        "importlib.resources",
    ),
    (disk_touched_outside_its_rooms, "trigger/facts.py", "import pyarrow.parquet as pq", "pyarrow.parquet"),
    (disk_touched_outside_its_rooms, "fold.py", "print('here')", "calls print()"),
    (files_without_an_opening, "fold.py", "from __future__ import annotations", "no docstring"),
    (files_too_long, "fold.py", "x = 1\n" * 401, "401 lines, at most 400"),
    (drawers, "trigger/date_utils.py", "x = 1", "'date_utils' says nothing"),
    (drawers, "common/fold.py", "x = 1", "'common' says nothing"),
)

# What looks like the above and is right.
GOOD: tuple[tuple[str, str], ...] = (
    ("when.py", "from peakend.errors import TimeError"),
    ("trigger/plays.py", "from peakend.trigger.where import compiled"),
    ("cli.py", "import time\nfrom datetime import UTC, datetime\nnow = datetime.now(UTC)\nprint(now)"),
    ("cli.py", "from peakend import __version__, backtest"),
    ("simulate.py", "import random\nimport numpy as np\nrandom.Random(7)\nnp.random.default_rng(7).random()"),
    ("govern.py", "from datetime import date, timedelta\nday = date(2026, 1, 1) + timedelta(days=1)"),
    ("fold.py", "def step(state, now):\n    return state.now(now)"),
    ("tables.py", "import duckdb\nduckdb.connect()"),
    ("listen/readers_xes.py", "import gzip\ngzip.open('x')"),
    ("deliver/egress.py", "import socket\nimport httpcore2\nfrom time import monotonic"),
    ("deliver/webhook.py", "from urllib.parse import urlsplit"),
    ("fold.py", "x = 1\n" * 399),
    ("__init__.py", ""),
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_rules(rule: Rule) -> None:
    complaints = rule(HOUSE)
    assert not complaints, "\n" + "\n".join(complaints)


@pytest.mark.parametrize(("rule", "where", "text", "complaint"), BAD)
def test_a_rule_finds_what_it_forbids(
    tmp_path: Path, rule: Rule, where: str, text: str, complaint: str
) -> None:
    found = rule(_house_with(tmp_path, where, text))
    assert any(where.partition("/")[0] in line and complaint in line for line in found), found


@pytest.mark.parametrize(("where", "text"), GOOD)
def test_the_rules_let_pass_what_is_right(tmp_path: Path, where: str, text: str) -> None:
    house = _house_with(tmp_path, where, f'"""Why."""\n{text}' if text else "")
    assert [line for rule in RULES for line in rule(house)] == []


def test_no_file_names_a_machine_or_a_registry() -> None:
    complaints = addresses_in([path for path in _tracked() if path.is_file()])
    assert not complaints, "\n" + "\n".join(complaints)


@pytest.mark.parametrize(
    "text", ["see /" + "root/x", "(/" + "home/me/log.csv)", "https://pypi" + ".org/simple"]
)
def test_an_address_is_found(tmp_path: Path, text: str) -> None:
    (tmp_path / "notes.md").write_text(f"fine\n{text}\n", "utf-8")
    assert ":2:" in addresses_in([tmp_path / "notes.md"])[0]


def test_a_path_that_only_looks_like_a_machine_is_let_pass(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text(
        "packs/root/x, ../home/x, a /work order, example.com/work/1\n", "utf-8"
    )
    assert addresses_in([tmp_path / "notes.md"]) == []


def test_every_dependency_has_a_reason_and_a_pin_within_its_range() -> None:
    text = (CHECKOUT / "pyproject.toml").read_text("utf-8")
    project = tomllib.loads(text)["project"]
    pins = dict(_pins())
    for wanted in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        need = Requirement(wanted)
        pin = pins.get(canonicalize_name(need.name))
        assert pin, f"{need.name} has no line in constraints.txt"
        assert need.specifier and pin in need.specifier, (
            f"constraints.txt pins {need.name} to {pin}: not {need}"
        )
        assert re.search(rf'"{re.escape(wanted)}",\s+# \w', text), f"{wanted} does not say why"


def test_the_constraints_are_plain_pins() -> None:
    lines = (CHECKOUT / "constraints.txt").read_text("utf-8").splitlines()
    odd = [line for line in lines if not re.fullmatch(r"#.*|[a-z0-9-]+==[\w.]+", line)]
    assert odd == []
    assert "://" not in "\n".join(lines)


def _house_with(folder: Path, where: str, text: str) -> Path:
    house = folder / "src" / "peakend"
    path = house / where
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    return house


def _tracked() -> list[Path]:
    """The files of the checkout, new ones included, ignored ones not."""
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(asked, cwd=CHECKOUT, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [CHECKOUT / name for name in listed.split("\0") if name]


def _pins() -> Iterator[tuple[str, str]]:
    for line in (CHECKOUT / "constraints.txt").read_text("utf-8").splitlines():
        name, pinned, version = line.partition("==")
        if pinned and not line.startswith("#"):
            yield canonicalize_name(name), version
