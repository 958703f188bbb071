"""Runs the READMEs' code blocks and writes what they print below them.

For after a change of output; read the diff before committing. tests/docs checks that what stands
there is what is printed.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def printed_by(code: str, namespace: dict[str, object]) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "README", "exec"), namespace)
    return "".join(line.rstrip() + "\n" for line in out.getvalue().splitlines())


def console(text: str, folder: str) -> str:
    parts = []
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command = part.partition("\n")[0]
        words = shlex.split(command)
        if "-o" in words:
            at = words.index("-o") + 1
            words[at] = f"{folder}/{words[at]}"
        shown = subprocess.run(
            [sys.executable, "-m", "govreport_parse.cli.main", *words[1:]],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.replace(folder + "/", "")
        body = "".join(line.rstrip() + "\n" for line in shown.splitlines())
        parts.append(f"$ {command}\n{body}")
    return "".join(parts)


def main() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        path = ROOT / name
        source = path.read_text("utf-8")
        namespace: dict[str, object] = {}
        out: list[str] = []
        at = 0
        pending: str | None = None
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            for m in BLOCK.finditer(source):
                kind, code = m.groups()
                body = code
                if kind == "python":
                    pending = printed_by(code, namespace)
                elif kind == "text" and pending is not None:
                    body, pending = pending, None
                elif kind == "console":
                    body = console(code, folder)
                out.append(source[at : m.start(2)] + body)
                at = m.end(2)
        path.write_text("".join(out) + source[at:], "utf-8")


if __name__ == "__main__":
    main()
