"""The world of a pack: simulation.yaml says who the customers are, what happens, and what it does to them.

A world is written as *episodes*: something begins, a few things happen, it ends. How well it goes is drawn
first (the course), and the times follow from it, so that the pack's own standards find what was meant.
Nothing is drawn here, and no kind of event has code of its own: another pack needs only another file.
"""

from __future__ import annotations

from typing import Any, Literal

from peakend.model.event import FieldType
from peakend.model.parts import Clock, Kinds, Part, Share, Span, as_list

Takes = tuple[str, ...] | dict[str, tuple[str, ...]]
"""A shortest and a longest time, or one such pair per course; for a course that is not named the event does
not come. Between the two all ratios are equally likely (from PT0S on all lengths): most are short."""

State = Literal["magical", "neutral", "miserable"]


class Draw(Part, kw_only=True, frozen=True):
    """How a field gets its value: one of the ways; `of`, `after`, `before`, `days`, `at` go together.

    A text with {names} in it, or a list of equally likely values, is written without a Draw.
    """

    choose: dict[str, float] | None = None
    between: tuple[float, ...] | None = None
    decimals: int = 0
    trait: str | None = None
    times: tuple[float, ...] = (1.0, 1.0)
    product: tuple[str, ...] | None = None
    customer: str | None = None
    by_course: dict[str, list[Any]] | None = None
    by_state: dict[str, list[Any]] | None = None
    of: str | None = None
    after: str | dict[str, float] | None = None
    before: Span | None = None
    days: str | None = None
    at: Clock | None = None
    minutes_since: str | None = None
    outcome: bool = False


Value = str | list[Any] | Draw


class Pause(Part, kw_only=True, frozen=True):
    """The clock stops somewhere on the way to the event, which comes that much later."""

    waits: str
    continues: str
    lasts: tuple[Span, ...]
    chance: Share = "100%"


class Happening(Part, kw_only=True, frozen=True, rename={"as_": "as"}):
    """One event of an episode.

    It comes `takes` after another event (`after`, else the episode's begin), or after or before the date in a
    field (`on`, `before`). `times` of them come one after another, none at or past `until`. `at` puts it
    between two times of the local day. `starts` and `leaves` make the customer one, and no longer one.
    """

    kind: str
    as_: str = ""
    after: str | None = None
    on: str | None = None
    before: str | None = None
    takes: Takes = ("PT0S", "PT0S")
    calendar: str | None = None
    at: tuple[Clock, ...] | None = None
    chance: str | dict[str, str] = "100%"
    times: tuple[int, ...] | dict[str, tuple[int, ...]] | None = None
    until: str | None = None
    pause: Pause | None = None
    fields: dict[str, Value] = {}
    starts: bool = False
    leaves: bool = False

    @property
    def name(self) -> str:
        """What other events call it: its kind, unless it has a name of its own."""
        return self.as_ or self.kind


class Course(Part, kw_only=True, frozen=True):
    """One way in which an episode may go, how likely it is, and how its encounter shall come out."""

    share: Share
    state: State = "neutral"


class Follows(Part, kw_only=True, frozen=True):
    """The episode begins with an event of an earlier one (or of itself), or around a date in its fields."""

    event: Kinds
    of: Kinds | None = None
    courses: tuple[str, ...] = ()
    chance: Share = "100%"
    on: str | None = None
    before: str | None = None


class Episode(Part, kw_only=True, frozen=True):
    """A process of the service, from its begin to its end.

    It begins in exactly one way: `rate` times a year by chance, in the `rhythm` of day, week and year, and
    more often for whom the trait `grows_with` is large; or `every` so often; or for a share of customers
    `once`, `takes` after they came; or it `follows` another. `about` a type of subjects, it is theirs.
    `anyone` may have it, not only who is a customer at the time; `who` names attributes they must have.
    `times` of it begin together (from, to; or an attribute that is a number). Its business key is the field
    `key`: prefix, customer, number. It `keeps` fields of what it follows. What is in `fields` stands in each
    of its `events` whose kind declares it.
    """

    touchpoint: str | None = None
    about: str | None = None
    source: str = "simulated"
    who: dict[str, str | list[str]] = {}
    anyone: bool = False
    rate: float | None = None
    grows_with: str | None = None
    rhythm: str | None = None
    every: Span | None = None
    once: Share | None = None
    follows: Follows | None = None
    takes: tuple[Span, ...] = ("PT0S", "PT0S")
    calendar: str | None = None
    at: tuple[Clock, ...] | None = None
    times: tuple[int, ...] | str | None = None
    key: str | None = None
    prefix: str = ""
    keeps: tuple[str, ...] = ()
    courses: dict[str, Course] = {}
    fields: dict[str, Value] = {}
    events: list[Happening]


class Trait(Part, kw_only=True, frozen=True):
    """A size of a customer that nobody sees, log-normal: its mean, and the spread of its logarithm."""

    mean: float = 1.0
    spread: float


class Customers(Part, kw_only=True, frozen=True):
    """Who they are: `newcomers` come during the period, all others were there `before` its first day."""

    id: str = "c"
    before: Span = "PT0S"
    newcomers: Share = "0%"
    traits: dict[str, Trait] = {}
    attributes: dict[str, Value] = {}


class Rhythm(Part, kw_only=True, frozen=True):
    """How likely an hour is: by hour of the local day, weekday from Monday, month, holidays."""

    hours: tuple[float, ...]
    weekdays: tuple[float, ...] = (1.0,) * 7
    months: tuple[float, ...] = (1.0,) * 12
    holidays: float = 1.0
    calendar: str | None = None


class Effect(Part, kw_only=True, frozen=True):
    """Points that a miserable encounter takes from the outcome, and that a magical one adds to it."""

    penalty: float = 0.0
    reward: float = 0.0


class Answer(Part, kw_only=True, frozen=True):
    """The outcome and what is true of it.

    answer = base + the customer's own level + the effects of the encounters that ended within `window` before
    it + noise, rounded to the scale. At one touchpoint the worst counts if any was miserable, else the best.
    """

    name: str
    scale: tuple[int, ...]
    base: float
    mood: float
    noise: float
    window: Span = "P90D"
    effects: dict[str, Effect] = {}


class SubjectPlaces(Part, kw_only=True, frozen=True):
    """The subjects of one type, such as regions, with what is known of each."""

    ids: tuple[str, ...]
    attributes: dict[str, list[Any]] = {}


class World(Part, kw_only=True, frozen=True):
    """simulation.yaml. `events` declares kinds that the log has and no rule of the pack reads."""

    simulation: str
    customers: Customers
    episodes: dict[str, Episode]
    rhythms: dict[str, Rhythm] = {}
    outcome: Answer | None = None
    subjects: dict[str, SubjectPlaces] = {}
    events: dict[str, dict[str, FieldType]] = {}


def courses_of(episode: Episode) -> dict[str, Course]:
    """The courses of an episode; a single neutral one where none are written."""
    return episode.courses or {"": Course(share="100%")}


def share_of(text: Share) -> float:
    """10% as 0.1."""
    return float(text.rstrip("%")) / 100


def followed(episode: Episode) -> list[str]:
    """The names of the events with which the episode may begin."""
    return as_list(episode.follows.event) if episode.follows else []
