"""``python -m benchmarks``: the suite; ``python -m benchmarks --parts``: the benchmarks of single
parts (``bench_*.py``), one after the other.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.suite import main


def parts() -> int:
    failed = []
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        print(f"== {path.name}", flush=True)
        if subprocess.run([sys.executable, str(path)], check=False).returncode:
            failed.append(path.name)
    if failed:
        print("failed:", ", ".join(failed), file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(parts() if sys.argv[1:] == ["--parts"] else main())
