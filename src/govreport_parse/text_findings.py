"""What the text of a document shows of glosses, damage and mirror hosts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from govreport_parse.documents.model import Block, Heading, Paragraph, Table
from govreport_parse.script import is_traditional
from govreport_parse.text_repair import repair
from govreport_parse.values import Finding

_TONE = re.compile("[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ][a-zü]{0,5}[)）]|\\([a-z]{1,6}\\)\\([a-z]")
_SUSPECT = re.compile("[?\ufffd][!！]|[。!！][\u3105-\u3129]|\\^\\(")


def text_findings(blocks: Sequence[Block]) -> tuple[list[Finding], bool]:
    """Glosses and damage of the text, and whether it shows the traces of a mirror host."""
    text = "\n".join(b.text for b in blocks if isinstance(b, (Paragraph, Heading)))
    cells = "".join(t for b in blocks if isinstance(b, Table) for t in b.texts[:60])
    glossed = _TONE.search(text) is not None
    mirror = glossed or is_traditional((cells or text)[:2000])
    if not glossed and _SUSPECT.search(text) is None:
        return [], mirror
    out: list[Finding] = []
    repaired = repair(text)
    glosses = [r for r in repaired.repairs if r.kind.startswith("gloss")]
    if glosses:
        kinds = sorted({r.before for r in glosses})
        out.append(
            Finding(
                "text_glossed",
                "info",
                f"{len(glosses)} pinyin glosses stand in the text ({', '.join(kinds[:12])})",
                f"文本含{len(glosses)}处拼音注音",
                detail=(("count", len(glosses)), ("glosses", kinds)),
            )
        )
    for d in repaired.damage:
        fixed = next(
            (
                r
                for r in repaired.repairs
                if r.start <= d.start < r.end or d.start <= r.start < d.end
            ),
            None,
        )
        out.append(
            Finding(
                "text_damage",
                "warning",
                f"damaged characters {d.text!r} ({d.kind})"
                + (f", known to stand for {fixed.after!r}" if fixed else ", not repaired"),
                f"文本乱码“{d.text}”" + (f"，应为“{fixed.after}”" if fixed else ""),
                locator=_text_place(blocks, d.start),
                detail=(("start", d.start), ("end", d.end), ("kind", d.kind)),
            )
        )
    return out, mirror


def _text_place(blocks: Sequence[Block], offset: int) -> Any:
    at = 0
    for b in blocks:
        if isinstance(b, (Paragraph, Heading)):
            if at <= offset <= at + len(b.text):
                return b.locator
            at += len(b.text) + 1
    return None
