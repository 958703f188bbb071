"""The card names the form; of a report of two forms, that of each table."""

from __future__ import annotations

from handmade import hybrid, town

from govreport_parse.display.card import card


def _form_lines(text: str) -> str:
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("form"))
    end = next(i for i, line in enumerate(lines) if line.startswith("source"))
    return " ".join(" ".join(lines[start:end]).split())


def test_one_form_is_named_alone() -> None:
    assert _form_lines(card(town())) == "form 格式 ogi_annual_2021"


def test_two_forms_are_named_table_by_table() -> None:
    made = hybrid()
    assert made.form == "mixed"
    line = _form_lines(card(made))
    assert line.startswith("form 格式 mixed: proactive_disclosure ogi_annual_20")
    for table, form in made.forms.items():
        assert f"{table} {form}" in line
