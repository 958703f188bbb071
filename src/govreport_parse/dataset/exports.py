"""A dataset as files of other programs: CSV, Excel, Stata, JSON lines, data package.

Every file appears under its name only when it is complete. Texts that a spreadsheet would run as
a formula get a ``'`` in CSV (``csv_safe=False`` leaves them); numbers stay numbers, and what has no
value stays empty, never 0.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv

from govreport_parse.codebooks import Entry
from govreport_parse.dataset import disk
from govreport_parse.dataset.coverage import coverage
from govreport_parse.dataset.layout import (
    TABLES,
    codebook,
    codebook_table,
    schema_of,
    view_schema,
)
from govreport_parse.dataset.methods import methods_note
from govreport_parse.dataset.panel import (
    panel,
    panel_rows,
    panel_schema,
    wide_schema,
    wide_tables,
)
from govreport_parse.errors import UsageError
from govreport_parse.frames import defused
from govreport_parse.source import named_path

if TYPE_CHECKING:
    from govreport_parse.dataset.read import Dataset

FORMATS = ("csv", "excel", "stata", "json", "datapackage")
BOM = b"\xef\xbb\xbf"


def export(
    dataset: Dataset, to: str, out: str | os.PathLike[str], *, csv_safe: bool = True
) -> list[Path]:
    """Write the dataset as ``to`` and give the files made.

    ``csv``, ``stata`` and ``datapackage``: ``out`` is a folder (made if need be); ``excel`` and
    ``json``: a file (a workbook's name gets ``.xlsx`` where it has no ending). Raises
    ``UsageError`` for an unknown format, a missing extra and a place that can't be written,
    ``DatasetError`` when the disk is full or the dataset damaged.
    """
    if to not in FORMATS:
        raise UsageError(f"no export {to!r}", hint=f"one of {', '.join(FORMATS)}")
    target = named_path(out, "the export")
    target = _workbook(target) if to == "excel" else target
    if to in ("excel", "json"):
        if target.is_dir():
            raise UsageError(f"{str(target)!r} is a folder", hint=f"{to} is one file: name it")
        return [_file(dataset, to, target)]
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot make {str(target)!r}: {error.strerror or error}", hint="give a folder"
        ) from error
    if to == "stata":
        from govreport_parse.dataset.stata import write_stata

        return write_stata(dataset, target)
    if to == "datapackage":
        from govreport_parse.dataset.datapackage import write_datapackage

        return write_datapackage(dataset, target, csv_safe=csv_safe)
    made = [write_csv(dataset, name, target, csv_safe=csv_safe, mark=True) for name in sheets()]
    return [*made, write_text(target / "methods.md", methods_note(dataset))]


def _workbook(path: Path) -> Path:
    """The name of a workbook: other programs open it by its ending only."""
    if path.is_dir() or path.suffix.lower() == ".xlsx":
        return path
    if path.suffix:
        raise UsageError(
            f"{str(path)!r} is no name of a workbook", hint=f"name it {path.stem + '.xlsx'!r}"
        )
    return path.with_name(path.name + ".xlsx")


def _file(dataset: Dataset, to: str, target: Path) -> Path:
    if to == "excel":
        from govreport_parse.dataset.excel import write_excel

        return write_excel(dataset, target)
    from govreport_parse.dataset.jsonlines import write_json

    return write_json(dataset, target)


# -- tables to write -------------------------------------------------------------------------------


def sheets() -> tuple[str, ...]:
    """What an export holds, the codebook first."""
    return ("codebook", "wide", "panel", "coverage", *TABLES)


def schema_for(name: str) -> pa.Schema:
    """The columns of one of ``sheets()``."""
    if name == "codebook":
        return codebook_table().schema
    if name == "wide":
        return wide_schema()
    if name == "panel":
        return panel_schema()
    return view_schema(name) if name == "coverage" else schema_of(name)


def meanings(name: str) -> dict[str, Entry]:
    """What the codebook says of the columns of one of ``sheets()``.

    A name such as ``value`` or ``state`` means something else in another table.
    """
    return {e.short: e for e in codebook() if name in e.frame.split(";")}


def rows_for(dataset: Dataset, name: str) -> Iterator[pa.Table]:
    """The rows of one of ``sheets()``, piece by piece."""
    if name == "codebook":
        yield codebook_table()
    elif name == "wide":
        yield from wide_tables(dataset, None)
    elif name == "panel":
        yield panel(dataset, None)
    elif name == "coverage":
        yield coverage(dataset)
    else:
        for batch in dataset.table(name).batches():
            yield pa.Table.from_batches([batch])


def count_for(dataset: Dataset, name: str) -> int:
    """How many rows one of ``sheets()`` has."""
    if name == "codebook":
        return int(codebook_table().num_rows)
    if name == "panel":
        return panel_rows(dataset)
    if name == "coverage":
        return int(coverage(dataset).num_rows)
    return len(dataset if name == "wide" else dataset.table(name))


# -- files -----------------------------------------------------------------------------------------


@contextmanager
def arriving(target: Path) -> Iterator[Path]:
    """A name to write to, which becomes ``target`` when all went well and is gone otherwise.

    A device or pipe is written as it stands: a file in its place would take it from everybody.
    """
    if not _is_file_or_new(target):
        with disk.system_errors(target, "write"):
            yield target
        return
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.touch()
    except OSError as error:
        raise UsageError(
            f"cannot write {str(target)!r}: {error.strerror or error}",
            hint="check that the folder exists and may be written",
        ) from error
    try:
        with disk.system_errors(target, "write"):
            yield part
            disk.sync_file(part)
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _is_file_or_new(target: Path) -> bool:
    try:
        return target.is_file() or not target.exists()
    except OSError:
        return True  # making it tells why it can't be


def write_text(target: Path, text: str) -> Path:
    """Write a text file (UTF-8)."""
    with arriving(target) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
    return target


def write_csv(dataset: Dataset, name: str, folder: Path, *, csv_safe: bool, mark: bool) -> Path:
    """One table as ``name.csv``: UTF-8, comma, nulls empty; ``mark``: with a BOM, for Excel."""
    target = folder / f"{name}.csv"
    schema = schema_for(name).remove_metadata()
    options = pa.csv.WriteOptions(quoting_style="needed")
    with arriving(target) as part, part.open("wb") as file:
        if mark:
            file.write(BOM)
        with pa.csv.CSVWriter(file, schema, write_options=options) as writer:
            for table in rows_for(dataset, name):
                plain = table.replace_schema_metadata(None)
                writer.write_table(defused(plain) if csv_safe else plain)
    return target


def needs(extra: str, program: str, load: Callable[[], Any]) -> Any:
    """An optional library, or ``UsageError`` that says how to install it."""
    try:
        return load()
    except ImportError:
        raise UsageError(
            f"{program} is not installed", hint=f"pip install 'govreport_parse[{extra}]'"
        ) from None
