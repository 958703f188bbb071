"""The recipe of a user with another tool: from grids of texts to the form's figures, and the count
of those that are right.

It is what one writes in an afternoon, the same for all tools: a row of tables 2 and 3 is found by
its printed label, table 4 is the first row of fifteen numbers after its header; the figures of
table 2 stand behind the label, those of table 3 in the last seven cells.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from govreport_parse.formbook.spec import PROACTIVE, REQUESTS, REVIEW, Layout
from govreport_parse.values import Number

Grid = Sequence[Sequence[str | None]]
_NOT_WORDS = re.compile(r"[\W_]+")
_KINDS, _RESULTS = 7, 15
_LAST_HEADER = "复议后起诉"


@dataclass(frozen=True, slots=True)
class Count:
    """``wrong``: another number than printed, or one where nothing is printed. ``missing``: none
    where one is printed, or its place not found."""

    right: int
    wrong: int
    missing: int

    @property
    def of(self) -> int:
        """All figures of the form."""
        return self.right + self.wrong + self.missing


def count(truth: Mapping[str, Number | None], found: Mapping[str, Number | None]) -> Count:
    """Compare; a figure that is not in ``found`` was not found (``None``: found, and no number
    there, which is right for a blank cell). Further figures are ignored."""
    right = wrong = missing = 0
    for path, value in truth.items():
        got = found.get(path)
        if path in found and got == value:
            right += 1
        elif got is None:
            missing += 1
        else:
            wrong += 1
    return Count(right, wrong, missing)


def figures(grids: Iterable[Grid], layout: Layout) -> dict[str, Number | None]:
    """Figures by path; the first row with a label wins."""
    wanted = _rows(layout)
    found: dict[str, Number | None] = {}
    review = [f"{REVIEW}/{r.key}/{c.key}" for b in layout.table(REVIEW).blocks
              for r in b.data_rows for c in b.columns]  # fmt: skip
    for grid in grids:
        header = False
        for row in grid:
            cells = [text or "" for text in row]
            words = [_words(text) for text in cells]
            labels = [i for i, word in enumerate(words) if word in wanted]
            if labels:
                paths = wanted[words[labels[-1]]]
                near = cells[labels[-1] + 1 :]
                values = near[: len(paths)] if paths[0].startswith(PROACTIVE) else near[-_KINDS:]
                if paths[0] not in found and len(values) == len(paths):
                    found |= zip(paths, map(number, values), strict=True)
            elif header and review[0] not in found and _is_numbers(cells[-_RESULTS:]):
                found |= zip(review, map(number, cells[-_RESULTS:]), strict=True)
            header = header or _LAST_HEADER in words
    return found


def _rows(layout: Layout) -> dict[str, list[str]]:
    """The words of a label to the paths of its row."""
    out: dict[str, list[str]] = {}
    for key in (PROACTIVE, REQUESTS):
        for block in layout.table(key).blocks:
            for row in block.data_rows:
                out[_words(row.printed)] = [f"{key}/{row.key}/{c.key}" for c in block.columns]
    return out


def _words(text: str) -> str:
    """A label without white space and punctuation."""
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text))


def _is_numbers(cells: Sequence[str]) -> bool:
    return len(cells) == _RESULTS and all(
        number(text) is not None or not text.strip() for text in cells
    )


def number(text: str) -> Number | None:
    """A plain number, else ``None``."""
    try:
        value = Decimal("".join(unicodedata.normalize("NFKC", text).split()))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def grid_of_text(text: str) -> Grid:
    """Lines with pipes, as rows. A line that begins with a pipe has a frame, and blank cells at its
    end count; another ends in pipes that only fill up the row.
    """
    return [
        [cell.strip() for cell in _bare(line.strip()).split("|")]
        for line in text.splitlines()
        if "|" in line
    ]


def _bare(line: str) -> str:
    return line.strip("|") if line.startswith("|") else line.rstrip(" |")
