"""The supervisor's side: slots with a worker each, and the loop that feeds and watches them.

One thread, no locks: everything happens within ``Pool.turn``. A slot has at most two documents
under way, the second waiting in the pipe so that the worker never idles; answers come in order,
so the first unanswered one is to blame for what happens to the worker, and the second goes back.

Nothing that a worker does can stop the supervisor: its pipes are read without blocking, what it
sends is bounded and checked, and the fork server, which saw no document, ends it.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from govreport_parse import worker_verdicts as verdicts
from govreport_parse.decode.sniff import sniff
from govreport_parse.errors import GovReportError
from govreport_parse.report import Failure, Report
from govreport_parse.source import Source
from govreport_parse.worker_sandbox import Profile
from govreport_parse.worker_verdicts import WorkerLimits
from govreport_parse.worker_wire import (
    HEAD,
    MARK,
    WireError,
    failure,
    frame,
    job_head,
    parse_json,
    unpack,
)

DEFAULT_TARGET: Final = "govreport_parse.worker_target:parse"
DEPTH: Final = 2
BRIDGE_SECONDS: Final = 60.0
"""Additional time for a document that LibreOffice converts."""
_READ: Final = 1 << 20
_PACKET: Final = 65536
_WORDS: Final = 2048
_TRANSFER: Final = 10.0
"""Seconds for the rest of an answer once its first bytes are there."""
_START: Final = 120.0
"""Seconds for the fork server to import the parser and to make a worker."""
_RESTARTS: Final = 3
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


@dataclass(eq=False, slots=True)
class Slot:
    """A place for one worker at a time."""

    number: int
    profile: Profile = "plain"
    forked: bool = False
    pid: int | None = None
    pipes: dict[str, int] = field(default_factory=dict)
    """Our ends: requests, answers, errors."""
    outbox: deque[memoryview] = field(default_factory=deque)
    inbox: bytearray = field(default_factory=bytearray)
    tasks: deque[Task] = field(default_factory=deque)
    served: int = 0
    held: int = 0
    """Bytes that the worker held after its last answer."""
    deadline: float | None = None
    receiving: bool = False
    retiring: bool = False
    words: bytes = b""


class Pool:
    """Workers for ``jobs`` documents at a time. Use ``give`` and ``turn``, then ``close``."""

    def __init__(
        self, jobs: int, limits: WorkerLimits, options: dict[str, Any], target: str = DEFAULT_TARGET
    ) -> None:
        self.limits = limits
        self.name = ""
        """Its user's."""
        self._config = {
            "memory": limits.memory,
            "limits": {"cpu": limits.cpu, "per_page": limits.per_page, "output": limits.output},
            "options": options,
            "target": target,
        }
        self._slots = [Slot(n) for n in range(jobs)]
        self._backlog: deque[Task] = deque()
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._ready = False
        self._restarts = 0
        self._sent = 0
        self._words = b""
        self._selector = selectors.DefaultSelector()

    # -- for the caller ------------------------------------------------------------------------

    @property
    def started(self) -> bool:
        """Whether there is a fork server."""
        return self._server is not None

    @property
    def hungry(self) -> bool:
        """Whether a slot would take one more document."""
        waiting = len(self._backlog)
        return waiting + sum(len(s.tasks) for s in self._slots) < DEPTH * len(self._slots)

    def give(self, task: Task) -> None:
        """Have a document parsed; ``task.result`` is set in a later turn."""
        self._backlog.append(task)

    def turn(self, wait: bool = True) -> None:
        """Hand over documents, take in answers, end workers whose time is up.

        Waits for something to happen unless ``wait`` is false. Raises ``GovReportError`` when
        workers can't be made at all.
        """
        self._hand_over()
        for key, _ in self._selector.select(self._patience() if wait else 0):
            kind, slot = key.data
            if key.fd not in self._selector.get_map():
                continue  # closed by an earlier event of this turn
            if kind == "control":
                self._hear()
            elif kind == "server":
                self._words = self._listen(key.fd, self._words)
            elif kind == "requests":
                self._write(slot)
            elif kind == "answers":
                self._read(slot)
            else:
                slot.words = self._listen(key.fd, slot.words)
        self._stop_late()

    def close(self) -> None:
        """End all workers and the fork server."""
        for slot in self._slots:
            self._close_pipes(slot)
        self._stop_server()
        self._selector.close()

    # -- fork server ---------------------------------------------------------------------------

    def _start_server(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            boot = (
                "import sys; sys.path[:] = sys.argv[2:]; del sys.argv[2:];"
                "from govreport_parse.worker_server import main; main()"
            )
            command = [sys.executable, "-P", "-c", boot, str(theirs.fileno()), *_import_path()]
            try:
                self._server = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    pass_fds=(theirs.fileno(),),
                    env=_environment(),
                    start_new_session=True,
                )
            except (OSError, ValueError) as error:
                ours.close()
                raise _no_workers(str(error)) from error
        ours.setblocking(False)
        self._control = ours
        self._ready = False
        assert self._server.stderr is not None
        os.set_blocking(self._server.stderr.fileno(), False)
        self._selector.register(ours, selectors.EVENT_READ, ("control", None))
        self._selector.register(self._server.stderr, selectors.EVENT_READ, ("server", None))
        self._order(self._config)

    def _stop_server(self) -> None:
        if self._server is None:
            return
        assert self._control is not None
        assert self._server.stderr is not None
        # A fork of this process may hold the socket open: closing it would not be noticed.
        self._order({"do": "stop"})
        for end in (self._control, self._server.stderr):
            self._ignore(end)
        self._control.close()
        try:
            self._server.wait(5)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        self._words = self._listen(self._server.stderr.fileno(), self._words)
        self._server.stderr.close()
        self._server = self._control = None

    def _order(self, message: dict[str, Any], descriptors: Iterable[int] = ()) -> None:
        assert self._control is not None
        # A gone server is noticed when its end of the socket is read.
        with suppress(BrokenPipeError, ConnectionResetError):
            data = json.dumps(message).encode()
            self._control.setblocking(True)
            socket.send_fds(self._control, [data], list(descriptors))
            self._control.setblocking(False)

    def _hear(self) -> None:
        """Take in what the fork server tells."""
        assert self._control is not None
        while True:
            try:
                data = self._control.recv(_PACKET)
            except BlockingIOError:
                return
            except ConnectionResetError:
                data = b""
            if not data:
                self._lost_server()
                return
            message = json.loads(data)
            if "ready" in message:
                self._ready = True
            elif "pid" in message:
                self._forked(self._slots[message["slot"]], message["pid"])
            else:
                self._died(message)

    def _lost_server(self) -> None:
        """It was killed from outside, or could not start: once more, a few times."""
        was_ready = self._ready
        for slot in self._slots:
            self._reset(slot)
        self._stop_server()
        self._restarts += 1
        if not was_ready or self._restarts > _RESTARTS:
            raise _no_workers(self._words.decode("utf-8", "replace")[-1000:])

    # -- handing over --------------------------------------------------------------------------

    def _hand_over(self) -> None:
        while self._backlog:
            task = self._backlog[0]
            slot = self._slot_for(task)
            if slot is None:
                return
            self._backlog.popleft()
            if task.profile != slot.profile:
                self._reset(slot)
                slot.profile = task.profile
            self._send(slot, task)

    def _slot_for(self, task: Task) -> Slot | None:
        free = [
            s
            for s in self._slots
            if not s.tasks
            or (task.profile == s.profile == "plain" and len(s.tasks) < DEPTH and not s.retiring)
        ]
        return min(free, key=lambda s: (len(s.tasks), s.profile != task.profile), default=None)

    def _send(self, slot: Slot, task: Task) -> None:
        assert task.source is not None
        if self._server is None:
            self._start_server()
        if not slot.forked:
            self._fork(slot)
        first = not slot.tasks
        slot.tasks.append(task)
        self._sent += 1
        task.number = self._sent
        head = {**job_head(task.source), "pages": task.pages, "number": task.number}
        slot.outbox.extend(memoryview(p) for p in frame(head, task.source.data) if p)
        if first and slot.pid is not None:
            slot.deadline = time.monotonic() + self._wall(task)
        self._write(slot)

    def _wall(self, task: Task) -> float:
        more = BRIDGE_SECONDS if task.profile == "bridge" else 0
        return self.limits.wall + self.limits.per_page * task.pages + more

    def _fork(self, slot: Slot) -> None:
        requests, ours_out = os.pipe()
        ours_in, answers = os.pipe()
        words, errors = os.pipe()
        slot.pipes = {"requests": ours_out, "answers": ours_in, "errors": words}
        for end in slot.pipes.values():
            os.set_blocking(end, False)
        _widen(ours_in)
        _widen(ours_out)
        slot.forked = True
        slot.deadline = time.monotonic() + _START
        theirs = (requests, answers, errors)
        self._order({"do": "fork", "slot": slot.number, "profile": slot.profile}, theirs)
        for end in theirs:
            os.close(end)
        self._selector.register(ours_in, selectors.EVENT_READ, ("answers", slot))
        self._selector.register(words, selectors.EVENT_READ, ("errors", slot))

    def _forked(self, slot: Slot, pid: int) -> None:
        slot.pid = pid
        if slot.tasks:
            slot.deadline = time.monotonic() + self._wall(slot.tasks[0])

    def _write(self, slot: Slot) -> None:
        end = slot.pipes["requests"]
        while slot.outbox:
            view = slot.outbox[0]
            try:
                n = os.write(end, view[:_READ])
            except BlockingIOError:
                break
            except BrokenPipeError:
                slot.outbox.clear()  # it is dead: the fork server will say how
                break
            if n == len(view):
                slot.outbox.popleft()
            else:
                slot.outbox[0] = view[n:]
        watched = end in self._selector.get_map()
        if slot.outbox and not watched:
            self._selector.register(end, selectors.EVENT_WRITE, ("requests", slot))
        elif watched and not slot.outbox:
            self._selector.unregister(end)

    # -- taking in -----------------------------------------------------------------------------

    def _read(self, slot: Slot) -> None:
        end = slot.pipes["answers"]
        try:
            data = os.read(end, _READ)
        except BlockingIOError:
            return
        if not data:
            self._ignore(end)
            return
        slot.inbox += data
        while slot.forked and self._take_frame(slot):
            pass
        if slot.inbox and not slot.receiving:
            slot.receiving = True
            slot.deadline = time.monotonic() + min(_TRANSFER, self.limits.wall)

    def _take_frame(self, slot: Slot) -> bool:
        if len(slot.inbox) < HEAD.size:
            return False
        mark, size, body = HEAD.unpack_from(slot.inbox)
        if mark != MARK or body or not slot.tasks:
            self._condemn(slot, verdicts.garbage("no frame"))
            return False
        if size > self.limits.output + _PACKET:
            self._condemn(slot, verdicts.too_large(size, self.limits.output))
            return False
        if len(slot.inbox) < HEAD.size + size:
            return False
        data = bytes(memoryview(slot.inbox)[HEAD.size : HEAD.size + size])
        del slot.inbox[: HEAD.size + size]
        self._answered(slot, data)
        return True

    def _answered(self, slot: Slot, data: bytes) -> None:
        task = slot.tasks[0]
        assert task.source is not None
        try:
            answer = parse_json(data)
            if isinstance(answer, dict) and answer.get("number") != task.number:
                self._condemn(slot, verdicts.garbage("an answer to another document"))
                return
            result = unpack(answer, task.source)
        except WireError as error:
            self._condemn(slot, verdicts.garbage(str(error)))
            return
        slot.tasks.popleft()
        slot.receiving = False
        slot.served += 1
        worn = bool(answer.get("worn")) or slot.profile == "bridge"
        if isinstance(result, Failure) and self._once_more(slot, task, answer, result.error):
            self._backlog.appendleft(task)
        else:
            if task.retried and isinstance(result, Failure):
                result.error.context["tries"] = 2
            task.end(result)
        if worn:
            self._give_back(slot)
            self._reset(slot)
            return
        slot.deadline = time.monotonic() + self._wall(slot.tasks[0]) if slot.tasks else None
        slot.retiring = slot.retiring or self._is_used_up(slot)
        if slot.retiring and not slot.tasks:
            self._reset(slot)

    def _once_more(
        self, slot: Slot, task: Task, answer: dict[str, Any], error: GovReportError
    ) -> bool:
        """Whether the document deserves another worker: one with LibreOffice, or a fresh one."""
        if "bridge" in answer and task.profile == "plain" and _may_use_libreoffice(task):
            task.profile = "bridge"
            return True
        if answer.get("worn") and not task.retried and self._may_be_to_blame(slot, error):
            task.retried = True
            return True
        return False

    def _may_be_to_blame(self, slot: Slot, error: GovReportError) -> bool:
        """Whether what earlier documents left in the worker may have caused the error."""
        reason = error.context.get("reason")
        if reason == "memory":
            return slot.held > self.limits.memory // 4
        return slot.held > 0 and reason not in ("time", "output")

    def _is_used_up(self, slot: Slot) -> bool:
        # at least a byte: one that has died by the next document already holds nothing
        slot.held = max(slot.held, 1)
        with suppress(OSError, IndexError), open(f"/proc/{slot.pid}/statm", "rb") as file:
            slot.held = int(file.read().split()[1]) * _PAGE or slot.held
        return slot.served >= self.limits.recycle_after or slot.held > self.limits.recycle_memory

    def _listen(self, end: int, before: bytes) -> bytes:
        """What a process says on stderr: its last words are kept."""
        try:
            data = os.read(end, _READ)
        except BlockingIOError:
            return before
        if not data:
            self._ignore(end)
        return (before + data)[-_WORDS:]

    # -- endings -------------------------------------------------------------------------------

    def _died(self, message: dict[str, Any]) -> None:
        slot = next((s for s in self._slots if s.pid == message["died"]), None)
        if slot is None:
            return
        served = -1
        while slot.forked and served != (served := slot.served + len(slot.inbox)):
            self._read(slot)  # what it still answered
        if not slot.forked:
            return
        slot.words = self._listen(slot.pipes["errors"], slot.words)
        if slot.tasks:
            cpu = self.limits.cpu + self.limits.per_page * slot.tasks[0].pages
            error = verdicts.died(
                message["status"], message["peak"] * 1024, slot.words, self.limits, cpu
            )
            self._condemn(slot, error)
        else:
            self._reset(slot)

    def _condemn(self, slot: Slot, error: GovReportError) -> None:
        """The first document is to blame; the worker goes, the others go back."""
        if slot.tasks:
            task = slot.tasks.popleft()
            if not task.retried and self._may_be_to_blame(slot, error):
                # What earlier documents left behind in the worker may have done it.
                task.retried = True
                self._backlog.appendleft(task)
                self._give_back(slot, after=1)
            else:
                error.context["tries"] = 2 if task.retried else 1
                task.fail(error)
                self._give_back(slot)
        self._reset(slot)

    def _give_back(self, slot: Slot, after: int = 0) -> None:
        back = list(slot.tasks)
        slot.tasks.clear()
        for task in reversed(back):
            self._backlog.insert(after, task)

    def _reset(self, slot: Slot) -> None:
        """End the slot's worker, if there is one, and make room for a fresh one."""
        if slot.tasks:
            self._give_back(slot)
        if slot.pid is not None and self._control is not None:
            self._order({"do": "kill", "pid": slot.pid})
        self._close_pipes(slot)
        fresh = Slot(slot.number)
        for name in Slot.__slots__:
            setattr(slot, name, getattr(fresh, name))

    def _close_pipes(self, slot: Slot) -> None:
        for end in slot.pipes.values():
            self._ignore(end)
            os.close(end)
        slot.pipes = {}

    def _ignore(self, end: int | socket.socket | IO[bytes]) -> None:
        with suppress(KeyError):  # not watched, or at its end already
            self._selector.unregister(end)

    def _patience(self) -> float | None:
        deadlines = [s.deadline for s in self._slots if s.deadline is not None]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _stop_late(self) -> None:
        now = time.monotonic()
        for slot in self._slots:
            if slot.deadline is None or now < slot.deadline:
                continue
            if slot.pid is None:
                assert self._server is not None
                self._server.kill()  # it hangs: its end of the socket will be closed
                slot.deadline = None
            elif slot.tasks:
                self._condemn(slot, verdicts.too_slow(self._wall(slot.tasks[0])))


def _no_workers(why: str) -> GovReportError:
    last = why.strip().rpartition("\n")[2][:300]
    return GovReportError(
        f"the worker processes could not be started{f': {last}' if last else ''}",
        hint="isolated=False (parse --no-isolate) parses in this process, without protection",
        context={"stderr": why},
    )


_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


_CONVERTED = frozenset({"doc", "wps", "rtf", "odt", "zip"})


def _may_use_libreoffice(task: Task) -> bool:
    """A worker that asks for programs gets them only for a kind of document that needs one."""
    assert task.source is not None
    source = task.source
    kind = sniff(source.data, source.name, source.content_type).kind
    return kind in _CONVERTED and bool(shutil.which("soffice") or shutil.which("libreoffice"))


def _widen(pipe: int) -> None:
    import fcntl

    with suppress(OSError):  # the user's share of pipe memory may be used up
        fcntl.fcntl(pipe, _F_SETPIPE_SZ, _READ)


def _import_path() -> list[str]:
    """Where this process finds modules, without the current folder."""
    import govreport_parse

    home = str(Path(govreport_parse.__file__).resolve().parent.parent)
    known = [p for p in sys.path if p and Path(p).is_absolute()]
    return known if home in known else [*known, home]


_KEPT = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONHOME")
_ALLOCATOR = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_TRIM_THRESHOLD_": str(64 * 2**20),
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
}
"""Freed pages are kept: the next document needs them again (PERFORMANCE.md). Once one threshold is
set, glibc no longer raises the other by itself: a PDF would map and clear its large blocks anew,
at a third of its time."""
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def _environment() -> dict[str, str]:
    """The variables that a parser needs: no proxies, no credentials."""
    kept = {
        k: v for k, v in os.environ.items() if k in _KEPT or k.startswith(("LC_", "LD_LIBRARY"))
    }
    # Threads and arenas reserve address space, which is limited.
    return kept | dict.fromkeys(_ONE_THREAD, "1") | _ALLOCATOR
