"""The identities on reports whose sums were worked out by hand, and on real published figures."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from govreport_parse.checks.identities import check_identities, checks_of
from govreport_parse.formbook.loader import form
from govreport_parse.parsing import parse
from govreport_parse.report import Report
from govreport_parse.testing import (
    CellText,
    Record,
    record_of,
    render_html,
    render_text,
)
from govreport_parse.testing.generate import layout_of
from govreport_parse.values import Check, CheckState, Number, State

PD, RQ, RL = "proactive_disclosure", "requests", "review_and_litigation"
HOLDS, BROKEN, OPEN = CheckState.HOLDS, CheckState.BROKEN, CheckState.NOT_CHECKABLE
GRANTED = f"{RQ}/granted/natural_person"
REAL = Path(__file__).parents[4] / "shared" / "corpus" / "real_figures.json"
FORMS = {"ogi_annual_2021": 42, "ogi_annual_2019": 40, "hybrid": 40}

# 3 new and 1 carried in = 3 handled and 1 left; two natural persons' and one firm's requests.
SMALL: dict[str, Number] = {
    f"{RQ}/requests_received/natural_person": 2,
    f"{RQ}/requests_received/business": 1,
    f"{RQ}/requests_received/total": 3,
    f"{RQ}/requests_carried_in/natural_person": 1,
    f"{RQ}/requests_carried_in/total": 1,
    f"{RQ}/granted/natural_person": 2,
    f"{RQ}/granted/total": 2,
    f"{RQ}/not_held/business": 1,
    f"{RQ}/not_held/total": 1,
    f"{RQ}/outcomes_total/natural_person": 2,
    f"{RQ}/outcomes_total/business": 1,
    f"{RQ}/outcomes_total/total": 3,
    f"{RQ}/carried_forward/natural_person": 1,
    f"{RQ}/carried_forward/total": 1,
    f"{RL}/review/upheld": 4,
    f"{RL}/review/corrected": 1,
    f"{RL}/review/total": 5,
}


def checks(
    changes: dict[str, Number | State | None] | None = None, form_id: str = "ogi_annual_2021"
) -> dict[tuple[str, ...], Check]:
    """The checks of the small report with some figures changed, by their figures."""
    layout = layout_of(form_id)
    given = {**SMALL, **(changes or {})}
    values: list[Number | None] = []
    states: list[State] = []
    for path in layout.paths:
        what = given.get(path, 0)
        values.append(None if isinstance(what, State) else what)
        states.append(what if isinstance(what, State) else State.REPORTED)
    outcomes = check_identities(layout, values, states)
    return {c.figures: c for c in checks_of(layout, outcomes)}


def states_with(path: str, found: dict[tuple[str, ...], Check]) -> list[CheckState]:
    return sorted(c.state for figures, c in found.items() if path in figures)


@pytest.mark.parametrize(("form_id", "n"), FORMS.items())
def test_a_consistent_report_holds_in_every_identity(form_id: str, n: int) -> None:
    found = checks(form_id=form_id)
    assert len(found) == n
    assert {c.state for c in found.values()} == {HOLDS}


@pytest.mark.parametrize(("form_id", "n"), FORMS.items())
def test_every_figure_of_tables_3_and_4_is_in_its_identities(form_id: str, n: int) -> None:
    """A leaf outcome: row total and column sum. 一, 二, 四: row total and balance. Table 4: one."""
    found = checks(form_id=form_id)
    count = Counter(path for figures in found for path in figures)
    for path in layout_of(form_id).paths:
        table, row, _ = path.split("/")
        if table == PD:
            assert count[path] == 0
        elif table == RL:
            assert count[path] == 1
        else:
            assert count[path] == (3 if row == "outcomes_total" else 2), path


def test_one_wrong_leaf_breaks_its_row_and_its_column_and_no_more() -> None:
    found = checks({f"{RQ}/granted/natural_person": 5})
    broken = {c.figures[-1]: (c.expected, c.found) for c in found.values() if c.state is BROKEN}
    # its row: 5 in parts, 2 printed; its column: 5 outcomes, 2 printed as their total
    assert sorted(broken.values()) == [(5, 2), (5, 2)]
    assert set(broken) == {f"{RQ}/granted/total", f"{RQ}/outcomes_total/natural_person"}


def test_one_wrong_request_breaks_its_row_and_the_balance() -> None:
    found = checks({f"{RQ}/requests_received/business": 3})
    broken = [(c.expected, c.found) for c in found.values() if c.state is BROKEN]
    # row: 2 + 3 against 3; balance of businesses: 3 + 0 against 1 + 0
    assert sorted(broken) == [(3, 1), (5, 3)]


@pytest.mark.parametrize("block", ["review", "litigation_direct", "litigation_after_review"])
def test_each_block_of_table_4_is_checked_alone(block: str) -> None:
    found = checks({f"{RL}/{block}/pending": 7})
    broken = [c for c in found.values() if c.state is BROKEN]
    assert [c.figures[-1] for c in broken] == [f"{RL}/{block}/total"]


# -- blanks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("empty", [State.BLANK, State.DASH])
def test_empty_cells_count_as_0_in_checks(empty: State) -> None:
    found = checks({p: empty for p in layout_of("ogi_annual_2021").paths if p not in SMALL})
    assert {c.state for c in found.values()} == {HOLDS}


@pytest.mark.parametrize("empty", [State.BLANK, State.DASH])
def test_a_blank_total_over_parts_is_not_checkable(empty: State) -> None:
    path = f"{RQ}/granted/total"
    found = checks({path: empty})
    row = next(c for figures, c in found.items() if figures[-1] == path)
    assert (row.state, row.expected, row.found) == (OPEN, 2, 0)


def test_a_blank_part_among_others_is_0_and_may_break_the_sum() -> None:
    """Not the total was left out but one part: 2 + blank against 3 is a broken sum."""
    found = checks({f"{RQ}/requests_received/business": State.BLANK})
    row = next(c for figures, c in found.items() if figures[-1] == f"{RQ}/requests_received/total")
    assert (row.state, row.expected, row.found) == (BROKEN, 2, 3)


def test_parts_all_blank_under_a_printed_total_are_not_checkable() -> None:
    """Some organs print only the totals."""
    parts = [p for p in SMALL if p.startswith(f"{RQ}/granted/") and not p.endswith("/total")]
    columns = ("research_institution", "public_interest_org", "legal_service_org", "other_org")
    blank = dict.fromkeys([*parts, *(f"{RQ}/granted/{c}" for c in columns)], State.BLANK)
    blank[f"{RQ}/granted/business"] = State.BLANK
    found = checks(blank)
    row = next(c for figures, c in found.items() if figures[-1] == f"{RQ}/granted/total")
    assert (row.state, row.expected, row.found) == (OPEN, 0, 2)


def test_a_blank_outcomes_total_leaves_sum_and_balance_open() -> None:
    path = f"{RQ}/outcomes_total/natural_person"
    found = checks({path: State.BLANK})
    assert states_with(path, found) == [OPEN, OPEN, OPEN]


def test_a_blank_row_total_leaves_its_column_open_too() -> None:
    """上海市科委 2024: the last cell of 四 is empty though its parts are not."""
    path = f"{RQ}/carried_forward/total"
    found = checks({path: State.BLANK})
    assert states_with(path, found) == [OPEN, OPEN]
    others = {c.state for figures, c in found.items() if path not in figures}
    assert others == {HOLDS}


def test_a_blank_total_over_zeros_hides_no_broken_sum() -> None:
    """A blank total of a row of zeros is 0: a column that does not add up is broken."""
    found = checks({f"{RQ}/repeated_request/total": State.BLANK, f"{RQ}/not_held/total": 9})
    broken = {c.figures[-1] for c in found.values() if c.state is BROKEN}
    assert broken == {f"{RQ}/not_held/total", f"{RQ}/outcomes_total/total"}


@pytest.mark.parametrize("state", [State.ABSENT, State.AMBIGUOUS, State.UNREADABLE])
def test_a_figure_that_was_not_read_makes_its_identities_not_checkable(state: State) -> None:
    path = f"{RQ}/granted/natural_person"
    found = checks({path: state})
    assert states_with(path, found) == [OPEN, OPEN]
    others = [c.state for figures, c in found.items() if path not in figures]
    assert set(others) == {HOLDS}


def test_solved_figures_are_checked_like_reported_ones() -> None:
    layout = layout_of("ogi_annual_2021")
    values = [SMALL.get(p, 0) for p in layout.paths]
    outcomes = check_identities(layout, values, [State.SOLVED] * len(values))
    assert {o.state for o in outcomes} == {HOLDS}


# -- whose error it is -----------------------------------------------------------------------------


def broken_verdicts(report: Report) -> list[str]:
    return [str(dict(f.detail)["verdict"]) for f in report.findings if f.code == "identity_broken"]


def altered() -> Record:
    return record_of({**SMALL, f"{RQ}/granted/natural_person": 7})


def test_plain_cells_of_a_ruled_table_prove_that_the_source_is_wrong() -> None:
    report = parse(render_html(altered(), "clean").text)
    assert broken_verdicts(report) == ["source", "source"]
    message = next(f.message for f in report.findings if f.code == "identity_broken")
    assert "undecided" not in message


@pytest.mark.parametrize("dialect", ["B", "D2", "F", "spaces"])
def test_a_broken_sum_in_a_text_is_reading_or_source_undecided(dialect: str) -> None:
    report = parse(render_text(altered(), dialect).text)
    assert broken_verdicts(report) == ["undecided", "undecided"]
    assert all(
        "reading or source, undecided" in f.message
        for f in report.findings
        if f.code == "identity_broken"
    )
    assert report[f"{RQ}/granted/natural_person"].value == 7, "a check changes no value"


def test_a_cell_that_was_repaired_to_be_read_proves_nothing() -> None:
    record = altered()
    wide = CellText("７", 7, State.REPORTED, "件")
    page = render_html(record.with_cell(GRANTED, wide), "clean").text
    assert "<td>７</td>" in page
    report = parse(page)
    assert report[GRANTED].value == 7
    assert broken_verdicts(report) == ["undecided", "undecided"]


def test_a_row_told_by_likeness_proves_nothing() -> None:
    page = render_html(altered(), "clean").text
    report = parse(page.replace("（一）予以公开", "（一）予以公開示"))
    found = [f for f in report.findings if f.code == "identity_broken"]
    own_row = next(f for f in found if f"{RQ}/granted/total" == f.figures[-1])
    assert report[GRANTED].value in (7, None)
    assert dict(own_row.detail)["verdict"] == "undecided"


# -- published figures -----------------------------------------------------------------------------


def real() -> dict[str, dict[str, object]]:
    return json.loads(REAL.read_text("utf-8")) if REAL.is_file() else {}


def real_record(name: str) -> Record:
    """The published figures as a record; blank and odd cells printed as they were."""
    entry = real()[name]
    figures = entry["figures"]
    assert isinstance(figures, dict)
    form_id = {200: "ogi_annual_2021", 198: "ogi_annual_2019", 186: "hybrid"}[len(figures)]
    record = record_of({p: n for p, n in figures.items() if isinstance(n, int)}, form=form_id)
    for path, text in figures.items():
        unit = record.cells[path].unit
        if text is None:
            record = record.with_cell(path, CellText("", None, State.BLANK, unit))
        elif isinstance(text, str):
            bare = text.removesuffix("元")
            own = "元" if bare != text else unit
            record = record.with_cell(path, CellText(text, Decimal(bare), State.REPORTED, own))
    return record


KNOWN_BROKEN = {
    # seen on the published page: 10 + 1 with total 0, and 5 with total 0
    "hongze2023": {f"{RL}/review/total", f"{RL}/litigation_after_review/total"},
}
BLANK_TOTALS = {"shanghai_office_2019", "shanghai_kewei_2024"}


@pytest.mark.skipif(not REAL.is_file(), reason="the shared corpus is not here")
@pytest.mark.parametrize("layout", ["clean", "paragraphs", "word", "one_table", "B", "D2", "F"])
@pytest.mark.parametrize("name", real())
def test_published_figures_give_their_known_checks(name: str, layout: str) -> None:
    record = real_record(name)
    is_text = layout in ("B", "D2", "F")
    rendered = (render_text if is_text else render_html)(record, layout)
    report = parse(rendered.text)
    checks_found = {c.figures[-1]: c.state for c in report.checks if c.state is BROKEN}
    assert set(checks_found) == KNOWN_BROKEN.get(name, set())
    has_blanks = any(c.state is State.BLANK for c in record.cells.values())
    loses = layout == "F" or (layout == "B" and has_blanks)
    if not (loses and has_blanks):
        assert {f.path: (f.value, f.unit) for f in report} == {
            p: (c.value, c.unit) for p, c in record.cells.items()
        }
        holds = sum(c.state is HOLDS for c in report.checks)
        open_ = sum(c.state is OPEN for c in report.checks)
        broken = len(KNOWN_BROKEN.get(name, ()))
        assert holds + open_ + broken == len(report.checks) == (42 if len(report) == 200 else 40)
        if name not in BLANK_TOTALS:
            assert open_ == 0
    else:
        wrong = [f for f in report if f.value is not None and f.value != record.cells[f.path].value]
        assert wrong == []


@pytest.mark.parametrize("form_id", FORMS)
@pytest.mark.parametrize("layout", ["clean", "word", "B", "F"])
def test_invented_figures_give_all_their_checks(form_id: str, layout: str) -> None:
    record = record_of(SMALL, form=form_id)
    render = render_text if layout in ("B", "F") else render_html
    report = parse(render(record, layout).text)
    assert {f.path: f.value for f in report} == record.values()
    assert [c.state for c in report.checks] == [HOLDS] * FORMS[form_id]


def test_the_forms_name_the_identities_of_the_guide() -> None:
    """14 column sums and balances, 25 (23) row totals, 3 in table 4."""
    for form_id, n in (("ogi_annual_2021", 25), ("ogi_annual_2019", 23)):
        kinds = Counter(
            (i.kind, i.expected[0].split("/")[0]) for i in form(form_id).layout.identities
        )
        assert kinds[("balance", RQ)] == 7
        assert kinds[("row_sum", RQ)] == n
        assert kinds[("sum", RQ)] == 7
        assert sum(v for (_, table), v in kinds.items() if table == RL) == 3
