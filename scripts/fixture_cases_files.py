"""Fixtures as DOCX, XLSX and PDF, made by ``fixture_documents``."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from fixture_case import FORM_2019, FORM_2021, SHAPES, TEXT, Case, Truth
from fixture_documents import archived, docx, pdf, pdf_of_pictures, xlsx
from fixture_ofd import ofd

from govreport_parse.testing import Record, random_record, render_text

FILE_CASES: list[Callable[[], Case]] = []


def case(build: Callable[[], Case]) -> Callable[[], Case]:
    FILE_CASES.append(build)
    return build


def record(seed: int, form: str = FORM_2021, size: Any = "county", **more: Any) -> Record:
    return random_record(random.Random(seed), form, size, **more)


def made(r: Record, source: bytes, kind: str, suffix: str, *tags: str, **more: Any) -> Case:
    truth = Truth(r, **{"shapes": SHAPES[r.form], **more})
    return Case(source, suffix, kind, (truth,), encoding=None, tags=(kind, *tags))


@case
def docx_2021() -> Case:
    r = record(401)
    return made(r, docx(r), "docx", ".docx")


@case
def docx_2019_blanks() -> Case:
    r = record(402, FORM_2019, blanks=0.4)
    return made(r, docx(r), "docx", ".docx", "blanks")


@case
def docx_hybrid_slashes() -> Case:
    r = record(403, "hybrid", style="slashes")
    return made(r, docx(r), "docx", ".docx", "hybrid", "dashes")


_WHY_SHEET = "texts that stand in rows of the sheet are lost, and title, organ and year with them"
_SHEET_GAPS = {
    f"facts/{key}": _WHY_SHEET
    for key in ("title", "organ", "year", "headings", "texts", "outline", "findings")
}
_ONE_SHEET = ("63 x 15",) * 3
"""1 title, 1 preamble, 6 headings, 9 paragraphs, 14 + 28 + 4 rows of tables."""


@case
def xlsx_2021() -> Case:
    r = record(404)
    c = made(r, xlsx(r), "sheet", ".xlsx", shapes=_ONE_SHEET)
    return c.but(gaps={k: v for k, v in _SHEET_GAPS.items() if k != "facts/findings"})


@case
def xlsx_hidden_sheet() -> Case:
    r = record(405, size="small")
    source = xlsx(r, hidden=["核对底稿", "不公开"])
    c = made(r, source, "sheet", ".xlsx", shapes=_ONE_SHEET, findings=("hidden_sheet",))
    return c.but(gaps={k: v for k, v in _SHEET_GAPS.items() if k != "facts/findings"})


@case
def pdf_2021() -> Case:
    r = record(406)
    return made(r, pdf(r), "pdf", ".pdf")


@case
def pdf_2019_small() -> Case:
    r = record(407, FORM_2019, "small")
    return made(r, pdf(r), "pdf", ".pdf")


@case
def pdf_2021_table_over_pages() -> Case:
    """Table 3 runs over a page: header repeated, the group （三） begun again."""
    r = record(408)
    source = pdf(r, break_before="refused_internal_affairs")
    return made(r, source, "pdf", ".pdf", "page_break")


@case
def docx_embedded_object() -> Case:
    """An embedded object behind the last paragraph: what it shows is not read, and it is said."""
    r = record(409, size="small")
    extra = "<w:p><w:r><w:object/></w:r></w:p>"
    return made(r, docx(r, extra=extra), "docx", ".docx", findings=("embedded_content",))


@case
def pdf_last_page_is_picture() -> Case:
    """A scanned stamp page follows the report."""
    r = record(410, size="small")
    return made(r, pdf(r, tail="picture"), "pdf", ".pdf", findings=("page_is_picture",))


@case
def pdf_last_page_garbled() -> Case:
    """A page in a font without a Unicode map follows the report: its text is not used."""
    r = record(411, size="small")
    return made(r, pdf(r, tail="garbled"), "pdf", ".pdf", findings=("page_is_garbled",))


@case
def pdf_row_cut_by_page() -> Case:
    """The label 6.属于四类过程性信息 is cut by the page: its second half opens the next page."""
    r = record(412)
    source = pdf(r, break_before="refused_process_information", cut_row=True)
    return made(r, source, "pdf", ".pdf", "page_break", findings=("row_joined",))


@case
def zip_with_word_report() -> Case:
    """An attachment: the report as a Word file, beside a note that is none."""
    r = record(413, size="small")
    source = archived({"2023/report.docx": docx(r), "2023/readme.txt": "打印前请核对。".encode()})
    in_archive = ("in the archive",) * 3
    return made(r, source, "zip", ".zip", shapes=in_archive, findings=("from_archive",))


@case
def pdf_with_recognised_text() -> Case:
    """A scan with an invisible text layer, a row a line: read, and said."""
    r = record(414, size="small")
    text = render_text(r, "spaces", trailer=False).text
    source = pdf_of_pictures([text], hidden=True)
    return made(r, source, "pdf", ".pdf", "ocr", shapes=TEXT, findings=("ocr_text_layer",))


@case
def ofd_2021() -> Case:
    """Table 3 runs over a page."""
    r = record(415)
    return made(r, ofd(r), "ofd", ".ofd")


@case
def ofd_2019_letters() -> Case:
    """A text object a character, scaled by a matrix; rulings as filled boxes."""
    r = record(416, FORM_2019, blanks=0.3)
    return made(r, ofd(r, "letters"), "ofd", ".ofd", "blanks")
