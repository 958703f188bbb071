"""Two engines over one PDF: when the second is asked, and what is said where they disagree.

Engines of the same file differ by nature where a PDF says one thing and draws another: text with
``/ActualText (7)`` is drawn as 5. PDFium gives what is said, pdfplumber what is drawn.
"""

from __future__ import annotations

import pytest

from govreport_parse.checks import engines
from govreport_parse.documents import pdf_plumber
from govreport_parse.documents.model import Document, Paragraph, Table
from govreport_parse.documents.pdf import read_pdf
from govreport_parse.documents.pdf_compare import Difference, differences
from govreport_parse.errors import UnsupportedFormatError, UsageError
from govreport_parse.parsing import parse, read_document
from govreport_parse.report import Report
from govreport_parse.values import State

from .pdf_reports import report_pdf

RECEIVED = "requests/requests_received/natural_person"
OUTCOMES = "requests/outcomes_total/total"
# Where the first figure of table 3 stands: column 4 of pdf_reports, row 4, middle of the cell.
X, Y = 318, 842 - 147


def filled(first: str = "0", at: int = 11) -> bytes:
    """A report of zeros whose ``at``-th figure is ``first`` (11: the first of table 3)."""
    return bytes(report_pdf(_fill(first, at))[0])


def _fill(text: str, at: int):  # type: ignore[no-untyped-def]
    count = iter(range(1, 1000))
    return lambda: text if next(count) == at else "0"


def two_faced() -> bytes:
    """The first figure of table 3 is said to be 7 and drawn as 5."""
    pdf, sheet = report_pdf(_fill("", 11))
    sheet.raw(f"/Span << /ActualText (7) >> BDC BT /HV 8 Tf {X} {Y} Td (5) Tj ET EMC")
    return bytes(pdf)


def engine_findings(report: Report) -> list[str]:
    return [f.code for f in report.findings if f.code.startswith("engine")]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The pages of each reading by the reference engine."""
    seen: list[list[int]] = []
    inner = pdf_plumber.read_pages

    def counted(data: bytes, limits, only=None, hidden=None):  # type: ignore[no-untyped-def]
        found = inner(data, limits, only, hidden)
        seen.append([page.number for page in found.pages])
        return found

    monkeypatch.setattr(pdf_plumber, "read_pages", counted)
    return seen


# -- when ------------------------------------------------------------------------------------------


def test_a_clean_report_is_read_once_by_the_fast_engine(asked: list[list[int]]) -> None:
    report = parse(filled())
    assert asked == []
    assert engine_findings(report) == []


@pytest.mark.parametrize(
    ("first", "why"), [("4", "a broken sum: 4 received, 0 answered"), ("4O", "a cell that is none")]
)
def test_a_report_in_doubt_is_read_again(asked: list[list[int]], first: str, why: str) -> None:
    report = parse(filled(first))
    assert asked == [[2]], f"{why}: table 3 stands on page 2"
    assert engine_findings(report) == ["engines_agree"]
    (finding,) = [f for f in report.findings if f.code == "engines_agree"]
    assert "read the same 175 figures on page 2" in finding.message
    assert dict(finding.detail)["pages"] == [2]


@pytest.mark.parametrize(
    ("paths", "pages"),
    [
        ((), []),
        ((OUTCOMES,), [1, 2, 3]),
        (("review_and_litigation/review/total",), [2, 3, 4]),
        (("proactive_disclosure/normative_documents/in_force",), [1, 2]),
    ],
)
def test_a_part_that_is_missing_may_stand_on_the_page_beside(
    paths: tuple[str, ...], pages: list[int]
) -> None:
    report = parse(filled())
    for path in paths:
        report.columns.states[report.layout.index[path]] = State.ABSENT
    assert sorted(engines.doubtful_pages(report, {})) == pages


def test_pages_in_doubt_of_every_report_of_the_document() -> None:
    report, other = parse(filled()), parse(filled("4", at=11 + 7 * 24))
    report.others = (other,)
    assert sorted(engines.doubtful_pages(report, {})) == [2]


def test_digits_far_apart_are_looked_at_by_the_way(asked: list[list[int]]) -> None:
    pdf, _ = report_pdf(_fill("4", 11))
    pdf.sheets[0].pieces(70, 700, "(12) -300 (68)", 10)
    assert read_pdf(bytes(pdf)).meta["loose_pages"] == "1"
    parse(bytes(pdf))
    assert asked == [[1, 2]]
    pdf, _ = report_pdf(_fill("0", 11))
    pdf.sheets[0].pieces(70, 700, "(12) -300 (68)", 10)
    parse(bytes(pdf))
    assert asked == [[1, 2]], "no doubt, no second reading"


def test_the_other_pages_are_read_by_the_fast_engine() -> None:
    data = two_faced()
    whole = read_pdf(data, engine="pdfplumber")
    assert differences(whole, read_pdf(data, engine="pdfplumber", only={2})) == []
    fast = read_pdf(data)
    assert len(differences(fast, whole)) == 1
    assert differences(fast, read_pdf(data, engine="pdfplumber", only={1, 3})) == []
    with pytest.raises(UnsupportedFormatError):
        read_pdf(data[: len(data) // 2], engine="pdfplumber", only={2})


def test_a_table_with_a_missing_part_is_in_doubt() -> None:
    report = parse(filled())
    assert not engines.is_doubtful(report)
    i = report.layout.index[OUTCOMES]
    report.columns.states[i] = State.ABSENT
    assert engines.is_doubtful(report)


@pytest.mark.parametrize(("engine", "readings"), [("fast", 0), ("pdfplumber", 1), ("both", 1)])
def test_the_caller_chooses_the_engine(asked: list[list[int]], engine: str, readings: int) -> None:
    report = parse(filled("4"), engine=engine)
    assert len(asked) == readings
    assert report[RECEIVED].value == 4
    said = {"fast": [], "pdfplumber": ["engine_is_reference"], "both": ["engines_agree"]}
    assert engine_findings(report) == said[engine]


@pytest.mark.parametrize(("limit", "value"), [("MAX_PAGES", 2), ("MAX_INK", 500)])
def test_a_large_document_is_not_read_again(
    asked: list[list[int]], monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(engines, limit, value)
    assert engine_findings(parse(filled("4"))) == []
    assert engine_findings(parse(filled("4"), engine="both")) == ["engines_agree"]
    assert len(asked) == 1


@pytest.mark.parametrize("read", [parse, read_document])
def test_an_engine_that_there_is_not_is_refused(read) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UsageError, match="no PDF engine 'mupdf'") as caught:
        read(b"%PDF-1.4", engine="mupdf")
    assert "pdfplumber" in (caught.value.hint or "")


# -- what ------------------------------------------------------------------------------------------


def test_where_the_engines_disagree_both_readings_stand_in_the_finding() -> None:
    report = parse(two_faced())
    assert report[RECEIVED].value == 7
    (finding,) = [f for f in report.findings if f.code.startswith("engine")]
    assert (finding.code, finding.severity) == ("engines_disagree", "warning")
    assert finding.figures == (RECEIVED,)
    assert f"{RECEIVED}: 7 or 5" in finding.message
    detail = dict(finding.detail)
    assert detail["readings"] == {
        RECEIVED: {
            "fast": {"state": "reported", "value": 7, "raw": "7"},
            "pdfplumber": {"state": "reported", "value": 5, "raw": "5"},
        }
    }
    assert finding.locator is not None
    assert (finding.locator.page, finding.locator.row, finding.locator.column) == (2, 4, 4)
    assert parse(two_faced(), engine="pdfplumber")[RECEIVED].value == 5


def test_a_reference_that_fails_is_told_and_harms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise UnsupportedFormatError("pdfplumber can't read this PDF: KeyError")

    monkeypatch.setattr(pdf_plumber, "read_pages", fail)
    report = parse(filled("4"))
    assert report[RECEIVED].value == 4
    (finding,) = [f for f in report.findings if f.code.startswith("engine")]
    assert (finding.code, finding.severity) == ("engine_failed", "info")
    assert "KeyError" in finding.message


def test_reports_of_one_document_are_compared_one_by_one() -> None:
    first, second = parse(filled()), parse(filled("4", at=12), engine="fast")
    more, same = parse(filled()), parse(filled())
    first.others = (second,)
    more.others = (same,)
    engines.second_opinion(first, more)
    assert engine_findings(first) == ["engines_agree"]
    assert engine_findings(second) == ["engines_disagree"]
    alone = parse(filled())
    engines.second_opinion(alone, more)
    assert engine_findings(alone) == ["engines_agree", "engines_disagree"]


def test_a_value_that_was_solved_and_one_that_was_read_agree() -> None:
    first, second = parse(filled("4"), engine="fast"), parse(filled("4"), engine="fast")
    first.columns.states[first.layout.index[RECEIVED]] = State.SOLVED
    assert [f.code for f in engines.compare_engines(first, second)] == ["engines_agree"]
    second.columns.states[first.layout.index[RECEIVED]] = State.DASH
    second.columns.values[first.layout.index[RECEIVED]] = None
    (finding,) = engines.compare_engines(first, second)
    assert f"{RECEIVED}: 4 or dash" in finding.message


# -- blocks side by side ---------------------------------------------------------------------------


def document(*blocks: object) -> Document:
    return Document(list(blocks), "pdf")  # type: ignore[arg-type]


def table(*rows: tuple[str, ...], page: int = 3) -> Table:
    out = Table(1, page=page)
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            out.add(text, r, c)
    out.pages = [page] * len(rows)
    return out


def test_equal_documents_have_no_differences() -> None:
    one = document(Paragraph("甲"), table(("a", "1"), ("b", "2")))
    other = document(Paragraph("甲"), table(("a", "1"), ("b", "2")))
    assert differences(one, other) == []


def test_a_cell_that_differs_is_named_by_its_place() -> None:
    one = document(Paragraph("甲"), table(("a", "1"), ("b", "12")))
    other = document(Paragraph("甲"), table(("a", "1"), ("b", "1 2")))
    assert differences(one, other) == [
        Difference("page 3, table 1, row 2, column 2", "12", "1 2"),
    ]


def test_rows_and_texts_that_one_reading_lacks_are_given_whole() -> None:
    one = document(table(("a", "1"), ("b", "2"), ("c", "3")))
    other = document(Paragraph("乙"), table(("a", "1"), ("c", "3")))
    assert differences(one, other) == [
        Difference("block 1", None, "乙"),
        Difference("page 3, table 1, row 2", "b | 2", None),
    ]


def test_cells_cut_otherwise_make_other_rows() -> None:
    wide = Table(1)
    wide.add("a", 0, 0, 1, 2)
    narrow = Table(1)
    narrow.add("a", 0, 0)
    narrow.add("", 0, 1)
    assert differences(document(wide), document(narrow)) == [
        Difference("table 1, row 1", "a", "a | "),
    ]


def test_very_long_documents_are_compared_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    from govreport_parse.documents import pdf_compare

    monkeypatch.setattr(pdf_compare, "MOST_LINES", 3)
    one = document(Paragraph("甲"), Paragraph("乙"))
    other = document(Paragraph("甲"), Paragraph("丙"), Paragraph("乙"))
    assert differences(one, other) == [
        Difference("block 2", "乙", "丙"),
        Difference("block 3", None, "乙"),
    ]


def test_the_engines_differ_in_the_one_cell() -> None:
    data = two_faced()
    found = differences(read_pdf(data), read_pdf(data, engine="pdfplumber"))
    assert found == [Difference("page 2, table 2, row 4, column 4", "7", "5")]


@pytest.mark.parametrize(
    ("radical", "character"), [("⼀", "一"), ("⽬", "目"), ("⺠", "民"), ("⼾", "户"), ("⾏", "行")]
)
def test_the_reference_names_characters_and_no_radicals(radical: str, character: str) -> None:
    """PDFs of Chromium name radicals (U+2F00 and on, U+2EA0); PDFium undoes it itself."""
    box = {"x0": 0.0, "x1": 8.0, "top": 0.0, "bottom": 8.0}
    turned = pdf_plumber._Turned((0.0, 0.0, 100.0, 100.0), 0)
    assert turned.char({"text": radical, **box})[0] == character
