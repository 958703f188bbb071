"""``../shared/CONTRACT.md``, figures and Python: what a document of any format gives."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import paper
import pytest

import govreport_parse as gov
from govreport_parse import State

FEES = "proactive_disclosure/administrative_fees/amount"
GRANTED = "requests/granted/business"


@pytest.mark.parametrize("form", paper.FORMATS)
def test_every_figure_of_every_format_is_the_one_that_was_printed(form: str) -> None:
    report = gov.parse(paper.FORMATS[form]())
    assert (report.form, report.organ, report.year) == ("ogi_annual_2021", paper.ORGAN, 2023)
    assert {f.path: f.value for f in report} == paper.truth()
    assert {f.state for f in report} == {State.REPORTED}
    assert {c.state.value for c in report.checks} == {"holds"}


@pytest.mark.parametrize("form", paper.FORMATS)
def test_every_figure_says_where_it_stands(form: str) -> None:
    for figure in gov.parse(paper.FORMATS[form]()):
        assert figure.raw == str(paper.truth()[figure.path])
        assert str(figure.locator) not in ("", "nowhere", "None")


def test_paths_stand_in_the_order_of_the_form() -> None:
    paths = [f.path for f in gov.parse(paper.html())]
    assert paths == list(paper.truth())
    assert len(paths) == 200
    assert len({len(p.split("/")) for p in paths}) == 1


def test_the_older_form_has_198_figures() -> None:
    of = {f.id: f for f in gov.forms()}
    assert {k: len(f.figures) for k, f in of.items()} == {
        "ogi_annual_2021": 200,
        "ogi_annual_2019": 198,
        "ogi_stats_2014": 58,
    }


def test_units_and_kinds_of_values() -> None:
    report = gov.parse(paper.html())
    fees = report[FEES]
    assert (fees.value, fees.unit) == (Decimal("38.25"), "万元")
    assert isinstance(fees.value, Decimal)
    assert type(report[GRANTED].value) is int
    assert {f.unit for f in report} <= {"件", "项", "万元", "元", None}


@pytest.mark.parametrize(
    ("printed", "unit"),
    [("382500", "元"), ("382.5", "千元"), ("38.25", "万元"), ("0.003825", "亿元")],
)
def test_an_amount_stays_in_its_unit_and_a_second_column_gives_ten_thousands(
    printed: str, unit: str
) -> None:
    report = gov.parse(paper.html({FEES: printed}, unit=f"单位：{unit}"))
    assert (report[FEES].value, report[FEES].unit) == (Decimal(printed), unit)
    long = report.figures().set_index("path")
    assert (long.value[FEES], long.amount_wan_yuan[FEES]) == (float(printed), 38.25)
    wide = gov.to_frame([report], shape="wide").iloc[0]
    assert (wide.pd_admin_fees_amount, wide.pd_admin_fees_amount_wan) == (float(printed), 38.25)


@pytest.mark.parametrize(
    ("printed", "state"),
    [
        ("", "blank"),
        ("-", "dash"),
        ("—", "dash"),
        ("/", "dash"),
        ("无", "dash"),
        ("空", "dash"),
        ("3.5", "unreadable"),
        ("12 34", "unreadable"),
        ("07", "unreadable"),
        ("0", "reported"),
    ],
)
def test_a_cell_without_a_number_has_its_state_and_never_a_value(printed: str, state: str) -> None:
    for make in (paper.html, paper.text, paper.docx):
        report = gov.parse(make({GRANTED: printed}))
        figure = report[GRANTED]
        assert figure.state == state, make
        assert figure.value == (0 if printed == "0" else None)
        if printed:
            assert figure.raw == printed
        others = {f.path: f.value for f in report if f.path != GRANTED}
        assert others == {k: v for k, v in paper.truth().items() if k != GRANTED}


@pytest.mark.parametrize("printed", ["若干", "约3", "见附件", "*", "3件左右", "(3)", "N/A"])
def test_a_word_in_a_cell_is_no_number_in_any_format(printed: str) -> None:
    for make in (paper.html, paper.docx, paper.xlsx):
        figure = gov.parse(make({GRANTED: printed}))[GRANTED]
        assert (figure.value, figure.state, figure.raw) == (None, State.UNREADABLE, printed)
    report = gov.parse(paper.text({GRANTED: printed}))  # the row may lose its places
    assert report[GRANTED].value is None
    assert report[GRANTED].state in (State.UNREADABLE, State.AMBIGUOUS)
    for figure in report:
        assert figure.value in (None, paper.truth()[figure.path])


def test_a_table_that_is_missing_leaves_absent_figures() -> None:
    page = paper.html()
    start = page.index("<h2>四、")
    report = gov.parse(page[:start] + page[page.index("<h2>五、") :])
    assert len(report) == 200
    lost = {f.path: (f.value, f.state) for f in report if f.path.startswith("review")}
    assert set(lost.values()) == {(None, State.ABSENT)}
    assert {f.path: f.value for f in report if f.path not in lost} == {
        k: v for k, v in paper.truth().items() if k not in lost
    }


def test_places_that_are_lost_are_solved_or_ambiguous() -> None:
    with gov.sample_paths() as paths:
        joined = next(p for p in paths if p.name.startswith("6-"))
        solved, left = gov.parse(joined), gov.parse(joined, solve=False)
    assert solved.completeness["solved"] > 100
    assert left.completeness["solved"] == 0
    for figure in left:
        before = solved[figure.path]
        if before.state == State.SOLVED:
            assert (figure.value, figure.state) == (None, State.AMBIGUOUS)
            assert figure.raw
            assert before.value is not None


# -- sources and what the caller knows -------------------------------------------------------------


def test_path_bytes_and_text_are_sources(tmp_path: Path) -> None:
    page = paper.html()
    path = tmp_path / "a.html"
    path.write_text(page, "utf-8")
    reports = [gov.parse(s) for s in (path, str(path), page.encode(), page)]
    assert len({r.report_id for r in reports}) == 1
    assert reports[0].report_id == reports[0].source.sha256[:16]
    assert len({str(r.values) for r in reports}) == 1


def test_the_format_is_found_from_the_content_and_not_from_the_name(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(paper.docx())
    assert {f.path: f.value for f in gov.parse(path)} == paper.truth()


def test_what_the_caller_says_wins_and_is_told() -> None:
    report = gov.parse(
        paper.html(),
        organ="红柳县水务局",
        year=2022,
        url="http://a.gov.cn/1.html",
        division_code="110000",
    )
    assert (report.organ, report.organ_source) == ("红柳县水务局", "caller")
    assert (report.year, report.year_source) == (2022, "caller")
    assert (report.division_code, report.division_source) == ("110000", "caller")
    assert report.source.url == "http://a.gov.cn/1.html"
    told = " ".join(f.message for f in report.findings if f.code == "caller_overrides")
    assert paper.ORGAN in told
    assert "2023" in told


def test_what_the_document_does_not_say_is_none() -> None:
    page = paper.html().replace(paper.TITLE, "年度报告").replace(paper.PERIOD, "")
    report = gov.parse(page)
    assert (report.organ, report.year, report.published) == (None, None, None)
    assert {f.path: f.value for f in report} == paper.truth()


def test_two_reports_on_one_page_have_numbered_ids() -> None:
    page = paper.html()
    other = paper.html({GRANTED: "9"}, organ="红柳县水务局")
    both = page.replace("</body></html>", "") + other[other.index("<h1>") :]
    first = gov.parse(both)
    assert [r.report_id for r in first.others] == [f"{first.report_id}#2"]
    assert [first.organ, first.others[0].organ] == [paper.ORGAN, "红柳县水务局"]
    assert first[GRANTED].value == paper.truth()[GRANTED]
    assert first.others[0][GRANTED].value == 9


# -- parse_many ------------------------------------------------------------------------------------


def mixed_sources(folder: Path) -> list[object]:
    return [paper.html(), folder / "missing.html", b"", "运动会通知", None, folder, paper.text()]


@pytest.mark.parametrize("how", ["here", "jobs", "executor"])
def test_results_come_in_order_and_no_document_stops_them(tmp_path: Path, how: str) -> None:
    sources = mixed_sources(tmp_path)
    with ThreadPoolExecutor(2) as pool:
        more = {"here": {}, "jobs": {"jobs": 2}, "executor": {"executor": pool}}[how]
        results = list(gov.parse_many(sources, **more))  # type: ignore[arg-type]
    failed = [r.error.__class__.__name__ for r in results if isinstance(r, gov.Failure)]
    assert [isinstance(r, gov.Report) for r in results] == [True, *[False] * 5, True]
    assert failed == [
        "UsageError",
        "UnsupportedFormatError",
        "NotAReportError",
        "UsageError",
        "UsageError",
    ]


def test_results_come_one_by_one() -> None:
    asked: list[int] = []

    def endless() -> object:
        while True:
            asked.append(1)
            yield paper.html()

    results = gov.parse_many(endless())  # type: ignore[arg-type]
    assert isinstance(next(results), gov.Report)
    assert len(asked) < 100


# -- views -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("labels", ["key", "en", "zh"])
def test_a_table_is_a_frame_of_its_rows_and_columns(labels: str) -> None:
    table = gov.parse(paper.html()).table("requests", labels=labels)  # type: ignore[arg-type]
    assert table.shape == (25, 7)
    assert set(map(str, table.dtypes)) == {"Int64"}
    assert list(table.iloc[2]) == [
        paper.truth()[f"requests/granted/{c}"] for c, _ in paper.APPLICANTS
    ]
    if labels == "zh":
        assert list(table.columns) == [name for _, name in paper.APPLICANTS]
        assert [label for _, rows in paper.GROUPS for _, label in rows] == list(table.index)


def test_sections_are_ordered_and_without_tables() -> None:
    sections = [s for s in gov.parse(paper.html()).sections if s.key != "preamble"]
    assert [(s.key, s.heading) for s in sections] == [
        ("overview", "一、总体情况"),
        ("proactive_disclosure", "二、主动公开政府信息情况"),
        ("requests", "三、收到和处理政府信息公开申请情况"),
        ("review_and_litigation", "四、政府信息公开行政复议、行政诉讼情况"),
        ("problems_and_improvements", "五、存在的主要问题及改进情况"),
        ("other_matters", "六、其他需要报告的事项"),
    ]
    assert sections[0].text == "全年主动公开各类信息六百余条，未发生重大舆情。"
    assert sections[2].text == ""


def test_a_broken_sum_names_its_sides_and_figures() -> None:
    report = gov.parse(paper.html({"review_and_litigation/review/total": "11"}))
    (broken,) = [c for c in report.checks if c.state == "broken"]
    # review: 5 + 0 + 1 + 4
    assert (broken.expected, broken.found) == (10, 11)
    assert set(broken.figures) == {f"review_and_litigation/review/{r}" for r, _ in paper.RESULTS}
    (finding,) = [f for f in report.findings if f.code == "identity_broken"]
    assert finding.message
    assert finding.message_zh
    assert "review_and_litigation/review/total" in finding.figures


def test_explain_is_one_paragraph_with_value_raw_place_row_and_checks() -> None:
    told = gov.parse(paper.html()).explain("requests/granted/total")
    assert "\n" not in told.strip()
    value = paper.truth()["requests/granted/total"]
    for words in (
        f"{value} 件",
        "reported",
        f"“{value}”",
        "table 2",
        "（一）予以公开",
        "t3_outcomes",
    ):
        assert words in told


def test_a_report_prints_as_a_card_and_as_tables() -> None:
    report = gov.parse(paper.html())
    assert paper.TITLE in str(report)
    assert report._repr_html_().count("<table") >= 3
    assert "\n" not in repr(report)


def test_a_report_survives_pickling() -> None:
    report = gov.parse(paper.docx())
    assert pickle.loads(pickle.dumps(report)).to_json() == report.to_json()


# -- errors ----------------------------------------------------------------------------------------

TREE = {
    "GovReportError": {"FetchError", "DecodeError", "ParseError", "DatasetError", "UsageError"},
    "FetchError": {"RobotsDisallowedError", "BlockedError", "HttpStatusError", "NetworkError"},
    "DecodeError": {"UnsupportedFormatError", "UnknownEncodingError", "ScannedDocumentError"},
    "ParseError": {"NotAReportError", "LimitExceededError"},
}


def test_the_tree_of_errors() -> None:
    for parent, children in TREE.items():
        for child in children:
            kind = getattr(gov, child)
            assert getattr(gov, parent) in kind.__bases__
            error = pickle.loads(pickle.dumps(kind("said", hint="do", context={"n": 1})))
            assert type(error) is kind
            assert (error.message, error.hint, error.context) == ("said", "do", {"n": 1})


WRONG: dict[str, Callable[[gov.Report], object]] = {
    "no source": lambda _: gov.parse(None),
    "a number": lambda _: gov.parse(5),
    "a list": lambda _: gov.parse([paper.html()]),
    "a folder": lambda _: gov.parse(Path()),
    "no bytes": lambda _: gov.parse(b""),
    "no text": lambda _: gov.parse(" \n"),
    "an address": lambda _: gov.parse("https://www.a.gov.cn/1.html"),
    "noughts": lambda _: gov.parse(b"\0" * 500),
    "a broken PDF": lambda _: gov.parse(b"%PDF-1.7\n%%EOF"),
    "a broken archive": lambda _: gov.parse(b"PK\x03\x04" + b"\0" * 60),
    "a text year": lambda _: gov.parse(paper.html(), year="2023"),  # type: ignore[arg-type]
    "a true year": lambda _: gov.parse(paper.html(), year=True),
    "a huge year": lambda _: gov.parse(paper.html(), year=10**30),
    "an organ that is a number": lambda _: gov.parse(paper.html(), organ=5),  # type: ignore[arg-type]
    "a code that is a number": lambda _: gov.parse(paper.html(), division_code=110000),  # type: ignore[arg-type]
    "a code with a line end": lambda _: gov.parse(paper.html(), division_code="110000\n"),
    "no mapping": lambda _: gov.parse(paper.html(), mapping="nosuch.csv"),
    "an engine": lambda _: gov.parse(paper.html(), engine="quick"),
    "one for many": lambda _: list(gov.parse_many(paper.html())),
    "no jobs": lambda _: list(gov.parse_many([paper.html()], jobs=0)),
    "half jobs": lambda _: list(gov.parse_many([paper.html()], jobs=1.5)),  # type: ignore[arg-type]
    "no figure": lambda r: r[""],
    "part of a path": lambda r: r["requests/granted"],
    "a number for a path": lambda r: r[5],  # type: ignore[index]
    "to explain nothing": lambda r: r.explain("nosuch"),
    "no table": lambda r: r.table("nosuch"),
    "labels in French": lambda r: r.table("requests", labels="fr"),  # type: ignore[arg-type]
    "a shape": lambda r: gov.to_frame([r], shape="tall"),  # type: ignore[arg-type]
    "a frame of texts": lambda _: gov.to_frame(["x"]),  # type: ignore[list-item]
    "a dataset nowhere": lambda _: gov.load("nosuch"),
    "no sources": lambda _: gov.harvest([], "out", contact="me@example.org"),
    "no contact": lambda _: gov.harvest(["http://127.0.0.1/"], "out", contact=None),
    "an unknown option": lambda _: gov.harvest(
        ["http://127.0.0.1/"], "out", contact="me@example.org", speed=5
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_call_is_an_error_of_ours_with_a_hint(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    report = gov.parse(paper.html())
    with pytest.raises(gov.GovReportError) as caught:
        WRONG[wrong](report)
    assert caught.value.message
    assert caught.value.hint or "jobs must be at least 1" in caught.value.message
    assert not list(tmp_path.iterdir())


def test_what_is_no_report_is_an_error_and_never_an_empty_report() -> None:
    for source in ("<p>春季运动会</p>", "春季运动会通知", "| 甲 | 乙 |\n| 1 | 2 |\n"):
        with pytest.raises(gov.NotAReportError):
            gov.parse(source)
