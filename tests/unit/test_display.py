from __future__ import annotations

import re
from decimal import Decimal

import pytest
from handmade import PD, RL, RQ, hybrid, report, town

from govreport_parse.display import IN_SOURCE, UNDECIDED, card, explain, html, plain, width, wrap
from govreport_parse.errors import UsageError
from govreport_parse.formbook import Layout
from govreport_parse.report import RowMatch
from govreport_parse.values import Finding, Repair, State

# -- width -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("青石镇", 6), ("（一）", 6), ("e\u0301", 1), ("", 0)]
)
def test_width_counts_terminal_columns(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\u202eb", "a\\u202eb"),
        ("a\ud800", "a\\ud800"),
        ("  a \n b ", "a b"),
        (None, ""),
    ],
)
def test_plain_lets_no_control_character_through(text: str | None, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize("most", [2, 3, 7, 8, 20])
def test_plain_cuts_to_a_width(most: int) -> None:
    cut = plain("青石镇abc人民政府", most)
    assert width(cut) <= most
    assert cut.endswith("…") or cut == "青石镇abc人民政府"


@pytest.mark.parametrize(
    "text", ["word " * 60, "字" * 200, "x" * 300, "字 word " * 40, "", " ", "字" * 39 + "xx 字"]
)
def test_wrap_keeps_the_width_and_loses_nothing(text: str) -> None:
    lines = wrap(text, "    ", "  * ")
    assert all(width(line) <= 80 for line in lines)
    assert "".join("".join(lines).split()) == "*" + "".join(text.split())


# -- card ------------------------------------------------------------------------------------------


def test_the_card_says_who_when_and_from_where() -> None:
    text = card(town())
    for part in (
        "青石镇2023年政府信息公开工作年度报告",
        "青石镇人民政府  (from: title)",
        "2023  (from: period)",
        "2024-01-20",
        "ogi_annual_2021",
        "town.html (text/html, utf-8, 1,234 bytes)",
        "https://town.example/town.html",
        "999101",
    ):
        assert part in text


def test_the_card_says_what_is_not_known() -> None:
    text = card(report())
    assert "(no title / 无标题)" in text
    assert text.count("not stated / 未注明") == 3


@pytest.mark.parametrize(
    "made",
    [
        town(),
        hybrid(),
        report(of=Layout(()), form="narrative"),
        report(fill=State.ABSENT, form_id="ogi_annual_2019"),
        report(fill=123456789, title="政府信息公开" * 30, organ="x" * 200),
        town(
            findings=tuple(Finding("c", "info", "文字 and words " * 40, "", ()) for _ in range(30))
        ),
    ],
    ids=["town", "hybrid", "narrative", "absent", "broken", "findings"],
)
def test_no_line_of_the_card_is_wider_than_80(made: object) -> None:
    for line in card(made).split("\n"):  # type: ignore[arg-type]
        assert width(line) <= 80
        assert line == line.rstrip()


def _numbers(text: str, label: str) -> list[str]:
    line = next(x for x in text.split("\n") if label in x)
    return line.split(label)[1].split()


def test_the_card_counts_states_a_table() -> None:
    made = town(
        changes={f"{RQ}/granted/total": State.BLANK, f"{RQ}/granted/business": State.ABSENT}
    )
    text = card(made)
    # figures, reported, solved, blank, dash, unsure, absent
    assert _numbers(text, "Proactive disclosure") == ["10", "9", ".", ".", "1", ".", "."]
    assert _numbers(text, "Requests ") == ["175", "173", ".", "1", ".", ".", "1"]


def test_the_card_gives_the_main_numbers() -> None:
    text = card(town())
    assert _numbers(text, "requests newly received this year") == ["3"]
    assert _numbers(text, "requests carried in from last year") == ["1"]
    assert _numbers(text, " granted ") == ["2"]
    assert _numbers(text, " refused") == ["1"]
    assert _numbers(text, "outcomes, total") == ["3"]
    assert _numbers(text, "administrative review") == ["1"]


def test_the_card_never_sums_over_a_gap() -> None:
    text = card(town(changes={f"{RQ}/refused_state_secret/total": State.BLANK}))
    assert _numbers(text, " refused") == ["(1", "of", "8", "no", "number)"]
    blank = card(town(changes={f"{RQ}/granted/total": State.BLANK}))
    assert _numbers(blank, " granted ") == ["(blank)"]


def test_the_card_shows_other_handling_of_both_forms() -> None:
    old = report({f"{RQ}/other_handling/total": 4}, form_id="ogi_annual_2019")
    assert _numbers(card(old), "other handling") == ["4"]
    new = report({f"{RQ}/lapsed_fee_unpaid/total": 3, f"{RQ}/other_handling_other/total": 2})
    assert _numbers(card(new), "other handling") == ["5"]


def test_the_card_spells_out_broken_checks_with_both_sides() -> None:
    text = " ".join(card(town(changes={f"{RL}/review/total": 7})).split())
    assert "41 of 42 hold, 1 broken, 0 not checkable" in text
    assert "行政复议 (administrative review): its 4 parts add up to 1, 总计 is 7" in text
    assert UNDECIDED in text


def test_the_card_spells_out_the_balance_and_the_outcome_sum() -> None:
    broken = card(town(changes={f"{RQ}/carried_forward/total": 2, f"{RL}/review/total": 1}))
    text = " ".join(broken.split())
    assert "column 总计 (total): received + carried in = 4, outcomes + carried forward = 5" in text
    sums = " ".join(card(town(changes={f"{RQ}/granted/business": 2})).split())
    assert "the 21 outcome rows add up to 3, （七）总计 is 1" in sums


def test_the_card_limits_long_lists_and_says_so() -> None:
    # 25 rows whose total is one too high
    paths = {p: 1 for p in report().layout.paths if p.startswith(RQ) and p.endswith("/total")}
    text = card(report(paths))
    assert text.count("  ✗ ") == 8
    assert "more (govreport check lists all)" in text


def test_the_card_ranks_findings_by_severity() -> None:
    findings = (
        Finding("a_note", "info", "note", ""),
        Finding("an_error", "error", "bad", ""),
        Finding("a_doubt", "warning", "hm", ""),
    )
    text = card(town(findings=findings))
    assert "1 error, 1 warning, 1 info" in text
    assert text.index("an_error") < text.index("a_doubt") < text.index("a_note")


def test_a_document_with_two_reports_has_two_cards() -> None:
    made = town()
    made.others = (report(title="第二份", report_id=made.report_id + "#2"),)
    text = str(made)
    assert "第二份" in text
    assert made.report_id + "#2" in text


def test_the_card_of_a_hostile_source_has_no_escapes() -> None:
    made = town(title="a\x1b]0;x\x07", organ="\u202eabc")
    assert "\x1b" not in card(made)
    assert "\u202e" not in card(made)


# -- explain ---------------------------------------------------------------------------------------


def test_explain_tells_value_state_raw_place_and_row() -> None:
    text = town().explain(f"{RQ}/granted/total")
    assert text.startswith("requests/granted/total (（一）予以公开 / 总计; granted / total): 2 件.")
    assert "State reported (有数值)" in text
    assert "at table 2, row 6, column 10 reads “2”." in text
    assert "Its row was found by its label “（一）予以公开” at table 2, row 6." in text
    assert "It is in 2 checks" in text
    assert "the 21 outcome rows add up to 3, （七）总计 is 3; holds." in text
    assert "its 6 parts add up to 2, 总计 is 2; holds." in text
    assert "Finding row_matched_loosely" in text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.BLANK, "which is not 0"),
        (State.DASH, "a sign for nothing"),
        (State.UNREADABLE, "but no number"),
        (State.AMBIGUOUS, "its column is not certain"),
        (State.ABSENT, "was not found"),
    ],
)
def test_explain_says_why_there_is_no_value(state: State, words: str) -> None:
    text = explain(town(changes={f"{RL}/review/total": state}), f"{RL}/review/total")
    assert "no value." in text
    assert words in text
    assert f"State {state} " in text


def test_explain_lists_repairs_and_how_the_row_was_matched() -> None:
    made = town()
    i = made.layout.index[f"{RL}/review/total"]
    made.columns.repairs[i] = (Repair("full_width", 0, 1, "１", "1"),)
    made.rows = {(RL, "review"): RowMatch(RL, "review", "fuzzy", "行政法复议")}
    text = explain(made, f"{RL}/review/total")
    assert "the text was changed (full_width: “１” to “1”)" in text
    assert "by a label that resembles the form's “行政法复议”." in text


def test_explain_says_when_no_identity_speaks_of_a_figure() -> None:
    made = report({f"{PD}/administrative_fees/amount": Decimal("1234.5")})
    text = explain(made, f"{PD}/administrative_fees/amount")
    assert "1,234.5 万元." in text
    assert "No identity of the form speaks of it." in text


def test_explain_of_an_unknown_figure_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'requests/granted/total'"):
        explain(town(), "requests/granted/totl")


# -- verdict ---------------------------------------------------------------------------------------


def broken_review(verdict: str) -> object:
    made = town(changes={f"{RL}/review/total": 7})
    check = next(c for c in made.checks if c.state == "broken")
    detail = (("id", check.id), ("verdict", verdict))
    made.findings = (Finding("identity_broken", "error", "parts", "", check.figures, None, detail),)
    return made


def test_a_broken_check_is_undecided_unless_its_finding_says_that_the_cells_prove_it() -> None:
    path = f"{RL}/review/total"
    for made in (town(changes={path: 7}), broken_review("undecided")):
        assert UNDECIDED in explain(made, path)  # type: ignore[arg-type]
        assert IN_SOURCE not in explain(made, path)  # type: ignore[arg-type]
    proved = broken_review("source")
    assert IN_SOURCE in explain(proved, path)  # type: ignore[arg-type]
    assert UNDECIDED not in card(proved)  # type: ignore[arg-type]


def test_the_verdict_of_one_check_is_not_lent_to_another() -> None:
    made = broken_review("source")
    other = town(changes={f"{RL}/review/total": 7, f"{RQ}/granted/total": 9})
    other.findings = made.findings  # type: ignore[attr-defined]
    assert UNDECIDED in explain(other, f"{RQ}/granted/total")


def test_a_broken_check_is_told_once_on_the_card() -> None:
    text = card(broken_review("source"))  # type: ignore[arg-type]
    assert text.count("t4_review_total") == 1
    assert "findings 发现: none but the broken checks" in text


# -- html ------------------------------------------------------------------------------------------


def test_html_has_the_three_tables_with_their_chinese_labels() -> None:
    text = html(town())
    assert text.count("<table>") == text.count("</table>") == 3
    assert len(re.findall(r"<td ", text)) == 200
    for label in ("（一）予以公开", "法律服务机构", "第二十条第（八）项", "未经复议直接起诉"):
        assert label in text


def test_html_of_the_2019_form_has_198_cells() -> None:
    assert len(re.findall(r"<td ", html(report(form_id="ogi_annual_2019")))) == 198


def test_every_row_of_an_html_table_spans_the_same_width() -> None:
    for form_id in ("ogi_annual_2021", "ogi_annual_2019"):
        for table in re.findall(r"<table>.*?</table>", html(report(form_id=form_id)), re.S):
            rows = re.findall(r"<tr>.*?</tr>", table, re.S)
            widths = [0] * len(rows)
            for r, row in enumerate(rows):
                for cell in re.findall(r"<t[hd]([^>]*)>", row):
                    for below in range(_span("rowspan", cell)):
                        widths[r + below] += _span("colspan", cell)
            assert len(set(widths)) == 1


def _span(name: str, cell: str) -> int:
    found = re.search(name + r'="(\d+)"', cell)
    return int(found[1]) if found else 1


def test_html_marks_states_and_gives_raw_and_place() -> None:
    text = html(town(changes={f"{RQ}/granted/total": State.BLANK}))
    assert (
        'class="gr-blank" title="requests/granted/total: blank; raw “”; 件; table 2, row 6' in text
    )
    assert 'class="gr-dash"' in text
    assert "2 of" not in text
    blank = re.search(r'<td class="gr-blank"[^>]*>([^<]*)</td>', text)
    assert blank is not None
    assert blank[1] == ""


def test_html_escapes_everything_of_the_source() -> None:
    evil = '<script>alert("1")</script>'
    made = town(
        title=evil,
        organ=evil,
        findings=(Finding("x", "info", evil, evil),),
        changes={f"{RL}/review/total": State.UNREADABLE},
    )
    made.columns.raws[made.layout.index[f"{RL}/review/total"]] = '" onmouseover="x' + evil
    text = made._repr_html_()
    assert "<script" not in text
    assert 'onmouseover="' not in text
    assert "&lt;script&gt;" in text


def test_html_lists_broken_checks() -> None:
    text = html(town(changes={f"{RL}/review/total": 7}))
    assert "checks broken" in text
    assert "add up to 1, 总计 is 7" in text
    assert "checks broken" not in html(town())
