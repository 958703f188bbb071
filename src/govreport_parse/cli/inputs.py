"""What the PATH arguments name: files, folders, standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click

from govreport_parse.cli.messages import complain, say
from govreport_parse.errors import GovReportError, UsageError
from govreport_parse.source import Source

STDIN = "-"
SUFFIXES = frozenset(
    {".txt", ".md", ".html", ".htm", ".shtml", ".xhtml", ".aspx", ".jsp", ".php", ".mht", ".mhtml"}
    | {".pdf", ".ofd", ".docx", ".doc", ".wps", ".rtf", ".xlsx", ".xls", ".et", ".ods", ".odt"}
    | {".png", ".jpg", ".jpeg", ".tif", ".tiff"}
)
"""Files of a folder that are taken for documents; files without a suffix are taken too."""

_PAGES = frozenset((".html", ".htm", ".shtml", ".xhtml", ".mht"))
_BESIDE = ("_files", ".files", "_file", "_文件")


def sources(paths: Sequence[str]) -> list[str | Path | Source]:
    """The documents that the arguments name, in order; folders give their files, sorted.

    Hidden files are left out; files of a folder that are no documents by their suffix are left
    out with a message. A path that does not exist is kept: it ends as a failure of its own.
    """
    if list(paths).count(STDIN) > 1:
        raise click.UsageError("standard input (-) can be read only once")
    out: list[str | Path | Source] = []
    for path in paths:
        if path == STDIN:
            out.append(_stdin())
        elif Path(path).is_dir():
            out += _folder(Path(path))
        else:
            # A Path, so that a missing file is an error about the file and never a text.
            out.append(Path(path))
    return out


@contextmanager
def one(path: str) -> Iterator[Source]:
    """The one document that an argument names.

    Within the ``with`` a failure of the document is told with its name and ends in exit code 1;
    ``UsageError`` passes, since from there on it speaks of another argument.
    """
    if path != STDIN and Path(path).is_dir():
        raise click.UsageError(f"{path} is a folder; give one document")
    try:
        # A Path, so that a missing file is an error about the file and never a text.
        source = _stdin() if path == STDIN else Source.of(Path(path))
    except UsageError as error:
        raise _failed(error, path) from None
    try:
        yield source
    except UsageError:
        raise
    except GovReportError as error:
        raise _failed(error, source.name) from None


def _failed(error: GovReportError, name: str) -> click.exceptions.Exit:
    complain(error, name)
    return click.exceptions.Exit(1)


def _stdin() -> Source:
    try:
        return Source(sys.stdin.buffer.read(), "<stdin>")
    except OSError as error:
        raise UsageError(
            f"cannot read standard input: {error.strerror}", hint="- needs a pipe or a file"
        ) from error


def _folder(folder: Path) -> list[Path]:
    taken: list[Path] = []
    left: list[str] = []
    for path in sorted(_files(folder)):
        if path.suffix.lower() in SUFFIXES or not path.suffix:
            taken.append(path)
        else:
            left.append(path.suffix.lower())
    if left:
        kinds = sorted(set(left))
        named = ", ".join(kinds[:6]) + (" …" if len(kinds) > 6 else "")
        files = "file" if len(left) == 1 else "files"
        say(f"{folder}: {len(left)} {files} of other kinds left out ({named})")
    if not taken:
        raise click.UsageError(f"no documents in {folder}")
    return taken


def _files(folder: Path) -> Iterator[Path]:
    """The files below a folder that are not hidden; links that lead nowhere fail by themselves."""
    linked = companions = 0
    for base, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        own = _companions(folders, names)
        companions += len(own)
        folders[:] = [name for name in folders if name not in own]
        linked += sum(Path(base, name).is_symlink() for name in folders)
        for path in (Path(base, name) for name in names if not name.startswith(".")):
            if path.is_file() or (path.is_symlink() and not path.exists()):
                yield path
    if companions:
        folders_ = "folder" if companions == 1 else "folders"
        say(
            f"{folder}: {companions} {folders_} of pictures and scripts that browsers saved beside "
            "their pages left out; name them if they are meant"
        )
    if linked:
        folders_ = "folder" if linked == 1 else "folders"
        say(f"{folder}: {linked} linked {folders_} left out; name them if they are meant")


def _companions(folders: Sequence[str], names: Sequence[str]) -> set[str]:
    """``page_files`` beside ``page.html``: what a browser saved with a page."""
    stems = {p.stem for p in map(Path, names) if p.suffix.lower() in _PAGES}
    return {f"{stem}{ending}" for stem in stems for ending in _BESIDE} & set(folders)


def _refuse(error: OSError) -> NoReturn:
    raise UsageError(
        f"cannot look into {str(error.filename)!r}: {error.strerror}",
        hint="what it holds would be missing; make it readable, or name the files",
    ) from error
