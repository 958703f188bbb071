"""Folds for matching, and repairs of damaged prose, each with offsets into the raw text.

In: text as a reader found it. Out: derived views (``fold``, ``label_key``, ``Shadow``,
``Repaired``); the raw text is never altered. No I/O but the package's own data files, read on
first use.

Kinds of ``Repair`` made here: ``gloss`` (pinyin with a tone mark behind a character),
``gloss_plain`` (pinyin without one), ``mojibake`` (a known phrase that a byte-wise splitter
damaged), ``zero_width`` (invisible characters), ``question_mark_nbsp`` (a line of nothing but
the ``?`` that a non-breaking space became). Kinds of ``Damage``: ``shifted_bytes`` (a false
sentence end, then characters read one byte off), ``bopomofo`` (the same, after which row A8 of
GB 2312 appears), ``cut_character`` (the ASCII trail byte of a lost character, still glossed).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any, NamedTuple

from govreport_parse.values import Repair

__all__ = [
    "Damage",
    "Repaired",
    "Shadow",
    "common_han_share",
    "fold",
    "is_traditional",
    "label_key",
    "repair",
    "shadow",
    "to_simplified",
]

# --- tables ---------------------------------------------------------------------------------

_MARK = "\uffff"
"""A noncharacter: in a translated text it stands where the fold changes the length."""

_COMPATIBILITY = (
    (0x2150, 0x218F),  # Roman numerals
    (0x2460, 0x24FF),  # ① ⑴ ⒈
    (0x2F00, 0x2FDF),  # Kangxi radicals
    (0x3200, 0x33FF),  # ㈠ ㎡
    (0xF900, 0xFAFF),  # compatibility ideographs
    (0xFE10, 0xFE6F),  # vertical and small forms
    (0xFF00, 0xFFEF),  # full and half width
)
_INVISIBLE = frozenset(
    map(
        chr,
        (
            0x00AD,
            0x034F,
            0x061C,
            0x180E,
            *range(0x200B, 0x2010),
            *range(0x202A, 0x202F),
            *range(0x2060, 0x2070),
            *range(0xFE00, 0xFE10),
            0xFEFF,
            0xFFFF,
        ),
    )
)
_SPACES = frozenset(
    map(chr, (*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B)))
) | frozenset("\u2028\u2029\u202f\u205f\u3000")
_LINE_ENDS = frozenset("\x85\u2028\u2029")


class _Tables(NamedTuple):
    keep: str
    """One character for each of the BMP: white space kept, ``_MARK`` where the length changes."""
    drop: str
    """The same, with everything that ``fold`` removes as a blank."""
    expansions: dict[str, str]
    script: dict[str, str]
    words: tuple[tuple[str, str], ...]
    prose: dict[int, str]
    traditional_only: frozenset[str]


def _data_text(name: str) -> str:
    path = resources.files("govreport_parse").joinpath("data", name)
    return path.read_text("utf-8")


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(_data_text(name))


@cache
def _tables() -> _Tables:
    labels, wide = _toml("folds.toml"), _toml("traditional.toml")
    pairs = wide["script"]
    script: dict[str, str] = dict(zip(pairs["traditional"], pairs["simplified"], strict=True))
    script.update(labels["characters"])
    signs = {s: form for form, signs in wide["punctuation"].items() for s in signs}
    radicals = dict(zip(wide["radicals"]["from"], wide["radicals"]["to"], strict=True))

    def one(c: str) -> str:
        c = radicals.get(c, c)
        c = signs.get(c, c)
        return script.get(c, c)

    keep = list(map(chr, range(0x10000)))
    expansions: dict[str, str] = {}
    for c in (*radicals, *signs, *script):
        keep[ord(c)] = one(c)
    for first, last in _COMPATIBILITY:
        for code in range(first, last + 1):
            plain = unicodedata.normalize("NFKC", radicals.get(chr(code), chr(code)))
            folded = "".join(map(one, plain)).replace(" ", "")
            if len(folded) == 1:
                keep[code] = folded
            else:
                expansions[chr(code)] = folded
    for c in _SPACES:
        keep[ord(c)] = "\n" if c in _LINE_ENDS else c if c < "\x21" else " "
    for c in (*expansions, *_INVISIBLE):
        keep[ord(c)] = _MARK
    drop = keep.copy()
    for c in (*_SPACES, *(_INVISIBLE - {_MARK})):
        drop[ord(c)] = " "
    # Prose keeps what simplified text has as well (覆, 於): there only the sense decides.
    both = {c for c in labels["characters"] if _in_gb2312(c)}
    prose = {k: v for k, v in script.items() if k not in both}
    words = {"".join(map(one, k)): v for k, v in labels["words"].items()}
    return _Tables(
        "".join(keep),
        "".join(drop),
        expansions,
        script,
        tuple((k, v) for k, v in words.items() if k != v),
        {ord(k): v for k, v in prose.items()},
        frozenset(prose),
    )


def _in_gb2312(c: str) -> bool:
    try:
        c.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


@cache
def _readings() -> dict[str, str]:
    """Syllable without tone (``ü`` as ``v``) to the simplified characters it can be read as."""
    lines = _data_text("pinyin.txt").splitlines()
    return dict(line.split(" ", 1) for line in lines if not line.startswith("#"))


@cache
def _common_han() -> frozenset[str]:
    lines = _data_text("common_han.txt").splitlines()
    return frozenset(c for line in lines if not line.startswith("#") for c in line)


# --- glosses --------------------------------------------------------------------------------

_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
_TONE_MARKS = "\u0300\u0301\u0304\u030c"
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_GLOSS_PART = re.compile(rf"\([a-züɑɡ{_TONED}{_TONE_MARKS}]{{1,8}}\)")
_LETTERS = 6
_FEW, _MANY, _MOST = 3, 20, 0.9


@lru_cache(maxsize=1024)
def _is_toned(part: str) -> bool:
    """``(fā)``: one to six letters, exactly one tone mark."""
    letters = unicodedata.normalize("NFC", part[1:-1])
    tones = sum(c in _TONED or c in _TONE_MARKS for c in letters)
    size = sum(c not in _TONE_MARKS for c in letters)
    return tones == 1 and 1 <= size <= _LETTERS


def _is_reading(part: str, han: str) -> bool:
    tables = _tables()
    return tables.script.get(han, han) in _readings().get(_plain(part), "")


def _plain(part: str) -> str:
    return part[1:-1].replace("ü", "v").replace("ɑ", "a").replace("ɡ", "g")


class _Span(NamedTuple):
    start: int
    end: int
    after: str
    kind: str


def _runs(text: str) -> list[tuple[str, list[tuple[int, int]]]]:
    """Each Han character with the parenthesised syllables that directly follow it."""
    runs: list[tuple[str, list[tuple[int, int]]]] = []
    last = -1
    for part in _GLOSS_PART.finditer(text):
        start, end = part.span()
        if start == last:
            runs[-1][1].append((start, end))
        elif start and "\u3400" <= text[start - 1] <= "\u9fff":
            runs.append((text[start - 1], [(start, end)]))
        else:
            continue
        last = end
    return runs


def _glosses(text: str) -> list[_Span]:
    """Spans of pinyin in a width-folded text, in order.

    With a tone mark always. Without one only where it can be nothing else: the same reading of
    the character twice, 政(zheng)(zheng); or single readings if the text has at least three
    parentheses with a syllable and each is a reading of its character, or at least twenty and
    nine in ten are. So (km), (pdf), (ios) and a lone (an) stay.
    """
    toned: list[_Span] = []
    doubled: list[_Span] = []
    single: list[_Span] = []
    syllables = hits = 0
    for han, run in _runs(text):
        plain: list[_Span] = []
        for start, end in run:
            if _is_toned(text[start:end]):
                toned.append(_Span(start, end, "", "gloss"))
            else:
                plain.append(_Span(start, end, "", "gloss_plain"))
        if not plain:
            continue
        parts = {text[s.start : s.end] for s in plain}
        syllables += any(_plain(p) in _readings() for p in parts)
        if len(parts) == 1 and _is_reading(parts.pop(), han):
            hits += 1
            (single if len(plain) == 1 else doubled).extend(plain)
    all_fit = hits >= _FEW and hits >= syllables
    most_fit = hits >= _MANY and hits >= _MOST * syllables
    if not (all_fit or most_fit):
        single = []
    return sorted(toned + doubled + single)


# --- folds ----------------------------------------------------------------------------------

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
    tables = _tables()
    out = text.translate(tables.drop)
    if _MARK in out:
        out = _expand(text, out)
    if " " in out:
        out = out.replace(" ", "")
    out = _fold_words(out)
    while "(" in out:
        spans = _glosses(out)
        if not spans:
            break
        out = _fold_words(_cut(out, spans))
    return out


def _expand(text: str, translated: str) -> str:
    expansions = _tables().expansions
    return "".join(
        expansions.get(c, "") if m == _MARK else m for c, m in zip(text, translated, strict=True)
    )


def _fold_words(text: str) -> str:
    for word, form in _tables().words:
        if word in text:
            text = text.replace(word, form)
    return text


def _cut(text: str, spans: Iterable[_Span]) -> str:
    pieces: list[str] = []
    at = 0
    for span in spans:
        pieces += (text[at : span.start], span.after)
        at = span.end
    pieces.append(text[at:])
    return "".join(pieces)


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

    def __init__(self, raw: str, text: str, spans: Iterable[_Span] = ()) -> None:
        self.raw = raw
        self.text = text
        self._starts: list[int] = []
        self._raw: list[tuple[int, int]] = []
        if spans:
            self._map(spans)

    def _map(self, spans: Iterable[_Span]) -> None:
        """Segments of the text and the raw stretch that each came from."""
        at = place = 0
        for span in (*spans, _Span(len(self.raw), len(self.raw), "", "end")):
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
    tables = _tables()
    text = raw.translate(tables.keep)
    spans: list[_Span] = []
    out = Shadow(raw, text)
    if _MARK in text:
        spans = [
            _Span(i, i + 1, tables.expansions.get(raw[i], ""), "width")
            for i, c in enumerate(text)
            if c == _MARK
        ]
        out = Shadow(raw, _cut(text, spans), spans)
    if "(" in out.text:
        out, spans = _edit(out, text, spans, _glosses(out.text))
    for word, form in tables.words:
        if word in out.text:
            found = re.finditer(re.escape(word), out.text)
            out, spans = _edit(
                out, text, spans, [_Span(m.start(), m.end(), form, "word") for m in found]
            )
    return out


def _edit(
    view: Shadow, text: str, spans: list[_Span], more: list[_Span]
) -> tuple[Shadow, list[_Span]]:
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
    return Shadow(view.raw, _cut(text, merged), merged), merged


# --- repair of prose ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of the raw text that is not what its author wrote, repaired or not."""

    start: int
    end: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Repaired:
    """Prose with what is certain mended, and everything that was done or seen.

    Offsets of ``repairs`` and ``damage`` count in ``raw``; ``text`` is ``raw`` with the repairs
    applied, its script left as it is.
    """

    raw: str
    text: str
    repairs: tuple[Repair, ...] = ()
    damage: tuple[Damage, ...] = ()


class _Phrase(NamedTuple):
    before: str
    damaged: str
    after: str
    repaired: str


@cache
def _phrases() -> tuple[_Phrase, ...]:
    """The known phrases, all but the repaired text in the fold that damage is searched in."""
    keep = _tables().keep
    return tuple(
        _Phrase(
            p["before"].translate(keep),
            p["damaged"].translate(keep),
            p["after"].translate(keep),
            p["repaired"],
        )
        for p in _toml("phrases.toml")["phrases"]
    )


_ROW_A2 = "\u2160-\u217f\u2460-\u249b\u3220-\u3229"
_DAMAGE = re.compile(
    rf"[?\ufffd][!！](?=[{_ROW_A2}\u4e00-\u9fff])"
    r"|[。!！][\u3105-\u3129]"
    rf"|[!-~][(（](?=[a-züɑɡ]{{0,5}}[{_TONED}])[a-züɑɡ{_TONED}]{{1,6}}[)）]"
)
_RUN_END = re.compile(rf"[^{_ROW_A2}\u2500-\u254b\u3105-\u3129\u4e00-\u9fff]")
_QUOTE_ROW = frozenset({*range(0xA2, 0xA5), 0xAA, *range(0xAD, 0xC0)})
"""Second bytes of row A1 of GB 2312 for signs of prose: 、 。 · — … ‘ ’ “ ” 〈 《 【."""
_BLANK_QUESTION = re.compile(r"^[ \t?]+$", re.MULTILINE)


def repair(text: str) -> Repaired:
    """Mend prose where the original is certain; flag other damage and leave it.

    Pinyin glosses and invisible characters go. Damage of a byte-wise splitter is found by its
    three patterns and mended only where ``data/phrases.toml`` knows the phrase. A line of nothing
    but ``?`` goes if the text also holds glosses or is traditional: then a mirror made it of
    non-breaking spaces.
    """
    view = text.translate(_tables().keep)
    spans = _invisible_runs(text, view) + (_glosses(view) if "(" in view else [])
    damage = _damage(text)
    if damage:
        spans += _known_phrases(view)
    if "?" in text and (any(s.kind == "gloss" for s in spans) or is_traditional(text)):
        spans += [
            _Span(m.start(), m.end(), "", "question_mark_nbsp")
            for m in _BLANK_QUESTION.finditer(text)
            if "?" in m[0]
        ]
    spans = _disjoint(spans)
    repairs = tuple(Repair(s.kind, s.start, s.end, text[s.start : s.end], s.after) for s in spans)
    return Repaired(text, _cut(text, spans) if spans else text, repairs, damage)


def _invisible_runs(text: str, view: str) -> list[_Span]:
    if _MARK not in view:
        return []
    expansions = _tables().expansions
    spans: list[_Span] = []
    for i, mark in enumerate(view):
        if mark == _MARK and text[i] not in expansions:
            if spans and spans[-1].end == i:
                spans[-1] = spans[-1]._replace(end=i + 1)
            else:
                spans.append(_Span(i, i + 1, "", "zero_width"))
    return spans


def _known_phrases(view: str) -> list[_Span]:
    view = view.replace("\ufffd", "?")
    spans: list[_Span] = []
    for p in _phrases():
        needle = p.before + p.damaged + p.after
        at = view.find(needle)
        while at >= 0:
            start = at + len(p.before)
            spans.append(_Span(start, start + len(p.damaged), p.repaired, "mojibake"))
            at = view.find(needle, at + len(needle))
    return spans


def _disjoint(spans: list[_Span]) -> list[_Span]:
    """In order; of two that overlap the longer one."""
    out: list[_Span] = []
    for span in sorted(spans):
        if out and span.start < out[-1].end:
            if span.end - span.start > out[-1].end - out[-1].start:
                out[-1] = span
        else:
            out.append(span)
    return out


def _damage(text: str) -> tuple[Damage, ...]:
    found: list[tuple[int, int, str]] = []
    for m in _DAMAGE.finditer(text):
        start, end = m.span()
        if m[0][-1] in ")）":
            kind = "cut_character"
        elif "\u3105" <= m[0][-1] <= "\u3129":
            kind, end = "bopomofo", _run_end(text, end)
        elif _is_shifted(text, end):
            kind, end = "shifted_bytes", _run_end(text, end)
        else:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]), found[-1][2])
        else:
            found.append((start, end, kind))
    return tuple(Damage(a, b, kind, text[a:b]) for a, b, kind in found)


def _run_end(text: str, at: int) -> int:
    """Where the damaged characters stop; the ``?`` of a last lost byte belongs to them."""
    stop = _RUN_END.search(text, at)
    if stop is None:
        return len(text)
    return stop.end() if stop[0] in "?\ufffd" else stop.start()


def _is_shifted(text: str, at: int) -> bool:
    """Whether the characters from ``at`` on read better one byte later.

    Separates damage from ``?!`` in ordinary prose: behind a false ！ (A3 A1) the next byte is the
    second of a row A1 sign, and the bytes after it are ordinary characters again.
    """
    stop = _RUN_END.search(text, at)
    end = min(stop.start() if stop else len(text), at + 8)
    try:
        data = text[at:end].encode("gbk")
    except UnicodeEncodeError:
        return False
    if data[0] not in _QUOTE_ROW:
        return False
    gain = _common_share(data[1:].decode("gbk", "ignore")) - _common_share(text[at:end])
    # A second lost byte at the end of the run leaves a `?` of its own: then a tie is enough.
    lost = stop is not None and stop[0] in "?\ufffd"
    return gain > 0 or (lost and (gain == 0 or len(data) == 2))


def _common_share(text: str) -> float:
    common, script = _common_han(), _tables().script
    return sum(script.get(c, c) in common for c in text) / len(text) if text else 0.0


# --- script ---------------------------------------------------------------------------------

_SAMPLE = 4000
_TRADITIONAL_SHARE = 0.05
_AMBIGUOUS_NAME = re.compile("乾(?=[县縣安陵])|於(?=[潜潛])")
"""Place names in which t2s would alter a character that is right."""


def common_han_share(text: str, limit: int | None = _SAMPLE) -> tuple[int, float]:
    """Number of Han characters among the first ``limit``, and the share of frequent ones.

    About 0.9 for reports in either script, below 0.3 for text in the wrong charset.
    """
    han = "".join(_HAN_RUN.findall(text))[:limit]
    return len(han), _common_share(han)


_HAN_RUN = re.compile(f"[{_HAN}]+")


def is_traditional(text: str) -> bool:
    """Whether at least 5 % of the Han characters exist in traditional script only."""
    only = _tables().traditional_only
    han = "".join(_HAN_RUN.findall(text[:_SAMPLE]))
    if only.isdisjoint(han):
        return False
    return sum(c in only for c in han) >= _TRADITIONAL_SHARE * len(han)


def to_simplified(text: str) -> str:
    """Prose in simplified script; text that is not measurably traditional is left untouched.

    With the extra ``zh`` OpenCC (t2s) converts; 乾县 and 於潜 keep their first character. Without
    it characters are folded one by one: words with more than one reading (乾 in 乾淨, 著) and
    characters of both scripts (覆, 於) stay as they are.
    """
    if not is_traditional(text):
        return text
    convert = _opencc()
    if convert is None:
        return text.translate(_tables().prose)
    pieces: list[str] = []
    at = 0
    for name in _AMBIGUOUS_NAME.finditer(text):
        pieces += (convert(text[at : name.start()]), name[0])
        at = name.end()
    pieces.append(convert(text[at:]))
    return "".join(pieces)


_SURROGATES = re.compile("([\ud800-\udfff]+)")


@cache
def _opencc() -> Callable[[str], str] | None:
    try:
        import opencc
    except ImportError:
        return None
    convert: Callable[[str], str] = opencc.OpenCC("t2s").convert

    def whole(text: str) -> str:
        # OpenCC takes UTF-8, which has no lone surrogates: what stands between them is converted.
        return "".join(
            part if "\ud800" <= part[:1] <= "\udfff" else convert(part)
            for part in _SURROGATES.split(text)
        )

    return whole
