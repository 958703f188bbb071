"""A look over a workbook before calamine reads it: how far its cells reach, which it won't show.

In go bytes, out comes a ``Survey``. Only record heads and cell tags are looked at. Refuses what is
no workbook, what is encrypted, archives and XML beyond the limits of ``archive_zip`` and
``office_xml``, and sheets whose cells span more than ``MAX_CELLS`` grid places: calamine would
allocate all of them (two cells in far corners of an .xls: 1.1 GB).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from govreport_parse.documents.archive_zip import Budget, inflate, read_entries
from govreport_parse.documents.office_xml import BROKEN, parse_xml
from govreport_parse.documents.sheet_looks import Looks, looks, rich_text
from govreport_parse.errors import DecodeError, LimitExceededError, UnsupportedFormatError

MAX_CELLS = 200_000
MAX_BYTES = 50 * 2**20

Area = tuple[int, int, int, int]
"""Top, left, bottom, right; 0-based, all inside."""

ERROR, FORMULA = "#ERROR", "#FORMULA"
_OOXML = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_CALC_EXT = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_SHEET_REF = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(slots=True)
class Survey:
    """What was seen. ``unshown``: cells by sheet whose content calamine shows as a blank."""

    media_type: str
    has_pictures: bool = False
    merges: dict[str, list[Area]] = field(default_factory=dict)
    unshown: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)
    odd: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)
    """Cells by sheet that look otherwise than their value says (``sheet_looks``)."""
    texts: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)
    """Texts by sheet as they are to be read, where runs in them are struck out, raised or such."""
    objects: dict[str, list[Area]] = field(default_factory=dict)
    """Where pictures and the like lie over cells."""
    hidden_rows: int = 0
    hidden_columns: int = 0
    no_zeros: set[str] = field(default_factory=set)
    """Sheets that show no zeros."""


def survey(data: bytes) -> Survey:
    """Looks over a workbook; raises as the module says."""
    if len(data) > MAX_BYTES:
        raise LimitExceededError(
            "the workbook is too large", hint="a report is below 10 MB",
            context={"bytes": len(data), "limit": MAX_BYTES},
        )  # fmt: skip
    if data.startswith(b"PK"):
        return _survey_package(data)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _survey_ole(data)
    raise UnsupportedFormatError(
        "this is no workbook: neither a ZIP package nor an OLE file",
        hint="look at what the file really is (HTML and text are often named .xls)",
    )


def _check(extent: tuple[int, int], sheet: str) -> None:
    rows, columns = extent
    if rows * columns > MAX_CELLS:
        raise LimitExceededError(
            f"sheet {sheet!r} has cells over {rows} rows by {columns} columns",
            hint="a report has some 700 cells; delete stray cells far from the tables",
            context={"rows": rows, "columns": columns, "limit": MAX_CELLS},
        )


# --- ZIP packages --------------------------------------------------------------------------


def _survey_package(data: bytes) -> Survey:
    budget = Budget()
    # Every part is inflated once within the limits, since calamine itself has none.
    parts: dict[str, bytes] = {}
    for entry in read_entries(data, budget):
        name = entry.name.replace("\\", "/").lstrip("/").casefold()
        if name in parts:
            raise DecodeError(f"the workbook holds two parts named {name!r}", hint=BROKEN)
        if not entry.is_folder:
            parts[name] = inflate(data, entry, budget)
    pictures = any("/media/" in n or n.startswith("pictures/") for n in parts)
    if "content.xml" in parts:
        if b"encryption-data" in parts.get("meta-inf/manifest.xml", b""):
            raise UnsupportedFormatError(
                "the workbook is encrypted", hint="remove the password and save the file again"
            )
        return _survey_ods(parts["content.xml"], pictures)
    if "xl/workbook.bin" in parts:
        raise UnsupportedFormatError("XLSB workbooks are not read", hint="save the file as XLSX")
    if "xl/workbook.xml" not in parts:
        raise UnsupportedFormatError(
            "the ZIP package holds no workbook", hint="it is a document of another kind"
        )
    out = Survey(_OOXML, pictures)
    names = _sheet_names(parts)
    look = looks(parts)
    for part, xml in parts.items():
        if b"sheetData" in xml:
            name = names.get(part, part)
            cells = _survey_cells(xml, look)
            _check((cells.rows, cells.columns), name)
            out.unshown[name], out.odd[name] = cells.unshown, cells.odd
            out.texts[name] = cells.texts
            out.objects[name] = (
                _objects(parts, part) if b":drawing" in xml or b"<drawing" in xml else []
            )
            out.hidden_rows += len(_HIDDEN_ROW.findall(xml))
            out.hidden_columns += _hidden_columns(xml, cells.columns)
            if _NO_ZEROS.search(xml):
                out.no_zeros.add(name)
    return out


def _sheet_names(parts: dict[str, bytes]) -> dict[str, str]:
    """Sheet name by part name."""
    targets: dict[str, str] = {}
    if "xl/_rels/workbook.xml.rels" in parts:
        for relation in parse_xml(parts["xl/_rels/workbook.xml.rels"]):
            target = relation.get("Target") or ""
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            targets[relation.get("Id") or ""] = part.casefold()
    out = {}
    for element in parse_xml(parts["xl/workbook.xml"]).iter():
        if str(element.tag).endswith("}sheet"):
            out[targets.get(element.get(_SHEET_REF) or "", "")] = element.get("name") or ""
    return out


_CELL = re.compile(rb"<(?:[\w.-]{1,32}:)?c[\s>/]")
_REFERENCE = re.compile(rb"\sr\s?=\s?[\"']([A-Za-z]{1,9})([0-9]{1,12})")
_ROW = re.compile(rb"<(?:[\w.-]{1,32}:)?row\s[^>]{0,200}?\br\s?=\s?[\"']([0-9]{1,12})")
_VALUE = re.compile(rb"<(?:[\w.-]{1,32}:)?(?:v>[^<]|is>)")


_STYLE = re.compile(rb"\ss\s?=\s?[\"']([0-9]{1,6})[\"']")
_SHARED = re.compile(rb"<(?:[\w.-]{1,32}:)?v>([0-9]{1,7})<")
_HIDDEN = rb"[^>]{0,400}?\shidden\s?=\s?[\"'](?:1|true)[\"'][^>]{0,400}"
_HIDDEN_ROW = re.compile(rb"<(?:[\w.-]{1,32}:)?row(?=\s)" + _HIDDEN + rb"(?<!/)>")
_HIDDEN_COLUMN = re.compile(rb"<(?:[\w.-]{1,32}:)?col(?=\s)" + _HIDDEN + rb">")
_FIRST_COLUMN = re.compile(rb"\smin\s?=\s?[\"']([0-9]{1,6})")
_LAST_COLUMN = re.compile(rb"\smax\s?=\s?[\"']([0-9]{1,6})")
_NO_ZEROS = re.compile(rb"<(?:[\w.-]{1,32}:)?sheetView\s[^>]{0,800}?showZeros=[\"'](?:0|false)")


@dataclass(slots=True)
class _Cells:
    """``rows`` and ``columns`` reached by cells with content, and the cells to be looked at."""

    rows: int = 0
    columns: int = 0
    unshown: dict[tuple[int, int], str] = field(default_factory=dict)
    odd: dict[tuple[int, int], str] = field(default_factory=dict)
    texts: dict[tuple[int, int], str] = field(default_factory=dict)


def _survey_cells(xml: bytes, look: Looks) -> _Cells:
    out = _Cells()
    count = 0
    placeless = False
    starts = [match.start() for match in _CELL.finditer(xml)]
    for start, end in zip(starts, [*starts[1:], len(xml)], strict=True):
        head_end = xml.find(b">", start, end)
        if head_end < 0 or xml[head_end - 1] == 0x2F:
            continue
        count += 1
        if count > MAX_CELLS:
            _check((count, 1), "")
        head = xml[start:head_end]
        reference = _REFERENCE.search(head)
        if reference is None:
            # Cells without a place follow each other: at most as many as there are.
            out.columns, placeless = max(out.columns, count), True
            continue
        row, column = int(reference[2]) - 1, column_number(reference[1].upper())
        out.rows, out.columns = max(out.rows, row + 1), max(out.columns, column + 1)
        if b't="e"' in head:
            out.unshown[row, column] = ERROR
        elif (
            b"<f" in xml[head_end:end]
            and b't="str"' not in head
            and not _VALUE.search(xml, head_end, end)
        ):
            out.unshown[row, column] = FORMULA
        if look.styles and (style := _STYLE.search(head)) and int(style[1]) in look.styles:
            out.odd[row, column] = look.styles[int(style[1])]
        text = _text_as_read(head, xml[head_end:end], look)
        if text is not None:
            out.texts[row, column] = text
    if placeless:
        out.rows = max(out.rows, 1, *(int(number) for number in _ROW.findall(xml)))
    return out


def _text_as_read(head: bytes, body: bytes, look: Looks) -> str | None:
    if b'"inlineStr"' in head or b"'inlineStr'" in head:
        return rich_text(body)
    if look.texts and (b't="s"' in head or b"t='s'" in head) and (v := _SHARED.search(body)):
        return look.texts.get(int(v[1]))
    return None


def _hidden_columns(xml: bytes, columns: int) -> int:
    """Hidden columns among the first ``columns``."""
    hidden: set[int] = set()
    for found in _HIDDEN_COLUMN.findall(xml):
        first, last = _FIRST_COLUMN.search(found), _LAST_COLUMN.search(found)
        if first and last:
            hidden.update(range(int(first[1]), min(int(last[1]), columns) + 1))
    return len(hidden)


def _objects(parts: dict[str, bytes], sheet: str) -> list[Area]:
    """Cells over which pictures, charts and shapes with text lie, by the sheet's drawing."""
    folder, _, file = sheet.rpartition("/")
    relations = parts.get(f"{folder}/_rels/{file}.rels", b"")
    out: list[Area] = []
    for relation in parse_xml(relations) if relations else ():
        if (relation.get("Type") or "").endswith("/drawing"):
            target = (relation.get("Target") or "").casefold()
            name = target.rpartition("/")[2]
            drawing = parts.get(f"xl/drawings/{name}", b"")
            out += _anchors(parse_xml(drawing)) if drawing else []
    return out


def _anchors(drawing: Any) -> list[Area]:
    out: list[Area] = []
    for anchor in drawing:
        inside = {_local(e): e for e in anchor}
        start, end = inside.get("from"), inside.get("to")
        shows = any(_local(e) in ("pic", "graphicFrame", "t", "imagedata") for e in anchor.iter())
        if start is None or not shows:
            continue
        top, left = _place(start)
        bottom, right = (top, left) if end is None else _place(end)
        # A corner in the next cell is no more than the edge.
        out.append((top, left, max(top, bottom - 1), max(left, right - 1)))
    return out


def _place(mark: Any) -> tuple[int, int]:
    texts = {_local(e): (e.text or "").strip() for e in mark}
    row, column = (texts.get(k, "") for k in ("row", "col"))
    return (int(row) if row.isdigit() else 0, int(column) if column.isdigit() else 0)


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def column_number(letters: bytes) -> int:
    """0-based column of ``A``, ``Z``, ``AA`` ..."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _survey_ods(xml: bytes, pictures: bool) -> Survey:
    out = Survey("application/vnd.oasis.opendocument.spreadsheet", pictures)
    for table in parse_xml(xml).iter(_TABLE + "table"):
        name = table.get(_TABLE + "name") or ""
        merges: list[Area] = []
        rows = columns = row = 0
        for line in table.iter(_TABLE + "table-row"):
            column = 0
            times = _count(line.get(_TABLE + "number-rows-repeated"))
            for cell in line:
                wide = _count(cell.get(_TABLE + "number-columns-repeated"))
                if len(cell) or cell.get(_OFFICE + "value-type"):
                    rows, columns = max(rows, row + times), max(columns, column + wide)
                down = _count(cell.get(_TABLE + "number-rows-spanned"))
                across = _count(cell.get(_TABLE + "number-columns-spanned"))
                if down > 1 or across > 1:
                    merges.append((row, column, row + down - 1, column + across - 1))
                if "error" in (cell.get(_CALC_EXT + "value-type") or ""):
                    out.unshown.setdefault(name, {})[row, column] = ERROR
                column += wide
            if line.get(_TABLE + "visibility") in ("collapse", "filter") and len(line) > 1:
                out.hidden_rows += 1
            row += times
        _check((rows, columns), name)
        out.merges[name] = merges
    return out


def _count(text: str | None) -> int:
    """A repeat or span of ODS; damage counts as 1, a huge number stays huge."""
    if text is None or not (text.isascii() and text.isdigit()):
        return 1
    return max(1, int(text[:12]))


# --- OLE (BIFF) ----------------------------------------------------------------------------

_BOF, _SHEET, _FILE_PASS, _BOOL_ERROR, _FORMULA_CELL = 0x0809, 0x0085, 0x002F, 0x0205, 0x0006
_ROW_RECORD, _COLUMNS = 0x0208, 0x007D
_CELLS = frozenset({0x0203, 0x00FD, 0x027E, 0x00BD, 0x0204, 0x00D6, _BOOL_ERROR, _FORMULA_CELL})


def _survey_ole(data: bytes) -> Survey:
    try:
        import olefile
    except ImportError as error:
        raise UnsupportedFormatError(
            "reading .xls needs olefile, which is not installed",
            hint='pip install "govreport_parse[office]"',
        ) from error
    try:
        with olefile.OleFileIO(BytesIO(data)) as ole:
            if ole.exists("EncryptedPackage"):
                raise UnsupportedFormatError(
                    "the workbook is encrypted", hint="remove the password and save the file again"
                )
            name = next((n for n in ("Workbook", "Book") if ole.exists(n)), None)
            if name is None:
                raise UnsupportedFormatError(
                    "this OLE file holds no workbook", hint="it is a document of another kind"
                )
            stream = ole.openstream(name).read()
        return _survey_biff(stream)
    except (OSError, ValueError, IndexError, KeyError, struct.error, RecursionError) as error:
        if isinstance(error, (UnsupportedFormatError, LimitExceededError)):
            raise
        raise DecodeError("the workbook is damaged", hint=BROKEN) from error


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<2H", stream, at)
        yield at, kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _survey_biff(stream: bytes) -> Survey:
    out = Survey("application/vnd.ms-excel")
    names: dict[int, str] = {}
    sheet = ""
    rows = columns = cells = 0
    for at, kind, body in _records(stream):
        if kind == _FILE_PASS:
            raise UnsupportedFormatError(
                "the workbook is encrypted", hint="remove the password and save the file again"
            )
        if kind == _SHEET and len(body) > 8:
            names[struct.unpack_from("<I", body)[0]] = _biff_name(body)
        elif kind == _BOF:
            sheet = names.get(at, sheet)
            rows = columns = 0
        elif kind in _CELLS and len(body) >= 6:
            row, column = struct.unpack_from("<2H", body)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
            cells += 1
            _check((rows, columns), sheet)
            _check((cells, 1), sheet)
            if _is_error(kind, body):
                out.unshown.setdefault(sheet, {})[row, column] = ERROR
        elif kind == _ROW_RECORD and len(body) >= 14 and body[12] & 0x20:
            out.hidden_rows += 1
        elif kind == _COLUMNS and len(body) >= 10 and body[8] & 1:
            out.hidden_columns += 1
        elif kind == 0x00EC:
            out.has_pictures = True
    return out


def _is_error(kind: int, body: bytes) -> bool:
    if kind == _BOOL_ERROR:
        return len(body) >= 8 and body[7] == 1
    return kind == _FORMULA_CELL and body[12:14] == b"\xff\xff" and body[6] == 2


def _biff_name(body: bytes) -> str:
    """Name in a sheet record: length, then (BIFF8) a flag for 16-bit characters."""
    length, wide = body[6], body[7] & 1
    raw = body[8 : 8 + length * (2 if wide else 1)]
    return raw.decode("utf-16-le" if wide else "latin-1", "replace")
