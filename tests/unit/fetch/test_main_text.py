"""Between which of its tags the main text of a page stands, told by hand for small pages."""

from __future__ import annotations

import pytest

from govreport_parse.fetch.main_text import main_text
from govreport_parse.fetch.tags import pieces

CELLS = "<td></td>" * 3


@pytest.mark.parametrize(
    ("page", "span"),
    [
        ('<div><td></td><div id="zoom"><td>a</td></div></div>', (3, 6)),
        ('<div><td></td><td id="zoom">a</td><td></td></div>', (3, 4)),
        ('<div id="zoom"><td></td>', (0, 3)),
        # An end tag closes what was opened in it, and nothing if it was never opened.
        ('<section><div id="zoom"><td></td></section><p>', (1, 4)),
        ('<div id="zoom"><td></td></span></form></div>', (0, 5)),
        # The longest of several.
        ('<div id="zoom"></div><div class="TRS_Editor"><td>a</td></div>', (2, 5)),
        (f"{CELLS}<article>a</article>", (6, 7)),
        ("<div><p>a</p></div>", None),
    ],
)
def test_containers_known_by_name(page: str, span: tuple[int, int] | None) -> None:
    assert main_text(pieces(page)) == span


def test_the_smallest_container_with_three_sections() -> None:
    sections = "总体情况", "主动公开政府信息", "其他需要报告"
    cells = "".join(f"<td>{section}</td>" for section in sections)
    # body, div, three empty cells (6), section, three cells (6), its end.
    assert main_text(pieces(f"<body><div>{CELLS}<section>{cells}</section></div>")) == (8, 15)
    one = f"<td>{'，'.join(sections)}</td>"
    assert main_text(pieces(f"<body><div>{CELLS}{one}{CELLS}</div></body>")) == (8, 9)


def test_so_many_open_containers_that_no_more_are_counted() -> None:
    page = "<div>" * 4999 + '<div id="zoom">' + CELLS + "</div>" * 5000
    assert main_text(pieces(page)) == (4999, 5006)
    # The one too many is not seen to open, so that nothing known is found.
    page = "<div>" * 5000 + '<div id="zoom">' + CELLS + "</div>" * 5001
    assert main_text(pieces(page)) is None
