"""The fork server: a clean process that makes workers in milliseconds.

It imports and warms up the parser once, reads no document of others, and forks on request; so a
worker that a document killed is replaced at the cost of a fork. Messages are JSON in packets on a
Unix socket; file descriptors of the worker's pipes travel with them:

    in   {"do": "fork", "slot": n, "profile": "plain"}  + 3 descriptors (requests, answers, errors)
         {"do": "kill", "pid": p}, {"do": "stop"}
    out  {"ready": true}, {"slot": n, "pid": p}, {"died": p, "status": s, "peak": KiB}

It is the workers' parent, so it can end them without hitting a reused process id, and it adopts
and ends what they leave behind. It ends with its supervisor: the socket closes, or the process
that started it is gone; its workers die with it.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
import tempfile
import traceback
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from govreport_parse.workers import sandbox
from govreport_parse.workers.child import Target, serve

PACKET = 65536
_LOOK = 1.0
"""Seconds between looks whether the supervisor is still there."""


class Server:
    """State of the fork server: what it was told, its socket, its workers."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.supervisor = os.getppid()
        config = json.loads(control.recv(PACKET))
        self.memory: int = config["memory"]
        self.limits: dict[str, Any] = config["limits"]
        self.options: dict[str, Any] = config["options"]
        module, _, name = config["target"].partition(":")
        home = import_module(module)
        self.target: Target = getattr(home, name)
        warm_up = getattr(home, "warm_up", None)
        if warm_up is not None:
            warm_up()
        self.workers: set[int] = set()

    def run(self) -> None:
        """Serve until the supervisor is gone."""
        wake, self.waker = os.pipe()
        for end in (wake, self.waker):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.waker, warn_on_full_buffer=False)
        sandbox.become_reaper()
        # Found out now: a worker may not write, so it could not look for the folder.
        tempfile.gettempdir()
        gc.collect()
        gc.freeze()
        self._tell({"ready": True})
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        poll.register(wake, select.POLLIN)
        while os.getppid() == self.supervisor:
            ready = {descriptor for descriptor, _ in poll.poll(_LOOK * 1000)}
            if wake in ready:
                with suppress(BlockingIOError):
                    os.read(wake, 4096)
            self._reap()
            if self.control.fileno() in ready and not self._obey():
                break
        self._end_all()

    def _end_all(self) -> None:
        self.control.close()
        for pid in self.workers:
            os.kill(pid, signal.SIGKILL)
        self.workers.clear()
        with suppress(ChildProcessError):
            while True:
                os.wait()
                self._end_orphans()

    def _obey(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self.control, PACKET, 3)
        if not message:
            return False
        order = json.loads(message)
        if order["do"] == "fork":
            self._fork(order, descriptors)
        elif order["do"] == "kill" and order["pid"] in self.workers:
            os.kill(order["pid"], signal.SIGKILL)
        return bool(order["do"] != "stop")

    def _fork(self, order: dict[str, Any], descriptors: list[int]) -> None:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._become_worker(parent, order["profile"], *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        self.workers.add(pid)
        self._tell({"slot": order["slot"], "pid": pid})

    def _become_worker(
        self, parent: int, profile: sandbox.Profile, requests: int, answers: int, errors: int
    ) -> NoReturn:
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(errors, 2)
            _close_all_but(requests, answers)
            sandbox.confine(self.memory, profile, parent)
            serve(requests, answers, self.target, self.options, self.limits)
            status = 0
        except BrokenPipeError:
            pass
        except Exception:  # noqa: BLE001  its last words, for the supervisor
            traceback.print_exc()
        finally:
            # No clean-up of the fork server's state: this process is a copy of it.
            os._exit(status)

    def _reap(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid in self.workers:
                self.workers.discard(pid)
                self._tell({"died": pid, "status": status, "peak": usage.ru_maxrss})
            self._end_orphans()

    def _end_orphans(self) -> None:
        """Kill children that are no workers: what a dead worker left running."""
        with suppress(OSError):  # kernels without CONFIG_PROC_CHILDREN
            children = Path("/proc/thread-self/children").read_bytes().split()
            for pid in {int(c) for c in children} - self.workers:
                os.kill(pid, signal.SIGKILL)

    def _tell(self, message: dict[str, Any]) -> None:
        with suppress(BrokenPipeError):
            self.control.send(json.dumps(message).encode())


def _close_all_but(*kept: int) -> None:
    at = 3
    for descriptor in sorted(kept):
        os.closerange(at, descriptor)
        at = descriptor + 1
    os.closerange(at, os.sysconf("SC_OPEN_MAX"))


def main() -> None:
    """Entry of the fork server: its socket is the descriptor named by the last argument."""
    control = socket.socket(fileno=int(sys.argv.pop()))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with control:
        Server(control).run()
    # Clearing away all that was imported takes as long as ten documents.
    os._exit(0)
