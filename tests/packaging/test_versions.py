"""The file of lowest versions says what pyproject.toml permits. ``make lowest`` tests with them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PIN = re.compile(r"^([a-z0-9.-]+)==([^\s;]+)", re.MULTILINE)
BOUND = re.compile(r"^([A-Za-z0-9._-]+)>=([0-9.]+)")


def release(version: str) -> tuple[int, ...]:
    """``9.0.0`` and ``9`` are the same."""
    parts = [int(p) for p in re.match(r"[0-9.]+", version)[0].strip(".").split(".")]  # type: ignore[index]
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def floors() -> dict[str, tuple[int, ...]]:
    wanted = list(PROJECT["dependencies"])
    for extra in PROJECT["optional-dependencies"].values():
        wanted += extra
    found = {}
    for text in wanted:
        m = BOUND.match(text)
        assert m, f"{text} has no lowest version"
        found[m[1].lower().replace("_", "-")] = release(m[2])
    return found


def pins(name: str) -> dict[str, tuple[int, ...]]:
    text = (ROOT / "requirements" / name).read_text("utf-8")
    return {m[1]: release(m[2]) for m in PIN.finditer(text)}


def test_the_lowest_versions_are_the_floors() -> None:
    lowest = pins("lowest.txt")
    for name, floor in floors().items():
        # A floor without a release of that number gives the next one (2026.1 gives 2026.1.1).
        assert lowest[name][: len(floor)] == floor, name


def test_the_locked_versions_are_not_below_the_floors() -> None:
    locked = pins("dev.txt")
    for name, floor in floors().items():
        assert locked[name] >= floor, name


def test_no_file_names_a_registry() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text("utf-8")
        assert "://" not in text
        assert "index-url" not in text.replace("--no-emit-index-url", "")
