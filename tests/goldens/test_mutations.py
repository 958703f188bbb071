"""Change one number in a fixture's source: exactly that figure changes, exactly its sums break.

Works on any source in which numbers stand as plain digits: pages (``<td>12</td>``) and pipe text
(``| 12 |``). Which figure a place belongs to is not asked of the parser: the new number is one
that stands nowhere else in the document, so the figure that holds it afterwards is the one.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterator

import pytest
from corpus import FOLDERS, comparison

from govreport_parse.parsing import parse
from govreport_parse.report import Report
from govreport_parse.source import Source
from govreport_parse.testing.fixture_files import Fixture, load_fixture
from govreport_parse.values import EMPTY, CheckState, State

SAMPLES = 4
NEW = 86_413
"""Stands in no fixture (checked below)."""

_CELL = re.compile(
    r"<td[^>]{0,400}>\s{0,4}(?:<p[^>]{0,400}>\s{0,4})?([0-9]{1,7})\s{0,4}(?:</p>\s{0,4})?</td>"
)
_PIPE = re.compile(r"(?<=\|) ([0-9]{1,7})(?= \|)")


def places(fixture: Fixture, text: str) -> list[tuple[int, int]]:
    pattern = _CELL if fixture.meta["format"] == "html" else _PIPE
    return [m.span(1) for m in pattern.finditer(text)]


ODD = {"row_repeated", "row_conflict", "column_order", "hidden_cells", "charset_mixed"}
"""Findings of sources in which a number may rightly be no figure, or is not easily replaced."""


def is_plain(fixture: Fixture) -> bool:
    """One report, every figure shown where it stands, sums intact, no folded digits."""
    if len(fixture.reports) != 1 or fixture.meta["format"] not in ("html", "text"):
        return False
    (report,) = fixture.reports
    states = {f.state for f in report.figures}
    return (
        bool(states)
        and states <= {State.REPORTED, State.BLANK, State.DASH}
        and not report.facts["broken_checks"]
        and not ODD & set(report.facts["findings"])
        and not fixture.meta.get("options")
        and "hidden_markup" not in fixture.meta["tags"]
    )


PLAIN = [n for n, folder in FOLDERS.items() if is_plain(load_fixture(folder))]


def mutants(name: str, count: int | None) -> Iterator[tuple[str, Source]]:
    fixture = load_fixture(FOLDERS[name])
    encoding = fixture.meta["encoding"]
    text = fixture.source.data.decode(encoding, "surrogateescape")
    assert str(NEW) not in text
    spots = places(fixture, text)
    if count is not None:
        spots = random.Random(zlib.crc32(name.encode())).sample(spots, min(count, len(spots)))
    for start, end in spots:
        data = (text[:start] + str(NEW) + text[end:]).encode(encoding, "surrogateescape")
        source = fixture.source
        yield text[start:end], Source(data, source.name, source.url, source.content_type)


def judge(name: str, old: str, mutant: Source) -> str | None:
    """The figure that changed (``None``: a row of no form), after all assertions."""
    (before,) = comparison(name).reports
    after = parse(mutant)
    assert after.layout.paths == before.layout.paths
    changed = [
        (a, b)
        for a, b in zip(before, after, strict=True)
        if (a.value, a.state) != (b.value, b.state)
    ]
    if not changed:
        extra = [cell for row in after.extra_rows for cell in row["cells"]]
        assert str(NEW) in extra, "the new number is nowhere"
        return None
    assert [(a.path, b.value, b.state) for a, b in changed] == [
        (changed[0][0].path, NEW, State.REPORTED)
    ]
    path = changed[0][0].path
    assert changed[0][0].value == int(old)
    for one, two in zip(before.checks, after.checks, strict=True):
        if path in one.figures:
            if one.state is CheckState.HOLDS:
                assert two.state is expected_state(after, two), two.id
        else:
            assert two.state is one.state, two.id
    return path


def expected_state(after: Report, check) -> CheckState:
    """Broken, except where a printed total was left blank over its parts: never checkable.

    The figure's own change makes both sides differ, since each figure stands once in an identity.
    """
    identity = next(
        i for i in after.layout.identities if (i.id, i.scope) == (check.id, check.scope)
    )
    states, values = after.states, after.values
    blank_totals = {
        i.found[0]
        for i in after.layout.identities
        if len(i.found) == 1 and states[i.found[0]] in EMPTY and any(values[p] for p in i.expected)
    }
    empty_side = any(
        all(states[p] in EMPTY for p in s) for s in (identity.expected, identity.found)
    )
    if empty_side or blank_totals & set(identity.expected + identity.found):
        return CheckState.NOT_CHECKABLE
    return CheckState.BROKEN


def test_most_fixtures_can_be_mutated() -> None:
    assert len(PLAIN) >= 70
    usable = [n for n in PLAIN if any(True for _ in mutants(n, 1))]
    assert len(usable) >= 50


@pytest.mark.parametrize("name", PLAIN)
def test_one_changed_number_changes_one_figure_and_its_sums(name: str) -> None:
    for old, mutant in mutants(name, SAMPLES):
        judge(name, old, mutant)


@pytest.mark.long
@pytest.mark.parametrize("name", PLAIN)
def test_every_number_of_the_source_is_exactly_one_figure(name: str) -> None:
    reached = [p for old, m in mutants(name, None) if (p := judge(name, old, m)) is not None]
    assert len(reached) == len(set(reached))


def heading_of_table_4(name: str) -> int:
    """Where it stands in the text; -1 where it is worded or broken otherwise."""
    fixture = load_fixture(FOLDERS[name])
    text = fixture.source.data.decode(fixture.meta["encoding"], "replace")
    return text.find("四、政府信息公开行政复议")


@pytest.mark.parametrize("name", [n for n in PLAIN[::5] if heading_of_table_4(n) > 0])
def test_a_deleted_table_is_said_and_moves_nothing(name: str) -> None:
    """The source cut before table 4: its figures are absent, all others as before."""
    fixture = load_fixture(FOLDERS[name])
    text = fixture.source.data.decode(fixture.meta["encoding"], "replace")
    after = parse(Source(text[: heading_of_table_4(name)].encode(), fixture.source.name))
    (before,) = comparison(name).reports
    for one, two in zip(before, after, strict=True):
        if one.table == "review_and_litigation":
            assert two.state is State.ABSENT
        else:
            assert (one.value, one.state) == (two.value, two.state)
