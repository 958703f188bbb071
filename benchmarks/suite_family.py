"""One family in one warm process: answers first, then times, all tools taking turns."""

from __future__ import annotations

import argparse
import json
import logging
import platform
import statistics
import sys
import time
import warnings
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.suite_inputs import FAMILIES, ROOT, Input, inputs
from benchmarks.suite_memory import of_tool
from benchmarks.suite_recipe import count
from benchmarks.suite_stats import Case, Samples, Spread, ratio, spread, take_turns
from benchmarks.suite_tools import FAST, OURS, PANDAS_LXML, PDFPLUMBER, PYTHON_DOCX, Tool, tools

ROUNDS, QUICK_ROUNDS = 25, 5
BUDGET, QUICK_BUDGET = 40_000.0, 300.0
"""Milliseconds that one tool may use on one document; the slow ones sit out rounds."""
BUNDLED = ROOT / "src" / "govreport_parse" / "data" / "site"
WEIGHED = {
    "html": (BUNDLED / "t1.html", "html 1.5 MB"),
    "pdf": (BUNDLED / "education.pdf", "pdf real"),
    "docx": (BUNDLED / "liuhe.docx", "docx plain"),
}
"""Documents of the memory measurement: what is read before, and what is measured. Where the second
is not there, the last one timed."""
QUICKLY_WEIGHED = (OURS, FAST, PANDAS_LXML, PDFPLUMBER, PYTHON_DOCX)


class WrongAnswerError(Exception):
    """This library reads a document of the suite wrongly: its time is of no interest."""


def answered(given: Input, tool: Tool, call: Case) -> dict[str, Any]:
    """The call's figures against the truth. ``WrongAnswerError`` when this library's own record is
    not right in all figures of a timed document, or states a wrong number in any."""
    answer = call()
    if tool.read is None:
        return {}
    found = count(given.truth, tool.read(answer, given.layout))
    if tool.name in (OURS, FAST) and (found.wrong or (given.timed and found.right != found.of)):
        raise WrongAnswerError(f"{given.name}: {found}")
    return {
        "right": found.right, "wrong": found.wrong, "missing": found.missing, "of": found.of
    }  # fmt: skip


def on_document(
    given: Input, choice: Sequence[Tool], rounds: int, budget: float
) -> list[dict[str, Any]]:
    """The rows of one document, a tool each. A tool of others may fail: its row says so."""
    rows, cases = [], {}
    for tool in choice:
        row: dict[str, Any] = {"input": given.name, "tool": tool.name, "role": tool.role}
        rows.append(row)
        if tool.missing:
            row["status"] = f"not installed: {', '.join(tool.missing)}"
            continue
        if not given.timed and tool.read is None:
            row["status"] = "not compared"
            continue
        try:
            call = tool.prepare(given)
            row |= answered(given, tool, call)
        except WrongAnswerError:
            raise
        except Exception as error:
            if tool.role != "other":
                raise
            row["status"] = f"failed: {type(error).__name__}: {str(error)[:200]}"
            # Some tools raise where a page has no table: no figure was found.
            row |= {"right": 0, "wrong": 0, "missing": len(given.truth), "of": len(given.truth)}
            continue
        row["status"] = "measured" if given.timed else "compared"
        if given.timed:
            cases[tool.name] = call
    if cases:
        timed(rows, take_turns(cases, rounds, budget=budget))
    return rows


def timed(rows: list[dict[str, Any]], times: dict[str, dict[int, float]]) -> None:
    """Add times and ratios: ``to_floor`` how many times the floor's, ``to_ours`` how many times
    this library's (more is slower)."""
    floor = next((r["tool"] for r in rows if r["role"] == "floor" and r["tool"] in times), None)
    for row in rows:
        samples: Samples | None = times.get(row["tool"])
        if samples is None:
            continue
        row["ms"] = rounded(spread(list(samples.values())))
        for key, other in (("to_floor", floor), ("to_ours", OURS)):
            if other in times:
                row[key] = rounded(ratio(samples, times[other]))


def rounded(found: Spread) -> dict[str, float]:
    """For the JSON; four digits are more than the samples hold."""
    return {
        "median": float(f"{found.median:.4g}"),
        "low": float(f"{found.low:.4g}"),
        "high": float(f"{found.high:.4g}"),
        "least": float(f"{found.least:.4g}"),
        "samples": found.samples,
    }


def memory(family: str, given: Sequence[Input], quick: bool) -> list[dict[str, Any]]:
    """Peak memory of each tool on the family's largest document, a child each."""
    if family not in WEIGHED:
        return []
    named = {i.name: i for i in given if i.timed}
    warm, after = WEIGHED[family]
    document = named.get(after) or list(named.values())[-1]
    rows = []
    for tool in tools(family):
        if tool.role == "floor" or (quick and tool.name not in QUICKLY_WEIGHED):
            continue
        row: dict[str, Any] = {
            "input": document.name, "bytes": len(document.data), "tool": tool.name
        }  # fmt: skip
        if tool.missing:
            row["status"] = f"not installed: {', '.join(tool.missing)}"
        else:
            row |= of_tool(tool, document, warm)
        rows.append(row)
    return rows


def bandwidth() -> float:
    """Bytes copied a second, in GB: the floor under everything that reads a document."""
    block, target = bytes(64 * 2**20), memoryview(bytearray(64 * 2**20))
    took = []
    for _ in range(5):
        begin = time.process_time()
        target[:] = block
        took.append(time.process_time() - begin)
    return len(block) / max(statistics.median(took), 1e-9) / 1e9


def versions(choice: Sequence[Tool]) -> dict[str, str]:
    """Of this library and of all packages that the tools name and that are installed."""
    out = {"Python": platform.python_version(), OURS: version("govreport_parse")}
    for name in sorted({d for tool in choice for d in tool.packages.values()}):
        try:
            out[name] = version(name)
        except PackageNotFoundError:
            continue
    return out


def measure(family: str, quick: bool) -> dict[str, Any]:
    """All of one family, ready for JSON. ``WrongAnswerError``: see ``answered``."""
    given, choice = inputs(family, quick=quick), tools(family)
    rows = []
    for document in given:
        rounds, budget = (QUICK_ROUNDS, QUICK_BUDGET) if quick else (ROUNDS, BUDGET)
        print(f"{document.name} …", file=sys.stderr, flush=True)
        rows += on_document(document, choice, rounds, budget)
    return {
        "family": family,
        "versions": versions(choice),
        "bandwidth_gb_s": round(bandwidth(), 1),
        "inputs": [document.described() for document in given],
        "rows": rows,
        "memory": memory(family, given, quick),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", choices=FAMILIES)
    parser.add_argument("out", type=Path)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    # Others' remarks on these documents are no result.
    logging.disable(logging.CRITICAL)
    try:
        found = measure(options.family, options.quick)
    except WrongAnswerError as wrong:
        print(f"govreport_parse reads wrongly: {wrong}", file=sys.stderr)
        return 1
    options.out.write_text(json.dumps(found, ensure_ascii=False), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
