"""Where the rows of sources come from: files, frames, lists; their columns and their encodings.

Tables made in China have Chinese column names and come out of spreadsheets as GB18030 or UTF-16.
Both are understood, and noted so that nobody is surprised.
"""

from __future__ import annotations

import csv
import io
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from govreport_parse.errors import UsageError
from govreport_parse.source import check_file, named_path

COLUMNS = ("url", "organ", "division_code", "year", "kind")

# The first of them that a table has is taken: 地址 may be where an office is.
_IN_CHINESE = {
    "url": (
        *("网址", "网页地址", "链接地址", "报告网址", "年报网址", "报告链接", "年报链接"),
        *("url地址", "网页链接", "链接", "网站地址", "地址"),
    ),
    "organ": (
        *("机构名称", "单位名称", "部门名称", "机关名称", "行政机关", "行政机关名称"),
        *("发布机构", "发布单位", "机构", "单位", "部门", "机关"),
    ),
    "division_code": ("行政区划代码", "行政区划码", "区划代码", "区划码", "地区代码", "行政区代码"),
    "year": ("报告年度", "报告年份", "年度", "年份", "年"),
    "kind": ("类型", "页面类型", "类别", "种类"),
}
_NEAR = {"org": "organ", "code": "division_code", "division": "division_code", "type": "kind"}
_SEPARATORS = ",;\t，|"
_SEPARATOR = re.compile("sep=([,;\t，|])\r?\n", re.IGNORECASE)
"""What spreadsheets write into a first line of its own."""
_OTHERS = {
    **dict.fromkeys(("pk\x03\x04",), "a workbook or another packed file"),
    **dict.fromkeys(("<!doctype", "<html", "<?xml"), "a page of markup"),
    **dict.fromkeys(("{", "[{"), "JSON"),
}
_CHINESE, _SURELY = re.compile(r"[\u4e00-\u9fff]"), 2
_STRAY = re.compile(r"[\x80-\u02ff\u0370-\u1fff\ue000-\uf8ff]")
"""Letters that Chinese text in GB18030 turns into where it happens to be valid UTF-8."""
_ENCODINGS = (("utf-8-sig", ""), ("gb18030", "GB18030"))


_HOW_TO_NAME = "check the path of the file; an address begins with http:// or https://"


def rows_of(sources: Any, notes: list[str]) -> Iterator[Mapping[str, Any]]:
    """The rows as mappings of ``COLUMNS``; other columns may be there, too.

    ``notes`` gets a sentence for each column and encoding that was understood without being as
    documented. Raises ``UsageError`` for what is no table of addresses.
    """
    if isinstance(sources, str) and re.match(r"(?i)https?://", sources.strip()):
        return iter([{"url": sources}])
    if isinstance(sources, str | os.PathLike):
        return _file_rows(named_path(sources, "the table of sources"), notes)
    if hasattr(sources, "to_dict") and hasattr(sources, "columns"):
        names = _named(list(sources.columns), "the data frame", notes)
        return _renamed(sources.to_dict("records"), names)
    if hasattr(sources, "__arrow_c_stream__"):
        return _arrow_rows(sources, notes)
    if isinstance(sources, Iterable) and not isinstance(sources, bytes | Mapping):
        return _plain_rows(sources, notes)
    raise UsageError(
        f"sources are a file, a frame or rows, not {type(sources).__name__}",
        hint="give a CSV path, a DataFrame, or a list of addresses",
    )


def _plain_rows(rows: Iterable[Any], notes: list[str]) -> Iterator[Mapping[str, Any]]:
    known: dict[tuple[Any, ...], dict[str, Any]] = {}
    for number, row in enumerate(rows, 1):
        if isinstance(row, str):
            yield {"url": row}
        elif isinstance(row, Mapping):
            keys = tuple(row)
            names = known.get(keys)
            if names is None:
                names = known[keys] = _named(list(keys), f"row {number}", notes)
            yield {column: row[name] for column, name in names.items()}
        elif hasattr(row, "url") and hasattr(row, "kind"):  # a row that was checked before
            yield {name: getattr(row, name) for name in COLUMNS}
        else:
            raise UsageError(
                f"row {number} is {type(row).__name__}, not an address or a mapping",
                hint="give addresses or dicts with the key url",
            )


def _file_rows(path: Path, notes: list[str]) -> Iterator[Mapping[str, Any]]:
    if path.suffix.lower() in (".parquet", ".pq"):
        return _parquet_rows(path, notes)
    if path.suffix.lower() in (".xlsx", ".xls", ".ods"):
        raise UsageError(f"{path} is a spreadsheet", hint="save it as CSV")
    return _csv_rows(path, notes)


def _csv_rows(path: Path, notes: list[str]) -> Iterator[Mapping[str, Any]]:
    text = _decoded(path, notes)
    told = _SEPARATOR.match(text)
    if told is not None:
        text = text[told.end() :]
    sample = text[:4096].partition("\n")[0]
    _check_kind(path, sample)
    delimiter = told[1] if told is not None else max(_SEPARATORS, key=sample.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [_folded(name) for name in next(reader, [])]
        names = _named(header, str(path), notes)
        places = [(column, header.index(name)) for column, name in names.items()]
        for line in reader:
            if not any(map(str.strip, line)):
                continue
            if len(line) > len(header):
                raise UsageError(
                    f"{path}, line {reader.line_num}: {len(line)} cells under "
                    f"{len(header)} columns",
                    hint='an address with a comma needs quotes: "http://…"',
                )
            yield {column: line[place] for column, place in places if place < len(line)}
    except csv.Error as error:
        raise UsageError(
            f"{path}, line {reader.line_num}: {error}", hint="the file is no well-formed CSV"
        ) from error


def _check_kind(path: Path, first: str) -> None:
    """``UsageError`` for what is called a table and is none: by its first line."""
    start = first.lstrip().lower()
    what = next((told for mark, told in _OTHERS.items() if start.startswith(mark)), "")
    if what:
        raise UsageError(f"{path} is {what}, no CSV table", hint="save the table as CSV")
    if re.match(r"(?:https?://|www\.)", start):
        raise UsageError(
            f"{path} begins with an address and not with the names of its columns",
            hint="write a first line that names them, such as url,organ,year",
        )


def _decoded(path: Path, notes: list[str]) -> str:
    try:
        check_file(path)
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path} can't be read: {error.strerror or error}", hint=_HOW_TO_NAME
        ) from error
    wide = _wide_encoding(data)
    if not wide and _utf_8(data) is None:
        _check_is_of_one_encoding(path, data)
    for encoding, told in ((wide, "UTF-16"),) if wide else _ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if told:
            notes.append(f"the sources were read as {told} text")
        return text.removeprefix("\ufeff")
    raise UsageError(
        f"{path} is neither UTF-8 nor GB18030 nor UTF-16 text", hint="save it as UTF-8 CSV"
    )


def _check_is_of_one_encoding(path: Path, data: bytes) -> None:
    """``UsageError`` for a table put together of UTF-8 and GB18030: half of it would be read wrong.

    Told by lines that hold Chinese characters in UTF-8 beside lines that are no UTF-8.
    """
    utf_8 = other = 0
    for number, line in enumerate(data.split(b"\n"), 1):
        text = "" if line.isascii() else _utf_8(line)
        if text is None:
            other = other or number
        elif not utf_8 and len(_CHINESE.findall(text)) >= _SURELY and not _STRAY.search(text):
            utf_8 = number
    if utf_8 and other:
        raise UsageError(
            f"{path} is written in two encodings: line {utf_8} in UTF-8, line {other} in another",
            hint="open both parts in a spreadsheet and save them together as UTF-8 CSV",
            context={"utf_8": utf_8, "other": other},
        )


def _utf_8(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _wide_encoding(data: bytes) -> str:
    """UTF-16 by its mark, or by the NULs of a header in ASCII; empty for any other."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    start = data[:64]
    if len(start) >= 4 and start.count(0) * 3 >= len(start):
        return "utf-16-le" if start[1] == 0 else "utf-16-be"
    return ""


def _parquet_rows(path: Path, notes: list[str]) -> Iterator[Mapping[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            names = _named(file.schema_arrow.names, str(path), notes)
            for batch in file.iter_batches(columns=list(names.values())):
                yield from _renamed(batch.to_pylist(), names)
    except (OSError, pa.ArrowException) as error:
        raise UsageError(f"{path} is no readable Parquet file", hint=_HOW_TO_NAME) from error


def _arrow_rows(frame: Any, notes: list[str]) -> Iterator[Mapping[str, Any]]:
    import pyarrow as pa

    reader = pa.RecordBatchReader.from_stream(frame)
    names = _named(reader.schema.names, "the frame", notes)
    for batch in reader:
        yield from _renamed(batch.to_pylist(), names)


def _renamed(
    rows: Iterable[Mapping[Any, Any]], names: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    for row in rows:
        yield {column: row[name] for column, name in names.items()}


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().lower()


def _named(given: Sequence[Any], where: str, notes: list[str]) -> dict[str, Any]:
    """The name that each of our columns has in a table. ``UsageError`` when there is no url."""
    folded = [_folded(str(name)) for name in given]
    names: dict[str, Any] = {}
    for column in COLUMNS:
        known = next((n for n in (column, *_IN_CHINESE[column]) if n in folded), None)
        if known is None:
            continue
        if folded.count(known) > 1:
            raise UsageError(f"{where} has the column {known} twice", hint="keep one of them")
        names[column] = name = given[folded.index(known)]
        note = f"the column {name} was read as {column}"
        if name != column and note not in notes:
            notes.append(note)
    _check(names, folded, where)
    return names


def _check(names: Mapping[str, Any], texts: list[str], where: str) -> None:
    if "url" not in names:
        raise UsageError(
            f"{where} has no column url (columns: {', '.join(texts[:12]) or 'none'})",
            hint=f"the columns are {', '.join(COLUMNS)}; only url (or 网址) is needed",
            context={"columns": texts[:50]},
        )
    for name in texts:
        if name in _NEAR and _NEAR[name] not in names:
            raise UsageError(
                f"{where} has a column {name!r}", hint=f"rename it {_NEAR[name]!r} or remove it"
            )
