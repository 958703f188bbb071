"""Whose report it is, by every place that says so.

In: the parts of a page. Out: names with their source, strongest first, and findings where sources
differ. Never a word for oneself (我局) and never a site's or a medium's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from govreport_parse.matching.page_parts import PageParts
from govreport_parse.matching.publication import signing_organ
from govreport_parse.matching.titles import (
    is_other_report,
    is_title,
    organ_like,
    plain,
    plausible_organ,
    site_organ,
)
from govreport_parse.text import fold, label_key
from govreport_parse.values import Finding

# These read folded text, in which most signs are half-width.
_CONTACT = re.compile(r"请(?:直接)?(?:与|向|和|联系)([^,。;(:]{3,40}?)(?:联系|咨询|反映|垂询|提出)")
_COMPILED_BY = re.compile(
    r"(?:^|[,。;])(?:本报告|本年度报告|报告)?由([^,。;(]{3,40}?)(?:根据|按照|依据|负责|编制|编写)"
)
_ANNOUNCED = re.compile(r"(?:现将|现公布|公布|发布)([^,。;《]{3,40}?)20[0-9]{2}年?度?政府信息公开")
_INNER_OFFICE = re.compile(
    r"(?:政府信息公开|政务公开|信息公开|政务信息公开|综合)?(?:工作)?(?:领导小组)?(?:办公室|科|股|处|室|办)$"
)
_PLACELESS = re.compile(r"(?!市中区)[省市县區区州盟旗镇乡]|街道")
_CRUMB = re.compile(r"\s*[>»›→/＞]+\s*")


def find_organs(page: PageParts, caller: str | None) -> list[tuple[str, str]]:
    """Names and their source (those of ``Identification.organ_source``), strongest first."""
    found: list[tuple[str, str]] = []

    def add(name: str | None, source: str) -> None:
        if name and (name, source) not in found:
            found.append((name, source))

    add(caller, "caller")
    if not is_other_report(page.title or ""):  # there the subject would be taken for the organ
        add(page.reading.organ, "title")
    named = _named(page.metadata.roles.get("organ"))
    if named and not found and _PLACELESS.match(named):  # 市政府办: the text may say of which city
        for name, source in _organs_in_text(page):
            add(name if source == "preamble" and not _PLACELESS.match(name) else None, source)
    add(named, "metadata")
    add(_organ_or_none(page.document.meta.get("contentsource")), "contentsource")
    add(_organ_or_none(page.metadata.roles.get("source")), "source")
    for name in _breadcrumb_organs(page.head):
        add(name, "breadcrumb")
    for name, source in _organs_in_text(page):
        add(name, source)
    add(signing_organ(page.tail), "signature")
    for site in (page.document.meta.get("sitename", ""), *page.site_names):
        owner = site_organ(site) if site else None
        if owner and (self_word := _self_word(page.text)) is not None:
            owner = owner if owner.endswith(self_word) else None
        add(owner, "site")
    return found


def _named(value: str | None) -> str | None:
    if not value:
        return None
    bare = plain(value)
    return bare if plausible_organ(bare) else None


def _organ_or_none(value: str | None) -> str | None:
    """A source line as an organ; names of sites and media are none."""
    if not value:
        return None
    bare = plain(value)
    return bare if organ_like(bare) else None


def _breadcrumb_organs(head: Iterable[str]) -> Iterator[str]:
    for line in head:
        if len(line) > 200 or not any(s in line for s in ">»›→/＞"):
            continue
        if "位置" not in line and "首页" not in line and "首頁" not in line:
            continue
        parts = [plain(p) for p in _CRUMB.split(line)[1:]]
        yield from (p for p in reversed(parts) if organ_like(p) and not is_title(p))


def _organs_in_text(page: PageParts) -> Iterator[tuple[str, str]]:
    for word in _CONTACT_WORDS:
        if word not in page.text:
            continue
        for line in page.lines:
            if word in line:
                names = (_without_inner_office(m[1]) for m in _CONTACT.finditer(fold(line)))
                yield from ((n, "contact") for n in names if organ_like(n))
    for word in _PREAMBLE_WORDS:
        if word not in page.text:
            continue
        for line in page.head:
            if word in line and len(line) < 600:
                bare = fold(line)
                hits = (p.search(bare) for p in (_COMPILED_BY, _ANNOUNCED))
                yield from ((h[1], "preamble") for h in hits if h and organ_like(h[1]))


_CONTACT_WORDS = ("请与", "请向", "请联系", "请直接", "请和", "請與", "請向")
_PREAMBLE_WORDS = ("报告由", "報告由", "编制", "编写", "現將", "现将", "现公布")
_OUTER_ENDS = ("局", "厅", "委", "委员会", "镇", "乡", "街道", "办事处", "中心")
_TOWN_ENDS = ("镇人民政府", "乡人民政府")


def _without_inner_office(name: str) -> str:
    outer = _INNER_OFFICE.sub("", name)
    if outer != name and outer.endswith(_OUTER_ENDS + _TOWN_ENDS):
        return outer
    return name


_SELF_WORD = re.compile(r"我(局|镇|乡|街道|委|厅|县|区|市|省|办|中心|院)")


def _self_word(text: str) -> str | None:
    """How the report calls its organ (我局 gives 局), by its first mention."""
    found = _SELF_WORD.search(text)
    return found[1] if found is not None else None


def _agree(a: str, b: str) -> bool:
    """One name can be a short form of the other: 市教育局, 池州市教育局; 石台县, 石台县人民政府."""
    short, long = sorted((label_key(a), label_key(b)), key=len)
    signs = iter(long)
    return all(c in signs for c in short)


def organ_findings(organs: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    """Where title or metadata name another organ than the strongest source."""
    if not organs:
        return
    first, source = organs[0]
    others = [(o, s) for o, s in organs[1:] if s in ("title", "metadata") and not _agree(first, o)]
    if not others:
        return
    detail = tuple((s, o) for o, s in organs)
    if source == "caller":
        yield Finding(
            "caller_overrides",
            "info",
            f"the caller's organ {first!r} is kept; the document says {others[0][0]!r}",
            f"采用调用方给定的机关“{first}”，文中为“{others[0][0]}”",
            detail=(("field", "organ"), *detail),
        )
        return
    yield Finding(
        "organ_conflict",
        "warning",
        f"{source} says {first!r}, {others[0][1]} says {others[0][0]!r}",
        f"机关名称不一致：“{first}”与“{others[0][0]}”",
        detail=detail,
    )
