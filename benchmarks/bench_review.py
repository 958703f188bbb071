"""Size of the review pages and how long headless Chromium takes to open them.

    python benchmarks/bench_review.py [--reports 10000] [--rounds 5]

A page of a bundled report with 200 figures, one of a PDF with page pictures where the fixtures are
at hand, and the index of a dataset. ``opened`` is the wall time of one run of the browser that
starts, opens the page, runs its script and prints the document; ``browser`` the same for an empty
page. Without Chromium only making and size are told.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "unit" / "dataset")]

from recorded import many  # noqa: E402

from govreport_parse.bundled import sample_sources  # noqa: E402
from govreport_parse.dataset import load, write_dataset  # noqa: E402
from govreport_parse.parsing import parse  # noqa: E402
from govreport_parse.review import dataset_page, report_page  # noqa: E402
from govreport_parse.source import Source  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


def opened(uri: str, folder: Path, rounds: int) -> float:
    """Median seconds of a browser run."""
    assert CHROMIUM is not None
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu",
             f"--user-data-dir={folder / 'profile'}", "--dump-dom", uri],
            capture_output=True, check=True, timeout=120,
        )  # fmt: skip
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def page_of(source: Source) -> str:
    """The page of one document, parsing included."""
    return report_page(parse(source), source)


def main() -> None:
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--reports", type=int, default=10_000)
    args.add_argument("--rounds", type=int, default=5)
    given = args.parse_args()
    sample = sample_sources()[0]
    makers: dict[str, Callable[[], str]] = {"report (HTML)": partial(page_of, sample)}
    for path in (ROOT / "fixtures").glob("ogi_annual_2021/pdf_2021/source.pdf"):
        pdf = Source(path.read_bytes(), path.name)
        makers["report (PDF, pictures)"] = partial(page_of, pdf)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_dataset((report for _, report in many(given.reports)), folder / "d")
        makers[f"index of {given.reports:,} reports"] = lambda: dataset_page(load(folder / "d"))
        empty = 0.0
        if CHROMIUM:
            opened("about:blank", folder, 1)
            empty = opened("about:blank", folder, given.rounds)
            print(f"browser alone: {empty:.2f} s")
        for what, make in makers.items():
            start = time.perf_counter()
            page = make()
            made = time.perf_counter() - start
            (folder / "page.html").write_text(page, encoding="utf-8")
            told = f"{what}: made in {made:.2f} s, {len(page.encode()) / 1000:,.0f} kB"
            if CHROMIUM:
                took = opened((folder / "page.html").as_uri(), folder, given.rounds)
                told += f", opened in {took:.2f} s ({took - empty:.2f} s over an empty page)"
            print(told)


if __name__ == "__main__":
    main()
