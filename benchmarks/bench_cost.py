"""What a document costs by format and size, and how that changes when all cores work.

    python benchmarks/bench_cost.py [--rounds 15] [--no-scan] [--json FILE]        both tables
    python benchmarks/bench_cost.py cores [--documents 1000] [--runs 3] [--jobs 2]  the second alone
    python benchmarks/bench_cost.py documents                                      the first alone

**documents**: processor milliseconds of ``parse``, bytes to checked report, in one warm process,
all documents in turn, garbage collected before each sample, medians with quartiles. Every document
must give all figures that it was made with. Scans are made by Chromium where it is installed.

**cores**: the same pages of HTML (160 KB) and PDF through ``parse_many`` and ``process_many``
(which is what ``build`` and ``mine`` run on) with one job and with several: wall clock, processor
time of all processes and of the caller alone. The speed-up is split without rest into

    jobs x (processor time a document with one job / with several) x (share of the time in which
    the cores worked with several / with one)

so that it is told whether more work, or waiting, keeps it from the number of jobs. ``apart`` is
the reason that no program can mend: that many processes that have nothing to do with one another
parse the same pages, and what the machine itself (shared caches, memory, sibling threads of one
core, clock) makes of it. Only on an idle machine do these say anything: the load is told.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import os
import platform
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import govreport_parse as gov  # noqa: E402
from govreport_parse.cluster import process_many  # noqa: E402
from govreport_parse.parsing import parse, parse_many  # noqa: E402
from govreport_parse.source import Source  # noqa: E402
from govreport_parse.testing import render_html  # noqa: E402

FIXTURES = (
    "ogi_annual_2021/xlsx_2021",
    "ogi_annual_2021/doc_2021",
)
LARGER = {"html 79 KB, Word": None, "html 400 KB, Word": 400_000}
IDLE = 0.5


# -- documents -------------------------------------------------------------------------------------


def documents(scan: bool) -> dict[str, bytes]:
    """Documents by name; each gives all its figures."""
    made = importlib.import_module("benchmarks.suite_inputs")
    found = {
        i.name: i.data for f in ("html", "text", "pdf", "docx") for i in made.inputs(f) if i.timed
    }
    for name, size in LARGER.items():
        found[name] = render_html(made.record(), "word", family="hanweb", size=size).text.encode()
    for name in FIXTURES:
        for path in (ROOT / "fixtures" / name).glob("source.*"):
            found.setdefault(f"{path.suffix[1:]} {path.parent.name} (fixture)", path.read_bytes())
    if scan and shutil.which("chromium"):
        scans = importlib.import_module("benchmarks.bench_scan")
        for dpi in (150, 200):
            found[f"scan, {dpi} dpi"] = scans.make_scan(4000, dpi).pdf
    for name, data in found.items():
        report = parse(data)
        print(
            f"{name:36}{len(data):10,} bytes, {pages(data):2} pages, "
            f"{sum(f.value is not None for f in report):3} figures, {report.form}",
            file=sys.stderr,
        )
    return found


def pages(data: bytes) -> int:
    """Pages of a PDF; 1 for anything else."""
    if not data.startswith(b"%PDF"):
        return 1
    import pypdfium2

    with pypdfium2.PdfDocument(data) as document:
        return len(document)


def cost(found: dict[str, bytes], rounds: int) -> list[dict[str, Any]]:
    """Processor milliseconds of each document."""
    times: dict[str, list[float]] = {name: [] for name in found}
    for number in range(rounds):
        for name, data in found.items():
            if name.startswith("scan") and number >= 2:
                continue  # seconds each
            gc.collect()
            start = time.process_time()
            parse(data)
            times[name].append((time.process_time() - start) * 1000)
    rows = []
    for name, data in found.items():
        some = sorted(times[name])
        middle, low, high = statistics.median(some), some[0], some[-1]
        if len(some) > 3:
            low, _, high = statistics.quantiles(some, n=4)
        n = pages(data)
        rows.append(
            {"name": name, "bytes": len(data), "pages": n, "ms": middle, "quartiles": [low, high]}
        )
    return rows


def print_cost(rows: list[dict[str, Any]]) -> None:
    print(f"\n{'document':36}{'bytes':>11}{'pages':>6}{'ms':>10}   quartiles      ms a page")
    for r in rows:
        low, high = r["quartiles"]
        print(
            f"{r['name']:36}{r['bytes']:11,}{r['pages']:6}{r['ms']:10.2f}"
            f"   {low:.2f}-{high:.2f}" + (f"{r['ms'] / r['pages']:12.1f}" if r["pages"] > 1 else "")
        )


# -- cores -----------------------------------------------------------------------------------------


class Sample(NamedTuple):
    """Seconds of one run: on the wall, of all processors, of the caller's process alone."""

    wall: float
    cpu: float
    own: float


def used(who: int) -> float:
    told = resource.getrusage(who)
    return told.ru_utime + told.ru_stime


def measured(work: Callable[[], None]) -> Sample:
    gc.collect()
    own, others = used(resource.RUSAGE_SELF), used(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    work()
    wall = time.perf_counter() - start
    mine = used(resource.RUSAGE_SELF) - own
    return Sample(wall, mine + used(resource.RUSAGE_CHILDREN) - others, mine)


def apart(sources: list[Source], jobs: int) -> None:
    """Processes without anything in common; each parses its share."""
    children = []
    for number in range(jobs):
        pid = os.fork()
        if not pid:
            for source in sources[number::jobs]:
                parse(source)
            os._exit(0)
        children.append(pid)
    for pid in children:
        assert os.waitpid(pid, 0)[1] == 0


def by_parse_many(sources: list[Source], jobs: int) -> None:
    for result in parse_many(sources, jobs=jobs, isolated=None):
        assert isinstance(result, gov.Report), result


def by_process_many(sources: list[Source], jobs: int) -> None:
    folder = tempfile.mkdtemp()
    try:
        names = []
        for source in sources:
            path = Path(folder) / source.name
            path.write_bytes(source.data)
            names.append(str(path))
        result = process_many(names, Path(folder) / "d", jobs=jobs, batch=25)
        assert result.written.reports == len(sources)
    finally:
        shutil.rmtree(folder)


WAYS: dict[str, Callable[[list[Source], int], None]] = {
    "apart": apart,
    "parse_many": by_parse_many,
    "process_many": by_process_many,
}


def copies(data: bytes, count: int, kind: str) -> list[Source]:
    """Documents that differ in their bytes and not in what they cost."""
    tail = b"<!-- %06d -->" if kind == "html" else b"%% %06d\n"
    return [Source(data + tail % n, f"{n:06}.{kind}") for n in range(count)]


def cores(count: int, runs: int, jobs: int) -> list[dict[str, Any]]:
    """Each way, with one job and with several, in turns."""
    made = importlib.import_module("benchmarks.suite_inputs")
    page = next(i for i in made.inputs("html") if i.name == "html 160 KB")
    pdf = next(i for i in made.inputs("pdf") if i.timed)
    sets = {
        page.name: copies(page.data, count, "html"),
        pdf.name: copies(pdf.data, max(count // 4, 20), "pdf"),
    }
    one_page = sets[page.name][:1]
    start = measured(lambda: list(parse_many(one_page, jobs=1, isolated=True)))
    print(
        f"starting child processes: {start.cpu:.2f} s of processor time, {start.wall:.2f} s on the "
        f"wall, once a call of parse_many; {1000 * start.cpu / count:.2f} ms a page here"
    )
    taken: dict[tuple[str, str, int], list[Sample]] = {}
    for _ in range(runs):
        for name, sources in sets.items():
            for way, work in WAYS.items():
                for n in (1, jobs):
                    took = measured(lambda w=work, s=sources, n=n: w(s, n))
                    taken.setdefault((name, way, n), []).append(took)
    rows = []
    for name, sources in sets.items():
        for way in WAYS:
            one, many = (middle(taken[name, way, n]) for n in (1, jobs))
            rows.append(compared(name, way, len(sources), jobs, one, many))
    return rows


def middle(samples: list[Sample]) -> Sample:
    """The run whose wall clock is the median."""
    return sorted(samples)[len(samples) // 2]


def compared(
    name: str, way: str, count: int, jobs: int, one: Sample, many: Sample
) -> dict[str, Any]:
    """The speed-up and the two factors that make it."""
    busy = (one.cpu / one.wall, many.cpu / many.wall / jobs)
    return {
        "documents": name,
        "way": way,
        "count": count,
        "jobs": jobs,
        "wall_ms": [1000 * s.wall / count for s in (one, many)],
        "cpu_ms": [1000 * s.cpu / count for s in (one, many)],
        "caller_cpu_ms": [1000 * s.own / count for s in (one, many)],
        "speed_up": one.wall / many.wall,
        "work_factor": one.cpu / many.cpu,
        "busy_factor": busy[1] / busy[0],
    }


def print_cores(rows: list[dict[str, Any]]) -> None:
    jobs = rows[0]["jobs"]
    print(
        f"\n{'ms a document: 1 job, ' + str(jobs) + ' jobs':38}{'wall':>15}{'processor':>15}"
        f"{'of the caller':>15}{'speed-up':>10} ={jobs:3} x {'work':>5} x {'busy':>5}"
    )
    for r in rows:
        pairs = (r["wall_ms"], r["cpu_ms"], r["caller_cpu_ms"])
        shown = "".join(f"{a:8.2f}{b:7.2f}" for a, b in pairs)
        print(
            f"{r['way'] + ', ' + r['documents']:38}{shown}{r['speed_up']:10.2f} ={jobs:3} x"
            f"{r['work_factor']:6.2f} x{r['busy_factor']:6.2f}"
        )
    print()
    floor = {r["documents"]: r for r in rows if r["way"] == "apart"}
    for r in rows:
        if r["way"] != "apart":
            print(f"{r['way']}, {r['documents']}: {reason(r, floor[r['documents']])}")


def reason(row: dict[str, Any], floor: dict[str, Any]) -> str:
    """Why the speed-up is what it is, in words, from the figures alone."""
    jobs, reached = row["jobs"], row["speed_up"]
    if reached >= 0.9 * jobs:
        return f"{reached:.2f} of {jobs}: near-linear"
    found = []
    if floor["work_factor"] < 0.95:
        found.append(
            f"unrelated processes at once need {1 / floor['work_factor']:.2f} x the processor time "
            "a document: the machine's caches, memory or sibling threads"
        )
    extra = row["work_factor"] / min(1.0, floor["work_factor"])
    if extra < 0.95:
        found.append(f"handing over to processes makes it {1 / extra:.2f} x as much work again")
    share = row["caller_cpu_ms"][1] / row["wall_ms"][1]
    if share > 0.2:
        found.append(f"the caller itself works {share:.0%} of the time, beside the {jobs} workers")
    if row["busy_factor"] < 0.95:
        found.append(f"the cores work {row['busy_factor']:.0%} of the time of one job")
    return f"{reached:.2f} of {jobs}: " + ("; ".join(found) or "no single reason above 5 %")


# -- the command -----------------------------------------------------------------------------------


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", nargs="?", choices=("both", "documents", "cores"), default="both")
    parser.add_argument("--rounds", type=int, default=15, help="samples of each document")
    parser.add_argument("--no-scan", action="store_true", help="without scans, which take seconds")
    parser.add_argument(
        "--documents", type=int, default=1000, help="pages of HTML; PDFs: a quarter"
    )
    parser.add_argument("--runs", type=int, default=3, help="runs of each way on the cores")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--json", type=Path, help="write the results there too")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}")
    if load > IDLE:
        print("the machine is not idle: processor times are too high, wall clock says nothing")
    told: dict[str, Any] = {"python": platform.python_version(), "load": load}
    if options.what != "cores":
        told["documents"] = cost(documents(not options.no_scan), options.rounds)
        print_cost(told["documents"])
    if options.what != "documents":
        told["cores"] = cores(options.documents, options.runs, options.jobs)
        print_cores(told["cores"])
    if options.json:
        options.json.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
