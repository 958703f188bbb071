"""What is said of the pages of a file of fixed pages (PDF, OFD): unreadable ones, hidden text."""

from __future__ import annotations

from govreport_parse.documents.model import Block, Table
from govreport_parse.documents.pdf_page import Page
from govreport_parse.documents.unseen import CLOSE, OPEN
from govreport_parse.errors import ScannedDocumentError
from govreport_parse.values import Finding, Locator

_FEW = 12
"""Characters that a page number and a stamp may have."""
_GARBLED = 0.3
"""Share of characters without Unicode value from which a page is not to be trusted."""
_SCAN_HINT = "install the extra: pip install 'govreport_parse[scan]'"


def judge(pages: list[Page], what: str) -> list[Finding]:
    """Findings on unreadable pages; their text is dropped. ``what``: the kind of file.

    Raises ``ScannedDocumentError`` if no page has text to trust.
    """
    findings: list[Finding] = []
    usable = 0
    for page in pages:
        problem = _problem(page)
        if problem is None:
            usable += page.characters > 0
            continue
        code, severity, message, message_zh = problem
        findings.append(
            Finding(
                code,
                "error" if severity == "error" else "warning",
                f"page {page.number} {message}",
                f"第{page.number}页{message_zh}",
                locator=Locator(page=page.number),
            )
        )
        if code == "ocr_text_layer":
            usable += 1
        elif code == "page_is_garbled":
            page.lines, page.pieces = [], []
    if not usable:
        codes = sorted({f.code for f in findings})
        raise ScannedDocumentError(
            f"no page of the {what} has text to trust",
            hint=_SCAN_HINT,
            context={"pages": len(pages), "reasons": codes},
        )
    return findings


def _problem(page: Page) -> tuple[str, str, str, str] | None:
    if page.broken:
        return "page_is_broken", "error", "could not be loaded", "无法读取"
    if page.unmapped > _GARBLED * max(page.characters, 1):
        return (
            "page_is_garbled",
            "warning",
            "has fonts without a Unicode map; its text was not used",
            "字体缺少 Unicode 映射，文字未采用",
        )
    if page.characters <= _FEW and page.picture_share > 0.3:
        return "page_is_picture", "warning", "is a picture", "是图片"
    if page.hidden_text:
        return (
            "ocr_text_layer",
            "warning",
            "is a picture with an invisible text layer from text recognition",
            "是带有文字识别层的图片",
        )
    return None


def struck_findings(pages: list[Page]) -> list[Finding]:
    """As in DOCX: struck-out text of cells is left out, and said; so are watermarks."""
    out = []
    for page in pages:
        for count, kind, kind_zh in (
            (page.struck, "struck-out characters in table cells", "个表格单元格中带删除线的字符"),
            (
                page.watermark,
                "characters of slanted text, or large over a table (a watermark, a stamp),",
                "个水印或印章字符",
            ),
        ):
            if count:
                out.append(
                    Finding(
                        "hidden_text",
                        "info",
                        f"{count} {kind} on page {page.number} were not read",
                        f"第{page.number}页有{count}{kind_zh}，未读取",
                        locator=Locator(page=page.number),
                        detail=(("count", count),),
                    )
                )
    return out


def hidden_findings(pages: list[Page]) -> list[Finding]:
    """As in HTML: digits that are not seen stand apart, and it is said."""
    return [
        Finding(
            "doubtful_text",
            "warning",
            f"{len(page.hidden_digits)} digits or signs in the text of page {page.number} are not "
            f"seen on it (white, transparent, clipped, painted over or outside); they stand in "
            f"{OPEN}{CLOSE} and their cells were not read",
            f"第{page.number}页有{len(page.hidden_digits)}个数字或符号在页面上不可见（浅色、透明、"
            f"被裁切、被遮盖或在页面外），已用{OPEN}{CLOSE}标出，未作为数据读取",
            locator=Locator(page=page.number),
            detail=(("count", len(page.hidden_digits)),),
        )
        for page in pages
        if page.hidden_digits
    ]


def table_findings(blocks: list[Block]) -> list[Finding]:
    """Rows that were joined over a page break."""
    return [
        Finding(
            "row_joined",
            "info",
            "a table row cut by the page break was joined",
            "跨页断开的表格行已合并",
            locator=Locator(table=block.number, page=block.page),
        )
        for block in blocks
        if isinstance(block, Table) and "joined_row" in block.notes
    ]
