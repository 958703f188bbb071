"""What a collection is, by its bytes and its name, and its documents; bad files are told.

In: paths. Out: the collections among them, and for each the blocks of its documents.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from govreport_parse.errors import GovReportError, UsageError
from govreport_parse.mining import corpus, corpus_csv, streams, warc
from govreport_parse.mining.blocks import Block, Span, Tally
from govreport_parse.source import named_path

NOTHING = "there is no document in it"
PACKED = ("gov", "all", "none")
SPLITS = ("file", "line", "blank")
Kind = Literal["warc", "wacz", "json lines", "parquet", "csv", "text"]
_SUFFIXES: dict[str, Kind] = {
    ".warc": "warc",
    ".wet": "warc",
    ".wacz": "wacz",
    ".jsonl": "json lines",
    ".ndjson": "json lines",
    ".json": "json lines",
    ".parquet": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "text",
}
_PACKINGS = frozenset((".gz", ".zst", ".bz2", ".xz"))
_REFUSED = {
    "arrow": ("Arrow files are not read", "write it as Parquet"),
    "zip": ("it is a zip archive, and no WACZ", "unpack it"),
}


@dataclass(frozen=True, slots=True)
class Options:
    """How collections are read; see ``mine``."""

    column: str | None = None
    url_column: str | None = None
    packed: warc.Packed = "gov"
    split: corpus.Split = "file"


def collections(paths: Iterable[str | os.PathLike[str]]) -> Iterator[tuple[Path, str]]:
    """The files of the paths with their names, in order; folders give their collections, sorted."""
    for given in paths:
        path = named_path(given, "a collection")
        if path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.is_file() and kind_by_name(p))
            found = _without_datasets(found)
            if not found:
                raise UsageError(
                    f"no collections in {str(path)!r}",
                    hint=f"looked for {', '.join(_SUFFIXES)}, packed or not",
                )
            yield from ((p, p.relative_to(path).as_posix()) for p in found)
        elif path.is_file():
            yield path, path.name
        else:
            raise UsageError(f"{str(path)!r} does not exist", hint="give files or folders")


def _without_datasets(files: Iterable[Path]) -> list[Path]:
    """The files that are no part of a dataset of this library: its texts are no new documents."""
    from govreport_parse.dataset.manifest import exists

    known: dict[Path, bool] = {}

    def is_inside(folder: Path) -> bool:
        if folder not in known:
            known[folder] = exists(folder) or (folder.parent != folder and is_inside(folder.parent))
        return known[folder]

    return [f for f in files if not is_inside(f.parent)]


def kind_by_name(path: Path) -> Kind | None:
    """What a file is by its name; ``None`` for other names and hidden files."""
    name = path.name.lower()
    if name.startswith("."):
        return None
    suffixes = [s for s in Path(name).suffixes if s not in _PACKINGS]
    return _SUFFIXES.get(suffixes[-1]) if suffixes else None


# -- one file --------------------------------------------------------------------------------------


def blocks_of(
    path: Path,
    tally: Tally,
    options: Options | None = None,
    *,
    name: str = "",
    span: Span | None = None,
) -> Iterator[Block]:
    """The documents of one file, by its content first and by its name where that does not tell.

    What can't be used is told to ``tally``; nothing is raised for a bad file. Of several spans the
    first counts as the file.
    """
    before = (tally.documents, tally.damaged, tally.unreadable)
    tally.files += span is None or span.first == 1
    try:
        yield from _read(path, name or path.name, tally, options or Options(), span)
    except (GovReportError, OSError) as error:
        is_told = span is not None and span.first > 1 and isinstance(error, UsageError)
        if not is_told:  # what is wrong with a whole file, its first section tells
            tally.refuse(name or path.name, str(error))
        return
    if before == (tally.documents, tally.damaged, tally.unreadable):
        if span is None:
            tally.refuse(name or path.name, NOTHING)
        else:
            tally.barren[name or path.name] += 1


def _read(
    path: Path, name: str, tally: Tally, options: Options, span: Span | None
) -> Iterator[Block]:
    packing = streams.magic_of(path)
    if packing == "empty":
        tally.refuse(name, "the file is empty")
        return
    kind = kind_of(path, packing)
    choice = corpus.Choice(options.column, options.url_column)
    if kind == "warc":
        yield from warc.read_warc(path, name, tally, options.packed, span)
    elif kind == "wacz":
        yield from warc.read_wacz(path, name, tally, options.packed)
    elif kind == "parquet":
        yield from corpus.read_parquet(path, name, tally, choice, span)
    elif kind == "json lines":
        yield from corpus.read_json_lines(path, name, tally, choice, span)
    elif kind == "csv":
        yield from corpus_csv.read_csv(path, name, tally, choice)
    else:
        yield from corpus.read_text(path, name, tally, options.split, span)


def kind_of(path: Path, packing: streams.Packing) -> Kind:
    """What a file is, by its first bytes and its name. ``UsageError``: neither tells."""
    by_name = kind_by_name(path)
    if packing == "parquet":
        return "parquet"
    if packing in ("zip", "arrow"):
        if packing == "zip" and by_name == "wacz":
            return "wacz"
        what, hint = _REFUSED[packing]
        raise UsageError(what, hint=hint)
    with streams.unpacked(path, packing) as stream:
        start = b"".join(islice(streams.pieces(stream, path.name, Tally()), 1))[:4096]
    if start.startswith(b"WARC/"):
        return "warc"
    if by_name is None:
        if start.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"{"):
            return "json lines"
        raise UsageError(
            "neither its name nor its first bytes tell what it is",
            hint="single documents are for govreport import",
        )
    if by_name in ("wacz", "parquet") or (by_name != "warc" and b"\0" in start):
        raise UsageError(
            f"its bytes are not those of a {by_name} file", hint="name it for what it is"
        )
    if by_name == "json lines" and start.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"["):
        raise UsageError(
            "it is one JSON array, not JSON lines",
            hint="turn it into lines first, for example with jq -c '.[]'",
        )
    return by_name
