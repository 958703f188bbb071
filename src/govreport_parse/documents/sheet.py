"""Workbooks (XLSX, XLSM, XLS, ET, ODS): each visible sheet a ``Table``, read by python-calamine.

In go bytes, out comes a ``Document``. calamine builds a dense grid as large as the farthest cells,
and shows errors and formulas that were never computed as blanks; so the cells are surveyed first
(``sheet_survey``): sizes are bounded before it runs, and such cells are shown as ``#ERROR`` or
``#FORMULA``, ink that is no number. Numbers become plain texts as a person sees them in an
unformatted cell (15 digits), dates ISO. Hidden sheets are left out and named in a finding; figures
that the workbook does not show, or shows otherwise (white, struck out, ``0!.0,``), are set apart or
left out (``sheet_looks``), cells under pictures are ``⟦图片⟧``.

HTML or text named .xls is not a workbook and is refused; so are encrypted files and XLSB.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from typing import Any

from govreport_parse.documents import sheet_looks as looks
from govreport_parse.documents.grid import slice_rows
from govreport_parse.documents.model import Block, Document, Paragraph, Table
from govreport_parse.documents.sheet_survey import MAX_CELLS, Area, Survey, survey
from govreport_parse.documents.unseen import CLOSE, OPEN, set_apart
from govreport_parse.errors import DecodeError, LimitExceededError, UnsupportedFormatError
from govreport_parse.values import Finding, Locator

_SAVE_AGAIN = "open the file in Excel, WPS or LibreOffice and save it as XLSX"
_WIDEST_MERGE = 64
"""Merges wider than this span whole sheet rows; they don't tell the width of a table."""


def read_sheet(data: bytes) -> Document:
    """The visible sheets of a workbook, one ``Table`` each (a sheet of one column: paragraphs).

    Rows and columns are those of the sheet (A1 is 0, 0), blanks are kept to the used width, and
    ``Table.sheet`` is the sheet's name. Raises ``UnsupportedFormatError`` (no workbook, encrypted,
    calamine missing), ``DecodeError`` (damaged) or ``LimitExceededError`` (over 200,000 cells).
    """
    calamine = _calamine()
    seen = survey(data)
    failures = (
        calamine.CalamineError, calamine.WorksheetNotFound, OSError, ValueError, OverflowError,
    )  # fmt: skip
    document = Document([], "sheet", media_type=seen.media_type, has_pictures=seen.has_pictures)
    hidden: list[str] = []
    try:
        book = calamine.CalamineWorkbook.from_filelike(BytesIO(data))
        sheets = [
            (i, m) for i, m in enumerate(book.sheets_metadata)
            if m.typ == calamine.SheetTypeEnum.WorkSheet
        ]  # fmt: skip
        for i, meta in sheets:
            if meta.visible != calamine.SheetVisibleEnum.Visible:
                hidden.append(meta.name)
                continue
            sheet = book.get_sheet_by_index(i)
            _check_area(sheet.total_height, sheet.total_width)
            values = sheet.to_python(skip_empty_area=False)
            merges = _merges(sheet.merged_cell_ranges, seen, meta.name)
            _add_sheet(document, meta.name, values, merges, seen)
    except calamine.PasswordError as error:
        raise _encrypted() from error
    except failures as error:
        if isinstance(error, LimitExceededError):
            raise
        raise DecodeError(
            f"the workbook could not be read: {error}",
            hint=_SAVE_AGAIN,
        ) from error
    except BaseException as error:
        # A Rust panic arrives as an exception that is no Exception and has no importable class.
        if type(error).__name__ != "PanicException":
            raise
        raise DecodeError("the workbook broke its reader", hint=_SAVE_AGAIN) from None
    if hidden:
        document.findings.append(_hidden_sheets(hidden))
    document.findings += _hidden_lines(seen)
    return document


def _calamine() -> Any:
    try:
        import python_calamine
    except ImportError as error:
        raise UnsupportedFormatError(
            "reading workbooks needs python-calamine, which is not installed",
            hint='pip install "govreport_parse[office]"',
        ) from error
    return python_calamine


def _encrypted() -> UnsupportedFormatError:
    return UnsupportedFormatError(
        "the workbook is encrypted", hint="remove the password and save the file again"
    )


def _check_area(rows: int, columns: int) -> None:
    if rows * columns > MAX_CELLS:
        raise LimitExceededError(
            f"a sheet has {rows} rows by {columns} columns",
            hint="a report has some 700 cells; delete stray cells far from the tables",
            context={"rows": rows, "columns": columns, "limit": MAX_CELLS},
        )


def _hidden_sheets(names: list[str]) -> Finding:
    return Finding(
        "hidden_sheet",
        "info",
        f"{len(names)} hidden sheet(s) were not read",
        f"未读取 {len(names)} 个隐藏工作表",
        detail=(("sheets", names[:20]),),
    )


def _merges(ranges: Any, seen: Survey, name: str) -> list[Area]:
    """Merged areas (top, left, bottom, right); calamine knows none for ODS, the survey does."""
    if ranges is None:
        return seen.merges.get(name, [])
    return [(top, left, bottom, right) for (top, left), (bottom, right) in ranges]


def _add_sheet(
    document: Document,
    name: str,
    values: list[list[Any]],
    merges: list[Area],
    seen: Survey,
) -> None:
    unshown = seen.unshown.get(name, {})
    texts = [[plain_text(value) for value in row] for row in values]
    height, width = len(texts), max(map(len, texts), default=0)
    for row, column in unshown:
        height, width = max(height, row + 1), max(width, column + 1)
    for _, left, _, right in merges:
        if right - left < _WIDEST_MERGE and left < width:
            width = max(width, right + 1)
    _check_area(height, width)
    for line in texts:
        line.extend([""] * (width - len(line)))
    texts += [[""] * width for _ in range(height - len(texts))]
    for (row, column), text in unshown.items():
        texts[row][column] = texts[row][column] or text
    document.findings += _as_shown(texts, seen, name)
    if not any(text.strip() for row in texts for text in row):
        return
    if width == 1:
        document.blocks += _lines(texts)
        return
    _emit(document, _table(name, texts, merges), texts)


def _as_shown(texts: list[list[str]], seen: Survey, name: str) -> Iterator[Finding]:
    """Changes the texts of a sheet to what a person sees of them."""
    doubtful: list[str] = []
    struck = zeros = pictures = 0
    for (row, column), text in seen.texts.get(name, {}).items():
        if row < len(texts) and column < len(texts[row]):
            struck += OPEN not in text and "[" not in text
            doubtful += [text] if OPEN in text else []
            texts[row][column] = text
    hides_zeros = name in seen.no_zeros
    for (row, column), look in seen.odd.get(name, {}).items():
        if row >= len(texts) or column >= len(texts[row]) or not texts[row][column].strip():
            continue
        text = texts[row][column]
        if look == looks.STRUCK:
            texts[row][column] = ""
            struck += 1
        elif look == looks.NO_ZERO:
            hides_zeros = hides_zeros or text == "0"
        elif (apart := looks.set_apart(text)) != text:
            texts[row][column] = apart
            doubtful.append(text)
    for top, left, bottom, right in seen.objects.get(name, []):
        for line in texts[top : min(bottom, top + _LARGEST_OBJECT) + 1]:
            for column in range(left, min(right, left + _LARGEST_OBJECT, len(line) - 1) + 1):
                if not line[column].strip() and any(line[:column]):
                    line[column] = set_apart("图片")
                    pictures += 1
    if hides_zeros:
        zeros = sum(text == "0" for line in texts for text in line)
    yield from _look_findings(name, doubtful, struck, zeros, pictures)


_LARGEST_OBJECT = 40


def _look_findings(
    name: str, doubtful: list[str], struck: int, zeros: int, pictures: int
) -> Iterator[Finding]:
    where = Locator(sheet=name)
    if doubtful:
        yield Finding(
            "doubtful_text",
            "warning",
            f"sheet {name!r}: {len(doubtful)} figure(s) are not shown, or shown otherwise than they"
            f" are kept (white letters, number formats); they stand in {OPEN}{CLOSE} and their"
            f" cells were not read, first: {doubtful[0][:20]!r}",
            f"工作表“{name}”中有 {len(doubtful)} 处数字不显示或显示与存储不同（白色字体、"
            f"数字格式），已用{OPEN}{CLOSE}标出，未作为数据读取",
            locator=where,
            detail=(("count", len(doubtful)), ("first", doubtful[0][:40])),
        )
    if struck:
        yield Finding(
            "hidden_text",
            "info",
            f"sheet {name!r}: {struck} struck-out text(s) in cells were not read",
            f"工作表“{name}”中有 {struck} 处带删除线的文字，未读取",
            locator=where,
            detail=(("count", struck),),
        )
    if zeros:
        yield Finding(
            "zeros_not_shown",
            "warning",
            f"sheet {name!r} shows its zeros as blanks; {zeros} cell(s) hold 0 and were read as 0",
            f"工作表“{name}”设为不显示零值，其中 {zeros} 个单元格存有0，已按0读取",
            locator=where,
            detail=(("count", zeros),),
        )
    if pictures:
        yield Finding(
            "cell_not_text",
            "warning",
            f"sheet {name!r}: pictures or shapes lie over {pictures} blank cell(s)",
            f"工作表“{name}”中有图片或图形覆盖 {pictures} 个空白单元格，无法读取",
            locator=where,
            detail=(("count", pictures), ("kinds", ["picture"])),
        )


def _hidden_lines(seen: Survey) -> Iterator[Finding]:
    if seen.hidden_rows or seen.hidden_columns:
        yield Finding(
            "hidden_rows",
            "warning",
            f"{seen.hidden_rows} row(s) and {seen.hidden_columns} column(s) of the workbook are"
            " hidden; they were read",
            f"工作簿中有 {seen.hidden_rows} 个隐藏行和 {seen.hidden_columns} 个隐藏列，已一并读取",
            detail=(("rows", seen.hidden_rows), ("columns", seen.hidden_columns)),
        )


_PROSE = 30
"""Characters from which the only text of a row is prose and no caption of a table."""
_HEADING = re.compile(r"[一二三四五六七八九十]{1,3}[、.．]|（[一二三四五六七八九]）")
_TITLE = ("年度报告", "年報", "年报", "年度報告")


def _emit(document: Document, table: Table, texts: list[list[str]]) -> None:
    """Rows of the sheet as tables, with rows of nothing but prose between them as paragraphs."""
    prose = {r: line for r, row in enumerate(texts) if (line := _prose(row))}
    number = sum(isinstance(b, Table) for b in document.blocks)
    start = 0
    for r in (*prose, len(texts)):
        if any(text.strip() for row in texts[start:r] for text in row):
            number += 1
            piece = table if not prose else slice_rows(table, start, r, number)
            piece.number = number
            piece.first_row = start
            document.blocks.append(piece)
        if r in prose:
            document.blocks += [Paragraph(line) for line in prose[r].split("\n") if line.strip()]
        start = r + 1


def _prose(row: list[str]) -> str:
    """The only text of a row, if it is a heading, a title or a sentence; else empty."""
    filled = [text.strip() for text in row if text.strip()]
    if len(filled) != 1:
        return ""
    text = filled[0]
    is_prose = (
        len(text) >= _PROSE
        or text[-1] in "。："
        or _HEADING.match(text)
        or any(w in text for w in _TITLE)
    )
    return text if is_prose else ""


def _lines(texts: list[list[str]]) -> list[Block]:
    return [
        Paragraph(line) for row in texts for line in row[0].split("\n") if line.strip()
    ]  # fmt: skip


def _table(name: str, texts: list[list[str]], merges: list[Area]) -> Table:
    height, width = len(texts), len(texts[0])
    table = Table(0, sheet=name)
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    covered: set[tuple[int, int]] = set()
    for top, left, low, far in merges:
        bottom, right = min(low, height - 1), min(far, width - 1)
        if top > bottom or left > right or (top, left) in covered:
            continue
        spans[top, left] = (bottom - top + 1, right - left + 1)
        _check_area(len(covered) + (bottom - top + 1) * (right - left + 1), 1)
        covered |= {(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)}
        covered.discard((top, left))
    for r, row in enumerate(texts):
        for c, text in enumerate(row):
            if (r, c) not in covered:
                down, across = spans.get((r, c), (1, 1))
                table.add(text, r, c, down, across)
            elif text.strip() and "merged_cell_text" not in table.notes:
                table.notes.append("merged_cell_text")
    return table


def plain_text(value: Any) -> str:
    """A cell's value as text: 12.0 is ``12``, 0.30000000000000004 is ``0.3``, dates are ISO."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        # Excel itself keeps 15 digits; the rest is noise of binary fractions.
        number = Decimal(f"{value:.15g}")
        return f"{number.normalize():f}" if number else "0"
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.date().isoformat() if midnight else value.isoformat(" ")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return "" if value is None else str(value)
