"""The pytest plugin in a project of somebody else: three lines of conftest, items, failures."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from govreport_parse.source import Source
from govreport_parse.testing import random_record, render_html
from govreport_parse.testing.fixtures import add_fixture, sign_fixture

pytest_plugins = ["pytester"]

CONFTEST = """
pytest_plugins = ["govreport_parse.testing.plugin"]
govreport_fixtures = "fixtures"
"""
PENALTIES = "proactive_disclosure/penalties/decisions"


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project with two signed fixtures (a report, an empty file) and a test of its own."""
    monkeypatch.delenv("CI", raising=False)
    root = pytester.path / "fixtures"
    record = random_record(random.Random(3), size="county")
    add_fixture(root, Source(render_html(record).text.encode(), "report.html"), "county")
    add_fixture(root, Source(b"", "empty.html"), "empty")
    sign_fixture(root, "county", "Li")
    sign_fixture(root, "empty", "Li")
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(test_own="def test_own(): pass")
    return pytester


def mistype(root: Path) -> None:
    path = root / "fixtures" / "ogi_annual_2021" / "county" / "expected.tsv"
    lines = path.read_text("utf-8").split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith(PENALTIES))
    lines[at] = "\t".join([PENALTIES, "987654", *lines[at].split("\t")[2:]])
    path.write_text("\n".join(lines), "utf-8")
    sign_fixture(root / "fixtures", "county", "Li")


def test_three_lines_of_conftest_give_an_item_per_fixture_and_table(
    project: pytest.Pytester,
) -> None:
    result = project.runpytest_inprocess("-v", "-p", "no:randomly")
    result.assert_outcomes(passed=6)  # three tables, metadata, the error, the project's own test
    out = result.stdout.str()
    for part in ("proactive_disclosure", "requests", "review_and_litigation", "metadata"):
        assert f"fixtures/ogi_annual_2021/county/meta.json::{part} PASSED" in out
    assert "fixtures/broken/empty/meta.json::error PASSED" in out


def test_a_failing_fixture_prints_all_that_differs_and_no_traceback(
    project: pytest.Pytester,
) -> None:
    mistype(project.path)
    result = project.runpytest_inprocess()
    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*ogi_annual_2021/county proactive_disclosure*",
            "ogi_annual_2021/county: 1 figure is not as expected",
            f"  {PENALTIES}  行政处罚 / 本年处理决定数量",
            "    expected  987654 reported",
            "    found     * reported  (value changed)",
            "    raw cell  '*'  at table 1, row 10, column 2",
            "    source    行政处罚 | *",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*plugin.py*")


def test_one_fixture_can_be_run_by_its_path(project: pytest.Pytester) -> None:
    project.runpytest_inprocess("fixtures/ogi_annual_2021/county").assert_outcomes(passed=4)
    project.runpytest_inprocess(
        "fixtures/ogi_annual_2021/county/meta.json::requests"
    ).assert_outcomes(passed=1)


def test_naming_a_test_file_runs_no_fixture(project: pytest.Pytester) -> None:
    project.runpytest_inprocess("test_own.py").assert_outcomes(passed=1)


def test_testpaths_elsewhere_do_not_leave_the_fixtures_uncollected(
    project: pytest.Pytester,
) -> None:
    tests = project.mkdir("tests")
    (project.path / "test_own.py").rename(tests / "test_own.py")
    project.makeini("[pytest]\ntestpaths = tests\n")
    project.runpytest_inprocess().assert_outcomes(passed=6)


def test_the_ini_file_can_name_the_folder(project: pytest.Pytester) -> None:
    project.makeconftest('pytest_plugins = ["govreport_parse.testing.plugin"]')
    project.makeini("[pytest]\ngovreport_fixtures = fixtures\n")
    project.runpytest_inprocess().assert_outcomes(passed=6)


def test_the_command_line_can_name_the_folder(project: pytest.Pytester) -> None:
    project.makeconftest('pytest_plugins = ["govreport_parse.testing.plugin"]')
    project.runpytest_inprocess("--govreport-fixtures=fixtures").assert_outcomes(passed=6)


def test_a_draft_fails_and_says_how_to_sign(project: pytest.Pytester) -> None:
    record = random_record(random.Random(4), size="small")
    source = Source(render_html(record).text.encode(), "report.html")
    add_fixture(project.path / "fixtures", source, "fresh")
    result = project.runpytest_inprocess()
    result.assert_outcomes(passed=6, failed=4)
    result.stdout.fnmatch_lines(["*govreport fixture sign ogi_annual_2021/fresh --by WHO*"])


def test_a_folder_out_of_order_is_one_failing_item_with_the_mend(
    project: pytest.Pytester,
) -> None:
    (project.path / "fixtures" / "ogi_annual_2021" / "county" / "expected.json").unlink()
    result = project.runpytest_inprocess()
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*expected.json is missing*", "*restore them*"])


def test_a_missing_folder_ends_the_run(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\ngovreport_fixtures = nowhere\n")
    result = project.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_an_empty_folder_is_an_error_not_a_pass(project: pytest.Pytester) -> None:
    project.mkdir("void")
    project.makeconftest('pytest_plugins = ["govreport_parse.testing.plugin"]')
    project.makeini("[pytest]\ngovreport_fixtures = void\n")
    result = project.runpytest_inprocess()
    assert result.ret != 0
    result.stdout.fnmatch_lines(["*there are no fixtures in*"])


def test_workers_of_xdist_collect_the_same(project: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    project.runpytest_subprocess("-n", "2", "-p", "no:cacheprovider").assert_outcomes(passed=6)
