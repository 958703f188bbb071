"""Peak memory of one tool on one document, in a process of its own:
``python -m benchmarks.suite_memory FAMILY TOOL ENCODING FILE WARM``.

WARM is read first: what a tool loads at its first call counts as the library, not as the document.
Prints JSON: the peak before the document, and how much the document raised it, in bytes.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.suite_inputs import ROOT, Input, record
from benchmarks.suite_tools import Tool, tools

ALLOCATOR = {
    "MALLOC_TRIM_THRESHOLD_": str(256 * 2**20),
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
}
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak() -> int:
    """Highest resident size so far in bytes; ``OSError`` where the system does not tell."""
    return int(STATUS.read_text().split("VmHWM:")[1].split()[0]) * 1024


def usual() -> dict[str, str]:
    """The environment without the suite's setting of the allocator: memory as users see it."""
    return {k: v for k, v in os.environ.items() if k not in ALLOCATOR}


def of_tool(tool: Tool, document: Input, warm: Path) -> dict[str, Any]:
    """Measure in a child. ``status`` is not ``measured`` where the system does not tell or the tool
    fails."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "document"
        path.write_bytes(document.data)
        command = [sys.executable, "-m", "benchmarks.suite_memory", document.family, tool.name]
        done = subprocess.run(
            [*command, document.encoding, str(path), str(warm)],
            cwd=ROOT, env=usual(), capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
        return {"status": f"failed: {last}"}
    return {"status": "measured", **json.loads(done.stdout)}


def main(arguments: list[str]) -> int:
    family, name, encoding, path, warm = arguments
    tool = next(t for t in tools(family) if t.name == name)
    layout = record().layout

    def given(at: str) -> Input:
        return Input(at, family, Path(at).read_bytes(), {}, layout, "", encoding)

    tool.prepare(given(warm))()
    document = given(path)
    call = tool.prepare(document)
    gc.collect()
    CLEAR.write_text("5")
    before = peak()
    call()
    print(json.dumps({"before": before, "grown": peak() - before}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
