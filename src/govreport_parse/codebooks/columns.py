"""The columns of every frame that are no figures: name, type, labels, unit, meaning.

The Arrow schemas of ``frames`` are made from ``SHAPES``, so that data and documentation can't
drift apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

FieldType = Literal["string", "integer", "decimal", "date"]
Shape = Literal[
    "long", "wide", "reports", "checks", "findings", "sections", "narrative", "indicators"
]


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a frame that is not a figure."""

    name: str
    type: FieldType
    zh: str
    en: str
    unit: str | None = None
    note: str = ""


def counted(name: str, zh: str, en: str, note: str = "") -> Field:
    """A column of whole numbers."""
    return Field(name, "integer", zh, en, None, note)


ID = Field(
    "report_id",
    "string",
    "报告编号",
    "report id",
    note="first 16 hex digits of the SHA-256 of the source bytes; #2, #3 for further reports of"
    " the same document",
)
ORGAN = Field("organ", "string", "机关名称", "organ", note="as printed or as the caller gave it")
_ORGAN_SOURCE = Field("organ_source", "string", "机关名称来源", "how the organ was found")
DIVISION = Field(
    "division_code",
    "string",
    "行政区划代码",
    "administrative division code",
    note="GB/T 2260, in the report year; of the division that the organ belongs to: towns, streets"
    " and bureaus of a county have the county's",
)
_DIVISION_SOURCE = Field(
    "division_source", "string", "行政区划代码来源", "how the division code was found"
)
YEAR = Field("year", "integer", "报告年度", "year reported on", note="not the year of publication")
_YEAR_SOURCE = Field("year_source", "string", "年度来源", "how the year was found")
FORM = Field("form", "string", "格式", "form of the report", note="mixed: tables of two forms")
_TITLE = Field("title", "string", "标题", "title")
_PUBLISHED = Field("published", "date", "发布日期", "date of publication")
_PUBLISHED_SOURCE = Field("published_source", "string", "发布日期来源", "how the date was found")
_URL = Field("url", "string", "网址", "address of the source")
_NAME = Field("source_name", "string", "来源名称", "name of the source")
_SHA = Field("sha256", "string", "来源哈希", "SHA-256 of the source bytes")
_COUNTS = (
    counted("n_figures", "指标数", "figures of the form"),
    counted("n_reported", "有数值", "figures with a number in the cell"),
    counted("n_solved", "推定", "figures whose lost place only one assignment satisfies"),
    counted("n_blank", "空白", "figures left blank", "blank is not 0"),
    counted("n_dash", "横线", "figures with a sign for nothing"),
    counted("n_absent", "缺失", "figures not found"),
    counted("n_unreadable", "不可读", "figures with ink but no number"),
    counted("n_ambiguous", "位置不明", "figures whose column is not certain"),
    counted("n_checks", "勾稽关系数", "hard identities of the form"),
    counted("n_holds", "成立", "identities that hold"),
    counted("n_broken", "不成立", "identities that are broken", "reading or source, undecided"),
    counted("n_not_checkable", "不可核对", "identities that can't be checked"),
)
_HEAD = (ID, ORGAN, YEAR)
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
        ID,
        ORGAN,
        DIVISION,
        YEAR,
        FORM,
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
        Field(
            "short",
            "string",
            "短名",
            "short name",
            note="at most 32 of a-z 0-9 _; not in a dataset's figures: its codebook has it by path",
        ),
    ),
    "wide": (
        ID,
        ORGAN,
        DIVISION,
        YEAR,
        FORM,
        _TITLE,
        _PUBLISHED,
        _URL,
        _NAME,
        _SHA,
        *_COUNTS,
    ),
    "reports": (
        ID,
        ORGAN,
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
        DIVISION,
        _DIVISION_SOURCE,
        Field(
            "division_candidates",
            "string",
            "候选行政区划代码",
            "division codes that are possible",
            note="joined by ;, only where no code is certain",
        ),
        YEAR,
        _YEAR_SOURCE,
        FORM,
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
        counted("n_findings", "发现数", "findings"),
        counted("n_warnings", "警告数", "findings of severity warning"),
        counted("n_errors", "错误数", "findings of severity error"),
        counted("n_sections", "章节数", "sections"),
        counted("n_extra_rows", "格式外行数", "rows that the form does not have"),
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
        counted("position", "顺序", "place among the report's sections, from 1"),
    ),
    "narrative": (
        ID,
        ORGAN,
        DIVISION,
        YEAR,
        FORM,
        Field("kind", "string", "计数种类", "what the sentence counts"),
        Field("value", "decimal", "数值", "number that the sentence gives"),
        Field("unit", "string", "单位", "unit of the value"),
        Field("raw", "string", "原文", "the number as found"),
        Field("sentence", "string", "句子", "the sentence, personal numbers masked"),
        Field("section", "string", "章节", "key of the section"),
    ),
    # Tables of older reports, row by row as they are: never dressed up as figures of a form.
    "indicators": (
        ID,
        ORGAN,
        DIVISION,
        YEAR,
        FORM,
        counted("position", "顺序", "place among the report's indicator rows, from 1"),
        counted("indicator_table", "指标表", "which of the report's indicator tables, from 1"),
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
