"""A parser for tests that does what the document says: crash, hang, fill memory, lie.

It stands in for the real parser as the worker's target (``target="killers:parse"``), which only
the tests can name: no document reaches any of this in the shipped parser. A document is
``KILL:<fault>`` or ordinary text, which is answered with a small report of its own.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from govreport_parse.errors import NotAReportError, UnsupportedFormatError
from govreport_parse.formbook import form
from govreport_parse.report import Failure, FigureColumns, Report, Section, SourceInfo
from govreport_parse.source import Source
from govreport_parse.workers.wire import HEAD, MARK

MIB = 2**20
_state: dict[str, Any] = {"documents": 0}


def parse(source: Source, options: dict[str, Any]) -> Report | Failure:
    """The target."""
    _state["documents"] += 1
    text = source.data.decode("utf-8", "replace")
    if text.startswith("KILL:"):
        name, _, argument = text[5:].strip().partition(" ")
        FAULTS[name](argument)
    if text.startswith("{\\rtf"):
        _program("")
    if text.startswith("BIG:"):
        text = text * 100_000
    if text.startswith("NOT:"):
        return Failure(info(source), NotAReportError(text[4:], hint="none", context={"n": 1}))
    return answer(source, text, options)


def info(source: Source) -> SourceInfo:
    return SourceInfo(source.name, source.url, source.sha256, len(source.data), "text/plain", None)


def answer(source: Source, text: str, options: dict[str, Any]) -> Report:
    layout = form("ogi_annual_2021").layout
    return Report(
        report_id=source.report_id,
        source=info(source),
        layout=layout,
        form="ogi_annual_2021",
        columns=FigureColumns.absent(len(layout.figures)),
        title=text[:40].strip(),
        organ=options.get("organ"),
        sections=(
            Section("preamble", str(_state["documents"]), text if text[:4] == "BIG:" else ""),
            Section("extra_1", str(os.getppid()), str(os.getpid())),
        ),
    )


def _hang(_: str) -> None:
    while True:
        time.sleep(60)


def _hang_in_c(_: str) -> None:
    # Holds the interpreter's lock in C: no Python signal handler can run.
    libc = ctypes.PyDLL(None)
    while True:
        libc.sleep(60)


def _spin(_: str) -> None:
    while True:
        pass


def _spin_in_c(_: str) -> None:
    sum(iter(int, 1))  # endless, without a chance for signal handlers of Python


def _memory(_: str) -> None:
    hold = []
    while True:
        hold.append(bytearray(16 * MIB))


def _memory_in_c(_: str) -> None:
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    libc.malloc.argtypes = [ctypes.c_size_t]
    while block := libc.malloc(MIB):
        ctypes.memset(block, 1, MIB)
    os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n")
    os.abort()


def _signal(name: str) -> None:
    number = signal.Signals[name]
    os.kill(os.getpid(), number)


def _segv(_: str) -> None:
    ctypes.string_at(0)


def _exit(code: str) -> None:
    os._exit(int(code))


def _interrupt(_: str) -> None:
    raise KeyboardInterrupt


def _raise(_: str) -> None:
    raise IndexError("a bug of the parser")


def _recursion(_: str) -> None:
    _recursion(_)


def _answers() -> int:
    """The descriptor of the answers' pipe: the one besides 0-2 that is a pipe open for writing."""
    import fcntl

    for fd in range(3, 64):
        try:
            flags = fcntl.fcntl(fd, fcntl.F_GETFL)
            name = os.readlink(f"/proc/self/fd/{fd}")
        except OSError:
            continue
        if flags & os.O_ACCMODE == os.O_WRONLY and name.startswith("pipe:"):
            return fd
    raise AssertionError("no pipe")


def _flood(_: str) -> None:
    """Endless bytes where an answer should be."""
    pipe = _answers()
    os.write(pipe, HEAD.pack(MARK, 10 * 2**30, 0))
    while True:
        os.write(pipe, bytes(MIB))


def _garbage(_: str) -> None:
    os.write(_answers(), b"\x80\x04cos\nsystem\n" * 10)
    _hang(_)


def _not_json(_: str) -> None:
    os.write(_answers(), HEAD.pack(MARK, 5, 0) + b"{'a':")
    _hang(_)


def _wrong_answer(_: str) -> None:
    text = b'{"report": [1, 2, 3]}'
    os.write(_answers(), HEAD.pack(MARK, len(text), 0) + text)
    _hang(_)


def _nested(_: str) -> None:
    text = b"[" * MIB
    os.write(_answers(), HEAD.pack(MARK, len(text), 0) + text)
    _hang(_)


def _half(_: str) -> None:
    os.write(_answers(), HEAD.pack(MARK, 500, 0) + b"{")
    _hang(_)


def _unasked(_: str) -> None:
    """Answers twice."""
    text = b'{"error": ["ParseError", "x", "", {}]}'
    os.write(_answers(), 2 * (HEAD.pack(MARK, len(text), 0) + text))


def _closes(_: str) -> None:
    os.close(_answers())
    _hang(_)


def _stderr(_: str) -> None:
    for _n in range(64):
        os.write(2, b"\x1b[31mnoise\n" * 4096)
    os.write(2, b"last words\x1b[0m")
    os.abort()


def _forks(_: str) -> None:
    """A fork bomb in C: no audit hook sees it."""
    libc = ctypes.CDLL(None, use_errno=True)
    for _n in range(1000):
        pid = libc.fork()
        if pid < 0:
            raise PermissionError(ctypes.get_errno(), "fork")
    _hang(_)


def _threads(_: str) -> None:
    gate = threading.Event()
    while True:
        threading.Thread(target=gate.wait, daemon=True).start()


def _network(_: str) -> None:
    socket.create_connection(("127.0.0.1", 9), 1)


def _network_in_c(_: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0) < 0:
        raise PermissionError(ctypes.get_errno(), "socket")
    raise AssertionError("a socket was made")


def _program(_: str) -> None:
    subprocess.run([sys.executable, "-c", ""], check=True)


def _program_in_c(_: str) -> None:
    if ctypes.CDLL(None).system(b"true") != 0:
        raise PermissionError(1, "system")
    raise AssertionError("a program ran")


def _write(path: str) -> None:
    with open(path, "w") as file:
        file.write("planted")


def _delete(path: str) -> None:
    os.unlink(path)


def _kill_parent(_: str) -> None:
    os.kill(os.getppid(), signal.SIGKILL)


def _second_time(_: str) -> None:
    """A fault of the worker, not of the document: it only shows when others came before."""
    if _state["documents"] > 1:
        os.abort()


def _leak(_: str) -> None:
    _state.setdefault("leak", []).append(bytearray(b"\1") * (200 * MIB))


def _typed(_: str) -> None:
    raise UnsupportedFormatError("raised, not returned", hint="h")


FAULTS: dict[str, Callable[[str], None]] = {
    name[1:]: value for name, value in globals().items() if name.startswith("_") and callable(value)
}
