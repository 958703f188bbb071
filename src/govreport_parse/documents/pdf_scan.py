"""A look at the raw bytes of a PDF before any engine opens it.

Tiny files can ask for gigabytes (RELIABILITY.md 4.2). What can be told cheaply is told here:
how much the streams inflate to, how often forms draw each other ("laughs", on which PDFium
aborts), and - for pdfminer, which has no bounds - absurd ranges in character maps and widths.
Pictures are left out: none but small ones on a page that has to be drawn is decoded
(``pdf_hidden``). Encrypted streams do not inflate and are not counted; LZW is not followed. The
last defence is the child process that parses.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from govreport_parse.documents.pdf_limits import PdfLimits, exceeded

_CHUNK = 1 << 16
"""Bytes inflated at a time: few enough to stay in the processor's cache when they are dropped."""
_SLICE = 1 << 15
"""Deflated bytes given at a time: what is left of them is copied at each step."""
_PLAIN_HEADS = frozenset((b"x\x01", b"x\x5e", b"x\x9c", b"x\xda", b"H\x89"))
"""zlib headers without a preset dictionary, as writers of PDF use them."""
_KEPT = 1 << 22
"""Inflated bytes of one stream that are looked into."""
_MAX_FORM_DRAWS = 100_000
_MAX_FORM_DEPTH = 32
_MAX_CODES = 0x20000
"""No font has more character codes."""

_MAX_PREDICTED = 8 << 20
"""pdfminer undoes predictors byte by byte in Python: 2 MB a second."""

_SHOW = re.compile(rb"\bT[jJ]\b")
_PREDICTOR = re.compile(rb"/Predictor\s*1[0-5]")
_STREAM = re.compile(rb"stream\r?\n")
_FILTER = re.compile(rb"/(?:Filter|F)\s*(\[[^\]]{0,200}\]|/\w+)")
_PICTURE = re.compile(rb"/Subtype\s*/Image\b")
_FORM = re.compile(rb"/Subtype\s*/Form\b")
_OBJSTM = re.compile(rb"/Type\s*/ObjStm\b")
_DO = re.compile(rb"/([^\s/<>\[\](){}%]{1,60})\s{1,4}Do\b")
_NUMBER = re.compile(rb"(\d{1,10})\s{1,4}\d{1,5}\s{1,4}$")
_NAMED = re.compile(rb"/([^\s/<>\[\](){}%]{1,60})\s{1,4}(\d{1,10})\s{1,4}\d{1,5}\s{1,4}R\b")
_RANGE = re.compile(rb"<([0-9A-Fa-f]{1,16})>(?=\s{0,40}<([0-9A-Fa-f]{1,16})>)")
_WIDTHS = re.compile(rb"/W2?\s{0,4}\[([^\]]{0,20000})")
_LONG_NUMBER = re.compile(rb"(?<![\d.])\d{6,}")
"""Not the decimals of a width (PDFKit writes 546.875, 609.3750001)."""


@dataclass(slots=True)
class _Form:
    """A form: the names it draws, and its dictionary."""

    names: list[bytes]
    dictionary: bytes


@dataclass(slots=True)
class _Found:
    forms: dict[int, _Form] = field(default_factory=dict)
    page_draws: int = 0
    object_texts: list[bytes] = field(default_factory=list)


def check_streams(data: bytes, limits: PdfLimits, *, strict: bool = False) -> None:
    """Raise ``LimitExceededError`` where the file asks for too much.

    ``strict`` adds what only pdfminer chokes on.
    """
    found = _Found()
    has_forms = _FORM.search(data) is not None
    budget = limits.max_stream_bytes
    looks = strict or has_forms
    for number, head, body in _streams(data):
        if _PICTURE.search(head):
            continue
        size, text = _inflate(head, body, budget, keep=looks)
        if size > budget:
            raise exceeded(
                "bytes in its streams",
                limits.max_stream_bytes - budget + size,
                limits.max_stream_bytes,
            )
        budget -= size
        if size > 4 * limits.max_characters:
            start = text if looks else _inflate(head, body, budget + size, keep=True)[1]
            if _SHOW.search(start):
                raise exceeded("bytes of text operators", size, 4 * limits.max_characters)
        if not looks:
            continue
        if strict and size > _MAX_PREDICTED and _PREDICTOR.search(head):
            raise exceeded("bytes behind a predictor", size, _MAX_PREDICTED)
        if has_forms:
            _note_draws(found, number, head, text)
        if strict and b"range" in text:
            _check_ranges(text)
        if _OBJSTM.search(head):
            found.object_texts.append(text)
    if strict:
        for part in (data, *found.object_texts):
            _check_widths(part)
    if found.forms:
        _check_forms(data, found)


def _streams(data: bytes) -> Iterator[tuple[int, bytes, memoryview]]:
    """Object number, dictionary and raw bytes of each stream."""
    view = memoryview(data)
    at = 0
    while True:
        match = _STREAM.search(data, at)
        if match is None:
            return
        start = match.start()
        if data[max(0, start - 3) : start] == b"end":
            at = match.end()
            continue
        begin = data.rfind(b"obj", max(0, start - 4096), start)
        before = _NUMBER.search(data[max(0, begin - 24) : max(0, begin)])
        number = int(before.group(1)) if before else -1
        end = data.find(b"endstream", match.end())
        if end < 0:
            end = len(data)
        yield number, data[max(0, begin) : start], view[match.end() : end]
        at = end


def _inflate(head: bytes, body: memoryview, budget: int, *, keep: bool) -> tuple[int, bytes]:
    """Inflated size of a stream (all its layers added up, at most just over the budget), text.

    The text is the first ``_KEPT`` bytes; empty without ``keep``.
    """
    match = _FILTER.search(head)
    filters = re.findall(rb"/(\w+)", match.group(1)) if match else []
    total = 0
    content: bytes | memoryview = body
    for at, name in enumerate(filters, 1):
        if name not in (b"FlateDecode", b"Fl"):
            return total + len(content), b""
        kept = budget if at < len(filters) else _KEPT if keep else 0
        size, content = _inflate_once(content, budget - total, kept)
        total += size
        if total > budget:
            break
    return total or len(body), bytes(content[:_KEPT]) if keep else b""


def _inflate_once(data: bytes | memoryview, budget: int, keep: int) -> tuple[int, bytes]:
    # Without the checksum that nothing here looks at: a seventh of the time.
    is_plain = bytes(data[:2]) in _PLAIN_HEADS
    inflate = zlib.decompressobj(-15 if is_plain else 15)
    parts: list[bytes] = []
    size = 0
    try:
        for start in range(2 if is_plain else 0, len(data), _SLICE):
            rest: bytes | memoryview = data[start : start + _SLICE]
            while rest and not inflate.eof:
                part = inflate.decompress(rest, _CHUNK)
                if not part:
                    break
                if size < keep:
                    parts.append(part)
                size += len(part)
                if size > budget:
                    return size, b"".join(parts)
                rest = inflate.unconsumed_tail
            if inflate.eof:
                break
    except zlib.error:
        # Damaged or encrypted: the engines decide what to make of it.
        pass
    return size, b"".join(parts)


def _note_draws(found: _Found, number: int, head: bytes, text: bytes) -> None:
    names = _DO.findall(text) if b"Do" in text else []
    if _FORM.search(head) is None:
        found.page_draws += len(names)
        return
    found.forms[number] = _Form(names, head)


def _check_forms(data: bytes, found: _Found) -> None:
    """Bound the number of times forms are drawn, nested ones multiplied out."""
    if not any(form.names for form in found.forms.values()):
        return
    everywhere: dict[bytes, set[int]] = {}
    for part in (data, *found.object_texts):
        for name, number in _NAMED.findall(part):
            if int(number) in found.forms:
                everywhere.setdefault(name, set()).add(int(number))
    children: dict[int, list[int]] = {}
    for number, form in found.forms.items():
        local = dict(_NAMED.findall(form.dictionary))
        inner: list[int] = []
        for name in form.names:
            if name in local and int(local[name]) in found.forms:
                inner.append(int(local[name]))
            else:
                # Resources held elsewhere: the name with the worst luck.
                inner += list(everywhere.get(name, set()) - {number})[:1]
        children[number] = inner
    weights: dict[int, int] = {}
    worst = max(_weight(number, children, weights, 0) for number in children)
    if worst * max(found.page_draws, 1) > _MAX_FORM_DRAWS:
        raise exceeded(
            "drawings of nested forms", worst * max(found.page_draws, 1), _MAX_FORM_DRAWS
        )


def _weight(
    number: int, children: dict[int, list[int]], weights: dict[int, int], depth: int
) -> int:
    """How many forms are drawn when this one is; a loop counts once, as PDFium draws it."""
    if number in weights:
        return weights[number]
    if depth > _MAX_FORM_DEPTH:
        raise exceeded("levels of nested forms", depth, _MAX_FORM_DEPTH)
    weights[number] = 1
    total = 1 + sum(_weight(child, children, weights, depth + 1) for child in children[number])
    weights[number] = min(total, 10**12)
    return weights[number]


def _check_ranges(text: bytes) -> None:
    for low, high in _RANGE.findall(text):
        # pdfminer opens ranges between codes of one length only; a single code and the surrogate
        # pair that it stands for are none.
        if (len(low) + 1) // 2 == (len(high) + 1) // 2 and int(high, 16) - int(
            low, 16
        ) > _MAX_CODES:
            raise exceeded(
                "codes in one range of a character map", int(high, 16) - int(low, 16), _MAX_CODES
            )


def _check_widths(text: bytes) -> None:
    for widths in _WIDTHS.findall(text):
        for number in _LONG_NUMBER.findall(widths):
            if int(number[:18]) > _MAX_CODES:
                raise exceeded("character codes with widths", int(number[:18]), _MAX_CODES)
