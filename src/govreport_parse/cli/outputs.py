"""Where OUT goes: standard output, a file that appears whole, or a device written as it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from govreport_parse.cli.inputs import STDIN, SUFFIXES
from govreport_parse.errors import UsageError


@contextmanager
def opened(output: str | None) -> Iterator[IO[str]]:
    """Standard output (``None``, ``-``), or a file that takes its name only when it is complete.

    A device or pipe is written as it stands, and a link keeps pointing at its file.
    """
    if output is None or output == STDIN:
        yield sys.stdout
        return
    path = _place(output)
    as_it_is = _is_special(path)
    part = path if as_it_is else path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        file = part.open("w", encoding="utf-8", errors="replace", newline="\n")
    except OSError as error:
        raise _unwritable(output, error) from error
    try:
        with file:
            yield file
        if not as_it_is:
            part.replace(path)
    finally:
        if not as_it_is:
            part.unlink(missing_ok=True)


@contextmanager
def opened_stream(output: str | None) -> Iterator[Path | IO[bytes]]:
    """The target of a writer that completes files by itself: the file, or a stream of bytes."""
    if output is None or output == STDIN:
        yield sys.stdout.buffer
        return
    path = _place(output)
    if not _is_special(path):
        yield path
        return
    try:
        stream = path.open("wb")
    except OSError as error:
        raise _unwritable(output, error) from error
    with stream:
        yield stream


def keep_documents(output: str, paths: Sequence[str]) -> None:
    """Raise ``UsageError`` where writing OUT would replace one of the documents to read."""
    out = _place(output)
    if not out.is_file():
        return
    for path in map(Path, paths):
        if path.is_dir():
            read = out.suffix.lower() in SUFFIXES and out.is_relative_to(path.resolve())
        else:
            read = path.exists() and path.samefile(out)
        if read:
            raise UsageError(
                f"{output!r} is one of the documents to read", hint="name another file with -o"
            )


def _place(output: str) -> Path:
    """The file that a name means. Raises ``UsageError`` where no file can be."""
    try:
        path = Path(output)
        if path.is_dir():
            raise IsADirectoryError(None, "is a directory")
        if not _is_special(path):  # /dev/stdout has no name behind its link
            path = path.resolve()
    except (OSError, RuntimeError, ValueError) as error:  # a ring of links, a NUL
        raise _unwritable(output, error) from error
    return path


def _is_special(path: Path) -> bool:
    return path.exists() and not path.is_file()


def _unwritable(output: str, error: Exception) -> UsageError:
    why = error.strerror if isinstance(error, OSError) else None
    return UsageError(
        f"cannot write {output!r}: {why or error}",
        hint="check that the folder exists and may be written",
    )
