"""What goes to stderr, and how foreign text is made harmless for a terminal."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import IO, TYPE_CHECKING

import click

from govreport_parse.errors import GovReportError

if TYPE_CHECKING:
    from govreport_parse.report import Failure

MOST = 600
"""Display columns of a message, so that a hostile name can't flood the terminal."""


def say(text: str, indent: str = "") -> None:
    """One line of progress. Where stderr takes nothing any more, the run goes on without."""
    from govreport_parse.display import plain

    try:
        click.echo(indent + plain(text, MOST), err=True)
    except OSError:
        drop(sys.stderr)


def drop(stream: IO[str]) -> None:
    """Let what a stream still holds go nowhere, so that its last flush can't fail."""
    with suppress(OSError, ValueError):  # no real file descriptor (tests, embedding)
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def complain(error: GovReportError, name: str = "") -> None:
    """``govreport: <Type>: message`` and the hint, with the document's name if it lacks it."""
    where = f"{name}: " if name and name not in error.message else ""
    # Rows at fault have a line each, as the message has them indented; no other newline counts.
    first, *more = error.message.split("\n  ")
    say(f"govreport: {type(error).__name__}: {where}{first}")
    for line in more:
        say(line, "    ")
    if error.hint:
        say(f"hint: {error.hint}", "  ")


def complain_of(failure: Failure) -> None:
    """The error of a document that failed, with the document's name."""
    complain(failure.error, failure.source.name)


def visible(text: str) -> str:
    """The text as it is for a file or pipe; on a terminal control characters are spelled out."""
    if not sys.stdout.isatty():
        return text
    from govreport_parse.display import plain

    return "\n".join(
        line[: len(line) - len(line.lstrip())] + plain(line) for line in text.split("\n")
    )
