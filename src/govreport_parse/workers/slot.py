"""A place for one worker: its pipes, what waits to be written, what came in.

Nothing here decides anything; ``workers.pool`` does. Our ends of the pipes never block.
"""

from __future__ import annotations

import os
import shutil
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from govreport_parse.decode.sniff import sniff
from govreport_parse.errors import GovReportError
from govreport_parse.report import Failure, Report
from govreport_parse.source import Source
from govreport_parse.workers.sandbox import Profile
from govreport_parse.workers.wire import failure

READ: Final = 1 << 20
_CONVERTED: Final = frozenset({"doc", "wps", "rtf", "odt", "zip"})
_WORDS: Final = 2048
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_F_SETPIPE_SZ: Final = 1031


@dataclass(eq=False, slots=True)
class Task:
    """One document on its way. ``source`` is dropped when the result is there."""

    source: Source | None
    pages: int = 1
    number: int = 0
    """Set when it is sent; the answer repeats it."""
    profile: Profile = "plain"
    retried: bool = False
    inline: bool = False
    result: Report | Failure | None = None

    def fail(self, error: GovReportError) -> None:
        """End with a failure."""
        assert self.source is not None
        self.end(failure(self.source, error))

    def end(self, result: Report | Failure) -> None:
        """End with a result."""
        self.result = result
        self.source = None

    def may_use_libreoffice(self) -> bool:
        """A worker that asks for programs gets them only for a document that needs one."""
        assert self.source is not None
        s = self.source
        if sniff(s.data, s.name, s.content_type).kind not in _CONVERTED:
            return False
        return bool(shutil.which("soffice") or shutil.which("libreoffice"))


@dataclass(eq=False, slots=True)
class Slot:
    """One worker at a time, and the documents that it has."""

    number: int
    profile: Profile = "plain"
    forked: bool = False
    pid: int | None = None
    pipes: dict[str, int] = field(default_factory=dict)
    """Our ends: requests, answers, errors."""
    outbox: deque[memoryview | bytes] = field(default_factory=deque)
    inbox: bytearray = field(default_factory=bytearray)
    tasks: deque[Task] = field(default_factory=deque)
    served: int = 0
    held: int = 0
    """Bytes that the worker held after its last answer."""
    deadline: float | None = None
    receiving: bool = False
    blocked: bool = False
    """Whether the outbox waits for room in the pipe."""
    retiring: bool = False
    words: bytes = b""
    _memory: int | None = None
    """Descriptor of ``/proc/PID/statm``."""

    def open_pipes(self) -> tuple[int, int, int]:
        """Make the pipes; the worker's ends of requests, answers and errors."""
        requests, ours_out = os.pipe()
        ours_in, answers = os.pipe()
        words, errors = os.pipe()
        self.pipes = {"requests": ours_out, "answers": ours_in, "errors": words}
        for end in self.pipes.values():
            os.set_blocking(end, False)
        _widen(ours_in)
        _widen(ours_out)
        return requests, answers, errors

    def close(self) -> None:
        """Close our ends."""
        for end in self.pipes.values():
            os.close(end)
        self.pipes = {}
        if self._memory is not None:
            os.close(self._memory)
            self._memory = None

    def clear(self) -> None:
        """Make room for a fresh worker."""
        self.close()
        fresh = Slot(self.number)
        for name in Slot.__slots__:
            setattr(self, name, getattr(fresh, name))

    def write(self) -> None:
        """As much of the outbox as the pipe takes."""
        end = self.pipes["requests"]
        try:
            while self.outbox:
                # a head and its document in one call; more than these never wait
                self._written(os.writev(end, [*self.outbox]))
        except BlockingIOError:
            pass
        except BrokenPipeError:
            self.outbox.clear()  # it is dead: the fork server will say how

    def _written(self, n: int) -> None:
        while n:
            piece = self.outbox[0]
            if n < len(piece):
                self.outbox[0] = memoryview(piece)[n:]
                return
            n -= len(piece)
            self.outbox.popleft()

    def weigh(self) -> None:
        """See how much the worker holds now."""
        # at least a byte: one that has died by the next document already holds nothing
        self.held = max(self.held, 1)
        with suppress(OSError, IndexError):
            if self._memory is None:
                self._memory = os.open(f"/proc/{self.pid}/statm", os.O_RDONLY | os.O_CLOEXEC)
            self.held = int(os.pread(self._memory, 128, 0).split()[1]) * _PAGE or self.held

    def listen(self) -> bool:
        """Keep the last words on the worker's stderr; false at their end."""
        heard = last_words(self.pipes["errors"], self.words)
        if heard is not None:
            self.words = heard
        return heard is not None


def last_words(end: int, before: bytes) -> bytes | None:
    """What a process has said on stderr so far, its last bytes; ``None`` when it has closed it."""
    try:
        data = os.read(end, READ)
    except BlockingIOError:
        return before
    return (before + data)[-_WORDS:] if data else None


def _widen(pipe: int) -> None:
    import fcntl

    with suppress(OSError):  # the user's share of pipe memory may be used up
        fcntl.fcntl(pipe, _F_SETPIPE_SZ, READ)
