"""DOCX: read_docx against python-docx walking ``row.cells``, on the same files with the same texts.

    uv pip install python-docx
    python benchmarks/bench_docx.py [FILE.docx ...] [--rounds 15]

Without files it makes six reports of the 2021 form's size (tables of 14 x 4, 28 x 10 and 4 x 15
with merged cells, runs formatted as WPS writes them) with random figures. First both must give the
same grid of texts for every table and the same paragraphs; then they take turns in one interleaved
run, and medians are printed. Exit status 1 when texts differ or the goal of 10 x is missed.
"""

from __future__ import annotations

import argparse
import gc
import io
import random
import statistics
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx as python_docx
from docx.table import Table as ReferenceTable

from govreport_parse.documents.docx import read_docx
from govreport_parse.documents.model import Table

GOAL = 10.0
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
FONT = (
    '<w:rPr><w:rFonts w:hint="eastAsia" w:ascii="宋体" w:hAnsi="宋体" w:eastAsia="宋体"/>'
    '<w:color w:val="000000"/><w:kern w:val="0"/><w:sz w:val="21"/><w:szCs w:val="21"/></w:rPr>'
)
PARAGRAPH = (
    '<w:pPr><w:keepNext w:val="0"/><w:keepLines w:val="0"/><w:widowControl/>'
    '<w:suppressLineNumbers w:val="0"/><w:spacing w:before="0" w:after="0"/><w:jc w:val="center"/>'
    f"{FONT}</w:pPr>"
)
BORDERS = "<w:tcBorders>" + "".join(
    f'<w:{side} w:val="single" w:color="000000" w:sz="8" w:space="0"/>'
    for side in ("top", "left", "bottom", "right")
) + "</w:tcBorders>"  # fmt: skip


def paragraph(text: str) -> str:
    run = f"<w:r>{FONT}<w:t>{text}</w:t></w:r>" if text else ""
    return f"<w:p>{PARAGRAPH}{run}</w:p>"


def cell(text: str, span: int = 1, merge: str = "") -> str:
    spans = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    merged = {"": "", "restart": '<w:vMerge w:val="restart"/>', "continue": "<w:vMerge/>"}[merge]
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{900 * span}" w:type="dxa"/>{spans}{merged}{BORDERS}'
        f'<w:noWrap w:val="0"/><w:vAlign w:val="center"/></w:tcPr>{paragraph(text)}</w:tc>'
    )


def table(columns: int, rows: list[str]) -> str:
    grid = '<w:gridCol w:w="900"/>' * columns
    body = "".join(f"<w:tr><w:trPr><w:jc w:val='center'/></w:trPr>{row}</w:tr>" for row in rows)
    return f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>"


def report(seed: int) -> bytes:
    rng = random.Random(seed)

    def figures(n: int) -> str:
        return "".join(cell(str(rng.choice((0, 0, 0, rng.randrange(2000))))) for _ in range(n))

    two = [
        cell("第二十条第（一）项", 4),
        "".join(cell(t) for t in ("信息内容", "制发", "废止", "有效")),
    ]
    two += [cell(f"行{i}") + figures(3) for i in range(12)]
    three = [
        cell("勾稽关系", 3, "restart") + cell("申请人情况", 7),
        cell("", 3, "continue") + cell("自然人", 1, "restart") + cell("法人或其他组织", 5)
        + cell("总计", 1, "restart"),
        cell("", 3, "continue") + cell("", 1, "continue")
        + "".join(cell(t) for t in ("商业企业", "科研机构", "公益组织", "法律服务", "其他"))
        + cell("", 1, "continue"),
    ]  # fmt: skip
    three += [cell("一、本年新收政府信息公开申请数量", 3) + figures(7) for _ in range(2)]
    for i in range(22):
        merge = "continue" if i else "restart"
        group = "continue" if i % 4 else "restart"
        three.append(
            cell("" if i else "三、本年度办理结果", 1, merge)
            + cell("" if i % 4 else f"（{i // 4}）不予公开", 1, group)
            + cell(f"{i % 4 + 1}.属于国家秘密") + figures(7)
        )  # fmt: skip
    three.append(cell("四、结转下年度继续办理", 3) + figures(7))
    four = [
        cell("行政复议", 5) + cell("行政诉讼", 10),
        "".join(cell("结果维持") for _ in range(15)), figures(15), figures(15),
    ]  # fmt: skip
    prose = "".join(paragraph(f"第{i}段，" + "本年度主动公开政府信息。" * 12) for i in range(30))
    xml = (
        f'<w:document xmlns:w="{W}"><w:body>{prose}{table(4, two)}{table(10, three)}'
        f"{table(15, four)}{prose}</w:body></w:document>"
    )
    return package(xml)


def package(xml: str) -> bytes:
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    base = "http://schemas.openxmlformats.org/package/2006/"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{base}content-types"><Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/><Override '
            f'PartName="/word/document.xml" ContentType="{kind}"/></Types>',
        )
        z.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{base}relationships"><Relationship Id="r" Type="{office}" '
            'Target="word/document.xml"/></Relationships>',
        )
        z.writestr("word/document.xml", xml)
    return out.getvalue()


Texts = tuple[list[str], list[list[list[str]]]]


def by_reference(data: bytes) -> Texts:
    document = python_docx.Document(io.BytesIO(data))
    paragraphs = [p.text for p in document.paragraphs if p.text.strip()]
    return paragraphs, [_reference_grid(t) for t in document.tables]


def _reference_grid(table: ReferenceTable) -> list[list[str]]:
    return [[c.text for c in row.cells] for row in table.rows]


def by_us(data: bytes) -> Texts:
    blocks = read_docx(data).blocks
    paragraphs = [b.text for b in blocks if not isinstance(b, Table)]
    return paragraphs, [b.grid() for b in blocks if isinstance(b, Table)]


def plain(texts: Texts) -> Texts:
    """Line by line, and without blank lines at a cell's ends: the two differ in these by design."""
    lines = [line for text in texts[0] for line in text.split("\n") if line.strip()]
    return lines, [[[x.strip("\n") for x in row] for row in grid] for grid in texts[1]]


def seconds(function: Callable[[bytes], object], data: bytes) -> float:
    # Each pays for its own garbage, none for what the other left behind.
    gc.collect()
    # The C library tidies up what was freed (0.6 ms after python-docx) at the next larger request.
    bytearray(1 << 16)
    began = time.perf_counter()
    function(data)
    return time.perf_counter() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    files = {f.name: f.read_bytes() for f in options.files} or {
        f"generated {i}": report(i) for i in range(6)
    }
    slowest = float("inf")
    for name, data in files.items():
        if plain(by_us(data)) != plain(by_reference(data)):
            print(f"{name}: texts differ", file=sys.stderr)
            return 1
        ours, theirs = [], []
        for _ in range(options.rounds):
            ours.append(seconds(read_docx, data))
            theirs.append(seconds(by_reference, data))
        a, b = statistics.median(ours) * 1e3, statistics.median(theirs) * 1e3
        slowest = min(slowest, b / a)
        print(f"{name}: read_docx {a:.2f} ms, python-docx {b:.2f} ms, {b / a:.1f} x, texts equal")
    print(f"least ratio {slowest:.1f} x, goal {GOAL:.0f} x")
    return 0 if slowest >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
