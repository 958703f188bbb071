"""What a page is: a report, something about one, a list, an error page.

In: the parts of a page. Out: the kind and the evidence for it.
"""

from __future__ import annotations

import re

from govreport_parse.matching.page_parts import PageParts
from govreport_parse.matching.sections import PREAMBLE
from govreport_parse.matching.titles import Kind, is_part_of_year, is_title, kind_of_title

_ERRORS = re.compile(
    r"404|页面不存在|页面(?:已|被)?(?:删除|失效|丢失)|已(?:被)?删除|参数错误|无法访问"
    r"|访问(?:被)?(?:拦截|拒绝|禁止)|not found|forbidden|安全验证|验证码|请求过于频繁"
    r"|系统(?:繁忙|错误)|您访问的|找不到|服务器错误|bad gateway|waf|防火墙|人机|滑动|异常访问|拦截",
    re.IGNORECASE,
)
_ERROR_PAGE_CHARACTERS = 600


def page_kind(page: PageParts) -> tuple[Kind, str]:
    """The kind, and the word or count that shows it (``""`` for an unknown one)."""
    found = page.sections.sections if page.sections is not None else ()
    known = sum(not s.key.startswith(("extra_", PREAMBLE)) for s in found)
    if not known and not page.document.tables:
        text = f"{page.text}\n{page.document.meta.get('title', '')}"
        match = _ERRORS.search(text) if len(text) < _ERROR_PAGE_CHARACTERS else None
        if match is not None:
            return "error_page", match[0]
    kind, evidence = kind_of_title(page.title) if page.title else ("unknown", "")
    if kind == "notice" or (kind == "statistics" and is_part_of_year(page.title or "")):
        return kind, evidence
    if known >= 4 and kind != "interpretation":
        return "report", f"{known} sections"
    if kind == "interpretation" and known >= 5 and len(page.document.tables) >= 2:
        return "report", f"{known} sections"
    if not known and page.title_source not in ("articletitle", "ucaptitle"):
        titles = sum(is_title(t) for t in page.lines)
        if titles >= 4:
            return "list_page", f"{titles} titles"
    if kind != "unknown":
        return kind, evidence
    return ("report", f"{known} sections") if known >= 2 else ("unknown", "")
