"""Pieces of tables -> tables: stitching over page breaks.

What the seam does, in this order, and the note it leaves on the table:

- ``stitched``: the piece was appended to the table that ended the page before. Only if nothing
  stands between the two, both are equally wide, and the rulings of one are among those of the
  other.
- ``repeated_header``: rows that repeat the first rows of the table were dropped.
- ``joined_row``: a row cut in two by the page break was joined. Only if no column has a value in
  both halves, the second half does not start a numbered row, and the first half shows that it is
  cut (an open parenthesis, a numbered label gone on, or no ruling below it).
- A label that spans rows goes on below the break.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from govreport_parse.documents.model import Table
from govreport_parse.documents.pdf_page import PieceCell, TablePiece

_EDGE = 6.0
_COLUMN = 4.5
"""Points within which rulings of two pages are the same."""

_VALUE = re.compile(
    r"[+\-−－减]?\s*[\d０-９][\d０-９.,，．\s]*(?:万元|元|件|项|个|条)?|[-—–－/／\s]+|无|空"
)
_NUMBERED = re.compile(r"[（(]?[一二三四五六七八九十]+[）)、.．]|[（(]?\d+\s*[）)、.．](?!\d)")


def is_value(text: str) -> bool:
    """A number or a sign for none, as cells of the forms hold them."""
    return bool(text) and _VALUE.fullmatch(text) is not None


def _is_label(text: str) -> bool:
    return bool(text) and not is_value(text)


def _is_numbered(text: str) -> bool:
    return _NUMBERED.match("".join(text.split())) is not None


@dataclass(slots=True)
class _Slot:
    """A cell of a table under construction."""

    text: str
    row: int
    column: int
    rowspan: int
    colspan: int
    bbox: tuple[float, float, float, float]


@dataclass(slots=True)
class OpenTable:
    """A table that may go on on the next page."""

    page: int
    xs: list[float]
    slots: list[_Slot]
    n_rows: int
    row_pages: list[int]
    open_bottom: bool
    notes: list[str] = field(default_factory=list)

    @classmethod
    def start(cls, piece: TablePiece) -> OpenTable:
        """A table that begins with this piece."""
        return cls(
            piece.page,
            list(piece.xs),
            [_slot(c) for c in piece.cells],
            piece.n_rows,
            [piece.page] * piece.n_rows,
            piece.open_bottom,
            list(piece.notes),
        )

    @property
    def is_single(self) -> bool:
        """One cell only: a frame around text, not a table."""
        return len(self.slots) == 1

    def append(self, piece: TablePiece) -> bool:
        """Take over a piece from the next page; ``False`` if it is no continuation."""
        if piece.page != self.page + 1 or not piece.cells:
            return False
        xs = _common_columns(
            self.xs, piece.xs, "unruled" in self.notes and "unruled" in piece.notes
        )
        if xs is None:
            return False
        slots = [_slot(c) for c in piece.cells]
        _recolumn(self.slots, self.xs, xs)
        _recolumn(slots, piece.xs, xs)
        self.xs = xs
        n_rows = self._drop_header(slots, piece.n_rows)
        offset = self.n_rows
        if n_rows and self._join_row(slots):
            offset -= 1
            self._note("joined_row")
        elif n_rows:
            self._extend_labels(slots)
        for slot in slots:
            slot.row += offset
        self.slots += slots
        self.row_pages += [piece.page] * (offset + n_rows - self.n_rows)
        self.n_rows = offset + n_rows
        self.page, self.open_bottom = piece.page, piece.open_bottom
        for note in ("stitched", *piece.notes):
            self._note(note)
        return True

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _drop_header(self, slots: list[_Slot], n_rows: int) -> int:
        """Drop rows that repeat the head of the table; the number of rows left."""
        repeated = 0
        while repeated < min(n_rows, self.n_rows):
            ours = _row_key(self.slots, repeated)
            if not ours or ours != _row_key(slots, repeated) or any(is_value(k[2]) for k in ours):
                break
            repeated += 1
        # A head ends where no label spans on; a single repeated blank row is no head.
        while repeated and any(s.row < repeated < s.row + s.rowspan for s in slots):
            repeated -= 1
        if not repeated or not any(s.text for s in slots if s.row < repeated):
            return n_rows
        slots[:] = [s for s in slots if s.row >= repeated]
        for slot in slots:
            slot.row -= repeated
        self._note("repeated_header")
        return n_rows - repeated

    def _last_row(self) -> dict[tuple[int, int], _Slot]:
        return {(s.column, s.colspan): s for s in self.slots if s.row + s.rowspan == self.n_rows}

    def _join_row(self, slots: list[_Slot]) -> bool:
        """Join the first row of the next page with our last one if it was cut."""
        upper = self._last_row()
        lower = {(s.column, s.colspan): s for s in slots if s.row == 0}
        if upper.keys() != lower.keys() or not self._is_cut(upper, lower):
            return False
        for place, slot in lower.items():
            ours = upper[place]
            ours.text = "\n".join(t for t in (ours.text, slot.text) if t)
            ours.rowspan += slot.rowspan - 1
        slots[:] = [s for s in slots if s.row > 0]
        return True

    def _is_cut(
        self, upper: dict[tuple[int, int], _Slot], lower: dict[tuple[int, int], _Slot]
    ) -> bool:
        for place, slot in lower.items():
            above = upper[place].text
            if slot.text and above and not (_is_label(slot.text) and _is_label(above)):
                return False
            if _is_numbered(slot.text):
                return False
        below_values = any(is_value(s.text) for s in lower.values())
        if below_values and any(is_value(s.text) for s in upper.values()):
            return False
        labels = [s.text for place, s in sorted(upper.items()) if _is_label(s.text)]
        goes_on = any(_is_label(s.text) for s in lower.values())
        if not any(s.text for s in lower.values()):
            return self.open_bottom
        if not labels:
            return False
        if goes_on:
            own = [upper[place].text for place, s in lower.items() if _is_label(s.text)]
            return all(_is_unfinished(text) for text in own)
        return self.open_bottom and _is_numbered(labels[-1])

    def _extend_labels(self, slots: list[_Slot]) -> None:
        """Let labels that span rows go on below the page break."""
        upper = self._last_row()
        first = [s for s in slots if s.row == 0]
        for slot in first:
            ours = upper.get((slot.column, slot.colspan))
            deeper = any(s.column > slot.column and _is_label(s.text) for s in first)
            if ours is None or not deeper or not _is_label(ours.text):
                continue
            if slot.text:
                goes_on = (
                    slot.rowspan > 1
                    and ours.rowspan > 1
                    and _is_numbered(ours.text)
                    and not _is_numbered(slot.text)
                )
                if not goes_on:
                    continue
                ours.text += "\n" + slot.text
            ours.rowspan += slot.rowspan
            slots.remove(slot)

    def finish(self, number: int) -> Table:
        """The table as a block of the document."""
        table = Table(number, page=self.row_pages[0] if self.row_pages else self.page)
        ordered = sorted(self.slots, key=lambda s: (s.row, s.column))
        for s in ordered:
            table.add(s.text, s.row, s.column, s.rowspan, s.colspan)
        table.bboxes = [s.bbox for s in ordered]
        table.pages = self.row_pages
        table.notes = self.notes
        return table


def _is_unfinished(text: str) -> bool:
    opened = text.count("（") + text.count("(")
    return opened > text.count("）") + text.count(")") or _is_numbered(text)


def _slot(cell: PieceCell) -> _Slot:
    return _Slot(cell.text, cell.row, cell.column, cell.rowspan, cell.colspan, cell.bbox)


def _row_key(slots: list[_Slot], row: int) -> list[tuple[int, int, str]]:
    return sorted((s.column, s.colspan, "".join(s.text.split())) for s in slots if s.row == row)


def _common_columns(ours: list[float], theirs: list[float], loose: bool) -> list[float] | None:
    """The finer set of column borders, ``None`` if the tables differ."""
    if loose:
        same = len(ours) == len(theirs) and all(
            abs(a - b) < 3 * _EDGE for a, b in zip(ours[1:-1], theirs[1:-1], strict=True)
        )
        return list(ours) if same else None
    if abs(ours[0] - theirs[0]) > _EDGE or abs(ours[-1] - theirs[-1]) > _EDGE:
        return None
    few, many = sorted((ours, theirs), key=len)
    if all(any(abs(a - b) <= _COLUMN for b in many) for a in few[1:-1]):
        return list(many)
    return None


def _recolumn(slots: list[_Slot], old: list[float], new: list[float]) -> None:
    if len(old) == len(new):
        return
    places = [min(range(len(new)), key=lambda k, x=x: abs(new[k] - x)) for x in old]  # type: ignore[misc]
    for slot in slots:
        end = places[slot.column + slot.colspan]
        slot.column = places[slot.column]
        slot.colspan = max(1, end - slot.column)
