"""Every code block of the READMEs runs, and every printed block is what it prints."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
READMES = ["README.md", "README.zh-CN.md"]


def blocks(name: str) -> list[tuple[str, str]]:
    return BLOCK.findall((ROOT / name).read_text("utf-8"))


@pytest.mark.parametrize("name", READMES)
def test_python_blocks_print_what_stands_below_them(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {}
    found = blocks(name)
    ran = 0
    for (kind, code), (next_kind, printed) in zip(found, [*found[1:], ("", "")], strict=True):
        if kind != "python":
            continue
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(code, name, "exec"), namespace)
        assert next_kind == "text", f"no output stands below:\n{code}"
        assert [x.rstrip() for x in out.getvalue().splitlines()] == [
            x.rstrip() for x in printed.splitlines()
        ]
        ran += 1
    assert ran


def test_console_blocks_print_what_stands_below_them(tmp_path: Path) -> None:
    ran = 0
    for kind, text in blocks("README.md"):
        if kind != "console":
            continue
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            words = shlex.split(command)
            assert words[0] == "govreport"
            # Files go to a scratch folder; sources are named from the project's root.
            if "-o" in words:
                at = words.index("-o") + 1
                words[at] = str(tmp_path / words[at])
            result = subprocess.run(
                [sys.executable, "-m", "govreport_parse.cli.main", *words[1:]],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
            )
            assert result.returncode == 0, result.stderr
            shown = result.stdout.replace(str(tmp_path) + "/", "")
            assert [x.rstrip() for x in shown.splitlines()] == [
                x.rstrip() for x in printed.splitlines()
            ]
            ran += 1
    assert ran >= 3


def test_every_command_in_the_table_exists() -> None:
    from govreport_parse.cli.main import VERBS

    readme = (ROOT / "README.md").read_text("utf-8")
    named = set(re.findall(r"`govreport (\w+)", readme))
    assert named <= set(VERBS)
    table = readme[readme.index("| command | does |") : readme.index("Every option:")]
    assert {v for v in VERBS if not re.search(rf"`(govreport )?{v}[ `]", table)} == set()


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md"])
def test_local_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / name).read_text("utf-8")):
        assert (ROOT / target).exists(), target
