"""How whole and how consistent the data are: coverage and the form's own sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isnan
from typing import TYPE_CHECKING, Any

from govreport_parse.errors import UsageError
from govreport_parse.plots import canvas
from govreport_parse.plots.canvas import Lang, Words, plural, say
from govreport_parse.plots.rows import reports_of
from govreport_parse.report import Failure
from govreport_parse.values import CheckState

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

STATUSES: dict[str, tuple[Words, str]] = {
    "complete": (("完整", "complete"), "#009E73"),
    "partial": (("部分", "partial"), "#F0C75E"),
    "failed": (("读取失败", "failed"), "#D55E00"),
    "not found": (("未找到", "not found"), "#E4E4E4"),
}
"""Status of ``Dataset.coverage`` to its words and colour."""
_SAY: dict[str, Words] = {
    "coverage": ("报告覆盖情况", "coverage"),
    "year": ("年份", "year"),
    "lost": (
        "另有{n}份文件不知属于哪个机关或年份",
        "{n} more documents do not say whose or of which year they are",
    ),
    "checks": ("表内勾稽关系", "the form's own sums"),
    "share": (
        "占全部勾稽关系的比重（右侧：成立/不成立/无法核对）",
        "share (right: holds / broken / not checkable)",
    ),
    "reports": ("{n}份报告", "{n} reports"),
    "failed": ("{n}份文件未能读取", "{n} documents could not be read"),
}
_STATES: dict[CheckState, tuple[Words, str]] = {
    CheckState.HOLDS: (("成立", "holds"), "#009E73"),
    CheckState.BROKEN: (("不成立", "broken"), "#D55E00"),
    CheckState.NOT_CHECKABLE: (("无法核对", "not checkable"), "#E4E4E4"),
}
_CHECKS: dict[str, Words] = {
    "t3_balance": (
        "表三：新收+结转=办结+结转下年",
        "table 3: received + carried in = done + forward",
    ),
    "t3_outcomes": ("表三：各办理结果之和=总计", "table 3: outcomes add up"),
    "t3_row_total": ("表三：各类申请人之和=总计", "table 3: applicants add up"),
    "t4_review_total": ("表四：行政复议合计", "table 4: administrative review"),
    "t4_litigation_direct_total": ("表四：未经复议直接起诉合计", "table 4: litigation, direct"),
    "t4_litigation_after_review_total": (
        "表四：复议后起诉合计",
        "table 4: litigation after review",
    ),
}
LABELLED = 90
"""Rows of the heat map that have room for a name each."""


def coverage(
    data: Any,
    divisions: Iterable[str] | Mapping[str, str] | None = None,
    years: Iterable[int] | None = None,
    *,
    lang: Lang = "zh",
    ax: Axes | None = None,
) -> Axes:
    """Who reported in which year: a heat map of divisions (or organs) and years.

    ``data``: a ``Dataset``, or the frame that its ``coverage`` gave; ``divisions`` and ``years``
    are those of ``Dataset.coverage``. Documents that do not say whose they are have no square and
    are counted below.
    """
    canvas.check_lang(lang)
    frame = _coverage_frame(data, divisions, years)
    placed = frame[frame["year"].notna() & ~(frame["organ"].isna() & frame["division_code"].isna())]
    lost = len(frame) - len(placed)
    if placed.empty:
        raise UsageError("there is no coverage to draw", hint="give divisions and years")
    names, columns, grid = _grid(placed)
    with canvas.style():
        height = min(2.0 + 0.24 * len(names), 30.0)
        beside = canvas.room_for(names) + canvas.room_for(("not found",))
        ax = canvas.axes_of(ax, max(4.0, 1.2 + 0.5 * len(columns)) + beside, height)
        from matplotlib.colors import ListedColormap
        from matplotlib.patches import Patch

        colours = [colour for _, colour in STATUSES.values()]
        ax.pcolormesh(
            range(len(columns) + 1),
            range(len(names) + 1),
            grid,
            cmap=ListedColormap(colours),
            vmin=-0.5,
            vmax=len(colours) - 0.5,
            edgecolors="white",
            linewidth=1.0 if len(names) <= LABELLED else 0.0,
        )
        ax.set_ylim(len(names), 0)
        step = 1 + (len(names) - 1) // LABELLED
        places = list(range(0, len(names), step))
        ax.set_yticks([p + 0.5 for p in places], [names[p] for p in places])
        ax.set_xticks([k + 0.5 for k in range(len(columns))], [str(y) for y in columns])
        ax.tick_params(length=0)
        for side in ("left", "bottom"):
            ax.spines[side].set_visible(False)
        present = {int(v) for v in grid.ravel() if not isnan(v)}
        patches = [
            Patch(color=colour, label=say(words, lang))
            for k, (words, colour) in enumerate(STATUSES.values())
            if k in present
        ]
        canvas.legend_beside(ax, handles=patches)
        notes = [plural(lost, _SAY, "lost", lang)] if lost else []
        canvas.finish(ax, say(_SAY["coverage"], lang), say(_SAY["year"], lang), notes)
    return ax


def _coverage_frame(
    data: Any, divisions: Iterable[str] | Mapping[str, str] | None, years: Iterable[int] | None
) -> pandas.DataFrame:
    wanted = ("division_code", "organ", "year", "status")
    frame: pandas.DataFrame
    if hasattr(data, "coverage"):
        frame = data.coverage(divisions, years)
    elif hasattr(data, "columns") and all(n in data.columns for n in wanted):
        if divisions is not None or years is not None:
            raise UsageError(
                "divisions and years go with a dataset", hint="give them to Dataset.coverage()"
            )
        frame = data
    else:
        raise UsageError(
            f"coverage is drawn of a dataset, not of {type(data).__name__}",
            hint="load(folder), or what its coverage() gave",
        )
    unknown = set(frame["status"]) - set(STATUSES)
    if unknown:
        raise UsageError(f"no status {min(map(str, unknown))!r}", hint=", ".join(STATUSES))
    return frame


def _grid(frame: pandas.DataFrame) -> tuple[list[str], list[int], Any]:
    """Row names, years, and the status of every square as its place in ``STATUSES``."""
    import numpy as np
    import pandas as pd

    units: dict[tuple[str, str], int] = {}
    keys = [
        ("" if pd.isna(code) else str(code), "" if pd.isna(organ) else str(organ))
        for code, organ in zip(frame["division_code"], frame["organ"], strict=True)
    ]
    by_code = {code for code, _ in keys if code}
    one_each = all(len({o for c, o in set(keys) if c == code}) == 1 for code in by_code)
    for key in sorted(set(keys)):
        units[key] = len(units)
    columns = sorted({int(y) for y in frame["year"]})
    grid = np.full((len(units), len(columns)), np.nan)
    places = {status: k for k, status in enumerate(STATUSES)}
    for key, year, status in zip(keys, frame["year"], frame["status"], strict=True):
        at = units[key], columns.index(int(year))
        grid[at] = np.fmin(grid[at], places[status])
    names = [_name(code, organ, plain=one_each) for code, organ in units]
    return names, columns, grid


def _name(code: str, organ: str, *, plain: bool) -> str:
    if not organ:
        return code
    return organ if plain or not code else f"{organ} {code}"


def checks(data: Any, *, lang: Lang = "zh", ax: Axes | None = None) -> Axes:
    """How often each kind of the form's sums holds, is broken, or can't be checked.

    ``data``: a ``Dataset``, reports, or a frame of ``to_frame(…, "checks")``. One bar a kind of
    sum over all reports; the three counts stand beside it.
    """
    canvas.check_lang(lang)
    counts, notes = _counts(data, lang)
    if not counts:
        raise UsageError("there are no checks to draw", hint="give reports of the annual forms")
    ids = [i for i in _CHECKS if i in counts] + sorted(set(counts) - set(_CHECKS))
    with canvas.style():
        ax = canvas.axes_of(ax, 9.5, 1.6 + 0.4 * len(ids))
        ys = range(len(ids))
        left = [0.0] * len(ids)
        for state, (words, colour) in _STATES.items():
            widths = [counts[i][state] / sum(counts[i].values()) for i in ids]
            ax.barh(ys, widths, left=left, color=colour, height=0.68, label=say(words, lang))
            left = [a + b for a, b in zip(left, widths, strict=True)]
        for y, i in zip(ys, ids, strict=True):
            text = " / ".join(f"{counts[i][state]:,}" for state in _STATES)
            ax.text(1.01, y, text, va="center", size=9)
        labels = [say(_CHECKS[i], lang) if i in _CHECKS else i for i in ids]
        ax.set_yticks(list(ys), labels)
        ax.set_ylim(len(ids) - 0.5, -0.5)
        ax.set_xlim(0, 1)
        canvas.percents(ax.xaxis)
        # between the title and the bars
        ax.legend(
            ncols=len(_STATES),
            fontsize=9,
            loc="lower left",
            bbox_to_anchor=(0.0, 0.99),
            borderaxespad=0.2,
            handlelength=1.2,
        )
        canvas.finish(ax, say(_SAY["checks"], lang), say(_SAY["share"], lang), notes)
        ax.set_title(ax.get_title(loc="left"), loc="left", pad=24, fontfamily=list(canvas.fonts()))
    return ax


def _counts(data: Any, lang: str) -> tuple[dict[str, dict[CheckState, int]], list[str]]:
    out: dict[str, dict[CheckState, int]] = {}

    def add(name: str, state: str, n: int = 1) -> None:
        row = out.setdefault(name, dict.fromkeys(_STATES, 0))
        row[CheckState(state)] += n

    if hasattr(data, "checks") and hasattr(data, "reports"):
        current = {"duplicate_of": None, "superseded_by": None}
        ids = data.reports.to_pandas(["report_id"], current)["report_id"]
        frame = data.checks.to_pandas(["report_id", "id", "state"])
        frame = frame[frame["report_id"].isin(ids)]
        reports, failed = len(ids), 0
    elif hasattr(data, "columns") and hasattr(data, "iloc"):
        missing = [n for n in ("report_id", "id", "state") if n not in data.columns]
        if missing:
            raise UsageError(
                f"the frame has no column {missing[0]!r}", hint="give to_frame(..., 'checks')"
            )
        frame, failed = data, 0
        reports = frame["report_id"].nunique()
    else:
        frame, reports, failed = None, 0, 0
        for report in reports_of(data):
            if isinstance(report, Failure):
                failed += 1
                continue
            reports += 1
            for check in report.checks:
                add(check.id, check.state)
    if frame is not None:
        for (name, state), n in frame.groupby(["id", "state"], observed=True).size().items():
            add(str(name), str(state), int(n))
    notes = [plural(reports, _SAY, "reports", lang)]
    if failed:
        notes.append(plural(failed, _SAY, "failed", lang))
    return out, notes
