"""The caller's data as one DataFrame: who, when, and the figures of a chart as numbers."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from govreport_parse.codebooks import WAN, entries, figures_by_path
from govreport_parse.errors import UsageError
from govreport_parse.formbook.spec import FigureSpec
from govreport_parse.numbers import to_wan_yuan
from govreport_parse.report import Failure, Report

if TYPE_CHECKING:
    import pandas

HEAD = ("organ", "division_code", "year", "report_id")
_LONG = ("table", "row", "column", "value")
_MARKS = ("duplicate_of", "superseded_by")


@dataclass(frozen=True, slots=True)
class Rows:
    """One row a report: ``HEAD`` and one ``float64`` column a path; ``nan`` is no value.

    Amounts are in 万元. ``failed`` counts the documents that gave no report.
    """

    frame: pandas.DataFrame
    failed: int = 0


def figure_of(name: str) -> FigureSpec:
    """The figure of a path or short name. ``UsageError``: there is none."""
    known = _by_name()
    spec = known.get(name) if isinstance(name, str) else None
    if spec is None:
        near = difflib.get_close_matches(str(name), known, n=1)
        raise UsageError(
            f"no figure {name!r}", hint=f"did you mean {near[0]!r}?" if near else "see codebook()"
        )
    return spec


@cache
def _by_name() -> dict[str, FigureSpec]:
    out: dict[str, FigureSpec] = {}
    for path, specs in figures_by_path().items():
        out[path] = specs[0]
        out.setdefault(specs[0].short, specs[0])
        if specs[0].column.type == "decimal":
            out.setdefault(specs[0].short + WAN, specs[0])
    return out


@cache
def _sums() -> dict[str, tuple[str, ...]]:
    """Figures that the later form splits, and into what (``comparable_with`` of the codebook)."""
    out = {}
    for entry in entries():
        whole, sign, parts = (entry.comparable_with or "").partition(" = ")
        if sign:
            out[whole] = tuple(parts.split(" + "))
    return out


def rows_of(data: Any, paths: Sequence[str], spare: Sequence[str] = ()) -> Rows:
    """The figures ``paths`` of a dataset, report, reports or DataFrame.

    ``spare``: those of them that a DataFrame may lack; they then have no values. Copies and
    superseded versions in a dataset are left out. ``UsageError``: nothing to draw, or
    data of another kind.
    """
    paths = list(dict.fromkeys(paths))
    if hasattr(data, "panel") and hasattr(data, "reports"):
        rows = Rows(_of_panel(data.panel(paths, unnamed=True), paths))
    elif hasattr(data, "columns") and hasattr(data, "iloc"):
        rows = Rows(_of_frame(data, paths, spare))
    else:
        rows = _of_reports(data, paths)
    if rows.frame.empty:
        raise UsageError("there are no reports to draw", hint="give a report, reports or a dataset")
    return rows


def reports_of(data: Any) -> Iterator[Report | Failure]:
    """The reports of an iterable, those inside others too. ``UsageError``: something else."""
    if isinstance(data, (Report, Failure)):
        data = [data]
    if isinstance(data, (str, bytes)) or not isinstance(data, Iterable):
        raise UsageError(
            f"charts are drawn of reports, not of {type(data).__name__}",
            hint="give a Dataset, a Report, several reports, or a DataFrame of to_frame()",
        )
    for item in data:
        if isinstance(item, Report):
            yield item
            yield from reports_of(item.others)
        elif isinstance(item, Failure):
            yield item
        else:
            raise UsageError(
                f"a report is needed, not {type(item).__name__}",
                hint="give what parse() or parse_many() returned",
            )


def _of_panel(panel: pandas.DataFrame, paths: Sequence[str]) -> pandas.DataFrame:
    """``Dataset.panel``: its last columns are the figures in the order asked for."""
    out = panel[list(HEAD)].copy()
    for path, name in zip(paths, panel.columns[-len(paths) :], strict=True):
        out[path] = _floats(panel[name])
    return out


def _of_reports(data: Any, paths: Sequence[str]) -> Rows:
    import pandas as pd

    found: list[tuple[Any, ...]] = []
    failed = 0
    for report in reports_of(data):
        if isinstance(report, Failure):
            failed += 1
            continue
        head = (report.organ, report.division_code, report.year, report.report_id)
        found.append((*head, *(_number(report, path) for path in paths)))
    frame = pd.DataFrame(found, columns=[*HEAD, *paths])
    frame["year"] = frame["year"].astype("Int64")
    return Rows(frame.astype(dict.fromkeys(paths, "float64")), failed)


def _number(report: Report, path: str) -> float:
    i = report.layout.index.get(path)
    if i is None:
        parts = _sums().get(path, ())
        return sum(_number(report, p) for p in parts) if parts else float("nan")
    value = report.columns.values[i]
    spec = report.layout.figures[i]
    if value is not None and spec.column.type == "decimal":
        value = to_wan_yuan(Decimal(value), report.columns.units.get(i, spec.unit))
    return float("nan") if value is None else float(value)


def _of_frame(
    data: pandas.DataFrame, paths: Sequence[str], spare: Sequence[str]
) -> pandas.DataFrame:
    import pandas as pd

    for name in ("organ", "year"):
        if name not in data.columns:
            raise UsageError(
                f"the frame has no column {name!r}", hint="give a frame of to_frame() or panel()"
            )
    if all(name in data.columns for name in _LONG):
        return _of_long(data, paths)
    for mark in _MARKS:
        if mark in data.columns:
            data = data[data[mark].isna()]
    out = pd.DataFrame({n: data[n] if n in data.columns else None for n in HEAD})
    for path in paths:
        lacking = path in spare and not {path, figure_of(path).short} & set(data.columns)
        out[path] = float("nan") if lacking else _column(data, path)
    return out.reset_index(drop=True)


def _column(data: pandas.DataFrame, path: str) -> Any:
    spec = figure_of(path)
    short = spec.short + (WAN if spec.column.type == "decimal" else "")
    names = [name for name in (short, path) if name in data.columns]
    parts = _sums().get(path, ())
    if not names and not (parts and all(figure_of(p).short in data.columns for p in parts)):
        raise UsageError(
            f"the frame has no column {short!r}",
            hint=f"give to_frame(..., 'wide') or panel([{path!r}])",
        )
    own = _floats(data[names[0]]) if names else float("nan")
    if not parts or not all(figure_of(p).short in data.columns for p in parts):
        return own
    import numpy as np

    together = np.sum([_floats(data[figure_of(p).short]) for p in parts], axis=0)
    return np.where(np.isnan(own), together, own)


def _of_long(data: pandas.DataFrame, paths: Sequence[str]) -> pandas.DataFrame:
    """One row a figure: turned into one row a report. Amounts by ``amount_wan_yuan``."""
    import pandas as pd

    for name in ("report_id", "amount_wan_yuan"):
        if name not in data.columns:
            raise UsageError(f"the frame has no column {name!r}", hint="give to_frame(..., 'long')")
    where = data["table"] + "/" + data["row"] + "/" + data["column"]
    out = data[list(HEAD)].drop_duplicates("report_id").reset_index(drop=True)
    for path in paths:
        specs = {p: figure_of(p) for p in (path, *_sums().get(path, ()))}
        columns = {}
        for p, spec in specs.items():
            value = "amount_wan_yuan" if spec.column.type == "decimal" else "value"
            chosen = data[where == p]
            one = pd.Series(_floats(chosen[value]), index=chosen["report_id"])
            columns[spec.short + (WAN if spec.column.type == "decimal" else "")] = one.reindex(
                out["report_id"]
            ).to_numpy()
        out[path] = _column(pd.DataFrame(columns), path)
    return out


def _floats(column: Any) -> Any:
    try:
        return column.astype("Float64").to_numpy(dtype="float64", na_value=float("nan"))
    except (ValueError, TypeError) as error:
        raise UsageError(
            f"{column.name!r} holds something that is no number",
            hint="give figures as numbers, blanks as missing values",
        ) from error
