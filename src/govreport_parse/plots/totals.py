"""Refusal reasons: sums of what is stated."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

from govreport_parse.formbook import REQUESTS
from govreport_parse.formbook import form as form_of
from govreport_parse.plots import canvas
from govreport_parse.plots.canvas import Lang, Words, plural, say
from govreport_parse.plots.rows import rows_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SAY: dict[str, Words] = {
    "title": ("不予公开的理由", "reasons for refusal"),
    "requests": ("件", "requests"),
    "blank": ("{n}个单元格无数值，未计入", "{n} cells without a number are not counted"),
    "nothing": ("未列明", "not stated"),
    "failed": ("{n}份文件未能读取", "{n} documents could not be read"),
    "count": ("{n}份报告", "{n} reports"),
}
_COLOUR = "#D55E00"


def refusals(data: Any, *, lang: Lang = "zh", ax: Axes | None = None) -> Axes:
    """How many requests were refused for which of the form's eight reasons, over all the data.

    Bars add up the cells that hold a number; a reason that no report states has no bar and says
    so. How many cells hold none is told below.
    """
    canvas.check_lang(lang)
    table = form_of("ogi_annual_2021").table(REQUESTS)
    reasons = [row for row in table.rows if row.parent == "refused"]
    paths = [f"{REQUESTS}/{row.key}/total" for row in reasons]
    rows = rows_of(data, paths)
    sums = [float(rows.frame[path].sum(min_count=1)) for path in paths]
    blank = int(rows.frame[paths].isna().to_numpy().sum())
    notes = [plural(len(rows.frame), _SAY, "count", lang)]
    if blank:
        notes.append(plural(blank, _SAY, "blank", lang))
    if rows.failed:
        notes.append(plural(rows.failed, _SAY, "failed", lang))
    with canvas.style():
        labels = [r.label if lang == "zh" else _short(r.label_en) for r in reasons]
        ax = canvas.axes_of(ax, 6.2 + canvas.room_for(labels), 3.8)
        ys = range(len(reasons))
        ax.barh(ys, sums, color=_COLOUR, height=0.68)
        longest = max((s for s in sums if not isnan(s)), default=0.0)
        for y, total in zip(ys, sums, strict=True):
            stated = not isnan(total)
            text = f"{total:,.0f}" if stated else say(_SAY["nothing"], lang)
            at = total if stated else 0.0
            colour = "black" if stated else canvas.GREY
            ax.text(at + longest * 0.01, y, f" {text}", va="center", size=9, color=colour)
        ax.set_yticks(list(ys), labels)
        ax.set_ylim(len(reasons) - 0.5, -0.5)
        ax.set_xlim(0, longest * 1.1 or 1)
        canvas.whole_numbers(ax.xaxis)
        canvas.finish(ax, say(_SAY["title"], lang), say(_SAY["requests"], lang), notes)
    return ax


def _short(label: str) -> str:
    return label.removeprefix("refused: ").replace(
        "disclosure prohibited by other laws or regulations", "prohibited by other laws"
    )
