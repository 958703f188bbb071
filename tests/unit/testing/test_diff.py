"""The referee of the fixtures: what counts as exact, and that no difference stays unsaid."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from govreport_parse.documents.model import Document
from govreport_parse.errors import GovReportError
from govreport_parse.parsing import parse
from govreport_parse.source import Source
from govreport_parse.testing import fixture_score as ratchet
from govreport_parse.testing import random_record, render_text
from govreport_parse.testing.diff import (
    SourceLines,
    compare,
    expected_of,
    is_odd,
    outline_of,
    read_reports,
)
from govreport_parse.testing.fixture_files import FACTS, ExpectedError, ExpectedReport, Fixture
from govreport_parse.testing.fixture_score import Line, Score, Scoreboard
from govreport_parse.values import Locator, State

META = {"draft": False, "known_gaps": [], "format": "text"}


@cache
def fixture() -> Fixture:
    """One that is exactly as its document."""
    record = random_record(random.Random(1), "ogi_annual_2021", "small")
    source = Source(render_text(record, "B").text.encode(), "r.txt")
    document, (report,) = read_reports(source, {})
    outline = outline_of(document, (report,))
    return Fixture("ogi_annual_2021/r", Path("r"), source, META, (expected_of(report),), outline)


def changed(**changes: Any) -> Fixture:
    """The same with another expectation of its one report."""
    return replace(fixture(), reports=(replace(fixture().reports[0], **changes),))


TOTAL = 200
STATEMENTS = len(FACTS) + 1


def test_what_is_as_expected_is_exact() -> None:
    made = compare(fixture())
    assert (made.exact, made.total, made.statements) == (TOTAL, TOTAL, (STATEMENTS, STATEMENTS))
    assert made.ok


@pytest.mark.parametrize(
    ("change", "kind", "exact"),
    [
        ({"state": State.SOLVED}, "state changed", TOTAL - 1),
        ({"value": 987654}, "value changed", TOTAL - 1),
        ({"label": "另一个名称"}, "label only", TOTAL),
    ],
)
def test_values_and_states_count_and_labels_do_not(
    change: dict[str, Any], kind: str, exact: int
) -> None:
    first, *others = fixture().reports[0].figures
    made = compare(changed(figures=(replace(first, **change), *others)))
    (difference,) = made.figures
    assert (difference.key, difference.kind) == (first.path, kind)
    assert (made.exact, made.ok) == (exact, False)


def test_a_figure_that_nobody_expected_is_told_and_takes_nothing_from_the_others() -> None:
    *some, last = fixture().reports[0].figures
    made = compare(changed(figures=tuple(some)))
    (difference,) = made.figures
    assert (difference.key, difference.expected) == (last.path, None)
    assert (made.exact, made.total, made.ok) == (TOTAL - 1, TOTAL - 1, False)


def test_a_report_too_few_makes_no_statement_exact() -> None:
    made = compare(replace(fixture(), reports=fixture().reports * 2))
    assert ("reports", 2, 1) in [(d.key, d.expected, d.found) for d in made.facts]
    assert made.statements == (0, 2 * len(FACTS) + 1)


def test_what_is_found_beside_the_expected_parts_of_a_fact_is_told() -> None:
    facts = fixture().reports[0].facts
    texts = dict(facts["texts"])
    key, digest = texts.popitem()
    made = compare(changed(facts={**facts, "texts": texts}))
    (difference,) = made.facts
    assert (difference.key, difference.expected, difference.found) == (f"texts/{key}", None, digest)
    assert made.statements == (STATEMENTS - 1, STATEMENTS)


def test_the_order_of_an_outline_counts() -> None:
    first, second, *others = fixture().outline.split("\n")
    made = compare(replace(fixture(), outline="\n".join([second, first, *others])))
    (difference,) = made.facts
    assert (difference.key, difference.expected) == ("outline", "the lines in another order")


def test_each_part_of_an_error_is_compared() -> None:
    empty = Source(b"", "empty.txt")
    with pytest.raises(GovReportError) as caught:
        parse(empty)
    error = caught.value
    right = ExpectedError(type(error).__name__, error.message[:9], error.hint[-9:])
    base = Fixture("broken/empty", Path("e"), empty, META, (), "", right)
    assert (compare(base).exact, compare(base).statements) == (1, (3, 3))
    for part in ("type", "message", "hint"):
        wrong = replace(right, **{part: "something else"})
        made = compare(replace(base, error=wrong))
        assert [d.key for d in made.facts] == [f"error {part}"]
        assert (made.exact, made.statements) == (0, (2, 3))
        # what happens where an extra is installed is as right
        assert compare(replace(base, error=replace(wrong, others=(right,)))).exact == 1


@pytest.mark.parametrize(
    ("state", "raw", "digits", "odd"),
    [
        (State.REPORTED, " 12 ", "12", False),
        (State.REPORTED, "12件", "12", True),
        (State.DASH, "—", "", True),
        (State.UNREADABLE, "若干", "", True),
        (State.BLANK, "　", "", False),
        (State.AMBIGUOUS, "7", "", False),
    ],
)
def test_cells_worth_stating(state: State, raw: str, digits: str, odd: bool) -> None:
    assert is_odd(state, raw, digits) is odd


def test_a_line_is_that_of_its_own_sheet() -> None:
    tables = [
        SimpleNamespace(number=1, sheet=sheet, texts=[sheet, "5"], rows=[0, 0])
        for sheet in ("表一", "表二")
    ]
    document = cast("Document", SimpleNamespace(tables=tables, blocks=[]))
    lines = SourceLines(Source(b"", "x"), document)
    assert lines.at(Locator(table=1, row=1, sheet="表二")) == "表二 | 5"


# --- the board ------------------------------------------------------------------------------------


GROUP = Score(9, 9)


def board(figures: Score, *, group: Score = GROUP, digest: str = "a") -> Scoreboard:
    return Scoreboard({"f/x": Line(figures, Score(3, 3), digest)}, {"f": {"text": group}}, "")


def test_a_figure_more_that_is_not_exact_is_a_fall() -> None:
    (told,) = ratchet.falls(board(Score(5, 5)), board(Score(5, 6)))
    assert told.startswith("f/x: exact figures fall from 5/5")
    assert ratchet.falls(board(Score(5, 6)), board(Score(6, 7))) == []


def test_a_group_falls_by_a_single_figure() -> None:
    same = Score(5, 5)
    (told,) = ratchet.falls(board(same), board(same, group=Score(8, 8)))
    assert told == "f as text: 9/9 (100.00%) falls to 8/8 (100.00%)"
    assert ratchet.falls(board(same), board(same, group=Score(9, 12))) == []


def test_another_document_under_the_same_name_is_told() -> None:
    same = Score(5, 5)
    told = ratchet.changes(board(same), board(same, digest="b"))
    assert told == ["f/x: its source or expectation is another one"]


def test_expectations_are_those_of_a_report() -> None:
    assert all(isinstance(r, ExpectedReport) for r in fixture().reports)
