"""The digits of one row to its readings: cut into numbers, put into columns, kept if they add up.

In: strings of ASCII digits in reading order and what may have happened to them (``OpenRow``).
Out: every assignment of the digits to places that keeps the row's own sum, each once. The last
column is the total of the others. Pure functions; every step is paid from a ``Budget``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from govreport_parse.errors import UsageError
from govreport_parse.number_scanner import MAX_DIGITS

Values = tuple[int | None, ...]
"""One row's values in column order; ``None`` is a place without a number (blank or lost)."""


@dataclass(frozen=True, slots=True)
class OpenRow:
    """What the source shows of one row whose values are not certain.

    ``row`` is the row's key in the form. ``tokens`` are strings of ASCII digits in reading order;
    a row of blanks has none. ``joined``: a token may hold several numbers. ``split``: tokens that
    follow each other may belong to one number (``1 2`` for 12). ``lost``: there may be fewer
    numbers than columns, since blank cells of the source left no trace.
    """

    row: str
    tokens: tuple[str, ...]
    joined: bool = False
    split: bool = False
    lost: bool = False


class BudgetSpentError(Exception):
    """Leaves a search from any depth; never leaves this module."""


class Budget:
    """Elementary steps that are left; ``spend`` raises ``BudgetSpentError`` when they are gone."""

    __slots__ = ("left",)

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        """Pay for steps about to be done."""
        self.left -= steps
        if self.left < 0:
            raise BudgetSpentError


# --- Digits to numbers --------------------------------------------------------------------------


class Digits(NamedTuple):
    """The digits of a row as one string; ``ends[p]`` are the places where a number that begins
    at ``p`` may end, ascending."""

    text: str
    ends: tuple[tuple[int, ...], ...]
    sums: tuple[int, ...]
    """``sums[p]``: digit sum of ``text[:p]``."""


def cut_marks(tokens: Sequence[str], joined: bool, split: bool) -> Digits:
    """The tokens as one text with the places where numbers may end (flags as in ``OpenRow``)."""
    text = "".join(tokens)
    borders = set()
    at = 0
    for token in tokens:
        at += len(token)
        borders.add(at)
    n = len(text)
    ends = []
    for p in range(n):
        stops = []
        for q in range(p + 1, min(n, p + MAX_DIGITS) + 1):
            border = q in borders
            if border or joined:
                stops.append(q)
            if text[p] == "0" or (border and not split):
                break
        ends.append(tuple(stops))
    sums = [0]
    for c in text:
        sums.append(sums[-1] + int(c))
    return Digits(text, tuple(ends), tuple(sums))


def check_tokens(tokens: Sequence[str]) -> None:
    """Raise ``UsageError`` unless every token is a string of ASCII digits."""
    for token in tokens:
        if not (token.isascii() and token.isdigit()):
            raise UsageError(
                f"a token is a string of ASCII digits, not {token!r}",
                hint="leave out marks and blanks",
            )


class RowCutter:
    """Cuts the digits of one row of a table with ``columns`` columns, the last the total."""

    __slots__ = ("budget", "columns", "digits", "exact")

    def __init__(self, row: OpenRow, columns: int, budget: Budget) -> None:
        self.digits = cut_marks(row.tokens, row.joined, row.split)
        self.columns = columns
        self.exact = not row.lost
        self.budget = budget

    def parts(self, start: int, stop: int, total: int, most: int) -> Iterator[tuple[int, ...]]:
        """All cuts of ``text[start:stop]`` into ``most`` numbers (or fewer) of sum ``total``."""
        self.budget.spend()
        if start == stop:
            if total == 0 and (most == 0 or not self.exact):
                yield ()
            return
        text, ends, sums = self.digits
        length = stop - start
        # A number is at least its digit sum and has no more digits than the total.
        width = len(str(total))
        if length > most * width or sums[stop] - sums[start] > total:
            return
        if self.exact and length < most:
            return
        for q in ends[start]:
            if q > stop or q - start > width:
                break
            number = int(text[start:q])
            if number > total:
                break
            for rest in self.parts(q, stop, total - number, most - 1):
                yield (number, *rest)

    def numbers(self) -> Iterator[tuple[int, ...]]:
        """All cuts into numbers of which the last is the sum of the others."""
        text, ends, sums = self.digits
        n = len(text)
        if n > self.columns * MAX_DIGITS:
            return
        for s in range(n - 1, max(-1, n - 1 - MAX_DIGITS), -1):
            if n not in ends[s]:
                continue
            total = int(text[s:])
            # Casting out nines: numbers and their digit sum leave the same rest.
            if (sums[s] - total) % 9 == 0:
                for parts in self.parts(0, s, total, self.columns - 1):
                    yield (*parts, total)

    def zeros(self) -> Iterator[Values]:
        """Zeros only, with the printed total among what was lost."""
        text, ends, _ = self.digits
        n = len(text)
        if not self.exact and n < self.columns and not text.strip("0") and all(ends):
            yield from zeros(n, self.columns)

    def readings(self) -> Iterator[Values]:
        """All assignments that keep the row's own sum, each once."""
        if not self.digits.text:
            if not self.exact:
                yield (None,) * self.columns
            return
        for numbers in self.numbers():
            for row in place(numbers, self.columns):
                self.budget.spend()
                yield row
        yield from self.zeros()


def place(numbers: tuple[int, ...], columns: int) -> Iterator[Values]:
    """All ways to put the parts in order into the columns; the last number is the total."""
    *parts, total = numbers
    for places in combinations(range(columns - 1), len(parts)):
        row: list[int | None] = [None] * columns
        for place, number in zip(places, parts, strict=True):
            row[place] = number
        row[-1] = total
        yield tuple(row)


def zeros(count: int, columns: int) -> Iterator[Values]:
    """All ways to put zeros into the columns before the total, which is blank."""
    for places in combinations(range(columns - 1), count):
        yield tuple(0 if c in places else None for c in range(columns))


def row_candidates(row: OpenRow, columns: int = 7, *, budget: int = 50_000) -> tuple[Values, ...]:
    """All readings of one row by its own sum alone (the last column is the total).

    Empty if there is none, or if the budget runs out before all are known.
    """
    check_tokens(row.tokens)
    try:
        return tuple(RowCutter(row, columns, Budget(budget)).readings())
    except BudgetSpentError:
        return ()


def triple_candidates(digits: str, n: int) -> tuple[tuple[int, ...], ...]:
    """All cuts of joined digits into ``n`` numbers. Table 2 has no sum: candidates, no choice.

    ``triple_candidates("693665", 3)`` holds (69, 3, 665) and (69, 36, 65). Empty for a string
    that has no such cut or is longer than 40 digits.
    """
    check_tokens((digits,) if digits else ())
    if len(digits) > 40 or n < 1:
        return ()
    shape = cut_marks((digits,), joined=True, split=False)
    out: list[tuple[int, ...]] = []

    def cut(start: int, left: int, taken: tuple[int, ...]) -> None:
        if left == 0:
            if start == len(digits):
                out.append(taken)
            return
        for q in shape.ends[start] if start < len(digits) else ():
            if len(digits) - q >= left - 1:
                cut(q, left - 1, (*taken, int(digits[start:q])))

    cut(0, n, ())
    return tuple(out)


class BlockTree:
    """All assignments of the row of table 4, block after block, each place of the text once."""

    def __init__(
        self, digits: Digits, blocks: int, columns: int, lost: bool, purse: Budget
    ) -> None:
        self.digits = digits
        self.blocks = blocks
        self.columns = columns
        self.lost = lost
        self.purse = purse
        self.options: dict[int, list[tuple[int, Values]]] = {}
        self.counted: dict[tuple[int, int], int] = {}

    def ways(self, block: int, start: int) -> int:
        """Number of ways to read the text from ``start`` as the blocks from ``block`` on."""
        n = len(self.digits.text)
        if block == self.blocks:
            return int(start == n)
        key = (block, start)
        if key not in self.counted:
            places = (self.blocks - block) * self.columns
            if n - start > places * MAX_DIGITS or (not self.lost and n - start < places):
                self.counted[key] = 0
            else:
                self.counted[key] = sum(
                    self.ways(block + 1, stop) for stop, _ in self.readings_from(start)
                )
        return self.counted[key]

    def at(self, block: int) -> list[Values]:
        """The different values that a block has in the assignments of the whole row."""
        starts = {0}
        for b in range(block):
            starts = {
                stop
                for start in starts
                if self.ways(b, start)
                for stop, _ in self.readings_from(start)
                if self.ways(b + 1, stop)
            }
        values = (
            v
            for start in sorted(starts)
            for stop, v in self.readings_from(start)
            if self.ways(block + 1, stop)
        )
        return list(dict.fromkeys(values))

    def readings_from(self, start: int) -> list[tuple[int, Values]]:
        """Readings of one block that begins at ``start``: where it ends, and its values."""
        if start not in self.options:
            self.options[start] = list(self.read(start))
        return self.options[start]

    def read(self, start: int) -> Iterator[tuple[int, Values]]:
        """The readings of ``readings_from``, one by one."""
        if self.lost:
            yield start, (None,) * self.columns
        for stop, numbers in self.cut(start, self.columns - 1, 0, ()):
            for row in place(numbers, self.columns):
                self.purse.spend()
                yield stop, row
        if self.lost:
            yield from self.zeros(start)

    def zeros(self, start: int) -> Iterator[tuple[int, Values]]:
        """Zeros whose total is among the lost."""
        for count in range(1, self.columns):
            stop = start + count
            if stop > len(self.digits.text) or self.digits.text[start:stop].strip("0"):
                return
            if stop not in self.digits.ends[stop - 1]:
                return
            for row in zeros(count, self.columns):
                self.purse.spend()
                yield stop, row

    def cut(
        self, start: int, left: int, total: int, taken: tuple[int, ...]
    ) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Numbers from ``start`` on, then their sum as it must be printed."""
        self.purse.spend()
        digits = self.digits
        n = len(digits.text)
        printed = str(total)
        if left == 0 or self.lost:
            stop = start + len(printed)
            if digits.text.startswith(printed, start) and stop in digits.ends[start]:
                yield stop, (*taken, total)
        if left == 0 or start >= n:
            return
        # The number must leave room for the others and for a sum no shorter than itself.
        room = n - (0 if self.lost else left - 1)
        for q in digits.ends[start]:
            if q + (q - start) > room:
                break
            number = int(digits.text[start:q])
            yield from self.cut(q, left - 1, total + number, (*taken, number))
