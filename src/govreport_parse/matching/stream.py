"""Tables as running text: every pipe dialect, a cell a line, no separators at all.

In: the document's paragraphs. Out: hits like those of a grid, and the stretches of text that are
table. Labels are found anywhere in the text with white space, bars and punctuation left out; what
stands between two labels are the row's values. Bars and line ends separate cells and say nothing
else, unless a whole table agrees on more (domain guide 2.1, evidence a).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from govreport_parse.documents.model import Block, Heading, Paragraph, Table
from govreport_parse.formbook import PROACTIVE, REQUESTS, REVIEW, forms
from govreport_parse.matching.hits import Header, Hit, Rows
from govreport_parse.matching.labels import (
    RowLabel,
    proactive_column,
    proactive_rows,
    request_data_rows,
    request_place,
    review_words,
    row_anchors,
    row_label,
)
from govreport_parse.numbers import is_value_like, read_number
from govreport_parse.text import Shadow, label_key, shadow
from govreport_parse.values import Locator, State

_KEPT = re.compile("[0-9A-Za-z\u3400-\u9fff]+")
_SEPARATOR = re.compile(r"(?:[|｜│┃][ \u3000]*)?\n|[|｜│┃\t]")
_NUMERAL = re.compile(
    r"(?:[(（][一二三四五六七八九十0-9]{1,2}[)）]|[一二三四五六七八九十][、.．]|[0-9][.．、)])[ \u3000]*\Z"
)
_BARE_NUMERAL = re.compile(r"(?:^|[|\n\t])[ \u3000]*[0-9一二三四五六七八九十][ \u3000]*\Z")
_HEADER_TAIL = re.compile(r"[ \u3000|｜│┃\t]*\n")
"""Pads behind the last word of a header line."""
_BAR = "[|｜│┃]"
_OWN = re.compile(rf"[ \u3000]*(?:{_BAR}[ \u3000]*\n|{_BAR}|\n|\t)")
_KEPT_BLANK = re.compile(rf"\n[ \u3000]*{_BAR}|(?<= ){_BAR}(?= )|\t(?=[\t\n])")
_ANY_BAR = re.compile(rf"{_BAR}|\t")
REVIEW_WIDTH = 15
MAX_GAP = 500
"""Characters (without bars and white space) between two rows of one table."""


class TextCells(Table):
    """The cells of a text table; a cell's place is its line and its number in the line."""

    __slots__ = ("_text", "starts")

    def __init__(self, number: int, text: StreamText) -> None:
        super().__init__(number)
        self._text = text
        self.starts: list[int] = []

    def enter(self, raw: str, start: int) -> int:
        """Append a cell that starts at ``start`` of the stream's text; its index."""
        self.texts.append(raw)
        self.starts.append(start)
        return len(self.texts) - 1

    def locator(self, i: int) -> Locator:
        """Line and cell, both counted from 1."""
        return self._text.locator(self.starts[i])


@dataclass(slots=True)
class StreamText:
    """The paragraphs of a document as one text with a shadow."""

    blocks: Sequence[Block]
    numbers: list[int]
    """Block index of each paragraph."""
    starts: list[int]
    """Raw offset of each paragraph."""
    view: Shadow

    def block_at(self, offset: int) -> int:
        """Block index at an offset of the shadow text."""
        return self.numbers[bisect_right(self.starts, self.view.raw_offset(offset)) - 1]

    def locator(self, offset: int) -> Locator:
        """Line and cell of an offset of the shadow text."""
        raw_at = self.view.raw_offset(offset)
        k = bisect_right(self.starts, raw_at) - 1
        block = self.blocks[self.numbers[k]]
        before = self.view.raw[self.starts[k] : raw_at]
        line = getattr(block, "line", None)
        if line is None:
            line = k + 1
        line += before.count("\n")
        row = before.rsplit("\n", 1)[-1].lstrip("|｜│┃ ")
        cell = sum(row.count(c) for c in "|｜│┃\t") + 1
        return Locator(page=getattr(block, "page", None), line=line, cell=cell)


def stream_text(blocks: Sequence[Block]) -> StreamText:
    """Join the paragraphs and headings of a document."""
    numbers: list[int] = []
    starts: list[int] = []
    parts: list[str] = []
    at = 0
    for i, b in enumerate(blocks):
        if isinstance(b, (Paragraph, Heading)):
            numbers.append(i)
            starts.append(at)
            parts.append(b.text)
            at += len(b.text) + 1
    return StreamText(blocks, numbers, starts, shadow("\n".join(parts)))


@dataclass(slots=True)
class _Squeezed:
    """The shadow text without white space, bars and punctuation."""

    text: str
    starts: list[int]
    origin: list[int]

    def offset(self, i: int) -> int:
        """Offset in the shadow text of the character at ``i``."""
        k = bisect_right(self.starts, i) - 1
        return self.origin[k] + i - self.starts[k]


def _squeeze(text: str) -> _Squeezed:
    parts: list[str] = []
    starts: list[int] = []
    origin: list[int] = []
    at = 0
    for m in _KEPT.finditer(text):
        part = m.group()
        parts.append(part)
        starts.append(at)
        origin.append(m.start())
        at += len(part)
    return _Squeezed("".join(parts), starts, origin)


@dataclass(slots=True)
class _Anchor:
    start: int
    end: int
    at: tuple[int, int]
    """Start and end in the squeezed text, where distances are measured."""
    label: RowLabel | None
    """``None`` for other printed words of the tables."""
    column: str | None = None
    values: _Values | None = None
    glued: bool = False


@dataclass(slots=True)
class _Values:
    """What follows a label: (text, start) of each piece, ``""`` for an empty place."""

    pieces: list[tuple[str, int]]
    end: int
    """Offset behind the last value or empty place that belongs to the row."""
    bars: bool
    separated: bool
    """A separator stands between label and first value."""
    rest: str = ""
    """Bars and line ends behind the last value, up to the next row."""
    one_line: bool = False
    """The pieces are the slots of one line; a bar that opens it is none of them."""

    @property
    def shown(self) -> list[tuple[str, int]]:
        """The pieces that hold something."""
        return [p for p in self.pieces if p[0]]

    @property
    def inner(self) -> list[tuple[str, int]]:
        """The pieces up to the last one that holds something."""
        n = len(self.pieces)
        while n and not self.pieces[n - 1][0]:
            n -= 1
        return self.pieces[:n]


@lru_cache(maxsize=1)
def _anchor_patterns() -> tuple[re.Pattern[str], dict[str, RowLabel], dict[str, str | None]]:
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


@lru_cache(maxsize=1)
def _review_header() -> re.Pattern[str]:
    words = sorted(review_words(), key=lambda w: (-len(w), w))
    return re.compile(f"(?:{'|'.join(map(re.escape, words))}){{4,}}+")


@lru_cache(maxsize=1)
def _strong_review() -> tuple[str, ...]:
    table = forms()[0].table(REVIEW)
    return tuple(label_key(c.label) for c in table.blocks[0].columns if len(c.label) > 2)


def _anchors(text: str, squeezed: _Squeezed) -> list[_Anchor]:
    pattern, rows, words = _anchor_patterns()
    out: list[_Anchor] = []
    for m in pattern.finditer(squeezed.text):
        found = m.group()
        start = squeezed.offset(m.start())
        end = squeezed.offset(m.end() - 1) + 1
        head = text[max(0, start - 8) : start]
        numeral = _NUMERAL.search(head)
        if numeral is not None:
            start -= len(head) - numeral.start()
        else:
            bare = _BARE_NUMERAL.search(head)
            if bare is not None:
                start -= len(head) - bare.start() - (bare.group()[0] in "|\n\t")
        label = rows.get(found)
        if label is not None and not label.exact and numeral is not None:
            label = _by_numeral(text[start:end], text[end : end + 1]) or label
        out.append(_Anchor(start, end, m.span(), label, words.get(found)))
    return out


def _by_numeral(printed: str, following: str) -> RowLabel | None:
    """其他 and 总计 told by their printed numeral, if they are the whole label.

    六、其他需要报告的事项 is a heading, and begins like the row （六）其他.
    """
    if "\u3400" <= following <= "\u9fff":
        return None
    label = row_label(printed)
    return label if label is not None and label.exact else None


def _goes_on(text: str, end: int) -> bool:
    """Whether a word goes on behind ``end`` (其他主动公开文件)."""
    return "\u3400" <= text[end : end + 1] <= "\u9fff"


def _starts_cell(text: str, anchors: Sequence[_Anchor], i: int) -> bool:
    """Whether an anchor stands where a cell may begin, not in the middle of a sentence."""
    a = anchors[i]
    if i and anchors[i - 1].end >= len(text[: a.start].rstrip()):
        return True
    before = text[max(0, a.start - 4) : a.start].rstrip(" \u3000")
    return not before or before[-1] in "|｜│┃\t\n-—－/" or before[-1].isdigit()


def _row_end(text: str, start: int, stop: int) -> int:
    """``stop``, without the bars and blank slots in front of the next label on its own line."""
    line = text.rfind("\n", start, stop)
    if line >= 0 and not text[line:stop].strip(" |｜│┃\t\n\u3000"):
        return line + 1
    return max(stop, start)


def _values_after(text: str, start: int, stop: int, *, in_label: bool = True) -> _Values:
    """Pieces between ``start`` and ``stop``, up to the first that is no value.

    ``in_label``: the region begins inside the label's own cell.
    """
    region = text[start:stop]
    pieces: list[tuple[str, int]] = []
    end = start
    at = 0
    first = in_label
    bars = False
    separated = False
    for m in (*_SEPARATOR.finditer(region), None):
        a, b = (m.start(), m.end()) if m else (len(region), len(region))
        piece = region[at:a]
        if m is not None and m.group() != "\n":
            bars = True
        if first:
            skipped = _remainder(piece)
            value = piece[skipped:].strip()
            if value:
                separated = skipped > 0 or piece[0].isspace()
            else:
                separated = True
            if not value:
                first = False
                at = b
                continue
            piece, offset = piece[skipped:], at + skipped
        else:
            offset = at
        found = _split_values(piece, start + offset)
        if found is None:
            break
        if not found:
            if m is None:
                break
            pieces.append(("", start + offset))
        else:
            pieces.extend(found)
            end = start + a
        first = False
        at = b
    tail = region[end - start :] if pieces else ""
    own = _OWN.match(tail)
    rest = tail[own.end() - own.group().endswith("\n") :] if own else ""
    return _Values(pieces, end, bars, separated, rest.rstrip("\n") if rest.strip() else "")


def _remainder(piece: str) -> int:
    """Length of label text that still stands before the first value of the label's own cell."""
    if is_value_like(piece.strip()):
        return 0
    m = re.search(r"[0-9+\-—/]", piece)
    lead = piece if m is None else piece[: m.start()]
    return len(lead) if len(lead) <= 60 else 0


def _split_values(piece: str, start: int) -> list[tuple[str, int]] | None:
    """The values in a piece; ``[]`` if it is empty, ``None`` if it is something else."""
    body = piece.strip()
    if not body:
        return []
    at = start + piece.index(body[0])
    if is_value_like(body) and (
        body.isdigit() or " " not in body or read_number(body, "decimal").state is State.REPORTED
    ):
        return [(body, at)]
    parts = [(m.group(), at + m.start()) for m in re.finditer(r"\S+", body)]
    if len(parts) > 1 and all(is_value_like(p) for p, _ in parts):
        return parts
    return [(body, at)] if is_value_like(body) else None


@dataclass(slots=True)
class StreamTables:
    """Hits of the text tables and where they stand in the shadow text."""

    rows: Rows = field(default_factory=Rows)
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    text: StreamText | None = None


def stream_tables(blocks: Sequence[Block], wanted: frozenset[str]) -> StreamTables:
    """Find the wanted tables in the paragraphs of a document."""
    out = StreamTables()
    out.rows.clustered = True
    source = stream_text(blocks)
    text = source.view.text
    squeezed = _squeeze(text)
    anchors = _anchors(text, squeezed)
    out.text = source
    if len(anchors) < 3:
        return out
    review = _review(text, squeezed, anchors) if REVIEW in wanted else None
    for i, a in enumerate(anchors):
        if review is not None and review[0] <= a.start < review[2]:
            continue
        if a.label is None or not _starts_cell(text, anchors, i):
            continue
        stop = anchors[i + 1].start if i + 1 < len(anchors) else min(len(text), a.end + 2000)
        values = _values_after(text, a.end, _row_end(text, a.end, stop))
        if not a.label.exact and (not values.shown or _goes_on(text, a.end)):
            continue  # 其他 and 总计 in a header, a sentence or a longer label
        a.values = values
        a.glued = not a.values.separated
    cells = TextCells(0, source)
    requests = _cluster_requests(anchors) if REQUESTS in wanted else []
    limit = requests[0].start if requests else len(text)
    proactive = _cluster_proactive(anchors, limit) if PROACTIVE in wanted else []
    shape = _Places(text, requests, 7, 10) if requests else None
    is_grid = shape.grid if shape is not None else False
    if proactive:
        places = _Places(text, proactive, 3, 4, like=shape)
        places.grid = is_grid or _has_tabs(text, proactive)
        _enter(proactive, cells, out, source, PROACTIVE, places, anchors)
    if shape is not None:
        _enter(requests, cells, out, source, REQUESTS, shape, anchors, review)
    if review is not None:
        _enter_review(review, cells, out, source, shape)
    return out


# -- which anchors are the table ---------------------------------------------------------------


def _cluster_requests(anchors: Sequence[_Anchor]) -> list[_Anchor]:
    """The run of row labels that is table 3; two runs if a second report follows."""
    place = request_place()
    data = request_data_rows()
    clusters: list[list[_Anchor]] = [[]]
    seen: set[str] = set()
    for a in anchors:
        key = _request_key(a)
        if key is None or a.values is None:
            continue
        current = clusters[-1]
        if not current and a.label is not None and not a.label.exact:
            continue  # the first row of a table is told by its own label
        if current:
            last = _last_key(current)
            jump = (
                a.label is not None
                and a.label.exact
                and key in data
                and place[key] <= 4
                and last is not None
                and (place[key] < place[last] - 12 or (key in seen and len(seen) >= 8))
            )
            if jump or a.at[0] - current[-1].at[1] > MAX_GAP:
                clusters.append([])
                seen = set()
        clusters[-1].append(a)
        if a.label is not None and a.label.exact:
            seen.add(key)
    scored = [(len({_request_key(a) for a in c if a.label and a.label.exact}), c) for c in clusters]
    best = max(n for n, _ in scored)
    if best < 3:
        return []
    if best >= 20:
        kept = [c for n, c in scored if n >= 8]
    else:
        # a table in pieces: pieces that go on in order
        kept = []
        high = -1
        for n, c in scored:
            keys = [place[k] for a in c if a.label and a.label.exact and (k := _request_key(a))]
            if n >= 2 and keys and (min(keys) > high or n == best):
                kept.append(c)
                high = max(keys)
    return [a for c in kept for a in c]


def _request_key(a: _Anchor) -> str | None:
    if a.label is None:
        return None
    return next((k for t, k in a.label.rows if t == REQUESTS), None)


def _last_key(cluster: Sequence[_Anchor]) -> str | None:
    for a in reversed(cluster):
        if a.label is not None and a.label.exact:
            return _request_key(a)
    return None


def _cluster_proactive(anchors: Sequence[_Anchor], limit: int) -> list[_Anchor]:
    """The run of row labels that is table 2: most different rows, the latest on a tie."""
    clusters: list[list[_Anchor]] = [[]]
    seen: set[str] = set()
    last_end = 0  # in the squeezed text
    order = proactive_rows()
    for a in anchors:
        if a.start >= limit:
            break
        key = (
            next((k for t, k in a.label.rows if t == PROACTIVE), None)
            if a.label is not None and a.values is not None
            else None
        )
        if a.label is None and clusters[-1] and a.at[0] - last_end <= 60:
            last_end = a.at[1]  # a caption or header word keeps the run together
        if key is None or a.values is None:
            continue
        if clusters[-1] and (a.at[0] - last_end > 80 or (key in seen and len(seen) >= 4)):
            clusters.append([])
            seen = set()
        clusters[-1].append(a)
        seen.add(key)
        last_end = a.at[1]
    best = max(
        clusters, key=lambda c: (len({a.label for a in c}), c[0].start if c else -1), default=[]
    )
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


def _review(
    text: str, squeezed: _Squeezed, anchors: Sequence[_Anchor]
) -> tuple[int, int, int, _Values] | None:
    """Header start, header end, end of the values, values; the last header with values wins."""
    best: tuple[int, int, int, _Values] | None = None
    for m in _review_header().finditer(squeezed.text):
        if not any(w in m.group() for w in _strong_review()):
            continue
        start = squeezed.offset(m.start())
        end = squeezed.offset(m.end() - 1) + 1
        tail = _HEADER_TAIL.match(text, end)
        from_line = tail is not None
        below = tail.end() if tail is not None else end
        values = _values_after(text, below, min(len(text), below + 1500), in_label=not from_line)
        if from_line:
            stop = text.find("\n", below)
            slots = _slots(text, below, len(text) if stop < 0 else stop)
            if len(slots) == REVIEW_WIDTH and all(not t or is_value_like(t) for t, *_ in slots):
                values.pieces = [(t, at) for t, at, _ in slots]
                values.end = max(values.end, slots[-1][2])
                values.one_line = True
        if best is None or len(values.shown) >= len(best[3].shown):
            best = (start, end, max(values.end, end), values)
    return best


# -- hits --------------------------------------------------------------------------------------


def _enter(
    members: Sequence[_Anchor],
    cells: TextCells,
    out: StreamTables,
    source: StreamText,
    table: str,
    places: _Places,
    anchors: Sequence[_Anchor],
    review: tuple[int, int, int, _Values] | None = None,
) -> None:
    kept = [a for a in members if a.values is not None]
    width, full = places.width, places.full
    singles = [a for a in kept if a.values and len(a.values.shown) == 1]
    joined = (table == REQUESTS and not full and len(singles) * 2 > len(kept)) or (
        bool(singles) and sum(a.glued for a in singles) * 2 > len(kept)
    )
    view = source.view
    first = min(_header_start(view.text, anchors, kept[0]), kept[0].start)
    last = first
    headers = (
        [a for a in anchors if a.column is not None and first <= a.start <= kept[-1].end]
        if table == PROACTIVE
        else []
    )
    h = 0
    for n, a in enumerate(kept):
        values = a.values
        assert values is not None
        h = _enter_headers(headers, h, a.start, out, source)
        group = None
        more = _further_lines(view.text, values, width)
        shown = values.shown
        pieces = places.of(a)
        placed = pieces is not None
        if pieces is None:
            pieces = shown
        if not shown and not placed and values.bars and values.pieces:
            pieces = values.pieces[:1]
        is_joined = (
            len(shown) == 1
            and shown[0][0].isdigit()
            and len(shown[0][0]) > 1
            and (joined or (a.glued and len(shown[0][0]) >= width))
        )
        out.rows.hits.append(
            Hit(
                view.raw_slice(a.start, a.end).strip(" |\n\t"),
                a.label,
                [_raw(view, p, s) for p, s in pieces],
                [(cells, cells.enter(p, s)) for p, s in pieces],
                source.block_at(a.start),
                (cells, cells.enter("", a.start)),
                group,
                None,
                placed,
                True,
                is_joined or (joined and width == 7 and 0 < len(shown) < width),
            )
        )
        for line in more:
            out.rows.hits.append(
                Hit(
                    "",
                    None,
                    [_raw(view, p, s) for p, s in line],
                    [(cells, cells.enter(p, s)) for p, s in line],
                    source.block_at(line[0][1]),
                    (cells, cells.enter("", line[0][1])),
                    placed=False,
                )
            )
        last = max(last, a.end, values.end)
        stop = kept[n + 1].start if n + 1 < len(kept) else None
        if stop is not None and not (review and a.end <= review[0] < stop):
            _enter_unknown(values.end if shown else a.end, stop, cells, out, source, anchors)
    out.spans[table] = (first, last)


def _further_lines(text: str, values: _Values, width: int) -> list[list[tuple[str, int]]]:
    """Whole rows without a label that follow on lines of their own; taken out of ``values``."""
    if len(values.shown) < 2 * width:
        return []
    lines: list[list[tuple[str, int]]] = [[]]
    before = values.pieces[0][1]
    for piece in values.shown:
        if "\n" in text[before : piece[1]] and lines[-1]:
            lines.append([])
        lines[-1].append(piece)
        before = piece[1]
    if len(lines) < 2 or any(len(line) != width for line in lines):
        return []
    values.pieces = lines[0]
    return lines[1:]


def _raw(view: Shadow, piece: str, start: int) -> str:
    if piece.isascii() and piece.isdigit():
        return piece
    return view.raw_slice(start, start + len(piece)) if piece else ""


class _Places:
    """What one text table as a whole says about its blank cells.

    ``of`` gives the cells of a row with blanks in their places, or ``None`` where blanks may have
    been lost. A table's full rows show the rule: in a full grid they end their line; where blanks
    are kept, full rows have no blank between their values.
    """

    def __init__(
        self,
        text: str,
        members: Sequence[_Anchor],
        width: int,
        slots: int,
        *,
        like: _Places | None = None,
    ) -> None:
        kept = [a for a in members if a.values is not None]
        self.width = width
        self.slots = 0
        self.behind = False
        """Every row shows its seven places right behind its label."""
        self.full = [a for a in kept if a.values and len(a.values.shown) == width]
        self.lines = {id(a): _line_slots(text, a) for a in kept}
        self.grid = self._is_grid(kept, slots) if width == 7 else False
        inner = [len(a.values.inner) for a in self.full if a.values]
        self.trust = bool(inner) and all(n == width for n in inner)
        self.padless = not any(a.values and _ANY_BAR.search(a.values.rest) for a in self.full)
        if width != 7:
            # Table 2 is too small to show its rules: the pad of a lost cell looks like a blank.
            self.trust = self.trust and like is not None and like.trust
            self.padless = like is not None and like.padless
            self.opener = like.opener if like is not None else -1
        self.leading = 2 * sum(_opened(text, a) for a in kept) > len(kept)
        self.opener = 0
        if self.trust and not self.padless:
            extra = {self._kept(a) for a in self.full if a is not kept[-1]}
            if extra and extra != {0}:
                # each row is opened by a lone bar, which is no blank cell of the row before
                self.opener = 1 if extra == {1} else -1
        self.last = kept[-1] if kept else None

    def _is_grid(self, kept: Sequence[_Anchor], slots: int) -> bool:
        rows = [a for a in kept if self.lines[id(a)] or (a.values and a.values.shown)]
        lines = [line for a in rows if (line := self.lines[id(a)]) is not None]
        if len(rows) - len(lines) > 1 or len(lines) < 5:
            return False
        few = max(1, len(lines) // 10)  # rows that lost or gained a slot don't spoil the rest
        behind = Counter(len(line.slots) - line.label - 1 for line in lines)
        if behind[7] >= len(lines) - few:
            self.behind = True
            return True
        self.slots, n = Counter(len(line.slots) for line in lines).most_common(1)[0]
        if n < len(lines) - few or self.slots < slots:
            return False
        ends = [line for line in lines if line.slots[-1][0] and len(line.slots) == self.slots]
        return bool(ends) and all(
            all(t for t, _ in line.slots[-7:])
            for a in self.full
            if (line := self.lines[id(a)]) is not None and len(line.slots) == self.slots
        )

    def _kept(self, a: _Anchor) -> int:
        """Blank cells that the source kept behind the last value of a row."""
        assert a.values is not None
        rest = a.values.rest
        return len((_ANY_BAR if self.padless else _KEPT_BLANK).findall(rest))

    def of(self, a: _Anchor) -> list[tuple[str, int]] | None:
        """The row's cells with blanks in their places, or ``None``."""
        values = a.values
        assert values is not None
        if self.grid:
            line = self.lines[id(a)]
            if line is None:
                return None
            places = line.slots[line.label + 1 :]
            if self.width != 7:
                return places
            if self.behind:
                return places if len(places) == 7 else None
            if len(line.slots) != self.slots or len(places) < 7:
                return None
            return places[-7:]
        inner = values.inner
        if len(inner) == self.width:
            return inner if self.trust or len(values.shown) == self.width else None
        if not self.trust or self.opener < 0:
            return None
        behind = self._kept(a) - (self.opener if a is not self.last else 0)
        if behind >= 0 and len(inner) + behind == self.width and inner:
            return inner + [("", values.end)] * behind
        return None


def _opened(text: str, a: _Anchor) -> bool:
    """Whether the label's line begins with a bar."""
    line = text.rfind("\n", 0, a.start) + 1
    return text[line : line + 1] in "|｜│┃" and line < a.start


@dataclass(slots=True)
class _Line:
    """The slots of one printed line and which of them is the label."""

    slots: list[tuple[str, int]]
    label: int


def _line_slots(text: str, a: _Anchor) -> _Line | None:
    start = text.rfind("\n", 0, a.start) + 1
    stop = text.find("\n", a.end)
    stop = len(text) if stop < 0 else stop
    if a.end > stop or "\n" in text[a.start : a.end]:
        return None
    slots = _slots(text, start, stop)
    label = next((k for k, (_, at, end) in enumerate(slots) if at <= a.end - 1 < end), -1)
    if (
        label < 0
        or len(slots) < 2
        or any(t and not is_value_like(t) for t, *_ in slots[label + 1 :])
    ):
        return None
    return _Line([(t, at) for t, at, _ in slots], label)


def _slots(text: str, start: int, stop: int) -> list[tuple[str, int, int]]:
    """The slots of one line (text, start, end); the bars at its ends open no slot."""
    line = text[start:stop]
    if "\t" in line:
        marks = [m.start() for m in re.finditer("\t", line)]
    else:
        marks = [m.start() for m in re.finditer(_BAR, line)]
        if not marks:
            return [(line.strip(), start, stop)]
        if not line[: marks[0]].strip():
            start += marks[0] + 1
            line = text[start:stop]
            marks = [m - marks[0] - 1 for m in marks[1:]]
        if marks and not line[marks[-1] + 1 :].strip():
            line = line[: marks[-1]]
            marks = marks[:-1]
    slots: list[tuple[str, int, int]] = []
    at = 0
    for m in (*marks, len(line)):
        piece = line[at:m]
        body = piece.strip()
        where = start + at + (len(piece) - len(piece.lstrip()) if body else 0)
        slots.append((body, where, start + m))
        at = m + 1
    return slots


def _has_tabs(text: str, members: Sequence[_Anchor]) -> bool:
    """Whether each row is a line of tab-separated slots: a sheet, which loses none."""
    return all(text[a.end : a.end + 1] == "\t" for a in members)


def _enter_headers(
    headers: Sequence[_Anchor], h: int, until: int, out: StreamTables, source: StreamText
) -> int:
    """Column names of table 2 before ``until`` as one header row."""
    texts: list[str] = []
    block = 0
    while h < len(headers) and headers[h].start < until:
        a = headers[h]
        texts.append(source.view.text[a.start : a.end])
        block = source.block_at(a.start)
        h += 1
    if texts:
        named = [t for t in texts if proactive_column(t)]
        out.rows.headers.append(Header(block, len(out.rows.hits), named, [], 0, len(named), 0))
    return h


def _enter_unknown(
    start: int,
    stop: int,
    cells: TextCells,
    out: StreamTables,
    source: StreamText,
    anchors: Sequence[_Anchor],
) -> None:
    """Rows between two known labels whose own label is not known (misspelt, lost, extra)."""
    text = source.view.text
    region = text[start:stop]
    if not any(c.isdigit() for c in region):
        return
    label: list[tuple[str, int]] = []
    values: list[tuple[str, int]] = []
    rows: list[tuple[list[tuple[str, int]], list[tuple[str, int]]]] = []
    at = 0
    for m in (*_SEPARATOR.finditer(region), None):
        a, b = (m.start(), m.end()) if m else (len(region), len(region))
        found = _split_values(region[at:a], start + at)
        body = region[at:a].strip()
        if found is None or (found and len(body) > 1 and _NUMERAL.search(body)):
            if values:
                rows.append((label, values))
                label, values = [], []
            glued = re.match(r"(.*?[A-Za-z\u3400-\u9fff)）”.、])\s*((?:[0-9]+\s*)+)$", body)
            if glued is not None and len(body) < 200:
                label.append((glued.group(1), start + at))
                values.extend(
                    _split_values(glued.group(2), start + at + region[at:a].index(glued.group(2)))
                    or []
                )
            else:
                label.append((body, start + at))
        elif found:
            values.extend(found)
        at = b
    if values:
        rows.append((label, values))
    known = {a.start for a in anchors if start <= a.start < stop}
    for names, shown in rows:
        name = names[-1][0] if names else ""
        where = names[-1][1] if names else shown[0][1]
        if any(k <= where < k + 60 for k in known) and not name:
            continue
        out.rows.hits.append(
            Hit(
                name,
                None,
                [_raw(source.view, p, s) for p, s in shown],
                [(cells, cells.enter(p, s)) for p, s in shown],
                source.block_at(where),
                (cells, cells.enter("", where)),
                placed=False,
            )
        )


def _header_start(text: str, anchors: Sequence[_Anchor], first: _Anchor) -> int:
    """Where the printed header above the first row begins."""
    start = first.start
    for a in reversed([a for a in anchors if a.start < first.start]):
        is_word = a.label is None or not a.label.exact
        if start - a.end > 60 or not is_word:
            break
        start = a.start
    text_before = text[:start]
    return len(text_before.rstrip(" \u3000(（|｜[【")) if text_before else start


def _enter_review(
    review: tuple[int, int, int, _Values],
    cells: TextCells,
    out: StreamTables,
    source: StreamText,
    shape: _Places | None,
) -> None:
    start, end, last, values = review
    view = source.view
    block = source.block_at(start)
    column_names = list(_strong_review())
    out.rows.headers.append(Header(block, len(out.rows.hits), column_names, [], 0, 0, 4))
    shown, inner = values.shown, values.inner
    opened = shape is not None and (shape.leading or shape.opener == 1)
    if opened and len(inner) != len(shown) and not values.pieces[0][0] and not values.one_line:
        inner = inner[1:]  # the bar that opens the row
    pieces = shown
    placed = True
    trust = shape is not None and shape.trust
    behind = len(_KEPT_BLANK.findall(values.rest))
    if len(shown) == REVIEW_WIDTH or (len(inner) == REVIEW_WIDTH and trust):
        pieces = inner if len(inner) == REVIEW_WIDTH else shown
    elif len(values.pieces) == REVIEW_WIDTH and ((shape is not None and shape.grid) or not shown):
        pieces = values.pieces
    elif trust and inner and behind and len(inner) + behind == REVIEW_WIDTH:
        pieces = inner + [("", values.end)] * behind
    else:
        placed = False  # a pad at the row's end may stand for a lost cell further left
    joined = len(shown) == 1 and shown[0][0].isdigit() and len(shown[0][0]) >= REVIEW_WIDTH
    if values.pieces:
        out.rows.hits.append(
            Hit(
                "",
                None,
                [_raw(view, p, s) for p, s in pieces],
                [(cells, cells.enter(p, s)) for p, s in pieces],
                source.block_at(pieces[0][1]) if pieces else block,
                (cells, cells.enter("", end)),
                None,
                None,
                placed,
                True,
                joined,
            )
        )
    out.spans[REVIEW] = (start, last)
