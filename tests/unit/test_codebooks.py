from __future__ import annotations

import re

import pandas as pd
import pytest
from handmade import RQ, report

from govreport_parse.codebooks import ENTRY_FIELDS, SHAPES, codebook, entries, forms_frame
from govreport_parse.formbook import all_forms
from govreport_parse.frames import schema_of, to_frame, write_codebook

BY_PATH = {e.path: e for e in entries() if e.path}


def test_every_figure_of_every_form_has_one_line() -> None:
    assert set(BY_PATH) == {f.path for form in all_forms() for f in form.figures}
    assert sum(e.path is not None for e in entries()) == len(BY_PATH) == 226 + 58


def test_every_column_of_every_frame_is_described() -> None:
    for shape in SHAPES:
        described = {e.short for e in entries() if shape in e.frame.split(";")}
        assert set(schema_of(shape).names) == described


def test_no_column_of_a_frame_is_described_twice() -> None:
    places = [(frame, e.short) for e in entries() for frame in e.frame.split(";")]
    assert len(places) == len(set(places))


def test_every_line_has_labels_in_both_languages_and_a_type() -> None:
    for e in entries():
        assert e.zh
        assert e.en
        assert e.type in {"string", "integer", "signed", "decimal", "date"}


def test_short_names_fit_stata_and_are_unique_over_all_forms() -> None:
    shorts = [e.short for e in entries() if e.table is not None]
    assert len(shorts) == len(set(shorts))
    for short in schema_of("wide").names:
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,31}", short)
    for e in BY_PATH.values():
        assert e.short.startswith(("pd_", "rq_", "rl_", "st_"))


@pytest.mark.parametrize(
    ("path", "short"),
    [
        ("proactive_disclosure/normative_documents/in_force", "pd_norm_docs_in_force"),
        ("proactive_disclosure/administrative_fees/amount", "pd_admin_fees_amount"),
        ("requests/granted/natural_person", "rq_granted_natural"),
        ("requests/outcomes_total/total", "rq_outcomes_total_total"),
        ("requests/refused_process_information/other_org", "rq_refused_process_other"),
        ("review_and_litigation/litigation_direct/pending", "rl_direct_pending"),
        ("statistics/requests_received/value", "st_requests_received"),
    ],
)
def test_short_names_do_not_change(path: str, short: str) -> None:
    assert BY_PATH[path].short == short


def test_a_figure_of_both_forms_is_comparable_with_itself() -> None:
    e = BY_PATH["requests/granted/total"]
    assert e.form == "ogi_annual_2021;ogi_annual_2019"
    assert e.comparable_with == "requests/granted/total"
    assert e.basis == "国办公开办函〔2021〕30号;国办公开办函〔2019〕60号"


def test_other_handling_is_comparable_as_the_sum_of_three_rows() -> None:
    formula = (
        "requests/other_handling/business = requests/lapsed_no_clarification/business"
        " + requests/lapsed_fee_unpaid/business + requests/other_handling_other/business"
    )
    for row in (
        "other_handling",
        "lapsed_no_clarification",
        "lapsed_fee_unpaid",
        "other_handling_other",
    ):
        assert BY_PATH[f"{RQ}/{row}/business"].comparable_with == formula


@pytest.mark.parametrize("column", ["issued", "in_force", "newly_made", "published_total"])
def test_quantities_of_one_form_only_are_comparable_with_nothing(column: str) -> None:
    e = BY_PATH[f"proactive_disclosure/normative_documents/{column}"]
    assert e.comparable_with is None
    assert e.note


def test_paths_in_formulas_are_figures() -> None:
    for e in BY_PATH.values():
        for path in re.findall(r"[a-z_]+/[a-z_]+/[a-z_]+", e.comparable_with or ""):
            assert path in BY_PATH


def test_figures_of_the_table_of_2014_say_how_sure_their_labels_are() -> None:
    e = BY_PATH["statistics/requests_received/value"]
    assert e.form == "ogi_stats_2014"
    assert e.comparable_with is None  # counted by other rules than requests/requests_received
    assert "medium-low" in e.note
    assert BY_PATH["statistics/dedicated_budget/value"].unit == "万元"
    assert BY_PATH["statistics/people_trained/value"].unit == "人次"


def test_units_are_those_of_the_form() -> None:
    assert BY_PATH["proactive_disclosure/administrative_fees/amount"].unit == "万元"
    assert BY_PATH["proactive_disclosure/government_procurement/amount"].unit is None
    assert BY_PATH["requests/granted/total"].unit == "件"
    assert BY_PATH["proactive_disclosure/licensing/items_prior_year"].unit == "项"
    assert BY_PATH["proactive_disclosure/licensing/items_change"].type == "signed"


def test_the_frame_has_the_columns_of_the_contract() -> None:
    frame = codebook()
    expected = [
        "path",
        "short",
        "zh",
        "en",
        "unit",
        "type",
        "form",
        "section",
        "comparable_with",
        "basis",
    ]
    assert set(expected) <= set(frame.columns)
    assert list(frame.columns) == list(ENTRY_FIELDS)
    assert set(frame.dtypes.astype(str)) == {"string"}
    assert frame["path"].dropna().is_unique
    assert frame["path"].isna().sum() == len(frame) - 226 - 58


def test_the_frame_of_forms_is_described() -> None:
    described = [e.short for e in entries() if "forms" in e.frame.split(";")]
    assert set(forms_frame().columns) == set(described)


def test_the_codebook_describes_itself() -> None:
    described = [e.short for e in entries() if "codebook" in e.frame.split(";")]
    assert set(described) == set(codebook().columns)


def test_the_codebook_joins_the_long_frame() -> None:
    long = to_frame(report(form_id="ogi_annual_2019"))
    labels = codebook()[["path", "zh"]].dropna()
    joined = long.merge(labels, on="path", how="left", validate="many_to_one")
    assert joined["zh"].notna().all()


def test_the_codebook_as_csv(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "codebook.csv"
    assert write_codebook(path) == len(entries())
    back = pd.read_csv(path)
    assert back["short"].tolist() == [e.short for e in entries()]


def test_forms_are_listed_with_their_counts() -> None:
    frame = forms_frame().set_index("id")
    assert frame.loc["ogi_annual_2021", "figures"] == 200
    assert frame.loc["ogi_annual_2019", "figures"] == 198
    assert frame.loc["ogi_annual_2021", "identities"] == 42
    assert frame.loc["ogi_annual_2019", "identities"] == 40
    assert frame.loc["ogi_stats_2014", "figures"] == 58
    assert frame.loc["ogi_stats_2014", "identities"] == 7
    assert frame["first_year"].tolist() == [2021, 2019, 2014]
