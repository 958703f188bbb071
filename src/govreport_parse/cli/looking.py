"""The verbs that look at one document: ``explain`` and ``show``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from govreport_parse.cli import inputs
from govreport_parse.cli.messages import say, visible
from govreport_parse.documents.model import Document, Heading, Paragraph, Table
from govreport_parse.report import Report
from govreport_parse.source import Source
from govreport_parse.values import Finding, State

STAGES = ("text", "blocks", "match")
ENGINES = ("fast", "pdfplumber", "both")


@click.command()
@click.argument("path")
@click.argument("figure")
@click.option("--no-solve", is_flag=True, help="Leave lost places ambiguous.")
def explain(path: str, figure: str, no_solve: bool) -> None:
    """Tell of one FIGURE (table/row/column) its value, state, place and checks.

    For example: govreport explain report.html requests/granted/total
    """
    from govreport_parse.parsing import parse

    with inputs.one(path) as source:
        report = parse(source, solve=not no_solve)
        first, *more = [r for r in (report, *report.others) if figure in r] or [report]
        click.echo(visible(first.explain(figure)))
        for other in more:
            click.echo(visible(f"\n{other.report_id}: {other.explain(figure)}"))


@click.command()
@click.argument("path")
@click.option(
    "--stage",
    type=click.Choice(STAGES),
    default="blocks",
    show_default=True,
    help="text: as decoded; blocks: headings, paragraphs, tables; match: rows and figures.",
)
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    help="PDF only: the engine that reads it; both: also where the two differ.",
)
@click.option(
    "-o",
    "--output",
    metavar="PNG",
    help="With --stage match, for PDF and scans: draw the figures on the pages.",
)
def show(path: str, stage: str, engine: str | None, output: str | None) -> None:
    """Show a document between the stages of parsing, to see where a number was lost."""
    if output is not None and stage != "match":
        raise click.UsageError(f"-o draws what was matched: give --stage match, not {stage}")
    with inputs.one(path) as source:
        if engine is not None and not _is_pdf(source):
            raise click.UsageError(f"--engine is for PDF, and {source.name} is none")
        if stage == "text":
            _show_text(source, engine or "fast")
        elif stage == "blocks":
            _show_blocks(source, engine or "fast")
        elif output is None:
            _show_match(source, engine or "auto")
        else:
            _draw_match(source, engine or "auto", output)


def _is_pdf(source: Source) -> bool:
    from govreport_parse.decode.sniff import sniff

    return sniff(source.data, source.name, source.content_type).kind == "pdf"


def _read(source: Source, engine: str) -> Document:
    from govreport_parse.reading import read_document

    return read_document(source, engine="fast" if engine == "both" else engine)


def _tell_differences(source: Source, document: Document) -> None:
    """Where the reference reads a PDF otherwise than the fast engine did."""
    from govreport_parse.display import plain
    from govreport_parse.documents.pdf_compare import differences

    found = differences(document, _read(source, "pdfplumber"))
    if not found:
        click.echo("\nboth engines read the same")
        return
    click.echo(f"\nthe engines differ in {len(found)} {'place' if len(found) == 1 else 'places'}")
    for place, ours, theirs in found:
        click.echo(f"  {place}")
        for engine, text in (("fast", ours), ("pdfplumber", theirs)):
            said = "nothing" if text is None else f"“{plain(text, 60)}”"
            click.echo(f"    {engine:<10}  {said}")


# -- text ------------------------------------------------------------------------------------------


def _show_text(source: Source, engine: str) -> None:
    from govreport_parse.decode.charset import decode_text
    from govreport_parse.decode.sniff import sniff

    found = sniff(source.data, source.name, source.content_type)
    if found.kind in ("html", "text"):
        decoded = decode_text(source.data, content_type=source.content_type)
        declared = f", declared {decoded.declared}" if decoded.declared else ""
        say(f"{source.name}: {found.media_type}, {decoded.encoding}{declared}")
        _tell(decoded.findings)
        click.echo(visible(decoded.text))
        return
    document = _read(source, engine)
    say(f"{source.name}: {document.media_type or found.media_type}, texts of its blocks")
    _tell(document.findings)
    for block in document.blocks:
        if isinstance(block, Table):
            for row in block.grid():
                click.echo(visible(" | ".join(" ".join(cell.split()) for cell in row)))
        else:
            click.echo(visible(block.text))
    if engine == "both":
        _tell_differences(source, document)


def _tell(findings: Iterable[Finding]) -> None:
    for finding in findings:
        say(f"{finding.severity} {finding.code}: {finding.message}", "  ")


# -- blocks ----------------------------------------------------------------------------------------


def _show_blocks(source: Source, engine: str) -> None:
    document = _read(source, engine)
    for line in outline(document):
        click.echo(line)
    if engine == "both":
        _tell_differences(source, document)
    _tell(document.findings)


def outline(document: Document) -> list[str]:
    """One line a block: number, kind, place, first words; of tables the shape and first cells."""
    from govreport_parse.display import plain

    tables = len(document.tables)
    lines = [
        f"{document.format}, {len(document.blocks)} blocks, {tables} tables"
        + (", pictures" if document.has_pictures else "")
    ]
    for name, value in document.meta.items():
        lines.append(f"  {name}: {plain(value, 60)}")
    for i, block in enumerate(document.blocks, 1):
        lines.append(f"{i:>4}  {_block_line(block)}")
    return lines


def _block_line(block: Heading | Paragraph | Table) -> str:
    from govreport_parse.display import plain

    if isinstance(block, Table):
        first = " | ".join(plain(t, 12) for t in block.texts[:4])
        page = f", page {block.page}" if block.page is not None else ""
        notes = f" ({', '.join(block.notes)})" if block.notes else ""
        shape = f"{block.n_rows} x {block.n_columns}, {len(block)} cells"
        return f"table {block.number}  {shape}{page}{notes}: {plain(first, 48)}"
    place = str(block.locator)
    kind = f"h{block.level}" if isinstance(block, Heading) else "p"
    where = "" if place == "nowhere" else f"{place}  "
    return f"{kind:<3} {where}{plain(block.text, 56)}"


# -- match -----------------------------------------------------------------------------------------


def _show_match(source: Source, engine: str) -> None:
    from govreport_parse.parsing import parse

    report = parse(source, engine=engine)
    for one in (report, *report.others):
        for line in matched(one):
            click.echo(line)
        _tell(f for f in one.findings if f.code.startswith("engine"))


def _draw_match(source: Source, engine: str, output: str) -> None:
    from govreport_parse.display.overlay import save
    from govreport_parse.parsing import parse

    report = parse(source, engine=engine)
    for path in save(source.data, (report, *report.others), Path(output)):
        say(f"{path} written")


SIGNS = {
    State.BLANK: "·",
    State.DASH: "-",
    State.ABSENT: "x",
    State.UNREADABLE: "?",
    State.AMBIGUOUS: "~",
    State.SOLVED: "=",
}
LEGEND = "· blank   - dash   x absent   ?text unreadable   ~text ambiguous   =number solved"


def matched(report: Report) -> list[str]:
    """Every row of the form with how it was found, its label in the source and its figures."""
    from govreport_parse.display import plain

    lines = [f"{report.report_id}  form {report.form}"]
    headings = [(s.key, plain(s.heading, 50) or "(no heading)") for s in report.sections]
    lines += [f"  section {key}: {heading}" for key, heading in headings]
    for table in report.layout.tables:
        lines += ["", f"{table.key} ({report.forms[table.key]})"]
        at = report.layout.offsets[table.key]
        for block in table.blocks:
            for row in block.data_rows:
                n = len(block.columns)
                lines += _row_lines(report, table.key, row.key, range(at, at + n))
                at += n
    for extra in report.extra_rows:
        cells = " ".join(plain(str(c), 20) for c in extra.get("cells", ()))
        lines.append(f"  extra row in {extra.get('table')}: {plain(str(extra['label']))} | {cells}")
    if report.layout.tables:
        lines += ["", LEGEND]
    return lines


def _row_lines(report: Report, table: str, row: str, figures: range) -> list[str]:
    from govreport_parse.display import plain

    cells = "  ".join(_cell(report, i) for i in figures)
    match = report.rows.get((table, row))
    if match is None:
        return [f"  {row:<32} not found     {cells}"]
    place = f" [{match.locator}]" if match.locator else ""
    label = f"“{plain(match.label, 60)}”" if match.label.strip() else "(no label)"
    return [f"  {row:<32} {match.how:<9}     {cells}", f"      {label}{place}"]


def _cell(report: Report, i: int) -> str:
    from govreport_parse.display import plain

    columns = report.columns
    state = columns.states[i]
    sign = SIGNS.get(state, "")
    if columns.values[i] is not None:
        return f"{sign}{columns.values[i]}"
    if state in (State.UNREADABLE, State.AMBIGUOUS):
        return sign + plain(columns.raws[i], 24)
    return sign
