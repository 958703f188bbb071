"""One target under atheris (coverage-guided): ``python -m fuzz.guided TARGET FOLDER -FLAGS``.

Runs in a process of its own; libFuzzer writes a crashing input into FOLDER and ends. Foreign
exceptions end the run as crashes do, so that each run gives one finding at most.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["govreport_parse"]):
    from fuzz.targets import TARGETS, mutated

HANG = 5


def main() -> None:
    """Set libFuzzer up with the target's seeds and tokens, then run."""
    name, folder, *flags = sys.argv[1:]
    target = TARGETS[name]
    corpus = Path(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))
    for i, data in enumerate(target.seeds()):
        (corpus / f"seed{i:03}").write_bytes(data[: target.limit])
    words = corpus.with_suffix(".dict")
    entries = (t.encode().hex(" ").split() for t in target.tokens if t.strip())
    words.write_text("".join('"' + "".join(f"\\x{b}" for b in e) + '"\n' for e in entries))
    options = [
        sys.argv[0],
        str(corpus),
        f"-artifact_prefix={folder}{os.sep}{name}-",
        f"-timeout={HANG}",
        f"-max_len={target.limit}",
        f"-dict={words}",
        "-rss_limit_mb=2048",
        "-use_value_profile=0",
        "-print_final_stats=1",
        *flags,
    ]

    def mutator(data: bytes, largest: int, seed: int) -> bytes:
        rng = random.Random(seed)
        if rng.random() < 0.5:
            return bytes(atheris.Mutate(data, len(data)))
        return mutated(target, rng, data, rng.choice(target.seeds()))[:largest]

    atheris.Setup(options, target.run, custom_mutator=mutator)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
