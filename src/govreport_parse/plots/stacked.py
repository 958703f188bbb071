"""What a total is made of: outcomes of the requests, and who made them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any, Literal

from govreport_parse.errors import UsageError
from govreport_parse.formbook import REQUESTS
from govreport_parse.formbook import form as form_of
from govreport_parse.plots import canvas
from govreport_parse.plots.canvas import Lang, Words, plural, say
from govreport_parse.plots.rows import rows_of

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

By = Literal["report", "year"]
SINGLY = 12
"""Up to so many reports have a bar each, unless the caller says otherwise."""
_SAY: dict[str, Words] = {
    "outcomes": ("政府信息公开申请办理结果", "outcomes of the requests"),
    "applicants": ("新收政府信息公开申请的申请人类型", "who made the new requests"),
    "requests": ("件", "requests"),
    "share": ("占总计的比重", "share of the total"),
    "rest": ("未列明（总计减去已填各项）", "not stated (total less what is stated)"),
    "no_total": ("{n}份报告没有总计，未画", "{n} reports without a total are left out"),
    "over": (
        "{n}份报告各项之和大于总计，未画",
        "{n} reports whose parts exceed their total are left out",
    ),
    "zero": ("{n}份报告总计为0，无比重", "{n} reports with a total of 0 have no shares"),
    "no_year": ("{n}份报告年份不详，未画", "{n} reports without a year are left out"),
    "failed": ("{n}份文件未能读取", "{n} documents could not be read"),
    "none": ("无可画数据", "nothing to draw"),
    "unknown": ("（机关不详）", "(organ unknown)"),
    "count": ("{year}年（{n}份）", "{year} (n={n})"),
    "undated": ("年份不详", "no year"),
}
_COLOURS = ("#0072B2", "#56B4E9", "#D55E00", "#E69F00", "#009E73", "#CC79A7")
_GROUPS = ("granted", "granted_in_part", "refused", "not_provided", "not_processed")
_OTHER = "other_handling"


@dataclass(frozen=True, slots=True)
class _Part:
    """One segment of the bars: ``whole`` where it is stated, else the sum of what is stated."""

    label: Words
    paths: tuple[str, ...]
    whole: str | None = None


def outcomes(
    data: Any,
    *,
    by: By | None = None,
    share: bool = False,
    lang: Lang = "zh",
    ax: Axes | None = None,
) -> Axes:
    """What became of the requests: one stacked bar a report, or a year (sums over its reports).

    Segments add up the cells that hold a number; what remains to the printed total is hatched as
    not stated, since a blank is not 0. Reports without a printed total, or whose parts exceed it,
    are left out and counted below. ``by``: ``report`` (default up to 12 reports) or ``year``;
    ``share``: parts of the total instead of numbers of requests. Both forms can be mixed.
    """
    table = form_of("ogi_annual_2021").table(REQUESTS)
    rows = {row.key: row for row in table.rows}
    parts = []
    for key in _GROUPS:
        leaves = [r.key for r in table.rows if r.parent == key and r.is_data] or [key]
        label = rows[key].label.partition("（")[0], rows[key].label_en
        parts.append(_Part(label, tuple(f"{REQUESTS}/{leaf}/total" for leaf in leaves)))
    # one row in the form of 2019, three in that of 2021
    leaves = [r.key for r in table.rows if r.parent == _OTHER]
    label = rows[_OTHER].label, rows[_OTHER].label_en
    paths = tuple(f"{REQUESTS}/{leaf}/total" for leaf in leaves)
    parts.append(_Part(label, paths, f"{REQUESTS}/{_OTHER}/total"))
    return _draw(data, parts, "outcomes_total", "outcomes", by=by, share=share, lang=lang, ax=ax)


def applicants(
    data: Any,
    *,
    by: By | None = None,
    share: bool = False,
    lang: Lang = "zh",
    ax: Axes | None = None,
) -> Axes:
    """Who made the year's new requests: natural persons, businesses and the other kinds.

    Bars and options are those of ``outcomes``.
    """
    kinds = form_of("ogi_annual_2021").table(REQUESTS).blocks[0].columns
    row = "requests_received"
    parts = [
        _Part((c.label, c.label_en), (f"{REQUESTS}/{row}/{c.key}",))
        for c in kinds
        if c.key != "total"
    ]
    return _draw(data, parts, row, "applicants", by=by, share=share, lang=lang, ax=ax)


def _draw(
    data: Any,
    parts: Sequence[_Part],
    row: str,
    title: str,
    *,
    by: By | None,
    share: bool,
    lang: Lang,
    ax: Axes | None,
) -> Axes:
    canvas.check_lang(lang)
    if by not in (None, "report", "year"):
        raise UsageError(f"no bars by {by!r}", hint="'report' or 'year'")
    total = f"{REQUESTS}/{row}/total"
    wanted = [*(path for part in parts for path in part.paths), total]
    wanted += [part.whole for part in parts if part.whole]
    spare = [path for part in parts if part.whole for path in part.paths]
    rows = rows_of(data, wanted, spare)
    by = by or ("report" if len(rows.frame) <= SINGLY else "year")
    bars, notes = _bars(rows.frame, parts, total, by=by, share=share, lang=lang)
    if rows.failed:
        notes.append(plural(rows.failed, _SAY, "failed", lang))
    with canvas.style():
        labels = [say(p.label, lang) for p in parts]
        beside = canvas.room_for(name for name, _ in bars) + canvas.room_for(labels)
        ax = canvas.axes_of(ax, 6.4 + beside, max(2.6, 1.7 + 0.42 * len(bars)))
        _paint(ax, bars, labels, share=share, lang=lang)
        label = say(_SAY["share" if share else "requests"], lang)
        canvas.finish(ax, say(_SAY[title], lang), label, notes)
    return ax


def _bars(
    frame: pandas.DataFrame,
    parts: Sequence[_Part],
    total: str,
    *,
    by: By,
    share: bool,
    lang: str,
) -> tuple[list[tuple[str, list[float]]], list[str]]:
    """Label of every bar and its segments (parts, then what is not stated); and notes."""
    import numpy as np

    stated = np.column_stack([_stated(frame, part) for part in parts])
    whole = frame[total].to_numpy()
    known = ~np.isnan(whole)
    rest = np.where(known, whole, 0) - stated.sum(axis=1)
    fits = known & (rest >= -1e-9)
    undated = frame["year"].isna().to_numpy() if by == "year" else np.zeros(len(frame), bool)
    empty = fits & (whole == 0) & share & (by == "report")
    segments = np.column_stack([stated, np.maximum(rest, 0)])
    good = fits & ~undated
    bars: list[tuple[str, list[float]]] = []
    if by == "report":
        for i in _in_order(frame):
            values = segments[i] if good[i] and not empty[i] else np.full(segments.shape[1], np.nan)
            bars.append((_name(frame.iloc[i], lang), _scaled(values, share=share)))
    else:
        for year in sorted({int(y) for y in frame["year"].dropna()}):
            mine = good & (frame["year"] == year).fillna(False).to_numpy(dtype=bool)
            values = (
                segments[mine].sum(axis=0) if mine.any() else np.full(segments.shape[1], np.nan)
            )
            name = say(_SAY["count"], lang).format(year=year, n=int(mine.sum()))
            bars.append((name, _scaled(values, share=share)))
    counts = {"no_total": ~known, "over": known & ~fits, "zero": empty, "no_year": undated}
    notes = [plural(int(n.sum()), _SAY, key, lang) for key, n in counts.items() if n.any()]
    return bars, notes


def _stated(frame: pandas.DataFrame, part: _Part) -> Any:
    """What is stated of a part; 0 where nothing is, which leaves it to the rest."""
    found = frame[list(part.paths)].sum(axis=1, min_count=1)
    if part.whole is not None:
        found = frame[part.whole].fillna(found)
    return found.fillna(0).to_numpy()


def _in_order(frame: pandas.DataFrame) -> list[int]:
    order = frame.reset_index(drop=True).sort_values(
        ["organ", "year"], kind="stable", na_position="last"
    )
    return [int(i) for i in order.index]


def _name(row: Any, lang: str) -> str:
    import pandas as pd

    organ = say(_SAY["unknown"], lang) if pd.isna(row["organ"]) else row["organ"]
    year = say(_SAY["undated"], lang) if pd.isna(row["year"]) else row["year"]
    return f"{organ} {year}"


def _scaled(values: Any, *, share: bool) -> list[float]:
    whole = values.sum()
    if share:
        values = values / whole if whole > 0 else values * float("nan")
    return [float(v) for v in values]


def _paint(
    ax: Axes,
    bars: Sequence[tuple[str, list[float]]],
    labels: Sequence[str],
    *,
    share: bool,
    lang: str,
) -> None:
    ys = range(len(bars))
    longest = max((sum(v for v in values if not isnan(v)) for _, values in bars), default=0.0)
    left = [0.0] * len(bars)
    for k, label in enumerate(labels):
        colour = _COLOURS[k % len(_COLOURS)]
        widths = [values[k] for _, values in bars]
        ax.barh(ys, widths, left=left, color=colour, height=0.68, label=label)
        for y, width in zip(ys, widths, strict=True):
            if longest and width >= 0.055 * longest:
                text = f"{width:.0%}" if share else f"{width:,.0f}"
                middle = left[y] + width / 2
                ax.text(middle, y, text, ha="center", va="center", size=8, color=canvas.ink(colour))
        left = [a + (0.0 if isnan(b) else b) for a, b in zip(left, widths, strict=True)]
    rest = [values[-1] for _, values in bars]
    if any(v > 0 for v in rest):
        look: dict[str, Any] = {"color": "white", "edgecolor": canvas.GREY, "hatch": "////"}
        ax.barh(ys, rest, left=left, height=0.68, label=say(_SAY["rest"], lang), **look)
    for y, (_, values) in zip(ys, bars, strict=True):
        if all(isnan(v) for v in values):
            ax.text(0, y, "  " + say(_SAY["none"], lang), va="center", size=8, color=canvas.GREY)
    ax.set_yticks(list(ys), [name for name, _ in bars])
    ax.set_ylim(len(bars) - 0.5, -0.5)
    if share:
        ax.set_xlim(0, 1)
        canvas.percents(ax.xaxis)
    else:
        ax.set_xlim(0, longest * 1.03 or 1)
        canvas.whole_numbers(ax.xaxis)
    canvas.legend_beside(ax, fontsize=9)
