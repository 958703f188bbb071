"""The supervisor's link to its fork server: how that is started, ordered about and ended.

What the two say to each other stands in ``workers.server``.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from govreport_parse.errors import GovReportError
from govreport_parse.workers.slot import last_words

PACKET: Final = 65536
_ENDING: Final = 5.0
"""Seconds that a fork server has to end itself and its workers."""
_BOOT: Final = (
    "import sys; sys.path[:] = sys.argv[2:]; del sys.argv[2:];"
    "from govreport_parse.workers.server import main; main()"
)


class Link:
    """A running fork server. Raises ``GovReportError`` when there is none to be had."""

    def __init__(self, config: dict[str, Any]) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-P", "-c", _BOOT, str(theirs.fileno()), *_import_path()]
            try:
                self._process = subprocess.Popen(
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
                raise no_workers(str(error)) from error
        ours.setblocking(False)
        self.control = ours
        assert self._process.stderr is not None
        self.stderr = self._process.stderr
        os.set_blocking(self.stderr.fileno(), False)
        self.words = b""
        self.order(config)

    def order(self, message: dict[str, Any], descriptors: Iterable[int] = ()) -> None:
        """Send an order."""
        # A gone server is noticed when its end of the socket is read.
        with suppress(BrokenPipeError, ConnectionResetError):
            data = json.dumps(message).encode()
            self.control.setblocking(True)
            socket.send_fds(self.control, [data], list(descriptors))
            self.control.setblocking(False)

    def told(self) -> Iterator[dict[str, Any] | None]:
        """The messages that have come; ``None`` at last when the server is gone."""
        while True:
            try:
                data = self.control.recv(PACKET)
            except BlockingIOError:
                return
            except ConnectionResetError:
                data = b""
            yield json.loads(data) if data else None
            if not data:
                return

    def listen(self) -> bool:
        """Keep the server's last words; false at their end."""
        heard = last_words(self.stderr.fileno(), self.words)
        if heard is not None:
            self.words = heard
        return heard is not None

    def kill(self) -> None:
        """End a server that hangs: its end of the socket will be closed."""
        self._process.kill()

    def stop(self) -> None:
        """End the server and its workers."""
        # A fork of this process may hold the socket open: closing it would not be noticed.
        self.order({"do": "stop"})
        self.control.close()
        waited = _await_end(self._process.pid)
        try:
            self._process.wait(0 if waited else _ENDING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.listen()
        self.stderr.close()


def _await_end(pid: int) -> bool:
    """Wait for a child's end, a few seconds at most; false where the system can't tell.

    ``Popen.wait`` with a time only looks now and then, up to 50 ms too late.
    """
    try:
        watched = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        poll = select.poll()
        poll.register(watched, select.POLLIN)
        poll.poll(_ENDING * 1000)
    finally:
        os.close(watched)
    return True


def no_workers(why: str) -> GovReportError:
    """The error of a server that can't be started; ``why`` is what it said."""
    last = why.strip().rpartition("\n")[2][:300]
    return GovReportError(
        f"the worker processes could not be started{f': {last}' if last else ''}",
        hint="isolated=False (parse --no-isolate) parses in this process, without protection",
        context={"stderr": why},
    )


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
