"""The documents of the suite, with what must be read from each. ``README.md`` describes them.

All are made from one record of the test generator, or committed as fixtures, so that anyone gets
the same bytes (their sha256 is in the JSON); the generator knows nothing of the parser. Real
documents are taken along where they lie beside the repository.
"""

from __future__ import annotations

import csv
import hashlib
import importlib
import json
import random
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from io import BytesIO
from pathlib import Path
from typing import Any

from benchmarks.suite_printers import chromium, libreoffice

from govreport_parse.formbook import loader
from govreport_parse.formbook.spec import Layout
from govreport_parse.testing import LAYOUTS, Record, random_record, render_html, render_text
from govreport_parse.values import Number

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
FAMILIES = ("html", "text", "pdf", "docx")

PAGES: Mapping[str, tuple[str, int | None, str]] = {
    "html 9 KB": ("clean", None, "utf-8"),
    "html 23 KB": ("paragraphs", 23_000, "utf-8"),
    "html 160 KB": ("word", 160_000, "utf-8"),
    "html 160 KB GBK": ("word", 160_000, "gb18030"),
    "html 1.5 MB": ("word", 1_500_000, "utf-8"),
}
"""Name to layout, size in bytes of UTF-8 and encoding; the larger ones grow by style attributes,
then by a base64 picture, as Word's do."""
DIALECTS = ("B", "C", "D2", "F")
_PDF = ("pdf_2021", "pdf_2021_table_over_pages")


@dataclass(frozen=True, slots=True)
class Input:
    """One document. ``truth``: every figure of the form to its number, ``None`` where none is
    printed; ``timed`` is false where only the answers are compared."""

    name: str
    family: str
    data: bytes
    truth: Mapping[str, Number | None]
    layout: Layout
    made: str
    encoding: str = "utf-8"
    timed: bool = True

    def described(self) -> dict[str, Any]:
        """For the JSON."""
        return {
            "name": self.name,
            "family": self.family,
            "bytes": len(self.data),
            "sha256": hashlib.sha256(self.data).hexdigest(),
            "figures": len(self.truth),
            "made": self.made,
            "timed": self.timed,
        }


def inputs(family: str, *, quick: bool = False) -> list[Input]:
    """The documents of a family; ``quick`` leaves some out. ``KeyError`` for another family."""
    return {"html": _html, "text": _text, "pdf": _pdf, "docx": _docx}[family](quick)


def record(style: str = "plain") -> Record:
    """The record of all generated documents: a county with 200 figures, all sums hold."""
    return random_record(random.Random(5), form="ogi_annual_2021", size="county", style=style)


def _of(name: str, family: str, data: bytes, from_: Record, made: str, **more: Any) -> Input:
    return Input(name, family, data, from_.values(), from_.layout, made, **more)


def _html(quick: bool) -> list[Input]:
    made = record()
    out = []
    for name, (layout, size, encoding) in PAGES.items():
        page = render_html(made, layout, family="hanweb", encoding=encoding, size=size)
        data = page.text.encode(encoding)
        how = f"generator, layout {layout}, family hanweb, {encoding}"
        out.append(_of(name, "html", data, made, how, encoding=encoding))
    layouts = ("clean", "no_rowspan_empty") if quick else tuple(LAYOUTS)
    for style in ("plain", "blank_zeros"):
        filled = record(style)
        for layout in layouts:
            if layout == "shifted_spans":
                continue  # its figures stand under two columns: nobody can be right
            text = render_html(filled, layout, family="hanweb").text
            how = f"generator, layout {layout}, family hanweb, style {style}"
            name = f"answers: {layout}, {style}"
            out.append(_of(name, "html", text.encode(), filled, how, timed=False))
    return out


def _text(quick: bool) -> list[Input]:
    made = record()
    out = []
    for dialect in DIALECTS[: 2 if quick else None]:
        data = render_text(made, dialect).text.encode()
        out.append(_of(f"text {dialect}", "text", data, made, f"generator, dialect {dialect}"))
    return out


def _pdf(quick: bool) -> list[Input]:
    found = _printed(quick) + _real()
    return found if quick and found else _ruled(quick) + found


def _ruled(quick: bool) -> list[Input]:
    """Fixtures, which are there on every machine."""
    layout = record().layout
    out = []
    for name in _PDF[: 1 if quick else None]:
        folder = ROOT / "fixtures" / "ogi_annual_2021" / name
        with (folder / "expected.tsv").open(encoding="utf-8", newline="") as file:
            truth = {r["path"]: plain(r["value"]) for r in csv.DictReader(file, delimiter="\t")}
        data = (folder / "source.pdf").read_bytes()
        made = f"fixture {name}: generator, printed by reportlab, no font embedded"
        out.append(Input(f"pdf {name.removeprefix('pdf_')}", "pdf", data, truth, layout, made))
    return out


def _printed(quick: bool) -> list[Input]:
    """By Chromium and, unless ``quick``, by LibreOffice, where they are installed."""
    made = record()
    printed = {"Chromium": chromium(render_html(made, "clean").text)}
    if not quick:
        printed["LibreOffice"] = libreoffice(_writer().docx(made, ruled=True))
    return [
        _of(f"pdf {name}", "pdf", data, made, f"generator, printed by {name}")
        for name, data in printed.items()
        if data is not None
    ]


def _real() -> list[Input]:
    real, answers = SHARED / "corpus" / "hongze2023.pdf", SHARED / "corpus" / "real_figures.json"
    if not (real.is_file() and answers.is_file()):
        return []
    figures = json.loads(answers.read_text("utf-8"))["hongze2023"]["figures"]
    truth = {path: plain(value) for path, value in figures.items()}
    hybrid = loader.layout("ogi_annual_2021", "ogi_annual_2019", "ogi_annual_2021")
    made = "real report of a district, by an office suite; figures read by eye; broken sums"
    return [Input("pdf real", "pdf", real.read_bytes(), truth, hybrid, made)]


def plain(value: object) -> Number | None:
    """A number as a fixture or a list of answers writes it; blank and other texts are none."""
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None


_FONT = (
    '<w:rPr><w:rFonts w:hint="eastAsia" w:ascii="宋体" w:hAnsi="宋体" w:eastAsia="宋体"/>'
    '<w:color w:val="000000"/><w:kern w:val="0"/><w:sz w:val="21"/><w:szCs w:val="21"/></w:rPr>'
)
_PARAGRAPH = (
    '<w:pPr><w:keepNext w:val="0"/><w:keepLines w:val="0"/><w:widowControl/>'
    '<w:suppressLineNumbers w:val="0"/><w:spacing w:before="0" w:after="0"/><w:jc w:val="center"/>'
    f"{_FONT}</w:pPr>"
)
_BORDERS = "<w:tcBorders>" + "".join(
    f'<w:{side} w:val="single" w:color="000000" w:sz="8" w:space="0"/>'
    for side in ("top", "left", "bottom", "right")
) + '</w:tcBorders><w:noWrap w:val="0"/><w:vAlign w:val="center"/>'  # fmt: skip


def formatted(document: str) -> str:
    """A bare document with fonts, paragraph settings and borders as WPS writes them."""
    document = re.sub(r"<w:p>(?=<w:r>)", f"<w:p>{_PARAGRAPH}", document)
    document = document.replace("<w:r><w:t ", f"<w:r>{_FONT}<w:t ")
    return document.replace("</w:tcPr>", f"{_BORDERS}</w:tcPr>")


def _writer() -> Any:
    """The writer of the fixtures' documents."""
    return importlib.import_module("scripts.fixture_documents")


def _docx(quick: bool) -> list[Input]:
    writer = _writer()
    out = []
    for style in ("plain", "blank_zeros")[: 1 if quick else None]:
        filled = record(style)
        parts = {}
        with zipfile.ZipFile(BytesIO(writer.docx(filled))) as archive:
            for part in archive.namelist():
                parts[part] = archive.read(part).decode()
        parts["word/document.xml"] = formatted(parts["word/document.xml"])
        made = f"generator, style {style}, formatted as WPS does"
        out.append(_of(f"docx {style}", "docx", writer.zipped(parts), filled, made))
    return out
