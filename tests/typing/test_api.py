"""The typed face: every public name is used in ``api.py``, which mypy reads with the sources."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import govreport_parse as gov

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def test_mypy_reads_the_face() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    assert settings["strict"] is True
    assert {"src", "tests/typing/api.py"} <= set(settings["files"])
    assert (ROOT / "src" / "govreport_parse" / "py.typed").is_file()


def test_every_public_name_is_used() -> None:
    tree = ast.parse((HERE / "api.py").read_text("utf-8"))
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "gov"
    }
    assert set(gov.__all__) - used == set()


def test_what_type_checkers_import_is_what_is_public() -> None:
    """The names under ``TYPE_CHECKING`` are those of ``__all__``."""
    tree = ast.parse((ROOT / "src" / "govreport_parse" / "__init__.py").read_text("utf-8"))
    (block,) = (
        n
        for n in tree.body
        if isinstance(n, ast.If) and isinstance(n.test, ast.Name) and n.test.id == "TYPE_CHECKING"
    )
    names = {
        alias.asname or alias.name
        for node in block.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("govreport_parse")
        for alias in node.names
    }
    assert names == set(gov.__all__)
    assert sorted(gov.__all__) == gov.__all__
