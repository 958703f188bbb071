"""``make fuzz``: every target for FUZZ_SECONDS (60), coverage-guided where atheris is installed.

    python -m fuzz [--target NAME]... [--seconds 60] [--seed 1] [--inputs N] [--engine plain]
    python -m fuzz --replay FILE...

Promised of every input: no crash, no hang over 5 s, no exception but the library's own, and JSON
that can be written and read. What breaks a promise is written to fuzz/findings (not kept by git)
and becomes a test once mended. ``--inputs`` bounds the plain engine by number instead of time.
Exit 1 if anything was found.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from fuzz import plain
from fuzz.findings import FOLDER, signature
from fuzz.targets import TARGETS

_STAT = re.compile(r"stat::number_of_executed_units: +([0-9]+)")
_COVERAGE = re.compile(r"cov: ([0-9]+)")
_BAD = ("FOREIGN", "HANG", "CRASH", "CHILD")


def main() -> int:
    """Run as asked; print one line a target."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--target", action="append", choices=tuple(TARGETS))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inputs", type=int, default=sys.maxsize)
    parser.add_argument("--engine", choices=("guided", "plain"))
    parser.add_argument("--findings", type=Path, default=FOLDER)
    parser.add_argument("--replay", nargs="+", type=Path)
    args = parser.parse_args()
    if args.replay:
        return max(replay(path) for path in args.replay)
    engine = args.engine or ("guided" if importlib.util.find_spec("atheris") else "plain")
    if engine == "plain" and args.engine is None:
        print(
            f"atheris is not installed for Python {sys.version.split()[0]}: "
            "plain seeded mutation instead, without coverage feedback"
        )
    bad = 0
    for name in args.target or TARGETS:
        began = time.monotonic()
        if engine == "guided":
            line, found = guided(name, args.seed, args.seconds, args.findings)
        else:
            counts = plain.run(name, args.seed, args.seconds, args.inputs, args.findings)
            line, found = told(counts), sum(n for k, n in counts.items() if k.startswith(_BAD))
        bad += found
        print(f"{name:12} {time.monotonic() - began:5.0f} s  {line}", flush=True)
    print(f"{bad} findings" + (f" in {args.findings}" if bad else ""))
    return 1 if bad else 0


def told(counts: Counter[str]) -> str:
    """Outcomes with their shares, most frequent first."""
    total = sum(counts.values())
    parts = [f"{k} {n / total:.1%}" if n > 99 else f"{k} {n}" for k, n in counts.most_common(7)]
    return f"{total:,} inputs: " + ", ".join(parts)


def guided(name: str, seed: int, seconds: float, folder: Path) -> tuple[str, int]:
    """One target in a process of its own; (a line on the run, findings)."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "fuzz.guided",
        name,
        str(folder),
        f"-max_total_time={int(seconds)}",
        f"-seed={seed}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    executed = _STAT.findall(done.stderr)
    covered = _COVERAGE.findall(done.stderr)
    line = (
        f"{int(executed[-1]) if executed else 0:,} inputs, coverage "
        f"{covered[0] if covered else '?'} to {covered[-1] if covered else '?'} edges"
    )
    if done.returncode == 0:
        return line, 0
    (folder / f"{name}-last.log").write_text((done.stdout + done.stderr)[-20_000:], "utf-8")
    return f"{line}; FAILED, see {name}-last.log", 1


def replay(path: Path) -> int:
    """Run one stored input again; the target is the first part of its name."""
    name = path.name.split("-")[0]
    try:
        print(f"{path.name}: {TARGETS[name].run(path.read_bytes())}")
    except Exception as error:  # noqa: BLE001 - what is replayed is a foreign exception
        print(f"{path.name}: {signature(error)[1]}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
