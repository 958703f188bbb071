"""What is fuzzed: for each target its seeds, its tokens and one function of bytes.

A target's function returns a word for what became of the input (a kind of ``GovReportError``,
``report``, ...); any other exception is a finding. It checks what must hold of every result: the
report's JSON can be written and read, and a figure has a value only in the states that allow one.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fuzz import seeds
from fuzz.mutate import mutate_bytes, mutate_text, mutate_xml
from govreport_parse.chinese_numerals import read_chinese
from govreport_parse.decode.charset import decode_text
from govreport_parse.decode.sniff import sniff
from govreport_parse.documents.archive_zip import open_zip
from govreport_parse.documents.html import read_html
from govreport_parse.errors import GovReportError
from govreport_parse.matching import labels
from govreport_parse.numbers import Kind, apply_repairs, is_value_like, read_number
from govreport_parse.parsing import parse
from govreport_parse.report import Report
from govreport_parse.source import Source
from govreport_parse.text import fold, label_key, shadow
from govreport_parse.text_repair import repair
from govreport_parse.values import VALUED, State

Run = Callable[[bytes], str]


@dataclass(frozen=True)
class Target:
    """One entry point; ``nature`` says how its inputs are mutated besides as bytes."""

    name: str
    run: Run
    seeds: Callable[[], Sequence[bytes]]
    tokens: tuple[str, ...]
    nature: Literal["text", "xml", "bytes"] = "text"
    limit: int = 60_000
    """Bytes that an input may have."""


def _typed(run: Run) -> Run:
    def guarded(data: bytes) -> str:
        try:
            return run(data)
        except GovReportError as error:
            json.dumps(error.context, default=str)
            return type(error).__name__

    return guarded


def check_report(report: Report) -> None:
    """What must hold of any report, however odd its source."""
    written = report.to_json()
    json.loads(written, parse_constant=_no_constant)
    written.encode("utf-8")
    for figure in report:
        if (figure.value is not None) != (figure.state in VALUED):
            raise AssertionError(f"{figure.path}: {figure.state} with value {figure.value}")
        if figure.state is State.BLANK and (figure.raw or "").strip(" \t\r\n\u3000\xa0").isalnum():
            raise AssertionError(f"{figure.path}: blank, but shows {figure.raw!r}")


def _no_constant(name: str) -> float:
    raise AssertionError(f"{name} is no JSON")


def _parse(source: Source) -> str:
    report = parse(source)
    for one in (report, *report.others):
        check_report(one)
    return "report"


def _html(data: bytes) -> str:
    return _parse(Source(data, "page.html", "https://www.example.gov.cn/a.html", "text/html"))


def _html_reader(data: bytes) -> str:
    decoded = decode_text(data)
    document = read_html(decoded.text)
    for table in document.tables:
        if not len(table) == len(table.rows) == len(table.columns) == len(table.texts):
            raise AssertionError("cells and places of a table differ in number")
    return f"{min(len(document.tables), 3)} tables"


def _text(data: bytes) -> str:
    return _parse(Source(data, "page.txt", None, "text/plain"))


def _docx(data: bytes) -> str:
    package = seeds.zipped(data, "ogi_annual_2021/docx_2021/source.docx", "word/document.xml")
    return _parse(Source(package, "report.docx"))


def _sheet(data: bytes) -> str:
    template = "ogi_annual_2021/xlsx_2021/source.xlsx"
    return _parse(Source(seeds.zipped(data, template, "xl/worksheets/sheet1.xml"), "report.xlsx"))


def _ofd(data: bytes) -> str:
    template = "ogi_annual_2021/ofd_2021/source.ofd"
    page = "Doc_0/Pages/Page_1/Content.xml"
    return _parse(Source(seeds.zipped(data, template, page), "report.ofd"))


def _pdf(data: bytes) -> str:
    return _parse(Source(seeds.assembled(data), "report.pdf"))


def _zip(data: bytes) -> str:
    return f"{min(len(open_zip(data)), 3)} members"


_KINDS: tuple[Kind, ...] = ("integer", "signed", "decimal")


def _numbers(data: bytes) -> str:
    states = set()
    for cell in data.decode("utf-8", "replace").split("|"):
        for kind in _KINDS:
            reading = read_number(cell, kind, mirror=len(cell) % 2 == 1)
            states.add(reading.state)
            if (reading.value is not None) != (reading.state is State.REPORTED):
                raise AssertionError(f"{cell!r}: {reading}")
            if reading.value is not None and abs(reading.value) >= 2**63:
                raise AssertionError(f"{cell!r} is too large: {reading}")
            apply_repairs(cell, reading.repairs)
        is_value_like(cell)
        read_chinese(cell)
    return "+".join(sorted(states))


def _labels(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    view = shadow(text)
    for i in (0, len(view) // 2, len(view)):
        view.raw_offset(i)
    if view.raw_slice(0, len(view)) not in text:
        raise AssertionError("a shadow shows what is not in the text")
    repair(text)
    known = 0
    for line in text.split("|"):
        if fold(fold(line)) != fold(line):
            raise AssertionError(f"folding twice differs: {line!r}")
        label_key(line)
        found = (
            labels.row_label(line),
            labels.request_column(line),
            labels.proactive_column(line),
            labels.review_column(line),
        )
        known += any(f is not None for f in found)
        labels.is_review_word(line)
    return "known" if known else "unknown"


def _charset(data: bytes) -> str:
    sniff(data, "x", None)
    decoded = decode_text(data, content_type="text/html; charset=gb2312")
    decoded.text.encode("utf-8", "surrogatepass")
    return decoded.encoding


def _tokens(*names: str) -> tuple[str, ...]:
    """Words that are inserted, one a line."""
    folder = Path(__file__).parent / "tokens"
    return tuple(
        line for n in names for line in (folder / f"{n}.txt").read_text("utf-8").splitlines()
    )


def _lines(kind: Callable[[], Sequence[bytes]]) -> Callable[[], Sequence[bytes]]:
    """Short seeds: single lines of texts, and the label words."""

    def cut() -> Sequence[bytes]:
        words = "|".join(_tokens("labels")).encode()
        lines = [line for page in kind()[:40] for line in page.split(b"\n") if 3 < len(line) < 400]
        return [words, *lines[::7]]

    return cut


TARGETS: dict[str, Target] = {
    t.name: t
    for t in (
        Target("html", _typed(_html), seeds.html, _tokens("html", "labels")),
        Target("html_reader", _typed(_html_reader), seeds.html, _tokens("html")),
        Target("text", _typed(_text), seeds.text, _tokens("labels")),
        Target("docx", _typed(_docx), seeds.docx, _tokens("docx"), "xml"),
        Target("pdf", _typed(_pdf), seeds.pdf, _tokens("pdf"), "bytes"),
        Target("sheet", _typed(_sheet), seeds.sheet, _tokens("sheet"), "xml"),
        Target("ofd", _typed(_ofd), seeds.ofd, _tokens("ofd"), "xml"),
        Target("zip", _typed(_zip), seeds.archives, (), "bytes"),
        Target("numbers", _typed(_numbers), _lines(seeds.text), _tokens("labels"), limit=2_000),
        Target("labels", _typed(_labels), _lines(seeds.text), _tokens("labels"), limit=4_000),
        Target("charset", _typed(_charset), seeds.html, _tokens("html")),
    )
}


def mutated(target: Target, rng: random.Random, data: bytes, other: bytes) -> bytes:
    """A mutation of ``data`` in the target's nature, three in ten as bare bytes."""
    if target.nature == "bytes" or rng.random() < 0.3:
        return mutate_bytes(rng, data, target.tokens, other, target.limit)
    text = data.decode("utf-8", "replace")
    if target.nature == "xml":
        new = mutate_xml(rng, text, target.tokens, target.limit)
    else:
        new = mutate_text(rng, text, target.tokens, other.decode("utf-8", "replace"), target.limit)
    return new.encode("utf-8", "replace")[: target.limit]
