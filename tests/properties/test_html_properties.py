"""For every page: no crash, no text lost or made up, spans as a plain model opens them."""

from __future__ import annotations

from html import escape

from hypothesis import given, settings
from hypothesis import strategies as st

from govreport_parse.documents.grid import place_group
from govreport_parse.documents.html import read_html
from govreport_parse.documents.model import Document, Table
from govreport_parse.errors import LimitExceededError

WORDS = st.text(alphabet="甲乙丙规章0123456789一二三、（）.-", min_size=1, max_size=6)
TAG_NAMES = """
    p div span font b table tr td th li ul h2 br img o:p center tbody caption a pre strong
    section form input nobr
"""
TAGS = st.sampled_from(TAG_NAMES.split())
NOISE = st.one_of(
    TAGS.map(lambda t: f"<{t}>"),
    TAGS.map(lambda t: f"</{t}>"),
    st.sampled_from(
        [
            "<td colspan=3 rowspan=2>",
            "<td rowspan=0>",
            "<td colspan='２'>",
            "<tr style='display:none'>",
            "&nbsp;",
            "\n ",
            "<!-- x -->",
            "<script>9</script>",
            "<select><option>9</select>",
            "<div id=zoom class=TRS_Editor>",
            "<table><tr><td>1<td>2<tr><td>3<td>4</table>",
            "<nav>",
            "<",
            "<!",
            "\x00",
            "#PAGE_BREAK#",
        ]
    ),
    WORDS,
)


def all_text(document: Document) -> str:
    parts = ["".join(b.texts) if isinstance(b, Table) else b.text for b in document.blocks]
    return "".join("".join(parts).split())


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        document = read_html(text)
    except LimitExceededError:
        return
    for table in document.tables:
        for text_of_cell in table.texts:
            assert text_of_cell == text_of_cell.strip()


@given(st.lists(NOISE, max_size=60))
@settings(max_examples=300)
def test_damaged_markup_gives_sound_tables(pieces: list[str]) -> None:
    document = read_html("".join(pieces))
    assert [t.number for t in document.tables] == list(range(1, len(document.tables) + 1))
    for block in document.blocks:
        if not isinstance(block, Table):
            assert block.text
            assert block.text == block.text.strip()
            continue
        assert len(block) == len(block.rows) == len(block.columns) > 1
        assert len(block) == len(block.rowspans) == len(block.colspans)
        assert block.rows == sorted(block.rows)
        assert len(set(zip(block.rows, block.columns, strict=True))) == len(block)


INLINE = st.sampled_from(["word", "word", "long", "section", "span", "br", "font", "comment"])
DOCTYPE = st.sampled_from(["", "<!DOCTYPE html>"])
BLOCK = st.sampled_from(["p", "div", "li", "h2", "table", "table", "loose"])


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_text_is_lost_or_made_up(data: st.DataObject) -> None:
    """Well-formed nesting of everything that shows text; words come out once and in order.

    Long words and section names make some of the tables layout.
    """
    words: list[str] = []

    def word(text: str) -> str:
        words.append(f"{text}w{len(words)}.")
        return words[-1]

    def inline(depth: int) -> str:
        kind = data.draw(INLINE)
        if kind in ("span", "font"):
            return f"<{kind}>{inline(depth + 1) if depth < 4 else ''}</{kind}>"
        texts = {"word": "", "long": "长" * 150, "section": "一、总体情况"}
        if kind in texts:
            return word(texts[kind])
        return "<br>" if kind == "br" else "<!--no-->"

    def block(depth: int) -> str:
        kind = data.draw(BLOCK)
        if kind == "loose":
            return inline(0)
        if kind in ("p", "h2") or depth > 3:
            return f"<p>{inline(0)}{inline(0)}</p>"
        if kind == "table":
            columns = range(data.draw(st.integers(1, 3)))
            rows = range(data.draw(st.integers(1, 3)))
            cells = "".join(
                "<tr>" + "".join(f"<td>{block(depth + 1)}</td>" for _ in columns) for _ in rows
            )
            return f"<table>{cells}</table>"
        return f"<{kind}>{block(depth + 1)}{block(depth + 1)}</{kind}>"

    page = data.draw(DOCTYPE) + "".join(block(0) for _ in range(data.draw(st.integers(1, 4))))
    assert all_text(read_html(page)) == "".join(words)


SPAN = st.sampled_from([1, 1, 1, 2, 3, 5])
ROWS = st.lists(st.lists(st.tuples(SPAN, SPAN), min_size=1, max_size=5), min_size=1, max_size=7)


def model(rows: list[list[tuple[int, int]]]) -> list[tuple[int, int]]:
    """Origins of all cells, by filling in every single grid place."""
    taken: set[tuple[int, int]] = set()
    origins = []
    for r, row in enumerate(rows):
        c = 0
        for down, across in row:
            while (r, c) in taken:
                c += 1
            origins.append((r, c))
            for i in range(min(down, len(rows) - r)):
                taken |= {(r + i, c + k) for k in range(across)}
            c += across
    return origins


@given(ROWS)
@settings(max_examples=300)
def test_spans_open_as_in_a_grid_filled_place_by_place(rows: list[list[tuple[int, int]]]) -> None:
    table = Table(1)
    place_group(
        table, [([""] * len(r), {i: s for i, s in enumerate(r) if s != (1, 1)}) for r in rows]
    )
    assert list(zip(table.rows, table.columns, strict=True)) == model(rows)


@given(ROWS, st.data())
def test_the_reader_opens_spans_the_same_way(
    rows: list[list[tuple[int, int]]], data: st.DataObject
) -> None:
    rows = [[(1, 1), *row] for row in rows]
    words = [[data.draw(WORDS) for _ in row] for row in rows]
    page = "".join(
        "<tr>"
        + "".join(
            f"<td rowspan={d} colspan='{a}'>{escape(w)}" for (d, a), w in zip(r, ws, strict=True)
        )
        for r, ws in zip(rows, words, strict=True)
    )
    (table,) = read_html(f"<table>{page}</table>").tables
    assert list(zip(table.rows, table.columns, strict=True)) == model(rows)
    assert table.texts == [w for ws in words for w in ws]
