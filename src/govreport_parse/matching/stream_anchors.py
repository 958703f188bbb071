"""Labels of the forms in running text, and which of them are table 2 and table 3.

In: the folded text and its squeezed view. Out: ``Anchor`` objects in reading order, with what
follows each row label, and the runs of them (``cluster_*``) that are a table: a label in a
sentence or a heading is none of its rows.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from govreport_parse.formbook import PROACTIVE, REQUESTS, REVIEW, forms
from govreport_parse.matching.labels import (
    RowLabel,
    proactive_rows,
    request_data_rows,
    request_place,
    row_anchors,
    row_label,
)
from govreport_parse.matching.stream_text import Squeezed, StreamText
from govreport_parse.matching.stream_values import PADS, Values, values_after
from govreport_parse.text import label_key

_NUMERAL = re.compile(
    r"(?:\([一二三四五六七八九十0-9]{1,2}\)|[一二三四五六七八九十][、.]|[0-9][.、)]) *\Z"
)
_BARE_NUMERAL = re.compile(r"(?:^|[|\n\t]) *[0-9一二三四五六七八九十] *\Z")
_NUMERAL_LENGTH = 8
_NO_NUMERAL = ("", "|", "\n", "\t")
"""What stands before most labels without a numeral."""
_OTHER_SCRIPT = re.compile(
    "[\u0600-\u06ff\u0f00-\u0fff\u1800-\u18af\ua000-\ua4cf\ufb50-\ufdff\ufe70-\ufefc]"
)
"""Uyghur and Kazakh, Tibetan, Mongolian, Yi."""
MAX_GAP = 500
"""Letters and digits between two rows of one table 3."""
MAX_GAP_PROACTIVE = 80
MAX_ROW = 2000
"""Characters behind the last label in which its values are looked for."""
ALL_ROWS = 20
"""So many different rows are a whole table 3: a second one belongs to a second report."""


@dataclass(slots=True)
class Anchor:
    """One label found."""

    start: int
    """With its numeral."""
    end: int
    at: tuple[int, int]
    """Start and end in the squeezed text, prose counted: here distances are measured."""
    label: RowLabel | None
    """``None`` for other printed words of the tables."""
    column: str | None = None
    """The column of table 2 that it names."""
    values: Values | None = None
    """What follows a row label; ``None``: it is no row."""

    def key(self, table: str) -> str | None:
        """The first row of ``table`` that the label may name."""
        if self.label is None:
            return None
        return next((k for t, k in self.label.rows if t == table), None)


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], dict[str, RowLabel], dict[str, str | None]]:
    rows = dict(row_anchors())
    words: dict[str, str | None] = {}
    for f in forms():
        for table in f.tables:
            for word in table.words:
                words[label_key(word)] = None
                words[label_key(word).removeprefix("第")] = None
            for block in table.blocks:
                for column in block.columns:
                    for text in (column.label, *column.aliases):
                        words[label_key(text)] = column.key if table.key == PROACTIVE else None
                if table.key == REVIEW:
                    for row in block.rows:
                        words[label_key(row.label)] = None
                        words[label_key(row.parent or "")] = None
    words = {w: c for w, c in words.items() if w and w not in rows}
    texts = sorted({*rows, *words}, key=lambda t: (-len(t), t))
    return re.compile("|".join(map(re.escape, texts))), rows, words


def find_anchors(source: StreamText, squeezed: Squeezed) -> list[Anchor]:
    """Every label of the forms in a text, row labels without values yet."""
    pattern, rows, words = _patterns()
    text = source.text
    out: list[Anchor] = []
    for m in pattern.finditer(squeezed.text):
        start, end = squeezed.span(*m.span())
        prose = source.distance(start)
        at = (m.start() + prose, m.end() + prose)
        found = m.group()
        label = rows.get(found)
        if label is None:
            out.append(Anchor(start, end, at, None, words.get(found)))
            continue
        head = text[max(0, start - _NUMERAL_LENGTH) : start]
        if head.rstrip(" ")[-1:] in _NO_NUMERAL:
            out.append(Anchor(start, end, at, label))
            continue
        numeral = _NUMERAL.search(head)
        if numeral is not None:
            start -= len(head) - numeral.start()
            if not label.exact:
                label = _by_numeral(text[start:end], text[end : end + 1]) or label
        else:
            bare = _BARE_NUMERAL.search(head)
            if bare is not None:
                start -= len(head) - bare.start() - (bare.group()[0] in "|\n\t")
        out.append(Anchor(start, end, at, label))
    return out


def _by_numeral(printed: str, following: str) -> RowLabel | None:
    """其他 and 总计 told by their printed numeral, if they are the whole label.

    六、其他需要报告的事项 is a heading, and begins like the row （六）其他.
    """
    if _is_han(following):
        return None
    label = row_label(printed)
    return label if label is not None and label.exact else None


def _is_han(c: str) -> bool:
    return "\u3400" <= c <= "\u9fff"


def read_rows(text: str, anchors: Sequence[Anchor], without: range) -> None:
    """Give each row label the values that follow it, up to the next label.

    Labels inside ``without`` (the header of table 4) and in sentences get none.
    """
    for i, a in enumerate(anchors):
        if a.label is None or a.start in without or not _starts_cell(text, anchors, i):
            continue
        if _closes_row(text, anchors, i):
            continue
        following = anchors[i + 1].start if i + 1 < len(anchors) else len(text)
        stop = _row_end(text, a.end, min(following, a.end + MAX_ROW))
        values = values_after(text, a.end, stop)
        # 其他 and 总计 in a header, a sentence or a longer label (其他主动公开文件) are no rows
        if a.label.exact or (values.shown and not _is_han(text[a.end : a.end + 1])):
            a.values = values


def _starts_cell(text: str, anchors: Sequence[Anchor], i: int) -> bool:
    """Whether an anchor stands where a cell may begin, not in the middle of a sentence."""
    a = anchors[i]
    before = text[max(0, a.start - 4) : a.start].rstrip(" ")
    if not before or before[-1] in "|\t\n-—/" or before[-1].isdigit():
        return True
    if _OTHER_SCRIPT.match(before[-1]) is not None:
        return True  # the label in a second language stands before the Chinese one
    return i > 0 and not text[anchors[i - 1].end : a.start].strip()


_NUMBER_CELL = re.compile(r"[0-9][0-9.,]* *[|\t]")


def _closes_row(text: str, anchors: Sequence[Anchor], i: int) -> bool:
    """Whether a label is the last cell of a line of numbers: what follows is the next row's."""
    a = anchors[i]
    line = text.rfind("\n", 0, a.start) + 1
    if i > 0 and anchors[i - 1].end > line:
        return False
    end = text.find("\n", a.end)
    behind = text[a.end : end if end >= 0 else len(text)]
    return not behind.strip(PADS) and _NUMBER_CELL.search(text, line, a.start) is not None


def _row_end(text: str, start: int, stop: int) -> int:
    """``stop``, without the bars and blank slots in front of the next label on its own line."""
    line = text.rfind("\n", start, stop)
    if line >= 0 and not text[line:stop].strip(PADS):
        return line + 1
    return max(stop, start)


# -- which anchors are the table -------------------------------------------------------------------


def cluster_requests(anchors: Sequence[Anchor]) -> list[Anchor]:
    """The run of row labels that is table 3; two runs if a second report follows."""
    clusters = _request_runs(anchors)
    place = request_place()
    scored = [(len({a.key(REQUESTS) for a in c if _is_exact(a)}), c) for c in clusters]
    best = max(n for n, _ in scored)
    if best >= ALL_ROWS:
        return [a for n, c in scored if n >= 8 for a in c]
    if best < 3:
        words = [a.at[1] for a in anchors if a.label is None]
        return next((c for n, c in scored if n and _is_below_header(words, c[0])), [])
    # a table in pieces: pieces that go on in order
    kept: list[Anchor] = []
    high = -1
    for n, c in scored:
        keys = [place[k] for a in c if _is_exact(a) and (k := a.key(REQUESTS))]
        if n >= 2 and keys and (min(keys) > high or n == best):
            kept += c
            high = max(keys)
    return kept


def _is_exact(a: Anchor) -> bool:
    return a.label is not None and a.label.exact


def _request_runs(anchors: Sequence[Anchor]) -> list[list[Anchor]]:
    place = request_place()
    data = request_data_rows()
    clusters: list[list[Anchor]] = [[]]
    seen: set[str] = set()
    last: str | None = None
    for a in anchors:
        key = a.key(REQUESTS) if a.values is not None else None
        if key is None:
            continue
        current = clusters[-1]
        exact = _is_exact(a)
        if not current and not exact:
            continue  # the first row of a table is told by its own label
        restarts = (
            exact
            and key in data
            and place[key] <= 4
            and last is not None
            and (place[key] < place[last] - 12 or (key in seen and len(seen) >= 8))
        )
        if current and (restarts or a.at[0] - current[-1].at[1] > MAX_GAP):
            clusters.append([])
            seen = set()
            last = None
        clusters[-1].append(a)
        if exact:
            seen.add(key)
            last = key
    return clusters


def _is_below_header(words: Sequence[int], first: Anchor) -> bool:
    """Whether the column names stand right above: the table's beginning, in a text that was cut.

    ``words``: ends of all printed words that are no row labels, ascending.
    """
    k = bisect_right(words, first.at[0])
    near = k > 0 and first.at[0] - words[k - 1] <= 20
    return near and first.values is not None and len(first.values.shown) >= 7


def cluster_proactive(anchors: Sequence[Anchor], limit: int) -> list[Anchor]:
    """The run of row labels before ``limit`` that is table 2: most rows, the latest on a tie."""
    clusters = _proactive_runs(anchors, limit)
    best = max(clusters, key=lambda c: (len({a.label for a in c}), c[0].start if c else -1))
    if not best:
        return []
    shown = any(a.values and a.values.shown for a in best)
    captioned = any(
        a.label is None and 0 <= best[0].at[0] - a.at[1] <= 40
        for a in anchors
        if a.at[1] <= best[0].at[0]
    )
    least = 4 if not shown else 1 if captioned else 2
    return best if len(best) >= least else []


def _proactive_runs(anchors: Sequence[Anchor], limit: int) -> list[list[Anchor]]:
    place = proactive_rows()
    clusters: list[list[Anchor]] = [[]]
    seen: set[str] = set()
    last = ""
    last_end = 0  # in the squeezed text
    for a in anchors:
        if a.start >= limit:
            break
        if a.label is None and clusters[-1] and a.at[0] - last_end <= 60:
            last_end = a.at[1]  # a caption or header word keeps the run together
        key = a.key(PROACTIVE) if a.values is not None else None
        if key is None:
            continue
        restarts = key in seen and len(seen) >= 4 and place[key] < place[last]
        if clusters[-1] and (restarts or a.at[0] - last_end > MAX_GAP_PROACTIVE):
            clusters.append([])
            seen = set()
        clusters[-1].append(a)
        seen.add(key)
        last, last_end = key, a.at[1]
    return clusters
