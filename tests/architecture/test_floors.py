"""Imports point down the floors of the architecture, and heavy libraries have one importer each."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "govreport_parse"

# Longest prefix wins. Neighbours on one floor may import each other only inside one room.
FLOORS = {
    "errors": 0,
    "values": 0.1,
    "source": 0.2,
    "text_tables": 0.24,
    "glosses": 0.26,
    "script": 0.26,
    "text": 0.3,
    "text_repair": 0.3,
    "chinese_numerals": 0.24,
    "number_signs": 0.24,
    "number_scanner": 0.26,
    "numbers": 0.3,
    "formbook": 1,
    "documents.model": 1.1,
    "documents.grid": 1.2,
    "decode": 2,
    "documents": 2,
    "fetch": 2,
    "matching": 3,
    "checks.identities": 3.5,
    "checks.narrative": 3.5,
    "checks.corrections_search": 3.2,
    "checks.corrections_kinds": 3.2,
    "checks.corrections_text": 3.55,
    "checks.corrections": 3.6,
    "report": 4,
    "record_json": 4.5,
    "codebooks": 4,
    "organs": 4,
    "privacy": 4,
    "schema": 4,
    "checks": 5,
    "refusal_signs": 5.4,
    "acceptance": 5.5,
    "text_findings": 5.5,
    "reading": 5.5,
    "building": 5.8,
    "parsing": 6,
    "workers": 6.5,
    "frames": 7,
    "dataset": 7.5,
    "display": 7,
    "review": 7.6,
    "plots": 7,
    "bundled": 8,
    "bundled_site": 8,
    "harvesting": 8,
    "harvesting.scaled": 8.5,
    "harvesting.shares": 8.5,
    "mining": 8,
    "mining.mirrors": 7.9,
    "mining.scaled": 8.5,
    "cluster": 8,
    "testing": 8,
    "cli": 9,
    "__main__": 9.5,
    "": 9,
}
# Methods that delegate upwards by an import inside the function.
UPWARD = {
    ("report", "frames"),
    ("report", "display"),
    ("codebooks", "frames"),
    ("parsing", "workers"),
}
HEAVY = {
    "selectolax": {
        "documents.html",
        "documents.html_article",
        "documents.html_survey",
        "documents.html_table",
        "documents.html_tags",
        "fetch.links",
    },
    "pdfplumber": {"documents.pdf", "documents.pdf_plumber"},
    "pypdfium2": {"documents"},
    "lxml": {"documents"},
    "olefile": {"documents"},
    "python_calamine": {"documents.sheet"},
    "pandas": {"frames", "dataset", "plots"},
    "pyarrow": {"frames", "dataset", "harvesting", "mining", "cluster"},
    "duckdb": {"dataset"},
    "httpx": {"fetch.client"},
    "httpcore": {"fetch.client", "fetch.network"},
    "warcio": {"fetch.archive", "mining"},
    "protego": {"fetch.robots"},
    "sqlite3": {"fetch.frontier", "fetch.state"},
    "matplotlib": {"plots"},
    "jinja2": {"review"},
    "distributed": {"cluster"},
    "parsl": {"cluster"},
    "tenacity": {"fetch.client", "mining"},
    "click": {"cli"},
    "rapidocr": {"documents"},
    "cv2": {"documents"},
    "pytest": {"testing"},
    "opencc": {"script"},
}


def room(name: str) -> str:
    """The longest key of ``FLOORS`` that ``name`` lies in."""
    parts = name.split(".")
    while parts:
        key = ".".join(parts)
        if key in FLOORS:
            return key
        parts.pop()
    return ""


def modules() -> dict[str, ast.Module]:
    out = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        out[name.removesuffix("__init__").rstrip(".")] = ast.parse(path.read_text("utf-8"))
    return out


def imports(tree: ast.Module, *, typing: bool = False) -> list[str]:
    found: list[str] = []

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test) and not typing:
            for child in node.orelse:
                visit(child)
            return
        if isinstance(node, ast.Import):
            found.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            if node.module == "govreport_parse":
                found.extend(f"govreport_parse.{alias.name}" for alias in node.names)
            else:
                found.append(node.module)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(tree)
    return found


MODULES = modules()


def test_every_module_has_a_floor_of_its_own() -> None:
    # the package's face (its name here is empty) is the only one on the floor of that name
    assert [name for name in MODULES if room(name) == "" and name] == []


@pytest.mark.parametrize("name", sorted(MODULES))
def test_imports_point_down(name: str) -> None:
    here = room(name)
    for target in imports(MODULES[name]):
        if not target.startswith("govreport_parse."):
            continue
        there = room(target.removeprefix("govreport_parse."))
        if here == there or (here, there) in UPWARD or "" in (here, there):
            continue
        assert FLOORS[there] < FLOORS[here], f"{name} ({here}) imports {target} ({there})"


@pytest.mark.parametrize("library", sorted(HEAVY))
def test_heavy_library_has_one_importer(library: str) -> None:
    allowed = HEAVY[library]
    for name, tree in MODULES.items():
        if any(t == library or t.startswith(library + ".") for t in imports(tree)):
            assert any(name == a or name.startswith(a + ".") for a in allowed), name


def test_no_reader_imports_another() -> None:
    readers = {"html", "pdf", "docx", "doc", "sheet", "text", "scan", "archive_zip"}
    for name, tree in MODULES.items():
        own = name.removeprefix("documents.")
        if not name.startswith("documents.") or own not in readers:
            continue
        others = {
            t.removeprefix("govreport_parse.documents.")
            for t in imports(tree)
            if t.startswith("govreport_parse.documents.")
        }
        # a legacy .doc may be handed over as .docx by the LibreOffice bridge
        allowed = {"docx"} if own == "doc" else set()
        assert not (others & readers) - {own} - allowed, name


def test_no_module_is_named_for_being_a_drawer() -> None:
    drawers = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "base"}
    assert not {n for n in MODULES if n.rsplit(".", 1)[-1] in drawers}
