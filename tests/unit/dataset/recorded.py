"""Reports built from generated records: what a dataset must hold is known without any parser."""

from __future__ import annotations

import datetime
import hashlib
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from govreport_parse.documents.model import Table
from govreport_parse.report import FigureColumns, Report, Section, SourceInfo
from govreport_parse.testing import Record, random_record
from govreport_parse.values import Finding

FORMS = ("ogi_annual_2021", "ogi_annual_2021", "ogi_annual_2019", "hybrid")
SIZES = ("small", "county", "county", "city")


def records(n: int, seed: int = 1) -> list[Record]:
    rng = random.Random(seed)
    return [
        random_record(rng, FORMS[i % 4], SIZES[i % 3], blanks=rng.choice((0, 0.2)))  # type: ignore[arg-type]
        for i in range(n)
    ]


def report_of(record: Record, number: int, *, year: int | None = None) -> Report:
    """The report of a record; ``number`` makes its bytes, address and organ its own."""
    layout = record.layout
    cells = [record.cells[path] for path in layout.paths]
    sha = hashlib.sha256(str(number).encode()).hexdigest()
    columns = FigureColumns(
        [c.value for c in cells], [c.state for c in cells], [c.text for c in cells], []
    )
    table = Table(2)
    for i, (cell, spec) in enumerate(zip(cells, layout.figures, strict=True)):
        columns.where.append((table, i))
        table.add(cell.text, i // 7, i % 7)
        if cell.unit != spec.unit:
            columns.units[i] = cell.unit
    return Report(
        report_id=sha[:16],
        source=SourceInfo(
            f"{number}.html", f"https://h{number}.example/r", sha, 999, "text/html", "utf-8"
        ),
        layout=layout,
        form=layout.form,
        columns=columns,
        title=record.title,
        organ=f"{record.organ}{number}",
        organ_source="title",
        division_code=f"{110000 + number % 3000}",
        year=year or record.year,
        year_source="title",
        published=datetime.date.fromisoformat(record.published),
        sections=tuple(
            Section(key, key, "\n".join(texts)) for key, texts in record.sections.items()
        ),
        findings=(Finding("noted", "info", f"number {number}", "编号"),) * (number % 3),
    )


def many(n: int, distinct: int = 100, seed: int = 1) -> Iterator[tuple[Record, Report]]:
    """``n`` reports of ``distinct`` records, each with its own bytes and organ."""
    made = records(distinct, seed)
    for number in range(n):
        record = made[number % distinct]
        yield record, report_of(record, number)


def as_copy(report: Report, name: str, **more: object) -> Report:
    """The same figures from other bytes."""
    sha = hashlib.sha256(name.encode()).hexdigest()
    url = more.pop("url", f"https://{name}.example/r")
    source = replace(report.source, name=name, sha256=sha, url=url)  # type: ignore[arg-type]
    return replace(report, report_id=sha[:16], source=source, **more)  # type: ignore[arg-type]


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a dataset with its bytes."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != ".lock"
    }
