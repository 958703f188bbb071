"""What is to be harvested: rows of ``url`` with optional organ, division code, year and kind.

In come a CSV or Parquet file, a data frame, or plain rows; out come checked ``SourceRow`` values in
their order. A row that can't be used is told with its line, column, value and reason, before the
first request goes out.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from govreport_parse.errors import UsageError
from govreport_parse.fetch.urls import canonical

Kind = Literal["report", "list", "site"]
KINDS: tuple[str, ...] = get_args(Kind)
COLUMNS = ("url", "organ", "division_code", "year", "kind")
LISTED = 20
"""Bad rows that a message names; the rest are counted."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row. ``row`` counts from 1 without the header; ``url`` is canonical, ``given`` as it was.

    ``duplicate_of`` is the row that has the same address and kind already.
    """

    row: int
    url: str
    given: str
    kind: Kind = "report"
    organ: str | None = None
    division_code: str | None = None
    year: int | None = None
    duplicate_of: int | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that can't be harvested, and why."""

    row: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        return f"row {self.row}: {self.column} {self.value!r} {self.reason}"


def read_sources(sources: Any) -> tuple[list[SourceRow], list[BadRow]]:
    """All rows of a sources file, frame or iterable, good and bad.

    ``sources``: the path of a ``.csv`` or ``.parquet`` file; a pandas frame or anything with
    ``__arrow_c_stream__``; one address; or an iterable of addresses, mappings or ``SourceRow``.
    Raises ``UsageError`` when the columns are wrong or there is no row.
    """
    good: list[SourceRow] = []
    bad: list[BadRow] = []
    seen: dict[tuple[str, str], int] = {}
    number = 0
    for number, fields in enumerate(_rows(sources), 1):
        made = _checked(number, fields)
        if isinstance(made, BadRow):
            bad.append(made)
            continue
        first = seen.setdefault((made.url, made.kind), number)
        if first != number:
            made = SourceRow(
                number, made.url, made.given, made.kind, made.organ, made.division_code,
                made.year, first,
            )  # fmt: skip
        good.append(made)
    if number == 0:
        raise UsageError("the sources hold no row", hint="give at least one address")
    return good, bad


def checked_sources(
    sources: Any, *, skip_bad: bool = False
) -> tuple[list[SourceRow], list[BadRow]]:
    """As ``read_sources``, but bad rows are an error unless ``skip_bad``."""
    good, bad = read_sources(sources)
    if bad and not skip_bad:
        named = "\n  ".join(map(str, bad[:LISTED]))
        more = f"\n  and {len(bad) - LISTED:,} more" if len(bad) > LISTED else ""
        raise UsageError(
            f"{len(bad):,} of {len(good) + len(bad):,} rows can't be harvested:\n  {named}{more}",
            hint="mend these rows, or let them be recorded as refused (--skip-bad-rows)",
            context={"rows": [b.row for b in bad[:LISTED]]},
        )
    return good, bad


def _checked(number: int, fields: Mapping[str, Any]) -> SourceRow | BadRow:
    given = _text(fields.get("url"))
    if not given:
        return BadRow(number, "url", "", "is missing")
    try:
        url = canonical(given)
    except UsageError as error:
        return BadRow(number, "url", given[:200], f"is no address: {error.message}")
    kind = _text(fields.get("kind")) or "report"
    if kind not in KINDS:
        return BadRow(number, "kind", kind[:80], f"is none of {', '.join(KINDS)}")
    code = _code(fields.get("division_code"))
    if code and not re.fullmatch("[0-9]{6}", code):
        return BadRow(number, "division_code", code[:80], "is not six digits (GB/T 2260)")
    year = _year(fields.get("year"))
    if isinstance(year, str):
        return BadRow(number, "year", year[:80], "is no year from 2000 to 2100")
    organ = _text(fields.get("organ"))
    return SourceRow(number, url, given, cast(Kind, kind), organ or None, code or None, year)


def _text(value: Any) -> str:
    if value is None or value != value:  # noqa: PLR0124  (NaN is a frame's missing text)
        return ""
    return str(value).strip()


def _code(value: Any) -> str:
    """A division code; a spreadsheet may have made a number of it."""
    text = _text(value)
    return text.removesuffix(".0") if isinstance(value, float) else text


def _year(value: Any) -> int | str | None:
    text = _text(value).removesuffix(".0").removesuffix("年")
    if not text:
        return None
    if re.fullmatch("[0-9]{4}", text) and 2000 <= int(text) <= 2100:
        return int(text)
    return text


# -- where rows come from --------------------------------------------------------------------------


def _rows(sources: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(sources, str) and re.match(r"(?i)https?://", sources.strip()):
        return iter([{"url": sources}])
    if isinstance(sources, str | os.PathLike):
        return _file_rows(Path(sources))
    if hasattr(sources, "to_dict") and hasattr(sources, "columns"):
        _check_columns(list(sources.columns), "the data frame")
        return iter(sources.to_dict("records"))
    if hasattr(sources, "__arrow_c_stream__"):
        return _arrow_rows(sources)
    if isinstance(sources, Iterable) and not isinstance(sources, bytes | Mapping):
        return _plain_rows(sources)
    raise UsageError(
        f"sources are a file, a frame or rows, not {type(sources).__name__}",
        hint="give a CSV path, a DataFrame, or a list of addresses",
    )


def _plain_rows(rows: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    for number, row in enumerate(rows, 1):
        if isinstance(row, str):
            yield {"url": row}
        elif isinstance(row, Mapping):
            _check_columns(list(row), f"row {number}")
            yield row
        elif isinstance(row, SourceRow):
            yield {name: getattr(row, name) for name in COLUMNS}
        else:
            raise UsageError(
                f"row {number} is {type(row).__name__}, not an address or a mapping",
                hint="give addresses or dicts with the key url",
            )


def _file_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    if path.suffix.lower() in (".parquet", ".pq"):
        return _parquet_rows(path)
    if path.suffix.lower() in (".xlsx", ".xls", ".ods"):
        raise UsageError(f"{path} is a spreadsheet", hint="save it as CSV")
    return _csv_rows(path)


def _csv_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    text = _decoded(path)
    sample = text[:4096].partition("\n")[0]
    delimiter = max(",;\t", key=sample.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        _check_columns(header, str(path))
        for line in reader:
            if not any(line):
                continue
            if len(line) > len(header):
                raise UsageError(
                    f"{path}, line {reader.line_num}: {len(line)} cells under "
                    f"{len(header)} columns",
                    hint='an address with a comma needs quotes: "http://…"',
                )
            yield dict(zip(header, line, strict=False))
    except csv.Error as error:
        raise UsageError(
            f"{path}, line {reader.line_num}: {error}", hint="the file is no well-formed CSV"
        ) from error


def _decoded(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path} can't be read: {error.strerror or error}", hint="check the path"
        ) from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError(f"{path} is neither UTF-8 nor GB18030 text", hint="save it as UTF-8 CSV")


def _parquet_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            _check_columns(file.schema_arrow.names, str(path))
            wanted = [n for n in file.schema_arrow.names if n in COLUMNS]
            for batch in file.iter_batches(columns=wanted):
                yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise UsageError(f"{path} is no readable Parquet file", hint="check the path") from error


def _arrow_rows(frame: Any) -> Iterator[Mapping[str, Any]]:
    import pyarrow as pa

    reader = pa.RecordBatchReader.from_stream(frame)
    _check_columns(reader.schema.names, "the frame")
    for batch in reader:
        yield from batch.to_pylist()


def _check_columns(names: list[Any], where: str) -> None:
    texts = [str(n) for n in names]
    if "url" not in texts:
        raise UsageError(
            f"{where} has no column url (columns: {', '.join(texts[:12]) or 'none'})",
            hint=f"the columns are {', '.join(COLUMNS)}; only url is needed",
            context={"columns": texts[:50]},
        )
    twice = sorted({t for t in texts if t in COLUMNS and texts.count(t) > 1})
    if twice:
        raise UsageError(f"{where} has the column {twice[0]} twice", hint="keep one of them")
    near = {"org": "organ", "code": "division_code", "division": "division_code", "type": "kind"}
    for name in texts:
        if name in near and near[name] not in texts:
            raise UsageError(
                f"{where} has a column {name!r}", hint=f"rename it {near[name]!r} or remove it"
            )
