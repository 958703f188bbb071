"""What a batch tells beside the documents that it writes, in the order of the inputs.

Notes are plain JSON values. They lie beside the staged parts, so that a part which was done before
tells them again; only the names of parts travel.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from govreport_parse.dataset import disk

FOLDER = "notes"


@dataclass(frozen=True, slots=True)
class Note:
    """A value that ``combine`` gives instead of a result: it is told and not written."""

    value: Any


def keep_notes(staging: Path, part: str, notes: Sequence[Any]) -> None:
    """Lay the notes of a part beside it, before the part is there."""
    if not notes:
        return
    folder = staging / FOLDER
    with disk.system_errors(folder, "write to"):
        folder.mkdir(exist_ok=True)
        temp = folder / f".{os.getpid()}-{secrets.token_hex(4)}"
        lines = [json.dumps(note, ensure_ascii=False) + "\n" for note in notes]
        temp.write_text("".join(lines), "utf-8", "surrogatepass")
        temp.replace(folder / part)


def notes_of(staging: Path, part: str) -> Iterator[Any]:
    """The notes of a part; none where nothing was to be told."""
    path = staging / FOLDER / part
    with disk.system_errors(path, "read"):
        if path.is_file():
            with path.open(encoding="utf-8", errors="surrogatepass", newline="\n") as lines:
                yield from map(json.loads, lines)


class InOrder:
    """Tells the notes of batches that end in any order, in the order of their numbers."""

    def __init__(self, staging: Path, tell: Callable[[Any], None] | None) -> None:
        self._staging = staging
        self._tell = tell
        self._next = 0
        self._ended: dict[int, Sequence[str]] = {}

    def add(self, number: int, parts: Sequence[str]) -> None:
        """Batch ``number`` (from 0) has ended with these parts."""
        if self._tell is None:
            return
        self._ended[number] = parts
        while self._next in self._ended:
            for part in self._ended.pop(self._next):
                for note in notes_of(self._staging, part):
                    self._tell(note)
            self._next += 1
