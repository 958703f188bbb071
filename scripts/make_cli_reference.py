"""Writes docs/cli-reference.md from the command line itself. tests/docs checks that it is current.

python scripts/make_cli_reference.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from govreport_parse.cli.main import VERBS, cli

PAGE = Path(__file__).parents[1] / "docs" / "cli-reference.md"
WIDTH = 96
HEAD = """# Command line

<!-- Written by scripts/make_cli_reference.py; a test tells when it is out of date. -->

Data goes to standard output, progress and messages to standard error; `-` reads standard input.
Exit codes: 0 everything parsed, 1 at least one document failed (the others are still written),
2 wrong usage, 3 with `--strict`: a sum of the form is broken, 130 interrupted, 141 the reader of
the output went away. `harvest` also ends with 74 (disk full) and 75 (folder in use).

"""


def help_of(command: click.Command, name: str, parent: click.Context | None) -> str:
    """What ``--help`` prints, at a fixed width."""
    context = click.Context(
        command,
        info_name=name,
        parent=parent,
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        help_option_names=["-h", "--help"],
    )
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


def pieces() -> Iterator[str]:
    """The page, command by command."""
    root = click.Context(cli, info_name="govreport", help_option_names=["-h", "--help"])
    yield HEAD
    yield f"```text\n{help_of(cli, 'govreport', None)}\n```\n"
    for verb in VERBS:
        command = cli.get_command(root, verb)
        assert command is not None
        yield f"\n## govreport {verb}\n\n```text\n{help_of(command, verb, root)}\n```\n"
        if isinstance(command, click.Group):
            own = click.Context(command, info_name=verb, parent=root)
            for name in command.list_commands(own):
                inner = command.get_command(own, name)
                assert inner is not None
                yield f"\n### govreport {verb} {name}\n\n"
                yield f"```text\n{help_of(inner, name, own)}\n```\n"


def reference() -> str:
    """The whole page."""
    return "".join(pieces())


if __name__ == "__main__":
    PAGE.write_text(reference(), "utf-8")
