"""Marks that tell which document a worker was at when it died.

Each attempt at a batch is a small file that holds the number of the document in work; it is
removed when the attempt ends by itself. What is left names the documents under suspicion.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from govreport_parse.dataset import disk

FOLDER = "attempts"
_WIDTH = 8
_PR_SET_PDEATHSIG = 1


class Attempt:
    """One attempt at a batch; ``at`` says which document is in work."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)

    def at(self, number: int | None) -> None:
        """The document in work; seen by others even if this process is killed now.

        ``None``: none that could be to blame.
        """
        os.pwrite(self._fd, b"-" * _WIDTH if number is None else b"%08d" % number, 0)

    def close(self) -> None:
        """The attempt has ended by itself."""
        os.close(self._fd)
        self.path.unlink(missing_ok=True)


@contextmanager
def attempt(staging: Path, batch: str) -> Iterator[tuple[Attempt, Counter[int]]]:
    """An attempt, and how many earlier ones ended at which document of the batch."""
    folder = staging / FOLDER
    with disk.system_errors(folder, "write to"):
        deaths = _deaths(folder, batch)
        mine = Attempt(folder / f"{batch}.{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with _stopped_from_outside(mine):
            yield mine, deaths
    finally:
        with disk.system_errors(folder, "write to"):
            mine.close()


def _deaths(folder: Path, batch: str) -> Counter[int]:
    out: Counter[int] = Counter()
    for path in folder.glob(f"{batch}.*"):
        try:
            text = path.read_bytes()
        except FileNotFoundError:  # it ended just now
            continue
        if len(text) == _WIDTH and text.isdigit():
            out[int(text)] += 1
    return out


_current: list[Attempt] = []


@contextmanager
def _stopped_from_outside(mine: Attempt) -> Iterator[None]:
    _current.append(mine)
    try:
        yield
    finally:
        _current.remove(mine)


def end_quietly() -> None:
    """For processes of a pool: told to stop, since another died, one accuses nobody and ends.

    On Linux it is told so too when the process that started it is gone: a pool would wait.
    """
    signal.signal(signal.SIGTERM, _end)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _end(number: int, frame: Any) -> None:  # noqa: ARG001
    for mine in _current:
        mine.path.unlink(missing_ok=True)
    os._exit(128 + number)
