"""What of a page is the report: article containers, site chrome, breadcrumb, pictures, shells.

Blocks and what the walk noticed come in, a ``Document`` goes out. Site knowledge (domain guide
2.6, 3, 3.1) is data at the top. Chrome is cut only where a known container holds the report and
nothing outside it names a section; tables are never cut, losing figures is worse than noise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from govreport_parse.documents.model import Document, Heading, Paragraph, Table
from govreport_parse.text import fold, label_key
from govreport_parse.values import Finding

Item = str | Heading | Table
"""A block on the way: paragraphs stay plain texts until it is settled which are kept."""

_IDS = {
    "ucapcontent": 0,
    "zoom": 1,
    "Zoom": 1,
    "zoomcon": 1,
    "vsb_content": 3,
    "ivs_content": 3,
    "webeditorview": 3,
    "articleContent": 4,
    "UCAP-CONTENT": 0,
}
_CLASSES = {
    "TRS_Editor": 2,
    "trs_editor_view": 2,
    "Custom_UnionStyle": 2,
    "TRS_UEDITOR": 2,
    "v_news_content": 3,
    "article-content": 4,
    "article_content": 4,
    "xxgk_content": 4,
    "news_cont_d_wrap": 4,
}
_TAGS = {"article": 5, "main": 6}
"""Known containers of an article by priority, the smallest number first."""

_SECTIONS = (
    ("总体情况", "總體情況"),
    ("主动公开政府信息情况", "主動公開政府信息情況"),
    ("收到和处理政府信息公开申请", "收到和處理政府信息公開申請"),
    ("行政复议、行政诉讼", "行政復議、行政訴訟"),
    ("存在的主要问题", "存在的主要問題"),
    ("其他需要报告的事项", "其他需要報告的事項"),
)
_TABLE_WORDS = ("自然人", "结果维持", "結果維持", "行政许可", "行政許可")
_OUTSIDE_WORDS = tuple(word for names in _SECTIONS[2:] for word in names)
"""Words that no menu has: where one stands outside the container, the container is not it all."""

_SECTION_LINE = re.compile(
    r"[一二三四五六][、.．，\s].{0,24}(?:总体情况|總體情況|公开政府信息|公開政府信息|收到和|行政复议"
    r"|行政復議|主要问题|主要問題|报告的事项|報告的事項)"
)
_KEEP_BEFORE = re.compile(
    r"报告|年报|報告|年報|信息公开|信息公開|索\s*引\s*号|机构|机关|单位|来源|日期|时间|文号|名称|标题"
    r"|19[0-9][0-9]|20[0-9][0-9]"  # each branch opens with a letter: searched three times as fast
)
_REPORT_TITLE = re.compile(r"(?:年度|工作).{0,4}[报報]告|年[报報]")
_TITLE_PARTS = re.compile(r"[-_|｜—–>·\s]+")
_TITLE_YEAR = re.compile(r"20[0-9]{2}(?![0-9])")
_TITLE_END = re.compile(r"政府信息|政[务務]|信息公[开開]|20[0-9]{2}$")
_NO_ORGAN = re.compile(r"20[0-9]{2}|年度?|[关關][于於]|[^\w]")
_CRUMB_NAME = re.compile(r"crumb|position|location|weizhi|dqwz", re.IGNORECASE)
_CRUMB_TEXT = re.compile(r"(?:您?(?:现在)?的?(?:当前)?(?:所在)?位置|当前位置|您所在的?位置)")
_ARROWS = frozenset(">＞»›→/\\-|")
_MAX_CRUMB = 200
_CRUMB_BLOCKS = 400
_ICON = re.compile(
    r"icon|ico[._/-]|logo|ewm|qrcode|qr[._-]|erweima|weixin|weibo|wx[._-]|share|print|banner|btn"
    r"|button|arrow|close|search|blank\.|spacer|dot\.|line\.|red\.(?:png|gif)|gongan|jiucuo",
    re.IGNORECASE,
)
_LABEL_CHARS = 8
DATA_URL_KEPT = 4_096
"""So much of a picture in the address itself is kept by the reader."""
_SMALL_DATA = 4_000
_SMALL_PIXELS = 48
_AFTER_SECTION = 6
_SHELL_CHARS = 120
_THIN_CHARS = 1_500


@dataclass(slots=True)
class Container:
    """A known article container met on the walk.

    ``start`` and ``stop`` count blocks, ``first_picture`` and ``after_picture`` pictures.
    """

    rank: int
    start: int
    first_picture: int
    stop: int = 0
    after_picture: int = 0

    def close(self, stop: int, after_picture: int) -> None:
        """The walk left the element."""
        self.stop = stop
        self.after_picture = after_picture


def rank_of(tag: str, names: Iterable[str]) -> int | None:
    """Rank of an element as article container by tag, id and classes; None: it is none."""
    best = _TAGS.get(tag)
    for name in names:
        rank = _IDS.get(name)
        if rank is None:
            rank = _CLASSES.get(name)
        if rank is None and name.startswith("vsb_content"):
            rank = 3
        if rank is not None and (best is None or rank < best):
            best = rank
    return best


def is_breadcrumb(names: Sequence[str]) -> bool:
    """An id or class says that the element shows the reader's place in the site."""
    return bool(names) and _CRUMB_NAME.search(" ".join(names)) is not None


def breadcrumb(text: str) -> str | None:
    """The text of a breadcrumb with single blanks, or None when it can't be one."""
    text = " ".join(text.split()).replace("： ", "：")
    return text if 2 < len(text) <= _MAX_CRUMB else None


def names_section(line: str) -> bool:
    """The line opens with a numeral and names one of the six sections."""
    return _SECTION_LINE.match(line) is not None


def is_picture(attributes: Mapping[str, str | None]) -> bool:
    """An ``<img>`` that may show content: neither an icon by name nor a tiny one by size."""
    source = attributes.get("src") or ""
    if source.startswith("data:"):
        if len(source) < _SMALL_DATA:
            return False
    elif not source or _ICON.search(source[-200:]):
        return False
    for side in ("width", "height"):
        digits = re.match(r"\s*([0-9]{1,6})", attributes.get(side) or "")
        if digits and int(digits[1]) <= _SMALL_PIXELS:
            return False
    return True


def finish(
    blocks: list[Item],
    *,
    meta: dict[str, str],
    containers: Sequence[Container],
    pictures: Sequence[int],
    shows: Callable[[int], bool],
    scripts: int,
    frames: Sequence[str],
    findings: list[Finding],
) -> Document:
    """The document. ``pictures`` are places: the number of blocks that stand before each.

    ``shows(i)`` tells whether picture ``i`` is more than an icon.
    """
    if "breadcrumb" not in meta:
        crumb = _breadcrumb_of(blocks)
        if crumb:
            meta["breadcrumb"] = crumb
    article = _article(blocks, containers)
    if article:
        inside: Iterable[int] = range(article.first_picture, article.after_picture)
    else:
        inside = _pictures_between_sections(blocks, pictures)
    has_pictures = any(shows(i) for i in inside)
    findings.extend(_shell_findings(blocks, scripts, frames))
    findings.extend(_title_findings(blocks, meta))
    if article:
        blocks = _cut_chrome(blocks, article.start, article.stop)
    return Document(
        [Paragraph(b) if isinstance(b, str) else b for b in blocks],
        "html",
        media_type="text/html",
        meta=meta,
        findings=findings,
        has_pictures=has_pictures,
    )


def _texts(blocks: Iterable[Item]) -> list[str]:
    """The text of each block, empty for tables."""
    return [b if isinstance(b, str) else b.text if isinstance(b, Heading) else "" for b in blocks]


def _text(blocks: Iterable[Item]) -> str:
    return "\n".join(_texts(blocks))


def _article(blocks: Sequence[Item], containers: Sequence[Container]) -> Container | None:
    """What the best containers of one rank span, when they hold the report."""
    for rank in sorted({c.rank for c in containers}):
        alike = [c for c in containers if c.rank == rank]
        whole = Container(rank, min(c.start for c in alike), min(c.first_picture for c in alike))
        whole.close(max(c.stop for c in alike), max(c.after_picture for c in alike))
        if not _holds_report(blocks[whole.start : whole.stop]):
            continue
        outside = _text((*blocks[: whole.start], *blocks[whole.stop :]))
        if not any(word in outside for word in _OUTSIDE_WORDS):
            return whole
    return None


def _holds_report(blocks: Sequence[Item]) -> bool:
    text = _text(blocks)
    if sum(simple in text or traditional in text for simple, traditional in _SECTIONS) >= 2:
        return True
    cells = "\n".join(["\n".join(b.texts) for b in blocks if isinstance(b, Table)])
    return any(word in cells for word in _TABLE_WORDS)


def _cut_chrome(blocks: list[Item], start: int, stop: int) -> list[Item]:
    """Before the article keep what may be title, organ or date; after it tables only."""
    before: list[Item] = []
    label = False
    search = _KEEP_BEFORE.search
    for block in blocks[:start]:
        if not isinstance(block, str):
            before.append(block)
            label = False
            continue
        found = search(block) is not None
        if found or label:
            before.append(block)
        # The value of 发布机构： may be a paragraph of its own.
        label = found and (len(block) <= _LABEL_CHARS or block[-1] in ":：")
    after = [b for b in blocks[stop:] if isinstance(b, Table)]
    return [*before, *blocks[start:stop], *after]


def _breadcrumb_of(blocks: Sequence[Item]) -> str | None:
    """From a paragraph that opens with 当前位置 or the like; its links may be paragraphs too."""
    texts = _texts(blocks[:_CRUMB_BLOCKS])
    if "位置" not in "\n".join(texts):
        return None
    for i, text in enumerate(texts):
        if not _CRUMB_TEXT.match(text):
            continue
        parts = [text]
        if len(text) <= _LABEL_CHARS:
            for following in texts[i + 1 : i + 9]:
                joined = len(parts) == 1 or parts[-1][-1] in _ARROWS
                if not following or not (joined or following[0] in _ARROWS):
                    break
                parts.append(following)
        return breadcrumb(" ".join(parts))
    return None


def _pictures_between_sections(blocks: Sequence[Item], pictures: Sequence[int]) -> list[int]:
    """Without a container: the pictures from the first section heading to behind the last."""
    if not pictures:
        return []
    named = [i for i, text in enumerate(_texts(blocks)) if len(text) < 60 and names_section(text)]
    if not named:
        return []
    end = named[-1] + _AFTER_SECTION
    return [i for i, place in enumerate(pictures) if named[0] < place <= end]


def _title_findings(blocks: Sequence[Item], meta: Mapping[str, str]) -> Iterable[Finding]:
    """A first heading that names another year or organ than the title of the page."""
    headings = [b.text for b in blocks if isinstance(b, Heading) and b.level == 1]
    heading = next((h for h in headings if _speaks_of_report(h)), None)
    if heading is None:
        return
    organ, years = _organ_and_years(heading)
    for name in ("articletitle", "ucaptitle", "title"):
        parts = [p for p in _TITLE_PARTS.split(meta.get(name, "")) if _speaks_of_report(p)]
        if not parts:
            continue
        other, other_years = _organ_and_years(parts[0])
        if (years and other_years and not years & other_years) or not _agree(organ, other):
            yield Finding(
                "title_conflict",
                "warning",
                f"the page's title says {parts[0][:60]!r}, its heading says {heading[:60]!r}",
                f"网页标题为“{parts[0][:60]}”，正文标题为“{heading[:60]}”，二者不一致",
                detail=(("source", name), ("title", parts[0][:200]), ("heading", heading[:200])),
            )
            return


def _speaks_of_report(text: str) -> bool:
    return (
        len(text) <= _MAX_CRUMB
        and ("公开" in text or "公開" in text)
        and (_REPORT_TITLE.search(text) is not None)
    )


def _organ_and_years(title: str) -> tuple[str, frozenset[str]]:
    text = "".join(fold(title).split())
    end = _TITLE_END.search(text)
    organ = _NO_ORGAN.sub("", text[: end.start()] if end else text)
    return label_key(organ), frozenset(_TITLE_YEAR.findall(text))


def _agree(a: str, b: str) -> bool:
    """One name can be a short form of the other: 市教育局, 池州市教育局."""
    short, long = sorted((a, b), key=len)
    signs = iter(long)
    return all(c in signs for c in short)


def _shell_findings(
    blocks: Sequence[Item], scripts: int, frames: Sequence[str]
) -> Iterable[Finding]:
    if any(isinstance(b, Table) for b in blocks):
        return
    size = sum(map(len, _texts(blocks)))
    if frames and size < _THIN_CHARS:
        yield Finding(
            "content_in_iframe",
            "warning",
            "the page has little text and no table; its content may stand in an embedded page",
            "页面正文很少且没有表格，内容可能在内嵌页面（iframe）中",
            detail=(("src", frames[0]),),
        )
    elif scripts and size < _SHELL_CHARS:
        yield Finding(
            "js_shell",
            "warning",
            "the page is a shell that a script fills in the browser",
            "页面正文由脚本在浏览器中加载，文件本身没有内容",
        )
