"""Every figure and every column of the frames, once: name, labels, unit, type, comparability.

In: the forms and the table of fields below. Out: plain ``Entry`` records; ``codebook()`` gives
them as a DataFrame. The Arrow schemas of ``frames`` are made from ``SHAPES``, so that data and
documentation can't drift apart. Labels of figures come from the form files only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from govreport_parse.formbook import PROACTIVE, REQUESTS, STATISTICS, FigureSpec, all_forms

if TYPE_CHECKING:
    import pandas

FieldType = Literal["string", "integer", "decimal", "date"]
Shape = Literal[
    "long", "wide", "reports", "checks", "findings", "sections", "narrative", "indicators"
]
WAN = "_wan"
"""Suffix of the wide frame's second column of an amount, in 万元."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a frame that is not a figure."""

    name: str
    type: FieldType
    zh: str
    en: str
    unit: str | None = None
    note: str = ""


def _counted(name: str, zh: str, en: str, note: str = "") -> Field:
    return Field(name, "integer", zh, en, None, note)


_ID = Field(
    "report_id",
    "string",
    "报告编号",
    "report id",
    note="first 16 hex digits of the SHA-256 of the source bytes; #2, #3 for further reports of"
    " the same document",
)
_ORGAN = Field("organ", "string", "机关名称", "organ", note="as printed or as the caller gave it")
_ORGAN_SOURCE = Field("organ_source", "string", "机关名称来源", "how the organ was found")
_DIVISION = Field(
    "division_code", "string", "行政区划代码", "administrative division code", note="GB/T 2260"
)
_DIVISION_SOURCE = Field(
    "division_source", "string", "行政区划代码来源", "how the division code was found"
)
_YEAR = Field("year", "integer", "报告年度", "year reported on", note="not the year of publication")
_YEAR_SOURCE = Field("year_source", "string", "年度来源", "how the year was found")
_FORM = Field("form", "string", "格式", "form of the report", note="mixed: tables of two forms")
_TITLE = Field("title", "string", "标题", "title")
_PUBLISHED = Field("published", "date", "发布日期", "date of publication")
_PUBLISHED_SOURCE = Field("published_source", "string", "发布日期来源", "how the date was found")
_URL = Field("url", "string", "网址", "address of the source")
_NAME = Field("source_name", "string", "来源名称", "name of the source")
_SHA = Field("sha256", "string", "来源哈希", "SHA-256 of the source bytes")
_COUNTS = (
    _counted("n_figures", "指标数", "figures of the form"),
    _counted("n_reported", "有数值", "figures with a number in the cell"),
    _counted("n_solved", "推定", "figures whose lost place only one assignment satisfies"),
    _counted("n_blank", "空白", "figures left blank", "blank is not 0"),
    _counted("n_dash", "横线", "figures with a sign for nothing"),
    _counted("n_absent", "缺失", "figures not found"),
    _counted("n_unreadable", "不可读", "figures with ink but no number"),
    _counted("n_ambiguous", "位置不明", "figures whose column is not certain"),
    _counted("n_checks", "勾稽关系数", "hard identities of the form"),
    _counted("n_holds", "成立", "identities that hold"),
    _counted("n_broken", "不成立", "identities that are broken", "reading or source, undecided"),
    _counted("n_not_checkable", "不可核对", "identities that can't be checked"),
)
_HEAD = (_ID, _ORGAN, _YEAR)
_FIGURE_STATE = Field(
    "state",
    "string",
    "状态",
    "state of the figure",
    note="reported, blank, dash, unreadable, absent, ambiguous, solved",
)
_CHECK_STATE = Field(
    "state", "string", "核对结果", "outcome of the check", note="holds, broken, not_checkable"
)

SHAPES: Mapping[Shape, tuple[Field, ...]] = {
    "long": (
        _ID,
        _ORGAN,
        _DIVISION,
        _YEAR,
        _FORM,
        Field("table", "string", "表", "key of the table"),
        Field("row", "string", "行", "key of the row", note="block in review_and_litigation"),
        Field("column", "string", "列", "key of the column"),
        Field(
            "value",
            "decimal",
            "数值",
            "value in the unit that the report states",
            note="null unless the state is reported or solved; whole numbers exact below 2^53",
        ),
        _FIGURE_STATE,
        Field("raw", "string", "原文", "text of the cell as found"),
        Field("unit", "string", "单位", "unit of the value"),
        Field(
            "amount_wan_yuan",
            "decimal",
            "金额（万元）",
            "amount in 10,000 yuan",
            "万元",
            "null where the figure is no amount or its unit is not known",
        ),
        Field("locator", "string", "位置", "where the cell stands in the source"),
        Field("path", "string", "路径", "table/row/column"),
        Field("short", "string", "短名", "short name", note="at most 32 of a-z 0-9 _"),
    ),
    "wide": (
        _ID,
        _ORGAN,
        _DIVISION,
        _YEAR,
        _FORM,
        _TITLE,
        _PUBLISHED,
        _URL,
        _NAME,
        _SHA,
        *_COUNTS,
    ),
    "reports": (
        _ID,
        _ORGAN,
        Field(
            "organ_normalised",
            "string",
            "机关名称（规范化）",
            "organ, normalised",
            note="without white space and wide signs",
        ),
        _ORGAN_SOURCE,
        Field(
            "organ_level",
            "string",
            "机关层级",
            "level of the organ",
            note="central, province, prefecture, county, township, unknown",
        ),
        Field(
            "organ_kind",
            "string",
            "机关类别",
            "kind of the organ",
            note="government, department, town_or_street, public_institution, other",
        ),
        _DIVISION,
        _DIVISION_SOURCE,
        Field(
            "division_candidates",
            "string",
            "候选行政区划代码",
            "division codes that are possible",
            note="joined by ;, only where no code is certain",
        ),
        _YEAR,
        _YEAR_SOURCE,
        _FORM,
        Field("form_proactive_disclosure", "string", "表一格式", "form of proactive_disclosure"),
        Field("form_requests", "string", "表二格式", "form of requests"),
        Field("form_review_and_litigation", "string", "表三格式", "form of review_and_litigation"),
        _TITLE,
        _PUBLISHED,
        _PUBLISHED_SOURCE,
        _NAME,
        _URL,
        _SHA,
        Field("bytes", "integer", "字节数", "size of the source", "bytes"),
        Field("media_type", "string", "媒体类型", "media type of the source"),
        Field("encoding", "string", "编码", "character encoding of the source"),
        *_COUNTS,
        _counted("n_findings", "发现数", "findings"),
        _counted("n_warnings", "警告数", "findings of severity warning"),
        _counted("n_errors", "错误数", "findings of severity error"),
        _counted("n_sections", "章节数", "sections"),
        _counted("n_extra_rows", "格式外行数", "rows that the form does not have"),
        Field("error_type", "string", "错误类型", "type of error", note="only failed documents"),
        Field("error_message", "string", "错误信息", "error", note="only failed documents"),
        Field("error_hint", "string", "错误提示", "what to do", note="only failed documents"),
    ),
    "checks": (
        *_HEAD,
        Field("id", "string", "勾稽关系", "id of the identity"),
        Field("scope", "string", "范围", "row, column or block that it speaks of"),
        _CHECK_STATE,
        Field("expected", "integer", "应为", "what the parts add up to", note="blank counts as 0"),
        Field("found", "integer", "实为", "what is printed as their sum"),
    ),
    "findings": (
        *_HEAD,
        Field("code", "string", "代码", "code of the finding"),
        Field("severity", "string", "严重程度", "severity", note="info, warning, error"),
        Field("message", "string", "说明（英文）", "message in English"),
        Field("message_zh", "string", "说明（中文）", "message in Chinese"),
        Field("figures", "string", "涉及指标", "paths of the figures", note="joined by ;"),
        Field("locator", "string", "位置", "where in the source"),
    ),
    "sections": (
        *_HEAD,
        Field("key", "string", "章节", "key of the section"),
        Field("heading", "string", "章节标题", "heading as found"),
        Field("text", "string", "章节正文", "text as found, tables left out"),
        _counted("position", "顺序", "place among the report's sections, from 1"),
    ),
    "narrative": (
        _ID,
        _ORGAN,
        _DIVISION,
        _YEAR,
        _FORM,
        Field("kind", "string", "计数种类", "what the sentence counts"),
        Field("value", "decimal", "数值", "number that the sentence gives"),
        Field("unit", "string", "单位", "unit of the value"),
        Field("raw", "string", "原文", "the number as found"),
        Field("sentence", "string", "句子", "the sentence, personal numbers masked"),
        Field("section", "string", "章节", "key of the section"),
    ),
    # Tables of older reports, row by row as they are: never dressed up as figures of a form.
    "indicators": (
        _ID,
        _ORGAN,
        _DIVISION,
        _YEAR,
        _FORM,
        _counted("position", "顺序", "place among the report's indicator rows, from 1"),
        _counted("indicator_table", "指标表", "which of the report's indicator tables, from 1"),
        Field("group", "string", "指标组", "label without values above the row"),
        Field("label", "string", "指标", "label as found"),
        Field("code", "string", "指标代码", "code or number of the row as printed"),
        Field(
            "unit", "string", "单位", "unit as printed", note="of a column of units, or the label"
        ),
        Field(
            "value",
            "decimal",
            "数值",
            "number of the row",
            note="null unless it is certain which number is the report's",
        ),
        Field(
            "state",
            "string",
            "状态",
            "state of the row",
            note="reported, blank, dash, unreadable, absent, ambiguous",
        ),
        Field("raw", "string", "原文", "cells of the row as found", note="joined by |"),
        Field("known_form", "string", "对应表式", "statistics form whose label matches", note=""),
        Field(
            "known_row",
            "string",
            "对应指标",
            "key of the row in that form",
            note="null where no label matches; confidence as the codebook says of the form",
        ),
        Field("locator", "string", "位置", "where in the source"),
    ),
}
"""The columns of every frame in order; the wide frame's figures follow its columns here."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the codebook. ``path`` is ``None`` for columns that are not figures."""

    path: str | None
    short: str
    zh: str
    en: str
    unit: str | None
    type: str
    form: str | None
    section: str | None
    table: str | None
    row: str | None
    column: str | None
    comparable_with: str | None
    basis: str | None
    note: str
    frame: str
    """The frames in which a column of this name stands, joined by ``;``."""


ENTRY_FIELDS = tuple(f.name for f in fields(Entry))


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    """All figures of all forms in form order, then the other columns of the frames."""
    out: list[Entry] = []
    for specs in figures_by_path().values():
        out.append(_figure_entry(specs))
        if specs[0].column.type == "decimal":
            out.append(_wan_entry(specs[0]))
    return (*out, *field_entries(SHAPES))


@lru_cache(maxsize=1)
def figures_by_path() -> Mapping[str, tuple[FigureSpec, ...]]:
    """Path to the figure in each form that has it, newest form first."""
    found: dict[str, list[FigureSpec]] = {}
    for form in all_forms():
        for spec in form.figures:
            found.setdefault(spec.path, []).append(spec)
    return {path: tuple(specs) for path, specs in found.items()}


def _figure_entry(specs: tuple[FigureSpec, ...]) -> Entry:
    first = specs[0]
    bases = {f.id: f.basis for f in all_forms()}
    return Entry(
        path=first.path,
        short=first.short,
        zh=first.label,
        en=first.label_en,
        unit=first.unit,
        type=first.column.type,
        form=";".join(s.form for s in specs),
        section=first.table,
        table=first.table,
        row=first.row.key,
        column=first.column.key,
        comparable_with=first.path if len(specs) > 1 else _formula(first),
        basis=";".join(bases[s.form] for s in specs),
        note=_note(specs),
        frame="wide",
    )


def _wan_entry(spec: FigureSpec) -> Entry:
    return Entry(
        path=None,
        short=spec.short + WAN,
        zh=f"{spec.label}（换算为万元）",
        en=f"{spec.label_en}, in 10,000 yuan",
        unit="万元",
        type="decimal",
        form=spec.form,
        section=spec.table,
        table=spec.table,
        row=spec.row.key,
        column=spec.column.key,
        comparable_with=None,
        basis=None,
        note=f"{spec.path} converted; null where the report states no unit",
        frame="wide",
    )


def field_entries(columns: Mapping[Any, Iterable[Field]]) -> list[Entry]:
    """Columns that are no figures, each once, with the frames or tables that it stands in."""
    places: dict[Field, list[str]] = {}
    for place, held in columns.items():
        for field in held:
            places.setdefault(field, []).append(place)
    return [
        Entry(
            path=None,
            short=f.name,
            zh=f.zh,
            en=f.en,
            unit=f.unit,
            type=f.type,
            form=None,
            section=None,
            table=None,
            row=None,
            column=None,
            comparable_with=None,
            basis=None,
            note=f.note,
            frame=";".join(found),
        )
        for f, found in places.items()
    ]


# -- comparability -------------------------------------------------------------------------------

SPLIT_ROW = "other_handling"
SPLIT_INTO = ("lapsed_no_clarification", "lapsed_fee_unpaid", "other_handling_other")
"""The 2019 form's one row that the 2021 form splits in three."""

_NOT_COMPARABLE: Mapping[tuple[str, str], str] = {
    (PROACTIVE, "issued"): "not newly_made of the 2019 form: another quantity under another name",
    (PROACTIVE, "repealed"): "the 2019 form does not ask for it",
    (PROACTIVE, "in_force"): "not published_total of the 2019 form: in force against published",
    (PROACTIVE, "newly_made"): "not issued of the 2021 form: another quantity under another name",
    (PROACTIVE, "newly_published"): "the 2021 form does not ask for it",
    (PROACTIVE, "published_total"): "not in_force of the 2021 form: published against in force",
    (PROACTIVE, "items_prior_year"): "counts items of a list; the 2021 form does not ask for it",
    (PROACTIVE, "items_change"): "signed; the 2021 form does not ask for it",
    (PROACTIVE, "decisions"): "the 2021 form does not ask for this row",
    (PROACTIVE, "projects"): "the 2021 form does not ask for it",
}
_AMOUNT_NOTES = {
    "administrative_fees": "the 2019 form counts fee items, not the money charged",
    "government_procurement": "the form prints no unit; the unit of the cell is taken where there"
    " is one; the 2021 form does not ask for it",
}
_STATISTICS_NOTE = (
    "confidence medium-low: wording not compared with the official annex, rows told by their"
    " labels; counted by the rules of 2014, not comparable with the forms of 2019 and 2021"
)


def _formula(spec: FigureSpec) -> str | None:
    """The figures of the other form that measure the same, as an equation of paths."""
    if spec.table != REQUESTS or spec.row.key not in (SPLIT_ROW, *SPLIT_INTO):
        return None
    parts = " + ".join(f"{REQUESTS}/{row}/{spec.column.key}" for row in SPLIT_INTO)
    return f"{REQUESTS}/{SPLIT_ROW}/{spec.column.key} = {parts}"


def _note(specs: tuple[FigureSpec, ...]) -> str:
    first = specs[0]
    if first.table == STATISTICS:
        return _STATISTICS_NOTE
    if len(specs) > 1:
        other = [s for s in specs[1:] if s.label != first.label]
        return "; ".join(f"{s.form}: {s.label}" for s in other)
    if first.row.key == SPLIT_ROW:
        return "one row in 2019, three rows in 2021"
    if first.row.key in SPLIT_INTO and first.table == REQUESTS:
        return "part of other_handling in 2019; comparable only as the sum of three rows"
    if first.column.key == "amount":
        return _AMOUNT_NOTES[first.row.key]
    return _NOT_COMPARABLE.get((first.table, first.column.key), "")


# -- as frames -------------------------------------------------------------------------------------


def codebook() -> pandas.DataFrame:
    """The codebook as a DataFrame, one row a figure and column, in the order of ``entries``."""
    from govreport_parse import frames

    return frames.codebook_frame()


def forms_frame() -> pandas.DataFrame:
    """The annual forms as a DataFrame: id, names, basis, first year, counts, confidence."""
    from govreport_parse import frames

    return frames.forms_frame()
