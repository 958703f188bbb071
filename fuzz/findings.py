"""Findings on disk: the input beside what it did. A folder that git does not keep."""

from __future__ import annotations

import hashlib
import traceback
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "findings"


@dataclass(frozen=True)
class Finding:
    """One input that a target failed on; ``why`` is a traceback or the word for the ending."""

    target: str
    seed: int
    number: int
    data: bytes
    why: str


def save(folder: Path, found: Finding) -> Path:
    """Write the input and its reason; the name is the target and the input's digest."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{found.target}-{hashlib.sha256(found.data).hexdigest()[:12]}"
    path.write_bytes(found.data)
    origin = f"{found.target}, seed {found.seed}, input {found.number}\n"
    path.with_suffix(".why").write_text(origin + found.why + "\n", "utf-8", "replace")
    return path


def signature(error: BaseException) -> tuple[str, str]:
    """(kind and innermost place, whole trace): one finding is kept for each kind and place."""
    frames = traceback.extract_tb(error.__traceback__)
    inner = next((f for f in reversed(frames) if "govreport_parse" in f.filename), frames[-1])
    place = f"{Path(inner.filename).name}:{inner.lineno}"
    return f"{type(error).__name__} {place}", "".join(traceback.format_exception(error))[-4000:]
