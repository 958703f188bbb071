"""What mirror hosts do to text: traditional characters, pinyin in parentheses, split bytes.

The inverse of what a reader folds, written from the domain guide (4.1 to 4.3) and from the fold
table's characters, not from the reader's code.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import resources

# Where several traditional characters fold to one, the one that converters choose.
_CHOSEN: Mapping[str, str] = {
    "个": "個",
    "为": "為",
    "众": "眾",
    "发": "發",
    "只": "只",
    "台": "臺",
    "合": "合",
    "同": "同",
    "回": "回",
    "复": "復",
    "它": "它",
    "家": "家",
    "布": "布",
    "当": "當",
    "录": "錄",
    "志": "志",
    "私": "私",
    "秘": "秘",
    "系": "係",
    "汇": "匯",
    "制": "製",
    "面": "麵",
    "范": "範",
    "获": "獲",
    "后": "後",
    "采": "採",
    "出": "出",
    "卷": "卷",
    "参": "參",
    "注": "注",
    "于": "於",
    "决": "決",
    "执": "執",
    "内": "內",
    "关": "關",
    "咨": "咨",
    "响": "響",
    "阅": "閱",
}

# The mirror of the sample report keeps these as they are (domain guide 4.2).
KEPT = frozenset("范于系后制面")

GLOSSES: Mapping[str, str] = {
    "發": "fā",
    "規": "guī",
    "業": "yè",
    "區": "qū",
    "穩": "wěn",
    "態": "tài",
    "監": "jiān",
    "執": "zhí",
    "續": "xù",
    "關": "guān",
    "據": "jù",
    "務": "wù",
    "數": "shù",
    "設": "shè",
    "機": "jī",
    "報": "bào",
    "進": "jìn",
    "開": "kāi",
    "總": "zǒng",
    "處": "chǔ",
    "審": "shěn",
    "屬": "shǔ",
    "構": "gòu",
    "請": "qǐng",
    "項": "xiàng",
    "應": "yīng",
    "護": "hù",
    "組": "zǔ",
    "織": "zhī",
    "結": "jié",
    "轉": "zhuǎn",
    "繼": "jì",
    "況": "kuàng",
    "動": "dòng",
    "個": "gè",
    "強": "qiáng",
    "許": "xǔ",
    "訟": "sòng",
    "議": "yì",
    "權": "quán",
}
"""Traditional character to its reading, as mirrors print it: 發(fā)."""

FEW_GLOSSES = "發規業區穩態監執續"
"""The nine characters that the sample report annotates."""


@cache
def _table(keep: frozenset[str]) -> dict[int, str]:
    data = resources.files("govreport_parse") / "data" / "folds.toml"
    folds: Mapping[str, str] = tomllib.loads(data.read_text("utf-8"))["characters"]
    out: dict[str, str] = {}
    for old, new in folds.items():
        out.setdefault(new, _CHOSEN.get(new, old))
    return {ord(new): old for new, old in out.items() if new not in keep}


def traditional(text: str, keep: Iterable[str] = KEPT) -> str:
    """The text character by character in traditional script, as mirrors convert it.

    Characters of ``keep`` stay; so do all that the fold table does not know.
    """
    return text.translate(_table(frozenset(keep)))


def glossed(text: str, characters: Iterable[str] = FEW_GLOSSES) -> str:
    """Traditional text with a reading behind each of ``characters``: 规章 becomes 規(guī)章."""
    marks = {ord(c): f"{c}({GLOSSES[c]})" for c in characters}
    return traditional(text).translate(marks)


def mojibake_run(text: str, delimiters: str = "，。！？") -> str:
    """GBK text cut at the bytes of ``delimiters`` without regard to character borders.

    Each piece is decoded pair by pair, a byte without its partner becomes ``?``. The model
    reproduces the damage of published mirrors (domain guide 4.3): ``三审三校”制度，确保`` gives
    ``三审三?！敝贫?，确保``. Characters outside GBK become ``?``.
    """
    raw = text.encode("gbk", "replace")
    marks = {d.encode("gbk"): d for d in delimiters}
    pattern = re.compile(b"|".join(re.escape(m) for m in marks))
    out: list[str] = []
    start = 0
    for found in pattern.finditer(raw):
        out += [_pairs(raw[start : found.start()]), marks[found[0]]]
        start = found.end()
    out.append(_pairs(raw[start:]))
    return "".join(out)


def _pairs(piece: bytes) -> str:
    out: list[str] = []
    i = 0
    while i < len(piece):
        if piece[i] < 0x80:
            out.append(chr(piece[i]))
            i += 1
            continue
        pair = piece[i : i + 2]
        try:
            out.append(pair.decode("gbk"))
        except UnicodeDecodeError:
            out.append("?")
        i += 2
    return "".join(out)


_MARKUP = re.compile(r"(<script.*?</script>|<style.*?</style>|<[^>]+>)", re.DOTALL)


def on_text(page: str, change: Callable[[str], str]) -> str:
    """An HTML page with ``change`` applied to its text only: tags, scripts, styles stay."""
    parts = _MARKUP.split(page)
    return "".join(p if i % 2 else change(p) for i, p in enumerate(parts))
