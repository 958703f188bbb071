"""Signs that a page was copied: glosses, traditional script, a foreign host, a template's code.

In: the parts of a page. Out: findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from govreport_parse.matching.page_parts import PageParts, split_address
from govreport_parse.values import Finding

TEMPLATE_INDEX = "000014349"
"""Index code of the State Council, left in the page template of many sites."""

_GLOSS = re.compile(r"[(（][a-zü]{0,5}[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ][a-z]{0,5}[)）]")
_TRADITIONAL = "開務機報國會關這為辦應條據發與請進過說設動對業"
_SAMPLE = 2500


def page_findings(page: PageParts, index_number: str | None) -> Iterator[Finding]:
    """What shows that the page, or its metadata block, is another's."""
    if index_number is not None and index_number.startswith(TEMPLATE_INDEX):
        yield Finding(
            "template_index_number",
            "info",
            f"index number {index_number!r} carries the State Council's code",
            f"索引号{index_number}为模板遗留的国务院代码",
            detail=(("index_number", index_number),),
        )
    reasons = list(_mirror_reasons(page))
    if reasons:
        yield Finding(
            "mirror_text",
            "info",
            f"the text seems to come from a copy of the page: {', '.join(reasons)}",
            "文本疑似来自镜像站点",
            detail=tuple(("reason", r) for r in reasons),
        )


def _mirror_reasons(page: PageParts) -> Iterator[str]:
    sample = page.text[:_SAMPLE]
    if _GLOSS.search(sample):
        yield "glosses"
    if sum(c in sample for c in _TRADITIONAL) >= 4:
        yield "traditional script"
    address = split_address(page.url)
    host = address.hostname if address is not None else None
    organ = page.reading.organ
    if host and organ and not organ.endswith(_OTHER_BODIES) and not _is_government(host):
        yield f"host {host}"


_OTHER_BODIES = ("大学", "学院", "学校", "公司", "医院", "集团", "馆", "协会")
"""Bodies that publish such reports on hosts of their own."""


def _is_government(host: str) -> bool:
    return host.endswith(".gov.cn") or host in ("localhost", "gov.cn") or host.startswith("127.")
