"""The official report forms as data (TOML in ``data/``) and typed, frozen objects."""

from govreport_parse.formbook.loader import ANNUAL_FORMS, all_forms, form, forms, layout, sections
from govreport_parse.formbook.spec import (
    PROACTIVE,
    REQUESTS,
    REVIEW,
    STATISTICS,
    Block,
    Column,
    FigureSpec,
    Form,
    Identity,
    Layout,
    Row,
    Section,
    Table,
)
from govreport_parse.formbook.statistics import STATISTICS_2014, STATISTICS_REGIONAL

__all__ = [
    "ANNUAL_FORMS",
    "PROACTIVE",
    "REQUESTS",
    "REVIEW",
    "STATISTICS",
    "STATISTICS_2014",
    "STATISTICS_REGIONAL",
    "Block",
    "Column",
    "FigureSpec",
    "Form",
    "Identity",
    "Layout",
    "Row",
    "Section",
    "Table",
    "all_forms",
    "form",
    "forms",
    "layout",
    "sections",
]
