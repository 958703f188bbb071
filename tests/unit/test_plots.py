"""Charts: what is drawn is what the reports say, gaps are gaps, and Chinese is readable."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes

import govreport_parse as gov
from govreport_parse import plots
from govreport_parse.formbook import form
from govreport_parse.testing import CellText, Record, record_of, render_html
from govreport_parse.values import State

mpl.use("Agg")
import matplotlib.pyplot as plt

RECEIVED = "requests/requests_received/total"
DONE = "requests/outcomes_total/total"
HAS_CHINESE = len(plots.canvas.fonts()) > 1
A, B = "青禾县人民政府", "沙溪县人民政府"


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Charts warn where there is no Chinese font; that is tested apart."""
    with warnings.catch_warnings():
        if not HAS_CHINESE:
            warnings.simplefilter("ignore")
        yield
    plt.close("all")


def report(
    figures: Mapping[str, int],
    organ: str = A,
    year: int = 2023,
    *,
    blank: tuple[str, ...] = (),
    of: str = "ogi_annual_2021",
) -> gov.Report:
    record: Record = record_of(
        {f"requests/{k}": v for k, v in figures.items()}, organ=organ, year=year, form=of
    )
    for path in blank:
        record = record.with_cell(f"requests/{path}", CellText("", None, State.BLANK))
    made = gov.parse(render_html(record, "clean").text.encode())
    assert (made.organ, made.year) == (organ, year)
    return made


def lines(ax: Axes) -> dict[str, list[float | None]]:
    return {
        str(line.get_label()): [None if np.isnan(y) else float(y) for y in line.get_ydata()]  # type: ignore[union-attr, arg-type]
        for line in ax.get_lines()
    }


def bars(ax: Axes) -> dict[str, list[float]]:
    """Legend label to the widths of its segments, from top to bottom."""
    return {
        str(c.get_label()): [float(p.get_width()) for p in c.patches]  # type: ignore[attr-defined]
        for c in ax.containers
    }


def texts(ax: Axes) -> str:
    return "\n".join(t.get_text() for t in ax.findobj(mpl.text.Text))


# -- trend -----------------------------------------------------------------------------------------


def test_a_trend_has_the_values_and_gaps_where_there_are_none() -> None:
    reports = [
        report({"requests_received/total": 30}, A, 2021),
        report({"requests_received/total": 0}, A, 2022),
        report({"requests_received/total": 12}, A, 2024),
        report({"requests_received/total": 7}, B, 2021),
        report({}, B, 2022, blank=("requests_received/total",)),
        report({"requests_received/total": 9}, B, 2023),
    ]
    ax = plots.trend(reports, RECEIVED)
    assert lines(ax) == {A: [30, 0, None, 12], B: [7, None, 9, None]}
    assert [t.get_text() for t in ax.get_xticklabels()] == ["2021", "2022", "2023", "2024"]
    assert "本年新收政府信息公开申请数量" in ax.get_title(loc="left")
    assert "空缺" in ax.get_xlabel()
    assert ax.get_ylabel() == "件"


def test_both_forms_make_one_line() -> None:
    parts = {"lapsed_no_clarification/total": 2, "other_handling_other/total": 3}
    reports = [
        report({"other_handling/total": 4}, A, 2020, of="ogi_annual_2019"),
        report(parts, A, 2021),
        report(parts, A, 2022, blank=("lapsed_fee_unpaid/total",)),
    ]
    ax = plots.trend(reports, "requests/other_handling/total", lang="en")
    assert lines(ax) == {A: [4, 5, None]}
    assert "gaps: blank" in ax.get_xlabel()
    assert ax.get_ylabel() == "cases (件)"


def test_reports_of_one_year_that_differ_are_hollow_and_without_a_line() -> None:
    reports = [
        report({"requests_received/total": 5}, A, 2021),
        report({"requests_received/total": 6}, A, 2022),
        report({"requests_received/total": 8}, A, 2022),
    ]
    ax = plots.trend(reports, RECEIVED)
    line, hollow = ax.get_lines()
    assert [float(y) for y in line.get_ydata()[:1]] == [5]  # type: ignore[index, arg-type]
    assert np.isnan(line.get_ydata()[1])  # type: ignore[index, arg-type]
    assert hollow.get_linestyle() == "None"
    assert list(hollow.get_xydata().ravel()) == [2022, 6, 2022, 8]  # type: ignore[union-attr]
    assert "空心点" in ax.get_xlabel()


def test_the_largest_organs_are_drawn_and_the_others_counted() -> None:
    names = [f"{c}岭县人民政府" for c in "甲乙丙丁"]
    reports = [report({"requests_received/total": 10 + k}, n) for k, n in enumerate(names)]
    ax = plots.trend(reports, RECEIVED, most=2)
    assert list(lines(ax)) == [names[3], names[2]]
    assert "2个机关，共4个" in ax.get_xlabel()
    ax = plots.trend(reports, RECEIVED, organs=[names[0]])
    assert lines(ax) == {names[0]: [10]}
    with pytest.raises(gov.UsageError, match="no report of"):
        plots.trend(reports, RECEIVED, organs=["某县"])


def test_a_figure_without_any_value_says_so() -> None:
    ax = plots.trend([report({}, blank=("requests_received/total",))], RECEIVED)
    assert lines(ax) == {A: [None]}
    assert "没有数值" in texts(ax)


def test_amounts_are_in_wan_yuan() -> None:
    path = "proactive_disclosure/administrative_fees/amount"
    made = [
        record_of({path: 12}, organ=A, year=2022),
        record_of({path: 3}, organ=A, year=2023, style="yuan"),
    ]
    reports = [gov.parse(render_html(m, "clean").text.encode()) for m in made]
    assert reports[1][path].unit == "元"
    for data in (reports, gov.to_frame(reports, "wide"), gov.to_frame(reports, "long")):
        ax = plots.trend(data, path)
        assert lines(ax) == {A: [12, 3]}
        assert ax.get_ylabel() == "万元"


# -- outcomes, applicants, refusals ----------------------------------------------------------------

OUTCOMES = {
    "granted/total": 10,
    "granted_in_part/total": 4,
    "refused_state_secret/total": 1,
    "refused_internal_affairs/total": 2,
    "not_held/total": 5,
    "repeated_request/total": 6,
    "other_handling_other/total": 7,
    "outcomes_total/total": 35,
}
SEGMENTS = {
    "予以公开": 10,
    "部分公开": 4,
    "不予公开": 3,
    "无法提供": 5,
    "不予处理": 6,
    "其他处理": 7,
}


def test_outcomes_add_up_the_groups_of_the_form() -> None:
    ax = plots.outcomes(report(OUTCOMES))
    assert bars(ax) == {k: [v] for k, v in SEGMENTS.items()}
    assert [t.get_text() for t in ax.get_yticklabels()] == [f"{A} 2023"]


def test_what_is_blank_is_not_stated_and_no_zero() -> None:
    ax = plots.outcomes(report(OUTCOMES, blank=("granted/total", "other_handling_other/total")))
    found = bars(ax)
    assert found["未列明（总计减去已填各项）"] == [17]  # 10 granted and 7 otherwise
    assert found["不予公开"] == [3]


def test_shares_are_of_the_total() -> None:
    ax = plots.outcomes([report(OUTCOMES)], share=True, lang="en")
    found = {k: v[0] for k, v in bars(ax).items()}
    assert found["granted"] == pytest.approx(10 / 35)
    assert sum(found.values()) == pytest.approx(1)


def test_bars_of_years_leave_out_and_count_what_has_no_total() -> None:
    reports = [
        report(OUTCOMES, A, 2022),
        report(OUTCOMES, B, 2022),
        report(OUTCOMES, A, 2023, blank=("outcomes_total/total",)),
        report({**OUTCOMES, "outcomes_total/total": 30}, B, 2023),
    ]
    ax = plots.outcomes(reports, by="year")
    granted, nothing = bars(ax)["予以公开"]
    assert granted == 20
    assert np.isnan(nothing)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["2022年（2份）", "2023年（0份）"]
    assert "1份报告没有总计" in ax.get_xlabel()
    assert "1份报告各项之和大于总计" in ax.get_xlabel()
    assert "无可画数据" in texts(ax)


def test_no_requests_have_no_shares() -> None:
    ax = plots.outcomes([report(OUTCOMES), report({}, B)], share=True)
    assert "1份报告总计为0" in ax.get_xlabel()
    shares = bars(ax)["予以公开"]
    assert np.isnan(shares[[t.get_text() for t in ax.get_yticklabels()].index(f"{B} 2023")])


def test_applicants_of_the_new_requests() -> None:
    row = "requests_received"
    ax = plots.applicants(
        report({f"{row}/natural_person": 20, f"{row}/business": 3, f"{row}/total": 25})
    )
    found = bars(ax)
    assert (found["自然人"], found["商业企业"], found["法律服务机构"]) == ([20], [3], [0])
    assert found["未列明（总计减去已填各项）"] == [2]


def test_refusals_are_summed_and_what_nobody_states_has_no_bar() -> None:
    blank = ("refused_state_secret/total",)
    reports = [
        report({"refused_internal_affairs/total": 2}, A, blank=blank),
        report({"refused_internal_affairs/total": 3}, B, blank=blank),
    ]
    ax = plots.refusals(reports)
    widths = [p.get_width() for p in ax.patches]  # type: ignore[attr-defined]
    names = [t.get_text() for t in ax.get_yticklabels()]
    assert widths[names.index("属于三类内部事务信息")] == 5
    assert np.isnan(widths[names.index("属于国家秘密")])
    assert widths[names.index("属于行政执法案卷")] == 0
    assert "2个单元格无数值" in ax.get_xlabel()
    assert texts(ax).count("未列明") == 1


# -- a dataset and frames --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def some() -> list[gov.Report]:
    return [report(OUTCOMES, A, y) for y in (2021, 2023)] + [report(OUTCOMES, B, 2022)]


def failure() -> gov.Failure:
    (result,) = gov.parse_many(["春季运动会通知"])
    assert isinstance(result, gov.Failure)
    return result


@pytest.fixture(scope="module")
def data(some: list[gov.Report], tmp_path_factory: pytest.TempPathFactory) -> gov.Dataset:
    folder = tmp_path_factory.mktemp("plots") / "d"
    gov.write_dataset([*some, failure()], folder)
    return gov.load(folder)


def test_dataset_reports_and_frames_give_the_same_chart(
    data: gov.Dataset, some: list[gov.Report]
) -> None:
    kinds: dict[str, Any] = {
        "dataset": data,
        "wide": gov.to_frame(some, "wide"),
        "long": gov.to_frame(some, "long"),
        "dataset wide": data.wide(),
        "iterator": iter(some),
    }
    for given in kinds.values():
        ax = plots.outcomes(given, by="year")
        assert bars(ax) == {k: [v, v, v] for k, v in SEGMENTS.items()}
        plt.close(ax.figure)
    panel = data.panel([RECEIVED, DONE])
    assert lines(plots.trend(panel, DONE)) == {A: [35, None, 35], B: [None, 35, None]}


def test_a_dataset_hides_no_report_without_organ_or_year(tmp_path: Path) -> None:
    named, nameless, undated = (report(OUTCOMES, A, y) for y in (2021, 2021, 2022))
    # figures of their own: else they would be copies
    nameless.columns.values[0], undated.columns.values[0] = 77, 78
    nameless.organ, undated.year = None, None
    for i, one in enumerate((named, nameless, undated)):
        one.report_id = f"{i:016x}"
        one.source = replace(one.source, sha256=f"{i:064x}", url=f"https://h{i}.example/")
    reports = [named, nameless, undated]
    gov.write_dataset(reports, tmp_path / "d")
    data = gov.load(tmp_path / "d")
    for given in (reports, data):
        ax = plots.outcomes(given, by="year")
        assert [t.get_text() for t in ax.get_yticklabels()] == ["2021年（2份）"]
        assert "1份报告年份不详，未画" in ax.get_xlabel()
        ax = plots.outcomes(given, by="report")
        assert sorted(t.get_text() for t in ax.get_yticklabels())[-1].startswith("（机关不详）")


def test_the_heat_map_has_a_square_for_every_organ_and_year(data: gov.Dataset) -> None:
    for given in (data, data.coverage()):
        ax = plots.coverage(given)
        (mesh,) = ax.collections
        names = [t.get_text() for t in ax.get_yticklabels()]
        grid = dict(zip(names, np.asarray(mesh.get_array()).tolist(), strict=True))
        assert grid == {A: [0, 3, 0], B: [3, 0, 3]}  # complete: 0, not found: 3
        assert "另有1份文件" in ax.get_xlabel()
        legend = ax.get_legend()
        assert legend is not None
        assert [t.get_text() for t in legend.get_texts()] == ["完整", "未找到"]
    ax = plots.coverage(data, divisions={"341722": "石台县"}, years=[2022], lang="en")
    assert [t.get_text() for t in ax.get_yticklabels()] == ["石台县"]


def test_checks_are_counted_by_kind(data: gov.Dataset, some: list[gov.Report]) -> None:
    wrong = report({**OUTCOMES, "outcomes_total/total": 36})
    states = {c.id: c.state for c in wrong.checks if c.scope == "total"}
    assert states["t3_outcomes"] == gov.CheckState.BROKEN
    for given in ([wrong], gov.to_frame([wrong], "checks")):
        ax = plots.checks(given, lang="en")
        place = [t.get_text() for t in ax.get_yticklabels()].index("table 3: outcomes add up")
        assert bars(ax)["broken"][place] == pytest.approx(1 / 7)  # one of the seven columns
        assert "6 / 1 / 0" in texts(ax)
    ax = plots.checks(data)
    assert "3份报告" in ax.get_xlabel()
    assert "21 / 0 / 0" in texts(ax)  # outcomes: seven columns in three reports


def test_failures_are_counted_below(some: list[gov.Report]) -> None:
    for draw in (plots.outcomes, plots.refusals, plots.applicants, plots.checks):
        assert "1份文件未能读取" in draw([*some, failure()]).get_xlabel()
    assert "1份文件未能读取" in plots.trend([*some, failure()], DONE).get_xlabel()


# -- how it looks ----------------------------------------------------------------------------------


@pytest.mark.skipif(not HAS_CHINESE, reason="no font with Chinese characters")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_character_has_a_glyph_and_nothing_leaves_the_picture(
    data: gov.Dataset, some: list[gov.Report], lang: Any, tmp_path: Path
) -> None:
    charts = [
        plots.trend(data, DONE, lang=lang),
        plots.outcomes(some, lang=lang),
        plots.applicants(some, share=True, lang=lang),
        plots.refusals(some, lang=lang),
        plots.coverage(data, lang=lang),
        plots.checks(data, lang=lang),
    ]
    for k, ax in enumerate(charts):
        # a missing glyph is a warning, and warnings are errors here
        ax.figure.savefig(tmp_path / f"{k}.png")
        drawn, page = ax.get_tightbbox(), ax.figure.bbox
        assert drawn is not None
        assert drawn.x0 >= page.x0
        assert drawn.x1 <= page.x1
        assert drawn.y0 >= page.y0
        assert drawn.y1 <= page.y1


def test_settings_of_matplotlib_are_left_alone(some: list[gov.Report]) -> None:
    before = dict(mpl.rcParams)
    plots.outcomes(some)
    with plots.style():
        assert mpl.rcParams["axes.unicode_minus"] is False
        assert mpl.rcParams["font.family"] == list(plots.canvas.fonts())
    assert dict(mpl.rcParams) == before


def test_the_callers_axes_are_drawn_into(some: list[gov.Report]) -> None:
    figure, axes = plt.subplots(1, 3, figsize=(24, 6), layout="constrained")
    assert plots.outcomes(some, ax=axes[0]) is axes[0]
    assert plots.trend(some, DONE, ax=axes[1]) is axes[1]
    assert plots.checks(some, ax=axes[2]) is axes[2]
    assert len(figure.axes) == 3
    # they were made with other fonts; a missing glyph would be a warning, thus an error
    figure.canvas.draw()


def test_negative_numbers_are_written_with_a_plain_minus() -> None:
    layout = form("ogi_annual_2019").layout
    row = next(f.path for f in layout.figures if f.column.type == "signed")
    made = [
        record_of({row: v}, organ=A, year=y, form="ogi_annual_2019")
        for v, y in ((-30, 2019), (5, 2020))
    ]
    ax = plots.trend([gov.parse(render_html(m, "clean").text.encode()) for m in made], row)
    ax.figure.canvas.draw()
    labels = [t.get_text() for t in ax.get_yticklabels()]
    assert "-30" in labels
    assert lines(ax) == {A: [-30, 5]}


def test_no_chinese_font_is_a_warning(
    some: list[gov.Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("govreport_parse.plots.canvas.fonts", lambda: ("DejaVu Sans",))
    with pytest.warns(UserWarning, match="no font with Chinese"):
        plots.outcomes(some)


# -- wrong use -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (
            lambda r: plots.trend(r, "requests/grantd/total"),
            "did you mean 'requests/granted/total'",
        ),
        (lambda r: plots.trend(r, DONE, lang="fr"), "no language 'fr'"),
        (lambda r: plots.trend("report.html", DONE), "not of str"),
        (lambda r: plots.trend(3, DONE), "not of int"),
        (lambda r: plots.trend([1], DONE), "not int"),
        (lambda r: plots.trend([], DONE), "no reports to draw"),
        (lambda r: plots.checks([]), "no checks to draw"),
        (lambda r: plots.outcomes(r, by="organ"), "no bars by 'organ'"),
        (lambda r: plots.outcomes(r, ax=3), "not int"),
        (lambda r: plots.coverage(r), "drawn of a dataset, not of list"),
        (lambda r: plots.outcomes(gov.to_frame(r, "reports")), "no column 'rq_granted_total'"),
        (lambda r: plots.checks(gov.to_frame(r, "wide")), "no column 'id'"),
        (
            lambda r: plots.refusals(gov.to_frame(r, "wide").drop(columns="year")),
            "no column 'year'",
        ),
    ],
)
def test_wrong_use_is_said(draw: Any, words: str, some: list[gov.Report]) -> None:
    with pytest.raises(gov.UsageError) as caught:
        draw(some)
    assert words in str(caught.value)


def test_without_matplotlib_the_extra_is_named(
    some: list[gov.Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(gov.UsageError, match=r"govreport_parse\[plot\]"):
        plots.outcomes(some)


def test_the_package_offers_the_charts_without_loading_matplotlib() -> None:
    import subprocess

    code = (
        "import sys, govreport_parse as gov\n"
        "assert gov.plots.trend and 'plots' in dir(gov)\n"
        "assert 'matplotlib' not in sys.modules and 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_blank_parts_of_other_handling_leave_what_is_stated(tmp_path: Path) -> None:
    """其他处理 is one row of 2019 and three of 2021; a blank third does not hide the others."""
    one = report(OUTCOMES, A, 2021, blank=("lapsed_fee_unpaid/total",))
    old = report(
        {"granted/total": 5, "other_handling/total": 4, "outcomes_total/total": 9},
        A,
        2020,
        of="ogi_annual_2019",
    )
    gov.write_dataset([one, old], tmp_path / "d")
    data = gov.load(tmp_path / "d")
    for given in ([old, one], data, gov.to_frame([old, one], "wide")):
        found = bars(plots.outcomes(given, by="year"))
        assert found["其他处理"] == [4, 7]
        assert "未列明（总计减去已填各项）" not in found
    # a panel of what both forms have: the thirds are not in it, so the 7 are not stated
    found = bars(plots.outcomes(data.panel(), by="year"))
    assert found["其他处理"] == [4, 0]
    assert found["未列明（总计减去已填各项）"] == [0, 7]
