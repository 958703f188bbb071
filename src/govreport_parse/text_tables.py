"""The tables of the folds: which character stands for which, and which ones reports are made of.

Read from the package's data files on first use and kept. Nothing here looks at a text.
"""

from __future__ import annotations

import tomllib
import unicodedata
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
"""Han characters, as in the brackets of a pattern."""
MARK = "\uffff"
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


class Tables(NamedTuple):
    """What folds and script need of ``folds.toml`` and ``traditional.toml``."""

    keep: str
    """One character for each of the BMP: white space kept, ``MARK`` where the length changes."""
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


def data_toml(name: str) -> dict[str, Any]:
    """A data file of the package."""
    return tomllib.loads(_data_text(name))


@cache
def fold_tables() -> Tables:
    """The tables, made once."""
    labels, wide = data_toml("folds.toml"), data_toml("traditional.toml")
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
        keep[ord(c)] = MARK
    drop = keep.copy()
    for c in (*_SPACES, *(_INVISIBLE - {MARK})):
        drop[ord(c)] = " "
    # Prose keeps what simplified text has as well (覆, 於): there only the sense decides.
    both = {c for c in labels["characters"] if _in_gb2312(c)}
    prose = {k: v for k, v in script.items() if k not in both}
    words = {"".join(map(one, k)): v for k, v in labels["words"].items()}
    return Tables(
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
def readings() -> dict[str, str]:
    """Syllable without tone (``ü`` as ``v``) to the simplified characters it can be read as."""
    lines = _data_text("pinyin.txt").splitlines()
    return dict(line.split(" ", 1) for line in lines if not line.startswith("#"))


@cache
def common_han() -> frozenset[str]:
    """The characters that prose is mostly made of, simplified."""
    lines = _data_text("common_han.txt").splitlines()
    return frozenset(c for line in lines if not line.startswith("#") for c in line)
