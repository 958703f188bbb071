from __future__ import annotations

import datetime
import json
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
from handmade import PD, RL, RQ, report, town

from govreport_parse.errors import UsageError
from govreport_parse.record_json import report_from_dict
from govreport_parse.review import (
    Verdict,
    apply_verdicts,
    check_verdicts,
    corrector,
    read_verdicts,
)
from govreport_parse.review import verdicts as verdicts_module
from govreport_parse.schema import schema
from govreport_parse.values import CheckState, State

ID = town().report_id
HEAD = "report_id,path,verdict,value,note,author,date"
GRANTED = f"{RQ}/granted/natural_person"


def file(*lines: str, head: str = HEAD) -> bytes:
    return "\n".join((head, *lines)).encode()


def line(path: str = GRANTED, verdict: str = "wrong", value: str = "2", **more: str) -> str:
    told = {"id": ID, "note": "misread", "author": "Wang", "date": "2024-05-31"} | more
    cells = (told["id"], path, verdict, value, told["note"], told["author"], told["date"])
    return ",".join(cells)


def refused(*lines: str, head: str = HEAD) -> str:
    with pytest.raises(UsageError) as caught:
        read_verdicts(file(*lines, head=head))
    assert caught.value.hint
    return caught.value.message


# -- reading ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "value"), [("5.0", 5), ("5.00", 5), ("0.0", 0), ("120.0", 120)])
def test_a_whole_number_as_a_data_frame_writes_it_is_that_number(text: str, value: int) -> None:
    (one,) = read_verdicts(file(line(value=text)))
    assert one.value == value
    assert isinstance(one.value, int)


@pytest.mark.parametrize("text", ["5.", ".0", "5.01", "-5.0", "5.0.0", "5,0"])
def test_what_only_resembles_one_is_refused(text: str) -> None:
    assert "no value that" in refused(line(value=f'"{text}"'))


def test_a_line_is_a_verdict() -> None:
    (one,) = read_verdicts(file(line()))
    day = datetime.date(2024, 5, 31)
    assert one == Verdict(ID, GRANTED, "wrong", 2, "misread", "Wang", day, 2)


def test_right_wrong_and_kinds_of_values() -> None:
    made = read_verdicts(
        file(
            line(verdict="right", value=""),
            line(f"{PD}/administrative_fees/amount", value="12.50"),
            line(f"{RQ}/granted/business", "错", "0"),
            line(f"{RQ}/granted/other_org", value="", note="torn page"),
            line("proactive_disclosure/licensing/items_change", value="-18"),
        )
    )
    assert [(v.verdict, v.value) for v in made] == [
        ("right", None),
        ("wrong", Decimal("12.50")),
        ("wrong", 0),
        ("wrong", None),
        ("wrong", -18),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_files_as_spreadsheets_save_them(encoding: str, separator: str) -> None:
    text = f"{HEAD}\r\n{line(author='王五', note='看错')}\r\n\r\n".replace(",", separator)
    (one,) = read_verdicts(text.encode(encoding))
    assert (one.author, one.note) == ("王五", "看错")


def test_columns_may_stand_in_any_order_and_fields_hold_line_breaks() -> None:
    head = "author,date,note,value,verdict,path,report_id"
    text = f'Wang,2024-05-31,"two\nlines, ""quoted""",2,wrong,{GRANTED},{ID}'
    (one,) = read_verdicts(file(text, head=head))
    assert one.note == 'two\nlines, "quoted"'


def test_the_sign_against_formulas_is_dropped() -> None:
    (one,) = read_verdicts(file(line(note="'=1+1", author="''x")))
    assert (one.note, one.author) == ("=1+1", "'x")
    (one,) = read_verdicts(file(line(note="'tis")))
    assert one.note == "'tis"


def test_the_same_verdict_twice_counts_once() -> None:
    assert len(read_verdicts(file(line(), line(author="Li", note="")))) == 1


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (line("requests/granted/totl"), "no form has a figure 'requests/granted/totl'"),
        (line("../../etc/passwd"), "no form has a figure"),
        (line(verdict="maybe"), "neither right nor wrong"),
        (line(verdict=""), "neither right nor wrong"),
        (line(verdict="right"), "needs no value"),
        (line(value="", note=""), "needs a value, or a note"),
        (line(value="-1"), "no value that"),
        (line(value="2.5"), "no value that"),
        (line(value="1e9"), "no value that"),
        (line(value="١٢"), "no value that"),
        (line(value="9" * 16), "no value that"),
        (line(value="nan"), "no value that"),
        (line(f"{PD}/administrative_fees/amount", value="-3"), "no value that"),
        (line(author=""), "author is missing"),
        (line(date="31.5.2024"), "no date"),
        (line(date=""), "no date"),
        (line(id="abc"), "no report id"),
        (line(id="1.23457E+15"), "spoiled by a spreadsheet"),
        (line() + ",more", "8 fields instead of 7"),
    ],
)
def test_lines_that_can_not_be_used_are_named(bad: str, told: str) -> None:
    message = refused(line(f"{RQ}/granted/business", value="0"), bad)
    assert "line 3: " in message
    assert "line 2" not in message
    assert told in message


def test_all_faults_are_told_at_once_and_not_without_end() -> None:
    message = refused(*(line(value="x") for _ in range(50)))
    assert message.count("line ") == 20
    assert "and 30 more" in message


@pytest.mark.parametrize(
    "other",
    [line(value="3"), line(value="", note="none"), line(verdict="right", value="", author="Li")],
)
def test_verdicts_that_contradict_are_refused_with_both_lines(other: str) -> None:
    message = refused(line(), other)
    assert "line 3: contradicts line 2" in message
    assert "(Wang)" in message


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("report_id,path,verdict,value,note,author", "lacks 'date'"),
        (HEAD + ",mood", "has unknown 'mood'"),
        (HEAD + ",note", "repeats 'note'"),
        ("<html>", "lacks"),
    ],
)
def test_other_heads_are_refused(head: str, told: str) -> None:
    assert told in refused(head=head)


def test_files_that_are_none(tmp_path: Path) -> None:
    assert "empty" in refused(head="")
    for data in (b"\xff\xfe\x00\x81", bytes(range(128, 256)) * 3):
        with pytest.raises(UsageError, match="neither UTF-8 nor GB18030"):
            read_verdicts(data)
    with pytest.raises(UsageError, match="cannot read"):
        read_verdicts(tmp_path / "missing.csv")
    with pytest.raises(UsageError, match="cannot read"):
        read_verdicts(tmp_path)
    with pytest.raises(UsageError, match="no CSV"):
        read_verdicts(file('"open'))
    assert read_verdicts(file()) == ()
    path = tmp_path / "c.csv"
    path.write_bytes(file(line()))
    assert len(read_verdicts(path)) == len(read_verdicts(str(path))) == 1


def test_verdicts_on_reports_that_are_not_there() -> None:
    made = read_verdicts(file(line(), line(id="f" * 16)))
    check_verdicts(made, {ID, "f" * 16})
    with pytest.raises(UsageError, match=f"line 3: no report {'f' * 16}") as caught:
        check_verdicts(made, {ID})
    assert caught.value.context["lines"] == [3]


# -- applying --------------------------------------------------------------------------------------


def test_a_wrong_figure_is_overridden_and_says_by_whom_and_why() -> None:
    before = town(changes={GRANTED: 7})
    after = apply_verdicts(before, read_verdicts(file(line())))
    figure = after[GRANTED]
    assert (figure.value, figure.state, figure.raw) == (2, State.REPORTED, "7")
    assert figure.repairs[-1].kind == "corrected"
    assert figure.repairs[-1].before == "7"
    assert figure.repairs[-1].after == "2 [Wang, 2024-05-31: misread]"
    (finding,) = [f for f in after.findings if f.code == "corrected"]
    assert finding.figures == (GRANTED,)
    assert "was 7, set to 2" in finding.message
    assert "由7更正为2" in finding.message_zh
    assert dict(finding.detail) == {
        "author": "Wang",
        "date": "2024-05-31",
        "note": "misread",
        "before": 7,
        "after": 2,
    }
    assert "Wang" in after.explain(GRANTED)


def test_the_report_given_stays_as_it_is() -> None:
    before = town(changes={GRANTED: 7})
    whole = before.to_json()
    apply_verdicts(before, read_verdicts(file(line())))
    assert before.to_json() == whole


def test_checks_and_suggestions_are_made_anew() -> None:
    before = town(changes={GRANTED: 7})
    assert before.completeness["broken"] == 2
    assert before.suggestions
    after = apply_verdicts(before, read_verdicts(file(line())))
    assert after.completeness["broken"] == 0
    assert after.suggestions == ()


def test_findings_of_broken_sums_follow() -> None:
    broken = town(changes={GRANTED: 7})
    # 4 is no better than 7, and the finding must speak of it
    again = apply_verdicts(broken, read_verdicts(file(line(value="4"))))
    told = [f for f in again.findings if f.code == "identity_broken"]
    assert len(told) == again.completeness["broken"] == 2
    assert "the parts give 4, 2" in next(f.message for f in told if "row_total" in f.message)
    healed = apply_verdicts(again, read_verdicts(file(line(value="2"))))
    assert not [f for f in healed.findings if f.code == "identity_broken"]
    assert [f.code for f in healed.findings if f.code == "row_matched_loosely"]


@pytest.mark.parametrize(
    "state", [State.BLANK, State.DASH, State.ABSENT, State.UNREADABLE, State.AMBIGUOUS]
)
def test_a_figure_without_a_value_becomes_reported(state: State) -> None:
    before = town(changes={GRANTED: state})
    after = apply_verdicts(before, read_verdicts(file(line())))
    assert (after[GRANTED].value, after[GRANTED].state) == (2, State.REPORTED)
    assert after[GRANTED].repairs[-1].before == str(state)


def test_a_solved_figure_stays_solved() -> None:
    before = town()
    before.columns.states[before.layout.index[GRANTED]] = State.SOLVED
    assert apply_verdicts(before, read_verdicts(file(line())))[GRANTED].state is State.SOLVED


def test_a_figure_that_is_wrong_without_a_value_loses_it() -> None:
    after = apply_verdicts(town(), read_verdicts(file(line(value="", note="smudged"))))
    assert (after[GRANTED].value, after[GRANTED].state) == (None, State.UNREADABLE)
    assert "no value" in after[GRANTED].repairs[-1].after
    identity = next(c for c in after.checks if c.id == "t3_row_total" and c.scope == "granted")
    assert identity.state is CheckState.NOT_CHECKABLE


def test_right_changes_nothing_but_is_told() -> None:
    verdicts = read_verdicts(file(line(verdict="right", value="", author="王")))
    after = apply_verdicts(town(), verdicts)
    assert after.values == town().values
    assert after[GRANTED].repairs == ()
    (finding,) = [f for f in after.findings if f.code == "confirmed"]
    assert finding.figures == (GRANTED,)
    assert "王" in finding.message


def test_amounts_stay_decimals() -> None:
    path = f"{PD}/administrative_fees/amount"
    after = apply_verdicts(town(), read_verdicts(file(line(path, value="3"))))
    assert after[path].value == Decimal(3)
    assert isinstance(after[path].value, Decimal)


def test_verdicts_of_other_reports_are_left_out() -> None:
    made = town()
    assert apply_verdicts(made, read_verdicts(file(line(id="f" * 16)))) is made


def test_further_reports_of_a_document_get_theirs() -> None:
    first = town()
    first.others = (town(report_id=ID + "#2"),)
    after = apply_verdicts(first, read_verdicts(file(line(id=ID + "#2", value="9"))))
    assert after[GRANTED].value == 2
    assert after.others[0][GRANTED].value == 9
    assert first.others[0][GRANTED].value == 2


def test_a_corrector_takes_many_reports_in_a_row() -> None:
    first, second = town(), town(name="other")
    first.others = (town(report_id=ID + "#2"),)
    correct = corrector(
        read_verdicts(file(line(value="8", id=ID + "#2"), line(value="9", id=second.report_id)))
    )
    assert correct(first)[GRANTED].value == 2
    assert correct(first).others[0][GRANTED].value == 8
    assert correct(second)[GRANTED].value == 9
    third = town(name="third")
    assert correct(third) is third


def test_paths_and_values_of_another_form_are_refused() -> None:
    made = town()
    with pytest.raises(UsageError, match="line 2: form ogi_annual_2021 has no figure"):
        apply_verdicts(made, read_verdicts(file(line(f"{PD}/rules/newly_made", value="1"))))
    of_2019 = report(form_id="ogi_annual_2019")
    verdicts = read_verdicts(
        file(line(f"{PD}/licensing/items_change", value="-5", id=of_2019.report_id))
    )
    assert apply_verdicts(of_2019, verdicts)[f"{PD}/licensing/items_change"].value == -5


def test_contradictions_made_by_hand_are_refused_too() -> None:
    day = datetime.date(2024, 1, 1)
    two = [Verdict(ID, GRANTED, "wrong", n, "", "W", day, n) for n in (3, 4)]
    with pytest.raises(UsageError, match="contradicts"):
        apply_verdicts(town(), two)
    with pytest.raises(UsageError, match="no value"):
        apply_verdicts(town(), [Verdict(ID, GRANTED, "wrong", Decimal("2.5"), "", "W", day, 1)])
    with pytest.raises(UsageError, match="no value"):
        apply_verdicts(town(), [Verdict(ID, GRANTED, "wrong", -2, "", "W", day, 1)])


def test_the_json_of_a_corrected_report_follows_the_schema_and_comes_back() -> None:
    verdicts = read_verdicts(file(line(), line(f"{RL}/review/total", "right", "")))
    after = apply_verdicts(town(changes={GRANTED: 7}), verdicts)
    data = json.loads(after.to_json())
    jsonschema.Draft202012Validator(schema()).validate(data)
    assert json.loads(report_from_dict(data).to_json()) == data


def test_a_corrections_file_may_be_as_long_as_the_limit_and_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = b"report_id,figure,verdict,correct_value\n"
    monkeypatch.setattr(verdicts_module, "MOST_BYTES", len(line))
    assert verdicts_module._text(line) == line.decode()
    with pytest.raises(UsageError, match=f"has {len(line) + 1:,} bytes"):
        verdicts_module._text(line + b"\n")
