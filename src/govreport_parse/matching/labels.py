"""Labels of the forms as look-up tables, made once from the form files.

In: a cell's text. Out: what it may be: rows of table 2 or 3, columns of any table, other words of
the printed form. A label alone never decides where it is not unique (其他, 总计): the matcher
uses the order of rows for that.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from govreport_parse.formbook import PROACTIVE, REQUESTS, REVIEW, forms
from govreport_parse.formbook.spec import Row
from govreport_parse.text import label_key

Key = tuple[str, str]
"""(table key, row key)"""


class RowLabel(NamedTuple):
    """What a label says. ``rows`` has several entries where the text is not unique."""

    rows: tuple[Key, ...]
    how: str
    """``label`` (official wording), ``alias`` (seen in reports)."""
    exact: bool
    """One row only, by its text: no order needed."""


_UNIT = re.compile(r"[(（](?:单位[:：]?)?(?:件|项|个|条|次|宗|件次|万元|元)[)）]\s{0,4}\Z")
"""A unit behind a label: 行政许可（件）."""
_TRANSLATION = re.compile(
    r"(?<=[\u3400-\u9fff”）)])[\s(（/]{0,4}[0-9]{0,2}[.、)]? ?[A-Za-z][^\u3400-\u9fff]{3,110}\Z"
)
"""The label in English behind the Chinese one, with its numeral."""
_MARK = re.compile(
    r"(?:[\u2460-\u2473*＊†‡※]|[\[［〔【](?:注|注?[0-9]{1,2})[\]］〕】]|[(（]注[0-9]{0,2}[)）]){1,3}\s{0,4}\Z"
)
"""A footnote mark behind a label: 行政许可①, 行政处罚[1]."""
_ESCAPED_QUOTE = re.compile("&[lr][ds]quo;")
_HAN = re.compile("[\u3400-\u9fff]+")
_LONGEST_BILINGUAL = 120
_NUMERAL = re.compile(r"^(?:[一二三四五六七八九十]{1,2}|[0-9]{1,2})")


@lru_cache(maxsize=1)
def request_rows() -> tuple[Row, ...]:
    """Rows of table 3 over both forms, group rows included, in printed order."""
    first, second = (f.table(REQUESTS).rows for f in forms())
    keys = {r.key for r in first}
    assert all(r.key in keys for r in second), "the 2021 form names every row of the 2019 form"
    return first


@lru_cache(maxsize=1)
def request_place() -> dict[str, int]:
    """Row key to its place in ``request_rows``."""
    return {r.key: i for i, r in enumerate(request_rows())}


@lru_cache(maxsize=1)
def request_data_rows() -> frozenset[str]:
    """Row keys that hold figures in at least one form."""
    return frozenset(r.key for f in forms() for r in f.table(REQUESTS).rows if r.is_data)


@lru_cache(maxsize=1)
def proactive_rows() -> dict[str, int]:
    """Row keys of table 2 over both forms, with their printed order."""
    order: list[str] = []
    for f in sorted(forms(), key=lambda f: -len(f.table(PROACTIVE).rows)):
        for row in f.table(PROACTIVE).rows:
            if row.key not in order:
                order.append(row.key)
    return {k: i for i, k in enumerate(order)}


def _rewritten(key: str) -> tuple[str, ...]:
    """A label key with 其它 for 其他, as older forms and many pages write it."""
    return (key.replace("其他", "其它"),) if "其他" in key else ()


@lru_cache(maxsize=1)
def _row_index() -> dict[str, RowLabel]:
    found: dict[str, dict[Key, str]] = {}

    def enter(text: str, key: Key, how: str) -> None:
        found.setdefault(text, {}).setdefault(key, how)
        for other in _rewritten(text):
            found.setdefault(other, {}).setdefault(key, "alias")

    for f in forms():
        for table in (f.table(PROACTIVE), f.table(REQUESTS)):
            for row in table.rows:
                for how, labels in (("label", (row.label,)), ("alias", row.aliases)):
                    for label in labels:
                        enter(label_key(label), (table.key, row.key), how)
                        if row.numeral:
                            enter(label_key(row.numeral + label), (table.key, row.key), how)
    # 其他 and 总计 are columns too: their place among the rows decides, not their text.
    shared = _request_columns()
    return {
        text: RowLabel(
            tuple(rows),
            "label" if "label" in rows.values() else "alias",
            len(rows) == 1 and text not in shared,
        )
        for text, rows in found.items()
    }


@lru_cache(maxsize=16384)
def row_label(text: str) -> RowLabel | None:
    """The rows that a cell's text may name, or ``None``."""
    if len(text) > 120:
        return None
    key = label_key(text)
    if not key:
        return None
    index = _row_index()
    hit = index.get(key)
    if hit is None:
        bare = _NUMERAL.sub("", key)
        if bare and bare != key:
            hit = index.get(bare)
    if hit is None:
        # group name and row label in one cell: （三）不予公开1.属于国家秘密
        for group in _group_keys():
            if key.startswith(group) and len(key) > len(group):
                return row_label(key[len(group) :])
    if hit is None:
        printed = _UNIT.sub("", _TRANSLATION.sub("", _MARK.sub("", text)))
        if "quo;" in printed:
            printed = _ESCAPED_QUOTE.sub("", printed)
        if printed != text:
            named = row_label(printed)
            return named if named is not None and named.exact else None
    return hit


@lru_cache(maxsize=1)
def _group_keys() -> tuple[str, ...]:
    keys = {
        text
        for f in forms()
        for r in f.table(REQUESTS).rows
        if not r.is_data
        for text in (label_key(r.printed), label_key(r.label))
    }
    return tuple(sorted(keys, key=len, reverse=True))


@lru_cache(maxsize=1)
def row_anchors() -> tuple[tuple[str, RowLabel], ...]:
    """(label key without numeral, what it says), longest first, for search in running text."""
    printed = {
        label_key(r.numeral + text)
        for f in forms()
        for t in (f.table(PROACTIVE), f.table(REQUESTS))
        for r in t.rows
        if r.numeral
        for text in (r.label, *r.aliases)
    }
    numbered = printed.union(*map(_rewritten, printed))
    return tuple(
        sorted(
            ((k, v) for k, v in _row_index().items() if k not in numbered),
            key=lambda item: -len(item[0]),
        )
    )


@lru_cache(maxsize=1)
def _request_columns() -> dict[str, str]:
    out: dict[str, str] = {}
    for column in forms()[0].table(REQUESTS).blocks[0].columns:
        for text in (column.label, *column.aliases):
            out[label_key(text)] = column.key
    return out


def _named(text: str, index: Mapping[str, str]) -> str | None:
    """What a header cell names; beside a second language, its Chinese words do."""
    found = index.get(label_key(text)) if len(text) <= 20 else None
    if found is None and (chinese := _chinese(text)) is not None:
        found = index.get(chinese)
    return found


def _chinese(text: str) -> str | None:
    """The Chinese words of a cell that shows letters of another script too."""
    if not 3 < len(text) <= _LONGEST_BILINGUAL:
        return None
    words = "".join(_HAN.findall(text))
    rest = len(text) - len(words)
    if not 0 < len(words) <= 20 or rest < 3:
        return None
    if any(c.isdigit() for c in text) or sum(map(str.isalpha, text)) - len(words) < 3:
        return None
    return label_key(words)


@lru_cache(maxsize=4096)
def request_column(text: str) -> str | None:
    """The column of table 3 that a header cell names."""
    return _named(text, _request_columns())


@lru_cache(maxsize=1)
def request_column_keys() -> tuple[str, ...]:
    """The seven columns in printed order."""
    return tuple(c.key for c in forms()[0].table(REQUESTS).blocks[0].columns)


@lru_cache(maxsize=1)
def _proactive_columns() -> tuple[tuple[tuple[str, str], ...], dict[str, str]]:
    cores: dict[str, str] = {}
    whole: dict[str, str] = {}
    for f in forms():
        for block in f.table(PROACTIVE).blocks:
            for c in block.columns:
                cores[label_key(c.core or c.label)] = c.key
                for text in c.aliases:
                    whole[label_key(text)] = c.key
    return tuple(sorted(cores.items(), key=lambda item: -len(item[0]))), whole


@lru_cache(maxsize=4096)
def proactive_column(text: str) -> str | None:
    """The column of table 2 that a header cell names, by the core of its wording."""
    if len(text) > 40:
        return None
    key = label_key(text)
    if not key:
        return None
    cores, whole = _proactive_columns()
    for core, column in cores:
        if core in key:
            return column
    return whole.get(key)


@lru_cache(maxsize=4096)
def review_column(text: str) -> str | None:
    """The outcome column of table 4 that a header cell names."""
    return _named(text, _review_columns())


@lru_cache(maxsize=1)
def _review_columns() -> dict[str, str]:
    out: dict[str, str] = {}
    for column in forms()[0].table(REVIEW).blocks[0].columns:
        for text in (column.label, *column.aliases):
            for key in (label_key(text), *_rewritten(label_key(text))):
                out[key] = column.key
    return out


@lru_cache(maxsize=1024)
def review_block(text: str) -> str | None:
    """The third of table 4 (review, litigation_direct …) that a header cell names."""
    return _named(text, _review_blocks())


_NOT_THE_PART = re.compile(
    r"行政诉讼|行政訴訟|情况|情況|案件|[（(]?[一二三123][）)、.．]|[#*\s()（）:：、—\-]"
)


@lru_cache(maxsize=1024)
def review_part(text: str) -> str | None:
    """The third of table 4 that a row label or a line of its own names.

    With or without 行政诉讼 before it, a numeral, brackets and 情况: 2.行政诉讼（复议后）情况.
    """
    if len(text) > 40:
        return None
    return review_block(text) or _REVIEW_PARTS.get(_NOT_THE_PART.sub("", text))


_REVIEW_PARTS = {
    "行政复议": "review",
    "行政復議": "review",
    **dict.fromkeys(
        ("未经复议直接起诉", "未經復議直接起訴", "未经复议直接诉讼", "未经复议起诉", "未经复议"),
        "litigation_direct",
    ),
    **dict.fromkeys(
        ("复议后起诉", "復議後起訴", "经复议后起诉", "复议后诉讼", "经复议起诉", "复议后"),
        "litigation_after_review",
    ),
}


@lru_cache(maxsize=1)
def _review_blocks() -> dict[str, str]:
    rows = forms()[0].table(REVIEW).rows
    return {label_key(t): r.key for r in rows for t in (r.label, *r.aliases)}


@lru_cache(maxsize=1)
def review_words() -> frozenset[str]:
    """Label keys of every header word of table 4, cut ones (结果, 尚未) included."""
    words = set(_review_columns())
    words |= {other for w in words for other in _rewritten(w)}
    words |= {w[:2] for w in words} | {w[2:] for w in words if len(w) > 2}
    for row in forms()[0].table(REVIEW).rows:
        words.add(label_key(row.label))
        words.add(label_key(row.parent or ""))
    return frozenset(w for w in words if w)


@lru_cache(maxsize=4096)
def is_review_word(text: str) -> bool:
    """Whether a cell's text belongs to the header of table 4."""
    if len(text) <= 20 and label_key(text) in review_words():
        return True
    chinese = _chinese(text)
    return chinese is not None and chinese in review_words()


_SERIAL_WORDS = frozenset({"序号", "行次", "编号", "项次"})


def is_serial_word(text: str) -> bool:
    """Whether a header cell says that its column numbers the rows."""
    return len(text) <= 8 and label_key(text) in _SERIAL_WORDS


def closest_row(text: str, candidates: Sequence[str], rows: Iterable[Row]) -> str | None:
    """The one candidate row whose label is close to a misspelt text, or ``None``.

    Close: similarity of 0.7 or more, and 0.1 better than the next. Slips of one or two characters
    in published labels are common (行政事业型收费, 三类内容事务信息).
    """
    key = label_key(text)
    group = next((g for g in _group_keys() if key.startswith(g) and key != g), "")
    key = _NUMERAL.sub("", key[len(group) :])
    if len(key) < 3:
        return None
    scored: list[tuple[float, str]] = []
    for row in rows:
        if row.key in candidates:
            best = max(
                difflib.SequenceMatcher(None, key, label_key(t), autojunk=False).ratio()
                for t in (row.label, *row.aliases)
            )
            scored.append((best, row.key))
    scored.sort(reverse=True)
    if not scored or scored[0][0] < 0.7:
        return None
    if len(scored) > 1 and scored[0][0] - scored[1][0] < 0.1:
        return None
    return scored[0][1]
