"""The bombs of RELIABILITY.md 4.2 to 4.4 against the whole of reading, and against the supervisor.

Two questions. Does every bomb end typed, with nothing lost beside it, and do the readers' own
limits stop it before those of the worker? And where a parser has no limits at all, do the
worker's limits suffice?
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bombs import DOCX, PDFS, ZIPS, html

from govreport_parse.errors import GovReportError, LimitExceededError, ParseError
from govreport_parse.report import Failure, Report
from govreport_parse.workers import WorkerLimits, is_available, parse_isolated

pytestmark = pytest.mark.skipif(not is_available(), reason="isolation is for Linux")

MIB = 2**20
PAGE = os.sysconf("SC_PAGE_SIZE")
LIMITS = WorkerLimits(cpu=60, wall=600)

BOMBS: dict[str, Any] = {
    **{f"{name}.pdf": build for name, build in PDFS.items()},
    **{f"{name}.docx": build for name, build in DOCX.items()},
    **{f"{name}.zip": build for name, build in ZIPS.items()},
    **{f"{name}.html": (lambda data=data: data) for name, data in html(5_000).items()},
}

WORKERS_LIMIT = ("time", "memory", "output", "parser_", "garbage")
"""Starts of the reasons that only the supervisor gives."""


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def peak() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def test_all_recipes_are_there() -> None:
    assert (len(PDFS), len(DOCX), len(ZIPS), len(html(1))) == (24, 9, 9, 17)


@pytest.fixture(scope="module")
def exploded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Every bomb between two harmless documents; and how much this process grew meanwhile."""
    folder = tmp_path_factory.mktemp("bombs")
    for name, build in BOMBS.items():
        (folder / name).write_bytes(build())
    sources: list[Any] = []
    for name in BOMBS:
        sources += [f"harmless | {name}", folder / name]
    list(parse_isolated(["warm | up"], limits=LIMITS))
    before = resident()
    forget_peak()
    results = list(parse_isolated(sources, jobs=2, limits=LIMITS))
    grown = peak() - before
    assert len(results) == len(sources)
    beside = {type(r.error).__name__ for r in results[::2] if isinstance(r, Failure)}
    return {
        **dict(zip(BOMBS, results[1::2], strict=True)),
        "grown": grown,
        "beside": beside,
        "harmless": len([r for r in results[::2] if isinstance(r, Failure)]),
    }


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_typed_and_at_the_limits_of_its_reader(
    name: str, exploded: dict[str, Any]
) -> None:
    result = exploded[name]
    assert isinstance(result, Failure)
    assert isinstance(result.error, GovReportError)
    assert result.error.message
    assert result.error.hint
    reason = str(result.error.context.get("reason", ""))
    assert not reason.startswith(WORKERS_LIMIT), reason


def test_documents_beside_the_bombs_are_not_touched(exploded: dict[str, Any]) -> None:
    # A line of text is no report: that it is none must be all that is said of it.
    assert exploded["beside"] == {"NotAReportError"}
    assert exploded["harmless"] == len(BOMBS)


def test_the_supervisor_does_not_grow(exploded: dict[str, Any]) -> None:
    # The largest bomb has 9 MB and two are under way in each of two workers.
    assert exploded["grown"] < 64 * MIB


@pytest.mark.long
@pytest.mark.parametrize("n", [50_000, 1_000_000])
def test_html_of_50_000_and_a_million_repeats_ends_typed(n: int) -> None:
    kinds = html(n)
    results = parse_isolated(kinds.values(), jobs=2, limits=LIMITS)
    for name, result in zip(kinds, results, strict=True):
        assert isinstance(result, Failure), name
        reason = str(result.error.context.get("reason", ""))
        assert not reason.startswith(WORKERS_LIMIT), (name, reason)


# -- the supervisor alone --------------------------------------------------------------------------

SMALL = WorkerLimits(memory=768 * MIB, cpu=2, wall=300, per_page=0)
LONGER = replace(SMALL, cpu=60)
"""For what must end otherwise than by its time."""
STOPPED = ("time", "memory", "parser_crash:SIGSEGV", "parser_crash:SIGABRT")


def alone(target: str, *data: bytes, limits: WorkerLimits = SMALL) -> Iterator[Report | Failure]:
    return parse_isolated(data, jobs=1, limits=limits, target=f"naive:{target}")


def long(*values: Any) -> Any:
    return pytest.param(*values, marks=pytest.mark.long)


@pytest.mark.parametrize(
    ("target", "build", "reasons"),
    [
        ("pdfplumber", PDFS["widths"], {"memory"}),
        ("lexbor", lambda: html(110_000)["template"], {"parser_crash:SIGSEGV"}),
        long("pdfium", PDFS["spaces"], {"memory", "parser_crash:SIGABRT"}),
        long("pdfplumber", PDFS["ops"], {"time"}),
        long("lexbor", lambda: html(100_000)["lists"], {"time"}),
        long("lxml", DOCX["paras"], {"memory", "time"}),
    ],
)
def test_a_parser_without_limits_is_stopped_by_those_of_its_worker(
    target: str, build: Any, reasons: set[str]
) -> None:
    harmless = {"lxml": DOCX["ok"], "lexbor": lambda: b"<p>x"}.get(target, PDFS["ok"])()
    limits = SMALL if "time" in reasons else LONGER
    bomb, beside = alone(target, build(), harmless, limits=limits)
    assert isinstance(beside, Report)
    assert isinstance(bomb, Failure)
    assert isinstance(bomb.error, ParseError)
    assert bomb.error.context["reason"] in reasons


@pytest.mark.long
@pytest.mark.parametrize("target", ["pdfplumber", "pdfium"])
def test_all_pdf_bombs_without_limits_of_the_reader(target: str) -> None:
    results = alone(target, *(build() for build in PDFS.values()))
    stopped = 0
    for name, result in zip(PDFS, results, strict=True):
        if isinstance(result, Failure):
            reason = result.error.context["reason"]
            assert reason in STOPPED or reason.startswith("parser_error:"), name
            stopped += reason in STOPPED
    assert stopped >= 3


@pytest.mark.long
def test_memory_of_the_supervisor_is_flat_over_2000_documents() -> None:
    import govreport_parse as gov

    with gov.sample_paths() as paths:
        kinds = [p.read_bytes() for p in paths]
    kinds.append(PDFS["ok"]())
    results = parse_isolated((kinds[i % len(kinds)] for i in range(2_000)), jobs=2)
    sizes = []
    for i, _ in enumerate(results, 1):
        if i % 100 == 0:
            sizes.append(resident())
    assert len(sizes) == 20
    assert max(sizes[5:]) - sizes[4] < 4 * MIB


def test_limits_of_the_worker_are_errors_of_limits(exploded: dict[str, Any]) -> None:
    """The readers' refusals have the same class as the worker's, so that callers need one."""
    assert type(exploded["laughs.pdf"].error) is LimitExceededError
    assert type(exploded["pages_100k.pdf"].error) is LimitExceededError
    assert type(exploded["zeros_4g.zip"].error) is LimitExceededError
