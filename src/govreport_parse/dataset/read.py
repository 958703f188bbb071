"""``load``: a dataset folder as an object, its tables lazy, its views made when asked for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govreport_parse.dataset.layout import TABLES, codebook_table
from govreport_parse.dataset.manifest import (
    INNER,
    Manifest,
    check_columns,
    exists,
    read_manifest,
)
from govreport_parse.dataset.views import View
from govreport_parse.errors import DatasetError, UsageError
from govreport_parse.source import named_path

if TYPE_CHECKING:
    import pandas

OVERTAKEN = 20
"""How many writes may commit while one ``load`` looks at the files."""


class Dataset:
    """A loaded dataset: ``reports``, ``figures``, ``checks``, ``findings``, ``sections``,
    ``narrative``, ``indicators`` and ``failures`` are lazy tables; nothing is read before it is
    asked for.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self.manifest = manifest

    def table(self, name: str) -> View:
        """One table by name. Raises ``UsageError`` for an unknown one."""
        if name not in TABLES:
            raise UsageError(f"a dataset has no table {name!r}", hint=f"one of {', '.join(TABLES)}")
        return View(self.folder, name, self.manifest.of(name))

    @property
    def reports(self) -> View:
        """One row a report."""
        return self.table("reports")

    @property
    def figures(self) -> View:
        """One row a figure: the long frame without ``short`` (the codebook has it by ``path``)."""
        return self.table("figures")

    @property
    def checks(self) -> View:
        """One row an identity of a report."""
        return self.table("checks")

    @property
    def findings(self) -> View:
        """One row a finding."""
        return self.table("findings")

    @property
    def sections(self) -> View:
        """One row a section, with its text."""
        return self.table("sections")

    @property
    def narrative(self) -> View:
        """One row a count that a sentence of a report gives."""
        return self.table("narrative")

    @property
    def indicators(self) -> View:
        """One row a row of an indicator table in an older report, as it stands there."""
        return self.table("indicators")

    @property
    def failures(self) -> View:
        """One row a document of which no report could be made."""
        return self.table("failures")

    @property
    def years(self) -> list[int]:
        """The report years, unknown left out."""
        return [y for y in self.reports.years if y is not None]

    def codebook(self) -> pandas.DataFrame:
        """Every figure and column of the dataset with its meaning."""
        from govreport_parse.frames import to_pandas

        return to_pandas(codebook_table())

    @staticmethod
    def crosswalk() -> pandas.DataFrame:
        """The figures of ``panel``, one row each: what they are made of in which form, and why."""
        from govreport_parse.dataset.panel import crosswalk_table
        from govreport_parse.frames import to_pandas

        return to_pandas(crosswalk_table())

    def wide(self, years: Iterable[int] | None = None) -> pandas.DataFrame:
        """One row a report, one column a figure of all forms (as ``to_frame(…, "wide")``).

        Raises ``UsageError`` for years that are no numbers.
        """
        from govreport_parse.dataset.panel import wide
        from govreport_parse.frames import to_pandas

        return to_pandas(wide(self, _whole(years)))

    def panel(
        self, figures: Sequence[str] | None = None, *, unnamed: bool = False
    ) -> pandas.DataFrame:
        """Organ x year, figures that both forms ask for under one name (see ``crosswalk``).

        ``figures``: paths or names of the crosswalk; default: all that are comparable. Copies and
        superseded versions are left out; reports without organ or year too, unless ``unnamed``.
        ``n_reports`` says how many reports of that organ and year there are (more than 1: look at
        them). Amounts are in
        万元. Sums over split rows are null unless every part has a value: a blank is not 0.
        Raises ``UsageError`` for an unknown figure.
        """
        from govreport_parse.dataset.panel import panel
        from govreport_parse.frames import to_pandas

        return to_pandas(panel(self, figures, unnamed))

    def coverage(
        self,
        divisions: Iterable[str] | Mapping[str, str] | None = None,
        years: Iterable[int] | None = None,
    ) -> pandas.DataFrame:
        """Division or organ x year: ``complete``, ``partial``, ``failed``, ``not found``, and why.

        ``divisions``: the division codes that ought to be there (a mapping gives their names): one
        row each, of the report of its government; where only a bureau or town in it has reported,
        of theirs, and the reason says so. Default: every division and organ seen (an organ with
        one code in other years is the same where a report gives none; what names no organ stands
        in its own year only). ``years``: default all from first to last.
        Raises ``UsageError`` for divisions that are no texts and years that are no numbers.
        """
        from govreport_parse.dataset.coverage import coverage
        from govreport_parse.frames import to_pandas

        return to_pandas(coverage(self, divisions, _whole(years)))

    def check_panel(self, levels: Mapping[str, str] | None = None) -> pandas.DataFrame:
        """Year against year (as ``govreport_parse.check_panel``): one row an observation.

        Carried in against carried forward, items and stocks from year to year, rules below
        prefecture level, jumps. ``report_ids`` and ``years`` name the reports compared, joined by
        ``;``. Copies and superseded versions are left out. ``levels``: report id or organ to level.
        """
        from govreport_parse.dataset.panel_checks import panel_findings
        from govreport_parse.frames import to_pandas

        return to_pandas(panel_findings(self, levels))

    def sql(self, query: str) -> pandas.DataFrame:
        """The answer of DuckDB to a query over the tables by name (and ``codebook``).

        ``table``, ``row`` and ``column`` are words of SQL: write ``"row"``, or use ``path``.
        Raises ``UsageError`` when DuckDB is not installed or does not take the query.
        """
        from govreport_parse.dataset.query import run
        from govreport_parse.frames import to_pandas

        return to_pandas(run(self, query))

    def export(self, to: str, out: str | os.PathLike[str], **options: Any) -> list[Path]:
        """Write the dataset as csv, excel, stata, json or datapackage; gives the files made."""
        from govreport_parse.dataset.exports import export

        return export(self, to, out, **options)

    def methods(self) -> str:
        """A note for a paper's data section: counts, dates, failures, checks (Markdown)."""
        from govreport_parse.dataset.methods import methods_note

        return methods_note(self)

    def __len__(self) -> int:
        return len(self.reports)

    def __repr__(self) -> str:
        counts = self.manifest.counts
        years = self.years
        span = f"{years[0]}-{years[-1]}" if len(years) > 1 else "".join(map(str, years))
        lines = [
            f"Dataset {str(self.folder)!r}, parser {self.manifest.parser_version}",
            f"  {len(self):,} reports" + (f" of {span}" if span else ""),
            f"  {counts.get('duplicates', 0):,} duplicates and {counts.get('superseded', 0):,} "
            f"older versions among them; {len(self.failures):,} documents failed",
        ]
        lines += [f"  .{name:<9} {len(self.table(name)):>13,} rows" for name in TABLES]
        return "\n".join(lines)


def _whole(years: Any) -> list[int] | None:
    """The years asked for; ``UsageError`` where they are no whole numbers."""
    if years is None:
        return None
    if isinstance(years, Iterable) and not isinstance(years, str | bytes):
        found: list[Any] = list(years)
        if all(isinstance(year, Integral) for year in found):
            return [int(year) for year in found]
    raise UsageError(f"years are whole numbers, not {years!r}"[:200], hint="[2022, 2023]")


def load(folder: str | os.PathLike[str]) -> Dataset:
    """The dataset in a folder, or in its subfolder ``dataset``.

    Reads the manifest and looks at the names and sizes of the files, not into them. Raises
    ``DatasetError``: the folder is no dataset, was written by a newer version, is half-written, or
    a file is missing or cut. A writer may work beside it: what it gives is the dataset before or
    after that write.
    """
    root = find(folder)
    manifest = read_manifest(root)
    for _ in range(OVERTAKEN):
        try:
            return _checked(root, manifest)
        except DatasetError:
            # a writer that committed after we read the manifest takes the old parts away
            newer = read_manifest(root)
            if newer == manifest:
                raise
            manifest = newer
    return _checked(root, manifest)


def _checked(root: Path, manifest: Manifest) -> Dataset:
    check_columns(root, manifest)
    made = Dataset(root, manifest)
    for table in TABLES:
        made.table(table).check()
    return made


def find(folder: str | os.PathLike[str]) -> Path:
    """The folder that holds the manifest: the one given, or its subfolder ``dataset``."""
    root = named_path(folder, "the dataset")
    if not exists(root) and exists(root / INNER):
        return root / INNER
    return root
