"""Every fixture is complete, signed and read as expected; none is left out; the score holds."""

from __future__ import annotations

import ast
import email
import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from corpus import FOLDERS, ROOT, comparison, fixtures

from govreport_parse import errors
from govreport_parse.checks.identities import check_identities
from govreport_parse.formbook import form
from govreport_parse.testing import fixture_score as ratchet
from govreport_parse.testing.diff import METADATA, describe
from govreport_parse.testing.fixtures import (
    load_fixture,
    personal_data_of,
    stale_fixtures,
)
from govreport_parse.testing.render_html import FAMILIES
from govreport_parse.testing.render_text import DIALECTS
from govreport_parse.values import CheckState, State

REPO = ROOT.parent
PACKAGE = REPO / "src" / "govreport_parse"


# -- each fixture ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FOLDERS)
def test_the_fixture_is_in_order_and_signed(name: str) -> None:
    fixture = load_fixture(FOLDERS[name])
    assert not fixture.draft
    assert fixture.meta["verified_by"]
    assert set(fixture.meta["known_gaps"][0] if fixture.meta["known_gaps"] else ()) <= {
        "path",
        "why",
    }


@pytest.mark.parametrize("name", FOLDERS)
def test_the_document_is_read_as_expected(name: str) -> None:
    found = comparison(name)
    assert found.ok, "\n" + describe(found)


@pytest.mark.parametrize("name", FOLDERS)
def test_the_document_holds_no_personal_data(name: str) -> None:
    assert personal_data_of(load_fixture(FOLDERS[name]).source) == []


@pytest.mark.parametrize("name", FOLDERS)
def test_the_expected_sums_hold_but_for_those_named(name: str) -> None:
    """A second opinion on the expectation itself: its figures obey the form's arithmetic."""
    fixture = load_fixture(FOLDERS[name])
    reports = comparison(name).reports
    for expected, report in zip(fixture.reports, reports, strict=False):
        layout = report.layout
        assert tuple(f.path for f in expected.figures) == layout.paths
        outcomes = check_identities(
            layout, [f.value for f in expected.figures], [f.state for f in expected.figures]
        )
        broken = [
            f"{i.id} {i.scope}"
            for i, o in zip(layout.identities, outcomes, strict=True)
            if o.state is CheckState.BROKEN
        ]
        assert broken == expected.facts["broken_checks"]


class _Cells(HTMLParser):
    """The text of every innermost ``<td>``, by the standard library, spans and styles ignored."""

    def __init__(self) -> None:
        super().__init__()
        self.out: list[str] = []
        self._open: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("td", "th"):
            self._open.append([])

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._open:
            self.out.append("".join("".join(self._open.pop()).split()))

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].append(data)


def _tokens(name: str) -> list[str]:
    fixture = load_fixture(FOLDERS[name])
    data = fixture.source.data
    if "mhtml" in fixture.meta["tags"]:
        parts = email.message_from_bytes(data).walk()
        data = next(p.get_payload(decode=True) for p in parts if "html" in p.get_content_type())
    text = data.decode(fixture.meta["encoding"], "replace")
    if fixture.meta["format"] == "html" and "layout_text" not in " ".join(fixture.meta["tags"]):
        reader = _Cells()
        reader.feed(text)
        return reader.out
    text = re.sub(r"<[^>]{0,500}>", "\n", text)
    return [t for t in re.split(r"[\s|]+", text) if t]


IN_ORDER = [
    name
    for name, folder in FOLDERS.items()
    if name.split("/")[0] not in ("broken", "narrative")
    and json.loads((folder / "meta.json").read_text("utf-8"))["format"] in ("html", "text")
    and not {"columns", "swapped", "mixed_charset", "inner_space", "hidden"}
    & set(re.split("[_ ]", " ".join([name, *load_fixture(folder).meta["tags"]])))
    and "dialect_concat" not in " ".join(load_fixture(folder).meta["tags"])
    and "two_charsets" not in name
    and "blank_inside" not in name
]


@pytest.mark.parametrize("name", IN_ORDER)
def test_the_expected_numbers_stand_in_the_source_in_form_order(name: str) -> None:
    """Read by the standard library alone: the cells of the source, in order, hold the figures."""
    left = iter(_tokens(name))
    for report in load_fixture(FOLDERS[name]).reports:
        for f in report.figures:
            if f.state is State.REPORTED:
                ink = "".join(report.facts["raws"].get(f.path, str(f.value)).split())
                assert any(ink == token for token in left), f"{f.path}: {ink} is not in its place"


# -- nothing left out --------------------------------------------------------------------------


def test_every_folder_with_a_source_is_a_fixture_that_runs() -> None:
    """Counted without the toolkit: folders two levels down that hold a source."""
    sources = {
        f"{p.parent.parent.name}/{p.parent.name}"
        for p in ROOT.rglob("source.*")
        if p.parent.parent.name != "site"
    }
    assert sources == set(FOLDERS)
    assert len(FOLDERS) >= 160


def test_every_folder_has_a_file_of_each_role_and_no_other() -> None:
    for name, folder in FOLDERS.items():
        roles = Counter(p.name.split(".")[0] for p in folder.iterdir())
        if name.startswith("broken/"):
            assert roles == {"source": 1, "meta": 1}, name
        else:
            assert roles["source"] == roles["meta"] == roles["outline"] == 1, name
            assert set(roles) == {"source", "meta", "outline", "expected"}, name


def test_nothing_is_stale() -> None:
    assert [s for s in stale_fixtures(ROOT) if s.kind != "old parser"] == []


def test_every_module_with_tests_has_a_name_that_is_collected() -> None:
    named, others = 0, []
    for path in (REPO / "tests").rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        functions = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))
        if not any(n.name.startswith("test_") for n in functions):
            continue
        named += 1
        if not path.name.startswith("test_"):
            others.append(path.name)
    assert others == []
    assert named >= 30


def test_no_conftest_leaves_modules_out() -> None:
    for path in (REPO / "tests").rglob("conftest.py"):
        names = {
            n.id for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Name)
        }
        assert not names & {"collect_ignore", "collect_ignore_glob"}, path
    ini = (REPO / "pyproject.toml").read_text("utf-8")
    assert 'testpaths = ["tests"]' in ini
    assert "norecursedirs" not in ini
    assert "--ignore" not in ini


def test_git_leaves_the_bytes_alone() -> None:
    assert "fixtures/** -text" in (REPO / ".gitattributes").read_text("utf-8").splitlines()


# -- coverage of forms, findings, errors, layouts ----------------------------------------------


def test_every_row_of_the_annual_forms_has_a_number_in_some_fixture() -> None:
    seen: set[tuple[str, str]] = set()
    for fixture in fixtures():
        for report in fixture.reports:
            forms = report.facts["forms"]
            for f in report.figures:
                if f.value and f.state is State.REPORTED:
                    table, row, _ = f.path.split("/")
                    seen.add((forms[table], f"{table}/{row}"))
    for form_id in ("ogi_annual_2021", "ogi_annual_2019"):
        rows = {
            f"{t.key}/{r.key}" for t in form(form_id).tables for b in t.blocks for r in b.data_rows
        }
        assert {(form_id, r) for r in rows} - seen == set()


NOT_IN_FIXTURES = {
    "zeros_not_shown": "unit tests of workbooks show it; no fixture made yet",
    "row_apart": "tests/unit/matching/test_rows_apart.py shows it; no fixture made yet",
    "pages_joined": "an article of several pages comes from the archive: test_html_pages",
    "page_missing": "an article of several pages comes from the archive: test_html_pages",
    "page_not_joined": "an article of several pages comes from the archive: test_html_pages",
    "js_shell": "only of a page without any section, which is no report: broken/page_script_shell",
    "cell_cut": "tests/unit/documents/test_html_cut.py shows it; no fixture made yet",
    "json_page": "tests/unit/documents/test_json_page.py shows it; no fixture made yet",
    "page_is_broken": "a page that PDFium can't load while the others load: not made by hand yet",
    "statistics_columns": "unit tests of tables with several columns show it; no fixture made yet",
    "text_confirms": "left out of the comparison: see testing.diff.CONFIRMATIONS",
    "personal_data": "said when texts leave the house, not by parse; and no fixture holds any",
    "text_recognised": "needs the extra [scan], which is not always installed",
    "pages_recognised": "needs the extra [scan], which is not always installed",
    "scan_unreadable": "needs the extra [scan], which is not always installed",
    "scan_mended": "needs the extra [scan], which is not always installed",
    "division_not_valid_in_year": "division codes come from the caller or a later stage",
    "division_unsure": "division codes come from the caller or a later stage",
    "engine_failed": "no PDF of ours does that to the reference: tests/unit/checks/test_engines.py",
}
"""Finding codes that no fixture shows, and why. May shrink."""


def finding_codes() -> set[str]:
    """The codes in the source: first arguments of ``Finding(…)`` and the like, and the tuples
    (code, severity, …) from which some are made."""
    out: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if {"testing", "cli", "fetch", "frames", "dataset", "harvesting", "mining"} & set(
            path.relative_to(PACKAGE).parts
        ):
            continue
        if path.name == "panel.py":
            continue  # about two reports, so no document shows them: tests/unit/checks/test_panel
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if called.lower().endswith("finding"):
                    first = node.args[0]
                    parts = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
                    out |= {p.value for p in parts if isinstance(p, ast.Constant)}
            if isinstance(node, ast.Tuple) and len(node.elts) >= 3:
                second = node.elts[1]
                if isinstance(second, ast.Constant) and second.value in ("warning", "error"):
                    out |= {node.elts[0].value} if isinstance(node.elts[0], ast.Constant) else set()
    return {code for code in out if isinstance(code, str)}


def test_every_finding_code_is_shown_by_a_fixture_or_listed_as_missing() -> None:
    used = {c for f in fixtures() for r in f.reports for c in r.facts["findings"]}
    codes = finding_codes() | {"cell_unreadable", "place_lost"}  # these two stand in a loop's table
    codes -= {"info", "warning", "error"}
    assert codes - used - set(NOT_IN_FIXTURES) == set(), "make a fixture, or say why not"
    assert set(NOT_IN_FIXTURES) & used == set(), "these have a fixture now: take them off the list"
    assert used - codes == set(), "fixtures expect codes that the source does not know"


NOT_OF_DOCUMENTS = {
    "GovReportError", "FetchError", "NetworkError", "HttpStatusError", "RobotsDisallowedError",
    "BlockedError", "ParseError", "DatasetError", "UsageError",
}  # fmt: skip
"""Roots, and errors that no document alone can raise."""


def test_every_error_of_documents_has_a_fixture() -> None:
    kinds = {
        n
        for n, k in vars(errors).items()
        if isinstance(k, type) and issubclass(k, errors.GovReportError)
    }
    used = {f.error.type for f in fixtures() if f.error}
    assert kinds - NOT_OF_DOCUMENTS - used == set()


def test_every_kind_of_page_that_is_no_report_has_a_fixture() -> None:
    from govreport_parse.acceptance import _PAGES

    said = [f.error.message for f in fixtures() if f.error and f.error.type == "NotAReportError"]
    for kind, message in _PAGES.items():
        assert any(part and part in message for part in said), kind


def test_every_dialect_and_family_has_a_fixture() -> None:
    tags = {t for f in fixtures() for t in f.meta["tags"]}
    assert {f"cms_{family}" for family in FAMILIES} - tags == set()
    assert {f"dialect_{d}" for d in DIALECTS} - tags == set()


# -- the ratchet -------------------------------------------------------------------------------


def test_the_score_does_not_fall_and_the_board_is_up_to_date() -> None:
    now = ratchet.score_of([comparison(name) for name in FOLDERS])
    board = ratchet.read_board(ROOT)
    assert ratchet.falls(board, now) == []
    assert ratchet.changes(board, now) == [], "govreport fixture score --accept"
    assert board.corpus == now.corpus


def test_figures_that_are_not_exact_are_stated_as_gaps() -> None:
    for name in FOLDERS:
        one = comparison(name)
        stated = {gap for gap in one.fixture.gaps if not gap.startswith("facts/")}
        assert one.total - one.exact <= len(stated), name


def test_no_known_gap_is_healed() -> None:
    healed = {name: comparison(name).healed for name in FOLDERS if comparison(name).healed}
    assert healed == {}, (
        "govreport fixture update NAME --reason TEXT, then govreport fixture score --accept"
    )


# -- sites -------------------------------------------------------------------------------------


@pytest.mark.parametrize("site", sorted(p.name for p in (ROOT / "site").iterdir()))
def test_the_site_is_complete_and_its_reports_can_be_read(site: str) -> None:
    folder = ROOT / "site" / site
    about = json.loads((folder / "site.json").read_text("utf-8"))
    files = {r["file"] for r in about["routes"]}
    assert files | {"site.json"} == {p.name for p in folder.iterdir()}
    by_path = {_target(r): r for r in about["routes"]}
    assert about["start"] in by_path
    for report in about["reports"]:
        assert _read_ok(folder / by_path[report["path"]]["file"], report)
    for path in about["not_reports"]:
        with pytest.raises(errors.NotAReportError):
            _read(folder / by_path[path]["file"])


def _target(route: dict[str, Any]) -> str:
    query = urlencode(route.get("query", {}), safe="/")
    return route["path"] + (f"?{query}" if query else "")


def _read(path: Path):
    from govreport_parse.parsing import parse
    from govreport_parse.source import Source

    return parse(Source(path.read_bytes(), path.name))


def _read_ok(path: Path, expected: dict[str, object]) -> bool:
    report = _read(path)
    found = (report.title, report.organ, report.year, report.form, report.source.sha256)
    wanted = tuple(expected[k] for k in ("title", "organ", "year", "form", "sha256"))
    received = report["requests/requests_received/total"].value
    return found == wanted and received == expected["received"]


def test_the_plugin_would_collect_every_fixture() -> None:
    """One item per table and one for the metadata, or one for the error."""
    for name in FOLDERS:
        parts = comparison(name).parts
        if name.startswith("broken/"):
            assert parts == ["error"]
        else:
            assert parts[-1] == METADATA
            tables = {"narrative": 0, "ogi_stats_2014": 1}.get(name.split("/")[0], 3)
            assert len(parts) == tables + 1
