"""The official report forms as data (TOML in ``data/``) and typed, frozen objects."""

from govreport_parse.formbook.loader import ANNUAL_FORMS, form, forms, layout, sections
from govreport_parse.formbook.spec import (
    PROACTIVE,
    REQUESTS,
    REVIEW,
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

__all__ = [
    "ANNUAL_FORMS",
    "PROACTIVE",
    "REQUESTS",
    "REVIEW",
    "Block",
    "Column",
    "FigureSpec",
    "Form",
    "Identity",
    "Layout",
    "Row",
    "Section",
    "Table",
    "form",
    "forms",
    "layout",
    "sections",
]
