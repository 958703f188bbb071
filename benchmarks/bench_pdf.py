"""Speed of ``read_pdf`` against pdfplumber and against PDFium's bare page load.

    python benchmarks/bench_pdf.py [--repeats 15] [FILE.pdf ...]

Cases, all in one process, shuffled in each round, garbage collected before each sample, in CPU
time (the machine may be shared), medians with quartiles:

- ``floor``: PDFium page load: open, and for each page load page and text page, count both, with
  the fonts that ``read`` uses (where a PDF embeds none, installed ones cost 15 ms a document more);
- ``cells``: the fast engine's pages (characters, rulings, cells), without pre-scan and stitching;
- ``read``: ``read_pdf``, bytes to ``Document``;
- ``plumber``: ``pdfplumber.extract_tables`` of each page, as users call it.

Before timing, the cells of both engines must be equal (after NFKC and removal of white space).
Without files: the shared real report, if present, and a three-page report written on the spot.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import io
import logging
import platform
import random
import statistics
import sys
import time
import unicodedata
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pdfplumber
from pypdfium2 import raw

from govreport_parse.documents import pdf_fast
from govreport_parse.documents.pdf import PdfLimits, read_pdf
from govreport_parse.documents.pdf_fonts import fonts_for

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "corpus" / "hongze2023.pdf"


def floor(data: bytes) -> None:
    with fonts_for(reading=True):
        load(data)


def load(data: bytes) -> None:
    document = raw.FPDF_LoadMemDocument64(data, len(data), None)
    for index in range(raw.FPDF_GetPageCount(document)):
        page = raw.FPDF_LoadPage(document, index)
        raw.FPDFPage_CountObjects(page)
        text = raw.FPDFText_LoadPage(page)
        raw.FPDFText_CountChars(text)
        raw.FPDFText_ClosePage(text)
        raw.FPDF_ClosePage(page)
    raw.FPDF_CloseDocument(document)


def plumber(data: bytes) -> None:
    with pdfplumber.open(io.BytesIO(data)) as document:
        for page in document.pages:
            page.extract_tables()


CASES: dict[str, Callable[[bytes], Any]] = {
    "floor": floor,
    "cells": lambda data: pdf_fast.read_pages(data, PdfLimits()),
    "read": read_pdf,
    "plumber": plumber,
}


def written() -> bytes:
    """A three-page report: narrative and the three official grids."""
    sys.path.insert(0, str(ROOT))
    maker = importlib.import_module("tests.unit.documents.pdf_maker")
    grids = importlib.import_module("tests.unit.documents.official_grids")
    rng = random.Random(1)

    def fill() -> str:
        return str(rng.randrange(10 ** rng.randrange(1, 6)))

    pdf = maker.Pdf()
    sheet = pdf.sheet()
    for k in range(28):
        sheet.text(
            70, 80 + 26 * k, "本机关认真落实条例规定，全面推进政务公开，主动公开各类政府信息", 14
        )
    sheet = pdf.sheet()
    maker.draw_grid(sheet, grids.disclosure(fill), [60, 160, 280, 400, 520],
                    [70.0 + 17 * k for k in range(15)])  # fmt: skip
    columns = [40.0, 80.0, 150.0, 300.0, *(300.0 + 36 * k for k in range(1, 8))]
    three = grids.requests(fill)
    maker.draw_grid(sheet, three, columns, [350.0 + 22 * k for k in range(21)])
    sheet = pdf.sheet()
    maker.draw_grid(sheet, three, columns, [50.0 + 22 * k for k in range(9)], first_row=20)
    sheet.text(70, 260, "四、政府信息公开行政复议、行政诉讼情况", 12)
    maker.draw_grid(sheet, grids.litigation(fill), [45.0 + 33 * k for k in range(16)],
                    [280.0 + 22 * k for k in range(5)])  # fmt: skip
    return bytes(pdf)


def cells(data: bytes, engine: Any) -> list[tuple[int, int, int, int, int, str]]:
    return [
        (
            table.number,
            cell.row,
            cell.column,
            cell.rowspan,
            cell.colspan,
            unicodedata.normalize("NFKC", "".join(cell.text.split())),
        )
        for table in read_pdf(data, engine=engine).tables
        for cell in table
    ]


def measure(files: dict[str, bytes], repeats: int) -> dict[tuple[str, str], list[float]]:
    times: dict[tuple[str, str], list[float]] = {(f, c): [] for f in files for c in CASES}
    for _ in range(repeats):
        jobs = list(times)
        random.shuffle(jobs)
        for name, case in jobs:
            gc.collect()
            start = time.process_time()
            CASES[case](files[name])
            times[name, case].append(1000 * (time.process_time() - start))
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)
    files = {path.name: path.read_bytes() for path in options.files}
    if not files:
        files = {"written": written()}
        if REAL.exists():
            files[REAL.name] = REAL.read_bytes()
    for name, data in files.items():
        fast, slow = cells(data, "fast"), cells(data, "pdfplumber")
        if fast != slow or not fast:
            sys.exit(f"{name}: the engines' cells differ")
        print(f"{name}: {len(data) // 1024} KB, {len(fast)} cells equal in both engines")
    versions = ", ".join(f"{p} {version(p)}" for p in ("pypdfium2", "pdfplumber", "pdfminer.six"))
    print(f"Python {platform.python_version()}, {versions}; {platform.machine()}")
    times = measure(files, options.repeats)
    print(f"{'file':24}" + "".join(f"{c:>22}" for c in CASES) + "   plumber/read  read/floor")
    for name in files:
        middle = {c: statistics.median(times[name, c]) for c in CASES}
        spread = {c: statistics.quantiles(times[name, c], n=4) for c in CASES}
        columns = [
            f"{middle[c]:8.1f} [{spread[c][0]:.1f}-{spread[c][2]:.1f}] ms".rjust(22) for c in CASES
        ]
        faster = middle["plumber"] / middle["read"]
        slower = middle["read"] / middle["floor"]
        print(f"{name[:24]:24}" + "".join(columns) + f"{faster:12.1f} x{slower:10.2f}")
    total = {c: sum(statistics.median(times[f, c]) for f in files) for c in CASES}
    print(
        f"all: plumber/read {total['plumber'] / total['read']:.1f},"
        f" read/floor {total['read'] / total['floor']:.2f},"
        f" cells/floor {total['cells'] / total['floor']:.2f}"
    )


if __name__ == "__main__":
    main()
