"""One definition of light colours and of the marks round doubtful figures, for all readers.

Contrast by WCAG 2.1: E0E0E0 on white is 1.05 / 0.795 = 1.32 to 1, DFDFDF is the next darker.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from govreport_parse import documents
from govreport_parse.documents.html import read_html
from govreport_parse.documents.sheet_looks import rich_text
from govreport_parse.documents.unseen import (
    CLOSE,
    COUNTS,
    FIGURES,
    MARKED,
    OPEN,
    is_light,
    is_light_hex,
    set_apart,
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "light"),
    [
        ("E0E0E0", True), ("FFe0F5", True), ("FFDFFF", False), ("80E0E0E0", True),
        ("00000000", False), ("FFF", False), ("auto", False), ("", False), (None, False),
    ],
)  # fmt: skip
def test_light_colours_of_office_files(text: str | None, light: bool) -> None:
    assert is_light_hex(text) is light


@pytest.mark.parametrize(
    ("style", "light"),
    [
        ("#e0e0e0", True), ("#DFDFDF", False), ("#eee", True), ("#ddd", False),
        ("rgb(224,224,224)", True), ("rgb(224, 223, 224)", False),
    ],
)  # fmt: skip
def test_web_pages_and_workbooks_agree_on_light_colours(style: str, light: bool) -> None:
    page = f"<table><tr><td>甲</td><td>10<i style='color:{style}'>1</i></td></tr></table>"
    assert read_html(page).tables[0].texts[1] == ("10⟦1⟧" if light else "101")
    if style.startswith("#") and len(style) == 7:
        runs = f"<r><t>10</t></r><r><rPr><color rgb='FF{style[1:]}'/></rPr><t>1</t></r>"
        assert rich_text(f"<si>{runs}</si>".encode()) == ("10⟦1⟧" if light else None)


def test_white_letters_on_a_nearly_white_ground_are_not_seen() -> None:
    page = (
        "<table><tr><td>甲</td><td style='background:{}'>10<i style='color:#fff'>1</i></td></table>"
    )
    assert read_html(page.format("#e2e2e2")).tables[0].texts[1] == "10⟦1⟧"
    assert read_html(page.format("#c2c2c2")).tables[0].texts[1] == "101"


def test_marks_and_figures() -> None:
    assert not is_light(255, 255, 223)
    assert set_apart("5") == f"{OPEN}5{CLOSE}" == "⟦5⟧"
    assert MARKED.sub("", "a⟦图片⟧b⟦⟧c⟦d") == "abc⟦d"
    assert FIGURES.fullmatch("（12 件）")
    assert not FIGURES.fullmatch("12 份")
    assert COUNTS.search("百")
    assert not COUNTS.search("件")


def test_no_other_module_writes_the_marks_out() -> None:
    package = Path(documents.__file__).parents[1]
    for path in package.rglob("*.py"):
        if path.name == "unseen.py":
            continue
        tree = ast.parse(path.read_text("utf-8"))
        prose = {
            id(n.value)
            for n in ast.walk(tree)
            if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)
        }
        written = [
            n.lineno
            for n in ast.walk(tree)
            if isinstance(n, ast.Constant)
            and isinstance(n.value, str)
            and id(n) not in prose
            and (OPEN in n.value or CLOSE in n.value)
        ]
        assert not written, (path, written)
