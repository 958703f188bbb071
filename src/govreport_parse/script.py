"""Script of Chinese prose: how much of it is common, whether it is traditional, made simplified."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from govreport_parse.text_tables import HAN, common_han, fold_tables

_SAMPLE = 4000
_TRADITIONAL_SHARE = 0.05
_AMBIGUOUS_NAME = re.compile("乾(?=[县縣安陵])|於(?=[潜潛])")
"""Place names in which t2s would alter a character that is right."""


def common_share(text: str) -> float:
    """Share of the characters that are frequent in prose of either script; 0 for no text."""
    common, script = common_han(), fold_tables().script
    return sum(script.get(c, c) in common for c in text) / len(text) if text else 0.0


def common_han_share(text: str, limit: int | None = _SAMPLE) -> tuple[int, float]:
    """Number of Han characters among the first ``limit``, and the share of frequent ones.

    About 0.9 for reports in either script, below 0.3 for text in the wrong charset.
    """
    han = "".join(_HAN_RUN.findall(text))[:limit]
    return len(han), common_share(han)


_HAN_RUN = re.compile(f"[{HAN}]+")


def is_traditional(text: str) -> bool:
    """Whether at least 5 % of the Han characters exist in traditional script only."""
    only = fold_tables().traditional_only
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
        return text.translate(fold_tables().prose)
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
