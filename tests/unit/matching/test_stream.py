"""Tables in running text, piece by piece: places, cells, lines and what a whole table decides."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

import govreport_parse as gov
from govreport_parse.documents.model import Block, Heading, Paragraph
from govreport_parse.formbook import PROACTIVE, REQUESTS, REVIEW
from govreport_parse.matching.hits import Hit
from govreport_parse.matching.stream import stream_tables
from govreport_parse.matching.stream_text import FOLDS_TO_DIGITS, is_prose, squeeze, stream_text
from govreport_parse.matching.stream_values import cut_values, values_after
from govreport_parse.text import fold
from govreport_parse.values import Locator, State

ALL = frozenset({PROACTIVE, REQUESTS, REVIEW})


def lines(text: str, first: int = 1) -> list[Block]:
    return [Paragraph(t, line=n) for n, t in enumerate(text.split("\n"), first)]


def hits(text: str, wanted: frozenset[str] = ALL) -> list[Hit]:
    return stream_tables(lines(text), wanted).rows.hits


def row(found: Sequence[Hit], key: str) -> Hit:
    return next(h for h in found if h.match is not None and any(k == key for _, k in h.match.rows))


ROWS = (
    ("requests_received", "一、本年新收政府信息公开申请数量", (5, 1, 0, 0, 0, 0, 6)),
    ("requests_carried_in", "二、上年结转政府信息公开申请数量", (0, 0, 0, 0, 0, 0, 0)),
    ("granted", "三、本年度办理结果（一）予以公开", (3, 1, 0, 0, 0, 0, 4)),
    ("granted_in_part", "（二）部分公开", (1, 0, 0, 0, 0, 0, 1)),
    ("refused_state_secret", "（三）不予公开1.属于国家秘密", (0, 0, 0, 0, 0, 0, 0)),
    ("refused_prohibited_by_law", "2.其他法律行政法规禁止公开", (1, 0, 0, 0, 0, 0, 1)),
    ("outcomes_total", "（七）总计", (5, 1, 0, 0, 0, 0, 6)),
    ("carried_forward", "四、结转下年度继续办理", (0, 0, 0, 0, 0, 0, 0)),
)


def table(join: str, end: str = "", between: str = "\n", **changed: str) -> str:
    """Table 3; ``changed`` prints a row's values (by number, ``r3``) otherwise."""
    out = []
    for n, (_, label, values) in enumerate(ROWS):
        shown = changed.get(f"r{n}", join.join(map(str, values)))
        out.append(label + join + shown + end)
    return between.join(out)


# -- text ------------------------------------------------------------------------------------------


def test_offsets_lead_back_to_block_line_and_cell() -> None:
    source = stream_text([Heading("标题"), *lines("规章 | 1 | 2 | 3 |\n\n行政许可 | 4 |", 9)])
    at = source.text.index("2")
    assert source.block_at(at) == 1
    assert source.locator(at) == Locator(line=9, cell=3)
    assert source.locator(source.text.index("4")) == Locator(line=11, cell=2)


def test_lines_inside_a_paragraph_are_counted() -> None:
    source = stream_text([Paragraph("规章\n| 1\n| 2", line=20)])
    assert source.locator(source.text.index("2")) == Locator(line=22, cell=1)


def test_bars_of_every_kind_are_bars() -> None:
    source = stream_text([Paragraph("规章│１┃2｜3", line=1)])
    assert source.text == "规章|1|2|3"
    assert source.raw(("1", 3)) == "１"
    assert not source.plain_digits


def test_all_signs_that_fold_to_a_digit_are_known() -> None:
    signs = [chr(c) for c in range(0x80, 0x20000) if not 0xD800 <= c < 0xE000]
    folding = {c for c in signs if any(d in "0123456789" for d in fold(c))}
    assert {c for c in signs if FOLDS_TO_DIGITS.search(c)} == folding


@pytest.mark.parametrize(
    ("printed", "state", "value"),
    [
        ("①", State.UNREADABLE, None),
        ("⑩", State.UNREADABLE, None),
        ("②2", State.UNREADABLE, None),  # was 22
        ("12①", State.REPORTED, 12),  # was 121; the mark of a note, said as a repair
        ("１2", State.REPORTED, 12),
    ],
)
def test_a_circled_number_in_a_cell_is_what_the_source_prints(
    printed: str, state: State, value: int | None
) -> None:
    report = gov.parse(
        "清河县教育局2022年政府信息公开工作年度报告\n二、主动公开政府信息情况\n"
        "信息内容 | 本年制发件数 | 本年废止件数 | 现行有效件数\n"
        f"规章 | {printed} | 2 | 3\n行政规范性文件 | 4 | 5 | 6\n"
        f"信息内容 | 本年处理决定数量\n行政许可 | {printed}\n行政处罚 | 7\n行政强制 | 8\n"
        "信息内容 | 本年收费金额（单位：万元）\n行政事业性收费 | 9\n"
    )
    for path in ("rules/issued", "licensing/decisions"):
        figure = report[f"proactive_disclosure/{path}"]
        assert (figure.state, figure.raw, figure.value) == (state, printed, value)
        assert bool(figure.repairs) == (state is State.REPORTED)
    assert report["proactive_disclosure/rules/repealed"].value == 2


def test_squeezed_text_maps_a_label_over_lines_to_its_start_and_end() -> None:
    text = "商业 |\n 企业 | 科研"
    squeezed = squeeze(text)
    assert squeezed.text == "商业企业科研"
    assert squeezed.span(0, 4) == (0, text.index("业 | 科") + 1)
    assert squeezed.span(2, 3) == (text.index("企"), text.index("企") + 1)


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        ("2023年，我局公开信息555条。" * 20, True),
        ("本年新收申请5件，办结5件。其中予以公开3件，部分公开1件，不予公开1件。" * 5, True),
        (table("", between=""), False),
        ("今年的情况如下。" + table("", between="") + "以上是全部数据。", False),
        ("工作情况。" * 40 + "\n规章 | 0 | 0 | 3 |", False),
        ("一、本年新收政府信息公开申请数量" + "-" * 70, False),
        ("工作情况，" * 40, False),
    ],
)
def test_only_sentences_without_a_table_among_them_are_left_out(text: str, prose: bool) -> None:
    assert is_prose(text) is prose
    blocks = [Paragraph("规章", line=1), Paragraph(text, line=2), Paragraph("行政强制", line=3)]
    source = stream_text(blocks)
    assert (source.numbers == [0, 2]) is prose
    at = source.text.index("行政强制")
    assert source.locator(at) == Locator(line=3, cell=1)
    assert source.distance(at) == (len(text) if prose else 0)
    assert source.distance(0) == 0


# -- values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" | 1 | 2 | 3 |\n", ["1", "2", "3"]),
        ("\n1\n2\n3\n", ["1", "2", "3"]),
        (" |\n1 |\n2 |\n3 | |||\n", ["1", "2", "3"]),
        ("\t1\t\t3\n", ["1", "", "3"]),
        (" 1 2 3", ["1", "2", "3"]),
        ("123", ["123"]),
        (" | 1 | | 3 |\n", ["1", "", "3"]),
        (" | - | — | / |\n", ["-", "—", "/"]),
        (" | 5件 | 2项 |\n行政处罚", ["5件", "2项"]),
        (" | 1 | 若干 | 3 |", ["1"]),
        ("”）| 1 | 2 |", ["1", "2"]),
        ("的说明文字 | 1 | 2 |", ["1", "2"]),
        ("\n1\n-5-\n2\n— 6 —\n3", ["1", "2", "3"]),
        (" - 1 -\n", ["-", "1", "-"]),
        ("\n-\n1\n-\n", ["-", "1", "-"]),
        (" | -5- | 2 |", ["-5-", "2"]),
        (" | ", []),
        ("", []),
    ],
)
def test_values_behind_a_label(text: str, expected: list[str]) -> None:
    found = values_after(text, 0, len(text))
    assert [t for t, _ in found.inner] == expected
    for piece, at in found.shown:
        assert text[at : at + len(piece)] == piece


@pytest.mark.parametrize(
    ("piece", "parts", "whole"),
    [
        ("14", ["14"], None),
        ("14 069", ["14 069"], None),
        ("14 169", ["14", "169"], "14 169"),
        ("1 2", ["1", "2"], None),
        ("0 0 0", ["0", "0", "0"], None),
        ("? 14", ["? 14"], None),
        ("12 516.3", ["12", "516.3"], "12 516.3"),
        (" ", [""], None),
        ("见附件", None, None),
        ("5 见附件", None, None),
    ],
)
def test_a_piece_is_cut_at_blanks_unless_it_must_be_one_number(
    piece: str, parts: list[str] | None, whole: str | None
) -> None:
    found = cut_values(piece, 10)
    if parts is None:
        assert found is None
        return
    assert found is not None
    assert [t for t, _ in found[0]] == parts
    assert (found[1][0] if found[1] else None) == whole


# -- what the whole table decides ------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        table(" | ", " |"),
        table("\n"),
        table(" "),
        table("\t"),
        table("\n|\n", "\n|"),
        table(" |\n", " |||"),
        table(" ", between=" "),
        "|\n" + table(" |\n", " |||\n|"),
    ],
    ids=["bars", "lines", "blanks", "tabs", "lone_bars", "cell_a_line", "one_line", "openers"],
)
def test_full_rows_are_placed_whatever_separates_them(text: str) -> None:
    found = hits(text)
    for key, _, values in ROWS:
        hit = row(found, key)
        assert hit.tokens == [str(v) for v in values]


def test_a_lost_blank_leaves_the_row_open() -> None:
    hit = row(hits(table(" | ", " |", r2="3 | 1 | 0 | 0 | 4")), "granted")
    assert not hit.placed or len(hit.tokens) != 7
    assert [t for t in hit.tokens if t] == ["3", "1", "0", "0", "4"]


def test_a_blank_in_its_place_is_kept_where_full_rows_show_none() -> None:
    hit = row(hits(table(" | ", " |", r2="3 | 1 |  | 0 | 0 | 0 | 4")), "granted")
    assert hit.placed
    assert hit.tokens == ["3", "1", "", "0", "0", "0", "4"]


def test_a_blank_kept_as_a_bar_on_a_line_of_its_own() -> None:
    """trafilatura 1.12 breaks the row there: ``5 |`` newline ``| 0 |``."""
    hit = row(hits(table(" | ", " |||", r2="3 |\n| 0 | 0 | 0 | 1 | 4")), "granted")
    assert hit.placed
    assert hit.tokens == ["3", "", "0", "0", "0", "1", "4"]


def test_numbers_on_the_next_line_are_not_the_rows_where_rows_are_lines() -> None:
    found = hits(table(" ", r3="1 0 0 0 0 0 1\n9 0 0 0 0 0 9"))
    assert row(found, "granted_in_part").tokens == ["1", "0", "0", "0", "0", "0", "1"]
    stray = [h for h in found if h.match is None]
    assert [h.tokens for h in stray] == [["9", "0", "0", "0", "0", "0", "9"]]


def test_a_row_that_goes_on_in_the_next_line_is_torn() -> None:
    hit = row(hits(table(" ", r3="1 0 0\n0 0 0 1")), "granted_in_part")
    assert hit.torn
    assert not hit.placed


@pytest.mark.parametrize(("join", "end"), [(" | ", " |"), (" | ", " |||"), ("\n", ""), ("\t", "")])
def test_grouped_digits_are_one_number_where_cells_are_separated_otherwise(
    join: str, end: str
) -> None:
    values = ["14 169", "1", "0", "0", "0", "0", "14 170"]
    assert row(hits(table(join, end, r2=join.join(values))), "granted").tokens == values


def test_grouped_digits_are_not_told_from_two_numbers_where_blanks_separate() -> None:
    hit = row(hits(table(" ", r2="14 169 1 0 0 0 0 14 170")), "granted")
    assert hit.tokens == ["14", "169", "1", "0", "0", "0", "0", "14", "170"]


def test_joined_digits_are_told_from_numbers() -> None:
    found = hits(table("", between="\n"))
    assert all(h.joined for h in found if h.tokens)
    assert row(found, "granted").tokens == ["3100004"]


@pytest.mark.parametrize("mark", ["- 5 -", "— 5 —", "-12-"])
@pytest.mark.parametrize("join", [" ", "\n"])
def test_page_marks_between_rows_are_no_rows(join: str, mark: str) -> None:
    text = table(join).replace("\n2.其他法律", f"\n{mark}\n2.其他法律")
    found = hits(text)
    assert all(h.match is not None for h in found)
    assert row(found, "refused_state_secret").tokens == ["0"] * 7


def test_an_unknown_label_between_known_rows_is_a_row_of_its_own() -> None:
    text = table(" | ", " |").replace("（二）部分公开", "（二）某种新结果")
    found = hits(text)
    assert [(h.label, h.tokens) for h in found if h.match is None] == [
        ("（二）某种新结果", ["1", "0", "0", "0", "0", "0", "1"])
    ]


# -- table 4 ---------------------------------------------------------------------------------------

HEADER = (
    "行政复议 | 行政诉讼 |\n"
    "结果维持 | 结果 | 其他 | 尚未 | 总计 | 未经复议直接起诉 | 复议后起诉 |\n"
)
NUMBERS = "1 | 0 | 0 | 0 | 1 | 2 | 0 | 0 | 0 | 2 | 0 | 0 | 3 | 0 | 3"


@pytest.mark.parametrize("join", [" | ", "\n", " ", "\t", " |\n"])
def test_fifteen_numbers_below_the_header_of_table_4(join: str) -> None:
    text = table(join) + "\n四、行政复议情况\n" + HEADER + NUMBERS.replace(" | ", join) + "\n五、"
    found = stream_tables(lines(text), ALL)
    hit = found.rows.hits[-1]
    assert hit.tokens == NUMBERS.split(" | ")
    assert hit.placed
    assert found.rows.headers[-1].review


def test_bars_far_below_table_4_are_none_of_its_cells() -> None:
    """Fourteen numbers, then text, then a lone bar: still fourteen."""
    text = table(" | ", " |") + "\n" + HEADER + NUMBERS.removesuffix(" | 3") + " |\n五、问题\n|\n|"
    hit = hits(text)[-1]
    assert len(hit.tokens) == 14
    assert not hit.placed


def test_no_table_4_without_a_whole_word_of_its_header() -> None:
    found = stream_tables(lines(table(" | ") + "\n结果 其他 总计 结果 其他\n1 2 3"), ALL)
    assert REVIEW not in found.spans


# -- which labels are the table --------------------------------------------------------------------


def test_row_labels_in_sentences_before_the_table_are_not_its_rows() -> None:
    prose = "本年予以公开9件，部分公开2件。结转下年度继续办理1件，已按要求办理。\n" * 4
    found = hits(prose + table(" | ", " |"))
    assert row(found, "granted").tokens == ["3", "1", "0", "0", "0", "0", "4"]
    assert len([h for h in found if h.match and h.match.rows[0][1] == "granted"]) == 1


def test_only_the_wanted_tables_are_looked_for() -> None:
    text = "第二十条第（一）项\n规章 1 2 3\n行政规范性文件 4 5 6\n" + table(" ")
    assert set(stream_tables(lines(text), frozenset({REQUESTS})).spans) == {REQUESTS}
    assert set(stream_tables(lines(text), ALL).spans) == {PROACTIVE, REQUESTS}


def test_the_last_row_of_no_form_is_kept_and_ends_the_table() -> None:
    text = (
        table(" | ", " |") + "\n五、其中网上申请 | 7 | 0 | 0 | 0 | 0 | 0 | 7 |\n四、行政复议 9 件"
    )
    found = stream_tables(lines(text), ALL)
    assert found.rows.hits[-1].label == "五、其中网上申请"
    assert found.text is not None
    assert found.text.text[: found.spans[REQUESTS][1]].endswith("| 7")


# -- bounds ----------------------------------------------------------------------------------------

N = 4000


@pytest.mark.long  # a busy machine may make any timing fail
@pytest.mark.parametrize(
    "text",
    [
        "规章" * N,
        "规章 | 0 | 0 | 0 |\n" * N,
        "一、本年新收政府信息公开申请数量 1 0 0 0 0 0 1\n四、结转下年度继续办理 0 0 0 0 0 0 0\n"
        * N,
        "一、本年新收政府信息公开申请数量" + " 0" * 10 * N,
        "予以公开\n" + "0\n" * 10 * N + "部分公开\n0\n结转下年度继续办理\n0",
        "行政复议行政诉讼结果维持结果纠正其他结果尚未审结总计\n1 2 3\n" * N,
        "予以公开" + "（" * 10 * N + ' |")' * N,
        "其他 总计 " * N,
    ],
    ids=["labels", "rows", "restarts", "zeros", "lines", "headers", "marks", "shared"],
)
def test_time_grows_with_the_text_and_not_with_its_square(text: str) -> None:
    """Four times the text in at most some ten times the time: generous, but not sixteen."""

    def cpu(part: str) -> float:
        before = time.process_time()
        stream_tables([Paragraph(part, line=1)], ALL)
        return time.process_time() - before

    cpu(text[:1000])
    quarter = min(cpu(text[: len(text) // 4]) for _ in range(2))
    assert min(cpu(text) for _ in range(2)) < 10 * quarter + 0.2


GRID = [(label, [str(v) for v in values]) for _, label, values in ROWS]
GRID[3] = ("（二）部分公开", [""] * 7)
GRID.insert(4, ("", ["1", "", "", "", "", "", "1"]))
"""A full grid: the numbers of （二）部分公开 stand on a line of their own below its blanks."""


def test_a_row_of_a_full_grid_without_a_label_keeps_its_columns() -> None:
    text = "\n".join(f"| {label} | {' | '.join(cells)} |" for label, cells in GRID)
    (stray,) = [h for h in hits(text) if not h.label]
    assert (stray.tokens, stray.placed) == (["1", "", "", "", "", "", "1"], True)
    head = "清河县教育局2022年政府信息公开工作年度报告\n三、收到和处理政府信息公开申请情况\n"
    found = gov.parse(head + text)
    states = [f.state for f in found if f.path.startswith("requests/granted_in_part/")]
    # 自然人 and 总计 stand below their own columns: only these two are in doubt
    assert states == [State.AMBIGUOUS, *[State.BLANK] * 5, State.AMBIGUOUS]


@pytest.mark.parametrize("join", [" ", " | ", "\n"])
def test_cells_of_a_row_that_the_form_does_not_have_are_in_no_place_of_its_own(join: str) -> None:
    rows = table(join).split("\n四、")
    text = f"{rows[0]}\n另行{join}{join.join('2000002')}\n四、{rows[1]}"
    (other,) = [h for h in hits(text) if h.label == "另行"]
    assert (other.tokens, other.placed) == (list("2000002"), False)
