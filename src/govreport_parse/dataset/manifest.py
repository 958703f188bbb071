"""``_manifest.json``: which files are the dataset. It is the commit, and readers trust it alone.

A part is named by the hash of its bytes and never changes under its name. A writer adds new parts,
makes them durable, then replaces the manifest in one rename; what died before that left files that
no manifest names, and the next writer removes them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from govreport_parse.dataset.layout import DATASET_SCHEMA, TABLES, schema_hash
from govreport_parse.errors import DatasetError

NAME = "_manifest.json"
FORMAT = "govreport-dataset"
INNER = "dataset"
"""Where a harvest folder keeps its dataset."""


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file. ``bucket`` counts the leading bits of report ids, ``bits`` says how many.

    All reports of ``year`` whose id begins with these bits have their rows in it.
    """

    table: str
    path: str
    year: int | None
    bits: int
    bucket: int
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a dataset consists of."""

    parser_version: str
    created_by: str
    parts: tuple[Part, ...] = ()
    counts: Mapping[str, Any] = field(default_factory=dict)
    schemas: Mapping[str, str] = field(default_factory=dict)
    """Table to the hash of its columns."""
    masked: bool | None = None
    """Whether personal numbers in the texts of all its reports were masked; ``None``: not told."""

    def of(self, table: str) -> tuple[Part, ...]:
        """The parts of one table."""
        return tuple(p for p in self.parts if p.table == table)

    def rows(self, table: str) -> int:
        """How many rows a table has."""
        return sum(p.rows for p in self.of(table))

    def to_bytes(self) -> bytes:
        """The manifest as JSON, the same for the same dataset."""
        out = {
            "format": FORMAT,
            "schema": DATASET_SCHEMA,
            "parser_version": self.parser_version,
            "created_by": self.created_by,
            "counts": dict(self.counts),
            "schemas": dict(self.schemas),
            "masked": self.masked,
            "tables": {t: self.rows(t) for t in TABLES},
            "parts": [asdict(p) for p in self.parts],
        }
        return (json.dumps(out, ensure_ascii=False, indent=1) + "\n").encode()


def exists(folder: Path) -> bool:
    """Whether the folder holds a committed dataset; ``DatasetError``: it may not be looked into."""
    try:
        return (folder / NAME).is_file()
    except OSError as error:
        raise DatasetError(
            f"cannot look into {str(folder)!r}: {error.strerror or error}",
            hint="check that the folder may be used",
            context={"folder": str(folder), "errno": error.errno},
        ) from error


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder.

    ``DatasetError`` when there is none, when it is damaged, and when it is of a newer version.
    """
    path = folder / NAME
    try:
        data = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise _no_dataset(folder) from None
    except (ValueError, RecursionError) as error:
        raise _damaged(path, "it is no JSON") from error
    except OSError as error:
        raise _damaged(path, error.strerror or "it can't be read") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise _damaged(path, "it is of another kind")
    version = data.get("schema")
    if not isinstance(version, int) or version > DATASET_SCHEMA:
        raise DatasetError(
            f"{str(folder)!r} was written by a newer version (dataset schema {version}, this one"
            f" reads {DATASET_SCHEMA})",
            hint="update govreport_parse",
            context={"folder": str(folder), "schema": version},
        )
    try:
        parts = tuple(_part(p) for p in data["parts"])
        return Manifest(
            str(data["parser_version"]),
            str(data["created_by"]),
            parts,
            dict(data["counts"]),
            dict(data["schemas"]),
            _flag(data.get("masked")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, "a field is missing or wrong") from error


def check_columns(folder: Path, manifest: Manifest) -> None:
    """``DatasetError`` where a table has other columns than this version of the library."""
    for table in TABLES:
        if manifest.schemas.get(table) != schema_hash(table):
            raise DatasetError(
                f"{str(folder)!r}: the columns of {table!r} are those of another version",
                hint=f"{anew(folder)}; or use {manifest.created_by}, which wrote it",
                context={"folder": str(folder), "table": table},
            )


_TYPES = {"table": str, "path": str, "sha256": str}


def _flag(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise TypeError("masked")


def _part(data: Mapping[str, Any]) -> Part:
    part = Part(**{f.name: data[f.name] for f in fields(Part)})
    for f in fields(Part):
        value = getattr(part, f.name)
        wanted = _TYPES.get(f.name, int)
        if not (isinstance(value, wanted) or (f.name == "year" and value is None)):
            raise TypeError(f.name)
    pieces = part.path.split("/")
    # a path of ours has three names; anything else could point out of the folder
    if part.table not in TABLES or len(pieces) != 3 or pieces[0] != part.table or ".." in pieces:
        raise ValueError(part.path)
    return part


def _no_dataset(folder: Path) -> DatasetError:
    if not folder.exists():
        what, hint = "does not exist", "check the name"
    elif not folder.is_dir():
        what, hint = "is no folder", "give the folder that holds _manifest.json"
    elif any((folder / table).is_dir() for table in TABLES):
        what = "is half-written: it has tables, but no _manifest.json"
        hint = "the first write did not end; write it again"
    else:
        what = "is no dataset: it has no _manifest.json"
        hint = "make one with govreport import PATH... --out DIR"
    return DatasetError(
        f"{str(folder)!r} {what}", hint=hint, context={"folder": str(folder), "reason": what}
    )


def anew(folder: Path) -> str:
    """How a dataset is made anew: a write adds what is new to it, and mends no file."""
    if folder.name == INNER:
        again = f"govreport build {str(folder.parent)!r} (where it was mined: govreport mine)"
    else:
        again = "make it again as it was made (govreport build, import or mine)"
    return f"delete the folder {str(folder)!r}, then {again}"


def _damaged(path: Path, why: str) -> DatasetError:
    return DatasetError(
        f"{str(path)!r} can't be used: {why}",
        hint=f"restore it from a copy, or {anew(path.parent)}",
        context={"path": str(path), "reason": why},
    )
