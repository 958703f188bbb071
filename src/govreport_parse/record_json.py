"""The JSON of one report back into a ``Report``: the inverse of ``Report.to_dict``.

In: the plain values of ``govreport/1`` as ``json.loads`` gives them. Out: a ``Report`` whose
``to_dict`` is the same again. Checks and completeness are worked out anew from the figures. What
JSON does not keep: trailing zeros of a decimal (12.50 comes back as 12.5).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from govreport_parse.errors import DatasetError
from govreport_parse.formbook import (
    ANNUAL_FORMS,
    PROACTIVE,
    REQUESTS,
    REVIEW,
    STATISTICS,
    Block,
    Layout,
)
from govreport_parse.formbook import form as form_of
from govreport_parse.formbook.loader import layout as layout_of
from govreport_parse.report import (
    SCHEMA,
    FigureColumns,
    Report,
    RowMatch,
    Section,
    SourceInfo,
)
from govreport_parse.values import Finding, Locator, Number, Repair, State

__all__ = ["layout_of_figures", "locator_from_dict", "report_from_dict"]


def report_from_dict(data: Mapping[str, Any]) -> Report:
    """The report whose ``to_dict`` (or parsed ``to_json``) is ``data``.

    Raises ``DatasetError`` for other schemas and for data that no report gives.
    """
    if data.get("schema") != SCHEMA:
        raise DatasetError(
            f"the record follows {data.get('schema')!r}, not {SCHEMA}",
            hint="read it with the version of govreport_parse that wrote it",
        )
    if "error" in data:
        raise DatasetError(
            "the record is of a document that could not be parsed",
            hint="records with the key error hold no report; skip them",
        )
    try:
        return _report(data)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise DatasetError(
            f"the record is not one of a report: {type(error).__name__}: {error}",
            hint="govreport schema prints what a record must hold",
        ) from error


def _report(data: Mapping[str, Any]) -> Report:
    figures = data["figures"]
    paths = [(f["table"], f["row"], f["column"]) for f in figures]
    layout = layout_of_figures(data["forms"], paths)
    published = data["published"]
    report = Report(
        report_id=data["report_id"],
        source=SourceInfo(**data["source"]),
        layout=layout,
        form=data["form"],
        columns=_columns(figures, layout),
        title=data["title"],
        organ=data["organ"],
        organ_source=data["organ_source"],
        organ_level=data.get("organ_level"),
        organ_kind=data.get("organ_kind"),
        division_code=data["division_code"],
        division_source=data.get("division_source"),
        year=data["year"],
        year_source=data["year_source"],
        published=datetime.date.fromisoformat(published) if published else None,
        published_source=data.get("published_source"),
        sections=tuple(_section(s) for s in data["sections"]),
        findings=tuple(_finding(f) for f in data["findings"]),
        rows={(r["table"], r["row"]): _row(r) for r in data.get("rows", ())},
        metadata=dict(data.get("metadata", {})),
        extra_rows=tuple(dict(r) for r in data.get("extra_rows", ())),
    )
    report.others = tuple(_report(o) for o in data.get("others", ()))
    return report


# -- the layout, from the figures ------------------------------------------------------------------


def layout_of_figures(forms: Mapping[str, str], paths: Sequence[tuple[str, str, str]]) -> Layout:
    """The layout whose figures are ``paths``, told by the form of each table.

    Raises ``ValueError`` where there is none.
    """
    ids = set(forms.values())
    if not forms:
        made = Layout(())
    elif len(ids) == 1 and "mixed" not in ids:
        made = form_of(ids.pop()).layout
    elif set(forms) == {STATISTICS}:
        made = form_of(forms[STATISTICS]).layout
    elif set(forms) == {PROACTIVE, REQUESTS, REVIEW}:
        own = [p for p in paths if p[0] == PROACTIVE]
        proactive = forms[PROACTIVE] if forms[PROACTIVE] in ANNUAL_FORMS else _blocks(own)
        made = layout_of(proactive, forms[REQUESTS], forms[REVIEW])
    else:
        raise ValueError(f"unknown tables {sorted(forms)}")
    if dict(made.forms) != dict(forms):
        raise ValueError(f"no form has the tables {sorted(forms)} alone")
    if made.paths != tuple("/".join(p) for p in paths):
        raise ValueError("the figures are not those of its forms")
    return made


def _blocks(paths: Sequence[tuple[str, str, str]]) -> tuple[tuple[str, str], ...]:
    """Key and form of each block of a mixed table 2, told by the figures in their order."""
    known = {
        _paths(block): (block.key, form_id)
        for form_id in ANNUAL_FORMS
        for block in form_of(form_id).table(PROACTIVE).blocks
    }
    out: list[tuple[str, str]] = []
    at = 0
    while at < len(paths):
        end = at + 1
        while tuple(paths[at:end]) not in known:
            end += 1
            if end > len(paths):
                raise ValueError(f"no form has the figures from {'/'.join(paths[at])} on")
        out.append(known[tuple(paths[at:end])])
        at = end
    return tuple(out)


def _paths(block: Block) -> tuple[tuple[str, str, str], ...]:
    return tuple((PROACTIVE, r.key, c.key) for r in block.data_rows for c in block.columns)


# -- the parts -------------------------------------------------------------------------------------


def _columns(figures: Sequence[Mapping[str, Any]], layout: Layout) -> FigureColumns:
    columns = FigureColumns.absent(len(figures))
    for i, (f, spec) in enumerate(zip(figures, layout.figures, strict=True)):
        columns.values[i] = _number(f["value"], decimal=spec.column.type == "decimal")
        columns.states[i] = State(f["state"])
        columns.raws[i] = f["raw"]
        columns.where[i] = locator_from_dict(f["locator"])
        if f["unit"] != spec.unit:
            columns.units[i] = f["unit"]
        if f.get("repairs"):
            columns.repairs[i] = tuple(Repair(**r) for r in f["repairs"])
    return columns


def _number(value: Any, *, decimal: bool) -> Number | None:
    if value is None or (isinstance(value, int) and not decimal):
        return value
    return Decimal(str(value))


def _section(s: Mapping[str, Any]) -> Section:
    parts = tuple((p["heading"], p["text"]) for p in s.get("subsections", ()))
    return Section(s["key"], s["heading"], s["text"], parts)


def _finding(f: Mapping[str, Any]) -> Finding:
    return Finding(
        f["code"],
        f["severity"],
        f["message"],
        f.get("message_zh", ""),
        tuple(f["figures"]),
        locator_from_dict(f.get("locator")),
        tuple(f.get("detail", {}).items()),
    )


def _row(r: Mapping[str, Any]) -> RowMatch:
    return RowMatch(r["table"], r["row"], r["how"], r["label"], locator_from_dict(r["locator"]))


def locator_from_dict(data: Mapping[str, Any] | None) -> Locator | None:
    """The inverse of ``Locator.to_dict``; ``None`` stays ``None``."""
    if data is None:
        return None
    parts = dict(data)
    if "bbox" in parts:
        parts["bbox"] = tuple(parts["bbox"])
    return Locator(**parts)
