"""``govreport``: the table of verbs and what happens to errors.

A verb is a line in ``VERBS``: its name, where its command is (``module:name``) and one line of
help. The module is imported when the verb is used, so that ``govreport --help`` loads none.

stdout is data, stderr is progress and messages. Exit codes: 0 everything parsed, 1 at least one
document failed, 2 usage, 3 a hard identity is broken (``--strict``), 130 interrupted, 141 the
reader of the output went away.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from govreport_parse import __version__
from govreport_parse.cli.messages import complain
from govreport_parse.errors import GovReportError, UsageError

FAILED = 1
USAGE = 2
STRICT = 3
NO_ROOM = 74
INTERRUPTED = 130
PIPE_CLOSED = 141
_NO_ROOM = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EBADF, errno.EIO})
"""What a write to standard output ends in: a full disk, a closed stream, a terminal that left."""
_MEND = {errno.EBADF: "leave standard output open", errno.EIO: "look at the disk"}

_HERE = "govreport_parse.cli."
VERBS: dict[str, tuple[str, str]] = {
    "parse": (_HERE + "reading:parse", "Parse reports into cards, JSON, CSV or Parquet."),
    "check": (_HERE + "reading:check", "Apply the form's sums to reports and list what fails."),
    "explain": (_HERE + "looking:explain", "Tell where one figure comes from."),
    "show": (_HERE + "looking:show", "Show a document between the stages of parsing."),
    "review": (_HERE + "reviewing:review", "Write a page to review a document or a dataset."),
    "fetch": (_HERE + "harvesting:fetch", "Fetch addresses into an archive."),
    "discover": (_HERE + "harvesting:discover", "List the reports that a site or list offers."),
    "harvest": (_HERE + "harvesting:harvest", "Fetch reports politely into a dataset; resumable."),
    "build": (_HERE + "harvesting_build:build", "Parse an archive again into its dataset."),
    "import": (_HERE + "exporting:import_", "Parse local documents into a dataset."),
    "mine": (_HERE + "mining:mine", "Find reports in web archives and text corpora."),
    "export": (_HERE + "exporting:export", "Write a dataset as CSV, Excel, Stata or JSON."),
    "merge": (_HERE + "scaling:merge", "Join the datasets of shards into one."),
    "status": (_HERE + "exporting:status", "Tell what a dataset holds."),
    "verify": (_HERE + "exporting:verify", "Check that a dataset is as it was written."),
    "codebook": (_HERE + "reference:codebook", "Print every figure and column with its meaning."),
    "forms": (_HERE + "reference:forms", "List the official forms and what they ask for."),
    "schema": (_HERE + "reference:schema", "Print the JSON Schema of a parsed report."),
    "fixture": (_HERE + "fixture:fixture", "Regression-test the parser against saved documents."),
    "demo": (_HERE + "demo:demo", "Parse the bundled samples into a small dataset."),
}
"""Verb to its command and its line of help, in the order of the list of commands."""


class Verbs(click.Group):
    """A group whose commands are imported on use, and which turns errors into exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The verbs in the order of the table."""
        return list(VERBS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002
        cmd_name: str,
    ) -> click.Command | None:
        """The command of a verb; ``None`` for an unknown one."""
        if cmd_name not in VERBS:
            return None
        module, name = VERBS[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        """The list of verbs, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(verb, text) for verb, (_, text) in VERBS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse an empty argument: as a path it would be the folder one stands in."""
        empty = next((a for a in args if not a or (a.startswith("--") and a[-1] == "=")), None)
        if empty is not None:
            name = f"of {empty[:-1]} " if empty else ""
            raise click.UsageError(
                f"an argument {name}is empty (an unset variable?); the folder you are in is .", ctx
            )
        return super().parse_args(ctx, args)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """The context of a call; ``--help`` and ``--version`` print here already."""
        with _errors_told():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a verb. Our errors become a message and an exit code; a closed pipe is silent."""
        with _errors_told():
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()


@contextmanager
def _errors_told() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        _drop_output()
        raise click.exceptions.Exit(PIPE_CLOSED) from None
    except UsageError as error:
        complain(error)
        raise click.exceptions.Exit(USAGE) from None
    except GovReportError as error:
        complain(error)
        raise click.exceptions.Exit(FAILED) from None
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        _drop_output()
        complain(
            GovReportError(
                f"cannot write the output: {error.strerror}",
                hint=f"what was written is not whole; {_MEND.get(error.errno, 'make room')} "
                "and run it again",
            )
        )
        raise click.exceptions.Exit(NO_ROOM) from None


def _drop_output() -> None:
    """Let the interpreter's last flush go nowhere."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # no real file descriptor (tests, embedding)
        sys.stdout = io.StringIO()


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=(
        "Exit codes: 0 all parsed, 1 a document failed, 2 usage, 3 with --strict: a sum is broken."
    ),
)
@click.version_option(__version__, prog_name="govreport")
def cli() -> None:
    """Read Chinese government-information annual reports (政府信息公开工作年度报告).

    Every number comes with its state and its place in the source. Nothing is invented: a blank
    is not 0, and what could not be read is said.
    """


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    _fill_closed_streams()
    _speak_utf8()
    try:
        code = cli.main(
            args=None if args is None else list(args), prog_name="govreport", standalone_mode=False
        )
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("govreport: interrupted", err=True)
        return INTERRUPTED
    return code if isinstance(code, int) else 0


def _fill_closed_streams() -> None:
    """Give a stream that the caller closed (``>&-``) its number back.

    Otherwise the first file that is opened gets the number, and whoever writes to standard output
    writes into that file. What stands here can't be written to: data end in an error, not nowhere.
    """
    if sys.stdin is None:
        sys.stdin = open(os.open(os.devnull, os.O_WRONLY), closefd=False)  # noqa: SIM115
    if sys.stdout is None:
        sys.stdout = open(os.open(os.devnull, os.O_RDONLY), "w", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.open(os.devnull, os.O_WRONLY), "w", closefd=False)  # noqa: SIM115


def _speak_utf8() -> None:
    """Chinese goes out as UTF-8 whatever the locale; what has no UTF-8 becomes ``?``."""
    if isinstance(getattr(sys.stdout, "buffer", None), io.RawIOBase):
        # PYTHONUNBUFFERED: a text layer on a raw file drops what a partial write left over
        sys.stdout = open(  # noqa: SIM115
            sys.stdout.fileno(), "w", encoding="utf-8", closefd=False
        )
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


if __name__ == "__main__":
    sys.exit(main())
