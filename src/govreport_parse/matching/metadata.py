"""The block of labels above a report: 索引号, 发布机构, 发布日期, 来源 …

In: lines and tables that stand before the first section. Out: the pairs as printed, and what is
known by role. Values stay raw. Shapes seen: a table of label and value cells, a pipe line, several
``label：value`` in one line, label and value on lines of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from govreport_parse.documents.model import Table
from govreport_parse.text import label_key

Role = Literal["index_number", "organ", "published", "issued", "source", "title", "number", "other"]

_ROLES: dict[Role, str] = {
    "index_number": "索引号 信息索引号 索引 政府信息索引号",
    "organ": "发布机构 发文机构 发文机关 信息发布机构 公开机构 发布单位 发文单位 制发机关 "
    "公开主体 公开单位",
    "published": "发布日期 发布时间 公开日期 发表时间 信息发布日期",
    "issued": "发文日期 成文日期 生成日期 公文生成日期 生成时间 成文时间 公文成文日期 文件日期",
    "source": "来源 信息来源 文章来源 稿件来源",
    "title": "名称 信息名称 标题 文件名称",
    "number": "文号 发文字号 公文文号 文件编号",
    "other": "主题分类 体裁分类 分类 信息分类 公开方式 公开形式 公开范围 公开时限 有效性 时效 "
    "时效性 效力状态 浏览次数 点击数 浏览量 访问量 阅读次数 点击量 主题词 关键词 组配分类 "
    "公开类别 服务对象 作者 责任编辑 字体 字号 生效日期 废止日期 失效日期 生命周期 内容概述 有效期 "
    "时间 日期 阅读 浏览 点击 编辑 审核",
}
LABELS: dict[str, Role] = {w: role for role, words in _ROLES.items() for w in words.split()}
_TRADITIONAL = {
    "发": "發", "机": "機", "构": "構", "关": "關", "时": "時", "间": "間", "号": "號", "来": "來",
    "布": "佈", "体": "體", "类": "類", "开": "開", "题": "題", "单": "單", "词": "詞", "浏": "瀏",
    "览": "覽", "数": "數", "称": "稱", "编": "編", "辑": "輯", "责": "責", "点": "點", "击": "擊",
}  # fmt: skip


def _spaced(label: str) -> str:
    signs = (f"[{c}{_TRADITIONAL[c]}]" if c in _TRADITIONAL else c for c in label)
    return r"[ \u3000\xa0]{0,3}".join(signs)


_PAIR = re.compile(
    r"(?:^|(?<=[\s|【\[（(·；;>]))("
    + "|".join(_spaced(w) for w in sorted(LABELS, key=len, reverse=True))
    + r")[ \u3000\xa0】\]]{0,3}[：:|]"
)


@dataclass(slots=True)
class PageMetadata:
    """``pairs``: printed label (white space removed) to raw value, first one wins.

    ``roles``: role to raw value. ``is_block``: an index number or an issuing organ was printed,
    so this is the official block and not only the line below the title.
    """

    pairs: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)

    @property
    def is_block(self) -> bool:
        """See the class."""
        return "index_number" in self.roles or "organ" in self.roles

    def add(self, label: str, value: str) -> None:
        """Keep one pair unless the value is empty or the label was seen."""
        value = value.strip(" \t\u3000\xa0|：:】]【[").strip()
        role = LABELS.get(label)
        if not value or role is None or len(value) > 200 or label_key(value) in LABELS:
            return
        self.pairs.setdefault(label, value)
        self.roles.setdefault(role, value)


def read_metadata(lines: Iterable[str], tables: Iterable[Table]) -> PageMetadata:
    """All pairs in the lines and tables given, in their order."""
    found = PageMetadata()
    for table in tables:
        for label, value in _cells(table):
            found.add(label, value)
    waiting: str | None = None
    for line in lines:
        if waiting is not None:
            found.add(waiting, line)
            waiting = None
        if len(line) <= 12 and (key := label_key(line)) in LABELS:
            waiting = key
        elif len(line) <= 300 and (":" in line or "：" in line or "|" in line):
            for label, value in _pairs(line):
                found.add(label, value)
    return found


def _pairs(line: str) -> Iterator[tuple[str, str]]:
    hits = list(_PAIR.finditer(line))
    for n, hit in enumerate(hits):
        end = hits[n + 1].start() if n + 1 < len(hits) else len(line)
        value = line[hit.end() : end].strip(" |")
        # In a pipe line an unknown label may follow: the value is one cell.
        yield label_key(hit[1]), value.split("|")[0]


def _cells(table: Table) -> Iterator[tuple[str, str]]:
    texts, rows = table.texts, table.rows
    for i, text in enumerate(texts):
        if len(text) > 200:
            continue
        key = label_key(text) if len(text) <= 16 else ""
        if key in LABELS:
            if i + 1 < len(texts) and rows[i + 1] == rows[i]:
                yield key, texts[i + 1]
        elif ":" in text or "：" in text:
            yield from _pairs(text)
