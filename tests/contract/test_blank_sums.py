"""Blanks in sums: a blank part counts as 0 there, a side that is wholly blank can't be checked."""

from __future__ import annotations

import paper
import pytest

import govreport_parse as gov

COLUMN = "other_org"
BLANK_OUTCOMES = {f"requests/{row}/{COLUMN}": "" for row in paper.OUTCOMES}


def column(**rows: str) -> dict[str, str]:
    return {f"requests/{row}/{COLUMN}": printed for row, printed in rows.items()}


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        # 3 + 0 received; nothing is said of the outcomes, so what became of them is open
        (
            BLANK_OUTCOMES
            | column(
                requests_received="3",
                requests_carried_in="0",
                outcomes_total="",
                carried_forward="1",
            ),
            "not_checkable",
        ),
        # the same with a printed 0 as the total: 3 is not 0 + 1
        (
            BLANK_OUTCOMES
            | column(
                requests_received="3",
                requests_carried_in="0",
                outcomes_total="0",
                carried_forward="1",
            ),
            "broken",
        ),
        # 102 + 6 received, 101 done: what is carried forward is blank, which counts as 0
        (column(carried_forward=""), "broken"),
        # 101 + 0 received, 101 done, none carried forward: the blanks fit
        (column(requests_received="101", requests_carried_in="", carried_forward=""), "holds"),
        # neither received nor carried in is said
        (column(requests_received="", requests_carried_in=""), "not_checkable"),
    ],
)
def test_the_balance_of_a_column_with_blanks(changes: dict[str, str], state: str) -> None:
    truth = paper.truth()
    assert truth[f"requests/outcomes_total/{COLUMN}"] == 101
    assert truth[f"requests/requests_carried_in/{COLUMN}"] == 6
    report = gov.parse(paper.html(changes))
    (balance,) = [c for c in report.checks if c.id == "t3_balance" and c.scope == COLUMN]
    assert balance.state == state
    for path, printed in changes.items():
        assert report[path].value == (int(printed) if printed else None)
