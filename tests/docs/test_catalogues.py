"""The catalogues of findings and errors, the list of public names and the glossary are complete."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

import govreport_parse as gov
from govreport_parse import errors
from govreport_parse.fetch.records import Code
from govreport_parse.values import CheckState, State

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "govreport_parse"
DOCS = ROOT / "docs"
LOOPED = {"cell_unreadable", "place_lost", "jump", "unit_jump"}
"""Codes that stand in a loop's table or are handed on as arguments."""
SEVERITIES = {"info", "warning", "error"}


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text("utf-8")


def listed(name: str) -> dict[str, str]:
    """First column of the tables of a page: names in code style, to the second column."""
    out: dict[str, str] = {}
    for line in page(name).splitlines():
        cells = [c.strip() for c in line.split("|")[1:-1]]
        if len(cells) >= 2:
            for code in re.findall(r"`([^`]+)`", cells[0]):
                assert code not in out or name != "findings", f"{code} is listed twice"
                out[code] = cells[1]
    return out


def constants(tree: ast.Module) -> dict[str, str]:
    """Names of a module that are texts: ``NAME = "text"``, and ``A, B = "a", "b"``."""
    out: dict[str, str] = {}
    for node in tree.body:
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        target, value = node.targets[0], node.value
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        values = value.elts if isinstance(value, ast.Tuple) else [value]
        for n, v in zip(names, values, strict=False):
            if isinstance(n, ast.Name) and isinstance(v, ast.Constant) and isinstance(v.value, str):
                out[n.id] = v.value
    return out


def finding_codes() -> set[str]:
    """First arguments of ``Finding(…)`` and the like, and tuples (code, severity, …)."""
    out: set[str] = set(LOOPED)
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        named = constants(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if called.lower().endswith("finding"):
                    first = node.args[0]
                    parts = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
                    out |= {p.value for p in parts if isinstance(p, ast.Constant)}
                    out |= {named[p.id] for p in parts if isinstance(p, ast.Name) and p.id in named}
            if isinstance(node, ast.Tuple) and len(node.elts) >= 3:
                code, severity = node.elts[0], node.elts[1]
                if isinstance(severity, ast.Constant) and severity.value in SEVERITIES:
                    out |= {code.value} if isinstance(code, ast.Constant) else set()
    return {code for code in out if isinstance(code, str)} - SEVERITIES


def test_every_finding_code_is_in_the_catalogue_and_no_other() -> None:
    codes, told = finding_codes(), set(listed("findings")) - SEVERITIES - {"code"}
    assert codes - told == set(), "describe these in docs/findings.md"
    assert told - codes == set(), "docs/findings.md describes what the source does not know"
    assert len(codes) >= 85


def test_codes_that_fixtures_show_have_a_severity_that_the_catalogue_names() -> None:
    seen: dict[str, set[str]] = {}
    for report in gov.samples():
        for f in report.findings:
            seen.setdefault(f.code, set()).add(f.severity)
    told = listed("findings")
    assert seen
    for code, severities in seen.items():
        assert severities <= set(re.findall(r"\w+", told[code])), code


def test_every_code_expected_by_a_fixture_is_in_the_catalogue() -> None:
    """A second source of codes, which the parser's source code does not pass through."""
    told = set(listed("findings"))
    seen: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, dict):
            seen.update(c for c in value.get("findings", ()) if isinstance(c, str))
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    for path in (ROOT / "fixtures").glob("*/*/expected.json"):
        walk(json.loads(path.read_text("utf-8")))
    assert len(seen) >= 50
    assert seen <= told


def test_every_error_is_in_the_catalogue_and_no_other() -> None:
    kinds = {
        n
        for n, k in vars(errors).items()
        if isinstance(k, type) and issubclass(k, errors.GovReportError)
    }
    assert {n for n in listed("errors") if n.endswith("Error")} == kinds


def test_every_outcome_of_an_address_and_of_a_row_is_told() -> None:
    told = set(listed("errors"))
    assert {str(c) for c in Code} <= told
    from govreport_parse.harvesting.run import outcome_row

    words = set(re.findall(r"``([a-z ]+)``", outcome_row.__doc__ or ""))
    assert "parsed" in words
    assert words <= told


def test_every_state_is_explained() -> None:
    assert {str(s) for s in State} <= set(listed("glossary"))
    assert all(f"`{s}`" in page("glossary") for s in State)
    assert len(CheckState) == 3


def test_every_public_name_is_documented() -> None:
    named = set(re.findall(r"^\.\. auto\w+:: (\w+)$", page("api"), re.MULTILINE))
    assert named == set(gov.__all__) - {"plots"}
    assert ".. automodule:: govreport_parse.plots" in page("api")


@pytest.mark.parametrize("name", sorted(set(gov.__all__) - {"plots"}))
def test_every_public_name_has_a_docstring(name: str) -> None:
    own = vars(getattr(gov, name)).get("__doc__") or getattr(gov, name).__doc__
    assert own
    assert not own.startswith(f"{name}("), "made by dataclass: say what it is"


def test_every_form_and_every_part_of_the_codebook_has_its_place() -> None:
    from govreport_parse.codebooks import entries
    from govreport_parse.formbook import all_forms

    marks = re.findall(r"<!-- generated: form (\w+) -->", page("forms"))
    assert marks == [f.id for f in all_forms()]
    parts = re.findall(r"<!-- generated: codebook ([\w;]+) -->", page("codebook"))
    assert set(parts) == {e.form or "columns" for e in entries()}


# -- what the pages speak of exists ------------------------------------------------------------

PROSE = sorted([*DOCS.glob("*.md"), *(ROOT / n for n in ("README.md", "README.zh-CN.md"))])
NOT_OURS = {
    "--govreport-fixtures",
    "--links",
    "--read",
    "--turn",
    "--documents",
    "--layout",
    "--size",
    "--nthreads",
}
"""Options of pytest's plugin, of the benchmarks, of Dask."""


@pytest.mark.parametrize("path", PROSE, ids=[p.name for p in PROSE])
def test_names_verbs_and_options_in_the_pages_exist(path: Path) -> None:
    from govreport_parse.cli.main import VERBS

    text = path.read_text("utf-8")
    assert set(re.findall(r"\bgov\.([A-Za-z]\w*)", text)) - {"cn"} <= set(gov.__all__)
    assert set(re.findall(r"\bgovreport ([a-z]+)\b", text)) <= set(VERBS)
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))
    known = set(re.findall(r"--[a-z][a-z-]+", page("cli-reference")))
    assert options - known <= NOT_OURS


@pytest.mark.parametrize("path", PROSE, ids=[p.name for p in PROSE])
def test_figures_named_in_the_pages_exist(path: Path) -> None:
    from govreport_parse.formbook import all_forms

    paths = {f.path for form in all_forms() for f in form.figures}
    tables = {p.split("/")[0] for p in paths}
    text = re.sub(r"requests/\{[^}]*\}|requests/grantd/total", "", path.read_text("utf-8"))
    named = re.findall(rf"\b((?:{'|'.join(tables)})/\w+/\w+)", text)
    assert set(named) <= paths


@pytest.mark.parametrize("path", PROSE, ids=[p.name for p in PROSE])
def test_the_pages_name_no_machine(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"/(?:root|home|work|tmp|Users)/", text)
    hosts = set(re.findall(r"https?://([^/\s`\"')<,]+)", text))
    allowed = re.compile(r"[\w.]*\bexample(?:\.gov\.cn)?|\{.*")
    assert all(allowed.fullmatch(h) for h in hosts), hosts
