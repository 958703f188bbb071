"""The verbs that print what is fixed: ``codebook``, ``forms`` and ``schema``."""

from __future__ import annotations

import csv
import io
from typing import Any

import click

from govreport_parse.cli.outputs import opened
from govreport_parse.errors import UsageError
from govreport_parse.report import dump_json


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(("csv", "json", "markdown")),
    default="csv",
    show_default=True,
)
@click.option("-o", "--output", metavar="OUT", help="File to write; default: standard output.")
def codebook(form: str, output: str | None) -> None:
    """Print every figure and column with labels, unit, type and comparability."""
    from govreport_parse.codebooks import ENTRY_FIELDS, entries

    rows = [{name: getattr(e, name) for name in ENTRY_FIELDS} for e in entries()]
    if form == "json":
        text = dump_json(rows, indent=2) + "\n"
    elif form == "markdown":
        text = _markdown(rows)
    else:
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, ENTRY_FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        text = buffer.getvalue()
    with opened(output) as out:
        out.write(text)


def _markdown(rows: list[dict[str, Any]]) -> str:
    names = ("short", "path", "zh", "en", "unit", "type", "form", "comparable_with", "note")
    lines = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    for row in rows:
        cells = [str(row[n] or "").replace("|", "\\|") for n in names]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


@click.command()
@click.argument("form_id", required=False, metavar="[FORM]")
@click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True
)
def forms(form_id: str | None, form: str) -> None:
    """List the official forms, or the tables, rows and columns of one FORM."""
    from govreport_parse.formbook import all_forms

    known = all_forms()
    if form_id is not None:
        known = tuple(f for f in known if f.id == form_id)
        if not known:
            raise UsageError(
                f"no form {form_id!r}", hint=f"one of {', '.join(f.id for f in all_forms())}"
            )
    if form == "json":
        click.echo(dump_json([_form_dict(f) for f in known], indent=2))
        return
    for f in known:
        click.echo(f"{f.id}  {f.name_zh}  ({f.name_en})")
        click.echo(f"  basis {f.basis}; first report year {f.first_year}")
        click.echo(f"  {len(f.figures)} figures, {len(f.identities)} identities")
        for table in f.tables:
            click.echo(f"  {table.key:<22} {len(table.figures):>4}  {table.label}")
            if form_id is not None:
                _echo_rows(table)


def _echo_rows(table: Any) -> None:
    for block in table.blocks:
        columns = ", ".join(f"{c.key} {c.label}" for c in block.columns)
        click.echo(f"    columns: {columns}")
        for row in block.rows:
            mark = "" if row.is_data else "  (group)"
            click.echo(f"      {row.key:<32} {row.printed}{mark}")


def _form_dict(form: Any) -> dict[str, Any]:
    return {
        "id": form.id,
        "name_zh": form.name_zh,
        "name_en": form.name_en,
        "basis": form.basis,
        "first_year": form.first_year,
        "sections": [
            {"key": s.key, "label": s.printed, "label_en": s.label_en} for s in form.sections
        ],
        "figures": [
            {"path": f.path, "short": f.short, "zh": f.label, "en": f.label_en, "unit": f.unit}
            for f in form.figures
        ],
        "identities": [
            {
                "id": i.id,
                "scope": i.scope,
                "expected": list(i.expected),
                "found": list(i.found),
                "basis": i.basis,
            }
            for i in form.identities
        ],
    }


@click.command()
def schema() -> None:
    """Print the JSON Schema of one parsed report and of a document that failed."""
    from govreport_parse.schema import schema_text

    click.echo(schema_text(), nl=False)
