"""What a worker does with a document: the one function that fork servers name.

``warm_up`` runs once in the fork server, before any fork: libraries are loaded and caches filled,
so that a fresh worker parses its first document as fast as its second.
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import Any

from govreport_parse.parsing import parse_or_failure
from govreport_parse.report import Failure, Report
from govreport_parse.source import Source

_PAGE = """<html><head><title>甲局2023年政府信息公开工作年度报告</title></head><body>
<h1>甲局2023年政府信息公开工作年度报告</h1><p>一、总体情况</p><p>2023年，本局公开信息3条。</p>
<p>二、主动公开政府信息情况</p><table><tr><td colspan="4">第二十条第（一）项</td></tr>
<tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr>
<tr><td>规章</td><td>0</td><td>0</td><td>0</td></tr></table>
<p>五、存在的主要问题及改进情况</p><p>无。</p><p>六、其他需要报告的事项</p><p>无。</p></body></html>"""
_PDF = (
    b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    b"2 0 obj\n<< /Type /Pages /Count 0 /Kids [] >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF"
)
_DOCUMENTS = (_PAGE.encode(), "一、总体情况 | 无\n".encode(), _PDF)
"""Documents of our own: what others wrote is never parsed in the fork server."""


def parse(source: Source, options: dict[str, Any]) -> Report | Failure:
    """``parsing.parse_or_failure`` on a source."""
    return parse_or_failure(source, options)


def warm_up() -> None:
    """Load what parsing needs."""
    for data in _DOCUMENTS:
        parse_or_failure(Source(data, "warm"), {})
    for module in ("lxml.etree", "python_calamine"):
        with suppress(ImportError):
            import_module(module)
