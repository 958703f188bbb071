"""Every code block of the documentation runs, and what stands below it is what it prints."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(p.name for p in (ROOT / "docs").glob("*.md") if p.name != "cli-reference.md")


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


fill = script("fill_docs")


@pytest.mark.parametrize("name", PAGES)
def test_blocks_run_and_print_what_stands_below_them(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)  # a reader signs fixtures, a CI must not
    text = (ROOT / "docs" / name).read_text("utf-8")
    filled, ran = fill.filled(text)
    assert filled == text, f"python scripts/fill_docs.py docs/{name}, and read the diff"
    if name.startswith(("guide-", "first-")):
        assert ran


def test_no_block_escapes_the_runner() -> None:
    """Counted without it: every fence opens with a kind, and python blocks have no options."""
    for name in PAGES:
        text = (ROOT / "docs" / name).read_text("utf-8")
        fences = [line for line in text.splitlines() if line.lstrip().startswith("```")]
        assert all(line == line.lstrip() for line in fences), f"{name}: an indented block"
        assert len(fences) == 2 * len(fill.FENCE.findall(text)), name
        assert "~~~" not in text
        assert "{code-cell}" not in text


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ("```python\nprint(1)\n```\n", "nothing shows"),
        ("```console\n$ rm x\n```\n", "only govreport"),
        ("```console\n$ govreport parse missing.html\n```\n", "ended with 1"),
        ("```perl\n1\n```\n", "neither run nor known"),
    ],
)
def test_the_runner_refuses_what_it_can_not_hold_to(page: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        fill.filled(page)


def test_the_runner_writes_what_is_printed() -> None:
    page = "```python\nprint(2 + 3)\n```\n\n```text\nold\n```\n"
    assert fill.filled(page) == (page.replace("old", "5"), 1)
    command = "```console\n$ govreport --version | head -1\n```\n"
    printed, ran = fill.filled(command)
    assert ran == 1
    assert printed.startswith("```console\n$ govreport --version | head -1\ngovreport, version ")


def test_the_reference_of_the_command_line_is_current() -> None:
    made = script("make_cli_reference").reference()
    stored = (ROOT / "docs" / "cli-reference.md").read_text("utf-8")
    assert stored == made, "python scripts/make_cli_reference.py"


def test_the_reference_names_every_verb_and_its_options() -> None:
    from govreport_parse.cli.main import VERBS, cli

    page = (ROOT / "docs" / "cli-reference.md").read_text("utf-8")
    for verb in VERBS:
        assert f"\n## govreport {verb}\n" in page
        command = cli.get_command(None, verb)  # type: ignore[arg-type]
        assert command is not None
        for parameter in command.params:
            hidden = getattr(parameter, "hidden", False)
            assert hidden or all(o in page for o in parameter.opts if o.startswith("--"))
