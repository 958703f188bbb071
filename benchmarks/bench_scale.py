"""From names of documents to one dataset on all cores: rate, memory, and how both grow.

    python benchmarks/bench_scale.py [--documents 3000] [--jobs 2] [--batch 200] [--size 160000]
                                     [--layout word] [--base 1000] [--folder DIR] [--json FILE]

The pages are made where they are read, by the worker: a few pages are rendered once and the
numbers of each document are put in (its own organ, address and figures; all sums hold), so that
neither disk nor generator is measured. What making them costs is measured apart and told. Each
run reads every page, parses, checks, turns it into columns, stages, merges, writes and syncs the
Parquet files. Answers are checked in the dataset at the end.

Told are documents a second (wall clock, commit included), processor milliseconds a document over
all processes, the same for the phases, peak memory of the coordinator and of the largest worker
with their slopes over the second half of the run, and the ratio of the time per document between
``--base`` and ``--documents``. One million in an hour on two idle cores needs 278 a second.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import shutil
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from govreport_parse.cluster import Input, Progress, process_many
from govreport_parse.dataset import load
from govreport_parse.source import Source
from govreport_parse.testing import record_of, render_html

YEARS = (2021, 2022, 2023, 2024, 2025)
FIRST = 100_000
ORGAN = "135790"
PATHS = [
    f"requests/{row}/{column}"
    for row in ("requests_received", "granted", "outcomes_total")
    for column in ("natural_person", "total")
]
REST = {
    "proactive_disclosure/licensing/decisions": 31_415,
    "proactive_disclosure/administrative_fees/amount": 27,
    "review_and_litigation/review/upheld": 3,
    "review_and_litigation/review/total": 3,
}


class Template(NamedTuple):
    """Bytes of a page around its fields; a field is some digits of the number, or the organ's."""

    texts: list[bytes]
    fields: list[slice | None]


def page(number: int, year: int, layout: str, size: int) -> str:
    """A page in which ``number`` requests of natural persons came and were granted."""
    organ = f"青禾县第{ORGAN}水利局"
    figures = dict.fromkeys(PATHS, number) | REST
    record = record_of(figures, organ=organ, year=year, rng=random.Random(year))
    return render_html(record, layout, family="hanweb", size=size or None).text


@cache
def template(year: int, layout: str, size: int) -> Template:
    """A page cut at the digits of its number, wherever they stand, and at those of the organ."""
    one, other = (page(n, year, layout, size) for n in (111_111, 222_222))
    assert len(one) == len(other)
    spots: list[tuple[int, slice | None]] = []
    digit = 0
    for at in range(len(one)):
        if one.startswith(ORGAN, at):
            spots.append((at, None))
        elif one[at] != other[at]:
            assert one[at] == "1"
            assert other[at] == "2"
            spots.append((at, slice(digit, digit + 1)))
            digit = (digit + 1) % 6
    assert digit == 0
    return _cut(one, spots)


def _cut(text: str, spots: list[tuple[int, slice | None]]) -> Template:
    texts, fields, end = [], [], 0
    for at, field in spots:
        if at == end and fields and field and fields[-1] and field.start:
            fields[-1] = slice(fields[-1].start, field.stop)
        else:
            texts.append(text[end:at].encode())
            fields.append(field)
        end = at + (1 if field else len(ORGAN))
    return Template([*texts, text[end:].encode()], fields)


def figure(number: int) -> int:
    """The number in document ``number``."""
    return FIRST + number // len(YEARS) * 7 % 800_000


def document(name: str) -> bytes:
    """The page ``layout:size:number``."""
    layout, size, text = name.split(":")
    number = int(text)
    made = template(YEARS[number % len(YEARS)], layout, int(size))
    digits, organ = b"%06d" % figure(number), b"%06d" % (number // len(YEARS))
    pieces = [made.texts[0]]
    for field, following in zip(made.fields, made.texts[1:], strict=True):
        pieces += (organ if field is None else digits[field], following)
    return b"".join(pieces)


def read(item: Input) -> Source:
    """The reader of the workers."""
    return Source(document(item.name), item.name, item.url)


def inputs(count: int, layout: str, size: int) -> Any:
    for number in range(count):
        host = f"h{number // len(YEARS)}.example.gov.cn"
        yield Input(f"{layout}:{size}:{number}", url=f"https://{host}/{YEARS[number % 5]}.html")


# -- one run ---------------------------------------------------------------------------------------


def cpu() -> float:
    """Processor seconds of this process and of those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def resident(pid: int | str) -> int:
    """Memory of a process that is its own, in bytes (mapped files can be given back)."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return int(text.partition("RssAnon:")[2].split()[0]) * 1024 if "RssAnon:" in text else 0


def children() -> list[int]:
    try:
        me = os.getpid()
        return list(map(int, Path(f"/proc/{me}/task/{me}/children").read_text().split()))
    except OSError:
        return []


class Watch:
    """Documents, seconds and memory whenever a batch is done."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, float, int, int]] = []
        self.began = time.perf_counter()

    def __call__(self, progress: Progress) -> None:
        workers = max((resident(pid) for pid in children()), default=0)
        took = time.perf_counter() - self.began
        self.rows.append((progress.documents, took, resident("self"), workers))

    def slope(self, column: int) -> float:
        """MB a further 100,000 documents, over the second half."""
        rows = self.rows[len(self.rows) // 2 :]
        if len(rows) < 4:
            return float("nan")
        xs, ys = [r[0] for r in rows], [r[column] for r in rows]
        mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
        rise = sum((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True))
        return rise / sum((x - mx) ** 2 for x in xs) * 100_000 / 2**20


def run(count: int, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    watch = Watch()
    began_cpu, began = cpu(), time.perf_counter()
    result = process_many(
        inputs(count, options.layout, options.size),
        folder,
        jobs=options.jobs,
        batch=options.batch,
        reader=read,
        progress=watch,
    )
    wall, used = time.perf_counter() - began, cpu() - began_cpu
    check(folder, count)
    assert result.resubmitted == 0
    size = sum(p.stat().st_size for p in folder.rglob("*.parquet"))
    return {
        "documents": count,
        "seconds": wall,
        "per_second": count / wall,
        "cpu_ms": used / count * 1000,
        "wall_ms": wall / count * 1000,
        "commit_seconds": wall - watch.rows[-1][1],
        "coordinator_peak_mb": max(r[2] for r in watch.rows) / 2**20,
        "coordinator_peak_all_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "coordinator_slope_mb": watch.slope(2),
        "worker_peak_mb": max(r[3] for r in watch.rows) / 2**20,
        "worker_slope_mb": watch.slope(3),
        "dataset_mb": size / 1e6,
    }


def check(folder: Path, count: int) -> None:
    """Every report is there, right, and no copy of another."""
    data = load(folder)
    counts = data.manifest.counts
    assert counts == {"reports": count, "duplicates": 0, "superseded": 0, "failures": 0}, counts
    found = data.figures.to_table(["report_id", "value"], {"path": PATHS[0]})
    names = data.reports.to_table(["report_id", "source_name", "n_holds", "n_broken"])
    value = dict(zip(found["report_id"].to_pylist(), found["value"].to_pylist(), strict=True))
    holds = set()
    for row in names.to_pylist():
        number = int(row["source_name"].rpartition(":")[2])
        assert value[row["report_id"]] == figure(number), number
        holds.add((row["n_holds"], row["n_broken"]))
    assert holds == {(42, 0)}, holds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--documents", type=int, default=3000)
    parser.add_argument("--base", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--batch", type=int, default=200)
    parser.add_argument("--size", type=int, default=160_000, help="bytes a page; 0: as it comes")
    parser.add_argument("--layout", default="word")
    parser.add_argument("--folder", type=Path, help="where to write; default: a temporary folder")
    parser.add_argument("--json", type=Path, help="write the results there too")
    options = parser.parse_args()
    print(platform.python_version(), os.cpu_count(), "cpus, load", os.getloadavg()[0])
    pages = [f"{options.layout}:{options.size}:{n}" for n in range(500)]
    document(pages[0]), [document(p) for p in pages[:5]]
    start = time.process_time()
    sizes = [len(document(p)) for p in pages]
    making = (time.process_time() - start) / len(pages) * 1000
    print(f"pages of {sum(sizes) / len(sizes):,.0f} bytes; making one costs {making:.3f} ms")
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    results = []
    try:
        for count in sorted({options.base, options.documents}):
            results.append(told := run(count, folder / str(count), options))
            shutil.rmtree(folder / str(count))
            print("\n" + "\n".join(f"{k:24} {v:12,.2f}" for k, v in told.items()))
    finally:
        shutil.rmtree(folder)
    first, last = results[0], results[-1]
    for kind in ("wall_ms", "cpu_ms"):
        ratio = last[kind] / first[kind]
        print(f"\n{kind} a document, {last['documents']:,} to {first['documents']:,}: {ratio:.3f}")
    if options.json:
        made = {"making_ms": making, "python": platform.python_version(), "runs": results}
        options.json.write_text(json.dumps(made, indent=1), "utf-8")


if __name__ == "__main__":
    main()
