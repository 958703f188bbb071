"""``govreport fixture``: record, show, verify, update, sign and score saved documents.

Exit codes: 0 in order, 1 something differs or is out of order, 2 usage.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

import click

from govreport_parse.cli.fetching import CONTACT, fetched
from govreport_parse.cli.messages import complain, say, visible
from govreport_parse.errors import UsageError
from govreport_parse.source import Source

if TYPE_CHECKING:
    from govreport_parse.testing.diff import Comparison
    from govreport_parse.testing.fixture_score import Scoreboard

ROOT = "fixtures"
_root = click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    default=ROOT,
    show_default=True,
    help="Folder of the fixtures.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def fixture() -> None:
    """Regression-test the parser against saved documents.

    A fixture is a folder with a document and what must be read from it. A new one is a draft
    until a person has checked it beside the page and signed it.
    """


# -- add -------------------------------------------------------------------------------------------


@fixture.command()
@click.argument("document", metavar="FILE|URL")
@click.option("--name", help="Name of the fixture; made of the file's name if left out.")
@click.option("--url", help="Where the document was published.")
@click.option("--tag", "tags", multiple=True, help="A word to find it by; may be repeated.")
@click.option("--organ", help="Organ to hand to the parser, when the document names none.")
@click.option("--year", type=int, help="Report year to hand to the parser.")
@click.option("--allow-pii", is_flag=True, help="Store it though it seems to hold personal data.")
@click.option(
    "--contact",
    metavar="MAIL",
    envvar=CONTACT,
    help=f"Of a URL: your mail address or page, told to the host (or ${CONTACT}).",
)
@click.option("--allow-private", is_flag=True, help="Of a URL: permit loopback and private ones.")
@_root
def add(
    document: str,
    name: str | None,
    url: str | None,
    tags: Sequence[str],
    organ: str | None,
    year: int | None,
    allow_pii: bool,
    contact: str | None,
    allow_private: bool,
    root: Path,
) -> None:
    """Store a document and a draft of what is read from it."""
    from govreport_parse.testing.fixtures import add_fixture

    if "://" in document:
        if url is not None:
            raise UsageError("--url goes with a file", hint="the address is known")
        source = fetched(document, contact, allow_private=allow_private)
    elif Path(document).is_dir():
        raise UsageError(f"{document} is a folder", hint="name one document")
    else:
        source = Source.of(Path(document), url)
    folder = add_fixture(
        root,
        source,
        name or _name_of(source.name if source.url and not url else document),
        tags=tags,
        allow_pii=allow_pii,
        organ=organ,
        year=year,
    )
    full = f"{folder.parent.name}/{folder.name}"
    click.echo(str(folder))
    say("a draft: it does not count until a person has checked expected.tsv beside the page")
    say(f"look: govreport fixture show {full}")
    say(f"sign: govreport fixture sign {full} --by WHO")


def _name_of(document: str) -> str:
    # a path of Windows has its own separator, also where this does not run on Windows
    file = PureWindowsPath(document).name
    stem = file.partition(".")[0].lower()
    kept = "".join(c if c.isascii() and c.isalnum() else "_" for c in stem).strip("_")
    if not kept:
        raise UsageError(f"no name can be made of {file!r}", hint="give one with --name")
    return kept[:80]


# -- show ------------------------------------------------------------------------------------------


@fixture.command()
@click.argument("name")
@click.option("--all", "everything", is_flag=True, help="Also rows of nothing but zeros.")
@_root
def show(name: str, everything: bool, root: Path) -> None:
    """Lay source, figures and sums side by side, for checking by eye."""
    from govreport_parse.testing.fixture_view import side_by_side
    from govreport_parse.testing.fixtures import fixture_folder, load_fixture

    loaded = load_fixture(fixture_folder(root, name))
    for line in side_by_side(loaded, everything=everything):
        click.echo(visible(line))


# -- verify ----------------------------------------------------------------------------------------


@fixture.command()
@click.argument("names", nargs=-1)
@_root
def verify(names: Sequence[str], root: Path) -> None:
    """Parse the documents again and list every figure that is not as expected. Reads only."""
    from govreport_parse.testing.diff import describe
    from govreport_parse.testing.fixtures import verify_fixtures

    good = bad = gaps = 0
    for one in verify_fixtures(root, names):
        if one.error is not None:
            complain(one.error)
        elif one.comparison is not None:
            text = describe(one.comparison)
            gaps += len(one.comparison.fixture.gaps)
            if text and (not one.comparison.ok or names):
                click.echo(visible(text))
            if one.draft:
                say(f"{one.name} is a draft; sign it: govreport fixture sign {one.name} --by WHO")
        good, bad = good + one.ok, bad + (not one.ok)
    if not good and not bad:
        raise UsageError(f"there are no fixtures in {root}", hint="govreport fixture add FILE")
    known = f", {gaps} known gaps" if gaps else ""
    say(f"{good} fixtures as expected, {bad} not{known}")
    if bad:
        raise click.exceptions.Exit(1)


# -- update, sign ----------------------------------------------------------------------------------


@fixture.command()
@click.argument("name")
@click.option("--reason", required=True, help="Why the expectation was wrong.")
@click.option("--dry-run", is_flag=True, help="Show the diff, write nothing.")
@_root
def update(name: str, reason: str, dry_run: bool, root: Path) -> None:
    """Take what is read now as the expectation of one fixture, after printing the diff.

    The source is never touched. Figures whose value changed make it a draft again.
    """
    from govreport_parse.testing.fixtures import load_fixture, update_fixture

    done = update_fixture(root, name, reason, write=not dry_run)
    for line in _diff_lines(done.comparison):
        click.echo(visible(line))
    if not done.written:
        say("nothing was written")
        return
    folder = done.comparison.fixture.folder
    say(f"{done.comparison.fixture.name}: expectation updated")
    if load_fixture(folder).draft:
        full = done.comparison.fixture.name
        say(f"a draft again: check it and sign it: govreport fixture sign {full} --by WHO")


def _diff_lines(comparison: Comparison) -> list[str]:
    from govreport_parse.testing.diff import by_kind, fact_lines, figure_lines

    out: list[str] = []
    for kind, group in by_kind(comparison.figures).items():
        if group:
            out.append(f"{kind}: {len(group)}")
            out += [line for d in group for line in figure_lines(d)]
    if comparison.facts:
        out.append(f"statements about the document: {len(comparison.facts)}")
        out += [line for d in comparison.facts for line in fact_lines(d)]
    return out or ["no difference"]


@fixture.command()
@click.argument("name")
@click.option("--by", required=True, help="Who checked it.")
@click.option("--how", default="", help="How it was checked.")
@_root
def sign(name: str, by: str, how: str, root: Path) -> None:
    """State that a person has checked the expectation beside the page."""
    from govreport_parse.testing.fixtures import sign_fixture

    signed = sign_fixture(root, name, by, how)
    say(f"{signed.name}: signed by {by}")


# -- stale, list -----------------------------------------------------------------------------------


@fixture.command()
@_root
def stale(root: Path) -> None:
    """List drafts, fixtures checked with another version, orphan files, folders out of order."""
    from govreport_parse.testing.fixtures import stale_fixtures

    found = stale_fixtures(root)
    for one in found:
        click.echo(visible(f"{one.kind:<14} {one.name}  {one.text}"))
    if any(one.kind != "old parser" for one in found):
        raise click.exceptions.Exit(1)


@fixture.command(name="list")
@click.option("--tag", help="Only those with this tag.")
@_root
def list_(tag: str | None, root: Path) -> None:
    """List the fixtures with format, organ, year and tags."""
    from govreport_parse.errors import DatasetError
    from govreport_parse.testing.fixtures import fixture_folders, load_fixture

    failed = False
    for name, folder in fixture_folders(root).items():
        try:
            one = load_fixture(folder)
        except DatasetError as error:
            complain(error)
            failed = True
            continue
        if tag is not None and tag not in one.meta["tags"]:
            continue
        about = f"{one.meta['organ'] or '-'} {one.meta['year'] or '-'}"
        what = one.error.type if one.error else about
        draft = "  draft" if one.draft else ""
        tags = " ".join(map(str, one.meta["tags"]))
        click.echo(visible(f"{name}  {one.meta['format']}  {what}{draft}  {tags}".rstrip()))
    if failed:
        raise click.exceptions.Exit(1)


# -- score -----------------------------------------------------------------------------------------


@fixture.command()
@click.option("--accept", "accepting", is_flag=True, help="Write the scoreboard.")
@click.option("--allow-drop", metavar="REASON", help="Accept a fall, for this reason.")
@_root
def score(accepting: bool, allow_drop: str | None, root: Path) -> None:
    """Count exact figures per form and format and hold them against the scoreboard."""
    from govreport_parse.testing import fixture_score as board
    from govreport_parse.testing.fixtures import in_ci, verify_fixtures

    if allow_drop is not None and not accepting:
        raise UsageError("--allow-drop goes with --accept", hint="give both, or neither")
    if accepting and in_ci():
        raise UsageError("the scoreboard is not written in CI", hint="accept it at your desk")
    results = list(verify_fixtures(root))
    errors = [one.error for one in results if one.error is not None]
    for error in errors:
        complain(error)
    if errors:
        raise click.exceptions.Exit(1)
    now = board.score_of([one.comparison for one in results if one.comparison is not None])
    _print_score(now)
    if accepting:
        for fall in board.accept(root, now, allow_drop):
            say(f"accepted: {fall}")
        say(f"{root / 'scoreboard.json'} written")
        return
    old = board.read_board(root)
    for line in board.changes(old, now):
        say(line)
    fallen = board.falls(old, now)
    for line in fallen:
        click.echo(visible(line))
    if fallen:
        raise click.exceptions.Exit(1)
    if board.changes(old, now):
        say("not on the scoreboard yet: govreport fixture score --accept")


def _print_score(now: Scoreboard) -> None:
    for form, by in now.groups.items():
        for kind, score_ in by.items():
            click.echo(f"{form:<18} {kind:<8} {score_}")
