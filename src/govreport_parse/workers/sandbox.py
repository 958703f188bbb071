"""What a worker may do: limits of the kernel on the process that reads hostile bytes.

``confine`` is called once in a fresh worker and cannot be undone; ``arm_cpu`` before each
document. Linux only. Three layers, each useful without the others:

* resource limits: address space, file size, open files, no core dump, CPU time;
* a system call filter (seccomp): no network, no program, no second process, no signal to others,
  no change to any file; it also holds inside C code and for root. Where the kernel refuses it, or
  on another processor, ``confine`` says so;
* an audit hook that names what Python code tried, so that the supervisor can tell a document
  that needs LibreOffice from an attack.

The ``bridge`` profile is for documents that LibreOffice converts: programs and files are allowed,
the network is not.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from typing import Any, Final, Literal

Profile = Literal["plain", "bridge"]

OPEN_FILES: Final = 64
FILE_BYTES: Final = 64 * 2**20
BRIDGE_MEMORY: Final = 4 * 2**30
"""LibreOffice maps far more than it uses."""
BRIDGE_OPEN_FILES: Final = 1024

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _PR_SET_SUBREAPER = 1, 22, 38, 36
_MIB: Final = 2**20


def confine(memory: int, profile: Profile, parent: int) -> bool:
    """Take away what a parser does not need. ``parent``: process whose death ends this one.

    Returns whether the system call filter is in force.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)
    bridge = profile == "bridge"
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, FILE_BYTES)
    _limit(resource.RLIMIT_NOFILE, BRIDGE_OPEN_FILES if bridge else OPEN_FILES)
    _limit(resource.RLIMIT_AS, max(memory, BRIDGE_MEMORY) if bridge else memory)
    filtered = _filter_calls(_rules(bridge=bridge, pid=os.getpid()))
    sys.addaudithook(_watch_bridge if bridge else _watch)
    return filtered


def become_reaper() -> None:
    """Orphans of this process's children become its own children, so that it can end them."""
    _prctl(_PR_SET_SUBREAPER, 1)


def arm_cpu(seconds: float) -> None:
    """Allow ``seconds`` of CPU time from now on; then the kernel sends SIGXCPU, which kills."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    until = int(usage.ru_utime + usage.ru_stime + seconds + 0.999)
    # The hard limit stays: a lowered one could not be raised for the next document.
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (until, hard))


def _limit(what: int, value: int) -> None:
    hard = resource.getrlimit(what)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(what, (value, value))


def _prctl(*arguments: int) -> int:
    call = ctypes.CDLL(None, use_errno=True).prctl
    padded = (*arguments, 0, 0, 0, 0)[1:5]
    return int(call(ctypes.c_int(arguments[0]), *(ctypes.c_ulong(a) for a in padded)))


# -- audit hook ------------------------------------------------------------------------------------

attempts: set[str] = set()
"""Audit events of forbidden actions since the set was last cleared."""

_PROGRAMS = frozenset(
    {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty"}
    | {"tempfile.mkdtemp", "tempfile.mkstemp"}
)
_NETWORK = frozenset(
    {"socket.__new__", "socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo"}
    | {"socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo", "urllib.Request"}
)


def _watch(event: str, _arguments: tuple[Any, ...]) -> None:
    if event in _PROGRAMS or event in _NETWORK:
        attempts.add(event)
        raise PermissionError(1, f"{event} is not allowed in a worker")


def _watch_bridge(event: str, _arguments: tuple[Any, ...]) -> None:
    if event in _NETWORK:
        attempts.add(event)
        raise PermissionError(1, f"{event} is not allowed in a worker")


def wants_bridge() -> bool:
    """Whether the document's reader tried to start a program."""
    return not attempts.isdisjoint(_PROGRAMS)


# -- system call filter ----------------------------------------------------------------------------

_EPERM, _EROFS, _ENOSYS, _EAFNOSUPPORT = 1, 30, 38, 97
_AF_UNIX: Final = 1
_CLONE_THREAD: Final = 0x10000
_WRITES: Final = 0o3 | 0o100 | 0o1000
"""O_WRONLY, O_RDWR, O_CREAT, O_TRUNC."""

_ARCHITECTURES: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_NUMBERS: Final[dict[str, dict[str, int]]] = {
    "x86_64": {
        "open": 2, "socket": 41, "clone": 56, "fork": 57, "vfork": 58, "execve": 59, "kill": 62,
        "truncate": 76, "rename": 82, "mkdir": 83, "rmdir": 84, "creat": 85, "link": 86,
        "unlink": 87, "symlink": 88, "chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93,
        "lchown": 94, "ptrace": 101, "rt_sigqueueinfo": 129, "mknod": 133, "pivot_root": 155,
        "chroot": 161, "mount": 165, "umount2": 166, "setxattr": 188, "tkill": 200, "tgkill": 234,
        "add_key": 248, "request_key": 249, "keyctl": 250, "openat": 257, "mkdirat": 258,
        "mknodat": 259, "fchownat": 260, "unlinkat": 263, "renameat": 264, "linkat": 265,
        "symlinkat": 266, "fchmodat": 268, "unshare": 272, "rt_tgsigqueueinfo": 297,
        "perf_event_open": 298, "prlimit64": 302, "open_by_handle_at": 304, "setns": 308,
        "process_vm_readv": 310, "process_vm_writev": 311, "renameat2": 316, "bpf": 321,
        "execveat": 322, "userfaultfd": 323, "pidfd_send_signal": 424, "io_uring_setup": 425,
        "pidfd_open": 434, "clone3": 435, "openat2": 437, "pidfd_getfd": 438,
    },
    "aarch64": {
        "setxattr": 5, "mknodat": 33, "mkdirat": 34, "unlinkat": 35, "symlinkat": 36, "linkat": 37,
        "renameat": 38, "umount2": 39, "mount": 40, "pivot_root": 41, "truncate": 45, "chroot": 51,
        "fchmod": 52, "fchmodat": 53, "fchownat": 54, "fchown": 55, "openat": 56, "unshare": 97,
        "ptrace": 117, "kill": 129, "tkill": 130, "tgkill": 131, "rt_sigqueueinfo": 138,
        "socket": 198, "add_key": 217, "request_key": 218, "keyctl": 219, "clone": 220,
        "execve": 221, "rt_tgsigqueueinfo": 240, "perf_event_open": 241, "prlimit64": 261,
        "open_by_handle_at": 265, "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271,
        "renameat2": 276, "bpf": 280, "execveat": 281, "userfaultfd": 282,
        "pidfd_send_signal": 424, "io_uring_setup": 425, "pidfd_open": 434, "clone3": 435,
        "openat2": 437, "pidfd_getfd": 438,
    },
}  # fmt: skip
"""Numbers from asm/unistd_64.h and asm-generic/unistd.h of Linux."""

_NEVER: Final = frozenset(
    [
        "ptrace",
        "process_vm_readv",
        "process_vm_writev",
        "perf_event_open",
        "bpf",
        "userfaultfd",
        "io_uring_setup",
        "add_key",
        "request_key",
        "keyctl",
        "mount",
        "umount2",
        "pivot_root",
        "chroot",
        "unshare",
        "setns",
        "pidfd_open",
        "pidfd_send_signal",
        "pidfd_getfd",
        "rt_sigqueueinfo",
        "rt_tgsigqueueinfo",
        "open_by_handle_at",
    ]
)
_PROGRAM_CALLS = ("fork", "vfork", "execve", "execveat", "tkill")
_FILE_CALLS: Final = frozenset(
    [
        "truncate",
        "rename",
        "mkdir",
        "rmdir",
        "creat",
        "link",
        "unlink",
        "symlink",
        "chmod",
        "fchmod",
        "chown",
        "fchown",
        "lchown",
        "mknod",
        "setxattr",
        "mkdirat",
        "mknodat",
        "fchownat",
        "unlinkat",
        "renameat",
        "linkat",
        "symlinkat",
        "fchmodat",
        "renameat2",
    ]
)

_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_KILL, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
_X32: Final = 0x40000000

Rule = tuple[str, int, tuple[int, int, tuple[int, ...]] | None]
"""Call, error number, and where allowed values are: (argument, kind of jump, values)."""


def _rules(*, bridge: bool, pid: int) -> list[Rule]:
    rules: list[Rule] = [(name, _EPERM, None) for name in sorted(_NEVER)]
    if bridge:
        return [*rules, ("socket", _EAFNOSUPPORT, (0, _JUMP_EQUAL, (_AF_UNIX,)))]
    rules += [(name, _EPERM, None) for name in (*_PROGRAM_CALLS, "socket")]
    rules += [(name, _EROFS, None) for name in sorted(_FILE_CALLS)]
    # glibc takes the older call when these are missing; their arguments can't be looked at.
    rules += [(name, _ENOSYS, None) for name in ("clone3", "openat2")]
    rules += [(name, _EPERM, (0, _JUMP_EQUAL, (pid,))) for name in ("kill", "tgkill")]
    rules.append(("prlimit64", _EPERM, (0, _JUMP_EQUAL, (0, pid))))
    rules.append(("clone", _EPERM, (0, _JUMP_SET, (_CLONE_THREAD,))))
    return rules


def _program(rules: list[Rule], numbers: dict[str, int], architecture: int) -> bytes:
    """The rules as BPF instructions: (code, jump if true, jump if false, operand) each."""
    out: list[tuple[int, int, int, int]] = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_JUMP_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_JUMP_GREATER_EQUAL, 0, 1, _X32),
        (_RETURN, 0, 0, _ERRNO | _ENOSYS),
    ]
    for name, error, allowed in rules:
        if name not in numbers:
            continue
        if allowed is None:
            out.append((_JUMP_EQUAL, 0, 1, numbers[name]))
        else:
            argument, jump, values = allowed
            out.append((_JUMP_EQUAL, 0, 2 + 2 * len(values), numbers[name]))
            out.append((_LOAD, 0, 0, _ARGUMENTS_AT + 8 * argument))
            for value in values:
                out += [(jump, 0, 1, value), (_RETURN, 0, 0, _ALLOW)]
        out.append((_RETURN, 0, 0, _ERRNO | error))
    for name, argument in (("open", 1), ("openat", 2)):
        if name in numbers and any(rule[1] == _EROFS for rule in rules):
            out += [
                (_JUMP_EQUAL, 0, 4, numbers[name]),
                (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * argument),
                (_JUMP_SET, 0, 1, _WRITES),
                (_RETURN, 0, 0, _ERRNO | _EROFS),
                (_RETURN, 0, 0, _ALLOW),
            ]
    out.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in out)


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def _filter_calls(rules: list[Rule]) -> bool:
    machine = platform.machine()
    if machine not in _NUMBERS or struct.calcsize("P") != 8:
        return False
    steps = _program(rules, _NUMBERS[machine], _ARCHITECTURES[machine])
    if _prctl(_PR_SET_NO_NEW_PRIVS, 1) != 0:
        return False
    made = _Filter(len(steps) // 8, steps)
    return _prctl(_PR_SET_SECCOMP, 2, ctypes.addressof(made)) == 0
