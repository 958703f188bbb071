"""``describe_organ`` on anything: it never raises, and a code always fits its year."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from govreport_parse.organs import all_divisions, describe_organ
from govreport_parse.organs.divisions import Status, by_code

NAMES = st.sampled_from([d.name for d in all_divisions()])
WORDS = st.sampled_from(
    "人民政府 财政局 分局 街道办事处 镇人民政府 开发区管委会 大学 公司 委 局 厅 市 区 县 的".split()  # noqa: SIM905
)
TEXTS = st.lists(st.one_of(NAMES, WORDS, st.text(max_size=4)), max_size=5).map("".join)
YEARS = st.one_of(st.none(), st.integers(2000, 2035))
SITES = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.sampled_from([d.code for d in all_divisions()]).map(lambda c: c + "0001"),
)


@given(TEXTS, YEARS, st.one_of(st.none(), TEXTS), SITES, st.lists(TEXTS, max_size=2))
def test_any_name_gets_an_answer_whose_code_is_in_force(
    name: str, year: int | None, title: str | None, site: str | None, texts: list[str]
) -> None:
    info = describe_organ(name, year=year, title=title, site_code=site, texts=texts)
    if info.division_code is None:
        assert info.division_source is None
        return
    assert not info.candidates
    division = by_code(info.division_code, year)
    assert division is not None
    if year is not None:
        assert division.status(year) not in (Status.OUT, Status.AFTER)
    assert info.province is not None


@given(NAMES, st.integers(2003, 2024))
def test_a_bare_table_name_gives_its_own_code_or_none(name: str, year: int) -> None:
    info = describe_organ(f"{name}人民政府", year=year)
    if info.division_code is not None:
        division = by_code(info.division_code, year)
        assert division is not None
        assert division.name == name


@given(TEXTS, st.integers(2003, 2024))
def test_the_answer_does_not_depend_on_what_was_asked_before(name: str, year: int) -> None:
    assert describe_organ(name, year=year) == describe_organ(name, year=year)
