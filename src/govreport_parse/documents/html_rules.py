"""A style sheet taken apart: CSS text in, the rules out that may hide, colour or add text.

A sheet of a usual page has hundreds of rules of which none matters; so the text is searched for
what may matter first, and only the rules around the hits are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from govreport_parse.documents import html_styles as styles

MAX_SHEET = 400_000
_LONGEST_SELECTOR = 300
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_CONDITION = re.compile(r"[(]|print|speech|not ")
_IDENT = r"-?[a-zA-Z_\u00b7-\uffff][\w-]{0,80}"
_QUOTED = r"\"[\w -]{0,60}\"|'[\w -]{0,60}'"
_PART = (
    rf"(?=[^\s>+~])(?:\*|{_IDENT})?"
    rf"(?:[.#]{_IDENT}|\[[a-zA-Z-]{{1,40}}(?:[~|^$*]?=(?:{_QUOTED}|{_IDENT}))?\]"
    r"|:(?:first|last)-child|:nth-child\([0-9]{1,4}\))*"
)
_SELECTOR = re.compile(rf"{_PART}(?:(?: ?[>+~] ?| ){_PART}){{0,8}}")
"""Of a selector whose blanks are single: two ways to cut a run of them are two too many."""
_PSEUDO = re.compile(r"::?(before|after)\s*$", re.IGNORECASE)
_KEY = re.compile(rf"[.#]({_IDENT})")
_COMBINATOR = re.compile(r"[>+~]+")
_TAG = re.compile(r"[a-zA-Z][\w-]{0,80}")
_CONTENT = re.compile(r"(?:^|;)\s*content\s*:\s*([^;]+)", re.IGNORECASE)
_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")
_MAY_MATTER = tuple(
    map(
        re.compile,
        (
            "display:none", "visibility:", "opacity", "through", "mso-hide", "content:", "clip",
            "transform:", "override", "letter-spacing:-", "font:0",
            "th:[01](?![0-9.])", "ht:[01](?![0-9.])",
            "color:(?:#[ef]|white|snow|ivory|azure|mint|ghost|floral|alice|honey|sea|lavender|old"
            "|transparent|rgba|hsl|rgb\\(2[3-5])",
            "font-size:(?:[0-8]?(?:\\.[0-9]+)?p|0?\\.[0-7]|[0-7]?[0-9]%|xx-|smaller|0)",
            "vertical-align:(?:su|-?[0-9.])", "variant(?:-position)?:su", "text-raise:",
            "top:-(?<!-top:-)[0-9.]", "bottom:(?<!-bottom:)-?[0-9.]",
            "-[0-9]{2}(?:[0-9]|r?em)", "t:[0-9]{4}", "p:[0-9]{4}", "m:[0-9]{4}",
        ),
    )
)  # fmt: skip


class Rule(NamedTuple):
    """One selector with its declarations. ``content``: text that it adds before or behind."""

    selector: str
    style: str
    content: str = ""


class Block(NamedTuple):
    """Selectors and declarations as written; ``matters``: something was found in it."""

    prelude: str
    body: str
    matters: bool


def blocks(sheet: str) -> list[Block]:
    """The rules of a sheet that hold on a screen; empty when none of them can matter.

    Conditions on the size of the window count as not fulfilled.
    """
    css = sheet[:MAX_SHEET]
    # Declarations repeat: each different one is searched once.
    hits = _found(";".join(set(css.split(";"))))
    if not hits and "background" not in css:
        return []
    if "/*" in css or "<!--" in css:
        css = _COMMENT.sub(" ", css)
    matters: dict[str, bool] = {}
    out: list[Block] = []
    opened: list[str] = []
    for piece in css.split("}"):
        *preludes, body = piece.split("{")
        opened += preludes
        if not opened:
            continue
        prelude = opened.pop().rpartition(";")[2].strip()
        if prelude.startswith("@") or (
            opened and (len(opened) >= 8 or not all(map(_holds, opened)))
        ):
            continue
        declared = body.split(";")
        for text in declared:
            if text not in matters:
                matters[text] = bool(_found(text, hits))
        out.append(Block(prelude, body, any(map(matters.__getitem__, declared))))
    return out


def _found(text: str, among: Sequence[re.Pattern[str]] = _MAY_MATTER) -> list[re.Pattern[str]]:
    bare = text.lower()
    for space in _SPACES:
        bare = bare.replace(space, "")
    return [pattern for pattern in among if pattern.search(bare)]


_SPACES = (" ", "\n", "\t", "\r", "\f")


def _holds(condition: str) -> bool:
    lowered = condition.rpartition(";")[2].strip().lower()
    return lowered.startswith(("@media", "@layer")) and not _CONDITION.search(lowered)


@lru_cache(maxsize=1024)
def compact(body: str) -> str:
    """Declarations in lower case without blanks."""
    return "".join(body.split()).lower()


@lru_cache(maxsize=1024)
def verdict(body: str) -> tuple[str, str]:
    """How the declarations hide, else the doubt that they cast (``html_styles``)."""
    style = compact(body)
    how = styles.hidden_how(style)
    return how, "" if how else styles.doubt_of(style)


def rules(block: Block, names: Container[str]) -> Iterator[Rule]:
    """The rules of a block, a selector each, whose last part is one of ``names``.

    ``names``: classes and ids, and tags as ``<td``, in lower case; a selector that names none is
    kept. States (``:hover``) and selectors that are not understood are left out.
    """
    for part in block.prelude.split(",")[:200]:
        key = _key(part)
        if key and key not in names:
            continue
        if len(part) > _LONGEST_SELECTOR:
            continue
        written = " ".join(part.split())
        content = ""
        pseudo = _PSEUDO.search(written)
        if pseudo and not (content := _added(block.body)):
            continue
        selector = written[: pseudo.start()].strip() or "*" if pseudo else written.strip()
        if _SELECTOR.fullmatch(selector):
            yield Rule(selector, compact(block.body), content)


def _key(selector: str) -> str:
    """Class or id of the element itself, else its tag as ``<td``; lower case; may be empty."""
    words = selector.split()
    last = words[-1] if words else ""
    if ">" in last or "+" in last or "~" in last:
        last = _COMBINATOR.split(last)[-1]
    if found := _KEY.findall(last):
        return str(found[-1].lower())
    tag = _TAG.match(last)
    return f"<{tag[0].lower()}" if tag else ""


def _added(body: str) -> str:
    """What ``content`` shows: texts as they are, ``attr()`` and counters as ``0``."""
    found = _CONTENT.findall(body)
    if not found:
        return ""
    value = found[-1].strip()
    if re.match(r"(?:attr|counters?|url)\(", value, re.IGNORECASE):
        return "0"
    if value[:1] not in "\"'":
        return ""
    text = value.strip("\"' ")
    return _ESCAPE.sub(lambda m: chr(min(int(m[1], 16), 0x10FFFF)), text).strip()
