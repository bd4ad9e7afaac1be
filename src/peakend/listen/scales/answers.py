"""The answers to one question, checked: one scale, every answer on it, each with the customer who gave it.

A column that holds two scales, or codes for "not applicable" among the answers, would give a score that looks
right and is not. It is refused here, with what was seen. Nothing is rescaled, and no blank is ever averaged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from peakend.errors import PeakendError, Place
from peakend.listen.scales import words
from peakend.listen.scales.intervals import Floats
from peakend.model.scale import RANGE, Note, Scale, Weighting, ends_of

KNOWN_RANGES = (("1..5", 1, 5), ("1..7", 1, 7), ("0..10", 0, 10), ("-100..100", -100, 100))
ENOUGH_TO_DOUBT = 30
BY_CHANCE = 1e-4
Texts = NDArray[np.str_]


@dataclass(frozen=True)
class Answers:
    """The usable answers of one question; all arrays have one entry an answer.

    `values` are on the scale, `customers` names who is independent of whom, `weights` are 1 unless weighed,
    `base` is what an answer counts before weighing (1, or one over the answers of its account).
    `rows` are the places of the answers in the column of `asked` rows that was read.
    """

    scale: Scale
    values: Floats
    customers: Texts
    weights: Floats
    base: Floats
    rows: NDArray[np.intp]
    asked: int
    left_out: int
    identified: bool
    accounts: bool = False
    weighting: Weighting | None = None
    notes: tuple[Note, ...] = ()

    def aligned(self, column: ArrayLike, name: str) -> NDArray[np.generic]:
        """A column of all `asked` rows, or of the usable ones, cut to the usable ones."""
        array = np.asanyarray(column)
        if array.shape == (self.asked,):
            return array[self.rows]
        if array.shape == self.values.shape:
            return array
        raise PeakendError(
            f"'{name}' has shape {array.shape} beside {self.asked} answers",
            fix="Give one value for every row of the answers, in the same order.",
        )

    def only(self, kept: NDArray[np.bool_]) -> Answers:
        """The answers where `kept` is true."""
        return replace(
            self,
            values=self.values[kept],
            customers=self.customers[kept],
            weights=self.weights[kept],
            base=self.base[kept],
            rows=self.rows[kept],
        )


def read_answers(
    scale: Scale,
    values: ArrayLike,
    *,
    customers: ArrayLike | None = None,
    parts: ArrayLike | None = None,
    not_applicable: Iterable[float] = (),
    column: str = "answers",
) -> Answers:
    """Check a column of answers, shape (N,), and keep the usable ones.

    NaN, None and masked entries are blank; the codes in `not_applicable` are left out and counted with them.
    `customers`, shape (N,), says who answered; without it every answer counts as a customer of its own.
    `parts`, shape (N,), names the questionnaire, source or wave of each row: each part is then checked on its
    own, because answers on 1..5 hide inside 0..10. `column` is the name that errors use.

    Raises PeakendError for a column without answers, for answers outside the scale, for two scales in one
    column.
    """
    numbers = _as_numbers(values, column)
    codes = _codes_off_the_scale(scale, not_applicable, column)
    usable = ~(np.isnan(numbers) | np.isin(numbers, codes))
    rows = np.flatnonzero(usable)
    if not len(rows):
        raise PeakendError(
            f"none of {len(numbers):,} rows holds an answer",
            place=Place(column),
            fix="Check the name of the column, the window, and the codes in not_applicable.",
            what_zh=f"{len(numbers):,} 行里没有一个回答",
            fix_zh="请核对列名、时间范围，以及 not_applicable 里的代码",
        )
    kept = numbers[rows]
    _refuse_what_is_off_the_scale(scale, kept, column)
    beyond = float(np.mean(kept > 5))
    for part, answers in _by_part(kept, parts, usable, column):
        _refuse_a_smaller_scale(scale, answers, part, column, beyond)
    left_out = len(numbers) - len(rows)
    notes = (words.left_out(left_out, len(numbers)),) if left_out else ()
    return Answers(
        scale=scale,
        values=kept,
        customers=_names(customers, usable, "customers", column),
        weights=np.ones(len(kept)),
        base=np.ones(len(kept)),
        rows=rows,
        asked=len(numbers),
        left_out=left_out,
        identified=customers is not None,
        notes=notes if customers is not None else (*notes, words.nobody_named()),
    )


def last_per_customer(answers: Answers, at: ArrayLike, windows: ArrayLike | None = None) -> Answers:
    """Keep the last answer of every customer, or of every customer in every window.

    `at`, shape (N,), is any sortable time; where two answers share it the later row wins. `windows`, shape
    (N,), names the window (a month, a wave) of each row. Raises PeakendError where no customers were named.
    """
    _need_customers(answers)
    _refuse_weighed(answers, "take the last answers")
    times = answers.aligned(at, "at")
    _named(times, "at", "at")
    order = np.argsort(times, kind="stable")
    who = np.unique(answers.customers, return_inverse=True)[1]
    if windows is not None:
        names, window = np.unique(answers.aligned(windows, "windows"), return_inverse=True)
        who = who * len(names) + window
    _, from_the_end = np.unique(who[order][::-1], return_index=True)
    kept = np.zeros(len(who), dtype=np.bool_)
    kept[order[::-1][from_the_end]] = True
    dropped = int(np.count_nonzero(~kept))
    found = answers.only(kept)
    return replace(found, notes=(*answers.notes, words.only_the_last(dropped))) if dropped else found


def by_account(answers: Answers, accounts: ArrayLike) -> Answers:
    """Let every account count once: its score is the mean over its answers, the accounts are averaged.

    `accounts`, shape (N,), names the account of each row. Account means are the same as weights of one over
    the account's answers with intervals by account, so everything else works as for customers.
    """
    _refuse_weighed(answers, "form the accounts")
    names = _named(answers.aligned(accounts, "accounts"), "accounts", "accounts")
    _, place, size = np.unique(names, return_inverse=True, return_counts=True)
    share: Floats = 1.0 / size[place]
    plain = tuple(note for note in answers.notes if note != words.nobody_named())
    return replace(
        answers,
        customers=names,
        weights=share,
        base=share,
        identified=True,
        accounts=True,
        notes=(*plain, words.accounts_count_once(len(size))),
    )


def bounds_of(scale: Scale) -> tuple[float, float]:
    """The lowest and the highest answer of a scale; PeakendError for one that is none."""
    found = ends_of(scale)
    if found is None:
        raise PeakendError(
            f"'{scale}' is no scale",
            fix="Write nps, csat, ces, or the ends of the scale, for example 1..10",
            what_zh=f"“{scale}”不是量表",
            fix_zh="请写 nps、csat、ces，或量表的两端，例如 1..10",
        )
    return found


def as_names(given: ArrayLike) -> Texts:
    """Ids or groups as texts, '' where masked. 7.0 is 7: one blank turns whole numbers into floats."""
    masked = np.ma.masked_array(given)
    array, blank = np.ma.getdata(masked), np.ma.getmaskarray(masked)
    if array.dtype.kind == "f" and np.all(np.isnan(array) | (array == np.floor(array))):
        blank = blank | np.isnan(array)
        array = np.nan_to_num(array).astype(np.int64)
    return np.where(blank, "", array.astype(np.str_))


def _as_numbers(values: ArrayLike, column: str) -> Floats:
    try:
        masked = np.ma.masked_array(values)
        numbers = np.ma.filled(masked.astype(np.float64), np.nan)
    except (TypeError, ValueError) as error:
        raise PeakendError(
            f"not every answer is a number ({error})",
            place=Place(column),
            fix="Turn the texts into the numbers of the scale, and blanks into None or NaN.",
        ) from error
    if numbers.ndim != 1:
        raise PeakendError(
            f"the answers have shape {numbers.shape}", place=Place(column), fix="Give one answer a row."
        )
    return np.asarray(numbers, dtype=np.float64)


def _codes_off_the_scale(scale: Scale, codes: Iterable[float], column: str) -> Floats:
    low, high = bounds_of(scale)
    array = np.asarray(list(codes), dtype=np.float64)
    on_it = array[(array >= low) & (array <= high)]
    if len(on_it):
        raise PeakendError(
            f"{_listed(on_it)} cannot mean 'not applicable': it is an answer on {low:g}..{high:g}",
            place=Place(column),
            fix="Turn the blanks into None or NaN before, where they can still be told from answers.",
            what_zh=f"{_listed(on_it)} 不能表示“不适用”：它是量表 {low:g} 至 {high:g} 上的一个回答",
            fix_zh="请在还分得清的时候，先把空白改成空值",
        )
    return array


def _refuse_what_is_off_the_scale(scale: Scale, values: Floats, column: str) -> None:
    low, high = bounds_of(scale)
    off = ~np.isfinite(values) | (values < low) | (values > high)
    if scale in RANGE:
        off |= values != np.floor(values)
    if not off.any():
        return
    strange, times = np.unique(values[off], return_counts=True)
    most = np.argsort(-times, kind="stable")[:5]
    seen = ", ".join(f"{strange[k]:g} ({times[k]:,} x)" for k in most)
    more = f" and {len(strange) - 5} other values" if len(strange) > 5 else ""
    raise PeakendError(
        f"{np.count_nonzero(off):,} of {len(values):,} answers are not on the "
        f"{scale if scale in RANGE else ''} scale {low:g}..{high:g}: {seen}{more}".replace("  ", " "),
        place=Place(column),
        fix=_fix_for(strange, low, high),
        what_zh=f"{len(values):,} 个回答里有 {np.count_nonzero(off):,} 个不在量表 {low:g} 至 {high:g} 之内："
        f"{seen}",
        fix_zh=f"如果它们表示“不适用”，请写 not_applicable: [{_listed(strange)}]；"
        "如果有一部分是用另一种量表问的，请分成两列，各按各的量表算，不要换算",
    )


def _fix_for(strange: Floats, low: float, high: float) -> str:
    if not np.all(strange == np.floor(strange)):
        return "Pass the single answers, not averages: every answer of the scale is a whole number."
    codes = f"If they mean 'not applicable', name them in not_applicable: [{_listed(strange)}]"
    fitting = [
        name
        for name, least, most in KNOWN_RANGES
        if least <= min(low, strange.min())
        and most >= max(high, strange.max())
        # Where nothing is negative, a value beyond every scale is a code: 99, not 99 of -100..100.
        and (least >= 0 or strange.min() < 0)
    ]
    if not fitting:
        return f"{codes}; if part of the column was asked on another scale, split it."
    other = f"{low:g}..{high:g} with {fitting[0]}"
    mixed = f"column seems to mix {other}: split it, and score each on its own scale."
    surely = len(strange) > 3 or np.abs(strange).max() >= 100
    return f"The {mixed}" if surely else f"{codes}; otherwise the {mixed}"


def _refuse_a_smaller_scale(scale: Scale, values: Floats, part: str, column: str, beyond: float) -> None:
    """A column of 1..5 read as 0..10 makes everybody a detractor, and no answer of it is off the scale.

    `beyond` is the share of the whole column above 5. On a scale without a name that ends little above 5, all
    may really be low: there a part is only refused where others of its column made that all but impossible.
    """
    low, high = bounds_of(scale)
    doubtful = high > 5 and len(values) >= ENOUGH_TO_DOUBT and values.min() >= 1 and values.max() <= 5
    if not doubtful or len(np.unique(values)) < 4:
        return
    if scale not in RANGE and high < 2 * 5 - 1 and (1 - beyond) ** len(values) > BY_CHANCE:
        return
    where = f" of '{part}'" if part else ""
    raise PeakendError(
        f"all {len(values):,} answers{where} lie in {values.min():g}..{values.max():g}, "
        f"and the scale is {low:g}..{high:g}",
        place=Place(column),
        fix="It was probably asked on 1..5: score it as csat, and mind that in old effort questions 1 "
        "is the best.",
        what_zh=f"{f'“{part}”的' if part else ''}{len(values):,} 个回答都在 {values.min():g} 至 "
        f"{values.max():g} 之间，而量表是 {low:g} 至 {high:g}",
        fix_zh="当时很可能是按 1 到 5 分问的：请把这一部分单独成列，按 1..5 计分，不要换算",
    )


def _by_part(
    kept: Floats, parts: ArrayLike | None, usable: NDArray[np.bool_], column: str
) -> Iterable[tuple[str, Floats]]:
    if parts is None:
        return [("", kept)]
    names = _names(parts, usable, "parts", column)
    return [(str(name), kept[names == name]) for name in np.unique(names)]


def _names(given: ArrayLike | None, usable: NDArray[np.bool_], name: str, column: str) -> Texts:
    if given is None:
        return np.arange(np.count_nonzero(usable)).astype(np.str_)
    array = np.asanyarray(given)
    if array.shape != usable.shape:
        raise PeakendError(
            f"'{name}' has shape {array.shape} beside {len(usable)} answers",
            place=Place(column),
            fix="Give one value for every row of the answers, in the same order.",
        )
    return _named(array[usable], name, column)


def _named(array: NDArray[np.generic], name: str, column: str) -> Texts:
    texts = as_names(array)
    missing = np.isin(texts, ["", "nan", "None", "NaT", "<NA>", "--"])
    if missing.any():
        raise PeakendError(
            f"{np.count_nonzero(missing):,} of {len(texts):,} answers have no value in '{name}'",
            place=Place(column),
            fix=f"Leave these rows out, or do not pass '{name}'.",
        )
    return texts


def _need_customers(answers: Answers) -> None:
    if not answers.identified:
        raise PeakendError(
            "without customers nobody knows which answers are of the same one",
            fix="Pass customers= to read_answers.",
        )


def _refuse_weighed(answers: Answers, what: str) -> None:
    if answers.weighting is not None:
        raise PeakendError(
            f"the answers are already weighed, too late to {what}", fix=f"First {what}, then weigh."
        )


def _listed(values: Floats) -> str:
    return ", ".join(f"{value:g}" for value in values[:6])
