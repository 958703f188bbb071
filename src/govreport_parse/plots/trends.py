"""One figure over the years, one line an organ."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING, Any

from govreport_parse.errors import UsageError
from govreport_parse.formbook.spec import FigureSpec
from govreport_parse.plots import canvas
from govreport_parse.plots.canvas import Lang, say
from govreport_parse.plots.rows import figure_of, rows_of

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

MOST = 8
"""Lines that one chart can hold and still be read."""
_SAY = {
    "unknown": ("（机关不详）", "(organ unknown)"),
    "some": ("仅显示数值最大的{n}个机关，共{all}个", "the {n} largest of {all} organs are shown"),
    "no_year": ("{n}份报告年份不详，未画", "{n} reports without a year are left out"),
    "gaps": ("空缺：报告未填或未找到", "gaps: blank in the report, or no report"),
    "twice": (
        "空心点：同一机关同一年有多份报告且数值不同",
        "hollow: several reports of one organ and year that differ",
    ),
    "none": ("没有数值", "no values"),
    "failed": ("{n}份文件未能读取", "{n} documents could not be read"),
    "year": ("年份", "year"),
}
_UNITS = {"件": "cases (件)", "项": "items (项)", "万元": "10,000 yuan (万元)"}


def trend(
    data: Any,
    figure: str,
    organs: Sequence[str] | None = None,
    *,
    most: int = MOST,
    lang: Lang = "zh",
    ax: Axes | None = None,
) -> Axes:
    """A figure over the report years, one line an organ; a year without a value breaks the line.

    ``figure``: path or short name; amounts are in 万元. ``organs``: names as they stand in the
    data; default all, of which the ``most`` with the largest values are drawn. Several reports of
    one organ and year that differ are hollow points without a line. Raises ``UsageError`` for an
    unknown figure or organ.
    """
    canvas.check_lang(lang)
    spec = figure_of(figure)
    rows = rows_of(data, [spec.path])
    frame = rows.frame
    undated = int(frame["year"].isna().sum())
    frame = frame[frame["year"].notna()]
    if organs is not None:
        frame = _chosen(frame, [organs] if isinstance(organs, str) else list(organs))
    lines = _lines(frame, spec.path, lang)
    shown = sorted(lines, key=lambda name: -_size(lines[name]))[: max(most, 1)]
    with canvas.style():
        own = ax is None
        beside = canvas.room_for(shown) if len(shown) > 1 else 0.0
        ax = canvas.axes_of(ax, 6.4 + beside, 4.2)
        years = [int(y) for y in frame["year"]]
        span = list(range(min(years), max(years) + 1)) if years else []
        several, gaps, drawn = False, False, False
        for k, name in enumerate(shown):
            values = lines[name]
            colour = canvas.LINES[k % len(canvas.LINES)]
            marker = canvas.MARKERS[k // len(canvas.LINES) % len(canvas.MARKERS)]
            ys = [_one(values.get(year, [])) for year in span]
            ax.plot(span, ys, color=colour, marker=marker, markersize=5, label=name)
            twice = [(x, y) for x in span for y in _differing(values.get(x, []))]
            if twice:
                xs, points = zip(*twice, strict=True)
                ax.plot(xs, points, color=colour, marker=marker, mfc="none", linestyle="none")
            several |= bool(twice)
            gaps |= any(isnan(y) for y in ys)
            drawn |= bool(twice) or any(not isnan(y) for y in ys)
        notes = []
        if gaps and drawn:
            notes.append(say(_SAY["gaps"], lang))
        if several:
            notes.append(say(_SAY["twice"], lang))
        if len(shown) < len(lines):
            notes.append(say(_SAY["some"], lang).format(n=len(shown), all=f"{len(lines):,}"))
        if undated:
            notes.append(canvas.plural(undated, _SAY, "no_year", lang))
        if rows.failed:
            notes.append(canvas.plural(rows.failed, _SAY, "failed", lang))
        _frame(ax, span, spec, shown, lang=lang, own=own, drawn=drawn)
        title = spec.label if lang == "zh" else spec.label_en
        if len(shown) == 1:
            title = f"{shown[0]}\n{title}"
        unit = "万元" if spec.column.type == "decimal" else spec.unit or ""
        unit = unit if lang == "zh" else _UNITS.get(unit, unit)
        canvas.finish(ax, title, say(_SAY["year"], lang), notes, unit)
    return ax


def _chosen(frame: pandas.DataFrame, organs: list[str]) -> pandas.DataFrame:
    known = set(frame["organ"].dropna())
    for organ in organs:
        if organ not in known:
            near = difflib.get_close_matches(str(organ), known, n=1)
            raise UsageError(
                f"no report of {organ!r}",
                hint=f"did you mean {near[0]!r}?" if near else "names as they stand in the data",
            )
    return frame[frame["organ"].isin(organs)]


def _lines(frame: pandas.DataFrame, path: str, lang: str) -> dict[str, dict[int, list[float]]]:
    """Name of a line to its values by year; organs of one name are told apart by their code."""
    import pandas as pd

    found: dict[tuple[Any, Any], dict[int, list[float]]] = {}
    columns = (frame["organ"], frame["division_code"], frame["year"], frame[path])
    for organ, code, year, value in zip(*columns, strict=True):
        key = (None if pd.isna(organ) else organ, None if pd.isna(code) else code)
        found.setdefault(key, {}).setdefault(int(year), []).append(float(value))
    names = [organ for organ, _ in found]
    out = {}
    for (organ, code), values in found.items():
        name = organ or say(_SAY["unknown"], lang)
        out[f"{name} ({code or '?'})" if names.count(organ) > 1 else name] = values
    return out


def _one(values: list[float]) -> float:
    """The value that all reports of the year agree on, else ``nan``."""
    stated = {v for v in values if not isnan(v)}
    return stated.pop() if len(stated) == 1 else float("nan")


def _differing(values: list[float]) -> list[float]:
    stated = sorted({v for v in values if not isnan(v)})
    return stated if len(stated) > 1 else []


def _size(values: dict[int, list[float]]) -> float:
    """The largest number of a line; -1 for a line without any."""
    return max((abs(v) for found in values.values() for v in found if not isnan(v)), default=-1.0)


def _frame(
    ax: Axes,
    span: list[int],
    spec: FigureSpec,
    shown: list[str],
    *,
    lang: str,
    own: bool,
    drawn: bool,
) -> None:
    money = spec.column.type == "decimal"
    if span:
        step = 1 + (len(span) - 1) // 15
        ax.set_xticks(span[::step], [str(year) for year in span[::step]])
        ax.set_xlim(span[0] - 0.4, span[-1] + 0.4)
    if drawn:
        (canvas.numbers if money else canvas.whole_numbers)(ax.yaxis)
        if ax.get_ylim()[0] > 0 and spec.column.type != "signed":
            ax.set_ylim(bottom=0)
    else:
        ax.set_yticks([])
        middle: dict[str, Any] = {"transform": ax.transAxes, "ha": "center", "va": "center"}
        ax.text(0.5, 0.5, say(_SAY["none"], lang), color=canvas.GREY, **middle)
    ax.grid(axis="y", alpha=0.25)
    if len(shown) > 1:
        if own:
            canvas.legend_beside(ax)
        else:
            ax.legend(loc="best")
