"""The columns that only a dataset has: of its tables, and of the views made from them.

Schemas of the views are made from ``VIEWS``, so that data and documentation can't drift apart.
"""

from __future__ import annotations

from collections.abc import Mapping

from govreport_parse.codebooks.columns import (
    DIVISION,
    FORM,
    ID,
    ORGAN,
    SHAPES,
    YEAR,
    Field,
    FieldType,
    counted,
)

PARSER = Field("parser_version", "string", "解析器版本", "version of the parser")
RETRIEVED = Field("retrieved", "string", "获取时间", "when it was fetched", note="ISO 8601")
DUPLICATE = Field(
    "duplicate_of",
    "string",
    "重复于",
    "report with the same figures",
    note="report_id of the copy to use; null for it",
)
SUPERSEDED = Field(
    "superseded_by",
    "string",
    "被取代于",
    "newer version of the report",
    note="report_id of the newest version (same address, or same organ and year, with other"
    " content); null for it",
)
REPORT_EXTRAS = (
    PARSER,
    RETRIEVED,
    Field(
        "figures_digest",
        "string",
        "数值摘要",
        "digest of year, organ and figures",
        note="equal for mirrors and reprints; null where too little is known to compare",
    ),
    DUPLICATE,
    Field(
        "version",
        "integer",
        "版本序号",
        "version of a changed report",
        note="from 1; by time of retrieval, then date of publication, then order of arrival",
    ),
    SUPERSEDED,
    Field(
        "other_sources",
        "string",
        "其他来源",
        "further places of the same bytes",
        note="JSON list of name, url, organ, division_code, year",
    ),
)
"""Columns that the dataset adds to ``reports``."""
WIDE_EXTRAS = (DUPLICATE, SUPERSEDED)
"""Columns that the dataset adds to ``wide``."""

_ERRORS = ("error_type", "error_message", "error_hint")
_SOURCE = ("source_name", "url", "sha256", "bytes", "media_type", "encoding")
_known = {f.name: f for f in SHAPES["reports"]}
REPORTS = (*(f for f in SHAPES["reports"] if f.name not in _ERRORS), *REPORT_EXTRAS)
"""The columns of a dataset's ``reports``: failures have a table of their own."""
FAILURES = (
    *(_known[name] for name in (*_SOURCE, "organ", "division_code", "year", *_ERRORS)),
    RETRIEVED,
    PARSER,
)
"""The columns of a dataset's ``failures``."""
WIDE = (*SHAPES["wide"], *WIDE_EXTRAS)
"""The columns of a dataset's ``wide`` that are no figures; the figures stand before the extras."""

_N_REPORTS = counted(
    "n_reports",
    "报告份数",
    "reports of this organ or division and year",
    "copies and superseded versions left out; more than 1: look at them",
)
_TEXT: FieldType = "string"

VIEWS: Mapping[str, tuple[Field, ...]] = {
    "coverage": (
        DIVISION,
        ORGAN,
        YEAR,
        Field(
            "status",
            _TEXT,
            "收录情况",
            "how completely the report is there",
            note="complete, partial, failed, not found",
        ),
        Field("reason", _TEXT, "原因", "why it is not complete", note="or whose report it is"),
        Field(
            "report_id",
            _TEXT,
            "所据报告编号",
            "report that the status speaks of",
            note="the most complete of this organ and year, of a division first that of its"
            " government; null where there is none",
        ),
        _N_REPORTS,
    ),
    # the figures follow, by the names of the crosswalk
    "panel": (ORGAN, DIVISION, YEAR, ID, FORM, _N_REPORTS),
    "check_panel": (
        ORGAN,
        DIVISION,
        Field(
            "years",
            _TEXT,
            "涉及年度",
            "years of the reports compared",
            note="joined by ;, ? for unknown, in the order of report_ids",
        ),
        Field("code", _TEXT, "跨年核对代码", "code of the observation between years"),
        Field("severity", _TEXT, "严重程度", "severity", note="info, warning, error"),
        Field("message", _TEXT, "说明（英文）", "message in English"),
        Field("message_zh", _TEXT, "说明（中文）", "message in Chinese"),
        Field("figures", _TEXT, "涉及指标", "paths of the figures", note="joined by ;"),
        Field(
            "report_ids",
            _TEXT,
            "所比报告编号",
            "ids of the reports compared",
            note="joined by ;, in the order of years",
        ),
    ),
    "crosswalk": (
        Field("name", _TEXT, "面板列名", "column of the panel", note="short name; _wan for money"),
        Field(
            "how",
            _TEXT,
            "对应方式",
            "how the column is made",
            note="same: one path in both forms; sum: path where the report has it, else the sum of"
            " parts; only: one form asks for it",
        ),
        Field("path", _TEXT, "对应路径", "figure of the column", note="table/row/column"),
        Field("parts", _TEXT, "组成部分", "figures that are added up", note="joined by  + "),
        Field("forms", _TEXT, "涉及格式", "forms that ask for it", note="joined by ;"),
        Field("zh", _TEXT, "中文名称", "label in Chinese"),
        Field("en", _TEXT, "英文名称", "label in English"),
        Field("unit", _TEXT, "计量单位", "unit of the column", note="null: none, or none printed"),
        Field("type", _TEXT, "数据类型", "type", note="string, integer, signed, decimal, date"),
        Field("note", _TEXT, "备注", "remarks"),
    ),
    "codebook": (
        Field("path", _TEXT, "指标路径", "path of the figure", note="null for other columns"),
        Field("short", _TEXT, "列名", "name of the column", note="short name of a figure"),
        Field("zh", _TEXT, "中文名称", "label in Chinese"),
        Field("en", _TEXT, "英文名称", "label in English"),
        Field("unit", _TEXT, "计量单位", "unit of the column", note="null: none, or none printed"),
        Field("type", _TEXT, "数据类型", "type", note="string, integer, signed, decimal, date"),
        Field("form", _TEXT, "所属格式", "forms that ask for the figure", note="joined by ;"),
        Field("section", _TEXT, "所属部分", "section of the form", note="key of its table"),
        Field("table", _TEXT, "所属表", "key of the figure's table"),
        Field("row", _TEXT, "所属行", "key of the figure's row"),
        Field("column", _TEXT, "所属列", "key of the figure's column"),
        Field(
            "comparable_with",
            _TEXT,
            "可比指标",
            "what of the other form is the same quantity",
            note="a path, or an equation of paths; null: nothing",
        ),
        Field("basis", _TEXT, "依据文件", "notice that sets the form", note="joined by ;"),
        Field("note", _TEXT, "备注", "remarks"),
        Field("frame", _TEXT, "所在表", "frames with a column of this name", note="joined by ;"),
    ),
    "forms": (
        Field("id", _TEXT, "格式代码", "key of the form"),
        Field("name_zh", _TEXT, "格式名称（中文）", "name of the form in Chinese"),
        Field("name_en", _TEXT, "格式名称（英文）", "name of the form in English"),
        Field("basis", _TEXT, "依据文件", "notice that sets the form", note="joined by ;"),
        Field("confidence", _TEXT, "可信程度", "how sure the form's wording is"),
        counted("first_year", "首用年度", "first report year of the form"),
        counted("tables", "表数", "tables of the form"),
        counted("figures", "指标数", "figures of the form"),
        counted("identities", "勾稽关系数", "hard identities of the form"),
    ),
}
"""The columns of the views of a dataset and of the frames that describe it, in order."""

DATASET_ONLY: Mapping[str, tuple[Field, ...]] = {
    "dataset.reports": REPORT_EXTRAS,
    "dataset.wide": WIDE_EXTRAS,
    "dataset.failures": FAILURES,
}
"""Columns of a dataset's tables that the shape of that name does not have."""
