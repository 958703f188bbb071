"""One number changed in a document of any format: that figure changes, and just its sums break.

Which sums hold a figure is written down here from the form's own notes
(第一项加第二项之和，等于第三项加第四项之和), not asked of the library.
"""

from __future__ import annotations

import paper
import pytest

import govreport_parse as gov

NEW = 86_413
BALANCE = ("requests_received", "requests_carried_in", "outcomes_total", "carried_forward")
PATHS = (
    "proactive_disclosure/rules/in_force",
    "proactive_disclosure/licensing/decisions",
    "requests/requests_received/natural_person",
    "requests/requests_carried_in/total",
    "requests/granted/business",
    "requests/refused_security_stability/research_institution",
    "requests/still_unclear/legal_service_org",
    "requests/other_handling_other/other_org",
    "requests/lapsed_fee_unpaid/total",
    "requests/outcomes_total/public_interest_org",
    "requests/outcomes_total/total",
    "requests/carried_forward/other_org",
    "review_and_litigation/review/upheld",
    "review_and_litigation/litigation_direct/pending",
    "review_and_litigation/litigation_after_review/total",
)


def sums_of(path: str) -> set[tuple[str, ...]]:
    """The sums that hold the figure, each as the figures it is made of."""
    table, row, column = path.split("/")
    out: set[tuple[str, ...]] = set()
    if table == "requests":
        out.add(tuple(sorted(f"requests/{row}/{a}" for a, _ in paper.APPLICANTS)))
        if row in BALANCE:
            out.add(tuple(sorted(f"requests/{r}/{column}" for r in BALANCE)))
        if row in paper.OUTCOMES or row == "outcomes_total":
            rows = (*paper.OUTCOMES, "outcomes_total")
            out.add(tuple(sorted(f"requests/{r}/{column}" for r in rows)))
    if table == "review_and_litigation":
        out.add(tuple(sorted(f"{table}/{row}/{r}" for r, _ in paper.RESULTS)))
    return out


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("form", ["html", "text", "docx", "xlsx"])
def test_one_changed_number_is_one_changed_figure_and_its_broken_sums(form: str, path: str) -> None:
    change = {path: str(NEW)}
    made = {"html": paper.html, "text": paper.text, "docx": paper.docx, "xlsx": paper.xlsx}
    report = gov.parse(made[form](change))
    assert {f.path: f.value for f in report} == paper.truth() | {path: NEW}
    broken = {tuple(sorted(c.figures)) for c in report.checks if c.state == "broken"}
    assert broken == sums_of(path)
    told = {p for f in report.findings if f.code == "identity_broken" for p in f.figures}
    assert told == {p for figures in sums_of(path) for p in figures}
