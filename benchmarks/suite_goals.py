"""The goals of the library's speed, and whether a run meets them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from benchmarks.suite_tools import (
    CELLS,
    FAST,
    LEXBOR,
    OURS,
    PANDAS_BS4,
    PANDAS_LXML,
    PDFIUM,
    PDFPLUMBER,
    PYTHON_DOCX,
)

SMALL = "html 9 KB"
SLOPE = 3.0
"""Times the floor that belong to the small page; the rest of its time is the constant."""


@dataclass(frozen=True, slots=True)
class Goal:
    """``value`` is ``None`` where something was not measured."""

    what: str
    value: float | None
    sign: Literal["<=", ">="]
    bound: float
    remark: str = ""

    @property
    def met(self) -> bool | None:
        """``None`` where it was not measured."""
        if self.value is None:
            return None
        return self.value <= self.bound if self.sign == "<=" else self.value >= self.bound

    def described(self) -> dict[str, Any]:
        """For the JSON."""
        return {
            "what": self.what,
            "value": None if self.value is None else float(f"{self.value:.4g}"),
            "goal": f"{self.sign} {self.bound:g}",
            "met": self.met,
            "remark": self.remark,
        }


Medians = Mapping[tuple[str, str], float]
"""(document, tool) to milliseconds."""


def medians(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], float]:
    """Of the rows that were timed."""
    return {(r["input"], r["tool"]): r["ms"]["median"] for r in rows if "ms" in r}


def constant(found: Medians) -> float | None:
    """Milliseconds of a report that do not grow with its page: figures, checks, sections. What the
    small page takes beyond ``SLOPE`` times its bare parse."""
    ours, floor = found.get((SMALL, OURS)), found.get((SMALL, LEXBOR))
    if ours is None or floor is None:
        return None
    return max(0.0, ours - SLOPE * floor)


def goals(rows: Sequence[Mapping[str, Any]], memory: Sequence[Mapping[str, Any]]) -> list[Goal]:
    """All goals, in a fixed order."""
    found = medians(rows)
    page = "html 160 KB"
    return [
        _to_lexbor(found, "html 23 KB", 6.0),
        _to_lexbor(found, page, 3.0),
        _to_lexbor(found, "html 160 KB GBK", 4.0),
        _to_lexbor(found, "html 1.5 MB", 2.5),
        Goal(f"{page}: pandas lxml / ours", _over(found, PANDAS_LXML, OURS, page), ">=", 6.0),
        Goal(f"{page}: pandas bs4 / ours", _over(found, PANDAS_BS4, OURS, page), ">=", 80.0),
        _slowest_text(found),
        Goal("pdf: pdfplumber / our cells", _over(found, PDFPLUMBER, CELLS, "pdf "), ">=", 8.0),
        Goal("pdf: our cells / page load", _over(found, CELLS, PDFIUM, "pdf "), "<=", 2.4),
        Goal(
            "pdf: report / page load",
            _over(found, FAST, PDFIUM, "pdf "),
            "<=",
            2.5,
            "engine=fast: without the second reading where a sum is broken",
        ),
        Goal("docx: python-docx / our cells", _over(found, PYTHON_DOCX, CELLS, "docx "), ">=", 10),
        *_memory(memory),
    ]


def _to_lexbor(found: Medians, page: str, bound: float) -> Goal:
    ours, floor, fixed = found.get((page, OURS)), found.get((page, LEXBOR)), constant(found)
    what = f"{page}: ours less the constant / lexbor"
    if ours is None or floor is None or fixed is None:
        return Goal(what, None, "<=", bound)
    remark = f"{ours / floor:.1f} with the constant of {fixed:.2f} ms"
    return Goal(what, (ours - fixed) / floor, "<=", bound, remark)


def _over(found: Medians, upper: str, lower: str, documents: str) -> float | None:
    """Sum of the medians by sum of the medians, over the documents that begin so or are so called
    and that both were timed on."""
    names = {
        d for d, _ in found
        if (d.startswith(documents) if documents.endswith(" ") else d == documents)
        and (d, upper) in found and (d, lower) in found
    }  # fmt: skip
    if not names:
        return None
    return sum(found[d, upper] for d in names) / sum(found[d, lower] for d in names)


def _slowest_text(found: Medians) -> Goal:
    slow = max((t for (d, tool), t in found.items() if d.startswith("text ") and tool == OURS),
               default=None)  # fmt: skip
    rate = None if slow is None else 1000 / slow
    return Goal(
        "text, slowest dialect: reports/s a core", rate, ">=", 1000, "no ratio: needs a free core"
    )


def _memory(memory: Sequence[Mapping[str, Any]]) -> list[Goal]:
    grown = {(r["input"].split()[0], r["tool"]): r for r in memory if "grown" in r}
    page, pdf = grown.get(("html", OURS)), grown.get(("pdf", FAST))
    other = grown.get(("pdf", PDFPLUMBER))
    return [
        Goal(
            "memory, html 1.5 MB: grown by / document",
            page["grown"] / page["bytes"] if page else None,
            "<=",
            5.0,
        ),
        Goal(
            "memory, pdf: ours / pdfplumber's",
            pdf["grown"] / other["grown"] if pdf and other and other["grown"] else None,
            "<=",
            0.25,
        ),
    ]
