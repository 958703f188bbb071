from __future__ import annotations

import base64
import builtins
import hashlib
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from handmade import RL, RQ, report, town
from selectolax.lexbor import LexborHTMLParser

from govreport_parse.bundled import sample_sources
from govreport_parse.documents.model import Document, Heading, Paragraph, Table
from govreport_parse.errors import UsageError
from govreport_parse.formbook import Layout
from govreport_parse.parsing import parse, read_document
from govreport_parse.report import RowMatch, Section
from govreport_parse.review import report_page
from govreport_parse.review.shell import link, render, shown
from govreport_parse.source import Source
from govreport_parse.values import Finding, Locator, Repair, State

from .pages import data_of, harmless, hostile, skeleton

ROOT = Path(__file__).parents[3]
SAMPLES = sample_sources()


# -- the source beside the form --------------------------------------------------------------------


@pytest.mark.parametrize("source", SAMPLES, ids=lambda s: s.name)
def test_every_figure_is_tied_to_the_cell_that_shows_it(source: Source) -> None:
    made = parse(source)
    page = report_page(made, source)
    tree = LexborHTMLParser(page)
    shown_at = {n.attributes["data-key"]: n.text() for n in tree.css("#source [data-key]")}
    figures = data_of(page)["figures"]
    assert [f["path"] for f in figures] == list(made.layout.paths)
    assert len(tree.css("#form td[data-figure]")) == len(made)
    tied = 0
    for figure, own in zip(figures, made, strict=True):
        assert figure["value"] == ("" if own.value is None else str(own.value))
        assert figure["state"] == own.state
        if own.raw is None:
            continue
        text = shown_at[figure["key"]]
        if own.state is State.SOLVED:  # the row's digits, of which this number is a part
            assert "".join(own.raw.split(" | ")) in text.replace(" ", "")
        else:
            assert own.raw.strip() in text
        tied += 1
    assert tied == sum(f.raw is not None for f in made)


def test_tables_keep_their_spans_and_blanks() -> None:
    table = Table(1)
    table.add("甲", 0, 0, 1, 2)
    table.add("乙", 0, 2, 2, 1)
    table.add("1", 1, 0)
    table.add("", 1, 1)
    page = report_page(town(), None, Document([table], "html"))
    rows = LexborHTMLParser(page).css("#source tr")
    cells = [[(c.text(), c.attributes.get("colspan"), c.attributes.get("rowspan"),
               c.attributes["data-key"]) for c in r.css("td")] for r in rows]  # fmt: skip
    assert cells == [
        [("甲", "2", None, "t1r1c1"), ("乙", None, "2", "t1r1c3")],
        [("1", None, None, "t1r2c1"), ("", None, None, "t1r2c2")],
    ]


def test_values_states_and_broken_sums_are_marked() -> None:
    made = town(
        changes={
            f"{RQ}/granted/natural_person": 7,
            f"{RQ}/granted/business": State.BLANK,
            f"{RQ}/not_held/business": State.UNREADABLE,
        }
    )
    tree = LexborHTMLParser(report_page(made))

    def cell(path: str) -> tuple[str, set[str]]:
        at = made.layout.index[path]
        node = tree.css_first(f'#form td[data-figure="{at}"]')
        return node.text(), set((node.attributes["class"] or "").split())

    assert cell(f"{RQ}/granted/natural_person") == ("7", {"s-reported", "candidate", "broken"}) or (
        cell(f"{RQ}/granted/natural_person") == ("7", {"s-reported", "suggested", "broken"})
    )
    assert cell(f"{RQ}/granted/business")[0] == ""
    assert "s-blank" in cell(f"{RQ}/granted/business")[1]
    assert cell(f"{RQ}/not_held/business") == ("?", {"s-unreadable"})
    assert cell("proactive_disclosure/rules/issued") == ("—", {"s-dash"})
    assert cell(f"{RL}/review/total") == ("1", {"s-reported"})


def test_problems_are_listed_in_both_languages_gravest_first() -> None:
    made = town(
        changes={f"{RQ}/granted/natural_person": 7, f"{RQ}/not_held/business": State.ABSENT}
    )
    tree = LexborHTMLParser(report_page(made))
    items = tree.css("li[data-problem]")
    kinds = [i.css_first(".kind").text() for i in items]
    assert kinds[0] == "suggestion"
    assert kinds.count("broken") == made.completeness["broken"]
    assert kinds[-2:] == ["row_matched_loosely", "absent"]
    assert "由7改为2" in items[0].text()
    assert "7 → 2 would mend" in items[0].css_first("[lang=en]").text()
    assert "行标签不完全一致" in items[kinds.index("row_matched_loosely")].text()
    assert len(items) == len(data_of(report_page(made))["problems"])


def test_a_suggested_value_is_shown_with_its_figure() -> None:
    made = town(changes={f"{RQ}/granted/natural_person": 7})
    figures = {f["path"]: f for f in data_of(report_page(made))["figures"]}
    assert figures[f"{RQ}/granted/natural_person"]["suggest"] == "2"
    assert sum(f["suggest"] != "" for f in figures.values()) == 1


def test_a_report_without_problems_says_so() -> None:
    assert "未发现问题" in report_page(town(findings=()))


def test_without_the_source_the_form_is_shown_alone() -> None:
    page = report_page(town())
    assert "未附原文" in page
    assert {f["key"] for f in data_of(page)["figures"]} == {""}


def test_all_reports_of_a_document_stand_on_one_page() -> None:
    first, second = town(), town(report_id="a" * 16 + "#2")
    first.others = (second,)
    page = report_page(first)
    figures = data_of(page)["figures"]
    assert len(figures) == 400
    assert {f["report"] for f in figures[200:]} == {"a" * 16 + "#2"}
    tree = LexborHTMLParser(page)
    numbers = [int(n.attributes["data-figure"] or "") for n in tree.css("#form td[data-figure]")]
    assert sorted(numbers) == list(range(400))


def test_a_source_that_cannot_be_read_is_told() -> None:
    page = report_page(town(), Source(b"\x00\x01\x02" * 50, "x.bin"))
    assert "无法显示原文" in page


def test_reports_without_tables_have_a_page() -> None:
    made = report(of=Layout(()), form="narrative", title="2015年报告")
    page = report_page(made, None, Document([Paragraph("文字")], "html"))
    assert "2015年报告" in page
    assert data_of(page)["figures"] == []


def test_the_same_report_gives_the_same_page() -> None:
    source = SAMPLES[0]
    assert report_page(parse(source), source) == report_page(parse(source), source)


def test_the_page_is_small() -> None:
    for source in SAMPLES:
        assert len(report_page(parse(source), source).encode()) < 1_000_000


# -- pages of PDF ----------------------------------------------------------------------------------


def _pixels(uri: str) -> tuple[int, int, list[list[int]]]:
    """Width, height and grey values (0 to 15) of a PNG of ours."""
    data = base64.b64decode(uri.removeprefix("data:image/png;base64,"))
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    at = data.index(b"IDAT")
    size = int.from_bytes(data[at - 4 : at], "big")
    raw = zlib.decompress(data[at + 4 : at + 4 + size])
    line = (width + 1) // 2 + 1
    rows = []
    for y in range(height):
        row = raw[y * line + 1 : (y + 1) * line]
        rows.append([n for b in row for n in (b >> 4, b & 15)][:width])
    return width, height, rows


def test_pages_of_a_pdf_are_shown_with_a_box_a_figure() -> None:
    path = next((ROOT / "fixtures/ogi_annual_2019/pdf_2019_small").glob("*.pdf"))
    source = Source(path.read_bytes(), path.name)
    made = parse(source)
    page = report_page(made, source)
    tree = LexborHTMLParser(page)
    pages = {made.locator(i).page for i in range(len(made)) if made.locator(i)}  # type: ignore[union-attr]
    assert len(tree.css("#source svg image")) == len(pages)
    boxes = {n.attributes["data-key"]: n for n in tree.css("#source rect")}
    assert {f["key"] for f in data_of(page)["figures"] if f["raw"]} <= boxes.keys()
    # there is ink in the box of a number, and none in the middle of the page's margin
    width, height, rows = _pixels(tree.css_first("svg image").attributes["href"] or "")
    one = next(n for n in tree.css("svg")[0].css("rect"))
    x, y, w, h = (round(float(one.attributes[a] or 0)) for a in ("x", "y", "width", "height"))
    inside = [v for row in rows[y + 3 : y + h - 3] for v in row[x + 3 : x + w - 3]]
    assert min(inside) < 8
    assert min(v for row in rows[: height // 40] for v in row[: width // 40]) == 15


def test_a_page_with_personal_numbers_is_not_shown_as_a_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = next((ROOT / "fixtures/ogi_annual_2019/pdf_2019_small").glob("*.pdf"))
    source = Source(path.read_bytes(), path.name)
    made = parse(source)
    document = read_document(source)
    first = min(made.locator(i).page for i in range(len(made)) if made.locator(i))  # type: ignore
    document.blocks.append(Paragraph("联系电话13812345678。", page=first))
    page = report_page(made, source, document)
    assert "图像" in page
    assert "withheld" in page
    assert "13812345678" not in page


# -- nothing gets out, nothing gets in -------------------------------------------------------------


def _filled(texts: Callable[[], str]) -> str:
    """A page with a text from ``texts`` in every place that a source can fill."""
    table = Table(2)
    for row in range(20):
        for column in range(8):
            table.add(texts(), row, column)
    made = town(
        title=texts(),
        organ=texts(),
        division_code=texts(),
        sections=(Section("overview", texts(), texts()),),
        findings=tuple(
            Finding(texts(), "warning", texts(), texts(), (f"{RQ}/granted/total",))
            for _ in range(10)
        ),
        changes={f"{RQ}/granted/natural_person": 7},
    )
    made.source = type(made.source)(texts(), None, "a" * 64, 1, "text/html", "utf-8")
    n = len(made)
    made.columns.raws[:] = [texts() for _ in range(n)]
    made.columns.units.update({i: texts() for i in range(n)})
    made.columns.repairs.update({i: (Repair("x", 0, 1, texts(), texts()),) for i in range(0, n, 9)})
    made.columns.where[:] = [
        Locator(table=2, row=1 + i % 20, column=1, sheet=texts()) for i in range(n)
    ]
    made.rows = {
        (RQ, r.key): RowMatch(RQ, r.key, "label", texts()) for r in made.layout.table(RQ).rows
    }
    blocks = [Heading(texts()), *(Paragraph(texts()) for _ in range(20)), table]
    return report_page(made, None, Document(blocks, "html"))


def test_500_hostile_strings_leave_elements_and_attributes_as_they_are() -> None:
    strings = hostile()
    assert len(set(strings)) >= 500
    used: list[str] = []

    def next_hostile() -> str:
        used.append(strings[len(used) % len(strings)])
        return used[-1]

    page = _filled(next_hostile)
    turn = iter(used)
    plain = _filled(lambda: harmless(next(turn)))
    assert len(used) >= len(strings)
    assert skeleton(page) == skeleton(plain)
    text = LexborHTMLParser(page).css_first("#source").text()
    assert "<script>alert(1)</script>" in text  # shown as it is, as text


def test_the_policy_names_the_one_style_and_the_one_script() -> None:
    page = report_page(town())
    tree = LexborHTMLParser(page)
    policy = tree.css_first('meta[http-equiv="Content-Security-Policy"]').attributes["content"]
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    for text in (style, script):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_nothing_is_loaded_from_outside() -> None:
    for source in SAMPLES[:2]:
        tree = LexborHTMLParser(report_page(parse(source, url="https://a.gov.cn/1"), source))
        for node in tree.css("[src], [srcset], link, iframe, object, embed, base, form"):
            pytest.fail(node.html or "")
        for node in tree.css("[href]"):
            href = node.attributes["href"] or ""
            assert href.startswith("data:image/png;base64,") or node.tag == "a"
        assert not [n for n in tree.css("*") if any(a.startswith("on") for a in n.attributes)]
        assert not tree.css("[style]")  # the policy would refuse them
    css = (ROOT / "src/govreport_parse/review/templates").glob("*.css")
    assert not any("url(" in p.read_text() or "@import" in p.read_text() for p in css)


def test_only_web_addresses_become_links() -> None:
    assert link("https://www.a.gov.cn/art/1.html?x=1&y=2") is not None
    assert link("http://192.168.0.1:8080/") is not None
    for bad in (
        *("javascript:alert(1)", "JAVASCRIPT:alert(1)", " javascript:alert(1)", "data:text/html,x"),
        *("file:///etc/passwd", "//evil.example", "https://", "http://[::1", "ftp://a/b", "", None),
        *("https://a/\n", "https://a/\u202e", 'https://a/"x', "https://a/<b>", "vbscript:x"),
    ):
        assert link(bad) is None, bad
    made = town()
    made.source = type(made.source)("x", "javascript:alert(1)", "a" * 64, 1, "text/html", None)
    assert not LexborHTMLParser(report_page(made)).css("a[href]")
    (a,) = LexborHTMLParser(report_page(town())).css("a[href]")
    assert a.attributes["href"] == "https://town.example/town.html"
    assert "noreferrer" in (a.attributes["rel"] or "")


def test_personal_numbers_are_masked_everywhere() -> None:
    secret = "13812345678"
    table = Table(2)
    table.add(f"手机{secret}", 0, 0)
    made = town(
        title=f"报告 {secret}",
        findings=(Finding("x", "warning", f"see {secret}", f"见{secret}"),),
    )
    made.columns.raws[12] = secret
    made.rows = {(RQ, "granted"): RowMatch(RQ, "granted", "label", f"予以公开{secret}")}
    blocks = [Heading(secret), Paragraph(f"电话{secret}"), Paragraph(f"{secret} | 2", 5), table]
    page = report_page(made, None, Document(blocks, "html"))
    assert secret not in page
    assert page.count("〔MOBILE〕") >= 7


def test_what_steers_a_display_is_spelled_out() -> None:
    assert shown("a\x00b\u202ec\ud800\n甲\u3000乙") == "a\\x00b\\u202ec\\ud800\n甲\u3000乙"
    assert shown(None) == ""
    report_page(town(title="\ud800")).encode("utf-8")


def test_data_for_the_script_can_not_end_it() -> None:
    page = report_page(town(), None, Document([Paragraph("x")], "html"))
    raw = re.findall(r'id="data">(.*?)</script>', page, re.DOTALL)[0]
    assert not set("<>&\u2028\u2029") & set(raw)


def test_a_missing_jinja2_is_told_with_the_extra_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from govreport_parse.review import shell

    real = builtins.__import__

    def refuse(name: str, *args: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "jinja2":
            raise ImportError(name)
        return real(name, *args, **more)

    shell._environment.cache_clear()
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(UsageError, match="jinja2") as caught:
        render("report", {})
    assert "govreport_parse[report]" in caught.value.hint


def test_import_of_the_room_is_light() -> None:
    import subprocess
    import sys

    code = (
        "import sys, govreport_parse.review as r\n"
        "assert set(r.__all__) <= set(dir(r)) | set(r._HOMES)\n"
        "print([m for m in ('jinja2', 'pandas', 'pyarrow', 'pypdfium2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_rows_that_the_form_does_not_have_are_shown() -> None:
    folder = ROOT / "fixtures/ogi_annual_2021/odd_html_extra_row"
    source = Source((folder / "source.html").read_bytes(), "source.html")
    made = parse(source)
    assert made.extra_rows
    tree = LexborHTMLParser(report_page(made, source))
    rows = tree.css("td.extra")
    assert len(rows) == len(made.extra_rows)
    row = made.extra_rows[0]
    assert rows[0].text() == " | ".join(row["cells"])
    place = rows[0].attributes["data-place"]
    assert place
    assert tree.css(f'#source [data-key="{place}"]')


FOLDERS = (
    *("ogi_annual_2021/text_d1_leading_bar", "ogi_annual_2021/text_d2_full_grid"),
    *("ogi_annual_2021/text_markdown", "ogi_annual_2021/text_tabs"),
    *("ogi_annual_2021/text_f_value_a_line", "ogi_annual_2021/quirk_question_marks_of_mirror"),
    *("ogi_annual_2021/html_text_in_breaks", "ogi_annual_2021/html_text_in_paragraphs"),
    *("ogi_annual_2021/odd_html_two_reports", "ogi_annual_2021/odd_text_two_reports"),
    *("ogi_annual_2021/pdf_with_recognised_text", "ogi_annual_2021/zip_with_word_report"),
    *("ogi_annual_2021/xlsx_2021", "ogi_annual_2021/docx_embedded_object"),
)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.partition("/")[2])
def test_places_of_every_format_lead_to_the_text_read(folder: str) -> None:
    path = next((ROOT / "fixtures" / folder).glob("source.*"))
    source = Source(path.read_bytes(), path.name)
    made = parse(source)
    page = report_page(made, source)
    texts = {
        n.attributes["data-key"]: n.text() for n in LexborHTMLParser(page).css("#source [data-key]")
    }
    shown_figures = data_of(page)["figures"]
    figures = [f for one in (made, *made.others) for f in one]
    for shown_figure, own in zip(shown_figures, figures, strict=True):
        assert (own.locator is None) == (shown_figure["key"] == "")
        if own.locator is not None and own.raw:
            assert own.raw.strip() in texts[shown_figure["key"]]


def test_documents_of_an_archive_keep_their_cells_apart() -> None:
    import io
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for n, sample in enumerate(SAMPLES[:2]):
            archive.writestr(f"{n}.html", sample.data)
    source = Source(packed.getvalue(), "two.zip")
    made = parse(source)
    assert len(made.others) == 1
    page = report_page(made, source)
    tree = LexborHTMLParser(page)
    keys = [n.attributes["data-key"] for n in tree.css("#source [data-key]")]
    used = [k for k in keys if k]
    assert len(used) == len(set(used))
    texts = {n.attributes["data-key"]: n.text() for n in tree.css("#source [data-key]")}
    figures = [f for one in (made, *made.others) for f in one]
    for shown_figure, own in zip(data_of(page)["figures"], figures, strict=True):
        assert texts[shown_figure["key"]].strip() == (own.raw or "").strip()
