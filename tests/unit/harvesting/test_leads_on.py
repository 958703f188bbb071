"""Pages that are no document, but of a list: only those are looked through for reports."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from govreport_parse.harvesting.keeping import _leads_on

SITEMAP = (
    b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    b"<url><loc>http://a.gov.cn/1.html</loc></url></urlset>"
)


def leads_on(kind: str, reason: str, content: bytes = b"<html></html>") -> bool:
    claim: Any = SimpleNamespace(kind=kind)
    answer: Any = SimpleNamespace(
        outcome=SimpleNamespace(reason=reason),
        content=content,
        final_url="http://a.gov.cn/sitemap.xml",
    )
    return _leads_on(claim, answer)


@pytest.mark.parametrize("kind", ["list", "site"])
def test_lists_filled_by_a_script_and_sitemaps_lead_on(kind: str) -> None:
    assert leads_on(kind, "js_shell")
    assert leads_on(kind, "unsupported", SITEMAP)
    assert not leads_on(kind, "soft_404")


@pytest.mark.parametrize("kind", ["report", "attachment"])
def test_reports_and_files_lead_nowhere(kind: str) -> None:
    assert not leads_on(kind, "js_shell")
    assert not leads_on(kind, "unsupported", SITEMAP)
