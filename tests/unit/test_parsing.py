"""parse and parse_many: one call from bytes to a checked report, and what bad input ends in."""

from __future__ import annotations

import io
import pickle
import random
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import govreport_parse as gov
from govreport_parse.errors import (
    DecodeError,
    GovReportError,
    LimitExceededError,
    NotAReportError,
    UnsupportedFormatError,
    UsageError,
)
from govreport_parse.testing import (
    Record,
    as_bytes,
    judge,
    random_record,
    render_html,
    render_text,
)

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


def record(seed: int = 7, **options: object) -> Record:
    return random_record(random.Random(seed), **options)  # type: ignore[arg-type]


def page(seed: int = 7, layout: str = "clean") -> str:
    return render_html(record(seed, size="county"), layout, "hanweb").text


@pytest.mark.skipif(not SEEDS.exists(), reason="the shared seed is not at hand")
def test_seed_gives_all_figures_sections_and_the_traces_of_its_mirror() -> None:
    (path,) = SEEDS.glob("*.txt")
    report = gov.parse(path)
    shown = {p: v for p, v in report.values.items() if v}
    assert shown == {
        "proactive_disclosure/licensing/decisions": 30,
        "proactive_disclosure/penalties/decisions": 26,
    }
    assert report.completeness["reported"] == 200
    assert report.completeness["holds"] == 42
    assert (report.year, report.organ, report.title) == (2023, None, None)
    keys = [s.key for s in report.sections]
    assert keys == ["preamble", *[s.key for s in gov.forms()[0].sections]]
    overview = report.sections[1]
    assert [h for h, _ in overview.subsections][:2] == ["(一)主動公開", "(二)依申請公開"]
    assert "我局過政府網站公開555條政府信息" in overview.text
    assert "|" not in "".join(s.text for s in report.sections)
    findings = {f.code: f for f in report.findings}
    assert dict(findings["text_glossed"].detail)["count"] == 38
    damage = findings["text_damage"]
    raw = path.read_text("utf-8")
    at = dict(damage.detail)
    assert "敝贫" in damage.message
    assert raw[at["start"] : at["end"]] == "?!敝贫?"
    given = gov.parse(path, organ="石台县交通运输局", year=2023)
    assert (given.organ, given.organ_source) == ("石台县交通运输局", "caller")


@pytest.mark.skipif(not CORPUS.exists(), reason="the shared corpus is not at hand")
def test_blank_form_is_all_blank_and_says_so() -> None:
    report = gov.parse(CORPUS / "blank_form_2021.docx")
    assert report.completeness["blank"] == 200
    assert "all_blank" in {f.code for f in report.findings}


@pytest.mark.parametrize("form", ["ogi_annual_2021", "ogi_annual_2019", "hybrid"])
def test_figures_and_frame_of_a_page(form: str) -> None:
    made = record(3, form=form, size="county")
    rendered = render_html(made, "word", "trs")
    report = gov.parse(rendered.text)
    assert not judge(rendered.expected, {f.path: (f.state, f.value) for f in report})
    assert report.form == ("mixed" if form == "hybrid" else form)
    assert report.completeness["checks"] == (42 if form == "ogi_annual_2021" else 40)
    assert (report.organ, report.year) == (made.organ, made.year)


def test_gb18030_page_under_a_utf8_label_is_read_right_and_the_lie_is_a_finding() -> None:
    rendered = render_html(record(5, size="small"), "clean", "ucap")
    source = as_bytes(rendered.text, "gb18030", declared="utf-8")
    report = gov.parse(source.data)
    assert not judge(rendered.expected, {f.path: (f.state, f.value) for f in report})
    assert report.source.encoding == "gb18030"
    assert "charset_label_wrong" in {f.code for f in report.findings}


def test_two_reports_on_one_page_are_both_read() -> None:
    one, two = record(1, size="county"), record(2, size="small")
    report = gov.parse(render_text(one, "B").text + "\n" + render_text(two, "B").text)
    assert report.values == one.values()
    (other,) = report.others
    assert other.values == two.values()
    assert other.report_id == report.report_id + "#2"
    assert (other.organ, other.year) == (two.organ, two.year)
    assert len(gov.to_frame([report], "reports")) == 2


def test_zip_attachment_gives_its_reports_and_names_the_rest() -> None:
    made = [record(i, size="small") for i in (1, 2)]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for i, one in enumerate(made):
            archive.writestr(f"{i}.html", render_html(one, "word").text)
        archive.writestr("note.txt", "说明：附件为各单位报告。" * 20)
    report = gov.parse(buffer.getvalue())
    assert report.values == made[0].values()
    assert [o.values for o in report.others] == [made[1].values()]
    (finding,) = [f for f in report.findings if f.code == "from_archive"]
    assert [name for name, *_ in dict(finding.detail)["failed"]] == ["note.txt"]


def test_zip_without_report_names_its_members() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("note.txt", "说明：附件为各单位报告。" * 20)
    with pytest.raises(NotAReportError, match=r"note\.txt"):
        gov.parse(buffer.getvalue())


def test_solve_false_leaves_lost_places_ambiguous() -> None:
    rendered = render_text(record(4, size="small"), "concat")
    solved = gov.parse(rendered.text)
    plain = gov.parse(rendered.text, solve=False)
    assert solved.completeness["solved"] > 100
    assert plain.completeness["solved"] == 0
    for path, state in solved.states.items():
        if state == "solved":
            assert plain[path].state == "ambiguous"
            assert plain[path].value is None


def test_callers_values_win_and_say_so() -> None:
    report = gov.parse(
        page(), organ="某县人民政府", year=2022, division_code="341722", url="http://a.gov.cn/b"
    )
    assert (report.organ, report.organ_source) == ("某县人民政府", "caller")
    assert (report.year, report.year_source) == (2022, "caller")
    assert report.division_code == "341722"
    assert report.source.url == "http://a.gov.cn/b"
    assert "caller_overrides" in {f.code for f in report.findings}


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"year": 1023}, "year"),
        ({"year": "2022"}, "year"),
        ({"year": 2022.0}, "year"),
        ({"year": True}, "year"),
        ({"organ": 5}, "organ"),
        ({"url": 5}, "url"),
        ({"division_code": "34172"}, "six"),
        ({"division_code": 341722}, "division_code"),
    ],
)
def test_wrong_arguments_are_usage_errors(options: dict[str, object], word: str) -> None:
    with pytest.raises(UsageError, match=word):
        gov.parse(page(), **options)  # type: ignore[arg-type]


def test_a_figure_by_its_short_name() -> None:
    report = gov.parse(page())
    assert report["rq_granted_total"] == report["requests/granted/total"]


@pytest.mark.parametrize("name", [5, None, ("requests", "granted", "total")])
def test_a_figure_is_named_by_a_text(name: object) -> None:
    with pytest.raises(UsageError):
        gov.parse(page())[name]  # type: ignore[index]


@pytest.mark.parametrize("sources", [None, "page.html", b"bytes", 5])
def test_parse_many_wants_many(sources: object) -> None:
    with pytest.raises(UsageError):
        gov.parse_many(sources)  # type: ignore[arg-type]


def test_parse_many_wants_whole_jobs() -> None:
    with pytest.raises(UsageError):
        gov.parse_many([page()], jobs="2")  # type: ignore[arg-type]


def test_an_address_is_no_document() -> None:
    with pytest.raises(UsageError, match="address"):
        gov.parse("https://www.example.gov.cn/report.html")


def test_unknown_figure_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="requests/granted/total"):
        gov.parse(page())["requests/grantd/total"]


def test_missing_file_is_an_error_about_the_file() -> None:
    with pytest.raises(UsageError, match=r"no-such-report\.html"):
        gov.parse("no-such-report.html")


# -- bad input ---------------------------------------------------------------------------------

PARAGRAPH = "为进一步做好相关工作，现将有关情况公布如下，请各单位认真组织实施。"
ERROR_PAGE = (
    "<html><head><title>404</title></head><body><h1>页面不存在</h1>"
    "<p>您访问的页面已删除。</p></body></html>"
)
LIST_PAGE = (
    "<html><head><title>政府信息公开年报</title></head><body><ul>"
    + "".join(
        f'<li><a href="/art/{y}/1.html">清溪县人民政府{y}年政府信息公开工作年度报告</a></li>'
        for y in range(2015, 2025)
    )
    + "</ul></body></html>"
)
ENFORCEMENT = (
    "<html><head><title>青石县水利局2023年度行政执法统计年报</title></head><body>"
    "<h1>青石县水利局2023年度行政执法统计年报</h1><p>一、总体情况</p>"
    + f"<p>{PARAGRAPH}</p>"
    * 4
    + "<table><tr><td>类别</td><td>数量</td></tr><tr><td>行政许可</td><td>15</td></tr>"
    "<tr><td>行政处罚</td><td>8</td></tr><tr><td>行政强制</td><td>0</td></tr>"
    "<tr><td>行政事业性收费</td><td>8</td></tr></table><p>五、存在的主要问题</p>"
    + f"<p>{PARAGRAPH}</p>" * 4
    + "</body></html>"
)
READING_PAGE = (
    "<html><head><title>《清溪县2023年政府信息公开工作年度报告》解读</title></head><body>"
    "<h1>《清溪县2023年政府信息公开工作年度报告》文字解读</h1>"
    + f"<p>{PARAGRAPH}</p>" * 12
    + "</body></html>"
)
OTHER_REPORT = (
    "<html><head><title>清溪县2023年法治政府建设年度报告</title></head><body><h1>清溪县2023年法治政府建设年度报告</h1>"
    + "<p>一、主要做法</p>"
    + f"<p>{PARAGRAPH}</p>" * 8
    + "<p>二、存在的问题</p>"
    + f"<p>{PARAGRAPH}</p>" * 4
    + "<table><tr><td>项目</td><td>数量</td></tr><tr><td>培训</td><td>12</td></tr></table>"
)


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (b"", UnsupportedFormatError),
        (bytes(range(256)) * 40, UnsupportedFormatError),
        (ERROR_PAGE, NotAReportError),
        (LIST_PAGE, NotAReportError),
        (READING_PAGE, NotAReportError),
        (OTHER_REPORT, NotAReportError),
        (ENFORCEMENT, NotAReportError),
        ("今天天气很好。" * 20, NotAReportError),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, GovReportError),
        (b"%PDF-1.4\nnot really", GovReportError),
        (b"Rar!\x1a\x07\x00" + b"\0" * 50, UnsupportedFormatError),
        ("<table><tr><td>" * 100_000, GovReportError),
    ],
    ids=[
        "empty",
        "binary",
        "error page",
        "list",
        "解读",
        "other report",
        "enforcement statistics",
        "prose",
        "png",
        "broken pdf",
        "rar",
        "nested",
    ],
)
def test_what_is_no_report_ends_in_a_typed_error_with_a_hint(
    source: str | bytes, error: type[GovReportError]
) -> None:
    with pytest.raises(error) as caught:
        gov.parse(source)
    assert caught.value.message
    assert caught.value.hint
    assert pickle.loads(pickle.dumps(caught.value)).message == caught.value.message


def test_truncated_page_keeps_what_it_shows() -> None:
    made = record(8, size="county")
    text = render_html(made, "clean").text
    cut = text[: text.index("结转下年度继续办理")]
    report = gov.parse(cut)
    for path, value in report.values.items():
        assert value in (None, made.cells[path].value), path
    assert report["requests/carried_forward/total"].state == "absent"
    assert report["review_and_litigation/review/total"].state == "absent"
    assert {"table_missing", "table_incomplete"} <= {f.code for f in report.findings}


def test_giant_spans_and_numbers_stay_flagged() -> None:
    made = record(8, size="county")
    text = render_html(made, "clean").text
    giant = text.replace('rowspan="8"', 'rowspan="1000000000"', 1)
    for path, value in gov.parse(giant).values.items():
        assert value in (None, made.cells[path].value), path
    value = made.cells["requests/requests_received/natural_person"].text
    at = text.index(f">{value}<", text.index("本年新收"))
    long = text[: at + 1] + "9" * 5000 + text[at + 1 + len(value) :]
    figure = gov.parse(long)["requests/requests_received/natural_person"]
    assert (figure.value, figure.state) == (None, "unreadable")


@pytest.mark.parametrize("noise", ["\0", "\ud800", "\x0b", "\u202e"])
def test_nul_surrogates_and_controls_do_not_harm(noise: str) -> None:
    made = record(9, size="small")
    for text in (render_html(made, "clean").text, render_text(made, "B").text):
        broken = text.replace("公开", f"公{noise}开", 3)
        report = gov.parse(broken)
        assert not [p for p, v in report.values.items() if v not in (None, made.cells[p].value)]
        report.to_json().encode("utf-8")
        str(report).encode("utf-8")


def test_report_picture_of_a_table_is_told() -> None:
    made = record(10, size="small")
    text = render_html(made, "clean", "trs").text
    start = text.index("<table", text.index("收到和处理政府信息公开申请情况"))
    end = text.index("</table>", start) + len("</table>")
    report = gov.parse(text[:start] + '<p><img src="W020240118.png" width="600"></p>' + text[end:])
    codes = {f.code for f in report.findings}
    assert {"table_missing", "table_as_picture"} <= codes
    assert report["requests/granted/total"].state == "absent"
    assert report["review_and_litigation/review/total"].state == "reported"


# -- many ----------------------------------------------------------------------------------------


def test_parse_many_keeps_order_and_never_stops() -> None:
    sources = [page(1), b"", page(2), ERROR_PAGE, page(3)]
    results = list(gov.parse_many(sources))
    assert [type(r).__name__ for r in results] == [
        "Report",
        "Failure",
        "Report",
        "Failure",
        "Report",
    ]
    assert results[0].report_id != results[2].report_id
    failure = results[1]
    assert isinstance(failure, gov.Failure)
    assert failure.to_dict()["error"]["type"] == "UnsupportedFormatError"


def test_parse_many_is_the_same_over_processes_and_executors() -> None:
    sources = [page(i) for i in range(6)] + ["nothing"]
    serial = [r.to_dict() for r in gov.parse_many(sources)]
    assert [r.to_dict() for r in gov.parse_many(iter(sources), jobs=2)] == serial
    with ThreadPoolExecutor(2) as pool:
        assert [r.to_dict() for r in gov.parse_many(sources, executor=pool)] == serial


def test_a_pickled_report_is_small_and_equal() -> None:
    for text in (page(), render_text(record(6, size="county"), "C").text):
        report = gov.parse(text)
        data = pickle.dumps(report)
        assert len(data) < 60_000
        assert pickle.loads(data).to_dict() == report.to_dict()


def test_same_bytes_same_result() -> None:
    assert gov.parse(page()).to_json() == gov.parse(page()).to_json()


def test_limit_for_texts() -> None:
    with pytest.raises(LimitExceededError):
        gov.parse("公开" * 9_000_000)


def test_numbers_before_their_label_are_not_given_to_the_next_row() -> None:
    made = record(12, size="county")
    rows = {r.key: r for r in gov.forms()[0].table("proactive_disclosure").rows}
    lines = [
        "\t".join(
            [
                *(
                    made.cells[f"proactive_disclosure/{key}/{c}"].text
                    for c in ("issued", "repealed", "in_force")
                ),
                rows[key].label,
            ]
        )
        for key in ("rules", "normative_documents")
    ]
    text = render_text(made, "tabs").text
    start = text.index("规章\t")
    end = text.index("\n", text.index("行政规范性文件\t"))
    report = gov.parse(text[:start] + "\n".join(lines) + text[end:])
    for path, value in report.values.items():
        assert value in (None, made.cells[path].value), path


def _packed(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "<a/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "kind", "message", "hint"),
    [
        (
            _packed("[Content_Types].xml", "_rels/.rels"),
            DecodeError,
            "Word file without word/document.xml, which holds its text",
            "save it again",
        ),
        (
            _packed("[Content_Types].xml", "word/styles.xml"),
            DecodeError,
            "Word file without word/document.xml, which holds its text",
            "save it again",
        ),
        (
            _packed(),
            UnsupportedFormatError,
            "<bytes> is a ZIP archive with nothing in it",
            "fetch the document again",
        ),
        (
            _packed("[Content_Types].xml", "ppt/presentation.xml"),
            UnsupportedFormatError,
            "<bytes> is a presentation (PowerPoint)",
            "give the report as HTML",
        ),
    ],
)
def test_packed_files_without_a_text_say_what_they_are(
    data: bytes, kind: type[DecodeError], message: str, hint: str
) -> None:
    with pytest.raises(DecodeError) as caught:
        gov.parse(data)
    assert type(caught.value) is kind
    assert caught.value.message == message
    assert hint in caught.value.hint


def test_an_odt_is_no_archive_of_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no LibreOffice here
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("Thumbnails/thumbnail.png", b"\x89PNG\r\n\x1a\n")
    with pytest.raises(UnsupportedFormatError, match=r"\.odt file needs LibreOffice"):
        gov.parse(packed.getvalue())


def test_a_page_saved_as_one_file_says_how_to_save_it() -> None:
    saved = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\n"
    with pytest.raises(DecodeError) as caught:
        gov.parse(saved)
    assert caught.value.hint is not None
    assert "HTML only" in caught.value.hint
