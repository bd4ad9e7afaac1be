"""When episodes begin of themselves: by chance, regularly, or once in a customer's life.

Customers are very different, and so is the service by day, by season and by the calendar: that comes in here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from peakend.simulate.clocks import Clocks, micros
from peakend.simulate.columns import Flags, Ints
from peakend.simulate.people import People
from peakend.simulate.spans import between, in_hours
from peakend.simulate.world import Episode, World, share_of
from peakend.when import DAY, SECOND

YEAR = 365 * DAY


class Begun(NamedTuple):
    """Whose episodes begin when; `rows` are places in whatever they follow."""

    customer: Ints
    at: Ints
    rows: Ints

    def where(self, chosen: Flags | Ints) -> Begun:
        """Some of them."""
        return Begun(self.customer[chosen], self.at[chosen], self.rows[chosen])


def begun(rng: np.random.Generator, world: World, clocks: Clocks, people: People, episode: Episode) -> Begun:
    """The begins of an episode that follows no other, for people who are there at the time."""
    if episode.rate is not None:
        start = _by_chance(rng, world, clocks, people, episode)
    elif episode.every:
        start = _regularly(rng, clocks, people, episode.every)
    else:
        start = _once(rng, clocks, people, episode)
    zones = people.zones[start.customer]
    moved = in_hours(rng, clocks, episode.at, start.at, people.joined[start.customer], zones)
    start = start._replace(at=moved)
    if episode.once:
        return start
    since = people.joined if episode.anyone else people.active
    here = (start.at >= since[start.customer]) & (start.at < people.left[start.customer])
    return start.where(here & (start.at >= clocks.begin))


def _by_chance(
    rng: np.random.Generator, world: World, clocks: Clocks, people: People, episode: Episode
) -> Begun:
    """So many a year on the average, more for the active, in the rhythm of the service."""
    expected = np.full(people.count, (episode.rate or 0.0) * (clocks.end - clocks.begin) / YEAR)
    if episode.grows_with:
        expected = expected * people.traits[episode.grows_with]
    customer = np.repeat(np.arange(people.count), rng.poisson(expected))
    rhythm = world.rhythms[episode.rhythm] if episode.rhythm else None
    walls = clocks.moments(rhythm, episode.rhythm or "", rng.random(len(customer)))
    at = clocks.instant(walls // SECOND * SECOND, people.zones[customer])
    return Begun(customer, at, customer)


def _regularly(rng: np.random.Generator, clocks: Clocks, people: People, every: str) -> Begun:
    """Again and again, each customer on a day of its own."""
    period = micros(every)
    times = -(-(clocks.end - clocks.begin) // period)
    phase = (rng.random(people.count) * period).astype(np.int64) // SECOND * SECOND
    grid = clocks.begin + phase[:, None] + np.arange(times)[None, :] * period
    customer = np.repeat(np.arange(people.count), times)
    return Begun(customer, grid.reshape(-1), customer)


def _once(rng: np.random.Generator, clocks: Clocks, people: People, episode: Episode) -> Begun:
    """For a share of the customers, so long after they came."""
    customer = np.flatnonzero(rng.random(people.count) < share_of(episode.once or "100%"))
    spans = between(rng, episode.takes, len(customer))
    at = clocks.advance(episode.calendar, people.joined[customer], spans)
    return Begun(customer, at, customer)
