"""One record, many documents: whatever the dialect, layout, site or charset, the same report.

The generator knows what it printed and what each form of text loses; a reader must report exactly
that, or flag what was lost.
"""

from __future__ import annotations

import random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from govreport_parse.parsing import parse
from govreport_parse.report import Report
from govreport_parse.testing import (
    DIALECTS,
    FAMILIES,
    LAYOUTS,
    STYLES,
    Record,
    Rendered,
    as_bytes,
    glossed,
    judge,
    random_record,
    render_html,
    render_text,
    traditional,
)
from govreport_parse.testing.oracle import Outcome
from govreport_parse.values import State

FORMS = ("ogi_annual_2021", "ogi_annual_2019", "hybrid")
RECORDS = st.builds(
    lambda seed, form, size, style, blanks: random_record(
        random.Random(seed), form, size, blanks=blanks, style=style
    ),
    st.integers(0, 2**32),
    st.sampled_from(FORMS),
    st.sampled_from(("zero", "small", "county", "city")),
    st.sampled_from(tuple(STYLES)),
    st.sampled_from((0.0, 0.0, 0.2, 0.7)),
)


def figures(report: Report) -> dict[str, Outcome]:
    return {f.path: (f.state, f.value) for f in report}


def violations(rendered: Rendered, *, refusing: bool = False) -> list[str]:
    """``refusing``: figures beside blank cells may also be left ambiguous."""
    found = judge(rendered.expected, figures(parse(rendered.text)))
    if refusing and State.BLANK in {c.state for c in rendered.record.cells.values()}:
        found = [v for v in found if v.severity != "lost" or v.found[0] is not State.AMBIGUOUS]
    return [str(v) for v in found[:3]]


@given(RECORDS, st.sampled_from(tuple(LAYOUTS)), st.sampled_from((None, *FAMILIES)))
@settings(max_examples=60, deadline=None)
def test_a_page_of_any_layout_gives_the_record(
    record: Record, layout: str, family: str | None
) -> None:
    assert violations(render_html(record, layout, family)) == []


@given(
    RECORDS,
    st.sampled_from(tuple(DIALECTS)),
    st.sampled_from(("td", "p")),
    st.sampled_from(("mixed", "whole")),
    st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_a_text_of_any_dialect_gives_the_record_or_flags_what_it_lost(
    record: Record, dialect: str, blank: str, headers: str, title: bool
) -> None:
    rendered = render_text(record, dialect, blank_markup=blank, headers=headers, title=title)
    assert violations(rendered, refusing=True) == []


@given(RECORDS)
@settings(max_examples=6, deadline=None)
def test_two_documents_of_one_record_never_contradict_each_other(record: Record) -> None:
    seen: dict[str, tuple[object, str]] = {}
    for name in (*DIALECTS, "clean", "word", "text_in_br"):
        make = render_text if name in DIALECTS else render_html
        for path, (_, value) in figures(parse(make(record, name).text)).items():
            if value is not None:
                assert seen.setdefault(path, (value, name))[0] == value, (path, name)
    assert all(seen[p][0] == c.value for p, c in record.cells.items() if p in seen)


@given(RECORDS, st.sampled_from(("utf-8", "gb18030", "gbk", "utf-16")), st.sampled_from(FAMILIES))
@settings(max_examples=20, deadline=None)
def test_charset_and_label_change_nothing(record: Record, encoding: str, family: str) -> None:
    page = render_html(record, "clean", family).text
    want = parse(page)
    for declared in (None, "gb2312", "utf-8"):
        got = parse(as_bytes(page, encoding, declared))
        assert figures(got) == figures(want)
        assert (got.organ, got.year, got.title) == (want.organ, want.year, want.title)


@given(RECORDS, st.sampled_from(tuple(LAYOUTS)))
@settings(max_examples=20, deadline=None)
def test_the_page_around_the_article_changes_no_figure(record: Record, layout: str) -> None:
    bare = figures(parse(render_html(record, layout).text))
    for family in FAMILIES[::3]:
        grown = render_html(record, layout, family, size=60_000)
        assert figures(parse(grown.text)) == bare


@given(RECORDS, st.sampled_from(("clean", "B", "D2", "F")))
@settings(max_examples=20, deadline=None)
def test_a_mirror_in_traditional_script_with_glosses_gives_the_same(
    record: Record, name: str
) -> None:
    rendered = render_html(record) if name == "clean" else render_text(record, name)
    for change in (traditional, glossed):
        if rendered.kind == "text":
            assert figures(parse(change(rendered.text))) == figures(parse(rendered.text))
    assert violations(rendered, refusing=True) == []


@given(RECORDS, st.sampled_from(tuple(DIALECTS)))
@settings(max_examples=20, deadline=None)
def test_without_the_solver_nothing_is_solved_and_nothing_else_changes(
    record: Record, dialect: str
) -> None:
    text = render_text(record, dialect).text
    solved, plain = parse(text), parse(text, solve=False)
    for one, two in zip(solved, plain, strict=True):
        assert two.state is not State.SOLVED
        if one.state is State.SOLVED:
            assert (two.state, two.value) == (State.AMBIGUOUS, None)
        elif one.state is not State.ABSENT:
            assert (one.state, one.value) == (two.state, two.value)


@given(RECORDS)
@settings(max_examples=20, deadline=None)
@example(random_record(random.Random(1)))
def test_who_when_and_the_sections_are_those_of_the_record(record: Record) -> None:
    report = parse(render_html(record, "paragraphs", "hanweb").text)
    assert report.year == record.year
    assert report.organ == record.organ
    assert str(report.published) == record.published
    assert [s.key for s in report.sections if s.key != "preamble"] == list(record.sections)
    for section in report.sections:
        for paragraph in record.sections.get(section.key, ()):
            assert "".join(paragraph.split())[:30] in "".join(section.text.split())


@given(RECORDS, st.sampled_from((*DIALECTS, *LAYOUTS)))
@settings(max_examples=20, deadline=None)
def test_the_same_document_gives_the_same_report(record: Record, name: str) -> None:
    text = (render_text if name in DIALECTS else render_html)(record, name).text
    assert parse(text).to_json() == parse(text.encode()).to_json().replace("<bytes>", "<text>")
