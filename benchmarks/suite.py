"""The benchmark suite: this library against the bare floor and against what a user would pick.

    python -m benchmarks [--quick] [--only html,pdf] [--json OUT] [--date TEXT] [--strict]

Each family of documents runs in a process of its own, all its tools take turns in it. What is
measured and on which documents: ``benchmarks/README.md``. Exit status 1 when this library reads a
document of the suite wrongly or a family could not be measured; with ``--strict`` also when a goal
is not met (on a machine that has nothing else to do).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import suite_print as show
from benchmarks.suite_goals import constant, goals, medians
from benchmarks.suite_inputs import FAMILIES, ROOT
from benchmarks.suite_memory import ALLOCATOR

SCHEMA = 1


def run_family(family: str, quick: bool) -> dict[str, Any] | None:
    """Measure in a child; ``None`` when it failed (its message is on standard error).

    Freed memory stays with it, for all tools alike: else each parse of the floor pays for new pages
    (0.8 ms instead of 0.33). The C library reads this at its start only.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "found.json"
        command = [sys.executable, "-m", "benchmarks.suite_family", family, str(out)]
        done = subprocess.run(
            [*command, "--quick"] if quick else command,
            cwd=ROOT, env={**os.environ, **ALLOCATOR}, check=False,
        )  # fmt: skip
        if done.returncode:
            return None
        found: dict[str, Any] = json.loads(out.read_text("utf-8"))
        return found


def machine() -> dict[str, Any]:
    """Where it ran; nothing that names the machine."""
    return {
        "cpu": cpu_name(Path("/proc/cpuinfo")) or platform.processor() or "unknown",
        "cores": os.cpu_count(),
        "architecture": platform.machine(),
        "system": platform.system(),
    }


def cpu_name(info: Path) -> str | None:
    """The model as Linux names it; ``None`` elsewhere."""
    if not info.is_file():
        return None
    for line in info.read_text("utf-8", "replace").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return None


def assembled(families: Sequence[dict[str, Any]], quick: bool, date: str | None) -> dict[str, Any]:
    """The result as it goes into JSON. ``date`` is left out when it is not given: two runs of the
    same code differ in nothing but what was measured."""
    rows = [row for family in families for row in family["rows"]]
    memory = [row for family in families for row in family["memory"]]
    fixed = constant(medians(rows))
    return {
        "schema": SCHEMA,
        **({"date": date} if date else {}),
        "quick": quick,
        "machine": machine()
        | {"memory_copy_gb_s": max((f["bandwidth_gb_s"] for f in families), default=None)},
        "versions": {k: v for family in families for k, v in family["versions"].items()},
        "inputs": [given for family in families for given in family["inputs"]],
        "rows": rows,
        "memory": memory,
        "constant_ms": None if fixed is None else float(f"{fixed:.3g}"),
        "goals": [goal.described() for goal in goals(rows, memory)],
    }


def printed(result: dict[str, Any]) -> str:
    """The result for people."""
    at = result["machine"]
    versions = ", ".join(f"{k} {v}" for k, v in result["versions"].items())
    parts = [
        f"{at['cpu']}, {at['cores']} cores, copies {at['memory_copy_gb_s']} GB/s; {versions}",
        "CPU milliseconds, median [quartiles]; x floor, x ours: times the floor's, this library's",
        show.times(result["rows"]),
        show.answers(result["rows"]),
    ]
    if result["memory"]:
        parts.append(show.memory(result["memory"]))
    parts.append(show.goals(result["goals"]))
    return "\n\n".join(part for part in parts if part)


def status(result: dict[str, Any], failed: Sequence[str], strict: bool) -> int:
    """The exit status, see above."""
    missed = any(goal["met"] is False for goal in result["goals"])
    return int(bool(failed) or (strict and missed))


def families(text: str) -> list[str]:
    """Names parted by commas. ``argparse.ArgumentTypeError`` for others."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in FAMILIES:
            raise argparse.ArgumentTypeError(f"no family {name!r}: one of {', '.join(FAMILIES)}")
    if not names:
        raise argparse.ArgumentTypeError(f"no family: some of {', '.join(FAMILIES)}")
    return names


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=(__doc__ or "").split("\n", maxsplit=1)[0]
    )
    parser.add_argument("--quick", action="store_true", help="fewer documents and samples")
    parser.add_argument(
        "--only", type=families, default=list(FAMILIES), help="families, parted by commas"
    )
    parser.add_argument("--json", type=Path, help="write the result here")
    parser.add_argument("--date", help="the date to write into the result")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a goal is not met")
    options = parser.parse_args(arguments)
    if options.json and not options.json.absolute().parent.is_dir():
        parser.error(f"--json: the folder of {options.json} is not there")
    found, failed = [], []
    for family in options.only:
        measured = run_family(family, options.quick)
        if measured is None:
            failed.append(family)
        else:
            found.append(measured)
    result = assembled(found, options.quick, options.date)
    print(printed(result))
    if options.json:
        text = json.dumps(result, ensure_ascii=False, indent=2)
        options.json.write_text(text + "\n", "utf-8")
    if failed:
        print(f"not measured: {', '.join(failed)}", file=sys.stderr)
    return status(result, failed, options.strict)
