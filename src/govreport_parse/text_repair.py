"""Repairs of damaged prose, each with offsets into the raw text.

Kinds of ``Repair`` made here: ``gloss`` (pinyin with a tone mark behind a character),
``gloss_plain`` (pinyin without one), ``mojibake`` (a known phrase that a byte-wise splitter
damaged), ``zero_width`` (invisible characters), ``question_mark_nbsp`` (a line of nothing but
the ``?`` that a non-breaking space became). Kinds of ``Damage``: ``shifted_bytes`` (a false
sentence end, then characters read one byte off), ``bopomofo`` (the same, after which row A8 of
GB 2312 appears), ``cut_character`` (the ASCII trail byte of a lost character, still glossed).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from govreport_parse.glosses import TONED, Span, cut, find_glosses
from govreport_parse.script import common_share, is_traditional
from govreport_parse.text_tables import MARK, data_toml, fold_tables
from govreport_parse.values import Repair

__all__ = ["Damage", "Repaired", "repair"]


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
    keep = fold_tables().keep
    return tuple(
        _Phrase(
            p["before"].translate(keep),
            p["damaged"].translate(keep),
            p["after"].translate(keep),
            p["repaired"],
        )
        for p in data_toml("phrases.toml")["phrases"]
    )


_ROW_A2 = "\u2160-\u217f\u2460-\u249b\u3220-\u3229"
_DAMAGE = re.compile(
    rf"[?\ufffd][!！](?=[{_ROW_A2}\u4e00-\u9fff])"
    r"|[。!！][\u3105-\u3129]"
    rf"|[!-~][(（](?=[a-züɑɡ]{{0,5}}[{TONED}])[a-züɑɡ{TONED}]{{1,6}}[)）]"
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
    view = text.translate(fold_tables().keep)
    spans = _invisible_runs(text, view) + (find_glosses(view) if "(" in view else [])
    damage = _damage(text)
    if damage:
        spans += _known_phrases(view)
    if "?" in text and (any(s.kind == "gloss" for s in spans) or is_traditional(text)):
        spans += [
            Span(m.start(), m.end(), "", "question_mark_nbsp")
            for m in _BLANK_QUESTION.finditer(text)
            if "?" in m[0]
        ]
    spans = _disjoint(spans)
    repairs = tuple(Repair(s.kind, s.start, s.end, text[s.start : s.end], s.after) for s in spans)
    return Repaired(text, cut(text, spans) if spans else text, repairs, damage)


def _invisible_runs(text: str, view: str) -> list[Span]:
    if MARK not in view:
        return []
    expansions = fold_tables().expansions
    spans: list[Span] = []
    for i, mark in enumerate(view):
        if mark == MARK and text[i] not in expansions:
            if spans and spans[-1].end == i:
                spans[-1] = spans[-1]._replace(end=i + 1)
            else:
                spans.append(Span(i, i + 1, "", "zero_width"))
    return spans


def _known_phrases(view: str) -> list[Span]:
    view = view.replace("\ufffd", "?")
    spans: list[Span] = []
    for p in _phrases():
        needle = p.before + p.damaged + p.after
        at = view.find(needle)
        while at >= 0:
            start = at + len(p.before)
            spans.append(Span(start, start + len(p.damaged), p.repaired, "mojibake"))
            at = view.find(needle, at + len(needle))
    return spans


def _disjoint(spans: list[Span]) -> list[Span]:
    """In order; of two that overlap the longer one."""
    out: list[Span] = []
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
    gain = common_share(data[1:].decode("gbk", "ignore")) - common_share(text[at:end])
    # A second lost byte at the end of the run leaves a `?` of its own: then a tie is enough.
    lost = stop is not None and stop[0] in "?\ufffd"
    return gain > 0 or (lost and (gain == 0 or len(data) == 2))
