"""Folds for matching, with offsets into the raw text.

In: text as a reader found it. Out: derived views (``fold``, ``label_key``, ``Shadow``); the raw
text is never altered. No I/O but the package's own data files, read on first use.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache

from govreport_parse.glosses import Span, cut, find_glosses
from govreport_parse.text_tables import MARK, fold_tables

__all__ = ["Shadow", "fold", "label_key", "shadow"]

_NOT_LABEL = re.compile(r"[^0-9A-Za-z\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")
_CACHED_LENGTH = 200


def fold(text: str) -> str:
    """The fold in which labels are compared; idempotent, never raises.

    Full width to half width; compatibility forms and radicals (PDF fonts) to ordinary
    characters; ㈠ ① ⒈ to (一) 1 1.; traditional to simplified, then word variants (程式 to 程序);
    pinyin glosses removed; white space and invisible characters removed. Signs keep one form
    each: ( ) , : ; ! ? . 。 、 / ~ · 《 》 [ ], quotation marks of any kind " and ', dashes and
    minus signs -. For labels only: 覆 becomes 复, 於 becomes 于.
    """
    if len(text) <= _CACHED_LENGTH:
        return _fold_cached(text)
    return _fold(text)


def label_key(text: str) -> str:
    """``fold``, then Han, ASCII letters and digits alone: （一）予以公开 becomes 一予以公开."""
    if len(text) <= _CACHED_LENGTH:
        return _label_key_cached(text)
    return _label_key(text)


def _fold(text: str) -> str:
    tables = fold_tables()
    out = text.translate(tables.drop)
    if MARK in out:
        out = _expand(text, out)
    if " " in out:
        out = out.replace(" ", "")
    out = _fold_words(out)
    while "(" in out:
        spans = find_glosses(out)
        if not spans:
            break
        out = _fold_words(cut(out, spans))
    return out


def _expand(text: str, translated: str) -> str:
    expansions = fold_tables().expansions
    return "".join(
        expansions.get(c, "") if m == MARK else m for c, m in zip(text, translated, strict=True)
    )


def _fold_words(text: str) -> str:
    for word, form in fold_tables().words:
        if word in text:
            text = text.replace(word, form)
    return text


def _label_key(text: str) -> str:
    return _fold_words(_NOT_LABEL.sub("", fold(text)))


_fold_cached = lru_cache(maxsize=8192)(_fold)
_label_key_cached = lru_cache(maxsize=8192)(_label_key)


# --- the shadow -----------------------------------------------------------------------------


class Shadow:
    """A folded text that knows where each of its characters stood in the raw one.

    ``text`` is folded like ``fold`` but keeps white space and line breaks (a non-breaking or
    ideographic space is a blank). ``raw_offset`` maps an offset in ``text`` to one in ``raw``.
    """

    __slots__ = ("_raw", "_starts", "raw", "text")

    raw: str
    text: str

    def __init__(self, raw: str, text: str, spans: Iterable[Span] = ()) -> None:
        self.raw = raw
        self.text = text
        self._starts: list[int] = []
        self._raw: list[tuple[int, int]] = []
        if spans:
            self._map(spans)

    def _map(self, spans: Iterable[Span]) -> None:
        """Segments of the text and the raw stretch that each came from."""
        at = place = 0
        for span in (*spans, Span(len(self.raw), len(self.raw), "", "end")):
            if span.start > at:
                self._starts.append(place)
                self._raw.append((at, span.start))
                place += span.start - at
            if span.after:
                self._starts.append(place)
                self._raw.append((span.start, span.end))
                place += len(span.after)
            at = span.end

    def raw_offset(self, i: int) -> int:
        """Offset in ``raw`` of the character at ``i``; the end of ``text`` is the end of ``raw``.

        Raises ``IndexError`` outside ``0 .. len(text)``.
        """
        if not 0 <= i <= len(self.text):
            raise IndexError(i)
        if i == len(self.text):
            return len(self.raw)
        if not self._starts:
            return i
        k = bisect_right(self._starts, i) - 1
        start, end = self._raw[k]
        return min(start + i - self._starts[k], end - 1)

    def raw_slice(self, start: int, end: int) -> str:
        """The raw text behind ``text[start:end]``.

        What was removed belongs to the character before it, so adjoining slices join without
        gap or overlap. An empty slice gives an empty string.
        """
        start, end, _ = slice(start, end).indices(len(self.text))
        if start >= end:
            return ""
        return self.raw[self.raw_offset(start) : self.raw_offset(end)]

    def __len__(self) -> int:
        return len(self.text)

    def __repr__(self) -> str:
        return f"<Shadow {len(self.text)} of {len(self.raw)} characters: {self.text[:20]!r}>"


def shadow(raw: str) -> Shadow:
    """The ``Shadow`` of a text."""
    tables = fold_tables()
    text = raw.translate(tables.keep)
    spans: list[Span] = []
    out = Shadow(raw, text)
    if MARK in text:
        spans = [
            Span(i, i + 1, tables.expansions.get(raw[i], ""), "width")
            for i, c in enumerate(text)
            if c == MARK
        ]
        out = Shadow(raw, cut(text, spans), spans)
    if "(" in out.text:
        out, spans = _edit(out, text, spans, find_glosses(out.text))
    for word, form in tables.words:
        if word in out.text:
            found = re.finditer(re.escape(word), out.text)
            out, spans = _edit(
                out, text, spans, [Span(m.start(), m.end(), form, "word") for m in found]
            )
    return out


def _edit(
    view: Shadow, text: str, spans: list[Span], more: list[Span]
) -> tuple[Shadow, list[Span]]:
    """The view with ``more`` (offsets in its text) applied on top of ``spans`` (raw offsets)."""
    if not more:
        return view, spans
    added = [
        s._replace(start=view.raw_offset(s.start), end=view.raw_offset(s.end - 1) + 1) for s in more
    ]
    inside = [(s.start, s.end) for s in added]
    starts = [a for a, _ in inside]
    kept = [
        s for s in spans if (k := bisect_right(starts, s.start) - 1) < 0 or s.end > inside[k][1]
    ]
    merged = sorted(kept + added)
    return Shadow(view.raw, cut(text, merged), merged), merged
