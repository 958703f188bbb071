"""From bytes to a checked report: time against the bare lexbor parse and pandas.read_html, memory,
import time. One process, cases interleaved, answers checked first, CPU time, medians.

Run with ``python benchmarks/bench_parse.py [--rounds N]``. The constant of a report (figures,
checks, sections, identification) is measured on the small page and named; what grows with the page
is the slope between the small page and the larger one.
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

# Keep freed trees from being handed back to the system between samples, for both sides alike.
os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", str(256 * 1024 * 1024))

import pandas as pd
from selectolax.lexbor import LexborHTMLParser

from govreport_parse.parsing import parse
from govreport_parse.testing import judge, random_record, render_html, render_text

SEEDS = Path(__file__).parents[2] / "shared" / "seeds"


def pages() -> dict[str, bytes]:
    """Pages of one record, by size and encoding."""
    record = random_record(random.Random(5), form="ogi_annual_2021", size="county")
    out = {}
    for name, layout, size, encoding in (
        ("9 KB", "clean", None, "utf-8"),
        ("79 KB Word", "word", None, "utf-8"),
        ("160 KB Word", "word", 160_000, "utf-8"),
        ("160 KB Word GB18030", "word", 160_000, "gb18030"),
        ("1.5 MB Word", "word", 1_500_000, "utf-8"),
    ):
        rendered = render_html(record, layout, family="hanweb", size=size)
        data = rendered.text.encode(encoding)
        report = parse(data)
        assert not judge(rendered.expected, {f.path: (f.state, f.value) for f in report}), name
        assert report.completeness["holds"] == 42
        out[name] = data
    return out


def cpu(work: Callable[[], object]) -> float:
    """CPU milliseconds of one call."""
    start = time.process_time()
    kept = work()
    took = time.process_time() - start
    del kept
    return took * 1000


def html(rounds: int) -> None:
    """Ratios against the floor and against pandas."""
    made = pages()
    times: dict[tuple[str, str], list[float]] = {}
    order = random.Random(1)
    kept: list[object] = []
    for _ in range(rounds):
        cases = list(made.items())
        order.shuffle(cases)
        for name, data in cases:
            gc.collect()

            def floor(data: bytes = data) -> object:
                tree = LexborHTMLParser(data)
                kept.append(tree)
                del kept[:-2]
                return tree

            times.setdefault((name, "lexbor"), []).append(cpu(floor))
            gc.collect()
            times.setdefault((name, "parse"), []).append(cpu(lambda data=data: parse(data)))
            if "GB" not in name and "MB" not in name:
                text = data.decode()
                gc.collect()
                times.setdefault((name, "pandas"), []).append(
                    cpu(lambda text=text: pd.read_html(io.StringIO(text), flavor="lxml"))
                )
    middle = {k: statistics.median(v) for k, v in times.items()}
    constant = middle["9 KB", "parse"] - 3.0 * middle["9 KB", "lexbor"]
    heads = ("bytes", 9), ("lexbor", 8), ("parse", 8), ("ratio", 7), ("less constant", 15)
    print(f"{'page':22}" + "".join(f"{h:>{w}}" for h, w in heads) + f"{'pandas':>9}")
    for name, data in made.items():
        floor_ms, ours = middle[name, "lexbor"], middle[name, "parse"]
        other = middle.get((name, "pandas"))
        print(
            f"{name:22}{len(data):9}{floor_ms:8.2f}{ours:8.2f}{ours / floor_ms:7.1f}"
            f"{(ours - constant) / floor_ms:15.2f}"
            + (f"{other:7.1f} ({other / ours:.1f} x)" if other else "")
        )
    print(f"constant per report: {constant:.2f} ms (small page less 3.0 x its lexbor parse)")


def text(rounds: int) -> None:
    """Pipe text, and the seed document where it is at hand."""
    record = random_record(random.Random(5), form="ogi_annual_2021", size="county")
    cases = {d: render_text(record, d).text.encode() for d in ("B", "C", "D2", "F", "concat")}
    cases |= {p.name[:20]: p.read_bytes() for p in SEEDS.glob("*.txt")}
    for name, data in cases.items():
        parse(data)
        took = statistics.median(cpu(lambda data=data: parse(data)) for _ in range(rounds))
        print(f"text {name:22}{len(data):9}{took:8.2f} ms{1000 / took:8.0f} reports/s")


def memory() -> None:
    """Peak memory of one 1.5 MB page beyond the interpreter with the library loaded."""
    record = random_record(random.Random(5), form="ogi_annual_2021", size="county")
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from govreport_parse.parsing import parse\n"
        "parse(Path(sys.argv[1]).read_bytes())\n"
        "peak=lambda: int(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])\n"
        "Path('/proc/self/clear_refs').write_text('5')\n"
        "base=peak()\n"
        "page=Path(sys.argv[2]).read_bytes()\n"
        "parse(page)\n"
        "print(len(page),(peak()-base)*1024)"
    )
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for size in (None, 1_500_000):
            names.append(f"{folder}/{size}.html")
            page = render_html(record, "word", family="hanweb", size=size)
            Path(names[-1]).write_text(page.text, "utf-8")
        done = subprocess.run(
            [sys.executable, "-c", code, *names], capture_output=True, text=True, check=True
        )
    size, grown = map(int, done.stdout.split())
    print(f"memory: page {size:,} bytes, peak grew by {grown:,} bytes ({grown / size:.1f} x)")


def start(rounds: int) -> None:
    """Import time over bare Python, wall clock, best of the rounds."""

    def best(code: str) -> float:
        took = []
        for _ in range(rounds):
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            took.append(time.perf_counter() - begin)
        return min(took) * 1000

    bare, ours = best("pass"), best("import govreport_parse")
    print(
        f"import: bare Python {bare:.1f} ms, with govreport_parse {ours:.1f} ms, +{ours - bare:.1f}"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=25)
    rounds = options.parse_args().rounds
    warnings.simplefilter("ignore")
    html(rounds)
    text(rounds)
    memory()
    start(rounds)


if __name__ == "__main__":
    main()
