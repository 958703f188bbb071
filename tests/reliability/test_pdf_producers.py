"""PDFs of real producers with random figures: every figure right, by both engines (issue 4).

Reports of both forms are printed by reportlab (which must break the page within table 3, at a row
of our choice), by Chromium and by LibreOffice; the record says what must be read. The browser and
the office suite take seconds a page, so they run with the long tests, where they are installed.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from govreport_parse.documents.pdf import read_pdf
from govreport_parse.documents.pdf_compare import differences
from govreport_parse.parsing import parse
from govreport_parse.testing import Record, random_record, render_html

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
FORMS = ("ogi_annual_2021", "ogi_annual_2019")
CHROMIUM = next((p for n in ("chromium", "google-chrome") if (p := shutil.which(n))), None)
OFFICE = shutil.which("soffice")
STYLE = (
    "<style>body{font-family:'Noto Serif CJK SC','SimSun',serif}table{border-collapse:collapse;"
    "width:100%}td{border:1px solid #000;font-size:13px;padding:3px}</style>"
)


@pytest.fixture
def documents(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """The writers of the fixtures."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    yield pytest.importorskip("fixture_documents")
    sys.modules.pop("fixture_documents", None)


def assert_every_figure(data: bytes, record: Record) -> None:
    for engine in ("fast", "pdfplumber"):
        report = parse(data, engine=engine)
        wrong = {
            path: (cell.text, str(report[path].state), report[path].value)
            for path, cell in record.cells.items()
            if (report[path].state, report[path].value) != (cell.state, cell.value)
        }
        assert wrong == {}, engine
        assert (report.title, report.year) == (record.title, record.year), engine
    # Not the figures alone: the same texts in the same cells.
    assert differences(read_pdf(data), read_pdf(data, engine="pdfplumber")) == []


def pages_of_requests(data: bytes) -> set[int | None]:
    report = parse(data, engine="fast")
    places = (report.locator(i) for i, p in enumerate(report.layout.paths) if "requests/" in p)
    return {place.page for place in places if place is not None}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(3))
def test_reportlab_with_table_3_over_two_pages(documents, seed: int, form: str) -> None:  # type: ignore[no-untyped-def]
    pytest.importorskip("reportlab")
    rng = random.Random(seed)
    record = random_record(rng, form, rng.choice(["small", "county"]), blanks=0.1)
    rows = [r.key for r in record.layout.table("requests").blocks[0].data_rows]
    # Seed 1 cuts a row in two, whose group of labels goes on below.
    at = "refused_process_information" if seed == 1 else rng.choice(rows[2:-2])
    data = documents.pdf(record, break_before=at, cut_row=seed == 1)
    assert_every_figure(data, record)
    assert len(pages_of_requests(data)) == 2


@pytest.mark.long
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(3))
def test_chromium(tmp_path: Path, seed: int, form: str) -> None:
    # Prose of different length lets the page end elsewhere in the tables.
    record = random_record(random.Random(seed), form, "county", blanks=0.1)
    filler = f"<p>{'全县各部门按照要求落实公开任务。' * (40 * seed)}</p>"
    page = tmp_path / "report.html"
    body = render_html(record, "clean").text.replace("一、总体情况", f"一、总体情况{filler}", 1)
    page.write_text(f"<meta charset='utf-8'>{STYLE}{body}", "utf-8")
    out = tmp_path / "report.pdf"
    run(
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--no-pdf-header-footer", f"--user-data-dir={tmp_path / 'profile'}",
        f"--print-to-pdf={out}", page.as_uri(),
    )  # fmt: skip
    assert_every_figure(out.read_bytes(), record)


@pytest.mark.long
@pytest.mark.skipif(OFFICE is None, reason="no LibreOffice here")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(2))
def test_libreoffice(documents, tmp_path: Path, seed: int, form: str) -> None:  # type: ignore[no-untyped-def]
    record = random_record(random.Random(seed), form, "county", blanks=0.1)
    source = tmp_path / "report.docx"
    source.write_bytes(documents.docx(record, ruled=True))
    run(
        str(OFFICE), f"-env:UserInstallation=file://{tmp_path / 'profile'}", "--headless",
        "--convert-to", "pdf", "--outdir", str(tmp_path), str(source),
    )  # fmt: skip
    data = (tmp_path / "report.pdf").read_bytes()
    assert_every_figure(data, record)
    assert len(pages_of_requests(data)) == 2


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=120)
