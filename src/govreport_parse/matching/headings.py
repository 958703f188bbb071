"""One line as a heading: its numeral, the section whose words it carries, where the words end.

In: the raw text of one line. Out: ``Marker`` (the numeral) and ``Reading`` (section rank, how it
was recognised, end of the heading in the raw text). Refused: rows of table 3 that begin like a
heading (三、本年度办理结果), list items that begin with a verb, sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

from govreport_parse.formbook.loader import form, sections
from govreport_parse.formbook.spec import REQUESTS
from govreport_parse.text import label_key

How = Literal["label", "alias", "fuzzy", "numeral"]
Style = Literal["han", "part", "shi", "arabic", "paren", "lost"]

_HAN = "一二三四五六七八九十壹贰貳叁參肆伍陆陸柒捌玖"
_VALUES = {c: i for i, c in enumerate("一二三四五六七八九十", 1)} | {
    c: i for i, c in enumerate("壹贰叁肆伍陆柒捌玖", 1)
}
_VALUES |= {"貳": 2, "參": 3, "陸": 6}
_JUNK = "#*>|·•●◆■\ufeff\u200b"
_SEP = "、，,．.。:：﹑､·丶"

_WIDE = "０１２３４５６７８９"
MARKER_SIGNS = frozenset(_HAN + "第（(、．0123456789㈠㈡㈢㈣㈤㈥㈦㈧㈨㈩" + _WIDE + _JUNK)
"""A line that begins with none of these has no numeral."""
NUMERAL_SIGNS = frozenset(_HAN + "第" + _JUNK)
"""Signs with which a line with a top-level Chinese numeral begins."""

_MARKER = re.compile(
    rf"""[\s{_JUNK}]*(?:
        (?P<han>[{_HAN}]{{1,3}})(?:[\ \u3000\xa0]?[{_SEP}]|(?P<shi>是)|[\s])\s*
      | 第(?P<part>[{_HAN}]{{1,3}})(?:部分|章|节|節)[{_SEP}\s]*
      | [（(]\s?(?P<paren>[{_HAN}]{{1,3}})\s?[)）][{_SEP}]?\s*
      | (?P<circled>[㈠-㈩])[{_SEP}]?\s*
      | (?P<arabic>[0-9０-９]{{1,2}})[\ \u3000\xa0]?(?:[、，]\s*|[．.]\s*(?![0-9０-９])|\s+)
      | (?P<lost>[、．])\s*
    )""",
    re.VERBOSE,
)

_GLOSS = re.compile(r"(?:[(（][a-zà-ǜɑɡ]{1,8}[)）])+")
_YEAR = re.compile(r"20[0-9]{2}年?度?")
_PAGE_NUMBER = re.compile(r"[\s.…·．\-—_]*[0-9]{1,3}\s*")
_NOTE = re.compile(r"\s*[（(][^（()）]{1,30}[)）]\s*[：:。]?\s*")
_BOUNDARY = frozenset(" \t\n\r\u3000\xa0：:。.，,、；;（(|<…【[“！!?？0123456789" + _WIDE)
_OPENERS = frozenset("我本全根按为为在今202")
_GOES_ON = frozenset("良较較的和与與及好总總一表统統")
_CLOSERS = frozenset("况況述项項施")

# Words that open an instruction or an achievement: list items, not names of parts.
_VERB_WORDS = """
加强 强化 深化 推进 规范 完善 做好 健全 提升 落实 持续 进一步 扎实 积极 认真 严格 不断 全面 优化
拓展 创新 加大 着力 切实 抓好 坚持 推动 围绕 突出 明确 提高 细化 注重 聚焦 夯实 丰富 及时 高度
加快 对 是 依法 严把 打造 建立 强 稳步 主动做好 个别 部分
"""
_VERBS = tuple(_VERB_WORDS.split())


class Marker(NamedTuple):
    """The numeral of a line. ``value`` is 0 where it was lost; ``end`` is where the words begin."""

    value: int
    style: Style
    end: int


class Reading(NamedTuple):
    """A section recognised in the words after the numeral.

    ``rank`` is its place in the form (0 to 5); ``end`` is the end of the heading in the text
    given; ``rest`` says that the section's text goes on in the same line, ``contents`` that the
    line is an entry of a table of contents.
    """

    rank: int
    how: How
    end: int
    rest: bool
    contents: bool


class _Labels(NamedTuple):
    known: dict[str, tuple[int, How]]
    lengths: tuple[int, ...]
    prefixes: frozenset[str]
    first_signs: frozenset[str]
    row_starts: tuple[str, ...]
    subheads: tuple[str, ...]


@lru_cache(maxsize=1)
def _labels() -> _Labels:
    known: dict[str, tuple[int, How]] = {}
    subheads: list[str] = []
    for rank, section in enumerate(sections()):
        known[label_key(section.label)] = (rank, "label")
        for alias in section.aliases:
            known.setdefault(label_key(alias), (rank, "alias"))
        subheads.extend(label_key(s) for s in section.subheads)
    tops = [r for r in form("ogi_annual_2021").table(REQUESTS).rows if r.numeral.endswith("、")]
    starts = {label_key(t)[:4] for r in tops for t in (r.label, *r.aliases)}
    return _Labels(
        known,
        tuple(sorted({len(k) for k in known}, reverse=True)),
        frozenset(k[:n] for k in known for n in range(4, len(k))) - known.keys(),
        frozenset({k[0] for k in known} | set("總2２")),
        tuple(sorted(starts | {"上年度结", "上一年结", "结转下一"})),
        tuple(sorted(subheads, key=len, reverse=True)),
    )


def read_marker(text: str) -> Marker | None:
    """The numeral with which the line begins, ``None`` if it begins with none."""
    match = _MARKER.match(text)
    if match is None:
        return None
    style = match.lastgroup or "lost"
    written = match[style]
    if style == "shi":
        return Marker(_number(match["han"]), "shi", match.end())
    if style == "circled":
        return Marker(ord(written) - ord("㈠") + 1, "paren", match.end())
    if style == "arabic":
        return Marker(int(written), "arabic", match.end())
    if style == "lost":
        return Marker(0, "lost", match.end())
    return Marker(_number(written), style, match.end())  # type: ignore[arg-type]


def _number(written: str) -> int:
    if len(written) == 1:
        return _VALUES[written]
    tens, sign, ones = written.partition("十")
    if not sign:
        return 0
    return _VALUES.get(tens, 1) * 10 + _VALUES.get(ones, 0)


def read_words(words: str, *, strict: bool, numeral: int = 0) -> Reading | None:
    """The section that the words after a numeral (or a whole line) name.

    ``strict`` takes known wordings only, at the start of the words and with a border behind them.
    ``numeral`` is the value of the line's marker.
    """
    labels = _labels()
    if strict and words[:1] not in labels.first_signs:
        return None
    window = words[: 400 if words.count("(", 0, 64) > 2 else 64]
    key = label_key(window)
    if key.startswith(labels.row_starts):
        return None
    whole = len(window) == len(words)
    year = _YEAR.match(key)
    skip = year.end() if year else 0
    if whole and (hit := labels.known.get(key[skip:])):
        return Reading(hit[0], hit[1], len(words), False, False)
    for length in labels.lengths:
        found = labels.known.get(key[skip : skip + length])
        if found is None or len(key) < skip + length:
            continue
        rank, how = found
        end = raw_end(words, skip + length)
        if _is_border(words, end, length, how, numeral == rank + 1):
            return _with_tail(words, rank, how, end)
    return None if strict else _loose(words, key[skip:] if whole else "")


def is_known_line(text: str, *, aliases: bool) -> Reading | None:
    """A line without numeral that consists of a section's name and nothing else.

    Short wordings such as 主动公开情况 name sub-heads too: ``aliases`` admits them (markup says
    that the line is a heading).
    """
    line = text.strip().rstrip("：:")
    if not 4 <= len(line) <= 120 or line[-1] not in _CLOSERS | frozenset(")）"):
        return None
    if line[0] not in _labels().first_signs:
        return None
    key = label_key(line)
    found = _labels().known.get(key)
    if found is None or (found[1] == "alias" and not aliases and len(key) < 8):
        return None
    return Reading(*found, len(text), False, False)


def is_label_prefix(words: str) -> bool:
    """The words are the first part of a known wording (a heading broken over two lines)."""
    return len(words) < 120 and label_key(words) in _labels().prefixes


def is_table_row(words: str) -> bool:
    """The words open a row of table 3 (本年新收 …), never a section."""
    return label_key(words[:24]).startswith(_labels().row_starts)


def resembles(words: str, rank: int) -> float:
    """Share of the official label's characters that stand in the words (0 to 1)."""
    label = label_key(sections()[rank].label)
    key = label_key(words[:80])
    return sum(c in key for c in label) / len(label) if key else 0.0


def raw_end(text: str, n: int) -> int:
    """Index in the raw text behind its ``n``-th letter or digit, glosses not counted."""
    i = count = 0
    size = len(text)
    while i < size and count < n:
        if text[i] in "(（" and (gloss := _GLOSS.match(text, i)):
            i = gloss.end()
            continue
        count += text[i].isalnum()
        i += 1
    after = _GLOSS.match(text, i)
    return after.end() if after else i


def _is_border(words: str, end: int, length: int, how: How, in_place: bool) -> bool:
    if end >= len(words) or words[end] in _BOUNDARY:
        return True
    # White space lost between heading and text: only after the official words in their place.
    if not in_place or how != "label":
        return False
    return words[end] in _OPENERS or (length >= 8 and words[end] not in _GOES_ON)


def _with_tail(words: str, rank: int, how: How, end: int) -> Reading:
    tail = words[end:]
    if not tail.strip(" \t\u3000\xa0：:。.|"):
        return Reading(rank, how, len(words), False, False)
    if _PAGE_NUMBER.fullmatch(tail):
        return Reading(rank, how, len(words), False, True)
    if _NOTE.fullmatch(tail):
        return Reading(rank, how, len(words), False, False)
    return Reading(rank, how, end, True, False)


_HEAD_END_WORDS = "情况 措施 事项 问题 打算 计划 概述 意见 情況 問題 建议"
_HEAD_ENDS = tuple(_HEAD_END_WORDS.split())
_PIECE = re.compile(r"[^\s：:。]+")


def _loose(words: str, key: str) -> Reading | None:
    """An unknown wording of a whole line, or of its first piece, told by its key words."""
    line = words.strip()
    rest = False
    end = len(words)
    if not key or len(line) > 48 or "。" in line[:-1] or "；" in line:
        piece = _PIECE.match(words)
        if piece is None or len(piece[0]) > 30 or piece.end() == len(words):
            return None
        line, end, rest = piece[0], piece.end(), True
        key = _YEAR.sub("", label_key(line), count=1)
    if not 3 <= len(key) <= 40 or key.startswith(_VERBS):
        return None
    if ("，" in line or "," in line or rest) and not line.rstrip("：:。").endswith(_HEAD_ENDS):
        return None
    rank = _by_key_words(key)
    return None if rank is None else Reading(rank, "fuzzy", end, rest, False)


def _by_key_words(key: str) -> int | None:
    def has(*words: str) -> bool:
        return any(w in key for w in words)

    if has("收费", "减免", "人员", "咨询"):
        return None
    if has("复议", "诉讼", "申诉"):
        return 3
    if has("问题", "不足", "改进", "整改", "困难", "下一步", "努力方向", "工作打算", "工作计划"):
        return 4
    if has("依申请公开") or ("申请" in key and has("收到", "处理", "办理", "受理", "答复", "情况")):
        return 2
    if has("主动公开"):
        return 1
    if has("其他", "其它", "需要") and has("事项", "报告", "说明", "情况", "汇报"):
        return 5
    if has("总体", "概述", "概况", "基本情况", "综述", "工作情况", "开展情况", "整体情况"):
        return 0
    return None


_INLINE = re.compile(
    rf"(?:^|(?<=[\s。！？；：:!?;>|）)”」]))[{_HAN}]{{1,2}}[ \u3000\xa0]?[、．.，]", re.MULTILINE
)


def inline_starts(text: str) -> Iterator[int]:
    """Where headings of known wording begin inside a long line, its start left out."""
    for match in _INLINE.finditer(text):
        if match.start() == 0:
            continue
        marker = read_marker(text[match.start() : match.end()])
        numeral = marker.value if marker else 0
        words = text[match.end() : match.end() + 400].lstrip()
        if read_words(words, strict=True, numeral=numeral) is not None:
            yield match.start()


_SUBHEAD = re.compile(rf"[（(㈠-㈩](?:(?<=[㈠-㈩])|[{_HAN}]{{1,3}}[)）])")
_BEFORE_SUBHEAD = frozenset("。；;！ \t\n\u3000\xa0")
_SUBHEAD_END = re.compile(r"[。：:，,；;\s]")


def split_subsections(lines: list[str]) -> tuple[tuple[str, str], ...]:
    """（一）… sub-heads of a section's lines with the text that follows each.

    The head ends at the first stop of its line (``（一）主动公开。我局…``), or with the form's own
    words for it where no stop follows.
    """
    out: list[tuple[str, list[str]]] = []
    for line in lines:
        if "（" not in line and "(" not in line and line[:1] not in MARKER_SIGNS:
            if out:
                out[-1][1].append(line)
            continue
        starts = [m.start() for m in _SUBHEAD.finditer(line)]
        starts = [i for i in starts if not i or line[i - 1] in _BEFORE_SUBHEAD]
        head = line[: starts[0]] if starts else line
        if out and head.strip():
            out[-1][1].append(head.strip())
        for begin, end in pairwise([*starts, len(line)]):
            piece = line[begin:end].strip()
            cut = _subhead_end(piece)
            text = piece[cut:].lstrip("。：:，,；; \t\u3000\xa0")
            out.append((piece[:cut].rstrip(), [text] if text else []))
    return tuple((head, "\n".join(text)) for head, text in out)


def _subhead_end(piece: str) -> int:
    marker = read_marker(piece)
    start = marker.end if marker else 0
    stop = _SUBHEAD_END.search(piece, start)
    end = stop.start() if stop else len(piece)
    if end - start <= 8:
        return end
    key = label_key(piece[start : min(end, start + 80)])
    for words in _labels().subheads:
        # 主动公开情况 is a head; 主动公开我局坚持… is one that runs into its text.
        size = len(words)
        if key.startswith(words) and (len(key) > size + 6 or key[size : size + 1] in _OPENERS):
            return start + raw_end(piece[start:], size)
    return end
