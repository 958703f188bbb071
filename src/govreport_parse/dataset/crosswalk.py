"""Which figures of the two annual forms are the same quantity, figure by figure.

Derived from the codebook (``comparable_with``), never from labels: the same path in both forms is
the same quantity; the 2019 form's 其他处理 is the sum of three rows of 2021; everything else stands
under its own name and is null for reports of the other form.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from typing import Literal

from govreport_parse.codebooks import WAN, Entry, entries, figures_by_path
from govreport_parse.errors import UsageError

How = Literal["same", "sum", "only"]


@dataclass(frozen=True, slots=True)
class Line:
    """One column of the panel and the figures that it is made of.

    ``how``: ``same`` path in both forms; ``sum``: ``path`` where the report has it, else the sum of
    ``parts``; ``only``: one form asks for it.
    """

    name: str
    how: How
    path: str
    parts: tuple[str, ...]
    forms: tuple[str, ...]
    zh: str
    en: str
    unit: str | None
    type: str
    note: str

    @property
    def is_amount(self) -> bool:
        """Whether it is money, given in 万元."""
        return self.type == "decimal"


@cache
def crosswalk() -> tuple[Line, ...]:
    """One line a figure of the panel, in form order."""
    out = []
    for entry in entries():
        if entry.path is None:
            continue
        equation = _equation(entry)
        if equation is not None and equation[0] != entry.path:
            continue  # a part of a sum: it has a line of its own below
        out.append(_line(entry, equation[1] if equation else ()))
    parts = {p for line in out for p in line.parts}
    out += [_line(e, ()) for e in entries() if e.path in parts]
    return tuple(out)


def _equation(entry: Entry) -> tuple[str, tuple[str, ...]] | None:
    """``whole = part + part`` of the codebook as paths."""
    whole, sign, parts = (entry.comparable_with or "").partition(" = ")
    return (whole, tuple(parts.split(" + "))) if sign else None


def _line(entry: Entry, parts: tuple[str, ...]) -> Line:
    assert entry.path is not None
    specs = figures_by_path()[entry.path]
    forms = {s.form for s in specs} | {s.form for p in parts for s in figures_by_path()[p]}
    amount = entry.type == "decimal"
    how: How = "sum" if parts else "same" if len(specs) > 1 else "only"
    return Line(
        name=entry.short + (WAN if amount else ""),
        how=how,
        path=entry.path,
        parts=parts,
        forms=tuple(sorted(forms)),
        zh=entry.zh,
        en=entry.en,
        unit="万元" if amount else entry.unit,
        type=entry.type,
        note=entry.note,
    )


def chosen(figures: Sequence[str] | None) -> list[Line]:
    """The lines of paths or names, each once (of a set in form order), or all that are comparable.

    ``UsageError``: unknown figure.
    """
    if figures is None:
        return [line for line in crosswalk() if line.how != "only"]
    if isinstance(figures, str):
        figures = [figures]
    if not isinstance(figures, Iterable):
        raise UsageError(
            f"figures are names, not {type(figures).__name__}", hint="see Dataset.crosswalk()"
        )
    unordered = isinstance(figures, AbstractSet)
    known: dict[str, Line] = {}
    for line in crosswalk():
        known.setdefault(line.path, line)
        known[line.name] = line
        known.setdefault(line.name.removesuffix(WAN), line)
    out = []
    for name in figures:
        if not isinstance(name, str) or name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            raise UsageError(
                f"no figure {name!r}"[:200],
                hint=f"did you mean {near[0]!r}?" if near else "see Dataset.crosswalk()",
            )
        out.append(known[name])
    return list(dict.fromkeys(sorted(out, key=crosswalk().index) if unordered else out))
