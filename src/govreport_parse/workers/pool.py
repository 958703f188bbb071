"""The supervisor's side: slots with a worker each, and the loop that feeds and watches them.

One thread, no locks: everything happens within ``Pool.turn``. A slot has at most two documents
under way, the second waiting in the pipe so that the worker never idles; answers come in order,
so the first unanswered one is to blame for what happens to the worker, and the second goes back.

Nothing that a worker does can stop the supervisor: its pipes are read without blocking, what it
sends is bounded and checked, and the fork server, which saw no document, ends it.
"""

from __future__ import annotations

import os
import selectors
import time
from collections import deque
from contextlib import suppress
from socket import socket
from typing import IO, Any, Final

from govreport_parse.errors import GovReportError
from govreport_parse.report import Failure
from govreport_parse.workers import verdicts
from govreport_parse.workers.link import Link, no_workers
from govreport_parse.workers.slot import READ, Slot, Task
from govreport_parse.workers.verdicts import WorkerLimits
from govreport_parse.workers.wire import HEAD, MARK, WireError, frame, job_head, parse_json, unpack

DEFAULT_TARGET: Final = "govreport_parse.workers.target:parse"
DEPTH: Final = 2
BRIDGE_SECONDS: Final = 60.0
"""Additional time for a document that LibreOffice converts."""
_TRANSFER: Final = 10.0
"""Seconds for the rest of an answer once its first bytes are there."""
_START: Final = 120.0
"""Seconds for the fork server to import the parser and to make a worker."""
_RESTARTS: Final = 3
_ENVELOPE: Final = 65536
"""Bytes of an answer beside its result."""


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
        self._link: Link | None = None
        self._ready = False
        self._restarts = 0
        self._sent = 0
        self._selector = selectors.DefaultSelector()

    # -- for the caller ------------------------------------------------------------------------

    @property
    def started(self) -> bool:
        """Whether there is a fork server."""
        return self._link is not None

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
                if self._link is not None and not self._link.listen():
                    self._ignore(key.fd)
            elif kind == "requests":
                self._write(slot)
            elif kind == "answers":
                self._read(slot)
            elif not slot.listen():
                self._ignore(key.fd)
        self._stop_late()

    def close(self) -> None:
        """End all workers and the fork server."""
        for slot in self._slots:
            self._close_pipes(slot)
        self._stop_server()
        self._selector.close()

    # -- fork server ---------------------------------------------------------------------------

    def _start_server(self) -> None:
        self._link = Link(self._config)
        self._ready = False
        self._selector.register(self._link.control, selectors.EVENT_READ, ("control", None))
        self._selector.register(self._link.stderr, selectors.EVENT_READ, ("server", None))

    def _stop_server(self) -> str:
        """End it; what it said at last."""
        if self._link is None:
            return ""
        for end in (self._link.control, self._link.stderr):
            self._ignore(end)
        self._link.stop()
        words = self._link.words.decode("utf-8", "replace")
        self._link = None
        return words

    def _hear(self) -> None:
        """Take in what the fork server tells."""
        assert self._link is not None
        for message in self._link.told():
            if message is None:
                self._lost_server()
            elif "ready" in message:
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
        words = self._stop_server()
        self._restarts += 1
        if not was_ready or self._restarts > _RESTARTS:
            raise no_workers(words[-1000:])

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
        if self._link is None:
            self._start_server()
        if not slot.forked:
            self._fork(slot)
        first = not slot.tasks
        slot.tasks.append(task)
        self._sent += 1
        task.number = self._sent
        head = {**job_head(task.source), "pages": task.pages, "number": task.number}
        slot.outbox.extend(p for p in frame(head, task.source.data) if p)
        if first and slot.pid is not None:
            slot.deadline = time.monotonic() + self._wall(task)
        self._write(slot)

    def _wall(self, task: Task) -> float:
        more = BRIDGE_SECONDS if task.profile == "bridge" else 0
        return self.limits.wall + self.limits.per_page * task.pages + more

    def _fork(self, slot: Slot) -> None:
        assert self._link is not None
        theirs = slot.open_pipes()
        slot.forked = True
        slot.deadline = time.monotonic() + _START
        self._link.order({"do": "fork", "slot": slot.number, "profile": slot.profile}, theirs)
        for end in theirs:
            os.close(end)
        self._selector.register(slot.pipes["answers"], selectors.EVENT_READ, ("answers", slot))
        self._selector.register(slot.pipes["errors"], selectors.EVENT_READ, ("errors", slot))

    def _forked(self, slot: Slot, pid: int) -> None:
        slot.pid = pid
        if slot.tasks:
            slot.deadline = time.monotonic() + self._wall(slot.tasks[0])

    def _write(self, slot: Slot) -> None:
        slot.write()
        if bool(slot.outbox) is slot.blocked:
            return
        slot.blocked = not slot.blocked
        if slot.blocked:
            self._selector.register(
                slot.pipes["requests"], selectors.EVENT_WRITE, ("requests", slot)
            )
        else:
            self._selector.unregister(slot.pipes["requests"])

    # -- taking in -----------------------------------------------------------------------------

    def _read(self, slot: Slot) -> None:
        end = slot.pipes["answers"]
        try:
            data = os.read(end, READ)
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
        if size > self.limits.output + _ENVELOPE:
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
        if "bridge" in answer and task.profile == "plain" and task.may_use_libreoffice():
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
        slot.weigh()
        return slot.served >= self.limits.recycle_after or slot.held > self.limits.recycle_memory

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
        slot.listen()
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
        if slot.pid is not None and self._link is not None:
            self._link.order({"do": "kill", "pid": slot.pid})
        self._close_pipes(slot)
        slot.clear()

    def _close_pipes(self, slot: Slot) -> None:
        for end in slot.pipes.values():
            self._ignore(end)
        slot.close()

    def _ignore(self, end: int | socket | IO[bytes]) -> None:
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
                assert self._link is not None
                self._link.kill()
                slot.deadline = None
            elif slot.tasks:
                self._condemn(slot, verdicts.too_slow(self._wall(slot.tasks[0])))
