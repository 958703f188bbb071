"""Speed and memory of the dataset: writing, loading, querying.

    python benchmarks/bench_dataset.py [--reports 10000] [--repeats 7] [--million N]

1. The long layout against the wide frame: reports (records of the generator, with the places of a
   grid) are written to one Parquet file, building of the columns included on both sides. The wide
   side is ``to_frame(reports, "wide").to_parquet(...)`` and, as a user would write it without the
   library, ``pandas.DataFrame([report.values ...]).to_parquet(...)``. The long side is written
   with numbers only (what the wide frame holds) and with all texts, states, units and places;
   beside the latter stands a wide frame that holds these too (five columns a figure).
   Answers are compared before anything is timed; rounds are interleaved; medians of processor and
   wall time.
2. ``write_dataset`` of the same reports, and ``load`` with reading everything back.
3. ``--million N``: a dataset of N reports, made directly as Arrow, is queried for one figure by
   division and year; seconds and the peak memory of a fresh process.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

sys.path[:0] = [str(Path(__file__).parents[1] / "tests" / "unit" / "dataset")]

from recorded import records, report_of  # noqa: E402

from govreport_parse import frames  # noqa: E402
from govreport_parse.dataset import layout, load, write_dataset  # noqa: E402
from govreport_parse.dataset import manifest as manifests  # noqa: E402
from govreport_parse.dataset.parts import waiting_name, write_part  # noqa: E402
from govreport_parse.formbook import form  # noqa: E402
from govreport_parse.frames.words import repeated  # noqa: E402
from govreport_parse.report import Report  # noqa: E402

GRANTED = "requests/granted/total"


def made(n: int) -> list[Report]:
    known = records(min(n, 400))
    return [report_of(known[i % len(known)], i) for i in range(n)]


# -- long against wide -----------------------------------------------------------------------------


def wide_file(reports: list[Report], path: Path) -> None:
    frames.to_frame(reports, "wide").to_parquet(path)


def plain_file(reports: list[Report], path: Path) -> None:
    rows = [
        {"report_id": r.report_id, "organ": r.organ, "year": r.year}
        | {p: None if v is None else float(v) for p, v in r.values.items()}
        for r in reports
    ]
    pd.DataFrame(rows).to_parquet(path)


def whole_file(reports: list[Report], path: Path) -> None:
    """A wide frame of all that the long one tells: value, state, text, unit and place."""
    by_layout: dict[int, list[Report]] = {}
    for report in reports:
        by_layout.setdefault(id(report.layout), []).append(report)
    made = []
    for members in by_layout.values():
        specs = members[0].layout.figures
        columns: dict[str, Any] = {
            name: [getattr(r, name) for r in members]
            for name in ("report_id", "organ", "division_code", "year", "form")
        }
        given = {
            "": [r.columns.values for r in members],
            "_state": [r.columns.states for r in members],
            "_raw": [r.columns.raws for r in members],
            "_unit": [
                [r.columns.units.get(i, s.unit) for i, s in enumerate(specs)] for r in members
            ],
            "_locator": [
                [None if (w := r.locator(i)) is None else str(w) for i in range(len(specs))]
                for r in members
            ],
        }
        for ending, rows in given.items():
            for spec, column in zip(specs, zip(*rows, strict=True), strict=True):
                columns[spec.path + ending] = pd.array(
                    [None if v is None else float(v) for v in column] if not ending else column,
                    dtype="Float64" if not ending else "string",
                )
        made.append(pd.DataFrame(columns))
    pd.concat(made, ignore_index=True).to_parquet(path)


def long_file(reports: list[Report], path: Path) -> None:
    frames.write_parquet(reports, path, "long")


def numbers_file(reports: list[Report], path: Path) -> None:
    frames.write_parquet(reports, path, "long", texts=False)


def check_files(reports: list[Report], folder: Path) -> None:
    """Long and wide hold the same numbers."""
    wide = pd.read_parquet(folder / "wide")
    for name in ("long", "numbers"):
        long = pq.read_table(folder / name).to_pandas()
        for short in ("rq_granted_total", "pd_admin_fees_amount", "rl_review_upheld"):
            table, row, column = next(e.path for e in _entries() if e.short == short).split("/")
            mine = (long["table"] == table) & (long["row"] == row) & (long["column"] == column)
            chosen = long[mine].set_index("report_id")["value"]
            whole = wide.set_index("report_id")[short].reindex(chosen.index)
            assert chosen.fillna(-1).tolist() == whole.astype(float).fillna(-1).tolist(), short
    assert len(reports) == len(wide)


def _entries() -> Any:
    from govreport_parse.codebooks import entries

    return entries()


def compare(reports: list[Report], repeats: int, folder: Path) -> None:
    cases: dict[str, Callable[[list[Report], Path], None]] = {
        "wide": wide_file,
        "plain": plain_file,
        "long": long_file,
        "numbers": numbers_file,
        "whole": whole_file,
    }
    for name, case in cases.items():
        case(reports, folder / name)
    check_files(reports, folder)
    ready = frames.to_frame(reports, "wide")
    cases["ready"] = lambda _, path: ready.to_parquet(path)
    times: dict[str, list[tuple[float, float]]] = {}
    for _ in range(repeats):
        for name in random.sample(list(cases), len(cases)):
            if name == "whole" and times.get(name):
                continue  # half a minute: once is enough
            times.setdefault(name, []).append(timed(lambda n=name: cases[n](reports, folder / n)))  # type: ignore[misc]
    titles = {
        "plain": "wide, DataFrame of dicts, to_parquet",
        "wide": "wide, to_frame, to_parquet",
        "ready": "wide, to_parquet alone (frame ready)",
        "numbers": "long, numbers only",
        "whole": "wide, all: states, texts, units, places",
        "long": "long, all columns",
    }
    base = statistics.median(t[0] for t in times["wide"])
    whole = times["whole"][0][0]
    print(f"\n{len(reports):,} reports to one Parquet file, median of {repeats}")
    print(f"{'':40} {'cpu s':>7} {'wall s':>7} {'to wide':>8} {'to all':>7} {'MB':>7}")
    for name, title in titles.items():
        cpu, wall = (statistics.median(t[k] for t in times[name]) for k in (0, 1))
        size = (folder / name).stat().st_size / 1e6
        print(f"{title:40} {cpu:7.3f} {wall:7.3f} {base / cpu:8.2f} {whole / cpu:7.2f} {size:7.2f}")


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


# -- the dataset -----------------------------------------------------------------------------------


def dataset(reports: list[Report], folder: Path) -> None:
    print(f"\ndataset of {len(reports):,} reports")
    cpu, wall = timed(lambda: write_dataset(iter(reports), folder / "d"))
    size = sum(p.stat().st_size for p in (folder / "d").rglob("*") if p.is_file())
    print(f"write, all tables      {cpu:6.2f} s cpu  {wall:6.2f} s  {size / 1e6:7.1f} MB")
    cpu, wall = timed(lambda: write_dataset(iter(reports), folder / "d"))
    print(f"write again, unchanged {cpu:6.2f} s cpu  {wall:6.2f} s")
    data = load(folder / "d")
    for title, work in {
        "figures.to_table()": data.figures.to_table,
        "one column, one year": lambda: data.figures.to_table(["value"], {"year": data.years[-1]}),
        "wide()": data.wide,
        "panel()": data.panel,
        "coverage()": data.coverage,
    }.items():
        cpu, wall = timed(work)
        print(f"{title:22} {cpu:6.2f} s cpu  {wall:6.2f} s")


# -- a million -------------------------------------------------------------------------------------

YEARS = (2021, 2022, 2023, 2024, 2025)


def generate(folder: Path, n: int, bits: int = 5) -> None:
    """A dataset of ``n`` reports of the 2021 form; 2,900 divisions, figures mostly 0."""
    rng = np.random.default_rng(1)
    temp = folder / ".tmp-generate"
    temp.mkdir(parents=True)
    size = n // (len(YEARS) * 2**bits)
    parts = []
    for year in YEARS:
        for bucket in range(2**bits):
            for table, rows in _tables(rng, size, bucket, bits).items():
                part = write_part(temp, table, rows, (year, bits, bucket))
                target = folder / part.path
                target.parent.mkdir(parents=True, exist_ok=True)
                (temp / waiting_name(part)).rename(target)
                parts.append(part)
    schemas = {t: layout.schema_hash(t) for t in layout.TABLES}
    made_by = manifests.Manifest("bench", "bench", tuple(parts), {"reports": n}, schemas)
    (folder / manifests.NAME).write_bytes(made_by.to_bytes())
    temp.rmdir()


def _tables(rng: Any, size: int, bucket: int, bits: int) -> dict[str, pa.Table]:
    specs = form("ogi_annual_2021").layout.figures
    f = len(specs)
    low = bucket << (60 - bits)
    ids = sorted(rng.integers(low, low + (1 << (60 - bits)), size).tolist())
    given = {
        "report_id": pa.array([f"{i << 4:016x}" for i in ids]),
        "organ": pa.array([f"机关{i % 300_000}" for i in ids]),
        "division_code": pa.array([f"{110000 + i % 2900}" for i in ids]),
        "form": pa.array(["ogi_annual_2021"] * size),
    }
    schema = layout.schema_of("reports")
    reports = {
        name: given[name] if name in given else pa.nulls(size, schema.field(name).type)
        for name in layout.stored_names("reports")
    }
    of = pa.array(np.repeat(np.arange(size, dtype=np.int32), f))
    at = pa.array(np.tile(np.arange(f, dtype=np.int32), size))
    values = rng.choice([0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 17, 250], size * f).astype(np.float64)
    texts = {v: str(int(v)) for v in np.unique(values)}
    raw = np.unique(values, return_inverse=True)[1].astype(np.int32)
    words = {
        "table": [s.table for s in specs],
        "row": [s.row.key for s in specs],
        "column": [s.column.key for s in specs],
        "path": [s.path for s in specs],
        "unit": [s.unit for s in specs],
        "locator": [f"table {2 + k // 190}, row {k // 7}, column {k % 7}" for k in range(f)],
    }
    figures: dict[str, Any] = {n: repeated(c, of) for n, c in given.items()}
    figures |= {n: repeated(pa.array(w, pa.string()), at) for n, w in words.items()}
    figures["value"] = pa.array(values)
    figures["raw"] = pa.DictionaryArray.from_arrays(pa.array(raw), pa.array(list(texts.values())))
    zeros = pa.array(np.zeros(size * f, dtype=np.int32))
    figures["state"] = pa.DictionaryArray.from_arrays(zeros, pa.array(["reported"]))
    figures["amount_wan_yuan"] = pa.nulls(size * f, pa.float64())
    return {
        "reports": pa.table({n: reports[n] for n in layout.stored_names("reports")}),
        "figures": pa.table({n: figures[n] for n in layout.stored_names("figures")}),
    }


QUERIES = {
    "sql: sum by division and year": (
        'data.sql("select division_code, year, sum(value) s from figures'
        f" where path = '{GRANTED}' group by all\")"
    ),
    "sql: the same, 2023 only": (
        'data.sql("select division_code, sum(value) s from figures'
        f" where path = '{GRANTED}' and year = 2023 group by all\")"
    ),
    "to_table with a filter": (
        f"data.figures.to_table(['division_code', 'year', 'value'], {{'path': '{GRANTED}'}})"
    ),
    "panel of one figure": "data.panel(['rq_granted_total'])",
    "reports: count by year": 'data.sql("select year, count(*) n from reports group by year")',
}
PROGRAM = """
import json, resource, sys, time
from govreport_parse.dataset import load
start = time.perf_counter()
data = load(sys.argv[1])
answer = {}
loaded = time.perf_counter() - start
result = eval(sys.argv[2])
seconds = time.perf_counter() - start
rows = result.num_rows if hasattr(result, 'num_rows') else len(result)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"load": loaded, "seconds": seconds, "rows": rows, "peak": peak}))
"""


def million(folder: Path, n: int) -> None:
    start = time.perf_counter()
    generate(folder / "big", n)
    size = sum(p.stat().st_size for p in (folder / "big").rglob("*") if p.is_file())
    took = time.perf_counter() - start
    print(f"\n{n:,} reports, {n * 200:,} figures: {size / 1e6:,.0f} MB, made in {took:.0f} s")
    for title, code in QUERIES.items():
        answers = [_fresh(folder / "big", code) for _ in range(3)]
        best = sorted(answers, key=lambda a: a["seconds"])[1]
        print(
            f"{title:32} {best['seconds']:6.2f} s  {best['rows']:>9,} rows  "
            f"peak {max(a['peak'] for a in answers) / 1024:6,.0f} MiB  (load {best['load']:.2f} s)"
        )


def _fresh(folder: Path, code: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, str(folder), code],
        check=True,
        capture_output=True,
        text=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--reports", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--million", type=int, default=0, metavar="N")
    parser.add_argument("--folder", type=Path, help="where to write; default: a temporary folder")
    options = parser.parse_args()
    names = ("pyarrow", "pandas", "duckdb", "numpy")
    print(platform.python_version(), *(f"{n} {version(n)}" for n in names), os.cpu_count(), "cpus")
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    try:
        if options.reports:
            reports = made(options.reports)
            compare(reports, options.repeats, folder)
            dataset(reports, folder)
            del reports
        if options.million:
            million(folder, options.million)
    finally:
        shutil.rmtree(folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory of this process {peak:,.0f} MiB")


if __name__ == "__main__":
    main()
