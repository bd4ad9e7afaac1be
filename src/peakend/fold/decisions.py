"""A step has come due: gather the facts, ask every gate, write the verdict, set what follows.

This is the only place where a verdict is made. It reads the logical instant t, never a clock, and knows
nothing of live or past. Source: docs/semantics.md, sections 3 and 4.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from peakend.fold.program import Program
from peakend.fold.reach import quiet_wish, reach
from peakend.govern import (
    CARE,
    NO_ROOM,
    Decision,
    Purse,
    Question,
    arm_share,
    decide,
    keep_recent,
    room_at,
)
from peakend.model.outcome import Content, Exposed, Sent, Verdict, message_of
from peakend.trigger.due import arm, due_of, next_round
from peakend.trigger.lanes import END, cancel, settle, stay_over
from peakend.trigger.rules import OWN, PlayRule, StepRule
from peakend.trigger.state import NEVER, PlayState, Run, StepState, Timer
from peakend.trigger.turn import Turn
from peakend.trigger.unreached import give_card

_AFTER_MOMENT = frozenset({"holdout", "reachable", "quiet", "cap", "budget"})


def ring(program: Program, turn: Turn, timer: Timer, budgets: Purse | None) -> None:
    """The timer of one step, or of a run's stay, has come; timers that are no longer wanted are ignored."""
    instant, _, _, _, name, key, index, occurrence, round_ = timer
    play = turn.state.plays[name]
    run = next((r for r in play.runs.get(key, ()) if r.occurrence == occurrence), None)
    if run is None:
        return
    rule = program.rules.rule_of(name, run.pinned)
    if index == END:
        stay_over(turn, play, rule, run, instant)
        return
    step = next((s for s in run.steps if s.index == index and s.round == round_), None)
    if step is None or step.decided or step.wake != instant:
        return
    _Case(program, turn, rule, play, run, step, instant, budgets).decide()


class _Case:
    """One due step at one instant, with all that belongs to it; it lives for one decision."""

    __slots__ = (
        "budgets",
        "instant",
        "limit",
        "message",
        "play",
        "program",
        "rule",
        "run",
        "step",
        "turn",
        "what",
    )

    def __init__(
        self,
        program: Program,
        turn: Turn,
        rule: PlayRule,
        play: PlayState,
        run: Run,
        step: StepState,
        instant: int,
        budgets: Purse | None,
    ) -> None:
        self.program, self.turn, self.rule, self.play = program, turn, rule, play
        self.run, self.step, self.instant, self.budgets = run, step, instant, budgets
        self.what: StepRule = rule.steps[step.index]
        self.message, self.limit = "", instant

    def decide(self) -> None:
        """Give the step its verdict for now and set the timer, the next round, or the end of the run."""
        step, what = self.step, self.what
        if not step.held:
            if not what.extra:
                self._supersede()
            next_round(self.turn, self.rule, self.run, step, self.instant)
        if step.due is None:
            self._settle(Decision("suppress", "no_due", 0, ("no_due",)), (), "")
        elif step.due < self.run.entry[0]:
            self._settle(Decision("suppress", "past_at_entry", 0, ("past_at_entry",)), (), "")
        else:
            self._ask(step.due)

    def _ask(self, due: int) -> None:
        turn, what, state, instant = self.turn, self.what, self.turn.state, self.instant
        turn.fields, turn.instant, turn.about = self.run.fields, instant, self.rule.touchpoint
        program, customer = self.program, not what.colleague
        if customer:
            found = reach(state, self.rule, what, instant, program.contacts_known)
            consent, preference, reachable, contact, channels = found
        else:
            consent, reachable, contact, channels = True, True, "", ()
            preference = not quiet_wish(state, what, instant)
        arms = self._arms()
        quiet = self._quiet_until(instant)
        amount = self._amount()
        self.limit = self._limit(due, quiet if due == instant else self._quiet_until(due))
        decision = decide(
            Question(
                instant=instant,
                limit=self.limit,
                colleague=what.colleague,
                guard=self._guard(),
                consent=consent,
                preference=preference,
                moment=what.rank >= CARE and program.moment is not None and program.moment.test(turn) is True,
                held_out="holdout" in arms.values(),
                reachable=reachable,
                quiet_until=quiet,
                cap_until=self._room(contact) if customer else 0,
                budget=self._affordable(amount),
                first_hold=self.step.held,
            )
        )
        self._expose(arms, decision)
        if decision.outcome == "send":
            self._send(contact, amount)
        elif decision.outcome == "hold":
            channels, contact = (), ""
        self._settle(decision, channels, contact, amount)

    def _settle(
        self, decision: Decision, channels: tuple[str, ...], contact: str, amount: float = 0.0
    ) -> None:
        step, run = self.step, self.run
        sends = decision.outcome == "send"
        self.turn.out.append(
            Verdict(
                self.turn.state.customer,
                self.rule.name,
                run.key,
                run.occurrence,
                self.what.name,
                step.round,
                step.due,
                self.instant,
                decision.outcome,
                decision.reason,
                decision.until,
                channels if sends else (),
                contact if sends else "",
                self.message if sends else "",
                amount if sends else 0.0,
                decision.failed,
                1 if step.held else 0,
            )
        )
        if sends and self.program.contents:
            self.turn.contents.append(self._content(amount))
        if decision.outcome == "hold":
            step.held = step.held or self.instant
            arm(self.turn, self.rule, run, step, decision.until)
            return
        step.decided, step.held = True, 0
        if decision.reason == "reachable" and self.what.exit == OWN:
            give_card(self.turn, self.rule, run, self.instant)
        settle(self.turn, self.rule, self.play, run, self.instant)

    def _supersede(self) -> None:
        """Held steps of the same audience that were due earlier give way to this one."""
        for step in self.run.steps:
            if step.held and self._same_audience(step) and _before(step.due, self.step.due):
                cancel(
                    self.turn,
                    self.rule,
                    self.run,
                    step.index,
                    step.round,
                    step.due,
                    self.instant,
                    "superseded",
                )
                step.decided, step.held = True, 0

    def _same_audience(self, step: StepState) -> bool:
        other = self.rule.steps[step.index]
        return not other.extra and other.colleague == self.what.colleague and other.exit == self.what.exit

    def _limit(self, due: int, quiet_end: int) -> int:
        """The last instant at which the step may still happen."""
        step, what = self.step, self.what
        limit = (quiet_end or due) + what.expires
        if what.extra:
            return limit
        for other in self.run.steps:
            if other.index == step.index or other.due is None:
                continue
            if due < other.due < limit and self._same_audience(other):
                limit = other.due
        if what.every and step.round + 1 < what.times:
            # Caught up, all missed rounds would be due at the entry, and leave together.
            following = due_of(self.turn, self.rule, self.run, what, step.round + 1, catch_up=False)
            limit = min(limit, following or limit)
        return limit

    def _quiet_until(self, instant: int) -> int:
        """The end of the quiet hours that the step respects at an instant; 0 where there are none."""
        what = self.what
        quiet = None if what.colleague or what.urgent else self.program.quiet_for(what.rank)
        return (quiet.until(instant, self.turn.zone) or 0) if quiet else 0

    def _guard(self) -> bool:
        for condition in (self.rule.while_, self.what.where):
            if condition is not None and condition.test(self.turn) is not True:
                return False
        return True

    def _arms(self) -> dict[str, str]:
        """The arm of the customer in each experiment that applies to this step."""
        what, rule, program = self.what, self.rule, self.program
        if what.rank < CARE and not what.extra:
            return {}
        arms: dict[str, str] = {}
        if program.holdout:
            arms[program.pack] = _arm(program.pack, "1", self.turn.state.customer, program.holdout)
        if rule.holdout:
            arms[rule.name] = _arm(rule.name, rule.salt, self.run.unit, rule.holdout)
        if what.holdout:
            arms[what.text] = _arm(what.text, rule.salt, self.run.unit, what.holdout)
        return arms

    def _expose(self, arms: dict[str, str], decision: Decision) -> None:
        if not arms or any(gate not in _AFTER_MOMENT for gate in decision.failed):
            return
        run, state = self.run, self.turn.state
        for experiment, arm_ in arms.items():
            if experiment not in run.exposed:
                run.exposed.append(experiment)
                self.turn.out.append(
                    Exposed(
                        state.customer,
                        self.rule.name,
                        run.key,
                        run.occurrence,
                        experiment,
                        "holdout" if arm_ == "holdout" else "play",
                        self.instant,
                    )
                )

    def _room(self, contact: str) -> int:
        """0 where caps leave room, the instant from which they do, or NO_ROOM."""
        if self._gathered(contact) is not None:
            return 0
        free = room_at(self.program.caps, self.turn.state.sent, self.instant, self.what.rank, self.turn.zone)
        if free and free > (self.step.held or self.instant) + self.rule.defer:
            return NO_ROOM
        return free

    def _gathered(self, contact: str) -> str | None:
        """The message that this step may still join."""
        if self.rule.gather == NEVER:
            return None
        opened, message = self.turn.state.gathered.get(self._bundle(contact), (NEVER, ""))
        return message if opened != NEVER and self.instant <= opened + self.rule.gather else None

    def _bundle(self, contact: str) -> str:
        return f"{self.rule.name}|{self.what.name}|{contact}"

    def _amount(self) -> float:
        value: Any = (
            self.run.fields.get(self.what.amount_field) if self.what.amount_field else self.what.amount
        )
        return max(float(value or 0.0), 0.0)

    def _affordable(self, amount: float) -> bool:
        budget = self.what.budget
        if not (budget and amount and self.budgets):
            return True
        return self.budgets.affords(budget, self.instant, amount, self._own_message())

    def _own_message(self) -> str:
        run, customer = self.run, self.turn.state.customer
        return message_of(customer, self.rule.name, run.key, run.occurrence, self.what.name, self.step.round)

    def _send(self, contact: str, amount: float) -> None:
        state, what, run = self.turn.state, self.what, self.run
        run.sent.append((what.index, self.step.round, self.instant))
        joined = None if what.colleague else self._gathered(contact)
        self.message = joined or self._own_message()
        if what.budget and amount and self.budgets:
            self.budgets.draw(what.budget, self.instant, amount, self.message)
        if self.rule.unreached and what.exit == OWN and not what.colleague:
            run.left.append(self.message)
        if what.colleague or joined is not None:
            return
        if self.rule.gather != NEVER:
            state.gathered[self._bundle(contact)] = (self.instant, self.message)
        if self.program.caps:
            sent = state.sent.setdefault(what.rank, [])
            keep_recent(sent, self.instant - self.program.longest_cap)
            sent.append(Sent(self.instant, what.rank, self.message))

    def _content(self, amount: float) -> Content:
        turn, run, what = self.turn, self.run, self.what
        rules, customer = turn.rules, turn.state.customer
        return Content(
            customer,
            self.rule.name,
            run.key,
            run.occurrence,
            what.name,
            self.step.round,
            self.message,
            self.instant,
            self.step.due or self.instant,
            self.limit,
            what.action,
            what.text,
            what.role,
            what.rank,
            amount,
            what.attach,
            dict(run.fields),
            {name: turn.customer(name) for name in rules.attributes},
            {name: turn.fact(name) for name in rules.facts},
        )


def _before(due: int | None, other: int | None) -> bool:
    return due is not None and other is not None and due < other


@lru_cache(maxsize=65536)
def _arm(name: str, salt: str, unit: str, share: float) -> str:
    return "holdout" if arm_share(name, salt, unit) < share else "play"
