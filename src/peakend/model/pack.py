"""A pack as typed values: what `design` reads from YAML and what the fold is compiled from.

The names of the fields are the keys of the files, so the JSON Schema for editors is generated from here.
"""

from __future__ import annotations

import datetime
from typing import Any, Literal

import msgspec

from peakend.errors import Place
from peakend.model.delivery import Severity
from peakend.model.event import FieldType
from peakend.model.parts import (
    Again,
    CapWindow,
    ClassName,
    Clock,
    Dimension,
    Family,
    Kinds,
    Part,
    Phase,
    Share,
    Span,
    Take,
    Titles,
)
from peakend.model.source import SourceFile
from peakend.model.story import Story
from peakend.model.survey import Survey


class Attribute(Part, frozen=True, kw_only=True, rename={"from_": "from", "else_": "else"}):
    type: FieldType
    from_: str
    else_: Any = None
    title: Titles = {}
    sensitive: bool = False


class Outcome(Part, frozen=True, kw_only=True):
    """What the moments shall explain: a `field` on a `scale` (nps, csat, ces or LOW..HIGH), or that the event
    came at all; then `against` are the kinds that say that it did not. `explained_by` are the touchpoints to
    explain it by, where not all.
    """

    event: str
    field: str | None = None
    scale: str | None = None
    against: Kinds | None = None
    where: str | None = None
    explained_by: list[str] = []
    title: Titles = {}


class Calendar(Part, frozen=True, kw_only=True):
    """Hours of a week and dated days: `holidays` names published ones, over which its own lie."""

    week: dict[str, list[str]] = {}
    zone: str | None = None
    holidays: str | None = None
    off: list[datetime.date] = []
    working: list[datetime.date] = []
    years: list[int] = []
    title: Titles = {}


class QuietHours(Part, frozen=True, kw_only=True, rename={"from_": "from"}):
    from_: Clock
    to: Clock
    holidays: bool | str = False


class Cap(Part, frozen=True, kw_only=True, rename={"class_": "class"}):
    class_: ClassName | Literal["total"]
    at_most: int
    within: CapWindow


class Budget(Part, frozen=True, kw_only=True):
    per: Literal["day", "month", "year"]
    at_most: float
    currency: str = ""


class Policy(Part, frozen=True, kw_only=True):
    max_age: Span = "PT72H"
    moment: str | None = None
    quiet_hours: QuietHours | None = None
    caps: list[Cap] = []
    budgets: dict[str, Budget] = {}
    holdout: Share | None = None
    approve_above: int = 500


class Subject(Part, frozen=True, kw_only=True):
    relation: str
    title: Titles = {}


class PackFile(Part, frozen=True, kw_only=True):
    """pack.yaml"""

    pack: str
    title: Titles
    version: str = "1"
    zone: str
    languages: tuple[str, ...] = ("zh", "en")
    customer: dict[str, Attribute] = {}
    roles: list[str] = []
    subjects: dict[str, Subject] = {}
    events: dict[str, dict[str, FieldType]]
    outcomes: dict[str, Outcome] = {}
    calendars: dict[str, Calendar] = {}
    policy: Policy = Policy()
    grace: dict[str, Span] = {}
    words: dict[str, Titles] = {}


class Stage(Part, frozen=True, kw_only=True):
    id: str
    title: Titles
    itil: str | None = None


class EncounterRule(Part, frozen=True, kw_only=True):
    begins: Kinds
    ends: Kinds
    reopens: Kinds | None = None
    updates: Kinds | None = None
    key: str | None = None
    where: str | None = None
    lasts_at_most: Span = "PT720H"
    settles: Span = "PT168H"


class Standard(Part, frozen=True, kw_only=True, rename={"from_": "from"}):
    """A promise with a clock: exactly one of `within` and `by`, a date that the event `from` carries."""

    from_: str
    to: Kinds
    within: Span | None = None
    by: str | None = None
    calendar: str = "always"
    where: str | None = None
    pauses: Kinds | None = None
    resumes: Kinds | None = None
    dimension: Dimension | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None
    why: Titles | str = {}
    title: Titles = {}


class Touchpoint(Part, frozen=True, kw_only=True):
    title: Titles
    stage: str
    family: Family | None = None
    phase: Phase | None = None
    channels: list[str] = []
    owner: str | None = None
    expectation: Titles = {}
    hidden_expectation: Titles = {}
    blueprint: dict[str, Titles | str] = {}
    encounter: EncounterRule | None = None
    rating: str | None = None
    standards: dict[str, Standard] = {}
    miserable: str | None = None
    magical: str | None = None
    moment_of_truth: bool = False


class Journey(Part, frozen=True, kw_only=True):
    """journeys/NAME.yaml"""

    journey: str
    title: Titles = {}
    stages: list[Stage]
    touchpoints: dict[str, Touchpoint]


class Fact(Part, frozen=True, kw_only=True):
    of: Kinds
    take: Take
    field: str | None = None
    where: str | None = None
    within: Span | None = None
    title: Titles = {}


class FactsFile(Part, frozen=True, kw_only=True):
    """facts.yaml"""

    facts: dict[str, Fact]


class Count(Part, frozen=True, kw_only=True):
    at_least: int
    within: Span


class Due(Part, frozen=True, kw_only=True):
    """When a step is due: exactly one of after, before, before_breach_of, yearly."""

    after: Span | None = None
    before: str | None = None
    before_breach_of: str | None = None
    yearly: str | None = None
    by: Span | None = None
    at: Clock | None = None


class Repeat(Part, frozen=True, kw_only=True):
    every: Span
    until: Kinds | None = None
    times: int = 100


class Channels(Part, frozen=True, kw_only=True):
    all: list[str]


class Step(Part, frozen=True, kw_only=True, rename={"class_": "class"}):
    due: Due
    on_day: str | int | list[str] | None = None
    repeat: Repeat | None = None
    where: str | None = None
    expires: Span | None = None
    catch_up: Span | None = None
    say: str | None = None
    card: str | None = None
    give: str | None = None
    ask: str | None = None
    task: str | None = None
    through: list[str] | Channels | None = None
    attach: list[str] = []
    role: str | None = None
    extra: bool = False
    class_: ClassName | None = None
    holdout: Share | None = None
    amount: float | str | None = None
    budget: str | None = None

    @property
    def action(self) -> str:
        """Which of say, card, give, ask, task this step does ('' when none is given)."""
        return next((word for word in ("say", "card", "give", "ask", "task") if getattr(self, word)), "")

    @property
    def says(self) -> str:
        """The name of the text or card that this step uses ('' when none is given)."""
        return str(getattr(self, self.action)) if self.action else ""


class Exit(Part, frozen=True, kw_only=True, rename={"as_": "as"}):
    on: Kinds
    where: str | None = None
    as_: str = "stopped"
    then: list[Step] = []


class Unless(Part, frozen=True, kw_only=True):
    on: Kinds
    where: str | None = None


class Recipient(Part, frozen=True, kw_only=True, rename={"else_": "else"}):
    role: str
    else_: str | None = None


class Gather(Part, frozen=True, kw_only=True):
    within: Span


class Goal(Part, frozen=True, kw_only=True):
    event: str
    within: Span
    where: str | None = None


class Capped(Part, frozen=True, kw_only=True):
    defer: Span


class Unreached(Part, frozen=True, kw_only=True):
    card: str
    role: str | None = None

    @property
    def step(self) -> Step:
        """The card as a step, due when it is known that nobody was reached."""
        return Step(due=Due(after="PT0S"), card=self.card, role=self.role)


class Play(Part, frozen=True, kw_only=True, rename={"class_": "class", "while_": "while"}):
    """plays/NAME.yaml"""

    play: str
    title: Titles = {}
    why: Titles = {}
    touchpoint: str
    class_: ClassName
    on: Kinds
    where: str | None = None
    key: Kinds | None = None
    count: Count | None = None
    again: Again | None = None
    cool_down: Span | None = None
    exits: list[Exit] = []
    unless: str | Unless | None = None
    updates: Kinds | None = None
    while_: str | None = None
    priority: int = 0
    urgent: bool = False
    to: Recipient | None = None
    gather: Gather | None = None
    goal: Goal | None = None
    holdout: Share | None = None
    holdout_unit: str | None = None
    salt: str = "1"
    capped: Capped | None = None
    stays: Span | None = None
    backfill: bool = False
    if_unreached: Unreached | None = None
    steps: list[Step]

    @property
    def all_exits(self) -> list[Exit]:
        """The exits, the short form `unless` as one more of them."""
        if self.unless is None:
            return self.exits
        if isinstance(self.unless, str):
            return [*self.exits, Exit(on=self.unless)]
        return [*self.exits, Exit(on=self.unless.on, where=self.unless.where)]


class Phrase(Part, frozen=True, kw_only=True):
    never: Titles
    instead: Titles
    why: Titles = {}


class PhrasesFile(Part, frozen=True, kw_only=True):
    """phrases.yaml"""

    phrases: list[Phrase] = []
    discount_words: dict[str, list[str]] = {}


class Text(msgspec.Struct, kw_only=True, frozen=True):
    """One text or card in one language: Liquid Markdown, its subject and its short channel variants.

    `link` (Liquid too) leads to the place where the customer can act: https, or a path of the console.
    """

    name: str
    language: str
    body: str
    subject: str = ""
    channels: dict[str, str] = {}
    severity: Severity = "info"
    link: str = ""
    place: Place


class Pack(msgspec.Struct, kw_only=True, frozen=True):
    """A whole pack, with the place of every node: `places[(file, path)]` is its line."""

    root: str
    head: PackFile
    journeys: dict[str, Journey] = {}
    facts: dict[str, Fact] = {}
    plays: dict[str, Play] = {}
    texts: dict[tuple[str, str], Text] = {}
    cards: dict[tuple[str, str], Text] = {}
    phrases: PhrasesFile = PhrasesFile()
    stories: dict[str, Story] = {}
    sources: dict[str, SourceFile] = {}
    surveys: dict[str, Survey] = {}
    hash: str = ""
    places: dict[tuple[str | int, ...], Place] = {}

    def place(self, *path: str | int) -> Place:
        """Where a node stands: the deepest known place on `path`, such as ('plays', P, 'steps', 0)."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        return Place(self.root)

    @property
    def touchpoints(self) -> dict[str, Touchpoint]:
        """All touchpoints of all journeys by their id, in the order of the files."""
        return {
            name: point for journey in self.journeys.values() for name, point in journey.touchpoints.items()
        }
