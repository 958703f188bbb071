"""The result as tables of plain text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Rows = Sequence[Mapping[str, Any]]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as their widest cell; the first is aligned left, the others right."""
    lines = [list(head), *map(list, rows)]
    widths = [max(_width(line[i]) for line in lines) for i in range(len(head))]
    out = []
    for line in lines:
        cells = [
            cell + " " * (w - _width(cell)) if i == 0 else " " * (w - _width(cell)) + cell
            for i, (cell, w) in enumerate(zip(line, widths, strict=True))
        ]
        out.append("  ".join(cells).rstrip())
    return "\n".join(out)


def _width(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def times(rows: Rows) -> str:
    """A table for each document that was timed."""
    out = []
    for document in dict.fromkeys(r["input"] for r in rows):
        mine = [r for r in rows if r["input"] == document]
        if not any("ms" in r for r in mine):
            continue
        head = (document, "ms", "x floor", "x ours", "samples", "right", "wrong", "missing")
        out.append(table(head, (_timed(r) for r in mine)))
    return "\n\n".join(out)


def _timed(row: Mapping[str, Any]) -> list[str]:
    counts = [str(row.get(key, "")) for key in ("right", "wrong", "missing")]
    if "right" in row:
        counts[0] += f"/{row['of']}"
    if "ms" not in row:
        return [row["tool"], row["status"][:60], "", "", "", *counts]
    return [
        row["tool"],
        with_spread(row["ms"]),
        with_spread(row.get("to_floor")),
        with_spread(row.get("to_ours")),
        str(row["ms"]["samples"]),
        *counts,
    ]


def with_spread(found: Mapping[str, float] | None) -> str:
    """Median and quartiles, three digits each."""
    if found is None:
        return ""
    return f"{_short(found['median'])} [{_short(found['low'])}-{_short(found['high'])}]"


def _short(value: float) -> str:
    if value < 1e-3:
        return "<0.001"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def answers(rows: Rows) -> str:
    """Figures of all documents of the run, timed or not, by tool."""
    sums: dict[str, list[int]] = {}
    for row in rows:
        if "right" in row:
            total = sums.setdefault(row["tool"], [0, 0, 0, 0, 0])
            for i, key in enumerate(("right", "wrong", "missing", "of")):
                total[i] += row[key]
            total[4] += 1
    head = ("figures of all documents", "right", "wrong", "missing", "of", "documents", "share")
    return table(
        head,
        ([tool, *map(str, t), f"{100 * t[0] / t[3]:.1f} %"] for tool, t in sums.items()),
    )


def memory(rows: Rows) -> str:
    """Peak memory in a child process by tool."""
    head = ("peak memory in a child process", "before", "grown", "x document", "document")
    return table(head, (_weighed(r) for r in rows))


def _weighed(row: Mapping[str, Any]) -> list[str]:
    if "grown" not in row:
        return [row["tool"], row["status"][:60], "", "", row["input"]]
    grown = row["grown"]
    return [
        row["tool"],
        f"{row['before'] / 2**20:.0f} MiB",
        f"{grown / 2**20:.1f} MiB",
        f"{grown / row['bytes']:.1f}",
        row["input"],
    ]


def goals(found: Iterable[Mapping[str, Any]]) -> str:
    """Goal, value, met or not."""
    verdict = {True: "met", False: "NOT MET", None: "not measured"}
    head = ("goal", "value", "goal", "", "remark")
    return table(
        head,
        (
            [
                g["what"],
                "" if g["value"] is None else _short(g["value"]),
                g["goal"],
                verdict[g["met"]],
                g["remark"],
            ]
            for g in found
        ),
    )
