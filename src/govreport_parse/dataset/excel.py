"""A dataset as one Excel workbook (extra ``excel``): codebook first, headers frozen.

Texts are written as texts whatever they begin with, so no cell is ever a formula or a link.
"""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from govreport_parse.dataset.exports import (
    arriving,
    count_for,
    needs,
    rows_for,
    schema_for,
    sheets,
)
from govreport_parse.dataset.methods import methods_note

if TYPE_CHECKING:
    from govreport_parse.dataset.read import Dataset

ROWS = 1_048_576
"""Rows that a sheet can hold, header included."""
LONGEST = 32_767
"""Characters that a cell can hold."""
CUT = " …[cut]"
_DIGITS = 10**15
"""Excel makes zeros of the digits behind the fifteenth."""
_FIRST = datetime.date(1900, 3, 1)
"""Excel knows no dates before 1900, and counts a 29 February of that year."""
_AWKWARD = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
LOST = "\N{REPLACEMENT CHARACTER}"
_EPOCH = datetime.datetime(1980, 1, 1)


def write_excel(dataset: Dataset, target: Path) -> Path:
    """Write the workbook. Sheets: codebook, methods, wide, panel, coverage, then the
    tables.

    A table with more rows than a sheet holds is left out, longer texts than a cell holds are cut;
    the sheet ``methods`` says so. Whole numbers of more than 15 digits and dates before 1900 are
    texts: Excel would change them. Line breaks are LF, control characters U+FFFD. Raises
    ``UsageError`` without XlsxWriter.
    """
    xlsxwriter = needs("excel", "XlsxWriter", _load)
    with arriving(target) as part:
        book = xlsxwriter.Workbook(
            str(part),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
            },
        )
        try:
            _fill(book, dataset)
        finally:
            # also after an error: the sheets' temporary files must be closed
            _close(book, xlsxwriter.exceptions.FileCreateError)
    return target


def _fill(book: Any, dataset: Dataset) -> None:
    book.set_properties({"created": _EPOCH})
    writer = _Writer(book)
    counts = {n: count_for(dataset, n) for n in sheets()}
    names = [n for n, rows in counts.items() if rows < ROWS]
    left = {n: rows for n, rows in counts.items() if rows >= ROWS}
    first, *others = names
    writer.add(dataset, first)
    notes = book.add_worksheet("methods")
    for name in others:
        writer.add(dataset, name)
    _write_notes(notes, _notes(dataset, left, writer.cut))


def _close(book: Any, failed: type[Exception]) -> None:
    try:
        book.close()
    except failed as error:
        cause = error.args[0] if error.args else error
        raise OSError(getattr(cause, "errno", None), str(cause)) from error


def _load() -> Any:
    import xlsxwriter
    import xlsxwriter.exceptions

    return xlsxwriter


class _Writer:
    """Sheets of one workbook; counts the texts that had to be cut."""

    def __init__(self, book: Any) -> None:
        self.cut: dict[str, int] = {}
        self._book = book
        self._bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._date = book.add_format({"num_format": "yyyy-mm-dd"})

    def add(self, dataset: Dataset, name: str) -> None:
        """One sheet: a frozen header, then the rows."""
        sheet = self._book.add_worksheet(name)
        schema = schema_for(name)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(schema) - 1, 14)
        for k, column in enumerate(schema.names):
            sheet.write_string(0, k, column, self._bold)
        at = 1
        for table in rows_for(dataset, name):
            for batch in table.to_batches(max_chunksize=4096):
                self._write(sheet, name, at, batch)
                at += batch.num_rows
        sheet.autofilter(0, 0, max(at - 1, 1), len(schema) - 1)

    def _write(self, sheet: Any, name: str, at: int, batch: pa.RecordBatch) -> None:
        columns = [c.to_pylist() for c in batch.columns]
        for r, row in enumerate(zip(*columns, strict=True), at):
            for k, value in enumerate(row):
                if value is None:
                    continue
                if isinstance(value, str):
                    sheet.write_string(r, k, self._fitting(value, name))
                elif isinstance(value, datetime.date) and value < _FIRST:
                    sheet.write_string(r, k, value.isoformat())
                elif isinstance(value, datetime.date):
                    sheet.write_datetime(r, k, value, self._date)
                elif isinstance(value, int) and abs(value) >= _DIGITS:
                    sheet.write_string(r, k, str(value))
                else:
                    sheet.write_number(r, k, value)

    def _fitting(self, text: str, name: str) -> str:
        text = _plain(text)
        # Excel counts characters beyond the first 65,536 of Unicode twice
        if len(text) <= LONGEST // 2 or len(text.encode("utf-16-le")) <= 2 * LONGEST:
            return text
        self.cut[name] = self.cut.get(name, 0) + 1
        start = text.encode("utf-16-le")[: 2 * (LONGEST - len(CUT))]
        return start.decode("utf-16-le", "ignore") + CUT


def _plain(text: str) -> str:
    """The text with a cell's line breaks, and without what XML can't hold: Excel alone reads the
    escapes (``_x000D_``) that would stand for it."""
    if _AWKWARD.search(text) is None:
        return text
    return _AWKWARD.sub(LOST, text.replace("\r\n", "\n").replace("\r", "\n"))


def _notes(dataset: Dataset, left: dict[str, int], cut: dict[str, int]) -> str:
    lines = [methods_note(dataset)]
    lines += [
        f"The table {name!r} has {rows:,} rows, more than a sheet holds: export it as csv or stata."
        for name, rows in left.items()
    ]
    lines += [
        f"In {name!r} {n:,} long texts were cut to {LONGEST:,} characters."
        for name, n in cut.items()
    ]
    return "\n".join(lines)


def _write_notes(sheet: Any, text: str) -> None:
    sheet.set_column(0, 0, 100)
    for r, line in enumerate(text.split("\n")):
        if line:
            sheet.write_string(r, 0, line)
