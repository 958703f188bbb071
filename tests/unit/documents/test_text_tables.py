"""Tables of text files as programs write them: CSV, Markdown, frames with repeated labels."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

import pytest

from govreport_parse.documents.text import read_text
from govreport_parse.parsing import parse
from govreport_parse.testing import Record, record_of, render_text
from govreport_parse.values import Number, State

PD, RQ, RL = "proactive_disclosure", "requests", "review_and_litigation"
GRANTED = f"{RQ}/granted/natural_person"
FIGURES: dict[str, Number] = {
    f"{PD}/normative_documents/issued": 22,
    f"{PD}/licensing/decisions": 14069,
    f"{RQ}/requests_received/natural_person": 26,
    f"{RQ}/requests_received/business": 3,
    f"{RQ}/requests_received/total": 29,
    GRANTED: 26,
    f"{RQ}/granted/business": 3,
    f"{RQ}/granted/total": 29,
    f"{RQ}/outcomes_total/natural_person": 26,
    f"{RQ}/outcomes_total/business": 3,
    f"{RQ}/outcomes_total/total": 29,
    f"{RL}/review/upheld": 2,
    f"{RL}/review/total": 2,
}


def grid_lines(record: Record) -> list[list[str]]:
    """The report's lines; those of tables in cells, with a blank for each place of a span."""
    lines = render_text(record, "D2").text.split("\n")
    return [
        [c.strip() for c in line.strip().strip("|").split("|")] if "|" in line else [line]
        for line in lines
        if line.strip() and "---" not in line
    ]


def written(rows: Sequence[Sequence[str]], mark: str, quoting: int, padded: bool) -> str:
    out = io.StringIO()
    write = csv.writer(out, delimiter=mark, quoting=quoting, lineterminator="\n")  # type: ignore[arg-type]
    widest = max(map(len, rows))
    write.writerows([*r, *[""] * (widest - len(r))] if padded else r for r in rows)
    return out.getvalue()


def assert_all(text: str, record: Record, without: frozenset[str] = frozenset()) -> None:
    report = parse(text)
    for path, cell in record.cells.items():
        if path not in without:
            assert report[path].value == cell.value, path
            assert report[path].state is State.REPORTED, path


@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("mark", [",", ";"])
def test_a_csv_file_is_read(mark: str, quoting: int, padded: bool) -> None:
    record = record_of(FIGURES)
    assert_all(written(grid_lines(record), mark, quoting, padded), record)


@pytest.mark.parametrize("padded", [True, False])
def test_blank_fields_of_a_csv_file_keep_their_places(padded: bool) -> None:
    """Every 0 is a blank field; a row of table 2 of blanks only loses its places, and says so."""
    record = record_of(FIGURES)
    rows = [["" if c == "0" else c for c in r] for r in grid_lines(record)]
    report = parse(written(rows, ",", csv.QUOTE_MINIMAL, padded))
    for path, cell in record.cells.items():
        if cell.value and "/normative_documents/" not in path:
            assert report[path].value == cell.value, path
        else:
            assert report[path].value in (None, cell.value or None), path
    blank = [f for f in report if f.state is State.BLANK and f.table == RQ]
    assert len(blank) >= 150  # not those of the last row, whose places nothing shows


def test_a_figure_of_a_csv_file_is_located_by_line_and_field() -> None:
    record = record_of(FIGURES)
    rows = grid_lines(record)
    text = written(rows, ",", csv.QUOTE_ALL, True)
    line = next(i for i, r in enumerate(rows, 1) if "（一）予以公开" in r)
    where = parse(text)[GRANTED].locator
    assert where is not None
    assert (where.line, where.cell) == (line, rows[line - 1].index("26") + 1)


def test_prose_with_commas_is_no_csv_file() -> None:
    prose = "one, two, three, four, five, six, seven, eight, nine\n" * 14
    assert [b.text for b in read_text(prose).blocks] == prose.split("\n")[:-1]
    uneven = "\n".join(f"{'a,' * n}b" for n in range(8, 40))
    assert [b.text for b in read_text(uneven).blocks] == uneven.split("\n")


def bold(cell: str) -> str:
    return f"**{cell}**" if cell else cell


def escaped(cell: str) -> str:
    return cell.replace(".", r"\.").replace("（", r"\(").replace("）", r"\)")


def broken(cell: str) -> str:
    return cell.replace("政府信息公开", "政府信息<br>公开").replace("其他结果", "其他<br/>结果")


@pytest.mark.parametrize("change", [str, bold, escaped, broken])
def test_marks_of_markdown_in_cells(change: Callable[[str], str]) -> None:
    record = record_of(FIGURES)
    lines = [
        f"| {' | '.join(map(change, r))} |" if len(r) > 1 else r[0] for r in grid_lines(record)
    ]
    first = next(i for i, line in enumerate(lines) if line.startswith("|"))
    lines.insert(first + 1, "|---|:-:|---|---|")
    assert_all("\n".join(lines), record)


def test_marks_stay_where_no_rule_shows_markdown_and_between_digits() -> None:
    plain = "| **规章** | 3\\.5 |\n| ---- | 7 |"
    assert [b.text for b in read_text(plain).blocks] == plain.split("\n")
    table = "| a | b |\n|---|---|\n| 14<br>069 | 14 <br> 069 |"
    assert read_text(table).blocks[2].text == "| 14<br>069 | 14 <br> 069 |"


@pytest.mark.parametrize("bar", [" | ", "\t"])
def test_labels_repeated_in_the_places_of_a_merged_cell(bar: str) -> None:
    """pandas writes 一、… three times, and 三、本年度办理结果 before each of its rows."""
    record = record_of(FIGURES)
    rows = grid_lines(record)
    group = ""
    for r in rows:
        if len(r) != 10 or not r[9].isdigit():
            continue
        group = r[0] or group
        r[0] = group
        for k in (1, 2):
            r[k] = r[k] or r[k - 1]
    end = " |" if bar != "\t" else ""
    assert_all("\n".join(bar.join(r) + end if len(r) > 1 else r[0] for r in rows), record)


def test_repeated_words_that_name_no_row_stay_ink() -> None:
    record = record_of(FIGURES)
    rows = grid_lines(record)
    row = next(r for r in rows if "（一）予以公开" in r)
    row[3:] = ["见附件"] * 7
    report = parse("\n".join(f"| {' | '.join(r)} |" if len(r) > 1 else r[0] for r in rows))
    assert {f.state for f in report if "/granted/" in f.path} == {State.UNREADABLE}


def full_grid() -> tuple[Record, list[list[str]]]:
    record = record_of(FIGURES, organ="清河县水务局", year=2023)
    return record, grid_lines(record)


def test_lines_drawn_between_the_rows_are_no_cells() -> None:
    """A line of dashes was read as a dash in the last place of a row that had lost a cell."""
    record, rows = full_grid()
    rule = "-" * 60
    drawn = "\n".join(line for r in rows for line in ("    ".join(r), *([rule] * (len(r) > 1))))
    assert_all(drawn, record)
    assert "26    3    0" in drawn
    report = parse(drawn.replace("26    3    0", "26    3", 1))
    assert all(report[p].value in (None, c.value) for p, c in record.cells.items())
    assert all(report[p].state is not State.DASH for p in record.cells)


@pytest.mark.parametrize("bar", ["│", "║", "┃", "┆"])
def test_a_table_in_a_drawn_frame_is_read(bar: str) -> None:
    record, rows = full_grid()
    out = []
    for r in rows:
        out.append(bar + bar.join(r) + bar if len(r) > 1 else r[0])
        if len(r) > 1:
            out.append("├" + "┼".join(["──"] * len(r)) + "┤")
    assert_all("\n".join(out), record)


def test_short_dashes_stay_cells() -> None:
    record, rows = full_grid()
    text = "\n".join("│".join(r) for r in rows).replace("│0│", "│----│")
    report = parse(text)
    dashes = [p for p in record.cells if report[p].state is State.DASH]
    assert dashes
    assert all(record.cells[p].value == 0 for p in dashes)


def test_bars_between_tabs_are_one_separator() -> None:
    record, rows = full_grid()
    assert_all("\n".join("\t|\t".join(r) for r in rows), record)


def test_quotation_marks_around_fields_between_tabs_are_undone() -> None:
    record, rows = full_grid()
    assert_all(written(rows, "\t", csv.QUOTE_ALL, padded=False), record)


def test_a_wiki_table_reads_like_its_rows() -> None:
    record, rows = full_grid()
    out: list[str] = []
    for r in rows:
        out += ["|-", "| " + " || ".join(r)] if len(r) > 1 else ["|}", r[0], "{| class=wikitable"]
    assert_all("\n".join(out), record)


def test_entities_left_in_a_text_are_what_they_stand_for() -> None:
    record, rows = full_grid()
    text = "\n".join("|" + "|".join(c or "&nbsp;" for c in r) + "|" for r in rows)
    text = text.replace("“", "&ldquo;").replace("”", "&amp;rdquo;")
    assert "&ldquo;" in text
    assert "&nbsp;" in text
    assert_all(text, record)


def test_columns_of_equal_width_may_leave_many_blanks_behind_a_label() -> None:
    record, rows = full_grid()
    wide = "\n".join("".join(c.ljust(60) for c in r).rstrip() for r in rows)
    assert_all(wide, record)


def test_radicals_of_a_copied_pdf_are_characters() -> None:
    record, rows = full_grid()
    text = "\n".join("|".join(r) for r in rows).replace("⽔", "水")
    report = parse(text.replace("水", "⽔").replace("行", "⾏").replace("人", "⼈"))
    assert report.organ == parse(text).organ == "清河县水务局"
    assert all(report[p].value == c.value for p, c in record.cells.items())


def test_a_label_in_a_second_script_may_stand_before_the_chinese_one() -> None:
    record, rows = full_grid()
    for second in ("قائىدە نىزام", "སྒྲིག་གཞི།", "ᠳᠦᠷᠢᠮ"):
        text = "\n".join("|" + "|".join(r) + "|" for r in rows)
        text = text.replace("|规章", f"|{second} 规章").replace("|行政许可", f"|{second} 行政许可")
        assert_all(text, record)
